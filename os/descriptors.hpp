// The bound on the files and connections that a process may have open at once.
#pragma once

#include <cstddef>
#include <vector>

namespace ttp::os {

/// Raises the process's own bound to the highest that it may set itself. The bound that holds then.
std::size_t raise_descriptor_limit();

/// Descriptors that are held, so that there are some when the process has no other. Not safe for use by two
/// threads at once.
class SpareDescriptors {
 public:
  explicit SpareDescriptors(std::size_t count);
  ~SpareDescriptors();
  SpareDescriptors(const SpareDescriptors&) = delete;
  SpareDescriptors& operator=(const SpareDescriptors&) = delete;

  /// Gives one back to the process. False where none is held.
  bool release_one();
  /// Takes as many as are missing and can be had.
  void refill();

 private:
  const std::size_t count_;
  std::vector<int> held_;
};

}  // namespace ttp::os
