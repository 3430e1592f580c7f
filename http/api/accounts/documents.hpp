// Documents of accounts, their letters and members, made from states.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "domain/programme.hpp"
#include "http/api/documents.hpp"
#include "http/api/proposals.hpp"

namespace ttp::http {

struct CodeDocument {
  domain::CodeState state{};
  domain::Time issued_at;
  domain::Time expires_at;
  std::uint32_t tries_left = 0;
};

struct LetterDocument {
  domain::LetterId id;
  domain::AccountId account_id;
  domain::LetterKind kind{};
  domain::LetterState state{};
  std::optional<domain::UserId> recipient_id;  ///< of a permit; any other letter is for the owner
  domain::Time ordered_at;
  domain::Time due_at;
  bool overdue = false;
  bool arrival_asked = false;
  std::optional<domain::Time> posted_at;
  std::optional<domain::Time> arrived_at;
  std::optional<domain::RegisteredMailNumber> registered_mail_number;
  std::optional<domain::CaseId> letter_case_id;  ///< of the open report that it did not come
  std::vector<OpenAction> actions;
};

/// The report of a missing letter, and its answer once there is one.
struct LetterCaseDocument {
  domain::CaseId id;
  domain::AccountId account_id;
  domain::LetterId letter_id;
  domain::UserId opened_by_id;
  domain::Time opened_at;
  std::optional<domain::CaseResolution> resolution;
  std::optional<domain::Remark> reason;
  std::optional<domain::Time> resolved_at;
};

struct OfferDocument {
  domain::OfferId id;
  domain::AccountId account_id;
  domain::UserId new_owner_id;
  domain::Time expires_at;
  domain::PreviousOwner previous_owner{};
  domain::OfferState state{};
};

struct AccountDocument {
  domain::AccountId id;
  domain::Stage stage{};
  std::optional<domain::BusinessNumber> business_number;
  std::optional<domain::CompanyName> legal_name;
  std::vector<domain::CompanyName> operating_names;
  std::vector<domain::LineOfBusiness> lines_of_business;
  std::optional<domain::MailingAddress> mailing_address;
  bool address_confirmed = false;
  std::optional<domain::MailingAddress> mailing_address_to_confirm;  ///< accepted, not yet in effect
  std::optional<domain::ClientNumber> client_number;  ///< from activation on; before, only the letter has it
  domain::Time enrolled_at;
  std::optional<domain::Time> activated_at;
  std::optional<domain::Time> ended_at;
  std::optional<CodeDocument> activation_code;
  std::vector<LetterDocument> letters;
  std::optional<domain::CaseId> open_letter_case_id;  ///< the first open one
  std::vector<LetterCaseDocument> letter_cases;
  std::optional<ProposalDocument> enrolment_release;
  std::optional<ProposalDocument> owner_reassignment;  ///< for owner, proxy owners and the service desk
  std::uint32_t programme_terms_accepted = 0;
  std::uint32_t programme_terms_in_force = 0;
  std::optional<domain::UserId>
      owner_id;  ///< none after an enrolment has ended, and until a recorded member has one
  std::optional<domain::Role> role;
  std::optional<OfferDocument> ownership_offer;
  domain::MembershipStatus membership_status{};
  std::uint32_t profiles_percent = 0;
  std::vector<OpenAction> actions;
};

struct MemberDocument {
  domain::UserId id;  ///< among the account's users: the user's own
  domain::UserId user_id;
  domain::AccountId account_id;
  domain::Role role{};
  std::optional<domain::FamilyName> family_name;
  std::optional<domain::GivenNames> given_names;
  std::optional<domain::EmailAddress> email;
  std::optional<domain::Telephone> telephone;
  std::optional<domain::Title> job_title;
  std::optional<domain::Telephone> work_telephone;
  std::optional<domain::EmailAddress> work_email;
  bool suspended = false;
  bool urn_expired = false;
  bool reactivation_required = false;
  std::optional<domain::Time> mail_became_unreachable_at;  ///< mails do not arrive at the address
  std::vector<OpenAction> actions;
};

/// A letter with the actions of a reader, who is a member or of the staff.
LetterDocument letter_document_of(const domain::Account& account, const domain::Letter& letter,
                                  const domain::Facts& facts);
LetterCaseDocument letter_case_document(const domain::Account& account,
                                        const domain::LetterCase& letter_case);
/// The offers of the ownership: those that have ended, and the open one.
std::vector<OfferDocument> offer_documents(const domain::Account& account);
AccountDocument account_document(const service::StateSource& states, const domain::Account& account,
                                 const domain::User& caller);
std::vector<MemberDocument> member_documents(const service::StateSource& states,
                                             const domain::Account& account, const domain::User& caller);

}  // namespace ttp::http

