#include "http/api/signing_in/documents.hpp"

#include <algorithm>

#include "http/api/staff/recoveries.hpp"

namespace ttp::http {

using namespace domain;

namespace {

/// The seed's three ways for a user without an account. They stay open to consultants who belong to other
/// accounts.
void add_company_actions(UserDocument& document, const User& user, Time now) {
  const Person person = user.person_at(now);
  const bool company_user = person.may_hold_account() && !person.urn_expired;
  const auto open_enrolments = std::ranges::count_if(document.accounts, [](const AccountSummary& each) {
    return each.role == Role::owner && each.stage < Stage::activated;
  });
  add_action(document.actions,
             company_user && static_cast<std::size_t>(open_enrolments) < open_enrolments_max, "enrol_company",
             "POST", "/v1/accounts");
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
}

}  // namespace

UserDocument user_document(const service::StateSource& states, const User& user, bool own) {
  UserDocument document;
  document.id = user.id;
  if (!user.user_name.empty()) document.user_name = user.user_name;
  document.credential_kind = user.credential_kind;
  document.family_name = known(user.family_name);
  document.given_names = known(user.given_names);
  document.email = known(as_people_write(user.email));
  if (user.recovery_proposal)
    document.recovery_id = user.recovery_proposal->proposal.id;
  else if (user.recovery_permit)
    document.recovery_id = user.recovery_permit->proposal.id;
  if (user.email_change) document.pending_email = as_people_write(user.email_change->email);
  document.telephone = known(user.telephone);
  document.language = user.language;
  document.urn = known(user.urn);
  document.urn_expires_at = user.urn_expires_at();
  document.urn_expired = user.urn_expired_at(states.now());
  document.mail_factor_enrolled = user.mail_factor_terms > 0;
  document.locked = user.has_lock();
  document.erased = user.erased;
  document.last_signed_in_at = user.last_signed_in_at;
  if (user.mail_trouble) document.mail_became_unreachable_at = user.mail_trouble->since;
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
  add_company_actions(document, user, states.now());
  if (user.email_change)
    document.pending_email_request_word = service::request_word(user.email_change->code.code);
  add_action(document.actions, true, "change_contact_details", "PATCH", "/v1/user/contact-details");
  add_action(document.actions, true, "change_email", "POST", "/v1/user/email-changes");
  add_action(document.actions, user.email_change.has_value(), "confirm_email", "POST",
             "/v1/user/email-changes/confirmation");
  add_action(document.actions, user.credential_kind == CredentialKind::gckey, "change_password", "POST",
             "/v1/user/password");
  add_objection(document.actions, user, states.now());
  add_action(document.actions, user.staff_roles.contains(StaffRole::programme_officer), "record_member",
             "POST", "/v1/staff/members");
  add_action(document.actions, true, "sign_out", "DELETE", "/v1/session");
  add_action(document.actions, true, "end_other_sessions", "DELETE", "/v1/sessions");
  for (const OfferSummary& offer : document.ownership_offers) {
    const auto account = states.account(offer.account_id);
    if (!account) continue;
    const Facts facts = facts_about(states, account->state, user);
    const auto would = [&](const auto& command) { return !decide(account->state, command, facts).refusal; };
    const std::string here = account_href(offer.account_id, "/ownership-offers/" + to_text(offer.id));
    add_action(document.actions, would(AcceptOwnership{offer.account_id, offer.id, true}), "accept_ownership",
               "POST", here, "/acceptance");
    add_action(document.actions, would(DeclineOwnershipOffer{offer.account_id, offer.id}),
               "decline_ownership", "POST", here, "/refusal");
  }
  return document;
}

}  // namespace ttp::http
