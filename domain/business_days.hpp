// Business days as the programme counts them: the days of Ottawa that are neither a weekend nor a holiday of
// the federal public service. The letter's two days (SPEC 3.5) are counted here.
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

/// Pairs of an instant and the offset of Ottawa's clocks from UTC that holds from that instant on, in the
/// order of time.
using UtcOffsets = std::vector<std::pair<std::chrono::sys_seconds, std::chrono::seconds>>;
/// The period that the table covers. Later instants use its last 400 years, because the calendar repeats
/// after 400 years.
inline constexpr std::chrono::sys_seconds ottawa_time_from =
    std::chrono::sys_days{std::chrono::year{1970} / 1 / 1};
inline constexpr std::chrono::sys_seconds ottawa_time_until =
    std::chrono::sys_days{std::chrono::year{2450} / 1 / 1};
/// Sets the table. Call this once, before the first decision. A parliament decides what the clocks do, so the
/// program reads the table from the system at its start.
void use_ottawa_time(UtcOffsets offsets);

/// The instant at which UTC shows the date and hour that Ottawa's clocks show at `time`.
Time local_clock(Time time);
/// The date that Ottawa's calendars show at `time`.
Date local_date(Time time);
/// Ottawa's midnight at which `date` begins.
Time start_of_local_day(Date date);

/// The general holidays of the Canada Labour Code, section 166, and the two more that close the offices of
/// the federal public service in Ottawa (SPEC 5): Easter Monday, which the Interpretation Act, section 35,
/// lists, too, and the first Monday of August.
enum class Holiday : std::uint8_t {
  new_years_day,
  good_friday,
  easter_monday,
  victoria_day,
  canada_day,
  civic_holiday,
  labour_day,
  truth_and_reconciliation_day,
  thanksgiving_day,
  remembrance_day,
  christmas_day,
  boxing_day,
};
template <>
inline constexpr std::array<Names, 12> enum_names<Holiday>{
    "new_years_day",    "good_friday",     "easter_monday", "victoria_day",
    "canada_day",       "civic_holiday",   "labour_day",    "truth_and_reconciliation_day",
    "thanksgiving_day", "remembrance_day", "christmas_day", "boxing_day"};

/// The holiday for which offices close on `date`. A holiday that falls on a weekend closes the next working
/// day instead. The National Day for Truth and Reconciliation counts from 2021 on.
std::optional<Holiday> holiday_observed_on(Date date);

bool is_business_day(Date date);

/// The due time of something that was asked for at `from` and takes `business_days` (one or more) business
/// days: the midnight that ends the last of them. Counting starts the day after `from`'s own date in Ottawa.
Time end_of_business_day_after(Time from, int business_days);

}  // namespace ttp::domain
