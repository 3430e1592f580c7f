// Converts between positions and times of the log. The recorded time never decreases along the log.
#pragma once

#include "domain/time.hpp"
#include "storage/log/log.hpp"

namespace ttp::storage {

/// When the event at this position was recorded. Throws std::out_of_range at or beyond the head.
domain::Time recorded_at(const Log& log, Position position);
/// The first position recorded at `time` or later; the head's `next` if there is none. A binary search: it
/// reads as many events as the log's length has bits.
Position first_at(const Log& log, domain::Time time);
/// The number of events recorded at or before `time`.
Position size_at(const Log& log, domain::Time time);

}  // namespace ttp::storage
