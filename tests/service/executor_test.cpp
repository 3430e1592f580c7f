// The executor: who wins when many ask for one thing, what asking twice does, and how it refuses when it can
// not go on.
#include <atomic>
#include <chrono>
#include <future>
#include <latch>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "workers_support.hpp"

namespace {

using namespace ttp;
using namespace ttp::domain;
using service::Outcome;
using service::tests::World;

RegisterCredential registration(const std::string& user_name, const std::string& email) {
  RegisterCredential command;
  command.user.uuid = service::fresh_uuid(Time{std::chrono::milliseconds{1'800'000'000'000}});
  command.user_name = UserName::stored(user_name);
  command.password = Password::parse("four otters play in the sun").value();
  command.family_name = FamilyName::stored("Tremblay");
  command.given_names = GivenNames::stored("Ève");
  command.email = EmailAddress::stored(email);
  command.telephone = Telephone::stored("+16135550123");
  return command;
}

service::Asked keyed(const service::Secrets& secrets, std::string_view key, std::string_view request) {
  service::Asked asked;
  asked.known_as = secrets.known_requests("somebody", key, request, {});
  return asked;
}

TEST(Executor, of_many_who_register_one_user_name_at_once_exactly_one_wins) {
  for (int round = 0; round < 5; ++round) {
    World world;
    std::atomic<int> won{0};
    std::atomic<int> taken{0};
    {
      std::vector<std::jthread> contenders;
      for (int i = 0; i < 64; ++i) {
        contenders.emplace_back([&, i] {
          const Outcome outcome = world.executor.execute(
              registration("onlyone1", "person" + std::to_string(i) + "@example.com"), {});
          if (!outcome.refusal) ++won;
          if (outcome.refusal && outcome.refusal->reason == Reason::user_name_taken) ++taken;
        });
      }
    }
    EXPECT_EQ(won, 1);
    EXPECT_EQ(taken, 63);
    EXPECT_EQ(world.log->head().next, 2u) << "the credential and its URN, once";
  }
}

TEST(Executor, asked_twice_with_one_key_it_does_the_thing_once_and_answers_the_same) {
  World world;
  const auto asked = keyed(world.secrets, "key-1", "the request");
  const Outcome first = world.executor.execute(registration("someone1", "a@example.com"), asked);
  ASSERT_FALSE(first.refusal);
  // The retry draws another identifier for the user, as a server that was restarted would.
  const Outcome again = world.executor.execute(registration("someone1", "a@example.com"), asked);
  EXPECT_FALSE(again.refusal);
  EXPECT_TRUE(again.replayed);
  EXPECT_EQ(again.created, first.created);
  EXPECT_EQ(again.position, first.position);
  EXPECT_EQ(world.log->head().next, 2u);
}

TEST(Executor, a_new_executor_on_the_same_log_remembers_the_keys) {
  World world;
  const auto asked = keyed(world.secrets, "key-1", "the request");
  const Outcome first = world.executor.execute(registration("someone1", "a@example.com"), asked);
  world.executor.stop();
  service::Executor restarted{*world.log,     *world.vault,  world.runner, world.queries,
                              world.erasures, world.secrets, world.clock,  {}};
  const Outcome again = restarted.execute(registration("someone1", "a@example.com"), asked);
  EXPECT_TRUE(again.replayed);
  EXPECT_EQ(again.created, first.created);
}

TEST(Executor, a_key_used_for_another_request_is_refused_and_nothing_is_done) {
  World world;
  world.executor.execute(registration("someone1", "a@example.com"),
                         keyed(world.secrets, "key-1", "the request"));
  const Outcome other = world.executor.execute(registration("someone2", "b@example.com"),
                                               keyed(world.secrets, "key-1", "another"));
  ASSERT_TRUE(other.refusal);
  EXPECT_EQ(other.refusal->reason, Reason::idempotency_key_reused);
  EXPECT_EQ(world.log->head().next, 2u);
}

TEST(Executor, the_same_key_many_times_at_once_is_done_once) {
  World world;
  const auto asked = keyed(world.secrets, "key-1", "the request");
  std::vector<std::promise<Outcome>> promises(20);
  for (auto& promise : promises)
    world.executor.submit(registration("someone1", "a@example.com"), asked,
                          [&promise](Outcome outcome) { promise.set_value(std::move(outcome)); });
  std::string created;
  for (auto& promise : promises) {
    const Outcome outcome = promise.get_future().get();
    EXPECT_FALSE(outcome.refusal);
    if (created.empty()) created = outcome.created;
    EXPECT_EQ(outcome.created, created);
  }
  EXPECT_EQ(world.log->head().next, 2u);
}

TEST(Executor, a_refused_attempt_on_a_secret_is_answered_the_same_when_it_is_sent_again) {
  World world;
  const UserId user = world.registers("tremblay");
  auto asked = keyed(world.secrets, "key-1", "wrong password");
  asked.by = user;
  const StartSignIn wrong{user, {}, {}};
  const Outcome first = world.executor.execute(wrong, asked);
  const auto head = world.log->head().next;
  const Outcome again = world.executor.execute(wrong, asked);
  ASSERT_TRUE(first.refusal && again.refusal);
  EXPECT_EQ(again.refusal, first.refusal);
  EXPECT_EQ(world.log->head().next, head) << "the attempt counts once";
}

TEST(Executor, an_if_match_of_another_version_is_refused) {
  World world;
  const UserId user = world.registers("tremblay");
  service::Asked asked;
  asked.by = user;
  asked.if_match = 1;
  ChangeContactDetails command;
  command.user = user;
  command.telephone = Telephone::stored("+16135550199");
  EXPECT_EQ(world.executor.execute(command, asked).refusal->reason, Reason::version_differs);
  asked.if_match = world.queries.user(user)->version;
  EXPECT_FALSE(world.executor.execute(command, asked).refusal);
}

TEST(Executor, decides_at_the_head_of_the_log_also_where_the_views_are_behind_it) {
  World world;
  const UserId user = world.registers("tremblay");
  service::Asked asked;
  asked.by = user;
  ChangeContactDetails command;
  command.user = user;
  const auto call = [&](service::Executor& executor, const std::string& telephone) {
    command.telephone = Telephone::stored(telephone);
    return executor.execute(command, asked);
  };
  // Each is a new one, which takes its states from the views where they are whole.
  const auto anew = [&](const service::Executor::Apply& apply) {
    return std::make_unique<service::Executor>(*world.log, *world.vault, apply, world.queries, world.erasures,
                                               world.secrets, world.clock, service::Executor::Limits{});
  };
  const auto leaves_views = [](std::span<const events::Recorded>) {};
  const auto whole = world.queries.user(user)->version;
  asked.if_match = whole;
  EXPECT_FALSE(call(*anew(leaves_views), "+16135550101").refusal);
  asked.if_match = whole;
  EXPECT_EQ(call(*anew(leaves_views), "+16135550102").refusal->reason, Reason::version_differs);
  asked.if_match = whole + 1;
  EXPECT_FALSE(call(*anew(leaves_views), "+16135550103").refusal);
  world.runner.catch_up();
  EXPECT_EQ(world.queries.user(user)->version, whole + 2);
  asked.if_match = whole + 2;
  EXPECT_FALSE(call(*anew(leaves_views), "+16135550104").refusal);
}

TEST(Executor, a_full_queue_refuses_at_once) {
  World world;
  service::Executor small{*world.log,     *world.vault,  world.runner, world.queries,
                          world.erasures, world.secrets, world.clock,  {2, 1, 100}};
  service::tests::HeldWriter writer{small, registration("someone1", "a@example.com")};
  small.submit(registration("someone2", "b@example.com"), {}, [](const Outcome&) {});
  small.submit(registration("someone3", "c@example.com"), {}, [](const Outcome&) {});
  std::optional<Reason> refusal;
  small.submit(registration("someone4", "d@example.com"), {},
               [&](const Outcome& outcome) { refusal = outcome.refusal->reason; });
  EXPECT_EQ(refusal, Reason::overloaded);
  writer.let_go();
  small.stop();
  EXPECT_EQ(world.log->head().next, 6u) << "what was queued is finished before the end";
}

TEST(Executor, who_asks_alone_and_waits_is_answered_by_its_own_thread) {
  World world;
  std::thread::id answered_by;
  world.executor.submit(
      registration("someone1", "a@example.com"), {},
      [&](const Outcome&) { answered_by = std::this_thread::get_id(); }, service::Caller::waits);
  EXPECT_EQ(answered_by, std::this_thread::get_id()) << "no other thread is woken for it";
}

TEST(Executor, who_goes_on_never_becomes_the_writer) {
  World world;
  std::promise<std::thread::id> answered_by;
  world.executor.submit(registration("someone1", "a@example.com"), {},
                        [&](const Outcome&) { answered_by.set_value(std::this_thread::get_id()); });
  EXPECT_NE(answered_by.get_future().get(), std::this_thread::get_id());
}

TEST(Executor, who_asks_while_another_writes_does_not_wait_for_it) {
  World world;
  service::tests::HeldWriter writer{world.executor, registration("someone1", "a@example.com")};
  std::promise<bool> second;
  world.executor.submit(registration("someone2", "b@example.com"), {},
                        [&](const Outcome& outcome) { second.set_value(!outcome.refusal); });
  writer.let_go();
  EXPECT_TRUE(second.get_future().get());
}

TEST(Executor, where_deciding_fails_nobody_waits_for_ever) {
  World world;
  std::atomic<int> faults = 0;
  const auto done = [&](const Outcome& outcome) {
    if (outcome.refusal && outcome.refusal->reason == Reason::internal_fault) ++faults;
  };
  {
    service::tests::HeldWriter writer{world.executor, registration("someone1", "a@example.com")};
    const auto asked = keyed(world.secrets, "key-1", "the request");
    storage::Commit damaged;
    damaged.id = asked.known_as.front().id;
    damaged.events.push_back({"user-of-nobody", "no envelope", "", {}});
    damaged.fingerprint = asked.known_as.front().fingerprint;
    damaged.answer = "not an answer";
    world.log->append({&damaged, 1});
    world.executor.submit(registration("someone2", "b@example.com"), {}, done);
    world.executor.submit(registration("someone3", "c@example.com"), asked, done);
    world.executor.submit(registration("someone4", "d@example.com"), {}, done);
  }
  EXPECT_TRUE(service::tests::eventually([&] { return faults == 3; }))
      << "of one batch, before and behind it";
  EXPECT_TRUE(world.executor.fault());
}

TEST(Executor, after_its_end_it_says_so) {
  World world;
  world.executor.stop();
  EXPECT_EQ(world.executor.execute(registration("someone1", "a@example.com"), {}).refusal->reason,
            Reason::shutting_down);
}

TEST(Executor, a_sealed_log_takes_nothing_more) {
  World world;
  world.log->seal();
  EXPECT_TRUE(world.executor.execute(registration("someone1", "a@example.com"), {}).refusal);
  EXPECT_EQ(world.log->head().next, 0u);
}

TEST(Executor, views_include_a_command_before_it_is_answered) {
  World world;
  for (int i = 0; i < 50; ++i) {
    const UserId user = world.registers("person" + std::to_string(i));
    ASSERT_TRUE(world.queries.user(user)) << "read your writes";
  }
}

TEST(Executor, views_include_the_commands_of_many_before_they_are_answered) {
  World world;
  std::atomic<int> unseen = 0;
  std::atomic<int> refused = 0;
  {
    std::vector<std::jthread> askers;
    for (int asker = 0; asker < 16; ++asker)
      askers.emplace_back([&, asker] {
        for (int i = 0; i < 20; ++i) {
          const std::string name = "person" + std::to_string(asker) + "x" + std::to_string(i);
          auto command = registration(name, name + "@example.com");
          const UserId user = command.user;
          const Outcome outcome = world.executor.execute(std::move(command), {});
          if (outcome.refusal) ++refused;
          if (!world.queries.user(user) || world.runner.next() <= *outcome.position) ++unseen;
        }
      });
  }
  EXPECT_EQ(refused, 0);
  EXPECT_EQ(unseen, 0) << "read your writes, while the writer is at the next batch";
  const auto counts = world.executor.counts();
  EXPECT_EQ(counts.commands, 320u);
  EXPECT_EQ(counts.events, world.log->head().next);
}

TEST(Executor, an_activation_by_a_stranger_is_counted_against_the_stranger) {
  World world;
  const UserId owner = world.registers("owner");
  const UserId stranger = world.registers("stranger");
  const AccountId account = world.enrols_and_confirms(owner);
  const auto state = world.queries.account(account)->state;
  const ActivateAccount right{account, state.client_number, world.secrets.activation_code(state.code->code)};
  service::Asked asked;
  asked.by = stranger;
  for (int i = 0; i < 5; ++i)
    EXPECT_EQ(world.executor.execute(right, asked).refusal->reason, Reason::activation_refused);
  EXPECT_EQ(world.executor.execute(right, asked).refusal->reason, Reason::too_many_attempts);
  asked.by = owner;
  EXPECT_FALSE(world.executor.execute(right, asked).refusal);
}

}  // namespace
