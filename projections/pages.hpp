// A stretch of the log, opened: read, each body checked against its hash, unsealed and decoded. It takes most
// of a rebuild's time, and no stretch waits for another.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "events/recorded.hpp"
#include "storage/log/log.hpp"

namespace ttp::projections {

struct Page {
  std::vector<events::Recorded> events;
  std::optional<std::string> fault;  ///< why the event behind the last one can not be opened
};

/// At most `limit` events from `from` on.
Page open_page(const storage::Log& log, storage::Position from, std::size_t limit,
               const events::FindSubjectKey& find_key);

}  // namespace ttp::projections
