// Addresses: their owners, trusted proxies, and the client behind a chain of proxies.
#include "http/wire/address.hpp"

#include <gtest/gtest.h>

#include "http/wire/owner_counts.hpp"

namespace ttp::http {
namespace {

Address address(std::string_view text) {
  return Address::parse(text).value();
}

// ---- reading ----------------------------------------------------------------------------------------------

TEST(Address, BothFormsOfAnIpv4AddressAreOne) {
  EXPECT_EQ(address("192.0.2.7"), address("::ffff:192.0.2.7"));
  EXPECT_EQ(address("::ffff:192.0.2.7").text(), "192.0.2.7");
  EXPECT_EQ(address("2001:DB8:0::1").text(), "2001:db8::1");
  EXPECT_EQ(address("fe80::1%eth0").text(), "fe80::1");
}

TEST(Address, WhatIsNoNumericAddressIsNotRead) {
  for (const char* text : {"", "localhost", "192.0.2", "192.0.2.256", "192.0.2.7%eth0", "192.0.2.7:80",
                           "[::1]", "::1/64", "1 92.0.2.7"})
    EXPECT_EQ(Address::parse(text), std::nullopt) << text;
}

// ---- owners -----------------------------------------------------------------------------------------------

TEST(Owner, AnIpv4AddressIsASubscriberWithoutASite) {
  EXPECT_NE(owner_of(address("192.0.2.7")), owner_of(address("192.0.2.8")));
  EXPECT_EQ(owner_of(address("192.0.2.7")).site, "");
  EXPECT_EQ(owner_of("::ffff:192.0.2.7"), owner_of("192.0.2.7"));
}

TEST(Owner, ASubscriberHasASlash64AndASiteASlash48) {
  const auto one = owner_of("2001:db8:1:2::1");
  EXPECT_EQ(one, owner_of("2001:db8:1:2:ffff:ffff:ffff:ffff"));
  const auto neighbour = owner_of("2001:db8:1:3::1");
  EXPECT_NE(one.subscriber, neighbour.subscriber);
  EXPECT_EQ(one.site, neighbour.site);
  EXPECT_NE(one.site, owner_of("2001:db8:2:2::1").site);
}

TEST(Owner, NoKeyIsOneOfAnotherKind) {
  const auto v6 = owner_of("c000:207::");
  EXPECT_NE(v6.subscriber, owner_of("192.0.2.7").subscriber) << "whose bytes it begins with";
  EXPECT_NE(v6.subscriber, v6.site);
}

TEST(NetworkText, NamesNoSubscriber) {
  EXPECT_EQ(network_text("192.0.2.7"), "192.0.2.0/24");
  EXPECT_EQ(network_text("::ffff:192.0.2.7"), "192.0.2.0/24");
  EXPECT_EQ(network_text("2001:db8:1:2::1"), "2001:db8:1::/48");
  EXPECT_EQ(network_text("nonsense"), "");
}

TEST(Owner, ATextThatIsNoAddressIsItsOwn) {
  EXPECT_EQ(owner_of("nonsense").subscriber, "nonsense");
}

TEST(Owner, ASubscriberHasItsShareAndASiteEightTimesThat) {
  OwnerCounts counts;
  const auto fill = [&](const std::string& text) {
    std::size_t added = 0;
    for (; counts.has_room(owner_of(text), 3); ++added) counts.add(owner_of(text));
    return added;
  };
  EXPECT_EQ(fill("192.0.2.7"), 3u);
  EXPECT_EQ(fill("192.0.2.8"), 3u);
  for (int subscriber = 0; subscriber < 8; ++subscriber)
    EXPECT_EQ(fill("2001:db8:1:" + std::to_string(subscriber) + "::1"), 3u);
  EXPECT_EQ(fill("2001:db8:1:8::1"), 0u) << "the site has its share";
  EXPECT_EQ(fill("2001:db8:2:8::1"), 3u) << "another site";

  counts.remove(owner_of("2001:db8:1:0::9"));
  EXPECT_EQ(fill("2001:db8:1:8::1"), 1u);
}

TEST(Owner, WhatIsTakenBackLeavesNothing) {
  OwnerCounts counts;
  for (const char* text : {"192.0.2.7", "2001:db8:1:2::1", "2001:db8:1:3::1", "nonsense"}) {
    counts.add(owner_of(text));
    counts.remove(owner_of(text));
  }
  EXPECT_TRUE(counts.empty());
}

// ---- proxies ----------------------------------------------------------------------------------------------

TEST(Network, HoldsTheAddressesOfItsPrefixToTheBit) {
  const Network network("10.1.128.0/17");
  EXPECT_TRUE(network.holds(address("10.1.128.0")));
  EXPECT_TRUE(network.holds(address("10.1.255.255")));
  EXPECT_FALSE(network.holds(address("10.1.127.255")));
  EXPECT_TRUE(Network("0.0.0.0/0").holds(address("203.0.113.1")));
  EXPECT_FALSE(Network("0.0.0.0/0").holds(address("2001:db8::1")));
  EXPECT_TRUE(Network("::/0").holds(address("2001:db8::1")));
  EXPECT_FALSE(Network("2001:db8::1").holds(address("2001:db8::2")));
}

class ForwardedFor : public testing::Test {
 protected:
  std::string client_of(const char* peer, std::vector<std::string> values) const {
    Headers headers{{"host", "a"}};
    for (auto& value : values) headers.emplace_back("x-forwarded-for", std::move(value));
    return proxies_.client(address(peer), headers).text();
  }

