#include "storage/postgres/postgres_log.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <optional>
#include <span>
#include <stdexcept>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

#include "os/mutex.hpp"
#include "os/worker.hpp"
#include "storage/log/judge.hpp"
#include "storage/log/rocks_log.hpp"
#include "storage/postgres/connection.hpp"
#include "storage/postgres/pages.hpp"
#include "storage/postgres/schema.hpp"

namespace ttp::storage {
namespace {

using namespace std::chrono_literals;
using events::Damaged;
using postgres::Connection;
using postgres::Denied;
using postgres::Lost;
using std::chrono::milliseconds;
using std::chrono::steady_clock;
using Until = steady_clock::time_point;

/// One append has about as many bytes of events. PostgreSQL bounds an array by 1 GB; and while libpq sends
/// without blocking, it moves all that is left in its buffer after each part.
constexpr std::size_t append_bytes_max = std::size_t{8} * 1024 * 1024;
constexpr milliseconds connect_max = 3s;
constexpr milliseconds between_attempts = 50ms;
/// The tail looks without being notified, too, because a notice is lost with its connection.
constexpr milliseconds look_every = 500ms, stop_looked_at_every = 25ms, report_every = 1s;

/// The rows that an append will write, and its results if that is done.
struct Plan {
  postgres::End end;
  std::vector<SharedAppend> appends;
  std::vector<AppendResult> results;
  domain::Time last_recorded{};
  /// Whether a commit that writes nothing must be confirmed by the shared log.
  bool confirms = false;
};

bool writes(const Commit& commit) {
  return !commit.events.empty() || commit.id != domain::CommandId{};
}

/// Divides what a judge accepted into appends of a bounded size. A commit is never divided.
class Planner {
 public:
  Planner(Plan& plan, TileEdge edge, bool sealed) : plan_(plan), edge_(std::move(edge)), sealed_(sealed) {}

  void add(const Commit& commit, std::span<const Placed> placed, const Appended& at) {
    if (!writes(commit)) {
      plan_.confirms = true;
      return;
    }
    if (plan_.appends.empty() || bytes_ > append_bytes_max) begin();
    auto& append = plan_.appends.back();
    for (const auto& [position, version, event] : placed) {
      append.events.push_back({position, version, event->envelope, event->body});
      edge_.push(hash_leaf(version, event->envelope), filled_);
      filled_.clear();
      bytes_ += event->envelope.size() + event->body.size();
      append.last_recorded = events::view_envelope(event->envelope).recorded_at;
    }
    if (commit.id != domain::CommandId{})
      append.commands.emplace_back(commit.id,
                                   Duplicate{at.first, at.last, commit.fingerprint, commit.answer});
    bytes_ += commit.answer.size();
    append.head = {edge_.size(), sealed_, edge_.root()};
  }

 private:
  void begin() {
    const auto last_recorded =
        plan_.appends.empty() ? plan_.last_recorded : plan_.appends.back().last_recorded;
    auto& append = plan_.appends.emplace_back();
    append.number = plan_.end.number + plan_.appends.size();
    append.first = edge_.size();
    append.last_recorded = last_recorded;
    bytes_ = 0;
  }

