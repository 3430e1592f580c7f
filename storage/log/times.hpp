// Times in the log: when an event was recorded, and where a time stands. Time never goes backwards in it.
#pragma once

#include "domain/time.hpp"
#include "storage/log/log.hpp"

namespace ttp::storage {

/// When the event at this position was recorded. Throws std::out_of_range at or beyond the head.
domain::Time recorded_at(const Log& log, Position position);
/// The first position recorded at `time` or later; the head's `next` if there is none. Reads as many events
/// as the log's length has bits.
Position first_at(const Log& log, domain::Time time);
/// The number of events recorded at or before `time`.
Position size_at(const Log& log, domain::Time time);

}  // namespace ttp::storage
