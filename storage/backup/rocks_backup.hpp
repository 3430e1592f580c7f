// Backups of an open database, whichever it is: RocksDB's backup engine with what it lacks, a checksum of its
// own list of files. For the sources of this module alone.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "storage/log/log.hpp"
#include "storage/rocks/database.hpp"
#include "storage/vault/secret_key.hpp"

namespace ttp::storage {
class Vault;
}

namespace ttp::storage::rocks {

/// A backup as the folder holds it.
struct Backup {
  std::string label;  ///< what was given when it was taken
  std::uint64_t bytes = 0, bytes_new = 0;
  std::uint64_t files = 0, files_new = 0;
  std::optional<std::string> fault;  ///< why it can not be used; the rest may be empty then
};

class BackupFolder {
 public:
  /// RocksDB reads a backup where it lies under absolute paths alone.
  explicit BackupFolder(const std::filesystem::path& folder) : folder_(std::filesystem::absolute(folder)) {}

  /// Copies what the database holds now, and maybe some of what is written meanwhile; files that an earlier
  /// backup holds are not copied again. Durable when it returns. `progress` is told the bytes copied, and how
  /// many it can be at the most.
  std::uint32_t create(
      rocksdb::DB& db, std::string_view label,
      const std::function<void(std::uint64_t bytes, std::uint64_t bytes_max)>& progress) const;
  /// By number, the oldest first; also those that are damaged as far as the list of their files tells.
  std::map<std::uint32_t, Backup> list() const;
  /// Throws std::out_of_range where there is no such backup and events::Damaged where its fault is known.
  Backup find(std::uint32_t id) const;
  /// Compares each file with its checksum. Throws as `find` does, and Damaged where one differs.
  void check_files(std::uint32_t id) const;
  /// Opens the copy where it lies, to read.
  Database open(std::uint32_t id, std::span<const WantedFamily> families) const;
  /// Copies the files, each checked, into an empty folder; durable when it returns.
  void copy_to(std::uint32_t id, const std::filesystem::path& folder) const;
  /// All that are older than the newest `count` without a known fault, the oldest first.
  std::vector<std::uint32_t> older_than_newest(std::size_t count) const;
  /// Deletes what `older_than_newest` says.
  void keep_newest(std::size_t count) const;

 private:
  std::filesystem::path meta_path(std::uint32_t id) const;
  std::filesystem::path sum_path(std::uint32_t id) const;
  std::string sum_of_meta(std::uint32_t id) const;

  std::filesystem::path folder_;
};

// ---- the doors of the databases, each beside what it opens -----------------------------------------------
/// Throws std::invalid_argument where the log is not on RocksDB.
rocksdb::DB& database_of(const Log& log);
rocksdb::DB& database_of(const Vault& vault);
/// The families of the log, and how their filters are kept.
std::span<const WantedFamily> log_families();
/// The log or the vault of a backup, to read.
std::unique_ptr<Log> open_log(const BackupFolder& backups, std::uint32_t id);
std::unique_ptr<Vault> open_vault(const BackupFolder& backups, std::uint32_t id, const MasterKey& master);
/// Unseals everything that the vault wraps. Throws events::Damaged where something does not open.
void check_wrapped(const Vault& vault);

}  // namespace ttp::storage::rocks
