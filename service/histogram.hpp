// A histogram of measured values, for metrics.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <span>
#include <vector>

namespace ttp::service {

/// Not thread-safe: the owner's mutex must guard it.
class Histogram {
 public:
  /// `bounds` are the upper ends of the ranges, included in them, in rising order; one more range follows.
  explicit Histogram(std::span<const double> bounds) : bounds_(bounds), counts_(bounds.size() + 1) {}

  void add(double value) {
    ++counts_[static_cast<std::size_t>(std::ranges::lower_bound(bounds_, value) - bounds_.begin())];
    sum_ += value;
  }
  void add(std::chrono::steady_clock::duration time) { add(std::chrono::duration<double>(time).count()); }

  std::span<const double> bounds() const { return bounds_; }
  /// The count of each range; one more than there are bounds.
  const std::vector<std::uint64_t>& counts() const { return counts_; }
  double sum() const { return sum_; }

 private:
  std::span<const double> bounds_;
  std::vector<std::uint64_t> counts_;
  double sum_ = 0;
};

/// In seconds: from a sync on a fast disk to the time-out of a client.
inline constexpr double time_bounds[] = {0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025,
                                         0.05,   0.1,     0.25,   0.5,   1,      2.5,   10};
/// In commands: up to the largest batch of the writer.
inline constexpr double size_bounds[] = {1, 2, 4, 8, 16, 32, 64, 128, 256};

}  // namespace ttp::service