  const TrustedProxies proxies_{{"10.0.0.0/8"}};
};

TEST_F(ForwardedFor, IsIgnoredFromOtherPeers) {
  EXPECT_EQ(client_of("203.0.113.9", {"198.51.100.7"}), "203.0.113.9");
}

TEST_F(ForwardedFor, GivesTheRightmostAddressThatNoProxyOfOursVouchesFor) {
  EXPECT_EQ(client_of("10.0.0.1", {"203.0.113.9, 198.51.100.7", " 10.1.2.3\t,10.1.2.4"}), "198.51.100.7");
  EXPECT_EQ(client_of("10.0.0.1", {}), "10.0.0.1");
  EXPECT_EQ(client_of("10.0.0.1", {"10.0.0.2"}), "10.0.0.2");
}

TEST_F(ForwardedFor, EndsAtWhatIsNoAddress) {
  for (const char* text : {"nonsense", "", "203.0.113.9,", "1 92.0.2.7", "192.0.2.7:", "192.0.2.7:x",
                           "[2001:db8::7", "[2001:db8::7]x", "[2001:db8::7]:123456"})
    EXPECT_EQ(client_of("10.0.0.1", {text}), "10.0.0.1") << text;
  EXPECT_EQ(client_of("10.0.0.1", {"203.0.113.9,10.0.0.2", "x,10.0.0.3"}), "10.0.0.3");
}

TEST_F(ForwardedFor, TakesAddressesWithBracketsAndPorts) {
  for (const char* text : {"192.0.2.7", "192.0.2.7:80", "192.0.2.7:65535"})
    EXPECT_EQ(client_of("10.0.0.1", {text}), "192.0.2.7") << text;
  for (const char* text : {"2001:db8::7", "[2001:db8::7]", "[2001:db8::7]:443"})
    EXPECT_EQ(client_of("10.0.0.1", {text}), "2001:db8::7") << text;
}

TEST_F(ForwardedFor, IsFollowedOverABoundedNumberOfHops) {
  std::string chain = "203.0.113.9";
  for (std::size_t hop = TrustedProxies::hops_max - 1; hop > 0; --hop)
    chain += ",10.0.0." + std::to_string(hop);
  EXPECT_EQ(client_of("10.0.0.99", {chain}), "203.0.113.9");
  EXPECT_EQ(client_of("10.0.0.99", {chain, "10.0.0.98"}), "10.0.0.15") << "one hop more";

  std::string long_chain = "10.0.0.200";
  for (int hop = 199; hop > 0; --hop) long_chain += ",10.0.0." + std::to_string(hop);
  EXPECT_EQ(client_of("10.0.0.201", {long_chain}), "10.0.0.16");
}

}  // namespace
}  // namespace ttp::http
