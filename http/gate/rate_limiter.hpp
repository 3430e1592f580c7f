// Limits how often a caller may send requests: a bucket per key (an address, an account) that holds `limit`
// requests and refills evenly over the window. Memory is bounded: the buckets unused for longest are dropped
// first.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <list>
#include <string>
#include <string_view>
#include <unordered_map>

#include "os/mutex.hpp"

namespace ttp::http {

/// At most `limit` requests at once, and `limit` per window from then on. Both at least 1.
struct RateLimit {
  unsigned limit = 100;
  std::chrono::seconds window{60};
};

struct RateVerdict {
  bool allowed = true;
  unsigned limit = 0;
  unsigned remaining = 0;  ///< requests that would still be allowed now
  /// Allowed: the time until the bucket is full again. Refused: the time until the next request is allowed
  /// (for Retry-After). Rounded up.
  std::chrono::seconds reset{0};
};

class RateLimiter {
 public:
  using Clock = std::chrono::steady_clock;

  /// Keeps at most `keys_max` buckets. A dropped caller starts with a full bucket again, so `keys_max` should
  /// exceed the number of callers per window.
  RateLimiter(RateLimit rate, std::size_t keys_max);
  /// Takes one request from the key's bucket, if the bucket has one. Any thread. A refused request takes
  /// nothing.
  RateVerdict take(std::string_view key, Clock::time_point now);
  /// Returns a request that was taken and then refused by another limit.
  void put_back(std::string_view key);
  std::size_t keys() const;

 private:
  /// A bucket's whole state is the time at which it will be full again.
  struct Bucket {
    std::string key;
    Clock::time_point full_at;
  };
  using Buckets = std::list<Bucket>;  // least recently used first

  Bucket& bucket_of(std::string_view key, Clock::time_point now) TTP_REQUIRES(mutex_);
  void forget_oldest() TTP_REQUIRES(mutex_);

  const RateLimit rate_;
  const std::size_t keys_max_;
  const Clock::duration refill_;  ///< time in which one request comes back
  mutable os::Mutex mutex_;
  Buckets buckets_ TTP_GUARDED_BY(mutex_);
  /// The names are views into the buckets' own.
  std::unordered_map<std::string_view, Buckets::iterator> by_key_ TTP_GUARDED_BY(mutex_);
};

}  // namespace ttp::http
