// The states at the head of the log, as the writer sees them: the shared snapshots, moved on by the writer's
// own events before those are durable and published. Only the thread that writes touches them.
#pragma once

#include <cstdint>
#include <unordered_map>

#include "domain/account.hpp"
#include "domain/programme.hpp"
#include "domain/user.hpp"
#include "snapshots/snapshots.hpp"
#include "storage/log/log.hpp"

namespace ttp::service {

template <class State>
struct Versioned {
  State state{};
  storage::StreamVersion version = 0;
};

/// The states of the last few batches. What is older is published or read from the log again, so to forget
/// one never makes a decision wrong.
template <class State>
class HeadStates {
 public:
  explicit HeadStates(const snapshots::Snapshots& snapshots) : snapshots_(snapshots) {}

  Versioned<State>& get(const domain::Uuid& id);
  void forget(const domain::Uuid& id) { entries_.erase(id); }
  void forget_all() { entries_.clear(); }
  /// Ends a batch. References handed out before are dead afterwards.
  void trim();

 private:
  struct Entry {
    Versioned<State> versioned;
    std::uint64_t batch = 0;  ///< in which it was used last
  };

  const snapshots::Snapshots& snapshots_;
  std::uint64_t batch_ = 0;
  std::unordered_map<domain::Uuid, Entry> entries_;
};

}  // namespace ttp::service
