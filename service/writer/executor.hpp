// The executor: one writer takes the commands that wait, decides each against the state at the head of the
// log (seeing what the commands before it in the batch have changed) and appends all that was decided in one
// synced write. Behind it, batch by batch in the order of the log, the views are brought up to date, and only
// then the commands are answered, while the writer is at the next batch. Writing and applying have a thread
// each. A fault while one command is decided is that command's alone; only an append that fails stops the
// writer, for good (docs/decisions/024-a-failed-append-ends-the-process.md).
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "events/recorded.hpp"
#include "os/mutex.hpp"
#include "os/worker.hpp"
#include "projections/runner.hpp"
#include "service/clock.hpp"
#include "service/commands.hpp"
#include "service/histogram.hpp"
#include "service/reading/queries.hpp"
#include "service/secrets/secrets.hpp"
#include "service/writer/answer.hpp"
#include "service/writer/batch.hpp"
#include "service/writer/erasures.hpp"
#include "storage/log/log.hpp"
#include "storage/vault/vault.hpp"

namespace ttp::service {

struct ExecutorCounts {
  std::uint64_t commands = 0;
  std::uint64_t events = 0;
  std::uint64_t refused = 0;
  std::uint64_t queue_full = 0;
  Histogram batch_sizes{size_bounds};     ///< commands that were appended together
  Histogram append_seconds{time_bounds};  ///< of them, to the log, with its sync
  Histogram commit_seconds{time_bounds};  ///< deciding, appending and applying
  std::size_t queued = 0;
};

/// Why the writer has stopped, and since when.
struct WriterFault {
  std::string why;
  std::chrono::steady_clock::time_point since;
};

class Executor {
 public:
  using Done = std::function<void(CommandResult)>;

  struct Limits {
    std::size_t queue_max = 4096;
    std::size_t batch_max = 256;
    /// Why no command may be begun now, such as a disk that is nearly full. Must not block or throw.
    std::function<std::optional<domain::Reason>()> gate{};
  };

  Executor(storage::Log& log, storage::Vault& vault, projections::Runner& runner, const Queries& queries,
           Erasures& erasures, const Secrets& secrets, Clock& clock, Limits limits);
  /// For one who makes a history and builds the views afterwards: `apply` is told what was recorded, in order
  /// and before the answers, in place of the views.
  using Apply = std::function<void(std::span<const events::Recorded>)>;
  Executor(storage::Log& log, storage::Vault& vault, Apply apply, const Queries& queries, Erasures& erasures,
           const Secrets& secrets, Clock& clock, Limits limits);
  ~Executor();  ///< stops

  /// Has a command decided. `done` is called once, on a thread of the executor, or here before this returns
  /// where the command cannot be taken: with `overloaded` when the queue is full, `shutting_down` after stop
  /// and `log_unavailable` once an append has failed. `outcome_unknown` tells of a command whose append
  /// failed.
  void submit(Command command, Asked asked, Done done);
  /// The same, and waits.
  CommandResult execute(Command command, Asked asked);
  /// Finishes what is queued and ends.
  void stop();

  /// Why the writer takes no more commands, or nothing. It lasts until the process ends.
  std::optional<WriterFault> fault() const;
  ExecutorCounts counts() const;
  /// The time that the next event would be recorded at: never before the last event's.
  domain::Time now() const;

 private:
  struct Queued {
    Command command;
    Asked asked;
    Done done;
    unsigned attempts = 0;
  };
  struct Written;

  /// Why no command can wait for the writer now, or nothing.
  std::optional<domain::Reason> cannot_take() TTP_REQUIRES(mutex_);
  /// A step of the writer: waits for commands, and ends when all are written and none come any more.
  os::Worker::Next write_next();
  /// What is queued, as far as it makes one batch.
  std::deque<Queued> take_queued() TTP_REQUIRES(mutex_);
  /// Decides, appends and hands over, and returns what must be decided once more.
  std::deque<Queued> process(std::deque<Queued> taken);
  /// Decides what can be decided now; the others go to `again`.
  std::vector<Queued> decide(std::deque<Queued> taken, Batch& batch, std::deque<Queued>& again);
  /// What the log made of each commit of the batch; stops the writer where the append fails.
  std::vector<storage::AppendResult> append(Batch& batch, Written& written);
  /// Answers each command by what the log made of its commit, or has it decided once more.
  void settle(std::vector<Queued> decided, Batch& batch, const std::vector<storage::AppendResult>& results,
              Written& written, std::deque<Queued>& again);
  /// The answer to a command whose commit has been judged; nothing where it must be decided once more.
  std::optional<CommandResult> answer(const Queued& queued, Batch::Result& decided,
                                      const storage::AppendResult& result) const;
  /// In the order of the log.
  void hand_over(Written written);
  /// A step of the applier.
  os::Worker::Next apply_next();
  /// Brings the views up to date with what several batches have recorded, and answers them.
  void apply(std::deque<Written> batches);
  static void complete(Written& written);
  void count(const std::deque<Written>& batches);
  /// Until the views show all that is written.
  void wait_until_applied();
  void carry_out(const domain::UserErased& erased);
  /// From now on nothing is taken any more. The first reason stays.
  void stop_writing(const std::string& why, std::string_view what_to_do);

  storage::Log& log_;
  const Apply apply_;
  Erasures& erasures_;
  const Limits limits_;
  Decider decider_;

  mutable os::Mutex mutex_;
  os::Condition wake_;
  std::deque<Queued> queue_ TTP_GUARDED_BY(mutex_);
  bool stopping_ TTP_GUARDED_BY(mutex_) = false;
  os::Condition apply_wake_, applied_;
  std::deque<Written> written_ TTP_GUARDED_BY(mutex_);  ///< to be applied
  std::size_t unanswered_ TTP_GUARDED_BY(mutex_) = 0;   ///< commands in written_, or being applied
  bool applying_ TTP_GUARDED_BY(mutex_) = false;        ///< the applier is at it
  bool written_all_ TTP_GUARDED_BY(mutex_) = false;
  std::optional<WriterFault> fault_ TTP_GUARDED_BY(mutex_);
  ExecutorCounts counts_ TTP_GUARDED_BY(mutex_);
  std::optional<os::Worker> writer_, applier_;  // last: their steps use the others
};

}  // namespace ttp::service
