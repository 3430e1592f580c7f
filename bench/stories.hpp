// Rare courses of events: one person or company each, whose story happens once in every sufficiently long
// history (a membership is revalidated after four years).
#pragma once

#include "bench/lives.hpp"

namespace ttp::bench {

/// Numbers of companies from here on belong to the stories.
inline constexpr std::uint64_t first_story_number = 9'000'000;

/// Starts every story; the cast's staff must exist already.
void begin_stories(History& history, const Cast& cast);

}  // namespace ttp::bench
