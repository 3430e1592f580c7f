// Chooses the client's language.
#pragma once

#include <optional>
#include <string_view>

#include "domain/values.hpp"

namespace ttp::http {

/// The better of English and French by Accept-Language (RFC 9110 section 12.5.4); English if the header is
/// absent, malformed, or names neither.
domain::Language negotiate(std::optional<std::string_view> accept_language);

}  // namespace ttp::http
