// The states of all aggregates, for the writer and for every reader. A state comes from memory; if it is not
// there, from a stored snapshot that the log confirms; if there is none, it is folded from the log. So a
// snapshot that is missing, damaged, of another log or of an older form only costs time.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "domain/account.hpp"
#include "domain/programme.hpp"
#include "domain/user.hpp"
#include "events/codec.hpp"
#include "events/recorded.hpp"
#include "os/mutex.hpp"
#include "snapshots/cache.hpp"
#include "snapshots/changes.hpp"
#include "snapshots/fold.hpp"
#include "snapshots/snapshot.hpp"
#include "snapshots/stored.hpp"
#include "storage/log/log.hpp"
#include "storage/rocks/memory.hpp"
#include "storage/tables/reads.hpp"
#include "storage/tables/view_store.hpp"

namespace ttp::snapshots {

/// Called with a sentence for an operator: what went wrong and what holds now.
using Report = std::function<void(std::string_view)>;

struct Limits {
  std::size_t cache_bytes = std::size_t{32} * 1024 * 1024;
  /// Shorter streams are not stored: folding them is as fast as opening a snapshot.
  storage::StreamVersion stored_events_min = 4;
  /// A snapshot is stored after its stream has grown by this many events since it was stored last: one that
  /// is dropped from memory, and one that stays there.
  storage::StreamVersion dropped_growth_min = 2;
  storage::StreamVersion held_growth_min = 64;
  /// The bound on snapshots that wait to be stored; further ones are not stored.
  std::size_t waiting_max = 4096;
  /// A flush starts after this many written bytes.
  std::size_t unflushed_bytes_max = std::size_t{4} * 1024 * 1024;
};

struct Counts {
  std::uint64_t from_memory = 0;
  std::uint64_t from_disk = 0;
  std::uint64_t folded = 0;   ///< from the log, beginning at the stream's first event
  std::uint64_t stored = 0;   ///< written to the disk
  std::uint64_t refused = 0;  ///< stored snapshots of another form or another log, or without their key
  std::uint64_t damaged = 0;  ///< stored snapshots that could not be read
  std::size_t cached_bytes = 0;
  std::size_t waiting = 0;  ///< to be stored
};

/// All functions can be called from any thread, but only one thread at a time may publish.
class Snapshots {
 public:
  /// Without a folder nothing is stored. A database there that cannot be opened is deleted. Changes are
  /// counted in `changes`, together with other things that the caller counts there.
  Snapshots(const storage::Log& log, events::FindSubjectKey find_key,
            std::shared_ptr<storage::RowChanges> changes, const std::filesystem::path& folder = {},
            const storage::Memory& memory = storage::Memory{}, const Limits& limits = {}, Report report = {});
  ~Snapshots();  ///< stores the waiting snapshots
  Snapshots(const Snapshots&) = delete;
  Snapshots& operator=(const Snapshots&) = delete;

  /// The state after all published events; empty if the stream has none. The read is recorded (reads.hpp).
  template <class State>
  Found<State> get(const domain::Uuid& id) const;
  /// The state at the head of the log, published or not.
  template <class State>
  Found<State> at_head(const domain::Uuid& id) const;
  /// The state that the first `size` events of the log give.
  template <class State>
  Found<State> at(const domain::Uuid& id, storage::Position size) const;
  /// The state that the first `version` events of its stream give.
  template <class State>
  Found<State> at_version(const domain::Uuid& id, storage::StreamVersion version) const;

  /// The position up to which events are published.
  storage::Position next() const { return next_; }
  /// The position up to which `get` surely shows all events; not beyond `next`.
  storage::Position settled() const { return settled_; }
  /// Makes the changes by the events from `first` to before `next` visible to readers. If events before
  /// `first` were not published yet, it reads the log instead, as `catch_up` does.
  void publish(const Changes& changes, storage::Position first, storage::Position next);
  /// Publishes all events of the log.
  void catch_up();
  /// Drops every state from memory. After a person's key is destroyed, no data that it opened may stay there.
  void forget_all() const { cache_.forget_all(); }

  /// Stores some of the waiting snapshots; true while there are more. For one background thread.
  bool store_some();
  /// Stores the changed states of long streams at once, when a whole log is folded.
  void store_long(const Changes& changes, const events::FindSubjectKey& find_key);
  /// Starts writing the stored snapshots to the disk.
  void flush();

  Counts counts() const;
  const storage::RowChanges& changes() const { return *changes_; }

  /// Reads every stored snapshot and compares it with the log; calls `report` for each that is damaged or
  /// differs. Returns the number of stored snapshots. For tools.
  std::uint64_t check_all(
      const std::function<void(const std::string& stream, const std::string& what)>& report) const;

 private:
  struct Waiting {
    Key key;
    Held held;
  };

  template <class State>
  Held load(const domain::Uuid& id, const Until& until) const;
  /// The stored snapshot, if the log confirms it and it is not beyond `until`.
  template <class State>
  std::optional<Snapshot<State>> stored(const domain::Uuid& id, const Until& until) const;
  template <class State>
  void publish(const std::vector<Change<State>>& changes);
  /// Drops the cached states of all aggregates that have an event in this range.
  void forget_from(storage::Position from, storage::Position until);
  std::optional<std::string> encode(const Waiting& waiting, const events::FindSubjectKey& find_key) const;
  void queue(const Key& key, const Held& held) const;
  void note_damage(const Key& key, std::string_view what) const;
  void write(storage::ViewBatch batch);
  void stop_storing(std::string_view why) const;

  const storage::Log& log_;
  const events::FindSubjectKey find_key_;
  const std::shared_ptr<storage::RowChanges> changes_;
  const Limits limits_;
  const Report report_;
  std::unique_ptr<storage::ViewStore> rows_;  ///< nullptr: nothing is stored
  std::atomic<storage::Position> next_;       ///< loads from the log stop before it
  std::atomic<storage::Position> settled_;    ///< the cache reflects all events before it
  mutable std::atomic<bool> stores_ = false;

  mutable std::atomic<std::uint64_t> from_disk_ = 0, folded_ = 0, stored_ = 0, refused_ = 0, damaged_ = 0;
  std::atomic<std::size_t> unflushed_bytes_ = 0;
  mutable os::Mutex mutex_;
  mutable std::deque<Waiting> waiting_ TTP_GUARDED_BY(mutex_);
  mutable Cache cache_;  // last, because dropped entries are queued in the members above
};

}  // namespace ttp::snapshots
