// Backups of any open database: RocksDB's backup engine, and a checksum of the engine's list of files, which
// the engine lacks. For the sources of this module alone.
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
  std::string label;  ///< as given to `create`
  std::uint64_t bytes = 0, bytes_new = 0;
  std::uint64_t files = 0, files_new = 0;
  std::optional<std::string> fault;  ///< why it cannot be used; the other members may be empty then
};

class BackupFolder {
 public:
  /// RocksDB opens a backup where it lies only by its absolute path.
  explicit BackupFolder(const std::filesystem::path& folder) : folder_(std::filesystem::absolute(folder)) {}

  /// Copies what the database holds now, and possibly some of the writes made meanwhile; files that an
  /// earlier backup holds are not copied again. The backup is durable when the call returns. `progress` gets
  /// the bytes copied and an upper estimate of all bytes.
  std::uint32_t create(
      rocksdb::DB& db, std::string_view label,
      const std::function<void(std::uint64_t bytes, std::uint64_t bytes_max)>& progress) const;
  /// By number, the oldest first. Damaged backups are included, with the fault if the list of files shows it.
  std::map<std::uint32_t, Backup> list() const;
  /// Throws std::out_of_range if there is no such backup, and events::Damaged if its fault is known.
  Backup find(std::uint32_t id) const;
  /// Compares each file with its checksum. Throws what `find` throws, and Damaged if a file differs.
  void check_files(std::uint32_t id) const;
  /// Opens the copy where it lies, to read.
  Database open(std::uint32_t id, std::span<const WantedFamily> families) const;
  /// Checks each file and copies it into an empty folder; durable when the call returns.
  void copy_to(std::uint32_t id, const std::filesystem::path& folder) const;

 private:
  std::filesystem::path meta_path(std::uint32_t id) const;
  std::filesystem::path sum_path(std::uint32_t id) const;
  std::string sum_of_meta(std::uint32_t id) const;

  std::filesystem::path folder_;
};

// ---- access to the databases behind the log and the vault; defined in their own sources ------------------
/// Throws std::invalid_argument if the log is not on RocksDB.
rocksdb::DB& database_of(const Log& log);
rocksdb::DB& database_of(const Vault& vault);
/// The families of the log, each with the layout of its filters.
std::span<const WantedFamily> log_families();
/// Opens the log or the vault of a backup for reading.
std::unique_ptr<Log> open_log(const BackupFolder& backups, std::uint32_t id);
std::unique_ptr<Vault> open_vault(const BackupFolder& backups, std::uint32_t id, const MasterKey& master);
/// The same, with the master key of another vault.
std::unique_ptr<Vault> open_vault(const BackupFolder& backups, std::uint32_t id, const Vault& like);
/// Reads every block of every table file, also those that no row needs. Throws events::Damaged.
void check_blocks(rocksdb::DB& database);
/// Unseals every wrapped value of the vault. Throws events::Damaged for a value that does not open.
void check_wrapped(const Vault& vault);

}  // namespace ttp::storage::rocks
