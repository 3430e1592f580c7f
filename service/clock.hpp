// The service's time. It begins with the host's clock and runs on by the steady clock, which also counts
// while the machine sleeps. It follows small deviations of the host clock slowly and never goes back. A jump
// of the host clock is noticed and not followed, so that nothing expires by a jump and nothing lives longer.
// In sandbox mode the service's time can be moved forward, never back.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <string>

#include "domain/time.hpp"
#include "os/faults.hpp"

namespace ttp::service {

/// A host clock that differs by more has jumped; it is followed again once it differs by less.
inline constexpr domain::Duration clock_jump = domain::seconds{10};
/// A host clock that differs by more makes the service not ready.
inline constexpr domain::Duration clock_not_ready = domain::minutes{5};
/// How fast the host clock is followed: so much in a second.
inline constexpr domain::Duration clock_slew_a_second{10};
/// The service's time ends here: no sandbox moves it further, because identifiers hold 48 bits of it.
inline constexpr domain::Time clock_end = std::chrono::sys_days{std::chrono::year{2200} / 1 / 1};

class Clock {
 public:
  struct Sources {
    std::function<domain::Time()> host;
    std::function<std::chrono::nanoseconds()> steady;  ///< since any moment; goes on while the machine sleeps
  };
  static Sources of_the_system();

  explicit Clock(Sources sources = of_the_system());

  /// Never before what any thread was told earlier.
  domain::Time now() const;
  /// At start: time is at least that of the last event, also where the host clock is behind it.
  void run_on_from(domain::Time last_event);
  /// Compares with the host clock and follows it, or tells that it has jumped. To be called about twice a
  /// second, by one thread at a time.
  void follow_host();
  /// How far the host clock is ahead of the service's time, at the last comparison; negative: behind. What
  /// the sandbox has moved does not count.
  domain::Duration deviation() const { return domain::Duration{deviation_ms_.load()}; }

  /// For the sandbox. False, and nothing is moved, where time would go back or pass `clock_end`.
  bool advance(domain::Duration by);
  domain::Duration ahead() const { return domain::Duration{ahead_ms_.load()}; }

 private:
  domain::Duration steady_ms() const;
  /// The service's time without what the sandbox has moved.
  domain::Time running() const;

  const Sources sources_;
  std::atomic<std::int64_t> offset_ms_;  ///< from the steady clock to the service's time
  std::atomic<std::int64_t> ahead_ms_{0};
  std::atomic<std::int64_t> deviation_ms_{0};
  mutable std::atomic<std::int64_t> told_ms_;  ///< the latest time that anybody was told
  bool behind_log_ = false;                    ///< the host clock was, at start
  domain::Duration followed_at_;               ///< by the steady clock; of follow_host alone
  os::Fault fault_;
};

/// "2 days", "3 hours", "40 seconds": the largest unit of which there is more than one, rounded down.
std::string to_words(domain::Duration time);

}  // namespace ttp::service
