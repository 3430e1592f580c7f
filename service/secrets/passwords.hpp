// Passwords: argon2id over the password keyed with a pepper, verifiers in the vault, and a small pool of its
// own, so that a flood of sign-ins can not stop anything else.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "domain/ids.hpp"
#include "domain/values.hpp"
#include "storage/vault/vault.hpp"

namespace ttp::service {

class Passwords {
 public:
  /// `workers` threads; at most `queue_max` checks wait.
  Passwords(storage::Vault& vault, const storage::KeyRing& pepper, unsigned workers, std::size_t queue_max);
  ~Passwords();

  /// Runs work on the pool; false when the queue is full or the pool stops.
  bool submit(std::function<void()> job);
  void stop();
  std::size_t queued() const;

  // What follows takes about 16 ms of processor time each, so it belongs on the pool.

  /// Stores the verifier of a user's credential version, synced.
  void remember(domain::UserId user, std::uint32_t credential_version, const domain::Password& password);
  /// A right password is stored anew where the pepper was rotated since.
  bool matches(domain::UserId user, std::uint32_t credential_version, const domain::Password& password) const;
  /// Takes as long as `matches`, for a user name that nobody has.
  void pretend(const domain::Password& password) const;

 private:
  std::string peppered(const std::string& secret, std::size_t pepper) const;
  std::string hash(const domain::Password& password) const;
  bool verify(const std::string& verifier, const domain::Password& password) const;
  bool verify(const std::string& verifier, const std::string& secret) const;
  void work();

  storage::Vault& vault_;
  const storage::KeyRing& pepper_;
  const std::string nobody_;  ///< a verifier that no password matches
  const std::size_t queue_max_;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::function<void()>> queue_;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace ttp::service
