// Two executors on one log, each with its own states, like two processes: no acknowledged event is lost, no
// claim is doubled, each command is done once, and a refusal that was decided on an old state is never
// answered. It runs on every engine that several writers share. The controls run the same with a log that
// reports no other writers.
#include <algorithm>
#include <array>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <random>
#include <set>
#include <string>
#include <string_view>
#include <thread>
#include <variant>
#include <vector>

#include <gtest/gtest.h>

#include "events/codec.hpp"
#include "snapshots/snapshots.hpp"
#include "storage/log/consistency.hpp"
#include "storage/postgres/postgres_log.hpp"
#include "support/throwaway_postgres.hpp"
#include "workers_support.hpp"

namespace {

using namespace ttp;
using namespace ttp::domain;
using service::Asked;
using service::Command;
using service::CommandResult;
using service::Executor;
using storage::Writers;

struct Answered {
  Command command;
  Asked asked;
  CommandResult answer;
};

/// An executor with its own states. Its views stay as they were at the beginning.
class OwnExecutor {
 public:
  OwnExecutor(service::tests::World& world, storage::Log& log)
      : snapshots_(log, world.find_key, world.views->shared_changes()),
        queries_(log, *world.views, snapshots_, world.runner, world.secrets, world.find_key),
        executor_(
            log, *world.vault, [](std::span<const events::Recorded>) {}, queries_, world.erasures,
            world.secrets, world.clock, Executor::Limits{}) {}

  CommandResult execute(Command command, Asked asked) {
    return executor_.execute(std::move(command), std::move(asked));
  }

 private:
  snapshots::Snapshots snapshots_;
  service::Queries queries_;
  Executor executor_;
};

class TwoExecutors {
 public:
  /// Both write the same log object.
  explicit TwoExecutors(Writers writers) : world{writers} {
    begin();
    for (auto& each : executors) each = std::make_unique<OwnExecutor>(world, *world.log);
  }
  /// Each has a log object of its own, as on two machines, and so have those who look.
  explicit TwoExecutors(const std::function<std::unique_ptr<storage::Log>(std::string_view node)>& open)
      : world{open("world")} {
    begin();
    for (std::size_t i = 0; i < executors.size(); ++i) {
      logs[i] = open("node" + std::to_string(i));
      executors[i] = std::make_unique<OwnExecutor>(world, *logs[i]);
    }
  }

  /// Lets those who look see everything that was appended.
  void follow() { world.log->barrier(); }

  User user(UserId id) const { return world.snapshots.at_head<User>(id.uuid)->state; }

  /// The answer to the command on a log with only the first `size` events.
  CommandResult answer_at(storage::Position size, Command command, Asked asked) {
    const auto copy = storage::open_memory_log();
    storage::Commit all;
    all.id.uuid = service::fresh_uuid(world.clock.now());
    for (auto& event : world.log->read(0, size)) {
      const auto envelope = events::decode_envelope(event.envelope);
      all.events.push_back(
          {envelope.stream, std::move(event.envelope), std::move(event.body), envelope.claims});
    }
    copy->append({&all, 1});
    asked.known_as.clear();
    return OwnExecutor{world, *copy}.execute(std::move(command), std::move(asked));
  }

  service::tests::World world;
  std::vector<UserId> users;
  AccountId account;
  std::array<std::unique_ptr<storage::Log>, 2> logs;
  std::array<std::unique_ptr<OwnExecutor>, 2> executors;

 private:
  void begin() {
    for (const char* name : {"one", "two", "three"}) users.push_back(world.registers(name));
    account = world.has_authorised_account(users[0]);
  }
};

/// Makes two executors on an engine that several writers share.
struct SharedEngine {
  const char* name;
  std::function<std::unique_ptr<TwoExecutors>()> two;
};

std::unique_ptr<TwoExecutors> two_in_memory() {
  return std::make_unique<TwoExecutors>(Writers::many);
}

std::unique_ptr<TwoExecutors> two_in_postgres() {
  static service::tests::TemporaryFolder folder;
  static unsigned worlds = 0;
  auto& server = ttp::test::ThrowawayPostgres::shared();
  const auto database = server.new_log();
  const auto replicas = folder / std::to_string(worlds++);
  return std::make_unique<TwoExecutors>([&](std::string_view node) {
    std::filesystem::create_directories(replicas);
    return storage::open_postgres_log({.database = server.url(database, storage::postgres::node_role),
                                       .replica_dir = replicas / node,
                                       .node = std::string{node}});
  });
}

class TwoExecutorsOn : public ::testing::TestWithParam<SharedEngine> {};
INSTANTIATE_TEST_SUITE_P(EveryEngine, TwoExecutorsOn,
                         ::testing::Values(SharedEngine{"memory", two_in_memory},
                                           SharedEngine{"postgres", two_in_postgres}),
                         [](const auto& each) { return std::string{each.param.name}; });

/// One client's random commands, sent to either executor.
class Client {
 public:
  Client(TwoExecutors& two, unsigned seed) : two_(two), random_(seed) {}

