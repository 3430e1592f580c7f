#include "projections/index/index_view.hpp"

namespace ttp::projections {

template <class State>
void IndexView<State>::flush(const snapshots::Changes& changes, storage::ViewBatch& batch) {
  for (const auto& change : changes.of<State>()) {
    const IndexRows before = change.before ? index_rows(change.before->state) : IndexRows{};
    const IndexRows after = index_rows(change.after->state);
    for (const auto& [row_key, value] : before)
      if (!after.contains(row_key)) batch.erase(family(), row_key);
    for (const auto& [row_key, value] : after) {
      const auto there = before.find(row_key);
      if (there == before.end() || there->second != value) batch.put(family(), row_key, value);
    }
  }
}

template class IndexView<domain::User>;
template class IndexView<domain::Account>;
template class IndexView<domain::Programme>;

}  // namespace ttp::projections
