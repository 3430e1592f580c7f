// Asks a letter provider what has become of the letters, and records it as the mail room would. A report may
// come twice, late or out of order: what cannot be recorded yet is kept and tried again for some days, and
// what never can is shown to operators.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "delivery/letter_provider.hpp"
#include "os/faults.hpp"
#include "os/mutex.hpp"
#include "os/worker.hpp"
#include "service/reading/queries.hpp"
#include "service/writer/executor.hpp"
#include "storage/vault/vault.hpp"

namespace ttp::service {

struct LetterReportCounts {
  std::uint64_t recorded = 0;
  std::uint64_t repeated = 0;    ///< says what is known already
  std::uint64_t impossible = 0;  ///< of an unknown letter, or never fitting its state
  std::size_t waiting = 0;       ///< for an earlier report
};

class LetterReports {
 public:
  static constexpr domain::Duration kept_for = domain::days{7};
  static constexpr std::size_t waiting_max = 1'000;

  LetterReports(delivery::LetterProvider& provider, storage::Vault& vault, const Queries& queries,
                Executor& executor, std::chrono::milliseconds interval);

  void stop() { worker_->stop(); }
  LetterReportCounts counts() const;

 private:
  enum class Fit { recorded, repeated, too_early, never };

  os::Worker::Next step();
  Fit record(const delivery::LetterReport& report);
  /// Throws std::runtime_error if the service takes no command now.
  std::optional<domain::Reason> execute(Command command);
  void settle(const delivery::LetterReport& report, Fit fit);
  void try_waiting();

  delivery::LetterProvider& provider_;
  storage::Vault& vault_;
  const Queries& queries_;
  Executor& executor_;
  const std::chrono::milliseconds interval_;
  os::Fault impossible_fault_;
  mutable os::Mutex mutex_;
  LetterReportCounts counts_ TTP_GUARDED_BY(mutex_);
  std::optional<os::Worker> worker_;  // last: its step uses the other members
};

}  // namespace ttp::service
