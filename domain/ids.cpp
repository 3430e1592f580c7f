#include "domain/ids.hpp"

#include <array>
#include <cstdint>

namespace ttp::domain {
namespace {

constexpr std::string_view digits = "0123456789abcdef";

/// Offset in the text of the two digits of each byte.
constexpr std::array<std::size_t, 16> places{0, 2, 4, 6, 9, 11, 14, 16, 19, 21, 24, 26, 28, 30, 32, 34};
constexpr std::array<std::size_t, 4> dash_places{8, 13, 18, 23};

constexpr std::uint8_t no_digit = 0xff;
/// A table lookup without a branch per digit, because views and events are full of identifiers.
constexpr auto digit_values = [] {
  std::array<std::uint8_t, 256> values{};
  values.fill(no_digit);
  for (std::uint8_t i = 0; i < 10; ++i) values['0' + i] = i;
  for (std::uint8_t i = 0; i < 6; ++i) values['a' + i] = values['A' + i] = static_cast<std::uint8_t>(10 + i);
  return values;
}();

std::uint8_t digit_value(char c) {
  return digit_values[static_cast<std::uint8_t>(c)];
}

}  // namespace

void append_text(std::string& out, const Uuid& uuid) {
  const std::size_t start = out.size();
  out.append(36, '-');
  for (std::size_t i = 0; i < places.size(); ++i) {
    out[start + places[i]] = digits[uuid.bytes[i] >> 4];
    out[start + places[i] + 1] = digits[uuid.bytes[i] & 15];
  }
}

std::string to_text(const Uuid& uuid) {
  std::string text;
  append_text(text, uuid);
  return text;
}

std::optional<Uuid> parse_uuid(std::string_view text) {
  if (text.size() != 36) return std::nullopt;
  for (const auto place : dash_places)
    if (text[place] != '-') return std::nullopt;
  Uuid uuid;
  unsigned all_digits = 0;
  for (std::size_t i = 0; i < places.size(); ++i) {
    const unsigned high = digit_value(text[places[i]]);
    const unsigned low = digit_value(text[places[i] + 1]);
    all_digits |= high | low;
    uuid.bytes[i] = static_cast<std::uint8_t>(high << 4 | low);
  }
  return all_digits < 16 ? std::optional{uuid} : std::nullopt;
}

}  // namespace ttp::domain
