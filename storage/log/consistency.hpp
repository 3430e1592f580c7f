// Checks whether the parts of a log agree with each other: the data kept beside the events (stream index,
// commands, claims, Merkle tiles) must follow from the events. The check continues after a contradiction, so
// that the full extent of the damage is reported.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "storage/log/log.hpp"

namespace ttp::storage {

/// One place where two parts contradict each other. `part`: "events", "streams", "commands", "claims" or
/// "tiles".
struct Inconsistency {
  std::string part;
  std::string what;
  std::optional<Position> position{};
  std::optional<std::string> stream{};
};

/// The number of items of each kind.
struct LogCounts {
  std::uint64_t events = 0, streams = 0, commands = 0, claims = 0, tiles = 0;
};

/// Reads the whole log and calls `report` for each contradiction. The units of `progress` are only comparable
/// with its total. The log must not change meanwhile. Claims and streams are held in memory.
LogCounts check_consistency(
    const Log& log, const std::function<void(const Inconsistency&)>& report,
    const std::function<void(std::uint64_t done, std::uint64_t total)>& progress = {});

}  // namespace ttp::storage
