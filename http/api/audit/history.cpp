#include "http/api/audit/history.hpp"

#include <atomic>
#include <chrono>
#include <limits>
#include <memory>
#include <sstream>

#include "events/json.hpp"
#include "http/api/audit/past.hpp"
#include "http/api/pages.hpp"
#include "service/reading/history.hpp"
#include "storage/log/times.hpp"
#include "storage/tree/proofs.hpp"

namespace ttp::http {
namespace {

using namespace domain;
using service::EventFilter;
using storage::Position;

std::string base64(const events::Hash& hash) {
  return events::to_base64(events::as_text(hash));
}
std::vector<std::string> base64(const std::vector<events::Hash>& hashes) {
  std::vector<std::string> texts;
  for (const events::Hash& hash : hashes) texts.push_back(base64(hash));
  return texts;
}

storage::TileReader tiles_of(const storage::Log& log) {
  return [&log](unsigned level, std::uint64_t index) { return log.tile(level, index); };
}

// ---- the history -----------------------------------------------------------------------------------------

Answered<EventFilter> filter_in(const Call& call) {
  EventFilter filter;
  const auto actor = user_in(call, "actor");
  if (!actor) return std::unexpected{actor.error()};
  filter.actor = *actor;
  for (std::istringstream types{std::string{call.query_text("type")}}; !types.eof();) {
    std::string type;
    std::getline(types, type, ',');
    if (!type.empty()) filter.types.insert(type);
  }
  const auto since = time_in(call, "since");
  const auto until = time_in(call, "until");
  const auto to = number_in(call, "to_position");
  if (!since) return std::unexpected{since.error()};
  if (!until) return std::unexpected{until.error()};
  if (!to) return std::unexpected{to.error()};
  filter.since = *since;
  filter.until = *until;
  filter.to_position = *to;
  return filter;
}

/// Where to begin: behind the last page, at the position asked for, or where the time asked for stands.
Answered<Position> first_position(const Call& call, const EventFilter& filter) {
  const auto start = page_start(call);
  if (!start) return std::unexpected{start.error()};
  if (!start->empty()) return position_of_cursor(*start);
  const auto from = number_in(call, "from_position");
  if (!from) return std::unexpected{from.error()};
  const Position first = from->value_or(0);
  return filter.since ? std::max(first, storage::first_at(call.service.log(), *filter.since)) : first;
}

/// CloudEvents 1.0: the log is the source, the position is the event's identifier in it.
std::string cloud_event(const Call& call, const EventDocument& event) {
  std::string json;
  events::ObjectWriter object(json);
  object.member("specversion", "1.0").member("id", std::to_string(event.position));
  object.member("source", "//" + call.service.config().origin).member("type", event.type);
  object.member("subject", event.stream).member("time", event.recorded_at);
  object.member("datacontenttype", "application/json").member("position", std::to_string(event.position));
  object.member("streamversion", std::to_string(event.version));
  object.member("schemaversion", std::to_string(event.schema_version));
  object.member("actorkind", event.actor_kind).member("actor", event.actor).raw("data", event.data.json);
  object.end();
  return json;
}

/// The next page's address, for the forms whose body has no place for a cursor.
std::string link_to(const Call& call, const std::string& cursor) {
  std::string target = call.request.head->path + "?cursor=" + cursor;
  std::istringstream query{call.request.head->query};
  for (std::string pair; std::getline(query, pair, '&');) {
    const std::string name = pair.substr(0, pair.find('='));
    if (name != "cursor" && name != "from_position" && name != "min_position") target += "&" + pair;
  }
  return "<" + target + ">; rel=\"next\"";
}

/// What a history is of: everything, one account or one user.
struct Subject {
  std::optional<AccountId> account{};
  std::optional<UserId> user{};
};

service::ReadEvents reader_of(const service::Service& service, const Subject& subject) {
  return [&service, subject](Position from, std::size_t limit) {
    if (subject.account) return service.queries().history(*subject.account, from, limit);
    if (subject.user) return service.queries().history(*subject.user, from, limit);
    return service.queries().history(from, limit);
  };
}

Answered<Response> history_page(Call& call, const Subject& subject) {
  const auto filter = filter_in(call);
  if (!filter) return std::unexpected{filter.error()};
  const auto limit = page_limit(call);
  if (!limit) return std::unexpected{limit.error()};
  const auto from = first_position(call, *filter);
  if (!from) return std::unexpected{from.error()};
  const auto personal = shows_personal(call, Look::history, subject.user, subject.account);
  if (!personal) return std::unexpected{personal.error()};
  const auto found = service::read_filtered(reader_of(call.service, subject), *filter, *from, *limit);
  Page<EventDocument> page;
  for (const auto& each : found.events) page.items.push_back(event_document(each, *personal));
  if (found.next) page.next = call.service.secrets().cursor(std::to_string(*found.next));

  const std::string_view format = call.query_text("format");
  if (format.empty() || format == "json") return document_response(page);
  Response response{200, {}, {}, false};
  if (format == "ndjson") {
    response.headers.emplace_back("Content-Type", "application/x-ndjson");
    for (const EventDocument& event : page.items) response.body += events::to_json(event) + "\n";
  } else if (format == "cloudevents") {
    response.headers.emplace_back("Content-Type", "application/cloudevents-batch+json");
    for (const EventDocument& event : page.items)
      response.body += (response.body.empty() ? "[" : ",") + cloud_event(call, event);
    response.body += response.body.empty() ? "[]" : "]";
  } else {
    return refused_query(Reason::not_a_choice, "format");
  }
  if (page.next) response.headers.emplace_back("Link", link_to(call, *page.next));
  return response;
}

// ---- the history as it comes -----------------------------------------------------------------------------

constexpr std::size_t streams_max = 64;
constexpr std::size_t events_a_part = 100, looked_at_a_part = 1000;
constexpr auto heartbeat = std::chrono::seconds{15};
constexpr auto check_interval = std::chrono::seconds{1};  // between two looks at session and role

/// One client's stream. It ends with the session, and where the role is taken away.
class EventStream {
 public:
  EventStream(const Call& call, const Subject& subject, EventFilter filter, Position from)
      : service_(call.service),
        user_(call.user().id),
        session_(call.session),
        read_(reader_of(call.service, subject)),
        filter_(std::move(filter)),
        next_(from) {
    ++open_;
  }
  ~EventStream() { --open_; }
  EventStream(const EventStream&) = delete;
  EventStream& operator=(const EventStream&) = delete;

