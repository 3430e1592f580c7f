#include "http/gate/limits.hpp"

#include <fmt/format.h>

#include "events/bytes.hpp"
#include "http/wire/address.hpp"
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

CallerLimits::CallerLimits(unsigned per_address, unsigned per_user)
    : subscribers_("address", per_address),
      sites_("network", per_address * static_cast<unsigned>(subscribers_per_site)),
      users_("user", per_user) {}

Taken CallerLimits::take(std::string_view address, RateLimiter::Clock::time_point now) {
  const Owner owner = owner_of(address);
  const Taken of_subscriber{subscribers_.take(owner.subscriber, now), &subscribers_};
  if (owner.site.empty() || !of_subscriber.verdict.allowed) return of_subscriber;
  const Taken of_site{sites_.take(owner.site, now), &sites_};
  if (!of_site.verdict.allowed) subscribers_.put_back(owner.subscriber);
  return of_site.verdict.remaining < of_subscriber.verdict.remaining || !of_site.verdict.allowed
             ? of_site
             : of_subscriber;
}

Taken CallerLimits::take(domain::UserId user, RateLimiter::Clock::time_point now) {
  return {users_.take(events::as_text(user.uuid.bytes), now), &users_};
}

}  // namespace ttp::http
