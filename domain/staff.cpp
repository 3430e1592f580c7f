#include "domain/staff.hpp"

#include "domain/user.hpp"
#include "domain/user_rules.hpp"

namespace ttp::domain {

using namespace user_rules;

namespace {

constexpr std::size_t remembered_proposers = 20;

bool is_installation(const Facts& facts) {
  return facts.caller.id == UserId{};
}

/// Whether the caller needs nobody's approval: the installation, and the one operator there is.
bool acts_alone(const Facts& facts) {
  return is_installation(facts) || facts.operators <= 1;
}

std::optional<UserId> caller_of(const Facts& facts) {
  return is_installation(facts) ? std::nullopt : std::optional{facts.caller.id};
}

/// Why this role cannot be given to the user: the same when it is proposed and when it is approved.
std::optional<Reason> grant_refusal(const User& user, StaffRole role, const Facts& facts) {
  if (user.staff_roles.contains(role)) return Reason::staff_role_already_held;
  if (facts.holds_membership || facts.named_as_owner) return Reason::belongs_to_account;
  return std::nullopt;
}

std::optional<Reason> revocation_refusal(const User& user, StaffRole role, const Facts& facts) {
  if (!user.staff_roles.contains(role)) return Reason::staff_role_not_held;
  if (role == StaffRole::operator_ && facts.operators <= 1) return Reason::last_operator;
  return std::nullopt;
}

std::optional<Reason> refusal_of(const User& user, RoleChange change, StaffRole role, const Facts& facts) {
  return change == RoleChange::grant ? grant_refusal(user, role, facts)
                                     : revocation_refusal(user, role, facts);
}

/// Records the proposal; one that has lapsed unnoticed ends first, so that the history is in order.
UserDecision propose(const User& user, RoleChange change, StaffRole role, const Remark& reason,
                     const Facts& facts) {
  UserDecision decision;
  if (user.staff_role_change) {
    const Proposal& before = user.staff_role_change->proposal;
    if (before.is_open_at(facts.now)) return refuse(Reason::staff_role_change_open);
    decision.and_record(StaffRoleChangeLapsed{user.id, before.id, before.lapses_at()});
  }
  return decision.and_record(StaffRoleChangeProposed{user.id, facts.fresh.proposal, change, role,
                                                     facts.caller.id, reason, facts.now});
}

/// The open proposal of this identifier, or why there is none for the caller.
std::optional<Reason> change_refusal(const User& user, ProposalId proposal, const Facts& facts) {
  if (const auto reason = operators_refusal(user, facts)) return reason;
  const auto& open = user.staff_role_change;
  const bool is_it = open && open->proposal.is_open_as(proposal, facts.now);
  return is_it ? std::nullopt : std::optional{Reason::staff_role_change_not_found};
}

/// Nobody approves what they proposed, nor a role of their own; but they may agree to its loss.
std::optional<Reason> second_operator_refusal(const User& user, const StaffRoleChange& change,
                                              const Facts& facts) {
  const bool is_own = facts.caller.id == user.id;
  if (is_own && change.change == RoleChange::grant) return Reason::own_staff_role;
  if (is_own && change.proposal.officer != facts.caller.id) return std::nullopt;
  return approval_refusal(change.proposal, StaffRole::operator_, facts);
}

void remember_proposer(User& user, UserId officer, Time at) {
  user.staff_proposers.push_back({officer, at});
  if (user.staff_proposers.size() > remembered_proposers)
    user.staff_proposers.erase(user.staff_proposers.begin());
}

}  // namespace

// ---- decide -----------------------------------------------------------------------------------------------

UserDecision decide(const User& user, const GrantStaffRole& command, const Facts& facts) {
  if (!is_installation(facts) && !facts.caller.has(StaffRole::operator_))
    return refuse(Reason::staff_role_required);
  if (!user.registered) return refuse(Reason::user_not_found);
  if (!is_installation(facts) && facts.caller.id == user.id) return refuse(Reason::own_staff_role);
  if (const auto reason = grant_refusal(user, command.role, facts)) return refuse(*reason);
  if (!acts_alone(facts)) return propose(user, RoleChange::grant, command.role, command.reason, facts);
  return record(
      StaffRoleGranted{user.id, command.role, caller_of(facts), std::nullopt, command.reason, facts.now});
}

UserDecision decide(const User& user, const RevokeStaffRole& command, const Facts& facts) {
  if (const auto reason = operators_refusal(user, facts)) return refuse(*reason);
  if (facts.caller.id == user.id) return refuse(Reason::own_staff_role);
  if (const auto reason = revocation_refusal(user, command.role, facts)) return refuse(*reason);
  if (!acts_alone(facts)) return propose(user, RoleChange::revoke, command.role, command.reason, facts);
  return record(StaffRoleRevoked{user.id, command.role, facts.caller.id, std::nullopt, command.reason});
}

UserDecision decide(const User& user, const ApproveStaffRoleChange& command, const Facts& facts) {
  if (const auto reason = change_refusal(user, command.proposal, facts)) return refuse(*reason);
  const StaffRoleChange& open = *user.staff_role_change;
  if (const auto reason = second_operator_refusal(user, open, facts)) return refuse(*reason);
  if (const auto reason = refusal_of(user, open.change, open.role, facts)) return refuse(*reason);
  const Proposal& proposed = open.proposal;
  if (open.change == RoleChange::grant)
    return record(
        StaffRoleGranted{user.id, open.role, proposed.officer, facts.caller.id, proposed.reason, facts.now});
  return record(StaffRoleRevoked{user.id, open.role, proposed.officer, facts.caller.id, proposed.reason});
}

UserDecision decide(const User& user, const WithdrawStaffRoleChange& command, const Facts& facts) {
  if (const auto reason = change_refusal(user, command.proposal, facts)) return refuse(*reason);
  return record(StaffRoleChangeWithdrawn{user.id, command.proposal, facts.caller.id, command.reason});
}

UserDecision decide(const User&, const RecordOperation& command, const Facts& facts) {
  if (!facts.caller.has(StaffRole::operator_)) return refuse(Reason::staff_role_required);
  return record(OperationPerformed{command.user, command.operation, command.subject, command.generation,
                                   command.performed_at});
}

UserDecision decide(const User&, const RecordLook& command, const Facts& facts) {
  const bool may_look = command.look <= Look::differences ? facts.caller.has(StaffRole::privacy_auditor)
                                                          : facts.caller.is_staff();
  if (!may_look) return refuse(Reason::staff_role_required);
  return record(PersonalDataViewed{command.user, command.look, command.of_user, command.of_account, facts.now,
                                   command.of_letter});
}

// ---- evolve -----------------------------------------------------------------------------------------------

void evolve(User& user, const StaffRoleGranted& event) {
  user.staff_roles.insert(event.role);
  // With an approval, the proposal was remembered when it was made.
  if (event.granted_by && !event.approved_by) remember_proposer(user, *event.granted_by, event.granted_at);
  user.staff_role_change.reset();
}

void evolve(User& user, const StaffRoleRevoked& event) {
  user.staff_roles.erase(event.role);
  user.staff_role_change.reset();
}

void evolve(User& user, const StaffRoleChangeProposed& event) {
  user.staff_role_change = StaffRoleChange{
      {event.proposal, event.officer, event.reason, event.proposed_at}, event.change, event.role};
  if (event.change == RoleChange::grant) remember_proposer(user, event.officer, event.proposed_at);
}

void evolve(User&, const OperationPerformed&) {}
void evolve(User&, const PersonalDataViewed&) {}

void evolve(User& user, const StaffRoleChangeWithdrawn&) {
  user.staff_role_change.reset();
}
void evolve(User& user, const StaffRoleChangeLapsed&) {
  user.staff_role_change.reset();
}

}  // namespace ttp::domain
