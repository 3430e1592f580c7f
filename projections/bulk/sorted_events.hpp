// A long stretch of the log, sorted into parts by the aggregates that its events tell of, so that each part
// can be folded by itself: all events of an aggregate are in one part, in the log's order. What is sorted
// waits in a scratch file, sealed as it stands in the log.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "domain/ids.hpp"
#include "os/mutex.hpp"
#include "os/scratch.hpp"
#include "storage/log/log.hpp"

namespace ttp::projections {

struct PartLimits {
  /// Of a part's events, about, as they stand in the log: so few that what they are folded to stays in the
  /// processor's caches.
  std::size_t bytes = 8 * 1024 * 1024;
  /// Sorted at a time; enough that a disk reads the piece of a part in one go.
  storage::Position stretch_events = 64 * 1024;
};

/// What several threads work with one after the other, so that its memory is used again.
template <class T>
class Spares {
 public:
  /// One that somebody has put here, or a new one.
  T take() {
    const os::MutexLock lock{mutex_};
    if (held_.empty()) return {};
    T one = std::move(held_.back());
    held_.pop_back();
    return one;
  }
  void put(T one) {
    const os::MutexLock lock{mutex_};
    held_.push_back(std::move(one));
  }
  void clear() {
    const os::MutexLock lock{mutex_};
    held_.clear();
  }

 private:
  os::Mutex mutex_;
  std::vector<T> held_ TTP_GUARDED_BY(mutex_);
};

class SortedEvents {
 public:
  /// Called with how many events are sorted.
  using Sorted = std::function<void(storage::Position)>;

  /// Sorts the events of [from, until) into parts. Throws what the log throws.
  SortedEvents(const storage::Log& log, storage::Position from, storage::Position until,
               const PartLimits& limits, std::unique_ptr<os::Scratch> scratch, const Sorted& sorted);

  std::size_t parts() const { return pieces_.size(); }
  struct Identifiers {
    domain::Uuid first, last;
  };
  /// Between which a part's aggregates lie; both count.
  Identifiers identifiers(std::size_t part) const;

  /// A part as it is read; its memory is used again for the next one.
  class Part {
   public:
    void each(const std::function<void(const storage::SeenEvent&)>& visit) const;

   private:
    friend class SortedEvents;
    os::Scratch::Bytes bytes_;
    std::vector<std::string_view> texts_;
  };
  void read(std::size_t part, Part& into) const;

 private:
  using Pieces = std::vector<os::Scratch::Piece>;

  void choose_bounds(storage::Position from, storage::Position until, std::size_t part_bytes);
  std::size_t part_of(std::string_view envelope) const;
  /// A piece for each part.
  Pieces sort(storage::Position from, std::size_t limit);

  const storage::Log& log_;
  std::unique_ptr<os::Scratch> scratch_;
  std::vector<std::uint64_t>
      bounds_;                  ///< the first bytes of identifiers: where the parts but the first begin
  std::vector<Pieces> pieces_;  ///< by part, in the log's order

  /// A stretch as it is sorted: for the next one there is memory then.
  struct Gathered {
    os::Scratch::Text::Spare spare{};
    std::vector<os::Scratch::Text> by_part{};
  };
  Spares<std::unique_ptr<Gathered>> spare_stretches_;
};

}  // namespace ttp::projections
