// The states at the head of the log for the writer: the shared snapshots with the writer's own events, before
// these are durable and published. Only the writer's thread uses them.
#pragma once

#include <cstdint>
#include <memory>
#include <unordered_map>

#include "domain/account.hpp"
#include "domain/programme.hpp"
#include "domain/user.hpp"
#include "events/event.hpp"
#include "snapshots/fold.hpp"
#include "snapshots/snapshots.hpp"
#include "storage/log/log.hpp"

namespace ttp::service {

/// The states that the last few batches read or changed. A state that the writer has changed stays at least
/// until its events are published; so a state that is not here has no event that the snapshots lack, but for
/// the events of other writers. Dropping a state never makes a decision wrong.
template <class State>
class HeadStates {
 public:
  /// The log is asked for events that are not published and not of this writer: if others may write, always;
  /// else until the events before `begins` are published.
  HeadStates(const snapshots::Snapshots& snapshots, bool others_may_write, storage::Position begins)
      : snapshots_(snapshots), others_may_write_(others_may_write), begins_(begins) {}

  struct Read {
    const State& state;
    storage::StreamVersion version;  ///< the number of events in its stream
  };
  /// The state with all events of the log and of this batch. The reference holds until the state is changed,
  /// and at most until the end of the batch.
  Read read(const domain::Uuid& id);
  /// Applies an event of this batch. Returns the version that the event has in its stream.
  storage::StreamVersion move_on(const domain::Uuid& id, const events::Event& event) {
    Own& own = changed(id);
    snapshots::evolve_by(own.state, event);
    return ++own.version;
  }
  /// Call it after the events of this batch were not appended as decided. The next read asks the log.
  void forget(const domain::Uuid& id) {
    entries_.insert_or_assign(id, Entry{.asks_log = true, .is_open = true, .batch = batch_});
  }
  /// Ends a batch whose events end at this position of the log.
  void end_batch(storage::Position end);

 private:
  struct Own {
    State state{};
    storage::StreamVersion version = 0;
  };
  struct Entry {
    bool asks_log = false;  ///< whether the state must be read from the log first
    std::shared_ptr<const snapshots::Snapshot<State>> shared{};  ///< nullptr: the stream has no event
    std::unique_ptr<Own> own{};                                  ///< instead of `shared`, once changed
    bool is_open = false;                                        ///< whether this batch has changed it
    storage::Position end = 0;  ///< the end of the last batch that changed it
    std::uint64_t batch = 0;    ///< the batch of its last use
  };

  Entry& entry(const domain::Uuid& id);
  Own& changed(const domain::Uuid& id);

  const snapshots::Snapshots& snapshots_;
  const bool others_may_write_;
  const storage::Position begins_;  ///< the size of the log when this writer began
  std::uint64_t batch_ = 0;
  std::unordered_map<domain::Uuid, Entry> entries_;
};

}  // namespace ttp::service
