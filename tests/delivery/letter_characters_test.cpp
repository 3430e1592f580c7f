// The domain's table of what letters show against the fonts, for every code point of Unicode. With
// TTP_WRITE_LETTER_CHARACTERS set, the test writes the table anew, for new fonts.
#include "domain/letter_characters.hpp"

#include <array>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "delivery/sheet.hpp"
#include "delivery/support.hpp"
#include "domain/letter_text.hpp"
#include "domain/text.hpp"

namespace ttp::delivery::tests {
namespace {

using domain::CodeRange;
using domain::LetterCharacter;
using domain::LetterFont;
using domain::LetterUse;

constexpr char32_t last_point = 0x10FFFF;

constexpr std::array<const char*, 9> font_names = {
    "latin", "syllabics", "hebrew", "arabic", "armenian", "georgian", "cherokee", "ethiopic", "east_asian"};
constexpr std::array<const char*, 5> use_names = {"stands", "carries", "carries_all", "mark", "side_mark"};

/// All code points in order, asked once.
const std::vector<std::optional<LetterCharacter>>& drawn() {
  static const auto all = [] {
    Specimen specimen{installed_fonts()};
    std::vector<std::optional<LetterCharacter>> each(last_point + 1);
    for (char32_t point = 0; point <= last_point; ++point) each[point] = specimen.character(point);
    return each;
  }();
  return all;
}

std::string in_hex(char32_t point) {
  char text[16];
  std::snprintf(text, sizeof text, "0x%X", static_cast<unsigned>(point));
  return text;
}

std::string rows_of(const std::vector<CodeRange>& ranges) {
  std::string rows;
  std::string line = "   ";
  for (const CodeRange& range : ranges) {
    const std::string row = " {" + in_hex(range.first) + ", " + in_hex(range.last) + "},";
    if (line.size() + row.size() > 110) {
      rows += line + "\n";
      line = "   ";
    }
    line += row;
  }
  return rows + line + "\n";
}

std::string table() {
  using Key = std::pair<LetterFont, LetterUse>;
  std::map<Key, std::vector<CodeRange>> groups;
  for (char32_t point = 0; point <= last_point; ++point) {
    const auto& character = drawn()[point];
    if (!character) continue;
    auto& ranges = groups[{character->font, character->use}];
    if (!ranges.empty() && ranges.back().last + 1 == point)
      ranges.back().last = point;
    else
      ranges.push_back({point, point});
  }
  std::string tables;
  std::string list;
  for (const auto& [key, ranges] : groups) {
    const std::string font = font_names.at(static_cast<std::size_t>(key.first));
    const std::string use = use_names.at(static_cast<std::size_t>(key.second));
    const std::string name = font + "_" + use;
    tables += "inline constexpr CodeRange " + name + "[] = {\n" + rows_of(ranges) + "};\n";
    list += "    {{LetterFont::" + font + ", LetterUse::" + use + "}, " + name + "},\n";
  }
  return R"(// The characters that letters show, by the font that draws them and by what they do with marks. Written by
// tests/delivery/letter_characters_test.cpp from the fonts of Debian 12.
#pragma once

#include <span>

#include "domain/letter_text.hpp"
#include "domain/text.hpp"

namespace ttp::domain {

struct CodeRange {
  char32_t first;
  char32_t last;
};

struct LetterGroup {
  LetterCharacter character;
  std::span<const CodeRange> ranges;
};

// clang-format off
)" + tables +
         R"(
inline constexpr LetterGroup letter_groups[] = {
)" + list +
         R"(};
// clang-format on

}  // namespace ttp::domain
)";
}

TEST(LetterCharacters, are_those_that_the_fonts_draw) {
  if (std::getenv("TTP_WRITE_LETTER_CHARACTERS") != nullptr)
    write_file(TTP_SOURCE_DIR "/domain/letter_characters.hpp", table());
  std::size_t shown = 0;
  for (char32_t point = 0; point <= last_point; ++point) {
    ASSERT_EQ(domain::letter_character(point), drawn()[point]) << in_hex(point);
    if (drawn()[point]) ++shown;
  }
  EXPECT_GT(shown, 30'000u);
}

// The letters of the languages that are written in Canada, whatever a font may lose.
TEST(LetterCharacters, include_those_of_the_languages_of_canada) {
  for (const std::string_view text :
       {"ÀÂÆÇÉÈÊËÎÏÔŒÙÛÜŸàâæçéèêëîïôœùûüÿ«»’–—…№ºª", "ẮẰẲẴẶẤẦẨẪẬĐÈẺẼẸẾỀỂỄỆÌỈĨỊÒỎÕỌỐỒỔỖỘỚỜỞỠỢÙỦŨỤỨỪỬỮỰỲỶỸỴ",
        "ắằẳẵặấầẩẫậđẻẽẹếềểễệìỉĩịỏõọốồổỗộớờởỡợủũụứừửữựỳỷỹỵ", "ᐁᐃᐄᐅᐆᐊᐋᐲᖂᓃᖃᙱᙴᐯᑌᑫᒉᒣᓀᓭᔦᕃᕓᕴᕵᖅᖕᖠᖦ",
        "ĄĆĘŁŃÓŚŹŻąćęłńóśźż", "ΑΒΓΔΕΖΗΘάέήίόύώς", "АБВГДЕЁЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯЇІЄҐ",
        "אבגדהוזחטיכךלמםנןסעפףצץקרשת", "ابتثجحخدذرزسشصضطظعغفقكلمنهوىيءآأؤإئپچژگکی", "李大成株式会社",
        "ひらがなカタカナー", "한국어", "ႠႡაბგ", "ԱԲաբ", "ᎠᎡᎢ", "ሀሁሂ"}) {
    const auto points = domain::decode(text);
    ASSERT_TRUE(points) << text;
    for (const char32_t point : *points)
      EXPECT_TRUE(domain::letter_character(point)) << text << " " << in_hex(point);
  }
}

TEST(LetterCharacters, are_attached_to_the_marks_above_marks) {
  Specimen specimen{installed_fonts()};
  for (const std::u32string_view text :
       {U"x\u0331", U"k\u0331\u0313", U"\u0105\u0301\u0300", U"\u02B7\u0313", U"x\u030C\u0323",
        U"m\u0313\u0331", U"\u0413\u0301\u0302", U"\u05E9\u05BC\u05B8", U"\u0644\u0651\u064E"})
    EXPECT_TRUE(specimen.attaches_marks(text)) << domain::encode(text);
  EXPECT_FALSE(specimen.attaches_marks(U"\u674E\u0301")) << "an accent of another font";
  EXPECT_FALSE(specimen.attaches_marks(U"\u1403\u0307")) << "an accent that the font of syllabics lacks";
}

}  // namespace
}  // namespace ttp::delivery::tests
