#include "domain/lockout.hpp"

#include <algorithm>
#include <utility>

namespace ttp::domain {

Duration wait_after(unsigned consecutive_failures) {
  if (consecutive_failures < 3) return Duration{0};
  if (consecutive_failures == 3) return seconds{30};
  const unsigned doublings = std::min(consecutive_failures - 4, 6u);
  return std::min<Duration>(minutes{1u << doublings}, hours{1});
}

std::optional<Refusal> Failures::refusal_at(Time now) const {
  if (locked) return why(Reason::credential_locked);
  const Time open_again = last + wait_after(in_a_row);
  if (in_a_row > 0 && now < open_again) return why_until(Reason::too_many_attempts, open_again);
  return std::nullopt;
}

void Failures::add(std::uint32_t consecutive, Time at) {
  in_a_row = consecutive;
  last = at;
}

Refusal wrong_attempt(Refusal why, unsigned in_a_row, Time now) {
  const Duration wait = wait_after(in_a_row);
  if (in_a_row < consecutive_failures_max && wait > Duration{0}) why.retry_at = now + wait;
  return why;
}

}  // namespace ttp::domain
