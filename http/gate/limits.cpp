#include "http/gate/limits.hpp"

#include <fmt/format.h>

#include "events/bytes.hpp"
#include "http/wire/text.hpp"

namespace ttp::http {
namespace {

constexpr std::chrono::seconds limit_window{300};
constexpr std::size_t limited_callers_max = 100'000;

}  // namespace

CallerLimit::CallerLimit(std::string_view kind, unsigned requests)
    : limiter_({requests, limit_window}, limited_callers_max),
      policy_(fmt::format("\"{}\"", kind)),
      policy_line_(
          fmt::format("RateLimit-Policy: {};q={};w={}\r\n", policy_, requests, limit_window.count())) {}

void CallerLimit::add_lines(std::string& lines, const RateVerdict& verdict) const {
  lines.append(policy_line_).append("RateLimit: ").append(policy_);
  add_number(lines, ";r=", verdict.remaining);
  add_number(lines, ";t=", static_cast<std::uint64_t>(verdict.reset.count()));
  lines.append("\r\n");
}

Taken CallerLimits::take(std::string_view address, RateLimiter::Clock::time_point now) {
  return {addresses_.take(address, now), &addresses_};
}

Taken CallerLimits::take(domain::UserId user, RateLimiter::Clock::time_point now) {
  return {users_.take(events::as_text(user.uuid.bytes), now), &users_};
}

}  // namespace ttp::http
