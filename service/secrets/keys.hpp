// The service's own keys: one ring for each purpose, and the file of the master key, which wraps them all in
// the vault. Each key can be rotated while the service runs.
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
  /// Creates missing keys. `vault` must outlive the keys.
  explicit Keys(storage::Vault& vault);

  const storage::KeyRing& of(KeyPurpose purpose) const { return rings_[static_cast<std::size_t>(purpose)]; }
  /// Creates the purpose's next key; values made with earlier keys stay valid. The key is durable on return.
  /// It serves at once, or after a short delay for purposes whose values find their key by their time.
  void rotate(KeyPurpose purpose, domain::Time now);

 private:
  storage::Vault& vault_;
  os::Mutex rotating_;  // one key at a time
  std::array<storage::KeyRing, key_purposes.size()> rings_;
};

/// The keys that sign checkpoints, the newest first, read from a vault.
storage::SigningKeys checkpoint_keys(storage::Vault& vault);

/// Opens the vault with the master key's file. Sandbox mode creates the file at its first start; otherwise
/// only `ttpctl init` creates it. An interrupted rotation of the master key is completed or undone. Throws
/// what Vault::open and storage::load_master_key throw.
std::unique_ptr<storage::Vault> open_vault(const Config& config,
                                           const storage::Memory& memory = storage::Memory{});
/// Creates a new master key, wraps everything in the vault with it and replaces the key's file. The old key
/// is kept beside it under `<name>.until-<time>`: earlier backups of the vault cannot be opened without it.
/// If the file's folder cannot be written, throws std::runtime_error and changes nothing.
void rotate_master_key(storage::Vault& vault, const Config& config, domain::Time now);
/// The time from which the master key serves; nothing for the first one.
std::optional<domain::Time> master_key_since(const storage::Vault& vault);

}  // namespace ttp::service
