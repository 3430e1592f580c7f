#include "projections/runner.hpp"

#include <algorithm>
#include <functional>
#include <stdexcept>
#include <utility>

#include "projections/pages.hpp"

namespace ttp::projections {
namespace {

constexpr std::size_t rebuild_page_events = 500;

bool is_listed(std::string_view projection) {
  return std::ranges::find(all, projection, &Listed::name) != all.end();
}

/// Throws where the events do not follow each other: applying them would move the views to a wrong position.
void refuse_gaps(std::span<const events::Recorded> recorded) {
  const auto follows = [](const events::Recorded& one, const events::Recorded& next) {
    return next.position == one.position + 1;
  };
  if (std::ranges::adjacent_find(recorded, std::not_fn(follows)) != recorded.end())
    throw events::Damaged{"the log has a gap"};
}

}  // namespace

struct Runner::Folded {
  Page page;
  snapshots::Changes changes;
  std::optional<std::string> fault;  ///< why the event after the last one of the page cannot be applied
};

Runner::Runner(const storage::Log& log, storage::ViewStore& store, snapshots::Snapshots& snapshots,
               events::FindSubjectKey find_key, FoldLimits limits, events::EachSubjectKey each_key,
               snapshots::Report report)
    : log_(log),
      store_(store),
      snapshots_(snapshots),
      find_key_(std::move(find_key)),
      each_key_(std::move(each_key)),
      limits_(limits),
      report_(std::move(report)) {
  store_.create_family(meta_family);
  for (const Listed& each : all) {
    const auto serving = store_.get(meta_family, serving_key(each.name));
    const std::string family = serving.value_or(other_family(each.name, ""));
    if (!serving) {
      storage::ViewBatch batch;
      batch.put(meta_family, serving_key(each.name), family);
      store_.commit(batch, true);
    }
    running_.push_back(Running::open(each, family, log_, store_));
    open_standby(each);
  }
  publish();
}

Runner::~Runner() = default;

void Runner::open_standby(const Listed& listed) {
  const auto family = store_.get(meta_family, standby_key(listed.name));
  if (family) standbys_.add(Running::open(listed, *family, log_, store_), snapshots_);
}

void Runner::publish() {
  std::optional<storage::Position> lowest;
  for (const Running& running : running_)
    if (!running.fault) lowest = std::min(lowest.value_or(running.reached.next), running.reached.next);
  const os::ExclusiveLock lock(published_mutex_);
  next_ = lowest;
  for (const Running& running : running_) {
    serve_[running.name] = running.family;
    standings_[running.name] = {running.reached.next, running.fault.has_value()};
  }
  if (listener_) listener_(next_ ? *next_ : log_.head().next);
}

Runner::Standing Runner::standing(std::string_view projection) const {
  const os::SharedLock lock(published_mutex_);
  const auto found = standings_.find(projection);
  if (found == standings_.end())
    throw std::invalid_argument{"no such projection: " + std::string{projection}};
  return found->second;
}

void Runner::on_publish(std::function<void(storage::Position)> listener) {
  const os::ExclusiveLock lock(published_mutex_);
  listener_ = std::move(listener);
  if (listener_) listener_(next_ ? *next_ : log_.head().next);
}

void Runner::flush_now_and_then() {
  const storage::Position next = log_.head().next;
  const auto now = std::chrono::steady_clock::now();
  if (next - flushed_at_ < limits_.flush_events_min || now - flushed_when_ < limits_.flush_interval_min)
    return;
  flushed_at_ = next;
  flushed_when_ = now;
  try {
    store_.flush_soon();
  } catch (const std::exception& fault) {
    for (Running& running : running_)
      if (!running.fault) running.stop_at(running.reached.next, fault.what());
  }
}

// ---- following the log ------------------------------------------------------------------------------------

void Runner::catch_up(std::span<Running* const> behind, const Progress& progress) {
  CatchingUp{log_, store_, snapshots_, find_key_, each_key_, limits_}.run(behind, log_.head().next, progress);
}

void Runner::catch_up(const Progress& progress) {
  const os::MutexLock lock(mutex_);
  snapshots_.catch_up();
  std::vector<Running*> behind;
  for (Running& running : running_) behind.push_back(&running);
  catch_up(behind, progress);
  flush_now_and_then();
  drop_superseded();
  publish();
}

void Runner::apply(std::span<const events::Recorded> recorded) {
  if (recorded.empty()) return;
  const os::MutexLock lock(mutex_);
  const storage::Position first = recorded.front().position, next = recorded.back().position + 1;
  std::vector<Running*> current, behind;
  const auto sort_in = [&](Running* running) {
    (running->reached.next == first ? current : behind).push_back(running);
  };
  for (Running& running : running_) sort_in(&running);
  for (Running* running : standbys_.following()) sort_in(running);
  try {
    refuse_gaps(recorded);
    snapshots::Folding folding{snapshots_};
    for (const events::Recorded& each : recorded) folding.apply(each);
    const snapshots::Changes changes = folding.take();
    write_together(current, recorded, changes, log_, store_);
    snapshots_.publish(changes, first, next);
  } catch (const std::exception& fault) {
    snapshots_.catch_up();
    for (Running* running : current)
      if (!running->fault) running->stop_at(running->reached.next, fault.what());
  }
  catch_up(behind, {});
  flush_now_and_then();
  publish();
}

void Runner::drop_superseded() {
  const bool all_serve =
      std::ranges::none_of(running_, [](const Running& running) { return running.fault.has_value(); });
  if (!all_serve) return;
  storage::ViewBatch notes;
  const auto look_at = [&](std::string_view prefix) {
    store_.scan(meta_family, "", prefix, [&](std::string_view key, std::string_view) {
      if (!is_listed(key.substr(prefix.size()))) notes.erase(meta_family, std::string{key});
      return true;
    });
  };
  look_at(serving_prefix);
  look_at(standby_prefix);
  if (!notes.empty()) store_.commit(notes, true);
  for (const std::string& family : store_.families()) {
    if (family == meta_family || is_listed(projection_of(family))) continue;
    store_.drop_family(family);
    report("the view " + family + " is of an earlier version of this program: it was dropped");
  }
}

storage::Position Runner::next() const {
  const os::SharedLock lock(published_mutex_);
  return next_ ? *next_ : log_.head().next;
}

std::vector<ProjectionStatus> Runner::status() const {
  const os::MutexLock lock(mutex_);
  std::vector<ProjectionStatus> rows;
  for (const Running& running : running_) {
    auto fault = running.fault;
    if (!fault) fault = store_.damage(running.family);
    rows.push_back({running.name, running.family, running.reached.next, std::move(fault)});
  }
  return rows;
}

std::string Runner::family(std::string_view projection) const {
  const os::SharedLock lock(published_mutex_);
  const auto found = serve_.find(projection);
  if (found == serve_.end()) throw std::invalid_argument{"no such projection: " + std::string{projection}};
  return found->second;
}

Running& Runner::serving(std::string_view projection) {
  const auto found = std::ranges::find(running_, projection, &Running::name);
  if (found == running_.end()) throw std::invalid_argument{"no such projection: " + std::string{projection}};
  return *found;
}

storage::Position Runner::wanted_position(std::string_view projection) {
  const Running& serves = serving(projection);
  return serves.fault ? log_.head().next : serves.reached.next;
}

// ---- blue and green ---------------------------------------------------------------------------------------

bool Runner::begin_rebuild(std::string_view projection) {
  const Listed& each = listed(projection);
  const os::MutexLock lock(mutex_);
  if (standbys_.find(projection)) return false;
  const std::string family = other_family(projection, serving(projection).family);
  store_.drop_family(family);
  storage::ViewBatch batch;
  batch.put(meta_family, standby_key(projection), family);
  store_.commit(batch, true);
  open_standby(each);
  return true;
}

bool Runner::continue_rebuild(std::string_view projection) {
  const os::MutexLock alone(building_);
  std::uint64_t number = 0;
  try {
    {
      const os::MutexLock lock(mutex_);
      const Standby* standby = standbys_.find(projection);
      if (!standby) return false;
      number = standby->number;
    }
    if (build_on(projection)) return true;
    compare_and_catch_up(projection, number);
  } catch (const std::exception& fault) {
    const os::MutexLock lock(mutex_);
    // A standby that was dropped meanwhile has ended with its family, as it should.
    if (Standby* standby = standbys_.find(projection, number)) {
      standby->stop(fault.what());
      report("the rebuild of " + std::string{projection} + " " + *standby->running.fault +
             ". The view that serves goes on; drop the standby and begin again.");
    }
  }
  return false;
}

Runner::Folded Runner::fold_page(storage::Position from, std::size_t events,
                                 snapshots::Folding& folding) const {
  Folded folded{open_page(log_, from, events, find_key_), {}, std::nullopt};
  folded.fault = folded.page.fault;
  for (std::size_t i = 0; i < folded.page.events.size(); ++i) try {
      folding.apply(folded.page.events[i]);
    } catch (const std::exception& fault) {
      folded.fault = fault.what();
      folded.page.events.resize(i);
    }
  folded.changes = folding.take();
  return folded;
}

void Runner::write(Standby& building, const Folded& folded) {
  Running* const one = &building.running;
  write_together({&one, 1}, folded.page.events, folded.changes, log_, store_);
  if (folded.fault && !building.running.fault)
    building.running.stop_at(building.running.reached.next, *folded.fault);
  if (building.running.fault) building.stop(*building.running.fault);
}

/// Applies one page to a standby. True while there is more to do.
bool Runner::build_on(std::string_view projection) {
  storage::Position from = 0;
  std::size_t events = 0;
  std::uint64_t number = 0;
  std::shared_ptr<snapshots::Folding> folding;
  {
    const os::MutexLock lock(mutex_);
    const Standby* building = standbys_.find(projection);
    if (!building || building->state != StandbyState::building || building->is_stopped()) return false;
    number = building->number;
    folding = building->folding;
    from = building->running.reached.next;
    const storage::Position until = wanted_position(projection);
    events = until > from ? std::min<storage::Position>(rebuild_page_events, until - from) : 0;
  }
  // Read, decode and fold without the lock: only the writing of rows blocks the live views.
  const Folded folded = fold_page(from, events, *folding);
  const os::MutexLock lock(mutex_);
  Standby* building = standbys_.find(projection, number);
  if (!building) return false;
  if (building->state != StandbyState::building || building->running.reached.next != from) return true;
  write(*building, folded);
  if (building->is_stopped()) return false;
  // Apply the last stretch under the lock; otherwise the standby might never reach the head of a busy log.
  storage::Position next = building->running.reached.next;
  const storage::Position until = wanted_position(projection);
  if (until > next + rebuild_page_events) return true;
  if (until > next) write(*building, fold_page(next, until - next, *folding));
  if (building->is_stopped()) return false;
  building->state = StandbyState::comparing;
  building->folding.reset();
  return false;
}

void Runner::compare_and_catch_up(std::string_view projection, std::uint64_t number) {
  std::string live, rebuilt;
  std::shared_ptr<const storage::ViewStore::FrozenRows> frozen;
  {
    const os::MutexLock lock(mutex_);
    const Standby* standby = standbys_.find(projection, number);
    if (!standby || standby->state != StandbyState::comparing) return;
    live = serving(projection).family;
    rebuilt = standby->running.family;
    frozen = store_.freeze();
  }
  const Comparison comparison = projections::compare(store_, live, rebuilt, *frozen);
  const os::MutexLock lock(mutex_);
  Standby* standby = standbys_.find(projection, number);
  if (!standby || standby->state != StandbyState::comparing) return;
  standby->comparison = comparison;
  standby->state = StandbyState::caught_up;
  if (!comparison.live_unreadable) return;
  switch_locked(projection, *standby);
  drop_locked(projection);
  report("the view " + std::string{projection} + " could not be read (" + *comparison.live_unreadable +
         "). The rebuilt one serves now and the damaged one was dropped; nothing is lost.");
}

void Runner::switch_locked(std::string_view projection, Standby& standby) {
  Running& serves = serving(projection);
  storage::ViewBatch batch;
  batch.put(meta_family, serving_key(projection), standby.running.family);
  batch.put(meta_family, standby_key(projection), serves.family);
  store_.commit(batch, true);
  std::swap(serves, standby.running);
  standby.comparison.reset();
  publish();
}

bool Runner::switch_over(std::string_view projection) {
  const os::MutexLock lock(mutex_);
  Standby* standby = standbys_.find(projection);
  if (!standby || standby->state != StandbyState::caught_up || standby->running.fault) return false;
  switch_locked(projection, *standby);
  return true;
}

void Runner::drop_locked(std::string_view projection) {
  const std::string family = standbys_.find(projection)->running.family;
  standbys_.remove(projection);
  storage::ViewBatch batch;
  batch.erase(meta_family, standby_key(projection));
  store_.commit(batch, true);
  store_.drop_family(family);
}

bool Runner::drop_standby(std::string_view projection) {
  const os::MutexLock lock(mutex_);
  if (!standbys_.find(projection)) return false;
  drop_locked(projection);
  return true;
}

std::vector<StandbyStatus> Runner::standbys() const {
  const os::MutexLock lock(mutex_);
  return standbys_.status(log_.head().next);
}

// ---- for tools --------------------------------------------------------------------------------------------

void Runner::build(std::span<const std::string_view> projections, const Progress& progress) {
  for (const std::string_view projection : projections) {
    drop_standby(projection);
    begin_rebuild(projection);
  }
  const os::MutexLock lock(mutex_);
  std::map<storage::Position, std::vector<Running*>> building;
  for (const std::string_view projection : projections)
    building[wanted_position(projection)].push_back(&standbys_.find(projection)->running);
  CatchingUp catching_up{log_, store_, snapshots_, find_key_, each_key_, limits_};
  for (const auto& [until, views] : building) catching_up.run(views, until, progress);
  for (const std::string_view projection : projections) {
    Standby& built = *standbys_.find(projection);
    if (built.running.fault) {
      built.stop(*built.running.fault);
      throw events::Damaged{*built.running.fault};
    }
    built.state = StandbyState::caught_up;
    built.folding.reset();
  }
}

Comparison Runner::compare(std::string_view projection) {
  std::string live, rebuilt;
  std::uint64_t number = 0;
  std::shared_ptr<const storage::ViewStore::FrozenRows> frozen;
  {
    const os::MutexLock lock(mutex_);
    const Standby* standby = standbys_.find(projection);
    if (!standby || !standby->follows())
      throw std::invalid_argument{"no standby of " + std::string{projection} + " has caught up"};
    number = standby->number;
    live = serving(projection).family;
    rebuilt = standby->running.family;
    frozen = store_.freeze();
  }
  const Comparison comparison = projections::compare(store_, live, rebuilt, *frozen);
  const os::MutexLock lock(mutex_);
  Standby* compared = standbys_.find(projection, number);
  if (compared && compared->running.family == rebuilt) compared->comparison = comparison;
  return comparison;
}

Comparison Runner::rebuild(std::string_view projection, const Progress& progress) {
  build({&projection, 1}, progress);
  return compare(projection);
}

std::vector<ProjectionStatus> inspect(const storage::Log& log, const storage::ViewStore& store) {
  std::vector<ProjectionStatus> rows;
  rows.reserve(std::size(all));
  for (const Listed& each : all) {
    ProjectionStatus row{std::string{each.name}, {}, 0, std::nullopt};
    try {
      const auto serving =
          store.has_family(meta_family) ? store.get(meta_family, serving_key(each.name)) : std::nullopt;
      if (serving && store.has_family(*serving)) {
        row.family = *serving;
        if (const auto stored = store.get(row.family, position_key)) {
          const ViewPosition position = decode_position(*stored);
          row.next = position.next;
          row.fault = foreign(position, log);
        }
      }
    } catch (const events::Damaged& damage) {
      row.fault = damage.what();
    }
    rows.push_back(std::move(row));
  }
  return rows;
}

}  // namespace ttp::projections
