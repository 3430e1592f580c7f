#include "storage/rocks/database.hpp"

#include <array>
#include <atomic>
#include <cstdarg>
#include <cstdio>
#include <set>
#include <stdexcept>
#include <utility>
#include <vector>

#include <rocksdb/cache.h>
#include <rocksdb/db.h>
#include <rocksdb/env.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/listener.h>
#include <rocksdb/slice_transform.h>
#include <rocksdb/sst_file_manager.h>
#include <rocksdb/table.h>

#include "events/bytes.hpp"
#include "os/files.hpp"
#include "os/threads.hpp"
#include "storage/rocks/disk_faults.hpp"
#include "storage/rocks/file_system.hpp"

namespace ttp::storage::rocks {
namespace {

/// The most that a start after a crash has to replay; a lower bound means more and smaller table files.
constexpr std::uint64_t wal_bytes_max = 64 * 1024 * 1024;
/// Start write-back after every so many bytes, so that an fsync has little left to do.
constexpr std::uint64_t unsynced_bytes_max = 1024 * 1024;
/// The rate at which obsolete files are deleted in parts; above the rate at which the fastest writer makes
/// files obsolete.
constexpr std::int64_t deleted_bytes_per_second = 128 * 1024 * 1024;
constexpr std::uint64_t deleted_part_bytes = 1024 * 1024;
constexpr int unmerged_files_max = 12;
/// Bits per key. A false positive costs a block read: about one look-up in a hundred per file, or one in a
/// thousand for families in which each command asks every file.
constexpr double filter_bits(Filters filters) {
  return filters == Filters::whole ? 15 : 10;
}
/// The size of files with whole filters: small enough to read such a filter at once.
constexpr std::uint64_t whole_filter_file_bytes = 4 * 1024 * 1024;
constexpr std::size_t arena_bytes = 128 * 1024;
/// Every memtable of every family allocates its filter at once, out of the share of all memtables; enough for
/// some fifty thousand keys.
constexpr std::size_t memtable_filter_bytes = 64 * 1024;

/// Lowers the scheduling priority of RocksDB's background threads: flushes and merges come in long bursts.
class LowersPriority final : public rocksdb::EventListener {
 public:
  const char* Name() const override { return "ttp.lets_others_go_first"; }
  void OnFlushBegin(rocksdb::DB*, const rocksdb::FlushJobInfo&) override { once_a_thread(); }
  void OnCompactionBegin(rocksdb::DB*, const rocksdb::CompactionJobInfo&) override { once_a_thread(); }

 private:
  static void once_a_thread() {
    thread_local const bool done = (os::schedule_this_thread(os::Scheduling::yields), true);
    static_cast<void>(done);
  }
};

/// Replaces RocksDB's log file, which an erasure would have to clean, and whose logger ends the process after
/// a failed write. Only the first error is reported, like a fault of the disk; the many lines after it are
/// dropped.
class Journal final : public rocksdb::Logger {
 public:
  explicit Journal(std::filesystem::path dir)
      : Logger(rocksdb::InfoLogLevel::ERROR_LEVEL), dir_(std::move(dir)) {}
  using Logger::Logv;
  void Logv(const rocksdb::InfoLogLevel level, const char* format, va_list values) override {
    const bool is_fault =
        level == rocksdb::InfoLogLevel::ERROR_LEVEL || level == rocksdb::InfoLogLevel::FATAL_LEVEL;
    if (!is_fault || reported_.exchange(true)) return;
    std::array<char, 512> text{};
    const int length = std::vsnprintf(text.data(), text.size(), format, values);
    if (length > 0) report_disk_fault({dir_, "keeping", text.data()});
  }

