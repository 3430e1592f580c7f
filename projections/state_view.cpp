#include "projections/state_view.hpp"

#include <algorithm>
#include <vector>

#include "events/bytes.hpp"

namespace ttp::projections {
namespace {

constexpr std::size_t row_header_bytes = 24;
/// Of most rows, so that a text that grows is not copied again and again.
constexpr std::size_t row_bytes_usual = 1536;
/// What a held state takes beside its own fixed size: its index rows, and a node of the table.
constexpr std::size_t held_beside_state = 256;
/// A decoded text takes more than its JSON, for what the allocator and the containers add.
constexpr std::size_t memory_per_json_byte = 2;

template <class State, class E>
concept Evolves = requires(State& state, const E& event) { evolve(state, event); };

template <class E>
domain::Uuid id_of(const E& event) {
  if constexpr (requires { event.account; }) {
    return event.account.uuid;
  } else {
    return event.user.uuid;
  }
}

}  // namespace

template <class State>
std::string encode_row(const Snapshot<State>& snapshot) {
  std::string row;
  row.reserve(row_bytes_usual);
  events::put_be64(row, snapshot.version);
  events::put_be64(row, snapshot.position);
  events::put_be64(row, static_cast<std::uint64_t>(snapshot.changed_at.time_since_epoch().count()));
  events::append_state_json(row, snapshot.state);
  return row;
}

template <class State>
Snapshot<State> decode_row(std::string_view row) {
  if (row.size() < row_header_bytes) throw events::Damaged{"a row of a view is too short"};
  Snapshot<State> snapshot;
  snapshot.version = events::get_be64(row);
  snapshot.position = events::get_be64(row.substr(8));
  snapshot.changed_at = domain::Time{std::chrono::milliseconds{events::get_be64(row.substr(16))}};
  events::state_from_json(row.substr(row_header_bytes), snapshot.state);
  return snapshot;
}

template <class State>
typename StateView<State>::Pending& StateView<State>::pending(const domain::Uuid& id, bool is_first_event) {
  const auto [found, is_new] = pending_.try_emplace(id);
  if (is_new) {
    held_bytes_ += sizeof(*found) + sizeof(Snapshot<State>) + held_beside_state;
    found->second.snapshot = std::make_shared<Snapshot<State>>();
    if (is_first_event) return found->second;
    if (const auto stored = rows_.store().get_as(rows_.family(), key::state(id), &decode_row<State>)) {
      *found->second.snapshot = *stored;
      held_bytes_ += held_beside_state;
      found->second.stored_index = index_rows(stored->state);
    }
  }
  return found->second;
}

template <class State>
void StateView<State>::apply(const events::Recorded& recorded) {
  std::visit(
      [&]<class E>(const E& event) {
        if constexpr (Evolves<State, E>) {
          Snapshot<State>& snapshot = *pending(id_of(event), recorded.version == 1).snapshot;
          evolve(snapshot.state, event);
          held_bytes_ += memory_per_json_byte * recorded.envelope.body_bytes;
          snapshot.version = recorded.version;
          snapshot.position = recorded.position;
          snapshot.changed_at = recorded.envelope.recorded_at;
        }
      },
      recorded.event);
}

template <class State>
void StateView<State>::flush(storage::ViewBatch& batch) {
  // In the order of the keys, so that the batch does not depend on the hash table's.
  std::vector<std::pair<domain::Uuid, Pending*>> in_order;
  in_order.reserve(pending_.size());
  for (auto& [id, each] : pending_) in_order.emplace_back(id, &each);
  std::ranges::sort(in_order);
  for (const auto& [id, held] : in_order) {
    Pending& each = *held;
    const IndexRows wanted = index_rows(each.snapshot->state);
    for (const auto& [row_key, value] : each.stored_index)
      if (!wanted.contains(row_key)) batch.erase(rows_.family(), row_key);
    for (const auto& [row_key, value] : wanted) {
      const auto stored = each.stored_index.find(row_key);
      if (stored == each.stored_index.end() || stored->second != value)
        batch.put(rows_.family(), row_key, value);
    }
    batch.put_made<&encode_row<State>>(rows_.family(), key::state(id),
                                       std::shared_ptr<const Snapshot<State>>{std::move(each.snapshot)});
  }
  pending_.clear();
  held_bytes_ = 0;
}

template std::string encode_row(const Snapshot<domain::User>&);
template std::string encode_row(const Snapshot<domain::Account>&);
template std::string encode_row(const Snapshot<domain::Programme>&);
template Snapshot<domain::User> decode_row(std::string_view);
template Snapshot<domain::Account> decode_row(std::string_view);
template Snapshot<domain::Programme> decode_row(std::string_view);
template class StateView<domain::User>;
template class StateView<domain::Account>;
template class StateView<domain::Programme>;

}  // namespace ttp::projections
