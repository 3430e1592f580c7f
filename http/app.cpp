#include "http/app.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include "http/api/language.hpp"
#include "http/api/pages.hpp"
#include "http/api/problem.hpp"
#include "http/api/queries.hpp"
#include "http/wire/uri.hpp"
#include "os/threads.hpp"

namespace ttp::http {
namespace {

using domain::Reason;
using domain::Refusal;

constexpr std::chrono::seconds limit_window{300};
constexpr std::size_t own_lines_bytes = 160;  // more than most answers have
constexpr std::size_t limited_callers_max = 100'000;
constexpr std::chrono::seconds position_wait{2};
constexpr std::size_t idempotency_key_max = 255;

constexpr std::string_view session_cookie = "__Host-ttp_session";
constexpr std::string_view sign_in_cookie = "__Host-ttp_sign_in";

/// In a sandbox one person plays everybody, from one address and in a hurry.
unsigned sandbox_factor(const service::Config& config) {
  return config.sandbox ? 100 : 1;
}

std::optional<std::string_view> cookie(const Head& head, std::string_view name) {
  const auto header = head.header("cookie");
  if (!header) return std::nullopt;
  for (std::string_view part : split(*header, ';')) {
    while (part.starts_with(' ')) part.remove_prefix(1);
    if (part.starts_with(name) && part.substr(name.size()).starts_with('='))
      return part.substr(name.size() + 1);
  }
  return std::nullopt;
}

std::optional<std::string_view> bearer(const Head& head) {
  const auto header = head.header("authorization");
  constexpr std::string_view scheme = "bearer ";
  if (!header || header->size() <= scheme.size()) return std::nullopt;
  for (std::size_t i = 0; i < scheme.size(); ++i) {
    const char c = (*header)[i];
    if ((c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c) != scheme[i]) return std::nullopt;
  }
  return header->substr(scheme.size());
}

bool is_safe(std::string_view method) {
  return method == "GET" || method == "HEAD" || method == "OPTIONS";
}

std::string trimmed_lower(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  std::string out{text};
  std::ranges::transform(out, out.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? char(c + 32) : c; });
  return out;
}

/// JSON is UTF-8; a charset parameter that says otherwise, or twice, is not ours to guess about.
bool is_json(std::string_view content_type) {
  const auto parts = split(content_type, ';');
  const std::string type = trimmed_lower(parts.front());
  if (type != "application/json" && type != "application/merge-patch+json") return false;
  return std::ranges::all_of(parts.begin() + 1, parts.end(), [](std::string_view part) {
    const std::string parameter = trimmed_lower(part);
    return !parameter.starts_with("charset=") || parameter == "charset=utf-8" ||
           parameter == "charset=\"utf-8\"";
  });
}

/// No coding of the content is undone here, so a body that names one can not be read.
bool is_plain_json(const Request& request) {
  return !request.has_repeated("content-type") && is_json(request.header("content-type").value_or("")) &&
         trimmed_lower(request.header("content-encoding").value_or("identity")) == "identity";
}

/// The entity tag of an answer: the version of the one thing that it shows, for If-Match, and a hash of its
/// bytes, for If-None-Match: what a caller sees of a version also depends on the caller and on the time.
std::string entity_tag(std::optional<std::uint64_t> version, std::string_view body) {
  const auto hash = events::sha256(body);
  std::string tag = "\"" + (version ? std::to_string(*version) + "-" : "");
  for (std::size_t i = 0; i < 8; ++i) {
    const auto byte = static_cast<unsigned>(hash[i]);
    tag += "0123456789abcdef"[byte / 16];
    tag += "0123456789abcdef"[byte % 16];
  }
  return tag + '"';
}

/// Whether the client has this answer already (RFC 9110: compared weakly).
bool has_it_already(const Request& request, std::string_view tag) {
  const auto header = request.header("if-none-match");
  if (!header) return false;
  return std::ranges::any_of(split(*header, ','), [&](std::string_view each) {
    while (each.starts_with(' ')) each.remove_prefix(1);
    while (each.ends_with(' ')) each.remove_suffix(1);
    if (each.starts_with("W/")) each.remove_prefix(2);
    return each == "*" || each == tag;
  });
}

Response tagged(const Request& request, Response response, std::string tag) {
  if (has_it_already(request, tag)) response = {304};
  response.headers.emplace_back("ETag", std::move(tag));
  return response;
}

/// The version that If-Match names: one strong entity tag that begins with its digits. Anything else names no
/// version there ever was.
std::optional<std::uint64_t> if_match(const Request& request, bool& malformed) {
  const auto header = request.header("if-match");
  if (!header || *header == "*") return std::nullopt;
  if (header->size() > 2 && header->starts_with('"') && header->ends_with('"')) {
    const std::string_view tag = header->substr(1, header->size() - 2);
    const auto dash = tag.find('-');
    const bool has_hash = dash != std::string_view::npos;
    if (const auto version = parse_number(tag.substr(0, dash));
        version && (!has_hash || dash + 17 == tag.size()))
      return version;
  }
  malformed = true;
  return std::nullopt;
}

/// Whether the client waits for its own write to be seen, and from where on.
std::optional<std::string_view> asked_position(const Head& head, const Parameters& query) {
  if (const auto header = head.header("x-min-position")) return header;
  const auto found = query.find("min_position");
  return found == query.end() ? std::nullopt : std::optional<std::string_view>{found->second};
}

bool is_probe(const Route& route) {
  return route.path.starts_with("/health") || route.path == "/metrics";
}

void add_number(std::string& line, std::string_view before, std::uint64_t number) {
  std::array<char, 20> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
  line.append(before).append(digits.data(), end);
}

domain::Uuid request_uuid(const Request& request) {
  if (const auto uuid = domain::parse_uuid(request.request_id)) return *uuid;
  // A client's own form of request id is kept in the logs; the envelope holds sixteen bytes of its hash.
  const auto hash = events::sha256(request.request_id);
  domain::Uuid uuid;
  std::copy_n(hash.begin(), uuid.bytes.size(), uuid.bytes.begin());
  return uuid;
}

}  // namespace

