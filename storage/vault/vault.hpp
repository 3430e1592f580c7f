// The vault: what must be secret or must be erasable, and therefore is not in the log. Data keys of persons,
// the service's own keys and password verifiers, each wrapped by the master key; and small notes, which are
// not secret. Backed up apart from the log.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "domain/ids.hpp"
#include "events/seal.hpp"
#include "storage/rocks/memory.hpp"
#include "storage/vault/key_ring.hpp"
#include "storage/vault/secret_key.hpp"

namespace ttp::storage {

namespace rocks {
struct VaultDoor;
}

/// The vault was made with another master key.
struct WrongMasterKey : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// Reads a master key: 32 raw bytes, or 64 hexadecimal digits with an optional newline. Throws
/// std::runtime_error for any other content and for a file that group or others can read, write or execute.
MasterKey load_master_key(const std::filesystem::path& path);
/// Makes a random key and writes it in hexadecimal, mode 0600, synced. Throws std::runtime_error if the file
/// exists.
MasterKey create_master_key(const std::filesystem::path& path);

/// All functions can be called from any thread. What is written is durable when the call returns, except
/// notes without `sync`. Damage throws events::Damaged, a failing disk std::runtime_error.
class Vault {
 public:
  /// Opens the vault in `dir`, or makes a new one under this master key. Throws WrongMasterKey.
  static std::unique_ptr<Vault> open(const std::filesystem::path& dir, const MasterKey& master,
                                     const Memory& memory = Memory{});
  ~Vault();
  Vault(const Vault&) = delete;
  Vault& operator=(const Vault&) = delete;

  /// The data key of a subject (1 to 255 bytes, for example "user:<uuid>"); nothing if it never had one or it
  /// was destroyed.
  std::optional<events::DataKey> find_data_key(std::string_view subject) const;
  /// Those of all subjects from `first` to `last`, in the order of their names. What is made or destroyed
  /// meanwhile may be there or not.
  void each_data_key(
      std::string_view first, std::string_view last,
      const std::function<void(std::string_view subject, const events::DataKey& key)>& visit) const;
  /// The same as find_data_key, but made and stored first where there is none.
  events::DataKey data_key(std::string_view subject);
  /// The keys of several subjects, in their order; those that are missing are made with one synced write.
  std::vector<events::DataKey> data_keys(std::span<const std::string> subjects);
  /// Destroys a key for good: it is gone from memory and from the vault's files when the call returns.
  /// Returns whether there was one. The subject's sealed fields can not be read ever after.
  bool destroy_data_key(std::string_view subject);
  /// Destroys a person's data key and all verifiers of the user, in one synced write, and compacts the notes.
  /// Nothing that was erased is left in any file of the vault when the call returns; throws
  /// std::runtime_error where an old file stays in use. Doing it again does no harm, and finishes what a
  /// crash has cut off. Returns whether there was a key.
  bool erase_person(std::string_view subject, const domain::UserId& user);

  /// The service's own keys for a purpose, the oldest first; the first is made at its first use. Purposes
  /// have no '#' in their names.
  std::vector<KeyGeneration> named_keys(std::string_view purpose);
  /// The newest of them.
  SecretKey named_key(std::string_view purpose);
  /// Makes the purpose's next key, which serves from `since` on.
  KeyGeneration rotate_named_key(std::string_view purpose, domain::Time since);
  /// Wraps everything with another master key, in one synced write: a crash leaves all under the old one or
  /// all under the new one. Readers and writers wait meanwhile. Nothing under the old one is left in the
  /// files when the call returns.
  void change_master_key(const MasterKey& master);

  // The verifier (a PHC string) of a user's password. It is stored before the event that names it is decided,
  // and counts as unnamed until `keep_verifier` or `erase_verifier` tells what came of that.
  void put_verifier(const domain::UserId& user, const domain::VerifierId& id, std::string_view phc);
  std::optional<std::string> find_verifier(const domain::UserId& user, const domain::VerifierId& id) const;
  /// Stores another verifier of the same password; nothing happens where it was erased meanwhile.
  void replace_verifier(const domain::UserId& user, const domain::VerifierId& id, std::string_view phc);
  /// An event names it.
  void keep_verifier(const domain::UserId& user, const domain::VerifierId& id);
  void erase_verifier(const domain::UserId& user, const domain::VerifierId& id);
  /// Erases all of the user's but one.
  void erase_verifiers_except(const domain::UserId& user, const domain::VerifierId& kept);
  std::vector<std::pair<domain::UserId, domain::VerifierId>> unnamed_verifiers() const;

  /// Small operational values that change, such as how far a consumer has come. Not wrapped: never a secret.
  void put_note(std::string_view key, std::string_view value, bool sync);
  std::optional<std::string> find_note(std::string_view key) const;
  void erase_note(std::string_view key, bool sync = false);
  /// Key and value of each note whose key starts with `prefix`, in order; at most `limit`, behind `after`.
  std::vector<std::pair<std::string, std::string>> scan_notes(
      std::string_view prefix, std::string_view after = {},
      std::size_t limit = std::numeric_limits<std::size_t>::max()) const;

 private:
  friend struct rocks::VaultDoor;  // for backups
  struct Impl;
  explicit Vault(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace ttp::storage
