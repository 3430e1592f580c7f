// The generic cell rate algorithm: a bucket's state is the time at which it is full again. Each request moves
// that time ahead by one refill, at most to a whole window from now.
#include "http/gate/rate_limiter.hpp"

#include <algorithm>
#include <stdexcept>

namespace ttp::http {

RateLimiter::RateLimiter(RateLimit rate, std::size_t keys_max)
    : rate_(rate), keys_max_(keys_max), refill_(Clock::duration{rate.window} / std::max(rate.limit, 1u)) {
  if (rate.limit == 0 || keys_max == 0 || refill_ <= Clock::duration::zero())
    throw std::invalid_argument("a rate limit needs a limit, a window and room for a key");
}

RateVerdict RateLimiter::take(std::string_view key, Clock::time_point now) {
  const auto full_window = refill_ * rate_.limit;
  os::MutexLock lock(mutex_);
  Bucket& bucket = bucket_of(key, now);
  const auto empty_for = std::max(bucket.full_at, now) - now;

  RateVerdict verdict{.limit = rate_.limit};
  if (empty_for + refill_ > full_window) {
    verdict.allowed = false;
    verdict.reset = std::chrono::ceil<std::chrono::seconds>(empty_for + refill_ - full_window);
    return verdict;
  }
  bucket.full_at = now + empty_for + refill_;
  verdict.remaining = static_cast<unsigned>((full_window - empty_for - refill_) / refill_);
  verdict.reset = std::chrono::ceil<std::chrono::seconds>(empty_for + refill_);
  return verdict;
}

void RateLimiter::put_back(std::string_view key) {
  os::MutexLock lock(mutex_);
  if (const auto found = by_key_.find(key); found != by_key_.end()) found->second->full_at -= refill_;
}

std::size_t RateLimiter::keys() const {
  os::MutexLock lock(mutex_);
  return buckets_.size();
}

RateLimiter::Bucket& RateLimiter::bucket_of(std::string_view key, Clock::time_point now) {
  if (auto found = by_key_.find(key); found != by_key_.end()) {
    buckets_.splice(buckets_.end(), buckets_, found->second);
    return buckets_.back();
  }
  // A full bucket equals a new one, so dropping it changes no answer. Dropping two for each new key clears
  // any backlog.
  for (int i = 0; i < 2 && !buckets_.empty() && buckets_.front().full_at <= now; ++i) forget_oldest();
  if (buckets_.size() >= keys_max_) forget_oldest();
  buckets_.push_back({std::string(key), now});
  by_key_.emplace(buckets_.back().key, std::prev(buckets_.end()));
  return buckets_.back();
}

void RateLimiter::forget_oldest() {
  by_key_.erase(buckets_.front().key);
  buckets_.pop_front();
}

}  // namespace ttp::http
