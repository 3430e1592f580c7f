// Requests of strangers who name a mailbox: the registration token and its code, the tries of a code,
// the limits of mails, and the mails themselves, which no event causes.
#include <chrono>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "service/secrets/mailbox_limits.hpp"
#include "service/secrets/registration_codes.hpp"
#include "service/workers/mailbox_mails.hpp"
#include "workers_support.hpp"

namespace {

using namespace ttp;
using namespace ttp::service;
using domain::EmailAddress;
using domain::Language;
using domain::Reason;
using domain::Time;
using service::tests::eventually;
using service::tests::World;
using testing::HasSubstr;
using testing::Not;

const Time noon{std::chrono::hours{12}};

EmailAddress address(std::string_view text) {
  return EmailAddress::parse(text).value();
}

Registration registration_at(Time time, std::string_view email = "marie@example.com") {
  return {{fresh_uuid(time)}, Language::fr, address(email)};
}

// ---- the token and its code ------------------------------------------------------------------------------

TEST(RegistrationToken, holds_all_that_is_known_and_shows_none_of_it) {
  World world;
  const Registration begun = registration_at(noon);
  const std::string token = world.secrets.registration_token(begun);
  const auto opened = world.secrets.open_registration_token(token);
  ASSERT_TRUE(opened);
  EXPECT_EQ(opened->user, begun.user);
  EXPECT_EQ(opened->email, begun.email);
  EXPECT_EQ(opened->language, Language::fr);
  EXPECT_EQ(opened->expires_at(), noon + std::chrono::minutes{30});
  const auto bytes = events::from_base64url(token);
  EXPECT_THAT(*bytes, Not(HasSubstr("marie")));
  EXPECT_TRUE(domain::RegistrationToken::parse(token));
}

TEST(RegistrationToken, of_the_longest_address_has_the_form_of_one) {
  World world;
  const std::string label(60, 'a');
  const std::string longest = label + "@" + label + "." + label + "." + label + ".aaaaaa.ca";
  ASSERT_EQ(longest.size(), 254u - 1);
  const auto token = world.secrets.registration_token(registration_at(noon, longest));
  EXPECT_TRUE(domain::RegistrationToken::parse(token));
  EXPECT_TRUE(world.secrets.open_registration_token(token));
}

TEST(RegistrationToken, with_a_changed_bit_is_no_token) {
  World world;
  const auto bytes = *events::from_base64url(world.secrets.registration_token(registration_at(noon)));
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    auto changed = bytes;
    changed[at] = static_cast<char>(changed[at] ^ 1);
    EXPECT_FALSE(world.secrets.open_registration_token(events::to_base64url(changed))) << at;
  }
  EXPECT_TRUE(world.secrets.open_registration_token(events::to_base64url(bytes)));
}

TEST(RegistrationToken, of_before_a_rotation_of_the_keys_still_opens) {
  World world;
  const Registration begun = registration_at(noon);
  const auto token = world.secrets.registration_token(begun);
  const auto code = world.secrets.registration_code(begun.user);
  world.keys.rotate(KeyPurpose::sign_in, noon);
  world.keys.rotate(KeyPurpose::one_time_code, noon);
  EXPECT_TRUE(world.secrets.open_registration_token(token));
  EXPECT_TRUE(world.secrets.matches(begun.user, code));
  const Registration later = registration_at(noon + std::chrono::minutes{1});
  EXPECT_FALSE(world.secrets.matches(later.user, code));
}

// ---- tries -----------------------------------------------------------------------------------------------

TEST(RegistrationCodes, are_void_after_five_wrong_entries_and_tell_how_many_are_left) {
  RegistrationCodes codes;
  const domain::UserId user{fresh_uuid(noon)}, other{fresh_uuid(noon)};
  domain::Refusal wrong = domain::why_field(Reason::one_time_code_wrong, "/code");
  for (const std::uint32_t left : {4u, 3u, 2u, 1u, 0u}) {
    wrong.tries_left = left;
    EXPECT_EQ(codes.judge(user, false, noon), wrong);
  }
  EXPECT_EQ(codes.judge(user, true, noon), domain::why(Reason::one_time_code_void));
  EXPECT_EQ(codes.judge(other, true, noon), std::nullopt);
}

TEST(RegistrationCodes, are_counted_until_they_expire_and_within_a_bound) {
  RegistrationCodes codes;
  for (std::size_t i = 0; i < RegistrationCodes::codes_max + 10; ++i)
    codes.judge({fresh_uuid(noon)}, false, noon);
  EXPECT_LE(codes.size(), RegistrationCodes::codes_max + 1);
  codes.judge({fresh_uuid(noon)}, true, noon + domain::registration_lifetime);
  EXPECT_EQ(codes.size(), 0u);
}

// ---- limits ----------------------------------------------------------------------------------------------

