// The parts of a request target.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace ttp::http {

/// Decodes percent-encoding; returns nothing if it is malformed or the result is not UTF-8.
std::optional<std::string> percent_decoded(std::string_view text, bool plus_is_space);

}  // namespace ttp::http
