// Views are a pure function of the log: after random histories, decided by the real executor, rebuilt views
// equal the live ones byte for byte; a view that was damaged is told from one that was not.
#include <array>
#include <map>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include "projections/all.hpp"
#include "workers_support.hpp"

namespace {

using namespace ttp;
using namespace ttp::domain;

/// The service without its network, and who and what a random history has made in it.
struct World : service::tests::World {
  std::vector<UserId> users;
  std::vector<AccountId> accounts;

  service::CommandResult execute(service::Command command, UserId by) {
    service::Asked asked;
    asked.by = by;
    asked.kind = events::ActorKind::user;
    return executor.execute(std::move(command), std::move(asked));
  }
};

template <class T>
T text(std::string_view raw) {
  return T::parse(raw).value();
}

void register_user(World& world, unsigned number) {
  RegisterCredential command;
  command.user.uuid = service::fresh_uuid(world.clock.now());
  command.user_name = text<UserName>("username" + std::string(1, static_cast<char>('a' + number)));
  command.password = text<Password>("four otters play in the sun");
  command.family_name = text<FamilyName>("Côté " + std::string(number + 1, 'x'));
  command.given_names = text<GivenNames>("Ève");
  command.email = text<EmailAddress>("user" + std::to_string(number) + "@example.com");
  command.telephone = text<Telephone>("+18195550142");
  ASSERT_FALSE(world.execute(command, {}).refusal);
  world.users.push_back(command.user);
}

void enrol(World& world, UserId by, unsigned number) {
  std::string digits = "12345" + std::to_string(100 + number);
  EnrolCompany command;
  command.account.uuid = service::fresh_uuid(world.clock.now());
  command.business_number = BusinessNumber::stored(digits + luhn_digit(digits));
  command.legal_name = text<CompanyName>("Érablière " + std::to_string(number));
  command.mailing_address = {
      text<AddressLine>("123 rue Principale"), {}, text<City>("Gatineau"), "QC", "J8X 1A1", Country::CA};
  command.eligibility = {Base::canada, {LineOfBusiness::importer}, {}, {}, true, true, true, true, true, true,
                         true};
  command.signing_authority_attested = true;
  if (!world.execute(command, by).refusal) world.accounts.push_back(command.account);
}

/// An account that is authorised and has a second user, so that the acts that follow find something to
/// change.
void authorise(World& world) {
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

/// One random act; most are refused, as in life.
void act(World& world, const std::vector<unsigned>& dice) {
  const UserId by = world.users[dice[1] % world.users.size()];
  const UserId other = world.users[dice[2] % world.users.size()];
  const AccountId account =
      world.accounts.empty() ? AccountId{} : world.accounts[dice[3] % world.accounts.size()];
  const auto snapshot = world.queries.account(account);
  const auto other_user = world.queries.user(other);
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
    case 11:
      if (snapshot && snapshot->state.ownership_offer)
        world.execute(AcceptOwnership{account, snapshot->state.ownership_offer->id, true},
                      snapshot->state.ownership_offer->to);
      break;
    case 12:
      world.execute(SaveProfile{account, {ProfileKind::security, "site" + std::to_string(dice[4] % 3)}, {}},
                    by);
      break;
    case 13:
      world.execute(RemoveSecurityProfile{account, text<SiteName>("site" + std::to_string(dice[4] % 3))}, by);
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
          RequestEmailChange{by, text<EmailAddress>("new" + std::to_string(dice[4] % 50) + "@example.com")},
          by);
      break;
    default:
      world.execute(ReportLetterMissing{account}, by);
  }
}

/// Limits under which a short history takes many pages, and each is written by itself as a file.
constexpr projections::FoldLimits tight{.page_events = 3, .held_bytes = 1, .loaded_rows_min = 1};

/// Limits under which a short history is sorted some events at a time, into parts of a few events each.
constexpr projections::FoldLimits in_parts{.page_events = 3,
                                           .sorted_events_min = 2,
                                           .sorted_events_max = 24,
                                           .parts = {2048, 5},
                                           .parts_per_file = 2};

