#include "storage/log/tip.hpp"

#include <stdexcept>

namespace ttp::storage {

Head Tip::head() const {
  const os::MutexLock lock{mutex_};
  return {edge_.size(), sealed_, root_};
}

TileEdge Tip::edge() const {
  const os::MutexLock lock{mutex_};
  return edge_;
}

void Tip::publish(TileEdge edge, bool sealed) {
  const auto root = edge.root();
  {
    const os::MutexLock lock{mutex_};
    edge_ = std::move(edge);
    sealed_ = sealed;
    root_ = root;
  }
  moved_.notify_all();
}

Position Tip::wait_beyond(Position position, std::chrono::milliseconds time_out) const {
  const auto until = std::chrono::steady_clock::now() + time_out;
  os::MutexLock lock{mutex_};
  while (edge_.size() <= position && moved_.wait_until(lock, until)) {
  }
  return edge_.size();
}

std::vector<events::Hash> Tip::tile(unsigned level, std::uint64_t index, const TileReader& full_tile) const {
  {
    const os::MutexLock lock{mutex_};
    if (edge_.holds(level, index)) {
      const auto hashes = edge_.hashes(level);
      if (hashes.empty()) throw std::out_of_range("this Merkle tile does not exist yet");
      return {hashes.begin(), hashes.end()};
    }
    if (edge_.beyond(level, index)) throw std::out_of_range("this Merkle tile does not exist yet");
  }
  return full_tile(level, index);
}

}  // namespace ttp::storage
