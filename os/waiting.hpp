// Threads that must not wait. A store that would have to read the disk throws on such a thread; the caller
// then goes on with a thread that may wait.
#pragma once

namespace ttp::os {

/// Thrown where a thread that must not wait would have to. It is not a std::exception, so that code that
/// reports faults lets it pass.
struct WouldWait {};

/// While it lives, its thread must not wait.
class MustNotWait {
 public:
  MustNotWait();
  ~MustNotWait();
  MustNotWait(const MustNotWait&) = delete;
  MustNotWait& operator=(const MustNotWait&) = delete;

 private:
  const bool before_;
};

/// Call it before reading a disk. Throws WouldWait on a thread that must not wait.
void before_waiting();

}  // namespace ttp::os
