#include "projections/runner.hpp"

#include <algorithm>
#include <future>
#include <memory>
#include <stdexcept>
#include <unordered_map>

#include "os/background.hpp"
#include "os/in_order.hpp"
#include "projections/index/index_rows.hpp"
#include "projections/pages.hpp"
#include "storage/vault/secret_key.hpp"

namespace ttp::projections {
namespace {

constexpr std::string_view meta_family = "meta";
constexpr std::size_t page_rows = 1000;
/// Opened pages that wait to be applied; what bounds their memory.
constexpr std::size_t pages_ahead = 8;
constexpr std::size_t rebuild_page_events = 500;

std::string serving_key(std::string_view projection) {
  return "serving/" + std::string{projection};
}

std::string standby_key(std::string_view projection) {
  return "standby/" + std::string{projection};
}

std::string encode(const Checkpoint& checkpoint) {
  std::string out = id_bytes(checkpoint.log);
  events::put_be64(out, checkpoint.next);
  out += events::as_text(checkpoint.last_leaf);
  return out;
}

Checkpoint decode_checkpoint(std::string_view bytes) {
  if (bytes.size() != 16 + 8 + 32) throw events::Damaged{"a projection's checkpoint has the wrong length"};
  Checkpoint checkpoint{id_from_bytes(bytes.substr(0, 16)), events::get_be64(bytes.substr(16)), {}};
  std::copy_n(bytes.begin() + 24, 32, checkpoint.last_leaf.begin());
  return checkpoint;
}

/// Why a view with this checkpoint is not one of the log; nothing where it is.
std::optional<std::string> misfit(const Checkpoint& checkpoint, const storage::Log& log) {
  if (checkpoint.log != log.id()) return "it was built from another log";
  if (checkpoint.next > log.head().next) return "it has more events than the log";
  if (checkpoint.next > 0 && log.leaf_hash(checkpoint.next - 1) != checkpoint.last_leaf)
    return "its last event is not the one that the log has there";
  return std::nullopt;
}

/// Blue and green take turns, so that the name of the one tells that of the other.
std::string other_family(std::string_view projection, std::string_view serving) {
  const std::string blue = std::string{projection} + "/blue";
  return serving == blue ? std::string{projection} + "/green" : blue;
}

std::string stopped_at(storage::Position position, std::string_view why) {
  return "stopped at position " + std::to_string(position) + ": " + std::string{why};
}
std::string stopped_at(storage::Position position, const std::exception& fault) {
  return stopped_at(position, fault.what());
}

/// The keys of a part's subjects, so that each is looked up once: without a lock, and however many there are.
class KeysOfPart {
 public:
  explicit KeysOfPart(const events::FindSubjectKey& find_key) : find_key_(find_key) {}
  ~KeysOfPart() {
    for (auto& [subject, key] : keys_)
      if (key) storage::wipe(*key);
  }
  KeysOfPart(const KeysOfPart&) = delete;
  KeysOfPart& operator=(const KeysOfPart&) = delete;

  /// Those of the users and the accounts with such identifiers.
  void look_up(const SortedEvents::Identifiers& of, const events::EachSubjectKey& each_key) {
    const auto keep = [&](std::string_view subject, const events::DataKey& key) {
      keys_.emplace(subject, key);
    };
    each_key(events::subject_name(domain::UserId{of.first}), events::subject_name(domain::UserId{of.last}),
             keep);
    each_key(events::subject_name(domain::AccountId{of.first}),
             events::subject_name(domain::AccountId{of.last}), keep);
  }

  std::optional<events::DataKey> find(std::string_view subject) {
    const auto found = keys_.find(subject);
    if (found != keys_.end()) return found->second;
    return keys_.emplace(subject, find_key_(subject)).first->second;
  }

 private:
  struct Hash : std::hash<std::string_view> {
    using is_transparent = void;
  };

  const events::FindSubjectKey& find_key_;
  std::unordered_map<std::string, std::optional<events::DataKey>, Hash, std::equal_to<>> keys_;
};

/// Walks through a family as it stood at a moment; the row under the checkpoint's key is not the view's.
class Walk {
 public:
  Walk(const storage::ViewStore& store, std::string family, const storage::ViewStore::Moment& moment)
      : store_(store), family_(std::move(family)), moment_(moment) {
    fill();
  }
  bool done() const { return at_ == page_.size(); }
  const std::pair<std::string, std::string>& row() const { return page_[at_]; }
  void advance() {
    ++count_;
    if (++at_ == page_.size()) fill();
  }
  std::uint64_t count() const { return count_; }

