#include "service/workers/backup_list.hpp"

#include <algorithm>
#include <charconv>
#include <exception>
#include <set>
#include <span>
#include <utility>

#include <fmt/format.h>

#include "events/bytes.hpp"
#include "os/files.hpp"
#include "service/data_folder.hpp"
#include "service/secrets/keys.hpp"
#include "service/secrets/vault_census.hpp"
#include "service/writer/erasures.hpp"
#include "storage/backup/parts.hpp"
#include "storage/log/rocks_log.hpp"

namespace ttp::service {
namespace {

namespace fs = std::filesystem;
using events::Damaged;
using storage::BackupId;
using storage::BackupInfo;

// ---- stored: never change ---------------------------------------------------------------------------------
// entries/<id of the log's part>: kind, id and time of the log's part, id and time of the vault's part, and
// the SHA-256 of these lines. entries/before: kind, the ids of the parts of the log that are older than the
// list, one a line, and the SHA-256 of these lines.
constexpr std::string_view entry_kind = "trusted-trader backup 1";
constexpr std::string_view before_kind = "trusted-trader backups without entries 1";
constexpr std::string_view before_name = "before";

std::string with_sum(std::string lines) {
  return lines + events::to_hex(events::sha256(lines)) + "\n";
}
// ---- end of what is stored --------------------------------------------------------------------------------

fs::path entries_of(const BackupFolders& folders) {
  return folders.log.parent_path() / "entries";
}

constexpr std::size_t entry_bytes_max = 1024 * 1024;

/// The lines between the kind and the sum.
std::vector<std::string> lines_of(const fs::path& file, std::string_view content, std::string_view kind) {
  const auto damaged = [&] {
    return Damaged(file.string() +
                   " is not as it was written. Bring it back from a copy; without it, delete it: the other "
                   "backups are not affected");
  };
  constexpr std::size_t sum_chars = 65;
  if (content.size() < sum_chars) throw damaged();
  const std::string_view text = content.substr(0, content.size() - sum_chars);
  if (with_sum(std::string{text}) != content) throw damaged();
  std::string_view rest = text;
  if (storage::take_line(rest) != kind) throw damaged();
  std::vector<std::string> lines;
  while (!rest.empty()) lines.emplace_back(storage::take_line(rest));
  return lines;
}

BackupId id_from(std::string_view text) {
  BackupId id = 0;
  std::from_chars(text.data(), text.data() + text.size(), id);
  return id;
}

/// The lines of an entry about one part.
std::string part_text(const BackupInfo& part) {
  return fmt::format("{}\n{}\n", part.id, domain::to_text(part.taken_at));
}

fs::path entry_path(const BackupFolders& folders, BackupId log) {
  return entries_of(folders) / std::to_string(log);
}

/// The parts of the log that earlier releases took without entries; nothing if the folder has no entries yet.
std::optional<std::set<BackupId>> without_entries(const BackupFolders& folders) {
  const fs::path file = entries_of(folders) / before_name;
  const auto content = os::read_small_file(file, entry_bytes_max);
  if (!content) return std::nullopt;
  std::set<BackupId> ids;
  for (const std::string& line : lines_of(file, *content, before_kind)) ids.insert(id_from(line));
  return ids;
}

/// The backups that have an entry.
std::set<BackupId> with_entries(const BackupFolders& folders) {
  std::set<BackupId> ids;
  if (!fs::exists(entries_of(folders))) return ids;
  for (const auto& each : fs::directory_iterator{entries_of(folders)}) {
    const std::string name = each.path().filename().string();
    if (const BackupId id = id_from(name); id > 0 && std::to_string(id) == name) ids.insert(id);
  }
  return ids;
}

/// Finds out for each backup whether it is whole.
class Listing {
 public:
  Listing(const BackupFolders& folders, std::vector<BackupInfo> vaults)
      : folders_(folders), vaults_(std::move(vaults)), before_(without_entries(folders)) {}

  Backup judge(storage::LogBackupInfo log) const {
    Backup backup{std::move(log), std::nullopt};
    const auto fault = [&] {
      try {
        return find_vault(backup);
      } catch (const Damaged& damage) {
        return std::optional<std::string>{damage.what()};
      }
    }();
    if (fault) backup.fault = fault;
    return backup;
  }

