#include "service/secrets/passwords.hpp"

#include <charconv>
#include <new>
#include <string_view>

#include <sodium.h>

#include "events/bytes.hpp"

namespace ttp::service {
namespace {

// OWASP's second minimum for argon2id: two passes over 19 MiB, one lane.
constexpr unsigned long long argon2_passes = 2;
constexpr std::size_t argon2_bytes = 19u * 1024 * 1024;

/// The number of the pepper before the PHC string of a verifier; without a number it is the first pepper, 0.
std::size_t pepper_of(std::string_view verifier) {
  const auto digits = verifier.substr(0, verifier.find('$'));
  std::size_t number = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), number);
  return number;
}

}  // namespace

Passwords::Passwords(storage::Vault& vault, const storage::KeyRing& pepper, unsigned workers,
                     std::size_t queue_max)
    : vault_(vault),
      pepper_(pepper),
      nobody_(hash(domain::Password{})),
      queue_(queue_max),
      pool_({.fault = {"passwords", "a password could not be checked or stored",
                       "The request was answered 500 and changed nothing. Repair what the message names; "
                       "run ttpctl verify if it names the vault"},
             // A hash occupies a core for long.
             .scheduling = os::Scheduling::preempted_by_all},
            workers, queue_max) {}

void Passwords::submit(const Client& client, FairQueue::Job job) {
  std::optional<FairQueue::Job> refused;
  {
    const os::MutexLock lock(mutex_);
    refused = queue_.push(client, std::move(job));
  }
  // A job that lost its place leaves its call of `run_next` to the new job.
  if (!refused && !pool_.submit({[this] { run_next(); }, {}})) refused = next_job();
  if (refused) refused->refuse();
}

std::size_t Passwords::queued() const {
  const os::MutexLock lock(mutex_);
  return queue_.size();
}

std::optional<FairQueue::Job> Passwords::next_job() {
  const os::MutexLock lock(mutex_);
  return queue_.pop();
}

void Passwords::run_next() {
  const auto job = next_job();
  if (!job) return;
  try {
    job->run();
  } catch (...) {
    if (job->failed) job->failed();
    throw;
  }
}

std::string Passwords::peppered(const std::string& secret, std::size_t pepper) const {
  const storage::SecretKey key = pepper_.numbered(pepper);
  return events::to_base64(events::as_text(events::hmac_sha256(key.bytes, secret)));
}

std::string Passwords::hash(const domain::Password& password) const {
  const std::size_t pepper = pepper_.size() - 1;
  std::string keyed = peppered(password.secret(), pepper);
  char text[crypto_pwhash_STRBYTES];
  const int failed = crypto_pwhash_str_alg(text, keyed.data(), keyed.size(), argon2_passes, argon2_bytes,
                                           crypto_pwhash_ALG_ARGON2ID13);
  sodium_memzero(keyed.data(), keyed.size());
  if (failed) throw std::bad_alloc{};
  return (pepper > 0 ? std::to_string(pepper) : "") + text;
}

void Passwords::remember(domain::UserId user, domain::VerifierId id, const domain::Password& password) {
  vault_.put_verifier(user, id, hash(password));
}

bool Passwords::matches(domain::UserId user, domain::VerifierId id, const domain::Password& password) const {
  const auto verifier = vault_.find_verifier(user, id);
  if (!verifier) {
    pretend(password);
    return false;
  }
  const bool right = verify(*verifier, password);
  if (right && pepper_of(*verifier) + 1 < pepper_.size()) vault_.replace_verifier(user, id, hash(password));
  return right;
}

void Passwords::pretend(const domain::Password& password) const {
  verify(nobody_, password);
}

bool Passwords::verify(const std::string& verifier, const domain::Password& password) const {
  if (verify(verifier, password.secret())) return true;
  // Verifiers of earlier releases are of the password as typed, without normalisation.
  return password.as_typed() != password.secret() && verify(verifier, password.as_typed());
}

bool Passwords::verify(const std::string& verifier, const std::string& secret) const {
  std::string keyed = peppered(secret, pepper_of(verifier));
  const char* phc = verifier.c_str() + verifier.find('$');
  const bool right = crypto_pwhash_str_verify(phc, keyed.data(), keyed.size()) == 0;
  sodium_memzero(keyed.data(), keyed.size());
  return right;
}

}  // namespace ttp::service
