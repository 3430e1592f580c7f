// Addresses of clients: how they are read, whom each belongs to, and which of them are trusted proxies.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "http/wire/message.hpp"

namespace ttp::http {

/// An IPv4 address is held as its IPv4-mapped IPv6 address, so that both forms compare equal.
struct Address {
  std::array<std::uint8_t, 16> bytes{};

  /// Nothing where the text is no numeric address. A scope ("fe80::1%eth0") is left out.
  static std::optional<Address> parse(std::string_view text);
  bool is_v4() const;
  std::string text() const;

  bool operator==(const Address&) const = default;
};

/// Whom an address belongs to, as keys to count by. Every limit per address counts both.
struct Owner {
  std::string subscriber;  ///< one IPv4 address, or the /64 that one IPv6 subscriber has
  std::string site;        ///< the /48 around it, which one customer can have whole; empty for IPv4

  bool operator==(const Owner&) const = default;
};

/// A site may have this many times what one subscriber may have.
constexpr std::size_t subscribers_per_site = 8;

Owner owner_of(const Address& address);
/// The same for an address in text form, such as `Head::peer_address`. A text that is no address is a
/// subscriber of its own.
Owner owner_of(std::string_view text);

/// A prefix of addresses, such as "10.0.0.0/8"; an address alone is a prefix of its whole length.
struct Network {
  Address base;
  unsigned prefix_bits;  ///< of the 128 of an IPv6 address

  /// Throws std::invalid_argument where the text is no prefix.
  explicit Network(const std::string& text);
  bool holds(const Address& address) const;
};

/// The proxies whose X-Forwarded-For is believed.
class TrustedProxies {
 public:
  /// A request passes through no more proxies of ours; what stands further left is not looked at.
  static constexpr std::size_t hops_max = 16;

  /// Throws std::invalid_argument where a text is no prefix.
  explicit TrustedProxies(const std::vector<std::string>& texts);
  bool hold(const Address& address) const;
  /// The client behind a connection from `peer`: each trusted proxy vouches for the address to the left of
  /// its own.
  Address client(const Address& peer, const Headers& headers) const;

 private:
  std::vector<Network> networks_;
};

}  // namespace ttp::http
