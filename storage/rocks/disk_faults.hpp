// Faults of the disk, reported when they happen and with the path: RocksDB often returns them to its caller
// much later, and without the name of the file.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

namespace ttp::storage {

struct DiskFault {
  std::filesystem::path path;
  std::string_view doing;  ///< "writing", "syncing" ...
  std::string error;       ///< the system's own message
  /// Whether the database takes no more writes until it is opened again.
  bool for_good = false;
};

/// A sentence for operators: what happened, what holds now, what to do.
std::string to_sentence(const DiskFault& fault);

/// From now on `listener` is called with each file's first fault, on the thread that met it. It must not
/// throw.
void on_disk_fault(std::function<void(const DiskFault&)> listener);
/// Calls the listener, if there is one.
void report_disk_fault(const DiskFault& fault);

}  // namespace ttp::storage
