// The layout of a letter on its sheet. All lengths are points (72 per inch) and heights count from the top of
// the sheet. Only Sheet::write and Sheet::fill_box convert them for PDF, which counts from the bottom.
#include "delivery/letter.hpp"

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <hpdf.h>

#include "delivery/texts.hpp"

namespace ttp::delivery {
namespace {

constexpr float sheet_width = 612;
constexpr float sheet_height = 792;
constexpr float margin = 54;

struct Box {
  float left, top, width, height;
};

// The window of a number 10 envelope (9 1/2 by 4 1/8 in.) is 4 1/2 by 1 1/8 in., 7/8 in. from the left and
// 1/2 in. from the bottom edge. A sheet folded in three (3 2/3 in. high, 8 1/2 in. wide) can slip in it by
// 0.46 in. down and 1 in. sideways, so that through the window
//   something of the sheet may show between 147 and 261 from the top and left of 387
//   (tests/delivery/letter_test.cpp holds that area), and 180 to 228 by 63 to 315 always shows.
// The address therefore ends at 226, its last four lines of ordinary size within what always shows. Nothing
// else may stand in the area; the code stands in the middle third, folded inside.
constexpr Box address_box{68, 152, 245, 74};
constexpr Box particulars_box{404, 152, 154, 96};
constexpr float second_column = sheet_width / 2 + 9;
constexpr float column_width = 243;
constexpr float title_top = 288;
constexpr float title_height = 26;
constexpr Box company_box{margin, 318, sheet_width - 2 * margin, 28};
constexpr Box frame{margin, 354, sheet_width - 2 * margin, 112};
constexpr float body_top = 480;
constexpr float body_height = 274;

constexpr float line_pitch = 1.25f;

/// The first failure that the PDF library reported; after a failure its functions continue as far as they
/// can.
struct Trouble {
  HPDF_STATUS code = HPDF_OK;
  HPDF_STATUS detail = HPDF_OK;
};

void note_trouble(HPDF_STATUS code, HPDF_STATUS detail, void* trouble) {
  auto& noted = *static_cast<Trouble*>(trouble);
  if (noted.code == HPDF_OK) noted = {code, detail};
}

struct Paragraph {
  std::string text;
  HPDF_Font font = nullptr;
  float indent = 0;       ///< of the lines after the first, in units of the size
  float space_above = 0;  ///< in units of the size
};

struct Line {
  std::string text;
  HPDF_Font font = nullptr;
  float left = 0;
  float baseline = 0;
};

struct Layout {
  std::vector<Line> lines;
  float height = 0;
};

float width_of(const std::string& text, HPDF_Font font, float size) {
  const auto measured = HPDF_Font_TextWidth(font, reinterpret_cast<const HPDF_BYTE*>(text.data()),
                                            static_cast<HPDF_UINT>(text.size()));
  return static_cast<float>(measured.width) * size / 1000;
}

/// The words of a text; a no-break space keeps its neighbours in one word.
std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> words;
  std::string word;
  for (const char c : text) {
    const bool ends_word = static_cast<unsigned char>(c) <= ' ' || c == '\x7f';
    if (!ends_word)
      word += c;
    else if (!word.empty())
      words.push_back(std::exchange(word, {}));
  }
  if (!word.empty()) words.push_back(word);
  return words;
}

bool continues_code_point(char c) {
  return (static_cast<unsigned char>(c) & 0xc0) == 0x80;
}

/// Removes from a too long word as many code points as fit on one line, at least one, and returns them.
std::string take_fitting(std::string& word, HPDF_Font font, float size, float room) {
  std::size_t cut = 0;
  for (std::size_t next = 1; next <= word.size(); ++next) {
    if (next < word.size() && continues_code_point(word[next])) continue;
    if (cut > 0 && width_of(word.substr(0, next), font, size) > room) break;
    cut = next;
  }
  std::string taken = word.substr(0, cut);
  word.erase(0, cut);
  return taken;
}

/// Breaks the paragraph into lines of the given size, none wider than `width`.
std::vector<std::string> wrap(const Paragraph& paragraph, float size, float width) {
  std::vector<std::string> lines;
  std::string line;
  const auto room = [&] { return width - (lines.empty() ? 0 : paragraph.indent * size); };
  const auto fits = [&](const std::string& text) { return width_of(text, paragraph.font, size) <= room(); };
  for (auto& word : words_of(paragraph.text)) {
    std::string longer = line;
    if (!longer.empty()) longer += ' ';
    longer += word;
    if (fits(longer)) {
      line = longer;
      continue;
    }
    if (!line.empty()) lines.push_back(std::exchange(line, {}));
    while (!fits(word) && !word.empty()) lines.push_back(take_fitting(word, paragraph.font, size, room()));
    line = word;
  }
  if (!line.empty()) lines.push_back(line);
  return lines;
}

Layout lay_out(const std::vector<Paragraph>& paragraphs, float size, float width) {
  Layout layout;
  for (const auto& paragraph : paragraphs) {
    if (!layout.lines.empty()) layout.height += paragraph.space_above * size;
    bool first = true;
    for (auto& text : wrap(paragraph, size, width)) {
      const float left = first ? 0 : paragraph.indent * size;
      layout.lines.push_back({std::move(text), paragraph.font, left, layout.height + size});
      layout.height += size * line_pitch;
      first = false;
    }
  }
  return layout;
}

enum class Anchor : std::uint8_t { top, bottom };

/// One page, and the three faces that it is written in.
class Sheet {
 public:
  Sheet(const std::filesystem::path& fonts, domain::Time date, const std::string& title)
      : document_(HPDF_New(note_trouble, &trouble_)) {
    if (document_ == nullptr) throw LetterFault("the PDF library could not start a letter");
    try {
      HPDF_UseUTFEncodings(document_);
      HPDF_SetCompressionMode(document_, HPDF_COMP_ALL);
      set_information(date, title);
      regular_ = load(fonts / "DejaVuSans.ttf");
      bold_ = load(fonts / "DejaVuSans-Bold.ttf");
      mono_ = load(fonts / "DejaVuSansMono-Bold.ttf");
      page_ = HPDF_AddPage(document_);
      HPDF_Page_SetWidth(page_, sheet_width);
      HPDF_Page_SetHeight(page_, sheet_height);
      check();
    } catch (...) {
      HPDF_Free(document_);
      throw;
    }
  }
  ~Sheet() { HPDF_Free(document_); }
  Sheet(const Sheet&) = delete;
  Sheet& operator=(const Sheet&) = delete;

