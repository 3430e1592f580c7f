#include "domain/text.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include <utf8proc.h>

namespace ttp::domain {
namespace {

/// The code points of valid UTF-8 after utf8proc's mapping, in canonical order.
std::vector<utf8proc_int32_t> mapped(std::string_view text, int options) {
  const auto* bytes = reinterpret_cast<const utf8proc_uint8_t*>(text.data());
  const auto length = static_cast<utf8proc_ssize_t>(text.size());
  std::vector<utf8proc_int32_t> points(text.size());
  for (;;) {
    // utf8proc only measures a text that is longer than the space given.
    const auto room = static_cast<utf8proc_ssize_t>(points.size());
    const auto needed =
        utf8proc_decompose(bytes, length, points.data(), room, static_cast<utf8proc_option_t>(options));
    const bool fits = needed <= room;
    if (!fits) wipe(points);
    points.resize(static_cast<std::size_t>(std::max<utf8proc_ssize_t>(needed, 0)));
    if (fits) return points;
  }
}

struct Range {
  char32_t first;
  char32_t last;
};
bool is_in(std::span<const Range> ranges, char32_t point) {
  return std::ranges::any_of(ranges,
                             [&](const Range& range) { return point >= range.first && point <= range.last; });
}

constexpr Range spaces[] = {{' ', ' '},       {0xA0, 0xA0},     {0x1680, 0x1680}, {0x2000, 0x200A},
                            {0x202F, 0x202F}, {0x205F, 0x205F}, {0x3000, 0x3000}};
constexpr Range dashes[] = {{'-', '-'}, {0x2010, 0x2015}, {0x2212, 0x2212}};

// Signs that people type for an apostrophe, but for those of ASCII and those that decompose.
constexpr Range apostrophes[] = {{0x2B9, 0x2BF},   {0x2C8, 0x2C8},   {0x55A, 0x55A},  {0x5F3, 0x5F3},
                                 {0x2018, 0x201B}, {0x2032, 0x2032}, {0xA78B, 0xA78C}};

/// Replacements for small letters that Unicode does not decompose.
struct Folded {
  char32_t point;
  std::string_view letters;
};
constexpr Folded folded_letters[] = {
    {0xE6, "ae"}, {0xF0, "d"},  {0xF8, "o"},  {0xFE, "th"}, {0x111, "d"},  {0x127, "h"},
    {0x131, "i"}, {0x138, "k"}, {0x142, "l"}, {0x14B, "n"}, {0x153, "oe"}, {0x167, "t"},
    {0x180, "b"}, {0x19A, "l"}, {0x1B6, "z"}, {0x1E5, "g"}, {0x23C, "c"},  {0x247, "e"},
    {0x249, "j"}, {0x24D, "r"}, {0x24F, "y"}, {0x268, "i"}, {0x2C65, "a"}, {0x2C66, "t"},
};

/// Accents, characters that are not seen, and the point within a Catalan "l·l". Marks of combining class zero
/// are no accents: vowels of Indic scripts, for example.
bool is_dropped(utf8proc_int32_t point) {
  constexpr utf8proc_int32_t middle_dot = 0xB7;
  const utf8proc_property_t* known = utf8proc_get_property(point);
  return known->combining_class != 0 || known->ignorable || point == middle_dot;
}

utf8proc_category_t category(char32_t point) {
  return utf8proc_category(static_cast<utf8proc_int32_t>(point));
}

}  // namespace

bool is_plain(std::string_view text) {
  bool plain = true;
  for (const char c : text) plain &= c >= 0x20 && c < 0x7f;
  return plain;
}

std::optional<char32_t> take_code_point(std::string_view text, std::size_t& at) {
  const auto byte = [&](std::size_t index) { return static_cast<std::uint8_t>(text[index]); };
  const std::uint8_t lead = byte(at);
  if (lead < 0x80) return text[at++];
  if (lead < 0xC2 || lead > 0xF4) return std::nullopt;
  const std::size_t length = lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  if (text.size() - at < length) return std::nullopt;
  char32_t value = lead & (0x7Fu >> length);
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(at + i) & 0xC0) != 0x80) return std::nullopt;
    value = value << 6 | (byte(at + i) & 0x3Fu);
  }
  const bool is_overlong = (length == 3 && value < 0x800) || (length == 4 && value < 0x10000);
  const bool is_surrogate = value >= 0xD800 && value <= 0xDFFF;
  if (is_overlong || is_surrogate || value > 0x10FFFF) return std::nullopt;
  at += length;
  return value;
}

std::optional<std::u32string> decode(std::string_view text) {
  std::u32string points;
  points.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    const auto point = take_code_point(text, at);
    if (!point) return std::nullopt;
    points += *point;
  }
  return points;
}

