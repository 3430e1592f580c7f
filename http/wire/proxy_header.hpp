// The PROXY protocol, version 2: the binary header in which a proxy names its client before the first byte of
// the client. This form is the only one accepted, and only on listeners that require it.
#pragma once

#include <cstddef>
#include <expected>
#include <optional>
#include <string_view>

#include "http/wire/address.hpp"

namespace ttp::http {

constexpr std::size_t proxy_header_begin_bytes = 16;
constexpr std::size_t proxy_header_bytes_max = 552;  // of the specification's example; extensions included

/// The size of the whole header, told by its first proxy_header_begin_bytes. The error says what is wrong.
std::expected<std::size_t, std::string_view> size_of_proxy_header(std::string_view begin);

struct ProxyHeader {
  std::optional<Address> client;  ///< nothing: the proxy's own connection, for example a health check
};

/// Reads a whole header. The error says what is wrong.
std::expected<ProxyHeader, std::string_view> parse_proxy_header(std::string_view whole);

}  // namespace ttp::http
