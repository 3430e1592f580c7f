// The last use of sessions: they end on time and leave no notes behind.
#include "service/secrets/session_activity.hpp"

#include <gtest/gtest.h>

#include "service/secrets/secrets.hpp"
#include "service/workers_support.hpp"

namespace ttp::service {
namespace {

using domain::hours;
using domain::minutes;
using domain::seconds;
using domain::Session;
using domain::Time;

constexpr Time noon = std::chrono::sys_days{std::chrono::year{2026} / 3 / 9} + hours{12};

struct Activity : tests::World {
  SessionActivity sessions{*vault};

  Session opens(Time at) {
    Session session;
    session.id = domain::SessionId{fresh_uuid(at)};
    session.opened_at = at;
    session.expires_at = at + domain::session_lifetime;
    return session;
  }
  std::size_t notes() const { return vault->scan_notes("activity/").size(); }
};

TEST(SessionActivity, forgets_sessions_that_are_over_and_their_notes) {
  Activity world;
  const Session early = world.opens(noon), late = world.opens(noon);
  for (const Session& each : {early, late}) ASSERT_TRUE(world.sessions.use(each, noon + minutes{2}));
  ASSERT_TRUE(world.sessions.use(late, noon + minutes{16}));
  EXPECT_EQ(world.notes(), 2u);

  world.sessions.sweep(noon + minutes{20});
  EXPECT_EQ(world.sessions.size(), 1u);
  EXPECT_EQ(world.notes(), 1u);
  EXPECT_FALSE(world.sessions.use(early, noon + minutes{20})) << "the session is over nevertheless";
  EXPECT_TRUE(world.sessions.use(late, noon + minutes{20}));
}

TEST(SessionActivity, ends_no_session_by_a_sweep) {
  Activity world;
  const Session session = world.opens(noon);
  ASSERT_TRUE(world.sessions.use(session, noon + minutes{2}));
  ASSERT_TRUE(world.sessions.use(session, noon + minutes{2} + seconds{59})) << "no note of its own";
  const Time end = noon + minutes{17} + seconds{59};
  world.sessions.sweep(end - seconds{1});
  EXPECT_TRUE(world.sessions.is_open(session, end - seconds{1}));
  world.sessions.sweep(end);
  EXPECT_FALSE(world.sessions.is_open(session, end));
}

TEST(SessionActivity, erases_the_notes_of_an_earlier_process_some_at_a_time) {
  Activity world;
  for (int i = 0; i < 25; ++i) ASSERT_TRUE(world.sessions.use(world.opens(noon), noon + minutes{2}));
  SessionActivity next{*world.vault};
  const Session open = world.opens(noon + minutes{30});
  ASSERT_TRUE(next.use(open, noon + minutes{40}));

  int sweeps = 0;
  while (next.sweep(noon + minutes{41}, 10) == 10) ++sweeps;
  EXPECT_EQ(sweeps, 2);
  EXPECT_EQ(world.notes(), 1u);
  EXPECT_TRUE(next.use(open, noon + minutes{50}));
}

TEST(SessionActivity, keeps_a_bounded_number_in_memory_and_forgets_no_use) {
  Activity world;
  SessionActivity few{*world.vault, 2};
  const Session first = world.opens(noon), second = world.opens(noon), third = world.opens(noon);
  for (const Session& each : {first, second, third}) {
    ASSERT_TRUE(few.use(each, noon + minutes{2}));
    ASSERT_TRUE(few.use(each, noon + minutes{2} + seconds{30}));
    EXPECT_LE(few.size(), 2u);
  }
  for (const Session& each : {first, second, third})
    EXPECT_EQ(few.last_used(each), noon + minutes{2} + seconds{30});
}

}  // namespace
}  // namespace ttp::service