 private:
  const std::filesystem::path dir_;
  std::atomic<bool> reported_{false};
};

rocksdb::DBOptions database_options(const std::filesystem::path& dir, Damage damage, const Memory& memory,
                                    rocksdb::Env& env) {
  rocksdb::DBOptions options;
  options.env = &env;
  options.info_log = std::make_shared<Journal>(dir);
  options.create_if_missing = true;
  options.create_missing_column_families = true;
  options.paranoid_checks = true;
  // RocksDB's default (point in time) silently drops acknowledged records after a flipped bit.
  options.wal_recovery_mode = damage == Damage::refuse
                                  ? rocksdb::WALRecoveryMode::kTolerateCorruptedTailRecords
                                  : rocksdb::WALRecoveryMode::kPointInTimeRecovery;
  // Families are flushed together, so that no crash leaves one ahead of another.
  options.atomic_flush = true;
  options.max_total_wal_size = wal_bytes_max;
  options.write_buffer_manager = memory.memtables;
  options.bytes_per_sync = unsynced_bytes_max;
  options.wal_bytes_per_sync = unsynced_bytes_max;
  options.listeners.push_back(std::make_shared<LowersPriority>());
  // These statistics only serve compaction, and reading them opens every table file at each start.
  options.skip_stats_update_on_db_open = true;
  options.stats_dump_period_sec = 0;
  options.stats_persist_period_sec = 0;
  return options;
}

void delete_in_parts(rocksdb::DBOptions& options) {
  constexpr double trash_ratio_max = 1e6;  // never delete at once, however much trash there is
  options.sst_file_manager.reset(rocksdb::NewSstFileManager(options.env, nullptr, "",
                                                            deleted_bytes_per_second, true, nullptr,
                                                            trash_ratio_max, deleted_part_bytes));
}

/// Throws for a database that cannot be opened. It is damaged if it names a file that is missing, or if its
/// first file (CURRENT) is missing while others exist.
void check_opening(const rocksdb::Status& status, const std::filesystem::path& dir, Damage damage) {
  if (status.ok()) return;
  const std::string text = "the database " + dir.string() + " cannot be opened: " + status.ToString();
  const bool lost_its_first_file =
      status.ToString().find("wal_dir contains existing log file") != std::string::npos;
  if (status.IsCorruption() || status.IsPathNotFound() || lost_its_first_file)
    throw events::Damaged(text +
                          (damage == Damage::refuse
                               ? ". It is damaged: restore the last backup into a new folder with ttpctl "
                                 "backup restore"
                               : ". Nothing is lost: delete this folder while the server is stopped, "
                                 "and the next start builds it from the log"));
  throw std::runtime_error(text);
}

std::set<std::string> present_families(const std::filesystem::path& dir, Damage damage) {
  if (!std::filesystem::exists(dir / "CURRENT")) return {};
  std::vector<std::string> names;
  check_opening(rocksdb::DB::ListColumnFamilies(rocksdb::DBOptions{}, dir.string(), &names), dir, damage);
  return {names.begin(), names.end()};
}

/// The prefix for insert hints: keys that differ in their last bytes alone are neighbours, so an insert
/// starts its search at the stream's previous key. Bare identifiers, such as those of commands, get no hint.
class AllButTheLastBytes final : public rocksdb::SliceTransform {
 public:
  const char* Name() const override { return "ttp.all_but_the_last_bytes"; }
  bool InDomain(const rocksdb::Slice& key) const override { return key.size() > identifier_bytes; }
  rocksdb::Slice Transform(const rocksdb::Slice& key) const override {
    return {key.data(), key.size() - last_bytes};
  }

