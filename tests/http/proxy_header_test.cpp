// The header in which a proxy names its client: what is taken, and that every change of it is refused or
// harmless.
#include "http/wire/proxy_header.hpp"

#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "http/wire/owner_counts.hpp"

namespace ttp::http {
namespace {

using namespace std::chrono_literals;

const std::string signature{"\r\n\r\n\0\r\nQUIT\n", 12};
const std::string v4_part{"\xcb\x00\x71\x07\xc0\x00\x02\x01\xc8\x22\x01\xbb", 12};  // 203.0.113.7

std::string header(char command, char family, const std::string& content) {
  return signature + command + family + static_cast<char>(content.size() >> 8) +
         static_cast<char>(content.size() & 0xff) + content;
}

std::string client_of(const std::string& whole) {
  const auto parsed = parse_proxy_header(whole);
  if (!parsed) return std::string(parsed.error());
  return parsed->client ? parsed->client->text() : "the proxy itself";
}

TEST(ProxyHeader, NamesTheClientOfBothFamilies) {
  EXPECT_EQ(client_of(header(0x21, 0x11, v4_part)), "203.0.113.7");
  const std::string v6 =
      std::string("\x20\x01\x0d\xb8", 4) + std::string(11, '\0') + "\x07" + std::string(20, '\0');
  EXPECT_EQ(client_of(header(0x21, 0x21, v6)), "2001:db8::7");
  EXPECT_EQ(client_of(header(0x20, 0x00, "")), "the proxy itself");
  EXPECT_EQ(client_of(header(0x20, 0x31, "whatever")), "the proxy itself");
}

TEST(ProxyHeader, ExtensionsArePassedOverWithinTheirBounds) {
  EXPECT_EQ(client_of(header(0x21, 0x11, v4_part + std::string("\xee\x00\x02hi", 5))), "203.0.113.7");
  EXPECT_EQ(client_of(header(0x21, 0x11, v4_part + std::string("\xee\x00\x00", 3))), "203.0.113.7");
  EXPECT_EQ(client_of(header(0x21, 0x11, v4_part + std::string("\xee\x00\x03hi", 5))),
            "an extension is longer than the header");
  EXPECT_EQ(client_of(header(0x21, 0x11, v4_part + std::string("\xee\x00", 2))), "an extension is cut off");
  EXPECT_EQ(client_of(header(0x21, 0x11, v4_part + std::string("\x03\x00\x04\0\0\0\0", 7))),
            "the checksum is another");
  EXPECT_EQ(client_of(header(0x21, 0x11, v4_part + std::string("\x03\x00\x01\0", 4))),
            "a checksum has four bytes");
}

TEST(ProxyHeader, EveryOtherShapeIsRefused) {
  const std::vector<std::pair<std::string, std::string>> wrong = {
      {"PROXY TCP4 203.0.113.7 192.0.2.1 1 2\r\n", "it does not begin with the signature"},
      {signature, "it does not begin with the signature"},
      {header(0x11, 0x11, v4_part), "another version or command"},
      {header(0x22, 0x11, v4_part), "another version or command"},
      {header(0x21, 0x12, v4_part), "neither TCP over IPv4 nor over IPv6"},
      {header(0x21, 0x00, ""), "neither TCP over IPv4 nor over IPv6"},
      {header(0x21, 0x31, std::string(216, 'x')), "neither TCP over IPv4 nor over IPv6"},
      {header(0x21, 0x21, v4_part), "the addresses are cut off"},
      {header(0x21, 0x11, std::string(537, 'x')), "it is too long"},
      {header(0x21, 0x11, v4_part) + "x", "its length is another"},
      {header(0x21, 0x11, v4_part).substr(0, 27), "its length is another"},
  };
  for (const auto& [whole, why] : wrong) EXPECT_EQ(client_of(whole), why);
}

TEST(ProxyHeader, NoBytesMakeItReadBeyondItsEnd) {
  rc::check([] {
    auto whole = header(0x21, 0x11, v4_part + *rc::gen::container<std::string>(rc::gen::arbitrary<char>()));
    const auto at = *rc::gen::inRange<std::size_t>(0, whole.size());
    whole[at] = *rc::gen::arbitrary<char>();
    whole.resize(*rc::gen::inRange<std::size_t>(0, whole.size() + 1));
    const std::vector<char> exactly(whole.begin(), whole.end());  // its end is a boundary for sanitizers
    static_cast<void>(parse_proxy_header({exactly.data(), exactly.size()}));
  });
}

TEST(OwnerRates, EachOwnerHasAShareOfEachWindow) {
  OwnerRates rates;
  const auto begin = OwnerRates::Clock::now();
  const Owner one{"one", ""}, other{"other", ""};
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(rates.take(one, 3, 10s, begin));
  EXPECT_FALSE(rates.take(one, 3, 10s, begin + 9s));
  EXPECT_TRUE(rates.take(other, 3, 10s, begin + 9s));
  EXPECT_TRUE(rates.take(one, 3, 10s, begin + 10s));
}

}  // namespace
}  // namespace ttp::http
