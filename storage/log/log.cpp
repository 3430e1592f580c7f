#include "storage/log/log.hpp"

#include <algorithm>
#include <stdexcept>

#include "storage/tree/merkle.hpp"

namespace ttp::storage {

std::vector<StoredEvent> Log::read(Position from, std::size_t limit) const {
  std::vector<StoredEvent> found;
  scan(from, limit, [&](const SeenEvent& event) {
    found.push_back({event.position, event.version, std::string{event.envelope}, std::string{event.body}});
  });
  return found;
}

events::Hash Log::root_at(Position size) const {
  if (size > head().next) throw std::out_of_range("the log is shorter than the size asked for");
  return root_from_tiles(size, [this](unsigned level, std::uint64_t index) { return tile(level, index); });
}

events::Hash Log::leaf_hash(Position position) const {
  if (position >= head().next) throw std::out_of_range("there is no event at this position");
  return tile(0, position / tile_width).at(position % tile_width);
}

std::vector<CommandRow> commands_without_events(const Log& log) {
  std::vector<CommandRow> found;
  log.each_command_row([&](const CommandRow& row) {
    if (!row.has_events()) found.push_back(row);
  });
  std::ranges::sort(found, {}, [](const CommandRow& row) { return std::pair{row.first, row.command}; });
  return found;
}

}  // namespace ttp::storage
