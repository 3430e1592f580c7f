// The layout of a letter on its sheet. All lengths are points (72 per inch) from the sheet's top left corner.
#include "delivery/letter.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "delivery/texts.hpp"
#include "domain/letter_text.hpp"
#include "domain/text.hpp"

namespace ttp::delivery {
namespace {

constexpr double sheet_width = 612;
constexpr double sheet_height = 792;
constexpr double margin = 54;

// The window of a number 10 envelope (9 1/2 by 4 1/8 in.) is 4 1/2 by 1 1/8 in., 7/8 in. from the left and
// 1/2 in. from the bottom edge. A sheet folded in three (3 2/3 in. high, 8 1/2 in. wide) can slip in it by
// 0.46 in. down and 1 in. sideways, so that through the window
//   something of the sheet may show between 147 and 261 from the top and left of 387
//   (tests/delivery/letter_test.cpp holds that area), and 180 to 228 by 63 to 315 always shows.
// The address therefore ends at 226, its last four lines of ordinary size within what always shows. Nothing
// else may stand in the area; the code stands in the middle third, folded inside.
constexpr Box address_box{68, 152, 245, 74};
constexpr Box particulars_box{404, 152, 154, 96};
constexpr double second_column = sheet_width / 2 + 9;
constexpr double column_width = 243;
constexpr double title_top = 288;
constexpr double title_height = 26;
constexpr Box company_box{margin, 318, sheet_width - 2 * margin, 28};
constexpr Box frame{margin, 354, sheet_width - 2 * margin, 112};
constexpr double body_top = 480;
constexpr double body_height = 274;

/// Writes two columns in one common size, because both languages have equal rank.
void write_columns(Sheet& sheet, double top, double height, const std::vector<Paragraph>& left,
                   const std::vector<Paragraph>& right, double size) {
  const Box left_box{margin, top, column_width, height};
  const Box right_box{second_column, top, column_width, height};
  size = std::min(sheet.fitting_size(left_box, left, size), sheet.fitting_size(right_box, right, size));
  sheet.write(left_box, left, size);
  sheet.write(right_box, right, size);
}

/// A text within one that runs from left to right. A Hebrew or Arabic name is fenced by invisible characters,
/// so that it does not change the order of what stands around it.
std::string embedded(std::string text) {
  const auto runs_left = [](char32_t point) {
    const auto character = domain::letter_character(point);
    return character &&
           (character->font == domain::LetterFont::hebrew || character->font == domain::LetterFont::arabic);
  };
  const auto points = domain::decode(text);
  if (!points || std::ranges::none_of(*points, runs_left)) return text;
  constexpr std::string_view left_to_right_mark = "\u200e";  // for a name at the beginning of its line
  constexpr std::string_view first_strong_isolate = "\u2068";
  constexpr std::string_view pop_isolate = "\u2069";
  return fmt::format("{}{}{}{}", left_to_right_mark, first_strong_isolate, text, pop_isolate);
}

std::string in_both(Phrase text, Language first) {
  return fmt::format("{} / {}", phrase(text, first), phrase(text, other(first)));
}

/// The lines of the address in Canada Post's form: the last line holds city, region and postal code, or the
/// country.
std::vector<Paragraph> address_lines(const auto& letter) {
  std::vector<Paragraph> lines;
  const auto add = [&](std::string text) { lines.push_back({std::move(text), letter.first_language}); };
  const auto names = letter.attention.full();
  if (!names.empty())
    add(fill(phrase(Phrase::attention, letter.first_language), {{"names", embedded(names)}}));
  add(letter.legal_name.text());
  add(letter.address.line1.text());
  if (letter.address.line2) add(letter.address.line2->text());
  add(fmt::format("{} {}\u00a0\u00a0{}", embedded(letter.address.city.text()), letter.address.region,
                  letter.address.postal_code));
  if (letter.address.country == domain::Country::US) add("USA");
  return lines;
}

/// The headings, numbered steps and paragraphs of a body from texts.cpp.
std::vector<Paragraph> body_paragraphs(Phrase body, Language language) {
  std::vector<Paragraph> paragraphs;
  for (std::string_view text = phrase(body, language); !text.empty();) {
    const auto end = std::min(text.find('\n'), text.size());
    const auto line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    const bool step = line.size() > 2 && line[0] >= '1' && line[0] <= '9' && line[1] == '.';
    if (line.starts_with("# ")) {
      paragraphs.push_back({.text = std::string{line.substr(2)},
                            .language = language,
                            .face = Face::bold,
                            .role = Role::subheading,
                            .space_above = 0.6});
    } else {
      paragraphs.push_back(
          {.text = std::string{line}, .language = language, .indent = step ? 1.2 : 0, .space_above = 0.15});
    }
  }
  return paragraphs;
}

Paragraph in_face(Face face, std::string_view text, Language language, double space_above = 0) {
  return {.text = std::string{text}, .language = language, .face = face, .space_above = space_above};
}

/// Writes the corner across from the address, which is alike in all letters.
void write_particulars(Sheet& sheet, const auto& letter) {
  const auto first = letter.first_language;
  const auto second = other(first);
  sheet.write(particulars_box,
              {in_face(Face::bold, phrase(Phrase::registered_mail, first), first),
               in_face(Face::bold, phrase(Phrase::registered_mail, second), second),
               in_face(Face::regular, written_date(letter.ordered_at, first), first, 0.5),
               in_face(Face::regular, written_date(letter.ordered_at, second), second),
               in_face(Face::regular, in_both(Phrase::letter_number, first), first, 0.5)},
              9.5);
  // The identifier is on one line, so that a reader can dictate it to the service desk.
  sheet.write({particulars_box.left, particulars_box.top + 68, particulars_box.width, 10},
              {in_face(Face::mono, domain::to_text(letter.letter), first)}, 7);
}

/// Writes the common parts of all letters, above the frame with the number: letterhead, address,
/// particulars, titles, company.
void write_head(Sheet& sheet, const auto& letter, Phrase title) {
  const auto first = letter.first_language;
  const auto second = other(first);
  const auto letterhead = [&](Language language) -> std::vector<Paragraph> {
    return {in_face(Face::bold, phrase(Phrase::agency, language), language),
            in_face(Face::regular, phrase(Phrase::programme, language), language)};
  };
  write_columns(sheet, 42, 34, letterhead(first), letterhead(second), 10.5);
  sheet.rule(margin, sheet_width - margin, 80);

  sheet.write(address_box, address_lines(letter), 10, Anchor::bottom);
  write_particulars(sheet, letter);

  const auto heading = [&](Language language) -> std::vector<Paragraph> {
    return {{.text = std::string{phrase(title, language)},
             .language = language,
             .face = Face::bold,
             .role = Role::heading}};
  };
  write_columns(sheet, title_top, title_height, heading(first), heading(second), 10.5);
  sheet.write(company_box, {in_face(Face::regular, letter.legal_name.text(), first)}, 11);
}

void write_body(Sheet& sheet, Language first, Phrase body) {
  write_columns(sheet, body_top, body_height, body_paragraphs(body, first),
                body_paragraphs(body, other(first)), 9);
}

/// The printed form of a code: "7K4QX-9M2TB".
std::string shown(const auto& code) {
  std::string text = code.text();
  if (text.size() == 10) text.insert(5, 1, '-');
  return text;
}

}  // namespace

std::string render_pdf(const ActivationLetter& letter, const Fonts& fonts) {
  const auto first = letter.first_language;
  Sheet sheet{{sheet_width, sheet_height, "Activation letter / Lettre d'activation", letter.ordered_at},
              fonts};
  write_head(sheet, letter, Phrase::activation_letter_title);

  sheet.fill_box(frame);
  const double inside = frame.left + 14;
  const double right = frame.left + 190;
  const double right_width = frame.width - 190 - 14;
  const auto write = [&](const Box& box, Face face, const std::string& text, double size) {
    sheet.write(box, {in_face(face, text, first)}, size);
  };
  write({inside, frame.top + 10, 170, 12}, Face::regular, in_both(Phrase::client_number, first), 8.5);
  write({inside, frame.top + 26, 160, 42}, Face::mono, letter.client_number.text(), 20);
  write({right, frame.top + 10, right_width, 12}, Face::regular, in_both(Phrase::activation_code, first),
        8.5);
  write({right, frame.top + 24, right_width, 44}, Face::mono, shown(letter.code), 32);
  const auto expiry = [&](Language language, double space_above) {
    return in_face(Face::bold,
                   fill(phrase(Phrase::code_expires, language),
                        {{"expires_at", written_moment(letter.code_expires_at, language)}}),
                   language, space_above);
  };
  sheet.write({right, frame.top + 72, right_width, 34}, {expiry(first, 0), expiry(other(first), 0.2)}, 9.5);
  write_body(sheet, first, Phrase::activation_letter_body);
  return sheet.bytes();
}

std::string render_pdf(const RecoveryLetter& letter, const Fonts& fonts) {
  const auto first = letter.first_language;
  Sheet sheet{{sheet_width, sheet_height, "Permit / Permis", letter.ordered_at}, fonts};
  write_head(sheet, letter, Phrase::recovery_letter_title);

  sheet.fill_box(frame);
  const double inside = frame.left + 14;
  const double width = frame.width - 28;
  const auto expiry = [&](Language language, double space_above) {
    return in_face(Face::bold,
                   fill(phrase(Phrase::permit_expires, language),
                        {{"expires_at", written_moment(letter.permit_expires_at, language)}}),
                   language, space_above);
  };
  sheet.write({inside, frame.top + 10, width, 12},
              {in_face(Face::regular, in_both(Phrase::recovery_permit, first), first)}, 8.5);
  sheet.write({inside, frame.top + 24, width, 44}, {in_face(Face::mono, shown(letter.permit), first)}, 32);
  sheet.write({inside, frame.top + 72, width, 34}, {expiry(first, 0), expiry(other(first), 0.2)}, 9.5);
  write_body(sheet, first, Phrase::recovery_letter_body);
  return sheet.bytes();
}

std::string render_pdf(const ClientNumberLetter& letter, const Fonts& fonts) {
  const auto first = letter.first_language;
  Sheet sheet{{sheet_width, sheet_height, "Client number / Numéro de client", letter.ordered_at}, fonts};
  write_head(sheet, letter, Phrase::client_number_letter_title);

  sheet.fill_box({frame.left, frame.top, frame.width, 74});
  sheet.write({frame.left + 14, frame.top + 10, frame.width - 28, 12},
              {in_face(Face::regular, in_both(Phrase::client_number, first), first)}, 8.5);
  sheet.write({frame.left + 14, frame.top + 26, frame.width - 28, 42},
              {in_face(Face::mono, letter.client_number.text(), first)}, 24);
  write_body(sheet, first, Phrase::client_number_letter_body);
  return sheet.bytes();
}

}  // namespace ttp::delivery
