// The scheduler records exactly the deadlines that have passed, and none twice.
#include "service/workers/scheduler.hpp"

#include <chrono>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "projections/index/index_rows.hpp"
#include "service/workers_support.hpp"

namespace ttp::service::tests {
namespace {

using domain::days;
using domain::hours;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

constexpr std::chrono::milliseconds never{std::chrono::hours{1}};

TEST(Scheduler, records_nothing_while_nothing_is_due) {
  World world;
  world.enrols_and_confirms(world.registers("Tremblay"));
  const auto before = world.log->head().next;
  Scheduler scheduler{world.queries, world.executor, {}, never};
  EXPECT_EQ(scheduler.run_due(), 0u);
  EXPECT_EQ(world.log->head().next, before);
}

TEST(Scheduler, records_each_passed_deadline_exactly_once_after_the_clock_jumped) {
  World world;
  const auto user = world.registers("Tremblay");
  world.enrols_and_confirms(user);
  const auto before = world.log->head().next;
  Scheduler scheduler{world.queries, world.executor, {}, never};

  world.clock.advance(days{46});
  EXPECT_EQ(scheduler.run_due(), 5u);
  EXPECT_THAT(
      world.history_from(before),
      ElementsAre("account.letter_overdue", "account.letter_arrival_due", "account.activation_code_expiring",
                  "account.activation_code_expired", "account.letter_cancelled"));
  EXPECT_EQ(scheduler.run_due(), 0u);
  EXPECT_EQ(world.log->head().next, before + 5);

  world.clock.advance(days{2 * 366});
  EXPECT_EQ(scheduler.run_due(), 6u);
  EXPECT_THAT(world.history_from(before + 5),
              ElementsAre("user.urn_expiry_reminded", "user.urn_expiry_reminded", "user.urn_expiry_reminded",
                          "user.urn_expiry_reminded", "user.urn_expired", "account.enrolment_lapsed"));
  EXPECT_EQ(scheduler.run_due(), 0u);
}

TEST(Scheduler, records_as_the_system_and_not_as_a_person) {
  World world;
  world.registers("Tremblay");
  Scheduler scheduler{world.queries, world.executor, {}, never};
  world.clock.advance(days{370});
  ASSERT_EQ(scheduler.run_due(), 1u);
  const auto last = world.queries.history(world.last(), 1).at(0);
  EXPECT_EQ(last.envelope.actor, (events::Actor{events::ActorKind::system, {}}));
}

TEST(Scheduler, catches_up_with_more_than_fits_into_one_batch) {
  World world;
  for (int i = 0; i < 620; ++i) world.registers("Person" + std::to_string(i));
  Scheduler scheduler{world.queries, world.executor, {}, never};
  world.clock.advance(days{370});
  EXPECT_EQ(scheduler.run_due(), 620u);
  EXPECT_EQ(scheduler.run_due(), 0u);
}

TEST(Scheduler, looks_by_itself_and_at_once_when_poked) {
  World world;
  world.registers("Tremblay");
  const auto before = world.log->head().next;
  {
    Scheduler often{world.queries, world.executor, {}, std::chrono::milliseconds{5}};
    world.clock.advance(days{370});
    EXPECT_TRUE(eventually([&] { return world.log->head().next == before + 1; }));
  }
  Scheduler rarely{world.queries, world.executor, {}, never};
  world.clock.advance(days{320});
  rarely.poke();
  EXPECT_TRUE(eventually([&] { return world.log->head().next == before + 2; }));
}

TEST(Scheduler, reports_a_thing_that_stays_due_once_and_goes_on_with_the_others) {
  World world;
  world.registers("Tremblay");
  const UserId nobody{fresh_uuid(world.executor.now())};
  storage::ViewBatch batch;
  batch.put(world.runner.family(projections::user_view),
            projections::key::deadline(world.executor.now() - hours{1}, nobody.uuid), "");
  world.views->commit(batch);
  std::vector<std::string> told;
  Scheduler scheduler{world.queries, world.executor,
                      [&](std::string_view sentence) { told.emplace_back(sentence); }, never};
  world.clock.advance(days{370});
  EXPECT_EQ(scheduler.run_due(), 1u);
  EXPECT_EQ(scheduler.run_due(), 0u);
  ASSERT_THAT(told, SizeIs(1));
  EXPECT_NE(told.at(0).find(to_text(nobody)), std::string::npos);
}

TEST(Scheduler, stops_quietly_when_the_executor_takes_nothing_any_more) {
  World world;
  world.registers("Tremblay");
  std::vector<std::string> told;
  Scheduler scheduler{world.queries, world.executor,
                      [&](std::string_view sentence) { told.emplace_back(sentence); }, never};
  world.clock.advance(days{370});
  world.executor.stop();
  EXPECT_EQ(scheduler.run_due(), 0u);
  EXPECT_THAT(told, IsEmpty());
  scheduler.stop();
  scheduler.stop();
}

}  // namespace
}  // namespace ttp::service::tests
