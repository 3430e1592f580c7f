// The rare ways: one person or company for each, whose story happens once in every history that is long
// enough (a membership is revalidated after four years).
#pragma once

#include "bench/lives.hpp"

namespace ttp::bench {

/// Numbers of companies from here on belong to the stories.
inline constexpr std::uint64_t first_story_number = 9'000'000;

/// Begins them all; the cast's staff is in office.
void begin_stories(History& history, const Cast& cast);

}  // namespace ttp::bench
