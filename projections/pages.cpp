#include "projections/pages.hpp"

namespace ttp::projections {

Page open_page(const storage::Log& log, storage::Position from, std::size_t limit,
               const events::FindSubjectKey& find_key) {
  Page page;
  page.events.reserve(limit);
  try {
    log.scan(from, limit, [&](const storage::SeenEvent& seen) {
      page.events.push_back(
          events::open_event(seen.position, seen.version, seen.envelope, seen.body, find_key));
    });
  } catch (const std::exception& fault) {
    page.fault = fault.what();
  }
  return page;
}

}  // namespace ttp::projections
