#include "http/api/language.hpp"

#include <algorithm>
#include <cstdlib>
#include <string>

#include "http/wire/text.hpp"

namespace ttp::http {
namespace {

double quality(std::string_view parameters) {
  const std::string text = lower_case(trimmed(parameters));
  if (!text.starts_with("q=")) return 1.0;
  const double value = std::strtod(text.c_str() + 2, nullptr);
  return value >= 0.0 && value <= 1.0 ? value : 0.0;
}

}  // namespace

domain::Language negotiate(std::optional<std::string_view> accept_language) {
  double english = -1;
  double french = -1;
  double any = 0;
  std::string_view rest = accept_language.value_or("");
  while (!rest.empty()) {
    const auto comma = rest.find(',');
    const std::string_view part = rest.substr(0, comma);
    rest.remove_prefix(comma == std::string_view::npos ? rest.size() : comma + 1);
    const auto semicolon = part.find(';');
    const std::string range = lower_case(trimmed(part.substr(0, semicolon)));
    const double q = semicolon == std::string_view::npos ? 1.0 : quality(part.substr(semicolon + 1));
    const std::string language = range.substr(0, range.find('-'));
    if (language == "en") english = std::max(english, q);
    if (language == "fr") french = std::max(french, q);
    if (range == "*") any = q;
  }
  if (english < 0) english = any;
  if (french < 0) french = any;
  return french > english ? domain::Language::fr : domain::Language::en;
}

}  // namespace ttp::http
