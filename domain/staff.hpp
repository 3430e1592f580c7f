// Staff roles: how two operators give and take them (SPEC 3.12). The rules are in staff.cpp.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "domain/enums.hpp"
#include "domain/ids.hpp"
#include "domain/permissions.hpp"
#include "domain/proposals.hpp"
#include "domain/time.hpp"
#include "domain/values.hpp"

namespace ttp::domain {

// ---- commands ---------------------------------------------------------------------------------------------

/// An operator proposes to give a role. The installation gives it at once, and so does an operator while
/// there is no other.
struct GrantStaffRole {
  UserId user;
  StaffRole role{};
  Remark reason;
};
/// The same for taking a role.
struct RevokeStaffRole {
  UserId user;
  StaffRole role{};
  Remark reason;
};
/// Another operator approves. A person may agree to the loss of their own role.
struct ApproveStaffRoleChange {
  UserId user;
  ProposalId proposal;
};
struct WithdrawStaffRoleChange {
  UserId user;
  ProposalId proposal;
  Remark reason;
};

// ---- events -----------------------------------------------------------------------------------------------

enum class RoleChange : std::uint8_t { grant, revoke };
template <>
inline constexpr std::array<Names, 2> enum_names<RoleChange>{"grant", "revoke"};

struct StaffRoleChangeProposed {
  UserId user;
  ProposalId proposal;
  RoleChange change{};
  StaffRole role{};
  UserId officer;
  Remark reason;
  Time proposed_at;
};
struct StaffRoleChangeWithdrawn {
  UserId user;
  ProposalId proposal;
  UserId officer;
  Remark reason;
};
struct StaffRoleChangeLapsed {
  UserId user;
  ProposalId proposal;
  Time lapsed_at;
};
struct StaffRoleGranted {
  UserId user;
  StaffRole role{};
  std::optional<UserId> granted_by;   ///< nothing: the installation
  std::optional<UserId> approved_by;  ///< nothing: there was no other operator
  Remark reason;
  Time granted_at;
};
struct StaffRoleRevoked {
  UserId user;
  StaffRole role{};
  UserId revoked_by;
  std::optional<UserId> approved_by;
  Remark reason;
};

// ---- state ------------------------------------------------------------------------------------------------

/// The one open proposal about a person's staff roles.
struct StaffRoleChange {
  Proposal proposal;
  RoleChange change{};
  StaffRole role{};
  friend bool operator==(const StaffRoleChange&, const StaffRoleChange&) = default;
};
/// Who proposed the person for a staff role, and when.
struct StaffProposer {
  UserId officer;
  Time at;
  friend bool operator==(const StaffProposer&, const StaffProposer&) = default;
};

}  // namespace ttp::domain
