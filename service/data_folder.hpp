// The data folder as a whole: its parts, the checks before a start, and how an operator's command puts new
// parts there. A new part appears only when it is complete, and never replaces an existing one.
#pragma once

#include <filesystem>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

#include "os/folder_lock.hpp"
#include "service/config.hpp"

namespace ttp::service {

/// The commands that create stores. Their names are part of folder names: never rename.
enum class Making { init, import, restore };
std::string_view name_of(Making making);

/// The folder that a killed command left behind.
struct Unfinished {
  std::filesystem::path folder;
  std::string sentence;  ///< what was not finished, and what to do
};
std::optional<Unfinished> unfinished_in(const std::filesystem::path& data_dir);

/// Whether the folder holds a database. An existing folder is not enough: it may be an empty mount point.
bool holds_database(const std::filesystem::path& folder);

/// Refuses a data folder that a start must not use: a command that created it was not finished, or a part is
/// missing that the others need. Only sandbox mode may start in an empty folder. Throws events::Damaged with
/// what to do.
void refuse_unready(const Config& config);
/// Refuses a log with events that has no vault. Throws events::Damaged.
[[noreturn]] void refuse_lost_vault(const Config& config);

/// Completes a command that was interrupted after it had declared its parts whole: moves them to their
/// places. Returns false if there are none. Throws os::InUse and std::system_error.
bool finish(const Config& config, Making making);

/// New stores under construction. They are created in a temporary folder within the data folder; one rename
/// declares it whole, and then its parts are moved to their places. Unfinished folders of killed commands are
/// removed.
class NewStores {
 public:
  /// Throws storage::TargetExists if the data folder already holds a store to be created, or parts that only
  /// `finish` can complete; os::InUse while another command creates stores there; and std::system_error.
  NewStores(const Config& config, Making making);
  /// Unless `place` was called, removes the new stores, and the data folder if this object created it.
  ~NewStores();
  NewStores(const NewStores&) = delete;
  NewStores& operator=(const NewStores&) = delete;

  const std::filesystem::path& folder() const { return making_in_; }
  /// The same configuration with all stores in the new folder.
  Config config_inside() const;
  /// The paths of the signed note and the list of erasures of the new stores.
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
