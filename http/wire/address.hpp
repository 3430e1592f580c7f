// Addresses of clients: parsing, the owner of an address, and trusted proxies.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "http/wire/message.hpp"

namespace ttp::http {

/// An IPv4 address is stored as its IPv4-mapped IPv6 address, so that both forms compare equal.
struct Address {
  std::array<std::uint8_t, 16> bytes{};

  /// Returns nothing if the text is not a numeric address. A scope ("fe80::1%eth0") is dropped.
  static std::optional<Address> parse(std::string_view text);
  bool is_v4() const;
  std::string text() const;

  bool operator==(const Address&) const = default;
};

/// The owner of an address, as keys for counting. Every limit per address counts both keys.
struct Owner {
  std::string subscriber;  ///< one IPv4 address, or the /64 that one IPv6 subscriber has
  std::string site;        ///< the /48 that contains it and may belong to one customer; empty for IPv4

  bool operator==(const Owner&) const = default;
};

/// The network of an address in text form, which names no subscriber: the first 24 bits of an IPv4 address or
/// the first 48 of an IPv6 address, for example "192.0.2.0/24". Empty for a text that is not an address.
std::string network_text(std::string_view address);

/// A site's share is this many times the share of one subscriber.
constexpr std::size_t subscribers_per_site = 8;

Owner owner_of(const Address& address);
/// The owner of an address in text form, such as `RequestHead::peer_address`. A text that is not an address
/// counts as a subscriber of its own.
Owner owner_of(std::string_view text);

/// A prefix of addresses, such as "10.0.0.0/8"; a single address is a prefix of full length.
struct Network {
  Address base;
  unsigned prefix_bits;  ///< of the 128 of an IPv6 address

  /// Throws std::invalid_argument if the text is not a prefix.
  explicit Network(const std::string& text);
  bool holds(const Address& address) const;
};

/// The proxies whose X-Forwarded-For header is trusted.
class TrustedProxies {
 public:
  /// The maximum number of our own proxies in a chain; addresses further left are ignored.
  static constexpr std::size_t hops_max = 16;

  /// Throws std::invalid_argument if a text is not a prefix.
  explicit TrustedProxies(const std::vector<std::string>& texts);
  bool hold(const Address& address) const;
  /// The address of the client behind a connection from `peer`: each trusted proxy vouches for the address to
  /// the left of its own.
  Address client(const Address& peer, const Headers& headers) const;

 private:
  std::vector<Network> networks_;
};

}  // namespace ttp::http
