// The list of erasures, in a file beside the signed checkpoint. A restored log and vault do not have later
// erasures, and no restore may bring a person's data back.
#pragma once

#include <filesystem>
#include <vector>

#include "domain/user.hpp"
#include "os/mutex.hpp"
#include "storage/vault/vault.hpp"

namespace ttp::service {

class Erasures {
 public:
  Erasures(storage::Vault& vault, std::filesystem::path file) : vault_(vault), file_(std::move(file)) {}

  /// Lists the erasure, durably, then destroys the person's key and password verifiers. It can be repeated.
  /// Throws std::system_error and std::runtime_error.
  void carry_out(const domain::UserErased& erased);
  /// All listed erasures. Throws events::Damaged if the file is not as it was written.
  std::vector<domain::UserErased> list() const;
  /// Writes the list into another file, which is replaced as a whole.
  void copy_to(const std::filesystem::path& file) const;
  /// Merges lists, of which some may not exist, into a file; nothing is written if all are empty.
  static void merge(const std::vector<std::filesystem::path>& files, const std::filesystem::path& into);
  /// Destroys the keys of listed persons that a restored vault has again. Returns the number of such keys.
  std::size_t destroy_keys();

 private:
  static std::vector<domain::UserErased> read(const std::filesystem::path& file);
  bool destroy(domain::UserId user);
  void note_purged(domain::UserId user);

  storage::Vault& vault_;
  const std::filesystem::path file_;
  mutable os::Mutex mutex_;  // one change of the file at a time
};

}  // namespace ttp::service
