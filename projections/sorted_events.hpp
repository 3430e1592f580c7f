// A long stretch of the log, sorted into parts by the aggregates that its events tell of, so that each part
// can be folded by itself: all events of an aggregate are in one part, in the log's order. What is sorted
// waits in a scratch file, sealed as it stands in the log.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "storage/log.hpp"
#include "storage/scratch.hpp"

namespace ttp::projections {

struct PartLimits {
  std::size_t bytes = 64 * 1024 * 1024;  ///< of a part's events, about, as they stand in the log
  /// Sorted at a time; enough that each part gets a piece worth a system call.
  storage::Position stretch_events = 16 * 1024;
};

class SortedEvents {
 public:
  /// Called with how many events are sorted.
  using Sorted = std::function<void(storage::Position)>;

  /// Sorts the events of [from, until) into parts. Throws what the log throws.
  SortedEvents(const storage::Log& log, storage::Position from, storage::Position until,
               const PartLimits& limits, std::unique_ptr<storage::Scratch> scratch, const Sorted& sorted);

  /// The identifiers of a part's aggregates lie between those of the part before and of the part behind it.
  std::size_t parts() const { return pieces_.size(); }
  void each(std::size_t part, const std::function<void(const storage::SeenEvent&)>& visit) const;

 private:
  using Pieces = std::vector<storage::Scratch::Piece>;

  void choose_bounds(storage::Position from, storage::Position until, std::size_t part_bytes);
  std::size_t part_of(std::string_view envelope) const;
  /// A piece for each part.
  Pieces sort(storage::Position from, std::size_t limit);

  const storage::Log& log_;
  std::unique_ptr<storage::Scratch> scratch_;
  std::vector<std::uint64_t>
      bounds_;                  ///< the first bytes of identifiers: where the parts but the first begin
  std::vector<Pieces> pieces_;  ///< by part, in the log's order

  using ByPart = std::vector<std::string>;
  std::mutex mutex_;           // guards what follows
  std::vector<ByPart> spare_;  ///< texts that have grown to their size, for the next stretch
};

}  // namespace ttp::projections
