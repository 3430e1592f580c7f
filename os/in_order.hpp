// Work in numbered parts: several threads make the parts, one thread takes them in order.
#pragma once

#include <algorithm>
#include <cstdint>
#include <exception>
#include <optional>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

#include "os/mutex.hpp"

namespace ttp::os {

template <class Make>
class PartsInOrder {
 public:
  using Part = std::invoke_result_t<Make&, std::uint64_t>;

  /// At most `window` parts are made and not yet taken, which bounds their memory.
  PartsInOrder(std::uint64_t count, Make& make, std::size_t window = 64,
               unsigned threads = std::thread::hardware_concurrency())
      : count_(count), make_(make), slots_(window) {
    // The calling thread makes parts too while the next one is not ready.
    for (unsigned i = 1; i < threads; ++i) helpers_.emplace_back([this] { help(); });
  }
  ~PartsInOrder() {
    const MutexLock lock{mutex_};
    count_ = 0;
    changed_.notify_all();
  }
  PartsInOrder(const PartsInOrder&) = delete;
  PartsInOrder& operator=(const PartsInOrder&) = delete;

  /// Returns the next part. Call it at most `count` times. An exception of `make` is rethrown when that part
  /// is due.
  Part next() {
    MutexLock lock{mutex_};
    auto& slot = slots_[taken_ % slots_.size()];
    while (!slot.part && !slot.fault) {
      if (may_make())
        make_one();
      else
        changed_.wait(lock);
    }
    if (slot.fault) std::rethrow_exception(slot.fault);
    Part part = *std::exchange(slot.part, std::nullopt);
    ++taken_;
    changed_.notify_all();
    return part;
  }

 private:
  struct Slot {
    std::optional<Part> part;
    std::exception_ptr fault;
  };

  bool may_make() const TTP_REQUIRES(mutex_) { return made_ < std::min(count_, taken_ + slots_.size()); }

  /// Gives the mutex back while it makes one.
  void make_one() TTP_REQUIRES(mutex_) {
    const auto number = made_++;
    mutex_.unlock();
    Slot slot;
    try {
      slot.part = make_(number);
    } catch (...) {
      slot.fault = std::current_exception();
    }
    mutex_.lock();
    slots_[number % slots_.size()] = std::move(slot);
    changed_.notify_all();
  }

  void help() {
    MutexLock lock{mutex_};
    while (made_ < count_) {
      if (may_make())
        make_one();
      else
        changed_.wait(lock);
    }
  }

  Mutex mutex_;
  Condition changed_;
  std::uint64_t count_ TTP_GUARDED_BY(mutex_);  ///< 0: no further part is begun
  std::uint64_t made_ TTP_GUARDED_BY(mutex_) = 0, taken_ TTP_GUARDED_BY(mutex_) = 0;
  Make& make_;
  std::vector<Slot> slots_ TTP_GUARDED_BY(mutex_);
  std::vector<std::jthread> helpers_;  // joined first
};

/// Passes the parts 0 to `count` - 1 to `take` in order, on this thread. Several threads call `make` at once.
/// An exception of `make` is rethrown when that part is due. `threads` may exceed the number of cores if
/// `make` mostly waits.
template <class Make, class Take>
void in_order(std::uint64_t count, Make make, Take take,
              unsigned threads = std::thread::hardware_concurrency()) {
  PartsInOrder<Make> parts{count, make, 64, threads};
  for (std::uint64_t number = 0; number < count; ++number) take(parts.next());
}

}  // namespace ttp::os