  Plan& plan_;
  TileEdge edge_;
  const bool sealed_;
  std::size_t bytes_ = 0;
  std::vector<FullTile> filled_;
};

/// Whether the same statement may succeed later: locks, space, a standby that is missing for the moment.
bool may_pass(const Denied& denied) {
  const auto& code = denied.sqlstate;
  return code == "55P03" || code == "55000" || code == "57014" || code.starts_with("40") ||
         code.starts_with("53");
}

domain::Uuid fresh_instance() {
  domain::Uuid id;
  events::fill_random(id.bytes);
  return id;
}

/// The connection to the database, checked: it has the log that the replica follows.
std::unique_ptr<Connection> connect(std::span<const postgres::Server> servers,
                                    const std::optional<domain::Uuid>& wanted) {
  auto connection = std::make_unique<Connection>(servers, connect_max);
  const int version = postgres::version_of(*connection);
  if (version < postgres::schema_version_min)
    throw std::runtime_error("the database has the schema of version " + std::to_string(version) +
                             " for a log, and this program needs " +
                             std::to_string(postgres::schema_version_min) + ": run ttpctl move prepare");
  const auto identity = postgres::identity_of(*connection);
  if (!identity || !postgres::is_open(*connection))
    throw std::runtime_error("the database has no open log: ttpctl move in brings one there");
  if (wanted && identity->id != *wanted)
    throw std::runtime_error("the database has another log than this node's replica");
  return connection;
}

/// At a start the database may not be there yet, or be in the middle of a fail-over.
std::unique_ptr<Connection> connect_patiently(std::span<const postgres::Server> servers,
                                              milliseconds patience) {
  const Until until = steady_clock::now() + patience;
  for (;;) {
    try {
      return connect(servers, std::nullopt);
    } catch (const Lost&) {
      if (steady_clock::now() >= until) throw;
    }
    std::this_thread::sleep_for(between_attempts);
  }
}

class PostgresLog final : public SharedLog {
 public:
  PostgresLog(const SharedLogOptions& options, const Memory& memory)
      : options_(options),
        servers_(postgres::servers_of(options.database)),
        connection_(connect_patiently(servers_, options.patience)),
        replica_(open_rocks_replica(options.replica_dir, postgres::identity_of(*connection_)->id, memory)),
        last_recorded_(storage::last_recorded(*replica_)) {
    counts_.connects = 1;
    barrier();
    tail_.emplace(
        os::Worker::Traits{
            .fault = {.name = "shared_log",
                      .what_fails = "the shared log cannot be followed",
                      .what_to_do =
                          "Events of other nodes are not seen and commands may wait. The node goes on "
                          "by itself once the database answers",
                      .not_ready = "the shared log cannot be reached"},
            .thread_name = "log_tail",
            .first_wait = 100ms,
            .longest_wait = 2s},
        [this](os::Worker& worker) { return follow_tail(worker); });
  }

  ~PostgresLog() override {
    tail_.reset();
    try {
      replica_->sync();
    } catch (const std::exception&) {
      // The replica takes again from the database whatever it lacks at the next start.
    }
  }

  domain::Uuid id() const override { return replica_->id(); }
  bool others_may_write() const override { return true; }
  Head head() const override { return replica_->head(); }
  SharedLogCounts counts() const override {
    const os::MutexLock lock{counts_mutex_};
    return counts_;
  }
  steady_clock::time_point confirmed_at() const override {
    return steady_clock::time_point{steady_clock::duration{confirmed_at_.load()}};
  }
  std::uint64_t number() const override { return replica_->taken().value_or(0); }

  // -- reading ----------------------------------------------------------------------------------------------

  void scan(Position from, std::size_t limit,
            const std::function<void(const SeenEvent&)>& visit) const override {
    replica_->scan(from, limit, visit);
  }
  std::vector<StoredEvent> read_stream(std::string_view stream, StreamVersion after,
                                       std::size_t limit) const override {
    return replica_->read_stream(stream, after, limit);
  }
  StreamVersion stream_version(std::string_view stream, StreamVersion likely) const override {
    return replica_->stream_version(stream, likely);
  }
  std::optional<Duplicate> find_command(const domain::CommandId& id) const override {
    return replica_->find_command(id);
  }
  std::optional<std::string> claim_owner(std::string_view name_space,
                                         const events::Hash& key) const override {
    return replica_->claim_owner(name_space, key);
  }
  void each_stream_row(const std::function<void(const StreamRow&)>& visit) const override {
    replica_->each_stream_row(visit);
  }
  void each_command_row(const std::function<void(const CommandRow&)>& visit) const override {
    replica_->each_command_row(visit);
  }
  void each_claim_row(const std::function<void(const ClaimRow&)>& visit) const override {
    replica_->each_claim_row(visit);
  }
  Position wait_beyond(Position position, milliseconds time_out) const override {
    return replica_->wait_beyond(position, time_out);
  }
  std::vector<events::Hash> tile(unsigned level, std::uint64_t index) const override {
    return replica_->tile(level, index);
  }

