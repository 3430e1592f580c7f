// The limit on the files and connections that a process may have open at once.
#pragma once

#include <cstddef>
#include <vector>

namespace ttp::os {

/// Raises the soft limit to the hard limit. Returns the limit in force afterwards.
std::size_t raise_descriptor_limit();

/// A reserve of open descriptors, to be released when the process has no other left. Not safe for use by two
/// threads at once.
class SpareDescriptors {
 public:
  explicit SpareDescriptors(std::size_t count);
  ~SpareDescriptors();
  SpareDescriptors(const SpareDescriptors&) = delete;
  SpareDescriptors& operator=(const SpareDescriptors&) = delete;

  /// Releases one to the process. False if none is held.
  bool release_one();
  /// Opens missing spare descriptors, as many as the limit allows.
  void refill();

 private:
  const std::size_t count_;
  std::vector<int> held_;
};

}  // namespace ttp::os
