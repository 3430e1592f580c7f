#include "http/api/proposals.hpp"

namespace ttp::http {
namespace {

using namespace domain;

void add_proposer(const service::StateSource& states, const Proposal& proposal, Facts& facts) {
  if (const auto proposer = states.user(proposal.officer))
    facts.proposer = proposer->state.person_at(facts.now);
}

ProposalDocument document_of(const Proposal& proposal, std::string kind, StaffRole role, const Facts& facts) {
  ProposalDocument document;
  document.id = proposal.id;
  document.kind = std::move(kind);
  document.proposed_at = proposal.proposed_at;
  document.lapses_at = proposal.lapses_at();
  if (!facts.caller.has(role)) return document;
  document.officer_id = proposal.officer;
  document.reason = known(proposal.reason);
  return document;
}

/// Adds the actions that a second officer, and the first, can take with the proposal now.
void add_decisions(ProposalDocument& document, const std::string& here, bool may_approve, bool may_withdraw) {
  add_action(document.actions, may_approve, "approve_" + document.kind, "POST", here, "/approval");
  add_action(document.actions, may_withdraw, "withdraw_" + document.kind, "POST", here, "/withdrawal");
}

std::string at_account(const Account& account, std::string_view list, ProposalId proposal) {
  return "/v1/staff/accounts/" + to_text(account.id) + std::string{list} + to_text(proposal);
}
std::string at_user(const User& user, std::string_view list, ProposalId proposal) {
  return "/v1/staff/users/" + to_text(user.id) + std::string{list} + to_text(proposal);
}

}  // namespace

ProposalDocument enrolment_release_document(const service::StateSource& states, const Account& account,
                                            Facts facts) {
  const Proposal& proposal = *account.enrolment_release;
  add_proposer(states, proposal, facts);
  auto document = document_of(proposal, "enrolment_release", StaffRole::service_desk, facts);
  document.account_id = account.id;
  const auto would = [&](const auto& command) { return !decide(account, command, facts).refusal; };
  add_decisions(document, at_account(account, "/enrolment-releases/", proposal.id),
                would(ApproveEnrolmentRelease{account.id, proposal.id}),
                would(WithdrawEnrolmentRelease{account.id, proposal.id, {}}));
  return document;
}

ProposalDocument owner_reassignment_document(const service::StateSource& states, const Account& account,
                                             Facts facts) {
  const OwnerReassignment& open = *account.reassignment;
  const ProposalId id = open.proposal.id;
  add_proposer(states, open.proposal, facts);
  if (const auto found = states.user(open.new_owner)) facts.matched = found->state.person_at(facts.now);
  auto document = document_of(open.proposal, "owner_reassignment", StaffRole::service_desk, facts);
  document.account_id = account.id;
  document.owner_id = open.owner;
  document.new_owner_id = open.new_owner;
  const auto would = [&](const auto& command) { return !decide(account, command, facts).refusal; };
  add_decisions(document, at_account(account, "/owner-reassignments/", id),
                would(ApproveOwnerReassignment{account.id, id}),
                would(WithdrawOwnerReassignment{account.id, id, {}}));
  add_action(document.actions, would(ObjectToOwnerReassignment{account.id, id}),
             "object_to_owner_reassignment", "POST",
             account_href(account.id, "/owner-reassignments/" + to_text(id)), "/objection");
  return document;
}

ProposalDocument staff_role_change_document(const service::StateSource& states, const User& user,
                                            Facts facts) {
  const StaffRoleChange& open = *user.staff_role_change;
  const ProposalId id = open.proposal.id;
  add_proposer(states, open.proposal, facts);
  auto document = document_of(open.proposal, "staff_role_change", StaffRole::operator_, facts);
  document.user_id = user.id;
  document.change = open.change;
  document.role = open.role;
  const auto would = [&](const auto& command) { return !decide(user, command, facts).refusal; };
  add_decisions(document, at_user(user, "/role-changes/", id), would(ApproveStaffRoleChange{user.id, id}),
                would(WithdrawStaffRoleChange{user.id, id, {}}));
  return document;
}

ProposalDocument erasure_document(const service::StateSource& states, const User& user, Facts facts) {
  const Erasure& open = *user.erasure;
  const ProposalId id = open.proposal.id;
  add_proposer(states, open.proposal, facts);
  auto document = document_of(open.proposal, "erasure", StaffRole::operator_, facts);
  document.user_id = user.id;
  document.ground = open.ground;
  const auto would = [&](const auto& command) { return !decide(user, command, facts).refusal; };
  add_decisions(document, at_user(user, "/erasures/", id), would(ApproveErasure{user.id, id}),
                would(WithdrawErasure{user.id, id, {}}));
  return document;
}

}  // namespace ttp::http
