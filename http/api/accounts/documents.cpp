#include "http/api/accounts/documents.hpp"

#include <algorithm>
#include <array>

#include "http/api/staff/actions.hpp"

namespace ttp::http {
namespace {

using namespace domain;

/// Whether the caller can reactivate somebody now.
bool has_somebody_to_reactivate(const service::StateSource& states, const Account& account, Facts facts) {
  if (permission_refusal(account, Action::reactivate_users, facts)) return false;
  return std::ranges::any_of(account.members, [&](const Member& member) {
    const auto user = member.role == Role::owner ? service::Found<User>{} : states.user(member.user);
    if (!user) return false;
    facts.matched = user->state.person_at(facts.now);
    return !decide(account, ReactivateMember{account.id, member.user}, facts).refusal;
  });
}

/// Whether the draft of a profile of this kind can be saved: of any that the company has.
bool may_save(const Programme& programme, const Account& account, ProfileKind kind, Facts facts) {
  facts.if_match = SeenVersion{};
  std::vector<ProfileRef> refs;
  if (kind == ProfileKind::company) refs.push_back({kind, ""});
  if (kind == ProfileKind::application)
    for (const LineOfBusiness line : account.lines_of_business)
      refs.push_back({kind, std::string{to_text(line)}});
  if (kind == ProfileKind::security)
    for (const Profile& each : programme.profiles)
      if (each.ref.kind == kind) refs.push_back(each.ref);
  return std::ranges::any_of(refs, [&](const ProfileRef& ref) {
    return !decide(programme, account, SaveProfile{account.id, ref, {}}, facts).refusal;
  });
}

/// Whether the caller can change the role of somebody.
bool has_a_role_to_change(const Account& account, const Facts& facts) {
  return std::ranges::any_of(account.members, [&](const Member& member) {
    return std::ranges::any_of(
        std::array{Role::proxy_owner, Role::full_access, Role::administrative}, [&](Role role) {
          return !decide(account, ChangeMemberRole{account.id, member.user, role}, facts).refusal;
        });
  });
}

/// Those on an offer of the ownership and on the service desk's proposal of a new owner.
void add_ownership_actions(std::vector<OpenAction>& actions, const Account& account, const Facts& facts) {
  const auto would = [&](const auto& command) { return !decide(account, command, facts).refusal; };
  const AccountId id = account.id;
  add_action(actions, !decide(account, OfferOwnership{id, {}, {}, {}, {}}, naming_somebody(facts)).refusal,
             "offer_ownership", "POST", account_href(id), "/ownership-offers");
  if (account.ownership_offer) {
    const std::string offer = account_href(id, "/ownership-offers/" + to_text(account.ownership_offer->id));
    add_action(actions, would(WithdrawOwnershipOffer{id, account.ownership_offer->id}),
               "withdraw_ownership_offer", "DELETE", offer);
    add_action(actions, would(AcceptOwnership{id, account.ownership_offer->id, true}), "accept_ownership",
               "POST", offer, "/acceptance");
    add_action(actions, would(DeclineOwnershipOffer{id, account.ownership_offer->id}), "decline_ownership",
               "POST", offer, "/refusal");
  }
  if (account.reassignment) {
    const ProposalId proposal = account.reassignment->proposal.id;
    add_action(actions, would(ObjectToOwnerReassignment{id, proposal}), "object_to_owner_reassignment",
               "POST", account_href(id, "/owner-reassignments/" + to_text(proposal)), "/objection");
  }
}

/// The officer's actions on a member from before the portal that has no owner yet.
void add_record_actions(std::vector<OpenAction>& actions, const Account& account, const Programme& programme,
                        const Facts& facts) {
  const std::string here = "/v1/staff/accounts/" + to_text(account.id);
  add_action(actions, !decide(account, SendMemberLetterAgain{account.id, {}, {}, {}}, facts).refusal,
             "send_member_letter_again", "POST", here, "/member-letters");
  add_action(actions, !decide(programme, account, WithdrawMemberRecord{account.id, {}}, facts).refusal,
             "withdraw_member_record", "POST", here, "/member-record-withdrawals");
}

std::vector<OpenAction> account_actions(const service::StateSource& states, const Account& account,
                                        const Programme& programme, unsigned percent, const User& caller,
                                        const Facts& facts) {
  std::vector<OpenAction> actions;
  actions.reserve(24);  // about the number of actions below
  const auto may = [&](Action action) { return allowed(permission_refusal(account, action, facts)); };
  const Facts naming = naming_somebody(facts);
  Facts with_code = facts;
  with_code.secret_matches = true;
  const auto would = [&](const auto& command) { return !decide(account, command, facts).refusal; };
  const auto would_programme = [&](const auto& command) {
    return !decide(programme, account, command, facts).refusal;
  };
  const AccountId id = account.id;
  const std::string here = account_href(id);

  add_action(actions, would(ChangeMailingAddress{id, account.mailing_address}), "change_mailing_address",
             "PUT", here, "/mailing-address");
  add_action(actions, would(ConfirmMailingAddress{id}), "confirm_mailing_address", "POST", here,
             "/address-confirmations");
  add_action(actions, would(RequestActivationCode{id}), "request_activation_code", "POST", here,
             "/activation-codes");
  add_action(actions, !decide(account, ActivateAccount{id, account.client_number, {}}, with_code).refusal,
             "activate", "POST", "/v1/activations");
  add_action(actions, would(AcceptProgrammeTerms{id, facts.programme_terms}), "accept_programme_terms",
             "POST", here, "/terms");
  const auto may_report = [&](const Letter& letter) { return would(ReportLetterMissing{id, letter.id}); };
  add_action(actions, std::ranges::any_of(account.letters, may_report), "report_letter_missing", "POST", here,
             "/letter-reports");
  add_action(actions, would(RequestClientNumberLetter{id}), "request_client_number_letter", "POST", here,
             "/client-number-letters");
  add_action(actions, would(WithdrawEnrolment{id}), "withdraw_enrolment", "DELETE", here);
  add_action(actions, may(Action::view_users), "view_users", "GET", here, "/members");
  add_action(actions, !decide(account, AddMember{id, {}, {}, {}, Role::administrative}, naming).refusal,
             "add_users", "POST", here, "/members");
  add_action(actions, has_a_role_to_change(account, facts), "edit_users", "PUT", here,
             "/members/{user}/role");
  add_action(actions, has_somebody_to_reactivate(states, account, facts), "reactivate_users", "POST", here,
             "/members/{user}/reactivation");
  add_action(actions, may_save(programme, account, ProfileKind::company, facts), "update_company_profile",
             "PUT", here, "/profiles/company");
  add_action(actions, may_save(programme, account, ProfileKind::application, facts),
             "update_application_profile", "PUT", here, "/profiles/application/{line}");
  add_action(actions, may_save(programme, account, ProfileKind::security, facts), "update_security_profile",
             "PUT", here, "/profiles/security/{site}");
  add_action(actions,
             would_programme(AddSecurityProfile{id, SiteKey::stored("a-site"), SiteName::stored("A")}),
             "add_site", "POST", here, "/profiles/security");
  add_action(actions, may(Action::view_membership), "view_membership", "GET", here, "/membership");
  add_action(actions, allowed(submission_refusal(programme, account, percent, facts)), "submit", "POST", here,
             "/submissions");
  add_action(actions, would_programme(ConfirmDetails{id}), "confirm_details", "POST", here,
             "/detail-confirmations");
  add_ownership_actions(actions, account, facts);
  add_record_actions(actions, account, programme, facts);
  add_action(actions, would(RemoveMember{id, caller.id}), "leave", "DELETE", here,
             "/members/" + to_text(caller.id));
  add_desk_actions(actions, account, facts);
  return actions;
}

/// Whether the reader is told of a proposal to make somebody else the owner.
bool is_told_of_reassignment(const Account& account, const Person& reader) {
  const Member* member = account.member(reader.id);
  return reader.has(StaffRole::service_desk) ||
         (member && (member->role == Role::owner || member->role == Role::proxy_owner));
}

}  // namespace

LetterDocument letter_document_of(const Account& account, const Letter& letter, const Facts& facts) {
  LetterDocument document;
  document.id = letter.id;
  document.account_id = account.id;
  document.kind = letter.kind;
  document.state = letter.state;
  document.recipient_id = letter.recipient;
  document.ordered_at = letter.ordered_at;
  document.due_at = letter.due_at;
  document.overdue = letter.overdue && letter.is_pending();
  document.arrival_asked = letter.arrival_asked && is_awaited(account, letter);
  document.posted_at = letter.posted_at;
  document.arrived_at = letter.arrived_at;
  document.registered_mail_number = letter.registered_mail_number;
  if (const LetterCase* open = account.open_case_of(letter.id)) document.letter_case_id = open->id;
  const auto would = [&](const auto& command) { return !decide(account, command, facts).refusal; };
  auto& actions = document.actions;
  const AccountId id = account.id;
  const std::string here = account_href(id, "/letters/" + to_text(letter.id));
  add_action(actions, would(ReportLetterMissing{id, letter.id}), "report_letter_missing", "POST",
             account_href(id, "/letter-reports"));
  add_action(actions, would(ConfirmLetterArrival{id, letter.id}), "confirm_letter_arrival", "POST", here,
             "/arrival");
  const std::string staff_here = "/v1/staff/letters/" + to_text(letter.id);
  const bool prints = would(RecordLetterPrinted{id, letter.id});
  add_action(actions, prints, "view_letter_document", "GET", staff_here, "/document");
  add_action(actions, prints, "record_letter_printing", "POST", staff_here, "/printing");
  add_action(actions, would(RecordLetterPosted{id, letter.id, {}}), "record_letter_posting", "POST",
             staff_here, "/posting");
  add_action(actions, would(CorrectRegisteredMailNumber{id, letter.id, {}, {}}),
             "correct_registered_mail_number", "PUT", staff_here, "/registered-mail-number");
  add_action(actions, would(RecordLetterArrived{id, letter.id}), "record_letter_arrival", "POST", staff_here,
             "/arrival");
  add_action(actions, would(RecordLetterReturned{id, letter.id, {}}), "record_letter_return", "POST",
             staff_here, "/return");
  return document;
}

LetterCaseDocument letter_case_document(const Account& account, const LetterCase& letter_case) {
  return {letter_case.id,        account.id,
          letter_case.letter,    letter_case.opened_by,
          letter_case.opened_at, letter_case.resolution,
          letter_case.reason,    letter_case.resolved_at};
}

std::vector<OfferDocument> offer_documents(const Account& account) {
  std::vector<OfferDocument> documents;
  const auto add = [&](const OwnershipOffer& offer) {
    documents.push_back(
        {offer.id, account.id, offer.to, offer.expires_at, offer.previous_owner, offer.state});
  };
  for (const OwnershipOffer& each : account.former_offers) add(each);
  if (account.ownership_offer) add(*account.ownership_offer);
  return documents;
}

AccountDocument account_document(const service::StateSource& states, const Account& account,
                                 const User& caller) {
  const Facts facts = facts_about(states, account, caller);
  const auto found = states.programme(account.id);
  const Programme& programme = found->state;
  AccountDocument document;
  document.id = account.id;
  document.stage = account.stage;
  document.business_number = known(account.business_number);
  document.legal_name = known(account.legal_name);
  document.operating_names = account.operating_names;
  document.lines_of_business = account.lines_of_business;
  if (!account.mailing_address.line1.empty()) document.mailing_address = account.mailing_address;
  document.address_confirmed = account.address_confirmed;
  document.mailing_address_to_confirm = account.new_mailing_address;
  if (account.stage >= Stage::activated) document.client_number = account.client_number;
  document.enrolled_at = account.enrolled_at;
  document.activated_at = account.activated_at;
  document.ended_at = account.ended_at;
  if (account.code) {
    const bool expired = account.code->state == CodeState::open && facts.now >= account.code->expires_at;
    document.activation_code =
        CodeDocument{expired ? CodeState::expired : account.code->state, account.code->issued_at,
                     account.code->expires_at, activation_tries_per_code - account.code->tries};
  }
  for (const Letter& letter : account.letters)
    document.letters.push_back(letter_document_of(account, letter, facts));
  for (const LetterCase& each : account.letter_cases) {
    if (each.is_open() && !document.open_letter_case_id) document.open_letter_case_id = each.id;
    document.letter_cases.push_back(letter_case_document(account, each));
  }
  if (account.enrolment_release)
    document.enrolment_release = enrolment_release_document(states, account, facts);
  if (account.reassignment && is_told_of_reassignment(account, facts.caller))
    document.owner_reassignment = owner_reassignment_document(states, account, facts);
  document.programme_terms_accepted = account.programme_terms;
  document.programme_terms_in_force = facts.programme_terms;
  if (account.owner() != UserId{}) document.owner_id = account.owner();
  if (const Member* member = account.member(caller.id)) document.role = member->role;
  if (account.ownership_offer) document.ownership_offer = offer_documents(account).back();
  document.membership_status = programme.status;
  document.profiles_percent = total_percent(account, programme);
  document.actions = account_actions(states, account, programme, document.profiles_percent, caller, facts);
  return document;
}

std::vector<MemberDocument> member_documents(const service::StateSource& states, const Account& account,
                                             const User& caller) {
  const Facts facts = facts_about(states, account, caller);
  std::vector<MemberDocument> documents;
  for (const Member& member : account.members) {
    const auto user = states.user(member.user);
    if (!user) continue;
    const Person person = user->state.person_at(facts.now);
    MemberDocument& document = documents.emplace_back();
    document.id = member.user;
    document.user_id = member.user;
    document.account_id = account.id;
    document.role = member.role;
    document.family_name = known(user->state.family_name);
    document.given_names = known(user->state.given_names);
    document.email = known(as_people_write(user->state.email));
    document.telephone = known(user->state.telephone);
    document.job_title = member.job_title;
    document.work_telephone = member.work_telephone;
    if (member.work_email) document.work_email = as_people_write(*member.work_email);
    document.suspended = member.suspended;
    document.urn_expired = person.urn_expired;
    if (user->state.mail_trouble) document.mail_became_unreachable_at = user->state.mail_trouble->since;
    document.reactivation_required =
        member.role != Role::owner && (member.urn_generation != person.urn_generation ||
                                       member.owner_generation != facts.owner.urn_generation);
    const std::string at = account_href(account.id, "/members/" + to_text(member.user));
    const auto would = [&](const auto& command) { return !decide(account, command, facts).refusal; };
    Facts about_member = facts;
    about_member.matched = person;
    auto& actions = document.actions;
    add_action(actions, would(ChangeMemberDetails{account.id, member.user, {}, {}, {}}), "change_details",
               "PATCH", at);
    for (const Role role : {Role::proxy_owner, Role::full_access, Role::administrative})
      add_action(actions, would(ChangeMemberRole{account.id, member.user, role}),
                 "change_role_to_" + std::string{to_text(role)}, "PUT", at, "/role");
    add_action(actions, would(SuspendMember{account.id, member.user}), "suspend", "POST", at, "/suspension");
    add_action(actions, would(ReinstateMember{account.id, member.user}), "reinstate", "DELETE", at,
               "/suspension");
    add_action(actions, !decide(account, ReactivateMember{account.id, member.user}, about_member).refusal,
               "reactivate", "POST", at, "/reactivation");
    add_action(actions, would(RemoveMember{account.id, member.user}), "remove", "DELETE", at);
  }
  return documents;
}

}  // namespace ttp::http