service::Asked asked_by(const Call& call) {
  service::Asked asked;
  if (call.caller) asked.by = call.user().id;
  if (call.sign_in != domain::SignInId{})
    asked.by = call.service.queries().user_of_sign_in(call.sign_in).value_or(domain::UserId{});
  if (asked.by != domain::UserId{}) asked.kind = events::ActorKind::user;
  asked.session = call.session;
  asked.request = request_uuid(call.request);
  asked.origin_address = call.request.head->peer_address;
  return asked;
}

/// An answer that is given again, word for word, while it is good and its caller is let in as before.
struct LastAnswer {
  storage::Reads reads;  ///< to let the caller in, and all that it was made from
  domain::Time made_at{};
  domain::Time good_until{};  ///< which is not after the session's end
  domain::UserId caller{};
  std::shared_ptr<const Prepared> prepared;
  std::shared_ptr<const KeptAnswer> kept;

  LastAnswer(storage::Reads to_let_in, const domain::Session& session, domain::UserId user,
             std::shared_ptr<const KeptAnswer> answer)
      : reads(std::move(to_let_in)),
        made_at(answer->made_at),
        good_until(std::min(answer->good_until, session.expires_at)),
        caller(user),
        prepared(answer->prepared),
        kept(std::move(answer)) {
    reads.add(kept->reads);
  }

  bool is_good(const storage::RowChanges& changes, domain::Time now) {
    return made_at <= now && now < good_until && changes.renew(reads);
  }
};

Response answer_with(std::shared_ptr<const Prepared> prepared) {
  Response response;
  response.prepared = std::move(prepared);
  return response;
}

/// A kept answer, to who may have it already.
Response repeated(const Request& request, const KeptAnswer& kept) {
  if (has_it_already(request, kept.entity_tag)) return {304, {{"ETag", kept.entity_tag}}};
  return answer_with(kept.prepared);
}

/// Who a session is of, while what told it stands.
struct LastCaller {
  storage::Reads reads;
  service::Found<domain::User> user;
};

