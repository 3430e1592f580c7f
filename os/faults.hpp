// Faults as states: something does not work now, and later it works again. A fault has a name, begins, ends
// and is counted. When it begins, one line says what happened, what holds now and what an operator can do;
// when it ends, one line says so. Readiness and metrics read the same list.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ttp::os {

/// What is known of a fault before it happens.
struct FaultTexts {
  std::string name;  ///< in metrics: lower case and underscores
  /// The log's line is "<what_fails>: <the reason>. <what_to_do>".
  std::string what_fails;
  std::string what_to_do;  ///< what holds meanwhile, and what an operator can do: whole sentences
  /// What /health/ready says while it lasts, without paths. Empty: requests can be answered all the same.
  std::string not_ready{};
};

/// Whether requests can be answered while a fault lasts.
enum class Readiness : std::uint8_t {
  as_stated,   ///< not, where the fault has a sentence for /health/ready
  unaffected,  ///< all the same, so far
};

struct FaultStatus {
  std::string name;
  bool of_worker = false;
  std::uint64_t count = 0;            ///< how often it has happened
  std::optional<std::string> reason;  ///< of the fault that lasts; may hold paths
  std::string not_ready;              ///< for /health/ready; empty while requests can be answered
};

class Fault {
 public:
  explicit Fault(FaultTexts texts, bool of_worker = false);
  ~Fault();
  Fault(const Fault&) = delete;
  Fault& operator=(const Fault&) = delete;

  /// It happened, perhaps again: counted each time, told once. Never throws.
  void happened(std::string_view reason, Readiness readiness = Readiness::as_stated) noexcept;
  /// It works again. Never throws.
  void ended() noexcept;

  bool lasts() const { return reason().has_value(); }
  /// Why, while it lasts.
  std::optional<std::string> reason() const;
  FaultStatus status() const;

 private:
  const FaultTexts texts_;
  const bool of_worker_;
  mutable std::mutex mutex_;  // guards what follows
  std::uint64_t count_ = 0;
  std::optional<std::string> reason_;
  bool makes_not_ready_ = false;
  bool told_ = false;  ///< the log has a line of the fault that lasts
  std::optional<std::chrono::steady_clock::time_point> told_at_;
};

/// All faults of this process, those of workers too, by name: one entry for each name. A fault that does not
/// last has no reason.
std::vector<FaultStatus> faults();

/// Takes a line for the log. `began`: at error level, otherwise something works again. Must not throw.
using FaultReport = std::function<void(bool began, std::string_view line)>;
/// Sets what is told of all faults of this process from now on; at first nobody is.
void report_faults_to(FaultReport report);

/// A fault that comes and goes has a line in the log at most so often.
inline constexpr std::chrono::seconds fault_line_interval{60};

}  // namespace ttp::os
