// Business days as the programme counts them: the days of Ottawa that are neither a weekend nor a general
// holiday of the Canada Labour Code. The letter's two days (SPEC 3.5) are counted here.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "domain/enums.hpp"
#include "domain/time.hpp"

namespace ttp::domain {

/// A day of the civil calendar, without a time of day.
using Date = std::chrono::year_month_day;

/// The offset of Ottawa's clocks from UTC that holds from each moment on, in the order of time.
using UtcOffsets = std::vector<std::pair<std::chrono::sys_seconds, std::chrono::seconds>>;
/// The stretch of time that the table covers. Its last 400 years are what holds after them, year for year:
/// the calendar repeats itself after so many.
inline constexpr std::chrono::sys_seconds ottawa_time_from =
    std::chrono::sys_days{std::chrono::year{1970} / 1 / 1};
inline constexpr std::chrono::sys_seconds ottawa_time_until =
    std::chrono::sys_days{std::chrono::year{2450} / 1 / 1};
/// Hands in the table, once and before the first decision: what the clocks do is decided by a parliament and
/// read from the system at the start of the program.
void use_ottawa_time(UtcOffsets offsets);

/// The date that Ottawa's calendars show at `time`.
Date local_date(Time time);
/// Ottawa's midnight at which `date` begins.
Time start_of_local_day(Date date);

/// The general holidays of the Canada Labour Code, section 166.
enum class Holiday : std::uint8_t {
  new_years_day,
  good_friday,
  victoria_day,
  canada_day,
  labour_day,
  truth_and_reconciliation_day,
  thanksgiving_day,
  remembrance_day,
  christmas_day,
  boxing_day,
};
template <>
inline constexpr std::array<Names, 10> enum_names<Holiday>{"new_years_day",    "good_friday",
                                                           "victoria_day",     "canada_day",
                                                           "labour_day",       "truth_and_reconciliation_day",
                                                           "thanksgiving_day", "remembrance_day",
                                                           "christmas_day",    "boxing_day"};

/// The holiday for which offices close on `date`. One that falls on a weekend closes the next working day
/// instead; the National Day for Truth and Reconciliation counts from 2021 on.
std::optional<Holiday> holiday_observed_on(Date date);

bool is_business_day(Date date);

/// When something asked for at `from` is due that takes `business_days` (one or more) business days: the
/// midnight that ends the last of them. Counting starts the day after `from`'s own date in Ottawa.
Time end_of_business_day_after(Time from, int business_days);

}  // namespace ttp::domain
