#include "storage/log/times.hpp"

#include <stdexcept>

#include "events/envelope.hpp"

namespace ttp::storage {

domain::Time recorded_at(const Log& log, Position position) {
  const auto events = log.read(position, 1);
  if (events.empty()) throw std::out_of_range("the log has no event at this position");
  return events::decode_envelope(events.front().envelope).recorded_at;
}

Position first_at(const Log& log, domain::Time time) {
  Position low = 0, high = log.head().next;
  while (low < high) {
    const Position middle = low + (high - low) / 2;
    if (recorded_at(log, middle) < time)
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

Position size_at(const Log& log, domain::Time time) {
  return first_at(log, time + domain::Duration{1});
}

}  // namespace ttp::storage
