// Requests that wait until the views include a position, or until a bound on that wait.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "events/recorded.hpp"

namespace ttp::http {

class PositionWaiter {
 public:
  using Position = storage::Position;

  /// `next`: the first position that the views do not include yet.
  explicit PositionWaiter(std::function<Position()> next);
  ~PositionWaiter();  ///< tells those that still wait that their position was not reached
  PositionWaiter(const PositionWaiter&) = delete;
  PositionWaiter& operator=(const PositionWaiter&) = delete;

  /// Calls `go_on` once, on the waiter's thread: true as soon as the views include the position.
  void wait(Position position, std::chrono::milliseconds at_most, std::function<void(bool reached)> go_on);

 private:
  struct Waiting {
    Position position;
    std::chrono::steady_clock::time_point deadline;
    std::function<void(bool)> go_on;
  };
  void run();

  const std::function<Position()> next_;
  std::mutex mutex_;  // guards what follows
  std::condition_variable wake_;
  std::vector<Waiting> waiting_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace ttp::http
