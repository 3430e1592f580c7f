#include "domain/enrolments.hpp"

#include "domain/account_rules.hpp"

namespace ttp::domain {

using namespace account_rules;

namespace {

/// Ends the enrolment's code and its letters that are not posted yet.
AccountDecision ending(const Account& account, Time now) {
  AccountDecision decision;
  end_open_code(account, CodeVoidCause::enrolment_ended, decision, now);
  cancel_other_letters(account, decision);
  return decision;
}

/// The client number stays taken: it never names a second company. A business number that cannot be read any
/// more stays taken, too.
void give_back_business_number(const Account& account, AccountDecision& decision) {
  if (!account.business_number.empty())
    decision.release(Unique::business_number, account.business_number.text());
}

struct DueEnd {
  EnrolmentLapse cause;
  Time at;
};

/// When the enrolment lapses if nothing happens: nothing while its code lives.
std::optional<DueEnd> lapse_of(const Account& account) {
  if (!account.is_enrolling()) return std::nullopt;
  if (!account.code)
    return DueEnd{EnrolmentLapse::never_confirmed, account.enrolled_at + enrolment_confirmation_time};
  const IssuedCode& code = *account.code;
  const Time ended_at = code.state == CodeState::open ? code.expires_at : code.ended_at.value();
  return DueEnd{EnrolmentLapse::never_activated, ended_at + enrolment_activation_time};
}

std::optional<Reason> release_refusal(const Account& account, ProposalId proposal, const Facts& facts) {
  if (const auto reason = staff_refusal(account, StaffRole::service_desk, facts)) return reason;
  const bool is_it = account.enrolment_release && account.enrolment_release->is_open_as(proposal, facts.now);
  return is_it ? std::nullopt : std::optional{Reason::enrolment_release_not_found};
}

void end(Account& account, Time at) {
  account.stage = Stage::ended;
  account.ended_at = at;
  account.members.clear();
  account.enrolment_release.reset();
  account.ownership_offer.reset();
  account.reassignment.reset();
}

}  // namespace

// ---- decide -----------------------------------------------------------------------------------------------

AccountDecision decide(const Account& account, const WithdrawEnrolment&, const Facts& facts) {
  if (const auto reason = permission_refusal(account, Action::request_activation_code, facts))
    return refuse(*reason);
  if (!account.is_enrolling()) return refuse(Reason::already_activated);
  AccountDecision decision = ending(account, facts.now);
  decision.and_record(EnrolmentWithdrawn{account.id, account.owner(), facts.now});
  give_back_business_number(account, decision);
  return decision;
}

AccountDecision decide(const Account& account, const ProposeEnrolmentRelease& command, const Facts& facts) {
  if (const auto reason = staff_refusal(account, StaffRole::service_desk, facts)) return refuse(*reason);
  if (!account.is_enrolling()) return refuse(Reason::already_activated);
  AccountDecision decision;
  if (account.enrolment_release) {
    const Proposal& before = *account.enrolment_release;
    if (before.is_open_at(facts.now)) return refuse(Reason::enrolment_release_open);
    decision.and_record(EnrolmentReleaseLapsed{account.id, before.id, before.lapses_at()});
  }
  return decision.and_record(
      EnrolmentReleaseProposed{account.id, facts.fresh.proposal, facts.caller.id, command.reason, facts.now});
}

AccountDecision decide(const Account& account, const ApproveEnrolmentRelease& command, const Facts& facts) {
  if (const auto reason = release_refusal(account, command.proposal, facts)) return refuse(*reason);
  const Proposal& proposed = *account.enrolment_release;
  if (const auto reason = approval_refusal(proposed, StaffRole::service_desk, facts)) return refuse(*reason);
  AccountDecision decision = ending(account, facts.now);
  decision.and_record(EnrolmentReleased{account.id, account.owner(), proposed.id, proposed.officer,
                                        facts.caller.id, facts.now});
  give_back_business_number(account, decision);
  return decision;
}

AccountDecision decide(const Account& account, const WithdrawEnrolmentRelease& command, const Facts& facts) {
  if (const auto reason = release_refusal(account, command.proposal, facts)) return refuse(*reason);
  return record(EnrolmentReleaseWithdrawn{account.id, command.proposal, facts.caller.id, command.reason});
}

// ---- deadlines --------------------------------------------------------------------------------------------

void account_rules::record_due_ends(const Account& account, AccountDecision& decision, Time now) {
  if (account.enrolment_release && !account.enrolment_release->is_open_at(now))
    decision.and_record(EnrolmentReleaseLapsed{account.id, account.enrolment_release->id,
                                               account.enrolment_release->lapses_at()});
  const auto lapse = lapse_of(account);
  if (!lapse || now < lapse->at) return;
  // A code that is still open in the state has expired long ago; its end is recorded with the letters'.
  cancel_other_letters(account, decision);
  decision.and_record(EnrolmentLapsed{account.id, account.owner(), lapse->cause, lapse->at});
  give_back_business_number(account, decision);
}

std::optional<Time> account_rules::next_enrolment_deadline(const Account& account) {
  std::optional<Time> next;
  if (account.enrolment_release) next = account.enrolment_release->lapses_at();
  if (const auto lapse = lapse_of(account)) next = earlier(next, lapse->at);
  return next;
}

// ---- evolve -----------------------------------------------------------------------------------------------

void evolve(Account& account, const EnrolmentWithdrawn& event) {
  end(account, event.withdrawn_at);
}

void evolve(Account& account, const EnrolmentLapsed& event) {
  end(account, event.lapsed_at);
}

void evolve(Account& account, const EnrolmentReleaseProposed& event) {
  account.enrolment_release = Proposal{event.proposal, event.officer, event.reason, event.proposed_at};
}

void evolve(Account& account, const EnrolmentReleaseWithdrawn&) {
  account.enrolment_release.reset();
}
void evolve(Account& account, const EnrolmentReleaseLapsed&) {
  account.enrolment_release.reset();
}

void evolve(Account& account, const EnrolmentReleased& event) {
  end(account, event.released_at);
}

}  // namespace ttp::domain