/// What a head says to this application, but for what the views say to it.
struct App::HeadReading : Reading {
  // A query that is answered as before looks at the first five alone, which so lie close together.
  domain::Language language{};
  bool asks_position = false;                     ///< waits until the views have one
  bool is_conditional = false;                    ///< wants an answer only if it is another than it has
  mutable std::optional<LastAnswer> last_answer;  ///< for answer_at_once alone
  Matched matched;                                ///< by the two that follow
  std::string method, path;
  Parameters query;
  std::optional<Refusal> query_fault;
  std::optional<Refusal> credential_fault;
  bool by_cookie = false;
  domain::SessionId session{};
  std::string session_token{};  ///< of that session; empty where none was opened
  domain::SignInId sign_in{};
  mutable std::optional<LastCaller> last_caller;  ///< for caller_of alone
};

App::App(service::Service& service, const service::Config& config)
    : service_(service),
      config_(config),
      router_(routes(), config.sandbox),
      per_address_("address", {config.rate_limit_per_address * sandbox_factor(config), limit_window}),
      per_user_("user", {config.rate_limit_per_user * sandbox_factor(config), limit_window}),
      kept_(service.queries().changes()),
      waiter_([this] { wait_for_positions(); }) {}

App::~App() {
  {
    const std::scoped_lock lock(waiting_mutex_);
    stopping_ = true;
  }
  waiting_wake_.notify_all();
  waiter_.join();
}

Response App::problem_for(const Refusal& refusal, const Request& request, std::optional<int> status) {
  {
    const std::scoped_lock lock(counts_mutex_);
    ++refusals_[std::string{domain::to_text(refusal.reason)}];
  }
  const auto language = negotiate(request.header("accept-language"));
  Response response =
      problem(refusal, language, request.request_id, request.head->path, service_.now(), status);
  if (response.status == 401) {
    // RFC 6750: the error is named only to who did present a token.
    const bool presented = refusal.reason == Reason::session_expired;
    response.headers.emplace_back("WWW-Authenticate",
                                  presented ? R"(Bearer error="invalid_token")" : "Bearer");
  }
  return response;
}

Response App::refuse(const Refusal& refusal, int status, const Request& request) {
  count(nullptr, status);
  return problem_for(refusal, request, status);
}

void App::count(const Route* route, int status) {
  const std::scoped_lock lock(counts_mutex_);
  ++answers_[{route, status}];
}

App::Limited::Limited(std::string_view who, RateLimit limit)
    : limiter(limit, limited_callers_max),
      policy(fmt::format("\"{}\"", who)),
      policy_line(
          fmt::format("RateLimit-Policy: {};q={};w={}\r\n", policy, limit.limit, limit.window.count())) {}

/// The draft's fields on every answer, so that a client can slow down before it must.
void App::Limited::add_lines(std::string& lines, const RateVerdict& verdict) const {
  lines.append(policy_line).append("RateLimit: ").append(policy);
  add_number(lines, ";r=", verdict.remaining);
  add_number(lines, ";t=", static_cast<std::uint64_t>(verdict.reset.count()));
  lines.append("\r\n");
}

Response App::finish(const Call& call, const Route& route, Response response) {
  response.own_lines.reserve(own_lines_bytes);
  if (call.position && *call.position > 0) {
    add_number(response.own_lines, "X-Position: ", *call.position - 1);
    response.own_lines.append("\r\n");
  }
  if (call.limit) (call.limit_is_users ? per_user_ : per_address_).add_lines(response.own_lines, *call.limit);
  const auto time = std::chrono::steady_clock::now() - call.request.received;
  const std::scoped_lock lock(counts_mutex_);
  ++answers_[{&route, response.status}];
  (route.is_command ? command_seconds_ : query_seconds_).add(time);
  return response;
}

// ---- finding out who asks ---------------------------------------------------------------------------------

/// A browser's own word on where a write comes from; where it says nothing, the origin must be this host.
std::optional<Refusal> App::cross_site_refusal(const Head& head) const {
  if (const auto site = head.header("sec-fetch-site"))
    return *site == "same-origin" || *site == "none" ? std::nullopt
                                                     : std::optional{domain::why(Reason::cross_site_write)};
  const auto origin = head.header("origin");
  if (!origin) return std::nullopt;
  const auto host = head.header("host").value_or("");
  const auto scheme_end = origin->find("://");
  // Behind TLS a page that came without it may be anybody's, even where it bears this host's name.
  const bool same = scheme_end != std::string_view::npos && origin->substr(scheme_end + 3) == host &&
                    (!config_.behind_tls || origin->substr(0, scheme_end) == "https");
  return same ? std::nullopt : std::optional{domain::why(Reason::cross_site_write)};
}

