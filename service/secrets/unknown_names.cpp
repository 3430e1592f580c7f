#include "service/secrets/unknown_names.hpp"

#include <algorithm>

#include "domain/decision.hpp"
#include "domain/user.hpp"

namespace ttp::service {

using domain::Reason;

// Keeps the order of the domain's decision on a known user: locked, waiting, wrong.
domain::Refusal UnknownNames::refuse(const events::Hash& name, const std::string& network, domain::Time now) {
  const os::MutexLock lock(mutex_);
  Failures& failures = failures_of(name, network);
  if (failures.count >= domain::consecutive_failures_max) return domain::why(Reason::credential_locked);
  const domain::Time open_again = failures.last + domain::wait_after(failures.count);
  if (failures.count > 0 && now < open_again) return domain::why_until(Reason::too_many_attempts, open_again);
  ++failures.count;
  failures.last = now;
  return domain::why(Reason::credential_rejected);
}

UnknownNames::Failures& UnknownNames::failures_of(const events::Hash& name, const std::string& network) {
  if (const auto found = failures_.find(name); found != failures_.end()) return found->second;
  if (failures_.size() >= names_max) forget_oldest_of_largest();
  names_of_[network].push_back(name);
  return failures_[name];
}

void UnknownNames::forget_oldest_of_largest() {
  const auto largest =
      std::ranges::max_element(names_of_, {}, [](const auto& each) { return each.second.size(); });
  failures_.erase(largest->second.front());
  largest->second.pop_front();
  if (largest->second.empty()) names_of_.erase(largest);
}

std::size_t UnknownNames::names_of(const std::string& network) const {
  const os::MutexLock lock(mutex_);
  const auto found = names_of_.find(network);
  return found == names_of_.end() ? 0 : found->second.size();
}

}  // namespace ttp::service
