// Work in numbered parts, made by all cores and taken in order.
#include "os/in_order.hpp"

#include <atomic>
#include <chrono>
#include <stdexcept>
#include <string>
#include <thread>

#include <gtest/gtest.h>

namespace {

using namespace ttp;

TEST(InOrder, parts_are_taken_in_order_though_they_are_made_at_once) {
  std::vector<std::uint64_t> taken;
  os::in_order(
      500,
      [](std::uint64_t number) {
        if (number % 7 == 0) std::this_thread::sleep_for(std::chrono::microseconds{200});
        return number * 10;
      },
      [&](std::uint64_t part) { taken.push_back(part); });
  ASSERT_EQ(taken.size(), 500u);
  for (std::uint64_t number = 0; number < taken.size(); ++number) EXPECT_EQ(taken[number], number * 10);
}

TEST(InOrder, a_fault_is_thrown_in_the_order_of_the_parts) {
  std::uint64_t taken = 0;
  EXPECT_THROW(os::in_order(
                   100,
                   [](std::uint64_t number) {
                     if (number == 42) throw std::runtime_error{"the forty-second"};
                     return number;
                   },
                   [&](std::uint64_t) { ++taken; }),
               std::runtime_error);
  EXPECT_EQ(taken, 42u);
}

TEST(InOrder, no_more_parts_wait_than_the_window_holds) {
  constexpr std::size_t window = 3;
  std::atomic<std::uint64_t> made = 0;
  const auto make = [&](std::uint64_t number) { return ++made, number; };
  os::PartsInOrder parts{50, make, window};
  for (std::uint64_t taken = 0; taken < 50; ++taken) {
    std::this_thread::sleep_for(std::chrono::microseconds{300});
    EXPECT_LE(made, taken + window);
    EXPECT_EQ(parts.next(), taken);
  }
}

TEST(InOrder, the_caller_may_stop_before_the_last_part) {
  const auto make = [](std::uint64_t number) { return std::string(1000, 'x') + std::to_string(number); };
  os::PartsInOrder parts{1'000'000, make, 4};
  EXPECT_EQ(parts.next().size(), 1001u);
}

}  // namespace
