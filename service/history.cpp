#include "service/history.hpp"

#include <algorithm>
#include <stdexcept>

#include "events/envelope.hpp"

namespace ttp::service {
namespace {

constexpr std::size_t page_events = 500;

}  // namespace

bool EventFilter::takes(const events::Recorded& recorded) const {
  const events::Envelope& envelope = recorded.envelope;
  return (!actor || envelope.actor.id == actor->uuid) && (types.empty() || types.contains(envelope.type)) &&
         (!since || envelope.recorded_at >= *since) && !is_past(recorded);
}

bool EventFilter::is_past(const events::Recorded& recorded) const {
  return (until && recorded.envelope.recorded_at >= *until) ||
         (to_position && recorded.position > *to_position);
}

FilteredPage read_filtered(const ReadEvents& read, const EventFilter& filter, storage::Position from,
                           std::size_t limit, std::size_t looked_at_max) {
  FilteredPage page;
  for (std::size_t looked_at = 0; looked_at < looked_at_max;) {
    auto events = read(from, page_events);
    if (events.empty()) return page;
    for (events::Recorded& each : events) {
      if (filter.is_past(each)) return page;
      if (page.events.size() == limit) {
        page.next = each.position;
        return page;
      }
      from = each.position + 1;
      ++looked_at;
      if (filter.takes(each)) page.events.push_back(std::move(each));
    }
  }
  page.next = from;
  return page;
}

domain::Time recorded_at(const storage::Log& log, storage::Position position) {
  const auto events = log.read(position, 1);
  if (events.empty()) throw std::out_of_range("the log has no event at this position");
  return events::decode_envelope(events.front().envelope).recorded_at;
}

storage::Position first_at(const storage::Log& log, domain::Time time) {
  // Time never goes backwards in the log.
  storage::Position low = 0;
  storage::Position high = log.head().next;
  while (low < high) {
    const storage::Position middle = low + (high - low) / 2;
    if (recorded_at(log, middle) < time) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

}  // namespace ttp::service