std::optional<Refusal> App::read_credential(HeadReading& reading, const Head& head,
                                            const HeadReading* previous) const {
  const Who who = reading.matched.route->access.who;
  const auto token = bearer(head);
  const auto crumb = cookie(head, who == Who::signing_in ? sign_in_cookie : session_cookie);
  if ((token && crumb) || head.has_repeated("authorization")) return domain::why(Reason::two_credentials);
  reading.by_cookie = crumb.has_value();
  const bool from_browser = head.header("cookie") || head.header("origin") || head.header("sec-fetch-site");
  if (from_browser && !is_safe(head.method))
    if (auto refusal = cross_site_refusal(head)) return refusal;
  if (who == Who::anyone) return std::nullopt;

  const std::string_view presented = token ? *token : crumb.value_or("");
  if (who == Who::signing_in) {
    const auto sign_in = service_.secrets().open_sign_in_token(presented);
    if (!sign_in) return domain::why(Reason::sign_in_not_found);
    reading.sign_in = *sign_in;
    return std::nullopt;
  }
  const bool known = previous && !previous->session_token.empty() &&
                     events::equal_in_constant_time(previous->session_token, presented);
  const auto session =
      known ? std::optional{previous->session} : service_.secrets().open_session_token(presented);
  if (!session) return domain::why(Reason::not_signed_in);
  reading.session = *session;
  reading.session_token = presented;
  return std::nullopt;
}

service::Found<domain::User> App::caller_of(const HeadReading& reading) const {
  const service::Queries& queries = service_.queries();
  auto& last = reading.last_caller;
  if (last && queries.changes().renew(last->reads)) {
    storage::Noting::again(queries.changes(), last->reads);
    return last->user;
  }
  last.reset();
  const auto noting = queries.note_reads();
  const auto user = queries.user_of_session(reading.session);
  auto found = user ? queries.user(*user) : service::Found<domain::User>{};
  if (found) last.emplace(noting.reads(), found);
  return found;
}

std::optional<Refusal> App::authenticate(Call& call, const HeadReading& reading) const {
  const Route& route = *reading.matched.route;
  call.by_cookie = reading.by_cookie;
  if (reading.credential_fault) return reading.credential_fault;
  if (route.access.who == Who::anyone) return std::nullopt;
  if (route.access.who == Who::signing_in) {
    if (!service_.queries().user_of_sign_in(reading.sign_in)) return domain::why(Reason::sign_in_not_found);
    call.sign_in = reading.sign_in;
    return std::nullopt;
  }
  call.caller = caller_of(reading);
  const domain::Session* open = call.caller ? call.caller->state.session(reading.session) : nullptr;
  if (!open || call.now >= open->expires_at || !service_.sessions().use(*open, call.now))
    return domain::why(Reason::session_expired);
  call.session = reading.session;
  if (call.user().locked) return domain::why(Reason::credential_locked);
  if (call.user().urn_expired_at(call.now)) return domain::why(Reason::urn_expired);
  if (route.access.who == Who::staff) {
    const auto& held = call.user().staff_roles;
    const bool has_one =
        std::ranges::any_of(route.access.roles, [&](auto role) { return held.contains(role); });
    if (!has_one) return domain::why(Reason::staff_role_required);
  }
  return std::nullopt;
}

// ---- serving ----------------------------------------------------------------------------------------------

std::shared_ptr<const Reading> App::read(const Head& head, const Reading* previous) {
  auto reading = std::make_shared<HeadReading>();
  const auto* before = static_cast<const HeadReading*>(previous);
  const bool same_route = before && before->method == head.method && before->path == head.path;
  reading->method = head.method;
  reading->path = head.path;
  reading->matched = same_route ? before->matched : router_.match(head.method, head.path);
  reading->language = negotiate(head.header("accept-language"));
  reading->is_conditional = head.header("if-none-match").has_value();
  if (reading->matched.route) {
    reading->query_fault = read_query(*reading, head);
    reading->asks_position = asked_position(head, reading->query).has_value();
    reading->credential_fault = read_credential(*reading, head, before);
  }
  return reading;
}

