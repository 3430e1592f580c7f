#include "storage/tables/view_store.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <shared_mutex>
#include <stdexcept>
#include <thread>

#include <rocksdb/db.h>

#include "events/bytes.hpp"
#include "os/files.hpp"
#include "os/threads.hpp"
#include "storage/rocks/database.hpp"
#include "storage/tables/made_rows.hpp"
#include "storage/tables/row_files.hpp"
#include "storage/tables/unwritten_rows.hpp"

namespace ttp::storage {
namespace {

using rocks::check;

constexpr std::size_t family_name_bytes_max = 100;
/// Rows are written when one has waited so long, or when so many have gathered. Who commits waits for the
/// disk only where several times as many have.
constexpr std::chrono::seconds unwritten_time_max{1};
constexpr std::size_t unwritten_rows_max = 4096;
constexpr std::size_t unwritten_rows_limit = 4 * unwritten_rows_max;
/// What a row that was made before it was encoded is reckoned to have, for the bound on what is kept made.
constexpr std::size_t made_row_bytes = 2048;

/// The first key behind all that start with `prefix`; empty where there is none.
std::string behind(std::string_view prefix) {
  std::string end{prefix};
  while (!end.empty() && static_cast<unsigned char>(end.back()) == 0xff) end.pop_back();
  if (!end.empty()) end.back() = static_cast<char>(end.back() + 1);
  return end;
}

}  // namespace

void ViewBatch::add(std::string_view family, std::string key, Row row) {
  const bool goes_on = !changes_.empty() && *changes_.back().family == family;
  changes_.push_back({goes_on ? changes_.back().family : std::make_shared<const std::string>(family),
                      std::move(key), std::move(row)});
}

void ViewBatch::put(std::string_view family, std::string key, std::string value) {
  add(family, std::move(key), {std::move(value)});
}

void ViewBatch::erase(std::string_view family, std::string key) {
  add(family, std::move(key), {});
}

struct ViewStore::Impl {
  using Row = ViewBatch::Row;

  explicit Impl(rocks::Database opened) : store(std::move(opened)) {
    writer = std::jthread{[this](const std::stop_token& stop) {
      os::name_this_thread("view writer");
      os::let_others_go_first();
      write_behind(stop);
    }};
  }
  ~Impl() {
    writer.request_stop();
    writer.join();
    try {
      write_gathered();
    } catch (const std::exception&) {
      return;  // what is lost stands in the log; `failed` was told to whoever committed since
    }
  }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  rocks::Database store;
  std::filesystem::path incoming;  ///< where sorted files are made before a family takes them in
  std::atomic<std::uint64_t> loads{0};
  RowChanges changes;
  mutable MadeRows made{store.memory.made_rows};

  std::mutex writing;               ///< held by who writes to the database; taken before `mutex`
  mutable std::shared_mutex mutex;  // guards what follows, and store.families
  UnwrittenRows unwritten;
  std::optional<std::string> failed;  ///< why rows could not be written
  bool flush_wanted = false;
  std::condition_variable_any wake;
  std::jthread writer;

  /// The handle stays good for as long as it is held, also when the family is dropped meanwhile.
  rocks::Family family(std::string_view name) const {
    const std::shared_lock lock{mutex};
    return locked_family(name);
  }
  const rocks::Family& locked_family(std::string_view name) const {
    const auto found = store.families.find(name);
    if (found == store.families.end() || name == rocksdb::kDefaultColumnFamilyName)
      throw std::invalid_argument("there is no view family " + std::string{name});
    return found->second;
  }

  /// A family, and what is not yet written of a row of it.
  std::pair<rocks::Family, std::optional<Row>> look_up(std::string_view name, std::string_view key) const {
    const std::shared_lock lock{mutex};
    const Row* row = unwritten.find(name, key);
    return {locked_family(name), row ? std::optional{*row} : std::nullopt};
  }

  /// Visits the rows at an iterator and the unwritten ones, which take the place of those, in the order of
  /// their keys.
  static void visit(rocksdb::Iterator& stored, std::string_view prefix, bool upwards,
                    const UnwrittenRows::Listed& unwritten_rows, const Visitor& visitor) {
    const auto step = [&] { upwards ? stored.Next() : stored.Prev(); };
    auto newer = unwritten_rows.begin();
    while (true) {
      const bool is_stored = stored.Valid() && stored.key().starts_with(prefix);
      const bool is_newer = newer != unwritten_rows.end();
      if (!is_stored && !is_newer) break;
      int order = is_stored ? 1 : -1;  // above 0: the stored row comes first
      if (is_stored && is_newer)
        order = rocksdb::Slice{newer->first}.compare(stored.key()) * (upwards ? 1 : -1);
      if (order > 0) {
        if (!visitor(stored.key().ToStringView(), stored.value().ToStringView())) return;
        step();
        continue;
      }
      if (order == 0) step();
      const auto& [key, row] = *newer++;
      if (!row.is_erased() && !visitor(key, row.bytes())) return;
    }
    check(stored.status(), "scanning a view");
  }

