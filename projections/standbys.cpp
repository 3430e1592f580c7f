#include "projections/standbys.hpp"

#include <utility>

namespace ttp::projections {
namespace {

/// The memory for states that are kept between two pages while a standby is built.
constexpr std::size_t remembered_bytes = std::size_t{64} * 1024 * 1024;

}  // namespace

Standby* Standbys::find(std::string_view projection) {
  const auto found = by_projection_.find(projection);
  return found == by_projection_.end() ? nullptr : &found->second;
}

Standby* Standbys::find(std::string_view projection, std::uint64_t number) {
  Standby* const found = find(projection);
  return found && found->number == number ? found : nullptr;
}

Standby& Standbys::add(Running running, const snapshots::Snapshots& snapshots) {
  std::string name = running.name;
  auto folding = std::make_shared<snapshots::Folding>(snapshots, remembered_bytes);
  Standby standby{++numbers_, std::move(running), StandbyState::building, std::move(folding)};
  return by_projection_.insert_or_assign(std::move(name), std::move(standby)).first->second;
}

void Standbys::remove(std::string_view projection) {
  const auto found = by_projection_.find(projection);
  if (found != by_projection_.end()) by_projection_.erase(found);
}

std::vector<StandbyStatus> Standbys::status(storage::Position head) const {
  std::vector<StandbyStatus> rows;
  for (const auto& [name, each] : by_projection_)
    rows.push_back({name, each.running.family, each.running.reached.next, head,
                    each.state == StandbyState::caught_up && !each.running.fault, each.comparison,
                    each.running.fault});
  return rows;
}

std::vector<Running*> Standbys::following() {
  std::vector<Running*> rows;
  for (auto& [name, each] : by_projection_)
    if (each.follows()) rows.push_back(&each.running);
  return rows;
}

}  // namespace ttp::projections