 private:
  void fill() {
    const std::string from = page_.empty() ? std::string{} : page_.back().first + '\0';
    page_.clear();
    at_ = 0;
    const auto take = [&](std::string_view key, std::string_view value) {
      if (key != checkpoint_key) page_.emplace_back(key, value);
      return page_.size() < page_rows;
    };
    store_.scan(family_, from, "", take, &moment_);
  }

  const storage::ViewStore& store_;
  std::string family_;
  const storage::ViewStore::Moment& moment_;
  std::vector<std::pair<std::string, std::string>> page_;
  std::size_t at_ = 0;
  std::uint64_t count_ = 0;
};

}  // namespace

/// Keeps the files that a long fold loads from being merged before the last one is there.
class Runner::UnmergedFiles {
 public:
  UnmergedFiles(storage::ViewStore& store, std::span<Running* const> level, bool wanted) : store_(store) {
    if (!wanted) return;
    for (const Running* running : level) families_.push_back(running->family);
    for (const std::string& family : families_) store_.merge_files(family, false);
  }
  ~UnmergedFiles() {
    try {
      for (const std::string& family : families_) store_.merge_files(family, true);
    } catch (const std::exception&) {
      return;  // they are merged when the store is opened again
    }
  }
  UnmergedFiles(const UnmergedFiles&) = delete;
  UnmergedFiles& operator=(const UnmergedFiles&) = delete;

