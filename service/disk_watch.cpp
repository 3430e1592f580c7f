#include "service/disk_watch.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include <fmt/format.h>

namespace ttp::service {
namespace {

namespace fs = std::filesystem;

constexpr std::uintmax_t mebibyte = std::uintmax_t{1024} * 1024;
constexpr std::uintmax_t mark_max = 1024 * mebibyte;
constexpr std::uintmax_t part_of_capacity = 50;

/// The space at which changes are taken again; above the mark, so that the gate does not flap.
std::uintmax_t enough(std::uintmax_t mark) {
  return mark + mark / 4;
}

}  // namespace

std::uintmax_t low_water_mark(std::uintmax_t capacity, const Config& config) {
  if (config.disk_free_min_mib > 0) return config.disk_free_min_mib * mebibyte;
  return std::min(mark_max, capacity / part_of_capacity);
}

fs::path existing_folder(fs::path path) {
  path = fs::absolute(path);
  while (!fs::exists(path) && path.has_relative_path()) path = path.parent_path();
  return path;
}

std::vector<fs::path> written_folders(const Config& config) {
  return {config.data_dir / "log", config.data_dir / "vault", config.data_dir / "views",
          config.data_dir / "snapshots", config.checkpoint().parent_path()};
}

fs::space_info DiskWatch::ask_the_system(const fs::path& folder) {
  return fs::space(existing_folder(folder));
}

DiskWatch::DiskWatch(const Config& config, Space space)
    : config_(config),
      folders_(written_folders(config)),
      space_(std::move(space)),
      fault_({.name = "disk_nearly_full",
              .what_fails = "a disk is nearly full, so no change is taken",
              .what_to_do =
                  "Reads go on, and nothing that was answered is lost. Free space: changes are taken "
                  "again by themselves, without a restart.",
              .not_ready = "a disk is nearly full: no change is taken until there is room"}) {}

void DiskWatch::look() {
  std::optional<std::string> reason;
  auto least = std::numeric_limits<std::uintmax_t>::max();
  for (const fs::path& folder : folders_) {
    const auto space = space_(folder);
    least = std::min(least, space.available);
    const auto mark = low_water_mark(space.capacity, config_);
    if (space.available >= (refusal() ? enough(mark) : mark)) continue;
    reason = fmt::format("{} MiB are free for {}, {} MiB must be", space.available / mebibyte,
                         folder.string(), (mark + mebibyte - 1) / mebibyte);
  }
  free_bytes_ = least;
  closed_ = reason.has_value();
  if (reason)
    fault_.happened(*reason);
  else
    fault_.ended();
}

bool DiskWatch::has_room(const fs::path& folder) const {
  const auto space = space_(folder);
  return space.available >= low_water_mark(space.capacity, config_);
}

}  // namespace ttp::service
