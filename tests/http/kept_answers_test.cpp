// Answers that are kept: given again only while they would be made again word for word.
#include "http/kept_answers.hpp"

#include <gtest/gtest.h>

namespace ttp::http {
namespace {

using domain::seconds;
using domain::Time;

domain::Uuid id(std::uint8_t number) {
  domain::Uuid uuid;
  uuid.bytes[15] = number;
  return uuid;
}

class Kept : public testing::Test {
 protected:
  const Time noon{seconds{1'700'000'000}};
  const Basis basis{nullptr, id(1), id(2), {3, 4, 5, 6}};
  KeptAnswers kept;

  void keep(Time made_at, std::optional<Time> deadline = std::nullopt) {
    kept.keep(basis, {"body", "tag", good_until(made_at, deadline)}, made_at);
  }
  std::string found(const Basis& wanted, Time now) const {
    const auto answer = kept.find(wanted, now);
    return answer ? answer->body : "nothing";
  }
};

TEST_F(Kept, an_answer_is_given_again_for_the_rest_of_its_second) {
  keep(noon + domain::Duration{200});
  EXPECT_EQ(found(basis, noon + domain::Duration{200}), "body");
  EXPECT_EQ(found(basis, noon + domain::Duration{999}), "body");
  EXPECT_EQ(found(basis, noon + domain::Duration{1000}), "nothing");
  EXPECT_EQ(kept.find(basis, noon + domain::Duration{999})->entity_tag, "tag");
}

TEST_F(Kept, a_stream_that_has_moved_asks_for_another_answer) {
  keep(noon);
  for (std::size_t stream = 0; stream < basis.positions.size(); ++stream) {
    Basis moved = basis;
    ++moved.positions[stream];
    EXPECT_EQ(found(moved, noon), "nothing") << stream;
  }
}

TEST_F(Kept, another_reader_another_thing_and_another_query_get_none_of_it) {
  keep(noon);
  Basis reader = basis, thing = basis, query = basis;
  reader.reader = id(9);
  thing.thing = id(9);
  query.query = &kept;
  for (const Basis& other : {reader, thing, query}) EXPECT_EQ(found(other, noon), "nothing");
}

TEST_F(Kept, a_deadline_ends_it_to_the_millisecond) {
  keep(noon, noon + domain::Duration{300});
  EXPECT_EQ(found(basis, noon + domain::Duration{299}), "body");
  EXPECT_EQ(found(basis, noon + domain::Duration{300}), "nothing");
}

TEST_F(Kept, what_a_deadline_has_passed_already_is_not_kept) {
  keep(noon, noon - seconds{1});
  EXPECT_EQ(found(basis, noon), "nothing");
}

TEST_F(Kept, a_clock_that_shows_an_earlier_time_finds_nothing) {
  keep(noon);
  EXPECT_EQ(found(basis, noon - domain::Duration{1}), "nothing");
}

TEST_F(Kept, what_is_too_large_is_not_kept) {
  kept.keep(basis, {std::string(100'000, 'x'), "tag", good_until(noon, std::nullopt)}, noon);
  EXPECT_EQ(found(basis, noon), "nothing");
}

}  // namespace
}  // namespace ttp::http
