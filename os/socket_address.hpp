// The address of a listening socket in the form of a setting: "192.0.2.1:443" or "[2001:db8::1]:443".
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

}  // namespace ttp::os
