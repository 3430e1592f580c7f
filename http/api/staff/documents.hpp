// Documents of searches: companies for programme staff, and what auditors find by a number; and of the
// journal of mails.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "domain/programme.hpp"
#include "http/api/documents.hpp"
#include "service/workers/mail_journal.hpp"

namespace ttp::http {

/// A company in a search. `due_at` is the first time at which something about it falls due: a letter that is
/// not posted, a refusal that takes effect, or a revalidation.
struct StaffAccountDocument {
  domain::AccountId id;
  domain::Stage stage{};
  std::optional<domain::BusinessNumber> business_number;
  std::optional<domain::CompanyName> legal_name;
  std::vector<domain::CompanyName> operating_names;
  domain::MembershipStatus membership_status{};
  std::optional<domain::Time> status_at;
  std::optional<domain::Time> due_at;
  domain::Time enrolled_at;
};

/// An account or a user that an auditor finds, without personal data.
struct FoundAccountDocument {
  domain::AccountId id;
  domain::Stage stage{};
  domain::Time enrolled_at;
};
struct FoundUserDocument {
  domain::UserId id;
  domain::CredentialKind credential_kind{};
  std::optional<domain::Time> last_signed_in_at;
};

/// The state of a mail to a person, as the journal has it.
struct MailDocument {
  std::string id;
  domain::UserId user_id;
  std::string occasion;  ///< the stored name of the event that caused the mail
  domain::Time caused_at;
  domain::Time changed_at;
  service::MailState state{};
  std::uint32_t attempts = 0;
  std::optional<std::uint32_t> reply;  ///< of the relay, such as 250
  std::optional<std::string> status;   ///< RFC 3463, such as "5.1.1"
  std::optional<std::string> words;    ///< of the relay, without addresses
  std::vector<OpenAction> actions;
};

MailDocument mail_document(const service::JournalRow& row);
StaffAccountDocument staff_account_document(const domain::Account& account,
                                            const domain::Programme& programme);

}  // namespace ttp::http

namespace ttp::events {
// clang-format off
template <> inline constexpr auto shape<http::StaffAccountDocument> = fields<http::StaffAccountDocument>(
    field("id", &http::StaffAccountDocument::id),
    field("stage", &http::StaffAccountDocument::stage),
    field("business_number", &http::StaffAccountDocument::business_number),
    field("legal_name", &http::StaffAccountDocument::legal_name),
    field("operating_names", &http::StaffAccountDocument::operating_names),
    field("membership_status", &http::StaffAccountDocument::membership_status),
    field("status_at", &http::StaffAccountDocument::status_at),
    field("due_at", &http::StaffAccountDocument::due_at),
    field("enrolled_at", &http::StaffAccountDocument::enrolled_at));
template <> inline constexpr auto shape<http::FoundAccountDocument> = fields<http::FoundAccountDocument>(
    field("id", &http::FoundAccountDocument::id),
    field("stage", &http::FoundAccountDocument::stage),
    field("enrolled_at", &http::FoundAccountDocument::enrolled_at));
template <> inline constexpr auto shape<http::FoundUserDocument> = fields<http::FoundUserDocument>(
    field("id", &http::FoundUserDocument::id),
    field("credential_kind", &http::FoundUserDocument::credential_kind),
    field("last_signed_in_at", &http::FoundUserDocument::last_signed_in_at));
template <> inline constexpr auto shape<http::MailDocument> = fields<http::MailDocument>(
    field("id", &http::MailDocument::id),
    field("user_id", &http::MailDocument::user_id),
    field("occasion", &http::MailDocument::occasion),
    field("caused_at", &http::MailDocument::caused_at),
    field("changed_at", &http::MailDocument::changed_at),
    field("state", &http::MailDocument::state),
    field("attempts", &http::MailDocument::attempts),
    field("reply", &http::MailDocument::reply),
    field("status", &http::MailDocument::status),
    field("words", &http::MailDocument::words),
    field("actions", &http::MailDocument::actions));
// clang-format on
}  // namespace ttp::events
