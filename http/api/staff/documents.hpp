// Documents of searches: companies for programme staff, and what auditors find by a number.
#pragma once

#include <optional>
#include <vector>

#include "domain/programme.hpp"
#include "http/api/documents.hpp"

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
// clang-format on
}  // namespace ttp::events
