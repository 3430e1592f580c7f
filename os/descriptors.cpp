#include "os/descriptors.hpp"

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

namespace ttp::os {

std::size_t raise_descriptor_limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return 0;
  const rlimit raised{limit.rlim_max, limit.rlim_max};
  if (setrlimit(RLIMIT_NOFILE, &raised) == 0) limit = raised;
  return limit.rlim_cur;
}

SpareDescriptors::SpareDescriptors(std::size_t count) : count_(count) {
  refill();
}

SpareDescriptors::~SpareDescriptors() {
  while (release_one()) {
  }
}

bool SpareDescriptors::release_one() {
  if (held_.empty()) return false;
  close(held_.back());
  held_.pop_back();
  return true;
}

void SpareDescriptors::refill() {
  while (held_.size() < count_) {
    const int descriptor = open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) return;
    held_.push_back(descriptor);
  }
}

}  // namespace ttp::os
