// Failed sign-ins under user names that nobody has. They are delayed and locked like those of strangers under
// a known name, so that neither a delay nor its absence reveals whether a user name exists. They are kept in
// memory and as synced notes in the vault, because a known name's failures outlive a restart, too, and
// because each of them waits for a disk.
#pragma once

#include <cstddef>
#include <deque>
#include <map>
#include <string>
#include <vector>

#include "domain/lockout.hpp"
#include "domain/reason.hpp"
#include "domain/time.hpp"
#include "events/bytes.hpp"
#include "os/mutex.hpp"
#include "service/secrets/secrets.hpp"
#include "storage/vault/vault.hpp"

namespace ttp::service {

class UnknownNames {
 public:
  /// Reads the notes of the vault, which must outlive the names. At most `names_max` names of all networks
  /// together are kept.
  explicit UnknownNames(storage::Vault& vault, std::size_t names_max = 100'000);

  /// Counts one more try under the name with this keyed hash, by a client of this network, and returns the
  /// refusal. A repeat of a request that was counted (`asked_as`, its identities) gets the same refusal. If
  /// the table is full, the network that has tried the most names loses its oldest; names that were read from
  /// notes count as of one network.
  domain::Refusal refuse(const events::Hash& name, const std::string& network, domain::Time now,
                         const std::vector<KnownRequest>& asked_as = {});
  /// For tests.
  std::size_t names_of(const std::string& network) const;

 private:
  struct Tries {
    domain::Failures failures{};
    /// The refusals of counted requests with an Idempotency-Key: at most as many as lock a name.
    std::map<domain::CommandId, domain::Refusal> refusals{};
  };
  struct Counted {
    domain::Refusal refusal;
    std::string note;       ///< to be written; empty: nothing was counted
    std::string forgotten;  ///< the key of a note to be erased; empty: of none
  };
  Counted count(const events::Hash& name, const std::string& network, domain::Time now,
                const std::vector<KnownRequest>& asked_as);
  Tries& tries_of(const events::Hash& name, const std::string& network) TTP_REQUIRES(mutex_);
  /// Returns the key of its note.
  std::string forget_oldest_of_largest() TTP_REQUIRES(mutex_);

  storage::Vault& vault_;
  const std::size_t names_max_;
  mutable os::Mutex mutex_;  // never held during disk access
  std::map<events::Hash, Tries> tries_ TTP_GUARDED_BY(mutex_);
  /// By the network that tried first, oldest first.
  std::map<std::string, std::deque<events::Hash>> names_of_ TTP_GUARDED_BY(mutex_);
};

}  // namespace ttp::service
