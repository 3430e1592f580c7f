#include "service/secrets/registration_codes.hpp"

#include "domain/decision.hpp"
#include "domain/user.hpp"

namespace ttp::service {

using domain::Reason;

std::optional<domain::Refusal> RegistrationCodes::judge(domain::UserId user, bool is_right,
                                                        domain::Time now) {
  const os::MutexLock lock(mutex_);
  forget_expired(now);
  const auto known = wrong_entries_.find(user);
  const unsigned before = known == wrong_entries_.end() ? 0 : known->second;
  if (before >= domain::registration_code_tries) return domain::why(Reason::one_time_code_void);
  if (is_right) return std::nullopt;
  if (known == wrong_entries_.end()) by_age_.emplace_back(now, user);
  wrong_entries_[user] = before + 1;
  domain::Refusal refusal = domain::why_field(Reason::one_time_code_wrong, "/code");
  refusal.tries_left = domain::registration_code_tries - before - 1;
  return refusal;
}

void RegistrationCodes::forget_expired(domain::Time now) {
  while (!by_age_.empty() &&
         (by_age_.size() > codes_max || by_age_.front().first + domain::registration_lifetime <= now)) {
    wrong_entries_.erase(by_age_.front().second);
    by_age_.pop_front();
  }
}

std::size_t RegistrationCodes::size() const {
  const os::MutexLock lock(mutex_);
  return wrong_entries_.size();
}

}  // namespace ttp::service
