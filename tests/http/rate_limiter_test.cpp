// The rate limiter, with a clock that the test controls.
#include "http/gate/rate_limiter.hpp"

#include <atomic>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace ttp::http {
namespace {

using namespace std::chrono_literals;

class RateLimiterTest : public testing::Test {
 protected:
  RateVerdict take(std::string_view key) { return limiter_.take(key, now_); }
  unsigned taken_until_refused(std::string_view key) {
    unsigned taken = 0;
    while (take(key).allowed) ++taken;
    return taken;
  }

  RateLimiter limiter_{{.limit = 6, .window = 60s}, 100};
  RateLimiter::Clock::time_point now_{1h};
};

TEST_F(RateLimiterTest, AllowsTheLimitAndNotOneMore) {
  for (unsigned left = 6; left-- > 0;) {
    const auto verdict = take("a");
    EXPECT_TRUE(verdict.allowed);
    EXPECT_EQ(verdict.limit, 6u);
    EXPECT_EQ(verdict.remaining, left);
  }
  const auto refused = take("a");
  EXPECT_FALSE(refused.allowed);
  EXPECT_EQ(refused.remaining, 0u);
}

TEST_F(RateLimiterTest, ReportsToARefusedCallerWhenTheNextRequestIsAllowed) {
  taken_until_refused("a");
  EXPECT_EQ(take("a").reset, 10s);
  now_ += 9'999ms;
  EXPECT_EQ(take("a").reset, 1s);
  EXPECT_FALSE(take("a").allowed);
  now_ += 1ms;
  EXPECT_TRUE(take("a").allowed);
  EXPECT_FALSE(take("a").allowed);
}

TEST_F(RateLimiterTest, ReportsToAnAllowedCallerWhenTheBucketIsFullAgain) {
  EXPECT_EQ(take("a").reset, 10s);
  EXPECT_EQ(take("a").reset, 20s);
  now_ += 20s;
  EXPECT_EQ(take("a").remaining, 5u);
}

TEST_F(RateLimiterTest, RefusalsCostNothing) {
  taken_until_refused("a");
  for (int i = 0; i < 1000; ++i) take("a");
  now_ += 10s;
  EXPECT_TRUE(take("a").allowed);
}

TEST_F(RateLimiterTest, APauseDoesNotSaveUpMoreThanTheLimit) {
  taken_until_refused("a");
  now_ += 24h;
  EXPECT_EQ(taken_until_refused("a"), 6u);
}

TEST_F(RateLimiterTest, CallersDoNotShareABucket) {
  taken_until_refused("a");
  EXPECT_EQ(taken_until_refused("b"), 6u);
}

TEST_F(RateLimiterTest, RemembersNoMoreCallersThanAllowedAndForgetsTheOldestFirst) {
  taken_until_refused("old");
  for (int i = 0; i < 99; ++i) take("caller " + std::to_string(i));
  EXPECT_FALSE(take("old").allowed) << "still remembered, and now used most recently";
  for (int i = 99; i < 198; ++i) take("caller " + std::to_string(i));
  EXPECT_EQ(limiter_.keys(), 100u);
  EXPECT_FALSE(take("old").allowed);
  take("one more"), take("and another");
  EXPECT_EQ(limiter_.keys(), 100u);
  for (int i = 200; i < 300; ++i) take("caller " + std::to_string(i));
  EXPECT_TRUE(take("old").allowed) << "forgotten";
}

TEST_F(RateLimiterTest, ForgetsFullBucketsAsNewCallersCome) {
  for (int i = 0; i < 50; ++i) take("caller " + std::to_string(i));
  now_ += 1h;
  for (int i = 0; i < 50; ++i) take("newcomer " + std::to_string(i));
  EXPECT_EQ(limiter_.keys(), 50u);
}

TEST_F(RateLimiterTest, AClockReadBeforeAnotherThreadsDoesNoHarm) {
  take("a");
  now_ -= 5ms;
  EXPECT_TRUE(take("a").allowed);
  now_ += 20'005ms;
  EXPECT_EQ(take("a").remaining, 5u);
}

TEST(RateLimiter, ThreadsTogetherGetTheLimit) {
  RateLimiter limiter({.limit = 1000, .window = 3600s}, 10);
  const RateLimiter::Clock::time_point now{1h};
  std::atomic<unsigned> allowed{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&] {
      for (int i = 0; i < 500; ++i) allowed += limiter.take("a", now).allowed ? 1u : 0u;
    });
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(allowed, 1000u);
}

TEST(RateLimiter, ALimitThatLimitsNothingIsRefused) {
  EXPECT_THROW(RateLimiter({.limit = 0, .window = 60s}, 10), std::invalid_argument);
  EXPECT_THROW(RateLimiter({.limit = 1, .window = 0s}, 10), std::invalid_argument);
  EXPECT_THROW(RateLimiter({.limit = 1, .window = 60s}, 0), std::invalid_argument);
}

}  // namespace
}  // namespace ttp::http
