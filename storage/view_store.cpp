#include "storage/view_store.hpp"

#include <algorithm>
#include <atomic>
#include <mutex>
#include <shared_mutex>
#include <stdexcept>

#include <rocksdb/db.h>
#include <rocksdb/sst_file_writer.h>

#include "events/bytes.hpp"
#include "storage/files.hpp"
#include "storage/made_rows.hpp"
#include "storage/rocks.hpp"

namespace ttp::storage {
namespace {

using rocks::check;

constexpr std::size_t family_name_bytes_max = 100;

/// The first key behind all that start with `prefix`; empty where there is none.
std::string behind(std::string_view prefix) {
  std::string end{prefix};
  while (!end.empty() && static_cast<unsigned char>(end.back()) == 0xff) end.pop_back();
  if (!end.empty()) end.back() = static_cast<char>(end.back() + 1);
  return end;
}

}  // namespace

void ViewBatch::put(std::string_view family, std::string_view key, std::string_view value) {
  changes_.push_back({std::string{family}, std::string{key}, std::string{value}, {}});
}

void ViewBatch::erase(std::string_view family, std::string_view key) {
  changes_.push_back({std::string{family}, std::string{key}, std::nullopt, {}});
}

struct ViewStore::Impl {
  explicit Impl(rocks::Database opened) : store(std::move(opened)) {}

  rocks::Database store;
  std::filesystem::path incoming;  ///< where sorted files are made before a family takes them in
  std::atomic<std::uint64_t> loads{0};
  mutable std::shared_mutex mutex;  // guards store.families
  mutable MadeRows made{store.memory.made_rows};

  /// The handle stays good for as long as it is held, also when the family is dropped meanwhile.
  rocks::Family family(std::string_view name) const {
    const std::shared_lock lock{mutex};
    const auto found = store.families.find(name);
    if (found == store.families.end() || name == rocksdb::kDefaultColumnFamilyName)
      throw std::invalid_argument("there is no view family " + std::string{name});
    return found->second;
  }

