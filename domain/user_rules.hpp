// Parts of rules that user.cpp, staff.cpp and mail.cpp share. Nothing else includes this file.
#pragma once

#include <optional>
#include <utility>

#include "domain/user.hpp"

namespace ttp::domain::user_rules {

template <class E>
UserDecision record(E event) {
  UserDecision decision;
  decision.events.emplace_back(std::move(event));
  return decision;
}
inline UserDecision refuse(Refusal why) {
  UserDecision decision;
  decision.refusal = std::move(why);
  return decision;
}
inline UserDecision refuse(Reason reason) {
  return refuse(why(reason));
}

/// Operators act on a registered user.
inline std::optional<Reason> operators_refusal(const User& user, const Facts& facts) {
  if (!facts.caller.has(StaffRole::operator_)) return Reason::staff_role_required;
  if (!user.registered) return Reason::user_not_found;
  return std::nullopt;
}

}  // namespace ttp::domain::user_rules
