// Reads the history with a filter.
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

/// The conditions for an event; a member that is not set does not restrict.
struct EventFilter {
  std::optional<domain::UserId> actor;
  std::set<std::string> types;                     ///< stored names, for example "user.urn_issued"
  std::optional<domain::Time> since;               ///< recorded then or later
  std::optional<domain::Time> until;               ///< recorded before
  std::optional<storage::Position> to_position{};  ///< the last position that is read
  bool takes(const events::Recorded& recorded) const;
  /// Whether no event after this one can match.
  bool is_past(const events::Recorded& recorded) const;
};

/// Events in order of position, at most `limit`, from `from` on.
using ReadEvents = std::function<std::vector<events::Recorded>(storage::Position from, std::size_t limit)>;

struct FilteredPage {
  std::vector<events::Recorded> events;
  std::optional<storage::Position> next;  ///< where to continue; nothing at the end
};

/// Reads until `limit` events are found. It also stops after `looked_at_max` events, so that a search for a
/// rare event does not occupy a thread for a whole log; the page then holds fewer events and still has a
/// `next`.
FilteredPage read_filtered(const ReadEvents& read, const EventFilter& filter, storage::Position from,
                           std::size_t limit, std::size_t looked_at_max = 20'000);
/// The same from the end: `read` gives the events before a position, the newest first. Those from `first` to
/// before `end` are looked at; `next` is the new end.
FilteredPage read_filtered_back(const ReadEvents& read, const EventFilter& filter, storage::Position first,
                                storage::Position end, std::size_t limit, std::size_t looked_at_max = 20'000);

}  // namespace ttp::service
