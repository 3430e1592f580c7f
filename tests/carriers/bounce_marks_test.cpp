// Addresses for bounces: each names its mail, and nobody else can make one.
#include "carriers/bounce_marks.hpp"

#include <string>

#include <gtest/gtest.h>

#include "carriers/envelope.hpp"

namespace ttp::carriers::tests {
namespace {

const events::Hash key{1, 2, 3};
const std::string uuid = "01938c2e-7b1a-7c3d-8e4f-5a6b7c8d9e0f";

delivery::Mail mail_named(std::string name, std::string message_id = {}) {
  delivery::Mail mail;
  mail.message_key = std::move(name);
  mail.message_id = std::move(message_id);
  return mail;
}

TEST(BounceMarks, name_the_mail_of_any_key) {
  const BounceMarks marks{key, "bounces.example"};
  for (const auto& name :
       {delivery::mail_key(0, 0), delivery::mail_key(42, 1), delivery::mail_key(42, 2) + "-" + uuid,
        delivery::mail_key(9'999'999'999, 9) + "-" + uuid}) {
    const auto address = marks.address_for(mail_named(name));
    EXPECT_LE(address.find('@'), 64u) << address;
    EXPECT_TRUE(EnvelopeAddress::of(address)) << address;
    EXPECT_EQ(marks.mail_of(address), name);
  }
}

TEST(BounceMarks, name_a_mail_to_a_mailbox_by_its_message_id_alone) {
  const BounceMarks marks{key, "bounces.example"};
  const auto address = marks.address_for(mail_named(delivery::mailbox_mail_key(42, uuid), uuid));
  EXPECT_EQ(address.find("42"), std::string::npos) << address;
  EXPECT_EQ(marks.mail_of(address), uuid);
}

TEST(BounceMarks, are_read_in_any_case) {
  const BounceMarks marks{key, "bounces.example"};
  auto address = marks.address_for(mail_named(delivery::mail_key(42, 0)));
  for (char& c : address)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 32);
  EXPECT_EQ(marks.mail_of(address), delivery::mail_key(42, 0));
}

TEST(BounceMarks, of_others_are_not_believed) {
  const BounceMarks marks{key, "bounces.example"}, others{events::Hash{9}, "bounces.example"};
  const auto mail = mail_named(delivery::mail_key(42, 0));
  const auto address = marks.address_for(mail);
  EXPECT_FALSE(marks.mail_of(others.address_for(mail)));
  EXPECT_FALSE(marks.mail_of("b+43" + address.substr(4)));
  EXPECT_FALSE(marks.mail_of(address + ".example"));
  for (std::size_t i = 0; i < address.size(); ++i) {
    std::string changed = address;
    changed[i] = changed[i] == 'x' ? 'y' : 'x';
    EXPECT_FALSE(marks.mail_of(changed)) << changed;
    EXPECT_FALSE(marks.mail_of(address.substr(0, i)));
  }
  for (const auto* text : {"", "@", "b+@bounces.example", "b+.@bounces.example", "b+42-0@bounces.example"})
    EXPECT_FALSE(marks.mail_of(text)) << text;
}

TEST(BounceMarks, are_not_made_without_a_domain_or_for_a_key_of_another_form) {
  EXPECT_EQ(BounceMarks(key, "").address_for(mail_named(delivery::mail_key(42, 0))), "");
  for (const auto* name : {"test-1", "x", "42-0"})
    EXPECT_EQ(BounceMarks(key, "bounces.example").address_for(mail_named(name)), "") << name;
}

}  // namespace
}  // namespace ttp::carriers::tests
