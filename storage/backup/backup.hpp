// Backups of the log and of the vault, each in a folder of its own. They are taken while the service writes,
// they are incremental, they are checked against the signed checkpoint, and they are restored whole or not at
// all. Keys are never stored beside the log, so a stolen folder alone reveals no personal data.
//
// Take the log's backup first and the vault's after it: then the vault has every key that the log needs.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "domain/ids.hpp"
#include "domain/time.hpp"
#include "storage/log/log.hpp"
#include "storage/tree/checkpoint.hpp"
#include "storage/tree/signed_note.hpp"
#include "storage/vault/secret_key.hpp"
#include "storage/vault/vault.hpp"

namespace ttp::storage {

using BackupId = std::uint32_t;

/// `files_new` and `bytes_new` count the files that no older backup of the folder holds.
struct BackupInfo {
  BackupId id = 0;
  domain::Time taken_at{};
  std::uint64_t bytes = 0, bytes_new = 0;
  std::uint64_t files = 0, files_new = 0;
  std::optional<std::string> fault{};  ///< why it cannot be restored, as far as a list shows
};

/// A backup of the log holds at least the first `events` events, which have this root.
struct LogBackupInfo : BackupInfo {
  domain::Uuid log{};
  Position events = 0;
  events::Hash root{};
};

/// The folder to restore into exists already.
struct TargetExists : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// Called repeatedly: with the bytes copied while a backup is taken, otherwise with the events read.
using BackupProgress = std::function<void(std::uint64_t done, std::uint64_t total)>;

/// An `id` that no backup has throws std::out_of_range. A damaged backup throws events::Damaged, or
/// NotTheSignedLog where only the signed checkpoint shows the damage. A failing disk and another writer in
/// the folder throw std::runtime_error.
class LogBackups {
 public:
  /// `verifiers` are the keys that have signed the log's checkpoints, with its origin.
  LogBackups(std::filesystem::path folder, std::vector<Verifier> verifiers);

  /// Backs the log up while it is written. `note` is a signed checkpoint of it, taken before the call. Throws
  /// std::invalid_argument for a log that is not on disk, and what `compare_at_start` throws.
  LogBackupInfo create(const Log& log, std::string_view note, domain::Time now,
                       const BackupProgress& progress = {}) const;
  /// All backups, also damaged ones, the oldest first.
  std::vector<LogBackupInfo> list() const;
  /// Compares every file with its checksum, and the log in these files with the signed checkpoint: the root
  /// is computed from the events, and each body is compared with the hash in its envelope.
  LogBackupInfo verify(BackupId id, const BackupProgress& progress = {}) const;
  /// Opens the backed-up log where it lies, to read.
  std::unique_ptr<Log> open(BackupId id) const;

  /// Restores the log into the folder `target`, with all that the backup holds. If `checkpoint` has a note
  /// already, the restored log must extend it; LogShorter or LogDiffers says what would be lost. Otherwise
  /// the backup's note is written there. Throws TargetExists. `target` appears whole or not at all.
  Head restore(BackupId id, const std::filesystem::path& target, const CheckpointFile& checkpoint,
               const BackupProgress& progress = {}) const;
  /// Restores the first `size` events alone, as a separate log: it has an id of its own, and `seeds` sign its
  /// checkpoint. Throws what `restore` throws, std::out_of_range for a size beyond what the backup holds, and
  /// std::invalid_argument for a size that would split the events of one command.
  Head restore_until(BackupId id, const std::filesystem::path& target, const CheckpointFile& checkpoint,
                     Position size, const SigningKeys& seeds, const BackupProgress& progress = {}) const;

 private:
  std::filesystem::path folder_;
  std::vector<Verifier> verifiers_;
};

/// The same for the vault. Its keys stay wrapped by the master key. A backup still holds keys that were
/// destroyed after it was taken: keep few backups, and destroy the keys of erased subjects again after a
/// restore.
class VaultBackups {
 public:
  explicit VaultBackups(std::filesystem::path folder);

  BackupInfo create(const Vault& vault, domain::Time now, const BackupProgress& progress = {}) const;
  std::vector<BackupInfo> list() const;
  /// Compares every file with its checksum, and unseals every key. Throws WrongMasterKey.
  BackupInfo verify(BackupId id, const MasterKey& master) const;
  /// The same, with the master key of the vault that was backed up.
  BackupInfo verify(BackupId id, const Vault& vault) const;
  /// Opens the backed-up vault where it lies, to read. Throws WrongMasterKey.
  std::unique_ptr<Vault> open(BackupId id, const MasterKey& master) const;
  /// Throws TargetExists and WrongMasterKey. `target` appears whole or not at all.
  void restore(BackupId id, const std::filesystem::path& target, const MasterKey& master) const;

 private:
  std::filesystem::path folder_;
};

}  // namespace ttp::storage
