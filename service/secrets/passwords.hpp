// Passwords: argon2id over the password keyed with a pepper, and verifiers in the vault. Checks run on a
// small pool of their own, so that a flood of sign-ins cannot block other work.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "domain/ids.hpp"
#include "domain/values.hpp"
#include "os/mutex.hpp"
#include "os/worker.hpp"
#include "service/secrets/fair_queue.hpp"
#include "storage/vault/vault.hpp"

namespace ttp::service {

class Passwords {
 public:
  /// `workers` threads; at most `queue_max` checks wait.
  Passwords(storage::Vault& vault, const storage::KeyRing& pepper, unsigned workers, std::size_t queue_max);

  /// Runs the job on the pool. If the job gets or keeps no place in the queue (fair_queue.hpp), or the pool
  /// stops, its `refuse` is called instead, now or later.
  void submit(const Client& client, FairQueue::Job job);
  void stop() { pool_.stop(); }
  std::size_t queued() const;

  // The functions below compute a slow hash, so they belong on the pool.

  /// Stores the verifier of a password, synced, under an identifier that no event names yet.
  void remember(domain::UserId user, domain::VerifierId id, const domain::Password& password);
  /// Whether the password is right. If so and the pepper was rotated since, its verifier is stored anew.
  bool matches(domain::UserId user, domain::VerifierId id, const domain::Password& password) const;
  /// Takes as long as `matches`; for a user name that nobody has.
  void pretend(const domain::Password& password) const;

 private:
  std::string peppered(const std::string& secret, std::size_t pepper) const;
  std::string hash(const domain::Password& password) const;
  bool verify(const std::string& verifier, const domain::Password& password) const;
  bool verify(const std::string& verifier, const std::string& secret) const;
  /// Removes the next job from the queue; nothing if it is empty.
  std::optional<FairQueue::Job> next_job();
  void run_next();

  storage::Vault& vault_;
  const storage::KeyRing& pepper_;
  const std::string nobody_;  ///< a verifier that matches no password
  mutable os::Mutex mutex_;
  FairQueue queue_ TTP_GUARDED_BY(mutex_);  // the pool holds one call of `run_next` for each job
  os::WorkerPool pool_;                     // last: its jobs use the other members
};

}  // namespace ttp::service