  /// Takes a batch; returns how many rows have gathered.
  std::size_t gather(ViewBatch batch) {
    bool wakes = false;
    std::size_t gathered = 0;
    std::vector<std::uint32_t> changed;
    changed.reserve(batch.changes().size());
    {
      const std::lock_guard lock{mutex};
      if (failed) throw std::runtime_error(*failed);
      for (const auto& change : batch.changes()) locked_family(*change.family);
      const std::size_t before = unwritten.gathered();
      for (auto& change : std::move(batch).take()) {
        changed.push_back(RowChanges::place(*change.family, change.key));
        unwritten.put(*change.family, std::move(change.key), std::move(change.row));
      }
      gathered = unwritten.gathered();
      wakes = before == 0 || (before < unwritten_rows_max && gathered >= unwritten_rows_max);
    }
    for (const auto place : changed) changes.count(place);
    if (wakes) wake.notify_all();
    return gathered;
  }

  /// Writes what has gathered until now, in one batch.
  void write_gathered() {
    const std::lock_guard alone{writing};
    std::map<std::string_view, rocks::Family> handles;
    const UnwrittenRows::Families* families = nullptr;
    {
      const std::lock_guard lock{mutex};
      if (failed) throw std::runtime_error(*failed);
      if (unwritten.gathered() == 0) return;
      families = &unwritten.begin_writing();
      for (const auto& [name, rows] : *families) handles.emplace(name, locked_family(name));
    }
    try {
      rocksdb::WriteBatch writes;
      for (const auto& [name, rows] : *families)
        for (const auto& [key, row] : rows) gather(writes, handles.at(name), key, row);
      write(writes, false);
      for (const auto& [name, rows] : *families)
        for (const auto& [key, row] : rows) note_changed(handles.at(name), key, row);
    } catch (const std::exception& fault) {
      const std::lock_guard lock{mutex};
      failed = fault.what();
      throw;
    }
    UnwrittenRows::Families written;
    const std::lock_guard lock{mutex};
    written = unwritten.end_writing();
  }

  static void gather(rocksdb::WriteBatch& writes, const rocks::Family& family, const std::string& key,
                     const Row& row) {
    check(row.is_erased() ? writes.Delete(family.get(), key) : writes.Put(family.get(), key, row.bytes()),
          "gathering a view's changes");
  }

  void note_changed(const rocks::Family& family, const std::string& key, const Row& row) const {
    made.changed(MadeRows::name(family->GetID(), key), row.made,
                 row.value ? row.value->size() : made_row_bytes);
  }

  /// All families are flushed together (storage/rocks/database.cpp), so what a crash takes away is the end of
  /// what was written, rows and checkpoints alike, and the log gives it back. A write-ahead log would be
  /// written as fast as the log itself, and its files, coming and going, would hold up the log's syncs.
  void write(rocksdb::WriteBatch& writes, bool sync) const {
    rocksdb::WriteOptions options;
    options.sync = sync;
    options.disableWAL = !sync;
    check(store.db->Write(options, &writes), "writing views");
  }

  void flush() {
    write_gathered();
    std::vector<rocks::Family> held;
    {
      const std::shared_lock lock{mutex};
      for (const auto& [name, handle] : store.families) held.push_back(handle);
    }
    std::vector<rocksdb::ColumnFamilyHandle*> handles;
    for (const auto& each : held) handles.push_back(each.get());
    check(store.db->Flush({}, handles), "flushing views");
  }

