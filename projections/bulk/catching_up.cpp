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

/// The number of opened pages that wait to be applied, which bounds their memory.
constexpr std::size_t pages_ahead = 8;

/// The keys of a part's subjects. Each key is looked up once, and used without a lock.
class KeysOfPart {
 public:
  explicit KeysOfPart(const events::FindSubjectKey& find_key) : find_key_(find_key) {}
  ~KeysOfPart() {
    for (auto& [subject, key] : keys_)
      if (key) storage::wipe(*key);
  }
  KeysOfPart(const KeysOfPart&) = delete;
  KeysOfPart& operator=(const KeysOfPart&) = delete;

  /// Looks up the keys of all users and accounts with identifiers in this range.
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

/// Switches merging off while a long fold loads its files.
class CatchingUp::UnmergedFiles {
 public:
  UnmergedFiles(storage::ViewStore& store, const Group& group, bool wanted) : store_(store) {
    if (!wanted) return;
    for (const Running* running : group) families_.push_back(running->family);
    for (const std::string& family : families_) store_.merge_files(family, false);
  }
  ~UnmergedFiles() {
    try {
      for (const std::string& family : families_) store_.merge_files(family, true);
    } catch (const std::exception&) {
      return;  // merging resumes when the store is opened again
    }
  }
  UnmergedFiles(const UnmergedFiles&) = delete;
  UnmergedFiles& operator=(const UnmergedFiles&) = delete;

