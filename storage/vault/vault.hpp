// The vault holds data that must be secret or erasable and therefore is not in the log: data keys of persons,
// the service's own keys and password verifiers, each wrapped by the master key. It also holds small notes,
// which are not secret. It is backed up apart from the log.
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

/// The vault was created with another master key.
struct WrongMasterKey : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// Reads a master key: 32 raw bytes, or 64 hexadecimal digits with an optional newline. Throws
/// std::runtime_error for any other content and for a file that group or others can read, write or execute.
MasterKey load_master_key(const std::filesystem::path& path);
/// Generates a random key and writes it in hexadecimal, mode 0600, synced. Throws std::runtime_error if the
/// file exists.
MasterKey create_master_key(const std::filesystem::path& path);

/// All functions can be called from any thread. A write is durable when the call returns, except notes
/// without `sync`. Damage throws events::Damaged, a failing disk std::runtime_error.
class Vault {
 public:
  /// Opens the vault in `dir`, or creates a new one under this master key. Throws WrongMasterKey.
  static std::unique_ptr<Vault> open(const std::filesystem::path& dir, const MasterKey& master,
                                     const Memory& memory = Memory{});
  ~Vault();
  Vault(const Vault&) = delete;
  Vault& operator=(const Vault&) = delete;

  /// The data key of a subject (1 to 255 bytes, for example "user:<uuid>"); nothing if it never had one or
  /// the key was destroyed.
  std::optional<events::DataKey> find_data_key(std::string_view subject) const;
  /// Visits the data keys of all subjects from `first` to `last`, in the order of their names. A key that is
  /// created or destroyed meanwhile may be visited or not.
  void each_data_key(
      std::string_view first, std::string_view last,
      const std::function<void(std::string_view subject, const events::DataKey& key)>& visit) const;
  /// The same as find_data_key, but a missing key is created and stored first.
  events::DataKey data_key(std::string_view subject);
  /// The keys of several subjects, in their order; missing keys are created with one synced write.
  std::vector<events::DataKey> data_keys(std::span<const std::string> subjects);
  /// Destroys a key for good: it is gone from memory and from the vault's files when the call returns.
  /// Returns whether there was one. The subject's sealed fields can never be read again.
  bool destroy_data_key(std::string_view subject);
  /// Destroys a person's data key and all verifiers of the user, in one synced write, and compacts the notes.
  /// Nothing that was erased is left in any file of the vault when the call returns; throws
  /// std::runtime_error if an old file stays in use. The call can be repeated, which completes an erasure
  /// that a crash interrupted. Returns whether there was a key.
  bool erase_person(std::string_view subject, const domain::UserId& user);

  /// The service's own keys for a purpose, the oldest first; the first key is created at its first use. The
  /// name of a purpose must not contain '#'.
  std::vector<KeyGeneration> named_keys(std::string_view purpose);
  /// The number of the service's own keys for a purpose; none is created.
  std::size_t named_key_count(std::string_view purpose) const;
  /// The newest key for a purpose.
  SecretKey named_key(std::string_view purpose);
  /// Creates the purpose's next key, which serves from `since` on.
  KeyGeneration rotate_named_key(std::string_view purpose, domain::Time since);
  /// Wraps everything with another master key, in one synced write: after a crash all values are under the
  /// old key or all are under the new one. Readers and writers block meanwhile. No value under the old key is
  /// left in the files when the call returns.
  void change_master_key(const MasterKey& master);

  // The verifier (a PHC string) of a user's password. It is stored before the event that names it is decided,
  // and counts as unnamed until `keep_verifier` or `erase_verifier` settles it.
  void put_verifier(const domain::UserId& user, const domain::VerifierId& id, std::string_view phc);
  std::optional<std::string> find_verifier(const domain::UserId& user, const domain::VerifierId& id) const;
  /// Replaces the verifier by another one of the same password; nothing happens if it was erased meanwhile.
  void replace_verifier(const domain::UserId& user, const domain::VerifierId& id, std::string_view phc);
  /// Notes that an event names the verifier.
  void keep_verifier(const domain::UserId& user, const domain::VerifierId& id);
  void erase_verifier(const domain::UserId& user, const domain::VerifierId& id);
  /// Erases all verifiers of the user except `kept`.
  void erase_verifiers_except(const domain::UserId& user, const domain::VerifierId& kept);
  std::vector<std::pair<domain::UserId, domain::VerifierId>> unnamed_verifiers() const;

  /// Stores a small operational value that changes, such as a consumer's position. Notes are not wrapped, so
  /// they must never be secret.
  void put_note(std::string_view key, std::string_view value, bool sync);
  std::optional<std::string> find_note(std::string_view key) const;
  void erase_note(std::string_view key, bool sync = false);
  /// Key and value of each note whose key starts with `prefix` and is greater than `after`, in order; at most
  /// `limit` notes.
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
