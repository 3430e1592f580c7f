// The second copy of a view: under construction, or caught up and ready to be switched to.
//
//   (none) --begin--> building --reached the view that serves--> comparing --compared--> caught_up
//   building, comparing --an error--> stopped          caught_up --switch--> caught_up, roles exchanged
//   any --drop--> (none)
//
// From `comparing` on the copy follows the log together with the view that serves.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "projections/compare.hpp"
#include "projections/running.hpp"
#include "snapshots/snapshots.hpp"
#include "storage/log/log.hpp"

namespace ttp::projections {

enum class StandbyState : std::uint8_t { building, comparing, caught_up, stopped };

struct StandbyStatus {
  std::string projection;
  std::string family;
  storage::Position next = 0;            ///< the next position to apply
  storage::Position total = 0;           ///< the head's
  bool caught_up = false;                ///< compared, and follows the log with the one that serves
  std::optional<Comparison> comparison;  ///< of the moment when it caught up; none after a switch
  std::optional<std::string> fault;      ///< why it stopped
};

struct Standby {
  std::uint64_t number = 0;  ///< tells it from an earlier one of the same projection
  Running running;
  StandbyState state = StandbyState::building;
  /// The states that its building folds; used by one thread at a time, without the runner's lock.
  std::shared_ptr<snapshots::Folding> folding{};
  std::optional<Comparison> comparison{};

  bool follows() const { return state == StandbyState::comparing || state == StandbyState::caught_up; }
  /// The view's own fault is told like one of its building.
  bool is_stopped() const { return state == StandbyState::stopped || running.fault.has_value(); }
  void stop(std::string_view why) {
    if (!running.fault) running.stop_at(running.checkpoint.next, why);
    state = StandbyState::stopped;
    folding.reset();
  }
};

/// At most one for each projection. Guarded by the runner's lock.
class Standbys {
 public:
  Standby* find(std::string_view projection);
  /// The same one as before, not a later one of the projection.
  Standby* find(std::string_view projection, std::uint64_t number);
  Standby& add(Running running, const snapshots::Snapshots& snapshots);
  void remove(std::string_view projection);
  std::vector<StandbyStatus> status(storage::Position head) const;
  /// Those that follow the log.
  std::vector<Running*> following();

 private:
  std::uint64_t numbers_ = 0;
  std::map<std::string, Standby, std::less<>> by_projection_;
};

}  // namespace ttp::projections
