#include "http/wire/address.hpp"

#include <algorithm>
#include <ranges>
#include <stdexcept>

#include <arpa/inet.h>

namespace ttp::http {
namespace {

constexpr std::array<std::uint8_t, 12> v4_mapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

std::string_view trimmed(std::string_view text) {
  while (text.starts_with(' ') || text.starts_with('\t')) text.remove_prefix(1);
  while (text.ends_with(' ') || text.ends_with('\t')) text.remove_suffix(1);
  return text;
}

bool is_port(std::string_view text) {
  return text.size() >= 2 && text.size() <= 6 && text.front() == ':' &&
         text.find_first_not_of("0123456789", 1) == std::string_view::npos;
}

/// An element of X-Forwarded-For: an address, which some proxies write in brackets or with a port.
std::optional<Address> forwarded_address(std::string_view text) {
  const bool is_in_brackets = text.starts_with('[');
  const auto end = is_in_brackets ? text.find(']') : text.find(':');
  const bool is_v6 = !is_in_brackets && end != text.rfind(':');
  if (is_v6 || (!is_in_brackets && end == std::string_view::npos)) return Address::parse(text);
  if (end == std::string_view::npos) return std::nullopt;
  const std::string_view after = text.substr(is_in_brackets ? end + 1 : end);
  if (!after.empty() && !is_port(after)) return std::nullopt;
  return Address::parse(is_in_brackets ? text.substr(1, end - 1) : text.substr(0, end));
}

}  // namespace

std::optional<Address> Address::parse(std::string_view text) {
  const std::string unscoped(text.substr(0, text.find('%')));
  Address address;
  if (inet_pton(AF_INET6, unscoped.c_str(), address.bytes.data()) == 1) return address;
  std::ranges::copy(v4_mapped, address.bytes.begin());
  if (unscoped.size() == text.size() &&
      inet_pton(AF_INET, unscoped.c_str(), address.bytes.data() + v4_mapped.size()) == 1)
    return address;
  return std::nullopt;
}

bool Address::is_v4() const {
  return std::ranges::equal(v4_mapped, bytes | std::views::take(v4_mapped.size()));
}

std::string Address::text() const {
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (is_v4())
    inet_ntop(AF_INET, bytes.data() + v4_mapped.size(), text.data(), text.size());
  else
    inet_ntop(AF_INET6, bytes.data(), text.data(), text.size());
  return text.data();
}

std::string network_text(std::string_view address) {
  auto network = Address::parse(address);
  if (!network) return {};
  const std::size_t kept = network->is_v4() ? v4_mapped.size() + 3 : 6;
  std::fill(network->bytes.begin() + static_cast<std::ptrdiff_t>(kept), network->bytes.end(), 0);
  return network->text() + (network->is_v4() ? "/24" : "/48");
}

Owner owner_of(const Address& address) {
  const auto begin = address.bytes.begin();
  // The three kinds of keys have different lengths, so keys of two kinds are never equal.
  if (address.is_v4()) return {std::string(begin + v4_mapped.size(), address.bytes.end()), {}};
  return {std::string(begin, begin + 8), std::string(begin, begin + 6)};
}

Owner owner_of(std::string_view text) {
  if (const auto address = Address::parse(text)) return owner_of(*address);
  return {std::string(text), {}};
}

Network::Network(const std::string& text) {
  const auto slash = text.find('/');
  const auto address = Address::parse(text.substr(0, slash));
  if (!address) throw std::invalid_argument("not an address or a prefix: " + text);
  const unsigned whole = text.find(':') == std::string::npos ? 32 : 128;
  unsigned bits = whole;
  if (slash != std::string::npos) {
    const auto digits = text.substr(slash + 1);
    if (digits.empty() || digits.size() > 3 || digits.find_first_not_of("0123456789") != std::string::npos)
      throw std::invalid_argument("not an address or a prefix: " + text);
    bits = static_cast<unsigned>(std::stoul(digits));
  }
  if (bits > whole) throw std::invalid_argument("a prefix longer than its address: " + text);
  base = *address;
  prefix_bits = bits + 128 - whole;
}

bool Network::holds(const Address& address) const {
  const auto whole_bytes = prefix_bits / 8;
  if (!std::equal(base.bytes.begin(), base.bytes.begin() + whole_bytes, address.bytes.begin())) return false;
  if (prefix_bits % 8 == 0) return true;
  const auto mask = static_cast<std::uint8_t>(0xff00u >> (prefix_bits % 8));
  return (address.bytes[whole_bytes] & mask) == (base.bytes[whole_bytes] & mask);
}

TrustedProxies::TrustedProxies(const std::vector<std::string>& texts) {
  for (const auto& text : texts) networks_.emplace_back(text);
}

bool TrustedProxies::hold(const Address& address) const {
  return std::ranges::any_of(networks_, [&](const Network& network) { return network.holds(address); });
}

Address TrustedProxies::client(const Address& peer, const Headers& headers) const {
  auto client = peer;
  std::size_t hops = 0;
  // Go from right to left, because the nearest proxy appends on the right.
  for (const auto& [name, value] : headers | std::views::reverse) {
    if (name != "x-forwarded-for") continue;
    for (std::string_view rest = value;;) {
      if (hops++ == hops_max || !hold(client)) return client;
      const auto comma = rest.rfind(',');
      const auto next =
          forwarded_address(trimmed(rest.substr(comma == std::string_view::npos ? 0 : comma + 1)));
      if (!next) return client;
      client = *next;
      if (comma == std::string_view::npos) break;
      rest = rest.substr(0, comma);
    }
  }
  return client;
}

}  // namespace ttp::http
