// The runner: brings every projection from its checkpoint to the head of the log and keeps it there, together
// with the snapshots. Rows and checkpoint go in one batch, so a crash can repeat an event, never skip one.
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
  std::optional<std::string> fault;  ///< why it stopped and at which position, or what is damaged of it
};

class Runner {
 public:
  /// Opens every listed projection at its checkpoint. A checkpoint of another log, or one whose last leaf the
  /// log does not have, is thrown away with its rows and built anew: the log is the truth.
  Runner(const storage::Log& log, storage::ViewStore& store, snapshots::Snapshots& snapshots,
         events::FindSubjectKey find_key, FoldLimits limits = {}, events::EachSubjectKey each_key = {},
         snapshots::Report report = {});
  ~Runner();

  /// Applies what is in the log and not yet in the views. A projection that cannot apply an event stops
  /// there, says so in its status, and never skips; the others go on. What is left of projections that are
  /// no longer listed is dropped then.
  void catch_up(const Progress& progress = {});
  /// Applies events just appended. They must follow the checkpoint, else the log is read instead.
  void apply(std::span<const events::Recorded> recorded);

  /// Every view that has not stopped includes all events before this position.
  storage::Position next() const;
  std::vector<ProjectionStatus> status() const;
  /// How far the view that serves is, and whether it has stopped, without waiting for a page that is being
  /// applied.
  struct Standing {
    storage::Position next = 0;
    bool stopped = false;
  };
  Standing standing(std::string_view projection) const;
  /// Calls `listener` after each page with what next() returns then. It must not block and must not call the
  /// runner. Nothing: no more calls, and none is under way.
  void on_publish(std::function<void(storage::Position next)> listener);
  /// The family that serves a projection's view now.
  std::string family(std::string_view projection) const;

  // Blue and green (projections/standbys.hpp). A standby survives a crash with what was written of it until
  // then; opening goes on with it.

  /// Begins to build a projection anew beside the one that serves; false if there is a standby already.
  bool begin_rebuild(std::string_view projection);
  /// Applies some more events to the standby that is being built; true while there is more to do. When it has
  /// reached the head it is compared with the one that serves, row by row at one moment. Where the one that
  /// serves cannot be read, the standby takes its place and the damaged one is dropped. An error stops the
  /// standby, with its fault; nothing is thrown.
  bool continue_rebuild(std::string_view projection);
  /// Lets the standby serve, in one write; the one that served becomes the standby and stays caught up, so
  /// that the same call switches back. False if no standby is caught up.
  bool switch_over(std::string_view projection);
  /// False if there is none.
  bool drop_standby(std::string_view projection);
  std::vector<StandbyStatus> standbys() const;

  // The same for tools, where nobody waits for the live views.

  /// Builds several anew in one pass over the log: whatever standby there was is dropped, the new ones stay.
  /// Throws events::Damaged where an event cannot be applied.
  void build(std::span<const std::string_view> projections, const Progress& progress = {});
  /// Compares a standby that has caught up with the one that serves. Throws std::invalid_argument where there
  /// is none, or it is dropped meanwhile.
  Comparison compare(std::string_view projection);
  /// Both for one.
  Comparison rebuild(std::string_view projection, const Progress& progress = {});

 private:
  /// Events that were read and folded for a standby without the lock.
  struct Folded;

  void open_standby(const Listed& listed) TTP_REQUIRES(mutex_);
  Running& serving(std::string_view projection) TTP_REQUIRES(mutex_);
  bool build_on(std::string_view projection) TTP_REQUIRES(building_);
  Folded fold_page(storage::Position from, std::size_t events, snapshots::Folding& folding) const;
  void write(Standby& building, const Folded& folded) TTP_REQUIRES(mutex_);
  /// Compares a standby in the state `comparing`, and moves it on.
  void compare_and_catch_up(std::string_view projection, std::uint64_t number) TTP_REQUIRES(building_);
  void switch_locked(std::string_view projection, Standby& standby) TTP_REQUIRES(mutex_);
  void drop_locked(std::string_view projection) TTP_REQUIRES(mutex_);
  /// Families and notes of projections that are not listed.
  void drop_superseded() TTP_REQUIRES(mutex_);
  /// What `next` and `family` say, without waiting for a page that is being applied.
  void publish() TTP_REQUIRES(mutex_);
  /// Has the views brought to the disk where they have moved on far enough since the last time.
  void flush_now_and_then() TTP_REQUIRES(mutex_);
  void catch_up(std::span<Running* const> behind, const Progress& progress) TTP_REQUIRES(mutex_);
  /// Where a standby has caught up: with the view that serves, or with the log where that one has stopped.
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
  /// The log's size when a flush was asked for last, and when that was.
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

/// How the views that serve stand to the log, found out without a Runner, which would throw away what does
/// not fit: `fault` is why a view is not of this log, or that its checkpoint cannot be read. A view that was
/// never built has no family.
std::vector<ProjectionStatus> inspect(const storage::Log& log, const storage::ViewStore& store);

}  // namespace ttp::projections
