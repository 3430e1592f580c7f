// Text that people type and paste into a field: the one place that takes off what does not belong to the
// value, and the checks that several kinds of values share.
#pragma once

#include <algorithm>
#include <cstddef>
#include <expected>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>

#include "domain/values.hpp"

namespace ttp::domain::typed {

// ---- characters of ASCII ----------------------------------------------------------------------------------

constexpr bool is_digit(char32_t point) {
  return point >= '0' && point <= '9';
}
constexpr bool is_lower(char32_t point) {
  return point >= 'a' && point <= 'z';
}
constexpr bool is_upper(char32_t point) {
  return point >= 'A' && point <= 'Z';
}
constexpr bool is_letter_or_digit(char32_t point) {
  return is_lower(point) || is_upper(point) || is_digit(point);
}
constexpr char32_t ascii_upper(char32_t point) {
  return is_lower(point) ? point - 'a' + 'A' : point;
}
constexpr char32_t ascii_lower(char32_t point) {
  return is_upper(point) ? point - 'A' + 'a' : point;
}

// ---- what pasting adds ------------------------------------------------------------------------------------

template <class Dropped>
std::u32string without(std::u32string_view points, Dropped is_dropped) {
  std::u32string kept;
  std::ranges::copy_if(points, std::back_inserter(kept), [&](char32_t point) { return !is_dropped(point); });
  return kept;
}

/// A text without what stands around it when it is pasted: spaces of any kind, tabs and line ends, zero-width
/// characters, byte order marks, marks of direction.
std::u32string_view trimmed(std::u32string_view points);
/// Whether nothing is left of a text.
bool is_blank(std::string_view text);

/// The letters, digits and other signs of a code or number that people write in groups and paste: upper case,
/// without spaces, dashes and what pasting adds. "?" if the bytes are not UTF-8.
std::u32string compact(std::string_view raw);
/// The same for codes in which a dash is a sign: each kind of dash is "-".
std::u32string compact_with_dashes(std::string_view raw);

// ---- faults -----------------------------------------------------------------------------------------------

inline std::unexpected<ValueFault> fault(Reason reason) {
  return std::unexpected{ValueFault{reason}};
}

/// A visible form of a character: itself, or "U+0007" for one without a shape.
std::string visible(char32_t point);

/// The most characters that a fault names, which bounds the work on a text that is full of them.
inline constexpr std::size_t named_characters_max = 64;

/// Reports each forbidden character once, in the order of appearance.
template <class Allowed>
std::optional<ValueFault> forbidden(std::u32string_view points, Allowed is_allowed) {
  std::u32string found;
  for (const char32_t point : points) {
    if (!is_allowed(point) && found.find(point) == found.npos) found += point;
    if (found.size() == named_characters_max) break;
  }
  if (found.empty()) return std::nullopt;
  ValueFault fault{Reason::forbidden_characters};
  for (const char32_t point : found) fault.details.push_back(visible(point));
  return fault;
}

std::optional<ValueFault> wrong_length(std::size_t length, std::size_t min, std::size_t max);

}  // namespace ttp::domain::typed
