// The service's time. It begins with the host's clock and then follows the steady clock, which also counts
// while the machine sleeps. It follows small deviations of the host clock slowly and never goes back. A jump
// of the host clock is reported and not followed, so that a jump makes nothing expire early or live longer.
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

/// A larger difference is a jump of the host clock, which is not followed until the difference is smaller.
inline constexpr domain::Duration clock_jump = domain::seconds{10};
/// A larger difference makes the service not ready.
inline constexpr domain::Duration clock_not_ready = domain::minutes{5};
/// The largest correction per second towards the host clock.
inline constexpr domain::Duration clock_slew_a_second{10};
/// The sandbox cannot move the service's time beyond this, because identifiers hold 48 bits of it.
inline constexpr domain::Time clock_end = std::chrono::sys_days{std::chrono::year{2200} / 1 / 1};

class Clock {
 public:
  struct Sources {
    std::function<domain::Time()> host;
    std::function<std::chrono::nanoseconds()>
        steady;  ///< since any start; also counts while the machine sleeps
  };
  static Sources of_the_system();

  explicit Clock(Sources sources = of_the_system());

  /// The service's time; never earlier than a value returned before, to any thread.
  domain::Time now() const;
  /// At start: makes the time at least that of the last event, even if the host clock is behind it.
  void run_on_from(domain::Time last_event);
  /// Compares with the host clock and follows it, or reports that it has jumped. Call it about twice a
  /// second, from one thread at a time.
  void follow_host();
  /// How far the host clock was ahead of the service's time at the last comparison; negative: behind. Moves
  /// by the sandbox do not count.
  domain::Duration deviation() const { return domain::Duration{deviation_ms_.load()}; }

  /// For the sandbox. Returns false and moves nothing if time would go back or pass `clock_end`.
  bool advance(domain::Duration by);
  domain::Duration ahead() const { return domain::Duration{ahead_ms_.load()}; }

 private:
  domain::Duration steady_ms() const;
  /// The service's time without the sandbox's moves.
  domain::Time running() const;

  const Sources sources_;
  std::atomic<std::int64_t> offset_ms_;  ///< from the steady clock to the service's time
  std::atomic<std::int64_t> ahead_ms_{0};
  std::atomic<std::int64_t> deviation_ms_{0};
  mutable std::atomic<std::int64_t> latest_ms_;  ///< the latest time returned so far
  bool behind_log_ = false;                      ///< whether the host clock was behind the log at start
  domain::Duration followed_at_;                 ///< by the steady clock; used by follow_host alone
  os::Fault fault_;
};

/// "2 days", "3 hours", "40 seconds": in the largest unit with a number above one, rounded down.
std::string to_words(domain::Duration time);

}  // namespace ttp::service
