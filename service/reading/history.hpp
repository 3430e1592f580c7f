// The history read with a filter.
#pragma once

#include <functional>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "domain/ids.hpp"
#include "domain/time.hpp"
#include "events/recorded.hpp"
#include "storage/log/log.hpp"

namespace ttp::service {

/// What an auditor wants to see; what is not set does not restrict.
struct EventFilter {
  std::optional<domain::UserId> actor;
  std::set<std::string> types;                     ///< stored names, for example "user.urn_issued"
  std::optional<domain::Time> since;               ///< recorded then or later
  std::optional<domain::Time> until;               ///< recorded before
  std::optional<storage::Position> to_position{};  ///< the last position looked at
  bool takes(const events::Recorded& recorded) const;
  /// Whether nothing behind this event can be taken.
  bool is_past(const events::Recorded& recorded) const;
};

/// Events in order of position, at most `limit`, from `from` on.
using ReadEvents = std::function<std::vector<events::Recorded>(storage::Position from, std::size_t limit)>;

struct FilteredPage {
  std::vector<events::Recorded> events;
  std::optional<storage::Position> next;  ///< where to go on; nothing: there is no more
};

/// Reads until `limit` events are found. So that a rare kind does not hold a thread for a whole log, it also
/// stops after `looked_at_max` events; the page then holds fewer and has a `next` all the same.
FilteredPage read_filtered(const ReadEvents& read, const EventFilter& filter, storage::Position from,
                           std::size_t limit, std::size_t looked_at_max = 20'000);

}  // namespace ttp::service
