// The address of a listening socket in the form of a setting: "192.0.2.1:443" or "[2001:db8::1]:443"; and
// whether a host is this machine.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace ttp::os {

struct SocketAddress {
  std::string address;  ///< numeric, without brackets
  std::uint16_t port = 0;

  bool operator==(const SocketAddress&) const = default;
};

/// Nothing if the text has no numeric address or no port from 0 to 65535.
std::optional<SocketAddress> parse_socket_address(std::string_view text);

/// Whether a host is this machine and nothing else: "localhost", or a numeric address of the loopback, in
/// brackets or not. A name that only begins like one ("127.example.org") is not.
bool is_loopback(std::string_view host);

}  // namespace ttp::os