 private:
  std::optional<std::string> find_vault(Backup& backup) const {
    const fs::path file = entry_path(folders_, backup.id);
    const auto entry = os::read_small_file(file, entry_bytes_max);
    if (!entry) {
      if (!before_ || before_->contains(backup.id)) return find_vault_by_time(backup);
      return "it was cut off before it was whole, or its entry " + file.string() + " was lost";
    }
    const auto lines = lines_of(file, *entry, entry_kind);
    if (lines.size() != 4) throw Damaged(file.string() + " is not as it was written");
    if (id_from(lines[0]) != backup.id || (!backup.fault && lines[1] != domain::to_text(backup.taken_at)))
      return file.string() + " is the entry of another backup";
    const auto part = std::ranges::find(vaults_, id_from(lines[2]), &BackupInfo::id);
    if (part == vaults_.end())
      return fmt::format("its part of the vault, {}, is not in {}", lines[2], folders_.vault.string());
    if (part->fault) return fmt::format("its part of the vault, {}: {}", part->id, *part->fault);
    if (domain::to_text(part->taken_at) != lines[3])
      return fmt::format("part {} of the vault is that of another backup", part->id);
    backup.vault = part->id;
    return std::nullopt;
  }

  /// For backups without entries: takes the first part of the vault that was taken after the log's part.
  std::optional<std::string> find_vault_by_time(Backup& backup) const {
    if (vaults_.empty()) return "it was cut off: there is no backup of the vault";
    if (backup.fault) return std::nullopt;  // its time is not known
    for (const BackupInfo& each : vaults_)
      if (!each.fault && each.taken_at >= backup.taken_at) {
        backup.vault = each.id;
        return std::nullopt;
      }
    return fmt::format(
        "it was cut off, or its part of the vault was lost or damaged: {} has no whole backup of "
        "the vault from {} or later",
        folders_.vault.string(), domain::to_text(backup.taken_at));
  }

