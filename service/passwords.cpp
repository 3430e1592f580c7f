#include "service/passwords.hpp"

#include <new>

#include <sodium.h>

#include "events/bytes.hpp"

namespace ttp::service {
namespace {

// OWASP's second minimum for argon2id: two passes over 19 MiB, one lane.
constexpr unsigned long long argon2_passes = 2;
constexpr std::size_t argon2_bytes = 19u * 1024 * 1024;

}  // namespace

Passwords::Passwords(storage::Vault& vault, unsigned workers, std::size_t queue_max)
    : vault_(vault),
      pepper_(vault.named_key("pepper")),
      nobody_(hash(domain::Password{})),
      queue_max_(queue_max) {
  for (unsigned i = 0; i < workers; ++i) threads_.emplace_back([this] { work(); });
}

Passwords::~Passwords() {
  stop();
}

bool Passwords::submit(std::function<void()> job) {
  {
    const std::scoped_lock lock(mutex_);
    if (stopping_ || queue_.size() >= queue_max_) return false;
    queue_.push_back(std::move(job));
  }
  wake_.notify_one();
  return true;
}

void Passwords::stop() {
  {
    const std::scoped_lock lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  for (std::thread& thread : threads_)
    if (thread.joinable()) thread.join();
}

std::size_t Passwords::queued() const {
  const std::scoped_lock lock(mutex_);
  return queue_.size();
}

void Passwords::work() {
  while (true) {
    std::function<void()> job;
    {
      std::unique_lock lock(mutex_);
      wake_.wait(lock, [&] { return stopping_ || !queue_.empty(); });
      if (queue_.empty()) return;
      job = std::move(queue_.front());
      queue_.pop_front();
    }
    job();
  }
}

std::string Passwords::peppered(const domain::Password& password) const {
  return events::to_base64(events::as_text(events::hmac_sha256(pepper_.bytes, password.secret())));
}

std::string Passwords::hash(const domain::Password& password) const {
  std::string keyed = peppered(password);
  char text[crypto_pwhash_STRBYTES];
  const int failed = crypto_pwhash_str_alg(text, keyed.data(), keyed.size(), argon2_passes, argon2_bytes,
                                           crypto_pwhash_ALG_ARGON2ID13);
  sodium_memzero(keyed.data(), keyed.size());
  if (failed) throw std::bad_alloc{};
  return text;
}

void Passwords::remember(domain::UserId user, std::uint32_t credential_version,
                         const domain::Password& password) {
  vault_.put_verifier(user, credential_version, hash(password));
}

bool Passwords::matches(domain::UserId user, std::uint32_t credential_version,
                        const domain::Password& password) const {
  const auto verifier = vault_.find_verifier(user, credential_version);
  if (!verifier) {
    pretend(password);
    return false;
  }
  std::string keyed = peppered(password);
  const bool right = crypto_pwhash_str_verify(verifier->c_str(), keyed.data(), keyed.size()) == 0;
  sodium_memzero(keyed.data(), keyed.size());
  return right;
}

void Passwords::pretend(const domain::Password& password) const {
  const std::string keyed = peppered(password);
  [[maybe_unused]] const int ignored = crypto_pwhash_str_verify(nobody_.c_str(), keyed.data(), keyed.size());
}

}  // namespace ttp::service
