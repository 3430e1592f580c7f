// The scheduler looks twice a second for users, accounts and programmes with a deadline that has passed, also
// while the service was down, and submits commands that record it. It decides nothing: every deadline is
// judged in `domain`, from the recorded time, so a late scheduler changes no outcome.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <set>
#include <string>
#include <string_view>

#include "domain/ids.hpp"
#include "os/mutex.hpp"
#include "os/worker.hpp"
#include "service/reading/queries.hpp"
#include "service/writer/executor.hpp"

namespace ttp::service {

class Scheduler {
 public:
  /// Called once, with a sentence, for each thing that stays due although nothing is left to record for it.
  /// It may be called from any thread that calls `run_due`.
  using Report = std::function<void(std::string_view)>;

  Scheduler(const Queries& queries, Executor& executor, Report report = {},
            std::chrono::milliseconds interval = std::chrono::milliseconds{500});
  ~Scheduler();  ///< stops
  Scheduler(const Scheduler&) = delete;
  Scheduler& operator=(const Scheduler&) = delete;

  /// Makes the worker look at once.
  void poke() { worker_.wake(); }
  /// Ends the worker after the look under way. `run_due` can still be called.
  void stop() { worker_.stop(); }

  /// Records all that is due now, and all that becomes due thereby; returns the number of recorded events.
  /// Stops early if the executor refuses (overloaded, stopped). Throws what reading the views throws.
  std::size_t run_due();

 private:
  struct Look;

  template <class Command, class Id>
  void run_due(Look& look, const std::function<std::vector<Id>(std::size_t limit)>& find_due)
      TTP_REQUIRES(looking_);
  void note_stays_due(const domain::Uuid& id) TTP_REQUIRES(looking_);
  std::size_t recorded_by(domain::CommandId command, const CommandResult& outcome) const;
  void report(std::string_view sentence) const;

  const Queries& queries_;
  Executor& executor_;
  const Report report_;

  os::Mutex looking_;                                         // one look at a time
  std::set<domain::Uuid> reported_ TTP_GUARDED_BY(looking_);  ///< reported as staying due

  os::Worker worker_;  // last: its step uses the other members
};

}  // namespace ttp::service
