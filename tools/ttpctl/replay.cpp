// ttpctl replay: shows the history of an account, of a user or of everything, as readable text or as JSON
// lines.
#include <limits>
#include <memory>

#include "events/codec.hpp"
#include "events/json.hpp"
#include "service/service.hpp"
#include "tools/ttpctl/command.hpp"

namespace ttp::tools {
namespace {

constexpr std::size_t page_events = 1000;

struct Wanted {
  std::string account;
  std::string user;
  bool all = false;
  bool personal = false;
  storage::Position from = 0;
  std::uint64_t limit = std::numeric_limits<std::uint64_t>::max();
};

std::string_view actor_kind(events::ActorKind kind) {
  switch (kind) {
    case events::ActorKind::system:
      return "system";
    case events::ActorKind::user:
      return "user";
    case events::ActorKind::staff:
      return "staff";
    case events::ActorKind::tool:
      return "tool";
  }
  return "";
}

void show(const events::Recorded& recorded, const Wanted& wanted, bool json) {
  const auto& envelope = recorded.envelope;
  const std::string data =
      wanted.personal ? events::event_to_json(recorded.event) : events::open_fields_to_json(recorded.event);
  if (!json) {
    std::cout << recorded.position << "  " << domain::to_text(envelope.recorded_at) << "  " << envelope.stream
              << "@" << recorded.version << "  " << actor_kind(envelope.actor.kind)
              << (envelope.actor.id.is_nil() ? "" : " " + domain::to_text(envelope.actor.id)) << "  "
              << envelope.type << (recorded.erased ? "  (personal fields erased)" : "") << "\n      " << data
              << "\n";
    return;
  }
  std::string line;
  events::ObjectWriter object(line);
  object.member("position", recorded.position).member("recorded_at", envelope.recorded_at);
  object.member("stream", envelope.stream).member("version", recorded.version).member("type", envelope.type);
  object.member("schema_version", envelope.schema_version)
      .member("actor_kind", actor_kind(envelope.actor.kind));
  if (!envelope.actor.id.is_nil()) object.member("actor", envelope.actor.id);
  object.member("command", envelope.command)
      .member("request", envelope.request)
      .member("erased", recorded.erased);
  object.raw("data", data);
  object.end();
  std::cout << line << "\n";
}

domain::Uuid parsed(std::string_view option, const std::string& text) {
  const auto uuid = domain::parse_uuid(text);
  if (!uuid) throw Failure{exit_usage, std::string{option} + " takes an identifier as the API shows it"};
  return *uuid;
}

Exit replay(const Wanted& wanted, const Options& options) {
  const int scopes = !wanted.account.empty() + !wanted.user.empty() + wanted.all;
  if (scopes != 1) throw Failure{exit_usage, "use exactly one of --account, --user and --all"};
  service::Stores stores(options.load_with_log());
  const service::Queries& queries = stores.queries;
  const auto page = [&](storage::Position from, std::size_t limit) {
    if (!wanted.account.empty())
      return queries.history(domain::AccountId{parsed("--account", wanted.account)}, from, limit);
    if (!wanted.user.empty())
      return queries.history(domain::UserId{parsed("--user", wanted.user)}, from, limit);
    return queries.history(from, limit);
  };
  storage::Position from = wanted.from;
  std::uint64_t shown = 0;
  while (shown < wanted.limit) {
    const auto recorded = page(from, std::min<std::uint64_t>(page_events, wanted.limit - shown));
    for (const auto& each : recorded) show(each, wanted, options.json);
    if (recorded.empty()) break;
    shown += recorded.size();
    from = recorded.back().position + 1;
  }
  if (shown == 0 && !wanted.all) throw Failure{exit_not_found, "there are no such events"};
  return exit_ok;
}

}  // namespace

void add_replay(Commands& commands) {
  const auto wanted = std::make_shared<Wanted>();
  commands
      .add("replay", "Shows the history of an account, of a user or of everything",
           "ttpctl replay --all -o json --data-dir data",
           [wanted](const Options& options) { return replay(*wanted, options); })
      .optional("--account", &wanted->account, "An account's events and its programme's events")
      .optional("--user", &wanted->user, "A user's events")
      .optional("--all", &wanted->all, "Every event")
      .optional("--from", &wanted->from, "First position")
      .optional("--limit", &wanted->limit, "Maximum number of events")
      .optional("--personal", &wanted->personal,
                "Shows the personal fields; only for persons who may see them");
}

}  // namespace ttp::tools
