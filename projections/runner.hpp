// The runner brings every view from its stored position to the head of the log and keeps it there, together
// with the snapshots. Rows and position are written in one batch, so a crash can repeat an event, never skip
// one.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "events/recorded.hpp"
#include "os/mutex.hpp"
#include "projections/all.hpp"
#include "projections/bulk/catching_up.hpp"
#include "projections/compare.hpp"
#include "projections/running.hpp"
#include "projections/standbys.hpp"
#include "snapshots/snapshots.hpp"
#include "storage/log/log.hpp"
#include "storage/tables/view_store.hpp"

namespace ttp::projections {

struct ProjectionStatus {
  std::string name;
  std::string family;
  storage::Position next = 0;
  std::optional<std::string> fault;  ///< why it stopped and at which position, or its damage
};

class Runner {
 public:
  /// Opens every listed projection at its stored position. A view of another log, or one whose last leaf the
  /// log does not have, is deleted and rebuilt.
  Runner(const storage::Log& log, storage::ViewStore& store, snapshots::Snapshots& snapshots,
         events::FindSubjectKey find_key, FoldLimits limits = {}, events::EachSubjectKey each_key = {},
         snapshots::Report report = {});
  ~Runner();

  /// Applies all events of the log that are not in the views yet. A projection that cannot apply an event
  /// stops there, reports it in its status and never skips the event; the others go on. Afterwards the views
  /// of projections that are no longer listed are dropped.
  void catch_up(const Progress& progress = {});
  /// Applies events just appended. If they do not follow a view's position, that view reads the log instead.
  void apply(std::span<const events::Recorded> recorded);

  /// Every view that has not stopped includes all events before this position.
  storage::Position next() const;
  std::vector<ProjectionStatus> status() const;
  /// The position of the view that serves, and whether it has stopped. It does not block while a page is
  /// applied.
  struct Standing {
    storage::Position next = 0;
    bool stopped = false;
  };
  Standing standing(std::string_view projection) const;
  /// Calls `listener` after each page with the new value of next(). The listener must not block and must not
  /// call the runner. With an empty listener no call is under way when this returns, and none follows.
  void on_publish(std::function<void(storage::Position next)> listener);
  /// The family that serves a projection's view now.
  std::string family(std::string_view projection) const;

  // Blue and green (projections/standbys.hpp). A standby survives a crash with all that was written of it;
  // the next start continues it.

  /// Begins to build a standby beside the view that serves; false if there is a standby already.
  bool begin_rebuild(std::string_view projection);
  /// Applies some more events to the standby under construction; true while there is more to do. When it has
  /// reached the head, it is compared with the view that serves, row by row. If the view that serves cannot
  /// be read, the standby replaces it and the damaged view is dropped. An error stops the standby and is kept
  /// as its fault; nothing is thrown.
  bool continue_rebuild(std::string_view projection);
  /// Makes the standby serve, in one write. The view that served becomes the standby and stays caught up, so
  /// that the same call switches back. False if no standby is caught up.
  bool switch_over(std::string_view projection);
  /// Drops the standby; false if there is none.
  bool drop_standby(std::string_view projection);
  std::vector<StandbyStatus> standbys() const;

  // The same for tools, where blocking the live views does not matter.

  /// Builds standbys of several projections in one pass over the log. Earlier standbys are dropped first.
  /// Throws events::Damaged if an event cannot be applied.
  void build(std::span<const std::string_view> projections, const Progress& progress = {});
  /// Compares a standby that has caught up with the view that serves. Throws std::invalid_argument if there
  /// is none or if it is dropped meanwhile.
  Comparison compare(std::string_view projection);
  /// Builds and compares one projection.
  Comparison rebuild(std::string_view projection, const Progress& progress = {});

 private:
  /// Events that were read and folded for a standby, without the lock.
  struct Folded;

  void open_standby(const Listed& listed) TTP_REQUIRES(mutex_);
  Running& serving(std::string_view projection) TTP_REQUIRES(mutex_);
  bool build_on(std::string_view projection) TTP_REQUIRES(building_);
  Folded fold_page(storage::Position from, std::size_t events, snapshots::Folding& folding) const;
  void write(Standby& building, const Folded& folded) TTP_REQUIRES(mutex_);
  /// Compares a standby in the state `comparing` and sets its next state.
  void compare_and_catch_up(std::string_view projection, std::uint64_t number) TTP_REQUIRES(building_);
  void switch_locked(std::string_view projection, Standby& standby) TTP_REQUIRES(mutex_);
  void drop_locked(std::string_view projection) TTP_REQUIRES(mutex_);
  /// Drops families and meta rows of projections that are not listed.
  void drop_superseded() TTP_REQUIRES(mutex_);
  /// Updates the values that `next`, `standing` and `family` return.
  void publish() TTP_REQUIRES(mutex_);
  /// Starts a flush of the views if they have moved far enough since the last one.
  void flush_now_and_then() TTP_REQUIRES(mutex_);
  void catch_up(std::span<Running* const> behind, const Progress& progress) TTP_REQUIRES(mutex_);
  /// The position that a standby must reach: that of the view that serves, or the log's head if that view has
  /// stopped.
  storage::Position wanted_position(std::string_view projection) TTP_REQUIRES(mutex_);
  void report(const std::string& text) const {
    if (report_) report_(text);
  }

  const storage::Log& log_;
  storage::ViewStore& store_;
  snapshots::Snapshots& snapshots_;
  const events::FindSubjectKey find_key_;
  const events::EachSubjectKey each_key_;
  const FoldLimits limits_;
  const snapshots::Report report_;
  os::Mutex building_ TTP_ACQUIRED_BEFORE(mutex_);                 // held by the thread that builds standbys
  mutable os::Mutex mutex_ TTP_ACQUIRED_BEFORE(published_mutex_);  // held while a page is applied
  /// The log's size and the time at the start of the last flush.
  storage::Position flushed_at_ TTP_GUARDED_BY(mutex_) = 0;
  std::chrono::steady_clock::time_point flushed_when_ TTP_GUARDED_BY(mutex_);
  std::vector<Running> running_ TTP_GUARDED_BY(mutex_);
  Standbys standbys_ TTP_GUARDED_BY(mutex_);

  mutable os::SharedMutex published_mutex_;
  /// Nothing: every view has stopped.
  std::optional<storage::Position> next_ TTP_GUARDED_BY(published_mutex_);
  /// The family by projection.
  std::map<std::string, std::string, std::less<>> serve_ TTP_GUARDED_BY(published_mutex_);
  std::map<std::string, Standing, std::less<>> standings_ TTP_GUARDED_BY(published_mutex_);
  std::function<void(storage::Position)> listener_ TTP_GUARDED_BY(published_mutex_);
};

/// The status of the views that serve. Unlike a Runner, this deletes no view: `fault` says why a view does
/// not belong to this log, or that its position cannot be read. A view that was never built has no family.
std::vector<ProjectionStatus> inspect(const storage::Log& log, const storage::ViewStore& store);

}  // namespace ttp::projections
