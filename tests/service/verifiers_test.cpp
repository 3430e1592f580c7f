// Password verifiers and decisions: of several changes in flight the accepted one counts, a refused command
// leaves no verifier, and verifiers left by a crash are swept.
#include <future>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "service/secrets/new_verifiers.hpp"
#include "service/service.hpp"
#include "storage/vault/vault.hpp"
#include "workers_support.hpp"

namespace {

using namespace ttp;
using namespace ttp::domain;
using service::CommandResult;

class VerifiersInFlight : public ::testing::Test {
 protected:
  VerifiersInFlight() {
    config.sandbox = true;
    config.data_dir = folder / "data";
    config.password_workers = 4;
    start();
  }

  void start() {
    running.reset();
    running = std::make_unique<service::Service>(config);
  }

  RegisterCredential registration(const std::string& name) {
    RegisterCredential command;
    command.user.uuid = service::fresh_uuid(running->now());
    command.user_name = UserName::stored(name);
    command.password = password(0);
    command.family_name = FamilyName::stored("Tremblay");
    command.given_names = GivenNames::stored("Ève");
    command.email = EmailAddress::stored(name + "@example.com");
    command.telephone = Telephone::stored("+16135550123");
    return command;
  }

  static Password password(int number) {
    return Password::parse("four otters play in the sun " + std::to_string(number)).value();
  }

  std::future<CommandResult> submit(service::Command command, UserId by) {
    auto promise = std::make_shared<std::promise<CommandResult>>();
    service::Asked asked;
    asked.by = by;
    asked.kind = events::ActorKind::user;
    running->submit(std::move(command), asked,
                    [promise](CommandResult result) { promise->set_value(std::move(result)); });
    return promise->get_future();
  }

  bool opens(UserName name, Password with) {
    const auto result = running->execute(StartSignIn{{}, std::move(name), std::move(with)}, {});
    return !result.refusal;
  }