  HPDF_Font regular() const { return regular_; }
  HPDF_Font bold() const { return bold_; }
  HPDF_Font mono() const { return mono_; }

  /// The largest size up to `size` at which the paragraphs fit into the box.
  float fitting_size(const Box& box, const std::vector<Paragraph>& paragraphs, float size) const {
    for (const auto& paragraph : paragraphs)
      if (!domain::code_points(paragraph.text)) throw LetterFault("a text of the letter is not UTF-8");
    while (!fits(box, lay_out(paragraphs, size, box.width), size)) {
      size *= 0.97f;
      if (size < 1) throw LetterFault("a text of the letter does not fit its place at any size");
    }
    return size;
  }

  /// Writes paragraphs into a box, in the largest size that fits.
  void write(const Box& box, const std::vector<Paragraph>& paragraphs, float size,
             Anchor anchor = Anchor::top) {
    size = fitting_size(box, paragraphs, size);
    const auto layout = lay_out(paragraphs, size, box.width);
    const float top = anchor == Anchor::top ? box.top : box.top + box.height - layout.height;
    HPDF_Page_BeginText(page_);
    for (const auto& line : layout.lines) {
      HPDF_Page_SetFontAndSize(page_, line.font, size);
      HPDF_Page_TextOut(page_, box.left + line.left, sheet_height - top - line.baseline, line.text.c_str());
    }
    HPDF_Page_EndText(page_);
    check();
  }

  /// Writes two columns in one common size, because both languages have equal rank.
  void write_columns(float top, float height, const std::vector<Paragraph>& left,
                     const std::vector<Paragraph>& right, float size) {
    const Box left_box{margin, top, column_width, height};
    const Box right_box{second_column, top, column_width, height};
    size = std::min(fitting_size(left_box, left, size), fitting_size(right_box, right, size));
    write(left_box, left, size);
    write(right_box, right, size);
  }

  void rule(float top) {
    HPDF_Page_SetLineWidth(page_, 0.75f);
    HPDF_Page_MoveTo(page_, margin, sheet_height - top);
    HPDF_Page_LineTo(page_, sheet_width - margin, sheet_height - top);
    HPDF_Page_Stroke(page_);
    check();
  }

