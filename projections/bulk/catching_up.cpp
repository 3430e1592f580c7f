#include "projections/bulk/catching_up.hpp"

#include <algorithm>
#include <future>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <utility>

#include "os/background.hpp"
#include "os/in_order.hpp"
#include "projections/pages.hpp"
#include "storage/vault/secret_key.hpp"

namespace ttp::projections {
namespace {

/// Opened pages that wait to be applied; what bounds their memory.
constexpr std::size_t pages_ahead = 8;

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

bool goes_on(const Running* running) {
  return !running->fault;
}

}  // namespace

/// Keeps the files that a long fold loads from being merged before the last one is there.
class CatchingUp::UnmergedFiles {
 public:
  UnmergedFiles(storage::ViewStore& store, const Level& level, bool wanted) : store_(store) {
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

struct CatchingUp::SortedStretch {
  const Level& level;
  const SortedEvents& events;
  std::vector<storage::ViewStore::Load>& loads;  ///< one for each of the level
  Spares<SortedEvents::Part>& spare_parts;
  bool needs_most_keys = false;
};

void CatchingUp::run(std::span<Running* const> behind, storage::Position until, const Progress& progress) {
  std::map<storage::Position, Level> levels;
  for (Running* running : behind)
    if (!running->fault && running->checkpoint.next < until)
      levels[running->checkpoint.next].push_back(running);
  for (const auto& [from, level] : levels) fold(level, until, progress);
}

void CatchingUp::fold(const Level& level, storage::Position until, const Progress& progress) {
  const auto next = [&] { return level.front()->checkpoint.next; };
  while (until - next() >= limits_.sorted_events_min) {
    const auto window_end = std::min(until, next() + limits_.sorted_events_max);
    if (!fold_in_parts(level, window_end, until, progress)) break;
    if (!std::ranges::all_of(level, goes_on)) return;
  }
  // Also where a part could not be folded: what stops which view at which position is found in order.
  if (next() < until) fold_in_order(level, until, progress);
}

bool CatchingUp::fold_in_parts(const Level& level, storage::Position until, storage::Position total,
                               const Progress& progress) try {
  const storage::Position from = level.front()->checkpoint.next;
  // Sorting takes about a fifth of the time.
  const auto report = [&](storage::Position sorted, storage::Position folded) {
    if (progress) progress(from + (sorted + 4 * folded) / 5, total);
  };
  auto events = std::make_unique<const SortedEvents>(log_, from, until, limits_.parts, store_.scratch(),
                                                     [&](storage::Position sorted) { report(sorted, 0); });
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
               [&](std::uint64_t done) { report(until - from, (until - from) * done / files); });
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

void CatchingUp::fold_parts(const SortedStretch& stretch, std::size_t from, std::size_t until) const {
  std::vector<std::unique_ptr<Projection>> projections;
  std::vector<storage::ViewStore::Load::Part> rows;
  for (std::size_t i = 0; i < stretch.level.size(); ++i) {
    const Running& running = *stretch.level[i];
    projections.push_back(listed(running.name).make(running.family));
    rows.push_back(stretch.loads[i].begin_part(from));
  }
  snapshots::Folding folding{snapshots_};
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
      folding.apply(recorded);
      for (const auto& projection : projections) projection->apply(recorded);
    });
    const snapshots::Changes changes = folding.take();
    snapshots_.store_long(changes, find_key);
    for (std::size_t i = 0; i < projections.size(); ++i) {
      storage::ViewBatch batch;
      projections[i]->flush(changes, batch);
      rows[i].add(std::move(batch));
    }
  }
  stretch.spare_parts.put(std::move(events_now));
  stretch.spare_parts.put(std::move(events_next));
  for (auto& each : rows) each.finish();
}

void CatchingUp::take_in(Running& running, const Checkpoint& reached, std::uint64_t parts,
                         storage::ViewStore::Load& load) {
  try {
    storage::ViewBatch last;
    last.put(running.family, std::string{checkpoint_key}, encode(reached));
    auto rows = load.begin_part(parts);
    rows.add(std::move(last));
    rows.finish();
    load.take_in();
    running.checkpoint = reached;
  } catch (const std::exception& fault) {
    running.stop_at(running.checkpoint.next, fault.what());
  }
}

void CatchingUp::fold_in_order(const Level& level, storage::Position until, const Progress& progress) {
  storage::Position next = level.front()->checkpoint.next;
  const auto page_of = [&, from = next](std::uint64_t number) {
    const auto begin = from + number * limits_.page_events;
    return open_page(log_, begin, std::min<storage::Position>(limits_.page_events, until - begin), find_key_);
  };
  const std::uint64_t count = (until - next + limits_.page_events - 1) / limits_.page_events;
  os::PartsInOrder pages{count, page_of, pages_ahead};
  const UnmergedFiles unmerged{store_, level, until - next >= limits_.loaded_rows_min};
  snapshots::Folding folding{snapshots_, limits_.held_bytes / 8};
  std::optional<std::string> damage;
  for (std::uint64_t number = 0; number < count && !damage; ++number) {
    if (std::ranges::none_of(level, goes_on)) break;
    const Page page = pages.next();
    damage = page.fault;
    for (const events::Recorded& each : page.events) try {
        if (each.position != next) throw events::Damaged{"the log has a gap"};
        folding.apply(each);
        for (Running* running : level) running->take({&each, 1});
        ++next;
      } catch (const std::exception& fault) {
        damage = fault.what();
        break;
      }
    std::size_t held = folding.held_bytes();
    for (const Running* running : level) held += running->projection->held_bytes();
    if (held >= limits_.held_bytes) write_back(level, folding.take(), next);
    if (progress) progress(next, until);
  }
  write_back(level, folding.take(), next);
  if (damage)
    for (Running* running : level)
      if (goes_on(running)) running->stop_at(next, *damage);
}

void CatchingUp::write_back(const Level& level, const snapshots::Changes& changes, storage::Position next) {
  std::vector<std::future<void>> writing;
  for (Running* running : level)
    if (!running->fault && running->checkpoint.next < next)
      writing.push_back(os::in_background([this, running, &changes, next] {
        write_back(*running, changes, {log_.id(), next, log_.leaf_hash(next - 1)});
      }));
  for (auto& each : writing) each.get();
}

void CatchingUp::write_back(Running& running, const snapshots::Changes& changes, const Checkpoint& reached) {
  try {
    storage::ViewBatch batch;
    running.projection->flush(changes, batch);
    batch.put(running.family, std::string{checkpoint_key}, encode(reached));
    if (batch.changes().size() < limits_.loaded_rows_min)
      store_.commit(batch);
    else
      store_.load(running.family, std::move(batch));
    running.checkpoint = reached;
  } catch (const std::exception& fault) {
    running.stop_at(running.checkpoint.next, fault.what());
  }
}

}  // namespace ttp::projections