std::optional<Refusal> App::read_query(HeadReading& reading, const Head& head) {
  const auto fault = [](Reason reason, std::string name) {
    return Refusal{reason, {{"", reason, {std::move(name)}}}, {}, {}};
  };
  for (const std::string_view pair :
       head.query.empty() ? std::vector<std::string_view>{} : split(head.query, '&')) {
    const auto equals = pair.find('=');
    const auto name = percent_decoded(pair.substr(0, equals), true);
    const auto value = percent_decoded(
        equals == std::string_view::npos ? std::string_view{} : pair.substr(equals + 1), true);
    if (name && !value) return fault(Reason::malformed, *name);
    const auto& parameters = reading.matched.route->parameters;
    const bool known =
        name && (*name == "min_position" || std::ranges::any_of(parameters, [&](const Parameter& parameter) {
          return parameter.in == "query" && parameter.name == *name;
        }));
    if (!known) return fault(Reason::unknown_member, name.value_or(""));
    if (!reading.query.emplace(*name, *value).second) return fault(Reason::duplicate_member, *name);
  }
  return std::nullopt;
}

template <class Work>
std::optional<Refusal> App::with_body(const Call& call, const Route& route, const Work& work) {
  const Request& request = call.request;
  try {
    simdjson::dom::parser parser;
    Json root;
    const bool has_body = !route.body.empty() || !request.body.empty();
    if (has_body) {
      if (!is_plain_json(request)) return domain::why(Reason::unsupported_media_type);
      if (auto refusal = parse_json(parser, request.body, root)) return refusal;
    }
    return work(has_body ? &root : nullptr);
  } catch (const std::exception& fault) {
    // The text may tell of paths and keys: it is for the log, not for the client.
    spdlog::error("request {} on {}: {}", request.request_id, route_name(route), fault.what());
    return domain::why(Reason::internal_fault);
  }
}

const App::HeadReading& App::reading_of(const Request& request) {
  return static_cast<const HeadReading&>(*request.reading);
}

Call App::call_of(const Request& request) {
  const HeadReading& reading = reading_of(request);
  Call call{request, service_, reading.language, service_.now(), reading.matched.path, reading.query, {}};
  call.handler = this;
  return call;
}

Response App::answer_without_route(const Request& request) {
  const std::string& allow = reading_of(request).matched.allow;
  Response response;
  if (request.head->method == "OPTIONS" && !allow.empty())
    response.status = 204;
  else
    response = problem_for(domain::why(allow.empty() ? Reason::route_not_found : Reason::method_not_allowed),
                           request);
  if (!allow.empty()) response.headers.emplace_back("Allow", allow + ", OPTIONS");
  count(nullptr, response.status);
  return response;
}

std::optional<Response> App::admit(Call& call) {
  const HeadReading& reading = reading_of(call.request);
  const Route& route = *reading.matched.route;
  if (reading.query_fault) return refusal(call, route, *reading.query_fault);
  const auto refused = authenticate(call, reading);
  if (!is_probe(route))
    if (auto too_many = limit(call, route, call.caller ? std::optional{call.user().id} : std::nullopt))
      return too_many;
  return refused ? std::optional{refusal(call, route, *refused)} : std::nullopt;
}

std::optional<Response> App::limit(Call& call, const Route& route, std::optional<domain::UserId> user) {
  const auto now = call.request.received;
  call.limit_is_users = user.has_value();
  call.limit = user ? per_user_.limiter.take(events::as_text(user->uuid.bytes), now)
                    : per_address_.limiter.take(call.request.head->peer_address, now);
  if (call.limit->allowed) return std::nullopt;
  return refusal(call, route, domain::why_until(Reason::rate_limited, call.now + call.limit->reset));
}

Response App::refusal(Call& call, const Route& route, const Refusal& why) {
  call.position.reset();
  return finish(call, route, problem_for(why, call.request));
}

