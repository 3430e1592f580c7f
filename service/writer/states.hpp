// The states at the head of the log, as the writer sees them: folded from their streams on first use, kept
// while they are in use, moved on by the writer's own events before those are durable. Only the writer
// of the moment touches them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>

#include "domain/account.hpp"
#include "domain/programme.hpp"
#include "domain/user.hpp"
#include "events/codec.hpp"
#include "storage/log/log.hpp"

namespace ttp::service {

template <class State>
struct Versioned {
  State state{};
  storage::StreamVersion version = 0;
};

/// At most `capacity` states in about `bytes_max`; the least recently used are forgotten between batches,
/// never within one.
template <class State>
class StateCache {
 public:
  /// A state that somebody else has folded already; nothing where there is none.
  using Folded = std::function<std::optional<Versioned<State>>(const domain::Uuid&)>;

  /// `folded` is taken where the log says that it has all events of its stream; else they are read.
  StateCache(const storage::Log& log, const events::FindSubjectKey& find_key, Folded folded,
             std::size_t capacity, std::size_t bytes_max)
      : log_(log),
        find_key_(find_key),
        folded_(std::move(folded)),
        capacity_(capacity),
        bytes_max_(bytes_max) {}

  Versioned<State>& get(const domain::Uuid& id);
  void forget(const domain::Uuid& id);
  void forget_all();
  /// Drops what exceeds the capacity. References handed out before are dead afterwards.
  void trim();

 private:
  struct Entry {
    Versioned<State> versioned;
    std::list<domain::Uuid>::iterator used;
    std::size_t bytes = 0;                   ///< as measured last
    storage::StreamVersion weigh_again = 0;  ///< from this version on
    std::uint64_t batch = 0;                 ///< in which it was used last
  };
  Versioned<State> load(const domain::Uuid& id) const;
  /// Measures what the batch that ends has used. A state grows by its events alone, so to measure it each
  /// time that their number has doubled costs little and is never far off.
  void weigh_used();
  void drop(typename std::unordered_map<domain::Uuid, Entry>::iterator entry);

  const storage::Log& log_;
  const events::FindSubjectKey& find_key_;
  const Folded folded_;
  std::size_t capacity_;
  std::size_t bytes_max_;
  std::size_t bytes_ = 0;
  std::uint64_t batch_ = 1;
  std::unordered_map<domain::Uuid, Entry> entries_;
  std::list<domain::Uuid> by_use_;  ///< most recent first
};

/// The stream in which a kind of state is recorded.
std::string stream_for(const domain::User*, const domain::Uuid& id);
std::string stream_for(const domain::Account*, const domain::Uuid& id);
std::string stream_for(const domain::Programme*, const domain::Uuid& id);

/// Moves a state on by an event of its own kind; others are passed over.
template <class State>
void evolve_any(State& state, const events::Event& event);

/// Folds a stream up to and including `until` (a position), for the state as it was then.
template <class State>
Versioned<State> fold_stream(const storage::Log& log, const events::FindSubjectKey& find_key,
                             const domain::Uuid& id, storage::Position until);

}  // namespace ttp::service
