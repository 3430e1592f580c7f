// Folds the events of an aggregate's stream into its snapshot.
#pragma once

#include <cstdint>
#include <limits>
#include <string>

#include "domain/account.hpp"
#include "domain/programme.hpp"
#include "domain/user.hpp"
#include "events/event.hpp"
#include "events/recorded.hpp"
#include "snapshots/snapshot.hpp"
#include "storage/log/log.hpp"

namespace ttp::snapshots {

/// The three kinds of aggregate. The numbers are stored in the keys of snapshots.
enum class Kind : std::uint8_t { user = 1, account = 2, programme = 3 };

template <class State>
inline constexpr Kind kind_of = Kind::user;
template <>
inline constexpr Kind kind_of<domain::Account> = Kind::account;
template <>
inline constexpr Kind kind_of<domain::Programme> = Kind::programme;

/// The stream in which an aggregate of this kind is recorded.
std::string stream_of(Kind kind, const domain::Uuid& id);

/// Applies an event of its own aggregate to a state.
template <class State>
void evolve_by(State& state, const events::Event& event);

/// Applies the next event of its stream to a snapshot.
template <class State>
void move_on(Snapshot<State>& snapshot, const events::Recorded& recorded);

/// How far a stream is folded: its first `version` events, but none at or after position `end`.
struct Until {
  storage::StreamVersion version = std::numeric_limits<storage::StreamVersion>::max();
  storage::Position end = std::numeric_limits<storage::Position>::max();
};

/// Applies the further events of its stream to a snapshot. Throws events::Damaged if they cannot be read.
template <class State>
void fold_on(Snapshot<State>& snapshot, const storage::Log& log, const events::FindSubjectKey& find_key,
             const domain::Uuid& id, const Until& until);

}  // namespace ttp::snapshots
