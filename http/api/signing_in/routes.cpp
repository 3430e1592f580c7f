// The rows of users and of signing in (SPEC 3.1, 3.2).
#include "http/api/rows.hpp"
#include "http/api/signing_in/queries.hpp"
#include "http/api/staff/recoveries.hpp"

namespace ttp::http {
namespace {

using namespace domain;

/// A request of a stranger, which is no command: its body is a document.
template <class Asking>
Route asking(Route route, std::string answer_schema) {
  events::for_each(events::shape<Asking>, [&](const auto& each) {
    using Member = typename std::remove_cvref_t<decltype(each)>::member_type;
    route.body.push_back({std::string{each.name}, schema_of<Member>(), true, example_of<Member>()});
  });
  route.success = 202;
  route.answer_schema = std::move(answer_schema);
  return route;
}

}  // namespace

// clang-format off
std::vector<Route> signing_in_routes() {
  std::vector<Route> rows;
  const auto add = [&](Route route) { rows.push_back(std::move(route)); };

  add(called("beginRegistration", asking<RegistrationRequest>(raw("POST", "/v1/registrations", "Credentials",
      "Begin to register: have a code mailed to an e-mail address", anyone(), "application/json", &begin_registration),
      schema_of<RegistrationDocument>())));
  add(with_location(answering(command<RegisterCredential>("POST", "/v1/credentials", "Credentials",
      "Register a credential with the mailed code and get a user reference number by mail", anyone(), 201,
      FromRegistration{}, body("user_name", &RegisterCredential::user_name),
      body("password", &RegisterCredential::password), body("family_name", &RegisterCredential::family_name),
      body("given_names", &RegisterCredential::given_names), body("telephone", &RegisterCredential::telephone)),
      schema_with_answer(schema_of<UserDocument>()), &credential_registered), "/v1/users/{id}"));
  add(called("remindOfUserName", asking<UserNameReminderRequest>(raw("POST", "/v1/user-name-reminders", "Credentials",
      "Have a forgotten user name mailed to its e-mail address", anyone(), "application/json", &remind_of_user_name),
      schema_of<UserNameReminderDocument>())));
  add(answering(command<RecoverUser>("POST", "/v1/recoveries", "Credentials", "Set a new password, and a new e-mail address if one is proven, with the permit from the service desk's letter", anyone(), 200,
      body("urn", &RecoverUser::urn), body("family_name", &RecoverUser::family_name), body("permit", &RecoverUser::permit),
      body("new_password", &RecoverUser::new_password), FromNewMailbox{}), schema_of<RecoveredDocument>(), &recovered));
  add(query<RecoveryDocument>("/v1/user/recoveries/{recovery}", "Users", "The recovery of one's credential that the service desk permits", signed_in(), &own_recovery));
  add(with_location(command<ObjectToRecovery>("POST", "/v1/user/recoveries/{recovery}/objection", "Users", "Object to the recovery of one's credential, which ends it", signed_in(), 201,
      caller(&ObjectToRecovery::user), path("recovery", &ObjectToRecovery::proposal)), "/v1/user/recoveries/{recovery}"));
  // Place of the OpenID Connect handshake with a sign-in partner, which is not connected; the domain's
  // command (RegisterPartnerCredential) takes the issuer and subject that the partner vouches for.
  add(called("signInWithPartner", raw("POST", "/v1/credentials/sign-in-partner", "Credentials",
      "Link the credential of a sign-in partner (not connected yet)", anyone(), "application/json", &partner_sign_in)));
  add(called("getOwnUser", query<UserDocument>("/v1/user", "Users", "The signed-in user, their accounts and what they may do now", signed_in(), &own_user)));
  add(query<UserDocument>("/v1/users/{user}", "Users", "A user: oneself, or any for the service desk and operators", signed_in(), &some_user));
  add(command<ChangeContactDetails>("PATCH", "/v1/user/contact-details", "Users", "Keep one's contact details up to date", signed_in(), 200,
      caller(&ChangeContactDetails::user), body("family_name", &ChangeContactDetails::family_name),
      body("given_names", &ChangeContactDetails::given_names), body("telephone", &ChangeContactDetails::telephone),
      body("language", &ChangeContactDetails::language)));
  add(answering(command<RequestEmailChange>("POST", "/v1/user/email-changes", "Users", "Have codes mailed to a new e-mail address and to the present one; needs the password, if there is one", signed_in(), 202,
      caller(&RequestEmailChange::user), own_session(&RequestEmailChange::session), body("email", &RequestEmailChange::email),
      body("current_password", &RequestEmailChange::current_password)), schema_of<EmailChangeDocument>(), &email_change_requested));
  add(command<ConfirmEmailChange>("POST", "/v1/user/email-changes/confirmation", "Users", "Confirm the new address with the codes mailed to it and to the present one; all other sessions end", signed_in(), 200,
      caller(&ConfirmEmailChange::user), own_session(&ConfirmEmailChange::session), body("code", &ConfirmEmailChange::code),
      body("present_address_code", &ConfirmEmailChange::present_address_code)));
  add(answering(command<ChangePassword>("POST", "/v1/user/password", "Users", "Change the password; all other sessions end, and only the present device stays known, by a new token", signed_in(), 200,
      caller(&ChangePassword::user), own_session(&ChangePassword::session),
      body("current_password", &ChangePassword::current_password), body("new_password", &ChangePassword::new_password)), schema_of<PasswordChangeDocument>(), &password_changed));
  add(query<ListPage<EventDocument>>("/v1/user/history", "Users", "One's own history", signed_in(), &own_history));


  add(with_location(answering(command<StartSignIn>("POST", "/v1/sign-ins", "Signing in", "Sign in, first step: the credential; a code is mailed", anyone(), 201,
      body("user_name", &StartSignIn::user_name), body("password", &StartSignIn::password), FromDevice{}), schema_of<SignInDocument>(), &sign_in_started), "/v1/sign-in"));
  add(query<SignInDocument>("/v1/sign-in", "Signing in", "The sign-in under way", signing_in(), &sign_in_under_way));
  add(answering(command<EnrolMailFactor>("POST", "/v1/sign-in/mail-factor", "Signing in", "First sign-in: accept the mail factor's terms; a code is mailed", signing_in(), 200,
      from_call<EnrolMailFactor>(&sign_in_user<EnrolMailFactor>), own_sign_in(&EnrolMailFactor::sign_in), body("terms_version", &EnrolMailFactor::terms_version)), schema_of<SignInDocument>(), &sign_in_went_on));
  add(answering(command<ResendOneTimeCode>("POST", "/v1/sign-in/codes", "Signing in", "Have a new code mailed; it kills the old one", signing_in(), 200,
      from_call<ResendOneTimeCode>(&sign_in_user<ResendOneTimeCode>), own_sign_in(&ResendOneTimeCode::sign_in)), schema_of<SignInDocument>(), &sign_in_went_on));
  add(answering(command<EnterOneTimeCode>("POST", "/v1/sign-in/code", "Signing in", "Second step: the six-digit code", signing_in(), 200,
      from_call<EnterOneTimeCode>(&sign_in_user<EnterOneTimeCode>), own_sign_in(&EnterOneTimeCode::sign_in), body("code", &EnterOneTimeCode::code)), schema_of<SignInDocument>(), &sign_in_went_on));
  add(with_location(answering(command<AcceptPortalTerms>("POST", "/v1/sessions", "Signing in", "Third step: accept the portal's terms; opens the session, makes the device known and ends its earlier session", signing_in(), 201,
      from_call<AcceptPortalTerms>(&sign_in_user<AcceptPortalTerms>), own_sign_in(&AcceptPortalTerms::sign_in), body("terms_version", &AcceptPortalTerms::terms_version)), schema_of<NewSessionDocument>(), &session_opened), "/v1/sessions/{id}"));
  add(query<ListPage<SessionDocument>>("/v1/sessions", "Signing in", "One's open sessions: since when, from where and last used", signed_in(), &own_sessions));
  add(query<SessionDocument>("/v1/sessions/{session}", "Signing in", "An open session of one's own", signed_in(), &own_session_of_path));
  add(answering(command<CloseSession>("DELETE", "/v1/sessions/{session}", "Signing in", "End a session of one's own", signed_in(), 200,
      caller(&CloseSession::user), path("session", &CloseSession::session)), schema_of<CommandAnswer>(), &session_closed));
  add(called("signOut", ending_own_session(answering(command<CloseSession>("DELETE", "/v1/session", "Signing in", "Sign out", signed_in(), 200,
      caller(&CloseSession::user), own_session(&CloseSession::session)), schema_of<CommandAnswer>(), &session_closed))));
  add(command<CloseOtherSessions>("DELETE", "/v1/sessions", "Signing in", "End all one's other sessions", signed_in(), 200,
      caller(&CloseOtherSessions::user), own_session(&CloseOtherSessions::session)));
  add(query<ListPage<DeviceDocument>>("/v1/devices", "Signing in", "One's devices that have completed a sign-in: the failures of strangers never keep these out", signed_in(), &own_devices));
  add(command<ForgetDevice>("DELETE", "/v1/devices/{device}", "Signing in", "Forget a device of one's own and end its sessions", signed_in(), 200,
      caller(&ForgetDevice::user), path("device", &ForgetDevice::device)));
  return rows;
}
// clang-format on

}  // namespace ttp::http
