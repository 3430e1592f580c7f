// Business days: Ottawa's calendar and clocks, the holidays of the federal public service, and the end of two
// business days.
#include "domain/business_days.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck.h>

namespace ttp::domain::tests {
namespace {

using namespace std::chrono;

Time at(std::string_view text) {
  return parse_time(text).value();
}

Date date(std::string_view text) {
  return Date{floor<days>(at(std::string{text} + "T00:00:00Z"))};
}

std::string written(Date day) {
  return to_text(Time{sys_days{day}}).substr(0, 10);
}

// ---- clocks -----------------------------------------------------------------------------------------------

TEST(OttawaClock, shows_the_date_of_standard_or_daylight_time) {
  struct Row {
    std::string_view time, date;
  };
  for (const Row& row :
       {Row{"2026-01-15T04:59:59.999Z", "2026-01-14"},  // standard time, five hours behind
        Row{"2026-01-15T05:00:00Z", "2026-01-15"},
        Row{"2026-07-15T03:59:59.999Z", "2026-07-14"},  // daylight time, four hours behind
        Row{"2026-07-15T04:00:00Z", "2026-07-15"},
        Row{"2026-03-08T04:59:59.999Z", "2026-03-07"},  // the day on which clocks go forward
        Row{"2026-03-08T05:00:00Z", "2026-03-08"}, Row{"2026-03-09T03:59:59.999Z", "2026-03-08"},
        Row{"2026-03-09T04:00:00Z", "2026-03-09"},
        Row{"2026-11-01T03:59:59.999Z", "2026-10-31"},  // the day on which they go back
        Row{"2026-11-01T04:00:00Z", "2026-11-01"}, Row{"2026-11-02T04:59:59.999Z", "2026-11-01"},
        Row{"2026-11-02T05:00:00Z", "2026-11-02"}, Row{"2027-01-01T04:59:59.999Z", "2026-12-31"}})
    EXPECT_EQ(written(local_date(at(row.time))), row.date) << row.time;
}

TEST(OttawaClock, knows_past_and_future_clock_changes) {
  const auto offset = [](std::string_view text) {
    const Date day = date(text);
    return duration_cast<hours>(start_of_local_day(day) - Time{sys_days{day}}).count();
  };
  EXPECT_EQ(offset("2006-03-20"), 5) << "daylight time began in April until 2006";
  EXPECT_EQ(offset("2006-10-30"), 5) << "and ended in October";
  EXPECT_EQ(offset("2007-03-12"), 4);
  EXPECT_EQ(offset("2007-11-02"), 4);
  EXPECT_EQ(offset("2037-07-01"), 4);
  EXPECT_EQ(offset("2038-01-15"), 5);
  EXPECT_EQ(offset("2038-07-01"), 4) << "zone files list changes until 2037, and a rule for later";
  EXPECT_EQ(offset("2449-07-01"), 4);
  for (const std::string_view year : {"2450", "3001", "9999"}) {
    EXPECT_EQ(offset(std::string{year} + "-01-15"), 5) << year;
    EXPECT_EQ(offset(std::string{year} + "-07-15"), 4) << year;
  }
  EXPECT_EQ(offset("1969-12-31"), 5);
}

TEST(OttawaClock, changes_on_the_sundays_that_the_law_names_for_centuries) {
  for (int in = 2007; in <= 2600; ++in) {
    const sys_days spring = year{in} / March / Sunday[2], autumn = year{in} / November / Sunday[1];
    const auto hours_of = [](sys_days day) {
      return start_of_local_day(Date{day + days{1}}) - start_of_local_day(Date{day});
    };
    ASSERT_EQ(hours_of(spring), hours{23}) << in;
    ASSERT_EQ(hours_of(autumn), hours{25}) << in;
    ASSERT_EQ(hours_of(spring + days{1}), hours{24}) << in;
  }
}

TEST(OttawaClock, begins_each_day_at_its_own_midnight) {
  EXPECT_TRUE(rc::check([] {
    const sys_days day{days{*rc::gen::inRange(14'000, 60'000)}};
    const Time midnight = start_of_local_day(Date{day});
    RC_ASSERT(local_date(midnight) == Date{day});
    RC_ASSERT(local_date(midnight - Duration{1}) == Date{day - days{1}});
  }));
}

TEST(OttawaClock, makes_one_day_of_23_and_one_of_25_hours) {
  const auto length = [](std::string_view text) {
    return start_of_local_day(Date{sys_days{date(text)} + days{1}}) - start_of_local_day(date(text));
  };
  EXPECT_EQ(length("2026-03-08"), hours{23});
  EXPECT_EQ(length("2026-11-01"), hours{25});
  EXPECT_EQ(length("2026-06-01"), hours{24});
}

// ---- holidays ---------------------------------------------------------------------------------------------

std::vector<std::string> closed_days(int in) {
  std::vector<std::string> closed;
  for (sys_days day = year{in} / January / 1; day <= sys_days{year{in} / December / 31}; day += days{1})
    if (const auto holiday = holiday_observed_on(Date{day}))
      closed.push_back(written(Date{day}).substr(5) + " " + std::string{to_text(*holiday)});
  return closed;
}

TEST(Holidays, are_the_twelve_of_the_federal_public_service) {
  const std::vector<std::string> of_2026{"01-01 new_years_day",    "04-03 good_friday",
                                         "04-06 easter_monday",    "05-18 victoria_day",
                                         "07-01 canada_day",       "08-03 civic_holiday",
                                         "09-07 labour_day",       "09-30 truth_and_reconciliation_day",
                                         "10-12 thanksgiving_day", "11-11 remembrance_day",
                                         "12-25 christmas_day",    "12-28 boxing_day"};
  EXPECT_EQ(closed_days(2026), of_2026);
  // Christmas falls on a Saturday and Boxing Day on a Sunday: Monday and Tuesday.
  const std::vector<std::string> of_2027{"01-01 new_years_day",    "03-26 good_friday",
                                         "03-29 easter_monday",    "05-24 victoria_day",
                                         "07-01 canada_day",       "08-02 civic_holiday",
                                         "09-06 labour_day",       "09-30 truth_and_reconciliation_day",
                                         "10-11 thanksgiving_day", "11-11 remembrance_day",
                                         "12-27 christmas_day",    "12-28 boxing_day"};
  EXPECT_EQ(closed_days(2027), of_2027);
}

TEST(Holidays, on_a_weekend_close_the_next_working_day_that_is_free) {
  struct Row {
    std::string_view date;
    Holiday holiday;
  };
  for (const Row& row :
       {Row{"2022-01-03", Holiday::new_years_day},  // a Saturday
        Row{"2023-01-02", Holiday::new_years_day},  // a Sunday
        Row{"2023-07-03", Holiday::canada_day},     // a Saturday
        Row{"2023-10-02", Holiday::truth_and_reconciliation_day}, Row{"2023-11-13", Holiday::remembrance_day},
        Row{"2021-12-27", Holiday::christmas_day},  // Saturday and Sunday
        Row{"2021-12-28", Holiday::boxing_day}, Row{"2022-12-26", Holiday::boxing_day},  // keeps its Monday
        Row{"2022-12-27", Holiday::christmas_day},  // so Sunday's Christmas takes Tuesday
        Row{"2026-12-28", Holiday::boxing_day}}) {  // a Saturday
    EXPECT_EQ(holiday_observed_on(date(row.date)), row.holiday) << row.date;
    EXPECT_FALSE(is_business_day(date(row.date))) << row.date;
  }
}

TEST(Holidays, know_good_friday_in_every_year) {
  for (const std::string_view day : {"2008-03-21", "2019-04-19", "2024-03-29", "2025-04-18", "2027-03-26",
                                     "2038-04-23", "2049-04-16", "2076-04-17"})
    EXPECT_EQ(holiday_observed_on(date(day)), Holiday::good_friday) << day;
}

TEST(Holidays, know_easter_monday_and_the_first_monday_of_august_in_every_year) {
  for (const std::string_view day : {"2024-04-01", "2025-04-21", "2027-03-29", "2028-04-17", "2038-04-26"})
    EXPECT_EQ(holiday_observed_on(date(day)), Holiday::easter_monday) << day;
  for (const std::string_view day : {"2024-08-05", "2025-08-04", "2026-08-03", "2027-08-02", "2033-08-01"})
    EXPECT_EQ(holiday_observed_on(date(day)), Holiday::civic_holiday) << day;
}

TEST(Holidays, know_victoria_day_as_the_monday_before_25_may) {
  for (const std::string_view day : {"2020-05-18", "2021-05-24", "2024-05-20", "2025-05-19", "2027-05-24"})
    EXPECT_EQ(holiday_observed_on(date(day)), Holiday::victoria_day) << day;
}

TEST(Holidays, count_truth_and_reconciliation_from_2021_on) {
  EXPECT_TRUE(is_business_day(date("2020-09-30")));
  EXPECT_FALSE(is_business_day(date("2021-09-30")));
}

TEST(Holidays, are_eleven_or_twelve_working_days_in_every_year) {
  for (int in = 2007; in <= 2100; ++in) EXPECT_EQ(closed_days(in).size(), in < 2021 ? 11u : 12u) << in;
}

TEST(BusinessDays, are_neither_weekends_nor_days_near_a_holiday) {
  EXPECT_FALSE(is_business_day(date("2026-03-07")));
  EXPECT_FALSE(is_business_day(date("2026-03-08")));
  EXPECT_TRUE(is_business_day(date("2026-03-09")));
  EXPECT_TRUE(is_business_day(date("2026-04-07")));
  EXPECT_TRUE(is_business_day(date("2026-08-04")));
}

// ---- deadlines --------------------------------------------------------------------------------------------

TEST(TwoBusinessDays, end_at_the_midnight_after_the_second) {
  struct Row {
    std::string_view ordered, due;
  };
  for (const Row& row :
       {Row{"2026-06-01T14:00:00Z", "2026-06-04T04:00:00Z"},      // Monday: Tuesday, Wednesday
        Row{"2026-06-05T14:00:00Z", "2026-06-10T04:00:00Z"},      // Friday: Monday, Tuesday
        Row{"2026-06-06T14:00:00Z", "2026-06-10T04:00:00Z"},      // Saturday
        Row{"2026-06-07T14:00:00Z", "2026-06-10T04:00:00Z"},      // Sunday
        Row{"2026-03-06T14:00:00Z", "2026-03-11T04:00:00Z"},      // over the change to daylight time
        Row{"2026-10-30T14:00:00Z", "2026-11-04T05:00:00Z"},      // and back
        Row{"2026-03-10T03:59:59.999Z", "2026-03-12T04:00:00Z"},  // still Monday in Ottawa
        Row{"2026-03-10T04:00:00Z", "2026-03-13T04:00:00Z"},
        Row{"2026-04-02T14:00:00Z", "2026-04-09T04:00:00Z"},  // over Easter and its Monday
        Row{"2027-03-25T14:00:00Z", "2027-04-01T04:00:00Z"},
        Row{"2026-07-31T14:00:00Z", "2026-08-06T04:00:00Z"},  // over the first Monday of August
        Row{"2026-12-24T14:00:00Z", "2026-12-31T05:00:00Z"},  // over Christmas
        Row{"2021-12-24T14:00:00Z", "2021-12-31T05:00:00Z"}})
    EXPECT_EQ(to_text(end_of_business_day_after(at(row.ordered), 2)), to_text(at(row.due))) << row.ordered;
}

TEST(BusinessDays, never_end_earlier_for_a_later_start) {
  EXPECT_TRUE(rc::check([] {
    const auto moment = rc::gen::inRange<std::int64_t>(1'200'000'000, 4'100'000'000);
    const Time a{seconds{*moment}};
    const Time b{seconds{*moment}};
    const int count = *rc::gen::inRange(1, 12);
    RC_ASSERT(end_of_business_day_after(std::min(a, b), count) <=
              end_of_business_day_after(std::max(a, b), count));
    RC_ASSERT(end_of_business_day_after(a, count) < end_of_business_day_after(a, count + 1));
  }));
}

TEST(BusinessDays, end_with_a_business_day_and_leave_out_none) {
  EXPECT_TRUE(rc::check([] {
    const Time from{seconds{*rc::gen::inRange<std::int64_t>(1'200'000'000, 4'100'000'000)}};
    const int count = *rc::gen::inRange(1, 12);
    const Time due = end_of_business_day_after(from, count);
    const Date last = local_date(due - Duration{1});
    RC_ASSERT(is_business_day(last));
    RC_ASSERT(start_of_local_day(local_date(due)) == due);
    int between = 0;
    for (sys_days day = sys_days{local_date(from)} + days{1}; day <= sys_days{last}; day += days{1})
      between += is_business_day(Date{day}) ? 1 : 0;
    RC_ASSERT(between == count);
  }));
}

}  // namespace
}  // namespace ttp::domain::tests
