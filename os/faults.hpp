// Faults as states: something fails now and works again later. A fault has a name, begins, ends and is
// counted. When it begins, one log line says what happened, what holds now and what an operator can do;
// another line says when it ends. Readiness and metrics read the same list.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "os/mutex.hpp"

namespace ttp::os {

/// The texts of a fault, fixed before it happens.
struct FaultTexts {
  std::string name;  ///< in metrics: lower case and underscores
  /// The log's line is "<what_fails>: <the reason>. <what_to_do>".
  std::string what_fails;
  std::string what_to_do;  ///< what holds meanwhile, and what an operator can do: whole sentences
  /// The sentence that /health/ready shows while the fault lasts, without paths. Empty: the fault does not
  /// affect readiness.
  std::string not_ready{};
};

/// Whether a fault affects readiness while it lasts.
enum class Readiness : std::uint8_t {
  as_stated,   ///< not ready, if the fault has a sentence for /health/ready
  unaffected,  ///< still ready
};

struct FaultStatus {
  std::string name;
  bool of_worker = false;
  std::uint64_t count = 0;            ///< how often it has happened
  std::optional<std::string> reason;  ///< why, while the fault lasts; may hold paths
  std::string not_ready;              ///< sentence for /health/ready; empty: ready
};

class Fault {
 public:
  explicit Fault(FaultTexts texts, bool of_worker = false);
  ~Fault();
  Fault(const Fault&) = delete;
  Fault& operator=(const Fault&) = delete;

  /// Records that the fault occurred, perhaps again. Each call is counted; one log line reports the
  /// beginning. Never throws.
  void happened(std::string_view reason, Readiness readiness = Readiness::as_stated) noexcept;
  /// Records that it works again. Never throws.
  void ended() noexcept;

  bool lasts() const { return reason().has_value(); }
  /// The latest reason, while the fault lasts.
  std::optional<std::string> reason() const;
  FaultStatus status() const;

 private:
  const FaultTexts texts_;
  const bool of_worker_;
  mutable Mutex mutex_;
  std::uint64_t count_ TTP_GUARDED_BY(mutex_) = 0;
  std::optional<std::string> reason_ TTP_GUARDED_BY(mutex_);
  bool makes_not_ready_ TTP_GUARDED_BY(mutex_) = false;
  bool reported_ TTP_GUARDED_BY(mutex_) = false;  ///< the log has a line about the present fault
  std::optional<std::chrono::steady_clock::time_point> reported_at_ TTP_GUARDED_BY(mutex_);
};

/// All faults of this process, those of workers included, sorted by name: one entry per name. A fault that
/// does not last has no reason.
std::vector<FaultStatus> faults();

/// Takes one line for the log. `began` is true for the beginning of a fault (error level), false for its end.
/// Must not throw.
using FaultReport = std::function<void(bool began, std::string_view line)>;
/// Sets the function that reports all faults of this process from now on. Until this call no fault is
/// reported.
void report_faults_to(FaultReport report);

/// A fault that comes and goes gets at most one log line per interval.
inline constexpr std::chrono::seconds fault_line_interval{60};

}  // namespace ttp::os