void append(std::string& text, char32_t point) {
  const auto put = [&](char32_t byte) { text += static_cast<char>(static_cast<unsigned char>(byte)); };
  if (point < 0x80) return put(point);
  if (point < 0x800) {
    put(0xC0 | point >> 6);
  } else {
    if (point < 0x10000) {
      put(0xE0 | point >> 12);
    } else {
      put(0xF0 | point >> 18);
      put(0x80 | (point >> 12 & 0x3F));
    }
    put(0x80 | (point >> 6 & 0x3F));
  }
  put(0x80 | (point & 0x3F));
}

std::string encode(std::u32string_view points) {
  std::string text;
  for (const char32_t point : points) append(text, point);
  return text;
}

std::optional<std::size_t> code_points(std::string_view text) {
  if (is_plain(text)) return text.size();
  std::size_t count = 0;
  for (std::size_t at = 0; at < text.size(); ++count)
    if (!take_code_point(text, at)) return std::nullopt;
  return count;
}

bool is_space(char32_t point) {
  return is_in(spaces, point);
}

bool is_dash(char32_t point) {
  return is_in(dashes, point);
}

bool is_line_end_or_tab(char32_t point) {
  return point == '\n' || point == '\r' || point == '\t';
}

bool is_letter(char32_t point) {
  const auto kind = category(point);
  return kind >= UTF8PROC_CATEGORY_LU && kind <= UTF8PROC_CATEGORY_LO && !is_ignorable(point);
}

bool is_number(char32_t point) {
  const auto kind = category(point);
  return kind >= UTF8PROC_CATEGORY_ND && kind <= UTF8PROC_CATEGORY_NO;
}

bool is_ignorable(char32_t point) {
  return utf8proc_get_property(static_cast<utf8proc_int32_t>(point))->ignorable;
}

bool is_hidden(char32_t point) {
  switch (category(point)) {
    case UTF8PROC_CATEGORY_CN:
    case UTF8PROC_CATEGORY_CC:
    case UTF8PROC_CATEGORY_CF:
    case UTF8PROC_CATEGORY_CS:
    case UTF8PROC_CATEGORY_CO:
    case UTF8PROC_CATEGORY_ZL:
    case UTF8PROC_CATEGORY_ZP:
      return true;
    default:
      return is_ignorable(point);
  }
}

std::u32string composed(std::u32string_view points) {
  std::string text = encode(points);
  auto composed = mapped(text, UTF8PROC_STABLE | UTF8PROC_COMPOSE);
  const auto length =
      utf8proc_normalize_utf32(composed.data(), static_cast<utf8proc_ssize_t>(composed.size()),
                               static_cast<utf8proc_option_t>(UTF8PROC_STABLE | UTF8PROC_COMPOSE));
  std::u32string result{composed.begin(), composed.begin() + std::max<utf8proc_ssize_t>(length, 0)};
  wipe(text);
  wipe(composed);
  return result;
}

char32_t upper(char32_t point) {
  constexpr char32_t sharp_s = 0xDF;
  if (point == sharp_s) return point;
  return static_cast<char32_t>(utf8proc_toupper(static_cast<utf8proc_int32_t>(point)));
}

std::string fold(std::string_view text) {
  if (!code_points(text)) return std::string{text};
  constexpr int options = UTF8PROC_STABLE | UTF8PROC_DECOMPOSE | UTF8PROC_COMPAT | UTF8PROC_CASEFOLD;
  std::string folded;
  bool is_gap = false;
  for (const utf8proc_int32_t each : mapped(text, options)) {
    const auto point = static_cast<char32_t>(each);
    if (is_space(point) || is_dash(point) || is_line_end_or_tab(point)) {
      is_gap = true;
      continue;
    }
    if (is_dropped(each)) continue;
    if (is_gap && !folded.empty()) folded += ' ';
    is_gap = false;
    const auto found = std::ranges::find(folded_letters, point, &Folded::point);
    if (found != std::end(folded_letters)) {
      folded += found->letters;
    } else {
      append(folded, is_in(apostrophes, point) ? U'\'' : point);
    }
  }
  return folded;
}

std::string same_name(std::string_view text) {
  const std::string folded = fold(text);
  std::string compared;
  for (std::size_t at = 0; at < folded.size();) {
    const auto point = take_code_point(folded, at);
    if (!point) return std::string{text};
    // Marks that no accent is stay: they are vowels.
    const bool is_mark = category(*point) >= UTF8PROC_CATEGORY_MN && category(*point) <= UTF8PROC_CATEGORY_ME;
    if (is_letter(*point) || is_number(*point) || is_mark) append(compared, *point);
  }
  return compared.empty() ? std::string{text} : compared;
}

}  // namespace ttp::domain