  void write_behind(const std::stop_token& stop) {
    std::unique_lock lock{mutex};
    while (!stop.stop_requested()) {
      wake.wait(lock, stop, [&] { return flush_wanted || unwritten.gathered() > 0; });
      // The others of this time come with the first.
      wake.wait_for(lock, stop, unwritten_time_max,
                    [&] { return flush_wanted || unwritten.gathered() >= unwritten_rows_max; });
      const bool flushes = std::exchange(flush_wanted, false);
      lock.unlock();
      try {
        flushes ? flush() : write_gathered();
      } catch (const std::exception& fault) {
        const std::lock_guard noting{mutex};
        failed = fault.what();
      }
      lock.lock();
      if (failed) return;
    }
  }
};

ViewStore::ViewStore(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
ViewStore::~ViewStore() = default;

std::unique_ptr<ViewStore> ViewStore::open(const std::filesystem::path& dir, const Memory& memory) {
  auto impl = std::make_unique<Impl>(
      rocks::open(dir, {}, rocks::Damage::keep_prefix, rocks::Deletion::in_parts, memory));
  // What is in there was being made when an earlier process ended.
  impl->incoming = dir / "incoming";
  std::filesystem::remove_all(impl->incoming);
  os::make_private_folder(impl->incoming);
  return std::unique_ptr<ViewStore>{new ViewStore{std::move(impl)}};
}

void ViewStore::create_family(std::string_view name) {
  if (name.empty() || name.size() > family_name_bytes_max || name == rocksdb::kDefaultColumnFamilyName)
    throw std::invalid_argument("no view family can have this name");
  const std::lock_guard lock{impl_->mutex};
  auto& store = impl_->store;
  if (store.families.contains(name)) return;
  rocksdb::ColumnFamilyHandle* handle = nullptr;
  check(store.db->CreateColumnFamily(rocks::family_options(store.memory), std::string{name}, &handle),
        "making a view family");
  store.families.emplace(name, rocks::own(store.db, handle));
}

void ViewStore::drop_family(std::string_view name) {
  const std::lock_guard alone{impl_->writing};
  const std::lock_guard lock{impl_->mutex};
  auto& store = impl_->store;
  const auto found = store.families.find(name);
  if (found == store.families.end() || name == rocksdb::kDefaultColumnFamilyName) return;
  check(store.db->DropColumnFamily(found->second.get()), "dropping a view family");
  impl_->unwritten.forget(name);
  store.families.erase(found);
  impl_->changes.count_upheaval();
}

std::vector<std::string> ViewStore::families() const {
  const std::shared_lock lock{impl_->mutex};
  std::vector<std::string> names;
  for (const auto& [name, handle] : impl_->store.families)
    if (name != rocksdb::kDefaultColumnFamilyName) names.push_back(name);
  return names;
}

bool ViewStore::has_family(std::string_view name) const {
  const std::shared_lock lock{impl_->mutex};
  return name != rocksdb::kDefaultColumnFamilyName && impl_->store.families.contains(name);
}

std::optional<std::string> ViewStore::get(std::string_view family, std::string_view key) const {
  Noting::row(impl_->changes, family, key);
  const auto [handle, unwritten] = impl_->look_up(family, key);
  if (unwritten) return unwritten->is_erased() ? std::nullopt : std::optional{unwritten->bytes()};
  std::string value;
  const auto status = impl_->store.db->Get({}, handle.get(), key, &value);
  if (status.IsNotFound()) return std::nullopt;
  check(status, "reading a view");
  return value;
}

std::shared_ptr<const void> ViewStore::get_made(std::string_view family, std::string_view key,
                                                const std::type_info& type, const Make& make) const {
  Noting::row(impl_->changes, family, key);
  const auto [handle, unwritten] = impl_->look_up(family, key);
  std::optional<Made> made;
  if (unwritten) {
    if (unwritten->is_erased()) return nullptr;
    made = unwritten->made.object ? unwritten->made : make(unwritten->bytes());
  } else {
    const auto name = MadeRows::name(handle->GetID(), key);
    made = impl_->made.find(name);
    if (!made) {
      const auto ticket = impl_->made.ticket(name);
      std::string value;
      const auto status = impl_->store.db->Get({}, handle.get(), key, &value);
      if (!status.IsNotFound()) check(status, "reading a view");
      made = status.ok() ? make(value) : Made{nullptr, &type};
      impl_->made.keep(name, *made, value.size(), ticket);
    }
  }
  if (*made->type != type) throw std::logic_error("a view's row is read as two types");
  return made->object;
}

struct ViewStore::Moment {
  explicit Moment(std::shared_ptr<rocksdb::DB> of) : db(std::move(of)), snapshot(db->GetSnapshot()) {}
  ~Moment() { db->ReleaseSnapshot(snapshot); }
  Moment(const Moment&) = delete;
  Moment& operator=(const Moment&) = delete;

  std::shared_ptr<rocksdb::DB> db;
  const rocksdb::Snapshot* snapshot;
};

std::shared_ptr<const ViewStore::Moment> ViewStore::moment() const {
  impl_->write_gathered();
  return std::make_shared<const Moment>(impl_->store.db);
}

void ViewStore::scan(std::string_view family, std::string_view from_key, std::string_view prefix,
                     const Visitor& visit, const Moment* at) const {
  Noting::scan(impl_->changes);
  rocksdb::ReadOptions options;
  UnwrittenRows::Listed unwritten;
  std::unique_ptr<rocksdb::Iterator> row;
  rocks::Family handle;
  {
    const std::shared_lock lock{impl_->mutex};
    handle = impl_->locked_family(family);
    if (at)
      options.snapshot = at->snapshot;
    else
      unwritten = impl_->unwritten.from(family, from_key, prefix);
    row.reset(impl_->store.db->NewIterator(options, handle.get()));
  }
  row->Seek(from_key < prefix ? prefix : from_key);
  check(row->status(), "scanning a view");
  Impl::visit(*row, prefix, true, unwritten, visit);
}

void ViewStore::scan_back(std::string_view family, std::string_view from_key, std::string_view prefix,
                          const Visitor& visit) const {
  Noting::scan(impl_->changes);
  UnwrittenRows::Listed unwritten;
  std::unique_ptr<rocksdb::Iterator> row;
  rocks::Family handle;
  {
    const std::shared_lock lock{impl_->mutex};
    handle = impl_->locked_family(family);
    unwritten = impl_->unwritten.back_from(family, from_key, prefix);
    row.reset(impl_->store.db->NewIterator({}, handle.get()));
  }
  const auto end = behind(prefix);
  const bool from_last = from_key.empty() || (!end.empty() && from_key >= end);
  if (from_last && end.empty())
    row->SeekToLast();
  else
    row->SeekForPrev(from_last ? std::string_view{end} : from_key);
  // The key `end` itself stands behind the prefix.
  if (from_last && row->Valid() && !end.empty() && row->key() == rocksdb::Slice{end}) row->Prev();
  check(row->status(), "scanning a view");
  Impl::visit(*row, prefix, false, unwritten, visit);
}

const RowChanges& ViewStore::changes() const {
  return impl_->changes;
}

void ViewStore::commit(ViewBatch batch, bool sync) {
  if (sync) return commit_synced(batch);
  const std::size_t gathered = impl_->gather(std::move(batch));
  if (gathered >= unwritten_rows_limit) impl_->write_gathered();
}

void ViewStore::flush_soon() {
  {
    const std::lock_guard lock{impl_->mutex};
    impl_->flush_wanted = true;
  }
  impl_->wake.notify_all();
}

void ViewStore::commit_synced(const ViewBatch& batch) {
  impl_->write_gathered();
  const std::lock_guard alone{impl_->writing};
  rocksdb::WriteBatch writes;
  std::map<std::string_view, rocks::Family> handles;
  for (const auto& change : batch.changes()) {
    auto& handle = handles[*change.family];
    if (!handle) handle = impl_->family(*change.family);
    Impl::gather(writes, handle, change.key, change.row);
  }
  impl_->write(writes, true);
  for (const auto& change : batch.changes())
    impl_->note_changed(handles[*change.family], change.key, change.row);
  impl_->changes.count_upheaval();
}

struct ViewStore::Load::Impl {
  ViewStore::Impl& store;
  std::string family;
  rocks::Family handle;
  RowFiles files;
};

ViewStore::Load::Load(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
ViewStore::Load::Load(Load&&) noexcept = default;
ViewStore::Load::~Load() = default;

struct ViewStore::Load::Part::Impl {
  std::string_view family;
  RowFiles::Part rows;
};

ViewStore::Load::Part::Part(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
ViewStore::Load::Part::Part(Part&&) noexcept = default;
ViewStore::Load::Part::~Part() = default;

ViewStore::Load::Part ViewStore::Load::begin_part(std::uint64_t number) {
  return Part{std::unique_ptr<Part::Impl>{new Part::Impl{impl_->family, {impl_->files, number}}}};
}

void ViewStore::Load::Part::add(ViewBatch changes) {
  const auto is_of_another = [&](const auto& change) { return *change.family != impl_->family; };
  if (std::ranges::any_of(changes.changes(), is_of_another))
    throw std::invalid_argument("a load is of one family");
  impl_->rows.add(std::move(changes).take());
}

void ViewStore::Load::Part::finish() {
  impl_->rows.finish();
}

void ViewStore::Load::take_in() {
  impl_->store.write_gathered();
  impl_->files.take_in();
  impl_->store.made.forget(impl_->handle->GetID());
  impl_->store.changes.count_upheaval();
}

ViewStore::Load ViewStore::begin_load(std::string_view family, std::optional<std::string> own) {
  const auto handle = impl_->family(family);
  const auto new_path = [impl = impl_.get()] { return impl->incoming / std::to_string(impl->loads++); };
  return Load{std::unique_ptr<Load::Impl>{new Load::Impl{
      *impl_, std::string{family}, handle, {impl_->store.db, handle, std::move(own), new_path}}}};
}

void ViewStore::load(std::string_view family, ViewBatch batch) {
  Load whole = begin_load(family, "");
  Load::Part rows = whole.begin_part(0);
  rows.add(std::move(batch));
  rows.finish();
  whole.take_in();
}

std::unique_ptr<os::Scratch> ViewStore::scratch() const {
  return std::make_unique<os::Scratch>(impl_->incoming);
}

void ViewStore::merge_files(std::string_view family, bool wanted) {
  const auto handle = impl_->family(family);
  check(impl_->store.db->SetOptions(handle.get(), {{"disable_auto_compactions", wanted ? "false" : "true"}}),
        "setting how files are merged");
}

}  // namespace ttp::storage
