#include "storage/postgres/move.hpp"

#include <algorithm>
#include <optional>
#include <set>
#include <stdexcept>
#include <tuple>
#include <utility>
#include <vector>

#include "events/envelope.hpp"
#include "storage/postgres/pages.hpp"
#include "storage/postgres/schema.hpp"

namespace ttp::storage::postgres {
namespace {

using namespace std::chrono_literals;
using events::Damaged;

constexpr auto time_out = std::chrono::minutes{2};
constexpr const char* mover = "move";
/// A page of the move: one append of the shared log.
constexpr std::size_t page_events_max = 4096;
constexpr std::size_t page_bytes_max = std::size_t{8} * 1024 * 1024;

/// The end of the log in the database, and the time of its last event.
std::pair<End, domain::Time> end_in(Connection& connection) {
  const auto rows = connection.run(
      {"SELECT number, next, root, last_ms FROM es.batch ORDER BY number DESC LIMIT 1"}, time_out);
  End end{static_cast<std::uint64_t>(rows.number(0, 0)), static_cast<Position>(rows.number(0, 1)), {}};
  std::ranges::copy(events::as_bytes(rows.bytes(0, 2)), end.root.begin());
  return {end, domain::Time{domain::Duration{rows.number(0, 3)}}};
}

/// Refuses a database whose log is not the beginning of this one.
void refuse_other_history(const Log& log, const End& end) {
  if (end.next > log.head().next || log.root_at(end.next) != end.root)
    throw Damaged("the log in the database is not the beginning of this log");
}

/// Cuts a log into the appends that the database gets.
class Copy {
 public:
  Copy(const Log& log, Connection& connection)
      : log_(log), connection_(connection), total_(log.head().next), quiet_(commands_without_events(log)) {
    std::tie(end_, last_recorded_) = end_in(connection);
    refuse_other_history(log, end_);
    drop_quiet_of_before();
    for (Position position = 0; position < end_.next % tile_width; ++position)
      leaves_.push_back(log.leaf_hash(end_.next - end_.next % tile_width + position));
    edge_ = TileEdge::rebuild(
        end_.next, [&](unsigned level, std::uint64_t index) { return log.tile(level, index); }, leaves_);
  }

  std::uint64_t run(const MoveProgress& progress) {
    const Position began = end_.next;
    while (end_.next < total_ || next_quiet_ < quiet_.size()) {
      send(next_page());
      progress(end_.next, total_);
    }
    if (end_.root != log_.head().root) throw Damaged("the copy has another root than the log");
    compare_commands();
    return end_.next - began;
  }
  const End& end() const { return end_; }

 private:
  /// Passes over the commands without events that an interrupted move has copied.
  void drop_quiet_of_before() {
    if (end_.number == 0) return;
    std::set<domain::CommandId> there;
    for (std::size_t at = 0; at < quiet_.size(); at += page_events_max) {
      std::vector<domain::Uuid> ids;
      for (std::size_t i = at; i < std::min(at + page_events_max, quiet_.size()); ++i)
        ids.push_back(quiet_[i].command.uuid);
      const auto rows =
          connection_.run({"SELECT id FROM es.command WHERE id = ANY ($1)", Values{}.uuids(ids)}, time_out);
      for (std::size_t row = 0; row < rows.size(); ++row) {
        domain::CommandId id;
        std::ranges::copy(events::as_bytes(rows.bytes(row, 0)), id.uuid.bytes.begin());
        there.insert(id);
      }
    }
    std::erase_if(quiet_, [&](const CommandRow& row) { return there.contains(row.command); });
  }

  /// A retry of a command that was not copied would be carried out again.
  void compare_commands() {
    std::int64_t own = 0;
    log_.each_command_row([&](const CommandRow&) { ++own; });
    const auto copied = connection_.run({"SELECT count(*) FROM es.command"}, time_out).number(0, 0);
    if (own != copied)
      throw Damaged("the copy has " + std::to_string(copied) + " commands and the log " +
                    std::to_string(own));
  }

