// Checks before a route: limits of networks, waits for a position, the watch over authorisation, and
// conditional requests.
#include <atomic>
#include <future>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "http/gate/conditional.hpp"
#include "http/gate/credentials.hpp"
#include "http/gate/health.hpp"
#include "http/gate/limits.hpp"
#include "http/gate/position_waiter.hpp"

namespace ttp::http {
namespace {

using namespace std::chrono_literals;

// ---- limits -----------------------------------------------------------------------------------------------

class CallerLimitsTest : public testing::Test {
 protected:
  bool take(const std::string& address) { return limits_.take(address, now_).verdict.allowed; }
  unsigned taken(const std::string& address, unsigned tries) {
    unsigned allowed = 0;
    for (unsigned i = 0; i < tries; ++i) allowed += take(address) ? 1 : 0;
    return allowed;
  }
  CallerLimits limits_{10, 100};
  RateLimiter::Clock::time_point now_{1h};
};

TEST_F(CallerLimitsTest, addresses_of_one_subscriber_share_a_limit) {
  unsigned allowed = 0;
  for (int i = 1; i <= 40; ++i) allowed += take("2001:db8:1:2::" + std::to_string(i)) ? 1 : 0;
  EXPECT_EQ(allowed, 10u);
  EXPECT_TRUE(take("2001:db8:1:3::1")) << "another subscriber";
}

TEST_F(CallerLimitsTest, subscribers_of_one_site_share_a_wider_limit) {
  unsigned allowed = 0;
  for (int i = 1; i <= 400; ++i) allowed += take("2001:db8:1:" + std::to_string(i) + "::1") ? 1 : 0;
  EXPECT_EQ(allowed, 80u);
  EXPECT_TRUE(take("2001:db8:2:1::1")) << "another site";
}

TEST_F(CallerLimitsTest, ipv4_addresses_do_not_share) {
  EXPECT_EQ(taken("192.0.2.1", 20), 10u);
  EXPECT_EQ(taken("192.0.2.2", 20), 10u);
}

TEST_F(CallerLimitsTest, a_refusal_by_the_site_costs_the_subscriber_nothing) {
  for (int i = 1; i <= 8; ++i) taken("2001:db8:1:" + std::to_string(i) + "::1", 10);
  for (int i = 0; i < 20; ++i) EXPECT_FALSE(take("2001:db8:1:99::1"));
  now_ += 300s;  // the site's limit is full again
  EXPECT_EQ(taken("2001:db8:1:99::1", 20), 10u);
}

TEST_F(CallerLimitsTest, the_smaller_rest_is_reported) {
  const auto first = limits_.take("2001:db8:1:1::1", now_);
  EXPECT_EQ(first.verdict.limit, 10u);
  for (int i = 2; i <= 8; ++i) taken("2001:db8:1:" + std::to_string(i) + "::1", 10);
  taken("2001:db8:1:9::1", 5);
  const auto refused_soon = limits_.take("2001:db8:1:10::1", now_);
  EXPECT_EQ(refused_soon.verdict.limit, 80u);
}

// ---- waits ------------------------------------------------------------------------------------------------

TEST(PositionWaiter, goes_on_when_the_position_is_published_and_not_by_a_clock) {
  PositionWaiter waiter;
  std::promise<bool> reached;
  ASSERT_TRUE(waiter.wait(5, 24h, [&](bool is) { reached.set_value(is); }));
  waiter.published(6);
  EXPECT_TRUE(reached.get_future().get());
  EXPECT_EQ(waiter.waiting(), 0u);
}

TEST(PositionWaiter, a_position_published_earlier_is_reached_at_once) {
  PositionWaiter waiter;
  waiter.published(6);
  std::promise<bool> reached;
  waiter.wait(5, 24h, [&](bool is) { reached.set_value(is); });
  EXPECT_TRUE(reached.get_future().get());
}

TEST(PositionWaiter, does_not_run_while_no_wait_is_affected) {
  PositionWaiter waiter;
  std::promise<bool> reached;
  waiter.wait(1'000'000, 24h, [&](bool is) { reached.set_value(is); });
  for (storage::Position next = 1; next <= 10'000; ++next) waiter.published(next);
  waiter.published(1'000'001);
  EXPECT_TRUE(reached.get_future().get());
  EXPECT_LE(waiter.looks(), 4u) << "the thread's first look, one for the wait, one or two for the position";
}

TEST(PositionWaiter, a_wait_has_an_end) {
  PositionWaiter waiter;
  std::promise<bool> reached;
  waiter.wait(5, 1ms, [&](bool is) { reached.set_value(is); });
  EXPECT_FALSE(reached.get_future().get());
}

TEST(PositionWaiter, every_wait_ends_when_the_waiter_ends) {
  std::promise<bool> reached;
  {
    PositionWaiter waiter;
    waiter.wait(5, 24h, [&](bool is) { reached.set_value(is); });
  }
  EXPECT_FALSE(reached.get_future().get());
}

TEST(PositionWaiter, no_more_wait_than_its_bound) {
  std::atomic<std::size_t> told = 0;
  std::size_t taken = 0;
  {
    PositionWaiter waiter;
    for (std::size_t i = 0; i < PositionWaiter::waits_max + 10; ++i)
      taken += waiter.wait(5, 24h, [&](bool) { ++told; }) ? 1 : 0;
  }
  EXPECT_EQ(taken, PositionWaiter::waits_max);
  EXPECT_EQ(told, PositionWaiter::waits_max);
}

// ---- authorisation ----------------------------------------------------------------------------------------

class AuthorisationWatchTest : public testing::Test {
 protected:
  bool stands_at(AuthorisationWatch::Clock::time_point now) {
    watch_.look(now);
    return watch_.stands();
  }
  std::mutex mutex_;
  AuthorisationWatch::Basis basis_{10, 10, false};
  void set(AuthorisationWatch::Basis basis) {
    const std::scoped_lock lock(mutex_);
    basis_ = basis;
  }
  AuthorisationWatch watch_{[this] {
    const std::scoped_lock lock(mutex_);
    return basis_;
  }};
  AuthorisationWatch::Clock::time_point now_ = AuthorisationWatch::Clock::now();
};

TEST_F(AuthorisationWatchTest, stands_while_the_view_follows) {
  EXPECT_TRUE(stands_at(now_));
  set({20, 20, false});
  EXPECT_TRUE(stands_at(now_ + 1h));
}

TEST_F(AuthorisationWatchTest, falls_when_the_view_has_stopped_and_stands_again_when_it_goes_on) {
  set({11, 10, true});
  EXPECT_FALSE(stands_at(now_));
  set({11, 11, false});
  EXPECT_TRUE(stands_at(now_));
}

TEST_F(AuthorisationWatchTest, falls_when_the_view_lags_longer_than_its_bound) {
  EXPECT_TRUE(stands_at(now_ + 1h));
  set({12, 10, false});
  EXPECT_TRUE(stands_at(now_ + 1h)) << "it had shown all that there was";
  EXPECT_TRUE(stands_at(now_ + 1h + AuthorisationWatch::lag_max));
  EXPECT_FALSE(stands_at(now_ + 1h + AuthorisationWatch::lag_max + 1ms));
  set({500, 12, false});
  EXPECT_TRUE(stands_at(now_ + 2h)) << "what was awaited is shown; what came since has its own time";
}

TEST_F(AuthorisationWatchTest, a_view_that_is_always_a_little_behind_stands) {
  for (storage::Position head = 11; head < 1000; ++head) {
    set({head, head - 1, false});
    EXPECT_TRUE(stands_at(now_ + head * 1s));
  }
}

// ---- the sandbox's host -----------------------------------------------------------------------------------

TEST(NamesThisMachine, takes_localhost_and_addresses_only) {
  for (const char* own :
       {"localhost", "LocalHost:8080", "127.0.0.1", "127.0.0.1:8080", "[::1]", "[::1]:8080"})
    EXPECT_TRUE(names_this_machine(own)) << own;
  for (const char* other :
       {"", "evil.example", "evil.example:8080", "localhost.evil.example", "127.0.0.1.evil"})
    EXPECT_FALSE(names_this_machine(other)) << other;
}

// ---- conditional requests ---------------------------------------------------------------------------------

TEST(IfMatch, names_a_version_or_one_that_nothing_has) {
  const auto asked = [](std::string value) {
    auto head = std::make_shared<RequestHead>();
    head->headers = {{"if-match", std::move(value)}};
    Request request;
    request.head = std::move(head);
    return if_match(request);
  };
  EXPECT_EQ(asked("\"7-1f0c93a4be52d786\"")->version, 7u);
  EXPECT_EQ(asked("\"7\"")->version, 7u);
  EXPECT_EQ(asked("*")->version, std::nullopt);
  for (const char* wrong : {"7", "W/\"7\"", "\"7-\"", "\"x\"", "\"7\", \"8\""})
    EXPECT_EQ(asked(wrong)->version, std::numeric_limits<std::uint64_t>::max()) << wrong;
}

}  // namespace
}  // namespace ttp::http
