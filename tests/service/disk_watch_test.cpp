// Free space on the disks: changes stop at the mark and are taken again above it, without a restart.
#include "service/disk_watch.hpp"

#include <stdexcept>
#include <string>

#include <gtest/gtest.h>

namespace {

using namespace ttp;
using domain::Reason;

constexpr std::uintmax_t mebibyte = std::uintmax_t{1024} * 1024;
constexpr std::uintmax_t gibibyte = 1024 * mebibyte;

struct Disk {
  std::uintmax_t capacity = 100 * gibibyte;
  std::uintmax_t free = 50 * gibibyte;
  std::string folder{};  ///< the folder with this space; others have enough
  service::DiskWatch::Space space() {
    return [this](const std::filesystem::path& asked) -> std::filesystem::space_info {
      const bool here = folder.empty() || asked.filename() == folder;
      return {capacity, free, here ? free : capacity};
    };
  }
};

TEST(DiskWatch, the_mark_is_a_gibibyte_or_a_fiftieth_whichever_is_less_or_what_is_configured) {
  service::Config config;
  EXPECT_EQ(service::low_water_mark(1000 * gibibyte, config), gibibyte);
  EXPECT_EQ(service::low_water_mark(10 * gibibyte, config), 10 * gibibyte / 50);
  config.disk_free_min_mib = 300;
  EXPECT_EQ(service::low_water_mark(1000 * gibibyte, config), 300 * mebibyte);
}

TEST(DiskWatch, changes_stop_below_the_mark_and_are_taken_again_a_quarter_above_it) {
  const service::Config config;
  Disk disk;
  service::DiskWatch watch{config, disk.space()};
  const auto refusal_at = [&](std::uintmax_t free) {
    disk.free = free;
    watch.look();
    return watch.refusal();
  };
  EXPECT_EQ(refusal_at(gibibyte), std::nullopt);
  EXPECT_EQ(refusal_at(gibibyte - 1), Reason::disk_nearly_full);
  EXPECT_EQ(watch.free_bytes(), gibibyte - 1);
  EXPECT_EQ(refusal_at(gibibyte), Reason::disk_nearly_full);
  EXPECT_EQ(refusal_at(gibibyte + gibibyte / 4 - 1), Reason::disk_nearly_full);
  EXPECT_EQ(refusal_at(gibibyte + gibibyte / 4), std::nullopt);
  EXPECT_EQ(refusal_at(gibibyte), std::nullopt);
}

TEST(DiskWatch, each_folder_that_a_change_writes_counts) {
  for (const std::string folder : {"log", "vault", "views", "snapshots", "checkpoint"}) {
    const service::Config config;
    Disk disk{.free = 0, .folder = folder};
    service::DiskWatch watch{config, disk.space()};
    watch.look();
    EXPECT_EQ(watch.refusal(), Reason::disk_nearly_full) << folder;
    EXPECT_FALSE(watch.has_room(folder));
    EXPECT_TRUE(watch.has_room("backups"));
  }
}

TEST(DiskWatch, the_last_known_space_holds_if_the_system_does_not_answer) {
  const service::Config config;
  Disk disk{.free = 0};
  bool answers = true;
  service::DiskWatch watch{config, [&](const std::filesystem::path& asked) {
                             if (!answers) throw std::runtime_error("no answer");
                             return disk.space()(asked);
                           }};
  watch.look();
  answers = false;
  EXPECT_THROW(watch.look(), std::runtime_error);
  EXPECT_EQ(watch.refusal(), Reason::disk_nearly_full);
}

}  // namespace
