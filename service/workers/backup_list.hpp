// A folder of backups. One backup consists of a part of the log, a part of the vault taken after it, and an
// entry in the list that names both. The entry is written last, so a backup without an entry was interrupted.
// All users of the list (list, verify, prune, restore, doctor, the API) call `backups_in`.
#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "service/workers/backups.hpp"
#include "storage/backup/backup.hpp"
#include "storage/tree/checkpoint.hpp"

namespace ttp::service {

/// A backup in the list; it is whole if `fault` is empty. Its number is that of its part of the log.
struct Backup : storage::LogBackupInfo {
  std::optional<storage::BackupId> vault{};  ///< its part of the vault, if known
};

/// All backups of a folder, the oldest first, each whole or with its fault. `verifiers`: the keys that have
/// signed the log's checkpoints. Throws events::Damaged if the list itself cannot be read.
std::vector<Backup> backups_in(const BackupFolders& folders, const std::vector<storage::Verifier>& verifiers);
/// The same from only the folder and the master key: the verifying keys come from a backup of the vault.
/// Throws std::out_of_range if there is no backup at all, and storage::WrongMasterKey.
std::vector<Backup> backups_in(const std::filesystem::path& folder, const storage::MasterKey& master,
                               const std::string& origin);

/// Call it before the first part of a new backup is written.
void begin_entry(const BackupFolders& folders);
/// Writes the entry of a backup whose parts are durable, which makes it whole.
void write_entry(const BackupFolders& folders, const storage::BackupInfo& log,
                 const storage::BackupInfo& vault);

/// The parts that pruning deletes.
struct Doomed {
  std::vector<storage::BackupId> log, vault;
};
/// Reads the newest backups, and notes a fault in each whose content is damaged, until `count` were read
/// without one. Call it before older ones are deleted. Throws storage::WrongMasterKey.
void read_newest(std::vector<Backup>& all, std::size_t count, const std::filesystem::path& folder,
                 const storage::MasterKey& master, const std::string& origin);
/// All parts that are older than the newest `count` whole backups, incomplete ones included. Nothing if there
/// are fewer whole ones.
Doomed older_than_newest(const BackupFolders& folders, const std::vector<Backup>& backups, std::size_t count);
void prune(const BackupFolders& folders, const Doomed& doomed);

}  // namespace ttp::service
