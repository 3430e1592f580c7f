#include "service/writer/states.hpp"

#include <utility>

namespace ttp::service {
namespace {

/// States that were used in so many batches before the present one are kept, because they are often used
/// again.
constexpr std::uint64_t kept_batches = 8;

}  // namespace

template <class State>
HeadStates<State>::Entry& HeadStates<State>::entry(const domain::Uuid& id) {
  const auto found = entries_.find(id);
  if (found != entries_.end() && !found->second.asks_log) {
    found->second.batch = batch_;
    return found->second;
  }
  const bool asks_log = others_may_write_ || found != entries_.end() || snapshots_.settled() < begins_;
  Entry entry{.batch = batch_};
  entry.shared = (asks_log ? snapshots_.at_head<State>(id) : snapshots_.get<State>(id)).shared();
  return entries_.insert_or_assign(id, std::move(entry)).first->second;
}

template <class State>
HeadStates<State>::Read HeadStates<State>::read(const domain::Uuid& id) {
  static const State none{};
  const Entry& found = entry(id);
  if (found.own) return {found.own->state, found.own->version};
  if (found.shared) return {found.shared->state, found.shared->version};
  return {none, 0};
}

template <class State>
HeadStates<State>::Own& HeadStates<State>::changed(const domain::Uuid& id) {
  Entry& found = entry(id);
  if (!found.own)
    found.own = found.shared ? std::make_unique<Own>(found.shared->state, found.shared->version)
                             : std::make_unique<Own>();
  found.shared.reset();
  found.is_open = true;
  return *found.own;
}

template <class State>
void HeadStates<State>::end_batch(storage::Position end) {
  const storage::Position published = snapshots_.settled();
  for (auto next = entries_.begin(); next != entries_.end();) {
    const auto each = next++;
    Entry& entry = each->second;
    if (std::exchange(entry.is_open, false)) entry.end = end;
    if (entry.end <= published && entry.batch + kept_batches < batch_) entries_.erase(each);
  }
  ++batch_;
}

template class HeadStates<domain::User>;
template class HeadStates<domain::Account>;
template class HeadStates<domain::Programme>;

}  // namespace ttp::service
