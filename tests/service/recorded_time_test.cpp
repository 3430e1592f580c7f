// The times of events when the host clock is behind the log.
#include <chrono>

#include <gtest/gtest.h>

#include "service/workers_support.hpp"

namespace ttp::service::tests {
namespace {

TEST(RecordedTime, runs_on_where_the_host_clock_is_behind_the_log) {
  World world;
  world.clock.advance(domain::days{2});
  world.registers("Tremblay");
  const domain::Time last = world.queries.history(world.last(), 1).at(0).envelope.recorded_at;

  std::chrono::nanoseconds steady{0};
  Clock clock{{[&] { return last - domain::days{2}; }, [&] { return steady; }}};
  const Executor executor{*world.log,     *world.vault,  world.runner, world.queries,
                          world.erasures, world.secrets, clock,        {}};
  EXPECT_EQ(executor.now(), last);
  steady += domain::minutes{11};
  EXPECT_EQ(executor.now(), last + domain::minutes{11});
}

}  // namespace
}  // namespace ttp::service::tests
