// A long stretch of the log, sorted into parts by aggregate, so that each part can be folded by itself: all
// events of an aggregate are in one part, in the log's order. The sorted events are kept in a scratch file,
// still sealed as in the log.
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
  /// Approximate size of a part's events, as stored in the log. It is small so that the folded states stay in
  /// the processor's caches.
  std::size_t bytes = 8 * 1024 * 1024;
  /// The number of events sorted at a time; large enough that each piece of a part is one sequential read.
  storage::Position stretch_events = 64 * 1024;
};

/// A pool of buffers that threads use one after the other, so that their memory is reused.
template <class T>
class Spares {
 public:
  /// Returns a pooled buffer, or a new one.
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
  /// Called with the number of events sorted so far.
  using Sorted = std::function<void(storage::Position)>;

  /// Sorts the events of [from, until) into parts. Throws what the log throws.
  SortedEvents(const storage::Log& log, storage::Position from, storage::Position until,
               const PartLimits& limits, std::unique_ptr<os::Scratch> scratch, const Sorted& sorted);

  std::size_t parts() const { return pieces_.size(); }
  struct Identifiers {
    domain::Uuid first, last;
  };
  /// The range of a part's aggregates, both ends included.
  Identifiers identifiers(std::size_t part) const;

  /// The buffer for one part; its memory is reused for the next part.
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
  /// Sorts up to `limit` events and returns a piece for each part.
  Pieces sort(storage::Position from, std::size_t limit);

  const storage::Log& log_;
  std::unique_ptr<os::Scratch> scratch_;
  std::vector<std::uint64_t>
      bounds_;                  ///< the first bytes of identifiers at which the second and later parts begin
  std::vector<Pieces> pieces_;  ///< by part, in the log's order

  /// The buffers for sorting one stretch; reused for the next one.
  struct Buffers {
    os::Scratch::Text::Spare spare{};
    std::vector<os::Scratch::Text> by_part{};
  };
  Spares<std::unique_ptr<Buffers>> spare_buffers_;
};

}  // namespace ttp::projections
