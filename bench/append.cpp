// Measures appends without HTTP. A number of writers save one draft at a time through the executor, for a
// second. The resulting batches are then appended to a fresh log alone, and the keys and values that the log
// writes for them go to a fresh RocksDB in the same batches, each synced; the two alternate. The whole
// repeats several times, so that all three see the same disk. The result is one line of JSON.
#include <atomic>
#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <rocksdb/db.h>

#include "bench/owners.hpp"
#include "service/ottawa_time.hpp"
#include "storage/backup/rocks_backup.hpp"
#include "storage/log/rocks_log.hpp"
#include "storage/rocks/database.hpp"

namespace {

namespace fs = std::filesystem;
using namespace ttp;
using storage::Commit;
using storage::Position;
using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point began) {
  return std::chrono::duration<double>(Clock::now() - began).count();
}

// ---- the batches as they form -----------------------------------------------------------------------------

/// Records where each append ended, and forwards every call to another log.
class RecordingLog final : public storage::Log {
 public:
  explicit RecordingLog(storage::Log& log) : log_(log) {}
  /// Starts a new recording and returns the log's size. Call it while nothing is being appended.
  Position begin_recording() {
    ends_.clear();
    return head().next;
  }
  const std::vector<Position>& ends() const { return ends_; }

  std::vector<storage::AppendResult> append(std::span<const Commit> commits) override {
    auto outcomes = log_.append(commits);
    ends_.push_back(log_.head().next);
    return outcomes;
  }
  domain::Uuid id() const override { return log_.id(); }
  bool others_may_write() const override { return log_.others_may_write(); }
  storage::Head head() const override { return log_.head(); }
  void scan(Position from, std::size_t limit,
            const std::function<void(const storage::SeenEvent&)>& visit) const override {
    log_.scan(from, limit, visit);
  }
  std::vector<storage::StoredEvent> read_stream(std::string_view stream, storage::StreamVersion after,
                                                std::size_t limit) const override {
    return log_.read_stream(stream, after, limit);
  }
  storage::StreamVersion stream_version(std::string_view stream,
                                        storage::StreamVersion likely) const override {
    return log_.stream_version(stream, likely);
  }
  std::optional<storage::Duplicate> find_command(const domain::CommandId& command) const override {
    return log_.find_command(command);
  }
  std::optional<std::string> claim_owner(std::string_view name_space,
                                         const events::Hash& key) const override {
    return log_.claim_owner(name_space, key);
  }
  void each_stream_row(const std::function<void(const storage::StreamRow&)>& visit) const override {
    log_.each_stream_row(visit);
  }
  void each_command_row(const std::function<void(const storage::CommandRow&)>& visit) const override {
    log_.each_command_row(visit);
  }
  void each_claim_row(const std::function<void(const storage::ClaimRow&)>& visit) const override {
    log_.each_claim_row(visit);
  }
  Position wait_beyond(Position position, std::chrono::milliseconds time_out) const override {
    return log_.wait_beyond(position, time_out);
  }
  Position barrier() override { return log_.barrier(); }
  Position enter_turn() override { return log_.enter_turn(); }
  void leave_turn() override { log_.leave_turn(); }
  storage::Head seal() override { return log_.seal(); }
  std::vector<events::Hash> tile(unsigned level, std::uint64_t index) const override {
    return log_.tile(level, index);
  }

 private:
  storage::Log& log_;
  std::vector<Position> ends_;
};

struct Embedded {
  std::uint64_t commands = 0;  ///< within the measured time
  Position from = 0;           ///< the log's size before
  std::vector<Position> ends;  ///< the log's size after each append
};

domain::SaveProfile draft(domain::AccountId account, std::uint64_t number) {
  return {account,
          {domain::ProfileKind::company, ""},
          {{"legal_structure", "corporation"},
           {"year_founded", "1998"},
           {"company_activities", "Sawn timber and maple products, catalogue " + std::to_string(number) +
                                      ", reviewed each January."},
           {"company_owners", "A family trust and two employees, a third each."},
           {"head_office_address", "12 rue Principale, Gatineau QC J8X 3X7"}}};
}

/// The writers' stores and executor; the executor's states survive from one repetition to the next.
struct Writing {
  explicit Writing(const service::Config& config, const std::string& targets)
      : stores(config), owners(bench::owners_of(targets, stores.queries)) {}

