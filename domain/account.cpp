#include "domain/account.hpp"

#include <algorithm>
#include <utility>

#include "domain/account_rules.hpp"
#include "domain/letter_text.hpp"

namespace ttp::domain {

using namespace account_rules;

namespace {

/// The refusal if there is no matched user. Attempts are limited and counted, and one answer covers every
/// mismatch.
std::optional<AccountDecision> match_refusal(const Account& account, const Facts& facts) {
  auto next = next_allowed(account.match_failures, match_tries_max, match_tries_window, facts.now);
  if (!next) next = next_allowed(account.match_failures, match_tries_a_day, days{1}, facts.now);
  if (next) return refuse(why_until(Reason::too_many_attempts, *next));
  if (facts.matched) return std::nullopt;
  return record(MemberMatchFailed{account.id, facts.caller.id, facts.now})
      .but_refuse(why(Reason::no_matching_user));
}

/// A member whose details the caller may edit: never the owner, and only the owner edits a proxy owner.
std::optional<Reason> details_refusal(const Account& account, UserId user, const Facts& facts) {
  if (const auto reason = change_refusal_for(account, Action::edit_users, facts)) return reason;
  const Member* target = account.member(user);
  if (!target) return Reason::not_a_member;
  if (target->role == Role::owner) return Reason::owner_untouchable;
  const Role own = account.member(facts.caller.id)->role;
  if (own != Role::owner && !is_lower_role(target->role)) return Reason::role_above_own;
  return std::nullopt;
}

/// A member whom the caller may suspend, remove or give another role: always of a role below the caller's.
std::optional<Reason> edit_refusal(const Account& account, UserId user, const Facts& facts) {
  if (const auto reason = details_refusal(account, user, facts)) return reason;
  const Role own = account.member(facts.caller.id)->role;
  if (!is_below(account.member(user)->role, own)) return Reason::role_above_own;
  return std::nullopt;
}

/// A suspension is lifted by a role at or above that of who imposed it.
bool may_lift(const std::optional<Role>& suspended_by, const Account& account, const Facts& facts) {
  return !suspended_by || !is_below(account.member(facts.caller.id)->role, *suspended_by);
}

/// A person whom anyone but the owner adds again does not get round the owner's reactivation.
std::uint32_t owner_generation_for(const Person& added, const Account& account, const Facts& facts) {
  const FormerMember* former = account.former_member(added.id);
  const bool was_current = !former || (former->urn_generation == added.urn_generation &&
                                       former->owner_generation == facts.owner.urn_generation);
  return was_current || facts.caller.id == account.owner() ? facts.owner.urn_generation : 0;
}

/// Confirms the new address that the programme accepted. A letter that is not posted yet would go to the old
/// one, so it is ordered again.
AccountDecision confirm_new_address(const Account& account, const Facts& facts) {
  if (!account.new_mailing_address) return refuse(Reason::already_activated);
  if (const auto reason = change_refusal(account, facts)) return refuse(*reason);
  AccountDecision decision =
      record(MailingAddressReplaced{account.id, facts.caller.id, *account.new_mailing_address});
  bool is_pending = false;
  for (const Letter& letter : account.letters) {
    if (!letter.is_pending()) continue;
    // A permit is not sent to another address than the one for which it was issued: it is dead.
    is_pending = is_pending || letter.kind != LetterKind::recovery;
    decision.and_record(LetterCancelled{account.id, letter.id});
  }
  if (is_pending) decision.and_record(order_letter(account, LetterKind::client_number, std::nullopt, facts));
  return decision;
}

std::optional<Refusal> offer_refusal(const Account& account, OfferId offer, const Facts& facts) {
  if (!account.ownership_offer || account.ownership_offer->id != offer)
    return why(Reason::ownership_offer_not_found);
  if (facts.now >= account.ownership_offer->expires_at) return why(Reason::ownership_offer_lapsed);
  return std::nullopt;
}

OwnershipTransferred transfer(const Account& account, UserId to, std::uint32_t to_generation,
                              TransferCause cause, PreviousOwner previous, const Facts& facts) {
  return {account.id,    account.owner(),        to, cause, previous, facts.owner.urn_generation,
          to_generation, facts.owner.urn_expired};
}

bool is_open(const std::optional<OwnerReassignment>& reassignment, Time now) {
  return reassignment && reassignment->proposal.is_open_at(now);
}

OwnerReassignmentEnded lapse_of(const Account& account, const OwnerReassignment& reassignment) {
  return {account.id, reassignment.proposal.id, ReassignmentEnd::lapsed, reassignment.proposal.lapses_at()};
}

bool is_open_as(const std::optional<OwnerReassignment>& reassignment, ProposalId proposal, Time now) {
  return reassignment && reassignment->proposal.is_open_as(proposal, now);
}

std::optional<Reason> desks_reassignment_refusal(const Account& account, ProposalId proposal,
                                                 const Facts& facts) {
  if (const auto reason = staff_refusal(account, StaffRole::service_desk, facts)) return reason;
  return is_open_as(account.reassignment, proposal, facts.now)
             ? std::nullopt
             : std::optional{Reason::reassignment_not_found};
}

/// A letter shows the names of the company and its address.
std::optional<Refusal> unshown(const EnrolCompany& command) {
  return LetterTexts{}
      .add_company("", command.legal_name, command.operating_names, command.mailing_address)
      .refusal();
}

std::optional<Refusal> unanswered_refusal(const EligibilityAnswers& answers) {
  std::vector<FieldFault> faults;
  for (const std::string_view member : unanswered(answers))
    faults.push_back({"/eligibility/" + std::string{member}, Reason::missing, {}});
  return why_fields(std::move(faults));
}

Member member_of(UserId user, Role role, std::uint32_t urn_generation, std::uint32_t owner_generation) {
  Member member;
  member.user = user;
  member.role = role;
  member.urn_generation = urn_generation;
  member.owner_generation = owner_generation;
  return member;
}

void remove_member(Account& account, UserId user) {
  if (const Member* member = account.member(user))
    account.former_members.push_back(
        {user, member->urn_generation, member->owner_generation, member->suspended_by});
  std::erase_if(account.members, [&](const Member& member) { return member.user == user; });
}

template <class T>
void take_change(std::optional<T>& detail, const std::optional<T>& change) {
  if (change) detail = change->empty() ? std::nullopt : change;
}

}  // namespace

// ---- shared with letters.cpp and enrolments.cpp -----------------------------------------------------------

AccountDecision account_rules::refuse(Refusal why) {
  AccountDecision decision;
  decision.refusal = std::move(why);
  return decision;
}
AccountDecision account_rules::refuse(Reason reason) {
  return refuse(why(reason));
}

void account_rules::remember(std::vector<Time>& attempts, Time at) {
  constexpr std::size_t remembered_attempts = 40;
  attempts.push_back(at);
  if (attempts.size() > remembered_attempts) attempts.erase(attempts.begin());
}

std::optional<Reason> account_rules::staff_refusal(const Account& account, StaffRole role,
                                                   const Facts& facts) {
  if (!facts.caller.has(role)) return Reason::staff_role_required;
  if (!account.exists()) return Reason::account_not_found;
  return std::nullopt;
}

std::optional<Time> account_rules::earlier(std::optional<Time> a, std::optional<Time> b) {
  if (!a || !b) return a ? a : b;
  return std::min(*a, *b);
}

// ---- permissions ------------------------------------------------------------------------------------------

const Member* Account::member(UserId user) const {
  const auto found = std::ranges::find(members, user, &Member::user);
  return found == members.end() ? nullptr : &*found;
}
const FormerMember* Account::former_member(UserId user) const {
  const auto found = std::ranges::find(former_members, user, &FormerMember::user);
  return found == former_members.end() ? nullptr : &*found;
}
Member* Account::member(UserId user) {
  return const_cast<Member*>(std::as_const(*this).member(user));
}

UserId Account::owner() const {
  const auto found = std::ranges::find(members, Role::owner, &Member::role);
  return found == members.end() ? UserId{} : found->user;
}

const Letter* Account::letter(LetterId letter_id) const {
  const auto found = std::ranges::find(letters, letter_id, &Letter::id);
  return found == letters.end() ? nullptr : &*found;
}
Letter* Account::letter(LetterId letter_id) {
  return const_cast<Letter*>(std::as_const(*this).letter(letter_id));
}

const LetterCase* Account::letter_case(CaseId case_id) const {
  const auto found = std::ranges::find(letter_cases, case_id, &LetterCase::id);
  return found == letter_cases.end() ? nullptr : &*found;
}
LetterCase* Account::letter_case(CaseId case_id) {
  return const_cast<LetterCase*>(std::as_const(*this).letter_case(case_id));
}
const LetterCase* Account::open_case_of(LetterId letter_id) const {
  const auto found = std::ranges::find_if(
      letter_cases, [&](const LetterCase& each) { return each.letter == letter_id && each.is_open(); });
  return found == letter_cases.end() ? nullptr : &*found;
}

CompanyData company_data_of(const Account& account) {
  return {account.legal_name, account.operating_names, account.lines_of_business, account.mailing_address};
}

CompanyData accepted_data_of(const Account& account) {
  CompanyData data = company_data_of(account);
  if (account.new_mailing_address) data.mailing_address = *account.new_mailing_address;
  return data;
}

std::optional<Reason> access_refusal(const Account& account, const Person& caller, const Person& owner) {
  const Member* member = account.member(caller.id);
  if (!member) return Reason::account_not_found;
  if (owner.urn_expired) return caller.id == owner.id ? Reason::urn_expired : Reason::owner_urn_expired;
  if (caller.urn_expired) return Reason::urn_expired;
  if (member->role == Role::owner) return std::nullopt;
  if (member->suspended) return Reason::member_suspended;
  if (member->urn_generation != caller.urn_generation || member->owner_generation != owner.urn_generation)
    return Reason::reactivation_required;
  return std::nullopt;
}

std::optional<Reason> permission_refusal(const Account& account, Action action, const Facts& facts) {
  if (!account.exists()) return Reason::account_not_found;
  if (const auto reason = access_refusal(account, facts.caller, facts.owner)) return reason;
  if (!may(account.member(facts.caller.id)->role, action)) return Reason::not_permitted;
  return std::nullopt;
}

std::optional<Reason> change_refusal(const Account& account, const Facts& facts) {
  if (account.stage < Stage::activated) return Reason::not_activated;
  if (account.stage < Stage::authorised) return Reason::not_authorised;
  if (account.programme_terms < facts.programme_terms) return Reason::programme_terms_outdated;
  return std::nullopt;
}

std::optional<Reason> change_refusal_for(const Account& account, Action action, const Facts& facts) {
  if (const auto reason = permission_refusal(account, action, facts)) return reason;
  return change_refusal(account, facts);
}

// ---- decide: enrolment ---------------------------------------------------------------------------

AccountDecision decide(const Account& account, const EnrolCompany& command, const Facts& facts) {
  if (account.stage != Stage::absent) return refuse(Reason::account_already_exists);
  if (!facts.caller.may_hold_account()) return refuse(Reason::staff_may_not_hold_account);
  if (facts.caller.urn_expired) return refuse(Reason::urn_expired);
  if (!command.signing_authority_attested)
    return refuse(why_field(Reason::attestation_required, "/signing_authority_attested"));
  if (auto refusal = unanswered_refusal(command.eligibility)) return refuse(*std::move(refusal));
  if (auto refusal = unshown(command)) return refuse(*std::move(refusal));
  if (facts.open_enrolments >= open_enrolments_max) return refuse(Reason::too_many_enrolments);
  const auto failed = failed_rules(command.eligibility);
  if (!failed.empty()) {
    Refusal refusal = why(Reason::not_eligible);
    for (const EligibilityRule rule : failed) refusal.details.emplace_back(to_text(rule));
    return record(EligibilityRefused{command.account, facts.caller.id, eligibility_version, failed,
                                     command.eligibility, command.business_number, command.legal_name})
        .but_refuse(std::move(refusal));
  }
  return record(CompanyEnrolled{command.account, facts.caller.id, facts.caller.urn_generation, facts.now,
                                eligibility_version, command.eligibility, command.business_number,
                                command.legal_name, command.operating_names, command.mailing_address,
                                facts.attested_words})
      .claim(Unique::business_number, command.business_number.text());
}

AccountDecision decide(const Account& account, const ChangeMailingAddress& command, const Facts& facts) {
  if (const auto reason = permission_refusal(account, Action::request_activation_code, facts))
    return refuse(*reason);
  if (account.stage >= Stage::activated) return refuse(Reason::already_activated);
  if (command.mailing_address == account.mailing_address) return {};
  if (auto refusal = LetterTexts{}.add("/mailing_address", command.mailing_address).refusal())
    return refuse(*std::move(refusal));
  // A letter to the old address must not go out, and a code that may arrive there must not work.
  AccountDecision decision;
  end_open_code(account, CodeVoidCause::address_changed, decision, facts.now);
  cancel_other_letters(account, decision);
  return decision.and_record(MailingAddressChanged{account.id, facts.caller.id, command.mailing_address});
}

AccountDecision decide(const Account& account, const ConfirmMailingAddress&, const Facts& facts) {
  if (const auto reason = permission_refusal(account, Action::request_activation_code, facts))
    return refuse(*reason);
  if (account.stage >= Stage::activated) return confirm_new_address(account, facts);
  if (account.address_confirmed) return refuse(Reason::address_already_confirmed);
  AccountDecision decision = record(MailingAddressConfirmed{account.id, facts.caller.id});
  if (account.client_number.empty()) {
    decision.and_record(ClientNumberAssigned{account.id, facts.fresh.client_number})
        .claim(Unique::client_number, facts.fresh.client_number.text());
  } else if (auto refusal = code_request_refusal(account, facts.now)) {
    return refuse(*refusal);
  }
  issue_code(account, decision, facts);
  return decision;
}

AccountDecision decide(const Account& account, const AcceptProgrammeTerms& command, const Facts& facts) {
  if (const auto reason = permission_refusal(account, Action::accept_programme_terms, facts))
    return refuse(*reason);
  if (account.stage < Stage::activated) return refuse(Reason::not_activated);
  if (command.terms_version != facts.programme_terms)
    return refuse(why_field(Reason::terms_version_outdated, "/terms_version"));
  if (account.programme_terms == facts.programme_terms) return refuse(Reason::already_authorised);
  return record(ProgrammeTermsAccepted{account.id, facts.caller.id, command.terms_version, facts.now});
}

// ---- decide: users ----------------------------------------------------------------------------------------

AccountDecision decide(const Account& account, const AddMember& command, const Facts& facts) {
  if (const auto reason = change_refusal_for(account, Action::add_users, facts)) return refuse(*reason);
  if (!is_below(command.role, account.member(facts.caller.id)->role))
    return refuse(why_field(Reason::role_above_own, "/role"));
  if (auto refusal = match_refusal(account, facts)) return *refusal;
  if (!facts.matched->may_hold_account()) return refuse(Reason::no_matching_user);
  if (account.member(facts.matched->id)) return refuse(Reason::already_member);
  const FormerMember* former = account.former_member(facts.matched->id);
  if (former && !may_lift(former->suspended_by, account, facts)) return refuse(Reason::member_suspended);
  return record(MemberAdded{account.id, facts.matched->id, command.role, facts.matched->urn_generation,
                            owner_generation_for(*facts.matched, account, facts), facts.caller.id});
}

AccountDecision decide(const Account& account, const ChangeMemberRole& command, const Facts& facts) {
  if (const auto reason = edit_refusal(account, command.user, facts)) return refuse(*reason);
  if (!is_below(command.role, account.member(facts.caller.id)->role))
    return refuse(why_field(Reason::role_above_own, "/role"));
  if (account.member(command.user)->role == command.role)
    return refuse(why_field(Reason::role_unchanged, "/role"));
  return record(MemberRoleChanged{account.id, command.user, command.role, facts.caller.id});
}

AccountDecision decide(const Account& account, const ChangeMemberDetails& command, const Facts& facts) {
  const bool own = command.user == facts.caller.id && account.member(command.user);
  const auto reason = own ? change_refusal_for(account, Action::edit_users, facts)
                          : details_refusal(account, command.user, facts);
  if (reason) return refuse(*reason);
  return record(
      MemberDetailsChanged{account.id, command.user, facts.caller.id, cleared_as_empty(command.job_title),
                           cleared_as_empty(command.work_telephone), cleared_as_empty(command.work_email)});
}

AccountDecision decide(const Account& account, const SuspendMember& command, const Facts& facts) {
  if (const auto reason = edit_refusal(account, command.user, facts)) return refuse(*reason);
  if (account.member(command.user)->suspended) return refuse(Reason::member_suspended);
  return record(MemberSuspended{account.id, command.user, facts.caller.id});
}

AccountDecision decide(const Account& account, const ReinstateMember& command, const Facts& facts) {
  if (const auto reason = edit_refusal(account, command.user, facts)) return refuse(*reason);
  const Member& member = *account.member(command.user);
  if (!member.suspended) return refuse(Reason::member_not_suspended);
  if (!may_lift(member.suspended_by, account, facts)) return refuse(Reason::role_above_own);
  return record(MemberReinstated{account.id, command.user, facts.caller.id});
}

AccountDecision decide(const Account& account, const ReactivateMember& command, const Facts& facts) {
  if (const auto reason = permission_refusal(account, Action::reactivate_users, facts))
    return refuse(*reason);
  const Member* member = account.member(command.user);
  if (!member || !facts.matched) return refuse(Reason::not_a_member);
  if (facts.matched->urn_expired) return refuse(Reason::urn_expired);
  const bool current =
      member->role == Role::owner || (member->urn_generation == facts.matched->urn_generation &&
                                      member->owner_generation == facts.owner.urn_generation);
  if (current) return refuse(Reason::not_awaiting_reactivation);
  return record(MemberReactivated{account.id, command.user, facts.matched->urn_generation,
                                  facts.owner.urn_generation, facts.caller.id});
}

AccountDecision decide(const Account& account, const RemoveMember& command, const Facts& facts) {
  const Member* member = account.member(command.user);
  const bool leaves = member && command.user == facts.caller.id && member->role != Role::owner;
  // Leaving needs no access: a member who is suspended or awaits reactivation can leave, too.
  if (leaves && facts.caller.urn_expired) return refuse(Reason::urn_expired);
  if (!leaves)
    if (const auto reason = edit_refusal(account, command.user, facts)) return refuse(*reason);
  AccountDecision decision = record(MemberRemoved{account.id, command.user, facts.caller.id});
  if (account.ownership_offer && account.ownership_offer->to == command.user)
    decision.and_record(OwnershipOfferWithdrawn{account.id, account.ownership_offer->id, facts.caller.id});
  for (const Letter& letter : account.letters)
    if (letter.is_pending() && letter.recipient == command.user)
      decision.and_record(LetterCancelled{account.id, letter.id});
  return decision;
}

// ---- decide: ownership ------------------------------------------------------------------------------------

AccountDecision decide(const Account& account, const OfferOwnership& command, const Facts& facts) {
  if (const auto reason = change_refusal_for(account, Action::transfer_ownership, facts))
    return refuse(*reason);
  if (account.ownership_offer && facts.now < account.ownership_offer->expires_at)
    return refuse(Reason::ownership_offer_open);
  if (auto refusal = match_refusal(account, facts)) return *refusal;
  if (!facts.matched->may_hold_account()) return refuse(Reason::no_matching_user);
  if (facts.matched->id == account.owner()) return refuse(Reason::already_owner);
  AccountDecision decision;
  if (account.ownership_offer)
    decision.and_record(
        OwnershipOfferLapsed{account.id, account.ownership_offer->id, account.ownership_offer->expires_at});
  return decision.and_record(OwnershipOffered{account.id, facts.fresh.offer, facts.caller.id,
                                              facts.matched->id, facts.now + ownership_offer_lifetime,
                                              command.previous_owner});
}

AccountDecision decide(const Account& account, const WithdrawOwnershipOffer& command, const Facts& facts) {
  if (const auto reason = permission_refusal(account, Action::transfer_ownership, facts))
    return refuse(*reason);
  if (auto refusal = offer_refusal(account, command.offer, facts)) return refuse(*refusal);
  return record(OwnershipOfferWithdrawn{account.id, command.offer, facts.caller.id});
}

AccountDecision decide(const Account& account, const DeclineOwnershipOffer& command, const Facts& facts) {
  if (auto refusal = offer_refusal(account, command.offer, facts)) return refuse(*refusal);
  if (facts.caller.id != account.ownership_offer->to) return refuse(Reason::ownership_offer_not_found);
  return record(OwnershipOfferDeclined{account.id, command.offer, facts.caller.id});
}

AccountDecision decide(const Account& account, const AcceptOwnership& command, const Facts& facts) {
  // A caller whom the offer does not name must not learn that it exists.
  if (!account.ownership_offer || account.ownership_offer->to != facts.caller.id)
    return refuse(Reason::ownership_offer_not_found);
  if (auto refusal = offer_refusal(account, command.offer, facts)) return refuse(*refusal);
  if (facts.caller.urn_expired) return refuse(Reason::urn_expired);
  if (facts.owner.urn_expired) return refuse(Reason::owner_urn_expired);
  if (!facts.caller.may_hold_account()) return refuse(Reason::staff_may_not_hold_account);
  const Member* member = account.member(facts.caller.id);
  if (member && member->suspended) return refuse(Reason::member_suspended);
  if (!command.signing_authority_attested)
    return refuse(why_field(Reason::attestation_required, "/signing_authority_attested"));
  AccountDecision decision;
  if (account.reassignment)
    decision.and_record(OwnerReassignmentEnded{account.id, account.reassignment->proposal.id,
                                               ReassignmentEnd::owner_changed, facts.now});
  return decision.and_record(transfer(account, facts.caller.id, facts.caller.urn_generation,
                                      TransferCause::accepted_offer, account.ownership_offer->previous_owner,
                                      facts));
}

AccountDecision decide(const Account& account, const ProposeOwnerReassignment& command, const Facts& facts) {
  if (const auto reason = staff_refusal(account, StaffRole::service_desk, facts)) return refuse(*reason);
  if (is_open(account.reassignment, facts.now)) return refuse(Reason::reassignment_open);
  if (!facts.matched) return refuse(Reason::user_not_found);
  if (!facts.matched->may_hold_account()) return refuse(Reason::staff_may_not_hold_account);
  if (facts.matched->urn_expired) return refuse(Reason::urn_expired);
  if (command.new_owner == account.owner()) return refuse(Reason::already_owner);
  AccountDecision decision;
  if (account.reassignment) decision.and_record(lapse_of(account, *account.reassignment));
  return decision.and_record(OwnerReassignmentProposed{account.id, facts.fresh.proposal, command.new_owner,
                                                       facts.caller.id, command.reason, facts.now});
}

AccountDecision decide(const Account& account, const ApproveOwnerReassignment& command, const Facts& facts) {
  if (const auto reason = desks_reassignment_refusal(account, command.proposal, facts))
    return refuse(*reason);
  if (const auto reason = approval_refusal(account.reassignment->proposal, StaffRole::service_desk, facts))
    return refuse(*reason);
  if (!facts.matched || facts.matched->urn_expired) return refuse(Reason::urn_expired);
  if (!facts.matched->may_hold_account()) return refuse(Reason::staff_may_not_hold_account);
  AccountDecision decision = record(OwnerReassignmentApproved{account.id, command.proposal, facts.caller.id});
  if (account.ownership_offer)
    decision.and_record(OwnershipOfferWithdrawn{account.id, account.ownership_offer->id, facts.caller.id});
  return decision.and_record(transfer(account, facts.matched->id, facts.matched->urn_generation,
                                      TransferCause::reassigned, PreviousOwner::leaves, facts));
}

AccountDecision decide(const Account& account, const WithdrawOwnerReassignment& command, const Facts& facts) {
  if (const auto reason = desks_reassignment_refusal(account, command.proposal, facts))
    return refuse(*reason);
  return record(OwnerReassignmentWithdrawn{account.id, command.proposal, facts.caller.id, command.reason});
}

AccountDecision decide(const Account& account, const ObjectToOwnerReassignment& command, const Facts& facts) {
  if (const auto reason = permission_refusal(account, Action::transfer_ownership, facts))
    return refuse(*reason);
  if (!is_open_as(account.reassignment, command.proposal, facts.now))
    return refuse(Reason::reassignment_not_found);
  return record(
      OwnerReassignmentEnded{account.id, command.proposal, ReassignmentEnd::owner_objected, facts.now});
}

// ---- decide: deadlines ------------------------------------------------------------------------------------

AccountDecision decide(const Account& account, const LetTimePassForAccount&, const Facts& facts) {
  AccountDecision decision;
  record_due_letters(account, decision, facts.now);
  record_due_ends(account, decision, facts.now);
  if (account.ownership_offer && facts.now >= account.ownership_offer->expires_at)
    decision.and_record(
        OwnershipOfferLapsed{account.id, account.ownership_offer->id, account.ownership_offer->expires_at});
  if (account.reassignment && !is_open(account.reassignment, facts.now))
    decision.and_record(lapse_of(account, *account.reassignment));
  return decision;
}

const Proposal* find_proposal(const Account& account, ProposalId proposal) {
  if (account.enrolment_release && account.enrolment_release->id == proposal)
    return &*account.enrolment_release;
  if (account.reassignment && account.reassignment->proposal.id == proposal)
    return &account.reassignment->proposal;
  return nullptr;
}

std::optional<Time> next_deadline(const Account& account) {
  auto next = earlier(next_letter_deadline(account), next_enrolment_deadline(account));
  if (account.ownership_offer) next = earlier(next, account.ownership_offer->expires_at);
  if (account.reassignment) next = earlier(next, account.reassignment->proposal.lapses_at());
  return next;
}

// ---- evolve -----------------------------------------------------------------------------------------------

void evolve(Account& account, const EligibilityRefused& event) {
  account.id = event.account;
}

void evolve(Account& account, const CompanyEnrolled& event) {
  account.id = event.account;
  account.stage = Stage::address_unconfirmed;
  account.business_number = event.business_number;
  account.legal_name = event.legal_name;
  account.operating_names = event.operating_names;
  account.lines_of_business = event.eligibility.lines_of_business;
  account.mailing_address = event.mailing_address;
  account.enrolled_at = event.enrolled_at;
  account.members = {member_of(event.owner, Role::owner, event.owner_generation, event.owner_generation)};
}

void evolve(Account& account, const MailingAddressChanged& event) {
  account.mailing_address = event.mailing_address;
  account.address_confirmed = false;
  // Logs of earlier releases have letters that were still pending when their address changed.
  for (Letter& letter : account.letters)
    if (letter.is_pending()) letter.address = event.mailing_address;
}

void evolve(Account& account, const MailingAddressConfirmed&) {
  account.address_confirmed = true;
}

void evolve(Account& account, const CompanyDataAccepted& event) {
  account.legal_name = event.company.legal_name;
  account.operating_names = event.company.operating_names;
  account.lines_of_business = event.company.lines_of_business;
  account.new_mailing_address.reset();
  if (event.company.mailing_address != account.mailing_address)
    account.new_mailing_address = event.company.mailing_address;
}

void evolve(Account& account, const MailingAddressReplaced& event) {
  account.mailing_address = event.mailing_address;
  account.new_mailing_address.reset();
}

void evolve(Account& account, const ClientNumberAssigned& event) {
  account.client_number = event.client_number;
  account.stage = Stage::awaiting_activation;
}

void evolve(Account& account, const ProgrammeTermsAccepted& event) {
  account.stage = Stage::authorised;
  account.programme_terms = event.terms_version;
}

void evolve(Account& account, const MemberMatchFailed& event) {
  remember(account.match_failures, event.at);
}

void evolve(Account& account, const MemberAdded& event) {
  std::erase_if(account.former_members, [&](const FormerMember& each) { return each.user == event.user; });
  account.members.push_back(member_of(event.user, event.role, event.urn_generation, event.owner_generation));
}

void evolve(Account& account, const MemberRoleChanged& event) {
  if (Member* member = account.member(event.user)) member->role = event.role;
}

void evolve(Account& account, const MemberDetailsChanged& event) {
  Member* member = account.member(event.user);
  if (!member) return;
  take_change(member->job_title, event.job_title);
  take_change(member->work_telephone, event.work_telephone);
  take_change(member->work_email, event.work_email);
}

void evolve(Account& account, const MemberSuspended& event) {
  Member* member = account.member(event.user);
  if (!member) return;
  const Member* by = account.member(event.by);
  member->suspended = true;
  member->suspended_by = by ? by->role : Role::owner;
}

void evolve(Account& account, const MemberReinstated& event) {
  Member* member = account.member(event.user);
  if (!member) return;
  member->suspended = false;
  member->suspended_by.reset();
}

void evolve(Account& account, const MemberReactivated& event) {
  Member* member = account.member(event.user);
  if (!member) return;
  member->urn_generation = event.urn_generation;
  member->owner_generation = event.owner_generation;
}

void evolve(Account& account, const MemberRemoved& event) {
  remove_member(account, event.user);
}

/// The offer that has ended joins the former ones, of which the last are kept.
static void end_offer(Account& account, OfferState state) {
  if (!account.ownership_offer) return;
  account.ownership_offer->state = state;
  if (account.former_offers.size() == former_offers_max)
    account.former_offers.erase(account.former_offers.begin());
  account.former_offers.push_back(*std::exchange(account.ownership_offer, std::nullopt));
}

void evolve(Account& account, const OwnershipOffered& event) {
  account.ownership_offer =
      OwnershipOffer{event.offer, event.to, event.expires_at, event.previous_owner, OfferState::open};
}

void evolve(Account& account, const OwnershipOfferWithdrawn&) {
  end_offer(account, OfferState::withdrawn);
}
void evolve(Account& account, const OwnershipOfferDeclined&) {
  end_offer(account, OfferState::declined);
}
void evolve(Account& account, const OwnershipOfferLapsed&) {
  end_offer(account, OfferState::lapsed);
}

void evolve(Account& account, const OwnershipTransferred& event) {
  // Members with access under the old owner's URN keep it under the new one's; members awaiting reactivation
  // still await it.
  const auto carry_over = [&](auto& member) {
    const bool current = !event.members_need_reactivation && member.owner_generation == event.from_generation;
    member.owner_generation = current ? event.to_generation : 0;
  };
  std::ranges::for_each(account.members, carry_over);
  std::ranges::for_each(account.former_members, carry_over);
  std::erase_if(account.former_members, [&](const FormerMember& each) { return each.user == event.to; });
  if (Member* previous = account.member(event.from)) {
    previous->role = Role::proxy_owner;
    previous->urn_generation = event.from_generation;
    previous->owner_generation = event.to_generation;
  }
  if (event.previous_owner == PreviousOwner::leaves) remove_member(account, event.from);
  Member* owner = account.member(event.to);
  if (!owner) owner = &account.members.emplace_back();
  owner->user = event.to;
  owner->role = Role::owner;
  owner->suspended = false;
  owner->suspended_by.reset();
  owner->urn_generation = event.to_generation;
  owner->owner_generation = event.to_generation;
  end_offer(account,
            event.cause == TransferCause::accepted_offer ? OfferState::accepted : OfferState::withdrawn);
  // Logs of earlier releases have proposals that were still open when the owner about whom they are changed.
  account.reassignment.reset();
}

void evolve(Account& account, const OwnerReassignmentProposed& event) {
  account.reassignment = OwnerReassignment{
      {event.proposal, event.officer, event.reason, event.proposed_at}, account.owner(), event.new_owner};
}

void evolve(Account& account, const OwnerReassignmentApproved&) {
  account.reassignment.reset();
}
void evolve(Account& account, const OwnerReassignmentWithdrawn&) {
  account.reassignment.reset();
}
void evolve(Account& account, const OwnerReassignmentEnded&) {
  account.reassignment.reset();
}

}  // namespace ttp::domain
