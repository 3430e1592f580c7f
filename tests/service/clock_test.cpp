// The service's time with a host clock and a steady clock that the test moves.
#include "service/clock.hpp"

#include <algorithm>
#include <chrono>
#include <optional>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "os/faults.hpp"

namespace ttp::service {
namespace {

using domain::days;
using domain::Duration;
using domain::hours;
using domain::minutes;
using domain::seconds;
using domain::Time;
using testing::HasSubstr;

constexpr Time noon = std::chrono::sys_days{std::chrono::year{2026} / 3 / 9} + hours{12};

/// Two clocks that advance together; the host's clock can also be set.
struct Clocks {
  Time host = noon;
  std::chrono::nanoseconds steady = days{7};
  Clock clock{{[this] { return host; }, [this] { return steady; }}};

  /// Lets time pass and compares with the host clock twice a second, as the service does.
  void pass(Duration time) {
    for (; time > Duration::zero(); time -= std::min(time, Duration{500})) {
      const Duration step = std::min(time, Duration{500});
      host += step;
      steady += step;
      clock.follow_host();
    }
  }
  void sets_host(Duration by) {
    host += by;
    clock.follow_host();
  }
  static std::optional<os::FaultStatus> fault() {
    for (const auto& each : os::faults())
      if (each.name == "clock" && each.reason) return each;
    return std::nullopt;
  }
};

TEST(Clock, begins_with_the_host_clock_and_runs_on_with_it) {
  Clocks clocks;
  EXPECT_EQ(clocks.clock.now(), noon);
  clocks.pass(hours{1});
  EXPECT_EQ(clocks.clock.now(), noon + hours{1});
  EXPECT_FALSE(Clocks::fault());
}

TEST(Clock, does_not_follow_a_jump_and_says_so_until_the_host_clock_is_back) {
  for (const Duration jump : {Duration{days{2}}, Duration{-days{2}}}) {
    Clocks clocks;
    clocks.sets_host(jump);
    clocks.pass(minutes{10});
    EXPECT_EQ(clocks.clock.now(), noon + minutes{10});
    EXPECT_EQ(clocks.clock.deviation(), jump);
    ASSERT_TRUE(Clocks::fault());
    EXPECT_EQ(*Clocks::fault()->reason, std::string{"the host clock is 2 days "} +
                                            (jump > Duration{} ? "ahead of" : "behind") +
                                            " the service's time");
    EXPECT_THAT(Clocks::fault()->not_ready, HasSubstr("more than 5 minutes"));

    clocks.sets_host(-jump);
    EXPECT_FALSE(Clocks::fault());
    clocks.pass(minutes{10});
    EXPECT_EQ(clocks.clock.now(), noon + minutes{20});
  }
}

TEST(Clock, stays_ready_after_a_jump_of_a_minute) {
  Clocks clocks;
  clocks.sets_host(minutes{1});
  ASSERT_TRUE(Clocks::fault());
  EXPECT_EQ(Clocks::fault()->not_ready, "");
  EXPECT_EQ(*Clocks::fault()->reason, "the host clock is 60 seconds ahead of the service's time");
}

TEST(Clock, follows_a_small_deviation_slowly_and_never_goes_back) {
  for (const Duration deviation : {Duration{seconds{2}}, Duration{-seconds{2}}}) {
    Clocks clocks;
    clocks.sets_host(deviation);
    EXPECT_FALSE(Clocks::fault());
    Time before = clocks.clock.now();
    for (int i = 0; i < 100; ++i) {
      clocks.pass(seconds{1});
      const Duration passed = clocks.clock.now() - before;
      EXPECT_GE(passed, Duration{980});
      EXPECT_LE(passed, Duration{1'020});
      before = clocks.clock.now();
    }
    clocks.pass(seconds{200});
    EXPECT_EQ(clocks.clock.now(), clocks.host);
  }
}

TEST(Clock, never_returns_a_time_before_an_earlier_one) {
  Clocks clocks;
  const Time earlier = clocks.clock.now();
  clocks.sets_host(-seconds{9});
  EXPECT_GE(clocks.clock.now(), earlier);
  clocks.steady += Duration{1};
  EXPECT_GE(clocks.clock.now(), earlier);
}

TEST(Clock, counts_the_time_that_the_machine_slept) {
  Clocks clocks;
  clocks.host += hours{8};
  clocks.steady += hours{8};
  clocks.clock.follow_host();
  EXPECT_EQ(clocks.clock.now(), noon + hours{8});
  EXPECT_FALSE(Clocks::fault());
}

TEST(Clock, runs_on_from_the_last_event_where_the_host_clock_is_behind_it) {
  Clocks clocks;
  clocks.clock.run_on_from(noon + days{2});
  EXPECT_EQ(clocks.clock.now(), noon + days{2});
  ASSERT_TRUE(Clocks::fault());
  EXPECT_EQ(*Clocks::fault()->reason, "the host clock is 2 days behind the last event of the log");
  clocks.pass(minutes{11});
  EXPECT_EQ(clocks.clock.now(), noon + days{2} + minutes{11}) << "time does not stand still";
  EXPECT_EQ(clocks.clock.deviation(), -days{2});
  clocks.sets_host(days{2});
  EXPECT_FALSE(Clocks::fault());
}

TEST(Clock, ignores_a_last_event_that_is_past) {
  Clocks clocks;
  clocks.clock.run_on_from(noon - days{2});
  EXPECT_EQ(clocks.clock.now(), noon);
  EXPECT_FALSE(Clocks::fault());
}

TEST(Clock, is_moved_forward_in_the_sandbox_up_to_the_year_2200_and_never_back) {
  Clocks clocks;
  EXPECT_TRUE(clocks.clock.advance(days{370}));
  EXPECT_EQ(clocks.clock.now(), noon + days{370});
  EXPECT_EQ(clocks.clock.ahead(), days{370});
  clocks.pass(seconds{1});
  EXPECT_FALSE(Clocks::fault()) << "a move by the sandbox is no deviation";
  EXPECT_FALSE(clocks.clock.advance(-seconds{1}));
  EXPECT_FALSE(clocks.clock.advance(days{366 * 200}));
  EXPECT_TRUE(clocks.clock.advance(clock_end - clocks.clock.now()));
  EXPECT_FALSE(clocks.clock.advance(Duration{1}));
  EXPECT_EQ(clocks.clock.now(), clock_end);
}

TEST(Clock, of_the_system_shows_the_time_of_day) {
  const Clock clock;
  const auto difference = clock.now() - std::chrono::floor<Duration>(std::chrono::system_clock::now());
  EXPECT_LT(std::chrono::abs(difference), seconds{5});
}

}  // namespace
}  // namespace ttp::service
