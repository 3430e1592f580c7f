#include "service/reading/state_source.hpp"

namespace ttp::service {
template <class State>
const Found<State>& PastStates::state(Known<State>& known, const domain::Uuid& id) const {
  const auto found = known.find(id);
  if (found != known.end()) return found->second;
  return known.emplace(id, queries_.snapshots().at<State>(id, point_.size)).first->second;
}

Found<domain::User> PastStates::user(domain::UserId user) const {
  return state(users_, user.uuid);
}

Found<domain::Account> PastStates::account(domain::AccountId account) const {
  const auto& found = state(accounts_, account.uuid);
  return found && found->state.stage != domain::Stage::absent ? found : std::nullopt;
}

Found<domain::Programme> PastStates::programme(domain::AccountId account) const {
  if (const auto& found = state(programmes_, account.uuid)) return found;
  Snapshot<domain::Programme> nothing_yet;
  nothing_yet.state.id = account;
  return nothing_yet;
}

std::vector<Membership> PastStates::memberships(domain::UserId user) const {
  std::vector<Membership> found;
  for (const domain::AccountId id : queries_.involvements(user))
    if (const auto& account = state(accounts_, id.uuid))
      if (const domain::Member* member = account->state.member(user)) found.push_back({id, member->role});
  return found;
}

std::vector<PendingOffer> PastStates::offers_to(domain::UserId user) const {
  std::vector<PendingOffer> found;
  for (const domain::AccountId id : queries_.involvements(user)) {
    const auto& account = state(accounts_, id.uuid);
    if (!account) continue;
    const auto& offer = account->state.ownership_offer;
    if (offer && offer->to == user) found.push_back({id, offer->id});
  }
  return found;
}

}  // namespace ttp::service