  /// Draws a framed box with a light background.
  void fill_box(const Box& box) {
    HPDF_Page_GSave(page_);
    HPDF_Page_SetGrayFill(page_, 0.95f);
    HPDF_Page_SetLineWidth(page_, 1);
    HPDF_Page_Rectangle(page_, box.left, sheet_height - box.top - box.height, box.width, box.height);
    HPDF_Page_FillStroke(page_);
    HPDF_Page_GRestore(page_);
    check();
  }

  std::string bytes() {
    HPDF_SaveToStream(document_);
    check();
    HPDF_UINT32 size = HPDF_GetStreamSize(document_);
    std::string pdf(size, '\0');
    HPDF_ReadFromStream(document_, reinterpret_cast<HPDF_BYTE*>(pdf.data()), &size);
    check();
    pdf.resize(size);
    return pdf;
  }

 private:
  void check() const {
    if (trouble_.code == HPDF_OK) return;
    throw LetterFault(
        fmt::format("the PDF library failed: {:#06x}, {:#06x}", trouble_.code, trouble_.detail));
  }

  HPDF_Font load(const std::filesystem::path& file) {
    const char* name = HPDF_LoadTTFontFromFile(document_, file.c_str(), HPDF_TRUE);
    if (name == nullptr) throw LetterFault("no usable font at " + file.string());
    const HPDF_Font font = HPDF_GetFont(document_, name, "UTF-8");
    check();
    return font;
  }

  void set_information(domain::Time time, const std::string& title) {
    const auto midnight = std::chrono::floor<domain::days>(time);
    const std::chrono::year_month_day day{midnight};
    const std::chrono::hh_mm_ss clock{time - midnight};
    const HPDF_Date date{static_cast<int>(day.year()),
                         static_cast<int>(static_cast<unsigned>(day.month())),
                         static_cast<int>(static_cast<unsigned>(day.day())),
                         static_cast<int>(clock.hours().count()),
                         static_cast<int>(clock.minutes().count()),
                         static_cast<int>(clock.seconds().count()),
                         'Z',
                         0,
                         0};
    HPDF_SetInfoDateAttr(document_, HPDF_INFO_CREATION_DATE, date);
    HPDF_SetInfoDateAttr(document_, HPDF_INFO_MOD_DATE, date);
    HPDF_SetInfoAttr(document_, HPDF_INFO_TITLE, title.c_str());
  }

  /// The width is checked too, because a single glyph can be wider than a narrow box.
  static bool fits(const Box& box, const Layout& layout, float size) {
    return layout.height <= box.height && std::ranges::all_of(layout.lines, [&](const Line& line) {
             return line.left + width_of(line.text, line.font, size) <= box.width;
           });
  }

