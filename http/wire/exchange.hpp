// Connects the answer to a request with the connection that sends it.
#pragma once

#include <functional>
#include <optional>
#include <utility>

#include "http/wire/server.hpp"
#include "os/mutex.hpp"

namespace ttp::http {

/// Any thread delivers the answer; the connection waits on its own thread. Either may end before the other.
class Exchange {
 public:
  using Reply = std::optional<Making>;  ///< empty: the handler dropped the answer
  using Wake = std::function<void()>;

  void deliver(Reply reply) {
    os::MutexLock lock(mutex_);
    if (reply_) return;
    reply_.emplace(std::move(reply));
    const Wake wake = std::exchange(wake_, nullptr);
    lock.unlock();
    if (wake) wake();
  }
  /// `wake` is called once: when the reply arrives, or when `end_wait` ends the wait first.
  void wait(Wake wake) {
    os::MutexLock lock(mutex_);
    if (!reply_) {
      wake_ = std::move(wake);
      return;
    }
    lock.unlock();
    wake();
  }
  void end_wait() {
    os::MutexLock lock(mutex_);
    const Wake wake = std::exchange(wake_, nullptr);
    lock.unlock();
    if (wake) wake();
  }
  bool is_ready() {
    os::MutexLock lock(mutex_);
    return reply_.has_value();
  }
  /// Ends the exchange for the connection and returns the reply, or nothing if it has not arrived. A later
  /// reply is kept here and ignored.
  std::optional<Reply> give_up() {
    os::MutexLock lock(mutex_);
    return std::exchange(reply_, std::nullopt);
  }

 private:
  os::Mutex mutex_;
  std::optional<Reply> reply_ TTP_GUARDED_BY(mutex_);
  Wake wake_ TTP_GUARDED_BY(mutex_);
};

}  // namespace ttp::http
