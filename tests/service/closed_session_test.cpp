// The writer refuses a command whose session was closed, even if the views had admitted it.
#include <optional>

#include <gtest/gtest.h>

#include "workers_support.hpp"

namespace {

using namespace ttp;
using namespace ttp::domain;

struct ClosedSession : testing::Test {
  ClosedSession() {
    world.signs_in(user);
    session = world.state(user).sessions.front().id;
  }
  /// The result of a change sent with this session.
  std::optional<Reason> change(SessionId sent_with) {
    ChangeContactDetails command;
    command.user = user;
    command.given_names = GivenNames::stored("Number " + std::to_string(++changes));
    service::Asked asked;
    asked.by = user;
    asked.kind = events::ActorKind::user;
    asked.session = sent_with;
    const auto outcome = world.executor.execute(std::move(command), asked);
    return outcome.refusal ? std::optional{outcome.refusal->reason} : std::nullopt;
  }

  service::tests::World world;
  UserId user = world.registers("Tremblay");
  SessionId session;
  int changes = 0;
};

TEST_F(ClosedSession, lets_commands_through_while_it_is_open) {
  EXPECT_EQ(change(session), std::nullopt);
}

TEST_F(ClosedSession, lets_none_through_once_it_is_closed) {
  world.does(user, CloseSession{user, session});
  EXPECT_EQ(change(session), Reason::session_expired);
}

TEST_F(ClosedSession, is_refused_where_it_never_was) {
  EXPECT_EQ(change(SessionId{service::fresh_uuid(world.executor.now())}), Reason::session_expired);
}

TEST_F(ClosedSession, is_not_needed_by_the_service_itself) {
  EXPECT_EQ(change(SessionId{}), std::nullopt);
}

}  // namespace
