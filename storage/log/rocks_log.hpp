// The log on disk: RocksDB, one synced write batch per append.
#pragma once

#include <filesystem>
#include <memory>

#include "storage/log/log.hpp"
#include "storage/rocks/memory.hpp"

namespace ttp::storage {

/// Opens the log in `dir`, or creates a new one there. Throws events::Damaged if the store has another
/// format, RocksDB finds a bad checksum, the head does not match the last event, or the Merkle edge does not
/// give the head's root. A log that was cut cleanly at its end is detected only by a signed checkpoint: see
/// storage/tree/checkpoint.hpp.
std::unique_ptr<Log> open_rocks_log(const std::filesystem::path& dir, const Memory& memory = Memory{});

}  // namespace ttp::storage
