#include "service/writer/states.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include "events/recorded.hpp"

namespace ttp::service {
namespace {
constexpr std::size_t page_events = 500;

/// What a state takes in memory, with what the allocator and the cache's own tables add.
template <class State>
std::size_t bytes_of(const State& state) {
  return sizeof(Versioned<State>) + 256 + 2 * events::state_to_json(state).size();
}

}  // namespace

std::string stream_for(const domain::User*, const domain::Uuid& id) {
  return events::stream_name(domain::UserId{id});
}
std::string stream_for(const domain::Account*, const domain::Uuid& id) {
  return events::stream_name(domain::AccountId{id});
}
std::string stream_for(const domain::Programme*, const domain::Uuid& id) {
  return events::programme_stream_name(domain::AccountId{id});
}

template <class State>
void evolve_any(State& state, const events::Event& event) {
  std::visit(
      [&]<class E>(const E& each) {
        if constexpr (requires { evolve(state, each); }) evolve(state, each);
      },
      event);
}

template <class State>
Versioned<State> fold_stream(const storage::Log& log, const events::FindSubjectKey& find_key,
                             const domain::Uuid& id, storage::Position until) {
  Versioned<State> folded;
  const std::string stream = stream_for(static_cast<const State*>(nullptr), id);
  while (true) {
    const auto page = log.read_stream(stream, folded.version, page_events);
    for (const auto& stored : page) {
      if (stored.position > until) return folded;
      const auto recorded =
          events::open_event(stored.position, stored.version, stored.envelope, stored.body, find_key);
      evolve_any(folded.state, recorded.event);
      folded.version = stored.version;
    }
    if (page.size() < page_events) return folded;
  }
}

template <class State>
Versioned<State> StateCache<State>::load(const domain::Uuid& id) const {
  // A stream can be long, and the views have folded it before.
  auto known = folded_(id);
  const auto likely = known ? known->version : 0;
  const auto stream = stream_for(static_cast<const State*>(nullptr), id);
  const auto version = log_.stream_version(stream, likely);
  if (version == 0) return {};
  if (version == likely) return *std::move(known);
  return fold_stream<State>(log_, find_key_, id, std::numeric_limits<storage::Position>::max());
}

template <class State>
Versioned<State>& StateCache<State>::get(const domain::Uuid& id) {
  const auto found = entries_.find(id);
  if (found != entries_.end()) {
    by_use_.splice(by_use_.begin(), by_use_, found->second.used);
    found->second.batch = batch_;
    return found->second.versioned;
  }
  auto loaded = load(id);
  by_use_.push_front(id);
  return entries_.emplace(id, Entry{std::move(loaded), by_use_.begin(), 0, 0, batch_})
      .first->second.versioned;
}

template <class State>
void StateCache<State>::drop(typename std::unordered_map<domain::Uuid, Entry>::iterator entry) {
  bytes_ -= entry->second.bytes;
  by_use_.erase(entry->second.used);
  entries_.erase(entry);
}

template <class State>
void StateCache<State>::forget(const domain::Uuid& id) {
  if (const auto found = entries_.find(id); found != entries_.end()) drop(found);
}

template <class State>
void StateCache<State>::forget_all() {
  entries_.clear();
  by_use_.clear();
  bytes_ = 0;
}

template <class State>
void StateCache<State>::weigh_used() {
  for (const domain::Uuid& id : by_use_) {
    Entry& entry = entries_.find(id)->second;
    if (entry.batch != batch_) break;
    if (entry.versioned.version < entry.weigh_again) continue;
    const std::size_t bytes = bytes_of(entry.versioned.state);
    bytes_ += bytes - entry.bytes;
    entry.bytes = bytes;
    entry.weigh_again = std::max<storage::StreamVersion>(2 * entry.versioned.version, 1);
  }
  ++batch_;
}

template <class State>
void StateCache<State>::trim() {
  weigh_used();
  while (entries_.size() > capacity_ || (bytes_ > bytes_max_ && !entries_.empty()))
    drop(entries_.find(by_use_.back()));
}

template class StateCache<domain::User>;
template class StateCache<domain::Account>;
template class StateCache<domain::Programme>;
template void evolve_any(domain::User&, const events::Event&);
template void evolve_any(domain::Account&, const events::Event&);
template void evolve_any(domain::Programme&, const events::Event&);
template Versioned<domain::User> fold_stream(const storage::Log&, const events::FindSubjectKey&,
                                             const domain::Uuid&, storage::Position);
template Versioned<domain::Account> fold_stream(const storage::Log&, const events::FindSubjectKey&,
                                                const domain::Uuid&, storage::Position);
template Versioned<domain::Programme> fold_stream(const storage::Log&, const events::FindSubjectKey&,
                                                  const domain::Uuid&, storage::Position);

}  // namespace ttp::service
