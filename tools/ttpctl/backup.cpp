// ttpctl backup: takes, lists, checks, restores and deletes backups while the server is stopped. A running
// server takes backups itself; listing and checking work here at any time.
#include <algorithm>
#include <iostream>
#include <memory>

#include "events/json.hpp"
#include "service/service.hpp"
#include "service/workers/backup_list.hpp"
#include "service/writer/erasure_list.hpp"
#include "storage/log/times.hpp"
#include "tools/ttpctl/command.hpp"
#include "tools/ttpctl/finished.hpp"

namespace ttp::tools {
namespace {

namespace fs = std::filesystem;
using storage::LogBackupInfo;

/// Calls `act`; if there is no backup at all, the command ends with "not found".
template <class Act>
auto where_there_are_some(Act act) {
  try {
    return act();
  } catch (const std::out_of_range& absent) {
    throw Failure{exit_not_found, absent.what()};
  }
}

std::string base64(const events::Hash& hash) {
  return events::to_base64(events::as_text(hash));
}

std::string row_of(const LogBackupInfo& info) {
  std::string json;
  events::ObjectWriter object(json);
  object.member("id", info.id).member("bytes", info.bytes).member("bytes_new", info.bytes_new);
  object.member("fault", info.fault);
  if (!info.fault)
    object.member("taken_at", info.taken_at).member("events", info.events).member("root", base64(info.root));
  object.end();
  return json;
}

void tell(const LogBackupInfo& info, const Options& options) {
  if (options.json) {
    std::cout << row_of(info) << "\n";
  } else if (info.fault) {
    std::cout << info.id << "  not whole: " << *info.fault << "\n";
  } else {
    std::cout << info.id << "  " << domain::to_text(info.taken_at) << "  " << info.events << " events, root "
              << base64(info.root) << ", " << info.bytes << " bytes, " << info.bytes_new << " new\n";
  }
}

Exit create(const Options& options) {
  const service::Config config = options.load_with_log();
  const fs::path folder = backup_folder(config);
  const service::Stores stores(config);
  storage::CheckpointKeeper keeper(*stores.log, stores.checkpoint_file, stores.origin, stores.signing_keys());
  service::Backups backups(
      *stores.log, *stores.vault, keeper, stores.erasures, [&] { return stores.verifiers(); }, folder,
      config.backups_keep, [] { return service::Clock{}.now(); });
  ProgressLine line("backup, bytes");
  tell(backups.take([&](auto done, auto total) { line.show(done, total); }), options);
  return exit_ok;
}

void print_vault(storage::BackupId id, const std::string& fault, const Options& options) {
  if (!options.json) {
    std::cout << id << " (vault)  " << fault << "\n";
    return;
  }
  std::string json;
  events::ObjectWriter object(json);
  object.member("vault", id).member("fault", fault);
  object.end();
  std::cout << json << "\n";
}

std::vector<service::Backup> backups_of(const service::Config& config) {
  return where_there_are_some([&] {
    return service::backups_in(backup_folder(config), storage::load_master_key(config.master_key()),
                               config.origin);
  });
}

Exit list(const Options& options) {
  for (const auto& each : backups_of(options.load().config)) tell(each, options);
  return exit_ok;
}

Exit verify(const std::optional<std::string>& id, const Options& options) {
  const service::Config config = options.load().config;
  const auto all = backups_of(config);
  const service::BackupFolders folders{backup_folder(config)};
  const auto master = storage::load_master_key(config.master_key());
  const auto backups = service::log_backups_in(backup_folder(config), master, config.origin);
  const storage::VaultBackups vaults{folders.vault};
  std::size_t checked = 0;
  Exit verdict = exit_ok;
  const auto check = [&](LogBackupInfo info, const auto& act) {
    try {
      act(info);
    } catch (const events::Damaged& damage) {
      info.fault = damage.what();
    } catch (const storage::NotTheSignedLog& other) {
      info.fault = other.what();
    } catch (const std::runtime_error& unreadable) {
      info.fault = unreadable.what();
    }
    if (info.fault) verdict = exit_verification;
    tell(info, options);
  };
  for (const auto& each : all) {
    if (id && std::to_string(each.id) != *id) continue;
    ++checked;
    ProgressLine line("backup " + std::to_string(each.id));
    check(each, [&](LogBackupInfo& info) {
      const auto read = backups.verify(info.id, [&](auto done, auto total) { line.show(done, total); });
      if (!info.fault) info = read;
    });
  }
  const auto of_vault = vaults.list();
  for (const auto& each : of_vault) {
    try {
      vaults.verify(each.id, master);
    } catch (const events::Damaged& damage) {
      verdict = exit_verification;
      print_vault(each.id, damage.what(), options);
    } catch (const storage::WrongMasterKey&) {
      // A restore uses the newest backup, so an earlier key in older ones is not a fault.
      if (each.id == of_vault.back().id) verdict = exit_verification;
      print_vault(each.id, "it opens only with an earlier master key", options);
    }
  }
  if (checked == 0) throw Failure{exit_not_found, "there is no such backup"};
  service::erasures_in(folders.erasures);  // throws if the list is damaged
  return verdict;
}

/// Reports which newer backups were not restored, and why.
void warn_of_skipped(const std::vector<LogBackupInfo>& skipped) {
  for (const auto& each : skipped)
    std::cerr << "ttpctl: warning: backup " << each.id
              << " is newer but damaged, so it was skipped: " << each.fault.value_or("") << "\n";
}

struct Restore {
  std::optional<std::string> id, to_position, to_time, erasures;
};

Exit restore(const Restore& wanted, const Options& options) {
  const service::Config config = options.load().config;
  if (wanted.to_position && wanted.to_time)
    throw Failure{exit_usage, "use --to-position or --to-time, not both"};
  if (!config.checkpoint_file.empty())
    throw Failure{exit_usage,
                  "restore writes the checkpoint into the new data directory: do not set checkpoint_file"};
  std::function<std::optional<storage::Position>(const storage::Log&)> until;
  if (wanted.to_position) {
    const auto last = number_of<storage::Position>(*wanted.to_position, "--to-position");
    until = [last](const storage::Log&) { return std::optional{last + 1}; };
  } else if (wanted.to_time) {
    const auto time = domain::parse_time(*wanted.to_time);
    if (!time) throw Failure{exit_usage, "--to-time takes a time such as 2026-03-09T14:00:00Z"};
    until = [time](const storage::Log& log) { return std::optional{storage::size_at(log, *time)}; };
  }
  std::optional<storage::BackupId> id;
  if (wanted.id) id = number_of<storage::BackupId>(*wanted.id, "--id");
  if (wanted.erasures && !fs::exists(*wanted.erasures))
    throw Failure{exit_usage, "--erasures: there is no file " + *wanted.erasures};
  const auto erasures = wanted.erasures ? std::optional{fs::path{*wanted.erasures}} : std::nullopt;
  if (finished_before(service::Making::restore, config, options)) return exit_ok;
  try {
    ProgressLine line("restore");
    const auto restored = service::restore_backup(
        backup_folder(config), id, config.data_dir, storage::load_master_key(config.master_key()),
        config.origin, erasures, until, [&](auto done, auto total) { line.show(done, total); });
    warn_of_skipped(restored.skipped);
    const std::string root = base64(restored.head.root);
    if (!options.json) {
      std::cout << "Restored backup " << restored.log.id << " into " << config.data_dir.string() << ": "
                << restored.head.next << " events, root " << root
                << ".\nThe views are built when the server starts.\n";
      return exit_ok;
    }
    std::string json;
    events::ObjectWriter object(json);
    object.member("id", restored.log.id).member("data_dir", config.data_dir.string());
    object.member("events", restored.head.next).member("root", root);
    object.end();
    std::cout << json << "\n";
    return exit_ok;
  } catch (const std::out_of_range& absent) {
    throw Failure{exit_not_found, absent.what()};
  } catch (const std::invalid_argument& parted) {
    throw Failure{exit_usage, parted.what()};
  }
}

struct Prune {
  std::uint64_t keep = 0;
  bool yes = false;
};

/// `deleted` is false in a dry run, which only reports what would be deleted.
void print_pruned(std::string_view part, const std::vector<storage::BackupId>& ids, bool deleted,
                  const Options& options) {
  for (const auto id : ids) {
    if (!options.json) {
      std::cout << (deleted ? "deleted " : "would delete ") << "backup " << id << " of the " << part << "\n";
      continue;
    }
    std::string json;
    events::ObjectWriter object(json);
    object.member("part", part).member("id", id).member("deleted", deleted);
    object.end();
    std::cout << json << "\n";
  }
}

Exit prune(const Prune& wanted, const Options& options) {
  if (wanted.keep == 0)
    throw Failure{exit_usage, "--keep takes at least 1: the last backup is never deleted"};
  const service::Config config = options.load().config;
  const service::BackupFolders folders{backup_folder(config)};
  auto all = backups_of(config);
  service::read_newest(all, wanted.keep, backup_folder(config), storage::load_master_key(config.master_key()),
                       config.origin);
  const auto doomed = service::older_than_newest(folders, all, wanted.keep);
  if (wanted.yes) service::prune(folders, doomed);
  print_pruned("log", doomed.log, wanted.yes, options);
  print_pruned("vault", doomed.vault, wanted.yes, options);
  for (const auto& each : all)
    if (each.fault && std::ranges::find(doomed.log, each.id) == doomed.log.end())
      std::cerr << "ttpctl: warning: backup " << each.id << " is damaged and does not count: " << *each.fault
                << "\n";
  if (!wanted.yes && doomed.log.size() + doomed.vault.size() > 0)
    std::cerr << "Nothing was deleted: confirm with --yes.\n";
  return exit_ok;
}

}  // namespace

void add_backup(Commands& commands) {
  Commands backup = commands.group("backup", "Takes, lists, checks, restores and deletes backups");
  backup.add("create",
             "Takes a backup of a stopped service; for a running one use POST /v1/operations/backups",
             "ttpctl backup create --backup-dir backups --data-dir data", create);
  backup.add("list", "Lists the backups, the oldest first",
             "ttpctl backup list --backup-dir backups --master-key-file key", list);
  const auto id = std::make_shared<std::optional<std::string>>();
  backup
      .add("verify", "Compares every file, event and signature of the backups",
           "ttpctl backup verify --backup-dir backups --master-key-file key",
           [id](const Options& options) { return verify(*id, options); })
      .optional("--id", id.get(), "Checks only this backup");
  const auto wanted = std::make_shared<Restore>();
  backup
      .add("restore", "Restores a backup into a new data directory",
           "ttpctl backup restore --backup-dir backups --master-key-file key --data-dir restored",
           [wanted](const Options& options) { return restore(*wanted, options); })
      .optional("--id", &wanted->id, "The backup to restore; default: the newest")
      .optional("--to-position", &wanted->to_position,
                "Restores only the events up to this position, as a separate log")
      .optional("--to-time", &wanted->to_time,
                "Restores only the events recorded until then, as a separate log")
      .optional("--erasures", &wanted->erasures,
                "The lost service's list of erasures, if its file is still there");
  const auto old = std::make_shared<Prune>();
  backup
      .add("prune", "Lists the backups older than the newest ones; with --yes deletes them",
           "ttpctl backup prune --keep 7 --yes --backup-dir backups --master-key-file key",
           [old](const Options& options) { return prune(*old, options); })
      .required("--keep", &old->keep, "Number of newest undamaged backups to keep")
      .optional("--yes", &old->yes, "Delete them");
}

}  // namespace ttp::tools
