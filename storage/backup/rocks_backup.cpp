#include "storage/backup/rocks_backup.hpp"

#include <algorithm>
#include <charconv>
#include <memory>
#include <set>
#include <stdexcept>
#include <vector>

#include <rocksdb/db.h>
#include <rocksdb/env.h>
#include <rocksdb/file_system.h>
#include <rocksdb/utilities/backup_engine.h>

#include "events/bytes.hpp"
#include "os/files.hpp"
#include "storage/backup/parts.hpp"

namespace ttp::storage::rocks {
namespace {

namespace fs = std::filesystem;
using events::Damaged;

constexpr std::uint64_t progress_bytes = std::uint64_t{1024} * 1024;
constexpr std::size_t meta_bytes_max = 64 * 1024 * 1024;

std::string sum_text(std::string_view content) {
  return events::to_hex(events::sha256(content)) + "\n";
}

/// Whether a backup's list of files is certainly not the one that was written. One without a sum was cut off.
bool is_changed(const fs::path& folder, const std::string& name) {
  const auto sum = os::read_small_file(folder / "sums" / name, meta_bytes_max);
  const auto meta = os::read_small_file(folder / "meta" / name, meta_bytes_max);
  return sum && meta && *sum != sum_text(*meta);
}

/// Hides changed lists of files from the engine, which ends the process where two lists contradict each
/// other.
class UnchangedLists final : public rocksdb::FileSystemWrapper {
 public:
  UnchangedLists() : FileSystemWrapper(rocksdb::FileSystem::Default()) {}
  const char* Name() const override { return "ttp.unchanged_lists"; }
  rocksdb::IOStatus GetChildren(const std::string& folder, const rocksdb::IOOptions& options,
                                std::vector<std::string>* names, rocksdb::IODebugContext* debug) override {
    auto status = target()->GetChildren(folder, options, names, debug);
    const fs::path metas = (fs::path{folder} / "").parent_path();
    if (status.ok() && metas.filename() == "meta")
      std::erase_if(*names, [&](const std::string& name) { return is_changed(metas.parent_path(), name); });
    return status;
  }
};

rocksdb::Env* backups_env() {
  static const std::unique_ptr<rocksdb::Env> env =
      rocksdb::NewCompositeEnv(std::make_shared<UnchangedLists>());
  return env.get();
}

rocksdb::BackupEngineOptions engine_options(const fs::path& folder) {
  rocksdb::BackupEngineOptions options{folder.string()};
  options.backup_env = backups_env();
  options.share_table_files = true;
  options.share_files_with_checksum = true;
  options.sync = true;
  options.callback_trigger_interval_size = progress_bytes;
  return options;
}

std::unique_ptr<rocksdb::BackupEngine> open_to_write(const fs::path& folder) {
  rocksdb::BackupEngine* engine = nullptr;
  check(rocksdb::BackupEngine::Open(engine_options(folder), rocksdb::Env::Default(), &engine),
        "opening the backups");
  return std::unique_ptr<rocksdb::BackupEngine>{engine};
}

std::unique_ptr<rocksdb::BackupEngineReadOnly> open_to_read(const fs::path& folder) {
  rocksdb::BackupEngineReadOnly* engine = nullptr;
  check(rocksdb::BackupEngineReadOnly::Open(engine_options(folder), rocksdb::Env::Default(), &engine),
        "opening the backups");
  return std::unique_ptr<rocksdb::BackupEngineReadOnly>{engine};
}

std::uint64_t bytes_of(rocksdb::DB& db) {
  std::vector<rocksdb::LiveFileMetaData> files;
  db.GetLiveFilesMetaData(&files);
  std::uint64_t bytes = 0;
  for (const auto& file : files) bytes += file.size;
  return bytes;
}

/// Two processes that write into one folder would delete each other's files as leftovers.
class Lock {
 public:
  explicit Lock(const fs::path& folder) {
    const auto status = rocksdb::Env::Default()->LockFile((folder / "LOCK").string(), &lock_);
    if (is_lock(status))
      throw os::InUse("another backup is under way in " + folder.string() + ": wait until it has ended");
    check(status, "locking " + folder.string());
  }
  ~Lock() { rocksdb::Env::Default()->UnlockFile(lock_); }
  Lock(const Lock&) = delete;
  Lock& operator=(const Lock&) = delete;