  // -- writing ----------------------------------------------------------------------------------------------

  std::vector<AppendResult> append(std::span<const Commit> commits) override {
    const os::MutexLock writer{writer_};
    std::optional<Plan> sent;  // a plan whose outcome is not known
    try {
      return persist([&]() TTP_REQUIRES(writer_) { return try_append(commits, sent); });
    } catch (const std::exception& fault) {
      if (!sent) throw std::runtime_error(fault.what());
      return std::vector<AppendResult>(commits.size(), Unknown{fault.what()});
    }
  }

  Position enter_turn() override {
    const os::MutexLock writer{writer_};
    if (in_turn_) return 0;
    return persist([&]() TTP_REQUIRES(writer_) { return std::optional{begin_turn()}; });
  }

  void leave_turn() override {
    const os::MutexLock writer{writer_};
    end_turn();
  }

  Position barrier() override {
    const os::MutexLock writer{writer_};
    return persist([&]() TTP_REQUIRES(writer_) {
      end_turn();
      follow_behind_barrier(current(), Barrier::needed);
      return std::optional{head().next};
    });
  }

  Head seal() override {
    const os::MutexLock writer{writer_};
    return persist([&]() TTP_REQUIRES(writer_) {
      end_turn();
      current().run({"SELECT es.seal_1($1)", postgres::Values{}.text(options_.node)}, options_.answer_max);
      follow_behind_barrier(current(), Barrier::needed);
      return std::optional{head()};
    });
  }

 private:
  enum class Barrier : std::uint8_t { needed, only_after_a_loss };

  /// Repeats a step until it gives something, over lost connections and faults that may pass, as long as the
  /// node's patience. Throws what the last attempt threw.
  template <class Step>
  std::invoke_result_t<Step&>::value_type persist(Step step) TTP_REQUIRES(writer_) {
    const Until until = steady_clock::now() + options_.patience;
    for (;;) {
      try {
        if (auto result = step()) return *std::move(result);
        continue;
      } catch (const Lost&) {
        drop_connection();
        if (steady_clock::now() >= until) throw;
      } catch (const Denied& denied) {
        drop_connection();
        if (!may_pass(denied) || steady_clock::now() >= until) throw;
      } catch (...) {
        drop_connection();
        throw;
      }
      std::this_thread::sleep_for(between_attempts);
    }
  }

  void drop_connection() TTP_REQUIRES(writer_) {
    connection_.reset();
    in_turn_ = false;
    must_follow_ = true;
  }

  Connection& current() TTP_REQUIRES(writer_) {
    if (!connection_) {
      connection_ = connect(servers_, replica_->id());
      count(&SharedLogCounts::connects);
    }
    return *connection_;
  }

  /// One attempt. Nothing: another node was faster, and this one has taken a turn.
  std::optional<std::vector<AppendResult>> try_append(std::span<const Commit> commits,
                                                      std::optional<Plan>& sent) TTP_REQUIRES(writer_) {
    follow_behind_barrier(current(), Barrier::only_after_a_loss);
    if (sent && has_landed(*sent)) return std::move(sent->results);
    sent.reset();
    auto plan = judged(commits);
    if (plan.appends.empty() && !plan.confirms) {
      end_turn();
      return std::move(plan.results);
    }
    sent = std::move(plan);
    bool done = false;
    try {
      done = write(*sent);
    } catch (const Denied&) {
      sent.reset();  // the server wrote nothing
      throw;
    } catch (const Damaged&) {
      sent.reset();  // and here neither
      throw;
    }
    if (done) {
      take(sent->appends);
      auto results = std::move(sent->results);
      sent.reset();
      return results;
    }
    sent.reset();
    count(&SharedLogCounts::lost);
    begin_turn();
    return std::nullopt;
  }

