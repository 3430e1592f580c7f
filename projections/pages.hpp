// A stretch of the log, opened by as many threads as there are cores and handed out in its order. Reading,
// the check of each body's hash and decoding take most of a rebuild's time, and no event waits for another.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "events/recorded.hpp"
#include "storage/log.hpp"

namespace ttp::projections {

struct Page {
  std::vector<events::Recorded> events;
  std::optional<std::string> fault;  ///< why the event behind the last one can not be opened
};

/// At most `limit` events from `from` on.
Page open_page(const storage::Log& log, storage::Position from, std::size_t limit,
               const events::FindSubjectKey& find_key);

class Pages {
 public:
  /// The events from `from` up to `until`, which the log has.
  Pages(const storage::Log& log, storage::Position from, storage::Position until,
        const events::FindSubjectKey& find_key, std::size_t page_events);
  ~Pages();
  Pages(const Pages&) = delete;
  Pages& operator=(const Pages&) = delete;

  /// Waits for the next page; nothing at the end.
  std::optional<Page> next();

 private:
  void work();
  storage::Position begin_of(std::uint64_t page) const;

  const storage::Log& log_;
  const storage::Position from_;
  const storage::Position until_;
  const events::FindSubjectKey& find_key_;
  const std::size_t page_events_;
  const std::uint64_t pages_;

  std::mutex mutex_;  // guards what follows
  std::condition_variable moved_;
  std::uint64_t begun_ = 0;
  std::uint64_t handed_out_ = 0;
  bool stopping_ = false;
  std::map<std::uint64_t, Page> ready_;
  std::vector<std::thread> workers_;
};

}  // namespace ttp::projections
