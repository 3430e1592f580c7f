#include "tools/ttpctl/report.hpp"

#include <iostream>

#include "events/json.hpp"

namespace ttp::tools {

void Report::good(std::string_view check, const std::string& what) {
  line(Level::good, check, what, {}, {});
}

void Report::warn(std::string_view check, const std::string& what, const std::string& advice) {
  line(Level::warning, check, what, {}, advice);
}

void Report::bad(std::string_view check, const std::string& what, const Place& place,
                 const std::optional<std::string>& advice) {
  failed_ = true;
  line(Level::fault, check, what, place, advice);
}

void Report::line(Level level, std::string_view check, const std::string& what, const Place& place,
                  const std::optional<std::string>& advice) const {
  if (json_) {
    std::string text;
    events::ObjectWriter object(text);
    object.member("check", check).member("ok", level != Level::fault);
    if (level == Level::warning) object.member("warning", true);
    object.member("what", what).member("position", place.position).member("stream", place.stream);
    object.member("advice", advice);
    object.end();
    std::cout << text << "\n";
    return;
  }
  static constexpr std::string_view words[] = {"ok      ", "warning ", "FAILED  "};
  std::cout << words[static_cast<std::size_t>(level)] << check << ": ";
  if (place.position) std::cout << "position " << *place.position << ": ";
  if (place.stream) std::cout << *place.stream << ": ";
  std::cout << what << "\n";
  if (advice) std::cout << "        " << *advice << "\n";
}

}  // namespace ttp::tools
