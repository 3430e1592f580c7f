// Rebuilds views while the service runs: on its own thread, one projection at a time, at a limited pace so
// that commands and queries stay fast. A rebuild that a crash interrupts continues at the next start.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "os/mutex.hpp"
#include "os/worker.hpp"
#include "projections/runner.hpp"

namespace ttp::service {

/// The status of a standby with its speed.
struct RebuildProgress {
  projections::StandbyStatus standby;
  std::optional<double> events_per_second;
  std::optional<double> seconds_left;
};

class Rebuilder {
 public:
  /// `pace` is in events per second; 0: no limit. The limit is lifted while the log grows as fast.
  Rebuilder(projections::Runner& runner, std::uint32_t pace);
  ~Rebuilder();  ///< stops
  Rebuilder(const Rebuilder&) = delete;
  Rebuilder& operator=(const Rebuilder&) = delete;

  /// False if the projection has a standby already.
  bool begin(std::string_view projection);
  std::vector<RebuildProgress> progress() const;
  void stop() { worker_.stop(); }

 private:
  struct Measured {
    storage::Position from = 0;
    storage::Position total = 0;  // at the last page
    std::chrono::steady_clock::time_point since;
  };
  /// Applies one page to the first standby that has not caught up.
  os::Worker::Next step();
  /// The first standby that has not caught up; nothing if all have.
  std::optional<projections::StandbyStatus> unfinished() const;

  projections::Runner& runner_;
  const std::uint32_t pace_;
  mutable os::Mutex mutex_;
  std::map<std::string, Measured> measured_ TTP_GUARDED_BY(mutex_);
  os::Worker worker_;  // last: its step uses the other members
};

}  // namespace ttp::service