  const BackupFolders& folders_;
  const std::vector<BackupInfo> vaults_;
  const std::optional<std::set<BackupId>> before_;
};

/// The signing keys from the newest vault that opens. Nothing if there is no vault at all. If none opens,
/// throws WrongMasterKey or Damaged for the newest.
std::optional<storage::SigningKeys> backed_up_signing_keys(const BackupFolders& folders,
                                                           const storage::MasterKey& master) {
  const storage::VaultBackups vaults{folders.vault};
  const auto all = vaults.list();
  std::exception_ptr first;
  for (auto each = all.rbegin(); each != all.rend(); ++each) try {
      return checkpoint_keys(*vaults.open(each->id, master));
    } catch (const std::runtime_error&) {
      if (!first) first = std::current_exception();
    }
  if (first) std::rethrow_exception(first);
  return std::nullopt;
}

/// Without any vault there are no keys, and no backup is whole; then a key that has signed nothing is enough.
std::vector<storage::Verifier> verifiers_in(const BackupFolders& folders, const storage::MasterKey& master,
                                            const std::string& origin) {
  const auto keys = backed_up_signing_keys(folders, master);
  return keys ? storage::verifiers_of(origin, *keys)
              : std::vector<storage::Verifier>{{origin, storage::VerifyingKey{}}};
}

/// Throws out_of_range and Damaged; the message names the other backups.
Backup find_backup(const std::vector<Backup>& all, std::optional<BackupId> id, const fs::path& folder) {
  const auto is_whole = [](const Backup& each) { return !each.fault; };
  const auto newest = std::ranges::find_if(all.rbegin(), all.rend(), is_whole);
  if (!id) {
    if (newest != all.rend()) return *newest;
    std::string sentence = "no backup in " + folder.string() + " is whole";
    for (const Backup& each : all) sentence += fmt::format("; backup {}: {}", each.id, *each.fault);
    throw std::out_of_range(sentence);
  }
  const auto found = std::ranges::find(all, *id, &Backup::id);
  if (found == all.end())
    throw std::out_of_range(fmt::format("there is no backup {} in {}", *id, folder.string()));
  if (found->fault)
    throw Damaged(fmt::format(
        "backup {} in {} is not whole: {}. Nothing was restored. {}", *id, folder.string(), *found->fault,
        newest == all.rend() ? "No other one is whole."
                             : fmt::format("The newest that is whole is backup {}.", newest->id)));
  return *found;
}

}  // namespace

std::vector<Backup> backups_in(const BackupFolders& folders,
                               const std::vector<storage::Verifier>& verifiers) {
  const Listing listing{folders, storage::VaultBackups{folders.vault}.list()};
  std::vector<Backup> all;
  for (auto& each : storage::LogBackups{folders.log, verifiers}.list())
    all.push_back(listing.judge(std::move(each)));
  for (const BackupId id : with_entries(folders)) {
    if (std::ranges::find(all, id, &Backup::id) != all.end()) continue;
    Backup lost;
    lost.id = id;
    lost.fault = "its part of the log is not in " + folders.log.string();
    all.push_back(std::move(lost));
  }
  std::ranges::sort(all, {}, &Backup::id);
  return all;
}

std::vector<Backup> backups_in(const fs::path& folder, const storage::MasterKey& master,
                               const std::string& origin) {
  const BackupFolders folders{folder};
  auto all = backups_in(folders, verifiers_in(folders, master, origin));
  if (all.empty()) throw std::out_of_range("there is no backup in " + folder.string());
  return all;
}

// ---- the entries ------------------------------------------------------------------------------------------

void begin_entry(const BackupFolders& folders) {
  if (without_entries(folders)) return;
  os::make_private_folder(entries_of(folders));
  std::string lines = std::string{before_kind} + "\n";
  // This does not check which of them are whole; each reading of the list does.
  const std::vector<storage::Verifier> nobody{{"nobody", storage::VerifyingKey{}}};
  for (const auto& each : storage::LogBackups{folders.log, nobody}.list())
    if (!fs::exists(entry_path(folders, each.id))) lines += fmt::format("{}\n", each.id);
  os::replace_file(entries_of(folders) / before_name, with_sum(std::move(lines)));
}

void write_entry(const BackupFolders& folders, const BackupInfo& log, const BackupInfo& vault) {
  os::replace_file(entry_path(folders, log.id),
                   with_sum(fmt::format("{}\n{}{}", entry_kind, part_text(log), part_text(vault))));
}

// ---- pruning ----------------------------------------------------------------------------------------------

void read_newest(std::vector<Backup>& all, std::size_t count, const fs::path& folder,
                 const storage::MasterKey& master, const std::string& origin) {
  const BackupFolders folders{folder};
  const storage::LogBackups logs = log_backups_in(folder, master, origin);
  const storage::VaultBackups vaults{folders.vault};
  std::size_t good = 0;
  for (auto each = all.rbegin(); each != all.rend() && good < count; ++each) {
    if (each->fault) continue;
    try {
      logs.verify(each->id);
      vaults.verify(each->vault.value(), master);
      ++good;
    } catch (const storage::WrongMasterKey&) {
      ++good;  // of a time before the master key was changed
    } catch (const std::runtime_error& damage) {
      each->fault = damage.what();
    }
  }
}

Doomed older_than_newest(const BackupFolders& folders, const std::vector<Backup>& backups,
                         std::size_t count) {
  Doomed doomed;
  std::size_t kept = 0;
  std::optional<BackupId> oldest_vault;
  for (auto each = backups.rbegin(); each != backups.rend(); ++each) {
    if (kept == count) {
      doomed.log.insert(doomed.log.begin(), each->id);
    } else if (!each->fault) {
      ++kept;
      oldest_vault = std::min(oldest_vault.value_or(*each->vault), *each->vault);
    }
  }
  if (kept < count || !oldest_vault) return {};
  for (const BackupInfo& each : storage::VaultBackups{folders.vault}.list())
    if (each.id < *oldest_vault) doomed.vault.push_back(each.id);
  return doomed;
}

void prune(const BackupFolders& folders, const Doomed& doomed) {
  // Delete the entries first: if this is interrupted, the backups are not whole, and the next pruning deletes
  // them.
  for (const BackupId id : doomed.log) fs::remove(entry_path(folders, id));
  if (fs::exists(entries_of(folders))) os::sync_folder(entries_of(folders));
  storage::remove_backups(folders.log, doomed.log);
  storage::remove_backups(folders.vault, doomed.vault);
}

// ---- restoring --------------------------------------------------------------------------------------------

storage::LogBackups log_backups_in(const fs::path& folder, const storage::MasterKey& master,
                                   const std::string& origin) {
  const BackupFolders folders{folder};
  return {folders.log, verifiers_in(folders, master, origin)};
}

BackedUpLog open_backup(const fs::path& folder, std::optional<BackupId> id, const storage::MasterKey& master,
                        const std::string& origin) {
  const BackupFolders folders{folder};
  const auto backup = find_backup(backups_in(folder, master, origin), id, folder);
  BackedUpLog opened;
  opened.keys = backed_up_signing_keys(folders, master).value();
  opened.log = storage::LogBackups{folders.log, storage::verifiers_of(origin, opened.keys)}.open(backup.id);
  opened.checkpoint = {origin, backup.events, backup.root};
  return opened;
}

namespace {

/// Restores the backup's own part of the vault; if the master key was changed since, a later part that opens.
BackupInfo restore_vault(const BackupFolders& folders, const Backup& backup, const std::vector<Backup>& all,
                         const fs::path& target, const storage::MasterKey& master) {
  const storage::VaultBackups vaults{folders.vault};
  const auto restore = [&](BackupId id) {
    vaults.restore(id, target, master);
    const auto parts = vaults.list();
    return *std::ranges::find(parts, id, &BackupInfo::id);
  };
  try {
    return restore(backup.vault.value());
  } catch (const storage::WrongMasterKey&) {
    for (auto each = all.rbegin(); each != all.rend() && each->id > backup.id; ++each)
      if (!each->fault) try {
          return restore(each->vault.value());
        } catch (const storage::WrongMasterKey&) {
          continue;
        }
    throw;
  }
}

/// Restores one backup. `all` are all of its folder.
Restored restore_one(const fs::path& folder, const Backup& backup, const std::vector<Backup>& all,
                     const fs::path& data_dir, const storage::MasterKey& master, const std::string& origin,
                     const std::optional<fs::path>& erasures, const SizeToRestore& until,
                     const storage::BackupProgress& progress) {
  const BackupFolders folders{folder};
  Config config;
  config.data_dir = data_dir;
  NewStores stores{config, Making::restore};
  const storage::LogBackups logs = log_backups_in(folder, master, origin);
  // Include the target's own list: the remains of a lost data folder may name further erased persons.
  std::vector<fs::path> lists{folders.erasures, config.checkpoint().parent_path() / "erasures"};
  if (erasures) lists.push_back(*erasures);
  Erasures::merge(lists, stores.erasures());
  // Keep an existing note: the restored log must extend it.
  const auto known_note = storage::CheckpointFile{config.checkpoint()}.read();
  const storage::CheckpointFile note{stores.checkpoint()};
  if (known_note) note.write(*known_note);
  Restored restored;
  restored.log = backup;
  restored.vault = restore_vault(folders, backup, all, stores.folder() / "vault", master);
  {
    const auto vault = storage::Vault::open(stores.folder() / "vault", master);
    const auto size = until ? until(*logs.open(backup.id)) : std::nullopt;
    restored.head = size ? logs.restore_until(backup.id, stores.folder() / "log", note, *size,
                                              checkpoint_keys(*vault), progress)
                         : logs.restore(backup.id, stores.folder() / "log", note, progress);
    // Destroy the keys of erased persons now, not at the first start.
    Erasures brought_back{*vault, stores.erasures()};
    brought_back.destroy_keys();
    const auto log = storage::open_rocks_log(stores.folder() / "log");
    VaultCensus census{*log, *vault, brought_back.list()};
    census.look_through(0);
    if (const auto fault = census.fault()) throw Damaged(*fault);
  }
  if (known_note) fs::remove(note.path());
  stores.place();
  return restored;
}

/// Throws out_of_range if no backup is whole, or Damaged if some were tried.
Backup newest_whole(const std::vector<Backup>& all, const fs::path& folder, bool any_damaged) {
  try {
    return find_backup(all, {}, folder);
  } catch (const std::out_of_range& none) {
    if (any_damaged) throw Damaged(none.what());
    throw;
  }
}

}  // namespace

Restored restore_backup(const fs::path& folder, std::optional<BackupId> id, const fs::path& data_dir,
                        const storage::MasterKey& master, const std::string& origin,
                        const std::optional<fs::path>& erasures, const SizeToRestore& until,
                        const storage::BackupProgress& progress) {
  auto all = backups_in(folder, master, origin);
  const auto restore = [&](const Backup& backup) {
    return restore_one(folder, backup, all, data_dir, master, origin, erasures, until, progress);
  };
  if (id) return restore(find_backup(all, id, folder));
  // The list does not read the content, so the newest one can turn out to be damaged. Then take the next.
  for (bool any_damaged = false;; any_damaged = true) {
    const Backup backup = newest_whole(all, folder, any_damaged);
    try {
      Restored restored = restore(backup);
      for (const Backup& each : all)
        if (each.id > backup.id) restored.skipped.push_back(each);
      return restored;
    } catch (const Damaged& damage) {
      std::ranges::find(all, backup.id, &Backup::id)->fault = damage.what();
    }
  }
}

}  // namespace ttp::service