  /// Judges the commits exactly at the end of the replica, which does not move meanwhile.
  Plan judged(std::span<const Commit> commits) const {
    const os::MutexLock door{door_};
    Plan plan;
    plan.end = postgres::end_of(*replica_);
    plan.last_recorded = last_recorded_;
    const Head before = replica_->head();
    Judge judge{*replica_, before, last_recorded_};
    plan.results = judge.judge(commits);
    Planner planner{plan, replica_->edge(), before.sealed};
    std::span<const Placed> placed{judge.placed()};
    for (std::size_t i = 0; i < commits.size(); ++i) {
      const auto* appended = std::get_if<Appended>(&plan.results[i]);
      if (!appended) continue;
      const auto count = commits[i].events.size();
      planner.add(commits[i], placed.first(count), *appended);
      placed = placed.subspan(count);
    }
    return plan;
  }

  /// Compares and appends, all in one round trip and one transaction. Ends the turn, if there is one.
  bool write(const Plan& plan) TTP_REQUIRES(writer_) {
    std::vector<postgres::Statement> statements;
    auto end = plan.end;
    for (const auto& append : plan.appends) {
      statements.push_back(
          postgres::append_statement(end, append, options_.node, postgres::Appending::as_node));
      end = {append.number, append.head.next, append.head.root};
    }
    if (statements.empty())
      statements.push_back(postgres::confirm_statement(plan.end, plan.last_recorded, options_.node));
    const bool was_turn = in_turn_;
    if (was_turn) statements.push_back({"COMMIT"});
    const auto sent_at = steady_clock::now();
    const auto rows = current().run(statements, options_.answer_max);
    in_turn_ = false;
    const bool done = rows.at(0).flag(0, 0);
    if (was_turn && !done) throw Damaged("the shared log has another history than this node's replica");
    if (done) {
      confirmed_at_ = sent_at.time_since_epoch().count();
      count(&SharedLogCounts::appends);
    }
    return done;
  }

  /// Whether a plan that was sent before the connection was lost stands in the log.
  bool has_landed(const Plan& plan) {
    count(&SharedLogCounts::unknown);
    if (plan.appends.empty()) return false;
    const auto& first = plan.appends.front();
    if (!first.commands.empty()) {
      const auto& [id, command] = first.commands.front();
      return replica_->find_command(id) == command;
    }
    return replica_->head().next >= first.head.next && replica_->root_at(first.head.next) == first.head.root;
  }

  // -- turns ------------------------------------------------------------------------------------------------

  /// Returns how many events of others it has met.
  Position begin_turn() TTP_REQUIRES(writer_) {
    follow_behind_barrier(current(), Barrier::only_after_a_loss);
    const auto before = position_now();
    auto statements = postgres::page_statements(before);
    statements.insert(statements.begin(), {{"BEGIN"}, {"SELECT es.enter_1()"}});
    auto rows = current().run(statements, options_.answer_max);
    in_turn_ = true;
    count(&SharedLogCounts::turns);
    const auto end = static_cast<std::uint64_t>(rows.at(0).number(0, 0));
    take(postgres::page_from(rows.at(1), rows.at(2), rows.at(3)));
    while (number() < end) {
      rows = current().run(postgres::page_statements(position_now()), options_.answer_max);
      take_some(postgres::page_from(rows.at(0), rows.at(1), rows.at(2)));
    }
    refuse_if_cut(end);
    return head().next - before.next;
  }

  void end_turn() TTP_REQUIRES(writer_) {
    if (!in_turn_) return;
    in_turn_ = false;
    try {
      const std::array statements{postgres::Statement{"ROLLBACK"}};
      current().run(statements, options_.answer_max);
    } catch (const std::exception&) {
      drop_connection();
    }
  }

  // -- following --------------------------------------------------------------------------------------------

  postgres::End position_now() const {
    const os::MutexLock door{door_};
    return postgres::end_of(*replica_);
  }

  /// Own and foreign appends come in by this one door, in their order.
  void take(std::span<const SharedAppend> appends) {
    if (appends.empty()) return;
    const os::MutexLock door{door_};
    replica_->take(appends);
    last_recorded_ = std::max(last_recorded_, appends.back().last_recorded);
  }

  void take_some(std::span<const SharedAppend> appends) {
    if (appends.empty()) throw Damaged("the shared log lacks appends before its end");
    take(appends);
  }

