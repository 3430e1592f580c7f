// The definition of a route: one row, from which the router, the body's parser, the permission check and the
// OpenAPI document are derived. The builders here turn a row of the table (routes.cpp) into a Route.
#pragma once

#include <algorithm>
#include <chrono>
#include <expected>
#include <functional>
#include <iterator>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "http/api/body.hpp"
#include "http/api/documents.hpp"
#include "http/api/schema.hpp"
#include "http/gate/access.hpp"
#include "http/gate/kept_answers.hpp"
#include "http/gate/limits.hpp"
#include "http/wire/message.hpp"
#include "os/worker.hpp"
#include "service/service.hpp"

namespace ttp::http {

// ---- one request, matched and authenticated ---------------------------------------------------------------

/// Parameters by name, percent-decoded.
using Parameters = std::map<std::string, std::string, std::less<>>;

struct Call {
  const Request& request;
  service::Service& service;
  std::optional<domain::Language> asked_language{};  ///< the one that Accept-Language prefers
  domain::Time now;
  const Parameters& path;
  const Parameters& query;
  service::Found<domain::User> caller{};
  domain::SessionId session{};
  domain::SignInId sign_in{};
  /// Set if the sign-in or session has ended: the refusal to give unless this is a retry of the command that
  /// ended it.
  std::optional<domain::Reason> over{};
  bool by_cookie = false;
  std::optional<std::uint64_t> version{};  ///< set by a query for one versioned thing; becomes the ETag
  std::optional<Taken> taken{};            ///< from the caller's limit; nothing for probes
  /// The position of the views when the query began, or the position that includes the command's events;
  /// nothing if the answer must not show it.
  std::optional<storage::Position> position{};
  const storage::ReadRecorder* recorder = nullptr;  ///< records all reads of this call; may be null
  std::shared_ptr<const KeptAnswer> kept{};         ///< the cached answer that this one repeats or becomes
  std::optional<storage::ReadSet> caller_reads{};   ///< the reads that identified the caller
  /// The identities of a request with an Idempotency-Key that is not a command of the executor.
  std::vector<service::KnownRequest> known_as{};
  const void* handler = nullptr;              ///< the App, for operator routes
  os::WorkerPool* patient_workers = nullptr;  ///< for work that continues after the answer has begun

  /// The states at the end of the first answer, if this one repeats it; else null.
  std::shared_ptr<const service::PastStates> as_of{};

  const domain::User& user() const { return caller->state; }
  /// The states that the answer shows.
  const service::StateSource& states() const {
    if (as_of) return *as_of;
    return service.states();
  }
  /// The reader's language: the one that the request asks for, else the signed-in person's.
  domain::Language language() const {
    if (asked_language) return *asked_language;
    return caller ? user().language : domain::Language::en;
  }
  /// An identifier of the path; nil, which names nothing, if it is malformed.
  template <class Id>
  Id id(std::string_view name) const {
    const auto found = path.find(name);
    return Id{found == path.end() ? domain::Uuid{}
                                  : domain::parse_uuid(found->second).value_or(domain::Uuid{})};
  }
  std::string_view query_text(std::string_view name) const {
    const auto found = query.find(name);
    return found == query.end() ? std::string_view{} : std::string_view{found->second};
  }
};

/// The caller, the origin and the ids that a request's events record.
service::Asked asked_by(const Call& call);

template <class T>
using Answered = std::expected<T, domain::Refusal>;
/// Equals std::expected's transform and and_then, which g++ 12 lacks.
template <class T, class F>
auto mapped(const Answered<T>& answered, F&& make) -> Answered<std::invoke_result_t<F, const T&>> {
  if (!answered) return std::unexpected{answered.error()};
  return make(*answered);
}
template <class T, class F>
auto chained(const Answered<T>& answered, F&& make) -> std::invoke_result_t<F, const T&> {
  if (!answered) return std::unexpected{answered.error()};
  return make(*answered);
}

inline std::unexpected<domain::Refusal> refused(domain::Reason reason) {
  return std::unexpected{domain::why(reason)};
}

// ---- the row ----------------------------------------------------------------------------------------------

struct Parameter {
  std::string name;
  std::string in;  ///< "path" or "query"
  std::string schema;
  std::string description;
};
struct BodyMember {
  std::string name;
  std::string schema;
  bool required = true;
  std::string example{};  ///< JSON
};

/// An alternative format of an answer.
struct OtherForm {
  std::string type;
  std::string schema;
};

/// How an answer can be cached: the thing it concerns, and when it may change by itself.
struct Keeping {
  domain::Uuid (*thing)(const Call&);
  std::optional<domain::Time> (*deadline)(Call&);
};

/// The thread that serves a route's requests. An I/O thread never waits for a disk, a password or another
/// thread, so it serves only routes that need nothing but memory.
enum class Runs : std::uint8_t {
  on_a_worker,
  on_a_patient_worker,   ///< may take long; has its own threads, so as not to delay ordinary requests
  at_once,               ///< on the I/O thread
  at_once_if_in_memory,  ///< on the I/O thread, but on a worker as soon as a store would read the disk
};

struct Route {
  /// Its name in the description, from which clients name their functions. A command's is that of its type; a
  /// query's is made of its path, unless the row says another.
  std::string id{};
  std::string method;
  std::string path;
  std::string tag;
  std::string summary;
  Access access;
  int success = 200;
  std::vector<Parameter> parameters{};
  std::vector<BodyMember> body{};
  bool is_command = false;
  bool takes_key = false;  ///< a row of its own making that honours Idempotency-Key
  bool sandbox_only = false;
  Runs runs = Runs::on_a_worker;
  bool ends_own_session = false;
  std::string answer_schema{};  ///< of the answer's JSON; empty: none
  std::string answer_type = "application/json";
  std::vector<OtherForm> other_forms{};
  /// Templates of the Location header: {id} is the created thing, other names are the path's. The second one
  /// is for a command that made nothing with an identifier.
  std::string location{}, location_without_id{};
  std::vector<domain::Reason> reasons{};  ///< to refuse, beside those of command, values and gate

