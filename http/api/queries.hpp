// What the rows of the route table call: a function per query, and one per command whose answer is more than
// a position.
#pragma once

#include <string>

#include "http/api/route.hpp"

namespace ttp::http {

struct SignInDocument {
  domain::SignInId id;
  domain::SignInStage stage{};
  std::string token;  ///< to be sent as "Authorization: Bearer ..." (browsers have it as a cookie)
  std::optional<domain::Time> code_expires_at;
  std::optional<std::uint32_t> code_tries_left;
  std::string request_word;  ///< stands in the mail, too: which request the code is for
  std::uint32_t mail_factor_terms = 0;
  std::uint32_t portal_terms = 0;
  std::vector<OpenAction> actions;
};
struct NewSessionDocument {
  storage::Position position = 0;
  domain::SessionId id;
  std::string token;  ///< machines send it as a bearer token; browsers have it as a cookie
  domain::Time expires_at;
  std::uint32_t idle_seconds = 0;
};
struct ClockDocument {
  domain::Time now;
};
struct SandboxMailDocument {
  std::string key;
  std::string to;
  std::string subject;
  domain::Time date;
  std::optional<std::string> text;
};
struct SandboxLetterDocument {
  domain::LetterId letter;
  domain::AccountId account;
  domain::LetterKind kind{};
  domain::LetterState state{};
  domain::Time ordered_at;
  domain::ClientNumber client_number;
  std::optional<domain::ActivationCode> activation_code;
};
struct SandboxStaffDocument {
  domain::UserId user;
  domain::UserName user_name;
  std::string password;
  domain::StaffRole role{};
  std::string email;
};

// Commands whose answers tell more.
Response sign_in_started(Call& call, const service::Outcome& outcome);
Response sign_in_went_on(Call& call, const service::Outcome& outcome);
Response session_opened(Call& call, const service::Outcome& outcome);
Response session_closed(Call& call, const service::Outcome& outcome);

// Members of commands that neither path nor body hold.
template <class C>
void sign_in_user(C& command, const Call& call) {
  command.user = call.service.queries().user_of_sign_in(call.sign_in).value_or(domain::UserId{});
}
template <class C>
void account_of_letter(C& command, const Call& call) {
  command.account = call.service.queries()
                        .account_of_letter(call.id<domain::LetterId>("letter"))
                        .value_or(domain::AccountId{});
}
void security_profile_of(domain::SaveProfile& command, const Call& call);

Answered<Response> partner_sign_in(Call&, const Json*);
Answered<UserDocument> own_user(Call&);
Answered<UserDocument> some_user(Call&);
Answered<Page<EventDocument>> own_history(Call&);
Answered<SignInDocument> sign_in_under_way(Call&);
Answered<Page<SessionDocument>> own_sessions(Call&);
Answered<TermsDocument> terms_in_force(Call&);

Answered<Page<EligibilityQuestionDocument>> eligibility_questions(Call&);
Answered<Page<AccountSummary>> own_accounts(Call&);
Answered<AccountDocument> one_account(Call&);
domain::Uuid account_asked_for(const Call&);
std::optional<domain::Time> account_deadline(Call&);
Answered<Page<RawJson>> account_notifications(Call&);
Answered<Page<EventDocument>> account_history(Call&);
Answered<Page<MemberDocument>> account_members(Call&);
Answered<Page<QuestionDocument>> profile_questions(Call&);
Answered<Page<QuestionDocument>> application_profile_questions(Call&);
Answered<Page<ProfileDocument>> account_profiles(Call&);
Answered<ProfileDocument> company_profile(Call&);
Answered<ProfileDocument> application_profile(Call&);
Answered<ProfileDocument> security_profile(Call&);
Answered<Page<SubmissionDocument>> account_submissions(Call&);
Answered<MembershipDocument> account_membership(Call&);

Answered<Page<RawJson>> staff_work(Call&);
Answered<Page<UserDocument>> find_user(Call&);
Answered<Page<AccountDocument>> find_account(Call&);
Answered<LetterDocument> one_letter(Call&);
Answered<Response> letter_document(Call&, const Json*);
Answered<AccountDocument> staff_account(Call&);
Answered<Page<ProfileDocument>> staff_profiles(Call&);
Answered<Page<SubmissionDocument>> staff_submissions(Call&);
Answered<MembershipDocument> staff_membership(Call&);

Answered<Response> health_live(Call&, const Json*);
Answered<Response> health_ready(Call&, const Json*);
Answered<Response> metrics(Call&, const Json*);
Answered<Response> openapi(Call&, const Json*);
Answered<Response> problems(Call&, const Json*);
Answered<Response> problem_page(Call&, const Json*);

Answered<ClockDocument> sandbox_clock(Call&);
Answered<Response> advance_sandbox_clock(Call&, const Json*);
Answered<Page<SandboxMailDocument>> sandbox_mails(Call&);
Answered<Response> sandbox_mail(Call&, const Json*);
Answered<Page<SandboxLetterDocument>> sandbox_letters(Call&);
Answered<Response> sandbox_letter(Call&, const Json*);
Answered<Page<SandboxStaffDocument>> sandbox_staff(Call&);

}  // namespace ttp::http

