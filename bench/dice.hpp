// The random choices of one life, from a seed of its own, so that they do not depend on other lives.
#pragma once

#include <cmath>
#include <cstdint>
#include <iterator>

namespace ttp::bench {

class Dice {
 public:
  Dice(std::uint64_t seed, std::uint64_t number) : state_(seed * 0x9e3779b97f4a7c15u + number) {}

  /// SplitMix64.
  std::uint64_t throws() {
    std::uint64_t z = (state_ += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
  }
  /// A number below `sides`.
  std::uint64_t below(std::uint64_t sides) { return throws() % sides; }
  std::uint64_t between(std::uint64_t least, std::uint64_t most) { return least + below(most - least + 1); }
  bool chance(unsigned percent) { return below(100) < percent; }
  template <class Things>
  const auto& one_of(const Things& things) {
    return things[below(std::size(things))];
  }
  /// A number of at least 1 with a skewed distribution (Pareto, 1.16): small numbers are frequent, large ones
  /// rare.
  std::uint64_t skewed(std::uint64_t at_most) {
    const double u = (static_cast<double>(throws() >> 11) + 1) / 9007199254740993.0;  // in (0, 1]
    const double value = std::pow(u, -1 / 1.16);
    return value >= static_cast<double>(at_most) ? at_most : static_cast<std::uint64_t>(value);
  }

 private:
  std::uint64_t state_;
};

}  // namespace ttp::bench
