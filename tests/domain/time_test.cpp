// Time: RFC 3339 written and read, and calendar steps of years and months.
#include "domain/time.hpp"

#include <cstdint>
#include <string>

#include <gtest/gtest.h>
#include <rapidcheck.h>

namespace ttp::domain::tests {
namespace {

Time at(std::string_view text) {
  return parse_time(text).value();
}

TEST(Time, is_written_in_utc_with_milliseconds) {
  EXPECT_EQ(to_text(Time{}), "1970-01-01T00:00:00.000Z");
  EXPECT_EQ(to_text(Time{} - Duration{1}), "1969-12-31T23:59:59.999Z");
  EXPECT_EQ(to_text(at("2026-03-09T14:05:09.123Z")), "2026-03-09T14:05:09.123Z");
}

TEST(Time, is_read_with_any_offset_and_fraction) {
  struct Row {
    std::string_view text, in_utc;
  };
  for (const Row& row : {Row{"2026-03-09T14:00:00Z", "2026-03-09T14:00:00.000Z"},
                         Row{"2026-03-09t14:00:00z", "2026-03-09T14:00:00.000Z"},
                         Row{"2026-03-09T14:00:00.5Z", "2026-03-09T14:00:00.500Z"},
                         Row{"2026-03-09T14:00:00.123456789Z", "2026-03-09T14:00:00.123Z"},
                         Row{"2026-03-09T20:30:00-04:00", "2026-03-10T00:30:00.000Z"},
                         Row{"2026-01-01T00:00:00+05:30", "2025-12-31T18:30:00.000Z"},
                         Row{"2024-02-29T00:00:00Z", "2024-02-29T00:00:00.000Z"}}) {
    const auto time = parse_time(row.text);
    ASSERT_TRUE(time) << row.text;
    EXPECT_EQ(to_text(*time), row.in_utc) << row.text;
  }
}

TEST(Time, is_refused_where_it_is_no_moment) {
  for (const std::string_view text : {"",
                                      "2026-03-09",
                                      "2026-03-09T14:00Z",
                                      "2026-03-09T14:00:00",
                                      "2026-03-09 14:00:00Z",
                                      "2026-02-29T00:00:00Z",
                                      "2026-13-01T00:00:00Z",
                                      "2026-00-01T00:00:00Z",
                                      "2026-04-31T00:00:00Z",
                                      "2026-03-09T24:00:00Z",
                                      "2026-03-09T23:60:00Z",
                                      "2026-03-09T23:59:60Z",
                                      "2026-03-09T14:00:00.Z",
                                      "2026-03-09T14:00:00.1234567890Z",
                                      "2026-03-09T14:00:00+0400",
                                      "2026-03-09T14:00:00+24:00",
                                      "2026-03-09T14:00:00+04:60",
                                      "2026-03-09T14:00:00Z ",
                                      "+026-03-09T14:00:00Z",
                                      "2026-0x-09T14:00:00Z"})
    EXPECT_FALSE(parse_time(text)) << text;
}

TEST(Time, survives_the_round_trip_through_its_text) {
  EXPECT_TRUE(rc::check([] {
    // From year 0 to the end of year 9999, in milliseconds.
    const auto count = *rc::gen::inRange<std::int64_t>(-62'167'219'200'000, 253'402'300'800'000);
    const Time time{Duration{count}};
    RC_ASSERT(parse_time(to_text(time)) == time);
  }));
}

TEST(Time, is_ordered_as_its_texts_are) {
  EXPECT_TRUE(rc::check([](std::int32_t a, std::int32_t b) {
    const Time first{seconds{a}};
    const Time second{seconds{b}};
    RC_ASSERT((first < second) == (to_text(first) < to_text(second)));
  }));
}

TEST(Time, moves_by_calendar_years) {
  EXPECT_EQ(add_years(at("2026-03-09T14:05:09.123Z"), 2), at("2028-03-09T14:05:09.123Z"));
  EXPECT_EQ(add_years(at("2024-02-29T12:00:00Z"), 2), at("2026-02-28T12:00:00Z"));
  EXPECT_EQ(add_years(at("2024-02-29T12:00:00Z"), 4), at("2028-02-29T12:00:00Z"));
  EXPECT_EQ(add_years(at("2026-03-09T00:00:00Z"), -1), at("2025-03-09T00:00:00Z"));
}

TEST(Time, moves_by_calendar_months) {
  EXPECT_EQ(add_months(at("2026-01-31T08:00:00Z"), 1), at("2026-02-28T08:00:00Z"));
  EXPECT_EQ(add_months(at("2026-11-30T08:00:00Z"), 3), at("2027-02-28T08:00:00Z"));
  EXPECT_EQ(add_months(at("2026-03-15T08:00:00Z"), -12), at("2025-03-15T08:00:00Z"));
}

}  // namespace
}  // namespace ttp::domain::tests