  static bool may_open() { return open_ < streams_max; }

  Part next_part() {
    const auto now = Clock::now();
    if (now >= next_check_) {
      if (!is_allowed()) return {{}, true};
      next_check_ = now + check_interval;
    }
    const Position head = service_.log().head().next;
    if (next_ >= head) return quiet(now);
    const auto found = service::read_filtered(read_, filter_, next_, events_a_part, looked_at_a_part);
    Part part;
    for (const auto& each : found.events) {
      const EventDocument document = event_document(each, false);
      part.bytes += "id: " + std::to_string(document.position) + "\nevent: " + document.type +
                    "\ndata: " + events::to_json(document) + "\n\n";
    }
    // Where nothing more was found, all that there was has been looked at.
    next_ = found.next.value_or(head);
    if (!part.bytes.empty()) last_sent_ = now;
    if (part.bytes.empty()) return quiet(now);
    return part;
  }

 private:
  using Clock = std::chrono::steady_clock;

  /// An identifier without data moves on from where the client takes up the stream, and nothing more.
  Part quiet(Clock::time_point now) {
    if (now < last_sent_ + heartbeat) return {};
    last_sent_ = now;
    return {next_ > 0 ? "id: " + std::to_string(next_ - 1) + "\n\n" : ":\n\n", false};
  }

  bool is_allowed() const {
    const auto user = service_.queries().user(user_);
    const Session* session = user ? user->state.session(session_) : nullptr;
    return session && service_.sessions().is_open(*session, service_.now()) &&
           std::ranges::any_of(user->state.staff_roles, [](StaffRole role) {
             return role == StaffRole::auditor || role == StaffRole::privacy_auditor;
           });
  }

  static inline std::atomic<std::size_t> open_{0};

