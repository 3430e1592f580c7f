// How often a measured value fell into which range, for metrics.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <span>
#include <vector>

namespace ttp::service {

/// Guarded by its owner's mutex.
class Histogram {
 public:
  /// `bounds`: the upper end of each range, which belongs to it, rising; beyond the last there is one more.
  explicit Histogram(std::span<const double> bounds) : bounds_(bounds), counts_(bounds.size() + 1) {}

  void add(double value) {
    ++counts_[static_cast<std::size_t>(std::ranges::lower_bound(bounds_, value) - bounds_.begin())];
    sum_ += value;
  }
  void add(std::chrono::steady_clock::duration time) { add(std::chrono::duration<double>(time).count()); }

  std::span<const double> bounds() const { return bounds_; }
  /// One more than there are bounds.
  const std::vector<std::uint64_t>& counts() const { return counts_; }
  double sum() const { return sum_; }

 private:
  std::span<const double> bounds_;
  std::vector<std::uint64_t> counts_;
  double sum_ = 0;
};

/// In seconds: from what a fast disk takes for a sync to what makes a client give up.
inline constexpr double time_bounds[] = {0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025,
                                         0.05,   0.1,     0.25,   0.5,   1,      2.5,   10};
/// In commands: up to what the writer takes at once.
inline constexpr double size_bounds[] = {1, 2, 4, 8, 16, 32, 64, 128, 256};

}  // namespace ttp::service
