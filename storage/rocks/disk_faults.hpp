// Faults of the disk, told when they happen and where: RocksDB tells its caller often much later, and without
// the name of the file.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

namespace ttp::storage {

struct DiskFault {
  std::filesystem::path path;
  std::string_view doing;  ///< "writing", "syncing" ...
  std::string error;       ///< in the words of the system
};

/// A sentence for operators: what happened, what holds now, what to do.
std::string to_sentence(const DiskFault& fault);

/// From now on each file's first fault is told to `tell`, from the thread that met it. It must not throw.
void on_disk_fault(std::function<void(const DiskFault&)> tell);
/// Tells it, to whoever asked to be told.
void tell_disk_fault(const DiskFault& fault);

}  // namespace ttp::storage
