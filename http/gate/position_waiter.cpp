#include "http/gate/position_waiter.hpp"

#include <algorithm>
#include <utility>

namespace ttp::http {

PositionWaiter::PositionWaiter()
    : worker_(
          {.fault = {.name = "positions",
                     .what_fails = "answering requests that wait for a position",
                     .what_to_do = "Such requests are tried again. If this goes on, restart the service."}},
          [this](os::Worker&) { return look(); }) {}

PositionWaiter::~PositionWaiter() {
  worker_.stop();
  for (Waiting& each : waiting_) each.go_on(false);
}

void PositionWaiter::published(Position next) {
  Position known = next_;
  while (next > known && !next_.compare_exchange_weak(known, next)) {
  }
  if (next > lowest_) worker_.wake();
}

bool PositionWaiter::wait(Position position, std::chrono::milliseconds at_most,
                          std::function<void(bool)> go_on) {
  {
    const os::MutexLock lock(mutex_);
    if (waiting_.size() >= waits_max) return false;
    waiting_.push_back({position, Clock::now() + at_most, std::move(go_on)});
    lowest_ = std::min(lowest_.load(), position);
  }
  worker_.wake();
  return true;
}

std::size_t PositionWaiter::waiting() const {
  const os::MutexLock lock(mutex_);
  return waiting_.size();
}

os::Worker::Next PositionWaiter::look() {
  ++looks_;
  std::vector<std::pair<std::function<void(bool)>, bool>> ready;
  auto next_deadline = Clock::time_point::max();
  const auto now = Clock::now();
  {
    const os::MutexLock lock(mutex_);
    const Position next = next_;
    Position lowest = nobody;
    std::erase_if(waiting_, [&](Waiting& each) {
      const bool reached = next > each.position;
      if (!reached && now < each.deadline) {
        next_deadline = std::min(next_deadline, each.deadline);
        lowest = std::min(lowest, each.position);
        return false;
      }
      ready.emplace_back(std::move(each.go_on), reached);
      return true;
    });
    lowest_ = lowest;
  }
  // `published` may meanwhile have compared its position with the old `lowest_`.
  if (next_ > lowest_) worker_.wake();
  for (auto& [go_on, reached] : ready) go_on(reached);
  if (next_deadline == Clock::time_point::max()) return os::Worker::Next::when_woken();
  return os::Worker::Next::within(std::chrono::ceil<std::chrono::milliseconds>(next_deadline - now));
}

}  // namespace ttp::http
