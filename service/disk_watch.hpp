// Room on the disks that the service writes. Below a low-water mark no change is begun, so that what was
// begun always finds the room that it needs; reads go on. Changes are taken again when there is room, with no
// restart.
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

/// The folder itself, or the first above it that exists.
std::filesystem::path existing_folder(std::filesystem::path path);

/// The folders that taking a change writes.
std::vector<std::filesystem::path> written_folders(const Config& config);

/// All functions can be called from any thread; `look` from one at a time.
class DiskWatch {
 public:
  /// Asks for capacity and room of the file system that a folder lies on; throws where it cannot be asked.
  using Space = std::function<std::filesystem::space_info(const std::filesystem::path&)>;
  explicit DiskWatch(const Config& config, Space space = ask_the_system);

  /// Looks at all folders. A closed gate opens only when there is a quarter more room than the mark.
  void look();
  /// Why no change may be begun, or nothing.
  std::optional<domain::Reason> refusal() const {
    return closed_.load(std::memory_order_relaxed) ? std::optional{domain::Reason::disk_nearly_full}
                                                   : std::nullopt;
  }
  /// The least room on any of the file systems when it was looked last, in bytes.
  std::uintmax_t free_bytes() const { return free_bytes_.load(std::memory_order_relaxed); }
  /// Whether a file system has room for work that can wait, such as a backup.
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
