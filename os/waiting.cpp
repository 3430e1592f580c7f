#include "os/waiting.hpp"

#include <utility>

namespace ttp::os {
namespace {

thread_local bool must_not_wait = false;

}  // namespace

MustNotWait::MustNotWait() : before_(std::exchange(must_not_wait, true)) {}

MustNotWait::~MustNotWait() {
  must_not_wait = before_;
}

void before_waiting() {
  if (must_not_wait) throw WouldWait{};
}

}  // namespace ttp::os
