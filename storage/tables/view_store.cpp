#include "storage/tables/view_store.hpp"

#include <algorithm>
#include <atomic>
#include <map>
#include <stdexcept>

#include <rocksdb/db.h>

#include "events/bytes.hpp"
#include "os/files.hpp"
#include "os/mutex.hpp"
#include "os/waiting.hpp"
#include "storage/rocks/database.hpp"
#include "storage/tables/row_files.hpp"

namespace ttp::storage {
namespace {

using rocks::check;

constexpr std::size_t family_name_bytes_max = 100;
/// A file of this name marks a store that was found damaged.
constexpr std::string_view damage_mark = "DAMAGED";

/// The first key after all keys that start with `prefix`; empty if there is none.
std::string behind(std::string_view prefix) {
  std::string end{prefix};
  while (!end.empty() && static_cast<unsigned char>(end.back()) == 0xff) end.pop_back();
  if (!end.empty()) end.back() = static_cast<char>(end.back() + 1);
  return end;
}

}  // namespace

void ViewBatch::add(std::string_view family, std::string key, std::optional<std::string> value) {
  const bool goes_on = !changes_.empty() && *changes_.back().family == family;
  changes_.push_back({goes_on ? changes_.back().family : std::make_shared<const std::string>(family),
                      std::move(key), std::move(value)});
}

void ViewBatch::put(std::string_view family, std::string key, std::string value) {
  add(family, std::move(key), std::move(value));
}

void ViewBatch::erase(std::string_view family, std::string key) {
  add(family, std::move(key), std::nullopt);
}

struct ViewStore::Impl {
  Impl(rocks::Database opened, std::filesystem::path of, std::shared_ptr<RowChanges> counted)
      : memory(opened.memory),
        db(std::move(opened.db)),
        dir(std::move(of)),
        changes(std::move(counted)),
        families(std::move(opened.families)) {}
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  const Memory memory;
  const std::shared_ptr<rocksdb::DB> db;
  const std::filesystem::path dir;
  /// The folder for sorted files before they are ingested; set before the store is handed out.
  std::filesystem::path incoming;
  std::atomic<std::uint64_t> loads{0};
  const std::shared_ptr<RowChanges> changes;

  mutable os::SharedMutex mutex;
  std::map<std::string, rocks::Family, std::less<>> families TTP_GUARDED_BY(mutex);
  /// The damage found, by family.
  mutable std::map<std::string, std::string, std::less<>> damaged TTP_GUARDED_BY(mutex);

  /// The handle stays valid while it is held, even if the family is dropped meanwhile.
  rocks::Family family(std::string_view name) const {
    const os::SharedLock lock{mutex};
    const auto found = families.find(name);
    if (found == families.end() || name == rocksdb::kDefaultColumnFamilyName)
      throw std::invalid_argument("there is no view family " + std::string{name});
    return found->second;
  }

  /// Like rocks::check; damage is also recorded on disk, so that the next start deletes and rebuilds the
  /// store.
  void check_rows(const rocksdb::Status& status, std::string_view doing, std::string_view of) const {
    if (status.IsCorruption()) note_damage(of, status.ToString());
    check(status, doing);
  }
  void note_damage(std::string_view of, const std::string& what) const {
    {
      const os::ExclusiveLock lock{mutex};
      if (!damaged.emplace(of, what).second) return;
    }
    try {
      os::replace_file(dir / damage_mark, what + "\n");
    } catch (const std::exception&) {
      return;  // the next read of the damaged row records it again
    }
  }

  /// Visits the rows at an iterator.
  void visit(rocksdb::Iterator& row, std::string_view of, std::string_view prefix, bool upwards,
             const Visitor& visitor) const {
    for (; row.Valid() && row.key().starts_with(prefix); upwards ? row.Next() : row.Prev())
      if (!visitor(row.key().ToStringView(), row.value().ToStringView())) return;
    check_rows(row.status(), "scanning a view", of);
  }

  std::vector<rocks::Family> all_families() const {
    const os::SharedLock lock{mutex};
    std::vector<rocks::Family> held;
    for (const auto& [name, handle] : families) held.push_back(handle);
    return held;
  }

