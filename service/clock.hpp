// The service's clock. In sandbox mode it can be moved forward, never back.
#pragma once

#include <atomic>
#include <chrono>

#include "domain/time.hpp"

namespace ttp::service {

class Clock {
 public:
  domain::Time now() const {
    return std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now()) +
           std::chrono::milliseconds{ahead_ms_.load()};
  }
  void advance(domain::Duration by) { ahead_ms_ += by.count(); }
  domain::Duration ahead() const { return domain::Duration{ahead_ms_.load()}; }

 private:
  std::atomic<std::int64_t> ahead_ms_{0};
};

}  // namespace ttp::service
