// The executor: one writer takes the commands that wait, decides each against the state at the head of the
// log (seeing what the commands before it in the batch have changed) and appends all that was decided in one
// synced write. Behind it, batch by batch in the order of the log, the views are brought up to date, and only
// then the commands are answered, while the writer is at the next batch. Writing and applying have a thread
// each; who waits for his answer while nobody else asks writes and applies without them.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "events/recorded.hpp"
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

/// Whether who has a command decided has something else to do until it is.
enum class Caller : std::uint8_t {
  goes_on,
  waits,  ///< may be made the writer where there is none, so that no other thread has to be woken
};

class Executor {
 public:
  using Done = std::function<void(Outcome)>;

  struct Limits {
    std::size_t queue_max = 4096;
    std::size_t batch_max = 256;
    std::size_t cached_states = 100'000;
    std::size_t state_bytes_max = std::size_t{48} * 1024 * 1024;  ///< of all kinds together
  };

  Executor(storage::Log& log, storage::Vault& vault, projections::Runner& runner, const Queries& queries,
           Erasures& erasures, const Secrets& secrets, Clock& clock, Limits limits);
  /// For one who makes a history and builds the views afterwards: `apply` is told what was recorded, in order
  /// and before the answers, in place of the views.
  using Apply = std::function<void(std::span<const events::Recorded>)>;
  Executor(storage::Log& log, storage::Vault& vault, Apply apply, const Queries& queries, Erasures& erasures,
           const Secrets& secrets, Clock& clock, Limits limits);
  ~Executor();  ///< stops

  /// Has a command decided. `done` is called once: on a thread of the executor, or here before this returns
  /// where the caller was made the writer or the command can not be taken; with `overloaded` when the queue
  /// is full and with `shutting_down` after stop. An erasure is never carried out by the caller, because it
  /// takes long.
  void submit(Command command, Asked asked, Done done, Caller caller = Caller::goes_on);
  /// The same, and waits.
  Outcome execute(Command command, Asked asked);
  /// Finishes what is queued and ends.
  void stop();

  /// Why the writer takes no more commands (the log could not be written), or nothing.
  std::optional<std::string> fault() const;
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

  /// Why no command can wait for the writer now, or nothing. Called with the lock held.
  std::optional<domain::Reason> cannot_take();
  /// Processes as the one writer; the lock is held before and after, and not meanwhile.
  void write(std::unique_lock<std::mutex>& lock, std::deque<Queued> taken) noexcept;
  /// A step of the writer: waits for commands, and ends when all are written and none come any more.
  os::Worker::Next write_next();
  /// What is queued, as far as it makes one batch. Called with the lock held.
  std::deque<Queued> take_queued();
  /// Decides and appends, and returns what must be decided once more.
  std::deque<Queued> process(std::deque<Queued> taken);
  /// In the order of the log. One who asked alone and whom nobody follows applies what he has written.
  void hand_over(Written written, bool alone);
  /// A step of the applier.
  os::Worker::Next apply_next();
  /// Applies and answers what is handed over until nothing is; the lock is held before and after, and not
  /// meanwhile.
  void apply(std::unique_lock<std::mutex>& lock) noexcept;
  /// Brings the views up to date with what several batches have recorded, and answers them.
  void apply(std::deque<Written> batches);
  static void complete(Written& written);
  void count(const std::deque<Written>& batches);
  /// Until the views show all that is written.
  void wait_until_applied();
  void carry_out(const domain::UserErased& erased);

  storage::Log& log_;
  const Apply apply_;
  Erasures& erasures_;
  const Limits limits_;
  Decider decider_;

  mutable std::mutex mutex_;  // guards what follows
  std::condition_variable wake_;
  std::deque<Queued> queue_;
  bool writing_ = false;  ///< some thread is the writer now; it alone touches the states and the log
  bool stopping_ = false;
  std::condition_variable apply_wake_, applied_;
  std::deque<Written> written_;  ///< to be applied
  std::size_t unanswered_ = 0;   ///< commands in written_, or being applied
  bool applying_ = false;        ///< some thread is at it
  bool written_all_ = false;
  std::optional<std::string> fault_;
  ExecutorCounts counts_;
  std::optional<os::Worker> writer_, applier_;  // last: their steps use the others
};

}  // namespace ttp::service
