// Backups of the log and of the vault, each in a folder of its own: taken while the service writes, each
// holding what is new since the last, checked against the signed checkpoint, and restored whole or not at
// all. Keys never lie beside the log: whoever has one folder alone reads no personal data.
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

/// `files_new` and `bytes_new`: what no older backup of the folder holds.
struct BackupInfo {
  BackupId id = 0;
  domain::Time taken_at{};
  std::uint64_t bytes = 0, bytes_new = 0;
  std::uint64_t files = 0, files_new = 0;
  std::optional<std::string> fault{};  ///< why it can not be restored, as far as a list tells
};

/// A backup of the log holds at least the first `events` events, which have this root.
struct LogBackupInfo : BackupInfo {
  domain::Uuid log{};
  Position events = 0;
  events::Hash root{};
};

/// There is a log or a vault where one was to be restored.
struct TargetExists : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// Called now and then: with the bytes copied while a backup is taken, else with the events read.
using BackupProgress = std::function<void(std::uint64_t done, std::uint64_t total)>;

/// An `id` that no backup has throws std::out_of_range, a damaged backup events::Damaged (or NotTheSignedLog
/// where only the signed checkpoint tells), a failing disk or another writer in the folder
/// std::runtime_error.
class LogBackups {
 public:
  /// `verifiers` are the keys that have signed the log's checkpoints, with its origin.
  LogBackups(std::filesystem::path folder, std::vector<Verifier> verifiers);

  /// Backs the log up while it is written. `note` is a signed checkpoint of it, taken before the call. Throws
  /// std::invalid_argument for a log that is not on disk, and what `compare_at_start` throws.
  LogBackupInfo create(const Log& log, std::string_view note, domain::Time now,
                       const BackupProgress& progress = {}) const;
  /// The oldest first, also those that are damaged.
  std::vector<LogBackupInfo> list() const;
  /// Compares every file with its checksum, and the log that they make with the signed checkpoint: its root
  /// is computed from the events, and each body is the one that its envelope names.
  LogBackupInfo verify(BackupId id, const BackupProgress& progress = {}) const;
  /// The backed-up log where it lies, to read.
  std::unique_ptr<Log> open(BackupId id) const;

  /// Restores the log into the folder `target`, with all that the backup holds. Where `checkpoint` has a note
  /// already, the restored log must extend it, else LogShorter or LogDiffers tells what would be lost;
  /// otherwise the backup's note is put there. Throws TargetExists. `target` appears whole or not at all.
  Head restore(BackupId id, const std::filesystem::path& target, const CheckpointFile& checkpoint,
               const BackupProgress& progress = {}) const;
  /// Restores the first `size` events alone, as a log of its own: it has another id than the one it comes
  /// from, and `seeds` sign its checkpoint. Throws further std::out_of_range beyond what the backup holds,
  /// and std::invalid_argument for a size that would part the events of one command.
  Head restore_until(BackupId id, const std::filesystem::path& target, const CheckpointFile& checkpoint,
                     Position size, const SigningKeys& seeds, const BackupProgress& progress = {}) const;

  /// All that are older than the newest `count` without a known fault, the oldest first.
  std::vector<BackupId> older_than_newest(std::size_t count) const;
  /// Deletes what `older_than_newest` says.
  void keep_newest(std::size_t count) const;

 private:
  std::filesystem::path folder_;
  std::vector<Verifier> verifiers_;
};

/// The same for the vault. Its keys stay wrapped by the master key. A backup keeps what was destroyed since:
/// keep few of them, and destroy the keys of erased subjects anew after a restore.
class VaultBackups {
 public:
  explicit VaultBackups(std::filesystem::path folder);

  BackupInfo create(const Vault& vault, domain::Time now, const BackupProgress& progress = {}) const;
  std::vector<BackupInfo> list() const;
  /// Compares every file with its checksum, and unseals every key. Throws WrongMasterKey.
  BackupInfo verify(BackupId id, const MasterKey& master) const;
  /// The backed-up vault where it lies, to read. Throws WrongMasterKey.
  std::unique_ptr<Vault> open(BackupId id, const MasterKey& master) const;
  /// Throws TargetExists and WrongMasterKey. `target` appears whole or not at all.
  void restore(BackupId id, const std::filesystem::path& target, const MasterKey& master) const;
  std::vector<BackupId> older_than_newest(std::size_t count) const;
  void keep_newest(std::size_t count) const;

 private:
  std::filesystem::path folder_;
};

}  // namespace ttp::storage
