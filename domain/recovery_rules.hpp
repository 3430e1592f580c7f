// The deadlines of recoveries, which recovery.cpp shares with user.cpp. Nothing else includes this file.
#pragma once

#include <optional>

#include "domain/user.hpp"

namespace ttp::domain::recovery_rules {

/// Records a proposal that nobody approved in time, and a permit that nobody redeemed in time.
void record_due_ends(const User& user, UserDecision& decision, Time now);
std::optional<Time> next_recovery_deadline(const User& user);

}  // namespace ttp::domain::recovery_rules
