// How many requests a caller may send: a limit per network for requests without a session, and one per user.
// A network is one IPv4 address, or the /64 of an IPv6 subscriber and, more widely, the /48 around it.
//
// The bounds on everything that a client can make grow:
//   callers counted here        100,000 of each kind; the one unused for longest is forgotten
//   kept answers                4,096 of at most 8 KiB (kept_answers.cpp)
//   waits for a position        10,000 (position_waiter.hpp)
//   requests for a worker       4,096, and 256 for the patient workers (app.cpp)
//   event streams               64, each with at most 8 parts read ahead (api/audit/stream.cpp)
//   faults listed in a problem  20 (api/body.hpp)
//   password checks that wait   `password_queue_max`, shared among networks (service/secrets/fair_queue.hpp)
//   networks known to sign in   10,000 (service/secrets/known_networks.hpp)
//   user names that nobody has  100,000, shared among networks (service/secrets/unknown_names.cpp)
//   commands for the writer     `queue_max`
// Connections, heads and bodies are bounded in wire/limits.hpp.
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
  void put_back(std::string_view key) { limiter_.put_back(key); }
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
  CallerLimits(unsigned per_address, unsigned per_user);

  /// From both limits of an IPv6 address; the one with less left is told. What one refuses costs nothing of
  /// the other.
  Taken take(std::string_view address, RateLimiter::Clock::time_point now);
  Taken take(domain::UserId user, RateLimiter::Clock::time_point now);

 private:
  CallerLimit subscribers_;
  CallerLimit sites_;
  CallerLimit users_;
};

}  // namespace ttp::http
