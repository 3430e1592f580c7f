// Passwords: argon2id over the password keyed with a pepper, verifiers in the vault, and a small pool of its
// own, so that a flood of sign-ins cannot stop anything else.
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

  /// Runs the job on the pool. Its `refuse` is called instead, perhaps later, where the client has no room in
  /// the queue (fair_queue.hpp) or the pool stops.
  void submit(const Client& client, FairQueue::Job job);
  void stop() { pool_.stop(); }
  std::size_t queued() const;

  // What follows takes about 16 ms of processor time each, so it belongs on the pool.

  /// Stores the verifier of a password, synced, under an identifier that nothing names yet.
  void remember(domain::UserId user, domain::VerifierId id, const domain::Password& password);
  /// A right password is stored anew where the pepper was rotated since.
  bool matches(domain::UserId user, domain::VerifierId id, const domain::Password& password) const;
  /// Takes as long as `matches`, for a user name that nobody has.
  void pretend(const domain::Password& password) const;

 private:
  std::string peppered(const std::string& secret, std::size_t pepper) const;
  std::string hash(const domain::Password& password) const;
  bool verify(const std::string& verifier, const domain::Password& password) const;
  bool verify(const std::string& verifier, const std::string& secret) const;
  /// The job whose turn it is; nothing where none waits.
  std::optional<FairQueue::Job> next_job();
  void run_next();

  storage::Vault& vault_;
  const storage::KeyRing& pepper_;
  const std::string nobody_;  ///< a verifier that no password matches
  mutable os::Mutex mutex_;
  FairQueue queue_ TTP_GUARDED_BY(mutex_);  // the pool has one turn for each job in it
  os::WorkerPool pool_;                     // last: its jobs use the others
};

}  // namespace ttp::service
