// Identifiers: the canonical text, accepted and refused texts.
#include "domain/ids.hpp"

#include <string>
#include <unordered_set>

#include <gtest/gtest.h>
#include <rapidcheck.h>

namespace ttp::domain::tests {
namespace {

constexpr std::string_view canonical = "0190a6b2-7c4e-7d3f-8a1b-2c3d4e5f6071";

TEST(Ids, have_a_canonical_text_that_is_read_back) {
  const auto uuid = parse_uuid(canonical);
  ASSERT_TRUE(uuid);
  EXPECT_EQ(uuid->bytes[0], 0x01);
  EXPECT_EQ(uuid->bytes[15], 0x71);
  EXPECT_EQ(to_text(*uuid), canonical);
}

TEST(Ids, forgive_upper_case) {
  EXPECT_EQ(parse_uuid("0190A6B2-7C4E-7D3F-8A1B-2C3D4E5F6071"), parse_uuid(canonical));
}

TEST(Ids, are_refused_in_any_other_shape) {
  for (const std::string_view text :
       {"", "0190a6b2-7c4e-7d3f-8a1b-2c3d4e5f607", "0190a6b2-7c4e-7d3f-8a1b-2c3d4e5f60711",
        "0190a6b27c4e7d3f8a1b2c3d4e5f6071", "{0190a6b2-7c4e-7d3f-8a1b-2c3d4e5f6071}",
        "0190a6b2-7c4e-7d3f-8a1b-2c3d4e5f607g", "0190a6b2-7c4e-7d3f-8a1b02c3d4e5f6071",
        "0190a6b27-c4e-7d3f-8a1b-2c3d4e5f6071", " 190a6b2-7c4e-7d3f-8a1b-2c3d4e5f6071"})
    EXPECT_FALSE(parse_uuid(text)) << text;
}

TEST(Ids, survive_the_round_trip_through_their_text) {
  EXPECT_TRUE(rc::check([](const std::array<std::uint8_t, 16>& bytes) {
    const AccountId id{Uuid{bytes}};
    RC_ASSERT(to_text(id).size() == 36u);
    RC_ASSERT(parse_uuid(to_text(id)) == id.uuid);
  }));
}

TEST(Ids, are_ordered_as_their_texts_are) {
  EXPECT_TRUE(rc::check([](const std::array<std::uint8_t, 16>& a, const std::array<std::uint8_t, 16>& b) {
    RC_ASSERT((Uuid{a} < Uuid{b}) == (to_text(Uuid{a}) < to_text(Uuid{b})));
  }));
}

TEST(Ids, are_nil_until_they_are_given_one) {
  EXPECT_TRUE(UserId{}.uuid.is_nil());
  EXPECT_FALSE(parse_uuid(canonical)->is_nil());
}

TEST(Ids, can_be_kept_in_a_set) {
  const UserId user{*parse_uuid(canonical)};
  const std::unordered_set<UserId> users{user, UserId{}, user};
  EXPECT_EQ(users.size(), 2u);
  EXPECT_TRUE(users.contains(user));
}

}  // namespace
}  // namespace ttp::domain::tests
