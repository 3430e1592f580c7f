// The system's time zone database (Debian's tzdata), read once into a table.
#pragma once

#include <chrono>
#include <string>
#include <utility>
#include <vector>

namespace ttp::os {

/// The offset from UTC that holds from each moment on, in the order of time.
using UtcOffsets = std::vector<std::pair<std::chrono::sys_seconds, std::chrono::seconds>>;

/// A zone's offsets in this stretch of time; the first one holds at `from`. Call it before other threads
/// start: for a moment it changes the process's own zone. Throws std::runtime_error where the zone cannot be
/// read.
UtcOffsets utc_offsets(const std::string& zone, std::chrono::sys_seconds from,
                       std::chrono::sys_seconds until);

}  // namespace ttp::os
