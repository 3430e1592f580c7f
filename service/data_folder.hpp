// The data folder as a whole: which parts lie in it, whether a start may use them, and how an operator's
// command puts new ones there. A part appears when all of it is there, and never where another one stands.
#pragma once

#include <filesystem>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

#include "os/folder_lock.hpp"
#include "service/config.hpp"

namespace ttp::service {

/// The commands that make stores. Their names are in the names of folders: never rename.
enum class Making { init, import, restore };
std::string_view name_of(Making making);

/// What a killed command left behind.
struct Unfinished {
  std::filesystem::path folder;
  std::string sentence;  ///< what was not finished, and what to do
};
std::optional<Unfinished> unfinished_in(const std::filesystem::path& data_dir);

/// Whether a database lies there: a folder alone is where one was to be, such as a mount point.
bool holds_database(const std::filesystem::path& folder);

/// Refuses a data folder that a start must not use: a command that made it was not finished, or a part is
/// missing that the others need. Only sandbox mode may start where nothing is. Throws events::Damaged with
/// what to do.
void refuse_unready(const Config& config);
/// For a log with events that has no vault. Throws events::Damaged.
[[noreturn]] void refuse_lost_vault(const Config& config);

/// Puts the parts in their places that a command had declared whole before it was interrupted; false where
/// there are none. Throws os::InUse and std::system_error.
bool finish(const Config& config, Making making);

/// New stores while a command makes them: in a folder of their own within the data folder, which one rename
/// declares whole; then its parts are moved to their places. What a killed command left unfinished is
/// removed.
class NewStores {
 public:
  /// Throws storage::TargetExists where the data folder holds what is to be made, or what only `finish` can
  /// go on with, os::InUse while another command makes stores there, and std::system_error.
  NewStores(const Config& config, Making making);
  /// Removes what was made, the data folder too where this call made it, unless `place` was called.
  ~NewStores();
  NewStores(const NewStores&) = delete;
  NewStores& operator=(const NewStores&) = delete;

  const std::filesystem::path& folder() const { return making_in_; }
  /// The same configuration with all stores in the new folder.
  Config config_inside() const;
  /// The note and the list of erasures that the new stores bring along.
  std::filesystem::path checkpoint() const;
  std::filesystem::path erasures() const;
  /// Declares the stores whole and puts them in place. Durable when it returns.
  void place();

 private:
  void begin();
  void remove_data_dir_if_new() const;

  const Config config_;
  const Making making_;
  const std::filesystem::path making_in_, whole_in_;
  bool made_data_dir_ = false;
  bool is_whole_ = false;
  std::optional<os::FolderLock> lock_;
};

}  // namespace ttp::service
