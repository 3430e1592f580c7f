// Letters as pictures. Poppler draws the PDF; FreeType draws what should stand on the paper, straight from
// the font files: one character after the other, in the order in which they are seen. So the picture that is
// expected knows nothing of how a letter lays out, embeds and orders its text.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include <ft2build.h>
#include FT_FREETYPE_H
#include FT_OUTLINE_H

#include <gtest/gtest.h>

#include "delivery/letter.hpp"
#include "delivery/sheet.hpp"
#include "delivery/support.hpp"
#include "domain/letter_text.hpp"
#include "domain/text.hpp"

namespace ttp::delivery::tests {
namespace {

using domain::LetterFont;
using domain::LetterUse;

constexpr double dots_per_inch = 200;
constexpr double dots = dots_per_inch / 72;  ///< per point

/// How dark each dot is: 0 for paper, 255 for ink.
struct Picture {
  Picture(int w, int h)
      : width(w), height(h), ink(static_cast<std::size_t>(w) * static_cast<std::size_t>(h)) {}
  int at(int x, int y) const { return x < 0 || y < 0 || x >= width || y >= height ? 0 : ink[index(x, y)]; }
  void add(int x, int y, int darkness) {
    if (x < 0 || y < 0 || x >= width || y >= height) return;
    ink[index(x, y)] = std::min(255, ink[index(x, y)] + darkness);
  }
  std::size_t index(int x, int y) const {
    return static_cast<std::size_t>(y) * static_cast<std::size_t>(width) + static_cast<std::size_t>(x);
  }

  int width, height;
  std::vector<int> ink;
};

/// The part of a PDF's page that begins at these dots.
Picture printed(const std::string& pdf, int left, int top, int width, int height) {
  const TemporaryFolder temporary;
  const auto file = temporary.path() / "letter.pdf";
  write_file(file, pdf);
  char options[128];
  std::snprintf(options, sizeof options, "-r %g -x %d -y %d -W %d -H %d", dots_per_inch, left, top, width,
                height);
  const std::string map = output_of("pdftoppm -gray " + std::string{options} + " " + file.native());
  // "P5", width, height and 255, each followed by one white space; then a byte for each dot.
  std::size_t begin = 0;
  for (int field = 0; field < 4; ++field) begin = map.find_first_of(" \n", begin) + 1;
  Picture picture{width, height};
  if (map.size() - begin != picture.ink.size()) throw std::runtime_error("not the map that was expected");
  for (std::size_t i = 0; i < picture.ink.size(); ++i)
    picture.ink[i] = 255 - static_cast<unsigned char>(map[begin + i]);
  return picture;
}

// ---- what should be seen ----------------------------------------------------------------------------------

class Library {
 public:
  Library() {
    if (FT_Init_FreeType(&library_) != 0) throw std::runtime_error("FreeType does not start");
  }
  FT_Face face(LetterFont font) {
    constexpr std::array<const char*, 9> files = {"noto/NotoSans-Regular.ttf",
                                                  "noto/NotoSansCanadianAboriginal-Regular.ttf",
                                                  "noto/NotoSansHebrew-Regular.ttf",
                                                  "noto/NotoSansArabic-Regular.ttf",
                                                  "noto/NotoSansArmenian-Regular.ttf",
                                                  "noto/NotoSansGeorgian-Regular.ttf",
                                                  "noto/NotoSansCherokee-Regular.ttf",
                                                  "noto/NotoSansEthiopic-Regular.ttf",
                                                  "wqy/wqy-microhei.ttc"};
    FT_Face& face = faces_[font];
    const std::string file =
        std::string{"/usr/share/fonts/truetype/"} + files.at(static_cast<std::size_t>(font));
    if (face == nullptr && FT_New_Face(library_, file.c_str(), 0, &face) != 0)
      throw std::runtime_error("no font " + file);
    return face;
  }

