// ttpctl backup: takes, lists, checks and restores backups while the server is stopped; while it runs it
// takes them itself, and they can be listed and checked here all the same.
#include <charconv>
#include <iostream>
#include <memory>

#include "events/json.hpp"
#include "service/service.hpp"
#include "tools/ttpctl/command.hpp"

namespace ttp::tools {
namespace {

namespace fs = std::filesystem;
using storage::LogBackupInfo;

fs::path folder_of(const service::Config& config) {
  if (config.backup_dir.empty()) throw Failure{exit_usage, "name the folder of the backups: --backup-dir"};
  return config.backup_dir;
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
    std::cout << info.id << "  damaged: " << *info.fault << "\n";
  } else {
    std::cout << info.id << "  " << domain::to_text(info.taken_at) << "  " << info.events << " events, root "
              << base64(info.root) << ", " << info.bytes << " bytes, " << info.bytes_new << " new\n";
  }
}

Exit create(const Options& options) {
  const service::Config config = options.load_with_log();
  const fs::path folder = folder_of(config);
  const service::Stores stores(config);
  const auto seed = stores.vault->named_key("checkpoint_signing");
  storage::CheckpointKeeper keeper(*stores.log, stores.checkpoint_file, stores.origin, seed);
  service::Backups backups(*stores.log, *stores.vault, keeper, stores.erasures,
                           {stores.origin, storage::verifying_key(seed)}, folder, config.backups_keep,
                           [] { return service::Clock{}.now(); });
  tell(backups.take(), options);
  return exit_ok;
}

storage::LogBackups backups_of(const service::Config& config) {
  return service::log_backups_in(folder_of(config), storage::load_master_key(config.master_key()),
                                 config.origin);
}

Exit list(const Options& options) {
  for (const LogBackupInfo& each : backups_of(options.load().config).list()) tell(each, options);
  return exit_ok;
}

Exit verify(const std::optional<std::string>& id, const Options& options) {
  const service::Config config = options.load().config;
  const auto backups = backups_of(config);
  const storage::VaultBackups vaults{service::BackupFolders{folder_of(config)}.vault};
  const auto master = storage::load_master_key(config.master_key());
  const auto all = backups.list();
  ProgressLine line("verify");
  std::size_t done = 0, checked = 0;
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
  for (const LogBackupInfo& each : all) {
    line.show(done++, all.size());
    if (id && std::to_string(each.id) != *id) continue;
    ++checked;
    check(each, [&](LogBackupInfo& info) { info = backups.verify(info.id); });
  }
  for (const auto& each : vaults.list()) vaults.verify(each.id, master);
  if (checked == 0) throw Failure{exit_not_found, "there is no such backup"};
  return verdict;
}

struct Restore {
  std::optional<std::string> id, to_position, to_time, erasures;
};

std::uint64_t number_of(const std::string& text, std::string_view option) {
  std::uint64_t value = 0;
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (fault != std::errc{} || end != text.data() + text.size())
    throw Failure{exit_usage, std::string{option} + " takes a number"};
  return value;
}

Exit restore(const Restore& wanted, const Options& options) {
  const service::Config config = options.load().config;
  if (wanted.to_position && wanted.to_time)
    throw Failure{exit_usage, "take --to-position or --to-time, not both"};
  if (!config.checkpoint_file.empty())
    throw Failure{exit_usage,
                  "restore writes the checkpoint into the new data directory: leave checkpoint_file out"};
  std::function<std::optional<storage::Position>(const storage::Log&)> until;
  if (wanted.to_position) {
    const auto last = number_of(*wanted.to_position, "--to-position");
    until = [last](const storage::Log&) { return std::optional{last + 1}; };
  } else if (wanted.to_time) {
    const auto time = domain::parse_time(*wanted.to_time);
    if (!time) throw Failure{exit_usage, "--to-time takes a time such as 2026-03-09T14:00:00Z"};
    until = [time](const storage::Log& log) { return std::optional{storage::size_at(log, *time)}; };
  }
  std::optional<storage::BackupId> id;
  if (wanted.id) id = static_cast<storage::BackupId>(number_of(*wanted.id, "--id"));
  const auto erasures = wanted.erasures ? std::optional{fs::path{*wanted.erasures}} : std::nullopt;
  try {
    const auto restored = service::restore_backup(folder_of(config), id, config.data_dir,
                                                  storage::load_master_key(config.master_key()),
                                                  config.origin, erasures, until);
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
  } catch (const storage::TargetExists& exists) {
    throw Failure{exit_conflict, exists.what()};
  } catch (const std::out_of_range& absent) {
    throw Failure{exit_not_found, absent.what()};
  } catch (const std::invalid_argument& parted) {
    throw Failure{exit_usage, parted.what()};
  }
}

}  // namespace

void add_backup(Commands& commands) {
  Commands backup = commands.group("backup", "Takes, lists, checks and restores backups");
  backup.add("create",
             "Takes a backup of a stopped service; a running one takes its own (POST /v1/operations/backups)",
             "ttpctl backup create --backup-dir backups --data-dir data", create);
  backup.add("list", "Lists the backups, the oldest first",
             "ttpctl backup list --backup-dir backups --master-key-file key", list);
  const auto id = std::make_shared<std::optional<std::string>>();
  backup
      .add("verify", "Compares every file, event and signature of the backups",
           "ttpctl backup verify --backup-dir backups --master-key-file key",
           [id](const Options& options) { return verify(*id, options); })
      .optional("--id", id.get(), "Only this one");
  const auto wanted = std::make_shared<Restore>();
  backup
      .add("restore", "Restores a backup into a new data directory",
           "ttpctl backup restore --backup-dir backups --master-key-file key --data-dir restored",
           [wanted](const Options& options) { return restore(*wanted, options); })
      .optional("--id", &wanted->id, "Which one; the newest where it is not given")
      .optional("--to-position", &wanted->to_position,
                "Only the events up to this position, as a log of its own")
      .optional("--to-time", &wanted->to_time, "Only what was recorded until then, as a log of its own")
      .optional("--erasures", &wanted->erasures,
                "The lost service's list of erasures, if its file is still there");
}

}  // namespace ttp::tools
