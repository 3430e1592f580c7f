// Watches the free space of the disks that the service writes. Below a low-water mark no change is begun, so
// that a change already begun always finds the space that it needs; reads go on. Changes are taken again when
// there is space, without a restart.
#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "domain/reason.hpp"
#include "os/faults.hpp"
#include "service/config.hpp"

namespace ttp::service {

/// How many bytes must be free on a file system of this capacity: 1 GiB or a fiftieth, whichever is less. The
/// setting `disk_free_min_mib` overrides both.
std::uintmax_t low_water_mark(std::uintmax_t capacity, const Config& config);

/// The folder itself, or its nearest parent that exists.
std::filesystem::path existing_folder(std::filesystem::path path);

/// The folders that a change may write.
std::vector<std::filesystem::path> written_folders(const Config& config);

/// All functions can be called from any thread, but `look` only from one at a time.
class DiskWatch {
 public:
  /// Returns capacity and free space of the file system of a folder; throws if it cannot find out.
  using Space = std::function<std::filesystem::space_info(const std::filesystem::path&)>;
  explicit DiskWatch(const Config& config, Space space = ask_the_system);

  /// Checks all folders. A closed gate opens only when there is a quarter more space than the mark.
  void look();
  /// The reason why no change may be begun, or nothing.
  std::optional<domain::Reason> refusal() const {
    return closed_.load(std::memory_order_relaxed) ? std::optional{domain::Reason::disk_nearly_full}
                                                   : std::nullopt;
  }
  /// The least free space of all file systems at the last check, in bytes.
  std::uintmax_t free_bytes() const { return free_bytes_.load(std::memory_order_relaxed); }
  /// Whether a file system has enough space for work that can be postponed, such as a backup.
  bool has_room(const std::filesystem::path& folder) const;

  static std::filesystem::space_info ask_the_system(const std::filesystem::path& folder);

 private:
  const Config& config_;
  const std::vector<std::filesystem::path> folders_;
  const Space space_;
  os::Fault fault_;
  std::atomic<bool> closed_{false};
  std::atomic<std::uintmax_t> free_bytes_{0};
};

}  // namespace ttp::service
