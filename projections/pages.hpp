// Opens a stretch of the log: reads the events, checks each body against its hash, unseals and decodes it.
// Stretches are independent of each other, so a rebuild opens several at a time.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "events/recorded.hpp"
#include "storage/log/log.hpp"

namespace ttp::projections {

struct Page {
  std::vector<events::Recorded> events;
  std::optional<std::string> fault;  ///< why the event after the last one cannot be opened
};

/// At most `limit` events from `from` on.
Page open_page(const storage::Log& log, storage::Position from, std::size_t limit,
               const events::FindSubjectKey& find_key);

}  // namespace ttp::projections
