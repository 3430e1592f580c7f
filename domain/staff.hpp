// Staff: how two operators give and take roles (SPEC 3.12), and the record of what operators do and of what
// staff read (SPEC 7). The rules are in staff.cpp.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>

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

/// The acts of an operator on the running service.
enum class Operation : std::uint8_t {
  key_rotated,
  master_key_rotated,
  backup_begun,
  rebuild_begun,
  view_switched,
  standby_dropped,
};
template <>
inline constexpr std::array<Names, 6> enum_names<Operation>{
    "key_rotated", "master_key_rotated", "backup_begun", "rebuild_begun", "view_switched", "standby_dropped"};

/// Issued by the service after it has carried out what an operator asked for.
struct RecordOperation {
  UserId user;  ///< the operator
  Operation operation{};
  std::string subject{};         ///< the key's purpose or the projection; empty if there is no choice
  std::uint32_t generation = 0;  ///< of a rotated key: how many there are now
  Time performed_at{};
};

/// The kinds of personal data that staff read. The first three are an auditor's, who sees them on request.
enum class Look : std::uint8_t {
  history,
  state,
  differences,
  user,
  account,
  profiles,
  submissions,
  membership,
  letter,
  letter_document,
  sessions,
};
template <>
inline constexpr std::array<Names, 11> enum_names<Look>{
    "history",    "state",  "differences",     "user",    "account", "profiles", "submissions",
    "membership", "letter", "letter_document", "sessions"};

/// Issued when staff see personal data. The data concerns one user, account or letter; if none is named, it
/// concerns every person in the viewed events.
struct RecordLook {
  UserId user;  ///< the member of staff
  Look look{};
  std::optional<UserId> of_user{};
  std::optional<AccountId> of_account{};
  std::optional<LetterId> of_letter{};
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

struct OperationPerformed {
  UserId user;
  Operation operation{};
  std::string subject;
  std::uint32_t generation = 0;
  Time performed_at;
};
/// Recorded in the stream of who looked.
struct PersonalDataViewed {
  UserId user;
  Look look{};
  std::optional<UserId> of_user;
  std::optional<AccountId> of_account;
  Time viewed_at;
  std::optional<LetterId> of_letter{};
};

// ---- state ------------------------------------------------------------------------------------------------

/// The one open proposal about a person's staff roles.
struct StaffRoleChange {
  Proposal proposal;
  RoleChange change{};
  StaffRole role{};
  friend bool operator==(const StaffRoleChange&, const StaffRoleChange&) = default;
};
/// An officer who proposed the person for a staff role.
struct StaffProposer {
  UserId officer;
  Time at;
  friend bool operator==(const StaffProposer&, const StaffProposer&) = default;
};

}  // namespace ttp::domain
