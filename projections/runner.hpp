// The runner: brings every projection from its checkpoint to the head of the log and keeps it there. The same
// function serves start, live and rebuild. Rows and checkpoint go in one batch, so a crash can repeat an
// event, never skip one. What is far behind is folded in memory, many events to a row, and written when it
// has grown to a bound: a crash goes on from the last such write.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "events/recorded.hpp"
#include "projections/all.hpp"
#include "projections/bulk/sorted_events.hpp"
#include "projections/projection.hpp"
#include "storage/log/log.hpp"
#include "storage/tables/view_store.hpp"

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

/// A view that is kept beside the one that serves: being built, or level with it, so that either can serve.
struct StandbyStatus {
  std::string projection;
  std::string family;
  storage::Position next = 0;            ///< the next position to apply
  storage::Position total = 0;           ///< the head's
  bool level = false;                    ///< follows the log with the one that serves
  std::optional<Comparison> comparison;  ///< of the moment when it became level; none after a switch
  std::optional<std::string> fault;
};

/// Of what is far behind the log, and of what the disk has of the views.
struct FoldLimits {
  std::size_t page_events = 1000;
  std::size_t held_bytes =
      512 * 1024 * 1024;                 ///< of folded rows, over all projections, before they are written
  std::size_t loaded_rows_min = 10'000;  ///< from here on they become a sorted file, below that a commit
  /// So many events, at least, are sorted by aggregate first: a part's states fit into memory, and its rows
  /// are written once. Not more than so many at a time: the scratch file takes as much as they do.
  storage::Position sorted_events_min = 50'000;
  storage::Position sorted_events_max = 32'000'000;
  PartLimits parts{};
  std::size_t parts_per_file = 8;  ///< of rows; a file for each would be too many
  /// The views are flushed after so many events, but not more often than that: what came since is applied
  /// again at a start after a crash, which takes no longer than it took before.
  storage::Position flush_events_min = 5'000;
  std::chrono::milliseconds flush_interval_min{2'000};
};

class Runner {
 public:
  /// Opens every listed projection at its checkpoint. A checkpoint of another log, or one whose last leaf the
  /// log does not have, is thrown away with its rows and built anew: the log is the truth.
  Runner(const storage::Log& log, storage::ViewStore& store, events::FindSubjectKey find_key,
         FoldLimits limits = {}, events::EachSubjectKey each_key = {});
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

  // Blue and green. A standby survives a crash with what was written of it until then; opening goes on with
  // it.

  /// Begins to build a projection anew beside the one that serves; false if there is a standby already.
  bool begin_rebuild(std::string_view projection);
  /// Applies some more events to the standby that is being built; true while there is more to do. When it has
  /// reached the head it is compared with the one that serves, row by row at one moment, and is level.
  bool continue_rebuild(std::string_view projection);
  /// Lets the standby serve, in one write; the one that served becomes the standby and stays level, so that
  /// the same call switches back. False if no standby is level.
  bool switch_over(std::string_view projection);
  /// False if there is none.
  bool drop_standby(std::string_view projection);
  std::vector<StandbyStatus> standbys() const;

  // The same for tools, where nobody waits for the live views.

  /// Builds several anew in one pass over the log: whatever standby there was is dropped, the new ones stay.
  /// Throws events::Damaged where an event can not be applied.
  void build(std::span<const std::string_view> projections, const Progress& progress = {});
  /// Compares a standby that is level with the one that serves.
  Comparison compare(std::string_view projection);
  /// Both for one.
  Comparison rebuild(std::string_view projection, const Progress& progress = {});

 private:
  struct Running {
    std::string name;
    std::string family;
    std::unique_ptr<Projection> projection;
    Checkpoint checkpoint;       ///< of what is written
    storage::Position next = 0;  ///< the next event to fold: the checkpoint's, or beyond
    std::optional<std::string> fault;
  };

  struct Standby {
    Running running;
    bool level = false;
    std::optional<Comparison> comparison;
  };

