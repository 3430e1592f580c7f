// The notifications that a person has read: a mark for each of their accounts, at the position of the last
// notification that was read.
#pragma once

#include <cstdint>

#include "domain/decision.hpp"

namespace ttp::domain {

// ---- command ----------------------------------------------------------------------------------------------

/// Marks the notifications of an account as read up to a position. A mark only moves forward.
struct MarkNotificationsRead {
  UserId user;
  AccountId account;
  std::uint64_t position = 0;
};

// ---- event ------------------------------------------------------------------------------------------------

struct NotificationsRead {
  UserId user;
  AccountId account;
  std::uint64_t position = 0;
  Time read_at;
  friend bool operator==(const NotificationsRead&, const NotificationsRead&) = default;
};

// ---- state ------------------------------------------------------------------------------------------------

struct ReadMark {
  AccountId account;
  std::uint64_t position = 0;
  friend bool operator==(const ReadMark&, const ReadMark&) = default;
};

}  // namespace ttp::domain