 private:
  storage::ViewStore& store_;
  std::vector<std::string> families_;
};

Runner::Runner(const storage::Log& log, storage::ViewStore& store, events::FindSubjectKey find_key,
               FoldLimits limits, events::EachSubjectKey each_key)
    : log_(log),
      store_(store),
      find_key_(std::move(find_key)),
      each_key_(std::move(each_key)),
      limits_(limits) {
  store_.create_family(meta_family);
  for (const Listed& each : all) {
    const auto serving = store_.get(meta_family, serving_key(each.name));
    const std::string family = serving.value_or(other_family(each.name, ""));
    if (!serving) {
      storage::ViewBatch batch;
      batch.put(meta_family, serving_key(each.name), family);
      store_.commit(std::move(batch), true);
    }
    running_.push_back(open(each, family));
    open_standby(each);
  }
  publish();
}

void Runner::open_standby(const Listed& listed) {
  const auto family = store_.get(meta_family, standby_key(listed.name));
  if (family) standbys_.emplace(listed.name, Standby{open(listed, *family), false, std::nullopt});
}

Runner::~Runner() = default;

Runner::Running Runner::open(const Listed& listed, std::string family) const {
  store_.create_family(family);
  Checkpoint checkpoint{log_.id(), 0, {}};
  if (const auto stored = store_.get(family, checkpoint_key)) checkpoint = decode_checkpoint(*stored);
  if (misfit(checkpoint, log_)) {
    store_.drop_family(family);
    store_.create_family(family);
    checkpoint = Checkpoint{log_.id(), 0, {}};
  }
  auto projection = listed.make(Rows{store_, family});
  return {std::string{listed.name}, std::move(family), std::move(projection), checkpoint,
          checkpoint.next,          std::nullopt};
}

void Runner::hold(Running& running, std::span<const events::Recorded> recorded) {
  if (running.fault) return;
  try {
    for (const events::Recorded& each : recorded) {
      if (each.position != running.next) throw events::Damaged{"the log has a gap"};
      running.projection->apply(each);
      ++running.next;
    }
  } catch (const std::exception& fault) {
    running.fault = stopped_at(running.next, fault);
  }
}

std::optional<Checkpoint> Runner::gather(Running& running, std::span<const events::Recorded> recorded,
                                         const events::Hash& last_leaf, storage::ViewBatch& batch) {
  hold(running, recorded);
  if (running.fault) return std::nullopt;
  const std::size_t before = batch.changes().size();
  try {
    running.projection->flush(batch);
  } catch (const std::exception& fault) {
    running.fault = stopped_at(running.next, fault);
    batch.cut(before);
    return std::nullopt;
  }
  const Checkpoint reached{log_.id(), running.next, last_leaf};
  batch.put(running.family, std::string{checkpoint_key}, encode(reached));
  return reached;
}

void Runner::apply_to(std::span<Running* const> level, std::span<const events::Recorded> recorded) {
  if (level.empty() || recorded.empty()) return;
  const auto last_leaf = log_.leaf_hash(recorded.back().position);
  storage::ViewBatch batch;
  std::vector<std::pair<Running*, Checkpoint>> reached;
  for (Running* running : level)
    if (const auto checkpoint = gather(*running, recorded, last_leaf, batch))
      reached.emplace_back(running, *checkpoint);
  try {
    if (!batch.empty()) store_.commit(std::move(batch));
    for (const auto& [running, checkpoint] : reached) running->checkpoint = checkpoint;
  } catch (const std::exception& fault) {
    for (const auto& [running, checkpoint] : reached)
      running->fault = stopped_at(running->checkpoint.next, fault);
  }
}

void Runner::apply_to(Running& running, std::span<const events::Recorded> recorded) {
  Running* const one = &running;
  apply_to(std::span{&one, 1}, recorded);
}

void Runner::publish() {
  std::optional<storage::Position> lowest;
  for (const Running& running : running_)
    if (!running.fault) lowest = std::min(lowest.value_or(running.checkpoint.next), running.checkpoint.next);
  const std::lock_guard lock(published_mutex_);
  next_ = lowest;
  for (const Running& running : running_) serve_[running.name] = running.family;
}

void Runner::flush_now_and_then() {
  const storage::Position next = log_.head().next;
  const auto now = std::chrono::steady_clock::now();
  if (next - flushed_at_ < limits_.flush_events_min || now - flushed_when_ < limits_.flush_interval_min)
    return;
  store_.flush_soon();
  flushed_at_ = next;
  flushed_when_ = now;
}

void Runner::catch_up(std::span<Running* const> behind, storage::Position until, const Progress& progress) {
  std::map<storage::Position, std::vector<Running*>> level;
  for (Running* running : behind)
    if (!running->fault && running->checkpoint.next < until)
      level[running->checkpoint.next].push_back(running);
  for (const auto& [from, running] : level) fold(running, until, progress);
}

void Runner::fold(const std::vector<Running*>& level, storage::Position until, const Progress& progress) {
  const auto next = [&] { return level.front()->checkpoint.next; };
  while (until - next() >= limits_.sorted_events_min) {
    const auto window_end = std::min(until, next() + limits_.sorted_events_max);
    if (!fold_in_parts(level, window_end, until, progress)) break;
    if (std::ranges::any_of(level, [](const Running* running) { return running->fault.has_value(); })) return;
  }
  // Also where a part could not be folded: what stops which view at which position is found in order.
  if (next() < until) fold_in_order(level, until, progress);
}

bool Runner::fold_in_parts(std::span<Running* const> level, storage::Position until, storage::Position total,
                           const Progress& progress) try {
  const storage::Position from = level.front()->checkpoint.next;
  // Sorting takes about a fifth of the time.
  const auto tell = [&](storage::Position sorted, storage::Position folded) {
    if (progress) progress(from + (sorted + 4 * folded) / 5, total);
  };
  auto events = std::make_unique<const SortedEvents>(log_, from, until, limits_.parts, store_.scratch(),
                                                     [&](storage::Position sorted) { tell(sorted, 0); });
  const std::uint64_t parts = events->parts();
  std::vector<storage::ViewStore::Load> loads;
  for (const Running* running : level)
    loads.push_back(store_.begin_load(running->family, running->projection->own_rows()));
  const std::uint64_t files = (parts + limits_.parts_per_file - 1) / limits_.parts_per_file;
  // In a short stretch of a long log only a few subjects have an event.
  Spares<SortedEvents::Part> spare_parts;
  const SortedStretch stretch{level, *events, loads, spare_parts, each_key_ && until - from >= from};
  const auto fold_one = [&](std::uint64_t file) {
    const auto first = file * limits_.parts_per_file;
    fold_parts(stretch, first, std::min(first + limits_.parts_per_file, parts));
    return file + 1;
  };
  os::in_order(files, fold_one,
               [&](std::uint64_t done) { tell(until - from, (until - from) * done / files); });
  spare_parts.clear();
  // The disk takes a while to free a file of this size.
  [[maybe_unused]] const auto freeing = os::in_background([&] { events.reset(); });
  const Checkpoint reached{log_.id(), until, log_.leaf_hash(until - 1)};
  const auto take_in_one = [&](std::uint64_t number) {
    take_in(*level[number], reached, parts, loads[number]);
    return number;
  };
  os::in_order(level.size(), take_in_one, [](std::uint64_t) {});
  return true;
} catch (const std::exception&) {
  return false;
}

void Runner::fold_parts(const SortedStretch& stretch, std::size_t from, std::size_t until) const {
  std::vector<std::unique_ptr<Projection>> projections;
  std::vector<storage::ViewStore::Load::Part> rows;
  for (std::size_t i = 0; i < stretch.level.size(); ++i) {
    const Running& running = *stretch.level[i];
    projections.push_back(listed(running.name).make(Rows{store_, running.family}));
    rows.push_back(stretch.loads[i].begin_part(from));
  }
  // While a part is folded the next one comes from the disk.
  auto events_now = stretch.spare_parts.take(), events_next = stretch.spare_parts.take();
  const auto read_next = [&](std::size_t part) {
    return os::in_background([&, part] { stretch.events.read(part, events_next); });
  };
  std::future<void> reading = read_next(from);
  for (auto part = from; part < until; ++part) {
    reading.get();
    std::swap(events_now, events_next);
    if (part + 1 < until) reading = read_next(part + 1);
    KeysOfPart keys{find_key_};
    if (stretch.needs_most_keys) keys.look_up(stretch.events.identifiers(part), each_key_);
    const events::FindSubjectKey find_key = [&](std::string_view subject) { return keys.find(subject); };
    events_now.each([&](const storage::SeenEvent& seen) {
      const auto recorded =
          events::open_event(seen.position, seen.version, seen.envelope, seen.body, find_key);
      for (const auto& projection : projections) projection->apply(recorded);
    });
    for (std::size_t i = 0; i < projections.size(); ++i) {
      storage::ViewBatch batch;
      projections[i]->flush(batch);
      rows[i].add(std::move(batch));
    }
  }
  stretch.spare_parts.put(std::move(events_now));
  stretch.spare_parts.put(std::move(events_next));
  for (auto& each : rows) each.finish();
}

void Runner::take_in(Running& running, const Checkpoint& reached, std::uint64_t parts,
                     storage::ViewStore::Load& load) const {
  try {
    storage::ViewBatch last;
    last.put(running.family, std::string{checkpoint_key}, encode(reached));
    auto rows = load.begin_part(parts);
    rows.add(std::move(last));
    rows.finish();
    load.take_in();
    running.checkpoint = reached;
    running.next = reached.next;
  } catch (const std::exception& fault) {
    running.fault = stopped_at(running.checkpoint.next, fault);
  }
}

void Runner::fold_in_order(std::span<Running* const> level, storage::Position until,
                           const Progress& progress) {
  const auto goes_on = [](const Running* running) { return !running->fault; };
  storage::Position next = level.front()->checkpoint.next;
  const auto page_of = [&, from = next](std::uint64_t number) {
    const auto begin = from + number * limits_.page_events;
    return open_page(log_, begin, std::min<storage::Position>(limits_.page_events, until - begin), find_key_);
  };
  const std::uint64_t count = (until - next + limits_.page_events - 1) / limits_.page_events;
  os::PartsInOrder pages{count, page_of, pages_ahead};
  const UnmergedFiles unmerged{store_, level, until - next >= limits_.loaded_rows_min};
  std::optional<std::string> damage;
  for (std::uint64_t number = 0; number < count && !damage; ++number) {
    if (std::ranges::none_of(level, goes_on)) break;
    const Page page = pages.next();
    std::size_t held = 0;
    for (Running* running : level) {
      hold(*running, page.events);
      if (goes_on(running)) held += running->projection->held_bytes();
    }
    next += page.events.size();
    damage = page.fault;
    if (held >= limits_.held_bytes) write_back(level, next);
    if (progress) progress(next, until);
  }
  write_back(level, next);
  if (damage)
    for (Running* running : level)
      if (goes_on(running)) running->fault = stopped_at(next, *damage);
}

void Runner::write_back(std::span<Running* const> level, storage::Position next) {
  std::vector<std::future<void>> writing;
  for (Running* running : level)
    if (!running->fault && running->checkpoint.next < next)
      writing.push_back(os::in_background(
          [this, running, next] { write_back(*running, {log_.id(), next, log_.leaf_hash(next - 1)}); }));
  for (auto& each : writing) each.get();
}

void Runner::write_back(Running& running, const Checkpoint& reached) {
  try {
    storage::ViewBatch batch;
    running.projection->flush(batch);
    batch.put(running.family, std::string{checkpoint_key}, encode(reached));
    if (batch.changes().size() < limits_.loaded_rows_min)
      store_.commit(std::move(batch));
    else
      store_.load(running.family, std::move(batch));
    running.checkpoint = reached;
  } catch (const std::exception& fault) {
    running.fault = stopped_at(running.checkpoint.next, fault);
  }
}

void Runner::catch_up(const Progress& progress) {
  const std::scoped_lock lock(mutex_);
  std::vector<Running*> behind;
  for (Running& running : running_) behind.push_back(&running);
  catch_up(behind, log_.head().next, progress);
  flush_now_and_then();
  publish();
}

void Runner::apply(std::span<const events::Recorded> recorded) {
  if (recorded.empty()) return;
  const std::scoped_lock lock(mutex_);
  std::vector<Running*> level, behind;
  const auto sort_in = [&](Running& running) {
    (running.checkpoint.next == recorded.front().position ? level : behind).push_back(&running);
  };
  for (Running& running : running_) sort_in(running);
  for (auto& [name, each] : standbys_)
    if (each.level) sort_in(each.running);
  apply_to(level, recorded);
  catch_up(behind, log_.head().next, {});
  flush_now_and_then();
  publish();
}

storage::Position Runner::next() const {
  const std::shared_lock lock(published_mutex_);
  return next_ ? *next_ : log_.head().next;
}

std::vector<ProjectionStatus> Runner::status() const {
  const std::scoped_lock lock(mutex_);
  std::vector<ProjectionStatus> rows;
  for (const Running& running : running_)
    rows.push_back({running.name, running.family, running.checkpoint.next, running.fault});
  return rows;
}

std::string Runner::family(std::string_view projection) const {
  const std::shared_lock lock(published_mutex_);
  const auto found = serve_.find(projection);
  if (found == serve_.end()) throw std::invalid_argument{"no such projection: " + std::string{projection}};
  return found->second;
}

Runner::Running& Runner::serving(std::string_view projection) {
  const auto found = std::ranges::find(running_, projection, &Running::name);
  if (found == running_.end()) throw std::invalid_argument{"no such projection: " + std::string{projection}};
  return *found;
}

const Runner::Running& Runner::serving(std::string_view projection) const {
  return const_cast<Runner&>(*this).serving(projection);
}

storage::Position Runner::level_position(std::string_view projection) const {
  const Running& serves = serving(projection);
  return serves.fault ? log_.head().next : serves.checkpoint.next;
}

Runner::Standby* Runner::standby(std::string_view projection) {
  const auto found = standbys_.find(projection);
  return found == standbys_.end() ? nullptr : &found->second;
}

const Listed& Runner::listed(std::string_view projection) {
  const auto found = std::ranges::find(all, projection, &Listed::name);
  if (found == all.end()) throw std::invalid_argument{"no such projection: " + std::string{projection}};
  return *found;
}

Comparison Runner::compare(const std::string& live, const std::string& rebuilt,
                           const storage::ViewStore::Moment& at) const {
  Walk left(store_, live, at);
  Walk right(store_, rebuilt, at);
  Comparison comparison;
  const auto note = [&](const std::string& row_key) {
    if (!comparison.first_difference) comparison.first_difference = events::to_hex(row_key);
  };
  while (!left.done() || !right.done()) {
    const bool only_left = right.done() || (!left.done() && left.row().first < right.row().first);
    const bool only_right = left.done() || (!right.done() && right.row().first < left.row().first);
    if (only_left) {
      note(left.row().first);
      left.advance();
    } else if (only_right) {
      note(right.row().first);
      right.advance();
    } else {
      if (left.row().second != right.row().second) note(left.row().first);
      left.advance();
      right.advance();
    }
  }
  comparison.rows_live = left.count();
  comparison.rows_rebuilt = right.count();
  return comparison;
}

bool Runner::begin_rebuild(std::string_view projection) {
  const Listed& each = listed(projection);
  const std::scoped_lock lock(mutex_);
  if (standby(projection)) return false;
  const std::string family = other_family(projection, serving(projection).family);
  store_.drop_family(family);
  storage::ViewBatch batch;
  batch.put(meta_family, standby_key(projection), family);
  store_.commit(std::move(batch), true);
  open_standby(each);
  return true;
}

bool Runner::continue_rebuild(std::string_view projection) {
  storage::Position from = 0;
  std::size_t wanted = 0;
  {
    const std::scoped_lock lock(mutex_);
    const Standby* building = standby(projection);
    if (!building || building->level || building->running.fault) return false;
    from = building->running.checkpoint.next;
    wanted = std::min<storage::Position>(rebuild_page_events, level_position(projection) - from);
  }
  // Read and decoded without the lock; only what changes rows holds up the live views.
  const Page page = open_page(log_, from, wanted, find_key_);
  {
    const std::scoped_lock lock(mutex_);
    Standby* building = standby(projection);
    if (!building || building->running.checkpoint.next != from) return building != nullptr;
    apply_to(building->running, page.events);
    if (page.fault && !building->running.fault)
      building->running.fault = stopped_at(building->running.next, *page.fault);
    // The last stretch goes under the lock, else a busy log would stay ahead for ever.
    const storage::Position until = level_position(projection);
    if (until - building->running.checkpoint.next > rebuild_page_events) return !building->running.fault;
    Running* const last = &building->running;
    catch_up({&last, 1}, until, {});
    if (building->running.fault) return false;
    building->level = true;
  }
  compare(projection);
  return false;
}

bool Runner::switch_over(std::string_view projection) {
  const std::scoped_lock lock(mutex_);
  Standby* standby_row = standby(projection);
  if (!standby_row || !standby_row->level || standby_row->running.fault) return false;
  Running& serves = serving(projection);
  storage::ViewBatch batch;
  batch.put(meta_family, serving_key(projection), standby_row->running.family);
  batch.put(meta_family, standby_key(projection), serves.family);
  store_.commit(std::move(batch), true);
  std::swap(serves, standby_row->running);
  standby_row->comparison.reset();
  publish();
  return true;
}

bool Runner::drop_standby(std::string_view projection) {
  const std::scoped_lock lock(mutex_);
  const Standby* dropped = standby(projection);
  if (!dropped) return false;
  const std::string family = dropped->running.family;
  standbys_.erase(standbys_.find(projection));
  storage::ViewBatch batch;
  batch.erase(meta_family, standby_key(projection));
  store_.commit(std::move(batch), true);
  store_.drop_family(family);
  return true;
}

std::vector<StandbyStatus> Runner::standbys() const {
  const std::scoped_lock lock(mutex_);
  std::vector<StandbyStatus> rows;
  for (const auto& [name, each] : standbys_)
    rows.push_back({name, each.running.family, each.running.checkpoint.next, log_.head().next, each.level,
                    each.comparison, each.running.fault});
  return rows;
}

void Runner::build(std::span<const std::string_view> projections, const Progress& progress) {
  for (const std::string_view projection : projections) {
    drop_standby(projection);
    begin_rebuild(projection);
  }
  const std::scoped_lock lock(mutex_);
  std::map<storage::Position, std::vector<Running*>> building;
  for (const std::string_view projection : projections)
    building[level_position(projection)].push_back(&standby(projection)->running);
  for (const auto& [until, level] : building) catch_up(level, until, progress);
  for (const std::string_view projection : projections) {
    Standby& built = *standby(projection);
    if (built.running.fault) throw events::Damaged{*built.running.fault};
    built.level = true;
  }
}

Comparison Runner::compare(std::string_view projection) {
  std::string live, rebuilt;
  std::shared_ptr<const storage::ViewStore::Moment> moment;
  {
    const std::scoped_lock lock(mutex_);
    live = serving(projection).family;
    rebuilt = standby(projection)->running.family;
    moment = store_.moment();
  }
  const Comparison comparison = compare(live, rebuilt, *moment);
  const std::scoped_lock lock(mutex_);
  if (Standby* compared = standby(projection); compared && compared->running.family == rebuilt)
    compared->comparison = comparison;
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
    const auto serving =
        store.has_family(meta_family) ? store.get(meta_family, serving_key(each.name)) : std::nullopt;
    if (serving && store.has_family(*serving)) {
      row.family = *serving;
      try {
        if (const auto stored = store.get(row.family, checkpoint_key)) {
          const Checkpoint checkpoint = decode_checkpoint(*stored);
          row.next = checkpoint.next;
          row.fault = misfit(checkpoint, log);
        }
      } catch (const events::Damaged& damage) {
        row.fault = damage.what();
      }
    }
    rows.push_back(std::move(row));
  }
  return rows;
}

}  // namespace ttp::projections
