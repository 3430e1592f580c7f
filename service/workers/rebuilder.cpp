#include "service/workers/rebuilder.hpp"

#include <algorithm>
#include <utility>

namespace ttp::service {

Rebuilder::Rebuilder(projections::Runner& runner, std::uint32_t pace)
    : runner_(runner),
      pace_(pace),
      worker_(
          {.fault =
               {"rebuilder", "a view could not be rebuilt further",
                "The view in use is not affected. If the message names a disk or a file, repair that; the "
                "service tries again by itself"}},
          [this](os::Worker&) { return step(); }) {}

Rebuilder::~Rebuilder() {
  stop();
}

bool Rebuilder::begin(std::string_view projection) {
  if (!runner_.begin_rebuild(projection)) return false;
  worker_.wake();
  return true;
}

std::vector<RebuildProgress> Rebuilder::progress() const {
  std::vector<RebuildProgress> rows;
  const auto now = std::chrono::steady_clock::now();
  for (projections::StandbyStatus& standby : runner_.standbys()) {
    RebuildProgress row{std::move(standby), std::nullopt, std::nullopt};
    const os::MutexLock lock(mutex_);
    const auto measured = measured_.find(row.standby.projection);
    if (measured != measured_.end() && !row.standby.caught_up && row.standby.next > measured->second.from) {
      const double seconds = std::chrono::duration<double>(now - measured->second.since).count();
      row.events_per_second = static_cast<double>(row.standby.next - measured->second.from) / seconds;
      row.seconds_left = static_cast<double>(row.standby.total - row.standby.next) / *row.events_per_second;
    }
    rows.push_back(std::move(row));
  }
  return rows;
}

std::optional<projections::StandbyStatus> Rebuilder::unfinished() const {
  for (projections::StandbyStatus& standby : runner_.standbys())
    if (!standby.caught_up && !standby.fault) return std::move(standby);
  return std::nullopt;
}

os::Worker::Next Rebuilder::step() {
  const auto before = unfinished();
  if (!before) return os::Worker::Next::when_woken();
  {
    const os::MutexLock lock(mutex_);
    measured_.try_emplace(before->projection,
                          Measured{before->next, before->total, std::chrono::steady_clock::now()});
  }
  const auto began = std::chrono::steady_clock::now();
  const bool more = runner_.continue_rebuild(before->projection);
  const os::MutexLock lock(mutex_);
  if (!more) measured_.erase(before->projection);
  if (!more || pace_ == 0) return os::Worker::Next::at_once();
  storage::Position applied = 0, recorded = 0;
  for (const auto& standby : runner_.standbys()) {
    if (standby.projection != before->projection) continue;
    applied = standby.next - before->next;
    recorded = standby.total - std::exchange(measured_[before->projection].total, standby.total);
  }
  // At its pace a rebuild would never catch up with a log that grows as fast.
  if (recorded * 2 > applied) return os::Worker::Next::at_once();
  const std::chrono::duration<double> at_pace{static_cast<double>(applied) / pace_};
  const auto rest =
      std::chrono::ceil<std::chrono::milliseconds>(at_pace - (std::chrono::steady_clock::now() - began));
  return os::Worker::Next::within(std::max(rest, std::chrono::milliseconds{0}));
}

}  // namespace ttp::service
