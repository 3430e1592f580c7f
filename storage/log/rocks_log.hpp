// The log on disk: RocksDB, one synced write batch per append. The same format holds the replica of a shared
// log.
#pragma once

#include <filesystem>
#include <memory>

#include "domain/ids.hpp"
#include "storage/log/log.hpp"
#include "storage/log/replica.hpp"
#include "storage/rocks/memory.hpp"

namespace ttp::storage {

/// Opens the log in `dir`, or creates a new one there. Throws events::Damaged if the store has another
/// format, RocksDB finds a bad checksum, the head does not match the last event, or the Merkle edge does not
/// give the head's root. A log that was cut cleanly at its end is detected only by a signed checkpoint: see
/// storage/tree/checkpoint.hpp. Throws std::runtime_error if the folder holds a replica: its log is written
/// elsewhere.
std::unique_ptr<Log> open_rocks_log(const std::filesystem::path& dir, const Memory& memory = Memory{});

/// Opens the replica of the shared log `id` in `dir`, or creates an empty one there. Throws
/// std::runtime_error if the folder holds another log or one that stands alone.
std::unique_ptr<Replica> open_rocks_replica(const std::filesystem::path& dir, const domain::Uuid& id,
                                            const Memory& memory = Memory{});
/// Opens the log in `dir` whether it stands alone or is a replica, to move it. Throws std::runtime_error if
/// there is none.
std::unique_ptr<Replica> open_rocks_log_to_move(const std::filesystem::path& dir,
                                                const Memory& memory = Memory{});

}  // namespace ttp::storage
