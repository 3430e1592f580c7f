#include "domain/business_days.hpp"

#include <algorithm>
#include <cassert>
#include <vector>

namespace ttp::domain {
namespace {

using namespace std::chrono;

/// Set once at the start of the program, read-only afterwards.
UtcOffsets ottawa_offsets;

seconds ottawa_offset_at(Time time) {
  constexpr days four_centuries{146'097};
  assert(!ottawa_offsets.empty());
  auto moment = floor<seconds>(time);
  if (moment >= ottawa_time_until)
    moment -= four_centuries * ((moment - ottawa_time_until) / four_centuries + 1);
  const auto next = std::ranges::upper_bound(ottawa_offsets, moment, {}, &UtcOffsets::value_type::first);
  return next == ottawa_offsets.begin() ? next->second : std::prev(next)->second;
}

/// Sunday of Easter, by the Gregorian reckoning (Meeus, Jones and Butcher).
sys_days easter(year in) {
  const int y = static_cast<int>(in);
  const int golden = y % 19;
  const int century = y / 100;
  const int rest = y % 100;
  const int moon = (century - (century + 8) / 25 + 1) / 3;
  const int epact = (19 * golden + century - century / 4 - moon + 15) % 30;
  const int weekday_shift = (32 + 2 * (century % 4) + 2 * (rest / 4) - epact - rest % 4) % 7;
  const int correction = (golden + 11 * epact + 22 * weekday_shift) / 451;
  const int day_of_march = epact + weekday_shift - 7 * correction + 22;
  return sys_days{in / March / 1} + days{day_of_march - 1};
}

bool is_weekend(sys_days day) {
  const weekday on{day};
  return on == Saturday || on == Sunday;
}

/// The holiday's own date; nothing for years before it became a holiday.
std::optional<sys_days> day_of(Holiday holiday, year in) {
  switch (holiday) {
    case Holiday::new_years_day:
      return in / January / 1;
    case Holiday::good_friday:
      return easter(in) - days{2};
    case Holiday::easter_monday:
      return easter(in) + days{1};
    case Holiday::victoria_day: {  // the Monday before 25 May
      const sys_days may_24 = in / May / 24;
      return may_24 - (weekday{may_24} - Monday);
    }
    case Holiday::canada_day:
      return in / July / 1;
    case Holiday::civic_holiday:
      return sys_days{in / August / Monday[1]};
    case Holiday::labour_day:
      return sys_days{in / September / Monday[1]};
    case Holiday::truth_and_reconciliation_day:
      if (in < year{2021}) return std::nullopt;
      return in / September / 30;
    case Holiday::thanksgiving_day:
      return sys_days{in / October / Monday[2]};
    case Holiday::remembrance_day:
      return in / November / 11;
    case Holiday::christmas_day:
      return in / December / 25;
    case Holiday::boxing_day:
      return in / December / 26;
  }
  return std::nullopt;
}

struct Closure {
  Holiday holiday;
  sys_days on;
};

/// Every holiday with the day on which offices close for it, for one year; none leaves its year.
std::vector<Closure> closures(year in) {
  std::vector<Closure> closed;
  for (std::size_t i = 0; i < enum_names<Holiday>.size(); ++i)
    if (const auto day = day_of(static_cast<Holiday>(i), in))
      closed.push_back({static_cast<Holiday>(i), *day});
  // A holiday on a working day keeps it; then those on a weekend take the next day that is free.
  const auto is_taken = [&](sys_days day) {
    return is_weekend(day) || std::ranges::count(closed, day, &Closure::on) > 0;
  };
  for (Closure& each : closed) {
    sys_days free = each.on;
    if (is_weekend(free))
      while (is_taken(free)) free += days{1};
    each.on = free;
  }
  return closed;
}

}  // namespace

void use_ottawa_time(UtcOffsets offsets) {
  ottawa_offsets = std::move(offsets);
}

Time local_clock(Time time) {
  return time + ottawa_offset_at(time);
}

Date local_date(Time time) {
  return Date{floor<days>(local_clock(time))};
}

Time start_of_local_day(Date date) {
  // Clocks change only after midnight, so midnight has the offset of a few hours before it.
  const Time midnight{sys_days{date}};
  const Time nearly = midnight - ottawa_offset_at(midnight);
  return midnight - ottawa_offset_at(nearly);
}

std::optional<Holiday> holiday_observed_on(Date date) {
  const auto closed = closures(date.year());
  const auto found = std::ranges::find(closed, sys_days{date}, &Closure::on);
  if (found == closed.end()) return std::nullopt;
  return found->holiday;
}

bool is_business_day(Date date) {
  return !is_weekend(sys_days{date}) && !holiday_observed_on(date);
}

Time end_of_business_day_after(Time from, int business_days) {
  assert(business_days >= 1);
  sys_days day{local_date(from)};
  for (int counted = 0; counted < business_days;) {
    day += days{1};
    if (is_business_day(Date{day})) ++counted;
  }
  return start_of_local_day(Date{day + days{1}});
}

}  // namespace ttp::domain
