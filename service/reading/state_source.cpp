#include "service/reading/state_source.hpp"

namespace ttp::service {
namespace {

template <class State>
Snapshot<State> snapshot_of(const Versioned<State>& versioned) {
  Snapshot<State> snapshot;
  snapshot.state = versioned.state;
  snapshot.version = versioned.version;
  return snapshot;
}

}  // namespace

template <class State>
const Versioned<State>& PastStates::folded(Folded<State>& known, const domain::Uuid& id) const {
  const auto found = known.find(id);
  if (found != known.end()) return found->second;
  Versioned<State> state;
  if (moment_.size > 0) state = fold_stream<State>(log_, find_key_, id, moment_.size - 1);
  return known.emplace(id, std::move(state)).first->second;
}

Found<domain::User> PastStates::user(domain::UserId user) const {
  const auto& found = folded(users_, user.uuid);
  return found.version > 0 ? Found{snapshot_of(found)} : std::nullopt;
}

Found<domain::Account> PastStates::account(domain::AccountId account) const {
  const auto& found = folded(accounts_, account.uuid);
  return found.state.stage != domain::Stage::absent ? Found{snapshot_of(found)} : std::nullopt;
}

Found<domain::Programme> PastStates::programme(domain::AccountId account) const {
  Snapshot<domain::Programme> snapshot = snapshot_of(folded(programmes_, account.uuid));
  snapshot.state.id = account;
  return snapshot;
}

std::vector<Membership> PastStates::memberships(domain::UserId user) const {
  std::vector<Membership> found;
  for (const domain::AccountId id : queries_.involvements(user))
    if (const domain::Member* member = folded(accounts_, id.uuid).state.member(user))
      found.push_back({id, member->role});
  return found;
}

std::vector<PendingOffer> PastStates::offers_to(domain::UserId user) const {
  std::vector<PendingOffer> found;
  for (const domain::AccountId id : queries_.involvements(user)) {
    const auto& offer = folded(accounts_, id.uuid).state.ownership_offer;
    if (offer && offer->to == user) found.push_back({id, offer->id});
  }
  return found;
}

}  // namespace ttp::service
