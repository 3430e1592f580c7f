#include "service/secrets/unknown_names.hpp"

#include "domain/decision.hpp"
#include "domain/user.hpp"

namespace ttp::service {
namespace {

using domain::Reason;

constexpr std::size_t names_max = 100'000;  // at the speed of the password pool, half an hour of nothing else
constexpr domain::Duration remembered = domain::days{1};

}  // namespace

// The order is that of the domain's decision on a known user: locked, waiting, wrong.
domain::Refusal UnknownNames::refuse(const events::Hash& name, domain::Time now) {
  const std::scoped_lock lock(mutex_);
  if (failures_.size() >= names_max && !failures_.contains(name)) make_room(now);
  Failures& failures = failures_[name];
  if (failures.count >= domain::consecutive_failures_max) return domain::why(Reason::credential_locked);
  const domain::Time open_again = failures.last + domain::wait_after(failures.count);
  if (failures.count > 0 && now < open_again) return domain::why_until(Reason::too_many_attempts, open_again);
  ++failures.count;
  failures.last = now;
  return domain::why(Reason::credential_rejected);
}

void UnknownNames::make_room(domain::Time now) {
  std::erase_if(failures_, [&](const auto& entry) { return now >= entry.second.last + remembered; });
  if (failures_.size() >= names_max) failures_.clear();
}

}  // namespace ttp::service
