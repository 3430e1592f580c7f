// The runner: brings every projection from its checkpoint to the head of the log and keeps it there. The same
// function serves start, live and rebuild. Rows and checkpoint go in one batch, so a crash can repeat an
// event, never skip one.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "events/recorded.hpp"
#include "projections/all.hpp"
#include "projections/projection.hpp"
#include "storage/log.hpp"
#include "storage/view_store.hpp"

namespace ttp::projections {

/// How far a projection has come: of which log, the next position to apply, and the leaf hash of the last one
/// applied.
struct Checkpoint {
  domain::Uuid log;
  storage::Position next = 0;
  events::Hash last_leaf{};
  friend bool operator==(const Checkpoint&, const Checkpoint&) = default;
};

struct ProjectionStatus {
  std::string name;
  std::string family;
  storage::Position next = 0;
  std::optional<std::string> fault;  ///< why it stopped, and at which position
};

/// Called after each page with the positions done and to do.
using Progress = std::function<void(storage::Position done, storage::Position total)>;

/// The outcome of a rebuild: whether the rows equal those that serve, and the first key that differs.
struct Comparison {
  std::uint64_t rows_live = 0;
  std::uint64_t rows_rebuilt = 0;
  std::optional<std::string> first_difference;  ///< a key, in hexadecimal
  bool equal() const { return !first_difference; }
};

class Runner {
 public:
  /// Opens every listed projection at its checkpoint. A checkpoint of another log, or one whose last leaf the
  /// log does not have, is thrown away with its rows and built anew: the log is the truth.
  Runner(const storage::Log& log, storage::ViewStore& store, events::FindSubjectKey find_key);
  ~Runner();

  /// Applies what is in the log and not yet in the views. A projection that can not apply an event stops
  /// there, says so in its status, and never skips; the others go on.
  void catch_up(const Progress& progress = {});
  /// Applies events just appended. They must follow the checkpoint, else the log is read instead.
  void apply(std::span<const events::Recorded> recorded);

  /// Every view that has not stopped includes all events before this position.
  storage::Position next() const;
  std::vector<ProjectionStatus> status() const;
  /// The family that serves a projection's view now.
  std::string family(std::string_view projection) const;

  /// Builds a projection anew beside the one that serves, up to the head. Nothing is switched.
  Comparison rebuild(std::string_view projection, const Progress& progress = {});
  /// Lets the rebuilt rows serve, in one write, and drops the old ones.
  void switch_to_rebuilt(std::string_view projection);
  void drop_rebuilt(std::string_view projection);

 private:
  struct Running {
    std::string name;
    std::string family;
    std::unique_ptr<Projection> projection;
    Checkpoint checkpoint;
    std::optional<std::string> fault;
  };

  Running open(const Listed& listed, std::string family) const;
  void apply_to(Running& running, std::span<const events::Recorded> recorded);
  void catch_up(Running& running, const Progress& progress);
  std::vector<events::Recorded> read(storage::Position from, std::size_t limit) const;
  Comparison compare(const std::string& live, const std::string& rebuilt) const;
  static const Listed& listed(std::string_view projection);

  const storage::Log& log_;
  storage::ViewStore& store_;
  events::FindSubjectKey find_key_;
  mutable std::mutex mutex_;
  std::vector<Running> running_;
};

/// The families whose rows live outside the projections: which family serves, and the checkpoints.
inline constexpr std::string_view checkpoint_key =
    "\xff"
    "checkpoint";

}  // namespace ttp::projections
