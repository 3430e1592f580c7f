#include "domain/user.hpp"

#include <algorithm>

#include "domain/letter_text.hpp"
#include "domain/recovery_rules.hpp"
#include "domain/user_rules.hpp"

namespace ttp::domain {

using namespace user_rules;

namespace {

constexpr std::size_t remembered_attempts = 20;

UserDecision nothing_to_do() {
  return {};
}

void remember(std::vector<Time>& attempts, Time at) {
  attempts.push_back(at);
  if (attempts.size() > remembered_attempts) attempts.erase(attempts.begin());
}

using MaybeDevice = std::optional<DeviceId>;

/// Records the end of those open sessions.
template <class Which>
void close_sessions(const User& user, SessionEnd cause, Time now, UserDecision& decision,
                    const Which& concerns) {
  for (const Session& session : user.sessions)
    if (now < session.expires_at && concerns(session))
      decision.and_record(SessionClosed{user.id, session.id, cause});
}
void close_other_sessions(const User& user, SessionId present, SessionEnd cause, Time now,
                          UserDecision& decision) {
  close_sessions(user, cause, now, decision, [&](const Session& session) { return session.id != present; });
}

std::uint32_t next_failure(const User& user, const MaybeDevice& device) {
  return user.failures_of(device).in_a_row + 1;
}

/// Refuses a wrong attempt that `decision` records. The hundredth in a row locks the credential for this
/// device or, where there is none, for all strangers.
UserDecision wrong(const User& user, const MaybeDevice& device, UserDecision decision, Refusal refusal,
                   Time now) {
  const std::uint32_t failures = next_failure(user, device);
  if (failures >= consecutive_failures_max) {
    decision.and_record(CredentialLocked{user.id, failures, device});
    if (device)
      close_sessions(user, SessionEnd::credential_locked, now, decision,
                     [&](const Session& session) { return session.device == device; });
  }
  return decision.but_refuse(wrong_attempt(std::move(refusal), failures, now));
}

/// The refusal of a wrong entry of a code that had been tried so often before.
Refusal wrong_code(std::string pointer, const OpenCode& code) {
  Refusal refusal = why_field(Reason::one_time_code_wrong, std::move(pointer));
  refusal.tries_left = one_time_code_tries - code.tries - 1;
  return refusal;
}

UserDecision wrong_password(const User& user, const MaybeDevice& device, Time now) {
  return wrong(user, device,
               record(CurrentPasswordRejected{user.id, next_failure(user, device), now, device}),
               why_field(Reason::current_password_wrong, "/current_password"), now);
}

/// The device by the token or the earlier session that the request carries.
MaybeDevice known_device(const User& user, const StartSignIn& command) {
  return user.device(command.device) ? command.device : user.device_of(command.session);
}

const SignIn* open_sign_in(const User& user, SignInId id, Time now) {
  const bool open = user.sign_in && user.sign_in->id == id && now < user.sign_in->expires_at;
  return open ? &*user.sign_in : nullptr;
}

std::optional<Refusal> code_mail_refusal(const User& user, Time now) {
  if (const auto next = next_allowed(user.code_mails, code_mails_max, code_mails_window, now))
    return why_until(Reason::too_many_attempts, *next);
  return std::nullopt;
}

OneTimeCodeIssued fresh_code(const User& user, SignInId sign_in, const Facts& facts) {
  return {user.id, sign_in, facts.fresh.code, facts.now, facts.now + one_time_code_lifetime};
}

std::optional<Time> next_mismatch_allowed(const User& user, Time now) {
  return next_allowed(user.activation_mismatches, 5, minutes{10}, now);
}

std::optional<Refusal> code_refusal(const OpenCode& code, Time now) {
  if (code.tries >= one_time_code_tries) return why(Reason::one_time_code_void);
  if (now >= code.expires_at) return why(Reason::one_time_code_expired);
  return std::nullopt;
}

UserDecision registered(CredentialRegistered event, const Facts& facts) {
  const UserId user = event.user;
  return record(std::move(event))
      .and_record(UrnIssued{user, 1, facts.now, std::nullopt, std::nullopt, facts.fresh.urn})
      .claim(Unique::urn, facts.fresh.urn.text());
}

/// Releases the user name and the address; the URN never names a second person. A claim whose value cannot be
/// read any more stays taken.
UserDecision erased(const User& user, const UserErased& event) {
  UserDecision decision = record(event);
  if (!user.user_name.empty()) decision.release(Unique::user_name, same_user_name(user.user_name));
  if (!user.email.empty()) decision.release(Unique::email, same_email(user.email));
  return decision;
}

struct DueReminder {
  UrnReminder kind;
  Time due_at;
};

/// In the order in which the reminders fall due: one year after the last sign-in, then 60, 30 and 7 days
/// before the URN expires.
std::array<DueReminder, 4> reminders(const User& user) {
  const Time expiry = user.urn_expires_at();
  return {{{UrnReminder::twelve_months, add_months(user.urn_renewed_at, 12)},
           {UrnReminder::sixty_days, expiry - days{60}},
           {UrnReminder::thirty_days, expiry - days{30}},
           {UrnReminder::seven_days, expiry - days{7}}}};
}

void renew_urn(User& user, Time at) {
  user.urn_renewed_at = at;
  user.urn_reminders = 0;
  user.urn_expiry_recorded = false;
}

/// A letter to a company shows the owner's name.
template <class Command>
std::optional<Refusal> unshown_name(const Command& command) {
  return LetterTexts{}
      .add("/family_name", command.family_name)
      .add("/given_names", command.given_names)
      .refusal();
}

/// Given names as events tell them: empty for a person with one name.
GivenNames none_as_empty(const std::optional<GivenNames>& names) {
  return names.value_or(GivenNames{});
}

std::optional<Reason> erasure_refusal(const User& user, ProposalId proposal, const Facts& facts) {
  if (const auto reason = operators_refusal(user, facts)) return reason;
  const bool is_it = user.erasure && user.erasure->proposal.is_open_as(proposal, facts.now);
  return is_it ? std::nullopt : std::optional{Reason::erasure_not_found};
}

/// The proposals about the user that nobody has approved in time.
void record_lapsed_proposals(const User& user, UserDecision& decision, Time now) {
  if (user.staff_role_change && !user.staff_role_change->proposal.is_open_at(now)) {
    const Proposal& lapsed = user.staff_role_change->proposal;
    decision.and_record(StaffRoleChangeLapsed{user.id, lapsed.id, lapsed.lapses_at()});
  }
  if (user.erasure && !user.erasure->proposal.is_open_at(now)) {
    const Proposal& lapsed = user.erasure->proposal;
    decision.and_record(ErasureLapsed{user.id, lapsed.id, lapsed.lapses_at()});
  }
}

/// When the URN needs the scheduler: for a reminder or for its end.
std::optional<Time> next_urn_deadline(const User& user) {
  if (user.urn_generation == 0 || user.urn_expiry_recorded || user.is_staff()) return std::nullopt;
  if (user.urn_reminders < reminders(user).size()) return reminders(user)[user.urn_reminders].due_at;
  return user.urn_expires_at();
}

Failures& failures_of(User& user, const MaybeDevice& device_id) {
  const auto found =
      std::ranges::find_if(user.devices, [&](const Device& device) { return device.id == device_id; });
  return found == user.devices.end() ? user.failures : found->failures;
}

MaybeDevice device_of_sign_in(const User& user) {
  return user.sign_in ? user.sign_in->device : std::nullopt;
}

/// Notes that a device completed a sign-in; of too many the one unused for longest is forgotten.
void remember_device(User& user, DeviceId id, Time at) {
  const auto known = std::ranges::find(user.devices, id, &Device::id);
  if (known != user.devices.end()) {
    known->last_used_at = at;
    return;
  }
  user.devices.push_back({id, at, at});
  if (user.devices.size() > devices_max)
    user.devices.erase(std::ranges::min_element(user.devices, {}, &Device::last_used_at));
}

}  // namespace

void remember_former_email(User& user, const EmailAddress& email, Time until) {
  user.former_emails.push_back({email, until});
  if (user.former_emails.size() > former_emails_max) user.former_emails.erase(user.former_emails.begin());
}

const Session* User::session(SessionId session_id) const {
  const auto found = std::ranges::find(sessions, session_id, &Session::id);
  return found == sessions.end() ? nullptr : &*found;
}

const Device* User::device(const std::optional<DeviceId>& device_id) const {
  const auto found =
      std::ranges::find_if(devices, [&](const Device& device) { return device.id == device_id; });
  return found == devices.end() ? nullptr : &*found;
}

std::optional<DeviceId> User::device_of(SessionId session_id) const {
  const Session* found = session(session_id);
  return found && device(found->device) ? found->device : std::nullopt;
}

const Failures& User::failures_of(const std::optional<DeviceId>& device_id) const {
  const Device* found = device(device_id);
  return found ? found->failures : failures;
}

bool User::has_lock() const {
  return failures.locked ||
         std::ranges::any_of(devices, [](const Device& device) { return device.failures.locked; });
}

Person User::person_at(Time now) const {
  Person person{id, urn_generation, urn_expired_at(now), staff_roles};
  person.proposed_for_staff = staff_role_change && staff_role_change->change == RoleChange::grant &&
                              staff_role_change->proposal.is_open_at(now);
  for (const StaffProposer& each : staff_proposers)
    if (now < each.at + staff_proposal_memory) person.staff_proposers.push_back(each.officer);
  return person;
}

// ---- decide -----------------------------------------------------------------------------------------------

UserDecision decide(const User& user, const RegisterCredential& command, const Facts& facts) {
  // The identifier of the user was drawn with the mailed code, so the code has been used.
  if (user.registered || user.erased)
    return refuse(command.mailbox ? Reason::one_time_code_void : Reason::user_name_taken);
  if (command.mailbox && facts.now >= command.mailbox->expires_at)
    return refuse(Reason::one_time_code_expired);
  const PasswordOwner owner{command.user_name, command.email, command.family_name,
                            none_as_empty(command.given_names)};
  if (const auto fault = check_password(command.password, owner))
    return refuse(why_field(fault->reason, "/password", fault->details));
  if (facts.password_is_common) return refuse(why_field(Reason::password_too_common, "/password"));
  if (auto refusal = unshown_name(command)) return refuse(*std::move(refusal));
  if (command.mailbox && !facts.secret_matches)
    return refuse(why_field(Reason::one_time_code_wrong, "/code"));
  CredentialRegistered event{command.user,     CredentialKind::gckey, 1,
                             command.language, command.user_name,     std::nullopt,
                             std::nullopt,     command.family_name,   none_as_empty(command.given_names),
                             command.email,    command.telephone,     command.verifier};
  return registered(std::move(event), facts)
      .claim(Unique::user_name, same_user_name(command.user_name))
      .claim(Unique::email, same_email(command.email));
}

UserDecision decide(const User& user, const RegisterPartnerCredential& command, const Facts& facts) {
  if (user.registered || user.erased) return refuse(Reason::partner_identity_taken);
  if (auto refusal = unshown_name(command)) return refuse(*std::move(refusal));
  CredentialRegistered event{command.user,
                             CredentialKind::sign_in_partner,
                             0,
                             command.language,
                             std::nullopt,
                             command.issuer,
                             command.subject,
                             command.family_name,
                             none_as_empty(command.given_names),
                             command.email,
                             command.telephone};
  return registered(std::move(event), facts)
      .claim(Unique::partner_identity, command.issuer.text() + " " + command.subject.text())
      .claim(Unique::email, same_email(command.email));
}

UserDecision decide(const User& user, const StartSignIn& command, const Facts& facts) {
  if (!user.registered) return refuse(Reason::credential_rejected);
  const MaybeDevice device = known_device(user, command);
  if (auto refusal = user.failures_of(device).refusal_at(facts.now)) return refuse(*refusal);
  if (!facts.secret_matches) {
    return wrong(user, device,
                 record(CredentialRejected{user.id, next_failure(user, device), facts.now, device}),
                 why(Reason::credential_rejected), facts.now);
  }
  if (user.urn_expired_at(facts.now)) return refuse(Reason::urn_expired);
  const SignInId sign_in = facts.fresh.sign_in;
  const SignInStarted started{user.id, sign_in, facts.now, facts.now + sign_in_lifetime, device};
  if (user.mail_factor_terms == 0) return record(started);
  if (auto refusal = code_mail_refusal(user, facts.now)) return refuse(*refusal);
  return record(started).and_record(fresh_code(user, sign_in, facts));
}

UserDecision decide(const User& user, const EnrolMailFactor& command, const Facts& facts) {
  const SignIn* sign_in = open_sign_in(user, command.sign_in, facts.now);
  if (!sign_in) return refuse(Reason::sign_in_not_found);
  if (sign_in->stage != SignInStage::mail_factor_terms) return refuse(Reason::mail_factor_already_enrolled);
  if (command.terms_version != facts.mail_factor_terms)
    return refuse(why_field(Reason::terms_version_outdated, "/terms_version"));
  if (auto refusal = code_mail_refusal(user, facts.now)) return refuse(*refusal);
  return record(MailFactorEnrolled{user.id, command.sign_in, command.terms_version})
      .and_record(fresh_code(user, command.sign_in, facts));
}

UserDecision decide(const User& user, const ResendOneTimeCode& command, const Facts& facts) {
  const SignIn* sign_in = open_sign_in(user, command.sign_in, facts.now);
  if (!sign_in) return refuse(Reason::sign_in_not_found);
  if (sign_in->stage == SignInStage::mail_factor_terms) return refuse(Reason::mail_factor_terms_required);
  if (sign_in->stage != SignInStage::one_time_code) return refuse(Reason::sign_in_step_out_of_order);
  if (auto refusal = user.failures_of(sign_in->device).refusal_at(facts.now)) return refuse(*refusal);
  if (auto refusal = code_mail_refusal(user, facts.now)) return refuse(*refusal);
  return record(fresh_code(user, command.sign_in, facts));
}

UserDecision decide(const User& user, const EnterOneTimeCode& command, const Facts& facts) {
  const SignIn* sign_in = open_sign_in(user, command.sign_in, facts.now);
  if (!sign_in) return refuse(Reason::sign_in_not_found);
  if (sign_in->stage == SignInStage::mail_factor_terms) return refuse(Reason::mail_factor_terms_required);
  if (sign_in->stage != SignInStage::one_time_code || !sign_in->code)
    return refuse(Reason::sign_in_step_out_of_order);
  const MaybeDevice& device = sign_in->device;
  if (auto refusal = user.failures_of(device).refusal_at(facts.now)) return refuse(*refusal);
  if (auto refusal = code_refusal(*sign_in->code, facts.now)) return refuse(*refusal);
  if (facts.secret_matches) return record(OneTimeCodeAccepted{user.id, command.sign_in, sign_in->code->code});
  return wrong(user, device,
               record(OneTimeCodeRejected{user.id, command.sign_in, sign_in->code->code,
                                          next_failure(user, device), facts.now}),
               wrong_code("/code", *sign_in->code), facts.now);
}

UserDecision decide(const User& user, const AcceptPortalTerms& command, const Facts& facts) {
  const SignIn* sign_in = open_sign_in(user, command.sign_in, facts.now);
  if (!sign_in) return refuse(Reason::sign_in_not_found);
  if (sign_in->stage != SignInStage::portal_terms) return refuse(Reason::sign_in_step_out_of_order);
  if (user.failures_of(sign_in->device).locked) return refuse(Reason::credential_locked);
  if (user.urn_expired_at(facts.now)) return refuse(Reason::urn_expired);
  if (command.terms_version != facts.portal_terms)
    return refuse(why_field(Reason::terms_version_outdated, "/terms_version"));
  UserDecision decision = record(PortalTermsAccepted{user.id, command.sign_in, command.terms_version});
  const bool is_known = user.device(sign_in->device) != nullptr;
  if (is_known)
    close_sessions(user, SessionEnd::replaced, facts.now, decision,
                   [&](const Session& session) { return session.device == sign_in->device; });
  const auto opened_from = facts.origin.empty() ? std::nullopt : std::optional{facts.origin};
  return decision.and_record(SessionOpened{user.id, command.sign_in, facts.fresh.session, facts.now,
                                           facts.now + session_lifetime,
                                           is_known ? sign_in->device : facts.fresh.device, opened_from});
}

UserDecision decide(const User& user, const CloseSession& command, const Facts& facts) {
  const Session* session = user.session(command.session);
  if (!session || facts.now >= session->expires_at) return refuse(Reason::session_not_found);
  return record(SessionClosed{user.id, command.session, SessionEnd::signed_out});
}

UserDecision decide(const User& user, const CloseOtherSessions& command, const Facts& facts) {
  UserDecision decision;
  close_other_sessions(user, command.session, SessionEnd::revoked, facts.now, decision);
  return decision;
}

UserDecision decide(const User& user, const ForgetDevice& command, const Facts& facts) {
  if (!user.device(command.device)) return refuse(Reason::device_not_found);
  UserDecision decision = record(DeviceForgotten{user.id, command.device, facts.now});
  close_sessions(user, SessionEnd::device_forgotten, facts.now, decision,
                 [&](const Session& session) { return session.device == command.device; });
  return decision;
}

UserDecision decide(const User& user, const EndSessions& command, const Facts& facts) {
  if (!facts.caller.has(StaffRole::service_desk)) return refuse(Reason::staff_role_required);
  if (!user.registered) return refuse(Reason::user_not_found);
  UserDecision decision =
      record(SessionsEnded{user.id, facts.caller.id, command.session, command.reason, facts.now});
  close_sessions(user, SessionEnd::ended_by_staff, facts.now, decision,
                 [&](const Session& session) { return !command.session || session.id == *command.session; });
  if (decision.events.size() == 1) return refuse(Reason::session_not_found);
  return decision;
}

UserDecision decide(const User& user, const ChangeContactDetails& command, const Facts&) {
  if (!user.registered) return refuse(Reason::user_not_found);
  const auto changed = []<class T>(const std::optional<T>& wanted, const T& present) {
    return wanted == present ? std::nullopt : wanted;
  };
  ContactDetailsChanged event{user.id, changed(command.language, user.language),
                              changed(command.family_name, user.family_name),
                              changed(cleared_as_empty(command.given_names), user.given_names),
                              changed(command.telephone, user.telephone)};
  if (!event.language && !event.family_name && !event.given_names && !event.telephone) return nothing_to_do();
  if (auto refusal = unshown_name(event)) return refuse(*std::move(refusal));
  return record(std::move(event));
}

UserDecision decide(const User& user, const RequestEmailChange& command, const Facts& facts) {
  if (!user.registered) return refuse(Reason::user_not_found);
  if (same_email(command.email) == same_email(user.email))
    return refuse(why_field(Reason::email_taken, "/email"));
  if (user.credential_kind == CredentialKind::gckey) {
    const MaybeDevice device = user.device_of(command.session);
    if (!command.current_password) return refuse(why_field(Reason::missing, "/current_password"));
    if (auto refusal = user.failures_of(device).refusal_at(facts.now)) return refuse(*refusal);
    if (!facts.secret_matches) return wrong_password(user, device, facts.now);
  }
  if (auto refusal = code_mail_refusal(user, facts.now)) return refuse(*refusal);
  return record(EmailChangeRequested{user.id, facts.fresh.code, facts.now, facts.now + email_change_lifetime,
                                     command.email});
}

UserDecision decide(const User& user, const ConfirmEmailChange& command, const Facts& facts) {
  if (!user.email_change) return refuse(Reason::email_change_not_pending);
  const MaybeDevice device = user.device_of(command.session);
  const OpenCode& open = user.email_change->code;
  if (auto refusal = user.failures_of(device).refusal_at(facts.now)) return refuse(*refusal);
  if (auto refusal = code_refusal(open, facts.now)) return refuse(*refusal);
  if (!facts.secret_matches || !facts.second_secret_matches) {
    const std::string_view at_fault = facts.secret_matches ? "/present_address_code" : "/code";
    return wrong(
        user, device,
        record(EmailChangeRejected{user.id, open.code, next_failure(user, device), facts.now, device}),
        wrong_code(std::string{at_fault}, open), facts.now);
  }
  UserDecision decision =
      record(EmailChanged{user.id, user.email_change->email, user.email, facts.now, device});
  close_other_sessions(user, command.session, SessionEnd::email_changed, facts.now, decision);
  return decision.release(Unique::email, same_email(user.email))
      .claim(Unique::email, same_email(user.email_change->email));
}

UserDecision decide(const User& user, const ChangePassword& command, const Facts& facts) {
  if (!user.registered || user.credential_kind != CredentialKind::gckey)
    return refuse(Reason::user_not_found);
  const MaybeDevice device = user.device_of(command.session);
  if (auto refusal = user.failures_of(device).refusal_at(facts.now)) return refuse(*refusal);
  if (!facts.secret_matches) return wrong_password(user, device, facts.now);
  const PasswordOwner owner{user.user_name, user.email, user.family_name, user.given_names};
  if (const auto fault = check_password(command.new_password, owner))
    return refuse(why_field(fault->reason, "/new_password", fault->details));
  if (facts.password_is_common) return refuse(why_field(Reason::password_too_common, "/new_password"));
  if (command.new_password.secret() == command.current_password.secret())
    return refuse(why_field(Reason::password_unchanged, "/new_password"));
  UserDecision decision = record(
      PasswordChanged{user.id, user.credential_version + 1, command.verifier, facts.now, facts.fresh.device});
  close_other_sessions(user, command.session, SessionEnd::password_changed, facts.now, decision);
  return decision;
}

UserDecision decide(const User& user, const IssueNewUrn& command, const Facts& facts) {
  if (!facts.caller.has(StaffRole::service_desk)) return refuse(Reason::staff_role_required);
  if (!user.registered) return refuse(Reason::user_not_found);
  if (!user.urn_expired_at(facts.now)) return refuse(Reason::urn_not_expired);
  UserDecision decision;
  // Record a deadline that the scheduler has not reached yet first, so that the history is in order.
  if (!user.urn_expiry_recorded)
    decision.and_record(UrnExpired{user.id, user.urn_generation, user.urn_expires_at()});
  return decision
      .and_record(UrnIssued{user.id, user.urn_generation + 1, facts.now, facts.caller.id, command.reason,
                            facts.fresh.urn})
      .claim(Unique::urn, facts.fresh.urn.text());
}

UserDecision decide(const User& user, const UnlockCredential& command, const Facts& facts) {
  const bool is_installation = facts.caller.id == UserId{};
  if (!is_installation && !facts.caller.has(StaffRole::service_desk))
    return refuse(Reason::staff_role_required);
  if (!user.registered) return refuse(Reason::user_not_found);
  if (is_installation && !user.staff_roles.contains(StaffRole::operator_))
    return refuse(Reason::staff_role_not_held);
  if (!user.has_lock()) return refuse(Reason::credential_not_locked);
  const auto unlocked_by = is_installation ? std::nullopt : std::optional{facts.caller.id};
  UserDecision decision = record(CredentialUnlocked{user.id, unlocked_by, command.reason});
  close_sessions(user, SessionEnd::credential_unlocked, facts.now, decision,
                 [](const Session&) { return true; });
  return decision;
}

UserDecision decide(const User& user, const ProposeErasure& command, const Facts& facts) {
  if (const auto reason = operators_refusal(user, facts)) return refuse(*reason);
  UserDecision decision;
  if (user.erasure) {
    const Proposal& before = user.erasure->proposal;
    if (before.is_open_at(facts.now)) return refuse(Reason::erasure_open);
    decision.and_record(ErasureLapsed{user.id, before.id, before.lapses_at()});
  }
  return decision.and_record(ErasureProposed{user.id, facts.fresh.proposal, facts.caller.id, command.ground,
                                             command.reason, facts.now});
}

UserDecision decide(const User& user, const ApproveErasure& command, const Facts& facts) {
  if (const auto reason = erasure_refusal(user, command.proposal, facts)) return refuse(*reason);
  const Proposal& proposed = user.erasure->proposal;
  if (const auto reason = approval_refusal(proposed, StaffRole::operator_, facts)) return refuse(*reason);
  // An account keeps its owner, and the data its users see about each other stays correct.
  if (facts.holds_membership) return refuse(Reason::erasure_of_member);
  if (user.is_staff()) return refuse(Reason::erasure_of_staff);
  return erased(user, UserErased{user.id, proposed.id, user.erasure->ground, proposed.officer,
                                 facts.caller.id, facts.now});
}

UserDecision decide(const User& user, const RepeatErasure& command, const Facts& facts) {
  if (facts.caller.id != UserId{}) return refuse(Reason::staff_role_required);
  if (!user.registered) return nothing_to_do();
  return erased(user, UserErased{user.id, command.proposal, command.ground, command.proposed_by,
                                 command.approved_by, command.erased_at});
}

UserDecision decide(const User& user, const WithdrawErasure& command, const Facts& facts) {
  if (const auto reason = erasure_refusal(user, command.proposal, facts)) return refuse(*reason);
  return record(ErasureWithdrawn{user.id, command.proposal, facts.caller.id, command.reason});
}

UserDecision decide(const User& user, const NoteActivationMismatch&, const Facts& facts) {
  if (!user.registered) return refuse(Reason::user_not_found);
  if (const auto next = next_mismatch_allowed(user, facts.now))
    return refuse(why_until(Reason::too_many_attempts, *next));
  return record(ActivationMismatched{user.id, facts.now}).but_refuse(why(Reason::activation_refused));
}

UserDecision decide(const User& user, const LetTimePassForUser&, const Facts& facts) {
  UserDecision decision;
  record_lapsed_proposals(user, decision, facts.now);
  recovery_rules::record_due_ends(user, decision, facts.now);
  if (user.urn_generation == 0 || user.urn_expiry_recorded || user.is_staff()) return decision;
  const auto all = reminders(user);
  for (std::size_t i = user.urn_reminders; i < all.size() && all[i].due_at <= facts.now; ++i)
    decision.and_record(UrnExpiryReminded{user.id, all[i].kind, all[i].due_at, user.urn_expires_at()});
  if (user.urn_expired_at(facts.now))
    decision.and_record(UrnExpired{user.id, user.urn_generation, user.urn_expires_at()});
  return decision;
}

std::optional<Time> next_deadline(const User& user) {
  std::optional<Time> next = next_urn_deadline(user);
  const auto consider = [&](std::optional<Time> at) {
    if (at) next = next ? std::min(*next, *at) : *at;
  };
  if (user.staff_role_change) consider(user.staff_role_change->proposal.lapses_at());
  if (user.erasure) consider(user.erasure->proposal.lapses_at());
  consider(recovery_rules::next_recovery_deadline(user));
  return next;
}

bool is_out_of_tries(const User& user, Time now) {
  return next_mismatch_allowed(user, now).has_value();
}

const Proposal* find_proposal(const User& user, ProposalId proposal) {
  if (user.staff_role_change && user.staff_role_change->proposal.id == proposal)
    return &user.staff_role_change->proposal;
  if (user.erasure && user.erasure->proposal.id == proposal) return &user.erasure->proposal;
  if (user.recovery_proposal && user.recovery_proposal->proposal.id == proposal)
    return &user.recovery_proposal->proposal;
  return nullptr;
}

// ---- evolve -----------------------------------------------------------------------------------------------

void evolve(User& user, const CredentialRegistered& event) {
  user.id = event.user;
  user.registered = true;
  user.credential_kind = event.kind;
  user.credential_version = event.credential_version;
  user.verifier = event.verifier;
  user.user_name = event.user_name.value_or(UserName{});
  user.family_name = event.family_name;
  user.given_names = event.given_names;
  user.email = event.email;
  user.telephone = event.telephone;
  user.language = event.language;
}

void evolve(User& user, const UrnIssued& event) {
  user.urn = event.urn;
  user.urn_generation = event.generation;
  renew_urn(user, event.issued_at);
}

void evolve(User& user, const SignInStarted& event) {
  const auto stage =
      user.mail_factor_terms == 0 ? SignInStage::mail_factor_terms : SignInStage::one_time_code;
  user.sign_in = SignIn{event.sign_in, stage, event.expires_at, std::nullopt, event.device};
}

void evolve(User& user, const CredentialRejected& event) {
  failures_of(user, event.device).add(event.consecutive_failures, event.at);
}

void evolve(User& user, const MailFactorEnrolled& event) {
  user.mail_factor_terms = event.terms_version;
  if (user.sign_in) user.sign_in->stage = SignInStage::one_time_code;
}

void evolve(User& user, const OneTimeCodeIssued& event) {
  if (user.sign_in) user.sign_in->code = OpenCode{event.code, event.expires_at, 0};
  remember(user.code_mails, event.issued_at);
}

void evolve(User& user, const OneTimeCodeRejected& event) {
  failures_of(user, device_of_sign_in(user)).add(event.consecutive_failures, event.at);
  if (user.sign_in && user.sign_in->code) ++user.sign_in->code->tries;
}

void evolve(User& user, const OneTimeCodeAccepted&) {
  failures_of(user, device_of_sign_in(user)).in_a_row = 0;
  // A person who enters a mailed code reads the mailbox.
  end_mail_trouble(user);
  if (!user.sign_in) return;
  user.sign_in->stage = SignInStage::portal_terms;
  user.sign_in->code.reset();
}

void evolve(User& user, const PortalTermsAccepted& event) {
  user.portal_terms = event.terms_version;
}

void evolve(User& user, const SessionOpened& event) {
  std::erase_if(user.sessions, [&](const Session& session) { return session.expires_at <= event.opened_at; });
  user.sessions.push_back(
      {event.session, event.opened_at, event.expires_at, event.device, event.opened_from});
  if (event.device) remember_device(user, *event.device, event.opened_at);
  user.sign_in.reset();
  user.last_signed_in_at = event.opened_at;
  renew_urn(user, event.opened_at);
}

void evolve(User& user, const SessionClosed& event) {
  std::erase_if(user.sessions, [&](const Session& session) { return session.id == event.session; });
}

void evolve(User& user, const SessionsEnded& event) {
  if (!event.session) user.sign_in.reset();
}

void evolve(User& user, const DeviceForgotten& event) {
  if (device_of_sign_in(user) == event.device) user.sign_in.reset();
  std::erase_if(user.devices, [&](const Device& device) { return device.id == event.device; });
}

void evolve(User& user, const CredentialLocked& event) {
  failures_of(user, event.device).locked = true;
  if (device_of_sign_in(user) == event.device) user.sign_in.reset();
}

void evolve(User& user, const CredentialUnlocked&) {
  user.failures = Failures{};
  for (Device& device : user.devices) device.failures = Failures{};
}

void evolve(User& user, const ContactDetailsChanged& event) {
  if (event.language) user.language = *event.language;
  if (event.family_name) user.family_name = *event.family_name;
  if (event.given_names) user.given_names = *event.given_names;
  if (event.telephone) user.telephone = *event.telephone;
}

void evolve(User& user, const EmailChangeRequested& event) {
  user.email_change = EmailChange{event.email, {event.code, event.expires_at, 0}};
  remember(user.code_mails, event.requested_at);
}

void evolve(User& user, const EmailChangeRejected& event) {
  failures_of(user, event.device).add(event.consecutive_failures, event.at);
  if (user.email_change) ++user.email_change->code.tries;
}

void evolve(User& user, const EmailChanged& event) {
  user.email = event.email;
  remember_former_email(user, event.previous_email, event.changed_at);
  user.email_change.reset();
  end_mail_trouble(user);
  failures_of(user, event.device).in_a_row = 0;
}

void evolve(User& user, const CurrentPasswordRejected& event) {
  failures_of(user, event.device).add(event.consecutive_failures, event.at);
}

void evolve(User& user, const PasswordChanged& event) {
  user.credential_version = event.credential_version;
  user.verifier = event.verifier;
  user.failures.in_a_row = 0;
  if (!event.device) return;
  // The events that follow end the other sessions; the one that remains is of the present device.
  user.devices = {{*event.device, event.changed_at, event.changed_at}};
  for (Session& session : user.sessions) session.device = event.device;
  user.sign_in.reset();
}

void evolve(User& user, const ActivationMismatched& event) {
  remember(user.activation_mismatches, event.at);
}

void evolve(User& user, const UrnExpiryReminded& event) {
  user.urn_reminders = static_cast<std::uint32_t>(event.kind) + 1;
}

void evolve(User& user, const UrnExpired&) {
  user.urn_expiry_recorded = true;
  user.sign_in.reset();
}

void evolve(User& user, const ErasureProposed& event) {
  user.erasure = Erasure{{event.proposal, event.officer, event.reason, event.proposed_at}, event.ground};
}

void evolve(User& user, const ErasureWithdrawn&) {
  user.erasure.reset();
}
void evolve(User& user, const ErasureLapsed&) {
  user.erasure.reset();
}

/// The result does not depend on whether earlier personal fields could be read, so a view rebuilt without the
/// key equals the original.
void evolve(User& user, const UserErased& event) {
  user = User{};
  user.id = event.user;
  user.erased = true;
}

}  // namespace ttp::domain
