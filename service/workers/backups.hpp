// Backups taken while the service runs: of the log, of the vault after it, and of the list of erasures, into
// one folder with a part for each. One at a time, by a worker.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "os/mutex.hpp"
#include "os/worker.hpp"
#include "service/writer/erasures.hpp"
#include "storage/backup/backup.hpp"
#include "storage/log/log.hpp"
#include "storage/tree/checkpoint.hpp"
#include "storage/vault/vault.hpp"

namespace ttp::service {

/// The parts of a backup folder: keys lie apart from the log, so that the parts can be kept in two places.
struct BackupFolders {
  explicit BackupFolders(const std::filesystem::path& folder)
      : log(folder / "log"), vault(folder / "vault"), erasures(folder / "erasures") {}
  std::filesystem::path log, vault, erasures;
};

class Backups {
 public:
  /// `verifiers`: the keys that sign or have signed. `keep`: how many are kept of each part, 0: all.
  Backups(const storage::Log& log, const storage::Vault& vault, storage::CheckpointKeeper& checkpoints,
          const Erasures& erasures, std::function<std::vector<storage::Verifier>()> verifiers,
          const std::filesystem::path& folder, std::size_t keep, std::function<domain::Time()> now);
  ~Backups();  ///< waits for the one under way
  Backups(const Backups&) = delete;
  Backups& operator=(const Backups&) = delete;

  /// Takes a backup. Throws what storage::LogBackups throws, and std::runtime_error.
  storage::LogBackupInfo take(const storage::BackupProgress& progress = {});
  /// Has the worker take one; false while one is under way.
  bool begin();
  bool is_under_way() const;
  /// Why the last one was not taken; nothing if it was.
  std::optional<std::string> fault() const { return fault_.reason(); }
  /// The oldest first.
  std::vector<storage::LogBackupInfo> list() const;

 private:
  storage::LogBackups log_backups() const { return {folders_.log, verifiers_()}; }
  void take_asked();

  const storage::Log& log_;
  const storage::Vault& vault_;
  storage::CheckpointKeeper& checkpoints_;
  const Erasures& erasures_;
  const BackupFolders folders_;
  const std::function<std::vector<storage::Verifier>()> verifiers_;
  const storage::VaultBackups vault_backups_;
  const std::size_t keep_;
  const std::function<domain::Time()> now_;

  mutable os::Mutex mutex_;
  bool under_way_ TTP_GUARDED_BY(mutex_) = false;
  os::Fault fault_;
  os::Worker worker_;  // last: its step uses the others
};

/// The backups of the log in a folder; the keys that verify them come from the vault's. Throws
/// std::out_of_range where there are none, and storage::WrongMasterKey.
storage::LogBackups log_backups_in(const std::filesystem::path& folder, const storage::MasterKey& master,
                                   const std::string& origin);

/// A backed-up log where it lies, to read, with the keys that sign its checkpoints.
struct BackedUpLog {
  std::unique_ptr<storage::Log> log;
  storage::SignedCheckpoint checkpoint;  ///< of what it holds at least
  storage::SigningKeys keys;
};
/// `id`: nothing: the newest without a fault. Throws what `log_backups_in` and storage::LogBackups::open
/// throw.
BackedUpLog open_backup(const std::filesystem::path& folder, std::optional<storage::BackupId> id,
                        const storage::MasterKey& master, const std::string& origin);

/// What `restore_backup` brought back.
struct Restored {
  storage::LogBackupInfo log;
  storage::BackupInfo vault;
  storage::Head head;
};

/// Restores a backup into a data directory that does not exist yet: the log whole, the newest backup of the
/// vault that was taken after it, which has every key that the log needs, the checkpoint, and all erasures
/// that the backup folder or `erasures` list; the views are built at the first start. `id`: nothing: the
/// newest without a fault. `until`: only that many events, as a log of its own. Throws what
/// storage::LogBackups and VaultBackups throw, and std::out_of_range where there is no such backup.
Restored restore_backup(const std::filesystem::path& folder, std::optional<storage::BackupId> id,
                        const std::filesystem::path& data_dir, const storage::MasterKey& master,
                        const std::string& origin, const std::optional<std::filesystem::path>& erasures,
                        const std::function<std::optional<storage::Position>(const storage::Log&)>& until,
                        const storage::BackupProgress& progress = {});

}  // namespace ttp::service