  void visit(rocksdb::Iterator& row, std::string_view prefix, bool upwards, const Visitor& visitor) const {
    for (; row.Valid() && row.key().starts_with(prefix); upwards ? row.Next() : row.Prev())
      if (!visitor(row.key().ToStringView(), row.value().ToStringView())) return;
    check(row.status(), "scanning a view");
  }
};

ViewStore::ViewStore(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
ViewStore::~ViewStore() = default;

std::unique_ptr<ViewStore> ViewStore::open(const std::filesystem::path& dir, const Memory& memory) {
  auto impl = std::make_unique<Impl>(rocks::open(dir, {}, rocks::Damage::keep_prefix, memory));
  // What is in there was being made when an earlier process ended.
  impl->incoming = dir / "incoming";
  std::filesystem::remove_all(impl->incoming);
  make_private_folder(impl->incoming);
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
  const std::lock_guard lock{impl_->mutex};
  auto& store = impl_->store;
  const auto found = store.families.find(name);
  if (found == store.families.end() || name == rocksdb::kDefaultColumnFamilyName) return;
  check(store.db->DropColumnFamily(found->second.get()), "dropping a view family");
  store.families.erase(found);
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
  const auto handle = impl_->family(family);
  std::string value;
  const auto status = impl_->store.db->Get({}, handle.get(), key, &value);
  if (status.IsNotFound()) return std::nullopt;
  check(status, "reading a view");
  return value;
}

std::shared_ptr<const void> ViewStore::get_made(std::string_view family, std::string_view key,
                                                const std::type_info& type, const Make& make) const {
  const auto handle = impl_->family(family);
  const auto name = MadeRows::name(handle->GetID(), key);
  auto made = impl_->made.find(name);
  if (!made) {
    const auto ticket = impl_->made.ticket(name);
    std::string value;
    const auto status = impl_->store.db->Get({}, handle.get(), key, &value);
    if (status.IsNotFound()) return nullptr;
    check(status, "reading a view");
    made = make(value);
    impl_->made.keep(name, *made, value.size(), ticket);
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
  return std::make_shared<const Moment>(impl_->store.db);
}

void ViewStore::scan(std::string_view family, std::string_view from_key, std::string_view prefix,
                     const Visitor& visit, const Moment* at) const {
  const auto handle = impl_->family(family);
  rocksdb::ReadOptions options;
  if (at) options.snapshot = at->snapshot;
  const std::unique_ptr<rocksdb::Iterator> row{impl_->store.db->NewIterator(options, handle.get())};
  row->Seek(from_key < prefix ? prefix : from_key);
  check(row->status(), "scanning a view");
  impl_->visit(*row, prefix, true, visit);
}

void ViewStore::scan_back(std::string_view family, std::string_view from_key, std::string_view prefix,
                          const Visitor& visit) const {
  const auto handle = impl_->family(family);
  const std::unique_ptr<rocksdb::Iterator> row{impl_->store.db->NewIterator({}, handle.get())};
  const auto end = behind(prefix);
  const bool from_last = from_key.empty() || (!end.empty() && from_key >= end);
  if (from_last && end.empty())
    row->SeekToLast();
  else
    row->SeekForPrev(from_last ? std::string_view{end} : from_key);
  // The key `end` itself stands behind the prefix.
  if (from_last && row->Valid() && !end.empty() && row->key() == rocksdb::Slice{end}) row->Prev();
  check(row->status(), "scanning a view");
  impl_->visit(*row, prefix, false, visit);
}

void ViewStore::commit(const ViewBatch& batch, bool sync) {
  rocksdb::WriteBatch writes;
  std::map<std::string_view, rocks::Family> handles;
  for (const auto& change : batch.changes()) {
    auto& handle = handles[change.family];
    if (!handle) handle = impl_->family(change.family);
    check(change.value ? writes.Put(handle.get(), change.key, *change.value)
                       : writes.Delete(handle.get(), change.key),
          "gathering a view's changes");
  }
  rocksdb::WriteOptions options;
  options.sync = sync;
  // All families are flushed together (storage/rocks.cpp), so what a crash takes away is the end of what was
  // written, rows and checkpoints alike, and the log gives it back. A write-ahead log would be written as
  // fast as the log itself, and its files, coming and going, would hold up the log's syncs.
  options.disableWAL = !sync;
  check(impl_->store.db->Write(options, &writes), "writing views");
  for (const auto& change : batch.changes())
    impl_->made.changed(MadeRows::name(handles[change.family]->GetID(), change.key), change.made,
                        change.value ? change.value->size() : 0);
}

namespace {

/// In the order of their keys; of several for one row the last.
std::vector<const ViewBatch::Change*> last_changes(const ViewBatch& batch) {
  std::vector<const ViewBatch::Change*> sorted;
  sorted.reserve(batch.changes().size());
  for (const auto& change : batch.changes()) sorted.push_back(&change);
  std::ranges::stable_sort(sorted, {}, [](const auto* change) -> std::string_view { return change->key; });
  std::vector<const ViewBatch::Change*> last;
  last.reserve(sorted.size());
  for (const auto* change : sorted) {
    if (!last.empty() && last.back()->key == change->key) last.pop_back();
    last.push_back(change);
  }
  return last;
}

}  // namespace

void ViewStore::load(std::string_view family, const ViewBatch& batch) {
  if (batch.empty()) return;
  const auto handle = impl_->family(family);
  const auto path = (impl_->incoming / std::to_string(impl_->loads++)).string();
  rocksdb::SstFileWriter file{rocksdb::EnvOptions{}, impl_->store.db->GetOptions(handle.get()), handle.get()};
  check(file.Open(path), "making a file of rows");
  for (const auto* change : last_changes(batch)) {
    if (change->family != family) throw std::invalid_argument("a load is of one family");
    check(change->value ? file.Put(change->key, *change->value) : file.Delete(change->key),
          "gathering a view's changes");
  }
  check(file.Finish(), "writing a file of rows");
  rocksdb::IngestExternalFileOptions options;
  options.move_files = true;
  check(impl_->store.db->IngestExternalFile(handle.get(), {path}, options), "taking in a file of rows");
  for (const auto& change : batch.changes())
    impl_->made.changed(MadeRows::name(handle->GetID(), change.key), {}, 0);
}

}  // namespace ttp::storage