std::optional<Response> App::answer_at_once(const Request& request) {
  const HeadReading& reading = reading_of(request);
  const Route* route = reading.matched.route;
  if (!route) return answer_without_route(request);
  if (route->is_command || reading.asks_position) return std::nullopt;
  Call call = call_of(request);
  call.position = service_.queries().position();
  auto& last = reading.last_answer;
  if (last && last->is_good(service_.queries().changes(), call.now)) {
    if (auto too_many = limit(call, *route, last->caller)) return too_many;
    return finish(call, *route,
                  reading.is_conditional ? repeated(request, *last->kept) : answer_with(last->prepared));
  }
  last.reset();
  const auto noting = service_.queries().note_reads();
  call.noting = &noting;
  if (auto refused = admit(call)) return refused;
  Response response = answer_to_query(call, *route);
  if (call.kept) last.emplace(noting.reads(), *call.user().session(call.session), call.user().id, call.kept);
  return finish(call, *route, std::move(response));
}

void App::handle(std::shared_ptr<const Request> request, Answer answer) {
  const Route& route = *reading_of(*request).matched.route;
  const auto call = std::make_shared<Call>(call_of(*request));
  if (auto refused = admit(*call)) return answer(*std::move(refused));

  const auto wanted = asked_position(*request->head, call->query);
  const auto min_position = wanted ? parse_number(*wanted) : std::nullopt;
  if (wanted && !min_position) {
    const Refusal malformed{Reason::malformed, {{"", Reason::malformed, {"min_position"}}}, {}, {}};
    return answer(refusal(*call, route, malformed));
  }
  if (min_position && service_.queries().position() <= *min_position) {
    const std::scoped_lock lock(waiting_mutex_);
    waiting_.push_back({*min_position, std::chrono::steady_clock::now() + position_wait,
                        [this, call, &route, answer, request](bool reached) {
                          if (reached) return serve(call, route, answer, request);
                          answer(refusal(*call, route, domain::why(Reason::position_not_reached)));
                        }});
    waiting_wake_.notify_one();
    return;
  }
  serve(call, route, answer, request);
}

void App::serve(const std::shared_ptr<Call>& call, const Route& route, const Answer& answer,
                const std::shared_ptr<const Request>& held) {
  if (!route.is_command) {
    call->position = service_.queries().position();
    Response response = answer_to_query(*call, route);
    return answer(finish(*call, route, std::move(response)));
  }
  const auto refused =
      with_body(*call, route, [&](const Json* body) { return run_command(call, route, body, answer, held); });
  if (refused) answer(refusal(*call, route, *refused));
}

Response App::answer_to_query(Call& call, const Route& route) {
  Response response;
  const auto refused = with_body(call, route, [&](const Json* body) -> std::optional<Refusal> {
    auto answered = answer_query(call, route, body);
    if (!answered) return answered.error();
    response = *std::move(answered);
    return std::nullopt;
  });
  if (!refused) return response;
  call.position.reset();
  return problem_for(*refused, call.request);
}

Answered<Response> App::answer_query(Call& call, const Route& route, const Json* body) {
  const bool keeps = route.keeping && call.caller;
  const Inquiry inquiry =
      keeps ? Inquiry{&route, route.keeping->thing(call), call.user().id.uuid} : Inquiry{};
  if (keeps) call.kept = kept_.find(inquiry, call.now);
  if (call.kept) return repeated(call.request, *call.kept);
  auto answered = route.answer(call, body);
  const bool has_tag = answered && call.request.head->method == "GET" && answered->status == 200 &&
                       !is_probe(route) && !answered->next_part;
  if (!has_tag) return answered;
  std::string tag = entity_tag(call.version, answered->body);
  if (keeps && call.noting) keep_answer(call, inquiry, *answered, tag, route.keeping->deadline(call));
  return tagged(call.request, *std::move(answered), std::move(tag));
}

void App::keep_answer(Call& call, const Inquiry& inquiry, Response answer, const std::string& tag,
                      std::optional<domain::Time> deadline) {
  answer.headers.emplace_back("ETag", tag);
  auto kept = std::make_shared<const KeptAnswer>(call.noting->reads(), call.now,
                                                 good_until(call.now, deadline), tag, prepare(answer));
  if (kept->prepared && kept_.keep(inquiry, kept)) call.kept = std::move(kept);
}

