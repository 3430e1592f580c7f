#include "service/reading/looks.hpp"

namespace ttp::service {

Looks::Seen Looks::seen(const domain::RecordLook& look) {
  domain::Uuid thing;
  if (look.of_user) thing = look.of_user->uuid;
  if (look.of_account) thing = look.of_account->uuid;
  if (look.of_letter) thing = look.of_letter->uuid;
  return {look.user, look.look, thing};
}

bool Looks::is_first(const domain::RecordLook& look, domain::Date today) {
  const os::MutexLock lock(mutex_);
  // A full memory is emptied: some looks are then recorded twice, and none is left out.
  if (day_ != today || seen_.size() >= looks_max_) seen_.clear();
  day_ = today;
  return seen_.insert(seen(look)).second;
}

void Looks::forget(const domain::RecordLook& look) {
  const os::MutexLock lock(mutex_);
  seen_.erase(seen(look));
}

}  // namespace ttp::service
