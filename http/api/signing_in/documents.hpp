// Documents of users and of signing in, made from states.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "domain/terms.hpp"
#include "http/api/documents.hpp"

namespace ttp::http {

struct AccountSummary {
  domain::AccountId id;
  std::optional<domain::CompanyName> legal_name;
  domain::Stage stage{};
  domain::Role role{};
  std::optional<std::string> access_refused;  ///< why the caller has no access now
};

struct OfferSummary {
  domain::OfferId id;
  domain::AccountId account_id;
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
  std::optional<std::string> pending_email_request_word;  ///< for the user alone
  std::optional<domain::Telephone> telephone;
  domain::Language language{};
  std::optional<domain::Urn> urn;
  domain::Time urn_expires_at;
  bool urn_expired = false;
  bool mail_factor_enrolled = false;
  bool locked = false;
  bool erased = false;  ///< no other data of the person remains
  std::optional<domain::Time> last_signed_in_at;
  std::optional<domain::Time> mail_became_unreachable_at;  ///< mails do not arrive at the address
  std::vector<domain::StaffRole> staff_roles;
  std::optional<domain::ProposalId> recovery_id;  ///< the last recovery with the service desk's permit
  std::vector<AccountSummary> accounts;
  std::vector<OfferSummary> ownership_offers;
  std::vector<OpenAction> actions;
};

/// The first step of a registration: the address to which the code goes.
struct RegistrationRequest {
  domain::EmailAddress email;
  domain::Language language{};
};
struct RegistrationDocument {
  std::string registration_token;  ///< to be sent back with the mailed code
  std::string request_word;        ///< also shown in the mail, to match the code with its request
  domain::Time expires_at;
};
struct UserNameReminderRequest {
  domain::EmailAddress email;
};
struct UserNameReminderDocument {
  domain::Time asked_at;
};
struct EmailChangeDocument {
  storage::Position position = 0;
  std::optional<std::string>
      request_word;  ///< also shown in the mail; nothing for a request of an earlier release
  std::optional<domain::Time> expires_at;
};
struct PasswordChangeDocument {
  storage::Position position = 0;
  std::optional<domain::DeviceId> device_id;  ///< nothing for a request of an earlier release
  std::optional<std::string> device_token;    ///< replaces the earlier one
};

struct SessionDocument {
  domain::SessionId id;
  domain::Time opened_at;
  std::optional<std::string> opened_from;  ///< the network address of the sign-in
  std::optional<domain::DeviceId> device_id;
  domain::Time last_used_at;
  domain::Time idle_expires_at;
  domain::Time expires_at;
  bool current = false;
};

/// A device that has completed a sign-in.
struct DeviceDocument {
  domain::DeviceId id;
  domain::Time remembered_at;
  domain::Time last_signed_in_at;
  bool locked = false;
  bool current = false;
  std::vector<OpenAction> actions;
};

struct SignInDocument {
  domain::SignInId id;
  domain::SignInStage stage{};
  std::string token;  ///< to be sent as "Authorization: Bearer ..." (browsers have it as a cookie)
  std::optional<domain::Time> code_expires_at;
  std::optional<std::uint32_t> code_tries_left;
  std::string request_word;  ///< also shown in the mail, to match the code with its request
  std::uint32_t mail_factor_terms = 0;
  std::uint32_t portal_terms = 0;
  std::optional<domain::Time> mail_became_unreachable_at;  ///< the code will hardly arrive
  std::vector<OpenAction> actions;
};

struct NewSessionDocument {
  storage::Position position = 0;
  domain::SessionId id;
  std::string token;  ///< machines send it as a bearer token; browsers have it as a cookie
  domain::Time expires_at;
  std::uint32_t idle_seconds = 0;
  std::optional<domain::DeviceId> device_id;
  std::optional<std::string> device_token;  ///< to be sent at the next sign-in; browsers have it as a cookie
};

UserDocument user_document(const service::StateSource& states, const domain::User& user, bool own);

}  // namespace ttp::http

