// The states that the writer decides on, while the snapshots lag behind the log.
#include <chrono>
#include <future>
#include <latch>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "service/workers_support.hpp"

namespace ttp::service::tests {
namespace {

/// More batches than the states of unused aggregates are kept for.
constexpr int many_batches = 40;

/// An executor over a world's log whose events are not published before it is let go.
class LaggingExecutor {
 public:
  explicit LaggingExecutor(World& world)
      : world_(world),
        executor_{*world.log,
                  *world.vault,
                  [this](std::span<const events::Recorded>) { let_go_.wait(); },
                  world.queries,
                  world.erasures,
                  world.secrets,
                  world.clock,
                  {}} {}

  /// Returns once the command's events are in the log.
  std::future<CommandResult> appends(UserId by, Command command) {
    const storage::Position before = world_.log->head().next;
    auto answer = asks(by, std::move(command));
    while (world_.log->head().next == before) world_.log->wait_beyond(before, std::chrono::milliseconds{100});
    return answer;
  }
  std::future<CommandResult> asks(UserId by, Command command) {
    auto promise = std::make_shared<std::promise<CommandResult>>();
    auto answer = promise->get_future();
    Asked asked;
    asked.by = by;
    asked.kind = events::ActorKind::user;
    executor_.submit(std::move(command), std::move(asked),
                     [promise](CommandResult result) { promise->set_value(std::move(result)); });
    return answer;
  }
  void let_go() { let_go_.count_down(); }

 private:
  World& world_;
  std::latch let_go_{1};
  Executor executor_;
};

domain::RegisterCredential registration(World& world, const std::string& name) {
  domain::RegisterCredential command;
  command.user.uuid = fresh_uuid(world.clock.now());
  command.user_name = domain::UserName::stored(name);
  command.password = domain::Password::parse("a long pass phrase").value();
  command.family_name = domain::FamilyName::stored(name);
  command.given_names = domain::GivenNames::stored("Marie-Ève");
  command.email = domain::EmailAddress::stored(name + "@example.com");
  command.telephone = domain::Telephone::stored("+16135550123");
  return command;
}

TEST(HeadStates, show_events_that_are_not_published_however_many_batches_came_after_them) {
  World world;
  LaggingExecutor executor{world};
  std::vector<std::future<CommandResult>> answers;
  auto first = registration(world, "first");
  const UserId user = first.user;
  answers.push_back(executor.appends({}, std::move(first)));
  for (int i = 0; i < many_batches; ++i)
    answers.push_back(executor.appends({}, registration(world, "other" + std::to_string(i))));
  ASSERT_EQ(world.snapshots.settled(), 0u);
  // A user who is not registered is refused this command.
  answers.push_back(executor.asks(
      user, domain::ChangeContactDetails{user, {}, {}, domain::Telephone::stored("+16135550177"), {}}));
  executor.let_go();
  for (auto& each : answers) {
    const CommandResult answer = each.get();
    EXPECT_FALSE(answer.refusal) << domain::to_text(answer.refusal->reason);
  }
}

}  // namespace
}  // namespace ttp::service::tests