  void ask(unsigned count) {
    for (unsigned i = 0; i < count; ++i) {
      Asked asked;
      Command command = any_command(asked);
      if (below(3) == 0)
        asked.known_as = two_.world.secrets.known_requests("all", text("key", 30), "one", {});
      answered.push_back({command, asked, two_.executors[below(2)]->execute(command, asked)});
    }
  }

  std::vector<Answered> answered;

 private:
  unsigned below(unsigned end) { return std::uniform_int_distribution<unsigned>{0, end - 1}(random_); }
  std::string text(const std::string& stem, unsigned end) { return stem + std::to_string(below(end)); }

  Command any_command(Asked& asked) {
    const UserId id = two_.users[below(3)];
    const User user = two_.user(id);
    const SignInId sign_in = user.sign_in ? user.sign_in->id : SignInId{};
    asked.by = id;
    asked.kind = events::ActorKind::user;
    asked.secret_matches = below(8) != 0;
    asked.credential_version = user.credential_version;
    if (below(4) == 0) asked.if_match = SeenVersion{two_.world.log->stream_version(events::stream_name(id))};
    switch (below(11)) {
      case 0:
        return ChangeContactDetails{id, {}, {}, Telephone::stored("+1613555010" + text("", 3)), {}};
      case 1:
        return RequestEmailChange{id, {}, EmailAddress::stored(text("m", 3) + "@example.com"), Password{}};
      case 2:
        return user.email_change ? two_.world.email_confirmation(user) : ConfirmEmailChange{id, {}, {}, {}};
      case 3:
      case 4:
        return StartSignIn{id, {}, {}};
      case 5:
        return EnrolMailFactor{id, sign_in, 1};
      case 6:
        return EnterOneTimeCode{id, sign_in,
                                user.sign_in && user.sign_in->code
                                    ? two_.world.secrets.one_time_code(user.sign_in->code->code)
                                    : OneTimeCode{}};
      case 7:
        return AcceptPortalTerms{id, sign_in, 1};
      case 8: {
        RegisterCredential command;
        command.user.uuid = service::fresh_uuid(two_.world.clock.now());
        command.user_name = UserName::stored(text("someone", 6));
        command.password = Password::parse("four otters play in the sun").value();
        command.family_name = FamilyName::stored("Tremblay");
        command.given_names = GivenNames::stored("Ève");
        command.email = EmailAddress::stored(text("m", 6) + "@example.com");
        command.telephone = Telephone::stored("+16135550123");
        asked = {};
        return command;
      }
      case 9: {
        asked.by = two_.users[0];
        asked.if_match.reset();
        const User other = two_.user(two_.users[1 + below(2)]);
        return AddMember{two_.account, other.family_name, other.urn, other.email, Role::administrative};
      }
      default:
        asked.by = two_.users[0];
        asked.if_match.reset();
        return RemoveMember{two_.account, two_.users[1 + below(2)]};
    }
  }