  service::Stores stores;
  std::vector<bench::Owner> owners;
  RecordingLog log{*stores.log};
  service::Clock clock;
  service::Executor executor{
      log, *stores.vault, stores.runner, stores.queries, stores.erasures, stores.secrets, clock, {}};
  std::uint64_t drafts = 0;
};

Embedded embedded(Writing& writing, std::size_t writers, double seconds) {
  Embedded result;
  result.from = writing.log.begin_recording();
  const auto& owners = writing.owners;
  constexpr double warm_up = 0.3;
  const auto began = Clock::now();
  std::atomic<std::uint64_t> counted = 0;
  std::atomic<bool> refused = false;
  {
    std::vector<std::jthread> threads;
    for (std::size_t i = 0; i < writers; ++i)
      threads.emplace_back([&, i] {
        for (std::uint64_t number = writing.drafts + i; seconds_since(began) < warm_up + seconds;
             number += writers) {
          service::Asked asked;
          asked.by = owners[i % owners.size()].user;
          asked.kind = events::ActorKind::user;
          asked.if_match_any = true;
          asked.origin_address = "192.0.2.7";
          asked.request = service::fresh_uuid(writing.clock.now());
          if (writing.executor.execute(draft(owners[i % owners.size()].account, number), std::move(asked))
                  .refusal)
            refused = true;
          if (const auto now = seconds_since(began); now >= warm_up && now < warm_up + seconds) ++counted;
        }
      });
  }
  writing.drafts += 10'000'000;  // a repeated draft would record no event
  if (refused) throw std::runtime_error("a draft was refused");
  result.commands = counted;
  result.ends = writing.log.ends();
  return result;
}

// ---- the same batches, to a log alone and to RocksDB alone ------------------------------------------------

/// The commits between two sizes of the log, renumbered for an empty log.
std::vector<Commit> commits_of(const storage::Log& log, Position from, Position until,
                               std::map<std::string, storage::StreamVersion>& versions) {
  std::vector<Commit> commits;
  for (auto& stored : log.read(from, until - from)) {
    const auto envelope = events::decode_envelope(stored.envelope);
    if (commits.empty() || commits.back().id != envelope.command) {
      const auto command = log.find_command(envelope.command).value();
      commits.push_back({envelope.command, command.fingerprint, {}, {}, command.answer});
      commits.back().expected.push_back({envelope.stream, versions[envelope.stream]});
    }
    ++versions[envelope.stream];
    commits.back().events.push_back(
        {envelope.stream, std::move(stored.envelope), std::move(stored.body), envelope.claims});
  }
  return commits;
}

using Batch = std::vector<Commit>;

/// As many of the batches as a memtable holds without a flush, so that RocksDB's journal still holds all of
/// them.
std::vector<Batch> first_batches(const storage::Log& log, const Embedded& formed) {
  constexpr std::size_t bytes_max = 5 * 1024 * 1024;
  std::vector<Batch> batches;
  std::map<std::string, storage::StreamVersion> versions;
  std::size_t bytes = 0;
  Position from = formed.from;
  for (const auto end : formed.ends) {
    if (bytes > bytes_max) break;
    batches.push_back(commits_of(log, std::exchange(from, end), end, versions));
    for (const auto& commit : batches.back())
      for (const auto& event : commit.events) bytes += 2 * (event.envelope.size() + event.body.size());
  }
  return batches;
}

/// The log's writes for the batches, in RocksDB's format.
std::vector<std::string> written_batches(const std::vector<Batch>& batches, const fs::path& folder) {
  const auto log = storage::open_rocks_log(folder);
  auto& db = storage::rocks::database_of(*log);
  auto next = db.GetLatestSequenceNumber() + 1;
  for (const auto& batch : batches) log->append(batch);
  std::vector<std::string> written;
  // An iterator may end before the last batch; then a new one continues.
  while (next <= db.GetLatestSequenceNumber()) {
    const auto had = written.size();
    std::unique_ptr<rocksdb::TransactionLogIterator> each;
    storage::rocks::check(db.GetUpdatesSince(next, &each), "reading what was written");
    for (; each->Valid(); each->Next()) {
      const auto found = each->GetBatch();
      if (found.sequence < next) continue;
      next = found.sequence + static_cast<rocksdb::SequenceNumber>(found.writeBatchPtr->Count());
      written.push_back(found.writeBatchPtr->Data());
    }
    if (written.size() == had) break;
  }
  if (written.size() != batches.size()) throw std::runtime_error("not every batch was written alone");
  return written;
}

