// A breaker in front of an outside party: after some failures in a row nobody waits for that party any more,
// and after a pause one caller tries again. The pause doubles up to a bound.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>

#include "os/mutex.hpp"

namespace ttp::carriers {

class Breaker {
 public:
  using Clock = std::chrono::steady_clock;
  static constexpr unsigned failures_max = 3;
  static constexpr std::chrono::seconds first_pause{5}, longest_pause{60};

  /// Whether the party may be asked now. A caller that is let through must call `succeeded` or `failed`.
  bool lets_through(Clock::time_point now = Clock::now()) {
    const os::MutexLock lock(mutex_);
    if (failures_ < failures_max) return true;
    if (now < closed_again_at_) return false;
    // One caller tries; the others wait for what comes of it.
    closed_again_at_ = now + pause_;
    return true;
  }
  void succeeded() {
    const os::MutexLock lock(mutex_);
    failures_ = 0;
    pause_ = first_pause;
  }
  void failed(Clock::time_point now = Clock::now()) {
    const os::MutexLock lock(mutex_);
    if (++failures_ < failures_max) return;
    if (failures_ > failures_max) pause_ = std::min<std::chrono::seconds>(2 * pause_, longest_pause);
    if (failures_ == failures_max) ++opened_;
    closed_again_at_ = now + pause_;
  }

  bool is_open() const {
    const os::MutexLock lock(mutex_);
    return failures_ >= failures_max;
  }
  /// How often it has opened.
  std::uint64_t opened() const {
    const os::MutexLock lock(mutex_);
    return opened_;
  }

 private:
  mutable os::Mutex mutex_;
  unsigned failures_ TTP_GUARDED_BY(mutex_) = 0;
  std::chrono::seconds pause_ TTP_GUARDED_BY(mutex_) = first_pause;
  Clock::time_point closed_again_at_ TTP_GUARDED_BY(mutex_);
  std::uint64_t opened_ TTP_GUARDED_BY(mutex_) = 0;
};

}  // namespace ttp::carriers
