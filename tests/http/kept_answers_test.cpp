// Cached answers: one is given again only while a new answer would be identical.
#include "http/gate/kept_answers.hpp"

#include <gtest/gtest.h>

#include "http/wire/server.hpp"

namespace ttp::http {
namespace {

using domain::seconds;
using domain::Time;
using storage::ReadRecorder;
using storage::RowChanges;

domain::Uuid id(std::uint8_t number) {
  domain::Uuid uuid;
  uuid.bytes[15] = number;
  return uuid;
}

class Kept : public testing::Test {
 protected:
  const Time noon{seconds{1'700'000'000}};
  const Inquiry inquiry{nullptr, id(1), id(2)};
  RowChanges changes;
  KeptAnswers kept{changes};

  /// Caches an answer that is made from two rows; false if it is refused.
  bool keep(Time made_at, std::optional<Time> deadline = std::nullopt, const std::string& body = "body") {
    const ReadRecorder recorder{changes};
    ReadRecorder::row(changes, "accounts", "one");
    ReadRecorder::row(changes, "users", "owner");
    return keep(recorder, made_at, deadline, body);
  }
  bool keep(const ReadRecorder& recorder, Time made_at, std::optional<Time> deadline = std::nullopt,
            const std::string& body = "body") {
    return kept.keep(
        inquiry, std::make_shared<const KeptAnswer>(recorder.reads(), made_at, good_until(made_at, deadline),
                                                    "tag", prepare({.body = body})));
  }
  void change(std::string_view family, std::string_view key) {
    changes.count(RowChanges::bucket(family, key));
  }
  std::string found(const Inquiry& wanted, Time now) const {
    const auto answer = kept.find(wanted, now);
    return answer ? answer->prepared->bytes.substr(answer->prepared->head_bytes) : "nothing";
  }
};

TEST_F(Kept, an_answer_is_valid_for_the_rest_of_its_second) {
  keep(noon + domain::Duration{200});
  EXPECT_EQ(found(inquiry, noon + domain::Duration{200}), "body");
  EXPECT_EQ(found(inquiry, noon + domain::Duration{999}), "body");
  EXPECT_EQ(found(inquiry, noon + domain::Duration{1000}), "nothing");
  EXPECT_EQ(kept.find(inquiry, noon + domain::Duration{999})->entity_tag, "tag");
}

TEST_F(Kept, a_row_that_it_was_made_from_and_that_has_changed_asks_for_another_answer) {
  for (const auto& [family, key] : {std::pair{"accounts", "one"}, {"users", "owner"}}) {
    keep(noon);
    ASSERT_EQ(found(inquiry, noon), "body");
    change(family, key);
    EXPECT_EQ(found(inquiry, noon), "nothing") << family;
  }
}

TEST_F(Kept, a_row_that_it_was_not_made_from_may_change) {
  keep(noon);
  change("accounts", "two");
  EXPECT_EQ(found(inquiry, noon), "body");
}

TEST_F(Kept, a_row_that_changed_between_its_reading_and_the_keeping_asks_for_another_answer) {
  const ReadRecorder recorder{changes};
  ReadRecorder::row(changes, "accounts", "one");
  change("accounts", "one");
  ReadRecorder::row(changes, "accounts", "one");
  keep(recorder, noon);
  EXPECT_EQ(found(inquiry, noon), "nothing");
}

TEST_F(Kept, after_everything_changed_nothing_is_given_again) {
  keep(noon);
  changes.invalidate_all();
  EXPECT_EQ(found(inquiry, noon), "nothing");
}

TEST_F(Kept, an_answer_from_a_scan_is_valid_until_any_row_changes) {
  const ReadRecorder recorder{changes};
  ReadRecorder::scan(changes);
  keep(recorder, noon);
  EXPECT_EQ(found(inquiry, noon), "body");
  change("accounts", "two");
  EXPECT_EQ(found(inquiry, noon), "nothing");
}

TEST_F(Kept, another_reader_another_thing_and_another_query_get_none_of_it) {
  keep(noon);
  Inquiry reader = inquiry, thing = inquiry, query = inquiry;
  reader.reader = id(9);
  thing.thing = id(9);
  query.query = &kept;
  for (const Inquiry& other : {reader, thing, query}) EXPECT_EQ(found(other, noon), "nothing");
}

TEST_F(Kept, an_inquiry_that_shares_the_place_of_another_gets_nothing_of_it) {
  keep(noon);
  // The cache has fewer buckets than these inquiries.
  for (unsigned number = 1; number < 65'536; ++number) {
    Inquiry other = inquiry;
    other.reader.bytes[0] = static_cast<std::uint8_t>(number);
    other.reader.bytes[1] = static_cast<std::uint8_t>(number >> 8);
    ASSERT_EQ(found(other, noon), "nothing");
  }
  EXPECT_EQ(found(inquiry, noon), "body");
}

TEST_F(Kept, a_deadline_ends_it_to_the_millisecond) {
  keep(noon, noon + domain::Duration{300});
  EXPECT_EQ(found(inquiry, noon + domain::Duration{299}), "body");
  EXPECT_EQ(found(inquiry, noon + domain::Duration{300}), "nothing");
}

TEST_F(Kept, an_answer_past_its_deadline_is_not_given) {
  keep(noon, noon - seconds{1});
  EXPECT_EQ(found(inquiry, noon), "nothing");
}

TEST_F(Kept, a_clock_that_shows_an_earlier_time_finds_nothing) {
  keep(noon);
  EXPECT_EQ(found(inquiry, noon - domain::Duration{1}), "nothing");
}

TEST_F(Kept, a_too_large_answer_is_not_cached) {
  EXPECT_FALSE(keep(noon, std::nullopt, std::string(100'000, 'x')));
  EXPECT_EQ(found(inquiry, noon), "nothing");
}

}  // namespace
}  // namespace ttp::http
