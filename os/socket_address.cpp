#include "os/socket_address.hpp"

#include <array>
#include <charconv>

#include <arpa/inet.h>
#include <netinet/in.h>

namespace ttp::os {
namespace {

std::optional<std::uint16_t> parse_port(std::string_view text) {
  std::uint16_t port = 0;
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (fault != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return port;
}

}  // namespace

std::optional<SocketAddress> parse_socket_address(std::string_view text) {
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  auto address = text.substr(0, colon);
  const bool in_brackets = address.starts_with('[') && address.ends_with(']') && address.size() > 2;
  if (in_brackets) address = address.substr(1, address.size() - 2);
  const auto port = parse_port(text.substr(colon + 1));
  SocketAddress parsed{std::string{address}, port.value_or(0)};
  std::array<unsigned char, 16> bytes{};
  const int family = in_brackets ? AF_INET6 : AF_INET;
  if (!port || inet_pton(family, parsed.address.c_str(), bytes.data()) != 1) return std::nullopt;
  return parsed;
}

bool is_loopback(std::string_view host) {
  if (host == "localhost") return true;
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  const std::string text{host};
  in_addr four{};
  in6_addr six{};
  if (inet_pton(AF_INET, text.c_str(), &four) == 1) return (ntohl(four.s_addr) >> 24) == IN_LOOPBACKNET;
  return inet_pton(AF_INET6, text.c_str(), &six) == 1 && IN6_IS_ADDR_LOOPBACK(&six);
}

}  // namespace ttp::os
