// The mark of the notifications that a person has read.
#include <gtest/gtest.h>

#include "domain/given_when_then.hpp"
#include "domain/user.hpp"

namespace ttp::domain::tests {
namespace {

const UserId me = owner.id;
const AccountId ours = id<AccountId>(501), another = id<AccountId>(502);
const std::vector<UserEvent> registered{CredentialRegistered{
    me, CredentialKind::gckey, 1, Language::fr, example<UserName>(), std::nullopt, std::nullopt,
    example<FamilyName>(), example<GivenNames>(), example<EmailAddress>(), example<Telephone>()}};

TEST(MarkNotificationsRead, moves_the_mark_of_one_account_forward) {
  const NotificationsRead read{me, ours, 40, noon};
  given(registered).when(MarkNotificationsRead{me, ours, 40}, at(noon)).then(read);
  given(registered, read)
      .when(MarkNotificationsRead{me, ours, 41}, at(noon))
      .then(NotificationsRead{me, ours, 41, noon});
  given(registered, read)
      .when(MarkNotificationsRead{me, another, 7}, at(noon))
      .then(NotificationsRead{me, another, 7, noon});
}

TEST(MarkNotificationsRead, is_accepted_without_an_event_where_that_was_read_before) {
  const NotificationsRead read{me, ours, 40, noon};
  given(registered, read).when(MarkNotificationsRead{me, ours, 40}, at(noon)).then();
  given(registered, read).when(MarkNotificationsRead{me, ours, 3}, at(noon)).then();
}

TEST(MarkNotificationsRead, changes_the_state) {
  const User user =
      given(registered, NotificationsRead{me, ours, 40, noon}, NotificationsRead{me, ours, 52, noon}).user;
  EXPECT_EQ(user.notifications_read(ours), 52u);
  EXPECT_EQ(user.notifications_read(another), 0u);
}

TEST(MarkNotificationsRead, is_refused_for_a_user_who_does_not_exist) {
  given().when(MarkNotificationsRead{me, ours, 40}).refused(Reason::user_not_found);
}

}  // namespace
}  // namespace ttp::domain::tests
