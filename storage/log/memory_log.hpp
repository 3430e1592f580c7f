// The log in memory: the promise of storage/log/log.hpp without a disk, for tests and simulations.
#pragma once

#include <cstdint>
#include <memory>

#include "storage/log/log.hpp"

namespace ttp::storage {

enum class Writers : std::uint8_t {
  one,   ///< this object alone
  many,  ///< reported as if other processes wrote it, too
};

/// A new, empty log. It is lost with the object.
std::unique_ptr<Log> open_memory_log(Writers writers = Writers::one);

}  // namespace ttp::storage
