#include "carriers/bounce_marks.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>

#include "domain/ids.hpp"

namespace ttp::carriers {
namespace {

constexpr std::string_view prefix = "b+";
constexpr std::size_t mark_bytes = 10;  // 80 bits: 16 characters
constexpr std::size_t local_part_max = 64, position_digits = 20;
constexpr std::string_view alphabet = "0123456789abcdefghjkmnpqrstvwxyz";  // Crockford's; mail ignores case

/// Five bits a character, the first bits first; the last character is filled up with zeros.
std::string to_base32(std::span<const std::uint8_t> bytes) {
  std::string text;
  unsigned bits = 0, count = 0;
  for (const std::uint8_t byte : bytes) {
    bits = (bits << 8 | byte) & 0xfffU;
    for (count += 8; count >= 5; count -= 5) text += alphabet[bits >> (count - 5) & 31U];
  }
  if (count > 0) text += alphabet[bits << (5 - count) & 31U];
  return text;
}

std::optional<domain::Uuid> uuid_of(std::string_view text) {
  domain::Uuid uuid;
  std::size_t at = 0;
  unsigned bits = 0, count = 0;
  for (const char c : text) {
    const auto digit = alphabet.find(c);
    if (digit == alphabet.npos) return std::nullopt;
    bits = (bits << 5 | static_cast<unsigned>(digit)) & 0xfffU;
    count += 5;
    if (count < 8) continue;
    if (at == uuid.bytes.size()) return std::nullopt;
    count -= 8;
    uuid.bytes[at++] = static_cast<std::uint8_t>(bits >> count & 0xffU);
  }
  return at == uuid.bytes.size() && to_base32(uuid.bytes) == text ? std::optional{uuid} : std::nullopt;
}

bool is_number(std::string_view text) {
  return !text.empty() && text.size() <= position_digits &&
         std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

/// The key in as few characters as a local part has room for: the position without its leading zeros, and an
/// identifier in base 32. Empty if the key is of another form.
std::string short_name(std::string_view key) {
  if (const auto uuid = domain::parse_uuid(key)) return "m" + to_base32(uuid->bytes);
  const auto dash = key.find('-');
  if (dash != position_digits || !is_number(key.substr(0, dash))) return {};
  auto position = key.substr(0, dash);
  position.remove_prefix(std::min(position.find_first_not_of('0'), position.size() - 1));
  auto rest = key.substr(dash + 1);
  const auto second = rest.find('-');
  const auto index = rest.substr(0, second);
  if (!is_number(index)) return {};
  std::string name = std::string{position} + "-" + std::string{index};
  if (second == rest.npos) return name;
  const auto uuid = domain::parse_uuid(rest.substr(second + 1));
  return uuid ? name + "-" + to_base32(uuid->bytes) : std::string{};
}

std::optional<std::string> key_of(std::string_view name) {
  if (name.starts_with('m')) {
    const auto uuid = uuid_of(name.substr(1));
    return uuid ? std::optional{domain::to_text(*uuid)} : std::nullopt;
  }
  const auto dash = name.find('-');
  if (dash == name.npos || !is_number(name.substr(0, dash))) return std::nullopt;
  std::string key(position_digits - dash, '0');
  key += name.substr(0, dash + 1);
  const auto rest = name.substr(dash + 1);
  const auto second = rest.find('-');
  if (!is_number(rest.substr(0, second))) return std::nullopt;
  key += rest.substr(0, second);
  if (second == rest.npos) return key;
  const auto uuid = uuid_of(rest.substr(second + 1));
  return uuid ? std::optional{key + "-" + domain::to_text(*uuid)} : std::nullopt;
}

}  // namespace

std::string BounceMarks::mark(std::string_view name) const {
  const events::Hash hash = events::hmac_sha256(key_, "bounce of " + std::string{name});
  return to_base32(std::span{hash}.first(mark_bytes));
}

std::string BounceMarks::address_for(const delivery::Mail& mail) const {
  if (domain_.empty()) return {};
  const std::string name = short_name(mail.message_id.empty() ? mail.message_key : mail.message_id);
  if (name.empty()) return {};
  const std::string local_part = std::string{prefix} + name + "." + mark(name);
  return local_part.size() <= local_part_max ? local_part + "@" + domain_ : std::string{};
}

std::optional<std::string> BounceMarks::mail_of(std::string_view address) const {
  std::string text{address};
  std::ranges::transform(text, text.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  const auto at = text.find('@');
  if (domain_.empty() || at == text.npos || at > local_part_max || text.substr(at + 1) != domain_ ||
      !text.starts_with(prefix))
    return std::nullopt;
  const std::string local_part = text.substr(prefix.size(), at - prefix.size());
  const auto dot = local_part.find('.');
  if (dot == local_part.npos) return std::nullopt;
  const std::string name = local_part.substr(0, dot);
  const std::string expected = mark(name), given = local_part.substr(dot + 1);
  unsigned difference = expected.size() == given.size() ? 0 : 1;
  for (std::size_t i = 0; i < std::min(expected.size(), given.size()); ++i)
    difference |= static_cast<unsigned>(expected[i] ^ given[i]);
  return difference == 0 ? key_of(name) : std::nullopt;
}

}  // namespace ttp::carriers
