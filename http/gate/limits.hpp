// Rate limits of callers: one per network for requests without a session, and one per user. A network is one
// IPv4 address, or the /64 of an IPv6 subscriber and also the /48 around it.
//
// The limits on everything that clients can make grow:
//   callers counted here        100,000 of each kind; the one unused for longest is forgotten
//   kept answers                4,096 of at most 8 KiB (kept_answers.cpp)
//   waits for a position        10,000 (position_waiter.hpp)
//   requests for a worker       4,096, and 256 for the patient workers (app.cpp)
//   event streams               64, each with at most 8 parts read ahead (api/audit/stream.cpp)
//   faults listed in a problem  20 (api/body.hpp)
//   password checks that wait   `password_queue_max`, shared among networks (service/secrets/fair_queue.hpp)
//   networks known to sign in   10,000 (service/secrets/known_networks.hpp)
//   mails that strangers want   1,000 wait (service/workers/mailbox_mails.hpp); mailboxes and networks that
//                               are counted: 100,000 (service/secrets/mailbox_limits.hpp)
//   codes entered wrongly       100,000 (service/secrets/registration_codes.hpp)
//   user names that nobody has  100,000, shared among networks, and as many notes in the vault
//                               (service/secrets/unknown_names.cpp)
//   devices of a user           20 (domain/lockout.hpp)
//   commands for the writer     `queue_max`
// Connections, heads and bodies are bounded in wire/limits.hpp.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "domain/ids.hpp"
#include "http/gate/rate_limiter.hpp"

namespace ttp::http {

/// One kind of caller, its limit, and the headers that report the rest of the limit.
class CallerLimit {
 public:
  CallerLimit(std::string_view kind, unsigned requests);

  RateVerdict take(std::string_view key, RateLimiter::Clock::time_point now) {
    return limiter_.take(key, now);
  }
  void put_back(std::string_view key) { limiter_.put_back(key); }
  /// Appends the header lines RateLimit-Policy and RateLimit, so that a client can slow down in time.
  void add_lines(std::string& lines, const RateVerdict& verdict) const;

 private:
  RateLimiter limiter_;
  const std::string policy_;       ///< the kind's name, as a structured-field string (RFC 9651)
  const std::string policy_line_;  ///< the whole header
};

/// The verdict on one request, and the limit that gave it.
struct Taken {
  RateVerdict verdict;
  const CallerLimit* from = nullptr;
};

class CallerLimits {
 public:
  CallerLimits(unsigned per_address, unsigned per_user);

  /// Charges both limits of an IPv6 address and reports the one with less left. If one limit refuses, the
  /// other is not charged.
  Taken take(std::string_view address, RateLimiter::Clock::time_point now);
  Taken take(domain::UserId user, RateLimiter::Clock::time_point now);

 private:
  CallerLimit subscribers_;
  CallerLimit sites_;
  CallerLimit users_;
};

}  // namespace ttp::http
