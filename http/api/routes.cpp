// The table of routes: one row per command and per query. The router, the body parser, the permission check
// and the OpenAPI document read it; what is not here does not exist.
#include <algorithm>
#include <sstream>

#include "http/api/audit.hpp"
#include "http/api/operations.hpp"
#include "http/api/past.hpp"
#include "http/api/queries.hpp"
#include "http/api/route.hpp"
#include "projections/index/index_rows.hpp"
#include "projections/index/notifications.hpp"

namespace ttp::http {
namespace {

using namespace domain;
using Roles = std::initializer_list<StaffRole>;

constexpr auto desk = StaffRole::service_desk;
constexpr auto mail_room = StaffRole::mail_room;
constexpr auto officer = StaffRole::programme_officer;
constexpr auto auditor = StaffRole::auditor;
constexpr auto operator_ = StaffRole::operator_;
constexpr auto privacy = StaffRole::privacy_auditor;
/// A privacy auditor is an auditor.
Access auditors() {
  return staff({auditor, privacy});
}

/// Rows that a view keeps as JSON.
template <class Row>
Route of_rows(Route route) {
  route.answer_schema = schema_of<Page<Row>>();
  return route;
}

Parameter query_parameter(std::string name, std::string schema, std::string description) {
  return {std::move(name), "query", std::move(schema), std::move(description)};
}
const std::string text_schema = R"({"type":"string"})";
const std::string limit_schema = R"({"type":"integer","minimum":1,"maximum":200,"default":50})";
const std::string position_schema = R"({"type":"integer","minimum":0})";
const std::string time_schema = R"({"type":"string","format":"date-time"})";
std::vector<Parameter> paging() {
  return {query_parameter("limit", limit_schema, "Items on a page"),
          query_parameter("cursor", text_schema, "Where the last page ended")};
}
std::vector<Parameter> paging_and(std::vector<Parameter> more) {
  auto all = paging();
  std::ranges::move(more, std::back_inserter(all));
  return all;
}

std::vector<Parameter> history_filters() {
  return {query_parameter("actor", R"({"type":"string","format":"uuid"})", "Only events of this user"),
          query_parameter("type", text_schema, "Only events of these types, with commas between them"),
          query_parameter("since", time_schema, "Only events recorded then or later"),
          query_parameter("until", time_schema, "Only events recorded before"),
          query_parameter("from_position", position_schema, "The first position"),
          query_parameter("to_position", position_schema, "The last position")};
}
Parameter personal_parameter() {
  return query_parameter("personal", R"({"type":"boolean","default":false})",
                         "With personal data; for privacy auditors, and each such look is recorded");
}
/// A state or a comparison of the past.
template <class Doc>
Route past(std::string path_template, std::string summary, Answered<Doc> (*answer)(Call&),
           std::initializer_list<std::string_view> moments) {
  Route route = query<Doc>(std::move(path_template), "Audit", std::move(summary), auditors(), answer);
  for (const std::string_view each : moments) {
    const std::string prefix{each};
    route.parameters.push_back(
        query_parameter(prefix + "position", position_schema, "Right after the event at this position"));
    route.parameters.push_back(
        query_parameter(prefix + "time", time_schema, "With all that was recorded until then"));
  }
  route.parameters.push_back(
      query_parameter("reader", R"({"type":"string","format":"uuid"})",
                      "As this user saw it: with their role and the actions open to them"));
  route.parameters.push_back(personal_parameter());
  return route;
}

Route raw(std::string method, std::string path_template, std::string tag, std::string summary, Access access,
          std::string answer_type, Answered<Response> (*answer)(Call&, const Json*));
/// A page of the history, with the auditor's filters and forms.
Route history(std::string path_template, std::string summary,
              Answered<Response> (*answer)(Call&, const Json*)) {
  Route route = raw("GET", std::move(path_template), "Audit", std::move(summary), auditors(),
                    "application/json", answer);
  route.answer_schema = schema_of<Page<EventDocument>>();
  route.other_forms = {
      {"application/x-ndjson", R"({"type":"string"})"},
      {"application/cloudevents-batch+json", R"({"type":"array","items":{"type":"object"}})"}};
  route.parameters = paging_and(history_filters());
  route.parameters.push_back(query_parameter(
      "format", R"({"type":"string","enum":["json","ndjson","cloudevents"],"default":"json"})",
      "The page's form; the last two name the next page in the Link header"));
  route.parameters.push_back(personal_parameter());
  return route;
}
/// The same as server-sent events.
Route history_stream(std::string path_template, std::string summary,
                     Answered<Response> (*answer)(Call&, const Json*)) {
  Route route = raw("GET", std::move(path_template), "Audit", std::move(summary), auditors(),
                    "text/event-stream", answer);
  route.parameters = history_filters();
  route.parameters.push_back({"Last-Event-ID", "header", R"({"type":"string"})",
                              "The position of the last event seen: the stream goes on behind it"});
  return route;
}

/// What an operator does to the running service; the answer tells how the projection stands then.
Route operation(std::string method, std::string path_template, std::string summary, int success,
                Answered<Response> (*answer)(Call&, const Json*)) {
  Route route = raw(std::move(method), std::move(path_template), "Operation", std::move(summary),
                    staff({operator_}), "application/json", answer);
  route.success = success;
  route.answer_schema = schema_of<ProjectionDocument>();
  route.refusals = {"409"};
  return route;
}

Route with_location(Route route, std::string location) {
  route.location = std::move(location);
  return route;
}
Route answering(Route route, std::string schema,
                std::function<Response(Call&, const service::Outcome&)> respond) {
  route.answer_schema = std::move(schema);
  route.respond = std::move(respond);
  return route;
}
Route refusing(std::vector<std::string_view> statuses, Route route) {
  route.refusals = std::move(statuses);
  return route;
}
Route sandbox(Route route) {
  route.sandbox_only = true;
  return route;
}
Route raw(std::string method, std::string path_template, std::string tag, std::string summary, Access access,
          std::string answer_type, Answered<Response> (*answer)(Call&, const Json*)) {
  Route route{std::move(method),  std::move(path_template), std::move(tag),
              std::move(summary), std::move(access),        200};
  route.answer_type = std::move(answer_type);
  route.answer = answer;
  return route;
}

template <class C>
auto profile_of(ProfileKind kind, const std::string& key = "") {
  return from_call<C>([kind, key](C& command, const Call& call) {
    command.profile = {kind, key.empty() ? "" : call.path.find(key)->second};
  });
}

std::vector<Route> table() {
  std::vector<Route> rows;
  const auto add = [&](Route route) { rows.push_back(std::move(route)); };

  // clang-format off
  // ---- credentials and users (SPEC 3.1) -------------------------------------------------------------------
  add(with_location(command<RegisterCredential>("POST", "/v1/credentials", "Credentials",
      "Register a credential and get a user reference number by mail", anyone(), 201,
      drawn(&RegisterCredential::user), body("user_name", &RegisterCredential::user_name),
      body("password", &RegisterCredential::password), body("family_name", &RegisterCredential::family_name),
      body("given_names", &RegisterCredential::given_names), body("email", &RegisterCredential::email),
      body("telephone", &RegisterCredential::telephone), body("language", &RegisterCredential::language)),
      "/v1/users/{id}"));
  // The OpenID Connect hand-shake with a sign-in partner ends here once it is connected; the domain's command
  // (RegisterPartnerCredential) takes the issuer and subject that it vouches for.
  add(refusing({"501"}, raw("POST", "/v1/credentials/sign-in-partner", "Credentials",
      "Link the credential of a sign-in partner (not connected yet)", anyone(), "application/json", &partner_sign_in)));
  add(query<UserDocument>("/v1/user", "Users", "The signed-in user, their accounts and what they may do now", signed_in(), &own_user));
  add(query<UserDocument>("/v1/users/{user}", "Users", "A user: oneself, or any for the service desk and operators", signed_in(), &some_user));
  add(command<ChangeContactDetails>("PATCH", "/v1/user/contact-details", "Users", "Keep one's contact details up to date", signed_in(), 200,
      caller(&ChangeContactDetails::user), body("family_name", &ChangeContactDetails::family_name),
      body("given_names", &ChangeContactDetails::given_names), body("telephone", &ChangeContactDetails::telephone),
      body("language", &ChangeContactDetails::language)));
  add(command<RequestEmailChange>("POST", "/v1/user/email-changes", "Users", "Have a code mailed to a new e-mail address", signed_in(), 202,
      caller(&RequestEmailChange::user), body("email", &RequestEmailChange::email)));
  add(command<ConfirmEmailChange>("POST", "/v1/user/email-changes/confirmation", "Users", "Confirm the new address with the code mailed to it", signed_in(), 200,
      caller(&ConfirmEmailChange::user), body("code", &ConfirmEmailChange::code)));
  add(command<ChangePassword>("POST", "/v1/user/password", "Users", "Change the password; all other sessions end", signed_in(), 200,
      caller(&ChangePassword::user), own_session(&ChangePassword::session),
      body("current_password", &ChangePassword::current_password), body("new_password", &ChangePassword::new_password)));
  add(query<Page<EventDocument>>("/v1/user/history", "Users", "One's own history", signed_in(), paging(), &own_history));

  // ---- signing in (SPEC 3.2) ------------------------------------------------------------------------------
  add(refusing({"401", "423"}, with_location(answering(command<StartSignIn>("POST", "/v1/sign-ins", "Signing in", "Sign in, first step: the credential; a code is mailed", anyone(), 201,
      body("user_name", &StartSignIn::user_name), body("password", &StartSignIn::password)), schema_of<SignInDocument>(), &sign_in_started), "/v1/sign-in")));
  add(query<SignInDocument>("/v1/sign-in", "Signing in", "The sign-in under way", signing_in(), &sign_in_under_way));
  add(answering(command<EnrolMailFactor>("POST", "/v1/sign-in/mail-factor", "Signing in", "First sign-in: accept the mail factor's terms; a code is mailed", signing_in(), 200,
      from_call<EnrolMailFactor>(&sign_in_user<EnrolMailFactor>), own_sign_in(&EnrolMailFactor::sign_in), body("terms_version", &EnrolMailFactor::terms_version)), schema_of<SignInDocument>(), &sign_in_went_on));
  add(answering(command<ResendOneTimeCode>("POST", "/v1/sign-in/codes", "Signing in", "Have a new code mailed; it kills the old one", signing_in(), 200,
      from_call<ResendOneTimeCode>(&sign_in_user<ResendOneTimeCode>), own_sign_in(&ResendOneTimeCode::sign_in)), schema_of<SignInDocument>(), &sign_in_went_on));
  add(answering(command<EnterOneTimeCode>("POST", "/v1/sign-in/code", "Signing in", "Second step: the six-digit code", signing_in(), 200,
      from_call<EnterOneTimeCode>(&sign_in_user<EnterOneTimeCode>), own_sign_in(&EnterOneTimeCode::sign_in), body("code", &EnterOneTimeCode::code)), schema_of<SignInDocument>(), &sign_in_went_on));
  add(answering(command<AcceptPortalTerms>("POST", "/v1/sessions", "Signing in", "Third step: accept the portal's terms; opens the session", signing_in(), 201,
      from_call<AcceptPortalTerms>(&sign_in_user<AcceptPortalTerms>), own_sign_in(&AcceptPortalTerms::sign_in), body("terms_version", &AcceptPortalTerms::terms_version)), schema_of<NewSessionDocument>(), &session_opened));
  add(query<Page<SessionDocument>>("/v1/sessions", "Signing in", "One's open sessions", signed_in(), &own_sessions));
  add(answering(command<CloseSession>("DELETE", "/v1/sessions/{session}", "Signing in", "End a session of one's own", signed_in(), 200,
      caller(&CloseSession::user), path("session", &CloseSession::session)), schema_of<CommandAnswer>(), &session_closed));
  add(answering(command<CloseSession>("DELETE", "/v1/session", "Signing in", "Sign out", signed_in(), 200,
      caller(&CloseSession::user), own_session(&CloseSession::session)), schema_of<CommandAnswer>(), &session_closed));
  add(command<CloseOtherSessions>("DELETE", "/v1/sessions", "Signing in", "End all one's other sessions", signed_in(), 200,
      caller(&CloseOtherSessions::user), own_session(&CloseOtherSessions::session)));
  add(query<TermsDocument>("/v1/terms/{terms}", "Signing in", "Terms in force: portal, mail_factor or programme", anyone(), &terms_in_force));

  // ---- enrolling a company (SPEC 3.4 to 3.7) --------------------------------------------------------------
  add(query<Page<EligibilityQuestionDocument>>("/v1/eligibility-questions", "Accounts", "The questions that decide who can enrol", anyone(), &eligibility_questions));
  add(with_location(command<EnrolCompany>("POST", "/v1/accounts", "Accounts", "Enrol a company; who enrols becomes the owner", signed_in(), 201,
      drawn(&EnrolCompany::account), body("business_number", &EnrolCompany::business_number),
      body("legal_name", &EnrolCompany::legal_name), body("operating_names", &EnrolCompany::operating_names),
      body("mailing_address", &EnrolCompany::mailing_address), body("eligibility", &EnrolCompany::eligibility),
      body("signing_authority_attested", &EnrolCompany::signing_authority_attested)), "/v1/accounts/{id}"));
  add(query<Page<AccountSummary>>("/v1/accounts", "Accounts", "The accounts that the caller belongs to", signed_in(), &own_accounts));
  add(kept(query<AccountDocument>("/v1/accounts/{account}", "Accounts", "An account and what the caller may do with it now", signed_in(), &one_account),
      {&account_asked_for, &account_deadline}));
  add(command<ChangeMailingAddress>("PUT", "/v1/accounts/{account}/mailing-address", "Accounts", "Correct the mailing address before activation", signed_in(), 200,
      path("account", &ChangeMailingAddress::account), body("mailing_address", &ChangeMailingAddress::mailing_address)));
  add(command<ConfirmMailingAddress>("POST", "/v1/accounts/{account}/address-confirmations", "Accounts", "Confirm the address as shown back; orders the letter", signed_in(), 201,
      path("account", &ConfirmMailingAddress::account)));
  add(command<RequestActivationCode>("POST", "/v1/accounts/{account}/activation-codes", "Accounts", "Request a new activation code", signed_in(), 201,
      path("account", &RequestActivationCode::account)));
  add(with_location(command<ActivateAccount>("POST", "/v1/activations", "Accounts", "Activate with client number and activation code", signed_in(), 201,
      body("client_number", &ActivateAccount::client_number), body("activation_code", &ActivateAccount::activation_code)), "/v1/accounts/{id}"));
  add(command<AcceptProgrammeTerms>("POST", "/v1/accounts/{account}/terms", "Accounts", "Accept the programme's terms; authorises the account", signed_in(), 201,
      path("account", &AcceptProgrammeTerms::account), body("terms_version", &AcceptProgrammeTerms::terms_version)));
  add(command<RequestClientNumberLetter>("POST", "/v1/accounts/{account}/client-number-letters", "Accounts", "Have the client number sent again by letter", signed_in(), 201,
      path("account", &RequestClientNumberLetter::account)));
  add(command<ReportLetterMissing>("POST", "/v1/accounts/{account}/letter-reports", "Accounts", "Report that the letter did not come in time", signed_in(), 201,
      path("account", &ReportLetterMissing::account)));
  add(of_rows<projections::NotificationRow>(query<Page<RawJson>>("/v1/accounts/{account}/notifications", "Accounts", "What the account's users are told, newest first", signed_in(), paging(), &account_notifications)));
  add(query<Page<EventDocument>>("/v1/accounts/{account}/history", "Accounts", "The account's events, for its users and for auditors", signed_in(), paging(), &account_history));

  // ---- users of an account, ownership (SPEC 3.3, 3.10, 3.11) ----------------------------------------------
  add(query<Page<MemberDocument>>("/v1/accounts/{account}/members", "Members", "The account's users", signed_in(), &account_members));
  add(command<AddMember>("POST", "/v1/accounts/{account}/members", "Members", "Add a user by family name, URN and e-mail, all three matching", signed_in(), 201,
      path("account", &AddMember::account), body("family_name", &AddMember::family_name), body("urn", &AddMember::urn),
      body("email", &AddMember::email), body("role", &AddMember::role)));
  add(command<ChangeMemberRole>("PUT", "/v1/accounts/{account}/members/{user}/role", "Members", "Change a user's role", signed_in(), 200,
      path("account", &ChangeMemberRole::account), path("user", &ChangeMemberRole::user), body("role", &ChangeMemberRole::role)));
  add(command<ChangeMemberDetails>("PATCH", "/v1/accounts/{account}/members/{user}", "Members", "Change a user's contact details in this account", signed_in(), 200,
      path("account", &ChangeMemberDetails::account), path("user", &ChangeMemberDetails::user),
      body("job_title", &ChangeMemberDetails::job_title), body("work_telephone", &ChangeMemberDetails::work_telephone),
      body("work_email", &ChangeMemberDetails::work_email)));
  add(command<SuspendMember>("POST", "/v1/accounts/{account}/members/{user}/suspension", "Members", "Suspend a user", signed_in(), 201,
      path("account", &SuspendMember::account), path("user", &SuspendMember::user)));
  add(command<ReinstateMember>("DELETE", "/v1/accounts/{account}/members/{user}/suspension", "Members", "Lift a suspension", signed_in(), 200,
      path("account", &ReinstateMember::account), path("user", &ReinstateMember::user)));
  add(command<ReactivateMember>("POST", "/v1/accounts/{account}/members/{user}/reactivation", "Members", "Reactivate a user after a new URN", signed_in(), 201,
      path("account", &ReactivateMember::account), path("user", &ReactivateMember::user)));
  add(command<RemoveMember>("DELETE", "/v1/accounts/{account}/members/{user}", "Members", "Take a user off the account, or leave it", signed_in(), 200,
      path("account", &RemoveMember::account), path("user", &RemoveMember::user)));
  add(command<OfferOwnership>("POST", "/v1/accounts/{account}/ownership-offers", "Ownership", "Offer the ownership to an existing user", signed_in(), 201,
      path("account", &OfferOwnership::account), body("family_name", &OfferOwnership::family_name), body("urn", &OfferOwnership::urn),
      body("email", &OfferOwnership::email), body("previous_owner", &OfferOwnership::previous_owner)));
  add(command<WithdrawOwnershipOffer>("DELETE", "/v1/accounts/{account}/ownership-offers/{offer}", "Ownership", "Withdraw the offer", signed_in(), 200,
      path("account", &WithdrawOwnershipOffer::account), path("offer", &WithdrawOwnershipOffer::offer)));
  add(command<AcceptOwnership>("POST", "/v1/accounts/{account}/ownership-offers/{offer}/acceptance", "Ownership", "Accept the ownership", signed_in(), 201,
      path("account", &AcceptOwnership::account), path("offer", &AcceptOwnership::offer),
      body("signing_authority_attested", &AcceptOwnership::signing_authority_attested)));
  add(command<DeclineOwnershipOffer>("POST", "/v1/accounts/{account}/ownership-offers/{offer}/refusal", "Ownership", "Decline the ownership", signed_in(), 201,
      path("account", &DeclineOwnershipOffer::account), path("offer", &DeclineOwnershipOffer::offer)));

  // ---- profiles, submissions, membership (SPEC 3.8, 3.9) --------------------------------------------------
  add(query<Page<QuestionDocument>>("/v1/profile-questions/{kind}", "Profiles", "Questions of the company or the security profile", anyone(), &profile_questions));
  add(query<Page<QuestionDocument>>("/v1/profile-questions/application/{line}", "Profiles", "Questions of a line of business's application profile", anyone(), &application_profile_questions));
  add(query<Page<ProfileDocument>>("/v1/accounts/{account}/profiles", "Profiles", "All profiles with what is missing", signed_in(), &account_profiles));
  add(query<ProfileDocument>("/v1/accounts/{account}/profiles/company", "Profiles", "The company profile", signed_in(), &company_profile));
  add(query<ProfileDocument>("/v1/accounts/{account}/profiles/application/{line}", "Profiles", "The application profile of a line of business", signed_in(), &application_profile));
  add(query<ProfileDocument>("/v1/accounts/{account}/profiles/security/{site}", "Profiles", "The security profile of a site", signed_in(), &security_profile));
  add(command<SaveProfile>("PUT", "/v1/accounts/{account}/profiles/company", "Profiles", "Save the company profile's draft", signed_in(), 200,
      path("account", &SaveProfile::account), profile_of<SaveProfile>(ProfileKind::company), body("answers", &SaveProfile::answers)));
  Route application = command<SaveProfile>("PUT", "/v1/accounts/{account}/profiles/application/{line}", "Profiles", "Save an application profile's draft", signed_in(), 200,
      path("account", &SaveProfile::account), profile_of<SaveProfile>(ProfileKind::application, "line"), body("answers", &SaveProfile::answers));
  application.parameters.push_back({"line", "path", schema_of<LineOfBusiness>(), "Line of business"});
  add(application);
  Route security = command<SaveProfile>("PUT", "/v1/accounts/{account}/profiles/security/{site}", "Profiles", "Save a security profile's draft", signed_in(), 200,
      path("account", &SaveProfile::account), from_call<SaveProfile>(&security_profile_of), body("answers", &SaveProfile::answers));
  security.parameters.push_back({"site", "path", schema_of<SiteName>(), "Name of the site or division"});
  add(security);
  add(command<RemoveSecurityProfile>("DELETE", "/v1/accounts/{account}/profiles/security/{site}", "Profiles", "Remove the profile of a site that is closed", signed_in(), 200,
      path("account", &RemoveSecurityProfile::account), path("site", &RemoveSecurityProfile::site)));
  add(query<Page<SubmissionDocument>>("/v1/accounts/{account}/submissions", "Membership", "What was submitted and how it was decided", signed_in(), &account_submissions));
  add(command<Submit>("POST", "/v1/accounts/{account}/submissions", "Membership", "Submit the application, or changes", signed_in(), 201, path("account", &Submit::account)));
  add(query<MembershipDocument>("/v1/accounts/{account}/membership", "Membership", "The membership and its dates", signed_in(), &account_membership));
  add(command<ConfirmDetails>("POST", "/v1/accounts/{account}/detail-confirmations", "Membership", "Confirm the company's details, once a year", signed_in(), 201, path("account", &ConfirmDetails::account)));
  add(command<RequestInformalReview>("POST", "/v1/accounts/{account}/informal-reviews", "Membership", "Ask for an informal review before a refusal takes effect", signed_in(), 201,
      path("account", &RequestInformalReview::account), body("grounds", &RequestInformalReview::grounds)));
  add(command<AppealCancellation>("POST", "/v1/accounts/{account}/appeals", "Membership", "Appeal a cancellation within 30 days", signed_in(), 201,
      path("account", &AppealCancellation::account), body("grounds", &AppealCancellation::grounds)));

  // ---- staff ----------------------------------------------------------------------------------------------
  Route work = query<Page<RawJson>>("/v1/staff/work", "Staff", "What waits for the caller's staff role, oldest first", staff({desk, mail_room, officer, operator_}), &staff_work);
  work.parameters = paging_and({query_parameter("kind", text_schema, "letter, letter_case, owner_reassignment, submission, informal_review, appeal, confirmation_overdue, revalidation_due or erasure")});
  add(of_rows<projections::WorkRow>(work));
  Route find_users = query<Page<UserDocument>>("/v1/staff/users", "Staff", "Find a user by URN, user name or e-mail", staff({desk, operator_}), &find_user);
  find_users.parameters = {query_parameter("urn", text_schema, "URN"), query_parameter("user_name", text_schema, "User name"), query_parameter("email", text_schema, "E-mail")};
  add(find_users);
  Route find_accounts = query<Page<AccountDocument>>("/v1/staff/accounts", "Staff", "Find an account by business or client number", staff({desk, mail_room, officer}), &find_account);
  find_accounts.parameters = {query_parameter("business_number", text_schema, "Business number"), query_parameter("client_number", text_schema, "Client number")};
  add(find_accounts);
  add(command<IssueNewUrn>("POST", "/v1/staff/users/{user}/urns", "Staff", "Issue a new URN to a user whose URN has expired", staff({desk}), 201,
      path("user", &IssueNewUrn::user), body("reason", &IssueNewUrn::reason)));
  add(command<UnlockCredential>("POST", "/v1/staff/users/{user}/unlocks", "Staff", "Unlock a credential", staff({desk}), 201,
      path("user", &UnlockCredential::user), body("reason", &UnlockCredential::reason)));
  add(command<GrantStaffRole>("POST", "/v1/staff/users/{user}/roles", "Staff", "Give a user a staff role", staff({operator_}), 201,
      path("user", &GrantStaffRole::user), body("role", &GrantStaffRole::role), body("reason", &GrantStaffRole::reason)));
  add(command<RevokeStaffRole>("POST", "/v1/staff/users/{user}/role-revocations", "Staff", "Take a staff role from a user", staff({operator_}), 201,
      path("user", &RevokeStaffRole::user), body("role", &RevokeStaffRole::role), body("reason", &RevokeStaffRole::reason)));
  add(command<ProposeErasure>("POST", "/v1/staff/users/{user}/erasures", "Operation", "Propose to erase a person for good", staff({operator_}), 201,
      path("user", &ProposeErasure::user), body("ground", &ProposeErasure::ground), body("reason", &ProposeErasure::reason)));
  add(command<ApproveErasure>("POST", "/v1/staff/users/{user}/erasures/{erasure}/approval", "Operation", "Erase the person: a second operator approves, and their key is destroyed", staff({operator_}), 201,
      path("user", &ApproveErasure::user), path("erasure", &ApproveErasure::proposal)));
  add(command<WithdrawErasure>("POST", "/v1/staff/users/{user}/erasures/{erasure}/withdrawal", "Operation", "Withdraw the proposal to erase a person", staff({operator_}), 201,
      path("user", &WithdrawErasure::user), path("erasure", &WithdrawErasure::proposal), body("reason", &WithdrawErasure::reason)));
  add(query<LetterDocument>("/v1/staff/letters/{letter}", "Staff", "A letter", staff({mail_room, desk}), &one_letter));
  add(raw("GET", "/v1/staff/letters/{letter}/document", "Staff", "The letter to print, as PDF", staff({mail_room}), "application/pdf", &letter_document));
  add(command<RecordLetterPrinted>("POST", "/v1/staff/letters/{letter}/printing", "Staff", "Record that a letter was printed", staff({mail_room}), 201,
      from_call<RecordLetterPrinted>(&account_of_letter<RecordLetterPrinted>), path("letter", &RecordLetterPrinted::letter)));
  add(command<RecordLetterPosted>("POST", "/v1/staff/letters/{letter}/posting", "Staff", "Record that a letter was handed to the post", staff({mail_room}), 201,
      from_call<RecordLetterPosted>(&account_of_letter<RecordLetterPosted>), path("letter", &RecordLetterPosted::letter),
      body("registered_mail_number", &RecordLetterPosted::registered_mail_number)));
  add(command<RecordLetterReturned>("POST", "/v1/staff/letters/{letter}/return", "Staff", "Record that a letter came back; its code is void", staff({mail_room}), 201,
      from_call<RecordLetterReturned>(&account_of_letter<RecordLetterReturned>), path("letter", &RecordLetterReturned::letter),
      body("reason", &RecordLetterReturned::reason)));
  add(command<ResolveLetterCase>("POST", "/v1/staff/accounts/{account}/letter-cases/{case}/resolution", "Staff", "Answer a report that a letter did not come", staff({desk}), 201,
      path("account", &ResolveLetterCase::account), path("case", &ResolveLetterCase::case_id),
      body("resolution", &ResolveLetterCase::resolution), body("reason", &ResolveLetterCase::reason)));
  add(command<ProposeOwnerReassignment>("POST", "/v1/staff/accounts/{account}/owner-reassignments", "Staff", "Propose a new owner where the owner is gone (first officer)", staff({desk}), 201,
      path("account", &ProposeOwnerReassignment::account), body("new_owner", &ProposeOwnerReassignment::new_owner),
      body("reason", &ProposeOwnerReassignment::reason)));
  add(command<ApproveOwnerReassignment>("POST", "/v1/staff/accounts/{account}/owner-reassignments/{proposal}/approval", "Staff", "Approve the new owner (second officer)", staff({desk}), 201,
      path("account", &ApproveOwnerReassignment::account), path("proposal", &ApproveOwnerReassignment::proposal)));
  add(command<WithdrawOwnerReassignment>("POST", "/v1/staff/accounts/{account}/owner-reassignments/{proposal}/withdrawal", "Staff", "Withdraw the proposal", staff({desk}), 201,
      path("account", &WithdrawOwnerReassignment::account), path("proposal", &WithdrawOwnerReassignment::proposal),
      body("reason", &WithdrawOwnerReassignment::reason)));
  add(query<AccountDocument>("/v1/staff/accounts/{account}", "Staff", "An account as staff see it", staff({desk, mail_room, officer}), &staff_account));
  add(query<Page<ProfileDocument>>("/v1/staff/accounts/{account}/profiles", "Staff", "A company's profiles, for review", staff({officer}), &staff_profiles));
  add(query<Page<SubmissionDocument>>("/v1/staff/accounts/{account}/submissions", "Staff", "A company's submissions", staff({officer}), &staff_submissions));
  add(query<MembershipDocument>("/v1/staff/accounts/{account}/membership", "Staff", "A company's membership", staff({desk, officer}), &staff_membership));
  add(command<BeginReview>("POST", "/v1/staff/accounts/{account}/submissions/{submission}/review", "Staff", "Begin the review of a submission", staff({officer}), 201,
      path("account", &BeginReview::account), path("submission", &BeginReview::submission)));
  add(command<AcceptSubmission>("POST", "/v1/staff/accounts/{account}/submissions/{submission}/acceptance", "Staff", "Accept a submission", staff({officer}), 201,
      path("account", &AcceptSubmission::account), path("submission", &AcceptSubmission::submission)));
  add(command<ReturnSubmission>("POST", "/v1/staff/accounts/{account}/submissions/{submission}/return", "Staff", "Return a submission with remarks", staff({officer}), 201,
      path("account", &ReturnSubmission::account), path("submission", &ReturnSubmission::submission), body("remarks", &ReturnSubmission::remarks)));
  add(command<RefuseSubmission>("POST", "/v1/staff/accounts/{account}/submissions/{submission}/refusal", "Staff", "Refuse a submission with a reason", staff({officer}), 201,
      path("account", &RefuseSubmission::account), path("submission", &RefuseSubmission::submission), body("reason", &RefuseSubmission::reason)));
  add(command<AnswerInformalReview>("POST", "/v1/staff/accounts/{account}/informal-review-answers", "Staff", "Answer a request for an informal review", staff({officer}), 201,
      path("account", &AnswerInformalReview::account), body("upheld", &AnswerInformalReview::upheld), body("answer", &AnswerInformalReview::answer)));
  add(command<SuspendMembership>("POST", "/v1/staff/accounts/{account}/membership-suspensions", "Staff", "Suspend a membership", staff({officer}), 201,
      path("account", &SuspendMembership::account), body("reason", &SuspendMembership::reason)));
  add(command<ReinstateMembership>("POST", "/v1/staff/accounts/{account}/membership-reinstatements", "Staff", "Reinstate a suspended membership", staff({officer}), 201,
      path("account", &ReinstateMembership::account), body("reason", &ReinstateMembership::reason)));
  add(command<CancelMembership>("POST", "/v1/staff/accounts/{account}/membership-cancellations", "Staff", "Cancel a membership", staff({officer}), 201,
      path("account", &CancelMembership::account), body("reason", &CancelMembership::reason)));
  add(command<AnswerAppeal>("POST", "/v1/staff/accounts/{account}/appeal-answers", "Staff", "Answer an appeal", staff({officer}), 201,
      path("account", &AnswerAppeal::account), body("granted", &AnswerAppeal::granted), body("answer", &AnswerAppeal::answer)));
  add(command<RecordRevalidation>("POST", "/v1/staff/accounts/{account}/revalidations", "Staff", "Record a revalidation", staff({officer}), 201,
      path("account", &RecordRevalidation::account), body("remarks", &RecordRevalidation::remarks)));

  // ---- audit (SPEC 7) -------------------------------------------------------------------------------------
  add(history("/v1/audit/events", "The whole history in the log's order", &audit_all));
  add(history("/v1/audit/accounts/{account}/events", "An account's history", &audit_account));
  add(history("/v1/audit/users/{user}/events", "A user's history", &audit_user));
  add(history_stream("/v1/audit/events/stream", "The whole history as server-sent events, and what comes", &audit_stream));
  add(history_stream("/v1/audit/accounts/{account}/events/stream", "An account's history as server-sent events", &audit_account_stream));
  add(history_stream("/v1/audit/users/{user}/events/stream", "A user's history as server-sent events", &audit_user_stream));
  add(past("/v1/audit/accounts/{account}/state", "An account as it was at a position or a time", &account_state, {""}));
  add(past("/v1/audit/users/{user}/state", "A user as they were at a position or a time", &user_state, {""}));
  add(past("/v1/audit/accounts/{account}/differences", "What changed on an account between two moments, in words", &account_differences, {"from_", "to_"}));
  add(past("/v1/audit/users/{user}/differences", "What changed of a user between two moments, in words", &user_differences, {"from_", "to_"}));
  Route inclusion_proof = query<InclusionDocument>("/v1/audit/proofs/inclusion", "Audit", "The proof that an event is in the tree of a size", auditors(), &inclusion);
  inclusion_proof.parameters = {query_parameter("position", position_schema, "The event's position"),
                                query_parameter("size", position_schema, "The tree's size; the whole log where it is not given")};
  add(inclusion_proof);
  Route consistency_proof = query<ConsistencyDocument>("/v1/audit/proofs/consistency", "Audit", "The proof that a tree extends a smaller one", auditors(), &consistency);
  consistency_proof.parameters = {query_parameter("from", position_schema, "The smaller tree's size"),
                                  query_parameter("to", position_schema, "The larger tree's size; the whole log where it is not given")};
  add(consistency_proof);
  add(raw("GET", "/v1/audit/receipts/{position}", "Audit", "The receipt of an event (C2SP tlog-proof), to be verified without the service", auditors(), "text/plain", &receipt));
  // Hashes of salted envelopes tell nothing, so anybody may check the tree; entries need a role.
  for (const std::string depth : {"{a}", "{a}/{b}", "{a}/{b}/{c}", "{a}/{b}/{c}/{d}"}) {
    add(raw("GET", "/tile/{level}/" + depth, "Audit", "A tile of the log's Merkle tree (C2SP tlog-tiles)", anyone(), "application/octet-stream", &hash_tile));
    add(raw("GET", "/tile/entries/" + depth, "Audit", "A bundle of the log's entries (C2SP tlog-tiles)", auditors(), "application/octet-stream", &entry_bundle));
  }

  // ---- operators (SPEC 7) ---------------------------------------------------------------------------------
  add(query<Page<ProjectionDocument>>("/v1/operations/projections", "Operation", "How the projections stand, and the views being rebuilt", staff({operator_}), &projections));
  Route take_backup = raw("POST", "/v1/operations/backups", "Operation", "Begin a backup of the log and the vault", staff({operator_}), "application/json", &begin_backup);
  take_backup.success = 202;
  take_backup.answer_schema = schema_of<BackupsDocument>();
  take_backup.refusals = {"409"};
  add(take_backup);
  Route list_backups = query<BackupsDocument>("/v1/operations/backups", "Operation", "The backups, oldest first, and whether one is under way", staff({operator_}), &backups);
  list_backups.refusals = {"409"};
  add(list_backups);
  add(query<Page<KeyDocument>>("/v1/operations/keys", "Operation", "The service's own keys and since when each serves; no key itself", staff({operator_}), &keys));
  Route rotate = raw("POST", "/v1/operations/keys/{key}/rotations", "Operation", "Let a new key serve; what was made with the earlier ones stays valid", staff({operator_}), "application/json", &rotate_key);
  rotate.success = 201;
  rotate.answer_schema = schema_of<KeyDocument>();
  rotate.refusals = {"404", "409"};
  add(rotate);
  add(operation("POST", "/v1/operations/projections/{projection}/rebuilds", "Build a view anew from the log beside the one that serves", 202, &begin_rebuild));
  add(operation("POST", "/v1/operations/projections/{projection}/switches", "Let the other view serve; the same again switches back", 200, &switch_projection));
  add(operation("DELETE", "/v1/operations/projections/{projection}/standby", "Drop the view that does not serve", 200, &drop_standby));

  // ---- operation ------------------------------------------------------------------------------------------
  add(raw("GET", "/health/live", "Operation", "Whether the process runs", anyone(), "application/json", &health_live));
  add(raw("GET", "/health/ready", "Operation", "Whether it takes requests, and why not", anyone(), "application/json", &health_ready));
  add(raw("GET", "/metrics", "Operation", "Metrics in the OpenMetrics format", anyone(), "application/openmetrics-text", &metrics));
  add(raw("GET", "/openapi.json", "Operation", "This description", anyone(), "application/json", &openapi));
  add(raw("GET", "/problems", "Operation", "Every reason for a refusal", anyone(), "application/json", &problems));
  add(raw("GET", "/problems/{code}", "Operation", "One reason for a refusal", anyone(), "application/json", &problem_page));
  add(raw("GET", "/checkpoint", "Audit", "The last signed checkpoint of the log", anyone(), "text/plain", &checkpoint));
  add(query<Page<VerifierKeyDocument>>("/checkpoint/keys", "Audit", "The keys that verify the log's checkpoints, the newest first", anyone(), &verifier_keys));

  // ---- sandbox mode (SPEC 5) ------------------------------------------------------------------------------
  add(sandbox(query<ClockDocument>("/v1/sandbox/clock", "Sandbox", "The service's time", anyone(), &sandbox_clock)));
  Route advance = sandbox(raw("POST", "/v1/sandbox/clock", "Sandbox", "Move the clock forward", anyone(), "application/json", &advance_sandbox_clock));
  advance.body = {{"advance_seconds", R"({"type":"integer","minimum":1,"maximum":3153600000})", true, "60"}};
  advance.answer_schema = schema_of<ClockDocument>();
  add(advance);
  Route mails = sandbox(query<Page<SandboxMailDocument>>("/v1/sandbox/mails", "Sandbox", "Mails sent, newest first; filter by recipient", anyone(), &sandbox_mails));
  mails.parameters = {query_parameter("to", text_schema, "E-mail address"), query_parameter("limit", limit_schema, "Items")};
  add(mails);
  add(sandbox(raw("GET", "/v1/sandbox/mails/{key}", "Sandbox", "A mail as it was sent", anyone(), "message/rfc822", &sandbox_mail)));
  add(sandbox(query<Page<SandboxLetterDocument>>("/v1/sandbox/letters", "Sandbox", "Letters written, in order", anyone(), &sandbox_letters)));
  add(sandbox(raw("GET", "/v1/sandbox/letters/{letter}", "Sandbox", "A letter as PDF", anyone(), "application/pdf", &sandbox_letter)));
  add(sandbox(query<Page<SandboxStaffDocument>>("/v1/sandbox/staff", "Sandbox", "The seeded programme staff with their passwords", anyone(), &sandbox_staff)));
  // clang-format on

  // Path parameters that no binding describes are texts.
  for (Route& route : rows) {
    for (std::size_t open = route.path.find('{'); open != std::string::npos;
         open = route.path.find('{', open + 1)) {
      const std::string name = route.path.substr(open + 1, route.path.find('}', open) - open - 1);
      if (std::ranges::find(route.parameters, name, &Parameter::name) == route.parameters.end())
        route.parameters.push_back({name, "path", text_schema, ""});
    }
  }
  return rows;
}

}  // namespace

const std::vector<Route>& routes() {
  static const std::vector<Route> rows = table();
  return rows;
}

bool prefers_receipt(const Request& request) {
  const auto header = request.header("prefer");
  if (!header) return false;
  std::istringstream preferences{std::string{*header}};
  for (std::string each; std::getline(preferences, each, ',');) {
    const auto from = each.find_first_not_of(" \t");
    if (from != std::string::npos && each.substr(from, each.find_last_not_of(" \t") + 1 - from) == "receipt")
      return true;
  }
  return false;
}

Response command_response(Call& call, const service::Outcome& outcome, const Route& route) {
  CommandAnswer answer{outcome.position.value_or(0)};
  if (!outcome.created.empty()) answer.id = outcome.created;
  const bool with_receipt = outcome.position && prefers_receipt(call.request);
  if (with_receipt) answer.receipt = call.service.receipt(*outcome.position);
  Response response = document_response(answer);
  if (with_receipt) response.headers.emplace_back("Preference-Applied", "receipt");
  response.status = route.success;
  if (!route.location.empty() && !outcome.created.empty()) {
    std::string location = route.location;
    if (const auto at = location.find("{id}"); at != std::string::npos)
      location.replace(at, 4, outcome.created);
    response.headers.emplace_back("Location", location);
  }
  return response;
}

}  // namespace ttp::http
