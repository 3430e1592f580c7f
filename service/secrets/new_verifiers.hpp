// Password verifiers between their creation and their event. A verifier is stored, under a fresh identifier,
// before its command is decided, because hashing takes long; only the event of an accepted command names the
// identifier. After the decision this class keeps the verifier and erases the previous one, or erases it.
#pragma once

#include <functional>
#include <vector>

#include "domain/ids.hpp"
#include "os/mutex.hpp"
#include "storage/vault/vault.hpp"

namespace ttp::service {

class NewVerifiers {
 public:
  explicit NewVerifiers(storage::Vault& vault) : vault_(vault) {}

  struct Settled {
    domain::UserId user;
    domain::VerifierId id;
    domain::VerifierId before;  ///< the verifier that it replaces; nil: none
    bool is_named = false;      ///< whether an event names it
  };
  /// Queues the result of a decision; does not access the disk.
  void settle(const Settled& settled);
  /// Carries out the queued results. It syncs, so it belongs on the password pool. A result that fails is
  /// logged once and stays queued for the next call.
  void carry_out();

  /// Settles verifiers that a crash left unsettled. No command may be in flight. `named` returns the verifier
  /// of a user by the log, nil if there is none.
  void sweep(const std::function<domain::VerifierId(domain::UserId)>& named);

 private:
  void carry_out(const Settled& settled);

  storage::Vault& vault_;
  os::Mutex mutex_;
  std::vector<Settled> settled_ TTP_GUARDED_BY(mutex_);
};

}  // namespace ttp::service