TEST(MailboxLimits, let_three_mails_an_hour_through_to_one_mailbox) {
  MailboxLimits limits{1'000};
  const auto take = [&](std::string_view email, Time now, MailboxMail kind = MailboxMail::registration_code) {
    return limits.take(kind, address(email), "192.0.2.1", now);
  };
  EXPECT_EQ(take("marie@example.com", noon), std::nullopt);
  EXPECT_EQ(take("Marie+pip@example.com", noon), std::nullopt);
  EXPECT_EQ(take("marie+2@example.com", noon + std::chrono::minutes{1}), std::nullopt);
  EXPECT_EQ(take("marie@example.com", noon + std::chrono::minutes{2}), noon + std::chrono::hours{1});
  EXPECT_EQ(take("eve@example.com", noon), std::nullopt) << "another mailbox";
  EXPECT_EQ(take("marie@example.com", noon, MailboxMail::user_name), std::nullopt) << "another kind";
  EXPECT_EQ(take("marie@example.com", noon + std::chrono::hours{1}), std::nullopt) << "an hour later";
}

TEST(MailboxLimits, let_so_many_mails_an_hour_out_for_one_network) {
  MailboxLimits limits{2};
  const auto take = [&](int number, std::string_view network) {
    return limits.take(MailboxMail::registration_code, address("a" + std::to_string(number) + "@example.com"),
                       network, noon);
  };
  EXPECT_EQ(take(1, "192.0.2.1"), std::nullopt);
  EXPECT_EQ(take(2, "192.0.2.1"), std::nullopt);
  EXPECT_EQ(take(3, "192.0.2.1"), noon + std::chrono::hours{1});
  EXPECT_EQ(take(3, "192.0.2.2"), std::nullopt) << "what was refused was not counted";
}

TEST(MailboxLimits, are_kept_within_a_bound) {
  MailboxLimits limits{100};
  for (std::size_t i = 0; i < MailboxLimits::counted_max + 10; ++i)
    limits.take(MailboxMail::registration_code, address("a" + std::to_string(i) + "@example.com"),
                "network" + std::to_string(i / 100), noon);
  EXPECT_LE(limits.size(), MailboxLimits::counted_max + 1);
}

// ---- mails -----------------------------------------------------------------------------------------------

/// Keeps the mails that it takes; fails while it is told to.
class Postbox : public delivery::MailTransport {
 public:
  delivery::HandOver deliver(const delivery::Mail& mail) override {
    const os::MutexLock lock(mutex_);
    if (failures_ > 0) {
      --failures_;
      throw std::runtime_error{"the disk is full"};
    }
    mails_.push_back(mail);
    return delivery::Delivery::delivered;
  }
  void fail(unsigned times) {
    const os::MutexLock lock(mutex_);
    failures_ = times;
  }
  std::vector<delivery::Mail> mails() const {
    const os::MutexLock lock(mutex_);
    return mails_;
  }

 private:
  mutable os::Mutex mutex_;
  unsigned failures_ TTP_GUARDED_BY(mutex_) = 0;
  std::vector<delivery::Mail> mails_ TTP_GUARDED_BY(mutex_);
};

class MailboxMailsTest : public testing::Test {
 protected:
  delivery::Mail mail_of(MailboxMail kind, const Registration& registration) {
    const auto before = postbox.mails().size();
    EXPECT_TRUE(mails.ask({kind, registration}));
    EXPECT_TRUE(eventually([&] { return postbox.mails().size() > before; }));
    return postbox.mails().back();
  }
  Registration now(std::string_view email) { return registration_at(world.executor.now(), email); }

  World world;
  Postbox postbox;
  MailboxMails mails{*world.log, world.queries, world.secrets, [this] { return world.executor.now(); },
                     postbox};
};

TEST_F(MailboxMailsTest, a_free_address_gets_the_code_and_a_taken_one_is_told) {
  world.registers("Roy");
  const auto before = world.log->head().next;
  const Registration stranger = now("stranger@example.com");
  const auto to_stranger = mail_of(MailboxMail::registration_code, stranger);
  std::string code = world.secrets.registration_code(stranger.user).text();
  code.insert(5, "-");
  EXPECT_EQ(to_stranger.to.text(), "stranger@example.com");
  EXPECT_EQ(to_stranger.to_name, "");
  EXPECT_THAT(to_stranger.text, HasSubstr(code));
  const Registration taken = now("ROY@example.com");
  const auto to_owner = mail_of(MailboxMail::registration_code, taken);
  std::string no_code = world.secrets.registration_code(taken.user).text();
  no_code.insert(5, "-");
  EXPECT_THAT(to_owner.text,
              testing::AllOf(HasSubstr("already belongs to a credential"), Not(HasSubstr(no_code))));
  EXPECT_EQ(world.log->head().next, before) << "nothing is recorded";
}

TEST_F(MailboxMailsTest, a_user_name_goes_to_its_owner_alone) {
  world.registers("Roy");
  EXPECT_THAT(mail_of(MailboxMail::user_name, now("roy@EXAMPLE.com")).text, HasSubstr("Royuser"));
  EXPECT_THAT(mail_of(MailboxMail::user_name, now("stranger@example.com")).text,
              testing::AllOf(HasSubstr("No credential is registered"), Not(HasSubstr("Royuser"))));
}

TEST_F(MailboxMailsTest, a_mail_that_the_folder_does_not_take_is_tried_again_under_the_same_name) {
  postbox.fail(1);
  const auto mail = mail_of(MailboxMail::registration_code, now("stranger@example.com"));
  EXPECT_FALSE(mail.message_id.empty());
  EXPECT_THAT(mail.message_key, testing::EndsWith(mail.message_id));
  EXPECT_EQ(mails.waiting(), 0u);
}

TEST_F(MailboxMailsTest, a_code_that_has_expired_is_not_mailed) {
  const Registration old =
      registration_at(world.executor.now() - domain::registration_lifetime, "old@example.com");
  EXPECT_TRUE(mails.ask({MailboxMail::registration_code, old}));
  EXPECT_EQ(mail_of(MailboxMail::registration_code, now("stranger@example.com")).to.text(),
            "stranger@example.com");
  EXPECT_EQ(postbox.mails().size(), 1u);
}

}  // namespace
