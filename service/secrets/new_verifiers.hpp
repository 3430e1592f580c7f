// Password verifiers between their making and their event. A verifier is stored, under a fresh identifier,
// before its command is decided, because hashing takes long; only the event of an accepted command names the
// identifier. What came of each is carried out here: it is kept and the one before it erased, or it is
// erased.
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
    domain::VerifierId before;  ///< what it replaces; nil: nothing
    bool is_named = false;      ///< an event names it
  };
  /// Takes note of a decision; touches no disk.
  void settle(const Settled& settled);
  /// Carries out what was settled. Syncs, so it belongs on the password pool. What fails stays for the next
  /// call, after one line in the log.
  void carry_out();

  /// Settles what a crash has left undecided. Nothing may be in flight. `named` tells a user's verifier as
  /// the log has it, nil where there is none.
  void sweep(const std::function<domain::VerifierId(domain::UserId)>& named);

 private:
  void carry_out(const Settled& settled);

  storage::Vault& vault_;
  os::Mutex mutex_;
  std::vector<Settled> settled_ TTP_GUARDED_BY(mutex_);
};

}  // namespace ttp::service