namespace ttp::events {
// clang-format off
template <> inline constexpr auto shape<http::CodeDocument> = fields<http::CodeDocument>(
    field("state", &http::CodeDocument::state),
    field("issued_at", &http::CodeDocument::issued_at),
    field("expires_at", &http::CodeDocument::expires_at),
    field("tries_left", &http::CodeDocument::tries_left));
template <> inline constexpr auto shape<http::LetterDocument> = fields<http::LetterDocument>(
    field("id", &http::LetterDocument::id),
    field("account_id", &http::LetterDocument::account_id),
    field("kind", &http::LetterDocument::kind),
    field("state", &http::LetterDocument::state),
    field("recipient_id", &http::LetterDocument::recipient_id),
    field("ordered_at", &http::LetterDocument::ordered_at),
    field("due_at", &http::LetterDocument::due_at),
    field("overdue", &http::LetterDocument::overdue),
    field("arrival_asked", &http::LetterDocument::arrival_asked),
    field("posted_at", &http::LetterDocument::posted_at),
    field("arrived_at", &http::LetterDocument::arrived_at),
    field("registered_mail_number", &http::LetterDocument::registered_mail_number),
    field("letter_case_id", &http::LetterDocument::letter_case_id),
    field("actions", &http::LetterDocument::actions));
template <> inline constexpr auto shape<http::LetterCaseDocument> = fields<http::LetterCaseDocument>(
    field("id", &http::LetterCaseDocument::id),
    field("account_id", &http::LetterCaseDocument::account_id),
    field("letter_id", &http::LetterCaseDocument::letter_id),
    field("opened_by_id", &http::LetterCaseDocument::opened_by_id),
    field("opened_at", &http::LetterCaseDocument::opened_at),
    field("resolution", &http::LetterCaseDocument::resolution),
    field("reason", &http::LetterCaseDocument::reason),
    field("resolved_at", &http::LetterCaseDocument::resolved_at));
template <> inline constexpr auto shape<http::OfferDocument> = fields<http::OfferDocument>(
    field("id", &http::OfferDocument::id),
    field("account_id", &http::OfferDocument::account_id),
    field("new_owner_id", &http::OfferDocument::new_owner_id),
    field("expires_at", &http::OfferDocument::expires_at),
    field("previous_owner", &http::OfferDocument::previous_owner),
    field("state", &http::OfferDocument::state));
template <> inline constexpr auto shape<http::AccountDocument> = fields<http::AccountDocument>(
    field("id", &http::AccountDocument::id),
    field("stage", &http::AccountDocument::stage),
    field("business_number", &http::AccountDocument::business_number),
    field("legal_name", &http::AccountDocument::legal_name),
    field("operating_names", &http::AccountDocument::operating_names),
    field("lines_of_business", &http::AccountDocument::lines_of_business),
    field("mailing_address", &http::AccountDocument::mailing_address),
    field("address_confirmed", &http::AccountDocument::address_confirmed),
    field("mailing_address_to_confirm", &http::AccountDocument::mailing_address_to_confirm),
    field("client_number", &http::AccountDocument::client_number),
    field("enrolled_at", &http::AccountDocument::enrolled_at),
    field("activated_at", &http::AccountDocument::activated_at),
    field("ended_at", &http::AccountDocument::ended_at),
    field("activation_code", &http::AccountDocument::activation_code),
    field("letters", &http::AccountDocument::letters),
    field("open_letter_case_id", &http::AccountDocument::open_letter_case_id),
    field("letter_cases", &http::AccountDocument::letter_cases),
    field("enrolment_release", &http::AccountDocument::enrolment_release),
    field("owner_reassignment", &http::AccountDocument::owner_reassignment),
    field("programme_terms_accepted", &http::AccountDocument::programme_terms_accepted),
    field("programme_terms_in_force", &http::AccountDocument::programme_terms_in_force),
    field("owner_id", &http::AccountDocument::owner_id),
    field("role", &http::AccountDocument::role),
    field("ownership_offer", &http::AccountDocument::ownership_offer),
    field("membership_status", &http::AccountDocument::membership_status),
    field("profiles_percent", &http::AccountDocument::profiles_percent),
    field("actions", &http::AccountDocument::actions));
template <> inline constexpr auto shape<http::MemberDocument> = fields<http::MemberDocument>(
    field("id", &http::MemberDocument::id),
    field("user_id", &http::MemberDocument::user_id),
    field("account_id", &http::MemberDocument::account_id),
    field("role", &http::MemberDocument::role),
    field("family_name", &http::MemberDocument::family_name),
    field("given_names", &http::MemberDocument::given_names),
    field("email", &http::MemberDocument::email),
    field("telephone", &http::MemberDocument::telephone),
    field("job_title", &http::MemberDocument::job_title),
    field("work_telephone", &http::MemberDocument::work_telephone),
    field("work_email", &http::MemberDocument::work_email),
    field("suspended", &http::MemberDocument::suspended),
    field("urn_expired", &http::MemberDocument::urn_expired),
    field("reactivation_required", &http::MemberDocument::reactivation_required),
    field("mail_became_unreachable_at", &http::MemberDocument::mail_became_unreachable_at),
    field("actions", &http::MemberDocument::actions));
// clang-format on
}  // namespace ttp::events
