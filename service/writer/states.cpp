#include "service/writer/states.hpp"

namespace ttp::service {
namespace {

/// At least the number of batches that are usually not applied to the views yet.
constexpr std::uint64_t kept_batches = 8;

}  // namespace

template <class State>
Versioned<State>& HeadStates<State>::get(const domain::Uuid& id) {
  const auto found = entries_.find(id);
  if (found != entries_.end()) {
    found->second.batch = batch_;
    return found->second.versioned;
  }
  Entry entry{{}, batch_};
  if (const auto loaded = snapshots_.at_head<State>(id)) entry.versioned = {loaded->state, loaded->version};
  return entries_.emplace(id, std::move(entry)).first->second.versioned;
}

template <class State>
void HeadStates<State>::trim() {
  std::erase_if(entries_, [&](const auto& each) { return each.second.batch + kept_batches < batch_; });
  ++batch_;
}

template class HeadStates<domain::User>;
template class HeadStates<domain::Account>;
template class HeadStates<domain::Programme>;

}  // namespace ttp::service
