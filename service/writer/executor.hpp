// The executor. The writer takes the queued commands, decides each on the state at the head of the log with
// the changes of the earlier commands in the batch, and appends the whole batch in one synced write. The
// applier then brings the views up to date, batch by batch in the order of the log, and answers the commands,
// while the writer works on the next batch. Writer and applier have a thread each. A fault while a command is
// decided affects that command alone; only a failed append stops the writer, for good
// (docs/decisions/024-a-failed-append-ends-the-process.md).
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
  Histogram batch_sizes{size_bounds};     ///< commands appended together
  Histogram append_seconds{time_bounds};  ///< of a batch to the log, with its sync
  Histogram commit_seconds{time_bounds};  ///< of a batch: deciding, appending and applying
  std::size_t queued = 0;
};

/// The reason and the time of the writer's stop.
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
    /// Returns why no command may be begun now, such as a disk that is nearly full. Must not block or throw.
    std::function<std::optional<domain::Reason>()> gate{};
  };

  Executor(storage::Log& log, storage::Vault& vault, projections::Runner& runner, const Queries& queries,
           Erasures& erasures, const Secrets& secrets, Clock& clock, Limits limits);
  /// For tools that write a history and build the views afterwards: instead of the views, `apply` gets the
  /// recorded events, in order and before the answers.
  using Apply = std::function<void(std::span<const events::Recorded>)>;
  Executor(storage::Log& log, storage::Vault& vault, Apply apply, const Queries& queries, Erasures& erasures,
           const Secrets& secrets, Clock& clock, Limits limits);
  ~Executor();  ///< stops

  /// Queues a command. `done` is called once, on a thread of the executor. If the command cannot be taken,
  /// `done` is called before this returns: with `overloaded` if the queue is full, `shutting_down` after
  /// stop, and `log_unavailable` once an append has failed. A command whose own append failed gets
  /// `outcome_unknown`.
  void submit(Command command, Asked asked, Done done);
  /// The same, but blocks until the answer.
  CommandResult execute(Command command, Asked asked);
  /// Finishes the queued commands and ends the threads.
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

  /// The reason why no command can be queued now, or nothing.
  std::optional<domain::Reason> cannot_take() TTP_REQUIRES(mutex_);
  /// A step of the writer: waits for commands and writes a batch; ends after `stop` when the queue is empty.
  os::Worker::Next write_next();
  /// Removes the commands of one batch from the queue.
  std::deque<Queued> take_queued() TTP_REQUIRES(mutex_);
  /// Decides and appends a batch and hands it over; returns the commands that must be decided again.
  std::deque<Queued> process(std::deque<Queued> taken);
  /// After other processes were faster, takes a turn to decide at the end of the log; until none is met.
  void begin_turn(std::optional<storage::Turn>& turn);
  /// Notes that a commit was overtaken by another process.
  void note_overtaken(const storage::AppendResult& result);
  /// Decides the commands that can be decided now; the others go to `again`.
  std::vector<Queued> decide(std::deque<Queued> taken, Batch& batch, std::deque<Queued>& again);
  /// Appends the batch and returns the result of each commit; stops the writer if the append fails.
  std::vector<storage::AppendResult> append(Batch& batch, Written& written);
  /// Prepares the answer of each command from the result of its commit, or puts the command into `again`.
  void settle(std::vector<Queued> decided, Batch& batch, const std::vector<storage::AppendResult>& results,
              Written& written, std::deque<Queued>& again);
  /// The answer to a command by the result of its commit; nothing if it must be decided again.
  std::optional<CommandResult> answer(const Queued& queued, Batch::Result& decided,
                                      const storage::AppendResult& result) const;
  /// Passes a batch to the applier, in the order of the log.
  void hand_over(Written written);
  /// A step of the applier.
  os::Worker::Next apply_next();
  /// Applies the events of several batches to the views, and answers the commands.
  void apply(std::deque<Written> batches);
  static void complete(Written& written);
  void count(const std::deque<Written>& batches);
  /// Blocks until the views show all written batches.
  void wait_until_applied();
  /// Returns whether the person's data is gone; if not, the writer stops.
  bool carry_out(const domain::UserErased& erased);
  /// Stops taking commands. The first reason is kept.
  void stop_writing(const std::string& why, std::string_view what_to_do);

  storage::Log& log_;
  const Apply apply_;
  Erasures& erasures_;
  const Limits limits_;
  Decider decider_;
  unsigned turns_ = 0;  ///< how many batches take a turn, unless others are met again; for the writer alone

  mutable os::Mutex mutex_;
  os::Condition wake_;
  std::deque<Queued> queue_ TTP_GUARDED_BY(mutex_);
  bool stopping_ TTP_GUARDED_BY(mutex_) = false;
  os::Condition apply_wake_, applied_;
  std::deque<Written> written_ TTP_GUARDED_BY(mutex_);  ///< batches to be applied
  std::size_t unanswered_ TTP_GUARDED_BY(mutex_) = 0;   ///< commands in written_ or being applied
  bool applying_ TTP_GUARDED_BY(mutex_) = false;     ///< whether the applier works on batches from written_
  bool written_all_ TTP_GUARDED_BY(mutex_) = false;  ///< whether the writer has ended
  std::optional<WriterFault> fault_ TTP_GUARDED_BY(mutex_);
  ExecutorCounts counts_ TTP_GUARDED_BY(mutex_);
  std::optional<os::Worker> writer_, applier_;  // last: their steps use the other members
};

}  // namespace ttp::service
