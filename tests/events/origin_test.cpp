// Where an act came from: sealed for the person who acted, gone with their key, and bound to its command.
#include "events/origin.hpp"

#include <gtest/gtest.h>

namespace ttp::events {
namespace {

const domain::CommandId command{*domain::parse_uuid("01938c2e-7b1a-7c3d-8e4f-5a6b7c8d9e0f")};
const domain::UserId person{*domain::parse_uuid("01938c2e-7b1a-7c3d-8e4f-5a6b7c8d9e10")};

DataKey key() {
  DataKey made;
  made.fill(7);
  return made;
}
std::optional<DataKey> persons_key(std::string_view subject) {
  return subject == subject_name(person) ? std::optional{key()} : std::nullopt;
}
std::optional<DataKey> no_key(std::string_view) {
  return std::nullopt;
}

Envelope from(std::string origin) {
  Envelope envelope;
  envelope.stream = "user-x";
  envelope.type = "user.x";
  envelope.command = command;
  envelope.actor = {ActorKind::user, person.uuid};
  envelope.origin_address = std::move(origin);
  return envelope;
}

TEST(Origin, opens_with_the_key_of_the_person_who_acted) {
  for (const std::string address : {"192.0.2.7", "2001:db8:1:2:3:4:5:6"}) {
    const std::string stored = seal_origin(address, key(), command);
    EXPECT_TRUE(is_sealed_origin(stored));
    EXPECT_EQ(stored.find(address), std::string::npos);
    EXPECT_EQ(open_origin(from(stored), persons_key), address);
    EXPECT_NO_THROW(encode(from(stored))) << "it fits the envelope";
  }
}

TEST(Origin, is_gone_with_the_key) {
  EXPECT_EQ(open_origin(from(seal_origin("192.0.2.7", key(), command)), no_key), std::nullopt);
}

TEST(Origin, does_not_open_at_another_command) {
  Envelope moved = from(seal_origin("192.0.2.7", key(), command));
  moved.command = {};
  EXPECT_THROW(open_origin(moved, persons_key), Damaged);
}

TEST(Origin, of_earlier_releases_and_of_anonymous_acts_is_told_as_it_stands) {
  EXPECT_EQ(open_origin(from("192.0.2.7"), no_key), "192.0.2.7");
  EXPECT_TRUE(is_clear_address("192.0.2.7"));
  EXPECT_FALSE(is_clear_address("192.0.2.0/24"));
  EXPECT_FALSE(is_clear_address(""));
  EXPECT_FALSE(is_clear_address(seal_origin("192.0.2.7", key(), command)));
  EXPECT_EQ(open_origin(from("192.0.2.0/24"), no_key), "192.0.2.0/24");
  EXPECT_EQ(open_origin(from(""), no_key), std::nullopt);
}

}  // namespace
}  // namespace ttp::events
