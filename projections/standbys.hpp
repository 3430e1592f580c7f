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
  storage::Position total = 0;           ///< the log's head
  bool caught_up = false;                ///< compared, and follows the log with the view that serves
  std::optional<Comparison> comparison;  ///< made when it caught up; none after a switch
  std::optional<std::string> fault;      ///< why it stopped
};

struct Standby {
  std::uint64_t number = 0;  ///< distinguishes it from earlier standbys of the same projection
  Running running;
  StandbyState state = StandbyState::building;
  /// The states folded during its construction; used by one thread at a time, without the runner's lock.
  std::shared_ptr<snapshots::Folding> folding{};
  std::optional<Comparison> comparison{};

  bool follows() const { return state == StandbyState::comparing || state == StandbyState::caught_up; }
  /// Whether it has a fault, from its construction or from following the log.
  bool is_stopped() const { return state == StandbyState::stopped || running.fault.has_value(); }
  void stop(std::string_view why) {
    if (!running.fault) running.stop_at(running.reached.next, why);
    state = StandbyState::stopped;
    folding.reset();
  }
};

/// At most one for each projection. Guarded by the runner's lock.
class Standbys {
 public:
  Standby* find(std::string_view projection);
  /// The standby with this number; nullptr if it was dropped, even if there is a later one.
  Standby* find(std::string_view projection, std::uint64_t number);
  Standby& add(Running running, const snapshots::Snapshots& snapshots);
  void remove(std::string_view projection);
  std::vector<StandbyStatus> status(storage::Position head) const;
  /// The views of the standbys that follow the log.
  std::vector<Running*> following();

 private:
  std::uint64_t numbers_ = 0;
  std::map<std::string, Standby, std::less<>> by_projection_;
};

}  // namespace ttp::projections