namespace ttp::events {
// clang-format off
template <> inline constexpr auto shape<http::SignInDocument> = fields<http::SignInDocument>(
    field("id", &http::SignInDocument::id), field("stage", &http::SignInDocument::stage),
    field("token", &http::SignInDocument::token), field("code_expires_at", &http::SignInDocument::code_expires_at),
    field("code_tries_left", &http::SignInDocument::code_tries_left),
    field("request_word", &http::SignInDocument::request_word),
    field("mail_factor_terms", &http::SignInDocument::mail_factor_terms),
    field("portal_terms", &http::SignInDocument::portal_terms), field("actions", &http::SignInDocument::actions));
template <> inline constexpr auto shape<http::NewSessionDocument> = fields<http::NewSessionDocument>(
    field("position", &http::NewSessionDocument::position), field("id", &http::NewSessionDocument::id),
    field("token", &http::NewSessionDocument::token), field("expires_at", &http::NewSessionDocument::expires_at),
    field("idle_seconds", &http::NewSessionDocument::idle_seconds));
template <> inline constexpr auto shape<http::ClockDocument> = fields<http::ClockDocument>(
    field("now", &http::ClockDocument::now));
template <> inline constexpr auto shape<http::SandboxMailDocument> = fields<http::SandboxMailDocument>(
    field("key", &http::SandboxMailDocument::key), field("to", &http::SandboxMailDocument::to),
    field("subject", &http::SandboxMailDocument::subject), field("date", &http::SandboxMailDocument::date),
    field("text", &http::SandboxMailDocument::text));
template <> inline constexpr auto shape<http::SandboxLetterDocument> = fields<http::SandboxLetterDocument>(
    field("letter", &http::SandboxLetterDocument::letter), field("account", &http::SandboxLetterDocument::account),
    field("kind", &http::SandboxLetterDocument::kind), field("state", &http::SandboxLetterDocument::state),
    field("ordered_at", &http::SandboxLetterDocument::ordered_at),
    field("client_number", &http::SandboxLetterDocument::client_number),
    field("activation_code", &http::SandboxLetterDocument::activation_code));
template <> inline constexpr auto shape<http::SandboxStaffDocument> = fields<http::SandboxStaffDocument>(
    field("user", &http::SandboxStaffDocument::user), field("user_name", &http::SandboxStaffDocument::user_name),
    field("password", &http::SandboxStaffDocument::password), field("role", &http::SandboxStaffDocument::role),
    field("email", &http::SandboxStaffDocument::email));
// clang-format on
}  // namespace ttp::events
