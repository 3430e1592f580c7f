// A thread that must not wait reads no store: what is in memory is found, and anything else is left to a
// thread that may wait.
#include "os/waiting.hpp"

#include <functional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "service/workers_support.hpp"
#include "storage/log/rocks_log.hpp"

namespace ttp::service::tests {
namespace {

TEST(MustNotWait, holds_on_its_thread_as_long_as_it_lives) {
  os::before_waiting();
  {
    const os::MustNotWait outer;
    {
      const os::MustNotWait inner;
    }
    EXPECT_THROW(os::before_waiting(), os::WouldWait);
    std::jthread{[] { EXPECT_NO_THROW(os::before_waiting()); }};
  }
  EXPECT_NO_THROW(os::before_waiting());
}

TEST(MustNotWait, keeps_a_thread_from_every_store_but_not_from_memory) {
  World world;
  const UserId user = world.registers("Tremblay");
  const auto log = storage::open_rocks_log(world.folder / "log");
  ASSERT_TRUE(world.snapshots.get<domain::User>(user.uuid));
  const std::vector<std::pair<std::string, std::function<void()>>> reads{
      {"a row of a view", [&] { world.queries.user_of_session({}); }},
      {"rows of a view", [&] { world.queries.memberships(user); }},
      {"the log", [&] { log->stream_version("user-none"); }},
      {"the vault", [&] { world.vault->find_data_key("user:none"); }},
      {"a state that is not in memory", [&] { world.snapshots.get<domain::User>(fresh_uuid({})); }}};
  const os::MustNotWait from_here;
  for (const auto& [what, read] : reads) EXPECT_THROW(read(), os::WouldWait) << what;
  EXPECT_TRUE(world.snapshots.get<domain::User>(user.uuid)) << "a state in memory";
}

}  // namespace
}  // namespace ttp::service::tests
