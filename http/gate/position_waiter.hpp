// Requests that wait, for a bounded time, until the views include a position. There is no polling: the thread
// runs when the views reach an awaited position, and when a wait has timed out.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

#include "os/mutex.hpp"
#include "os/worker.hpp"
#include "storage/log/log.hpp"

namespace ttp::http {

class PositionWaiter {
 public:
  using Position = storage::Position;

  static constexpr std::size_t waits_max = 10'000;

  PositionWaiter();
  ~PositionWaiter();  ///< ends each wait with `reached` false
  PositionWaiter(const PositionWaiter&) = delete;
  PositionWaiter& operator=(const PositionWaiter&) = delete;

  /// Declares that the views include all events before `next`. Any thread; cheap if no wait is affected.
  void published(Position next);

  /// Calls `go_on` once, on the waiter's thread: with true as soon as the views include the position, with
  /// false after `at_most`. Returns false, and never calls `go_on`, if `waits_max` requests wait already.
  bool wait(Position position, std::chrono::milliseconds at_most, std::function<void(bool reached)> go_on);

  std::size_t waiting() const;
  /// The number of times the thread has checked its waits.
  std::uint64_t looks() const { return looks_; }

 private:
  using Clock = std::chrono::steady_clock;
  struct Waiting {
    Position position;
    Clock::time_point deadline;
    std::function<void(bool)> go_on;
  };
  static constexpr Position nobody = static_cast<Position>(-1);

  os::Worker::Next look();

  std::atomic<Position> next_{0};
  std::atomic<Position> lowest_{nobody};  ///< the lowest awaited position
  std::atomic<std::uint64_t> looks_{0};
  mutable os::Mutex mutex_;
  std::vector<Waiting> waiting_ TTP_GUARDED_BY(mutex_);
  os::Worker worker_;  // last: its step uses the others
};

}  // namespace ttp::http
