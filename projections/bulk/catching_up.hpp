// Brings views that are far behind up to a position of the log. A long stretch is sorted by aggregate and
// folded part by part on every core; a shorter one is folded in the order of the log. In both cases a row is
// written once for many events.
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

/// Called after each page with the position reached and the position to reach.
using Progress = std::function<void(storage::Position done, storage::Position total)>;

/// Limits for catching up, and for how much of the views may be missing on the disk.
struct FoldLimits {
  std::size_t page_events = 1000;
  std::size_t held_bytes =
      512 * 1024 * 1024;                 ///< of folded states, over all projections, before rows are written
  std::size_t loaded_rows_min = 10'000;  ///< this many rows or more become a sorted file, fewer a commit
  /// A stretch of at least this many events is sorted by aggregate first, so that a part's states fit into
  /// memory and its rows are written once. The maximum bounds the size of the scratch file.
  storage::Position sorted_events_min = 50'000;
  storage::Position sorted_events_max = 32'000'000;
  PartLimits parts{};
  std::size_t parts_per_file = 8;  ///< parts whose rows share a file, to keep the number of files low
  /// The views are flushed after this many events, but at most once per interval. A start after a crash
  /// applies the events since the last flush again.
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

  /// Makes one pass for all views at the same position. A view that cannot continue stops with its fault.
  void run(std::span<Running* const> behind, storage::Position until, const Progress& progress);

 private:
  using Group = std::vector<Running*>;  ///< views at the same position
  struct SortedStretch;
  class UnmergedFiles;

  void fold(const Group& group, storage::Position until, const Progress& progress);
  void fold_in_order(const Group& group, storage::Position until, const Progress& progress);
  /// Writes nothing before all events are folded. Returns false, with nothing changed, if one cannot be
  /// folded.
  bool fold_in_parts(const Group& group, storage::Position until, storage::Position total,
                     const Progress& progress);
  /// Folds the parts [from, until), whose rows share the same files.
  void fold_parts(const SortedStretch& stretch, std::size_t from, std::size_t until) const;
  static void ingest(Running& running, const ViewPosition& reached, std::uint64_t parts,
                     storage::ViewStore::Load& load);
  /// Writes the rows of all views, and `next` as their position.
  void write_back(const Group& group, const snapshots::Changes& changes, storage::Position next);
  void write_back(Running& running, const snapshots::Changes& changes, const ViewPosition& reached);

  const storage::Log& log_;
  storage::ViewStore& store_;
  snapshots::Snapshots& snapshots_;
  const events::FindSubjectKey& find_key_;
  const events::EachSubjectKey& each_key_;
  const FoldLimits& limits_;
};

}  // namespace ttp::projections
