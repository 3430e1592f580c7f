#include "snapshots/changes.hpp"

#include <algorithm>
#include <type_traits>
#include <utility>
#include <variant>

#include "snapshots/snapshots.hpp"

namespace ttp::snapshots {
namespace {

/// The memory of a held state beside its fixed size.
constexpr std::size_t held_beside_state = 256;
/// A decoded state takes more memory than its JSON, because of allocator and containers.
constexpr std::size_t memory_per_json_byte = 2;

}  // namespace

template <class State>
std::shared_ptr<const Snapshot<State>> Folding::before(Tables<State>& tables, const domain::Uuid& id,
                                                       std::uint64_t version) {
  if (version <= 1) return nullptr;
  for (auto* generation : {&tables.young, &tables.old}) {
    const auto found = generation->find(id);
    if (found != generation->end() && found->second->version == version - 1) return found->second;
  }
  return snapshots_->at_version<State>(id, version - 1).shared();
}

template <class State>
void Folding::apply(Tables<State>& tables, const domain::Uuid& id, const events::Recorded& recorded) {
  const auto [found, is_new] = tables.pending.try_emplace(id);
  Pending<State>& pending = found->second;
  if (is_new) try {
      pending.before = before(tables, id, recorded.version);
      pending.after = pending.before ? std::make_shared<Snapshot<State>>(*pending.before)
                                     : std::make_shared<Snapshot<State>>();
      held_bytes_ += sizeof *found + sizeof *pending.after + held_beside_state;
    } catch (...) {
      tables.pending.erase(found);
      throw;
    }
  move_on(*pending.after, recorded);
  held_bytes_ += memory_per_json_byte * recorded.envelope.body_bytes;
}

void Folding::apply(const events::Recorded& recorded) {
  std::visit(
      [&]<class E>(const E& event) {
        if constexpr (requires(domain::User state) { evolve(state, event); }) {
          apply(users_, event.user.uuid, recorded);
        } else if constexpr (requires(domain::Account state) { evolve(state, event); }) {
          apply(accounts_, event.account.uuid, recorded);
        } else {
          apply(programmes_, event.account.uuid, recorded);
        }
      },
      recorded.event);
}

template <class State>
std::vector<Change<State>> Folding::take(Tables<State>& tables) {
  std::vector<Change<State>> changes;
  changes.reserve(tables.pending.size());
  for (auto& [id, pending] : tables.pending)
    changes.push_back({id, std::move(pending.before), std::move(pending.after)});
  tables.pending.clear();
  // Sort by identifier, so that the written rows do not depend on the order of the hash table.
  std::ranges::sort(changes, {}, &Change<State>::id);
  if (remembered_bytes_ > 0)
    for (const auto& each : changes) tables.young[each.id] = each.after;
  return changes;
}

Changes Folding::take() {
  Changes changes{take(users_), take(accounts_), take(programmes_)};
  young_bytes_ += std::exchange(held_bytes_, 0);
  if (young_bytes_ > remembered_bytes_ / 2) {
    const auto age = [](auto& tables) { tables.old = std::exchange(tables.young, {}); };
    age(users_);
    age(accounts_);
    age(programmes_);
    young_bytes_ = 0;
  }
  return changes;
}

}  // namespace ttp::snapshots
