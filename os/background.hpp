// Runs short work beside the calling thread.
#pragma once

#include <future>
#include <thread>
#include <utility>

namespace ttp::os {

/// Runs `work` on a thread of its own. The future's destructor waits for it; get() rethrows an exception of
/// `work`.
template <class Work>
[[nodiscard]] auto in_background(Work&& work) {
  return std::async(std::launch::async, std::forward<Work>(work));
}

/// The number of threads that this machine runs at once; at least 1.
inline unsigned cores() {
  const unsigned count = std::thread::hardware_concurrency();
  return count > 0 ? count : 1;
}

}  // namespace ttp::os
