// SPEC section 4, written again by hand: compared with the table, and tested with real commands.
#include "domain/permissions.hpp"

#include <algorithm>
#include <functional>
#include <vector>

#include <gtest/gtest.h>

#include "domain/given_when_then.hpp"

namespace ttp::domain::tests {
namespace {

struct Row {
  Action action;
  std::string_view owner, proxy_owner, full_access, administrative;

  bool says_yes(Role role) const {
    return std::array{owner, proxy_owner, full_access, administrative}[static_cast<std::size_t>(role)] ==
           "yes";
  }
};

// clang-format off
constexpr Row rows[] = {
    // action                              owner  proxy  full   administrative
    {Action::view_users,                   "yes", "yes", "yes", "yes"},
    {Action::edit_users,                   "yes", "yes", "yes", "yes"},
    {Action::add_users,                    "yes", "yes", "yes", "no"},
    {Action::update_company_profile,       "yes", "yes", "yes", "yes"},
    {Action::update_application_profile,   "yes", "yes", "yes", "no"},
    {Action::update_security_profile,      "yes", "yes", "yes", "no"},
    {Action::view_membership,              "yes", "yes", "yes", "yes"},
    {Action::submit_changes,               "yes", "no",  "no",  "no"},
    {Action::transfer_ownership,           "yes", "no",  "no",  "no"},
    // "Also only the owner"
    {Action::activate_account,             "yes", "no",  "no",  "no"},
    {Action::accept_programme_terms,       "yes", "no",  "no",  "no"},
    {Action::request_activation_code,      "yes", "no",  "no",  "no"},
    {Action::reactivate_users,             "yes", "no",  "no",  "no"},
};
// clang-format on

const Person& member_with(Role role) {
  switch (role) {
    case Role::owner:
      return owner;
    case Role::proxy_owner:
      return proxy;
    case Role::full_access:
      return full;
    case Role::administrative:
      return admin;
  }
  std::abort();
}

template <class Action>
void for_each_role(const Action& action) {
  for (const Role role : {Role::owner, Role::proxy_owner, Role::full_access, Role::administrative})
    action(role);
}

TEST(PermissionTable, equals_the_specification) {
  for (const Row& row : rows)
    for_each_role([&](Role role) {
      EXPECT_EQ(may(role, row.action), row.says_yes(role)) << to_text(role) << ' ' << to_text(row.action);
    });
}

TEST(PermissionTable, has_one_row_per_action_in_the_order_of_the_enumerators) {
  ASSERT_EQ(permissions.size(), std::size(rows));
  ASSERT_EQ(enum_names<Action>.size(), std::size(rows));
  for (std::size_t i = 0; i < permissions.size(); ++i) {
    EXPECT_EQ(static_cast<std::size_t>(permissions[i].action), i);
    EXPECT_EQ(permissions[i].action, rows[i].action);
  }
}

TEST(PermissionTable, ranks_the_roles_and_calls_the_two_last_the_lower_ones) {
  for_each_role(
      [](Role role) { for_each_role([&](Role other) { EXPECT_EQ(is_below(role, other), role > other); }); });
  EXPECT_FALSE(is_lower_role(Role::owner));
  EXPECT_FALSE(is_lower_role(Role::proxy_owner));
  EXPECT_TRUE(is_lower_role(Role::full_access));
  EXPECT_TRUE(is_lower_role(Role::administrative));
}

// ---- the table, with real commands ------------------------------------------------------------------------

/// An account with a site, a member of each role and one more administrative user. Every member may edit this
/// user's details, but only a higher role may do more.
const Person edited{id<UserId>(7), 1};
Story busy_account() {
  return given(with_members, MemberAdded{company, edited.id, Role::administrative, 1, 1, owner.id},
               SecurityProfileAdded{company, owner.id, example<SiteKey>(), example<SiteName>()});
}

std::optional<Reason> reason_of(const std::optional<Refusal>& refusal) {
  return refusal ? std::optional{refusal->reason} : std::nullopt;
}

struct Trial {
  Action action;
  std::string_view command;
  /// The command's result when the caller's role allows it.
  std::optional<Reason> otherwise;
  std::function<std::optional<Reason>(const Story&, const Facts&)> refusal;
  bool needs_a_higher_role = false;  ///< than the edited member's
};

template <class Command>
Trial trial(Action action, const Command& command, std::optional<Reason> otherwise = std::nullopt) {
  return {action, typeid(Command).name(), otherwise, [command](const Story& story, const Facts& facts) {
            return reason_of(story.decided(command, facts).refusal);
          }};
}

template <class Command>
Trial higher(Action action, const Command& command, std::optional<Reason> otherwise = std::nullopt) {
  Trial made = trial(action, command, otherwise);
  made.needs_a_higher_role = true;
  return made;
}

Trial look(Action action) {
  return {action, "a look", std::nullopt, [action](const Story& story, const Facts& facts) {
            return permission_refusal(story.account, action, facts);
          }};
}

const std::vector<Trial>& trials() {
  const ProfileRef company_profile{ProfileKind::company, ""};
  const ProfileRef importer_profile{ProfileKind::application, "importer"};
  const ProfileRef site_profile{ProfileKind::security, example<SiteKey>().text()};
  static const std::vector<Trial> all{
      look(Action::view_users),
      higher(Action::edit_users, SuspendMember{company, edited.id}),
      higher(Action::edit_users, ReinstateMember{company, edited.id}, Reason::member_not_suspended),
      higher(Action::edit_users, RemoveMember{company, edited.id}),
      trial(Action::edit_users, ChangeMemberDetails{company, edited.id, example<Title>(), {}, {}}),
      trial(Action::add_users, AddMember{company, example<FamilyName>(), example<Urn>(),
                                         example<EmailAddress>(), Role::administrative}),
      trial(Action::update_company_profile, SaveProfile{company, company_profile, {}}),
      trial(Action::update_application_profile, SaveProfile{company, importer_profile, {}}),
      trial(Action::update_security_profile, SaveProfile{company, site_profile, {}}),
      trial(Action::update_company_profile, ChangeProfile{company, company_profile}),
      trial(Action::update_application_profile, ChangeProfile{company, importer_profile}),
      trial(Action::update_security_profile, ChangeProfile{company, site_profile}),
      trial(Action::update_security_profile,
            AddSecurityProfile{company, text<SiteKey>("another-site"), example<SiteName>()}),
      trial(Action::update_security_profile, RemoveSecurityProfile{company, example<SiteKey>()}),
      look(Action::view_membership),
      trial(Action::submit_changes, Submit{company}, Reason::profiles_incomplete),
      trial(Action::submit_changes, ConfirmDetails{company}, Reason::membership_status_differs),
      trial(Action::submit_changes, RequestInformalReview{company, because}, Reason::informal_review_closed),
      trial(Action::submit_changes, AppealCancellation{company, because}, Reason::membership_status_differs),
      trial(Action::transfer_ownership, OfferOwnership{company, example<FamilyName>(), example<Urn>(),
                                                       example<EmailAddress>(), PreviousOwner::leaves}),
      trial(Action::transfer_ownership, WithdrawOwnershipOffer{company, new_offer},
            Reason::ownership_offer_not_found),
      trial(Action::activate_account, ActivateAccount{company, client_number, example<ActivationCode>()},
            Reason::already_activated),
      trial(Action::accept_programme_terms, AcceptProgrammeTerms{company, 1}, Reason::already_authorised),
      trial(Action::request_activation_code, RequestActivationCode{company}, Reason::already_activated),
      trial(Action::request_activation_code, ConfirmMailingAddress{company}, Reason::already_activated),
      trial(Action::request_activation_code, ChangeMailingAddress{company, example_address()},
            Reason::already_activated),
      trial(Action::reactivate_users, ReactivateMember{company, edited.id},
            Reason::not_awaiting_reactivation),
  };
  return all;
}

Facts facts_of(const Person& person) {
  // The user to be added is a stranger; the user to be reactivated is the edited member.
  return at(noon).by(person).matching(stranger);
}

TEST(EveryCommandOfAMember, is_open_to_the_roles_that_the_table_names) {
  for (const Trial& each : trials())
    for_each_role([&](Role role) {
      Facts facts = facts_of(member_with(role));
      if (each.action == Action::reactivate_users) facts.matched = edited;
      auto expected = rows[static_cast<std::size_t>(each.action)].says_yes(role)
                          ? each.otherwise
                          : std::optional{Reason::not_permitted};
      if (each.needs_a_higher_role && role == Role::administrative) expected = Reason::role_above_own;
      EXPECT_EQ(each.refusal(busy_account(), facts), expected) << each.command << " by " << to_text(role);
    });
}

TEST(EveryCommandOfAMember, is_tried_for_every_action) {
  for (const Row& row : rows)
    EXPECT_TRUE(std::ranges::any_of(trials(), [&](const Trial& each) { return each.action == row.action; }))
        << to_text(row.action);
}

TEST(EveryCommandOfAMember, answers_strangers_and_staff_that_there_is_no_such_account) {
  for (const Person& outsider : {stranger, colleague, desk_officer, programme_officer, mail_clerk, auditor})
    for (const Trial& each : trials())
      EXPECT_EQ(each.refusal(busy_account(), facts_of(outsider)), Reason::account_not_found) << each.command;
}

TEST(EveryCommandOfAMember, is_closed_to_all_while_the_owners_urn_is_expired) {
  for (const Trial& each : trials())
    for_each_role([&](Role role) {
      Facts facts = facts_of(member_with(role));
      facts.owner = with_expired_urn(owner);
      if (role == Role::owner) facts.caller = facts.owner;
      EXPECT_EQ(each.refusal(busy_account(), facts),
                role == Role::owner ? Reason::urn_expired : Reason::owner_urn_expired)
          << each.command << " by " << to_text(role);
    });
}

}  // namespace
}  // namespace ttp::domain::tests
