// The log in memory: the promise of storage/log/log.hpp without a disk, for tests and simulations.
#pragma once

#include <memory>

#include "storage/log/log.hpp"

namespace ttp::storage {

/// A new, empty log that lives as long as the object.
std::unique_ptr<Log> open_memory_log();

}  // namespace ttp::storage
