// The documents that a GET answers with, and how they follow from states. Their shapes are both what is
// written and what the OpenAPI document says. Personal members are absent where they were erased or are not
// for the reader.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "domain/account.hpp"
#include "domain/programme.hpp"
#include "domain/terms.hpp"
#include "domain/user.hpp"
#include "events/recorded.hpp"
#include "events/shapes.hpp"
#include "http/api/schema.hpp"
#include "service/service.hpp"

namespace ttp::http {

/// Something that the caller may do now: the action's name, the request to send.
struct OpenAction {
  std::string name;
  std::string method;
  std::string href;
};

struct AccountSummary {
  domain::AccountId id;
  std::optional<domain::CompanyName> legal_name;
  domain::Stage stage{};
  domain::Role role{};
  std::optional<std::string> access_refused;  ///< why the caller has no access now
};
struct OfferSummary {
  domain::OfferId id;
  domain::AccountId account;
  std::optional<domain::CompanyName> legal_name;
  domain::Time expires_at;
};
struct UserDocument {
  domain::UserId id;
  std::optional<domain::UserName> user_name;
  domain::CredentialKind credential_kind{};
  std::optional<domain::FamilyName> family_name;
  std::optional<domain::GivenNames> given_names;
  std::optional<domain::EmailAddress> email;
  std::optional<domain::EmailAddress> pending_email;
  std::optional<domain::Telephone> telephone;
  domain::Language language{};
  std::optional<domain::Urn> urn;
  domain::Time urn_expires_at;
  bool urn_expired = false;
  bool mail_factor_enrolled = false;
  bool locked = false;
  bool erased = false;  ///< nothing else is known of the person any more
  std::optional<domain::Time> last_signed_in_at;
  std::vector<domain::StaffRole> staff_roles;
  std::vector<AccountSummary> accounts;
  std::vector<OfferSummary> ownership_offers;
  std::vector<OpenAction> actions;
};

struct SessionDocument {
  domain::SessionId id;
  domain::Time opened_at;
  domain::Time last_used_at;
  domain::Time idle_expires_at;
  domain::Time expires_at;
  bool current = false;
};

struct CodeDocument {
  domain::CodeState state{};
  domain::Time issued_at;
  domain::Time expires_at;
  std::uint32_t tries_left = 0;
};
struct LetterDocument {
  domain::LetterId id;
  domain::LetterKind kind{};
  domain::LetterState state{};
  domain::Time ordered_at;
  domain::Time due_at;
  bool overdue = false;
  std::optional<domain::Time> posted_at;
  std::optional<domain::RegisteredMailNumber> registered_mail_number;
};
struct OfferDocument {
  domain::OfferId id;
  domain::UserId to;
  domain::Time expires_at;
  domain::PreviousOwner previous_owner{};
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
  std::optional<domain::ClientNumber>
      client_number;  ///< once the account is activated: before, it comes by letter
  domain::Time enrolled_at;
  std::optional<domain::Time> activated_at;
  std::optional<CodeDocument> activation_code;
  std::vector<LetterDocument> letters;
  std::optional<domain::CaseId> letter_case;
  std::uint32_t programme_terms_accepted = 0;
  std::uint32_t programme_terms_in_force = 0;
  domain::UserId owner;
  std::optional<domain::Role> role;
  std::optional<OfferDocument> ownership_offer;
  domain::MembershipStatus membership_status{};
  std::uint32_t profiles_percent = 0;
  std::vector<OpenAction> actions;
};

struct MemberDocument {
  domain::UserId user;
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
  std::vector<OpenAction> actions;
};

struct ProfileDocument {
  domain::ProfileKind kind{};
  std::string key;
  std::uint32_t percent = 0;
  std::vector<std::string> missing;
  domain::Answers answers;
};
struct SubmissionDocument {
  domain::SubmissionId id;
  domain::SubmissionKind kind{};
  domain::SubmissionState state{};
  domain::Time submitted_at;
  std::optional<domain::Remark> remarks;
};
struct MembershipDocument {
  domain::AccountId account;
  domain::MembershipStatus status{};
  std::optional<domain::Time> member_since;
  std::optional<domain::Time> refusal_effective_at;
  bool informal_review_open = false;
  std::optional<domain::Time> cancelled_at;
  std::optional<domain::Time> appeal_until;
  bool appeal_open = false;
  std::optional<domain::Time> details_confirmed_at;
  bool confirmation_overdue = false;
  std::optional<domain::Time> revalidation_due_at;
  bool revalidation_overdue = false;
  std::uint32_t profiles_percent = 0;
  std::vector<OpenAction> actions;
};

struct TermsDocument {
  domain::Terms terms{};
  std::uint32_t version = 0;
  std::string title_en, title_fr, text_en, text_fr;
};
struct ChoiceDocument {
  std::string code, en, fr;
};
struct QuestionDocument {
  std::string id;
  domain::Area area{};
  std::string en, fr;
  domain::AnswerType type{};
  bool required = true;
  std::vector<ChoiceDocument> choices;
};
struct EligibilityQuestionDocument {
  std::string rule, member, en, fr, qualifies_en, qualifies_fr;
};

/// An event of the history. Personal fields are left out unless the reader may see them.
struct EventDocument {
  storage::Position position = 0;
  std::string stream;
  std::uint64_t version = 0;
  std::string type;
  std::uint32_t schema_version = 0;
  domain::Time recorded_at;
  std::string actor_kind;
  std::optional<domain::UserId> actor;
  RawJson data;
};

template <class T>
struct Page {
  std::vector<T> items;
  std::optional<std::string> next;  ///< cursor of the next page; absent on the last
};

UserDocument user_document(const service::StateSource& states, const domain::User& user, bool own);
AccountDocument account_document(const service::StateSource& states, const domain::Account& account,
                                 const domain::User& caller);
std::vector<MemberDocument> member_documents(const service::StateSource& states,
                                             const domain::Account& account, const domain::User& caller);
std::vector<ProfileDocument> profile_documents(const domain::Account& account,
                                               const domain::Programme& programme);
std::vector<SubmissionDocument> submission_documents(const domain::Programme& programme);
MembershipDocument membership_document(const service::StateSource& states, const domain::Account& account,
                                       const domain::Programme& programme, const domain::User& caller);
EventDocument event_document(const events::Recorded& recorded, bool with_personal);

/// Facts for asking a decision's permission functions about a caller, without deciding anything.
domain::Facts facts_about(const service::StateSource& states, const domain::Account& account,
                          const domain::User& caller);

}  // namespace ttp::http

