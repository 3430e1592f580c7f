#include "service/secrets/new_verifiers.hpp"

#include <exception>
#include <utility>

#include <spdlog/spdlog.h>

namespace ttp::service {

void NewVerifiers::settle(const Settled& settled) {
  const os::MutexLock lock(mutex_);
  settled_.push_back(settled);
}

void NewVerifiers::carry_out() {
  std::vector<Settled> taken;
  {
    const os::MutexLock lock(mutex_);
    taken = std::exchange(settled_, {});
  }
  for (const Settled& each : taken) {
    try {
      carry_out(each);
    } catch (const std::exception& fault) {
      spdlog::error(
          "a password verifier that nothing names could not be erased: {}. It opens nothing, and it is "
          "erased at the next start at the latest",
          fault.what());
      settle(each);
    }
  }
}

void NewVerifiers::carry_out(const Settled& settled) {
  if (!settled.is_named) return vault_.erase_verifier(settled.user, settled.id);
  // Erase first: after a crash between the two steps the new verifier is still unnamed, and `sweep` repeats
  // both.
  if (settled.before != domain::VerifierId{}) vault_.erase_verifier(settled.user, settled.before);
  vault_.keep_verifier(settled.user, settled.id);
}

void NewVerifiers::sweep(const std::function<domain::VerifierId(domain::UserId)>& named) {
  for (const auto& [user, id] : vault_.unnamed_verifiers()) {
    if (named(user) != id) {
      vault_.erase_verifier(user, id);
    } else {
      vault_.erase_verifiers_except(user, id);
      vault_.keep_verifier(user, id);
    }
  }
}

}  // namespace ttp::service
