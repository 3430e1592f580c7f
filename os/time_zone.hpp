// The system's time zone database (Debian's tzdata), read once into a table.
#pragma once

#include <chrono>
#include <string>
#include <utility>
#include <vector>

namespace ttp::os {

/// Pairs of an instant and the offset from UTC that holds from that instant on, in the order of time.
using UtcOffsets = std::vector<std::pair<std::chrono::sys_seconds, std::chrono::seconds>>;

/// A zone's offsets in this period; the first one holds at `from`. Call this before other threads start,
/// because it changes the process's own zone for a moment. Throws std::runtime_error if the zone cannot be
/// read.
UtcOffsets utc_offsets(const std::string& zone, std::chrono::sys_seconds from,
                       std::chrono::sys_seconds until);

}  // namespace ttp::os
