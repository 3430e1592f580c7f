#include "projections/running.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>
#include <vector>

namespace ttp::projections {
namespace {

/// The stored position of the view, or nothing if its rows cannot be used.
std::optional<ViewPosition> stored_position(const std::string& family, const storage::Log& log,
                                            const storage::ViewStore& store) {
  try {
    const auto stored = store.get(family, position_key);
    const ViewPosition position = stored ? decode_position(*stored) : ViewPosition{log.id(), 0, {}};
    return foreign(position, log) ? std::nullopt : std::optional{position};
  } catch (const events::Damaged&) {
    return std::nullopt;
  }
}

}  // namespace

Running Running::open(const Listed& listed, std::string family, const storage::Log& log,
                      storage::ViewStore& store) {
  store.create_family(family);
  auto position = stored_position(family, log, store);
  if (!position) {
    store.drop_family(family);
    store.create_family(family);
    position = ViewPosition{log.id(), 0, {}};
  }
  auto projection = listed.make(family);
  return {std::string{listed.name}, std::move(family), std::move(projection), *position};
}

void Running::take(std::span<const events::Recorded> recorded) {
  if (fault) return;
  storage::Position at = reached.next;
  try {
    for (const events::Recorded& each : recorded) {
      at = each.position;
      projection->apply(each);
    }
  } catch (const std::exception& broken) {
    stop_at(at, broken.what());
  }
}

const Listed& listed(std::string_view projection) {
  const auto found = std::ranges::find(all, projection, &Listed::name);
  if (found == all.end()) throw std::invalid_argument{"no such projection: " + std::string{projection}};
  return *found;
}

void write_together(std::span<Running* const> views, std::span<const events::Recorded> recorded,
                    const snapshots::Changes& changes, const storage::Log& log, storage::ViewStore& store) {
  if (views.empty() || recorded.empty()) return;
  const ViewPosition reached{log.id(), recorded.back().position + 1, log.leaf_hash(recorded.back().position)};
  storage::ViewBatch batch;
  std::vector<Running*> written;
  for (Running* running : views) {
    running->take(recorded);
    if (running->fault) continue;
    const std::size_t before = batch.changes().size();
    try {
      running->projection->flush(changes, batch);
      batch.put(running->family, std::string{position_key}, encode(reached));
      written.push_back(running);
    } catch (const std::exception& broken) {
      batch.cut(before);
      running->stop_at(running->reached.next, broken.what());
    }
  }
  try {
    if (!batch.empty()) store.commit(batch);
    for (Running* running : written) running->reached = reached;
  } catch (const std::exception& broken) {
    for (Running* running : written) running->stop_at(running->reached.next, broken.what());
  }
}

}  // namespace ttp::projections