  service::Service& service_;
  const UserId user_;
  const SessionId session_;
  const service::ReadEvents read_;
  const EventFilter filter_;
  Position next_;
  Clock::time_point last_sent_ = Clock::now();
  Clock::time_point next_check_{};
};

/// Behind the event that the client saw last, else where the query says, else from the beginning.
Answered<Position> stream_start(const Call& call, const EventFilter& filter) {
  const auto seen = call.request.header("last-event-id");
  if (!seen) return first_position(call, filter);
  const auto position = parse_number(*seen);
  if (!position || *position == std::numeric_limits<Position>::max())
    return refused_query(Reason::malformed, "Last-Event-ID");
  return *position + 1;
}

Answered<Response> event_stream(Call& call, const Subject& subject) {
  const auto filter = filter_in(call);
  if (!filter) return std::unexpected{filter.error()};
  const auto from = stream_start(call, *filter);
  if (!from) return std::unexpected{from.error()};
  if (!EventStream::may_open()) return refused(Reason::overloaded);
  Response response{200, {{"Content-Type", "text/event-stream"}, {"Cache-Control", "no-store"}}, {}, true};
  response.next_part = [stream = std::make_shared<EventStream>(call, subject, *filter, *from)] {
    return stream->next_part();
  };
  return response;
}

// ---- tiles -----------------------------------------------------------------------------------------------

/// The tile that the path names, if it exists with that many entries: at the right edge it may have grown.
std::optional<storage::TileName> named_tile(const Call& call) {
  const auto name = storage::parse_tile_path(std::string_view{call.request.head->path}.substr(1));
  if (!name) return std::nullopt;
  const unsigned shift = 8 * name->level.value_or(0);
  const Position present = shift < 64 ? call.service.log().head().next >> shift : 0;
  if (name->index > (present >> 8)) return std::nullopt;
  return present >= name->index * storage::tile_width + name->width ? name : std::nullopt;
}

Response tile_response(std::string body) {
  // A tile of one width never changes.
  return {200,
          {{"Content-Type", "application/octet-stream"},
           {"Cache-Control", "public, max-age=31536000, immutable"}},
          std::move(body),
          false};
}

}  // namespace

Answered<Response> audit_all(Call& call, const Json*) {
  return history_page(call, {});
}
Answered<Response> audit_account(Call& call, const Json*) {
  return history_page(call, {call.id<AccountId>("account"), {}});
}
Answered<Response> audit_user(Call& call, const Json*) {
  return history_page(call, {{}, call.id<UserId>("user")});
}
Answered<Response> audit_stream(Call& call, const Json*) {
  return event_stream(call, {});
}
Answered<Response> audit_account_stream(Call& call, const Json*) {
  return event_stream(call, {call.id<AccountId>("account"), {}});
}
Answered<Response> audit_user_stream(Call& call, const Json*) {
  return event_stream(call, {{}, call.id<UserId>("user")});
}

Answered<Response> checkpoint(Call& call, const Json*) {
  return Response{
      200, {{"Content-Type", "text/plain; charset=utf-8"}}, call.service.checkpoints().note(), false};
}

Answered<Response> hash_tile(Call& call, const Json*) {
  const auto name = named_tile(call);
  if (!name || !name->level) return refused(Reason::route_not_found);
  const auto hashes = call.service.log().tile(*name->level, name->index);
  std::string body;
  for (unsigned i = 0; i < name->width; ++i) body += events::as_text(hashes[i]);
  return tile_response(std::move(body));
}

Answered<Response> entry_bundle(Call& call, const Json*) {
  const auto name = named_tile(call);
  if (!name || name->level) return refused(Reason::route_not_found);
  std::string body;
  for (const auto& event : call.service.log().read(name->index * storage::tile_width, name->width))
    storage::put_entry(body, event);
  Response response = tile_response(std::move(body));
  response.headers.back().second = "private, no-store";
  return response;
}

// ---- proofs ----------------------------------------------------------------------------------------------

Answered<InclusionDocument> inclusion(Call& call) {
  const storage::Log& log = call.service.log();
  const auto position = number_in(call, "position");
  const auto wanted = number_in(call, "size");
  if (!position) return std::unexpected{position.error()};
  if (!wanted) return std::unexpected{wanted.error()};
  if (!*position) return refused_query(Reason::missing, "position");
  const Position size = wanted->value_or(log.head().next);
  if (size > log.head().next) return refused_query(Reason::out_of_range, "size");
  if (**position >= size) return refused_query(Reason::out_of_range, "position");
  return InclusionDocument{**position, size, base64(log.leaf_hash(**position)), base64(log.root_at(size)),
                           base64(storage::inclusion_proof(**position, size, tiles_of(log)))};
}

Answered<ConsistencyDocument> consistency(Call& call) {
  const storage::Log& log = call.service.log();
  const auto from = number_in(call, "from");
  const auto wanted = number_in(call, "to");
  if (!from) return std::unexpected{from.error()};
  if (!wanted) return std::unexpected{wanted.error()};
  if (!*from) return refused_query(Reason::missing, "from");
  const Position to = wanted->value_or(log.head().next);
  if (to > log.head().next) return refused_query(Reason::out_of_range, "to");
  if (**from > to) return refused_query(Reason::out_of_range, "from");
  return ConsistencyDocument{**from, base64(log.root_at(**from)), to, base64(log.root_at(to)),
                             base64(storage::consistency_proof(**from, to, tiles_of(log)))};
}

Answered<Page<VerifierKeyDocument>> verifier_keys(Call& call) {
  const auto verifiers = call.service.verifiers();
  auto since = call.service.keys_since(service::KeyPurpose::checkpoint_signing);
  std::ranges::reverse(since);
  Page<VerifierKeyDocument> page;
  for (std::size_t i = 0; i < verifiers.size(); ++i)
    page.items.push_back({storage::to_text(verifiers[i]), since[i]});
  return page;
}

Answered<Response> receipt(Call& call, const Json*) {
  const std::string& text = call.path.find("position")->second;
  const auto position = parse_number(text);
  if (!position || *position >= call.service.log().head().next) return refused(Reason::event_not_found);
  return Response{200,
                  {{"Content-Type", "text/plain; charset=utf-8"},
                   {"Content-Disposition", "attachment; filename=\"" + text + ".tlog-proof\""}},
                  call.service.receipt(*position),
                  false};
}

}  // namespace ttp::http
