// The tip of the log in memory: what is durable now, the unfinished Merkle tiles that belong to it, and those
// who wait for more. Every engine publishes here after its write and never before.
#pragma once

#include <chrono>
#include <cstdint>
#include <vector>

#include "os/mutex.hpp"
#include "storage/log/log.hpp"
#include "storage/tree/merkle.hpp"

namespace ttp::storage {

class Tip {
 public:
  Tip() = default;
  explicit Tip(TileEdge edge, bool sealed = false)
      : edge_(std::move(edge)), sealed_(sealed), root_(edge_.root()) {}

  Head head() const;
  /// A copy, to be grown by the next append.
  TileEdge edge() const;
  /// Shows what has just become durable and wakes those who wait.
  void publish(TileEdge edge, bool sealed);
  Position wait_beyond(Position position, std::chrono::milliseconds time_out) const;
  /// See Log::tile; `full_tile` reads what the engine has stored.
  std::vector<events::Hash> tile(unsigned level, std::uint64_t index, const TileReader& full_tile) const;

 private:
  mutable os::Mutex mutex_;
  mutable os::Condition moved_;
  TileEdge edge_ TTP_GUARDED_BY(mutex_);
  bool sealed_ TTP_GUARDED_BY(mutex_) = false;
  events::Hash root_ TTP_GUARDED_BY(mutex_) = TileEdge{}.root();
};

}  // namespace ttp::storage