using AllRows = std::map<std::string, std::string>;

/// Every row of every view that serves, with its checkpoint.
AllRows rows_of(const storage::ViewStore& views, const projections::Runner& runner) {
  AllRows rows;
  for (const auto& listed : projections::all)
    views.scan(runner.family(listed.name), "", "", [&](std::string_view key, std::string_view value) {
      rows[std::string{listed.name} + '/' + std::string{key}] = value;
      return true;
    });
  return rows;
}

RC_GTEST_PROP(Rebuild, rebuilt_views_equal_live_views_byte_for_byte_after_any_history, ()) {
  World world;
  for (unsigned i = 0; i < 3; ++i) register_user(world, i);
  enrol(world, world.users[0], 0);
  authorise(world);
  const auto steps =
      *rc::gen::resize(60, rc::gen::container<std::vector<std::vector<unsigned>>>(
                               rc::gen::container<std::vector<unsigned>>(5, rc::gen::inRange(0u, 10'000u))));
  for (const auto& dice : steps) act(world, dice);
  for (const auto& listed : projections::all) {
    const auto comparison = world.runner.rebuild(listed.name);
    RC_ASSERT(comparison.equal());
    RC_ASSERT(comparison.rows_live == comparison.rows_rebuilt);
  }
  // A second reader that folds the whole history at once, one that writes after every few events, and one
  // that sorts them first come to the same rows as the one that was fed live.
  const auto each_key = [&](std::string_view first, std::string_view last, const auto& visit) {
    world.vault->each_data_key(first, last, visit);
  };
  for (const auto& limits : {tight, in_parts}) {
    std::filesystem::remove_all(world.folder / "elsewhere");
    const auto elsewhere = storage::ViewStore::open(world.folder / "elsewhere");
    projections::Runner stingy(*world.log, *elsewhere, world.find_key, limits, each_key);
    stingy.catch_up();
    RC_ASSERT(rows_of(*elsewhere, stingy) == rows_of(*world.views, world.runner));
  }
  RC_ASSERT(world.runner.switch_over(projections::account_view));
  RC_ASSERT(world.runner.rebuild(projections::account_view).equal());
}

TEST(Rebuild, a_standby_stays_level_and_can_serve_and_be_switched_back) {
  World world;
  register_user(world, 0);
  const std::string blue = world.runner.family(projections::user_view);
  ASSERT_TRUE(world.runner.begin_rebuild(projections::user_view));
  EXPECT_FALSE(world.runner.begin_rebuild(projections::user_view)) << "one at a time";
  EXPECT_FALSE(world.runner.switch_over(projections::user_view)) << "it is not level yet";
  while (world.runner.continue_rebuild(projections::user_view)) {
  }
  auto status = world.runner.standbys().at(0);
  EXPECT_TRUE(status.level);
  EXPECT_TRUE(status.comparison->equal());
  EXPECT_EQ(world.runner.family(projections::user_view), blue) << "nothing is switched yet";
  for (int round = 0; round < 3; ++round) {
    ASSERT_TRUE(world.runner.switch_over(projections::user_view));
    EXPECT_EQ(world.runner.family(projections::user_view) == blue, round == 1);
    register_user(world, static_cast<unsigned>(round) + 1);
    status = world.runner.standbys().at(0);
    EXPECT_EQ(status.next, world.log->head().next) << "the one that does not serve is kept level";
  }
  ASSERT_TRUE(world.runner.drop_standby(projections::user_view));
  EXPECT_FALSE(world.runner.drop_standby(projections::user_view));
  EXPECT_FALSE(world.views->has_family(blue));
  EXPECT_TRUE(world.runner.rebuild(projections::user_view).equal());
}

TEST(Rebuild, goes_on_after_a_restart_where_it_had_come_to) {
  World world;
  register_user(world, 0);
  for (int i = 0; i < 1200; ++i) {
    ChangeContactDetails change{world.users[0], {}, {}, {}, {}};
    change.telephone = text<Telephone>("+1819555" + std::to_string(1000 + i % 2));
    world.execute(change, world.users[0]);
  }
  ASSERT_TRUE(world.runner.begin_rebuild(projections::user_view));
  ASSERT_TRUE(world.runner.continue_rebuild(projections::user_view));
  const auto reached = world.runner.standbys().at(0).next;
  EXPECT_GT(reached, 0u);
  EXPECT_LT(reached, world.log->head().next);
  projections::Runner again(*world.log, *world.views, world.find_key);
  ASSERT_EQ(again.standbys().size(), 1u);
  EXPECT_EQ(again.standbys().at(0).next, reached);
  while (again.continue_rebuild(projections::user_view)) {
  }
  EXPECT_TRUE(again.standbys().at(0).comparison->equal());
  ASSERT_TRUE(again.switch_over(projections::user_view));
  const projections::Runner once_more(*world.log, *world.views, world.find_key);
  EXPECT_EQ(once_more.family(projections::user_view), again.family(projections::user_view));
}

TEST(Rebuild, a_start_that_was_cut_off_goes_on_from_what_was_written) {
  World world;
  for (unsigned i = 0; i < 3; ++i) register_user(world, i);
  enrol(world, world.users[0], 0);
  authorise(world);
  const auto elsewhere = storage::ViewStore::open(world.folder / "elsewhere");
  struct CutOff {};
  storage::Position seen = 0;
  {
    projections::Runner runner(*world.log, *elsewhere, world.find_key, tight);
    const auto cut_off = [&](storage::Position done, storage::Position) {
      seen = done;
      if (done >= 6) throw CutOff{};
    };
    EXPECT_THROW(runner.catch_up(cut_off), CutOff);
  }
  projections::Runner again(*world.log, *elsewhere, world.find_key, tight);
  EXPECT_EQ(again.next(), seen);
  EXPECT_LT(seen, world.log->head().next);
  again.catch_up();
  EXPECT_EQ(rows_of(*elsewhere, again), rows_of(*world.views, world.runner));
}

TEST(Rebuild, a_start_that_was_cut_off_in_parts_goes_on_from_what_was_written) {
  World world;
  for (unsigned i = 0; i < 9; ++i) register_user(world, i);
  enrol(world, world.users[0], 0);
  authorise(world);
  ASSERT_GT(world.log->head().next, in_parts.sorted_events_max);
  const auto elsewhere = storage::ViewStore::open(world.folder / "elsewhere");
  struct CutOff {};
  {
    projections::Runner runner(*world.log, *elsewhere, world.find_key, in_parts);
    const auto cut_off = [&](storage::Position done, storage::Position) {
      if (done > in_parts.sorted_events_max) throw CutOff{};
    };
    EXPECT_THROW(runner.catch_up(cut_off), CutOff);
  }
  projections::Runner again(*world.log, *elsewhere, world.find_key, in_parts);
  EXPECT_EQ(again.next(), in_parts.sorted_events_max);
  again.catch_up();
  EXPECT_EQ(rows_of(*elsewhere, again), rows_of(*world.views, world.runner));
}

TEST(Rebuild, in_parts_it_asks_for_no_key_by_itself) {
  World world;
  for (unsigned i = 0; i < 9; ++i) register_user(world, i);
  const auto elsewhere = storage::ViewStore::open(world.folder / "elsewhere");
  std::atomic<int> asked = 0;
  const auto find_key = [&](std::string_view subject) {
    ++asked;
    return world.find_key(subject);
  };
  const auto each_key = [&](std::string_view first, std::string_view last, const auto& visit) {
    world.vault->each_data_key(first, last, visit);
  };
  auto limits = in_parts;
  limits.sorted_events_max = 1000;
  projections::Runner runner(*world.log, *elsewhere, find_key, limits, each_key);
  runner.catch_up();
  EXPECT_EQ(rows_of(*elsewhere, runner), rows_of(*world.views, world.runner));
  EXPECT_EQ(asked, 0);
}

TEST(Rebuild, tells_how_far_it_has_come_while_it_sorts_and_folds) {
  World world;
  for (unsigned i = 0; i < 5; ++i) register_user(world, i);
  const auto elsewhere = storage::ViewStore::open(world.folder / "elsewhere");
  projections::Runner runner(*world.log, *elsewhere, world.find_key, in_parts);
  std::vector<storage::Position> told;
  runner.catch_up([&](storage::Position done, storage::Position total) {
    EXPECT_EQ(total, world.log->head().next);
    told.push_back(done);
  });
  EXPECT_TRUE(std::ranges::is_sorted(told));
  EXPECT_GT(told.size(), 2u);
  EXPECT_EQ(told.back(), world.log->head().next);
}

TEST(Rebuild, an_event_that_does_not_open_stops_every_view_at_its_position) {
  World world;
  register_user(world, 0);
  const auto broken_at = world.log->head().next;
  register_user(world, 1);
  register_user(world, 2);
  const auto another_key = [&](std::string_view subject) {
    auto key = world.find_key(subject);
    if (subject == events::subject_name(world.users[1])) key->front() ^= 1;
    return key;
  };
  for (const auto& limits : {projections::FoldLimits{}, tight, in_parts}) {
    std::filesystem::remove_all(world.folder / "elsewhere");
    const auto elsewhere = storage::ViewStore::open(world.folder / "elsewhere");
    projections::Runner runner(*world.log, *elsewhere, another_key, limits);
    runner.catch_up();
    for (const auto& status : runner.status()) {
      EXPECT_EQ(status.next, broken_at) << status.name;
      EXPECT_TRUE(status.fault.value_or("").starts_with("stopped at position " + std::to_string(broken_at)))
          << status.name << ": " << status.fault.value_or("goes on");
    }
    const std::string family = runner.family(projections::user_view);
    EXPECT_TRUE(elsewhere->get(family, projections::key::state(world.users[0].uuid)));
    EXPECT_FALSE(elsewhere->get(family, projections::key::state(world.users[2].uuid)));
  }
}

TEST(Rebuild, several_views_are_built_in_one_pass) {
  World world;
  register_user(world, 0);
  enrol(world, world.users[0], 0);
  const std::array names{projections::user_view, projections::account_view, projections::involvement_view};
  std::vector<storage::Position> passed;
  world.runner.build(names, [&](storage::Position done, storage::Position) { passed.push_back(done); });
  EXPECT_EQ(passed, std::vector{world.log->head().next});
  for (const auto name : names) {
    EXPECT_TRUE(world.runner.compare(name).equal());
    EXPECT_TRUE(world.runner.switch_over(name));
  }
}

TEST(Rebuild, a_row_that_was_changed_is_found) {
  World world;
  register_user(world, 0);
  storage::ViewBatch batch;
  batch.put(world.runner.family(projections::user_view), projections::key::session(SessionId{}), "x");
  world.views->commit(batch);
  const auto comparison = world.runner.rebuild(projections::user_view);
  EXPECT_FALSE(comparison.equal());
  EXPECT_EQ(comparison.rows_live, comparison.rows_rebuilt + 1);
}

TEST(Rebuild, a_restart_goes_on_from_the_checkpoint_and_a_foreign_one_is_built_anew) {
  World world;
  register_user(world, 0);
  const auto head = world.log->head().next;
  {
    const projections::Runner again(*world.log, *world.views, world.find_key);
    EXPECT_EQ(again.next(), head);
  }
  const auto other_log = storage::open_memory_log();
  projections::Runner foreign(*other_log, *world.views, world.find_key);
  EXPECT_EQ(foreign.next(), 0u);
  EXPECT_FALSE(
      world.views->get(foreign.family(projections::user_view), projections::key::state(world.users[0].uuid)));
}

}  // namespace
