#include "service/data_folder.hpp"

#include <array>
#include <cerrno>
#include <system_error>
#include <vector>

#include <fmt/format.h>

#include "events/bytes.hpp"
#include "os/files.hpp"
#include "storage/backup/backup.hpp"

namespace ttp::service {
namespace {

namespace fs = std::filesystem;
using events::Damaged;

constexpr std::array<std::string_view, 3> making_names{"init", "import", "restore"};
constexpr std::array<std::string_view, 3> commands{"ttpctl init", "ttpctl import", "ttpctl backup restore"};
// Names of folders: never change.
constexpr std::string_view unfinished_suffix = ".unfinished";
constexpr std::string_view whole_suffix = ".whole";
/// Folders that an interrupted restore or import of earlier releases left.
constexpr std::array<std::string_view, 3> earlier_names{"log.restoring", "vault.restoring", "log.importing"};

fs::path folder_for(const fs::path& data_dir, Making making, std::string_view suffix) {
  return data_dir / fmt::format("{}{}", name_of(making), suffix);
}

bool is_there(const fs::path& path) {
  return fs::exists(fs::symlink_status(path));
}

/// Moves a file over one of the same name, durably; the target may be on another disk.
void bring_file(const fs::path& from, const fs::path& to) {
  os::make_private_folder(to.parent_path());
  constexpr std::size_t bytes_max = std::size_t{1} << 30;
  os::replace_file(to, os::read_small_file(from, bytes_max).value());
  fs::remove(from);
}

/// Lists the folder completely first, because the caller moves the entries away.
std::vector<fs::path> parts_of(const fs::path& folder) {
  std::vector<fs::path> parts;
  for (const auto& each : fs::directory_iterator{folder}) parts.push_back(each.path());
  return parts;
}

/// Moves a file or a folder; if the target folder exists, moves the content into it.
void move_below(const fs::path& from, const fs::path& to) {
  if (!is_there(to) || !fs::is_directory(from)) {
    os::make_private_folder(to.parent_path());
    os::move_file(from, to);
    return;
  }
  for (const auto& each : parts_of(from)) move_below(each, to / each.filename());
  fs::remove(from);
}

[[noreturn]] void refuse(const fs::path& data_dir, std::string_view what, std::string_view advice) {
  throw Damaged(fmt::format("{}: {}. Nothing was changed. {}", data_dir.string(), what, advice));
}

/// Whether the folder has files of a database, but not the file that names the others.
bool lost_its_current(const fs::path& folder) {
  if (holds_database(folder) || !fs::is_directory(folder)) return false;
  for (const auto& each : fs::directory_iterator{folder})
    if (each.path().filename().string().starts_with("MANIFEST-") || each.path().extension() == ".sst" ||
        each.path().extension() == ".log")
      return true;
  return false;
}

std::string in_use_text(const fs::path& data_dir) {
  return "another command makes stores in " + data_dir.string() + ": wait until it has ended";
}

void move_into_place(const Config& config, const fs::path& whole) {
  // Move the list of erasures and the note first: a log in its place must always have both.
  const fs::path beside = config.checkpoint().parent_path();
  for (const auto* name : {"erasures", "checkpoint"})
    if (const fs::path file = whole / "checkpoint" / name; fs::exists(file))
      bring_file(file, name == std::string_view{"checkpoint"} ? config.checkpoint() : beside / name);
  fs::remove(whole / "checkpoint");
  for (const auto& each : parts_of(whole)) move_below(each, config.data_dir / each.filename());
  fs::remove(whole);
  os::sync_folder(config.data_dir);
}

}  // namespace

std::string_view name_of(Making making) {
  return making_names[static_cast<std::size_t>(making)];
}

bool holds_database(const fs::path& folder) {
  return fs::exists(folder / "CURRENT");
}

std::optional<Unfinished> unfinished_in(const fs::path& data_dir) {
  for (const auto making : {Making::init, Making::import, Making::restore}) {
    const auto command = commands[static_cast<std::size_t>(making)];
    if (const auto folder = folder_for(data_dir, making, whole_suffix); is_there(folder))
      return Unfinished{folder, fmt::format("{} into {} was interrupted when everything was there. Run {} "
                                            "again: it puts the parts of {} in their places",
                                            command, data_dir.string(), command, folder.string())};
    if (const auto folder = folder_for(data_dir, making, unfinished_suffix); is_there(folder))
      return Unfinished{folder,
                        fmt::format("{} into {} was not finished. Run it again, or remove {}: nothing in it "
                                    "is needed",
                                    command, data_dir.string(), folder.string())};
  }
  for (const auto name : earlier_names)
    if (is_there(data_dir / name))
      return Unfinished{
          data_dir / name,
          fmt::format("a restore or an import into {} was not finished. Remove {}, and beside it "
                      "the log/ or vault/ that the same command made, then run it again",
                      data_dir.string(), (data_dir / name).string())};
  return std::nullopt;
}

void refuse_unready(const Config& config) {
  const fs::path& dir = config.data_dir;
  if (const auto left = unfinished_in(dir)) throw Damaged(left->sentence);
  for (const auto* part : {"log", "vault"})
    if (lost_its_current(dir / part))
      refuse(dir, fmt::format("{}/ has lost its file CURRENT", part),
             "Restore a backup into a new folder: ttpctl backup restore.");
  const bool has_log = holds_database(dir / "log");
  const bool has_vault = holds_database(dir / "vault");
  const bool has_key = fs::exists(config.master_key());
  if (has_vault && !has_key)
    refuse(dir, fmt::format("the master key file {} is not there", config.master_key().string()),
           "Bring it back from its copy, or name it with master_key_file: without it no key of the vault and "
           "no personal field can be read.");
  if (has_log && !has_vault && !config.sandbox) refuse_lost_vault(config);
  if (has_log) return;
  const bool has_note = fs::exists(config.checkpoint());
  if (!has_vault && !has_note && config.sandbox) return;
  if (has_vault || has_note)
    refuse(dir,
           fmt::format("it holds no log, but {}",
                       has_vault ? "there is the vault of one"
                                 : fmt::format("{} says that there was one", config.checkpoint().string())),
           "If its disk is not mounted, mount it. If the log is lost, keep checkpoint/ and run ttpctl backup "
           "restore into a new folder.");
  refuse(dir, "it holds no log",
         "If its disk is not mounted, mount it. ttpctl init makes a new log with the first staff credential; "
         "ttpctl backup restore brings one back.");
}

void refuse_lost_vault(const Config& config) {
  refuse(config.data_dir, "there is a log, but no vault beside it",
         "Mount its disk or bring the vault back from where it was; or restore log and vault together into a "
         "new folder: ttpctl backup restore.");
}

// ---- stores that are being made ---------------------------------------------------------------------------

bool finish(const Config& config, Making making) {
  const fs::path whole = folder_for(config.data_dir, making, whole_suffix);
  if (!is_there(whole)) return false;
  const os::FolderLock lock{config.data_dir, in_use_text(config.data_dir)};
  move_into_place(config, whole);
  return true;
}

NewStores::NewStores(const Config& config, Making making)
    : config_(config),
      making_(making),
      making_in_(folder_for(config.data_dir, making, unfinished_suffix)),
      whole_in_(folder_for(config.data_dir, making, whole_suffix)) {
  made_data_dir_ = !fs::exists(config_.data_dir);
  os::make_private_folder(config_.data_dir);
  try {
    begin();
  } catch (...) {
    remove_data_dir_if_new();
    throw;
  }
}

void NewStores::begin() {
  const fs::path& dir = config_.data_dir;
  lock_.emplace(dir, in_use_text(dir));
  fs::remove_all(making_in_);
  if (const auto other = unfinished_in(dir)) throw storage::TargetExists(other->sentence);
  for (const std::string_view part : {"log", "vault"}) {
    const bool may_stay = making_ == Making::import && part == "vault";
    if (!may_stay && is_there(dir / part) && !fs::is_empty(dir / part))
      throw storage::TargetExists(
          fmt::format("{} holds a {} already: nothing was changed. Name a new folder "
                      "with --data-dir",
                      dir.string(), part));
  }
  if (making_ == Making::init && fs::exists(config_.checkpoint()))
    throw storage::TargetExists(
        fmt::format("{} is the signed checkpoint of a log: nothing was changed. ttpctl "
                    "backup restore brings that log back; for a new one move the file "
                    "away",
                    config_.checkpoint().string()));
  os::make_private_folder(making_in_);
}

NewStores::~NewStores() {
  if (is_whole_) return;
  std::error_code ignored;
  fs::remove_all(making_in_, ignored);
  remove_data_dir_if_new();
}

/// Removes the data folder if this object created it and it is empty.
void NewStores::remove_data_dir_if_new() const {
  std::error_code ignored;
  if (made_data_dir_) fs::remove(config_.data_dir, ignored);
}

Config NewStores::config_inside() const {
  Config inside = config_;
  inside.master_key_file = config_.master_key();
  inside.data_dir = making_in_;
  inside.checkpoint_file.clear();
  return inside;
}

fs::path NewStores::checkpoint() const {
  return making_in_ / "checkpoint" / "checkpoint";
}

fs::path NewStores::erasures() const {
  return making_in_ / "checkpoint" / "erasures";
}

void NewStores::place() {
  os::sync_folder(making_in_);
  os::move_file(making_in_, whole_in_);
  is_whole_ = true;
  move_into_place(config_, whole_in_);
}

}  // namespace ttp::service
