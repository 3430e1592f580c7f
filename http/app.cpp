#include "http/app.hpp"

#include <algorithm>

#include <spdlog/spdlog.h>

#include "http/api/language.hpp"
#include "http/api/problem.hpp"
#include "http/gate/conditional.hpp"
#include "http/gate/credentials.hpp"
#include "http/wire/text.hpp"
#include "http/wire/uri.hpp"

namespace ttp::http {
namespace {

using domain::Reason;
using domain::Refusal;

constexpr std::size_t own_lines_bytes = 160;  // more than most answers have
constexpr std::chrono::seconds position_wait{2};
constexpr std::size_t idempotency_key_max = 255;

/// In a sandbox one person plays everybody, from one address and in a hurry.
unsigned sandbox_factor(const service::Config& config) {
  return config.sandbox ? 100 : 1;
}

/// JSON is UTF-8; a charset parameter that says otherwise, or twice, is not ours to guess about.
bool is_json(std::string_view content_type) {
  const auto parts = split(content_type, ';');
  const std::string type = lower_case(trimmed(parts.front()));
  if (type != "application/json" && type != "application/merge-patch+json") return false;
  return std::ranges::all_of(parts.begin() + 1, parts.end(), [](std::string_view part) {
    const std::string parameter = lower_case(trimmed(part));
    return !parameter.starts_with("charset=") || parameter == "charset=utf-8" ||
           parameter == "charset=\"utf-8\"";
  });
}

/// No coding of the content is undone here, so a body that names one can not be read.
bool is_plain_json(const Request& request) {
  return !request.has_repeated("content-type") && is_json(request.header("content-type").value_or("")) &&
         lower_case(trimmed(request.header("content-encoding").value_or("identity"))) == "identity";
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

Response answer_with(std::shared_ptr<const Prepared> prepared) {
  Response response;
  response.prepared = std::move(prepared);
  return response;
}

/// A kept answer, or a 304 where the client has it.
Response repeated(const Request& request, const KeptAnswer& kept) {
  if (has_it_already(request, kept.entity_tag)) return {304, {{"ETag", kept.entity_tag}}};
  return answer_with(kept.prepared);
}

/// What a head says to this application, apart from what the state of users says to it.
struct App::ReadHead : Reading {
  // A query that is answered as before looks at the first four alone, which lie close together for that.
  domain::Language language{};
  bool asks_position = false;   ///< waits until the views have one
  bool is_conditional = false;  ///< wants an answer only if it is another than it has
  mutable HeadMemory memory;
  Matched matched;  ///< by the two that follow
  std::string method, path;
  Parameters query;
  std::optional<Refusal> query_fault;
  Credential credential;
};

App::App(service::Service& service, const service::Config& config)
    : service_(service),
      config_(config),
      router_(routes(), config.sandbox),
      limits_(config.rate_limit_per_address * sandbox_factor(config),
              config.rate_limit_per_user * sandbox_factor(config)),
      kept_(service.queries().changes()),
      positions_([&service] { return service.queries().position(); }) {}

App::~App() = default;

Response App::problem_for(const Refusal& refusal, const Request& request, std::optional<int> status) {
  counts_.add(refusal.reason);
  const auto language = negotiate(request.header("accept-language"));
  Response response =
      problem(refusal, language, request.request_id, request.head->path, service_.now(), status);
  if (response.status == 401) {
    // RFC 6750: the error is named only where a token was presented.
    const bool presented = refusal.reason == Reason::session_expired;
    response.headers.emplace_back("WWW-Authenticate",
                                  presented ? R"(Bearer error="invalid_token")" : "Bearer");
  }
  return response;
}

Response App::refuse(const Refusal& refusal, int status, const Request& request) {
  counts_.add(status);
  return problem_for(refusal, request, status);
}

Response App::finish(const Call& call, const Route& route, Response response) {
  response.own_lines.reserve(own_lines_bytes);
  if (call.position && *call.position > 0) {
    add_number(response.own_lines, "X-Position: ", *call.position - 1);
    response.own_lines.append("\r\n");
  }
  if (call.taken) call.taken->from->add_lines(response.own_lines, call.taken->verdict);
  counts_.add(route, response.status, std::chrono::steady_clock::now() - call.request.received);
  return response;
}

// ---- letting in -------------------------------------------------------------------------------------------

std::optional<Refusal> App::authenticate(Call& call, const ReadHead& head) const {
  const Credential& credential = head.credential;
  const Access& access = head.matched.route->access;
  if (credential.fault) return credential.fault;
  switch (access.who) {
    case Who::anyone:
      return std::nullopt;
    case Who::signing_in:
      if (!service_.queries().user_of_sign_in(credential.sign_in))
        return domain::why(Reason::sign_in_not_found);
      call.sign_in = credential.sign_in;
      return std::nullopt;
    case Who::signed_in:
    case Who::staff:
      break;
  }
  call.caller = head.memory.user_of(credential.session, service_.queries());
  auto refused = session_refusal(access, call.caller, credential.session, service_.sessions(), call.now);
  if (!refused) call.session = credential.session;
  return refused;
}

// ---- serving ----------------------------------------------------------------------------------------------

std::shared_ptr<const Reading> App::read(const Head& head, const Reading* previous) {
  auto read = std::make_shared<ReadHead>();
  const auto* before = static_cast<const ReadHead*>(previous);
  const bool same_route = before && before->method == head.method && before->path == head.path;
  read->method = head.method;
  read->path = head.path;
  read->matched = same_route ? before->matched : router_.match(head.method, head.path);
  read->language = negotiate(head.header("accept-language"));
  read->is_conditional = head.header("if-none-match").has_value();
  if (const Route* route = read->matched.route) {
    read->query_fault = read_query(*read, head);
    read->asks_position = asked_position(head, read->query).has_value();
    read->credential = read_credential(head, route->access.who, before ? &before->credential : nullptr,
                                       service_.secrets(), config_.behind_tls);
  }
  return read;
}

std::optional<Refusal> App::read_query(ReadHead& read, const Head& head) {
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
    const auto& parameters = read.matched.route->parameters;
    const bool known =
        name && (*name == "min_position" || std::ranges::any_of(parameters, [&](const Parameter& parameter) {
          return parameter.in == "query" && parameter.name == *name;
        }));
    if (!known) return fault(Reason::unknown_member, name.value_or(""));
    if (!read.query.emplace(*name, *value).second) return fault(Reason::duplicate_member, *name);
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

const App::ReadHead& App::head_of(const Request& request) {
  return static_cast<const ReadHead&>(*request.reading);
}

Call App::call_of(const Request& request) {
  const ReadHead& head = head_of(request);
  Call call{request, service_, head.language, service_.now(), head.matched.path, head.query, {}};
  call.handler = this;
  return call;
}

Response App::answer_without_route(const Request& request) {
  const std::string& allow = head_of(request).matched.allow;
  Response response;
  if (request.head->method == "OPTIONS" && !allow.empty())
    response.status = 204;
  else
    response = problem_for(domain::why(allow.empty() ? Reason::route_not_found : Reason::method_not_allowed),
                           request);
  if (!allow.empty()) response.headers.emplace_back("Allow", allow + ", OPTIONS");
  counts_.add(response.status);
  return response;
}

std::optional<Response> App::admit(Call& call) {
  const ReadHead& head = head_of(call.request);
  const Route& route = *head.matched.route;
  if (head.query_fault) return refusal(call, route, *head.query_fault);
  const auto refused = authenticate(call, head);
  if (!is_probe(route))
    if (auto too_many = limit(call, route, call.caller ? std::optional{call.user().id} : std::nullopt))
      return too_many;
  return refused ? std::optional{refusal(call, route, *refused)} : std::nullopt;
}

std::optional<Response> App::limit(Call& call, const Route& route, std::optional<domain::UserId> user) {
  const auto now = call.request.received;
  call.taken = user ? limits_.take(*user, now) : limits_.take(call.request.head->peer_address, now);
  const RateVerdict& verdict = call.taken->verdict;
  if (verdict.allowed) return std::nullopt;
  return refusal(call, route, domain::why_until(Reason::rate_limited, call.now + verdict.reset));
}

Response App::refusal(Call& call, const Route& route, const Refusal& why) {
  call.position.reset();
  return finish(call, route, problem_for(why, call.request));
}

std::optional<Response> App::answer_at_once(const Request& request) {
  const ReadHead& head = head_of(request);
  const Route* route = head.matched.route;
  if (!route) return answer_without_route(request);
  if (route->is_command || head.asks_position) return std::nullopt;
  Call call = call_of(request);
  call.position = service_.queries().position();
  if (const auto* last = head.memory.answer(service_.queries().changes(), call.now)) {
    if (auto too_many = limit(call, *route, last->caller)) return too_many;
    return finish(call, *route,
                  head.is_conditional ? repeated(request, *last->kept) : answer_with(last->kept->prepared));
  }
  head.memory.forget_answer();
  const auto noting = service_.queries().note_reads();
  call.noting = &noting;
  if (auto refused = admit(call)) return refused;
  Response response = answer_to_query(call, *route);
  if (call.kept)
    head.memory.keep(noting.reads(), *call.user().session(call.session), call.user().id, call.kept);
  return finish(call, *route, std::move(response));
}

void App::handle(std::shared_ptr<const Request> request, Answer answer) {
  const Route& route = *head_of(*request).matched.route;
  const auto call = std::make_shared<Call>(call_of(*request));
  if (auto refused = admit(*call)) return answer(*std::move(refused));

  const auto wanted = asked_position(*request->head, call->query);
  const auto min_position = wanted ? parse_number(*wanted) : std::nullopt;
  if (wanted && !min_position) {
    const Refusal malformed{Reason::malformed, {{"", Reason::malformed, {"min_position"}}}, {}, {}};
    return answer(refusal(*call, route, malformed));
  }
  if (min_position && service_.queries().position() <= *min_position) {
    return positions_.wait(*min_position, position_wait, [this, call, &route, answer, request](bool reached) {
      if (reached) return serve(call, route, answer, request);
      answer(refusal(*call, route, domain::why(Reason::position_not_reached)));
    });
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
  const auto expected = if_match(*held);
  if (!expected) return expected.error();
  asked.if_match = *expected;
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
        positions_.wait(0, std::chrono::milliseconds{0},
                        [answer, making = std::move(making)](bool) { answer(making()); });
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

}  // namespace ttp::http
