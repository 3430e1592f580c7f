// Normal forms, letter case and the folding under which names are compared.
#include "domain/text.hpp"

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include <gtest/gtest.h>
#include <rapidcheck.h>

namespace ttp::domain::tests {
namespace {

using Pair = std::pair<std::string_view, std::string_view>;

std::string letter(char32_t point) {
  return encode({&point, 1});
}

/// Calls `check` with every code point that is valid in a text.
template <class Check>
void each_point(Check check) {
  for (char32_t point = 1; point <= 0x10FFFF; ++point)
    if (point < 0xD800 || point > 0xDFFF) check(point);
}

// ---- folding ----------------------------------------------------------------------------------------------

TEST(Folding, forgives_case_accents_dashes_and_white_space) {
  for (const auto& [a, b] :
       {Pair{"Côté-Roy", "COTE ROY"}, Pair{"  Côté  –  Roy ", "cote roy"},
        Pair{"Lefebvre-Œuvrard", "lefebvre oeuvrard"}, Pair{"E\u0301ve", "Ève"},
        Pair{"L’Heureux", "L'HEUREUX"}, Pair{"Łukasiewicz", "lukasiewicz"}, Pair{"Groß", "GROSS"},
        Pair{"Nguyễn", "nguyen"}, Pair{"Šťastný", "stastny"}, Pair{"Tremb\u00ADlay", "tremblay"},
        Pair{"Ægir Þórðarson", "aegir thordarson"}, Pair{"OʼBrien", "O'Brien"}, Pair{"GROẞ", "gross"},
        Pair{"ﬁsher", "FISHER"}, Pair{"W̱SÁNEĆ", "wsanec"}, Pair{"SENĆOŦEN ȺȻȽ", "sencoten acl"}})
    EXPECT_EQ(fold(a), fold(b)) << a;
}

TEST(Folding, keeps_different_names_apart) {
  for (const auto& [a, b] : {Pair{"Roy", "Roi"}, Pair{"Coteroy", "Cote Roy"}, Pair{"ONeil", "O'Neil"},
                             Pair{"Я", "R"}, Pair{"×", "x"}})
    EXPECT_NE(fold(a), fold(b)) << a;
}

TEST(Folding, covers_every_letter_of_latin_1_and_extended_a) {
  for (unsigned point = 0xC0; point <= 0x17F; ++point) {
    if (point == 0xD7 || point == 0xF7) continue;  // the signs of multiplication and division
    const std::string letter{static_cast<char>(0xC0 | point >> 6), static_cast<char>(0x80 | (point & 0x3F))};
    const std::string folded = fold(letter);
    EXPECT_TRUE(!folded.empty() &&
                std::ranges::all_of(folded, [](char c) { return (c >= 'a' && c <= 'z') || c == '\''; }))
        << letter << " becomes " << folded;
  }
}

TEST(Folding, twice_is_folding_once) {
  each_point([](char32_t point) {
    const std::string once = fold("a" + letter(point) + letter(point) + "B");
    ASSERT_EQ(fold(once), once) << std::hex << static_cast<std::uint32_t>(point);
  });
  EXPECT_TRUE(rc::check([](const std::string& bytes) { RC_ASSERT(fold(fold(bytes)) == fold(bytes)); }));
}

/// A Greek letter in the range of accents: it folds to its iota.
constexpr char32_t iota_below = 0x345;

struct Folding {
  char32_t first;
  char32_t last;
  std::string_view letters;
};
// clang-format off
constexpr Folding folded_before[] = {
    {0xC0, 0xC5, "a"}, {0xC6, 0xC6, "ae"}, {0xC7, 0xC7, "c"}, {0xC8, 0xCB, "e"}, {0xCC, 0xCF, "i"}, {0xD0, 0xD0, "d"},
    {0xD1, 0xD1, "n"}, {0xD2, 0xD6, "o"}, {0xD8, 0xD8, "o"}, {0xD9, 0xDC, "u"}, {0xDD, 0xDD, "y"}, {0xDE, 0xDE, "th"},
    {0xDF, 0xDF, "ss"}, {0xE0, 0xE5, "a"}, {0xE6, 0xE6, "ae"}, {0xE7, 0xE7, "c"}, {0xE8, 0xEB, "e"}, {0xEC, 0xEF, "i"},
    {0xF0, 0xF0, "d"}, {0xF1, 0xF1, "n"}, {0xF2, 0xF6, "o"}, {0xF8, 0xF8, "o"}, {0xF9, 0xFC, "u"}, {0xFD, 0xFD, "y"},
    {0xFE, 0xFE, "th"}, {0xFF, 0xFF, "y"},
    // Latin Extended-A
    {0x100, 0x105, "a"}, {0x106, 0x10D, "c"}, {0x10E, 0x111, "d"}, {0x112, 0x11B, "e"}, {0x11C, 0x123, "g"},
    {0x124, 0x127, "h"}, {0x128, 0x131, "i"}, {0x132, 0x133, "ij"}, {0x134, 0x135, "j"}, {0x136, 0x138, "k"},
    {0x139, 0x142, "l"}, {0x143, 0x148, "n"}, {0x149, 0x149, "'n"}, {0x14A, 0x14B, "n"}, {0x14C, 0x151, "o"},
    {0x152, 0x153, "oe"}, {0x154, 0x159, "r"}, {0x15A, 0x161, "s"}, {0x162, 0x167, "t"}, {0x168, 0x173, "u"},
    {0x174, 0x175, "w"}, {0x176, 0x178, "y"}, {0x179, 0x17E, "z"}, {0x17F, 0x17F, "s"},
    // Romanian and Vietnamese letters, which have higher code points
    {0x1A0, 0x1A1, "o"}, {0x1AF, 0x1B0, "u"}, {0x218, 0x219, "s"}, {0x21A, 0x21B, "t"}, {0x1EA0, 0x1EB7, "a"},
    {0x1EB8, 0x1EC7, "e"}, {0x1EC8, 0x1ECB, "i"}, {0x1ECC, 0x1EE3, "o"}, {0x1EE4, 0x1EF1, "u"}, {0x1EF2, 0x1EF9, "y"},
    // Apostrophes are typed in two ways; soft hyphens and combining accents are dropped.
    {0x2018, 0x2019, "'"}, {0xAD, 0xAD, ""}, {0x300, 0x36F, ""},
};
// clang-format on

/// This table defined the first matching of names.
TEST(Folding, is_unchanged_for_every_letter_of_the_first_table) {
  for (const Folding& row : folded_before)
    for (char32_t point = row.first; point <= row.last; ++point)
      if (point != iota_below) {
        EXPECT_EQ(fold("x" + letter(point)), "x" + std::string{row.letters}) << letter(point);
      }
  for (char c = '!'; c <= '~'; ++c) {
    const bool is_upper = c >= 'A' && c <= 'Z';
    const std::string before =
        c == '-' ? "" : std::string(1, is_upper ? static_cast<char>(c - 'A' + 'a') : c);
    EXPECT_EQ(fold(std::string(1, c)), before) << c;
  }
}

TEST(Folding, knows_letters_beyond_latin) {
  for (const auto& [a, b] : {Pair{"Ἀθήνα", "αθηνα"}, Pair{"ЧАЙКОВСКИЙ", "чайковский"},
                             Pair{"Ǻngström", "angstrom"}, Pair{"ﾐ", "ﾐ"}})
    EXPECT_EQ(fold(a), fold(b)) << a;
}

// ---- names, compared --------------------------------------------------------------------------------------

TEST(SameName, forgives_how_a_name_is_typed) {
  for (const auto& [a, b] : {Pair{"O'Brien", "OBrien"},
                             Pair{"O'Brien", "O’BRIEN"},
                             Pair{"OʼBrien", "o`brien"},
                             Pair{"O´Brien", "O'Brien"},
                             Pair{"D`Amour", "D'Amour"},
                             Pair{"Saint-Jean", "SaintJean"},
                             Pair{"Saint-Jean", "SAINT JEAN"},
                             Pair{"St. John", "St John"},
                             Pair{"Groß", "GROSS"},
                             Pair{"GROẞ", "groß"},
                             Pair{"\u1E34winu", "K\u0331winu"},
                             Pair{"Ḵwinu", "ḵWINU"},
                             Pair{"Ḥasan", "Hasan"},
                             Pair{"Иванов", "ИВАНОВ"},
                             Pair{"Παπαδάκης", "Παπαδακης"},
                             Pair{"ΠΑΠΑΔΑΚΗΣ", "παπαδάκης"},
                             Pair{"ﬁsher", "Fisher"},
                             Pair{"Ｍüller", "MULLER"},
                             Pair{"𝐁old", "bold"},
                             Pair{"Trem\u2060b\u200Dlay", "Tremblay"},
                             Pair{"\uFEFFRoy\u200B", "Roy"},
                             Pair{"Kahnawa꞉ke", "KahnawaKE"},
                             Pair{"Coŀl", "COL·L"},
                             Pair{"ʻOkina", "Okina"},
                             Pair{"Œuvrard", "oeuvrard"},
                             Pair{"İnan", "inan"},
                             Pair{"Çağlayan", "CAGLAYAN"}})
    EXPECT_EQ(same_name(a), same_name(b)) << a << " and " << b;
}

TEST(SameName, keeps_different_names_apart) {
  for (const auto& [a, b] : {Pair{"Roy", "Roi"}, Pair{"Mueller", "Müller"}, Pair{"Я", "R"},
                             Pair{"कमल", "कमला"}, Pair{"😀", "🍁"}, Pair{"'", "-"}, Pair{"Roy 2", "Roy"}})
    EXPECT_NE(same_name(a), same_name(b)) << a << " and " << b;
}

TEST(SameName, is_one_for_every_letter_in_each_case_and_normal_form) {
  each_point([](char32_t point) {
    const std::string plain = same_name("x" + letter(point));
    ASSERT_EQ(same_name("x" + letter(upper(point))), plain) << std::hex << static_cast<std::uint32_t>(point);
    for (const char32_t accent : {0x301u, 0x331u}) {
      const std::u32string apart{U'x', point, accent};
      ASSERT_EQ(same_name(encode(apart)), same_name(encode(composed(apart))))
          << std::hex << static_cast<std::uint32_t>(point);
    }
  });
}

TEST(SameName, takes_any_bytes) {
  EXPECT_EQ(same_name("\xC3"), "\xC3");
  EXPECT_EQ(same_name(""), "");
  EXPECT_TRUE(rc::check(
      [](const std::string& bytes) { RC_ASSERT(same_name(same_name(bytes)) == same_name(bytes)); }));
}

// ---- kinds of characters ----------------------------------------------------------------------------------

TEST(Characters, that_nobody_sees_are_hidden) {
  for (const char32_t point :
       {0x0u,    0x7u,    0x85u,   0xADu,   0x34Fu,  0x61Cu,  0x115Fu, 0x200Bu, 0x200Du,  0x2028u,  0x202Eu,
        0x2060u, 0x3164u, 0xFE0Fu, 0xFEFFu, 0xFFF9u, 0xFFFFu, 0xE000u, 0x378u,  0xE0041u, 0x10FFFFu})
    EXPECT_TRUE(is_hidden(point)) << std::hex << static_cast<std::uint32_t>(point);
  for (const char32_t point : {U' ', U'-', U'a', U'é', U'\u0301', U'漢', U'ᐃ', U'😀', U'\u00A0', U'\u02BC'})
    EXPECT_FALSE(is_hidden(point)) << std::hex << static_cast<std::uint32_t>(point);
}

TEST(Characters, are_letters_or_numbers_in_any_script) {
  for (const char32_t point : {U'a', U'É', U'Я', U'李', U'ᐃ', U'א', U'क'}) EXPECT_TRUE(is_letter(point));
  for (const char32_t point : {U'1', U'-', U'\u0301', U'\u2800', U'\u3164', U'😀', U'\u115F'})
    EXPECT_FALSE(is_letter(point));
  for (const char32_t point : {U'1', U'²', U'٣'}) EXPECT_TRUE(is_number(point));
  EXPECT_FALSE(is_number(U'a'));
}

// ---- normal forms and case --------------------------------------------------------------------------------

TEST(Composed, puts_letters_and_their_accents_together) {
  for (const auto& [given, form] :
       {Pair{"e\u0301", "é"}, Pair{"é", "é"}, Pair{"\u212B", "Å"}, Pair{"a\u0323\u0302", "ậ"},
        Pair{"a\u0302\u0323", "ậ"}, Pair{"각", "각"}, Pair{"ﬁ²", "ﬁ²"}, Pair{"", ""}})
    EXPECT_EQ(encode(composed(*decode(given))), form) << given;
}

TEST(Composed, twice_is_once) {
  each_point([](char32_t point) {
    const std::u32string once = composed(std::u32string{U'e', point, 0x301});
    ASSERT_EQ(composed(once), once) << std::hex << static_cast<std::uint32_t>(point);
  });
}

TEST(Upper, is_as_addresses_have_been_printed) {
  for (const auto& [small, capital] :
       {Pair{"é", "É"}, Pair{"ÿ", "Ÿ"}, Pair{"ı", "I"}, Pair{"ſ", "S"}, Pair{"œ", "Œ"}, Pair{"ž", "Ž"},
        Pair{"ń", "Ń"}, Pair{"ĸ", "ĸ"}, Pair{"ß", "ß"}, Pair{"÷", "÷"}, Pair{"7", "7"}, Pair{"É", "É"}})
    EXPECT_EQ(letter(upper((*decode(small))[0])), capital);
}

// ---- code points ------------------------------------------------------------------------------------------

TEST(CodePoints, are_counted_in_valid_utf8_only) {
  EXPECT_EQ(code_points(""), 0u);
  EXPECT_EQ(code_points("aé漢😀"), 4u);
  EXPECT_EQ(code_points("\xED\x9F\xBF\xEE\x80\x80\xF4\x8F\xBF\xBF"),
            3u);  // the neighbours of refused code points
  for (const std::string_view bytes :
       {"\x80", "\xBF", "\xC0\x80", "\xC1\xBF", "\xC3", "\xC3(", "\xE0\x80\x80", "\xE0\x9F\xBF", "\xE2\x82",
        "\xED\xA0\x80", "\xED\xBF\xBF", "\xF0\x80\x80\x80", "\xF0\x8F\xBF\xBF", "\xF0\x9F\x98",
        "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xFE", "\xFF"})
    EXPECT_FALSE(code_points(bytes));
}

}  // namespace
}  // namespace ttp::domain::tests
