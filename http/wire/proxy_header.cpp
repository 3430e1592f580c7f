#include "http/wire/proxy_header.hpp"

#include <algorithm>
#include <cstdint>

namespace ttp::http {
namespace {

using Unexpected = std::unexpected<std::string_view>;

constexpr std::string_view signature{"\r\n\r\n\0\r\nQUIT\n", 12};
constexpr std::uint8_t local = 0x20, proxied = 0x21;  // version 2 with its command
constexpr std::uint8_t tcp_over_v4 = 0x11, tcp_over_v6 = 0x21;
constexpr std::uint8_t checksum_type = 0x03;
constexpr std::size_t extension_begin_bytes = 3;

std::uint8_t byte_at(std::string_view bytes, std::size_t at) {
  return static_cast<std::uint8_t>(bytes[at]);
}

std::size_t number_at(std::string_view bytes, std::size_t at) {
  return std::size_t{byte_at(bytes, at)} << 8 | byte_at(bytes, at + 1);
}

/// CRC-32C of the bytes, of which the four from `zeroed` on count as zero.
std::uint32_t checksum(std::string_view bytes, std::size_t zeroed) {
  constexpr std::uint32_t reversed_polynomial = 0x82f63b78;
  std::uint32_t sum = 0xffffffff;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    sum ^= i >= zeroed && i < zeroed + 4 ? 0u : byte_at(bytes, i);
    for (int bit = 0; bit < 8; ++bit) sum = sum >> 1 ^ (sum & 1 ? reversed_polynomial : 0u);
  }
  return ~sum;
}

/// The fault of the extensions from `at` on, or an empty text. Unknown types are passed over.
std::string_view extension_fault(std::string_view whole, std::size_t at) {
  while (at < whole.size()) {
    if (whole.size() - at < extension_begin_bytes) return "an extension is cut off";
    const std::uint8_t type = byte_at(whole, at);
    const std::size_t size = number_at(whole, at + 1);
    const std::size_t value = at + extension_begin_bytes;
    if (size > whole.size() - value) return "an extension is longer than the header";
    if (type == checksum_type) {
      if (size != 4) return "a checksum has four bytes";
      const auto sum =
          static_cast<std::uint32_t>(number_at(whole, value) << 16 | number_at(whole, value + 2));
      if (sum != checksum(whole, value)) return "the checksum is another";
    }
    at = value + size;
  }
  return {};
}

Address address_at(std::string_view whole, bool is_v4) {
  Address address;
  if (is_v4) address.bytes[10] = address.bytes[11] = 0xff;
  const std::size_t size = is_v4 ? 4 : 16;
  for (std::size_t i = 0; i < size; ++i)
    address.bytes[16 - size + i] = byte_at(whole, proxy_header_begin_bytes + i);
  return address;
}

}  // namespace

std::expected<std::size_t, std::string_view> size_of_proxy_header(std::string_view begin) {
  if (begin.size() < proxy_header_begin_bytes || !begin.starts_with(signature))
    return Unexpected("it does not begin with the signature");
  const std::uint8_t command = byte_at(begin, 12);
  if (command != local && command != proxied) return Unexpected("another version or command");
  const std::size_t size = proxy_header_begin_bytes + number_at(begin, 14);
  if (size > proxy_header_bytes_max) return Unexpected("it is too long");
  return size;
}

std::expected<ProxyHeader, std::string_view> parse_proxy_header(std::string_view whole) {
  const auto size = size_of_proxy_header(whole);
  if (!size) return Unexpected(size.error());
  if (*size != whole.size()) return Unexpected("its length is another");
  // The specification says that the rest of a local header is ignored.
  if (byte_at(whole, 12) == local) return ProxyHeader{};
  const std::uint8_t family = byte_at(whole, 13);
  if (family != tcp_over_v4 && family != tcp_over_v6)
    return Unexpected("neither TCP over IPv4 nor over IPv6");
  const bool is_v4 = family == tcp_over_v4;
  const std::size_t extensions = proxy_header_begin_bytes + (is_v4 ? 12 : 36);  // two addresses, two ports
  if (whole.size() < extensions) return Unexpected("the addresses are cut off");
  if (const auto fault = extension_fault(whole, extensions); !fault.empty()) return Unexpected(fault);
  return ProxyHeader{address_at(whole, is_v4)};
}

}  // namespace ttp::http
