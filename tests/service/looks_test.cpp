// Reads of staff give one event for each officer, thing and day.
#include "service/reading/looks.hpp"

#include <gtest/gtest.h>

namespace ttp::service {
namespace {

using domain::Look;
using domain::RecordLook;

template <class Id>
Id id(std::uint8_t number) {
  Id made;
  made.uuid.bytes[15] = number;
  return made;
}

const domain::Date monday{std::chrono::year{2026} / 3 / 9};
const domain::Date tuesday{std::chrono::year{2026} / 3 / 10};
const RecordLook look{id<domain::UserId>(1), Look::account, {}, id<domain::AccountId>(7), {}};

TEST(Looks, count_once_for_each_officer_thing_and_day) {
  Looks looks;
  EXPECT_TRUE(looks.is_first(look, monday));
  EXPECT_FALSE(looks.is_first(look, monday));
  RecordLook other = look;
  other.user = id<domain::UserId>(2);
  EXPECT_TRUE(looks.is_first(other, monday)) << "another officer";
  other = look;
  other.of_account = id<domain::AccountId>(8);
  EXPECT_TRUE(looks.is_first(other, monday)) << "another company";
  other = look;
  other.look = Look::profiles;
  EXPECT_TRUE(looks.is_first(other, monday)) << "another part of the company";
  EXPECT_TRUE(looks.is_first(look, tuesday));
}

TEST(Looks, that_were_not_recorded_count_again) {
  Looks looks;
  EXPECT_TRUE(looks.is_first(look, monday));
  looks.forget(look);
  EXPECT_TRUE(looks.is_first(look, monday));
}

TEST(Looks, are_recorded_twice_rather_than_not_at_all_if_there_are_too_many) {
  Looks looks(2);
  for (std::uint8_t number = 1; number <= 9; ++number) {
    RecordLook each = look;
    each.of_account = id<domain::AccountId>(number);
    EXPECT_TRUE(looks.is_first(each, monday));
  }
}

}  // namespace
}  // namespace ttp::service
