// Brings views that are far behind up to a position of the log. A long stretch is sorted by aggregate and
// folded part by part on every core; a shorter one is folded in the order of the log. Either way many events
// go into one written row.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <span>
#include <vector>

#include "events/codec.hpp"
#include "projections/bulk/sorted_events.hpp"
#include "projections/running.hpp"
#include "snapshots/snapshots.hpp"
#include "storage/log/log.hpp"
#include "storage/tables/view_store.hpp"

namespace ttp::projections {

/// Called after each page with the positions done and to do.
using Progress = std::function<void(storage::Position done, storage::Position total)>;

/// Of what is far behind the log, and of what the disk has of the views.
struct FoldLimits {
  std::size_t page_events = 1000;
  std::size_t held_bytes =
      512 * 1024 * 1024;                 ///< of folded states, over all projections, before rows are written
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

class CatchingUp {
 public:
  CatchingUp(const storage::Log& log, storage::ViewStore& store, snapshots::Snapshots& snapshots,
             const events::FindSubjectKey& find_key, const events::EachSubjectKey& each_key,
             const FoldLimits& limits)
      : log_(log),
        store_(store),
        snapshots_(snapshots),
        find_key_(find_key),
        each_key_(each_key),
        limits_(limits) {}

  /// In one pass for all that stand at the same position. A view that cannot go on stops, with its fault.
  void run(std::span<Running* const> behind, storage::Position until, const Progress& progress);

 private:
  using Level = std::vector<Running*>;
  struct SortedStretch;
  class UnmergedFiles;

  void fold(const Level& level, storage::Position until, const Progress& progress);
  void fold_in_order(const Level& level, storage::Position until, const Progress& progress);
  /// Nothing is written before all is folded. False where that was not possible, and nothing has happened.
  bool fold_in_parts(const Level& level, storage::Position until, storage::Position total,
                     const Progress& progress);
  /// The parts of [from, until), whose rows go into the same files.
  void fold_parts(const SortedStretch& stretch, std::size_t from, std::size_t until) const;
  static void take_in(Running& running, const Checkpoint& reached, std::uint64_t parts,
                      storage::ViewStore::Load& load);
  /// Writes what they hold, and that it is all before `next`.
  void write_back(const Level& level, const snapshots::Changes& changes, storage::Position next);
  void write_back(Running& running, const snapshots::Changes& changes, const Checkpoint& reached);

  const storage::Log& log_;
  storage::ViewStore& store_;
  snapshots::Snapshots& snapshots_;
  const events::FindSubjectKey& find_key_;
  const events::EachSubjectKey& each_key_;
  const FoldLimits& limits_;
};

}  // namespace ttp::projections
