// The log on disk: RocksDB, one synced write batch per append.
#pragma once

#include <filesystem>
#include <memory>

#include "storage/log/log.hpp"
#include "storage/rocks/memory.hpp"

namespace ttp::storage {

/// Opens the log in `dir`, or makes a new one there. Throws events::Damaged where the store is of another
/// format, RocksDB finds a bad checksum, the head is not the last event's, or the Merkle edge does not give
/// the head's root. What a clean cut at the end took away only a signed checkpoint can tell: see
/// storage/tree/checkpoint.hpp.
std::unique_ptr<Log> open_rocks_log(const std::filesystem::path& dir, const Memory& memory = Memory{});

}  // namespace ttp::storage
