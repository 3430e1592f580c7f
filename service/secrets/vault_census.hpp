// Checks that the vault belongs to the log: each person and company with sealed fields in the log must have a
// key, unless the log or the list of erasures says that the person was erased. An older vault has no keys for
// later subjects, nor the service's own keys that were made later: the log has an event for each rotation.
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

/// A missing key with the first event that needs it.
struct MissingKey {
  std::string subject;
  storage::Position position = 0;
};

/// A key of the service itself that the vault lacks, with the event of its rotation.
struct MissingRotation {
  std::string purpose;  ///< empty: the master key
  storage::Position position = 0;
};

class VaultCensus {
 public:
  VaultCensus(const storage::Log& log, const storage::Vault& vault, std::vector<domain::UserErased> listed);

  /// Checks the events of the log from `from` on. Each subject is looked up once. Throws events::Damaged.
  void look_through(storage::Position from);
  /// Checks one subject, for callers that read the events themselves: the event at `position` has fields
  /// sealed for `subject`.
  void note(const std::string& subject, storage::Position position);
  /// Checks what an operator did: if it was the rotation of a key, the vault must have that key.
  void note(const domain::OperationPerformed& operation, storage::Position position);
  /// The missing keys, in the order of their events.
  const std::vector<MissingKey>& missing() const { return missing_; }
  /// One sentence about all missing keys; nothing if none is missing.
  std::optional<std::string> fault() const;

 private:
  bool is_erased(const std::string& subject) const;

  const storage::Log& log_;
  const storage::Vault& vault_;
  const std::vector<domain::UserErased> listed_;
  std::unordered_map<std::string, bool> seen_;
  std::vector<MissingKey> missing_;
  std::vector<MissingRotation> missing_rotations_;
};

/// The advice for operators whose vault lacks keys.
extern const std::string_view older_vault_advice;

/// Refuses a vault that is older than the log. The vault stores the log's position at its last write, so only
/// later events are read; without that position the whole log is read. Throws events::Damaged.
void refuse_older_vault(const storage::Log& log, const storage::Vault& vault,
                        std::vector<domain::UserErased> listed);

}  // namespace ttp::service