  class UnmergedFiles;

  Running open(const Listed& listed, std::string family) const;
  void open_standby(const Listed& listed);
  Standby* standby(std::string_view projection);
  Running& serving(std::string_view projection);
  const Running& serving(std::string_view projection) const;
  /// Adds what the events change to the batch, with the checkpoint that it leads to: nothing where the
  /// projection stops. The batch then has nothing of it.
  std::optional<Checkpoint> gather(Running& running, std::span<const events::Recorded> recorded,
                                   const events::Hash& last_leaf, storage::ViewBatch& batch);
  void apply_to(Running& running, std::span<const events::Recorded> recorded);
  /// Applies the events to what the projection holds in memory.
  static void hold(Running& running, std::span<const events::Recorded> recorded);
  /// Several that stand at the same position, in one write.
  void apply_to(std::span<Running* const> level, std::span<const events::Recorded> recorded);
  /// What `next` and `family` tell, without waiting for a page that is being applied.
  void publish();
  /// Has the views brought to the disk where they have moved on far enough since the last time.
  void flush_now_and_then();
  /// In one pass for all that stand at the same position.
  void catch_up(std::span<Running* const> behind, storage::Position until, const Progress& progress);
  void fold(const std::vector<Running*>& level, storage::Position until, const Progress& progress);
  void fold_in_order(std::span<Running* const> level, storage::Position until, const Progress& progress);
  /// Sorted by aggregate, part by part on every core; nothing is written before all are folded. False where
  /// that was not possible, and nothing has happened.
  bool fold_in_parts(std::span<Running* const> level, storage::Position until, storage::Position total,
                     const Progress& progress);
  struct SortedStretch {
    std::span<Running* const> level;
    const SortedEvents& events;
    std::span<storage::ViewStore::Load> loads;  ///< one for each of the level
    Spares<SortedEvents::Part>& spare_parts;
    bool needs_most_keys = false;
  };
  /// The parts of [from, until), whose rows go into the same files.
  void fold_parts(const SortedStretch& stretch, std::size_t from, std::size_t until) const;
  void take_in(Running& running, const Checkpoint& reached, std::uint64_t parts,
               storage::ViewStore::Load& load) const;
  /// Writes what they hold, and that it is all before `next`.
  void write_back(std::span<Running* const> level, storage::Position next);
  void write_back(Running& running, const Checkpoint& reached);
  /// Where a standby is level: with the view that serves, or with the log where that one has stopped.
  storage::Position level_position(std::string_view projection) const;
  Comparison compare(const std::string& live, const std::string& rebuilt,
                     const storage::ViewStore::Moment& at) const;
  static const Listed& listed(std::string_view projection);

  const storage::Log& log_;
  storage::ViewStore& store_;
  events::FindSubjectKey find_key_;
  events::EachSubjectKey each_key_;
  const FoldLimits limits_;
  mutable std::mutex mutex_;          // held while a page is applied; guards what follows
  storage::Position flushed_at_ = 0;  ///< the log's size when a flush was asked for last, and when that was
  std::chrono::steady_clock::time_point flushed_when_;
  std::vector<Running> running_;
  std::map<std::string, Standby, std::less<>> standbys_;  ///< by projection

  mutable std::shared_mutex published_mutex_;              // guards what follows; taken last
  std::optional<storage::Position> next_;                  ///< nothing: every view has stopped
  std::map<std::string, std::string, std::less<>> serve_;  ///< family by projection
};

/// How the views that serve stand to the log, told without a Runner, which would throw away what does not
/// fit: `fault` is why a view is not of this log. A view that was never built has no family.
std::vector<ProjectionStatus> inspect(const storage::Log& log, const storage::ViewStore& store);

/// The families whose rows live outside the projections: which family serves, and the checkpoints.
inline constexpr std::string_view checkpoint_key =
    "\xff"
    "checkpoint";

}  // namespace ttp::projections
