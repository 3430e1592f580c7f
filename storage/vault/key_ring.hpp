// The generations of the key for one purpose: the newest key serves from its time on; the earlier keys still
// open older values.
#pragma once

#include <cstddef>
#include <utility>
#include <vector>

#include "domain/time.hpp"
#include "os/mutex.hpp"
#include "storage/vault/secret_key.hpp"

namespace ttp::storage {

struct KeyGeneration {
  domain::Time since{};  ///< the key serves from then on; the first key's is the epoch
  SecretKey key;
};

/// All functions can be called from any thread.
class KeyRing {
 public:
  /// The number of keys; at least one once the ring is filled.
  std::size_t size() const {
    const os::SharedLock lock(mutex_);
    return generations_.size();
  }
  /// The key with this number; the first key has number 0. Throws std::out_of_range.
  SecretKey numbered(std::size_t number) const {
    const os::SharedLock lock(mutex_);
    return generations_.at(number).key;
  }
  SecretKey newest() const {
    const os::SharedLock lock(mutex_);
    return generations_.back().key;
  }
  /// The key that served at a time.
  SecretKey at(domain::Time time) const {
    const os::SharedLock lock(mutex_);
    return generations_[serving(time)].key;
  }
  std::vector<SecretKey> newest_first() const {
    const os::SharedLock lock(mutex_);
    std::vector<SecretKey> keys;
    for (auto each = generations_.rbegin(); each != generations_.rend(); ++each) keys.push_back(each->key);
    return keys;
  }
  /// The key that served at a time, then the others, the newest first.
  std::vector<SecretKey> serving_first(domain::Time time) const {
    const os::SharedLock lock(mutex_);
    const std::size_t first = serving(time);
    std::vector<SecretKey> keys{generations_[first].key};
    for (std::size_t number = generations_.size(); number-- > 0;)
      if (number != first) keys.push_back(generations_[number].key);
    return keys;
  }
  std::vector<domain::Time> times() const {
    const os::SharedLock lock(mutex_);
    std::vector<domain::Time> times;
    for (const KeyGeneration& each : generations_) times.push_back(each.since);
    return times;
  }
  void add(KeyGeneration generation) {
    const os::ExclusiveLock lock(mutex_);
    generations_.push_back(std::move(generation));
  }

 private:
  std::size_t serving(domain::Time time) const TTP_REQUIRES_SHARED(mutex_) {
    for (std::size_t number = generations_.size() - 1; number > 0; --number)
      if (generations_[number].since <= time) return number;
    return 0;
  }

  mutable os::SharedMutex mutex_;
  std::vector<KeyGeneration> generations_ TTP_GUARDED_BY(mutex_);
};

}  // namespace ttp::storage
