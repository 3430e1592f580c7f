#include "service/workers/backups.hpp"

#include <utility>

#include <spdlog/spdlog.h>

#include "service/workers/backup_list.hpp"

namespace ttp::service {

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
           "The service goes on, and earlier backups are not affected. Repair what the message names, then "
           "ask for a backup again"}),
      worker_({.fault = {"backups", "the worker that takes backups failed", "It waits for the next request"}},
              [this](os::Worker&) {
                if (is_under_way()) take_asked();
                return os::Worker::Next::when_woken();
              }) {}

Backups::~Backups() = default;

bool Backups::begin() {
  {
    const os::MutexLock lock(mutex_);
    if (std::exchange(under_way_, true)) return false;
  }
  worker_.wake();
  return true;
}

/// A failed backup is reported and not repeated: an operator or a timer asks for the next one.
void Backups::take_asked() {
  try {
    const auto info = take();
    fault_.ended();
    spdlog::info("backup {}: {} events, {} new bytes", info.id, info.events, info.bytes_new);
  } catch (const std::exception& broken) {
    fault_.happened(broken.what());
  }
  const os::MutexLock lock(mutex_);
  under_way_ = false;
}

bool Backups::is_under_way() const {
  const os::MutexLock lock(mutex_);
  return under_way_;
}

std::vector<storage::LogBackupInfo> Backups::list() const {
  std::vector<storage::LogBackupInfo> infos;
  for (auto& each : backups_in(folders_, verifiers_())) infos.push_back(std::move(each));
  return infos;
}

storage::LogBackupInfo Backups::take(const storage::BackupProgress& progress) {
  // Sign before copying: all events that the note covers are durable then, so the copy has them.
  checkpoints_.sign_now();
  begin_entry(folders_);
  const auto info = log_backups().create(log_, checkpoints_.note(), now_(), progress);
  const auto vault = vault_backups_.create(vault_, now_(), progress);
  erasures_.copy_to(folders_.erasures);
  // A copy of damaged files looks like any other. Read it back before it counts and older ones are deleted.
  log_backups().verify(info.id);
  vault_backups_.verify(vault.id, vault_);
  write_entry(folders_, info, vault);
  if (keep_ > 0) prune(folders_, older_than_newest(folders_, backups_in(folders_, verifiers_()), keep_));
  return info;
}

}  // namespace ttp::service