 private:
  rocksdb::FileLock* lock_ = nullptr;
};

/// The content of a file that belongs to a backup. Throws Damaged if it is missing.
std::string read_part(const fs::path& path) {
  auto content = os::read_small_file(path, meta_bytes_max);
  if (!content) throw Damaged("the backup has no file " + path.filename().string() + " any more");
  return *std::move(content);
}

}  // namespace

fs::path BackupFolder::meta_path(std::uint32_t id) const {
  return folder_ / "meta" / std::to_string(id);
}

fs::path BackupFolder::sum_path(std::uint32_t id) const {
  return folder_ / "sums" / std::to_string(id);
}

std::string BackupFolder::sum_of_meta(std::uint32_t id) const {
  return sum_text(read_part(meta_path(id)));
}

std::uint32_t BackupFolder::create(rocksdb::DB& db, std::string_view label,
                                   const std::function<void(std::uint64_t, std::uint64_t)>& progress) const {
  os::make_private_folder(folder_);
  os::make_private_folder(folder_ / "sums");
  const Lock lock{folder_};
  rocksdb::CreateBackupOptions options;
  // Table files are shared with the next backup; the write-ahead log is copied each time.
  options.flush_before_backup = true;
  std::uint64_t copied = 0;
  // Rows that are not in a table file yet are not counted, so the estimate can be too low.
  options.progress_callback = [&, bytes_max = bytes_of(db)] {
    copied += progress_bytes;
    if (progress) progress(copied, std::max(copied, bytes_max));
  };
  rocksdb::BackupID id = 0;
  check(open_to_write(folder_)->CreateNewBackupWithMetadata(options, &db, std::string{label}, &id),
        "taking a backup");
  // The engine's list holds the checksums of the files; its own checksum is kept here.
  os::replace_file(sum_path(id), sum_of_meta(id));
  return id;
}

std::map<std::uint32_t, Backup> BackupFolder::list() const {
  std::map<std::uint32_t, Backup> backups;
  if (!fs::exists(folder_ / "meta")) return backups;
  const auto engine = open_to_read(folder_);
  std::vector<rocksdb::BackupID> corrupt;
  engine->GetCorruptedBackups(&corrupt);
  for (const auto id : corrupt) backups[id].fault = "its list of files is damaged, or a file is not there";
  std::vector<rocksdb::BackupInfo> infos;
  engine->GetBackupInfo(&infos, true);
  std::set<std::string> seen;
  for (auto& info : infos) {
    auto& backup = backups[info.backup_id];
    backup.label = std::move(info.app_metadata);
    for (const auto& file : info.file_details) {
      const bool is_new = seen.insert(file.relative_filename).second;
      ++backup.files;
      backup.bytes += file.size;
      backup.files_new += is_new ? 1 : 0;
      backup.bytes_new += is_new ? file.size : 0;
    }
    if (os::read_small_file(sum_path(info.backup_id), meta_bytes_max) != sum_of_meta(info.backup_id))
      backup.fault = "its list of files is not the one that was written, or it was cut off";
  }
  for (const auto& entry : fs::directory_iterator{folder_ / "meta"}) {
    const std::string name = entry.path().filename().string();
    if (!is_changed(folder_, name)) continue;
    std::uint32_t id = 0;
    std::from_chars(name.data(), name.data() + name.size(), id);
    backups[id].fault = "its list of files is not the one that was written";
  }
  return backups;
}

Backup BackupFolder::find(std::uint32_t id) const {
  auto backups = list();
  const auto found = backups.find(id);
  if (found == backups.end()) throw std::out_of_range("there is no backup " + std::to_string(id));
  if (found->second.fault)
    throw Damaged("backup " + std::to_string(id) + " is damaged: " + *found->second.fault);
  return std::move(found->second);
}

void BackupFolder::check_files(std::uint32_t id) const {
  find(id);
  check(open_to_read(folder_)->VerifyBackup(id, true), "checking backup " + std::to_string(id));
}

Database BackupFolder::open(std::uint32_t id, std::span<const WantedFamily> families) const {
  find(id);
  rocksdb::BackupInfo info;
  check(open_to_read(folder_)->GetBackupInfo(id, &info, true), "opening a backup");
  return open_read_only(info.name_for_open, info.env_for_open, families);
}

void BackupFolder::copy_to(std::uint32_t id, const fs::path& folder) const {
  find(id);
  check(open_to_read(folder_)->RestoreDBFromBackup(rocksdb::RestoreOptions{}, id, folder.string(),
                                                   folder.string()),
        "copying backup " + std::to_string(id));
}

}  // namespace ttp::storage::rocks

namespace ttp::storage {

void remove_backups(const std::filesystem::path& folder, std::span<const std::uint32_t> ids) {
  if (ids.empty() || !std::filesystem::exists(folder / "meta")) return;
  const rocks::Lock lock{folder};
  const auto engine = rocks::open_to_write(std::filesystem::absolute(folder));
  for (const auto id : ids) {
    // Delete the sum last: a list of files without its sum is listed as damaged and can be deleted again.
    const auto status = engine->DeleteBackup(id);
    if (!status.IsNotFound()) rocks::check(status, "deleting backup " + std::to_string(id));
    std::filesystem::remove(folder / "sums" / std::to_string(id));
  }
  if (std::filesystem::exists(folder / "sums")) os::sync_folder(folder / "sums");
}

void rocks::check_blocks(rocksdb::DB& database) {
  check(database.VerifyChecksum(), "reading the blocks of a backup");
}

void check_vault(const Vault& vault) {
  rocks::check_wrapped(vault);
  vault.scan_notes("");
}

}  // namespace ttp::storage
