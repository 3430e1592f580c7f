// The erasures that were carried out, in a file of their own beside the signed checkpoint: a log and a vault
// that are restored to an earlier time know nothing of them, and no restore may bring a person back.
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

  /// Lists the erasure, durably, then destroys the person's key and password verifiers. Doing it again does
  /// no harm. Throws std::system_error and std::runtime_error.
  void carry_out(const domain::UserErased& erased);
  /// All that are listed. Throws events::Damaged where the file is not of our making.
  std::vector<domain::UserErased> list() const;
  /// Writes the list into a file, as a whole.
  void copy_to(const std::filesystem::path& file) const;
  /// Joins lists, of which some may not exist, into a file; nothing is written where all are empty.
  static void merge(const std::vector<std::filesystem::path>& files, const std::filesystem::path& into);
  /// Destroys what a restored vault has brought back. Returns how many keys there were.
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
