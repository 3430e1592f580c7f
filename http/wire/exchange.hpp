// Where the answer to a request meets its connection.
#pragma once

#include <functional>
#include <mutex>
#include <optional>
#include <utility>

#include "http/wire/server.hpp"

namespace ttp::http {

/// The answer comes from any thread, the connection waits on its own thread, and either may be gone before
/// the other.
class Exchange {
 public:
  using Reply = std::optional<Making>;  ///< nothing: the handler dropped the answer
  using Wake = std::function<void()>;

  void deliver(Reply reply) {
    std::unique_lock lock(mutex_);
    if (reply_) return;
    reply_.emplace(std::move(reply));
    end_wait(std::move(lock));
  }
  /// `wake` is called once: when the reply is there, or when the wait is ended before.
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
  /// The connection waits no longer: the reply, or nothing if it has not come. One that comes later stays
  /// here.
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
