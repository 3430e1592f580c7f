// The tip of the log in memory: the durable head, its unfinished Merkle tiles, and the threads that wait for
// more events. Every engine publishes here after its write, never before.
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
  /// A copy for the next append to extend.
  TileEdge edge() const;
  /// Publishes what has just become durable and wakes the waiting threads.
  void publish(TileEdge edge, bool sealed);
  Position wait_beyond(Position position, std::chrono::milliseconds time_out) const;
  /// See Log::tile; `full_tile` reads a tile that the engine has stored.
  std::vector<events::Hash> tile(unsigned level, std::uint64_t index, const TileReader& full_tile) const;

 private:
  mutable os::Mutex mutex_;
  mutable os::Condition moved_;
  TileEdge edge_ TTP_GUARDED_BY(mutex_);
  bool sealed_ TTP_GUARDED_BY(mutex_) = false;
  events::Hash root_ TTP_GUARDED_BY(mutex_) = TileEdge{}.root();
};

}  // namespace ttp::storage