std::optional<Refusal> App::run_command(const std::shared_ptr<Call>& call, const Route& route,
                                        const Json* body, const Answer& answer,
                                        const std::shared_ptr<const Request>& held) {
  auto command = route.make_command(*call, body);
  if (!command) return command.error();

  service::Asked asked = asked_by(*call);
  bool malformed = false;
  asked.if_match = if_match(*held, malformed);
  if (malformed) return domain::why(Reason::version_differs);
  if (const auto key = held->header("idempotency-key")) {
    const bool usable =
        !key->empty() && key->size() <= idempotency_key_max && !held->has_repeated("idempotency-key");
    if (!usable) return domain::why(Reason::idempotency_key_missing);
    // Without a user, the request's own path tells callers apart: keys are drawn by clients, at random.
    const std::string who = asked.by == domain::UserId{} ? route.path : domain::to_text(asked.by);
    asked.known_as = service_.secrets().known_requests(
        who, *key, held->head->method + " " + held->head->target + "\n" + held->body, service_.now());
  }
  service_.submit(
      *std::move(command), std::move(asked),
      [this, call, &route, answer, held](service::Outcome outcome) {
        // The writer does not wait for an answer to be put into words.
        auto making = [this, call, &route, held, outcome = std::move(outcome)] {
          try {
            return finish(*call, route, answer_to(*call, route, outcome));
          } catch (const std::exception& fault) {
            spdlog::error("request {} on {}: {}", held->request_id, route_name(route), fault.what());
            return finish(*call, route, problem_for(domain::why(Reason::internal_fault), *held));
          }
        };
        if (!prefers_receipt(*held)) return answer.made_by(std::move(making));
        // A receipt may have to be signed and synced: nor do the I/O threads wait for that.
        const std::scoped_lock lock(waiting_mutex_);
        waiting_.push_back({0, std::chrono::steady_clock::now(),
                            [answer, making = std::move(making)](bool) { answer(making()); }});
        waiting_wake_.notify_one();
      },
      held->alone ? service::Caller::waits : service::Caller::goes_on);
  return std::nullopt;
}

Response App::answer_to(Call& call, const Route& route, const service::Outcome& outcome) {
  Response response;
  if (outcome.refusal) {
    response = problem_for(*outcome.refusal, call.request);
  } else {
    response = route.respond ? route.respond(call, outcome) : command_response(call, outcome, route);
    if (route.respond) response.status = route.success;
  }
  // Whether a refusal was recorded would tell a stranger whether the user name exists.
  if (outcome.refusal && !call.caller) return response;
  if (outcome.position) call.position = *outcome.position + 1;
  if (outcome.replayed) response.headers.emplace_back("Idempotency-Replayed", "true");
  return response;
}

void App::wait_for_positions() {
  os::name_this_thread("positions");
  std::unique_lock lock(waiting_mutex_);
  while (true) {
    waiting_wake_.wait_for(lock,
                           waiting_.empty() ? std::chrono::milliseconds{1000} : std::chrono::milliseconds{10},
                           [&] { return stopping_; });
    std::vector<std::pair<std::function<void(bool)>, bool>> ready;
    const auto now = std::chrono::steady_clock::now();
    const auto position = waiting_.empty() ? 0 : service_.queries().position();
    std::erase_if(waiting_, [&](Waiting& each) {
      const bool reached = position > each.position;
      if (!reached && now < each.deadline && !stopping_) return false;
      ready.emplace_back(std::move(each.go_on), reached);
      return true;
    });
    lock.unlock();
    for (auto& [go_on, reached] : ready) go_on(reached);
    lock.lock();
    if (stopping_) return;
  }
}

// ---- health and metrics -----------------------------------------------------------------------------------

std::vector<std::string> App::not_ready() const {
  std::vector<std::string> reasons;
  if (draining_) reasons.emplace_back("the server is shutting down");
  if (const auto fault = service_.executor().fault()) reasons.emplace_back("the log takes no more events");
  for (const auto& status : service_.runner().status())
    if (status.fault) reasons.push_back(status.name + " " + *status.fault);
  if (service_.checkpoints().fault()) reasons.emplace_back("the signed checkpoint could not be written");
  return reasons;
}

}  // namespace ttp::http
