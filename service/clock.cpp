#include "service/clock.hpp"

#include <algorithm>
#include <ctime>
#include <string>
#include <utility>

namespace ttp::service {
namespace {

using domain::Duration;
using domain::Time;

std::chrono::nanoseconds boot_time() {
  std::timespec time{};
  ::clock_gettime(CLOCK_BOOTTIME, &time);
  return std::chrono::seconds{time.tv_sec} + std::chrono::nanoseconds{time.tv_nsec};
}

}  // namespace

std::string to_words(Duration time) {
  const auto seconds = std::chrono::round<std::chrono::seconds>(std::chrono::abs(time)).count();
  for (const auto& [unit, name] : {std::pair{86'400, "days"}, {3'600, "hours"}, {60, "minutes"}})
    if (seconds >= 2 * unit) return std::to_string(seconds / unit) + " " + name;
  return std::to_string(seconds) + " seconds";
}

Clock::Sources Clock::of_the_system() {
  return {[] { return std::chrono::floor<Duration>(std::chrono::system_clock::now()); }, &boot_time};
}

Clock::Clock(Sources sources)
    : sources_(std::move(sources)),
      offset_ms_((sources_.host().time_since_epoch() - steady_ms()).count()),
      latest_ms_(running().time_since_epoch().count()),
      followed_at_(steady_ms()),
      fault_(
          {"clock", "the host clock and the service's time differ",
           "The service's time runs on by the steady clock: nothing expires early and nothing lives longer. "
           "If the host clock is wrong, correct it, and this ends by itself. If it is right, restart the "
           "service, which then starts with the host clock's time, but never before the last event's",
           "the host clock differs from the service's time by more than 5 minutes"}) {}

Duration Clock::steady_ms() const {
  return std::chrono::floor<Duration>(sources_.steady());
}

Time Clock::running() const {
  return Time{steady_ms() + Duration{offset_ms_.load()}};
}

Time Clock::now() const {
  const std::int64_t time = (running() + ahead()).time_since_epoch().count();
  std::int64_t latest = latest_ms_.load();
  while (latest < time && !latest_ms_.compare_exchange_weak(latest, time)) {
  }
  return Time{Duration{std::max(latest, time)}};
}

void Clock::run_on_from(Time last_event) {
  const Duration behind = last_event - (running() + ahead());
  if (behind > Duration::zero()) {
    offset_ms_ += behind.count();
    behind_log_ = true;
  }
  follow_host();
}

void Clock::follow_host() {
  const Duration deviation = sources_.host() - running();
  const Duration since = steady_ms() - std::exchange(followed_at_, steady_ms());
  deviation_ms_ = deviation.count();
  const Duration distance = std::chrono::abs(deviation);
  if (distance > clock_jump) {
    const std::string where = deviation < Duration::zero() ? " behind " : " ahead of ";
    fault_.happened("the host clock is " + to_words(distance) + where +
                        (behind_log_ && deviation < Duration::zero() ? "the last event of the log"
                                                                     : "the service's time"),
                    distance > clock_not_ready ? os::Readiness::as_stated : os::Readiness::unaffected);
    return;
  }
  fault_.ended();
  behind_log_ = false;
  const Duration step =
      std::min(distance, clock_slew_a_second * std::max<std::int64_t>(since.count(), 0) / 1000);
  offset_ms_ += deviation < Duration::zero() ? -step.count() : step.count();
}

bool Clock::advance(Duration by) {
  if (by < Duration::zero() || by > clock_end - now()) return false;
  ahead_ms_ += by.count();
  return true;
}

}  // namespace ttp::service
