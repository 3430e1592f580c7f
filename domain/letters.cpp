// The rules of letters and activation codes. A letter goes only to a confirmed address. A code that dies
// cancels the letters that carry it.
#include "domain/letters.hpp"

#include <algorithm>

#include "domain/account_rules.hpp"
#include "domain/business_days.hpp"
#include "domain/recovery.hpp"

namespace ttp::domain {

using namespace account_rules;

namespace {

void cancel_letters_with(const Account& account, CodeId code, AccountDecision& decision) {
  for (const Letter& letter : account.letters)
    if (letter.is_pending() && letter.code == code)
      decision.and_record(LetterCancelled{account.id, letter.id});
}

bool carries_open_code(const Account& account, const Letter& letter) {
  return letter.code && account.code && account.code->code == *letter.code &&
         account.code->state == CodeState::open;
}

/// For the mail room's and the service desk's acts on one letter, and for what the letter provider reports. A
/// letter of an enrolment that has ended can still come back.
std::optional<Reason> letter_act_refusal(const Account& account, LetterId letter, StaffRole role,
                                         const Facts& facts) {
  if (!facts.from_carrier && !facts.caller.has(role)) return Reason::staff_role_required;
  if (account.stage == Stage::absent) return Reason::account_not_found;
  if (!account.letter(letter)) return Reason::letter_not_found;
  return std::nullopt;
}

void set_letter_state(Account& account, LetterId letter_id, LetterState state) {
  if (Letter* letter = account.letter(letter_id)) letter->state = state;
}

/// A permit's letter is of no use once its permit has expired.
Time useful_until(const Letter& letter) {
  return letter.ordered_at + recovery_permit_lifetime;
}

void end_code(Account& account, CodeId code, CodeState state, Time at) {
  if (!account.code || account.code->code != code) return;
  account.code->state = state;
  account.code->ended_at = at;
}

}  // namespace

// ---- shared with the account's other rules ----------------------------------------------------------------

std::optional<Refusal> account_rules::code_request_refusal(const Account& account, Time now) {
  if (const auto next = next_allowed(account.code_requests, 1, code_request_interval, now))
    return why_until(Reason::code_requests_one_a_day, *next);
  if (const auto next = next_allowed(account.code_requests, code_requests_max, code_requests_window, now))
    return why_until(Reason::code_requests_four_in_45_days, *next);
  return std::nullopt;
}

void account_rules::end_open_code(const Account& account, CodeVoidCause cause, AccountDecision& decision,
                                  Time now) {
  if (!account.code || account.code->state != CodeState::open) return;
  const IssuedCode& code = *account.code;
  // A late scheduler changes nothing: a code whose time is over has expired, whatever else happens to it.
  if (code.is_open(now)) {
    decision.and_record(ActivationCodeVoided{account.id, code.code, cause, now});
  } else {
    decision.and_record(ActivationCodeExpired{account.id, code.code, code.expires_at});
  }
  cancel_letters_with(account, code.code, decision);
}

LetterOrdered account_rules::order_letter(const Account& account, LetterKind kind, std::optional<CodeId> code,
                                          const Facts& facts) {
  std::optional<UserId> by;
  if (facts.caller.id != UserId{}) by = facts.caller.id;
  return {account.id, facts.fresh.letter, kind,
          code,       facts.now,          end_of_business_day_after(facts.now, letter_business_days),
          by,         std::nullopt};
}

void account_rules::cancel_other_letters(const Account& account, AccountDecision& decision) {
  for (const Letter& letter : account.letters)
    if (letter.is_pending() && !carries_open_code(account, letter))
      decision.and_record(LetterCancelled{account.id, letter.id});
}

void account_rules::issue_code(const Account& account, AccountDecision& decision, const Facts& facts) {
  end_open_code(account, CodeVoidCause::replaced, decision, facts.now);
  for (const Letter& letter : account.letters) {
    const bool carries_former_code =
        letter.kind == LetterKind::activation && !carries_open_code(account, letter);
    if (letter.is_pending() && carries_former_code)
      decision.and_record(LetterCancelled{account.id, letter.id});
  }
  decision
      .and_record(ActivationCodeIssued{account.id, facts.fresh.code, facts.now,
                                       facts.now + activation_code_lifetime, facts.caller.id})
      .and_record(order_letter(account, LetterKind::activation, facts.fresh.code, facts));
}

std::optional<Reason> letter_refusal(const Account& account, const Letter& letter, Time now) {
  if (!letter.is_pending()) return Reason::letter_not_pending;
  if (letter.kind == LetterKind::recovery) {
    if (now >= useful_until(letter)) return Reason::recovery_permit_expired;
  } else if (letter.code) {
    if (!account.code || account.code->code != *letter.code) return Reason::activation_code_void;
    const IssuedCode& code = *account.code;
    if (code.state == CodeState::expired || (code.state == CodeState::open && now >= code.expires_at))
      return Reason::activation_code_expired;
    if (code.state != CodeState::open) return Reason::activation_code_void;
  }
  if (!account.address_confirmed) return Reason::address_not_confirmed;
  return std::nullopt;
}

bool is_awaited(const Account& account, const Letter& letter) {
  if (!account.exists() || !letter.is_on_its_way()) return false;
  // The reader of a permit cannot sign in, and asks the service desk.
  if (letter.kind == LetterKind::recovery) return false;
  if (letter.kind == LetterKind::activation && !carries_open_code(account, letter)) return false;
  const auto last =
      std::ranges::find(account.letters.rbegin(), account.letters.rend(), letter.kind, &Letter::kind);
  return last->id == letter.id;
}

// ---- decide: codes ----------------------------------------------------------------------------------------

AccountDecision decide(const Account& account, const RequestActivationCode&, const Facts& facts) {
  if (const auto reason = permission_refusal(account, Action::request_activation_code, facts))
    return refuse(*reason);
  if (account.stage >= Stage::activated) return refuse(Reason::already_activated);
  if (!account.address_confirmed || account.client_number.empty())
    return refuse(Reason::address_not_confirmed);
  if (auto refusal = code_request_refusal(account, facts.now)) return refuse(*refusal);
  AccountDecision decision;
  issue_code(account, decision, facts);
  return decision;
}

namespace {

/// The reason why the caller may not activate. A recorded company has no owner yet: the person who holds its
/// letter becomes the owner.
std::optional<Reason> activation_refusal(const Account& account, const Facts& facts) {
  if (!account.awaits_owner()) return permission_refusal(account, Action::activate_account, facts);
  if (!facts.caller.may_hold_account()) return Reason::staff_may_not_hold_account;
  if (facts.caller.urn_expired) return Reason::urn_expired;
  return std::nullopt;
}

/// The entry of a code that is known to be dead. It costs no try, because there is nothing left to guess; the
/// number of entries is limited only so that they cannot fill the log.
AccountDecision dead_code_entered(const Account& account, const IssuedCode& code, AttemptFault fault,
                                  Reason reason, const Facts& facts) {
  const auto next =
      next_allowed(account.dead_code_attempts, activation_tries_in_window, activation_window, facts.now);
  if (next) return refuse(why_until(Reason::too_many_attempts, *next));
  return record(ActivationCodeRejected{account.id, code.code, facts.caller.id, fault, code.tries, facts.now})
      .but_refuse(why(reason));
}

}  // namespace

AccountDecision decide(const Account& account, const ActivateAccount& command, const Facts& facts) {
  if (const auto reason = activation_refusal(account, facts)) return refuse(*reason);
  if (account.stage >= Stage::activated) return refuse(Reason::already_activated);
  if (!account.code) return refuse(Reason::activation_refused);
  const auto former = std::ranges::find(account.former_codes, facts.former_code,
                                        [](const IssuedCode& each) { return std::optional{each.code}; });
  if (former != account.former_codes.end())
    return dead_code_entered(account, *former, AttemptFault::void_, Reason::activation_code_replaced, facts);

  const IssuedCode& code = *account.code;
  if (code.state == CodeState::void_ || code.state == CodeState::replaced)
    return dead_code_entered(account, code, AttemptFault::void_, Reason::activation_code_void, facts);
  if (!code.is_open(facts.now))
    return dead_code_entered(account, code, AttemptFault::expired, Reason::activation_code_expired, facts);

  const auto next =
      next_allowed(account.activation_attempts, activation_tries_in_window, activation_window, facts.now);
  if (next) return refuse(why_until(Reason::too_many_attempts, *next));
  if (facts.secret_matches) {
    AccountDecision decision;
    if (account.awaits_owner()) {
      if (!command.signing_authority_attested.value_or(false))
        return refuse(why_field(Reason::attestation_required, "/signing_authority_attested"));
      decision.and_record(OwnerAttested{account.id, facts.caller.id, facts.caller.urn_generation,
                                        facts.attested_words, facts.now});
    }
    decision.and_record(AccountActivated{account.id, facts.caller.id, code.code, facts.now});
    cancel_letters_with(account, code.code, decision);
    return decision;
  }
  // A stranger's wrong entry counts against the stranger, not against a company without an owner.
  if (account.awaits_owner()) return refuse(Reason::activation_refused);
  AccountDecision decision = record(ActivationCodeRejected{account.id, code.code, facts.caller.id,
                                                           AttemptFault::wrong, code.tries + 1, facts.now});
  if (code.tries + 1 >= activation_tries_per_code)
    end_open_code(account, CodeVoidCause::too_many_tries, decision, facts.now);
  return decision.but_refuse(why(Reason::activation_refused));
}

// ---- decide: letters --------------------------------------------------------------------------------------

AccountDecision decide(const Account& account, const RequestClientNumberLetter&, const Facts& facts) {
  if (!account.exists()) return refuse(Reason::account_not_found);
  if (const auto reason = access_refusal(account, facts.caller, facts.owner)) return refuse(*reason);
  if (account.client_number.empty()) return refuse(Reason::client_number_not_assigned);
  if (!account.address_confirmed) return refuse(Reason::address_not_confirmed);
  std::vector<Time> earlier_ones;
  for (const Letter& letter : account.letters)
    if (letter.kind == LetterKind::client_number) earlier_ones.push_back(letter.ordered_at);
  if (const auto next = next_allowed(earlier_ones, 1, code_request_interval, facts.now))
    return refuse(why_until(Reason::code_requests_one_a_day, *next));
  return record(order_letter(account, LetterKind::client_number, std::nullopt, facts));
}

AccountDecision decide(const Account& account, const ReportLetterMissing& command, const Facts& facts) {
  if (!account.exists()) return refuse(Reason::account_not_found);
  if (const auto reason = access_refusal(account, facts.caller, facts.owner)) return refuse(*reason);
  const Letter* letter = account.letter(command.letter);
  if (!letter) return refuse(Reason::letter_not_found);
  // A letter with a former code is missed by nobody, nor one whose code has activated the account.
  const bool carries_last_code = letter->code && account.code && account.code->code == *letter->code;
  const bool is_missed =
      letter->kind == LetterKind::client_number || (account.is_enrolling() && carries_last_code);
  if (!letter->is_on_its_way() || !is_missed) return refuse(Reason::letter_not_on_its_way);
  if (account.open_case_of(letter->id)) return refuse(Reason::letter_case_open);
  if (facts.now < letter->due_at) return refuse(why_until(Reason::letter_not_overdue, letter->due_at));
  return record(LetterCaseOpened{account.id, facts.fresh.case_id, letter->id, facts.caller.id, facts.now});
}

AccountDecision decide(const Account& account, const ConfirmLetterArrival& command, const Facts& facts) {
  if (!account.exists()) return refuse(Reason::account_not_found);
  if (const auto reason = access_refusal(account, facts.caller, facts.owner)) return refuse(*reason);
  const Letter* letter = account.letter(command.letter);
  if (!letter) return refuse(Reason::letter_not_found);
  if (letter->state != LetterState::posted) return refuse(Reason::letter_not_posted);
  return record(LetterArrived{account.id, letter->id, facts.caller.id, facts.now});
}

AccountDecision decide(const Account& account, const RecordLetterPrinted& command, const Facts& facts) {
  if (const auto reason = letter_act_refusal(account, command.letter, StaffRole::mail_room, facts))
    return refuse(*reason);
  if (const auto reason = letter_refusal(account, *account.letter(command.letter), facts.now))
    return refuse(*reason);
  return record(LetterPrinted{account.id, command.letter, facts.caller.id, facts.now});
}

AccountDecision decide(const Account& account, const RecordLetterPosted& command, const Facts& facts) {
  if (const auto reason = letter_act_refusal(account, command.letter, StaffRole::mail_room, facts))
    return refuse(*reason);
  if (const auto reason = letter_refusal(account, *account.letter(command.letter), facts.now))
    return refuse(*reason);
  return record(
      LetterPosted{account.id, command.letter, facts.caller.id, command.registered_mail_number, facts.now});
}

AccountDecision decide(const Account& account, const CorrectRegisteredMailNumber& command,
                       const Facts& facts) {
  if (const auto reason = letter_act_refusal(account, command.letter, StaffRole::mail_room, facts))
    return refuse(*reason);
  const Letter* letter = account.letter(command.letter);
  if (!letter->registered_mail_number) return refuse(Reason::letter_not_posted);
  if (*letter->registered_mail_number == command.registered_mail_number) return {};
  return record(RegisteredMailNumberCorrected{account.id, letter->id, facts.caller.id,
                                              command.registered_mail_number, command.reason, facts.now});
}

AccountDecision decide(const Account& account, const RecordLetterArrived& command, const Facts& facts) {
  const StaffRole role =
      facts.caller.has(StaffRole::mail_room) ? StaffRole::mail_room : StaffRole::service_desk;
  if (const auto reason = letter_act_refusal(account, command.letter, role, facts)) return refuse(*reason);
  if (account.letter(command.letter)->state != LetterState::posted) return refuse(Reason::letter_not_posted);
  return record(LetterArrived{account.id, command.letter, facts.caller.id, facts.now});
}

AccountDecision decide(const Account& account, const RecordLetterReturned& command, const Facts& facts) {
  if (const auto reason = letter_act_refusal(account, command.letter, StaffRole::mail_room, facts))
    return refuse(*reason);
  const Letter* letter = account.letter(command.letter);
  if (letter->state != LetterState::posted && letter->state != LetterState::arrived)
    return refuse(Reason::letter_not_posted);
  AccountDecision decision = record(LetterReturned{account.id, letter->id, facts.caller.id, command.reason});
  if (carries_open_code(account, *letter))
    end_open_code(account, CodeVoidCause::letter_returned, decision, facts.now);
  return decision;
}

AccountDecision decide(const Account& account, const ResolveLetterCase& command, const Facts& facts) {
  if (const auto reason = staff_refusal(account, StaffRole::service_desk, facts)) return refuse(*reason);
  const LetterCase* open = account.letter_case(command.case_id);
  if (!open || !open->is_open()) return refuse(Reason::case_not_found);
  AccountDecision decision = record(LetterCaseResolved{account.id, command.case_id, command.resolution,
                                                       facts.caller.id, command.reason, facts.now});
  if (command.resolution == CaseResolution::closed) return decision;
  if (command.resolution == CaseResolution::new_code) {
    if (account.stage >= Stage::activated) return refuse(Reason::already_activated);
    if (!account.address_confirmed) return refuse(Reason::address_not_confirmed);
    issue_code(account, decision, facts);
    return decision;
  }
  const Letter* letter = account.letter(open->letter);
  const bool code_is_dead =
      letter->code && !(carries_open_code(account, *letter) && account.code->is_open(facts.now));
  if (code_is_dead) return refuse(Reason::activation_code_void);
  if (!account.address_confirmed) return refuse(Reason::address_not_confirmed);
  if (letter->is_pending()) decision.and_record(LetterCancelled{account.id, letter->id});
  decision.and_record(order_letter(account, letter->kind, letter->code, facts));
  return decision;
}

// ---- deadlines --------------------------------------------------------------------------------------------

void account_rules::record_due_letters(const Account& account, AccountDecision& decision, Time now) {
  if (!account.exists()) return;
  for (const Letter& letter : account.letters) {
    if (letter.is_pending() && !letter.overdue && now >= letter.due_at)
      decision.and_record(LetterOverdue{account.id, letter.id, letter.due_at});
    if (letter.is_pending() && letter.kind == LetterKind::recovery && now >= useful_until(letter))
      decision.and_record(LetterCancelled{account.id, letter.id});
    const Time arrival_due = letter.ordered_at + letter_arrival_time;
    if (!letter.arrival_asked && is_awaited(account, letter) && now >= arrival_due)
      decision.and_record(LetterArrivalDue{account.id, letter.id, arrival_due});
  }
  if (!account.code || account.code->state != CodeState::open) return;
  const IssuedCode& code = *account.code;
  if (!code.warned && now >= code.expires_at - activation_code_warning)
    decision.and_record(ActivationCodeExpiring{account.id, code.code, code.expires_at});
  if (now >= code.expires_at) {
    decision.and_record(ActivationCodeExpired{account.id, code.code, code.expires_at});
    cancel_letters_with(account, code.code, decision);
  }
}

std::optional<Time> account_rules::next_letter_deadline(const Account& account) {
  std::optional<Time> earliest;
  if (!account.exists()) return earliest;
  for (const Letter& letter : account.letters) {
    if (letter.is_pending() && !letter.overdue) earliest = earlier(earliest, letter.due_at);
    if (letter.is_pending() && letter.kind == LetterKind::recovery)
      earliest = earlier(earliest, useful_until(letter));
    if (!letter.arrival_asked && is_awaited(account, letter))
      earliest = earlier(earliest, letter.ordered_at + letter_arrival_time);
  }
  if (account.code && account.code->state == CodeState::open) {
    const IssuedCode& code = *account.code;
    earliest = earlier(earliest, code.warned ? code.expires_at : code.expires_at - activation_code_warning);
  }
  return earliest;
}

// ---- evolve -----------------------------------------------------------------------------------------------

void evolve(Account& account, const ActivationCodeIssued& event) {
  // The first code comes with the confirmation, and the service desk issues a code with a case. Only codes
  // that the company asked for count against its limits.
  if (account.code && event.requested_by && account.member(*event.requested_by))
    account.code_requests.push_back(event.issued_at);
  if (account.code) {
    account.former_codes.push_back(*account.code);
    if (account.former_codes.size() > former_codes_max)
      account.former_codes.erase(account.former_codes.begin());
  }
  account.code =
      IssuedCode{event.code, event.issued_at, event.expires_at, 0, CodeState::open, false, std::nullopt};
}

void evolve(Account& account, const ActivationCodeVoided& event) {
  end_code(account, event.code,
           event.cause == CodeVoidCause::replaced ? CodeState::replaced : CodeState::void_, event.voided_at);
}

void evolve(Account& account, const ActivationCodeExpiring& event) {
  if (account.code && account.code->code == event.code) account.code->warned = true;
}

void evolve(Account& account, const ActivationCodeExpired& event) {
  end_code(account, event.code, CodeState::expired, event.expired_at);
}

void evolve(Account& account, const ActivationCodeRejected& event) {
  remember(event.fault == AttemptFault::wrong ? account.activation_attempts : account.dead_code_attempts,
           event.at);
  if (account.code && account.code->code == event.code) account.code->tries = event.tries;
}

void evolve(Account& account, const LetterOrdered& event) {
  Letter letter;
  letter.id = event.letter;
  letter.kind = event.kind;
  letter.code = event.code;
  letter.recipient = event.recipient;
  letter.legal_name = account.legal_name;
  letter.address = account.mailing_address;
  letter.ordered_at = event.ordered_at;
  letter.due_at = event.due_at;
  account.letters.push_back(std::move(letter));
}

void evolve(Account& account, const LetterCancelled& event) {
  set_letter_state(account, event.letter, LetterState::cancelled);
}

void evolve(Account& account, const LetterPrinted& event) {
  set_letter_state(account, event.letter, LetterState::printed);
}

void evolve(Account& account, const LetterPosted& event) {
  set_letter_state(account, event.letter, LetterState::posted);
  if (Letter* letter = account.letter(event.letter)) {
    letter->posted_at = event.posted_at;
    letter->registered_mail_number = event.registered_mail_number;
  }
}

void evolve(Account& account, const RegisteredMailNumberCorrected& event) {
  if (Letter* letter = account.letter(event.letter))
    letter->registered_mail_number = event.registered_mail_number;
}

void evolve(Account& account, const LetterArrivalDue& event) {
  if (Letter* letter = account.letter(event.letter)) letter->arrival_asked = true;
}

void evolve(Account& account, const LetterArrived& event) {
  set_letter_state(account, event.letter, LetterState::arrived);
  if (Letter* letter = account.letter(event.letter)) letter->arrived_at = event.arrived_at;
}

void evolve(Account& account, const LetterReturned& event) {
  set_letter_state(account, event.letter, LetterState::returned);
}

void evolve(Account& account, const LetterOverdue& event) {
  if (Letter* letter = account.letter(event.letter)) letter->overdue = true;
}

void evolve(Account& account, const LetterCaseOpened& event) {
  account.letter_cases.push_back(
      LetterCase{event.case_id, event.letter, event.by, event.opened_at, {}, {}, {}});
  // An open case is never dropped.
  const auto closed =
      std::ranges::find_if(account.letter_cases, [](const LetterCase& each) { return !each.is_open(); });
  if (account.letter_cases.size() > letter_cases_max && closed != account.letter_cases.end())
    account.letter_cases.erase(closed);
}

void evolve(Account& account, const LetterCaseResolved& event) {
  if (LetterCase* open = account.letter_case(event.case_id)) {
    open->resolution = event.resolution;
    open->reason = event.reason;
    open->resolved_at = event.resolved_at;
  }
}

void evolve(Account& account, const AccountActivated& event) {
  account.stage = Stage::activated;
  account.activated_at = event.activated_at;
  account.enrolment_release.reset();
  end_code(account, event.code, CodeState::used, event.activated_at);
  // A person who enters the code has the letter.
  for (Letter& letter : account.letters) {
    if (letter.state != LetterState::posted || letter.code != event.code) continue;
    letter.state = LetterState::arrived;
    letter.arrived_at = event.activated_at;
  }
}

}  // namespace ttp::domain
