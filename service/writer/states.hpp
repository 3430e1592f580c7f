// The states at the head of the log for the writer: the shared snapshots with the writer's own events, before
// these are durable and published. Only the writer's thread uses them.
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

/// The states of the last few batches. Older states are published, or read from the log again, so dropping a
/// state never makes a decision wrong.
template <class State>
class HeadStates {
 public:
  explicit HeadStates(const snapshots::Snapshots& snapshots) : snapshots_(snapshots) {}

  Versioned<State>& get(const domain::Uuid& id);
  void forget(const domain::Uuid& id) { entries_.erase(id); }
  void forget_all() { entries_.clear(); }
  /// Ends a batch. References returned before are invalid afterwards.
  void trim();

 private:
  struct Entry {
    Versioned<State> versioned;
    std::uint64_t batch = 0;  ///< the batch of its last use
  };

  const snapshots::Snapshots& snapshots_;
  std::uint64_t batch_ = 0;
  std::unordered_map<domain::Uuid, Entry> entries_;
};

}  // namespace ttp::service
