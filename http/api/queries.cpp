#include "http/api/queries.hpp"

#include <algorithm>
#include <limits>

#include "domain/business_days.hpp"
#include "events/codec.hpp"
#include "http/api/openapi.hpp"
#include "http/api/pages.hpp"
#include "http/api/problem.hpp"
#include "http/app.hpp"

namespace ttp::http {
namespace {

using namespace domain;
using service::Queries;

constexpr std::string_view session_cookie = "__Host-ttp_session";
constexpr std::string_view sign_in_cookie = "__Host-ttp_sign_in";

// ---- whose account is it ----------------------------------------------------------------------------------

/// The account of the path, if the caller belongs to it and has access now.
Answered<service::Found<Account>> accessible_account(Call& call) {
  auto found = call.service.queries().account(call.id<AccountId>("account"));
  if (!found) return refused(Reason::account_not_found);
  const Facts facts = facts_about(call.service.states(), found->state, call.user());
  if (const auto reason = access_refusal(found->state, facts.caller, facts.owner)) return refused(*reason);
  return found;
}
/// The same, and the caller's role allows the action.
Answered<service::Found<Account>> permitted_account(Call& call, Action action) {
  using Found = service::Found<Account>;
  return chained(accessible_account(call), [&](const Found& found) -> Answered<Found> {
    const Facts facts = facts_about(call.service.states(), found->state, call.user());
    if (const auto reason = permission_refusal(found->state, action, facts)) return refused(*reason);
    return found;
  });
}
Answered<service::Found<Account>> any_account(Call& call) {
  auto found = call.service.queries().account(call.id<AccountId>("account"));
  if (!found) return refused(Reason::account_not_found);
  return found;
}

AccountDocument versioned_document(Call& call, const service::Found<Account>& account) {
  call.version = account->version;
  return account_document(call.service.states(), account->state, call.user());
}

// ---- signing in -------------------------------------------------------------------------------------------

SignInDocument sign_in_document(const Call& call, SignInId id) {
  SignInDocument document;
  document.id = id;
  document.token = call.service.secrets().sign_in_token(id);
  document.request_word = service::request_word(id);
  const Date today = local_date(call.now);
  document.mail_factor_terms = in_force(Terms::mail_factor, today).version;
  document.portal_terms = in_force(Terms::portal, today).version;
  const auto user = call.service.queries().user_of_sign_in(id);
  const auto known = user ? call.service.queries().user(*user) : service::Found<User>{};
  if (!known || !known->state.sign_in || known->state.sign_in->id != id) return document;
  const SignIn& sign_in = *known->state.sign_in;
  document.stage = sign_in.stage;
  if (sign_in.code) {
    document.code_expires_at = sign_in.code->expires_at;
    document.code_tries_left = one_time_code_tries - sign_in.code->tries;
  }
  switch (sign_in.stage) {
    case SignInStage::mail_factor_terms:
      document.actions.push_back({"accept_mail_factor_terms", "POST", "/v1/sign-in/mail-factor"});
      break;
    case SignInStage::one_time_code:
      document.actions.push_back({"enter_code", "POST", "/v1/sign-in/code"});
      document.actions.push_back({"request_new_code", "POST", "/v1/sign-in/codes"});
      break;
    case SignInStage::portal_terms:
      document.actions.push_back({"accept_portal_terms", "POST", "/v1/sessions"});
      break;
  }
  return document;
}

std::string cookie_header(std::string_view name, std::string_view value, long seconds) {
  std::string text{name};
  text += '=';
  text += value;
  return text + "; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age=" + std::to_string(seconds);
}

// ---- documents of tables ----------------------------------------------------------------------------------

QuestionDocument question_document(const Question& question) {
  QuestionDocument document{std::string{question.id},
                            question.area,
                            std::string{question.en},
                            std::string{question.fr},
                            question.type,
                            question.required,
                            {}};
  for (const auto& choice : question.choices)
    document.choices.push_back({std::string{choice.code}, std::string{choice.en}, std::string{choice.fr}});
  return document;
}

Page<QuestionDocument> question_page(const ProfileRef& ref) {
  Page<QuestionDocument> page;
  for (const Question* question : questions_of(ref)) page.items.push_back(question_document(*question));
  return page;
}

Answered<ProfileDocument> one_profile(Call& call, const ProfileRef& ref) {
  return chained(
      permitted_account(call, update_action(ref.kind)),
      [&](const service::Found<Account>& account) -> Answered<ProfileDocument> {
        const auto programme = call.service.queries().programme(account->state.id);
        for (const ProfileDocument& document : profile_documents(account->state, programme->state)) {
          if (document.kind != ref.kind || document.key != ref.key) continue;
          call.version = programme->version;
          return document;
        }
        return refused(Reason::profile_not_found);
      });
}

Page<SubmissionDocument> submission_page(Call& call, AccountId account) {
  const auto programme = call.service.queries().programme(account);
  call.version = programme->version;
  return {submission_documents(programme->state), std::nullopt};
}

MembershipDocument membership_of(Call& call, const Account& account) {
  const auto programme = call.service.queries().programme(account.id);
  call.version = programme->version;
  return membership_document(call.service.states(), account, programme->state, call.user());
}

Page<ProfileDocument> profile_page(Call& call, const Account& account) {
  const auto programme = call.service.queries().programme(account.id);
  call.version = programme->version;
  return {profile_documents(account, programme->state), std::nullopt};
}

const App& app_of(const Call& call) {
  return *static_cast<const App*>(call.handler);
}

}  // namespace

// ---- signing in -------------------------------------------------------------------------------------------

Response sign_in_started(Call& call, const service::Outcome& outcome) {
  const SignInId id{parse_uuid(outcome.created).value_or(Uuid{})};
  const SignInDocument document = sign_in_document(call, id);
  Response response = document_response(document);
  response.headers.emplace_back("Location", "/v1/sign-in");
  response.headers.emplace_back("Set-Cookie",
                                cookie_header(sign_in_cookie, document.token, sign_in_lifetime / seconds{1}));
  return response;
}

Response sign_in_went_on(Call& call, const service::Outcome&) {
  return document_response(sign_in_document(call, call.sign_in));
}

Response session_opened(Call& call, const service::Outcome& outcome) {
  const SessionId id{parse_uuid(outcome.created).value_or(Uuid{})};
  NewSessionDocument document{outcome.position.value_or(0), id, call.service.secrets().session_token(id),
                              call.now + session_lifetime,
                              static_cast<std::uint32_t>(session_idle_lifetime / seconds{1})};
  const auto user = call.service.queries().user_of_session(id);
  const auto known = user ? call.service.queries().user(*user) : service::Found<User>{};
  if (const Session* session = known ? known->state.session(id) : nullptr)
    document.expires_at = session->expires_at;
  Response response = document_response(document);
  response.headers.emplace_back("Location", "/v1/sessions/" + to_text(id));
  response.headers.emplace_back("Set-Cookie",
                                cookie_header(session_cookie, document.token, session_lifetime / seconds{1}));
  response.headers.emplace_back("Set-Cookie", cookie_header(sign_in_cookie, "", 0));
  return response;
}

Response session_closed(Call&, const service::Outcome& outcome) {
  Response response = document_response(CommandAnswer{outcome.position.value_or(0)});
  response.headers.emplace_back("Set-Cookie", cookie_header(session_cookie, "", 0));
  response.headers.emplace_back("Clear-Site-Data", "\"cache\", \"cookies\", \"storage\"");
  return response;
}

Answered<Response> partner_sign_in(Call&, const Json*) {
  return refused(Reason::sign_in_partner_unavailable);
}

Answered<SignInDocument> sign_in_under_way(Call& call) {
  return sign_in_document(call, call.sign_in);
}

void security_profile_of(SaveProfile& command, const Call& call) {
  const auto site = SiteName::parse(call.path.find("site")->second);
  command.profile = {ProfileKind::security, site ? site->text() : std::string{}};
}

// ---- users ------------------------------------------------------------------------------------------------

Answered<UserDocument> own_user(Call& call) {
  call.version = call.caller->version;
  return user_document(call.service.states(), call.user(), true);
}

Answered<UserDocument> some_user(Call& call) {
  const auto id = call.id<UserId>("user");
  if (id == call.user().id) return own_user(call);
  const auto& roles = call.user().staff_roles;
  const bool may_see = roles.contains(StaffRole::service_desk) || roles.contains(StaffRole::operator_);
  const auto found = may_see ? call.service.queries().user(id) : service::Found<User>{};
  if (!found) return refused(Reason::user_not_found);
  call.version = found->version;
  return user_document(call.service.states(), found->state, false);
}

Answered<Page<EventDocument>> own_history(Call& call) {
  return event_page(call, true, [&](storage::Position from, std::size_t limit) {
    return call.service.queries().history(call.user().id, from, limit);
  });
}

Answered<Page<SessionDocument>> own_sessions(Call& call) {
  Page<SessionDocument> page;
  for (const Session& session : call.user().sessions) {
    if (!call.service.sessions().is_open(session, call.now)) continue;
    const Time used = call.service.sessions().last_used(session);
    page.items.push_back({session.id, session.opened_at, used, used + session_idle_lifetime,
                          session.expires_at, session.id == call.session});
  }
  return page;
}

Answered<TermsDocument> terms_in_force(Call& call) {
  const auto terms = parse_enum<Terms>(call.path.find("terms")->second);
  if (!terms) return refused(Reason::route_not_found);
  const TermsText& text = in_force(*terms, local_date(call.now));
  return TermsDocument{*terms,
                       text.version,
                       std::string{text.en_title},
                       std::string{text.fr_title},
                       std::string{text.en},
                       std::string{text.fr}};
}

// ---- accounts ---------------------------------------------------------------------------------------------

Answered<Page<EligibilityQuestionDocument>> eligibility_questions(Call&) {
  Page<EligibilityQuestionDocument> page;
  for (const RuleText& row : eligibility_rules())
    page.items.push_back({std::string{to_text(row.rule)}, std::string{row.member},
                          std::string{row.question.en}, std::string{row.question.fr},
                          std::string{row.qualifies.en}, std::string{row.qualifies.fr}});
  return page;
}

Answered<Page<AccountSummary>> own_accounts(Call& call) {
  return Page<AccountSummary>{user_document(call.service.states(), call.user(), true).accounts, std::nullopt};
}

Answered<AccountDocument> one_account(Call& call) {
  return mapped(accessible_account(call),
                [&](const auto& account) { return versioned_document(call, account); });
}

Uuid account_asked_for(const Call& call) {
  return call.id<AccountId>("account").uuid;
}

std::optional<Time> account_deadline(Call& call) {
  const Queries& queries = call.service.queries();
  const auto account = queries.account(call.id<AccountId>("account"));
  // What is open depends on the owner, too.
  const auto owner = account ? queries.user(account->state.owner()) : service::Found<User>{};
  if (!owner) return call.now;
  const auto programme = queries.programme(account->state.id);
  std::optional<Time> first;
  for (const auto& each : {next_deadline(account->state), next_deadline(owner->state),
                           next_deadline(programme->state), next_deadline(call.user())})
    if (each && (!first || *each < *first)) first = each;
  return first;
}

Answered<Page<RawJson>> account_notifications(Call& call) {
  return chained(permitted_account(call, Action::view_membership), [&](const auto& account) {
    return row_page(call, [&](const std::string& before, std::size_t limit) {
      return call.service.queries().notifications(account->state.id, before, limit);
    });
  });
}

Answered<Page<EventDocument>> account_history(Call& call) {
  return chained(accessible_account(call), [&](const auto& account) {
    return event_page(call, false, [&](storage::Position from, std::size_t limit) {
      return call.service.queries().history(account->state.id, from, limit);
    });
  });
}

Answered<Page<MemberDocument>> account_members(Call& call) {
  return mapped(permitted_account(call, Action::view_users), [&](const auto& account) {
    call.version = account->version;
    return Page<MemberDocument>{member_documents(call.service.states(), account->state, call.user()),
                                std::nullopt};
  });
}

// ---- profiles and membership ------------------------------------------------------------------------------

Answered<Page<QuestionDocument>> profile_questions(Call& call) {
  const auto kind = parse_enum<ProfileKind>(call.path.find("kind")->second);
  if (!kind || *kind == ProfileKind::application) return refused(Reason::route_not_found);
  return question_page({*kind, ""});
}

Answered<Page<QuestionDocument>> application_profile_questions(Call& call) {
  const std::string& line = call.path.find("line")->second;
  if (!parse_enum<LineOfBusiness>(line)) return refused(Reason::route_not_found);
  return question_page({ProfileKind::application, line});
}

Answered<Page<ProfileDocument>> account_profiles(Call& call) {
  return mapped(permitted_account(call, Action::update_company_profile), [&](const auto& account) {
    Page<ProfileDocument> page = profile_page(call, account->state);
    const Facts facts = facts_about(call.service.states(), account->state, call.user());
    std::erase_if(page.items, [&](const ProfileDocument& document) {
      return permission_refusal(account->state, update_action(document.kind), facts).has_value();
    });
    return page;
  });
}

Answered<ProfileDocument> company_profile(Call& call) {
  return one_profile(call, {ProfileKind::company, ""});
}
Answered<ProfileDocument> application_profile(Call& call) {
  return one_profile(call, {ProfileKind::application, call.path.find("line")->second});
}
Answered<ProfileDocument> security_profile(Call& call) {
  return one_profile(call, {ProfileKind::security, call.path.find("site")->second});
}

Answered<Page<SubmissionDocument>> account_submissions(Call& call) {
  return mapped(permitted_account(call, Action::view_membership),
                [&](const auto& account) { return submission_page(call, account->state.id); });
}

Answered<MembershipDocument> account_membership(Call& call) {
  return mapped(permitted_account(call, Action::view_membership),
                [&](const auto& account) { return membership_of(call, account->state); });
}

// ---- staff ------------------------------------------------------------------------------------------------

Answered<Page<RawJson>> staff_work(Call& call) {
  return row_page(call, [&](const std::string& after, std::size_t limit) {
    std::vector<service::ListedRow> rows;
    for (const StaffRole role : call.user().staff_roles)
      std::ranges::move(call.service.queries().work(role, call.query_text("kind"), after, limit),
                        std::back_inserter(rows));
    std::ranges::sort(rows, {}, &service::ListedRow::key);
    if (rows.size() > limit) rows.resize(limit);
    return rows;
  });
}

Answered<Page<UserDocument>> find_user(Call& call) {
  const Queries& queries = call.service.queries();
  std::optional<UserId> id;
  if (const auto urn = Urn::parse(call.query_text("urn"))) id = queries.user_by_urn(*urn);
  if (const auto name = UserName::parse(call.query_text("user_name")); !id && name)
    id = queries.user_by_user_name(*name);
  if (const auto email = EmailAddress::parse(call.query_text("email")); !id && email)
    id = queries.user_by_email(*email);
  Page<UserDocument> page;
  if (const auto found = id ? queries.user(*id) : service::Found<User>{})
    page.items.push_back(user_document(call.service.states(), found->state, false));
  return page;
}

Answered<Page<AccountDocument>> find_account(Call& call) {
  const Queries& queries = call.service.queries();
  std::optional<AccountId> id;
  if (const auto number = BusinessNumber::parse(call.query_text("business_number")))
    id = queries.account_by_business_number(*number);
  if (const auto number = ClientNumber::parse(call.query_text("client_number")); !id && number)
    id = queries.account_by_client_number(*number);
  Page<AccountDocument> page;
  if (const auto found = id ? queries.account(*id) : service::Found<Account>{})
    page.items.push_back(account_document(call.service.states(), found->state, call.user()));
  return page;
}

Answered<LetterDocument> one_letter(Call& call) {
  const auto letter_id = call.id<LetterId>("letter");
  const auto id = call.service.queries().account_of_letter(letter_id);
  const auto account = id ? call.service.queries().account(*id) : service::Found<Account>{};
  const Letter* letter = account ? account->state.letter(letter_id) : nullptr;
  if (!letter) return refused(Reason::letter_not_found);
  return LetterDocument{letter->id,     letter->kind,    letter->state,     letter->ordered_at,
                        letter->due_at, letter->overdue, letter->posted_at, letter->registered_mail_number};
}

Answered<Response> letter_document(Call& call, const Json*) {
  const auto letter_id = call.id<LetterId>("letter");
  const auto id = call.service.queries().account_of_letter(letter_id);
  if (!id) return refused(Reason::letter_not_found);
  auto pdf = call.service.delivery().letter_pdf(*id, letter_id);
  if (!pdf) return refused(pdf.error());
  return Response{200, {{"Content-Type", "application/pdf"}}, *std::move(pdf), false};
}

Answered<AccountDocument> staff_account(Call& call) {
  return mapped(any_account(call), [&](const auto& account) { return versioned_document(call, account); });
}
Answered<Page<ProfileDocument>> staff_profiles(Call& call) {
  return mapped(any_account(call), [&](const auto& account) { return profile_page(call, account->state); });
}
Answered<Page<SubmissionDocument>> staff_submissions(Call& call) {
  return mapped(any_account(call),
                [&](const auto& account) { return submission_page(call, account->state.id); });
}
Answered<MembershipDocument> staff_membership(Call& call) {
  return mapped(any_account(call), [&](const auto& account) { return membership_of(call, account->state); });
}

// ---- operation --------------------------------------------------------------------------------------------

Answered<Response> health_live(Call&, const Json*) {
  return json_response(R"({"status":"live"})");
}

Answered<Response> health_ready(Call& call, const Json*) {
  const auto reasons = app_of(call).not_ready();
  std::string json;
  ObjectWriter object(json);
  object.member("status", reasons.empty() ? "ready" : "not_ready").member("reasons", reasons);
  object.member("position", call.service.queries().position());
  object.key("projections");
  json += '[';
  bool first = true;
  for (const auto& status : call.service.runner().status()) {
    if (!first) json += ',';
    first = false;
    ObjectWriter row(json);
    row.member("name", status.name).member("next_position", status.next).member("fault", status.fault);
    row.end();
  }
  json += ']';
  object.end();
  Response response = json_response(std::move(json));
  if (!reasons.empty()) response.status = 503;
  return response;
}

Answered<Response> metrics(Call& call, const Json*) {
  return Response{200,
                  {{"Content-Type", "application/openmetrics-text; version=1.0.0; charset=utf-8"}},
                  app_of(call).metrics_text(),
                  false};
}

Answered<Response> openapi(Call& call, const Json*) {
  return json_response(openapi_document(call.service.config().sandbox));
}
Answered<Response> problems(Call& call, const Json*) {
  return json_response(problem_catalogue_json(call.language));
}
Answered<Response> problem_page(Call& call, const Json*) {
  auto entry = problem_catalogue_entry(call.path.find("code")->second);
  if (!entry) return refused(Reason::route_not_found);
  return json_response(*std::move(entry));
}

// ---- sandbox mode -----------------------------------------------------------------------------------------

Answered<ClockDocument> sandbox_clock(Call& call) {
  return ClockDocument{call.service.now()};
}

Answered<Response> advance_sandbox_clock(Call& call, const Json* body) {
  constexpr std::int64_t century_seconds = 3'153'600'000;
  std::int64_t by = 0;
  if (!body || body->at_key("advance_seconds").get(by))
    return std::unexpected{why_field(Reason::wrong_type, "/advance_seconds", {"integer"})};
  if (by < 1 || by > century_seconds)
    return std::unexpected{why_field(Reason::out_of_range, "/advance_seconds")};
  return document_response(ClockDocument{call.service.advance_clock(seconds{by})});
}

Answered<Page<SandboxMailDocument>> sandbox_mails(Call& call) {
  const auto limit = page_limit(call);
  if (!limit) return std::unexpected{limit.error()};
  const std::string wanted = fold(call.query_text("to"));
  Page<SandboxMailDocument> page;
  auto entries = call.service.mails().list("", std::numeric_limits<std::size_t>::max());
  std::ranges::reverse(entries);
  for (auto& entry : entries) {
    if (page.items.size() == *limit) break;
    if (!wanted.empty() && fold(entry.to) != wanted) continue;
    const auto eml = call.service.mails().read(entry.key);
    const auto mail = eml ? delivery::parse_eml(*eml) : std::nullopt;
    page.items.push_back({std::move(entry.key), std::move(entry.to), std::move(entry.subject), entry.date,
                          mail ? std::optional{mail->text} : std::nullopt});
  }
  return page;
}

Answered<Response> sandbox_mail(Call& call, const Json*) {
  auto eml = call.service.mails().read(call.path.find("key")->second);
  if (!eml) return refused(Reason::route_not_found);
  return Response{200, {{"Content-Type", "message/rfc822"}}, *std::move(eml), false};
}

Answered<Page<SandboxLetterDocument>> sandbox_letters(Call& call) {
  Page<SandboxLetterDocument> page;
  for (const LetterId letter :
       call.service.letters().list(std::nullopt, std::numeric_limits<std::size_t>::max())) {
    const auto account = call.service.queries().account_of_letter(letter);
    const auto snapshot = account ? call.service.queries().account(*account) : service::Found<Account>{};
    const Letter* known = snapshot ? snapshot->state.letter(letter) : nullptr;
    if (!known) continue;
    page.items.push_back({letter, *account, known->kind, known->state, known->ordered_at,
                          snapshot->state.client_number, std::nullopt});
    // What a person would read on the paper.
    if (known->code) page.items.back().activation_code = call.service.secrets().activation_code(*known->code);
  }
  return page;
}

Answered<Response> sandbox_letter(Call& call, const Json*) {
  auto pdf = call.service.letters().read(call.id<LetterId>("letter"));
  if (!pdf) return refused(Reason::letter_not_found);
  return Response{200, {{"Content-Type", "application/pdf"}}, *std::move(pdf), false};
}

Answered<Page<SandboxStaffDocument>> sandbox_staff(Call& call) {
  Page<SandboxStaffDocument> page;
  for (auto& each : call.service.sandbox_staff())
    page.items.push_back({each.user, each.user_name, std::move(each.password), each.role,
                          each.user_name.text() + "@staff.ttp.invalid"});
  return page;
}

}  // namespace ttp::http
