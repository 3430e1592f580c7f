#include "service/workers/rebuilder.hpp"

#include <utility>

#include "os/threads.hpp"

namespace ttp::service {

Rebuilder::Rebuilder(projections::Runner& runner, std::uint32_t pace)
    : runner_(runner), pace_(pace), thread_([this] { run(); }) {}

Rebuilder::~Rebuilder() {
  stop();
}

void Rebuilder::stop() {
  {
    const std::scoped_lock lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

bool Rebuilder::begin(std::string_view projection) {
  if (!runner_.begin_rebuild(projection)) return false;
  {
    const std::scoped_lock lock(mutex_);
    poked_ = true;
  }
  wake_.notify_all();
  return true;
}

std::vector<RebuildProgress> Rebuilder::progress() const {
  std::vector<RebuildProgress> rows;
  const auto now = std::chrono::steady_clock::now();
  for (projections::StandbyStatus& standby : runner_.standbys()) {
    RebuildProgress row{std::move(standby), std::nullopt, std::nullopt};
    const std::scoped_lock lock(mutex_);
    const auto measured = measured_.find(row.standby.projection);
    if (measured != measured_.end() && !row.standby.level && row.standby.next > measured->second.from) {
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
    if (!standby.level && !standby.fault) return std::move(standby);
  return std::nullopt;
}

void Rebuilder::run() {
  os::name_this_thread("rebuilder");
  using Clock = std::chrono::steady_clock;
  while (true) {
    const auto before = unfinished();
    {
      std::unique_lock lock(mutex_);
      if (stopping_) return;
      if (!before) {
        wake_.wait(lock, [this] { return stopping_ || poked_; });
        poked_ = false;
        continue;
      }
      measured_.try_emplace(before->projection, Measured{before->next, before->total, Clock::now()});
    }
    const auto began = Clock::now();
    const bool more = runner_.continue_rebuild(before->projection);
    std::unique_lock lock(mutex_);
    if (!more) {
      measured_.erase(before->projection);
      continue;
    }
    if (pace_ == 0) continue;
    storage::Position applied = 0, recorded = 0;
    for (const auto& standby : runner_.standbys()) {
      if (standby.projection != before->projection) continue;
      applied = standby.next - before->next;
      recorded = standby.total - std::exchange(measured_[before->projection].total, standby.total);
    }
    // A log that grows at the pace would never be reached.
    if (recorded * 2 > applied) continue;
    const auto due = began + std::chrono::duration_cast<Clock::duration>(
                                 std::chrono::duration<double>(static_cast<double>(applied) / pace_));
    wake_.wait_until(lock, due, [this] { return stopping_; });
  }
}

}  // namespace ttp::service
