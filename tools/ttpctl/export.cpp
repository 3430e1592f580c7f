// ttpctl export and import: writes the whole log as files that anyone can verify, and makes a new log from
// such files.
#include "storage/tree/export.hpp"

#include <filesystem>
#include <iostream>
#include <memory>
#include <span>

#include "events/json.hpp"
#include "service/data_folder.hpp"
#include "service/service.hpp"
#include "service/workers/backups.hpp"
#include "storage/log/rocks_log.hpp"
#include "tools/ttpctl/command.hpp"
#include "tools/ttpctl/finished.hpp"

namespace ttp::tools {
namespace {

namespace fs = std::filesystem;

storage::ExportProgress progress_on(ProgressLine& line) {
  return [&line](storage::Position done, storage::Position total) { line.show(done, total); };
}

void tell(const Options& options, std::string_view done, const storage::SignedCheckpoint& checkpoint,
          const fs::path& folder) {
  const std::string root = events::to_base64(events::as_text(checkpoint.root));
  if (!options.json) {
    std::cout << done << " " << checkpoint.size << " events, root " << root << ", " << folder.string()
              << "\n";
    return;
  }
  std::string json;
  events::ObjectWriter object(json);
  object.member("folder", folder.string()).member("events", checkpoint.size).member("root", root);
  object.end();
  std::cout << json << "\n";
}

storage::SignedCheckpoint write_from_backup(const fs::path& folder, const std::string& wanted,
                                            const service::Config& config) {
  const bool newest = wanted == "newest";
  service::BackedUpLog backup;
  try {
    backup = service::open_backup(
        backup_folder(config),
        newest ? std::nullopt : std::optional{number_of<storage::BackupId>(wanted, "--backup")},
        storage::load_master_key(config.master_key()), config.origin);
  } catch (const std::out_of_range& absent) {
    throw Failure{exit_not_found, absent.what()};
  }
  ProgressLine line("export");
  storage::write_export(*backup.log, backup.checkpoint, sign_checkpoint(backup.checkpoint, backup.keys),
                        backup.keys, folder, progress_on(line));
  return backup.checkpoint;
}

Exit write(const fs::path& folder, const std::optional<std::string>& backup, const Options& options) {
  if (fs::exists(folder)) throw Failure{exit_conflict, folder.string() + " exists already"};
  if (backup) {
    tell(options, "Exported", write_from_backup(folder, *backup, options.load().config), folder);
    return exit_ok;
  }
  const service::Stores stores(options.load_with_log());
  const auto checkpoint =
      storage::CheckpointKeeper(*stores.log, stores.checkpoint_file, stores.origin, stores.signing_keys())
          .sign_now();
  ProgressLine line("export");
  storage::write_export(*stores.log, checkpoint, stores.checkpoint_file.read().value(), stores.signing_keys(),
                        folder, progress_on(line));
  tell(options, "Exported", checkpoint, folder);
  return exit_ok;
}

Exit read(const fs::path& folder, const std::string& key, const Options& options) {
  const service::Config config = options.load().config;
  const storage::Verifier verifier = storage::parse_verifier(key);
  if (verifier.name != config.origin)
    throw Failure{exit_usage, "the key is that of " + verifier.name + ", but origin is " + config.origin};
  if (finished_before(service::Making::import, config, options)) return exit_ok;
  service::NewStores stores{config, service::Making::import};
  ProgressLine line("verify");
  const storage::Verdict verdict = storage::verify_export(folder, verifier, std::nullopt, progress_on(line));
  if (!verdict.good()) throw Failure{exit_verification, folder.string() + ": " + *verdict.fault};
  {
    ProgressLine import_line("import");
    const auto log = storage::open_rocks_log(stores.folder() / "log");
    storage::import_export(folder, verifier, *log, progress_on(import_line));
    // An existing note is kept: the new log must extend it.
    if (const auto note = storage::CheckpointFile{config.checkpoint()}.read())
      storage::compare_at_start(*log, storage::open_checkpoint(*note, std::span{&verifier, 1}));
    else
      storage::CheckpointFile{stores.checkpoint()}.write(
          storage::CheckpointFile{folder / "checkpoint"}.read().value());
  }
  stores.place();
  tell(options, "Imported", {config.origin, verdict.size, verdict.root}, config.data_dir / "log");
  return exit_ok;
}

}  // namespace

void add_export(Commands& commands) {
  const auto folder = std::make_shared<std::string>();
  const auto backup = std::make_shared<std::optional<std::string>>();
  commands
      .add("export", "Writes the log as a signed bundle of files that anyone can verify",
           "ttpctl export bundle --data-dir data",
           [folder, backup](const Options& options) { return write(*folder, *backup, options); })
      .required("folder", folder.get(), "Folder to create")
      .optional("--backup", backup.get(),
                "From this backup, or from the 'newest', instead of the log: the server may be running");
  const auto source = std::make_shared<std::string>();
  const auto key = std::make_shared<std::string>();
  commands
      .add("import", "Makes a new log from a bundle; the vault must be copied separately",
           "ttpctl import bundle --key \"$KEY\" --data-dir new",
           [source, key](const Options& options) { return read(*source, *key, options); })
      .required("folder", source.get(), "The bundle's folder")
      .required("--key", key.get(), "The log's verifier key, as ttpctl checkpoint show prints it");
}

}  // namespace ttp::tools
