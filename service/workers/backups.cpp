#include "service/workers/backups.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include <spdlog/spdlog.h>

#include "os/files.hpp"
#include "service/secrets/keys.hpp"

namespace ttp::service {
namespace {

/// Throws std::out_of_range where all are damaged, or were taken before `since`.
template <class Info>
Info newest_without_fault(const std::vector<Info>& backups, domain::Time since = {}) {
  const auto found = std::ranges::find_if(backups.rbegin(), backups.rend(), [&](const Info& each) {
    return !each.fault && each.taken_at >= since;
  });
  if (found == backups.rend())
    throw std::out_of_range(since == domain::Time{}
                                ? "there is no backup without a fault"
                                : "there is no backup of the vault that has the keys of " +
                                      domain::to_text(since));
  return *found;
}

}  // namespace

Backups::Backups(const storage::Log& log, const storage::Vault& vault, storage::CheckpointKeeper& checkpoints,
                 const Erasures& erasures, std::function<std::vector<storage::Verifier>()> verifiers,
                 const std::filesystem::path& folder, std::size_t keep, std::function<domain::Time()> now)
    : log_(log),
      vault_(vault),
      checkpoints_(checkpoints),
      erasures_(erasures),
      folders_(folder),
      verifiers_(std::move(verifiers)),
      vault_backups_(folders_.vault),
      keep_(keep),
      now_(std::move(now)),
      fault_(
          {"backup", "the backup was not taken",
           "The service goes on, and the backups taken before are as they were. Mend what the message names, "
           "then ask for a backup again"}),
      worker_({.fault = {"backups", "the worker that takes backups failed", "It waits for the next request"}},
              [this](os::Worker&) {
                if (is_under_way()) take_asked();
                return os::Worker::Next::when_woken();
              }) {}

Backups::~Backups() = default;

bool Backups::begin() {
  {
    const std::scoped_lock lock(mutex_);
    if (std::exchange(under_way_, true)) return false;
  }
  worker_.wake();
  return true;
}

/// A backup that was not taken is told of and not tried again: an operator or a timer asks for the next.
void Backups::take_asked() {
  try {
    const auto info = take();
    fault_.ended();
    spdlog::info("backup {}: {} events, {} new bytes", info.id, info.events, info.bytes_new);
  } catch (const std::exception& broken) {
    fault_.happened(broken.what());
  }
  const std::scoped_lock lock(mutex_);
  under_way_ = false;
}

bool Backups::is_under_way() const {
  const std::scoped_lock lock(mutex_);
  return under_way_;
}

std::vector<storage::LogBackupInfo> Backups::list() const {
  return log_backups().list();
}

storage::LogBackupInfo Backups::take(const storage::BackupProgress& progress) {
  // Signed before anything is copied: what the note covers is durable, so it is in the copy.
  checkpoints_.sign_now();
  const storage::LogBackups log_backups = this->log_backups();
  const auto info = log_backups.create(log_, checkpoints_.note(), now_(), progress);
  vault_backups_.create(vault_, now_(), progress);
  erasures_.copy_to(folders_.erasures);
  if (keep_ > 0) {
    log_backups.keep_newest(keep_);
    vault_backups_.keep_newest(keep_);
  }
  return info;
}

// ---- restoring --------------------------------------------------------------------------------------------

namespace {

storage::SigningKeys backed_up_signing_keys(const BackupFolders& folders, const storage::MasterKey& master) {
  const storage::VaultBackups vaults{folders.vault};
  return checkpoint_keys(*vaults.open(newest_without_fault(vaults.list()).id, master));
}

/// The backup with this id, damaged or not; the newest without a fault where none is named.
storage::LogBackupInfo find(const std::vector<storage::LogBackupInfo>& logs,
                            std::optional<storage::BackupId> id) {
  if (!id) return newest_without_fault(logs);
  const auto found = std::ranges::find(logs, *id, &storage::LogBackupInfo::id);
  if (found == logs.end()) throw std::out_of_range("there is no backup " + std::to_string(*id));
  return *found;
}

}  // namespace

storage::LogBackups log_backups_in(const std::filesystem::path& folder, const storage::MasterKey& master,
                                   const std::string& origin) {
  const BackupFolders folders{folder};
  return {folders.log, storage::verifiers_of(origin, backed_up_signing_keys(folders, master))};
}

BackedUpLog open_backup(const std::filesystem::path& folder, std::optional<storage::BackupId> id,
                        const storage::MasterKey& master, const std::string& origin) {
  const BackupFolders folders{folder};
  BackedUpLog backup;
  backup.keys = backed_up_signing_keys(folders, master);
  const storage::LogBackups backups{folders.log, storage::verifiers_of(origin, backup.keys)};
  const auto info = find(backups.list(), id);
  backup.log = backups.open(info.id);
  backup.checkpoint = {origin, info.events, info.root};
  return backup;
}

Restored restore_backup(const std::filesystem::path& folder, std::optional<storage::BackupId> id,
                        const std::filesystem::path& data_dir, const storage::MasterKey& master,
                        const std::string& origin, const std::optional<std::filesystem::path>& erasures,
                        const std::function<std::optional<storage::Position>(const storage::Log&)>& until,
                        const storage::BackupProgress& progress) {
  if (std::filesystem::exists(data_dir / "log") || std::filesystem::exists(data_dir / "vault"))
    throw storage::TargetExists(data_dir.string() + " holds a log or a vault already: nothing was restored");
  const BackupFolders folders{folder};
  const storage::LogBackups log_backups = log_backups_in(folder, master, origin);
  const storage::VaultBackups vault_backups{folders.vault};
  Restored restored;
  restored.log = find(log_backups.list(), id);
  restored.vault = newest_without_fault(vault_backups.list(), restored.log.taken_at);
  const storage::CheckpointFile checkpoint{data_dir / "checkpoint" / "checkpoint"};
  os::make_private_folder(data_dir);
  try {
    vault_backups.restore(restored.vault.id, data_dir / "vault", master);
    const auto size = until ? until(*log_backups.open(restored.log.id)) : std::nullopt;
    restored.head = size ? log_backups.restore_until(
                               restored.log.id, data_dir / "log", checkpoint, *size,
                               checkpoint_keys(*storage::Vault::open(data_dir / "vault", master)), progress)
                         : log_backups.restore(restored.log.id, data_dir / "log", checkpoint, progress);
    Erasures::merge({folders.erasures, erasures.value_or(folders.erasures)},
                    data_dir / "checkpoint" / "erasures");
  } catch (...) {
    // Whole or not at all.
    std::error_code ignored;
    for (const auto* part : {"log", "vault", "checkpoint"})
      std::filesystem::remove_all(data_dir / part, ignored);
    throw;
  }
  return restored;
}

}  // namespace ttp::service
