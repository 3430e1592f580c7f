// Opens a log that another process writes, as it stands now: for a tool beside a running server.
#pragma once

#include <filesystem>
#include <memory>

#include "storage/log/log.hpp"

namespace ttp::storage {

/// For short reads only: once the other process deletes a file, reads of it throw std::runtime_error. Changes
/// nothing on the disk.
std::unique_ptr<Log> look_at_rocks_log(const std::filesystem::path& dir);

}  // namespace ttp::storage