  std::function<Answered<service::Command>(const Call&, const Json* body)> make_command{};
  std::function<Response(Call&, const service::CommandResult&)> respond{};  ///< answers an accepted command
  std::function<Answered<Response>(Call&, const Json* body)> answer{};
  std::optional<Keeping> keeping{};
};

/// The route's name in metrics and in the log.
inline std::string route_name(const Route& route) {
  return route.method + " " + route.path;
}

/// The table.
const std::vector<Route>& routes();

// ---- bindings: how path, body, caller and headers fill a command ------------------------------------------

template <class C, class M>
struct FromPath {
  static constexpr bool looks_up = false;
  std::string_view name;
  M C::* member;
  void fill(C& command, const Call& call, const Json*, Faults& faults) const {
    const auto found = call.path.find(name);
    const std::string text = found == call.path.end() ? std::string{} : found->second;
    if constexpr (is_id<M>) {
      (command.*member).uuid = domain::parse_uuid(text).value_or(domain::Uuid{});
    } else {
      auto parsed = M::parse(text);
      if (parsed) {
        command.*member = *std::move(parsed);
      } else {
        faults.push_back({"", parsed.error().reason, parsed.error().details, std::string{name}});
      }
    }
  }
  void describe(Route& route) const {
    route.parameters.push_back({std::string{name}, "path", schema_of<M>(), ""});
  }
};
template <class C, class M>
FromPath<C, M> path(std::string_view name, M C::* member) {
  return {name, member};
}

/// The body's member, if it is present. Adds a fault if it is absent and must not be.
std::optional<Json> member_of_body(const Json* body, std::string_view name, const std::string& pointer,
                                   bool may_be_absent, Faults& faults);

template <class C, class M>
struct FromBody {
  static constexpr bool looks_up = false;
  std::string_view name;
  M C::* member;
  void fill(C& command, const Call&, const Json* body, Faults& faults) const {
    const std::string at = pointer_to("", name);
    if (const auto value = member_of_body(body, name, at, may_be_absent<M>, faults))
      read_value(*value, at, command.*member, faults);
  }
  void describe(Route& route) const {
    route.body.push_back({std::string{name}, schema_of<M>(), !may_be_absent<M>, example_of<unwrapped<M>>()});
  }
};
template <class C, class M>
FromBody<C, M> body(std::string_view name, M C::* member) {
  return {name, member};
}

/// A value that the request does not contain: the caller, the session, a fresh identifier, a constant.
template <class C, class Fill, bool LooksUp>
struct FromCall {
  static constexpr bool looks_up = LooksUp;  ///< in views or the log, which may read the disk
  Fill fill_member;
  void fill(C& command, const Call& call, const Json*, Faults&) const { fill_member(command, call); }
  void describe(Route&) const {}
};
template <class C, class Fill>
FromCall<C, Fill, true> from_call(Fill fill) {
  return {std::move(fill)};
}
/// A value that the call already holds.
template <class C, class Fill>
FromCall<C, Fill, false> from_memory(Fill fill) {
  return {std::move(fill)};
}

template <class C>
auto caller(domain::UserId C::* member) {
  return from_memory<C>([member](C& command, const Call& call) {
    if (call.caller) command.*member = call.user().id;
  });
}
template <class C>
auto own_session(domain::SessionId C::* member) {
  return from_memory<C>([member](C& command, const Call& call) { command.*member = call.session; });
}
template <class C>
auto own_sign_in(domain::SignInId C::* member) {
  return from_memory<C>([member](C& command, const Call& call) { command.*member = call.sign_in; });
}
template <class C, class M>
auto drawn(M C::* member) {
  return from_memory<C>(
      [member](C& command, const Call& call) { (command.*member).uuid = service::fresh_uuid(call.now); });
}
template <class C, class M, class V>
auto always(M C::* member, V value) {
  return from_memory<C>([member, value](C& command, const Call&) { command.*member = value; });
}

// ---- builders ---------------------------------------------------------------------------------------------

/// The answer to an accepted command: the position of its last event, the id it created, and, if `Prefer:
/// receipt` asked for it, the receipt of its last event (C2SP tlog-proof).
struct CommandAnswer {
  storage::Position position = 0;
  std::optional<std::string> id{};
  std::optional<std::string> receipt{};
};
/// Whether the request asks for a receipt with its answer (RFC 7240).
bool prefers_receipt(const Request& request);
Response command_response(Call& call, const service::CommandResult& outcome, const Route& route);
/// The JSON of a thing that a command made: its document, with the members of the command's answer.
std::string with_answer(const CommandAnswer& answer, std::string_view document);
/// The schema of such a document, whose own is a component.
std::string schema_with_answer(std::string_view document_schema);

/// "EnrolCompany" -> "enrolCompany".
std::string operation_id(std::string_view command);
/// A row without its answer.
Route plain_route(std::string_view method, std::string_view path_template, std::string_view tag,
                  std::string_view summary, Access access, int success);
/// Completes the row of a command, whose members are known.
void end_command(Route& route);
/// Reports members of the body that the command does not have.
void check_body(const Json* body, const std::vector<std::string>& known, Faults& faults);
std::vector<std::string> body_members(const Route& route);

template <class C, class... Bindings>
Route command(std::string_view method, std::string_view path_template, std::string_view tag,
              std::string_view summary, Access access, int success, const Bindings&... bindings) {
  Route route = plain_route(method, path_template, tag, summary, std::move(access), success);
  route.id = operation_id(short_name(type_name<C>()));
  if constexpr (!(Bindings::looks_up || ...)) route.runs = Runs::at_once;
  (bindings.describe(route), ...);
  end_command(route);
  route.make_command = [known = body_members(route), bindings...](
                           const Call& call, const Json* json) -> Answered<service::Command> {
    C made{};
    Faults faults;
    check_body(json, known, faults);
    (bindings.fill(made, call, json, faults), ...);
    if (auto refusal = domain::why_fields(std::move(faults))) return std::unexpected{*std::move(refusal)};
    return service::Command{std::move(made)};
  };
  return route;
}

Response json_response(std::string json);
/// JSON of a document.
template <class Doc>
Response document_response(const Doc& document) {
  return json_response(events::to_json(document));
}

/// A document that is a page of a list.
template <class Doc>
concept Paged = requires(Doc page) {
  page.items;
  page.next;
};
/// The parameters of every list.
std::vector<Parameter> paging();
/// Names the next page in the Link header (RFC 8288), too.
void add_next_link(const Call& call, const std::optional<std::string>& next, Response& response);

template <class Doc>
Route query(std::string_view path_template, std::string_view tag, std::string_view summary, Access access,
            Answered<Doc> (*answer)(Call&)) {
  Route route = plain_route("GET", path_template, tag, summary, std::move(access), 200);
  route.answer_schema = schema_of<Doc>();
  if constexpr (Paged<Doc>) route.parameters = paging();
  route.answer = [answer](Call& call, const Json*) -> Answered<Response> {
    return mapped(answer(call), [&](const Doc& document) {
      Response response = document_response(document);
      if constexpr (Paged<Doc>) add_next_link(call, document.next, response);
      return response;
    });
  };
  return route;
}
/// A query whose answers are cached while they are valid.
Route kept(Route route, Keeping keeping);
/// A query with query parameters.
template <class Doc>
Route query(std::string_view path_template, std::string_view tag, std::string_view summary, Access access,
            std::vector<Parameter> parameters, Answered<Doc> (*answer)(Call&)) {
  Route route = query<Doc>(path_template, tag, summary, std::move(access), answer);
  std::ranges::move(parameters, std::back_inserter(route.parameters));
  return route;
}

}  // namespace ttp::http

namespace ttp::events {
template <>
inline constexpr auto shape<http::CommandAnswer> = fields<http::CommandAnswer>(
    field("position", &http::CommandAnswer::position), field("id", &http::CommandAnswer::id),
    field("receipt", &http::CommandAnswer::receipt));
}  // namespace ttp::events
