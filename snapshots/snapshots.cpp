#include "snapshots/snapshots.hpp"

#include <algorithm>
#include <set>
#include <stdexcept>
#include <utility>
#include <vector>

#include "events/envelope.hpp"
#include "events/sealed_state.hpp"
#include "os/files.hpp"
#include "os/waiting.hpp"

namespace ttp::snapshots {
namespace {

/// The number of snapshots that one background step stores.
constexpr std::size_t stored_at_once = 32;
/// For a gap of at most this many unpublished events the log is scanned; for a longer one the whole cache is
/// dropped.
constexpr storage::Position gap_events_max = 10'000;

template <class State>
std::shared_ptr<const Snapshot<State>> as(const Held& held) {
  return std::static_pointer_cast<const Snapshot<State>>(held.snapshot);
}

template <class State>
Held held_of(std::shared_ptr<const Snapshot<State>> snapshot, storage::StreamVersion on_disk) {
  Held held;
  held.version = snapshot ? snapshot->version : 0;
  held.on_disk = on_disk;
  held.measure = [](const void* any) {
    const auto& each = *static_cast<const Snapshot<State>*>(any);
    return sizeof each - sizeof each.state + events::memory_of(each.state);
  };
  held.snapshot = std::move(snapshot);
  return held;
}

std::optional<Key> key_from(std::string_view bytes) {
  Key key;
  if (bytes.size() != 1 + key.id.bytes.size() || bytes[0] < static_cast<char>(Kind::user) ||
      bytes[0] > static_cast<char>(Kind::programme))
    return std::nullopt;
  key.kind = static_cast<Kind>(bytes[0]);
  std::copy_n(bytes.begin() + 1, key.id.bytes.size(), key.id.bytes.begin());
  return key;
}

/// Calls `act` with a null pointer of the state's type.
template <class Act>
auto with_kind(Kind kind, Act act) {
  switch (kind) {
    case Kind::user:
      return act(static_cast<const domain::User*>(nullptr));
    case Kind::account:
      return act(static_cast<const domain::Account*>(nullptr));
    case Kind::programme:
      break;
  }
  return act(static_cast<const domain::Programme*>(nullptr));
}

/// The kind and the identifier in a stream's name.
std::optional<Key> key_of_stream(std::string_view stream) {
  for (const Kind kind : {Kind::user, Kind::account, Kind::programme}) {
    const auto dash = stream.find('-');
    if (dash == std::string_view::npos) continue;
    const auto id = domain::parse_uuid(stream.substr(dash + 1));
    if (id && stream_of(kind, *id) == stream) return Key{kind, *id};
  }
  return std::nullopt;
}

}  // namespace

Snapshots::Snapshots(const storage::Log& log, events::FindSubjectKey find_key,
                     std::shared_ptr<storage::RowChanges> changes, const std::filesystem::path& folder,
                     const storage::Memory& memory, const Limits& limits, Report report)
    : log_(log),
      find_key_(std::move(find_key)),
      changes_(std::move(changes)),
      limits_(limits),
      report_(std::move(report)),
      next_(log.head().next),
      settled_(next_.load()),
      cache_(limits.cache_bytes, *changes_, [this](const Key& key, const Held& held) {
        if (held.growth() >= limits_.dropped_growth_min) queue(key, held);
      }) {
  if (folder.empty()) return;
  try {
    rows_ = storage::ViewStore::open_or_renew(folder, memory, report_);
    rows_->create_family(rows_family);
    stores_ = true;
  } catch (const os::InUse&) {
    throw;
  } catch (const std::exception& fault) {
    rows_.reset();
    if (report_)
      report_(
          "no snapshots are stored: " + folder.string() + " cannot be opened (" + fault.what() +
          "). States are folded from the log, which is slower. Free space or repair the disk, then restart.");
  }
}

Snapshots::~Snapshots() {
  try {
    std::vector<Waiting> grown;
    cache_.each([&](const Key& key, const Held& held) {
      if (held.growth() >= limits_.held_growth_min / 2) grown.push_back({key, held});
    });
    for (const Waiting& each : grown) queue(each.key, each.held);
    while (store_some()) {
    }
    flush();
  } catch (const std::exception&) {
    return;  // lost snapshots are folded from the log
  }
}

// ---- reading ----------------------------------------------------------------------------------------------

template <class State>
std::optional<Snapshot<State>> Snapshots::stored(const domain::Uuid& id, const Until& until) const {
  if (!rows_) return std::nullopt;
  const Key key{kind_of<State>, id};
  try {
    auto bytes = rows_->get(rows_family, key.bytes());
    if (!bytes) return std::nullopt;
    const StoredRow row = decode_header(*std::move(bytes));
    const StoredHeader& header = row.header;
    if (header.version > until.version || header.position >= until.end) return std::nullopt;
    const bool is_of_this_log = header.shape == shape_of_today<State>() &&
                                header.position < log_.head().next &&
                                log_.leaf_hash(header.position) == header.leaf;
    auto snapshot = is_of_this_log ? decode_row<State>(row, id, find_key_) : std::nullopt;
    if (!snapshot) ++refused_;
    return snapshot;
  } catch (const std::exception& fault) {
    note_damage(key, fault.what());
    return std::nullopt;
  }
}

template <class State>
Held Snapshots::load(const domain::Uuid& id, const Until& until) const {
  os::before_waiting();
  auto from = stored<State>(id, until);
  const storage::StreamVersion on_disk = from ? from->version : 0;
  const std::string stream = stream_of(kind_of<State>, id);
  const storage::StreamVersion head = log_.stream_version(stream, on_disk);
  if (head == 0) return {};
  auto snapshot = std::make_shared<Snapshot<State>>(from ? *std::move(from) : Snapshot<State>{});
  ++(on_disk > 0 ? from_disk_ : folded_);
  if (head > on_disk) fold_on(*snapshot, log_, find_key_, id, until);
  if (snapshot->version == 0) return {};
  return held_of(std::shared_ptr<const Snapshot<State>>{std::move(snapshot)}, on_disk);
}

template <class State>
Found<State> Snapshots::get(const domain::Uuid& id) const {
  const Key key{kind_of<State>, id};
  const auto bucket = Cache::bucket(key);
  storage::ReadRecorder::row(*changes_, bucket);
  if (const auto held = cache_.find(key)) return as<State>(*held);
  // The count is read before `next_`, and `publish` advances `next_` before it counts; so no change is
  // missed.
  const auto reads = changes_->before_reading(bucket);
  Held loaded = load<State>(id, {.end = next_});
  const auto snapshot = as<State>(loaded);
  cache_.add(key, std::move(loaded), reads);
  return snapshot;
}

template <class State>
Found<State> Snapshots::at_head(const domain::Uuid& id) const {
  const Found<State> published = get<State>(id);
  const storage::StreamVersion known = published ? published->version : 0;
  if (log_.stream_version(stream_of(kind_of<State>, id), known) <= known) return published;
  auto snapshot = std::make_shared<Snapshot<State>>(published ? *published : Snapshot<State>{});
  fold_on(*snapshot, log_, find_key_, id, {});
  return std::shared_ptr<const Snapshot<State>>{std::move(snapshot)};
}

template <class State>
Found<State> Snapshots::at(const domain::Uuid& id, storage::Position size) const {
  if (size == 0) return {};
  const storage::Position settled = settled_;
  const auto held = cache_.find({kind_of<State>, id});
  if (held && size <= settled) {
    const auto snapshot = as<State>(*held);
    if (!snapshot || snapshot->position < size) return snapshot;
  }
  return as<State>(load<State>(id, {.end = size}));
}

template <class State>
Found<State> Snapshots::at_version(const domain::Uuid& id, storage::StreamVersion version) const {
  if (version == 0) return {};
  const auto held = cache_.find({kind_of<State>, id});
  if (held && held->version == version) return as<State>(*held);
  return as<State>(load<State>(id, {.version = version}));
}

void Snapshots::note_damage(const Key& key, std::string_view what) const {
  if (damaged_++ > 0 || !report_) return;
  report_("a stored snapshot of " + stream_of(key.kind, key.id) + " is damaged (" + std::string{what} +
          "). Its state is folded from the log; nothing is lost. The snapshots are rebuilt after the next "
          "start.");
}

// ---- publishing -------------------------------------------------------------------------------------------

template <class State>
void Snapshots::publish(const std::vector<Change<State>>& changes) {
  for (const auto& each : changes) {
    const Key key{kind_of<State>, each.id};
    const Held now = cache_.changed(key, held_of(each.after, 0));
    if (now.growth() >= limits_.held_growth_min) queue(key, now);
  }
}

void Snapshots::publish(const Changes& changes, storage::Position first, storage::Position next) {
  if (first != next_) return catch_up();
  next_ = next;
  publish(changes.users);
  publish(changes.accounts);
  publish(changes.programmes);
  settled_ = next;
}

void Snapshots::catch_up() {
  const storage::Position from = next_, until = log_.head().next;
  if (until <= from) return;
  next_ = until;
  forget_from(from, until);
  settled_ = until;
}

void Snapshots::forget_from(storage::Position from, storage::Position until) {
  if (until - from > gap_events_max) return cache_.forget_all();
  std::set<std::string> streams;
  try {
    log_.scan(from, until - from, [&](const storage::SeenEvent& seen) {
      streams.insert(events::decode_envelope(seen.envelope).stream);
    });
  } catch (const std::exception&) {
    return cache_.forget_all();  // reads of the damaged events will report them
  }
  for (const std::string& stream : streams)
    if (const auto key = key_of_stream(stream)) cache_.forget(*key);
}

// ---- storing ----------------------------------------------------------------------------------------------

void Snapshots::queue(const Key& key, const Held& held) const {
  if (!stores_ || !held.snapshot || held.version < limits_.stored_events_min) return;
  {
    const os::MutexLock lock{mutex_};
    if (waiting_.size() >= limits_.waiting_max) return;
    waiting_.push_back({key, held});
  }
  if (held.growth() >= limits_.held_growth_min) cache_.stored(key, held.version);
}

std::optional<std::string> Snapshots::encode(const Waiting& waiting,
                                             const events::FindSubjectKey& find_key) const {
  return with_kind(waiting.key.kind, [&]<class State>(const State*) {
    const auto snapshot = as<State>(waiting.held);
    return encode_row(*snapshot, waiting.key.id, log_.leaf_hash(snapshot->position), find_key);
  });
}

bool Snapshots::store_some() {
  std::vector<Waiting> taken;
  {
    const os::MutexLock lock{mutex_};
    const auto end =
        waiting_.begin() + static_cast<std::ptrdiff_t>(std::min(waiting_.size(), stored_at_once));
    std::move(waiting_.begin(), end, std::back_inserter(taken));
    waiting_.erase(waiting_.begin(), end);
  }
  if (taken.empty() || !stores_) return false;
  storage::ViewBatch batch;
  for (const Waiting& each : taken) {
    auto row = encode(each, find_key_);
    if (!row) continue;
    batch.put(rows_family, each.key.bytes(), *std::move(row));
    cache_.stored(each.key, each.held.version);
  }
  write(std::move(batch));
  const os::MutexLock lock{mutex_};
  return !waiting_.empty();
}

void Snapshots::store_long(const Changes& changes, const events::FindSubjectKey& find_key) {
  if (!stores_) return;
  storage::ViewBatch batch;
  const auto add = [&]<class State>(const std::vector<Change<State>>& all) {
    for (const auto& each : all) {
      if (each.after->version < limits_.held_growth_min) continue;
      const Key key{kind_of<State>, each.id};
      if (auto row = encode({key, held_of(each.after, 0)}, find_key))
        batch.put(rows_family, key.bytes(), *std::move(row));
    }
  };
  add(changes.users);
  add(changes.accounts);
  add(changes.programmes);
  write(std::move(batch));
}

void Snapshots::write(storage::ViewBatch batch) {
  if (batch.empty()) return;
  std::size_t bytes = 0;
  for (const auto& change : batch.changes()) bytes += change.key.size() + change.value.value_or("").size();
  const std::size_t rows = batch.changes().size();
  try {
    rows_->commit(std::move(batch));
    stored_ += rows;
    if ((unflushed_bytes_ += bytes) >= limits_.unflushed_bytes_max) flush();
  } catch (const std::exception& fault) {
    stop_storing(fault.what());
  }
}

void Snapshots::stop_storing(std::string_view why) const {
  if (!stores_.exchange(false) || !report_) return;
  report_("snapshots are no longer stored: " + std::string{why} +
          ". Nothing is lost; states are folded from the log. Free space or repair the disk, then restart.");
}

void Snapshots::flush() {
  if (!rows_ || !stores_ || unflushed_bytes_.exchange(0) == 0) return;
  rows_->flush_soon();
}

Counts Snapshots::counts() const {
  const os::MutexLock lock{mutex_};
  return {cache_.hits(), from_disk_, folded_, stored_, refused_, damaged_, cache_.bytes(), waiting_.size()};
}

std::uint64_t Snapshots::check_all(
    const std::function<void(const std::string& stream, const std::string& what)>& report) const {
  std::uint64_t rows = 0;
  if (!rows_) return rows;
  std::string from;
  const auto check_one = [&](const Key& key, const StoredRow& row) {
    with_kind(key.kind, [&]<class State>(const State*) {
      const std::string stream = stream_of(key.kind, key.id);
      if (row.header.shape != shape_of_today<State>() || row.header.position >= log_.head().next ||
          log_.leaf_hash(row.header.position) != row.header.leaf)
        return;  // of an older form or another log: readers ignore it
      const auto kept = decode_row<State>(row, key.id, find_key_);
      if (!kept) return;  // a key is gone: readers ignore it
      Snapshot<State> folded;
      fold_on(folded, log_, find_key_, key.id, {.version = row.header.version});
      if (!(folded.state == kept->state) || folded.position != kept->position)
        report(stream, "it is not what the log gives at version " + std::to_string(row.header.version));
    });
  };
  rows_->scan(rows_family, "", "", [&](std::string_view bytes, std::string_view value) {
    ++rows;
    const auto key = key_from(bytes);
    try {
      if (!key) throw events::Damaged{"its key names no aggregate"};
      check_one(*key, decode_header(std::string{value}));
    } catch (const std::exception& fault) {
      report(key ? stream_of(key->kind, key->id) : "?", fault.what());
    }
    return true;
  });
  return rows;
}

template Found<domain::User> Snapshots::get(const domain::Uuid&) const;
template Found<domain::Account> Snapshots::get(const domain::Uuid&) const;
template Found<domain::Programme> Snapshots::get(const domain::Uuid&) const;
template Found<domain::User> Snapshots::at_head(const domain::Uuid&) const;
template Found<domain::Account> Snapshots::at_head(const domain::Uuid&) const;
template Found<domain::Programme> Snapshots::at_head(const domain::Uuid&) const;
template Found<domain::User> Snapshots::at(const domain::Uuid&, storage::Position) const;
template Found<domain::Account> Snapshots::at(const domain::Uuid&, storage::Position) const;
template Found<domain::Programme> Snapshots::at(const domain::Uuid&, storage::Position) const;
template Found<domain::User> Snapshots::at_version(const domain::Uuid&, storage::StreamVersion) const;
template Found<domain::Account> Snapshots::at_version(const domain::Uuid&, storage::StreamVersion) const;
template Found<domain::Programme> Snapshots::at_version(const domain::Uuid&, storage::StreamVersion) const;

}  // namespace ttp::snapshots
