#include "http/app.hpp"

#include <algorithm>
#include <limits>

#include <spdlog/spdlog.h>

#include "http/api/language.hpp"
#include "http/api/problem.hpp"
#include "http/gate/conditional.hpp"
#include "http/gate/credentials.hpp"
#include "http/gate/replay.hpp"
#include "http/wire/address.hpp"
#include "http/wire/text.hpp"
#include "http/wire/uri.hpp"
#include "os/waiting.hpp"
#include "projections/all.hpp"

namespace ttp::http {
namespace {

using domain::Reason;
using domain::Refusal;

constexpr std::size_t own_lines_bytes = 160;  // more than most answers have
constexpr std::chrono::seconds position_wait{2};
constexpr std::size_t idempotency_key_max = 255;
constexpr unsigned patient_threads = 2;
constexpr std::size_t waiting_requests_max = 4096;
constexpr std::size_t patient_requests_max = 256;

/// A sandbox has higher limits, because one person acts in every role from one address.
unsigned sandbox_factor(const service::Config& config) {
  return config.sandbox ? 100 : 1;
}

/// JSON is UTF-8. Content with another charset parameter, or with two, is refused.
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

/// This service decodes no content coding, so a body that names one cannot be read.
bool is_plain_json(const Request& request) {
  return !request.has_repeated("content-type") && is_json(request.header("content-type").value_or("")) &&
         lower_case(trimmed(request.header("content-encoding").value_or("identity"))) == "identity";
}

/// The position that the client's request must wait for, if the client names one.
std::optional<std::string_view> asked_position(const RequestHead& head, const Parameters& query) {
  if (const auto header = head.header("x-min-position")) return header;
  const auto found = query.find("min_position");
  return found == query.end() ? std::nullopt : std::optional<std::string_view>{found->second};
}

os::Worker::Traits pool_traits(std::string name, std::string thread_name) {
  return {.fault = {.name = std::move(name),
                    .what_fails = "serving a request",
                    .what_to_do =
                        "That request got a 500; others are served. If this happens again, look for what "
                        "the failing requests have in common."},
          .thread_name = std::move(thread_name)};
}

AuthorisationWatch::Basis authorisation_basis(const service::Service& service) {
  const auto standing = service.runner().standing(projections::user_view);
  return {service.log().head().next, standing.next, standing.stopped};
}

/// Whether answers show the position in the log. A stranger must not learn from the log's length what others
/// do, nor so that a user name exists.
bool shows_position(const Route& route) {
  return route.access.who == Who::signed_in || route.access.who == Who::staff;
}

bool is_probe(const Route& route) {
  return route.path.starts_with("/health") || route.path == "/metrics";
}

domain::Uuid request_uuid(const Request& request) {
  if (const auto uuid = domain::parse_uuid(request.request_id)) return *uuid;
  // The logs keep a client's own form of request id; the envelope holds sixteen bytes of its hash.
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
  asked.only_earlier_answer = call.over;
  asked.known_as = call.known_as;
  asked.request = request_uuid(call.request);
  asked.origin_address = call.request.head->peer_address;
  asked.origin_network = network_text(asked.origin_address);
  const Owner owner = owner_of(std::string_view{asked.origin_address});
  asked.network = owner.site.empty() ? owner.subscriber : owner.site;
  return asked;
}

Response answer_with(std::shared_ptr<const Prepared> prepared) {
  Response response;
  response.prepared = std::move(prepared);
  return response;
}

/// A cached answer, or a 304 if the client has it.
Response repeated(const Request& request, const KeptAnswer& kept) {
  if (has_it_already(request, kept.entity_tag)) return {304, {{"ETag", kept.entity_tag}}};
  return answer_with(kept.prepared);
}

/// This application's decoded form of a head, independent of the state of users.
struct App::RoutedHead : DecodedHead {
  // A query with a cached answer needs only the first four members, so they are adjacent.
  std::optional<domain::Language> language{};  ///< the one that Accept-Language prefers
  bool asks_position = false;                  ///< waits until the views include a position
  bool is_conditional = false;                 ///< has If-None-Match
  mutable HeadMemory memory;
  Matched matched;  ///< by method and path
  std::string method, path;
  Parameters query;
  std::optional<Refusal> fault;  ///< of the host or of the query
  Credential credential;
};

/// A request on its way through the threads; one thread at a time uses it.
struct App::Exchange {
  Exchange(App& app, std::shared_ptr<const Request> of, Answer to)
      : request(std::move(of)),
        answer(std::move(to)),
        route(*head_of(*request).matched.route),
        call(app.call_of(*request)) {}

