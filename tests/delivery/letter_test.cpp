// The letters as a reader sees them: poppler's programs extract the text and its positions from the PDF.
#include "delivery/letter.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <functional>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "delivery/support.hpp"
#include "domain/text.hpp"

namespace ttp::delivery::tests {
namespace {

using domain::AddressLine;
using domain::City;
using domain::CompanyName;
using domain::FamilyName;
using domain::GivenNames;
using domain::Language;

// The area that may show through the window of a number 10 envelope, wherever the sheet slips (see
// letter.cpp).
constexpr double window_right = 387, window_top = 147, window_bottom = 261;

ActivationLetter a_letter(Language first = Language::en) {
  return {.letter = {*domain::parse_uuid("01890a5d-ac96-774b-bcce-b302099a8057")},
          .ordered_at = at("2026-03-09T14:00:00.000Z"),
          .legal_name = value<CompanyName>("Érablière du Nord inc."),
          .address = {value<AddressLine>("123 RUE PRINCIPALE"), value<AddressLine>("BUREAU 400"),
                      value<City>("GATINEAU"), "QC", "J8X 3X7", domain::Country::CA},
          .attention = {value<GivenNames>("Marie-Ève"), value<FamilyName>("Tremblay")},
          .client_number = value<domain::ClientNumber>("70001237"),
          .code = value<domain::ActivationCode>("7K4QX09M2T"),
          .code_expires_at = at("2026-05-01T14:00:00.000Z"),
          .first_language = first};
}

ClientNumberLetter a_client_number_letter(Language first = Language::en) {
  const auto letter = a_letter(first);
  return {letter.letter,  letter.ordered_at, letter.legal_name,
          letter.address, letter.attention,  letter.client_number,
          first};
}

RecoveryLetter a_recovery_letter(Language first = Language::en) {
  const auto letter = a_letter(first);
  return {letter.letter,
          letter.ordered_at,
          letter.legal_name,
          letter.address,
          letter.attention,
          value<domain::RecoveryPermit>("7K4QX09M2T"),
          at("2026-04-08T14:00:00.000Z"),
          first};
}

/// Runs a program of poppler on the PDF and returns its output.
std::string seen_by(const std::string& program, const std::string& pdf, const std::string& after = "") {
  const TemporaryFolder temporary;
  const auto file = temporary.path() / "letter.pdf";
  write_file(file, pdf);
  return output_of(program + " " + file.native() + " " + after + " 2>/dev/null");
}

/// Reduces runs of spaces to one, because versions of poppler space columns differently. (poppler reads a
/// no-break space as a space.)
std::string layout_text(const std::string& pdf) {
  std::string text;
  for (const char c : seen_by("pdftotext -layout", pdf, "-")) {
    if (c == '\f' || (c == ' ' && (text.empty() || text.back() == ' ' || text.back() == '\n'))) continue;
    if (c == '\n' && (text.empty() || text.back() == '\n')) continue;
    text += c;
  }
  return text;
}

struct Word {
  std::string text;
  double left, top, right, bottom;
};

std::vector<Word> words_of(const std::string& pdf) {
  const auto html = seen_by("pdftotext -bbox", pdf, "-");
  std::vector<Word> words;
  for (auto at = html.find("<word "); at != html.npos; at = html.find("<word ", at + 1)) {
    const auto number = [&](const std::string& name) {
      return std::strtod(html.c_str() + html.find(name + "=\"", at) + name.size() + 2, nullptr);
    };
    const auto text = html.find('>', at) + 1;
    words.push_back({html.substr(text, html.find("</word>", text) - text), number("xMin"), number("yMin"),
                     number("xMax"), number("yMax")});
  }
  return words;
}

const Word& word(const std::vector<Word>& words, const std::string& text) {
  const auto found = std::ranges::find(words, text, &Word::text);
  if (found == words.end()) throw std::runtime_error("no such word: " + text);
  return *found;
}

bool in_window_area(const Word& word) {
  return word.left < window_right && word.bottom > window_top && word.top < window_bottom;
}

std::string repeated(std::string_view part, std::size_t count) {
  std::string text;
  for (std::size_t i = 0; i < count; ++i) text += part;
  return text;
}

/// A letter with the longest values that the types allow, of one word or of many.
ActivationLetter longest(std::string_view part) {
  auto letter = a_letter();
  const auto cut = [&](std::size_t count) {
    return repeated(part, count / domain::code_points(part).value());
  };
  letter.legal_name = value<CompanyName>(cut(175));
  letter.attention = {value<GivenNames>(cut(80)), value<FamilyName>(cut(80))};
  letter.address = {
      value<AddressLine>(cut(60)), value<AddressLine>(cut(60)), value<City>(cut(60)), "CA", "12345-6789",
      domain::Country::US};
  return letter;
}

TEST(ActivationLetter, reads_like_this_in_english_first) {
  EXPECT_EQ(layout_text(render_pdf(a_letter(Language::en))),
            read_file(TTP_SOURCE_DIR "/tests/delivery/golden/activation-letter-en.txt"));
}

TEST(ActivationLetter, reads_like_this_in_french_first) {
  EXPECT_EQ(layout_text(render_pdf(a_letter(Language::fr))),
            read_file(TTP_SOURCE_DIR "/tests/delivery/golden/activation-letter-fr.txt"));
}

TEST(ClientNumberLetter, reads_like_this_in_either_order) {
  EXPECT_EQ(layout_text(render_pdf(a_client_number_letter(Language::en))),
            read_file(TTP_SOURCE_DIR "/tests/delivery/golden/client-number-letter-en.txt"));
  EXPECT_EQ(layout_text(render_pdf(a_client_number_letter(Language::fr))),
            read_file(TTP_SOURCE_DIR "/tests/delivery/golden/client-number-letter-fr.txt"));
}

TEST(RecoveryLetter, reads_like_this_in_either_order) {
  EXPECT_EQ(layout_text(render_pdf(a_recovery_letter(Language::en))),
            read_file(TTP_SOURCE_DIR "/tests/delivery/golden/recovery-letter-en.txt"));
  EXPECT_EQ(layout_text(render_pdf(a_recovery_letter(Language::fr))),
            read_file(TTP_SOURCE_DIR "/tests/delivery/golden/recovery-letter-fr.txt"));
}

TEST(RecoveryLetter, keeps_the_permit_in_the_middle_third_below_the_window) {
  const auto words = words_of(render_pdf(a_recovery_letter()));
  const auto& permit = word(words, "7K4QX-09M2T");
  EXPECT_FALSE(in_window_area(permit));
  EXPECT_GT(permit.top, 264) << "above the first fold";
  EXPECT_LT(permit.bottom, 528) << "below the second fold";
}

TEST(ActivationLetter, shows_the_code_once_in_two_groups_with_its_expiry_in_both_languages) {
  const auto text = seen_by("pdftotext -layout", render_pdf(a_letter()), "-");
  const auto found = text.find("7K4QX-09M2T");
  ASSERT_NE(found, text.npos);
  EXPECT_EQ(text.find("7K4QX", found + 1), text.npos);
  EXPECT_TRUE(contains(text, "This code expires on May 1, 2026, at 10:00 (Eastern time)."));
  EXPECT_TRUE(contains(text, "Ce code expire le 1er mai 2026 à 10 h 00 (heure de l'Est)."));
}

TEST(ActivationLetter, shows_the_address_in_the_window_and_nothing_else) {
  const auto words = words_of(render_pdf(a_letter(Language::fr)));
  std::string in_window;
  for (const auto& word : words)
    if (in_window_area(word)) in_window += word.text + " ";
  EXPECT_EQ(in_window,
            "À l&apos;attention de : Marie-Ève Tremblay Érablière du Nord inc. 123 RUE PRINCIPALE BUREAU 400 "
            "GATINEAU "
            "QC J8X 3X7 ");
}

TEST(ActivationLetter, keeps_the_code_in_the_middle_third_below_the_window) {
  const auto words = words_of(render_pdf(a_letter()));
  const auto& code = word(words, "7K4QX-09M2T");
  EXPECT_FALSE(in_window_area(code));
  EXPECT_GT(code.top, 264) << "above the first fold";
  EXPECT_LT(code.bottom, 528) << "below the second fold";
  EXPECT_GT(code.bottom - code.top, 24) << "not large";
}

TEST(ActivationLetter, keeps_the_longest_names_and_addresses_in_their_places) {
  for (const auto* part : {"W", "é", "Wé ", "@", "i", "Compagnie de l'Érablière ", "\u01c4", "Ẫ", "株",
                           "W\u0301\u0302\u0323", "ش"}) {
    SCOPED_TRACE(part);
    const auto words = words_of(render_pdf(longest(part)));
    const auto& code = word(words, "7K4QX-09M2T");
    EXPECT_FALSE(in_window_area(code));
    for (const auto& word : words) {
      EXPECT_GE(word.left, 53) << word.text;
      EXPECT_LE(word.right, 559) << word.text;
      EXPECT_LE(word.bottom, 757) << word.text;
      // A word that begins in the address block must stay in it.
      if (in_window_area(word)) {
        EXPECT_GE(word.left, 67) << word.text;
        EXPECT_LE(word.right, 314) << word.text;
        EXPECT_GE(word.top, 149) << word.text;
        EXPECT_LE(word.bottom, 229) << word.text;
      }
      // No text may reach the frame from above.
      if (word.top < 354) {
        EXPECT_LE(word.bottom, 354) << word.text;
      }
    }
  }
}

TEST(ActivationLetter, is_one_sheet_of_letter_paper) {
  const auto information = seen_by("pdfinfo", render_pdf(longest("W")));
  EXPECT_TRUE(contains(information, "Pages:           1\n"));
  EXPECT_TRUE(contains(information, "612 x 792 pts (letter)"));
}

TEST(ActivationLetter, embeds_every_font) {
  const auto fonts = seen_by("pdffonts", render_pdf(a_letter()));
  for (const auto* name : {"NotoSans-Regular", "NotoSans-Bold", "DejaVuSansMono-Bold"})
    EXPECT_TRUE(contains(fonts, name)) << fonts;
  EXPECT_FALSE(contains(fonts, " no ")) << fonts;
}

TEST(ActivationLetter, can_be_read_aloud_in_the_order_of_its_parts) {
  const auto parts = seen_by("pdfinfo -struct-text", render_pdf(a_letter()));
  const auto place = [&](std::string_view text) {
    const auto found = parts.find(text);
    EXPECT_NE(found, parts.npos) << text << " in:\n" << parts;
    return found;
  };
  EXPECT_LT(place("Document"), place("P (block)"));
  EXPECT_LT(place("Attention: Marie-Ève Tremblay"),
            place("H1 (block)\n    \"Activating your company's account\""));
  EXPECT_LT(place("H1 (block)"), place("7K4QX-09M2T"));
  EXPECT_LT(place("7K4QX-09M2T"), place("H2 (block)\n    \"How to activate the account\""));
  EXPECT_LT(place("How to activate the account"), place("Comment activer le compte"));
}

TEST(ActivationLetter, names_neither_code_nor_number_nor_company_in_its_information) {
  const auto information = seen_by("pdfinfo", render_pdf(a_letter()));
  EXPECT_TRUE(contains(information, "Title:           Activation letter / Lettre d'activation\n"))
      << information;
  for (const auto* text : {"7K4QX", "09M2T", "70001237", "Érablière"})
    EXPECT_FALSE(contains(information, text)) << information;
}

TEST(ActivationLetter, has_equal_bytes_exactly_for_equal_letters) {
  const auto pdf = render_pdf(a_letter());
  EXPECT_EQ(pdf, render_pdf(a_letter()));
  auto other = a_letter();
  other.code = value<domain::ActivationCode>("7K4QX09M2V");
  EXPECT_NE(pdf, render_pdf(other));
}

TEST(ActivationLetter, is_dated_by_its_order_not_by_its_printing) {
  const auto information = seen_by("pdfinfo -isodates", render_pdf(a_letter()));
  EXPECT_TRUE(contains(information, "CreationDate:    2026-03-09T14:00:00Z")) << information;
  EXPECT_TRUE(contains(information, "ModDate:         2026-03-09T14:00:00Z")) << information;
}

TEST(ActivationLetter, leaves_out_the_attention_line_of_a_person_without_a_name) {
  auto letter = a_letter();
  letter.attention = {};
  EXPECT_FALSE(contains(layout_text(render_pdf(letter)), "Attention"));
}

TEST(ActivationLetter, names_the_country_only_for_an_address_abroad) {
  auto letter = a_letter();
  EXPECT_FALSE(contains(layout_text(render_pdf(letter)), "USA"));
  letter.address.country = domain::Country::US;
  EXPECT_TRUE(contains(layout_text(render_pdf(letter)), "USA"));
}

TEST(ActivationLetter, keeps_a_name_that_runs_to_the_left_from_reordering_the_rest) {
  auto letter = a_letter();
  letter.attention = {value<GivenNames>("גד"), value<FamilyName>("כהן")};
  letter.address.city = value<City>("חיפה");
  const auto words = words_of(render_pdf(letter));  // poppler takes each Hebrew letter for a word
  EXPECT_LT(word(words, "Attention:").right, word(words, "ן").left);
  EXPECT_LT(word(words, "ן").left, word(words, "כ").left);
  EXPECT_LT(word(words, "כ").left, word(words, "ג").left) << "the first name is at the right";
  EXPECT_LT(word(words, "ח").right, word(words, "QC").left);
  EXPECT_LT(word(words, "QC").right, word(words, "J8X").left);
}

TEST(ActivationLetter, is_not_made_with_a_character_that_the_fonts_lack) {
  auto letter = a_letter();
  letter.legal_name = value<CompanyName>("🍁 Maple");
  EXPECT_THROW(render_pdf(letter), LetterFault);
}

TEST(ActivationLetter, is_the_same_whatever_fonts_and_settings_the_host_has) {
  const auto pdf = render_pdf(a_letter());
  const TemporaryFolder temporary;
  const auto settings = temporary.path() / "fonts.conf";
  write_file(settings,
             "<fontconfig><match target='pattern'><edit name='family' mode='assign' binding='strong'>"
             "<string>DejaVu Serif</string></edit></match></fontconfig>");
  ::setenv("FONTCONFIG_FILE", settings.c_str(), 1);
  ::setenv("PANGO_LANGUAGE", "tr:sr", 1);
  const Fonts fonts{"/usr/share/fonts/truetype"};
  const auto same = render_pdf(a_letter(), fonts);
  ::unsetenv("FONTCONFIG_FILE");
  ::unsetenv("PANGO_LANGUAGE");
  EXPECT_EQ(pdf, same);
}

TEST(ActivationLetter, is_the_same_on_every_thread) {
  const auto pdf = render_pdf(a_letter());
  std::array<std::string, 4> made;
  {
    std::vector<std::jthread> threads;
    for (auto& each : made) threads.emplace_back([&each] { each = render_pdf(a_letter()); });
  }
  for (const auto& each : made) EXPECT_EQ(each, pdf);
}

TEST(ActivationLetter, faults_do_not_hold_the_code) {
  auto broken = a_letter();
  broken.legal_name = value<CompanyName>("\xff\xfe");
  for (const auto& fail : std::vector<std::function<void()>>{
           [&] { render_pdf(broken); }, [&] { render_pdf(a_letter(), Fonts{"/nowhere"}); }}) {
    try {
      fail();
      FAIL() << "no fault";
    } catch (const LetterFault& fault) {
      EXPECT_FALSE(contains(fault.what(), "7K4QX"));
      EXPECT_FALSE(contains(fault.what(), "09M2T"));
    }
  }
}

TEST(ClientNumberLetter, shows_the_number_and_no_code) {
  const auto words = words_of(render_pdf(a_client_number_letter()));
  EXPECT_FALSE(in_window_area(word(words, "70001237")));
  EXPECT_FALSE(contains(layout_text(render_pdf(a_client_number_letter())), "expires"));
}

}  // namespace
}  // namespace ttp::delivery::tests
