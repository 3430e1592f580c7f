#include "service/reading/history.hpp"

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

FilteredPage read_filtered_back(const ReadEvents& read, const EventFilter& filter, storage::Position first,
                                storage::Position end, std::size_t limit, std::size_t looked_at_max) {
  FilteredPage page;
  for (std::size_t looked_at = 0; looked_at < looked_at_max;) {
    auto events = read(end, page_events);
    if (events.empty()) return page;
    for (events::Recorded& each : events) {
      if (each.position < first) return page;
      if (page.events.size() == limit) {
        page.next = end;
        return page;
      }
      end = each.position;
      ++looked_at;
      if (filter.takes(each)) page.events.push_back(std::move(each));
    }
  }
  page.next = end;
  return page;
}

}  // namespace ttp::service