  SharedAppend next_page() {
    SharedAppend page;
    page.number = end_.number + 1;
    page.first = end_.next;
    std::size_t bytes = 0;
    std::optional<domain::CommandId> of_last;
    log_.scan(end_.next, 2 * page_events_max, [&](const SeenEvent& event) {
      if (is_full_) return;
      const auto envelope = events::view_envelope(event.envelope);
      const bool is_new = of_last != envelope.command;
      if (is_new && (page.events.size() >= page_events_max || bytes >= page_bytes_max)) {
        is_full_ = true;
        return;
      }
      if (is_new) add_command(page, envelope.command, event.position);
      of_last = envelope.command;
      last_recorded_ = envelope.recorded_at;
      page.events.push_back(
          {event.position, event.version, std::string{event.envelope}, std::string{event.body}});
      bytes += event.envelope.size() + event.body.size();
      edge_.push(hash_leaf(event.version, event.envelope), filled_);
      filled_.clear();
    });
    is_full_ = false;
    add_quiet(page);
    page.last_recorded = last_recorded_;
    page.head = {edge_.size(), false, edge_.root()};
    return page;
  }

  void add_command(SharedAppend& page, const domain::CommandId& id, Position first) const {
    const auto command = log_.find_command(id);
    if (command && command->first == first) page.commands.emplace_back(id, *command);
  }

  /// Adds the commands without events that were accepted among this page's events, or after the last event.
  void add_quiet(SharedAppend& page) {
    const Position next = edge_.size();
    for (; next_quiet_ < quiet_.size() && page.commands.size() < 2 * page_events_max; ++next_quiet_) {
      const auto& row = quiet_[next_quiet_];
      if (row.first >= next && next < total_) break;
      if (row.first == total_ && !page.events.empty()) break;
      page.commands.emplace_back(row.command, log_.find_command(row.command).value());
    }
  }

  void send(const SharedAppend& page) {
    const auto rows = connection_.run(append_statement(end_, page, mover, Appending::moving_in), time_out);
    if (!rows.flag(0, 0)) throw std::runtime_error("another program moves a log into this database, too");
    end_ = {page.number, page.head.next, page.head.root};
  }

  const Log& log_;
  Connection& connection_;
  const Position total_;
  std::vector<CommandRow> quiet_;
  std::size_t next_quiet_ = 0;
  End end_;
  domain::Time last_recorded_{};
  std::vector<events::Hash> leaves_;
  TileEdge edge_;
  std::vector<FullTile> filled_;
  bool is_full_ = false;
};

void refuse_other_log(const Log& log, const std::optional<LogIdentity>& identity) {
  if (!identity) throw std::runtime_error("the database has no log");
  if (identity->id != log.id())
    throw std::runtime_error("the database has another log: one database holds one log");
}

void follow(Replica& replica, Connection& connection, const MoveProgress& progress) {
  const auto end =
      static_cast<std::uint64_t>(connection.run({"SELECT es.barrier_1()"}, time_out).number(0, 0));
  while (*replica.taken() < end) {
    const auto page = read_page(connection, end_of(replica), time_out);
    if (page.empty()) throw Damaged("the shared log lacks appends before its end");
    replica.take(page);
    progress(*replica.taken(), end);
  }
  if (*replica.taken() > end) throw Damaged("the shared log ends before this replica");
}

}  // namespace

Moved move_in(Replica& log, Connection& connection, Standby standby, const MoveProgress& progress) {
  migrate(connection);
  if (!identity_of(connection)) create_log(connection, {log.id(), standby == Standby::required});
  refuse_other_log(log, identity_of(connection));
  Moved moved{log.head(), 0, log.taken() && is_open(connection)};
  if (moved.was_done_before) return moved;
  if (!log.taken()) {
    if (is_open(connection))
      throw std::runtime_error(
          "the log in the database is in use, and this folder holds a log that stands alone. If it was moved "
          "out before, move it into a new database");
    if (log.head().sealed) throw std::runtime_error("a sealed log is not moved");
    Copy copy{log, connection};
    moved.events = copy.run(progress);
    log.become_replica(copy.end().number);
  }
  // From here on the folder takes no commits; only now the shared log does.
  open_log(connection);
  return moved;
}

Moved move_out(Replica& replica, Connection& connection, const MoveProgress& progress) {
  refuse_other_log(replica, identity_of(connection));
  if (!replica.taken()) {
    refuse_other_history(replica, end_in(connection).first);
    return {replica.head(), 0, true};
  }
  const Position before = replica.head().next;
  follow(replica, connection, progress);
  connection.run({"SELECT es.seal_1($1)", Values{}.text(mover)}, time_out);
  follow(replica, connection, progress);
  if (!replica.head().sealed || end_in(connection).first.root != replica.head().root)
    throw Damaged("the replica has another root than the sealed log");
  replica.sync();
  replica.stand_alone();
  return {replica.head(), replica.head().next - before, false};
}

}  // namespace ttp::storage::postgres
