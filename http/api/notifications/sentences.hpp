// The sentence that members are told of each event that is a notification, in both languages.
#pragma once

#include <string_view>

#include "domain/eligibility.hpp"

namespace ttp::http {

/// By the event's stored name; null if members are not told of such events.
const domain::Wording* sentence_of(std::string_view type);

}  // namespace ttp::http
