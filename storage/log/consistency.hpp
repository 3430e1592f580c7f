// Whether the parts of a log agree with each other: what is kept beside the events (stream index, commands,
// claims, Merkle tiles) must follow from the events and from nothing else. Where one does not, the checking
// goes on, so that the whole extent of a damage is told.
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

/// What there is of each.
struct LogCounts {
  std::uint64_t events = 0, streams = 0, commands = 0, claims = 0, tiles = 0;
};

/// Reads the whole log and calls `tell` for everything that does not agree. `progress` is called with how
/// much is done of what. The log must not change meanwhile. Claims and streams are held in memory.
LogCounts check_consistency(
    const Log& log, const std::function<void(const Inconsistency&)>& tell,
    const std::function<void(std::uint64_t done, std::uint64_t total)>& progress = {});

}  // namespace ttp::storage
