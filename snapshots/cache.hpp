// A bounded cache of decoded snapshots, shared by the writer and all readers. It drops what was used longest
// ago. An entry is what the published events say of its aggregate; it moves on with them and is never stale.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>

#include "domain/ids.hpp"
#include "os/mutex.hpp"
#include "snapshots/fold.hpp"
#include "storage/tables/reads.hpp"

namespace ttp::snapshots {

/// A decoded snapshot of any kind, or that there is none.
struct Held {
  std::shared_ptr<const void> snapshot;    ///< a Snapshot of the kind's state; nullptr: the stream is empty
  storage::StreamVersion version = 0;      ///< of that
  storage::StreamVersion on_disk = 0;      ///< the version that is stored; 0: none is known to be
  std::size_t bytes = 0;                   ///< of memory, as measured last; the cache's own business
  storage::StreamVersion measured_at = 0;  ///< at which version
  std::size_t (*measure)(const void* snapshot) = nullptr;

  /// By how many events the stream has grown since it was stored.
  storage::StreamVersion growth() const { return version > on_disk ? version - on_disk : 0; }
};

struct Key {
  Kind kind{};
  domain::Uuid id;
  friend bool operator==(const Key&, const Key&) = default;
  /// The same as it stands in a database.
  std::string bytes() const;
};

class Cache {
 public:
  /// Told what is dropped for want of room, outside all locks.
  using Dropped = std::function<void(const Key&, const Held&)>;

  Cache(std::size_t bytes_max, storage::RowChanges& changes, Dropped dropped)
      : bytes_max_(bytes_max), changes_(changes), dropped_(std::move(dropped)) {}

  static std::uint32_t bucket(const Key& key);

  std::optional<Held> find(const Key& key);
  /// Adds what was loaded, unless the aggregate may have changed since `reads` was taken.
  void add(const Key& key, Held loaded, const storage::Reads& reads);
  /// The aggregate has changed: replaces an older entry and counts the change. Returns the entry as it is
  /// now.
  Held changed(const Key& key, Held now);
  /// Notes which version is stored now.
  void stored(const Key& key, storage::StreamVersion version);
  void forget(const Key& key);
  void forget_all();
  void each(const std::function<void(const Key&, const Held&)>& visit);

  std::size_t bytes() const { return bytes_; }
  /// How often `find` found something.
  std::uint64_t hits() const;

 private:
  struct Hash {
    std::size_t operator()(const Key& key) const;
  };
  struct Entry {
    Held held;
    std::list<Key>::iterator used;
  };
  struct Stripe {
    mutable os::Mutex mutex;
    std::uint64_t hits TTP_GUARDED_BY(mutex) = 0;  // here, so that no count is shared by all threads
    std::unordered_map<Key, Entry, Hash> entries TTP_GUARDED_BY(mutex);
    std::list<Key> by_use TTP_GUARDED_BY(mutex);  ///< most recent first
  };
  Stripe& stripe(const Key& key) { return stripes_[Hash{}(key) % stripes_.size()]; }
  void put(Stripe& of, const Key& key, Held held) TTP_REQUIRES(of.mutex);
  void erase(Stripe& of, const Key& key) TTP_REQUIRES(of.mutex);
  /// Drops entries until the rest fits, one of each stripe in turn.
  void shrink();

  const std::size_t bytes_max_;
  storage::RowChanges& changes_;
  const Dropped dropped_;
  std::atomic<std::size_t> bytes_ = 0;
  std::atomic<std::size_t> next_to_shrink_ = 0;
  std::array<Stripe, 64> stripes_;
};

}  // namespace ttp::snapshots