  TwoExecutors& two_;
  std::mt19937 random_;
};

std::vector<Answered> ask_at_random(TwoExecutors& two, unsigned seed, unsigned clients, unsigned commands) {
  std::vector<Client> all;
  for (unsigned i = 0; i < clients; ++i) all.emplace_back(two, seed * 100 + i);
  {
    std::vector<std::jthread> threads;
    for (Client& each : all) threads.emplace_back([&each, commands] { each.ask(commands); });
  }
  std::vector<Answered> answered;
  for (Client& each : all) std::ranges::move(each.answered, std::back_inserter(answered));
  return answered;
}

/// Whether the refusal is about a claim of another stream, which may be free again at the answer's position.
bool is_about_a_claim(Reason reason) {
  return reason == Reason::user_name_taken || reason == Reason::email_taken;
}

/// Whether the event at the position records an attempt that was refused with this reason.
bool is_recorded(const TwoExecutors& two, storage::Position position, Reason reason) {
  const auto event = two.world.log->read(position, 1).at(0);
  const auto command = two.world.log->find_command(events::decode_envelope(event.envelope).command);
  const auto answer = service::decode_answer(command.value().answer);
  return answer.refusal && answer.refusal->reason == reason;
}

/// Checks rules that hold after every single event of the log, whichever executor decided it.
void check_after_each_event(TwoExecutors& two, std::vector<std::string>& found) {
  std::map<AccountId, Account> accounts;
  for (const auto& stored : two.world.log->read(0, two.world.log->head().next)) {
    const auto envelope = events::decode_envelope(stored.envelope);
    const auto decoded = events::decode_body(envelope, stored.body, two.world.find_key);
    std::visit(
        [&]<class E>(const E& event) {
          if constexpr (requires(Account state) { evolve(state, event); }) {
            Account& account = accounts[event.account];
            evolve(account, event);
            std::set<UserId> seats;
            for (const Member& each : account.members) seats.insert(each.user);
            if (seats.size() != account.members.size()) found.emplace_back("a person has two seats");
            if (account.exists() && std::ranges::count(account.members, Role::owner, &Member::role) != 1)
              found.emplace_back("an account has not exactly one owner");
          }
        },
        decoded.event);
  }
}

/// Every breach of a promise, one sentence each.
std::vector<std::string> breaches(TwoExecutors& two, const std::vector<Answered>& answered) {
  std::vector<std::string> found;
  two.follow();
  storage::check_consistency(*two.world.log, [&](const storage::Inconsistency& each) {
    found.push_back(each.part + ": " + each.what);
  });
  check_after_each_event(two, found);
  std::map<CommandId, std::pair<std::string, std::optional<storage::Position>>> first_answers;
  for (const Answered& each : answered) {
    if (!each.asked.known_as.empty() && (!each.answer.refusal || each.answer.replayed)) {
      const auto [first, is_new] = first_answers.try_emplace(each.asked.known_as.front().id,
                                                             each.answer.created, each.answer.position);
      if (first->second != std::pair{each.answer.created, each.answer.position})
        found.emplace_back("one key has two answers");
      if (!two.world.log->find_command(each.asked.known_as.front().id))
        found.emplace_back("an acknowledged command is not in the log");
    }
    if (each.answer.position && *each.answer.position >= two.world.log->head().next)
      found.emplace_back("an answer names a position that the log does not have");
    const bool was_refused_unrecorded = each.answer.refusal && !each.answer.replayed &&
                                        each.answer.refusal->reason != Reason::changed_meanwhile &&
                                        !is_about_a_claim(each.answer.refusal->reason);
    if (!was_refused_unrecorded) continue;
    if (is_recorded(two, *each.answer.position, each.answer.refusal->reason)) continue;
    const auto again = two.answer_at(*each.answer.position + 1, each.command, each.asked);
    if (again.refusal && again.refusal->reason == each.answer.refusal->reason) continue;
    found.push_back("refused as " + std::string{to_text(each.answer.refusal->reason)} +
                    ", which does not hold at the position answered");
  }
  return found;
}

TEST_P(TwoExecutorsOn, keep_every_promise_under_random_commands) {
  for (unsigned seed = 1; seed <= 3; ++seed) {
    const auto two = GetParam().two();
    const auto answered = ask_at_random(*two, seed, 4, 60);
    EXPECT_EQ(answered.size(), 240u);
    for (const std::string& each : breaches(*two, answered)) ADD_FAILURE() << "seed " << seed << ": " << each;
    EXPECT_GT(two->world.log->head().next, 40u);
  }
}

TEST(TwoExecutors, control_break_promises_where_refusals_are_not_confirmed) {
  for (unsigned seed = 1; seed <= 20; ++seed) {
    TwoExecutors two{Writers::one};
    for (const std::string& each : breaches(two, ask_at_random(two, seed, 4, 60)))
      if (each.starts_with("refused as")) return;
  }
  FAIL() << "the suite does not find wrong refusals that were not confirmed";
}

/// The second executor has read a user without an open change of e-mail; then the first opens one.
CommandResult confirms_behind_the_seconds_back(TwoExecutors& two) {
  const UserId user = two.users[1];
  Asked asked;
  asked.by = user;
  asked.secret_matches = true;
  asked.credential_version = two.user(user).credential_version;
  ChangeContactDetails touch{user, {}, {}, Telephone::stored("+16135550177"), {}};
  EXPECT_FALSE(two.executors[1]->execute(touch, asked).refusal);
  EXPECT_FALSE(
      two.executors[0]
          ->execute(RequestEmailChange{user, {}, EmailAddress::stored("new@example.com"), Password{}}, asked)
          .refusal);
  two.follow();
  return two.executors[1]->execute(two.world.email_confirmation(two.user(user)), asked);
}

TEST_P(TwoExecutorsOn, a_refusal_on_a_state_that_has_moved_on_is_decided_anew) {
  EXPECT_FALSE(confirms_behind_the_seconds_back(*GetParam().two()).refusal);
}

TEST(TwoExecutors, control_an_unconfirmed_refusal_is_wrong) {
  TwoExecutors two{Writers::one};
  const auto answer = confirms_behind_the_seconds_back(two);
  ASSERT_TRUE(answer.refusal);
  EXPECT_EQ(answer.refusal->reason, Reason::email_change_not_pending);
}

TEST_P(TwoExecutorsOn, one_key_at_both_at_once_is_done_once) {
  for (int round = 0; round < 10; ++round) {
    const auto made = GetParam().two();
    TwoExecutors& two = *made;
    two.follow();
    Asked asked;
    asked.by = two.users[1];
    asked.known_as = two.world.secrets.known_requests("somebody", "key", "the request", {});
    const ChangeContactDetails command{two.users[1], {}, {}, Telephone::stored("+16135550144"), {}};
    const auto head = two.world.log->head().next;
    std::array<CommandResult, 2> answers;
    {
      std::vector<std::jthread> threads;
      for (std::size_t i = 0; i < 2; ++i)
        threads.emplace_back([&, i] { answers[i] = two.executors[i]->execute(command, asked); });
    }
    two.follow();
    EXPECT_EQ(two.world.log->head().next, head + 1);
    EXPECT_EQ(answers[0].position, answers[1].position);
    EXPECT_NE(answers[0].replayed, answers[1].replayed);
  }
}

}  // namespace
