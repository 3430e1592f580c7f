#include "os/time_zone.hpp"

#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <optional>
#include <stdexcept>

#include <stdlib.h>

namespace ttp::os {
namespace {

using namespace std::chrono;

/// The C library reads a zone through the variable TZ. It also applies the rule that follows a zone file's
/// last entry, which other readers of these files ignore.
class ProcessZone {
 public:
  explicit ProcessZone(const std::string& zone) {
    if (const char* before = std::getenv("TZ")) before_ = before;
    set((":" + zone).c_str());
  }
  ~ProcessZone() { set(before_ ? before_->c_str() : nullptr); }
  ProcessZone(const ProcessZone&) = delete;
  ProcessZone& operator=(const ProcessZone&) = delete;

  static seconds offset_at(sys_seconds time) {
    const std::time_t count = time.time_since_epoch().count();
    std::tm local{};
    if (!localtime_r(&count, &local)) throw std::runtime_error("a time is beyond the C library's calendar");
    return seconds{local.tm_gmtoff};
  }

 private:
  static void set(const char* value) {
    if (value) {
      setenv("TZ", value, 1);
    } else {
      unsetenv("TZ");
    }
    tzset();
  }

  std::optional<std::string> before_;
};

/// The C library silently uses UTC for an unknown zone, so its file is looked for first.
void require_file_of(const std::string& zone) {
  const char* folder = std::getenv("TZDIR");
  const std::filesystem::path file = std::filesystem::path{folder ? folder : "/usr/share/zoneinfo"} / zone;
  std::error_code error;
  if (std::filesystem::is_regular_file(file, error)) return;
  throw std::runtime_error("There is no time zone file " + file.string() +
                           ". Deadlines cannot be counted without it. Install the package tzdata" +
                           (folder ? ", or correct the variable TZDIR." : "."));
}

}  // namespace

UtcOffsets utc_offsets(const std::string& zone, sys_seconds from, sys_seconds until) {
  // Clock changes are further apart than this.
  constexpr seconds step = days{7};
  require_file_of(zone);
  const ProcessZone zone_of_process(zone);
  UtcOffsets offsets{{from, ProcessZone::offset_at(from)}};
  for (sys_seconds at = from; at < until; at += step) {
    const seconds after = ProcessZone::offset_at(at + step);
    if (after == offsets.back().second) continue;
    sys_seconds before_change = at, behind_change = at + step;
    while (behind_change - before_change > seconds{1}) {
      const sys_seconds middle = before_change + (behind_change - before_change) / 2;
      (ProcessZone::offset_at(middle) == after ? behind_change : before_change) = middle;
    }
    offsets.emplace_back(behind_change, after);
  }
  return offsets;
}

}  // namespace ttp::os