namespace ttp::events {
// clang-format off
template <> inline constexpr auto shape<http::AccountSummary> = fields<http::AccountSummary>(
    field("id", &http::AccountSummary::id),
    field("legal_name", &http::AccountSummary::legal_name),
    field("stage", &http::AccountSummary::stage),
    field("role", &http::AccountSummary::role),
    field("access_refused", &http::AccountSummary::access_refused));
template <> inline constexpr auto shape<http::OfferSummary> = fields<http::OfferSummary>(
    field("id", &http::OfferSummary::id),
    field("account_id", &http::OfferSummary::account_id),
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
    field("pending_email_request_word", &http::UserDocument::pending_email_request_word),
    field("telephone", &http::UserDocument::telephone),
    field("language", &http::UserDocument::language),
    field("urn", &http::UserDocument::urn),
    field("urn_expires_at", &http::UserDocument::urn_expires_at),
    field("urn_expired", &http::UserDocument::urn_expired),
    field("mail_factor_enrolled", &http::UserDocument::mail_factor_enrolled),
    field("locked", &http::UserDocument::locked),
    field("erased", &http::UserDocument::erased),
    field("last_signed_in_at", &http::UserDocument::last_signed_in_at),
    field("mail_became_unreachable_at", &http::UserDocument::mail_became_unreachable_at),
    field("staff_roles", &http::UserDocument::staff_roles),
    field("recovery_id", &http::UserDocument::recovery_id),
    field("accounts", &http::UserDocument::accounts),
    field("ownership_offers", &http::UserDocument::ownership_offers),
    field("actions", &http::UserDocument::actions));
template <> inline constexpr auto shape<http::RegistrationRequest> = fields<http::RegistrationRequest>(
    field("email", &http::RegistrationRequest::email), field("language", &http::RegistrationRequest::language));
template <> inline constexpr auto shape<http::RegistrationDocument> = fields<http::RegistrationDocument>(
    field("registration_token", &http::RegistrationDocument::registration_token),
    field("request_word", &http::RegistrationDocument::request_word),
    field("expires_at", &http::RegistrationDocument::expires_at));
template <> inline constexpr auto shape<http::UserNameReminderRequest> = fields<http::UserNameReminderRequest>(
    field("email", &http::UserNameReminderRequest::email));
template <> inline constexpr auto shape<http::UserNameReminderDocument> = fields<http::UserNameReminderDocument>(
    field("asked_at", &http::UserNameReminderDocument::asked_at));
template <> inline constexpr auto shape<http::EmailChangeDocument> = fields<http::EmailChangeDocument>(
    field("position", &http::EmailChangeDocument::position),
    field("request_word", &http::EmailChangeDocument::request_word),
    field("expires_at", &http::EmailChangeDocument::expires_at));
template <> inline constexpr auto shape<http::SessionDocument> = fields<http::SessionDocument>(
    field("id", &http::SessionDocument::id),
    field("opened_at", &http::SessionDocument::opened_at),
    field("opened_from", &http::SessionDocument::opened_from),
    field("device_id", &http::SessionDocument::device_id),
    field("last_used_at", &http::SessionDocument::last_used_at),
    field("idle_expires_at", &http::SessionDocument::idle_expires_at),
    field("expires_at", &http::SessionDocument::expires_at),
    field("current", &http::SessionDocument::current));
template <> inline constexpr auto shape<http::DeviceDocument> = fields<http::DeviceDocument>(
    field("id", &http::DeviceDocument::id),
    field("remembered_at", &http::DeviceDocument::remembered_at),
    field("last_signed_in_at", &http::DeviceDocument::last_signed_in_at),
    field("locked", &http::DeviceDocument::locked),
    field("current", &http::DeviceDocument::current),
    field("actions", &http::DeviceDocument::actions));
template <> inline constexpr auto shape<http::PasswordChangeDocument> = fields<http::PasswordChangeDocument>(
    field("position", &http::PasswordChangeDocument::position),
    field("device_id", &http::PasswordChangeDocument::device_id),
    field("device_token", &http::PasswordChangeDocument::device_token));
template <> inline constexpr auto shape<http::SignInDocument> = fields<http::SignInDocument>(
    field("id", &http::SignInDocument::id), field("stage", &http::SignInDocument::stage),
    field("token", &http::SignInDocument::token), field("code_expires_at", &http::SignInDocument::code_expires_at),
    field("code_tries_left", &http::SignInDocument::code_tries_left),
    field("request_word", &http::SignInDocument::request_word),
    field("mail_factor_terms", &http::SignInDocument::mail_factor_terms),
    field("portal_terms", &http::SignInDocument::portal_terms),
    field("mail_became_unreachable_at", &http::SignInDocument::mail_became_unreachable_at),
    field("actions", &http::SignInDocument::actions));
template <> inline constexpr auto shape<http::NewSessionDocument> = fields<http::NewSessionDocument>(
    field("position", &http::NewSessionDocument::position), field("id", &http::NewSessionDocument::id),
    field("token", &http::NewSessionDocument::token), field("expires_at", &http::NewSessionDocument::expires_at),
    field("idle_seconds", &http::NewSessionDocument::idle_seconds),
    field("device_id", &http::NewSessionDocument::device_id),
    field("device_token", &http::NewSessionDocument::device_token));
// clang-format on
}  // namespace ttp::events
