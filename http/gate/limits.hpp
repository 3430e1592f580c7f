// How many requests a caller may send: a limit per address for requests without a session, and one per user.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "domain/ids.hpp"
#include "http/gate/rate_limiter.hpp"

namespace ttp::http {

/// One kind of caller, its limit, and the headers that say how much of it is left.
class CallerLimit {
 public:
  CallerLimit(std::string_view kind, unsigned requests);

  RateVerdict take(std::string_view key, RateLimiter::Clock::time_point now) {
    return limiter_.take(key, now);
  }
  /// Appends the header lines RateLimit-Policy and RateLimit, so that a client can slow down before it must.
  void add_lines(std::string& lines, const RateVerdict& verdict) const;

 private:
  RateLimiter limiter_;
  const std::string policy_;       ///< its name, as a string of structured fields (RFC 9651)
  const std::string policy_line_;  ///< the whole header
};

/// What was taken for one request, and from which limit.
struct Taken {
  RateVerdict verdict;
  const CallerLimit* from = nullptr;
};

class CallerLimits {
 public:
  CallerLimits(unsigned per_address, unsigned per_user)
      : addresses_("address", per_address), users_("user", per_user) {}

  Taken take(std::string_view address, RateLimiter::Clock::time_point now);
  Taken take(domain::UserId user, RateLimiter::Clock::time_point now);

 private:
  CallerLimit addresses_;
  CallerLimit users_;
};

}  // namespace ttp::http
