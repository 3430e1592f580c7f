// Mail that does not arrive: when a person counts as unreachable, and what ends that.
#include "domain/mail.hpp"

#include <gtest/gtest.h>

#include "domain/given_when_then.hpp"
#include "domain/user.hpp"

namespace ttp::domain::tests {
namespace {

const UserId me = owner.id;
const CredentialRegistered registered{me,
                                      CredentialKind::gckey,
                                      1,
                                      Language::fr,
                                      example<UserName>(),
                                      std::nullopt,
                                      std::nullopt,
                                      example<FamilyName>(),
                                      example<GivenNames>(),
                                      example<EmailAddress>(),
                                      example<Telephone>()};
const std::string key = "00000000000000000042-0";

MailNotDelivered failure(Time at, bool is_lasting, bool is_about_mailbox = true) {
  return {me, key, MailFate::bounced, is_lasting, is_about_mailbox, "5.1.1", at};
}

UserRecovered recovery_with(const std::optional<EmailAddress>& email) {
  return {me, {}, 2, {}, email, {}, noon};
}

User after(const std::vector<UserEvent>& events) {
  User user;
  for (const UserEvent& event : events) std::visit([&](const auto& each) { evolve(user, each); }, event);
  return user;
}

TEST(AMailThatDidNotArrive, is_recorded_as_the_carrier_tells_it) {
  given(registered)
      .when(RecordMailFate{me, key, MailFate::refused, true, true, "5.1.1"}, at(noon).by(Person{}))
      .then(MailNotDelivered{me, key, MailFate::refused, true, true, "5.1.1", noon});
  given()
      .when(RecordMailFate{me, key, MailFate::refused, true, true, "5.1.1"}, at(noon).by(Person{}))
      .refused(Reason::user_not_found);
}

TEST(APerson, is_unreachable_from_the_first_lasting_failure_on) {
  const User user = after({registered, failure(noon, true), failure(noon + hours{1}, true)});
  ASSERT_TRUE(user.mail_trouble);
  EXPECT_EQ(user.mail_trouble->since, noon);
}

TEST(APerson, is_unreachable_after_three_passing_failures_within_seven_days) {
  EXPECT_FALSE(after({registered, failure(noon, false), failure(noon + days{1}, false)}).mail_trouble);
  EXPECT_TRUE(after({registered, failure(noon, false), failure(noon + days{1}, false),
                     failure(noon + days{6}, false)})
                  .mail_trouble);
  EXPECT_FALSE(after({registered, failure(noon, false), failure(noon + days{1}, false),
                      failure(noon + days{7}, false)})
                   .mail_trouble);
}

TEST(APerson, stays_reachable_when_a_failure_is_about_the_mail_or_another_address) {
  EXPECT_FALSE(after({registered, failure(noon, true, false)}).mail_trouble);
}

TEST(APerson, is_reachable_again_with_a_code_from_the_mailbox_or_another_address) {
  EXPECT_FALSE(after({registered, failure(noon, true), OneTimeCodeAccepted{me, {}, {}}}).mail_trouble);
  EXPECT_FALSE(after({registered, failure(noon, true),
                      EmailChanged{me, example<EmailAddress>(), example<EmailAddress>(), noon}})
                   .mail_trouble);
  EXPECT_FALSE(after({registered, failure(noon, true), recovery_with(example<EmailAddress>())}).mail_trouble);
}

TEST(APerson, stays_unreachable_when_a_recovery_keeps_the_address) {
  EXPECT_TRUE(after({registered, failure(noon, true), recovery_with(std::nullopt)}).mail_trouble);
}

TEST(ResendMail, is_the_service_desks) {
  given(registered)
      .when(ResendMail{me, key}, at(noon).by(desk_officer))
      .then(MailResendRequested{me, key, desk_officer.id, noon});
  for (const Person& other : {stranger, auditor, programme_officer, mail_clerk, portal_operator})
    given(registered).when(ResendMail{me, key}, at(noon).by(other)).refused(Reason::staff_role_required);
  given().when(ResendMail{me, key}, at(noon).by(desk_officer)).refused(Reason::user_not_found);
  given(registered).when(ResendMail{me, {}}, at(noon).by(desk_officer)).refused(Reason::mail_not_found);
}

}  // namespace
}  // namespace ttp::domain::tests
