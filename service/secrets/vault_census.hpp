// Whether the vault is the one that the log was written with: each person and company whose sealed fields the
// log has must have a key, unless the log or the list of erasures says that the person was erased. A vault
// from before has none for those who came since.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "domain/user.hpp"
#include "storage/log/log.hpp"
#include "storage/vault/vault.hpp"

namespace ttp::service {

/// A key that is not there and should be, with the first event that needs it.
struct MissingKey {
  std::string subject;
  storage::Position position = 0;
};

class VaultCensus {
 public:
  VaultCensus(const storage::Log& log, const storage::Vault& vault, std::vector<domain::UserErased> listed);

  /// Looks at what the log has from `from` on. Each subject is looked up once. Throws events::Damaged.
  void look_through(storage::Position from);
  /// For those who have read the events themselves: the event at `position` has fields sealed for `subject`.
  void note(const std::string& subject, storage::Position position);
  /// In the order of their events.
  const std::vector<MissingKey>& missing() const { return missing_; }
  /// One sentence for all that are missing; nothing where none is.
  std::optional<std::string> fault() const;

 private:
  bool is_erased(const std::string& subject) const;

  const storage::Log& log_;
  const storage::Vault& vault_;
  const std::vector<domain::UserErased> listed_;
  std::unordered_map<std::string, bool> seen_;
  std::vector<MissingKey> missing_;
};

/// What to do about a vault that lacks keys.
extern const std::string_view older_vault_advice;

/// Refuses a vault that is older than the log. The vault knows how far the log was when it was written last,
/// so only what came since is read; all of it, where it does not know. Throws events::Damaged.
void refuse_older_vault(const storage::Log& log, const storage::Vault& vault,
                        std::vector<domain::UserErased> listed);

}  // namespace ttp::service
