// A bounded cache of decoded snapshots, shared by the writer and all readers. It drops the least recently
// used entries. Each published event updates the entry of its aggregate, so an entry is never stale.
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

/// A decoded snapshot of any kind, or the fact that there is none.
struct Held {
  std::shared_ptr<const void> snapshot;    ///< a Snapshot of the kind's state; nullptr: the stream is empty
  storage::StreamVersion version = 0;      ///< of the snapshot
  storage::StreamVersion on_disk = 0;      ///< the stored version; 0: none is known
  std::size_t bytes = 0;                   ///< of memory, as measured last; for the cache alone
  storage::StreamVersion measured_at = 0;  ///< the version at that measurement
  std::size_t (*measure)(const void* snapshot) = nullptr;

  /// The number of events by which the stream has grown since the snapshot was stored.
  storage::StreamVersion growth() const { return version > on_disk ? version - on_disk : 0; }
};

struct Key {
  Kind kind{};
  domain::Uuid id;
  friend bool operator==(const Key&, const Key&) = default;
  /// The key as stored in the database.
  std::string bytes() const;
};

class Cache {
 public:
  /// Called, outside all locks, with each entry that is dropped because the cache is full.
  using Dropped = std::function<void(const Key&, const Held&)>;

  Cache(std::size_t bytes_max, storage::RowChanges& changes, Dropped dropped)
      : bytes_max_(bytes_max), changes_(changes), dropped_(std::move(dropped)) {}

  static std::uint32_t bucket(const Key& key);

  std::optional<Held> find(const Key& key);
  /// Adds a loaded entry, unless the aggregate may have changed since `reads` was taken.
  void add(const Key& key, Held loaded, const storage::ReadSet& reads);
  /// Replaces an older entry after a change of the aggregate, and counts the change. Returns the new entry.
  Held changed(const Key& key, Held now);
  /// Notes that this version is stored now.
  void stored(const Key& key, storage::StreamVersion version);
  void forget(const Key& key);
  void forget_all();
  void each(const std::function<void(const Key&, const Held&)>& visit);

  std::size_t bytes() const { return bytes_; }
  /// How often `find` has found an entry.
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
    std::uint64_t hits TTP_GUARDED_BY(mutex) = 0;  // per stripe, so that threads do not share one counter
    std::unordered_map<Key, Entry, Hash> entries TTP_GUARDED_BY(mutex);
    std::list<Key> by_use TTP_GUARDED_BY(mutex);  ///< most recent first
  };
  Stripe& stripe(const Key& key) { return stripes_[Hash{}(key) % stripes_.size()]; }
  void put(Stripe& of, const Key& key, Held held) TTP_REQUIRES(of.mutex);
  void erase(Stripe& of, const Key& key) TTP_REQUIRES(of.mutex);
  /// Drops entries until the rest fits, one from each stripe in turn.
  void shrink();

  const std::size_t bytes_max_;
  storage::RowChanges& changes_;
  const Dropped dropped_;
  std::atomic<std::size_t> bytes_ = 0;
  std::atomic<std::size_t> next_to_shrink_ = 0;
  std::array<Stripe, 64> stripes_;
};

}  // namespace ttp::snapshots
