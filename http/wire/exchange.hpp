// Connects the answer to a request with the connection that sends it.
#pragma once

#include <functional>
#include <mutex>
#include <optional>
#include <utility>

#include "http/wire/server.hpp"

namespace ttp::http {

/// Any thread delivers the answer; the connection waits on its own thread. Either may end before the other.
class Exchange {
 public:
  using Reply = std::optional<Making>;  ///< empty: the handler dropped the answer
  using Wake = std::function<void()>;

  void deliver(Reply reply) {
    std::unique_lock lock(mutex_);
    if (reply_) return;
    reply_.emplace(std::move(reply));
    end_wait(std::move(lock));
  }
  /// `wake` is called once: when the reply arrives, or when `end_wait` ends the wait first.
  void wait(Wake wake) {
    std::unique_lock lock(mutex_);
    wake_ = std::move(wake);
    if (reply_) end_wait(std::move(lock));
  }
  void end_wait() { end_wait(std::unique_lock(mutex_)); }
  bool is_ready() {
    std::lock_guard lock(mutex_);
    return reply_.has_value();
  }
  /// Ends the exchange for the connection and returns the reply, or nothing if it has not arrived. A later
  /// reply is kept here and ignored.
  std::optional<Reply> give_up() {
    std::lock_guard lock(mutex_);
    return std::exchange(reply_, std::nullopt);
  }

 private:
  void end_wait(std::unique_lock<std::mutex> lock) {
    const Wake wake = std::exchange(wake_, nullptr);
    lock.unlock();
    if (wake) wake();
  }

  std::mutex mutex_;
  std::optional<Reply> reply_;
  Wake wake_;
};

}  // namespace ttp::http