 private:
  static constexpr std::size_t identifier_bytes = 16;
  static constexpr std::size_t last_bytes = 8;
};

const std::shared_ptr<const rocksdb::SliceTransform>& insert_hint_prefix() {
  static const std::shared_ptr<const rocksdb::SliceTransform> one = std::make_shared<AllButTheLastBytes>();
  return one;
}

}  // namespace

void check(const rocksdb::Status& status, std::string_view doing) {
  if (status.ok()) return;
  const std::string text = std::string{doing} + ": " + status.ToString();
  if (status.IsCorruption()) throw events::Damaged(text);
  throw std::runtime_error(text);
}

void check(const rocksdb::Status& status, std::string_view doing, std::optional<os::Fault>& damage) {
  if (status.IsCorruption() && damage) damage->happened(status.ToString());
  check(status, doing);
}

bool is_lock(const rocksdb::Status& status) {
  const std::string text = status.IsIOError() ? status.ToString() : "";
  return text.find("While lock file") != std::string::npos ||
         text.find("lock hold by current process") != std::string::npos;
}

rocksdb::ColumnFamilyOptions family_options(const Memory& memory, Filters filters) {
  rocksdb::BlockBasedTableOptions table;
  table.block_cache = memory.blocks;
  table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(filter_bits(filters)));
  // Indexes and filters grow with the log. They are split into parts, which are cached like any block; only
  // the small top level stays in memory.
  table.index_type = rocksdb::BlockBasedTableOptions::kTwoLevelIndexSearch;
  table.partition_filters = filters == Filters::in_parts;
  table.optimize_filters_for_memory = true;
  table.cache_index_and_filter_blocks = true;
  table.metadata_cache_options.top_level_index_pinning = rocksdb::PinningTier::kAll;
  // Every look-up asks the filters of all files that are not merged yet.
  table.metadata_cache_options.partition_pinning = rocksdb::PinningTier::kFlushedAndSimilar;
  table.metadata_cache_options.unpartitioned_pinning = rocksdb::PinningTier::kFlushedAndSimilar;
  rocksdb::ColumnFamilyOptions options;
  // Most look-ups find nothing, such as the one for the identifier of a new command.
  options.memtable_whole_key_filtering = true;
  options.memtable_prefix_bloom_size_ratio =
      static_cast<double>(memtable_filter_bytes) / static_cast<double>(options.write_buffer_size);
  // Do not combine with range deletions: RocksDB 7.8 uses the hint of one table for the other.
  options.memtable_insert_with_hint_prefix_extractor = insert_hint_prefix();
  options.arena_block_size = arena_bytes;  // small, because most of the two dozen families are small
  options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  if (filters == Filters::whole) options.target_file_size_base = whole_filter_file_bytes;
  options.level_compaction_dynamic_level_bytes = true;
  // Rows in random order, such as identifiers, are merged with the whole family each time this many files
  // have come, so the number is large. Rows in key order, such as events, are only moved.
  options.level0_file_num_compaction_trigger = unmerged_files_max;
  options.level0_slowdown_writes_trigger = 3 * unmerged_files_max;
  options.level0_stop_writes_trigger = 4 * unmerged_files_max;
  return options;
}

Family own(const std::shared_ptr<rocksdb::DB>& db, rocksdb::ColumnFamilyHandle* handle) {
  return {handle,
          [raw = db.get()](rocksdb::ColumnFamilyHandle* gone) { raw->DestroyColumnFamilyHandle(gone); }};
}

Database open(const std::filesystem::path& dir, std::span<const WantedFamily> wanted, Damage damage,
              Deletion deletion, const Memory& memory) {
  os::make_private_folder(dir);
  auto names = present_families(dir, damage);
  names.insert(rocksdb::kDefaultColumnFamilyName);
  std::vector<rocksdb::ColumnFamilyDescriptor> descriptors;
  for (const auto& [name, filters] : wanted) {
    descriptors.emplace_back(std::string{name}, family_options(memory, filters));
    names.erase(std::string{name});
  }
  for (const auto& name : names) descriptors.emplace_back(name, family_options(memory));
  rocksdb::DB* opened = nullptr;
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  const auto env = environment();
  auto options = database_options(dir, damage, memory, *env);
  if (deletion == Deletion::in_parts) delete_in_parts(options);
  const auto status = rocksdb::DB::Open(options, dir.string(), descriptors, &handles, &opened);
  if (is_lock(status))
    throw os::InUse(dir.string() + " is in use by another process: stop the server first (" +
                    status.ToString() + ")");
  check_opening(status, dir, damage);
  Database database{memory, {}, {}};
  // The database holds a bare pointer to the environment of its files.
  database.db = std::shared_ptr<rocksdb::DB>{opened, [env](rocksdb::DB* gone) { delete gone; }};
  for (auto* handle : handles) database.families.emplace(handle->GetName(), own(database.db, handle));
  return database;
}

Database open_read_only(const std::string& name, const std::shared_ptr<rocksdb::Env>& env,
                        std::span<const WantedFamily> wanted) {
  const Memory memory;
  auto options = database_options(name, Damage::refuse, memory, *env);
  options.create_if_missing = false;
  std::vector<rocksdb::ColumnFamilyDescriptor> descriptors{
      {rocksdb::kDefaultColumnFamilyName, family_options(memory)}};
  for (const auto& [family, filters] : wanted)
    descriptors.emplace_back(std::string{family}, family_options(memory, filters));
  rocksdb::DB* opened = nullptr;
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  check_opening(rocksdb::DB::OpenForReadOnly(options, name, descriptors, &handles, &opened), name,
                Damage::refuse);
  Database database{memory, {}, {}};
  // The database holds a bare pointer to the environment of its files.
  database.db = std::shared_ptr<rocksdb::DB>{opened, [env](rocksdb::DB* gone) { delete gone; }};
  for (auto* handle : handles) database.families.emplace(handle->GetName(), own(database.db, handle));
  return database;
}

}  // namespace ttp::storage::rocks