  /// The identifiers that the user's events name, the oldest first.
  std::vector<VerifierId> named(UserId user) {
    std::vector<VerifierId> ids;
    for (const auto& recorded : running->queries().history(user, 0, 10'000)) {
      if (const auto* registered = std::get_if<CredentialRegistered>(&recorded.event))
        ids.push_back(registered->verifier);
      if (const auto* changed = std::get_if<PasswordChanged>(&recorded.event))
        ids.push_back(changed->verifier);
    }
    return ids;
  }

  /// Opens the vault of the stopped service.
  std::unique_ptr<storage::Vault> vault() {
    running.reset();
    return storage::Vault::open(config.data_dir / "vault", storage::load_master_key(config.master_key()));
  }

  service::tests::TemporaryFolder folder;
  service::Config config;
  std::unique_ptr<service::Service> running;
};

TEST_F(VerifiersInFlight, of_two_changes_at_once_the_accepted_one_works_and_nothing_is_left_of_the_other) {
  const auto command = registration("inflight1");
  ASSERT_FALSE(submit(command, {}).get().refusal);
  int present = 0;
  for (int round = 0; round < 12; ++round) {
    const int first = 2 * round + 1, second = 2 * round + 2;
    auto one = submit(ChangePassword{command.user, {}, password(present), password(first)}, command.user);
    auto other = submit(ChangePassword{command.user, {}, password(present), password(second)}, command.user);
    const bool first_won = !one.get().refusal, second_won = !other.get().refusal;
    ASSERT_NE(first_won, second_won) << "exactly one is accepted";
    present = first_won ? first : second;
    EXPECT_TRUE(opens(command.user_name, password(present))) << "round " << round;
    EXPECT_FALSE(opens(command.user_name, password(first_won ? second : first))) << "round " << round;
    // A right password clears the failures, so that the next one need not wait.
    EXPECT_TRUE(opens(command.user_name, password(present))) << "round " << round;
  }
  const auto ids = named(command.user);
  EXPECT_EQ(ids.size(), 13u);
  EXPECT_EQ(std::set<VerifierId>(ids.begin(), ids.end()).size(), ids.size());
  start();  // the start sweeps verifiers that were not settled before the stop
  const auto stopped = vault();
  EXPECT_TRUE(stopped->unnamed_verifiers().empty());
  for (const VerifierId& id : ids)
    EXPECT_EQ(stopped->find_verifier(command.user, id).has_value(), id == ids.back())
        << "the old ones are gone";
}

TEST_F(VerifiersInFlight, a_change_with_a_wrong_password_leaves_no_verifier) {
  const auto command = registration("mistyped1");
  ASSERT_FALSE(submit(command, {}).get().refusal);
  const auto change = [&](int present) {
    return submit(ChangePassword{command.user, {}, password(present), password(9)}, command.user).get();
  };
  for (int attempt = 0; attempt < 3; ++attempt)
    EXPECT_EQ(change(7).refusal->reason, Reason::current_password_wrong);
  EXPECT_EQ(change(0).refusal->reason, Reason::too_many_attempts) << "the right one must wait, too";
  const VerifierId named_one = named(command.user).front();
  start();
  const auto stopped = vault();
  EXPECT_TRUE(stopped->unnamed_verifiers().empty());
  EXPECT_TRUE(stopped->find_verifier(command.user, named_one));
}

TEST_F(VerifiersInFlight, a_refused_registration_leaves_no_verifier) {
  const auto accepted = registration("taken1name");
  auto refused = registration("taken1name");
  refused.email = EmailAddress::stored("another@example.com");
  ASSERT_FALSE(submit(accepted, {}).get().refusal);
  ASSERT_TRUE(submit(refused, {}).get().refusal);
  EXPECT_TRUE(opens(accepted.user_name, password(0)));
  start();
  EXPECT_TRUE(vault()->unnamed_verifiers().empty());
}

TEST_F(VerifiersInFlight, a_registration_with_a_wrong_or_late_code_leaves_nothing_in_the_vault) {
  const auto proven = [&](Time expires_at, bool is_right) {
    auto command = registration("stranger1x");
    const auto code = running->secrets().registration_code(command.user);
    const auto other = running->secrets().registration_code(UserId{service::fresh_uuid(running->now())});
    command.mailbox = MailboxProof{is_right ? code : other, expires_at};
    return command;
  };
  const auto later = running->now() + minutes{30};
  const auto wrong = proven(later, false), late = proven(running->now(), true), right = proven(later, true);
  EXPECT_EQ(submit(wrong, {}).get().refusal->reason, Reason::one_time_code_wrong);
  EXPECT_EQ(submit(late, {}).get().refusal->reason, Reason::one_time_code_expired);
  EXPECT_FALSE(submit(right, {}).get().refusal);
  const auto stopped = vault();
  for (const UserId user : {wrong.user, late.user}) {
    EXPECT_FALSE(stopped->find_data_key(events::subject_name(user)));
    for (const auto& [named, id] : stopped->unnamed_verifiers()) EXPECT_NE(named, user);
  }
  EXPECT_TRUE(stopped->find_data_key(events::subject_name(right.user)));
}

TEST(NewVerifiers, sweeps_verifiers_that_a_crash_left_unsettled) {
  service::tests::World world;
  const UserId user{service::fresh_uuid({})}, nobody{service::fresh_uuid({})};
  const auto old = numbered_verifier(1);
  const VerifierId accepted{service::fresh_uuid({})}, refused{service::fresh_uuid({})};
  world.vault->put_verifier(user, old, "old");
  world.vault->keep_verifier(user, old);
  world.vault->put_verifier(user, accepted, "accepted before the crash");
  world.vault->put_verifier(user, refused, "never decided");
  world.vault->put_verifier(nobody, refused, "of a registration that was never decided");
  service::NewVerifiers verifiers{*world.vault};
  verifiers.sweep([&](UserId id) { return id == user ? accepted : VerifierId{}; });
  EXPECT_TRUE(world.vault->find_verifier(user, accepted));
  EXPECT_FALSE(world.vault->find_verifier(user, old));
  EXPECT_FALSE(world.vault->find_verifier(user, refused));
  EXPECT_FALSE(world.vault->find_verifier(nobody, refused));
  EXPECT_TRUE(world.vault->unnamed_verifiers().empty());
}

TEST(NewVerifiers, keeps_a_verifier_that_nothing_replaces) {
  service::tests::World world;
  const UserId user{service::fresh_uuid({})};
  const auto old = numbered_verifier(1);
  const VerifierId next{service::fresh_uuid({})}, refused{service::fresh_uuid({})};
  for (const auto& id : {old, next, refused}) world.vault->put_verifier(user, id, "verifier");
  service::NewVerifiers verifiers{*world.vault};
  verifiers.settle({user, refused, old, false});
  verifiers.carry_out();
  EXPECT_TRUE(world.vault->find_verifier(user, old));
  EXPECT_FALSE(world.vault->find_verifier(user, refused));
  verifiers.settle({user, next, old, true});
  verifiers.carry_out();
  EXPECT_FALSE(world.vault->find_verifier(user, old));
  EXPECT_TRUE(world.vault->find_verifier(user, next));
}

}  // namespace
