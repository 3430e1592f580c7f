// The changes of states by a stretch of events: each changed aggregate before and after. They are folded
// once, for the cache and for all projections.
#pragma once

#include <cstddef>
#include <memory>
#include <type_traits>
#include <unordered_map>
#include <vector>

#include "domain/account.hpp"
#include "domain/programme.hpp"
#include "domain/user.hpp"
#include "events/recorded.hpp"
#include "snapshots/snapshot.hpp"

namespace ttp::snapshots {

class Snapshots;

template <class State>
struct Change {
  domain::Uuid id;
  std::shared_ptr<const Snapshot<State>> before;  ///< nullptr: the stream had no event
  std::shared_ptr<const Snapshot<State>> after;
};

/// Each changed aggregate once, in the order of the identifiers.
struct Changes {
  std::vector<Change<domain::User>> users;
  std::vector<Change<domain::Account>> accounts;
  std::vector<Change<domain::Programme>> programmes;

  template <class State>
  const std::vector<Change<State>>& of() const {
    if constexpr (std::is_same_v<State, domain::User>) {
      return users;
    } else if constexpr (std::is_same_v<State, domain::Account>) {
      return accounts;
    } else {
      return programmes;
    }
  }
};

/// Folds events, in the order of the log, on top of the states before them.
class Folding {
 public:
  /// Keeps about this many bytes of the states that it has folded, for a caller that folds events published
  /// long ago, whose states are not in the cache.
  explicit Folding(const Snapshots& snapshots, std::size_t remembered_bytes = 0)
      : snapshots_(&snapshots), remembered_bytes_(remembered_bytes) {}

  /// Throws events::Damaged if the state before the event cannot be folded.
  void apply(const events::Recorded& recorded);
  /// The changes since the last call.
  Changes take();
  /// Approximate memory of the changed states.
  std::size_t held_bytes() const { return held_bytes_; }

 private:
  template <class State>
  struct Pending {
    std::shared_ptr<const Snapshot<State>> before;
    std::shared_ptr<Snapshot<State>> after;
  };
  template <class State>
  using Table = std::unordered_map<domain::Uuid, Pending<State>>;
  template <class State>
  using Remembered = std::unordered_map<domain::Uuid, std::shared_ptr<const Snapshot<State>>>;
  template <class State>
  struct Tables {
    Table<State> pending;
    Remembered<State> young, old;  ///< two ages; an old state that changes becomes young again
  };

  template <class State>
  void apply(Tables<State>& tables, const domain::Uuid& id, const events::Recorded& recorded);
  template <class State>
  std::shared_ptr<const Snapshot<State>> before(Tables<State>& tables, const domain::Uuid& id,
                                                std::uint64_t version);
  template <class State>
  std::vector<Change<State>> take(Tables<State>& tables);

  const Snapshots* snapshots_;
  std::size_t remembered_bytes_;
  std::size_t held_bytes_ = 0;
  std::size_t young_bytes_ = 0;
  Tables<domain::User> users_;
  Tables<domain::Account> accounts_;
  Tables<domain::Programme> programmes_;
};

}  // namespace ttp::snapshots