  const std::shared_ptr<const Request> request;
  const Answer answer;
  const Route& route;
  Call call;
  std::optional<storage::ReadSet> let_in_reads{};  ///< the reads of the admission, if the answer is cached
};

App::App(service::Service& service, const service::Config& config)
    : service_(service),
      config_(config),
      router_(routes(), config.sandbox),
      limits_(config.rate_limit_per_address * sandbox_factor(config),
              config.rate_limit_per_user * sandbox_factor(config)),
      kept_(service.queries().changes()),
      authorisation_([&service] { return authorisation_basis(service); }),
      workers_(pool_traits("answers", "answers"), std::max(2u, config.io_threads), waiting_requests_max),
      patient_workers_(pool_traits("long_answers", "long answers"), patient_threads, patient_requests_max),
      // The writer's queue already bounds the number of jobs here.
      finishers_(pool_traits("command_answers", "command answers"), 1,
                 std::numeric_limits<std::size_t>::max()) {
  service_.runner().on_publish([this](storage::Position next) { positions_.published(next); });
}

App::~App() {
  service_.runner().on_publish({});
}

Response App::problem_for(const Refusal& refusal, const Request& request, domain::Language language,
                          std::optional<int> status) {
  counts_.add(refusal.reason);
  Response response =
      problem(refusal, language, request.request_id, request.head->path, service_.now(), status);
  if (response.status == 401) {
    // RFC 6750: the error is named only if a token was presented.
    const bool presented = refusal.reason == Reason::session_expired;
    response.headers.emplace_back("WWW-Authenticate",
                                  presented ? R"(Bearer error="invalid_token")" : "Bearer");
  }
  return response;
}

Response App::refuse(const Refusal& refusal, int status, const Request& request) {
  counts_.add(status);
  const auto header = request.header("accept-language");
  return problem_for(refusal, request, negotiate(header), status);
}

Response App::finish(const Call& call, const Route& route, Response response) {
  response.own_lines.reserve(own_lines_bytes);
  if (shows_position(route) && call.position && *call.position > 0) {
    add_number(response.own_lines, "X-Position: ", *call.position - 1);
    response.own_lines.append("\r\n");
  }
  if (call.taken) call.taken->from->add_lines(response.own_lines, call.taken->verdict);
  counts_.add(route, response.status, std::chrono::steady_clock::now() - call.request.received);
  return response;
}

// ---- letting in -------------------------------------------------------------------------------------------

bool App::is_refused_anyway(const RoutedHead& head) const {
  return head.fault || head.credential.fault ||
         (head.matched.route->access.who != Who::anyone && !authorisation_.stands());
}

bool App::is_let_in_at_once(const RoutedHead& head, Call& call) const {
  if (is_refused_anyway(head)) return true;
  const Who who = head.matched.route->access.who;
  if (who == Who::anyone) return true;
  if (who == Who::signing_in) return false;
  call.caller = head.memory.user(service_.queries().changes());
  if (call.caller) call.caller_reads = head.memory.user_reads();
  const domain::Session* session = call.caller ? call.user().session(head.credential.session) : nullptr;
  return session && service_.sessions().is_at_hand(*session, call.now);
}

void App::look_up_caller(Call& call, domain::SessionId session) const {
  const service::Queries& queries = service_.queries();
  const auto recorder = queries.record_reads();
  const auto user = queries.user_of_session(session);
  if (user) call.caller = queries.user(*user);
  call.caller_reads = recorder.reads();
}

std::optional<Refusal> App::authenticate(Call& call, const RoutedHead& head) const {
  const Credential& credential = head.credential;
  const Access& access = head.matched.route->access;
  if (credential.fault) return credential.fault;
  if (access.who == Who::anyone) return std::nullopt;
  if (!authorisation_.stands()) return domain::why(Reason::authorisation_unavailable);
  if (access.who == Who::signing_in) {
    call.sign_in = credential.sign_in;
    if (service_.queries().user_of_sign_in(credential.sign_in)) return std::nullopt;
    return over(call, *head.matched.route, Reason::sign_in_not_found);
  }
  if (!call.caller) look_up_caller(call, credential.session);
  const bool by_itself = call.request.header(background_header) || !access.renews_session;
  auto refused = session_refusal(access, call.caller, credential.session, service_.sessions(), call.now,
                                 by_itself ? Renews::no : Renews::yes);
  const bool is_over = refused && refused->reason == Reason::session_expired;
  if (!refused || is_over) call.session = credential.session;
  return is_over ? over(call, *head.matched.route, Reason::session_expired) : refused;
}

/// The caller's sign-in or session has ended. A retry of the command that ended it is still answered.
std::optional<Refusal> App::over(Call& call, const Route& route, Reason reason) {
  if (!may_be_retry(call.request, route)) return domain::why(reason);
  call.over = reason;
  return std::nullopt;
}

// ---- serving ----------------------------------------------------------------------------------------------

std::shared_ptr<const DecodedHead> App::decode(const RequestHead& head, const DecodedHead* previous) {
  auto decoded = std::make_shared<RoutedHead>();
  const auto* before = static_cast<const RoutedHead*>(previous);
  const bool same_route = before && before->method == head.method && before->path == head.path;
  decoded->method = head.method;
  decoded->path = head.path;
  decoded->matched = same_route ? before->matched : router_.match(head.method, head.path);
  if (const auto preferred = head.header("accept-language")) decoded->language = negotiate(preferred);
  decoded->is_conditional = head.header("if-none-match").has_value();
  if (const Route* route = decoded->matched.route) {
    decoded->fault = read_query(*decoded, head);
    // The sandbox shows its passwords and mails to everybody who reaches it.
    if (config_.sandbox && !names_this_machine(head.header("host").value_or("")))
      decoded->fault = domain::why(Reason::misdirected_request);
    decoded->asks_position = asked_position(head, decoded->query).has_value();
    decoded->credential = read_credential(head, route->access.who, before ? &before->credential : nullptr,
                                          service_.secrets(), config_.clients_use_tls());
    const bool same_session = before && decoded->credential.session != domain::SessionId{} &&
                              decoded->credential.session == before->credential.session;
    if (same_session) decoded->memory.share_user(before->memory);
  }
  return decoded;
}

std::optional<Refusal> App::read_query(RoutedHead& decoded, const RequestHead& head) {
  for (const std::string_view pair :
       head.query.empty() ? std::vector<std::string_view>{} : split(head.query, '&')) {
    const auto equals = pair.find('=');
    const auto name = percent_decoded(pair.substr(0, equals), true);
    const auto value = percent_decoded(
        equals == std::string_view::npos ? std::string_view{} : pair.substr(equals + 1), true);
    if (name && !value) return parameter_refusal(Reason::malformed, *name);
    const auto& parameters = decoded.matched.route->parameters;
    const bool known =
        name && (*name == "min_position" || std::ranges::any_of(parameters, [&](const Parameter& parameter) {
          return parameter.in == "query" && parameter.name == *name;
        }));
    if (!known) return parameter_refusal(Reason::unknown_member, name.value_or(""));
    if (!decoded.query.emplace(*name, *value).second)
      return parameter_refusal(Reason::duplicate_member, *name);
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
    // The text may contain paths and keys, so it goes to the log and not to the client.
    spdlog::error("request {} on {}: {}", request.request_id, route_name(route), fault.what());
    return domain::why(Reason::internal_fault);
  }
}

const App::RoutedHead& App::head_of(const Request& request) {
  return static_cast<const RoutedHead&>(*request.decoded);
}

Call App::call_of(const Request& request) {
  const RoutedHead& head = head_of(request);
  Call call{request, service_, head.language, service_.now(), head.matched.path, head.query, {}};
  call.handler = this;
  call.patient_workers = &patient_workers_;
  return call;
}

Response App::answer_without_route(const Request& request) {
  const std::string& allow = head_of(request).matched.allow;
  Response response;
  const Taken taken = limits_.take(request.head->peer_address, request.received);
  if (!taken.verdict.allowed)
    response = problem_for(domain::why_until(Reason::rate_limited, service_.now() + taken.verdict.reset),
                           request, head_of(request).language.value_or(domain::Language::en));
  else if (request.head->method == "OPTIONS" && !allow.empty())
    response.status = 204;
  else
    response = problem_for(domain::why(allow.empty() ? Reason::route_not_found : Reason::method_not_allowed),
                           request, head_of(request).language.value_or(domain::Language::en));
  if (!allow.empty()) response.headers.emplace_back("Allow", allow + ", OPTIONS");
  taken.from->add_lines(response.own_lines, taken.verdict);
  counts_.add(response.status);
  return response;
}

std::optional<Response> App::admit(Call& call) {
  const RoutedHead& head = head_of(call.request);
  const Route& route = *head.matched.route;
  const auto refused = head.fault ? head.fault : authenticate(call, head);
  if (!is_probe(route))
    if (auto too_many = limit(call, route, call.caller ? std::optional{call.user().id} : std::nullopt))
      return too_many;
  return refused ? std::optional{refusal(call, route, *refused)} : std::nullopt;
}

std::optional<Response> App::limit(Call& call, const Route& route, std::optional<domain::UserId> user) {
  const auto now = call.request.received;
  if (!call.taken)
    call.taken = user ? limits_.take(*user, now) : limits_.take(call.request.head->peer_address, now);
  const RateVerdict& verdict = call.taken->verdict;
  if (verdict.allowed) return std::nullopt;
  return refusal(call, route, domain::why_until(Reason::rate_limited, call.now + verdict.reset));
}

Response App::refusal(Call& call, const Route& route, const Refusal& why) {
  call.position.reset();
  return finish(call, route, problem_for(why, call.request, call.language()));
}

std::optional<Response> App::answer_at_once(const Request& request) {
  const RoutedHead& head = head_of(request);
  const Route* route = head.matched.route;
  if (!route) return answer_without_route(request);
  Call call = call_of(request);
  if (is_refused_anyway(head)) return admit(call);
  if (route->is_command || head.asks_position) return std::nullopt;
  call.position = service_.queries().position();
  if (const auto* last = head.memory.answer(service_.queries().changes(), call.now)) {
    if (auto too_many = limit(call, *route, last->caller)) return too_many;
    return finish(call, *route,
                  head.is_conditional ? repeated(request, *last->kept) : answer_with(last->kept->prepared));
  }
  if (route->runs != Runs::at_once || !is_let_in_at_once(head, call)) return std::nullopt;
  if (auto refused = admit(call)) return refused;
  Response response = answer_to_query(call, *route);
  return finish(call, *route, std::move(response));
}

void App::handle(std::shared_ptr<const Request> request, Answer answer) {
  auto exchange = std::make_shared<Exchange>(*this, std::move(request), std::move(answer));
  const RoutedHead& head = head_of(*exchange->request);
  const Runs runs = exchange->route.runs;
  const bool here =
      (exchange->route.is_command ? runs == Runs::at_once : runs == Runs::at_once_if_in_memory) &&
      !head.asks_position && is_let_in_at_once(head, exchange->call);
  if (here && exchange->route.is_command) return begin(exchange);
  if (here && begin_from_memory(exchange)) return;
  // The worker looks everything up again, but the request counts only once against the limits.
  auto again = std::make_shared<Exchange>(*this, exchange->request, exchange->answer);
  again->call.taken = exchange->call.taken;
  go_on_with_worker(again, [this, again] { begin(again); });
}

bool App::begin_from_memory(const ExchangePtr& exchange) {
  try {
    const os::MustNotWait from_here;
    begin(exchange);
    return true;
  } catch (const os::WouldWait&) {
    return false;
  }
}

void App::go_on_with_worker(const ExchangePtr& exchange, std::function<void()> work) {
  auto& pool = exchange->route.runs == Runs::on_a_patient_worker ? patient_workers_ : workers_;
  const auto refuse = [this, exchange](Reason reason) {
    exchange->answer(refusal(exchange->call, exchange->route, domain::why(reason)));
  };
  if (!pool.submit({std::move(work), [refuse] { refuse(Reason::internal_fault); }}))
    refuse(Reason::overloaded);
}

void App::begin(const ExchangePtr& exchange) {
  Call& call = exchange->call;
  if (exchange->route.is_command || head_of(*exchange->request).asks_position) {
    if (auto refused = admit(call)) return exchange->answer(*std::move(refused));
    if (has_position(exchange)) serve(exchange);
    return;
  }
  // The reads of this thread, for the admission and for the answer, determine how long the answer can be
  // cached.
  auto recorder = service_.queries().record_reads();
  if (call.caller_reads) recorder.add(*call.caller_reads);
  call.recorder = &recorder;
  if (auto refused = admit(call)) return exchange->answer(*std::move(refused));
  serve(exchange);
}

bool App::has_position(const ExchangePtr& exchange) {
  Call& call = exchange->call;
  const auto wanted = asked_position(*exchange->request->head, call.query);
  if (!wanted) return true;
  const auto position = parse_number(*wanted);
  if (!position) {
    exchange->answer(refusal(call, exchange->route, parameter_refusal(Reason::malformed, "min_position")));
    return false;
  }
  if (service_.queries().position() > *position) return true;
  const auto refuse = [this, exchange](Reason reason) {
    exchange->answer(refusal(exchange->call, exchange->route, domain::why(reason)));
  };
  const bool waits = positions_.wait(*position, position_wait, [this, exchange, refuse](bool reached) {
    if (!reached) return refuse(Reason::position_not_reached);
    go_on_with_worker(exchange, [this, exchange] { serve(exchange); });
  });
  if (!waits) refuse(Reason::overloaded);
  return false;
}

void App::serve(const ExchangePtr& exchange) {
  if (!exchange->route.is_command) return serve_query(exchange);
  const auto refused = with_body(exchange->call, exchange->route,
                                 [&](const Json* body) { return run_command(exchange, body); });
  if (refused) exchange->answer(refusal(exchange->call, exchange->route, *refused));
}

void App::serve_query(const ExchangePtr& exchange) {
  Call& call = exchange->call;
  call.position = service_.queries().position();
  auto response = std::make_shared<Response>(answer_to_query(call, exchange->route));
  if (call.kept && call.recorder) exchange->let_in_reads = call.recorder->reads();
  call.recorder = nullptr;
  exchange->answer.made_by([this, exchange, response] {
    remember(*exchange);
    return finish(exchange->call, exchange->route, std::move(*response));
  });
}

void App::remember(const Exchange& exchange) const {
  const Call& call = exchange.call;
  HeadMemory& memory = head_of(*exchange.request).memory;
  if (call.caller && call.caller_reads) memory.keep_user(*call.caller_reads, call.caller);
  if (exchange.let_in_reads)
    memory.keep_answer(*exchange.let_in_reads, *call.user().session(call.session), call.user().id, call.kept);
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
  return problem_for(*refused, call.request, call.language());
}

Answered<Response> App::answer_query(Call& call, const Route& route, const Json* body) {
  const bool keeps = route.keeping && call.caller;
  const Inquiry inquiry =
      keeps ? Inquiry{&route, route.keeping->thing(call), call.user().id.uuid} : Inquiry{};
  if (keeps) call.kept = kept_.find(inquiry, call.now);
  if (call.kept) return repeated(call.request, *call.kept);
  if (route.takes_key) {
    auto known_as = known_requests(call, route, body);
    if (!known_as) return std::unexpected{known_as.error()};
    call.known_as = *std::move(known_as);
  }
  auto answered = route.answer(call, body);
  const bool has_tag = answered && call.request.head->method == "GET" && answered->status == 200 &&
                       !is_probe(route) && !answered->next_part;
  if (!has_tag) return answered;
  std::string tag = entity_tag(call.version, answered->body);
  if (keeps && call.recorder) keep_answer(call, inquiry, *answered, tag, route.keeping->deadline(call));
  return tagged(call.request, *std::move(answered), std::move(tag));
}

void App::keep_answer(Call& call, const Inquiry& inquiry, Response answer, const std::string& tag,
                      std::optional<domain::Time> deadline) {
  answer.headers.emplace_back("ETag", tag);
  auto kept = std::make_shared<const KeptAnswer>(call.recorder->reads(), call.now,
                                                 good_until(call.now, deadline), tag, prepare(answer));
  if (kept->prepared && kept_.keep(inquiry, kept)) call.kept = std::move(kept);
}

Answered<std::vector<service::KnownRequest>> App::known_requests(const Call& call, const Route& route,
                                                                 const Json* body) const {
  const Request& request = call.request;
  const auto key = request.header("idempotency-key");
  if (!key) return std::vector<service::KnownRequest>{};
  const bool usable =
      !key->empty() && key->size() <= idempotency_key_max && !request.has_repeated("idempotency-key");
  if (!usable) return refused(Reason::idempotency_key_missing);
  const std::string content =
      request.head->method + " " + request.head->target + "\n" + (body ? canonical(*body) : "");
  return service_.secrets().known_requests(key_owner(call, route, asked_by(call).by, content), *key, content,
                                           service_.now());
}

std::optional<Refusal> App::run_command(const ExchangePtr& exchange, const Json* body) {
  const Request& request = *exchange->request;
  auto command = exchange->route.make_command(exchange->call, body);
  if (!command) return command.error();

  service::Asked asked = asked_by(exchange->call);
  // Without a session there is nothing that the caller can have read before.
  if (exchange->call.caller) asked.if_match = if_match(request);
  auto known_as = known_requests(exchange->call, exchange->route, body);
  if (!known_as) return known_as.error();
  asked.known_as = *std::move(known_as);
  service_.submit(*std::move(command), std::move(asked), [this, exchange](service::CommandResult outcome) {
    answer_command(exchange, std::move(outcome));
  });
  return std::nullopt;
}

/// Called by the writer's threads, which do not wait for the answer to be rendered.
void App::answer_command(const ExchangePtr& exchange, service::CommandResult outcome) {
  auto making = [this, exchange, outcome = std::move(outcome)] {
    const Route& route = exchange->route;
    try {
      return finish(exchange->call, route, answer_to(exchange->call, route, outcome));
    } catch (const std::exception& fault) {
      spdlog::error("request {} on {}: {}", exchange->request->request_id, route_name(route), fault.what());
      return finish(exchange->call, route,
                    problem_for(domain::why(Reason::internal_fault), exchange->call.request,
                                exchange->call.language()));
    }
  };
  // A look-up may read the disk, and a receipt may have to be signed and synced.
  const bool waits = exchange->route.respond || !exchange->route.location.empty() ||
                     !exchange->route.location_without_id.empty() || prefers_receipt(*exchange->request);
  if (waits && finishers_.submit({[exchange, making] { exchange->answer(making()); }, {}})) return;
  exchange->answer.made_by([this, exchange, making = std::move(making)] {
    remember(*exchange);
    return making();
  });
}

Response App::answer_to(Call& call, const Route& route, const service::CommandResult& outcome) {
  Response response;
  if (outcome.refusal) {
    response = problem_for(*outcome.refusal, call.request, call.language());
  } else {
    response = route.respond ? route.respond(call, outcome) : command_response(call, outcome, route);
    if (route.respond) response.status = route.success;
  }
  // Position and mark of a repeat would show that a refusal was recorded, and so that the user name exists.
  if (outcome.refusal && !call.caller) return response;
  if (outcome.position) call.position = *outcome.position + 1;
  if (outcome.replayed) response.headers.emplace_back("Idempotency-Replayed", "true");
  return response;
}

}  // namespace ttp::http