 private:
  storage::ViewStore& store_;
  std::vector<std::string> families_;
};

struct CatchingUp::SortedStretch {
  const Group& group;
  const SortedEvents& events;
  std::vector<storage::ViewStore::Load>& loads;  ///< one for each view of the group
  Spares<SortedEvents::Part>& spare_parts;
  bool needs_most_keys = false;
};

void CatchingUp::run(std::span<Running* const> behind, storage::Position until, const Progress& progress) {
  std::map<storage::Position, Group> groups;
  for (Running* running : behind)
    if (!running->fault && running->reached.next < until) groups[running->reached.next].push_back(running);
  for (const auto& [from, group] : groups) fold(group, until, progress);
}

void CatchingUp::fold(const Group& group, storage::Position until, const Progress& progress) {
  const auto next = [&] { return group.front()->reached.next; };
  while (until - next() >= limits_.sorted_events_min) {
    const auto window_end = std::min(until, next() + limits_.sorted_events_max);
    if (!fold_in_parts(group, window_end, until, progress)) break;
    if (!std::ranges::all_of(group, goes_on)) return;
  }
  // If a part could not be folded, folding in order finds which view stops at which position.
  if (next() < until) fold_in_order(group, until, progress);
}

bool CatchingUp::fold_in_parts(const Group& group, storage::Position until, storage::Position total,
                               const Progress& progress) try {
  const storage::Position from = group.front()->reached.next;
  // For the progress, sorting counts as a fifth of the work.
  const auto report = [&](storage::Position sorted, storage::Position folded) {
    if (progress) progress(from + (sorted + 4 * folded) / 5, total);
  };
  auto events = std::make_unique<const SortedEvents>(log_, from, until, limits_.parts, store_.scratch(),
                                                     [&](storage::Position sorted) { report(sorted, 0); });
  const std::uint64_t parts = events->parts();
  std::vector<storage::ViewStore::Load> loads;
  for (const Running* running : group)
    loads.push_back(store_.begin_load(running->family, running->projection->own_rows()));
  const std::uint64_t files = (parts + limits_.parts_per_file - 1) / limits_.parts_per_file;
  // A short stretch of a long log touches few subjects, so their keys are looked up one by one.
  Spares<SortedEvents::Part> spare_parts;
  const SortedStretch stretch{group, *events, loads, spare_parts, each_key_ && until - from >= from};
  const auto fold_one = [&](std::uint64_t file) {
    const auto first = file * limits_.parts_per_file;
    fold_parts(stretch, first, std::min(first + limits_.parts_per_file, parts));
    return file + 1;
  };
  os::in_order(files, fold_one,
               [&](std::uint64_t done) { report(until - from, (until - from) * done / files); });
  spare_parts.clear();
  // Free the scratch file in the background: freeing a file of this size takes the disk a while.
  [[maybe_unused]] const auto freeing = os::in_background([&] { events.reset(); });
  const ViewPosition reached{log_.id(), until, log_.leaf_hash(until - 1)};
  const auto ingest_one = [&](std::uint64_t number) {
    ingest(*group[number], reached, parts, loads[number]);
    return number;
  };
  os::in_order(group.size(), ingest_one, [](std::uint64_t) {});
  return true;
} catch (const std::exception&) {
  return false;
}

void CatchingUp::fold_parts(const SortedStretch& stretch, std::size_t from, std::size_t until) const {
  std::vector<std::unique_ptr<Projection>> projections;
  std::vector<storage::ViewStore::Load::Part> rows;
  for (std::size_t i = 0; i < stretch.group.size(); ++i) {
    const Running& running = *stretch.group[i];
    projections.push_back(listed(running.name).make(running.family));
    rows.push_back(stretch.loads[i].begin_part(from));
  }
  snapshots::Folding folding{snapshots_};
  // Read the next part from the disk while a part is folded.
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

void CatchingUp::ingest(Running& running, const ViewPosition& reached, std::uint64_t parts,
                        storage::ViewStore::Load& load) {
  try {
    storage::ViewBatch last;
    last.put(running.family, std::string{position_key}, encode(reached));
    auto rows = load.begin_part(parts);
    rows.add(std::move(last));
    rows.finish();
    load.ingest();
    running.reached = reached;
  } catch (const std::exception& fault) {
    running.stop_at(running.reached.next, fault.what());
  }
}

void CatchingUp::fold_in_order(const Group& group, storage::Position until, const Progress& progress) {
  storage::Position next = group.front()->reached.next;
  const auto page_of = [&, from = next](std::uint64_t number) {
    const auto begin = from + number * limits_.page_events;
    return open_page(log_, begin, std::min<storage::Position>(limits_.page_events, until - begin), find_key_);
  };
  const std::uint64_t count = (until - next + limits_.page_events - 1) / limits_.page_events;
  os::PartsInOrder pages{count, page_of, pages_ahead};
  const UnmergedFiles unmerged{store_, group, until - next >= limits_.loaded_rows_min};
  snapshots::Folding folding{snapshots_, limits_.held_bytes / 8};
  std::optional<std::string> damage;
  for (std::uint64_t number = 0; number < count && !damage; ++number) {
    if (std::ranges::none_of(group, goes_on)) break;
    const Page page = pages.next();
    damage = page.fault;
    for (const events::Recorded& each : page.events) try {
        if (each.position != next) throw events::Damaged{"the log has a gap"};
        folding.apply(each);
        for (Running* running : group) running->take({&each, 1});
        ++next;
      } catch (const std::exception& fault) {
        damage = fault.what();
        break;
      }
    std::size_t held = folding.held_bytes();
    for (const Running* running : group) held += running->projection->held_bytes();
    if (held >= limits_.held_bytes) write_back(group, folding.take(), next);
    if (progress) progress(next, until);
  }
  write_back(group, folding.take(), next);
  if (damage)
    for (Running* running : group)
      if (goes_on(running)) running->stop_at(next, *damage);
}

void CatchingUp::write_back(const Group& group, const snapshots::Changes& changes, storage::Position next) {
  std::vector<std::future<void>> writing;
  for (Running* running : group)
    if (!running->fault && running->reached.next < next)
      writing.push_back(os::in_background([this, running, &changes, next] {
        write_back(*running, changes, {log_.id(), next, log_.leaf_hash(next - 1)});
      }));
  for (auto& each : writing) each.get();
}

void CatchingUp::write_back(Running& running, const snapshots::Changes& changes,
                            const ViewPosition& reached) {
  try {
    storage::ViewBatch batch;
    running.projection->flush(changes, batch);
    batch.put(running.family, std::string{position_key}, encode(reached));
    if (batch.changes().size() < limits_.loaded_rows_min)
      store_.commit(batch);
    else
      store_.load(running.family, std::move(batch));
    running.reached = reached;
  } catch (const std::exception& fault) {
    running.stop_at(running.reached.next, fault.what());
  }
}

}  // namespace ttp::projections
