// A thread's name for operators, and its scheduling.
#pragma once

#include <cstdint>

namespace ttp::os {

/// Names the calling thread for `top -H` and debuggers. The kernel keeps the first 15 bytes.
void name_this_thread(const char* name);

/// How a thread shares a processor with other threads that become ready to run.
enum class Scheduling : std::uint8_t {
  usual,
  /// For long work that no request waits for: short work of other threads preempts it soon.
  yields,
  /// For long computations: any thread that becomes ready preempts it, and it preempts none.
  preempted_by_all,
};
void schedule_this_thread(Scheduling scheduling);

}  // namespace ttp::os
