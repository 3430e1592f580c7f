#include "os/threads.hpp"

#include <algorithm>
#include <cstdint>

#include <sched.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace ttp::os {
namespace {

int own_nice() {
  return ::getpriority(PRIO_PROCESS, static_cast<id_t>(::getpid()));
}

void set_attributes(std::uint32_t policy, std::uint64_t slice_ns) {
  // The first version of sched_attr; the kernel's header for it conflicts with <sched.h>. Kernels before 6.12
  // ignore the slice, so the thread only gets the lower priority.
  struct {
    std::uint32_t size, policy;
    std::uint64_t flags;
    std::int32_t nice;
    std::uint32_t priority;
    std::uint64_t slice_ns, deadline, period;
  } attributes{};
  attributes.size = sizeof attributes;
  attributes.policy = policy;
  // Relative to the process, which its operator may have given another priority.
  attributes.nice = std::min(own_nice() + 10, 19);
  attributes.slice_ns = slice_ns;
  static_cast<void>(::syscall(SYS_sched_setattr, 0, &attributes, 0));
}

}  // namespace

void name_this_thread(const char* name) {
  static_cast<void>(::prctl(PR_SET_NAME, name));
}

void schedule_this_thread(Scheduling scheduling) {
  switch (scheduling) {
    case Scheduling::usual:
      return;
    case Scheduling::yields:
      return set_attributes(SCHED_OTHER, 100'000);
    case Scheduling::preempted_by_all:
      // With a slice longer than others' the thread has a later deadline than any thread that becomes ready.
      return set_attributes(SCHED_BATCH, 3'000'000);
  }
}

}  // namespace ttp::os