  /// The database ended before the replica: a fail-over took acknowledged events away.
  void refuse_if_cut(std::uint64_t end) const {
    if (number() > end)
      throw Damaged("the shared log ends at append " + std::to_string(end) + ", this node's replica at " +
                    std::to_string(number()) + ": acknowledged events are missing in the database");
  }

  /// Waits for everything that was begun before, and takes it. Rows that were read without that might not be
  /// on the standby.
  void follow_behind_barrier(Connection& connection, Barrier when) TTP_REQUIRES(writer_) {
    if (when == Barrier::only_after_a_loss && !must_follow_) return;
    follow_through(connection);
    must_follow_ = false;
  }

  void follow_through(Connection& connection) {
    const auto sent_at = steady_clock::now();
    const auto end = static_cast<std::uint64_t>(
        connection.run({"SELECT es.barrier_1()"}, options_.answer_max).number(0, 0));
    confirmed_at_ = sent_at.time_since_epoch().count();
    while (number() < end) take_some(postgres::read_page(connection, position_now(), options_.answer_max));
    refuse_if_cut(end);
  }

  os::Worker::Next follow_tail(os::Worker& worker) {
    try {
      if (!tail_connection_) {
        tail_connection_ = connect(servers_, replica_->id());
        follow_through(*tail_connection_);
        const std::array listen{postgres::Statement{"LISTEN es_log"}};
        tail_connection_->run(listen, options_.answer_max);
      }
      for (;;) {
        const auto page = postgres::read_page(*tail_connection_, position_now(), options_.answer_max);
        if (page.empty()) break;
        take(page);
      }
      report_now_and_then();
      const Until until = steady_clock::now() + look_every;
      while (!worker.is_stopping() && steady_clock::now() < until)
        if (tail_connection_->wait_for_notice(stop_looked_at_every)) break;
      return os::Worker::Next::at_once();
    } catch (...) {
      tail_connection_.reset();
      throw;
    }
  }

  /// Tells the database how far this node is, and brings to the disk what the replica has taken.
  void report_now_and_then() {
    const auto now = steady_clock::now();
    if (now < reported_at_ + report_every) return;
    reported_at_ = now;
    replica_->sync();
    const auto end = position_now();
    tail_connection_->run(
        {"SELECT es.report_1($1, $2, $3, $4)", postgres::Values{}
                                                   .text(options_.node)
                                                   .uuid(instance_)
                                                   .number(static_cast<std::int64_t>(end.number))
                                                   .bytes(events::as_text(end.root))},
        options_.answer_max);
    confirmed_at_ = now.time_since_epoch().count();
  }

  void count(std::uint64_t SharedLogCounts::* which) {
    const os::MutexLock lock{counts_mutex_};
    ++(counts_.*which);
  }

  const SharedLogOptions options_;
  const std::vector<postgres::Server> servers_;
  const domain::Uuid instance_ = fresh_instance();
  os::Mutex writer_ TTP_ACQUIRED_BEFORE(door_);  // one append at a time; held over round trips
  std::unique_ptr<Connection> connection_ TTP_GUARDED_BY(writer_);
  bool in_turn_ TTP_GUARDED_BY(writer_) = false;
  bool must_follow_ TTP_GUARDED_BY(writer_) = true;
  mutable os::Mutex door_;  // what enters the replica; never held over a round trip
  const std::unique_ptr<Replica> replica_;
  domain::Time last_recorded_ TTP_GUARDED_BY(door_);
  mutable os::Mutex counts_mutex_;
  SharedLogCounts counts_ TTP_GUARDED_BY(counts_mutex_);
  std::atomic<steady_clock::rep> confirmed_at_{0};
  std::unique_ptr<Connection> tail_connection_;  // of the tail's thread
  Until reported_at_{};                          // of the tail's thread
  std::optional<os::Worker> tail_;               // last: its step uses the other members
};

}  // namespace

std::unique_ptr<SharedLog> open_postgres_log(const SharedLogOptions& options, const Memory& memory) {
  return std::make_unique<PostgresLog>(options, memory);
}

}  // namespace ttp::storage
