#include "http/api/documents.hpp"

#include <algorithm>

#include "domain/business_days.hpp"
#include "events/codec.hpp"
#include "events/event.hpp"

namespace ttp::http {
namespace {

/// A personal text, unless it was erased or is not for the reader.
template <class T>
std::optional<T> known(const T& text) {
  return text.empty() ? std::nullopt : std::optional{text};
}

using namespace domain;

std::string account_href(AccountId account, std::string_view rest = "") {
  return "/v1/accounts/" + to_text(account) + std::string{rest};
}

/// Where it is open. Its address comes in two parts, because most actions are closed and need none.
void add_action(std::vector<OpenAction>& actions, bool open, std::string_view name, std::string_view method,
                std::string_view at, std::string_view rest = "") {
  if (open) actions.push_back({std::string{name}, std::string{method}, std::string{at}.append(rest)});
}

/// What the three lists of actions ask again and again: is this allowed now?
bool allowed(const std::optional<Reason>& refusal) {
  return !refusal.has_value();
}

LetterDocument letter_document_of(const Letter& letter) {
  return {letter.id,     letter.kind,    letter.state,     letter.ordered_at,
          letter.due_at, letter.overdue, letter.posted_at, letter.registered_mail_number};
}

std::vector<OpenAction> account_actions(const Account& account, const Programme& programme, unsigned percent,
                                        const User& caller, const Facts& facts) {
  std::vector<OpenAction> actions;
  actions.reserve(24);  // not many more than there are
  const auto may = [&](Action action) { return allowed(permission_refusal(account, action, facts)); };
  const bool changeable = allowed(change_refusal(account, facts));
  const bool waits = account.stage < Stage::activated;
  const auto would = [&](const auto& command) { return !decide(account, command, facts).refusal; };
  const auto would_programme = [&](const auto& command) {
    return !decide(programme, account, command, facts).refusal;
  };
  const AccountId id = account.id;
  const std::string here = account_href(id);

  add_action(actions, waits && may(Action::request_activation_code), "change_mailing_address", "PUT", here,
             "/mailing-address");
  add_action(actions, would(ConfirmMailingAddress{id}), "confirm_mailing_address", "POST", here,
             "/address-confirmations");
  add_action(actions, would(RequestActivationCode{id}), "request_activation_code", "POST", here,
             "/activation-codes");
  add_action(actions,
             waits && may(Action::activate_account) && account.code &&
                 account.code->state == CodeState::open && facts.now < account.code->expires_at,
             "activate", "POST", "/v1/activations");
  add_action(actions, would(AcceptProgrammeTerms{id, facts.programme_terms}), "accept_programme_terms",
             "POST", here, "/terms");
  add_action(actions, would(ReportLetterMissing{id}), "report_letter_missing", "POST", here,
             "/letter-reports");
  add_action(actions, would(RequestClientNumberLetter{id}), "request_client_number_letter", "POST", here,
             "/client-number-letters");
  add_action(actions, may(Action::view_users), "view_users", "GET", here, "/members");
  add_action(actions, changeable && may(Action::add_users), "add_users", "POST", here, "/members");
  add_action(actions, changeable && may(Action::edit_users), "edit_users", "PUT", here,
             "/members/{user}/role");
  add_action(actions, may(Action::reactivate_users), "reactivate_users", "POST", here,
             "/members/{user}/reactivation");
  add_action(actions, changeable && may(Action::update_company_profile), "update_company_profile", "PUT",
             here, "/profiles/company");
  add_action(actions, changeable && may(Action::update_application_profile), "update_application_profile",
             "PUT", here, "/profiles/application/{line}");
  add_action(actions, changeable && may(Action::update_security_profile), "update_security_profile", "PUT",
             here, "/profiles/security/{site}");
  add_action(actions, may(Action::view_membership), "view_membership", "GET", here, "/membership");
  add_action(actions, allowed(submission_refusal(programme, account, percent, facts)), "submit", "POST", here,
             "/submissions");
  add_action(actions, would_programme(ConfirmDetails{id}), "confirm_details", "POST", here,
             "/detail-confirmations");
  add_action(actions, changeable && may(Action::transfer_ownership) && !account.ownership_offer,
             "offer_ownership", "POST", here, "/ownership-offers");
  if (account.ownership_offer) {
    const std::string offer = account_href(id, "/ownership-offers/" + to_text(account.ownership_offer->id));
    add_action(actions, would(WithdrawOwnershipOffer{id, account.ownership_offer->id}),
               "withdraw_ownership_offer", "DELETE", offer);
    add_action(actions, would(AcceptOwnership{id, account.ownership_offer->id, true}), "accept_ownership",
               "POST", offer, "/acceptance");
    add_action(actions, account.ownership_offer->to == caller.id, "decline_ownership", "POST", offer,
               "/refusal");
  }
  add_action(actions, would(RemoveMember{id, caller.id}), "leave", "DELETE", here,
             "/members/" + to_text(caller.id));
  return actions;
}

}  // namespace

Facts facts_about(const service::StateSource& states, const Account& account, const User& caller) {
  Facts facts;
  facts.now = states.now();
  facts.caller = caller.person_at(facts.now);
  if (const auto owner = states.user(account.owner())) facts.owner = owner->state.person_at(facts.now);
  const Date today = local_date(facts.now);
  facts.portal_terms = in_force(Terms::portal, today).version;
  facts.mail_factor_terms = in_force(Terms::mail_factor, today).version;
  facts.programme_terms = in_force(Terms::programme, today).version;
  return facts;
}

UserDocument user_document(const service::StateSource& states, const User& user, bool own) {
  UserDocument document;
  document.id = user.id;
  if (!user.user_name.empty()) document.user_name = user.user_name;
  document.credential_kind = user.credential_kind;
  document.family_name = known(user.family_name);
  document.given_names = known(user.given_names);
  document.email = known(user.email);
  if (user.email_change) document.pending_email = user.email_change->email;
  document.telephone = known(user.telephone);
  document.language = user.language;
  document.urn = known(user.urn);
  document.urn_expires_at = user.urn_expires_at();
  document.urn_expired = user.urn_expired_at(states.now());
  document.mail_factor_enrolled = user.mail_factor_terms > 0;
  document.locked = user.locked;
  document.erased = user.erased;
  document.last_signed_in_at = user.last_signed_in_at;
  document.staff_roles.assign(user.staff_roles.begin(), user.staff_roles.end());
  for (const auto& membership : states.memberships(user.id)) {
    const auto account = states.account(membership.account);
    if (!account) continue;
    const Facts facts = facts_about(states, account->state, user);
    const auto refusal = access_refusal(account->state, facts.caller, facts.owner);
    document.accounts.push_back({membership.account, known(account->state.legal_name), account->state.stage,
                                 membership.role,
                                 refusal ? std::optional{std::string{to_text(*refusal)}} : std::nullopt});
  }
  for (const auto& pending : states.offers_to(user.id)) {
    const auto account = states.account(pending.account);
    if (account && account->state.ownership_offer)
      document.ownership_offers.push_back({pending.offer, pending.account, known(account->state.legal_name),
                                           account->state.ownership_offer->expires_at});
  }
  if (!own) return document;
  // The seed's three ways for a user who has no account yet; they stay open to consultants who belong to
  // others.
  const bool company_user = !user.is_staff();
  add_action(document.actions, company_user, "enrol_company", "POST", "/v1/accounts");
  add_action(document.actions, company_user, "activate_company", "POST", "/v1/activations");
  const auto awaits_code = [](const AccountSummary& each) {
    return each.role == Role::owner && each.stage == Stage::awaiting_activation && !each.access_refused;
  };
  const auto waiting = std::ranges::find_if(document.accounts, awaits_code);
  add_action(document.actions,
             company_user && (document.accounts.empty() || waiting != document.accounts.end()),
             "request_new_activation_code", "POST",
             waiting == document.accounts.end() ? "/v1/accounts/{account}/activation-codes"
                                                : account_href(waiting->id, "/activation-codes"));
  add_action(document.actions, true, "change_contact_details", "PATCH", "/v1/user/contact-details");
  add_action(document.actions, true, "change_email", "POST", "/v1/user/email-changes");
  add_action(document.actions, user.email_change.has_value(), "confirm_email", "POST",
             "/v1/user/email-changes/confirmation");
  add_action(document.actions, user.credential_kind == CredentialKind::gckey, "change_password", "POST",
             "/v1/user/password");
  add_action(document.actions, true, "sign_out", "DELETE", "/v1/session");
  for (const OfferSummary& offer : document.ownership_offers)
    add_action(document.actions, true, "accept_ownership", "POST",
               account_href(offer.account, "/ownership-offers/" + to_text(offer.id) + "/acceptance"));
  return document;
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
  if (account.stage >= Stage::activated) document.client_number = account.client_number;
  document.enrolled_at = account.enrolled_at;
  document.activated_at = account.activated_at;
  if (account.code) {
    const bool expired = account.code->state == CodeState::open && facts.now >= account.code->expires_at;
    document.activation_code =
        CodeDocument{expired ? CodeState::expired : account.code->state, account.code->issued_at,
                     account.code->expires_at, activation_tries_per_code - account.code->tries};
  }
  for (const Letter& letter : account.letters) document.letters.push_back(letter_document_of(letter));
  if (account.open_case) document.letter_case = account.open_case->id;
  document.programme_terms_accepted = account.programme_terms;
  document.programme_terms_in_force = facts.programme_terms;
  document.owner = account.owner();
  if (const Member* member = account.member(caller.id)) document.role = member->role;
  if (account.ownership_offer)
    document.ownership_offer =
        OfferDocument{account.ownership_offer->id, account.ownership_offer->to,
                      account.ownership_offer->expires_at, account.ownership_offer->previous_owner};
  document.membership_status = programme.status;
  document.profiles_percent = total_percent(account, programme);
  document.actions = account_actions(account, programme, document.profiles_percent, caller, facts);
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
    document.user = member.user;
    document.role = member.role;
    document.family_name = known(user->state.family_name);
    document.given_names = known(user->state.given_names);
    document.email = known(user->state.email);
    document.telephone = known(user->state.telephone);
    document.job_title = member.job_title;
    document.work_telephone = member.work_telephone;
    document.work_email = member.work_email;
    document.suspended = member.suspended;
    document.urn_expired = person.urn_expired;
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

std::vector<ProfileDocument> profile_documents(const Account& account, const Programme& programme) {
  std::vector<ProfileDocument> documents;
  for (const ProfileProgress& row : progress(account, programme)) {
    const Profile* profile = programme.profile(row.ref);
    documents.push_back(
        {row.ref.kind, row.ref.key, row.percent, row.missing, profile ? profile->answers : Answers{}});
  }
  return documents;
}

std::vector<SubmissionDocument> submission_documents(const Programme& programme) {
  std::vector<SubmissionDocument> documents;
  for (const Submission& each : programme.submissions)
    documents.push_back({each.id, each.kind, each.state, each.submitted_at, each.remarks});
  return documents;
}

MembershipDocument membership_document(const service::StateSource& states, const Account& account,
                                       const Programme& programme, const User& caller) {
  const Facts facts = facts_about(states, account, caller);
  MembershipDocument document;
  document.account = account.id;
  document.status = programme.status;
  document.member_since = programme.member_since;
  document.refusal_effective_at = programme.refusal_effective_at;
  document.informal_review_open = programme.informal_review_open_since.has_value();
  document.cancelled_at = programme.cancelled_at;
  if (programme.cancelled_at) document.appeal_until = *programme.cancelled_at + appeal_window;
  document.appeal_open = programme.appeal_open_since.has_value();
  document.details_confirmed_at = programme.details_confirmed_at;
  document.confirmation_overdue = programme.confirmation_overdue;
  document.revalidation_due_at = programme.revalidation_due_at;
  document.revalidation_overdue = programme.revalidation_overdue;
  document.profiles_percent = total_percent(account, programme);
  const auto would = [&](const auto& command) { return !decide(programme, account, command, facts).refusal; };
  const auto at = [&](std::string_view rest) { return account_href(account.id, rest); };
  add_action(document.actions,
             allowed(submission_refusal(programme, account, document.profiles_percent, facts)), "submit",
             "POST", at("/submissions"));
  add_action(document.actions, would(ConfirmDetails{account.id}), "confirm_details", "POST",
             at("/detail-confirmations"));
  add_action(document.actions, would(RequestInformalReview{account.id, {}}), "request_informal_review",
             "POST", at("/informal-reviews"));
  add_action(document.actions, would(AppealCancellation{account.id, {}}), "appeal", "POST", at("/appeals"));
  return document;
}

EventDocument event_document(const events::Recorded& recorded, bool with_personal) {
  static constexpr std::string_view kinds[] = {"system", "user", "staff", "tool"};
  EventDocument document;
  document.position = recorded.position;
  document.stream = recorded.envelope.stream;
  document.version = recorded.version;
  document.type = recorded.envelope.type;
  document.schema_version = recorded.envelope.schema_version;
  document.recorded_at = recorded.envelope.recorded_at;
  document.actor_kind = kinds[static_cast<std::size_t>(recorded.envelope.actor.kind)];
  if (!recorded.envelope.actor.id.is_nil()) document.actor = UserId{recorded.envelope.actor.id};
  document.data.json =
      with_personal ? events::event_to_json(recorded.event) : events::open_fields_to_json(recorded.event);
  return document;
}

}  // namespace ttp::http