namespace ttp::events {
// clang-format off
template <> inline constexpr auto shape<http::OpenAction> = fields<http::OpenAction>(
    field("name", &http::OpenAction::name),
    field("method", &http::OpenAction::method),
    field("href", &http::OpenAction::href));
template <> inline constexpr auto shape<http::AccountSummary> = fields<http::AccountSummary>(
    field("id", &http::AccountSummary::id),
    field("legal_name", &http::AccountSummary::legal_name),
    field("stage", &http::AccountSummary::stage),
    field("role", &http::AccountSummary::role),
    field("access_refused", &http::AccountSummary::access_refused));
template <> inline constexpr auto shape<http::OfferSummary> = fields<http::OfferSummary>(
    field("id", &http::OfferSummary::id),
    field("account", &http::OfferSummary::account),
    field("legal_name", &http::OfferSummary::legal_name),
    field("expires_at", &http::OfferSummary::expires_at));
template <> inline constexpr auto shape<http::UserDocument> = fields<http::UserDocument>(
    field("id", &http::UserDocument::id),
    field("user_name", &http::UserDocument::user_name),
    field("credential_kind", &http::UserDocument::credential_kind),
    field("family_name", &http::UserDocument::family_name),
    field("given_names", &http::UserDocument::given_names),
    field("email", &http::UserDocument::email),
    field("pending_email", &http::UserDocument::pending_email),
    field("telephone", &http::UserDocument::telephone),
    field("language", &http::UserDocument::language),
    field("urn", &http::UserDocument::urn),
    field("urn_expires_at", &http::UserDocument::urn_expires_at),
    field("urn_expired", &http::UserDocument::urn_expired),
    field("mail_factor_enrolled", &http::UserDocument::mail_factor_enrolled),
    field("locked", &http::UserDocument::locked),
    field("erased", &http::UserDocument::erased),
    field("last_signed_in_at", &http::UserDocument::last_signed_in_at),
    field("staff_roles", &http::UserDocument::staff_roles),
    field("accounts", &http::UserDocument::accounts),
    field("ownership_offers", &http::UserDocument::ownership_offers),
    field("actions", &http::UserDocument::actions));
template <> inline constexpr auto shape<http::SessionDocument> = fields<http::SessionDocument>(
    field("id", &http::SessionDocument::id),
    field("opened_at", &http::SessionDocument::opened_at),
    field("last_used_at", &http::SessionDocument::last_used_at),
    field("idle_expires_at", &http::SessionDocument::idle_expires_at),
    field("expires_at", &http::SessionDocument::expires_at),
    field("current", &http::SessionDocument::current));
template <> inline constexpr auto shape<http::CodeDocument> = fields<http::CodeDocument>(
    field("state", &http::CodeDocument::state),
    field("issued_at", &http::CodeDocument::issued_at),
    field("expires_at", &http::CodeDocument::expires_at),
    field("tries_left", &http::CodeDocument::tries_left));
template <> inline constexpr auto shape<http::LetterDocument> = fields<http::LetterDocument>(
    field("id", &http::LetterDocument::id),
    field("kind", &http::LetterDocument::kind),
    field("state", &http::LetterDocument::state),
    field("ordered_at", &http::LetterDocument::ordered_at),
    field("due_at", &http::LetterDocument::due_at),
    field("overdue", &http::LetterDocument::overdue),
    field("posted_at", &http::LetterDocument::posted_at),
    field("registered_mail_number", &http::LetterDocument::registered_mail_number));
template <> inline constexpr auto shape<http::OfferDocument> = fields<http::OfferDocument>(
    field("id", &http::OfferDocument::id),
    field("to", &http::OfferDocument::to),
    field("expires_at", &http::OfferDocument::expires_at),
    field("previous_owner", &http::OfferDocument::previous_owner));
template <> inline constexpr auto shape<http::AccountDocument> = fields<http::AccountDocument>(
    field("id", &http::AccountDocument::id),
    field("stage", &http::AccountDocument::stage),
    field("business_number", &http::AccountDocument::business_number),
    field("legal_name", &http::AccountDocument::legal_name),
    field("operating_names", &http::AccountDocument::operating_names),
    field("lines_of_business", &http::AccountDocument::lines_of_business),
    field("mailing_address", &http::AccountDocument::mailing_address),
    field("address_confirmed", &http::AccountDocument::address_confirmed),
    field("client_number", &http::AccountDocument::client_number),
    field("enrolled_at", &http::AccountDocument::enrolled_at),
    field("activated_at", &http::AccountDocument::activated_at),
    field("activation_code", &http::AccountDocument::activation_code),
    field("letters", &http::AccountDocument::letters),
    field("letter_case", &http::AccountDocument::letter_case),
    field("programme_terms_accepted", &http::AccountDocument::programme_terms_accepted),
    field("programme_terms_in_force", &http::AccountDocument::programme_terms_in_force),
    field("owner", &http::AccountDocument::owner),
    field("role", &http::AccountDocument::role),
    field("ownership_offer", &http::AccountDocument::ownership_offer),
    field("membership_status", &http::AccountDocument::membership_status),
    field("profiles_percent", &http::AccountDocument::profiles_percent),
    field("actions", &http::AccountDocument::actions));
template <> inline constexpr auto shape<http::MemberDocument> = fields<http::MemberDocument>(
    field("user", &http::MemberDocument::user),
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
    field("actions", &http::MemberDocument::actions));
template <> inline constexpr auto shape<http::ProfileDocument> = fields<http::ProfileDocument>(
    field("kind", &http::ProfileDocument::kind),
    field("key", &http::ProfileDocument::key),
    field("percent", &http::ProfileDocument::percent),
    field("missing", &http::ProfileDocument::missing),
    field("answers", &http::ProfileDocument::answers));
template <> inline constexpr auto shape<http::SubmissionDocument> = fields<http::SubmissionDocument>(
    field("id", &http::SubmissionDocument::id),
    field("kind", &http::SubmissionDocument::kind),
    field("state", &http::SubmissionDocument::state),
    field("submitted_at", &http::SubmissionDocument::submitted_at),
    field("remarks", &http::SubmissionDocument::remarks));
template <> inline constexpr auto shape<http::MembershipDocument> = fields<http::MembershipDocument>(
    field("account", &http::MembershipDocument::account),
    field("status", &http::MembershipDocument::status),
    field("member_since", &http::MembershipDocument::member_since),
    field("refusal_effective_at", &http::MembershipDocument::refusal_effective_at),
    field("informal_review_open", &http::MembershipDocument::informal_review_open),
    field("cancelled_at", &http::MembershipDocument::cancelled_at),
    field("appeal_until", &http::MembershipDocument::appeal_until),
    field("appeal_open", &http::MembershipDocument::appeal_open),
    field("details_confirmed_at", &http::MembershipDocument::details_confirmed_at),
    field("confirmation_overdue", &http::MembershipDocument::confirmation_overdue),
    field("revalidation_due_at", &http::MembershipDocument::revalidation_due_at),
    field("revalidation_overdue", &http::MembershipDocument::revalidation_overdue),
    field("profiles_percent", &http::MembershipDocument::profiles_percent),
    field("actions", &http::MembershipDocument::actions));
template <> inline constexpr auto shape<http::TermsDocument> = fields<http::TermsDocument>(
    field("terms", &http::TermsDocument::terms),
    field("version", &http::TermsDocument::version),
    field("title_en", &http::TermsDocument::title_en),
    field("title_fr", &http::TermsDocument::title_fr),
    field("text_en", &http::TermsDocument::text_en),
    field("text_fr", &http::TermsDocument::text_fr));
template <> inline constexpr auto shape<http::ChoiceDocument> = fields<http::ChoiceDocument>(
    field("code", &http::ChoiceDocument::code),
    field("en", &http::ChoiceDocument::en),
    field("fr", &http::ChoiceDocument::fr));
template <> inline constexpr auto shape<http::QuestionDocument> = fields<http::QuestionDocument>(
    field("id", &http::QuestionDocument::id),
    field("area", &http::QuestionDocument::area),
    field("en", &http::QuestionDocument::en),
    field("fr", &http::QuestionDocument::fr),
    field("type", &http::QuestionDocument::type),
    field("required", &http::QuestionDocument::required),
    field("choices", &http::QuestionDocument::choices));
template <> inline constexpr auto shape<http::EligibilityQuestionDocument> = fields<http::EligibilityQuestionDocument>(
    field("rule", &http::EligibilityQuestionDocument::rule),
    field("member", &http::EligibilityQuestionDocument::member),
    field("en", &http::EligibilityQuestionDocument::en),
    field("fr", &http::EligibilityQuestionDocument::fr),
    field("qualifies_en", &http::EligibilityQuestionDocument::qualifies_en),
    field("qualifies_fr", &http::EligibilityQuestionDocument::qualifies_fr));
template <> inline constexpr auto shape<http::EventDocument> = fields<http::EventDocument>(
    field("position", &http::EventDocument::position),
    field("stream", &http::EventDocument::stream),
    field("version", &http::EventDocument::version),
    field("type", &http::EventDocument::type),
    field("schema_version", &http::EventDocument::schema_version),
    field("recorded_at", &http::EventDocument::recorded_at),
    field("actor_kind", &http::EventDocument::actor_kind),
    field("actor", &http::EventDocument::actor),
    field("data", &http::EventDocument::data));
template <class T> inline constexpr auto shape<http::Page<T>> = fields<http::Page<T>>(
    field("items", &http::Page<T>::items), field("next", &http::Page<T>::next));
// clang-format on
}  // namespace ttp::events