  void flush(bool wait) const {
    const auto held = all_families();
    std::vector<rocksdb::ColumnFamilyHandle*> handles;
    for (const auto& each : held) handles.push_back(each.get());
    rocksdb::FlushOptions options;
    options.wait = wait;
    options.allow_write_stall = true;  // otherwise the call waits until the flush causes no stall
    check_rows(db->Flush(options, handles), "flushing views", "");
  }
};

ViewStore::ViewStore(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
ViewStore::~ViewStore() {
  try {
    impl_->flush(true);
  } catch (const std::exception&) {
    return;  // lost rows are rebuilt from the log
  }
}

std::unique_ptr<ViewStore> ViewStore::open(const std::filesystem::path& dir, const Memory& memory,
                                           std::shared_ptr<RowChanges> changes) {
  auto impl = std::make_unique<Impl>(
      rocks::open(dir, {}, rocks::Damage::keep_prefix, rocks::Deletion::in_parts, memory), dir,
      changes ? std::move(changes) : std::make_shared<RowChanges>());
  // Files in there were left unfinished when an earlier process ended.
  impl->incoming = dir / "incoming";
  std::filesystem::remove_all(impl->incoming);
  os::make_private_folder(impl->incoming);
  return std::unique_ptr<ViewStore>{new ViewStore{std::move(impl)}};
}

std::unique_ptr<ViewStore> ViewStore::open_or_renew(const std::filesystem::path& dir, const Memory& memory,
                                                    const std::function<void(std::string_view)>& report,
                                                    std::string_view read_first) {
  const auto renewed = [&](const std::string& why) {
    if (report)
      report(dir.string() + " is damaged (" + why +
             "). It is deleted and rebuilt from the log, which takes a while; nothing is lost.");
    std::filesystem::remove_all(dir);
    return open(dir, memory);
  };
  constexpr std::size_t mark_bytes_max = 65'536;
  if (const auto mark = os::read_small_file(dir / damage_mark, mark_bytes_max))
    return renewed(mark->substr(0, mark->find('\n')));
  try {
    auto store = open(dir, memory);
    if (store->has_family(read_first)) store->scan(read_first, "", "", [](auto, auto) { return true; });
    return store;
  } catch (const os::InUse&) {
    throw;
  } catch (const std::exception& fault) {
    return renewed(fault.what());
  }
}

void ViewStore::create_family(std::string_view name) {
  if (name.empty() || name.size() > family_name_bytes_max || name == rocksdb::kDefaultColumnFamilyName)
    throw std::invalid_argument("no view family can have this name");
  const os::ExclusiveLock lock{impl_->mutex};
  if (impl_->families.contains(name)) return;
  rocksdb::ColumnFamilyHandle* handle = nullptr;
  check(impl_->db->CreateColumnFamily(rocks::family_options(impl_->memory), std::string{name}, &handle),
        "making a view family");
  impl_->families.emplace(name, rocks::own(impl_->db, handle));
}

void ViewStore::drop_family(std::string_view name) {
  {
    const os::ExclusiveLock lock{impl_->mutex};
    const auto found = impl_->families.find(name);
    if (found == impl_->families.end() || name == rocksdb::kDefaultColumnFamilyName) return;
    check(impl_->db->DropColumnFamily(found->second.get()), "dropping a view family");
    impl_->families.erase(found);
    if (const auto damage = impl_->damaged.find(name); damage != impl_->damaged.end()) {
      impl_->damaged.erase(damage);
      std::error_code ignored;  // on failure the next start rebuilds the store, which only costs time
      if (impl_->damaged.empty()) std::filesystem::remove(impl_->dir / damage_mark, ignored);
    }
  }
  impl_->changes->invalidate_all();
}

std::vector<std::string> ViewStore::families() const {
  const os::SharedLock lock{impl_->mutex};
  std::vector<std::string> names;
  for (const auto& [name, handle] : impl_->families)
    if (name != rocksdb::kDefaultColumnFamilyName) names.push_back(name);
  return names;
}

bool ViewStore::has_family(std::string_view name) const {
  const os::SharedLock lock{impl_->mutex};
  return name != rocksdb::kDefaultColumnFamilyName && impl_->families.contains(name);
}

std::optional<std::string> ViewStore::damage(std::string_view family) const {
  const os::SharedLock lock{impl_->mutex};
  const auto found = impl_->damaged.find(family);
  return found == impl_->damaged.end() ? std::nullopt : std::optional{found->second};
}

std::optional<std::string> ViewStore::get(std::string_view family, std::string_view key) const {
  os::before_waiting();
  ReadRecorder::row(*impl_->changes, family, key);
  const auto handle = impl_->family(family);
  std::string value;
  const auto status = impl_->db->Get({}, handle.get(), key, &value);
  if (status.IsNotFound()) return std::nullopt;
  impl_->check_rows(status, "reading a view", family);
  return value;
}

struct ViewStore::FrozenRows {
  explicit FrozenRows(std::shared_ptr<rocksdb::DB> of) : db(std::move(of)), snapshot(db->GetSnapshot()) {}
  ~FrozenRows() { db->ReleaseSnapshot(snapshot); }
  FrozenRows(const FrozenRows&) = delete;
  FrozenRows& operator=(const FrozenRows&) = delete;

  std::shared_ptr<rocksdb::DB> db;
  const rocksdb::Snapshot* snapshot;
};

std::shared_ptr<const ViewStore::FrozenRows> ViewStore::freeze() const {
  return std::make_shared<const FrozenRows>(impl_->db);
}

void ViewStore::scan(std::string_view family, std::string_view from_key, std::string_view prefix,
                     const Visitor& visit, const FrozenRows* frozen) const {
  os::before_waiting();
  ReadRecorder::scan(*impl_->changes);
  rocksdb::ReadOptions options;
  if (frozen) options.snapshot = frozen->snapshot;
  const auto handle = impl_->family(family);
  const std::unique_ptr<rocksdb::Iterator> row{impl_->db->NewIterator(options, handle.get())};
  row->Seek(from_key < prefix ? prefix : from_key);
  impl_->visit(*row, family, prefix, true, visit);
}

void ViewStore::scan_back(std::string_view family, std::string_view from_key, std::string_view prefix,
                          const Visitor& visit) const {
  os::before_waiting();
  ReadRecorder::scan(*impl_->changes);
  const auto handle = impl_->family(family);
  const std::unique_ptr<rocksdb::Iterator> row{impl_->db->NewIterator({}, handle.get())};
  const auto end = behind(prefix);
  const bool from_last = from_key.empty() || (!end.empty() && from_key >= end);
  if (from_last && end.empty())
    row->SeekToLast();
  else
    row->SeekForPrev(from_last ? std::string_view{end} : from_key);
  // The key `end` itself does not start with the prefix.
  if (from_last && row->Valid() && !end.empty() && row->key() == rocksdb::Slice{end}) row->Prev();
  impl_->visit(*row, family, prefix, false, visit);
}

const RowChanges& ViewStore::changes() const {
  return *impl_->changes;
}
const std::shared_ptr<RowChanges>& ViewStore::shared_changes() const {
  return impl_->changes;
}

void ViewStore::commit(const ViewBatch& batch, bool sync) {
  rocksdb::WriteBatch writes;
  std::map<std::string_view, rocks::Family> handles;
  for (const auto& [family, key, value] : batch.changes()) {
    auto& handle = handles[*family];
    if (!handle) handle = impl_->family(*family);
    check(value ? writes.Put(handle.get(), key, *value) : writes.Delete(handle.get(), key),
          "preparing a view's changes");
  }
  // No write-ahead log: all families are flushed together (storage/rocks/database.cpp), so a crash loses the
  // last batches as a whole, rows and positions alike, and they are applied again from the log. Creating and
  // deleting files of a write-ahead log would delay the log's syncs.
  rocksdb::WriteOptions options;
  options.sync = sync;
  options.disableWAL = !sync;
  impl_->check_rows(impl_->db->Write(options, &writes), "writing views", "");
  for (const auto& change : batch.changes())
    impl_->changes->count(RowChanges::bucket(*change.family, change.key));
  if (sync) impl_->changes->invalidate_all();
}

void ViewStore::flush_soon() {
  impl_->flush(false);
}

void ViewStore::flush() {
  impl_->flush(true);
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

void ViewStore::Load::ingest() {
  impl_->files.ingest();
  impl_->store.changes->invalidate_all();
}

ViewStore::Load ViewStore::begin_load(std::string_view family, std::optional<std::string> own) {
  const auto handle = impl_->family(family);
  const auto new_path = [impl = impl_.get()] { return impl->incoming / std::to_string(impl->loads++); };
  return Load{std::unique_ptr<Load::Impl>{
      new Load::Impl{*impl_, std::string{family}, handle, {impl_->db, handle, std::move(own), new_path}}}};
}

void ViewStore::load(std::string_view family, ViewBatch batch) {
  Load whole = begin_load(family, "");
  Load::Part rows = whole.begin_part(0);
  rows.add(std::move(batch));
  rows.finish();
  whole.ingest();
}

std::unique_ptr<os::Scratch> ViewStore::scratch() const {
  return std::make_unique<os::Scratch>(impl_->incoming);
}

void ViewStore::merge_files(std::string_view family, bool wanted) {
  const auto handle = impl_->family(family);
  check(impl_->db->SetOptions(handle.get(), {{"disable_auto_compactions", wanted ? "false" : "true"}}),
        "setting how files are merged");
}

}  // namespace ttp::storage
