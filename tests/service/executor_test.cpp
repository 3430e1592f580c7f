// The executor: concurrent requests for one thing, retries, and refusals when it cannot go on.
#include <atomic>
#include <chrono>
#include <future>
#include <latch>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <thread>
#include <variant>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "workers_support.hpp"

namespace {

using namespace ttp;
using namespace ttp::domain;
using service::Command;
using service::CommandResult;
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
          const CommandResult outcome = world.executor.execute(
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
  const CommandResult first = world.executor.execute(registration("someone1", "a@example.com"), asked);
  ASSERT_FALSE(first.refusal);
  // The retry draws another identifier for the user, as a restarted server would.
  const CommandResult again = world.executor.execute(registration("someone1", "a@example.com"), asked);
  EXPECT_FALSE(again.refusal);
  EXPECT_TRUE(again.replayed);
  EXPECT_EQ(again.created, first.created);
  EXPECT_EQ(again.position, first.position);
  EXPECT_EQ(world.log->head().next, 2u);
}

TEST(Executor, a_new_executor_on_the_same_log_remembers_the_keys) {
  World world;
  const auto asked = keyed(world.secrets, "key-1", "the request");
  const CommandResult first = world.executor.execute(registration("someone1", "a@example.com"), asked);
  world.executor.stop();
  service::Executor restarted{*world.log,     *world.vault,  world.runner, world.queries,
                              world.erasures, world.secrets, world.clock,  {}};
  const CommandResult again = restarted.execute(registration("someone1", "a@example.com"), asked);
  EXPECT_TRUE(again.replayed);
  EXPECT_EQ(again.created, first.created);
}

TEST(Executor, a_key_used_for_another_request_is_refused_and_nothing_is_done) {
  World world;
  world.executor.execute(registration("someone1", "a@example.com"),
                         keyed(world.secrets, "key-1", "the request"));
  const CommandResult other = world.executor.execute(registration("someone2", "b@example.com"),
                                                     keyed(world.secrets, "key-1", "another"));
  ASSERT_TRUE(other.refusal);
  EXPECT_EQ(other.refusal->reason, Reason::idempotency_key_reused);
  EXPECT_EQ(world.log->head().next, 2u);
}

TEST(Executor, the_same_key_many_times_at_once_is_done_once) {
  World world;
  const auto asked = keyed(world.secrets, "key-1", "the request");
  std::vector<std::promise<CommandResult>> promises(20);
  for (auto& promise : promises)
    world.executor.submit(registration("someone1", "a@example.com"), asked,
                          [&promise](CommandResult outcome) { promise.set_value(std::move(outcome)); });
  std::string created;
  for (auto& promise : promises) {
    const CommandResult outcome = promise.get_future().get();
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
  const CommandResult first = world.executor.execute(wrong, asked);
  const auto head = world.log->head().next;
  const CommandResult again = world.executor.execute(wrong, asked);
  ASSERT_TRUE(first.refusal && again.refusal);
  EXPECT_EQ(again.refusal, first.refusal);
  EXPECT_EQ(world.log->head().next, head) << "the attempt counts once";
}

TEST(Executor, an_if_match_of_another_version_is_refused) {
  World world;
  const UserId user = world.registers("tremblay");
  service::Asked asked;
  asked.by = user;
  asked.if_match = SeenVersion{1};
  ChangeContactDetails command;
  command.user = user;
  command.telephone = Telephone::stored("+16135550199");
  EXPECT_EQ(world.executor.execute(command, asked).refusal->reason, Reason::version_differs);
  asked.if_match = SeenVersion{world.queries.user(user)->version};
  EXPECT_FALSE(world.executor.execute(command, asked).refusal);
}

TEST(Executor, an_if_match_of_another_version_does_not_hide_a_refusal) {
  World world;
  const UserId user = world.registers("tremblay");
  StartSignIn wrong_password;
  wrong_password.user = user;
  service::Asked asked;
  asked.if_match = SeenVersion{0};
  const auto refused = world.executor.execute(wrong_password, asked).refusal;
  ASSERT_TRUE(refused);
  EXPECT_NE(refused->reason, Reason::version_differs);
  world.runner.catch_up();
  EXPECT_EQ(world.queries.user(user)->state.failures.in_a_row, 1u) << "the attempt is counted";
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
  // Each executor is new and uses the published states if they are whole.
  const auto anew = [&](const service::Executor::Apply& apply) {
    return std::make_unique<service::Executor>(*world.log, *world.vault, apply, world.queries, world.erasures,
                                               world.secrets, world.clock, service::Executor::Limits{});
  };
  const auto leaves_views = [](std::span<const events::Recorded>) {};
  const auto whole = world.queries.user(user)->version;
  asked.if_match = SeenVersion{whole};
  EXPECT_FALSE(call(*anew(leaves_views), "+16135550101").refusal);
  asked.if_match = SeenVersion{whole};
  EXPECT_EQ(call(*anew(leaves_views), "+16135550102").refusal->reason, Reason::version_differs);
  asked.if_match = SeenVersion{whole + 1};
  EXPECT_FALSE(call(*anew(leaves_views), "+16135550103").refusal);
  world.runner.catch_up();
  EXPECT_EQ(world.queries.user(user)->version, whole + 2);
  asked.if_match = SeenVersion{whole + 2};
  EXPECT_FALSE(call(*anew(leaves_views), "+16135550104").refusal);
}

TEST(Executor, a_full_queue_refuses_at_once) {
  World world;
  service::Executor small{*world.log,     *world.vault,  world.runner, world.queries,
                          world.erasures, world.secrets, world.clock,  {2, 1}};
  service::tests::HeldWriter writer{*world.log, small, registration("someone1", "a@example.com")};
  small.submit(registration("someone2", "b@example.com"), {}, [](const CommandResult&) {});
  small.submit(registration("someone3", "c@example.com"), {}, [](const CommandResult&) {});
  std::optional<Reason> refusal;
  small.submit(registration("someone4", "d@example.com"), {},
               [&](const CommandResult& outcome) { refusal = outcome.refusal->reason; });
  EXPECT_EQ(refusal, Reason::overloaded);
  writer.let_go();
  small.stop();
  EXPECT_EQ(world.log->head().next, 6u) << "queued commands are finished before the end";
}

TEST(Executor, submit_does_not_block_while_the_writer_writes) {
  World world;
  service::tests::HeldWriter writer{*world.log, world.executor, registration("someone1", "a@example.com")};
  std::promise<bool> second;
  world.executor.submit(registration("someone2", "b@example.com"), {},
                        [&](const CommandResult& outcome) { second.set_value(!outcome.refusal); });
  writer.let_go();
  EXPECT_TRUE(second.get_future().get());
}

/// Submits three commands for one batch, `faulty` in the middle; returns their answers in this order.
std::vector<CommandResult> answers_around(World& world, Command faulty, service::Asked asked) {
  std::vector<std::promise<CommandResult>> promises(3);
  const auto submit = [&](std::size_t i, Command command, service::Asked by) {
    world.executor.submit(std::move(command), std::move(by),
                          [&, i](CommandResult answer) { promises[i].set_value(std::move(answer)); });
  };
  service::tests::HeldWriter writer{*world.log, world.executor, registration("someone1", "a@example.com")};
  submit(0, registration("someone2", "b@example.com"), {});
  submit(1, std::move(faulty), std::move(asked));
  submit(2, registration("someone4", "d@example.com"), {});
  writer.let_go();
  std::vector<CommandResult> answers;
  for (auto& promise : promises) answers.push_back(promise.get_future().get());
  return answers;
}

/// Checks that only the middle command has failed, and that the executor goes on.
void expect_only_the_middle_failed(World& world, const std::vector<CommandResult>& answers) {
  EXPECT_FALSE(answers[0].refusal);
  ASSERT_TRUE(answers[1].refusal);
  EXPECT_EQ(answers[1].refusal->reason, Reason::internal_fault);
  EXPECT_FALSE(answers[2].refusal);
  EXPECT_FALSE(world.executor.fault());
  EXPECT_FALSE(world.executor.execute(registration("someone9", "i@example.com"), {}).refusal);
  EXPECT_EQ(world.log->head().next, world.runner.next());
}

TEST(Executor, a_stored_answer_that_cannot_be_read_fails_its_command_alone) {
  World world;
  const auto asked = keyed(world.secrets, "key-1", "the request");
  storage::Commit damaged;
  damaged.id = asked.known_as.front().id;
  damaged.fingerprint = asked.known_as.front().fingerprint;
  damaged.answer = "not an answer";
  world.log->append({&damaged, 1});
  expect_only_the_middle_failed(world,
                                answers_around(world, registration("someone3", "c@example.com"), asked));
}

TEST(Executor, a_damaged_row_of_commands_fails_its_command_alone) {
  World world;
  const auto asked = keyed(world.secrets, "key-1", "the request");
  world.log->damage_command(asked.known_as.front().id);
  expect_only_the_middle_failed(world,
                                answers_around(world, registration("someone3", "c@example.com"), asked));
}

TEST(Executor, a_damaged_stream_index_fails_its_command_alone) {
  World world;
  auto command = registration("someone3", "c@example.com");
  world.log->damage_stream(events::stream_name(command.user));
  expect_only_the_middle_failed(world, answers_around(world, command, {}));
}

TEST(Executor, a_claim_that_is_not_held_fails_the_command_that_releases_it_alone) {
  World world;
  const UserId user = world.registers("tremblay");
  const storage::StoredEvent first = world.log->read(0, 1).at(0);
  storage::Commit releasing;  // as in a log that was written under other rules
  releasing.id.uuid = service::fresh_uuid(world.executor.now());
  storage::NewEvent event{events::stream_name(user), first.envelope, first.body, {}};
  event.claims = events::decode_envelope(first.envelope).claims;
  event.claims.push_back({false, "mail", events::Hash{}});
  releasing.events.push_back(event);
  const auto result = world.log->append({&releasing, 1}).front();
  EXPECT_TRUE(std::holds_alternative<storage::Failed>(result));
  EXPECT_EQ(world.log->head().next, 2u);
}

TEST(Executor, after_a_failed_sync_commands_get_outcome_unknown) {
  World world;
  std::vector<std::promise<CommandResult>> promises(2);
  {
    service::tests::HeldWriter writer{*world.log, world.executor, registration("someone1", "a@example.com")};
    for (std::size_t i = 0; i < promises.size(); ++i)
      world.executor.submit(
          registration("someone" + std::to_string(2 + i), std::to_string(i) + "@example.com"), {},
          [&, i](CommandResult answer) { promises[i].set_value(std::move(answer)); });
    world.log->before_next_append([&] { world.log->break_disk(); });
  }
  for (auto& promise : promises)
    EXPECT_EQ(promise.get_future().get().refusal.value().reason, Reason::outcome_unknown);
  ASSERT_TRUE(world.executor.fault());
  EXPECT_THAT(world.executor.fault()->why, ::testing::HasSubstr("No space left on device"));
  EXPECT_EQ(world.executor.execute(registration("someone9", "i@example.com"), {}).refusal.value().reason,
            Reason::log_unavailable);
}

TEST(Executor, an_unknown_outcome_is_known_when_the_command_is_sent_again_after_a_restart) {
  for (const bool was_written : {false, true}) {
    World world;
    const auto asked = keyed(world.secrets, "key-1", "the request");
    world.log->break_disk(was_written);
    EXPECT_EQ(world.executor.execute(registration("someone1", "a@example.com"), asked).refusal.value().reason,
              Reason::outcome_unknown);
    world.executor.stop();
    world.log->mend_disk();
    world.runner.catch_up();
    service::Executor restarted{*world.log,     *world.vault,  world.runner, world.queries,
                                world.erasures, world.secrets, world.clock,  {}};
    const CommandResult again = restarted.execute(registration("someone1", "a@example.com"), asked);
    EXPECT_FALSE(again.refusal);
    EXPECT_EQ(again.replayed, was_written);
    EXPECT_EQ(world.log->head().next, 2u) << "done once";
  }
}

TEST(Executor, an_accepted_command_that_changed_nothing_is_not_carried_out_later) {
  World world;
  const UserId user = world.registers("tremblay");
  ChangeContactDetails one, other;
  one.user = other.user = user;
  one.telephone = Telephone::stored("+16135550101");
  other.telephone = Telephone::stored("+16135550102");
  const auto ask = [&](const ChangeContactDetails& command, std::string_view key) {
    auto asked = keyed(world.secrets, key, command.telephone->text());
    asked.by = user;
    return world.executor.execute(command, asked);
  };
  ask(one, "key-1");
  const auto head = world.log->head().next;
  const CommandResult unchanged = ask(one, "key-2");
  EXPECT_EQ(world.log->head().next, head) << "nothing to record";
  ask(other, "key-3");
  const CommandResult again = ask(one, "key-2");
  EXPECT_TRUE(again.replayed);
  EXPECT_EQ(again.position, unchanged.position);
  EXPECT_EQ(world.state(user).telephone, *other.telephone) << "the change of the other command is kept";
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
          const CommandResult outcome = world.executor.execute(std::move(command), {});
          if (outcome.refusal) ++refused;
          if (!world.queries.user(user) || world.runner.next() <= *outcome.position) ++unseen;
        }
      });
  }
  EXPECT_EQ(refused, 0);
  EXPECT_EQ(unseen, 0) << "read your writes, while the writer works on the next batch";
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
