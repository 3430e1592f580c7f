// The numbers of people and companies: there are enough of them for a large programme.
#include <set>
#include <string>

#include <gtest/gtest.h>

#include "service/secrets/secrets.hpp"

namespace {

using namespace ttp;

TEST(FreshNumbers, are_seldom_drawn_twice) {
  constexpr std::size_t draws = 20'000;
  std::set<std::string> urns, client_numbers;
  for (std::size_t i = 0; i < draws; ++i) {
    const auto fresh = service::draw_fresh(domain::Time{});
    EXPECT_TRUE(domain::Urn::parse(std::string{fresh.urn.text()}));
    EXPECT_TRUE(domain::ClientNumber::parse(std::string{fresh.client_number.text()}));
    urns.emplace(fresh.urn.text());
    client_numbers.emplace(fresh.client_number.text());
  }
  // Two repetitions are expected among a hundred million numbers, two hundred among one million.
  EXPECT_GT(urns.size(), draws - 20);
  EXPECT_GT(client_numbers.size(), draws - 20);
}

}  // namespace