  Trouble trouble_;
  HPDF_Doc document_;
  HPDF_Font regular_ = nullptr;
  HPDF_Font bold_ = nullptr;
  HPDF_Font mono_ = nullptr;
  HPDF_Page page_ = nullptr;
};

std::string in_both(Phrase text, Language first) {
  return fmt::format("{} / {}", phrase(text, first), phrase(text, other(first)));
}

/// The lines of the address in Canada Post's form: the last line holds city, region and postal code, or the
/// country.
std::vector<Paragraph> address_lines(const auto& letter, HPDF_Font font) {
  std::vector<Paragraph> lines;
  const auto add = [&](std::string text) { lines.push_back({std::move(text), font}); };
  const auto names = letter.attention.full();
  if (!names.empty()) add(fill(phrase(Phrase::attention, letter.first_language), {{"names", names}}));
  add(letter.legal_name.text());
  add(letter.address.line1.text());
  if (letter.address.line2) add(letter.address.line2->text());
  add(fmt::format("{} {}\u00a0\u00a0{}", letter.address.city.text(), letter.address.region,
                  letter.address.postal_code));
  if (letter.address.country == domain::Country::US) add("USA");
  return lines;
}

/// The headings, numbered steps and paragraphs of a body from texts.cpp.
std::vector<Paragraph> body_paragraphs(std::string_view body, const Sheet& sheet) {
  std::vector<Paragraph> paragraphs;
  while (!body.empty()) {
    const auto end = std::min(body.find('\n'), body.size());
    const auto line = body.substr(0, end);
    body.remove_prefix(std::min(end + 1, body.size()));
    const bool step = line.size() > 2 && line[0] >= '1' && line[0] <= '9' && line[1] == '.';
    if (line.starts_with("# "))
      paragraphs.push_back({std::string{line.substr(2)}, sheet.bold(), 0, 0.6f});
    else
      paragraphs.push_back({std::string{line}, sheet.regular(), step ? 1.2f : 0.0f, 0.15f});
  }
  return paragraphs;
}

/// Writes the common parts of both letters: letterhead, address, particulars, titles, company, and the body
/// in two columns.
void write_common(Sheet& sheet, const auto& letter, Phrase title, Phrase body) {
  const auto first = letter.first_language;
  const auto second = other(first);
  const auto letterhead = [&](Language language) -> std::vector<Paragraph> {
    return {{std::string{phrase(Phrase::agency, language)}, sheet.bold()},
            {std::string{phrase(Phrase::programme, language)}, sheet.regular()}};
  };
  sheet.write_columns(42, 34, letterhead(first), letterhead(second), 10.5f);
  sheet.rule(80);

  sheet.write(address_box, address_lines(letter, sheet.regular()), 10, Anchor::bottom);
  sheet.write(particulars_box,
              {{std::string{phrase(Phrase::registered_mail, first)}, sheet.bold()},
               {std::string{phrase(Phrase::registered_mail, second)}, sheet.bold()},
               {written_date(letter.ordered_at, first), sheet.regular(), 0, 0.5f},
               {written_date(letter.ordered_at, second), sheet.regular()},
               {in_both(Phrase::letter_number, first), sheet.regular(), 0, 0.5f}},
              9.5f);
  // The identifier is on one line, so that a reader can dictate it to the service desk.
  sheet.write({particulars_box.left, particulars_box.top + 68, particulars_box.width, 10},
              {{domain::to_text(letter.letter), sheet.mono()}}, 7);

  sheet.write_columns(title_top, title_height, {{std::string{phrase(title, first)}, sheet.bold()}},
                      {{std::string{phrase(title, second)}, sheet.bold()}}, 10.5f);
  sheet.write(company_box, {{letter.legal_name.text(), sheet.regular()}}, 11);
  sheet.write_columns(body_top, body_height, body_paragraphs(phrase(body, first), sheet),
                      body_paragraphs(phrase(body, second), sheet), 9);
}

/// The printed form of a code: "7K4QX-9M2TB".
std::string shown(const domain::ActivationCode& code) {
  std::string text = code.text();
  if (text.size() == 10) text.insert(5, 1, '-');
  return text;
}

}  // namespace

std::string render_pdf(const ActivationLetter& letter, const std::filesystem::path& fonts) {
  const auto first = letter.first_language;
  Sheet sheet{fonts, letter.ordered_at, "Activation letter / Lettre d'activation"};
  write_common(sheet, letter, Phrase::activation_letter_title, Phrase::activation_letter_body);

  sheet.fill_box(frame);
  const float inside = frame.left + 14;
  const float right = frame.left + 190;
  const float right_width = frame.width - 190 - 14;
  sheet.write({inside, frame.top + 10, 170, 12}, {{in_both(Phrase::client_number, first), sheet.regular()}},
              8.5f);
  sheet.write({inside, frame.top + 26, 160, 42}, {{letter.client_number.text(), sheet.mono()}}, 20);
  sheet.write({right, frame.top + 10, right_width, 12},
              {{in_both(Phrase::activation_code, first), sheet.regular()}}, 8.5f);
  sheet.write({right, frame.top + 24, right_width, 44}, {{shown(letter.code), sheet.mono()}}, 32);
  const auto expiry = [&](Language language) {
    return fill(phrase(Phrase::code_expires, language),
                {{"expires_at", written_moment(letter.code_expires_at, language)}});
  };
  sheet.write({right, frame.top + 72, right_width, 34},
              {{expiry(first), sheet.bold()}, {expiry(other(first)), sheet.bold(), 0, 0.2f}}, 9.5f);
  return sheet.bytes();
}

std::string render_pdf(const ClientNumberLetter& letter, const std::filesystem::path& fonts) {
  Sheet sheet{fonts, letter.ordered_at, "Client number / Numero de client"};
  write_common(sheet, letter, Phrase::client_number_letter_title, Phrase::client_number_letter_body);

  const Box small_frame{frame.left, frame.top, frame.width, 74};
  sheet.fill_box(small_frame);
  sheet.write({frame.left + 14, frame.top + 10, frame.width - 28, 12},
              {{in_both(Phrase::client_number, letter.first_language), sheet.regular()}}, 8.5f);
  sheet.write({frame.left + 14, frame.top + 26, frame.width - 28, 42},
              {{letter.client_number.text(), sheet.mono()}}, 24);
  return sheet.bytes();
}

}  // namespace ttp::delivery
