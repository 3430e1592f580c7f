// A random history, decided by the real executor: users, accounts, and random acts, most of which are
// refused. For tests of data derived from the log.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "workers_support.hpp"

namespace ttp::service::tests {

using namespace ttp::domain;

/// The service without its network, with the users and accounts of a random history.
struct Histories : World {
  std::vector<UserId> users;
  std::vector<AccountId> accounts;

  CommandResult execute(Command command, UserId by) {
    Asked asked;
    asked.by = by;
    asked.kind = events::ActorKind::user;
    return executor.execute(std::move(command), std::move(asked));
  }
};

template <class T>
T text(std::string_view raw) {
  return T::parse(raw).value();
}

inline void register_user(Histories& world, unsigned number) {
  RegisterCredential command;
  command.user.uuid = fresh_uuid(world.clock.now());
  command.user_name = text<UserName>("username" + std::to_string(number));
  command.password = text<Password>("four otters play in the sun");
  command.family_name = text<FamilyName>("Côté " + std::string(1 + number % 50, 'x'));
  command.given_names = text<GivenNames>("Ève");
  command.email = text<EmailAddress>("user" + std::to_string(number) + "@example.com");
  command.telephone = text<Telephone>("+18195550142");
  ASSERT_FALSE(world.execute(command, {}).refusal);
  world.users.push_back(command.user);
}

inline void enrol(Histories& world, UserId by, unsigned number) {
  std::string digits = "12345" + std::to_string(100 + number);
  EnrolCompany command;
  command.account.uuid = fresh_uuid(world.clock.now());
  command.business_number = BusinessNumber::stored(digits + luhn_digit(digits));
  command.legal_name = text<CompanyName>("Érablière " + std::to_string(number));
  command.mailing_address = {
      text<AddressLine>("123 rue Principale"), {}, text<City>("Gatineau"), "QC", "J8X 1A1", Country::CA};
  command.eligibility = {Base::canada, {LineOfBusiness::importer}, {}, {}, true, true, true, true, true, true,
                         true};
  command.signing_authority_attested = true;
  if (!world.execute(command, by).refusal) world.accounts.push_back(command.account);
}

/// An authorised account with a second user, so that later acts have something to change.
inline void authorise(Histories& world) {
  const AccountId account = world.accounts.front();
  const UserId owner = world.users.front();
  world.execute(ConfirmMailingAddress{account}, owner);
  const auto waiting = world.queries.account(account)->state;
  world.execute(
      ActivateAccount{account, waiting.client_number, world.secrets.activation_code(waiting.code->code)},
      owner);
  world.execute(AcceptProgrammeTerms{account, 1}, owner);
  const auto colleague = world.queries.user(world.users[1])->state;
  const auto added = world.execute(
      AddMember{account, colleague.family_name, colleague.urn, colleague.email, Role::proxy_owner}, owner);
  ASSERT_FALSE(added.refusal);
}

/// One random act on members or on the ownership of an account.
inline void act_on_members(Histories& world, const std::vector<unsigned>& dice, AccountId account, UserId by,
                           UserId other) {
  const auto snapshot = world.queries.account(account);
  const auto other_user = world.queries.user(other);
  switch (dice[0] % 19) {
    case 6:
      world.execute(AddMember{account, other_user->state.family_name, other_user->state.urn,
                              other_user->state.email, static_cast<Role>(1 + dice[4] % 3)},
                    by);
      break;
    case 7:
      world.execute(ChangeMemberRole{account, other, static_cast<Role>(dice[4] % 4)}, by);
      break;
    case 8:
      world.execute(SuspendMember{account, other}, by);
      break;
    case 9:
      world.execute(RemoveMember{account, other}, by);
      break;
    case 10:
      world.execute(OfferOwnership{account, other_user->state.family_name, other_user->state.urn,
                                   other_user->state.email, static_cast<PreviousOwner>(dice[4] % 2)},
                    by);
      break;
    default:
      if (snapshot && snapshot->state.ownership_offer)
        world.execute(AcceptOwnership{account, snapshot->state.ownership_offer->id, true},
                      snapshot->state.ownership_offer->to);
  }
}

/// Adds, changes or removes one of three sites.
inline void act_on_sites(Histories& world, unsigned dice, AccountId account, UserId by) {
  const std::string site = "site" + std::to_string(dice % 3);
  switch (dice % 4) {
    case 0:
      world.execute(AddSecurityProfile{account, text<SiteKey>(site), text<SiteName>("A site")}, by);
      break;
    case 1:
      world.execute(RemoveSecurityProfile{account, text<SiteKey>(site)}, by);
      break;
    default:
      world.execute(
          ChangeProfile{
              account, {ProfileKind::security, site}, AnswerChanges{{{"seals", std::to_string(dice)}}}},
          by);
  }
}

/// One random act; most are refused.
inline void act(Histories& world, const std::vector<unsigned>& dice) {
  const UserId by = world.users[dice[1] % world.users.size()];
  const UserId other = world.users[dice[2] % world.users.size()];
  const AccountId account =
      world.accounts.empty() ? AccountId{} : world.accounts[dice[3] % world.accounts.size()];
  const auto snapshot = world.queries.account(account);
  switch (dice[0] % 19) {
    case 0:
      enrol(world, by, dice[4] % 800);
      break;
    case 1:
      world.execute(ConfirmMailingAddress{account}, by);
      break;
    case 2:
      world.execute(RequestActivationCode{account}, by);
      break;
    case 3:
      if (snapshot && snapshot->state.code)
        world.execute(ActivateAccount{account, snapshot->state.client_number,
                                      world.secrets.activation_code(snapshot->state.code->code)},
                      by);
      break;
    case 4:
      world.execute(
          ActivateAccount{account, text<ClientNumber>("70001235"), text<ActivationCode>("0123456789")}, by);
      break;
    case 5:
      world.execute(AcceptProgrammeTerms{account, 1}, by);
      break;
    case 6:
    case 7:
    case 8:
    case 9:
    case 10:
    case 11:
      act_on_members(world, dice, account, by, other);
      break;
    case 12:
    case 13:
      act_on_sites(world, dice[4], account, by);
      break;
    case 14:
      world.execute(
          ChangeContactDetails{
              by, {}, {}, text<Telephone>("613555" + std::to_string(1000 + dice[4] % 9000)), {}},
          by);
      break;
    case 15:
      world.clock.advance(days{dice[4] % 60});
      break;
    case 16:
      for (const UserId due : world.queries.users_due(world.executor.now(), 100))
        world.execute(LetTimePassForUser{due}, {});
      for (const AccountId due : world.queries.accounts_due(world.executor.now(), 100))
        world.execute(LetTimePassForAccount{due}, {});
      break;
    case 17:
      world.execute(
          RequestEmailChange{
              by, {}, text<EmailAddress>("new" + std::to_string(dice[4] % 50) + "@example.com"), Password{}},
          by);
      break;
    default:
      if (snapshot && !snapshot->state.letters.empty())
        world.execute(ReportLetterMissing{account, snapshot->state.letters.back().id}, by);
  }
}

}  // namespace ttp::service::tests
