#include "http/gate/position_waiter.hpp"

#include <utility>

#include "os/threads.hpp"

namespace ttp::http {

PositionWaiter::PositionWaiter(std::function<Position()> next)
    : next_(std::move(next)), thread_([this] { run(); }) {}

PositionWaiter::~PositionWaiter() {
  {
    const std::scoped_lock lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  thread_.join();
}

void PositionWaiter::wait(Position position, std::chrono::milliseconds at_most,
                          std::function<void(bool)> go_on) {
  {
    const std::scoped_lock lock(mutex_);
    waiting_.push_back({position, std::chrono::steady_clock::now() + at_most, std::move(go_on)});
  }
  wake_.notify_one();
}

void PositionWaiter::run() {
  os::name_this_thread("positions");
  std::unique_lock lock(mutex_);
  while (true) {
    if (waiting_.empty())
      wake_.wait(lock, [&] { return stopping_ || !waiting_.empty(); });
    else
      wake_.wait_for(lock, std::chrono::milliseconds{10}, [&] { return stopping_; });
    std::vector<std::pair<std::function<void(bool)>, bool>> ready;
    const auto now = std::chrono::steady_clock::now();
    const auto next = waiting_.empty() ? 0 : next_();
    std::erase_if(waiting_, [&](Waiting& each) {
      const bool reached = next > each.position;
      if (!reached && now < each.deadline && !stopping_) return false;
      ready.emplace_back(std::move(each.go_on), reached);
      return true;
    });
    lock.unlock();
    for (auto& [go_on, reached] : ready) go_on(reached);
    lock.lock();
    if (stopping_) return;
  }
}

}  // namespace ttp::http