 private:
  FT_Library library_ = nullptr;
  std::map<LetterFont, FT_Face> faces_;
};

/// The outline of a character at this size, in dots (sixty-fourths of them).
FT_GlyphSlot outline(char32_t point, double size) {
  static Library library;
  const auto character = domain::letter_character(point);
  const FT_Face face = library.face(character ? character->font : LetterFont::latin);
  FT_Set_Char_Size(face, 0, std::lround(size * 64), static_cast<FT_UInt>(dots_per_inch),
                   static_cast<FT_UInt>(dots_per_inch));
  if (FT_Load_Char(face, point, FT_LOAD_NO_HINTING | FT_LOAD_NO_BITMAP) != 0)
    throw std::runtime_error("no outline");
  return face->glyph;
}

/// Draws a character with its origin at this place and returns where the next one begins.
double draw(Picture& picture, char32_t point, double size, double x, double baseline) {
  const FT_GlyphSlot glyph = outline(point, size);
  const double advance = static_cast<double>(glyph->linearHoriAdvance) / 65536;
  const int left = static_cast<int>(std::floor(x));
  const int bottom = static_cast<int>(std::floor(baseline));
  FT_Outline_Translate(&glyph->outline, std::lround((x - left) * 64), -std::lround((baseline - bottom) * 64));
  FT_Render_Glyph(glyph, FT_RENDER_MODE_NORMAL);
  const FT_Bitmap& map = glyph->bitmap;
  for (int row = 0; row < static_cast<int>(map.rows); ++row)
    for (int column = 0; column < static_cast<int>(map.width); ++column)
      picture.add(left + glyph->bitmap_left + column, bottom - glyph->bitmap_top + row,
                  map.buffer[row * map.pitch + column]);
  return x + advance;
}

/// How far the highest of the characters reaches above the line, in points.
double height_of(std::u32string_view points, double size) {
  double highest = 0;
  for (const char32_t point : points) {
    FT_BBox box;
    FT_Outline_Get_CBox(&outline(point, size)->outline, &box);
    highest = std::max(highest, static_cast<double>(box.yMax) / 64 / dots);
  }
  return highest;
}

/// The mean darkness of the three by three dots around each dot.
Picture blurred(const Picture& sharp) {
  Picture picture{sharp.width, sharp.height};
  for (int y = 0; y < sharp.height; ++y)
    for (int x = 0; x < sharp.width; ++x) {
      int sum = 0;
      for (int dy = -1; dy <= 1; ++dy)
        for (int dx = -1; dx <= 1; ++dx) sum += sharp.at(x + dx, y + dy);
      picture.add(x, y, sum / 9);
    }
  return picture;
}

/// How far a dot of one picture differs from every neighbour of that dot in the other, at most, from 0 to
/// 255. Poppler sets glyphs on whole dots, which moves edges; a dot, an accent or a letter that is missing or
/// elsewhere has no like in the neighbourhood.
int beyond(const Picture& one, const Picture& other) {
  int greatest = 0;
  for (int y = 0; y < one.height; ++y)
    for (int x = 0; x < one.width; ++x) {
      const int darkness = one.at(x, y);
      if (std::abs(darkness - other.at(x, y)) <= greatest) continue;
      int least = 255;
      for (int dy = -1; dy <= 1; ++dy)
        for (int dx = -1; dx <= 1; ++dx)
          least = std::min(least, std::abs(darkness - other.at(x + dx, y + dy)));
      greatest = std::max(greatest, least);
    }
  return greatest;
}
int difference(const Picture& sharp, const Picture& other) {
  const Picture one = blurred(sharp);
  const Picture two = blurred(other);
  return std::max(beyond(one, two), beyond(two, one));
}
constexpr int seen_by_a_reader = 70;

// ---- names on the letter ----------------------------------------------------------------------------------

ClientNumberLetter letter_to(std::string_view name) {
  return {.letter = {*domain::parse_uuid("01890a5d-ac96-774b-bcce-b302099a8057")},
          .ordered_at = at("2026-03-09T14:00:00.000Z"),
          .legal_name = value<domain::CompanyName>(std::string{name}),
          .address = {value<domain::AddressLine>("123 RUE PRINCIPALE"),
                      {},
                      value<domain::City>("GATINEAU"),
                      "QC",
                      "J8X 3X7",
                      domain::Country::CA},
          .attention = {value<domain::GivenNames>("Marie-Ève"), value<domain::FamilyName>("Tremblay")},
          .client_number = value<domain::ClientNumber>("70001237")};
}

// The line above the frame, which shows the company's name in type of 11 points.
constexpr double line_left = 54, line_top = 318, line_size = 11;
constexpr int crop_left = 140, crop_top = 870, crop_width = 1200, crop_height = 90;

Picture name_on_letter(std::string_view name) {
  return printed(render_pdf(letter_to(name)), crop_left, crop_top, crop_width, crop_height);
}

/// The characters from left to right, as they should be seen.
Picture expected(std::u32string_view seen) {
  Picture picture{crop_width, crop_height};
  const double baseline = line_top + std::max(line_size, height_of(seen, line_size));
  double x = line_left * dots - crop_left;
  for (const char32_t point : seen) x = draw(picture, point, line_size, x, baseline * dots - crop_top);
  return picture;
}

TEST(LetterPictures, show_names_whole_and_in_order) {
  const struct {
    std::string_view name;
    std::u32string_view seen;
  } rows[] = {
      {"Nguyễn Đ", U"Nguyễn Đ"},
      {"Nguye\u0302\u0303n", U"Nguyễn"},
      {"ẾẪ ẫỗ", U"ẾẪ ẫỗ"},
      {"ᐄᐲᖂᓃ ᐃᓄᒃ", U"ᐄᐲᖂᓃ ᐃᓄᒃ"},
      {"Ж Ἀ Ł ǭ", U"Ж Ἀ Ł ǭ"},
      {"大成株式会社", U"大成株式会社"},
      {"한국", U"한국"},
      {"שלום", U"םולש"},
      // The letters of the Arabic word join: the last one alone, the ligature of the two before it at its
      // end, the first one at its beginning.
      {"سلام", U"\uFEE1\uFEFC\uFEB3"},
      {"大 سلام", U"大 \uFEE1\uFEFC\uFEB3"},
  };
  for (const auto& row : rows)
    EXPECT_LT(difference(name_on_letter(row.name), expected(row.seen)), seen_by_a_reader) << row.name;
}

TEST(LetterPictures, would_show_what_is_missing_or_elsewhere) {
  const struct {
    std::string_view name;
    std::u32string_view seen;
  } rows[] = {
      {"Nguyễn", U"Nguyen"}, {"Nguyễn", U"Nguyên"}, {"ᐲᖂ", U"ᐱᖂ"},   {"大成", U"大大"},
      {"שלום", U"שלום"},     {"سلام", U"مالس"},     {"Łuk", U"Luk"},
  };
  for (const auto& row : rows)
    EXPECT_GT(difference(name_on_letter(row.name), expected(row.seen)), seen_by_a_reader) << row.name;
}

/// The dots of ink that one picture has and the other does not.
struct Ink {
  int left = crop_width, right = -1, top = crop_height, bottom = -1;
};
Ink only_in(const Picture& one, const Picture& other) {
  Ink ink;
  for (int y = 0; y < one.height; ++y)
    for (int x = 0; x < one.width; ++x) {
      if (one.at(x, y) - other.at(x, y) < 128) continue;
      ink = {std::min(ink.left, x), std::max(ink.right, x), std::min(ink.top, y), std::max(ink.bottom, y)};
    }
  return ink;
}

// Unicode has no character for these letters with their marks: the font alone brings the two together.
TEST(LetterPictures, show_marks_at_the_middle_of_their_letters_and_clear_of_them) {
  const struct {
    std::string_view letter;
    std::string_view mark;
    bool is_above;
  } rows[] = {{"x", "\u0331", false}, {"x", "\u0332", false}, {"p", "\u0313", true},
              {"M", "\u0300", true},  {"ш", "\u0301", true},  {"q", "\u0304", true}};
  for (const auto& row : rows) {
    const Picture bare = name_on_letter(row.letter);
    const Ink letter = only_in(bare, Picture{crop_width, crop_height});
    const Ink mark = only_in(name_on_letter(std::string{row.letter} + std::string{row.mark}), bare);
    ASSERT_GE(mark.right, mark.left) << row.letter << ": no mark";
    EXPECT_NEAR(mark.left + mark.right, letter.left + letter.right, 10) << row.letter;
    if (row.is_above)
      EXPECT_LT(mark.bottom, letter.top) << row.letter;
    else
      EXPECT_GT(mark.top, letter.bottom) << row.letter;
  }
}

// ---- every character --------------------------------------------------------------------------------------

constexpr double cell = 24, cell_size = 14, inset = 3;  // some glyphs begin left of their place
constexpr int columns = 25, rows_of_cells = 32;

/// All characters of the scripts with few of them, and some of the many East Asian ones.
std::vector<char32_t> characters() {
  std::vector<char32_t> found;
  std::size_t east_asian = 0;
  for (char32_t point = 0x21; point < 0x30000; ++point) {
    const auto character = domain::letter_character(point);
    if (!character || character->use == LetterUse::mark || character->use == LetterUse::side_mark) continue;
    if (domain::is_space(point)) continue;
    if (character->font == LetterFont::east_asian && east_asian++ % 41 != 0) continue;
    found.push_back(point);
  }
  return found;
}

/// One sheet with a character in each cell, as a picture.
Picture sheet_of(const std::vector<char32_t>& points) {
  Sheet sheet{{columns * cell, rows_of_cells * cell, "Characters", at("2026-03-09T14:00:00.000Z")},
              installed_fonts()};
  for (std::size_t i = 0; i < points.size(); ++i) {
    const Box box{inset + static_cast<double>(i % columns) * cell, static_cast<double>(i / columns) * cell,
                  cell * 2, cell};
    sheet.write(box, {{.text = domain::encode({&points[i], 1})}}, cell_size);
  }
  return printed(sheet.bytes(), 0, 0, static_cast<int>(columns * cell * dots),
                 static_cast<int>(rows_of_cells * cell * dots));
}

Picture part_of(const Picture& picture, double left, double top, int width, int height) {
  Picture part{width, height};
  for (int y = 0; y < height; ++y)
    for (int x = 0; x < width; ++x)
      part.add(x, y, picture.at(static_cast<int>(left) + x, static_cast<int>(top) + y));
  return part;
}

TEST(LetterPictures, show_every_character_as_its_font_draws_it) {
  const auto all = characters();
  EXPECT_GT(all.size(), 5'000u);
  constexpr int size = static_cast<int>(cell * dots);
  constexpr std::size_t on_a_sheet = columns * rows_of_cells;
  for (std::size_t from = 0; from < all.size(); from += on_a_sheet) {
    const std::vector<char32_t> points{
        all.begin() + static_cast<std::ptrdiff_t>(from),
        all.begin() + static_cast<std::ptrdiff_t>(std::min(all.size(), from + on_a_sheet))};
    const Picture sheet = sheet_of(points);
    for (std::size_t i = 0; i < points.size(); ++i) {
      const double left = static_cast<double>(i % columns) * cell * dots;
      const double top = static_cast<double>(i / columns) * cell * dots;
      Picture wanted{size, size};
      const double baseline = std::max(cell_size, height_of({&points[i], 1}, cell_size)) * dots;
      draw(wanted, points[i], cell_size, left - std::floor(left) + inset * dots,
           baseline + top - std::floor(top));
      EXPECT_LT(difference(part_of(sheet, left, top, size, size), wanted), seen_by_a_reader)
          << std::hex << static_cast<unsigned>(points[i]);
    }
  }
}

}  // namespace
}  // namespace ttp::delivery::tests
