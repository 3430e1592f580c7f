// The states of all aggregates, for the writer and for every reader. A state comes from memory, else from a
// stored snapshot that the log confirms, else it is folded from the log. So a snapshot that is missing,
// damaged, of another log or of an older form costs time and nothing else.
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

/// Told, in a sentence for an operator, what went wrong and what holds.
using Report = std::function<void(std::string_view)>;

struct Limits {
  std::size_t cache_bytes = std::size_t{32} * 1024 * 1024;
  /// A stream with fewer events is folded about as fast as a snapshot of it is opened.
  storage::StreamVersion stored_events_min = 4;
  /// A dropped snapshot is stored when its stream has grown by so many events since it was stored last, one
  /// that stays in memory when it has grown by so many.
  storage::StreamVersion dropped_growth_min = 2;
  storage::StreamVersion held_growth_min = 64;
  /// Snapshots that wait to be stored; what comes on top is not stored.
  std::size_t waiting_max = 4096;
  /// What is written is brought to the disk after so many bytes.
  std::size_t unflushed_bytes_max = std::size_t{4} * 1024 * 1024;
};

struct Counts {
  std::uint64_t from_memory = 0;
  std::uint64_t from_disk = 0;
  std::uint64_t folded = 0;   ///< from the log, from its first event on
  std::uint64_t stored = 0;   ///< written to the disk
  std::uint64_t refused = 0;  ///< stored ones that were of another form or another log, or had lost a key
  std::uint64_t damaged = 0;  ///< stored ones that could not be read
  std::size_t cached_bytes = 0;
  std::size_t waiting = 0;  ///< to be stored
};

/// Any thread, but that one thread at a time publishes.
class Snapshots {
 public:
  /// Without a folder nothing is stored. A database there that cannot be opened is thrown away. `changes`
  /// counts what changes, together with whatever else the caller counts there.
  Snapshots(const storage::Log& log, events::FindSubjectKey find_key,
            std::shared_ptr<storage::RowChanges> changes, const std::filesystem::path& folder = {},
            const storage::Memory& memory = storage::Memory{}, const Limits& limits = {}, Report report = {});
  ~Snapshots();  ///< stores what waits
  Snapshots(const Snapshots&) = delete;
  Snapshots& operator=(const Snapshots&) = delete;

  /// The state as the published events have it; nothing where the stream has none. It is noted as read.
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
  /// Readers see the changes, which the events from `first` to before `next` have made. Where some before
  /// `first` are missing, everything is read from the log again.
  void publish(const Changes& changes, storage::Position first, storage::Position next);
  /// Publishes all that the log has.
  void catch_up();
  /// Drops every state from memory: when a person's key is gone, nothing that it opened stays there.
  void forget_all() const { cache_.forget_all(); }

  /// Stores some of what waits; true while there is more. For one thread in the background.
  bool store_some();
  /// Stores the changed states of long streams at once, when a whole log is folded.
  void store_long(const Changes& changes, const events::FindSubjectKey& find_key);
  /// Brings what is stored to the disk.
  void flush();

  Counts counts() const;
  const storage::RowChanges& changes() const { return *changes_; }

  /// Reads every stored snapshot and compares it with the log; calls `tell` with each that is damaged or
  /// differs. Returns how many there are. For tools.
  std::uint64_t check_all(
      const std::function<void(const std::string& stream, const std::string& what)>& tell) const;

 private:
  struct Waiting {
    Key key;
    Held held;
  };

  template <class State>
  Held load(const domain::Uuid& id, const Until& until) const;
  /// A stored snapshot that the log confirms and that is not beyond `until`.
  template <class State>
  std::optional<Snapshot<State>> stored(const domain::Uuid& id, const Until& until) const;
  template <class State>
  void publish(const std::vector<Change<State>>& changes);
  /// Drops the cached states of whatever has an event there.
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
  std::atomic<storage::Position> next_;       ///< what a load from the log goes up to
  std::atomic<storage::Position> settled_;    ///< the cache has all before it
  mutable std::atomic<bool> stores_ = false;

  mutable std::atomic<std::uint64_t> from_disk_ = 0, folded_ = 0, stored_ = 0, refused_ = 0, damaged_ = 0;
  std::atomic<std::size_t> unflushed_bytes_ = 0;
  mutable os::Mutex mutex_;
  mutable std::deque<Waiting> waiting_ TTP_GUARDED_BY(mutex_);
  mutable Cache cache_;  // last: what it drops is queued
};

}  // namespace ttp::snapshots
