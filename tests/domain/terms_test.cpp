// The terms of use: ascending versions, clauses in both languages, and the version in force on a day.
#include "domain/terms.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace ttp::domain::tests {
namespace {

using namespace std::chrono;

constexpr Terms every_kind[] = {Terms::portal, Terms::mail_factor, Terms::programme,
                                Terms::signing_authority};

std::vector<std::string_view> clauses(std::string_view text) {
  std::vector<std::string_view> found;
  for (;;) {
    const auto end = text.find("\n\n");
    found.push_back(text.substr(0, end));
    if (end == text.npos) return found;
    text.remove_prefix(end + 2);
  }
}

TEST(Terms, have_versions_that_count_up_and_days_that_rise) {
  for (const Terms kind : every_kind) {
    const auto versions = terms_versions(kind);
    ASSERT_FALSE(versions.empty()) << to_text(kind);
    for (std::size_t i = 0; i < versions.size(); ++i) {
      EXPECT_EQ(versions[i].version, i + 1) << to_text(kind);
      EXPECT_TRUE(versions[i].effective.ok()) << to_text(kind);
      if (i > 0) {
        EXPECT_LT(versions[i - 1].effective, versions[i].effective) << to_text(kind);
      }
    }
  }
}

TEST(Terms, say_the_same_clauses_in_both_languages) {
  for (const Terms kind : every_kind)
    for (const TermsText& text : terms_versions(kind)) {
      EXPECT_FALSE(text.en_title.empty() || text.fr_title.empty()) << to_text(kind);
      const auto en = clauses(text.en);
      const auto fr = clauses(text.fr);
      EXPECT_EQ(en.size(), fr.size()) << to_text(kind);
      EXPECT_GE(en.size(), 5u) << to_text(kind);
      EXPECT_LE(en.size(), 8u) << to_text(kind);
      for (std::size_t i = 0; i < std::min(en.size(), fr.size()); ++i) {
        const std::string number = std::to_string(i + 1) + ". ";
        EXPECT_TRUE(en[i].starts_with(number) && en[i].ends_with('.')) << en[i];
        EXPECT_TRUE(fr[i].starts_with(number) && fr[i].ends_with('.')) << fr[i];
        EXPECT_NE(en[i], fr[i]);
      }
    }
}

TEST(Terms, differ_from_one_another) {
  EXPECT_NE(in_force(Terms::portal).en, in_force(Terms::mail_factor).en);
  EXPECT_NE(in_force(Terms::portal).en, in_force(Terms::programme).en);
}

TEST(TermsInForce, change_at_the_day_of_the_next_version) {
  const TermsText versions[] = {{1, "A", "A", "a", "a", year{2025} / January / 1},
                                {2, "B", "B", "b", "b", year{2026} / March / 9},
                                {3, "C", "C", "c", "c", year{2026} / July / 1}};
  EXPECT_EQ(in_force(versions, year{2024} / July / 1).version, 1u) << "before the first there is no other";
  EXPECT_EQ(in_force(versions, year{2026} / March / 8).version, 1u);
  EXPECT_EQ(in_force(versions, year{2026} / March / 9).version, 2u);
  EXPECT_EQ(in_force(versions, year{2026} / June / 30).version, 2u);
  EXPECT_EQ(in_force(versions, year{2030} / January / 1).version, 3u);
}

TEST(TermsInForce, are_the_newest_whose_day_has_come) {
  for (const Terms kind : every_kind) {
    const auto versions = terms_versions(kind);
    EXPECT_EQ(in_force(kind).version, versions.back().version) << to_text(kind);
    for (const TermsText& text : versions) {
      EXPECT_EQ(in_force(kind, text.effective).version, text.version) << to_text(kind);
      const Date eve{sys_days{text.effective} - days{1}};
      EXPECT_EQ(in_force(kind, eve).version, std::max(1u, text.version - 1)) << to_text(kind);
    }
  }
}

TEST(Terms, have_names_that_are_read_back) {
  for (const Terms kind : every_kind) EXPECT_EQ(parse_enum<Terms>(to_text(kind)), kind);
  EXPECT_FALSE(parse_enum<Terms>("warranty"));
}

}  // namespace
}  // namespace ttp::domain::tests
