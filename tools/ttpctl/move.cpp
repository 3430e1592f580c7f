// ttpctl move: brings a log into PostgreSQL, where several nodes can share it, and back into its folder.
#include "storage/postgres/move.hpp"

#include <filesystem>
#include <iostream>
#include <memory>
#include <stdexcept>

#include "events/json.hpp"
#include "service/service.hpp"
#include "storage/log/rocks_log.hpp"
#include "storage/postgres/schema.hpp"
#include "tools/ttpctl/command.hpp"

namespace ttp::tools {
namespace {

namespace fs = std::filesystem;
namespace postgres = storage::postgres;

constexpr std::chrono::seconds connect_time{15};

struct MoveOptions {
  std::string database;
  bool without_standby = false;
};

std::unique_ptr<postgres::Connection> connect(const MoveOptions& move) {
  try {
    const auto servers = postgres::servers_of(move.database);
    return std::make_unique<postgres::Connection>(servers, connect_time);
  } catch (const std::invalid_argument& fault) {
    throw Failure{exit_usage, fault.what()};
  }
}

void tell(const Options& options, std::string_view what, const postgres::Moved& moved,
          const fs::path& folder) {
  const std::string root = events::to_base64(events::as_text(moved.head.root));
  if (!options.json) {
    std::cout << (moved.was_done_before ? "It had been moved before" : std::string{what}) << ": "
              << moved.head.next << " events, root " << root << "; " << moved.events << " copied now; "
              << folder.string() << "\n";
    return;
  }
  std::string json;
  events::ObjectWriter object(json);
  object.member("size", moved.head.next).member("root", root).member("copied", moved.events);
  object.member("was_done_before", moved.was_done_before).member("log", folder.string());
  object.end();
  std::cout << json << "\n";
}

/// A log that stands alone must be the one that was signed last, as at every start of the server.
void check_the_signature(const service::Config& config) {
  const bool stands_alone = !storage::open_rocks_log_to_move(config.data_dir / "log")->taken();
  if (stands_alone) const service::Stores checked(config);
}

Exit move_in(const MoveOptions& move, const Options& options) {
  const service::Config config = options.load_with_log();
  const auto connection = connect(move);
  check_the_signature(config);
  const auto log = storage::open_rocks_log_to_move(config.data_dir / "log");
  ProgressLine line("move");
  const auto moved = postgres::move_in(
      *log, *connection, move.without_standby ? postgres::Standby::not_required : postgres::Standby::required,
      [&](auto done, auto total) { line.show(done, total); });
  tell(options, "Moved into PostgreSQL", moved, config.data_dir / "log");
  return exit_ok;
}

Exit move_out(const MoveOptions& move, const Options& options) {
  const service::Config config = options.load_with_log();
  const auto connection = connect(move);
  const auto replica = storage::open_rocks_log_to_move(config.data_dir / "log");
  ProgressLine line("move");
  const auto moved =
      postgres::move_out(*replica, *connection, [&](auto done, auto total) { line.show(done, total); });
  tell(options, "Moved out of PostgreSQL", moved, config.data_dir / "log");
  return exit_ok;
}

Exit prepare(const MoveOptions& move, const Options& options) {
  const auto connection = connect(move);
  const int before = postgres::version_of(*connection);
  postgres::migrate(*connection);
  const int now = postgres::version_of(*connection);
  if (!options.json) {
    std::cout << "The schema of the log has version " << now << "; before it was " << before << "\n";
    return exit_ok;
  }
  std::string json;
  events::ObjectWriter object(json);
  object.member("schema_version", static_cast<std::uint64_t>(now));
  object.member("schema_version_before", static_cast<std::uint64_t>(before));
  object.end();
  std::cout << json << "\n";
  return exit_ok;
}

}  // namespace

void add_move(Commands& commands) {
  constexpr const char* database_help =
      "Connection string or URI of libpq; give no password in it, libpq reads PGPASSFILE";
  Commands move = commands.group("move", "Brings the log into PostgreSQL, or back into its folder");
  const auto chosen = std::make_shared<MoveOptions>();
  move.add("prepare", "Creates the schema of the log in a database, or brings it to this program's version",
           "ttpctl move prepare --database \"host=/run/postgresql dbname=ttp_log\"",
           [chosen](const Options& options) { return prepare(*chosen, options); })
      .required("--database", &chosen->database, database_help);
  move.add("in", "Copies the log into the database; its folder becomes a replica. Can be repeated until done",
           "ttpctl move in --database \"host=/run/postgresql dbname=ttp_log\" --data-dir data",
           [chosen](const Options& options) { return move_in(*chosen, options); })
      .required("--database", &chosen->database, database_help)
      .optional("--without-standby", &chosen->without_standby,
                "Take appends though no synchronous standby is configured: for trials");
  move.add("out", "Seals the log in the database for good; the folder's log stands alone again",
           "ttpctl move out --database \"host=/run/postgresql dbname=ttp_log\" --data-dir data",
           [chosen](const Options& options) { return move_out(*chosen, options); })
      .required("--database", &chosen->database, database_help);
}

}  // namespace ttp::tools