struct Alone {
  double log_seconds = 0;
  double raw_seconds = 0;
};

/// The two alternate batch by batch, so that both see the same disk.
Alone log_and_raw(const std::vector<Batch>& batches, const std::vector<std::string>& written,
                  const fs::path& folder) {
  const auto log = storage::open_rocks_log(folder / "log");
  const auto raw =
      storage::rocks::open(folder / "raw", storage::rocks::log_families(), storage::rocks::Damage::refuse,
                           storage::rocks::Deletion::in_parts, storage::Memory{});
  rocksdb::WriteOptions synced;
  synced.sync = true;
  Alone result;
  for (std::size_t i = 0; i < batches.size(); ++i) {
    auto began = Clock::now();
    log->append(batches[i]);
    result.log_seconds += seconds_since(began);
    rocksdb::WriteBatch batch(written[i]);
    began = Clock::now();
    storage::rocks::check(raw.db->Write(synced, &batch), "writing a batch");
    result.raw_seconds += seconds_since(began);
  }
  return result;
}

struct Sums {
  double embedded_commands = 0, embedded_seconds = 0;
  double commands = 0, events = 0, batches = 0, bytes = 0;  ///< of the repeated writes
  Alone alone;

  void add(const std::vector<Batch>& again, const std::vector<std::string>& written) {
    batches += static_cast<double>(again.size());
    for (const auto& batch : again) {
      commands += static_cast<double>(batch.size());
      for (const auto& commit : batch) events += static_cast<double>(commit.events.size());
    }
    for (const auto& batch : written) bytes += static_cast<double>(batch.size());
  }
};

void measure_once(Writing& writing, std::size_t writers, const fs::path& scratch, Sums& sums) {
  constexpr double seconds = 1;
  const auto formed = embedded(writing, writers, seconds);
  sums.embedded_commands += static_cast<double>(formed.commands);
  sums.embedded_seconds += seconds;
  fs::remove_all(scratch);
  fs::create_directories(scratch);
  const auto batches = first_batches(writing.log, formed);
  const auto written = written_batches(batches, scratch / "first");
  const auto alone = log_and_raw(batches, written, scratch);
  fs::remove_all(scratch);
  sums.add(batches, written);
  sums.alone.log_seconds += alone.log_seconds;
  sums.alone.raw_seconds += alone.raw_seconds;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"Appends without HTTP, beside the log alone and RocksDB alone"};
  service::Config config;
  config.sandbox = true;
  std::string targets;
  std::size_t writers = 64;
  unsigned times = 10;
  app.add_option("--data-dir", config.data_dir, "the directory whose owners save drafts")->required();
  app.add_option("--targets", targets, "the file of those owners")->required();
  app.add_option("--writers", writers)->check(CLI::Range(1, 1024));
  app.add_option("--times", times, "repetitions of one second each")->check(CLI::Range(1, 1000));
  CLI11_PARSE(app, argc, argv);
  try {
    service::use_ottawa_time();
    Writing writing(config, targets);
    embedded(writing, writers, 1);  // loads the states
    Sums sums;
    for (unsigned i = 0; i < times; ++i) measure_once(writing, writers, config.data_dir / "scratch", sums);
    fmt::print(R"({{"commands_per_second":{:.1f},"commands_per_batch":{:.2f},"bytes_per_event":{:.1f},)"
               R"("log_commands_per_second":{:.1f},"raw_commands_per_second":{:.1f}}})"
               "\n",
               sums.embedded_commands / sums.embedded_seconds, sums.commands / sums.batches,
               sums.bytes / sums.events, sums.commands / sums.alone.log_seconds,
               sums.commands / sums.alone.raw_seconds);
    writing.executor.stop();
    service::skip_deliveries(*writing.stores.vault, writing.log.head().next);
  } catch (const std::exception& fault) {
    fmt::print(stderr, "append: {}\n", fault.what());
    return 1;
  }
}
