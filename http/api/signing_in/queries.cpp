#include "http/api/signing_in/queries.hpp"

#include "domain/business_days.hpp"
#include "http/api/pages.hpp"
#include "http/api/staff/looks.hpp"
#include "http/api/staff/queries.hpp"
#include "http/gate/credentials.hpp"
#include "http/gate/replay.hpp"

namespace ttp::http {
namespace {

using namespace domain;

SignInDocument sign_in_document(const Call& call, SignInId id, const ToldOf& told) {
  SignInDocument document;
  document.id = id;
  document.token = call.service.secrets().sign_in_token(id);
  document.request_word = service::request_word(id);
  const Date today = local_date(told.now);
  document.mail_factor_terms = in_force(Terms::mail_factor, today).version;
  document.portal_terms = in_force(Terms::portal, today).version;
  if (!told.user || !told.user->state.sign_in || told.user->state.sign_in->id != id) return document;
  const SignIn& sign_in = *told.user->state.sign_in;
  document.stage = sign_in.stage;
  if (const auto& trouble = told.user->state.mail_trouble)
    document.mail_became_unreachable_at = trouble->since;
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

SignInDocument sign_in_document(const Call& call, SignInId id, const service::CommandResult& result) {
  return sign_in_document(call, id, told_of(call, result, call.service.queries().user_of_sign_in(id)));
}

template <class Asking>
Answered<Asking> read_request(const Json& body) {
  Asking asking;
  Faults faults;
  read_value(body, "", asking, faults);
  if (faults.empty()) return asking;
  return std::unexpected{*why_fields(std::move(faults))};
}

void add_device_cookie(Response& response, const std::string& token) {
  response.headers.emplace_back("Set-Cookie",
                                cookie_header(device_cookie, token, device_token_lifetime / seconds{1}));
}

/// An answer without a position: what others record must not show to strangers.
template <class Doc>
Response accepted(Call& call, const Doc& document) {
  call.position.reset();
  Response response = document_response(document);
  response.status = 202;
  return response;
}

}  // namespace

void FromRegistration::fill(RegisterCredential& command, const Call& call, const Json* body,
                            Faults& faults) const {
  const auto member = [&](std::string_view name, auto& value) {
    Json json;
    if (!body || body->at_key(name).get(json))
      return add_fault(faults, pointer_to("", name), Reason::missing);
    read_value(json, pointer_to("", name), value, faults);
  };
  MailboxProof& proof = command.mailbox.emplace();
  RegistrationToken token;
  member("registration_token", token);
  member("code", proof.code);
  if (token.empty()) return;
  const auto registration = call.service.secrets().open_registration_token(token.text());
  if (!registration) return add_fault(faults, "/registration_token", Reason::registration_not_found);
  command.user = registration->user;
  command.email = registration->email;
  command.language = registration->language;
  proof.expires_at = registration->expires_at();
}

void FromRegistration::describe(Route& route) const {
  route.body.push_back(
      {"registration_token", schema_of<RegistrationToken>(), true, example_of<RegistrationToken>()});
  route.body.push_back({"code", schema_of<RegistrationCode>(), true, example_of<RegistrationCode>()});
}

void FromDevice::fill(StartSignIn& command, const Call& call, const Json* body, Faults& faults) const {
  const service::Secrets& secrets = call.service.secrets();
  const PresentedDevice presented = read_device(*call.request.head, secrets);
  command.device = presented.device;
  command.session = presented.session;
  std::optional<DeviceToken> token;
  if (const auto given = member_of_body(body, "device_token", "/device_token", true, faults))
    read_value(*given, "/device_token", token, faults);
  // A token that is not of this service, or of a device that was forgotten, makes nobody known.
  if (token) command.device = secrets.open_device_token(token->text());
}

void FromDevice::describe(Route& route) const {
  route.body.push_back({"device_token", schema_of<DeviceToken>(), false, example_of<DeviceToken>()});
}

Answered<Response> begin_registration(Call& call, const Json* body) {
  const auto asking = read_request<RegistrationRequest>(*body);
  if (!asking) return std::unexpected{asking.error()};
  const auto begun = call.service.begin_registration(asking->email, asking->language, asked_by(call).network);
  if (!begun) return std::unexpected{begun.error()};
  return accepted(call, RegistrationDocument{call.service.secrets().registration_token(*begun),
                                             service::request_word(begun->user), begun->expires_at()});
}

Answered<Response> remind_of_user_name(Call& call, const Json* body) {
  const auto asking = read_request<UserNameReminderRequest>(*body);
  if (!asking) return std::unexpected{asking.error()};
  if (auto refusal = call.service.remind_of_user_name(asking->email, asked_by(call).network))
    return std::unexpected{*std::move(refusal)};
  return accepted(call, UserNameReminderDocument{call.now});
}

Response email_change_requested(Call&, const service::CommandResult& outcome) {
  EmailChangeDocument document{outcome.position.value_or(0), {}, {}};
  if (const auto code = parse_uuid(outcome.created)) {
    document.request_word = service::request_word(CodeId{*code});
    document.expires_at = service::time_of(*code) + email_change_lifetime;
  }
  return document_response(document);
}

Response password_changed(Call& call, const service::CommandResult& outcome) {
  PasswordChangeDocument document{outcome.position.value_or(0), {}, {}};
  const auto device = parse_uuid(outcome.created);
  if (!device) return document_response(document);
  document.device_id = DeviceId{*device};
  document.device_token = call.service.secrets().device_token(*document.device_id);
  Response response = document_response(document);
  add_device_cookie(response, *document.device_token);
  return response;
}

Response sign_in_started(Call& call, const service::CommandResult& outcome) {
  const SignInId id{parse_uuid(outcome.created).value_or(Uuid{})};
  const SignInDocument document = sign_in_document(call, id, outcome);
  Response response = document_response(document);
  response.headers.emplace_back("Location", "/v1/sign-in");
  response.headers.emplace_back("Set-Cookie",
                                cookie_header(sign_in_cookie, document.token, sign_in_lifetime / seconds{1}));
  return response;
}

Response sign_in_went_on(Call& call, const service::CommandResult& outcome) {
  return document_response(sign_in_document(call, call.sign_in, outcome));
}

Response session_opened(Call& call, const service::CommandResult& outcome) {
  const SessionId id{parse_uuid(outcome.created).value_or(Uuid{})};
  const ToldOf told = told_of(call, outcome, call.service.queries().user_of_session(id));
  NewSessionDocument document{outcome.position.value_or(0),
                              id,
                              call.service.secrets().session_token(id),
                              told.now + session_lifetime,
                              static_cast<std::uint32_t>(session_idle_lifetime / seconds{1}),
                              {},
                              {}};
  if (const Session* session = told.user ? told.user->state.session(id) : nullptr) {
    document.expires_at = session->expires_at;
    document.device_id = session->device;
  }
  if (document.device_id) document.device_token = call.service.secrets().device_token(*document.device_id);
  Response response = document_response(document);
  response.headers.emplace_back("Location", "/v1/sessions/" + to_text(id));
  response.headers.emplace_back("Set-Cookie",
                                cookie_header(session_cookie, document.token, session_lifetime / seconds{1}));
  response.headers.emplace_back("Set-Cookie", cookie_header(sign_in_cookie, "", 0));
  if (document.device_token) add_device_cookie(response, *document.device_token);
  return response;
}

Response session_closed(Call& call, const service::CommandResult& outcome) {
  Response response = document_response(CommandAnswer{outcome.position.value_or(0)});
  // The caller ended another session, perhaps on a lost telephone; this browser stays signed in.
  const bool is_own = !call.path.contains("session") || call.id<SessionId>("session") == call.session;
  if (!is_own) return response;
  response.headers.emplace_back("Set-Cookie", cookie_header(session_cookie, "", 0));
  response.headers.emplace_back("Set-Cookie", cookie_header(sign_in_cookie, "", 0));
  // Not "cookies": the device stays known, so that strangers cannot keep its owner out.
  response.headers.emplace_back("Clear-Site-Data", "\"cache\", \"storage\"");
  return response;
}

Answered<Response> partner_sign_in(Call&, const Json*) {
  return refused(Reason::sign_in_partner_unavailable);
}

Answered<SignInDocument> sign_in_under_way(Call& call) {
  return sign_in_document(call, call.sign_in, service::CommandResult{});
}

Answered<UserDocument> own_user(Call& call) {
  call.version = call.caller->version;
  return user_document(call.states(), call.user(), true);
}

Answered<UserDocument> some_user(Call& call) {
  const auto id = call.id<UserId>("user");
  if (id == call.user().id) return own_user(call);
  const auto& roles = call.user().staff_roles;
  const bool may_see = roles.contains(StaffRole::service_desk) || roles.contains(StaffRole::operator_);
  const auto found = may_see ? call.states().user(id) : service::Found<User>{};
  if (!found) return refused(Reason::user_not_found);
  if (auto refusal = look_refusal(call, Look::user, id)) return std::unexpected{*std::move(refusal)};
  call.version = found->version;
  return staff_user_document(call, found->state);
}

Answered<ListPage<EventDocument>> own_history(Call& call) {
  const service::Queries& queries = call.service.queries();
  const UserId id = call.user().id;
  return event_page(
      call, true, [&](auto from, std::size_t limit) { return queries.history(id, from, limit); },
      [&](auto before, std::size_t limit) { return queries.history_back(id, before, limit); });
}

std::vector<SessionDocument> open_sessions(const Call& call, const User& user) {
  std::vector<SessionDocument> documents;
  for (const Session& session : user.sessions) {
    if (!call.service.sessions().is_open(session, call.now)) continue;
    const Time used = call.service.sessions().last_used(session);
    documents.push_back({session.id, session.opened_at, session.opened_from, session.device, used,
                         used + session_idle_lifetime, session.expires_at, session.id == call.session});
  }
  return documents;
}

Answered<ListPage<SessionDocument>> own_sessions(Call& call) {
  return page_of(call, open_sessions(call, call.user()));
}

Answered<ListPage<DeviceDocument>> own_devices(Call& call) {
  std::vector<DeviceDocument> documents;
  const auto present = call.user().device_of(call.session);
  for (const Device& device : call.user().devices) {
    DeviceDocument& each = documents.emplace_back();
    each.id = device.id;
    each.remembered_at = device.known_since;
    each.last_signed_in_at = device.last_used_at;
    each.locked = device.failures.locked;
    each.current = present == device.id;
    add_action(each.actions, true, "forget_device", "DELETE", "/v1/devices/", to_text(device.id));
  }
  return page_of(call, std::move(documents));
}

Answered<SessionDocument> own_session_of_path(Call& call) {
  return one_of(call, "session", open_sessions(call, call.user()), Reason::session_not_found);
}

Response credential_registered(Call& call, const service::CommandResult& outcome) {
  CommandAnswer answer{outcome.position.value_or(0), outcome.created};
  std::string location = "/v1/users/" + outcome.created;
  const auto registered = UserId{parse_uuid(outcome.created).value_or(Uuid{})};
  const ToldOf told = told_of(call, outcome, registered);
  Response response =
      told.user ? json_response(with_answer(
                      answer, events::to_json(user_document(call.states(), told.user->state, false))))
                : document_response(answer);
  response.headers.emplace_back("Location", std::move(location));
  return response;
}

}  // namespace ttp::http
