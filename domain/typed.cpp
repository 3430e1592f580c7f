#include "domain/typed.hpp"

#include <cstdio>

#include "domain/text.hpp"

namespace ttp::domain::typed {
namespace {

bool is_pasted(char32_t point) {
  return is_space(point) || is_line_end_or_tab(point) || is_ignorable(point);
}

std::u32string capitals_without(std::string_view raw, bool (*is_dropped)(char32_t)) {
  std::u32string points = without(decode(raw).value_or(U"?"), is_dropped);
  std::ranges::transform(points, points.begin(), ascii_upper);
  return points;
}

}  // namespace

std::u32string_view trimmed(std::u32string_view points) {
  while (!points.empty() && is_pasted(points.front())) points.remove_prefix(1);
  while (!points.empty() && is_pasted(points.back())) points.remove_suffix(1);
  return points;
}

bool is_blank(std::string_view text) {
  const auto points = decode(text);
  return points && trimmed(*points).empty();
}

std::u32string compact(std::string_view raw) {
  return capitals_without(raw, [](char32_t point) { return is_pasted(point) || is_dash(point); });
}

std::u32string compact_with_dashes(std::string_view raw) {
  std::u32string points = capitals_without(raw, is_pasted);
  std::ranges::replace_if(points, is_dash, U'-');
  return points;
}

std::string visible(char32_t point) {
  if (!is_hidden(point) && !is_space(point)) return encode({&point, 1});
  char text[16];
  std::snprintf(text, sizeof text, "U+%04X", static_cast<unsigned>(point));
  return text;
}

std::optional<ValueFault> wrong_length(std::size_t length, std::size_t min, std::size_t max) {
  if (length == 0 && min > 0) return ValueFault{Reason::missing};
  if (length < min) return ValueFault{Reason::too_short};
  if (length > max) return ValueFault{Reason::too_long};
  return std::nullopt;
}

}  // namespace ttp::domain::typed
