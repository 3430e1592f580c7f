// Takes backups while the service runs: of the log, then of the vault, and of the list of erasures, into one
// folder with a part for each. A worker takes one at a time.
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

/// The parts of a backup folder. Keys are apart from the log, so that the parts can be kept in two places.
struct BackupFolders {
  explicit BackupFolders(const std::filesystem::path& folder)
      : log(folder / "log"), vault(folder / "vault"), erasures(folder / "erasures") {}
  std::filesystem::path log, vault, erasures;
};

class Backups {
 public:
  /// `verifiers` returns the keys that sign or have signed. `keep` is the number of backups to keep; 0: all.
  Backups(const storage::Log& log, const storage::Vault& vault, storage::CheckpointKeeper& checkpoints,
          const Erasures& erasures, std::function<std::vector<storage::Verifier>()> verifiers,
          const std::filesystem::path& folder, std::size_t keep, std::function<domain::Time()> now);
  ~Backups();  ///< waits for a backup under way
  Backups(const Backups&) = delete;
  Backups& operator=(const Backups&) = delete;

  /// Takes a backup. Throws what storage::LogBackups throws, and std::runtime_error.
  storage::LogBackupInfo take(const storage::BackupProgress& progress = {});
  /// Starts a backup on the worker; false if one is under way.
  bool begin();
  bool is_under_way() const;
  /// Why the last backup failed; nothing if it succeeded.
  std::optional<std::string> fault() const { return fault_.reason(); }
  /// All backups, the oldest first.
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
  os::Worker worker_;  // last: its step uses the other members
};

/// The backups of the log in a folder; the verifying keys come from its backups of the vault. Throws
/// std::out_of_range if there are none, and storage::WrongMasterKey.
storage::LogBackups log_backups_in(const std::filesystem::path& folder, const storage::MasterKey& master,
                                   const std::string& origin);

/// A backed-up log, opened where it lies for reading, with the keys that sign its checkpoints.
struct BackedUpLog {
  std::unique_ptr<storage::Log> log;
  storage::SignedCheckpoint checkpoint;  ///< the log holds at least its events
  storage::SigningKeys keys;
};
/// Without an `id` it opens the newest backup without a fault. Throws what `log_backups_in` and
/// storage::LogBackups::open throw.
BackedUpLog open_backup(const std::filesystem::path& folder, std::optional<storage::BackupId> id,
                        const storage::MasterKey& master, const std::string& origin);

/// The result of `restore_backup`.
struct Restored {
  storage::LogBackupInfo log;
  std::vector<storage::LogBackupInfo> skipped{};  ///< newer ones, each with its fault
  storage::BackupInfo vault;
  storage::Head head;
};

/// The number of events to restore, or nothing for all of them.
using SizeToRestore = std::function<std::optional<storage::Position>(const storage::Log&)>;

/// Restores a backup into a data directory that does not exist yet: the whole log; the backup of the vault
/// that was taken after it, which has every key that the log needs; the checkpoint; and all erasures that the
/// backup folder or `erasures` list. The views are built at the first start. Without an `id` it restores the
/// newest backup that is whole in its content, too. `until` may return a number of events to restore only
/// those, as a separate log. Throws what storage::LogBackups and VaultBackups throw, and std::out_of_range if
/// there is no such backup.
Restored restore_backup(const std::filesystem::path& folder, std::optional<storage::BackupId> id,
                        const std::filesystem::path& data_dir, const storage::MasterKey& master,
                        const std::string& origin, const std::optional<std::filesystem::path>& erasures,
                        const SizeToRestore& until, const storage::BackupProgress& progress = {});

}  // namespace ttp::service
