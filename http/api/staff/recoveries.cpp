#include "http/api/staff/recoveries.hpp"

#include "http/gate/replay.hpp"

namespace ttp::http {
namespace {

using namespace domain;

RecoveryState state_of(const IssuedPermit& permit, Time now) {
  switch (permit.state) {
    case PermitState::open:
      return now < permit.expires_at ? RecoveryState::permitted : RecoveryState::expired;
    case PermitState::used:
      return RecoveryState::used;
    case PermitState::ended:
      return RecoveryState::ended;
    case PermitState::expired:
      return RecoveryState::expired;
  }
  return RecoveryState::ended;
}

std::string own_address(ProposalId id) {
  return "/v1/user/recoveries/" + to_text(id);
}

void tell_the_desk(RecoveryDocument& document, const Proposal& proposal,
                   const std::optional<UserId>& approved_by) {
  document.officer_id = proposal.officer;
  document.approved_by_id = approved_by;
  document.reason = known(proposal.reason);
}

/// The recovery of this identifier, without actions; nothing if it is not the person's last one.
std::optional<RecoveryDocument> document_of(const User& user, ProposalId id, bool for_desk, Time now) {
  RecoveryDocument document;
  document.id = id;
  document.user_id = user.id;
  if (user.recovery_proposal && user.recovery_proposal->proposal.id == id) {
    const Proposal& proposal = user.recovery_proposal->proposal;
    document.account_id = user.recovery_proposal->account;
    document.state = proposal.is_open_at(now) ? RecoveryState::proposed : RecoveryState::ended;
    document.proposed_at = proposal.proposed_at;
    document.lapses_at = proposal.lapses_at();
    if (for_desk) tell_the_desk(document, proposal, std::nullopt);
    return document;
  }
  const auto& permit = user.recovery_permit;
  if (!permit || permit->proposal.id != id) return std::nullopt;
  document.account_id = permit->account;
  document.state = state_of(*permit, now);
  document.proposed_at = permit->proposal.proposed_at;
  document.permitted_at = permit->permitted_at;
  document.expires_at = permit->expires_at;
  document.letter_id = permit->letter;
  document.tries_left = recovery_permit_tries - permit->tries;
  if (for_desk) tell_the_desk(document, permit->proposal, permit->approved_by);
  return document;
}

}  // namespace

void add_objection(std::vector<OpenAction>& actions, const User& user, Time now) {
  if (user.recovery_proposal && user.recovery_proposal->proposal.is_open_at(now))
    add_action(actions, true, "object_to_recovery", "POST", own_address(user.recovery_proposal->proposal.id),
               "/objection");
  if (user.recovery_permit && user.recovery_permit->is_open_at(now))
    add_action(actions, true, "object_to_recovery", "POST", own_address(user.recovery_permit->proposal.id),
               "/objection");
}

Answered<RecoveryDocument> staff_recovery(Call& call) {
  const auto found = call.states().user(call.id<UserId>("user"));
  if (!found) return refused(Reason::user_not_found);
  const User& user = found->state;
  const auto id = call.id<ProposalId>("recovery");
  auto document = document_of(user, id, true, call.now);
  if (!document) return refused(Reason::recovery_not_found);
  const auto account = call.states().account(document->account_id);
  if (!account) return *document;
  Facts facts = facts_about(call.states(), account->state, call.user());
  if (const auto proposer = call.states().user(*document->officer_id))
    facts.proposer = proposer->state.person_at(call.now);
  const auto would = [&](const auto& command) {
    return !decide(user, account->state, command, facts).refusal;
  };
  const std::string here = "/v1/staff/users/" + to_text(user.id) + "/recoveries/" + to_text(id);
  add_action(document->actions, would(ApproveRecovery{user.id, account->state.id, id}), "approve_recovery",
             "POST", here, "/approval");
  add_action(document->actions, would(WithdrawRecovery{user.id, account->state.id, id, {}}),
             "withdraw_recovery", "POST", here, "/withdrawal");
  return *document;
}

Answered<RecoveryDocument> own_recovery(Call& call) {
  auto document = document_of(call.user(), call.id<ProposalId>("recovery"), false, call.now);
  if (!document) return refused(Reason::recovery_not_found);
  const bool is_open =
      document->state == RecoveryState::proposed || document->state == RecoveryState::permitted;
  add_action(document->actions, is_open, "object_to_recovery", "POST", own_address(document->id),
             "/objection");
  return *document;
}

// ---- the person who redeems the permit --------------------------------------------------------------------

void FromNewMailbox::fill(RecoverUser& command, const Call& call, const Json* body, Faults& faults) const {
  std::optional<RegistrationToken> token;
  std::optional<RegistrationCode> code;
  const auto member = [&](std::string_view name, auto& value) {
    const std::string at = pointer_to("", name);
    if (const auto json = member_of_body(body, name, at, true, faults)) read_value(*json, at, value, faults);
  };
  member("registration_token", token);
  member("code", code);
  if (!token && !code) return;
  if (!token) return add_fault(faults, "/registration_token", Reason::missing);
  if (!code) return add_fault(faults, "/code", Reason::missing);
  const auto registration = call.service.secrets().open_registration_token(token->text());
  if (!registration) return add_fault(faults, "/registration_token", Reason::registration_not_found);
  command.mailbox = NewMailbox{registration->email, registration->user, *code, registration->expires_at()};
}

void FromNewMailbox::describe(Route& route) const {
  route.body.push_back(
      {"registration_token", schema_of<RegistrationToken>(), false, example_of<RegistrationToken>()});
  route.body.push_back({"code", schema_of<RegistrationCode>(), false, example_of<RegistrationCode>()});
}

Response recovered(Call& call, const service::CommandResult& outcome) {
  // The password takes its time, so the request came well before the event.
  return document_response(RecoveredDocument{envelope_at(call, outcome.position.value()).recorded_at});
}

}  // namespace ttp::http
