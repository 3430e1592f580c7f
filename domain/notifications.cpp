#include "domain/notifications.hpp"

#include <algorithm>

#include "domain/user.hpp"

namespace ttp::domain {

// ---- decide -----------------------------------------------------------------------------------------------

UserDecision decide(const User& user, const MarkNotificationsRead& command, const Facts& facts) {
  UserDecision decision;
  if (!user.registered) return decision.but_refuse(why(Reason::user_not_found));
  if (command.position <= user.notifications_read(command.account)) return decision;
  return decision.and_record(NotificationsRead{user.id, command.account, command.position, facts.now});
}

// ---- evolve -----------------------------------------------------------------------------------------------

void evolve(User& user, const NotificationsRead& event) {
  const auto mark = std::ranges::find(user.read_marks, event.account, &ReadMark::account);
  if (mark == user.read_marks.end()) {
    user.read_marks.push_back({event.account, event.position});
  } else {
    mark->position = event.position;
  }
}

// ---- state ------------------------------------------------------------------------------------------------

std::uint64_t User::notifications_read(AccountId account) const {
  const auto mark = std::ranges::find(read_marks, account, &ReadMark::account);
  return mark == read_marks.end() ? 0 : mark->position;
}

}  // namespace ttp::domain
