// Requests that wait until the views include a position, or until a bound on that wait. Nothing is polled:
// the thread runs when the views have reached a position that somebody waits for, and when a wait is over.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <mutex>
#include <vector>

#include "os/worker.hpp"
#include "storage/log/log.hpp"

namespace ttp::http {

class PositionWaiter {
 public:
  using Position = storage::Position;

  static constexpr std::size_t waits_max = 10'000;

  PositionWaiter();
  ~PositionWaiter();  ///< tells those that still wait that their position was not reached
  PositionWaiter(const PositionWaiter&) = delete;
  PositionWaiter& operator=(const PositionWaiter&) = delete;

  /// The views include all events before `next`. Any thread; cheap where nobody waits for that.
  void published(Position next);

  /// Calls `go_on` once, on the waiter's thread: with true as soon as the views include the position. Returns
  /// false, and never calls, where `waits_max` wait already.
  bool wait(Position position, std::chrono::milliseconds at_most, std::function<void(bool reached)> go_on);

  std::size_t waiting() const;
  /// How often the thread has looked whom it can let go on.
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
  std::atomic<Position> lowest_{nobody};  ///< that somebody waits for
  std::atomic<std::uint64_t> looks_{0};
  mutable std::mutex mutex_;
  std::vector<Waiting> waiting_;  // guarded by mutex_
  os::Worker worker_;             // last: its step uses the others
};

}  // namespace ttp::http
