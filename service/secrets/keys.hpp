// The service's own keys: one ring for each purpose, and the master key's file, under which the vault wraps
// them all. Each can be exchanged while the service runs.
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <string_view>

#include "os/mutex.hpp"
#include "service/config.hpp"
#include "storage/tree/checkpoint.hpp"
#include "storage/vault/key_ring.hpp"
#include "storage/vault/vault.hpp"

namespace ttp::service {

enum class KeyPurpose {
  activation_code,
  checkpoint_signing,
  claims,
  cursor,
  idempotency,
  one_time_code,
  pepper,
  session,
  sign_in,
};
constexpr std::array<std::string_view, 9> key_purposes{
    "activation_code", "checkpoint_signing", "claims", "cursor",
    "idempotency",     "one_time_code",      "pepper", "session",
    "sign_in"};

/// All functions can be called from any thread.
class Keys {
 public:
  /// Makes those that are missing. `vault` must outlive the keys.
  explicit Keys(storage::Vault& vault);

  const storage::KeyRing& of(KeyPurpose purpose) const { return rings_[static_cast<std::size_t>(purpose)]; }
  /// Makes the purpose's next key; what was made with the earlier ones stays valid. It is durable on return.
  /// It serves at once, or a little later where what is made with it has to know its key by its time.
  void rotate(KeyPurpose purpose, domain::Time now);

 private:
  storage::Vault& vault_;
  os::Mutex rotating_;  // one key at a time
  std::array<storage::KeyRing, key_purposes.size()> rings_;
};

/// The keys that sign checkpoints, the newest first, where only a vault is at hand.
storage::SigningKeys checkpoint_keys(storage::Vault& vault);

/// Opens the vault with the master key's file. Sandbox mode makes the file at its first start; elsewhere
/// `ttpctl init` does, once, on purpose. A rotation of the master key that was cut off is finished or taken
/// back. Throws what Vault::open and storage::load_master_key throw.
std::unique_ptr<storage::Vault> open_vault(const Config& config,
                                           const storage::Memory& memory = storage::Memory{});
/// A new master key: everything in the vault is wrapped anew, and the key's file replaced. The old key stays
/// beside it under `<name>.until-<time>`: backups of the vault taken before can not be opened without it.
/// Throws std::runtime_error, and nothing has changed, where the file's folder can not be written.
void rotate_master_key(storage::Vault& vault, const Config& config, domain::Time now);
/// Since when the master key serves; nothing for the first one.
std::optional<domain::Time> master_key_since(const storage::Vault& vault);

}  // namespace ttp::service
