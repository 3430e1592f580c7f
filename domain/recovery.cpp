#include "domain/recovery.hpp"

#include <algorithm>

#include "domain/account_rules.hpp"
#include "domain/recovery_decisions.hpp"
#include "domain/recovery_rules.hpp"

namespace ttp::domain {
namespace {

template <class E>
RecoveryDecision record(E event) {
  RecoveryDecision decision;
  decision.events.emplace_back(std::move(event));
  return decision;
}
RecoveryDecision refuse(Refusal why) {
  RecoveryDecision decision;
  decision.refusal = std::move(why);
  return decision;
}
RecoveryDecision refuse(Reason reason) {
  return refuse(why(reason));
}

bool is_open(const std::optional<RecoveryProposal>& proposed, Time now) {
  return proposed && proposed->proposal.is_open_at(now);
}

std::optional<Reason> desk_refusal(const User& user, const Facts& facts) {
  if (!facts.caller.has(StaffRole::service_desk)) return Reason::staff_role_required;
  // A sign-in partner's person has no password here.
  if (!user.registered || user.credential_kind != CredentialKind::gckey) return Reason::user_not_found;
  return std::nullopt;
}

/// Why the permit cannot go to this company: it has a confirmed address that a letter has reached before, and
/// the person is one of its users.
std::optional<Reason> company_refusal(const User& user, const Account& account, const Facts& facts) {
  if (!account.exists()) return Reason::account_not_found;
  if (account.has_ever_had(facts.caller.id)) return Reason::own_company;
  if (!account.member(user.id)) return Reason::not_a_member;
  if (account.stage < Stage::activated) return Reason::not_activated;
  return std::nullopt;
}

RecoveryEnded end_of(const User& user, const Proposal& proposal, RecoveryEnd cause, Time at) {
  return {user.id, proposal.id, cause, std::nullopt, std::nullopt, at};
}

/// Cancels the permit's letter if it is not posted yet.
void cancel_letter(const User& user, const Account& account, RecoveryDecision& decision) {
  const Letter* letter = account.letter(user.recovery_permit->letter);
  if (letter && letter->is_pending()) decision.and_record(LetterCancelled{account.id, letter->id});
}

/// Records the ends that the scheduler has not reached yet first, so that the history is in order.
void record_passed_ends(const User& user, RecoveryDecision& decision, Time now) {
  UserDecision passed;
  recovery_rules::record_due_ends(user, passed, now);
  for (UserEvent& event : passed.events)
    std::visit([&](auto& each) { decision.and_record(std::move(each)); }, event);
}

RecoveryDecision& permitted(RecoveryDecision& decision, const User& user, const Account& account,
                            const Proposal& proposal, std::optional<UserId> approved_by, const Facts& facts) {
  LetterOrdered letter = account_rules::order_letter(account, LetterKind::recovery, facts.fresh.code, facts);
  letter.recipient = user.id;
  return decision
      .and_record(RecoveryPermitted{user.id, proposal.id, account.id, facts.fresh.code, letter.letter,
                                    proposal.officer, approved_by, proposal.reason, facts.now,
                                    facts.now + recovery_permit_lifetime})
      .and_record(std::move(letter));
}

/// The end of the open recovery of this identifier, whether it waits for approval or its permit was issued.
RecoveryDecision ended(const User& user, const Account& account, ProposalId id, RecoveryEnded end,
                       const Facts& facts) {
  if (is_open(user.recovery_proposal, facts.now) && user.recovery_proposal->proposal.id == id)
    return record(std::move(end));
  const auto& permit = user.recovery_permit;
  if (!permit || permit->proposal.id != id || !permit->is_open_at(facts.now))
    return refuse(Reason::recovery_not_found);
  RecoveryDecision decision = record(std::move(end));
  cancel_letter(user, account, decision);
  return decision;
}

/// Why a permit that was entered rightly no longer works.
std::optional<Reason> permit_refusal(const IssuedPermit& permit, const Account& account, const Facts& facts) {
  if (permit.state == PermitState::expired || facts.now >= permit.expires_at)
    return Reason::recovery_permit_expired;
  const Letter* letter = account.letter(permit.letter);
  const bool letter_is_dead =
      !letter || letter->state == LetterState::returned || letter->state == LetterState::cancelled;
  if (permit.state != PermitState::open || letter_is_dead) return Reason::recovery_permit_void;
  // Since one officer permitted it, the person has become the owner of a company.
  if (facts.owns_account && !permit.approved_by) return Reason::recovery_permit_void;
  return std::nullopt;
}

std::optional<Refusal> password_refusal(const User& user, const RecoverUser& command, const Facts& facts) {
  const PasswordOwner owner{user.user_name, command.mailbox ? command.mailbox->email : user.email,
                            user.family_name, user.given_names};
  if (const auto fault = check_password(command.new_password, owner))
    return why_field(fault->reason, "/new_password", fault->details);
  if (facts.password_is_common) return why_field(Reason::password_too_common, "/new_password");
  return std::nullopt;
}

}  // namespace

// ---- decide -----------------------------------------------------------------------------------------------

RecoveryDecision decide(const User& user, const Account& account, const ProposeRecovery& command,
                        const Facts& facts) {
  if (const auto reason = desk_refusal(user, facts)) return refuse(*reason);
  if (const auto reason = company_refusal(user, account, facts)) return refuse(*reason);
  if (is_open(user.recovery_proposal, facts.now)) return refuse(Reason::recovery_open);
  if (user.recovery_permit && user.recovery_permit->is_open_at(facts.now))
    return refuse(Reason::recovery_open);
  const Proposal proposal{facts.fresh.proposal, facts.caller.id, command.reason, facts.now};
  RecoveryDecision decision;
  record_passed_ends(user, decision, facts.now);
  if (!facts.owns_account) return permitted(decision, user, account, proposal, std::nullopt, facts);
  return decision.and_record(RecoveryProposed{user.id, proposal.id, account.id, proposal.officer,
                                              proposal.reason, proposal.proposed_at});
}

RecoveryDecision decide(const User& user, const Account& account, const ApproveRecovery& command,
                        const Facts& facts) {
  if (const auto reason = desk_refusal(user, facts)) return refuse(*reason);
  if (!is_open(user.recovery_proposal, facts.now) || user.recovery_proposal->proposal.id != command.proposal)
    return refuse(Reason::recovery_not_found);
  const Proposal& proposed = user.recovery_proposal->proposal;
  if (const auto reason = approval_refusal(proposed, StaffRole::service_desk, facts)) return refuse(*reason);
  if (const auto reason = company_refusal(user, account, facts)) return refuse(*reason);
  RecoveryDecision decision;
  return permitted(decision, user, account, proposed, facts.caller.id, facts);
}

RecoveryDecision decide(const User& user, const Account& account, const WithdrawRecovery& command,
                        const Facts& facts) {
  if (const auto reason = desk_refusal(user, facts)) return refuse(*reason);
  return ended(
      user, account, command.proposal,
      {user.id, command.proposal, RecoveryEnd::withdrawn, facts.caller.id, command.reason, facts.now}, facts);
}

RecoveryDecision decide(const User& user, const Account& account, const ObjectToRecovery& command,
                        const Facts& facts) {
  if (facts.caller.id != user.id) return refuse(Reason::recovery_not_found);
  return ended(user, account, command.proposal,
               {user.id, command.proposal, RecoveryEnd::objected, facts.caller.id, std::nullopt, facts.now},
               facts);
}

RecoveryDecision decide(const User& user, const Account& account, const RecoverUser& command,
                        const Facts& facts) {
  // Only a person who holds the letter learns more than that the entry was refused.
  if (!user.registered || !user.recovery_permit || !facts.secret_matches)
    return refuse(Reason::recovery_refused);
  const IssuedPermit& permit = *user.recovery_permit;
  if (const auto reason = permit_refusal(permit, account, facts)) return refuse(*reason);
  if (auto refusal = password_refusal(user, command, facts)) return refuse(*std::move(refusal));
  const bool moves = command.mailbox && same_email(command.mailbox->email) != same_email(user.email);
  RecoveryDecision decision =
      record(UserRecovered{user.id, permit.proposal.id, user.credential_version + 1, command.verifier,
                           moves ? std::optional{command.mailbox->email} : std::nullopt,
                           moves ? std::optional{user.email} : std::nullopt, facts.now});
  for (const Session& session : user.sessions)
    if (facts.now < session.expires_at)
      decision.and_record(SessionClosed{user.id, session.id, SessionEnd::recovered});
  cancel_letter(user, account, decision);
  if (moves)
    decision.release(Unique::email, same_email(user.email))
        .claim(Unique::email, same_email(command.mailbox->email));
  return decision;
}

RecoveryDecision decide(const User& user, const Account& account, const NoteWrongPermit&,
                        const Facts& facts) {
  if (!user.recovery_permit || !user.recovery_permit->is_open_at(facts.now))
    return refuse(Reason::recovery_refused);
  const IssuedPermit& permit = *user.recovery_permit;
  RecoveryDecision decision =
      record(RecoveryPermitRejected{user.id, permit.proposal.id, permit.tries + 1, facts.now});
  if (permit.tries + 1 >= recovery_permit_tries) {
    decision.and_record(end_of(user, permit.proposal, RecoveryEnd::too_many_tries, facts.now));
    cancel_letter(user, account, decision);
  }
  return decision.but_refuse(why(Reason::recovery_refused));
}

AccountId account_of_recovery(const User& user, ProposalId proposal) {
  if (user.recovery_proposal && user.recovery_proposal->proposal.id == proposal)
    return user.recovery_proposal->account;
  if (user.recovery_permit && user.recovery_permit->proposal.id == proposal)
    return user.recovery_permit->account;
  return {};
}

// ---- deadlines --------------------------------------------------------------------------------------------

void recovery_rules::record_due_ends(const User& user, UserDecision& decision, Time now) {
  if (user.recovery_proposal && !user.recovery_proposal->proposal.is_open_at(now)) {
    const Proposal& lapsed = user.recovery_proposal->proposal;
    decision.and_record(end_of(user, lapsed, RecoveryEnd::lapsed, lapsed.lapses_at()));
  }
  const auto& permit = user.recovery_permit;
  if (permit && permit->state == PermitState::open && now >= permit->expires_at)
    decision.and_record(end_of(user, permit->proposal, RecoveryEnd::expired, permit->expires_at));
}

std::optional<Time> recovery_rules::next_recovery_deadline(const User& user) {
  std::optional<Time> next;
  if (user.recovery_proposal) next = user.recovery_proposal->proposal.lapses_at();
  const auto& permit = user.recovery_permit;
  if (permit && permit->state == PermitState::open)
    next = next ? std::min(*next, permit->expires_at) : permit->expires_at;
  return next;
}

// ---- evolve -----------------------------------------------------------------------------------------------

void evolve(User& user, const RecoveryProposed& event) {
  user.recovery_proposal =
      RecoveryProposal{{event.proposal, event.officer, event.reason, event.proposed_at}, event.account};
}

void evolve(User& user, const RecoveryPermitted& event) {
  const Time proposed_at =
      user.recovery_proposal ? user.recovery_proposal->proposal.proposed_at : event.permitted_at;
  user.recovery_proposal.reset();
  user.recovery_permit = IssuedPermit{{event.proposal, event.officer, event.reason, proposed_at},
                                      event.account,
                                      event.code,
                                      event.letter,
                                      event.approved_by,
                                      event.permitted_at,
                                      event.expires_at,
                                      0,
                                      PermitState::open};
}

void evolve(User& user, const RecoveryPermitRejected& event) {
  if (user.recovery_permit) user.recovery_permit->tries = event.tries;
}

void evolve(User& user, const RecoveryEnded& event) {
  if (user.recovery_proposal && user.recovery_proposal->proposal.id == event.proposal)
    user.recovery_proposal.reset();
  if (user.recovery_permit && user.recovery_permit->proposal.id == event.proposal)
    user.recovery_permit->state =
        event.cause == RecoveryEnd::expired ? PermitState::expired : PermitState::ended;
}

void evolve(User& user, const UserRecovered& event) {
  user.credential_version = event.credential_version;
  user.verifier = event.verifier;
  if (event.email && event.previous_email)
    remember_former_email(user, *event.previous_email, event.recovered_at);
  if (event.email) {
    user.email = *event.email;
    end_mail_trouble(user);
  }
  // Only the holder of the permit is trusted now, and no device yet.
  user.failures = Failures{};
  user.devices.clear();
  // Nothing that was under way with the lost credential goes on.
  user.sign_in.reset();
  user.email_change.reset();
  if (user.recovery_permit) user.recovery_permit->state = PermitState::used;
}

}  // namespace ttp::domain
