#include "delivery/sheet.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <span>
#include <utility>

#include <cairo-pdf.h>
#include <fmt/format.h>
#include <fontconfig/fontconfig.h>
#include <pango/pangocairo.h>
#include <pango/pangofc-fontmap.h>

#include "domain/text.hpp"

namespace ttp::delivery {
namespace {

using domain::LetterFont;
using domain::LetterUse;

// ---- the fonts --------------------------------------------------------------------------------------------

/// A font that draws the characters which the fonts above it lack, if they belong to its scripts. Characters
/// of no single script, such as digits, come from any font.
struct Fallback {
  LetterFont font;
  const char* family;
  const char* file;
  std::vector<GUnicodeScript> scripts;
  std::u32string_view marks{};       ///< those which letters show
  std::u32string_view side_marks{};  ///< marks that stand at the upper right
};

// The marks of names: accents above and below, in Latin and Greek order; the lines and commas of Indigenous
// languages; the points of Hebrew and the vowels of Arabic.
constexpr std::u32string_view latin_marks =
    U"\u0300\u0301\u0302\u0303\u0304\u0306\u0307\u0308\u0309\u030A\u030B\u030C\u030D\u030F\u0311\u0312\u0313"
    U"\u0314\u0323\u0324\u0325\u0326\u0327\u0328\u0329\u032C\u032D\u032E\u0330\u0331\u0332\u0342";
constexpr std::u32string_view latin_side_marks = U"\u0315";
constexpr std::u32string_view hebrew_marks =
    U"\u05B0\u05B1\u05B2\u05B3\u05B4\u05B5\u05B6\u05B7\u05B8\u05B9\u05BB\u05BC\u05C7";
constexpr std::u32string_view arabic_marks =
    U"\u064B\u064C\u064D\u064E\u064F\u0650\u0651\u0652\u0653\u0654\u0655\u0670";

const std::vector<Fallback>& fallbacks() {
  static const std::vector<Fallback> list = {
      {LetterFont::latin,
       "Noto Sans",
       "noto/NotoSans-Regular.ttf",
       {G_UNICODE_SCRIPT_LATIN, G_UNICODE_SCRIPT_GREEK, G_UNICODE_SCRIPT_CYRILLIC},
       latin_marks,
       latin_side_marks},
      {LetterFont::syllabics,
       "Noto Sans Canadian Aboriginal",
       "noto/NotoSansCanadianAboriginal-Regular.ttf",
       {G_UNICODE_SCRIPT_CANADIAN_ABORIGINAL}},
      {LetterFont::hebrew,
       "Noto Sans Hebrew",
       "noto/NotoSansHebrew-Regular.ttf",
       {G_UNICODE_SCRIPT_HEBREW},
       hebrew_marks},
      {LetterFont::arabic,
       "Noto Sans Arabic",
       "noto/NotoSansArabic-Regular.ttf",
       {G_UNICODE_SCRIPT_ARABIC},
       arabic_marks},
      {LetterFont::armenian,
       "Noto Sans Armenian",
       "noto/NotoSansArmenian-Regular.ttf",
       {G_UNICODE_SCRIPT_ARMENIAN}},
      {LetterFont::georgian,
       "Noto Sans Georgian",
       "noto/NotoSansGeorgian-Regular.ttf",
       {G_UNICODE_SCRIPT_GEORGIAN}},
      {LetterFont::cherokee,
       "Noto Sans Cherokee",
       "noto/NotoSansCherokee-Regular.ttf",
       {G_UNICODE_SCRIPT_CHEROKEE}},
      {LetterFont::ethiopic,
       "Noto Sans Ethiopic",
       "noto/NotoSansEthiopic-Regular.ttf",
       {G_UNICODE_SCRIPT_ETHIOPIC}},
      {LetterFont::east_asian,
       "WenQuanYi Micro Hei",
       "wqy/wqy-microhei.ttc",
       {G_UNICODE_SCRIPT_HAN, G_UNICODE_SCRIPT_HIRAGANA, G_UNICODE_SCRIPT_KATAKANA, G_UNICODE_SCRIPT_HANGUL,
        G_UNICODE_SCRIPT_BOPOMOFO}},
  };
  return list;
}

constexpr std::array<const char*, 2> other_faces = {"noto/NotoSans-Bold.ttf",
                                                    "dejavu/DejaVuSansMono-Bold.ttf"};

/// "Noto Sans,Noto Sans Canadian Aboriginal,...": Pango asks the fonts in this order.
std::string families(const char* first) {
  std::string list = first;
  for (const Fallback& each : fallbacks())
    if (std::string_view{each.family} != first) list += fmt::format(",{}", each.family);
  return list;
}

// ---- the libraries' objects -------------------------------------------------------------------------------

template <auto release>
struct Released {
  template <class T>
  void operator()(T* object) const {
    release(object);
  }
};
template <class T, auto release>
using Held = std::unique_ptr<T, Released<release>>;

using Configuration = Held<FcConfig, FcConfigDestroy>;
using FontMap = Held<PangoFontMap, g_object_unref>;
using Context = Held<PangoContext, g_object_unref>;
using TextLayout = Held<PangoLayout, g_object_unref>;
using Description = Held<PangoFontDescription, pango_font_description_free>;
using FontOptions = Held<cairo_font_options_t, cairo_font_options_destroy>;
using Surface = Held<cairo_surface_t, cairo_surface_destroy>;
using Pen = Held<cairo_t, cairo_destroy>;

constexpr double units = PANGO_SCALE;

int in_units(double points) {
  return static_cast<int>(std::lround(points * units));
}

/// Pango's objects serve one thread; each sheet has its own.
struct Typesetter {
  explicit Typesetter(const Fonts& fonts);
  TextLayout lay_out(std::string_view text, Face face, domain::Language language, double size) const;

  FontMap map;
  Context context;
};

}  // namespace

struct Fonts::Impl {
  Configuration configuration;
};

Fonts::Fonts(const std::filesystem::path& folder) {
  // A configuration without a file: no rules, no folders, nothing of the host.
  Configuration configuration{FcConfigCreate()};
  if (!configuration) throw LetterFault("the font library could not start");
  const auto add = [&](const char* file) {
    const auto path = folder / file;
    const auto* name = reinterpret_cast<const FcChar8*>(path.c_str());
    if (FcConfigAppFontAddFile(configuration.get(), name) != FcTrue)
      throw LetterFault("no usable font at " + path.string());
  };
  for (const Fallback& each : fallbacks()) add(each.file);
  for (const char* file : other_faces) add(file);
  impl_ = std::make_unique<const Impl>(std::move(configuration));
}

Fonts::~Fonts() = default;

const Fonts& installed_fonts() {
  static const Fonts fonts{"/usr/share/fonts/truetype"};
  return fonts;
}

namespace {

Typesetter::Typesetter(const Fonts& fonts) : map(pango_cairo_font_map_new_for_font_type(CAIRO_FONT_TYPE_FT)) {
  if (!map) throw LetterFault("the text library could not start");
  pango_fc_font_map_set_config(PANGO_FC_FONT_MAP(map.get()), fonts.impl().configuration.get());
  pango_cairo_font_map_set_resolution(PANGO_CAIRO_FONT_MAP(map.get()), 72);  // one unit is a point
  context.reset(pango_font_map_create_context(map.get()));
  const FontOptions options{cairo_font_options_create()};
  // Paper has no pixels to which glyphs could be moved.
  cairo_font_options_set_hint_style(options.get(), CAIRO_HINT_STYLE_NONE);
  cairo_font_options_set_hint_metrics(options.get(), CAIRO_HINT_METRICS_OFF);
  pango_cairo_context_set_font_options(context.get(), options.get());
  pango_context_set_round_glyph_positions(context.get(), FALSE);
}

TextLayout Typesetter::lay_out(std::string_view text, Face face, domain::Language language,
                               double size) const {
  pango_context_set_language(context.get(),
                             pango_language_from_string(language == domain::Language::fr ? "fr" : "en"));
  TextLayout layout{pango_layout_new(context.get())};
  const Description description{pango_font_description_new()};
  pango_font_description_set_family(description.get(),
                                    families(face == Face::mono ? "DejaVu Sans Mono" : "Noto Sans").c_str());
  if (face != Face::regular) pango_font_description_set_weight(description.get(), PANGO_WEIGHT_BOLD);
  pango_font_description_set_absolute_size(description.get(), size * units);
  pango_layout_set_font_description(layout.get(), description.get());
  pango_layout_set_wrap(layout.get(), PANGO_WRAP_WORD_CHAR);
  pango_layout_set_text(layout.get(), text.data(), static_cast<int>(text.size()));
  return layout;
}

// ---- lines ------------------------------------------------------------------------------------------------

constexpr double line_pitch = 1.25;  ///< in units of the size

struct Line {
  PangoLayoutLine* line = nullptr;  ///< of its paragraph's layout
  double left = 0;
  double baseline = 0;
};

struct LaidOut {
  struct Part {
    TextLayout layout;
    Role role = Role::text;
    std::vector<Line> lines;
  };
  std::vector<Part> parts;
  double height = 0;
  double right = 0;  ///< how far the widest line reaches
};

/// Sets all runs of a line on one baseline. Pango would move scripts to baselines that some fonts do not
/// know, which lifts Arabic beside Chinese by half a line.
void level(const PangoLayoutLine& line) {
  for (const GSList* each = line.runs; each != nullptr; each = each->next)
    static_cast<PangoGlyphItem*>(each->data)->y_offset = 0;
}

/// Places the lines of a paragraph below what is there. A line is as high as its type needs: several accents
/// on one letter move the lines apart instead of touching the next one.
void add_lines(LaidOut& text, LaidOut::Part& part, double indent, double size) {
  for (const GSList* each = pango_layout_get_lines(part.layout.get()); each != nullptr; each = each->next) {
    auto* line = static_cast<PangoLayoutLine*>(each->data);
    level(*line);
    PangoRectangle ink{};
    pango_layout_line_get_extents(line, &ink, nullptr);
    const double ascent = std::max(size, -ink.y / units);
    const double left = part.lines.empty() ? 0 : indent;
    part.lines.push_back({line, left, text.height + ascent});
    text.height += std::max(size * line_pitch, ascent + (ink.y + ink.height) / units);
    text.right = std::max(text.right, left + (ink.x + ink.width) / units);
  }
}

}  // namespace

// ---- the sheet --------------------------------------------------------------------------------------------

struct Sheet::Impl {
  Impl(const SheetInformation& information, const Fonts& fonts);
  LaidOut lay_out(const std::vector<Paragraph>& paragraphs, double size, double width) const;
  void tagged(const char* tag, const auto& draw);
  void check() const;

  std::string pdf;
  Typesetter typesetter;
  Surface surface;
  Pen pen;
};

namespace {

cairo_status_t append_to(void* pdf, const unsigned char* data, unsigned length) {
  try {
    static_cast<std::string*>(pdf)->append(reinterpret_cast<const char*>(data), length);
    return CAIRO_STATUS_SUCCESS;
  } catch (...) {  // it must not pass through the library
    return CAIRO_STATUS_WRITE_ERROR;
  }
}

const char* tag_of(Role role) {
  switch (role) {
    case Role::text:
      return "P";
    case Role::heading:
      return "H1";
    case Role::subheading:
      return "H2";
  }
  std::unreachable();
}

}  // namespace

Sheet::Impl::Impl(const SheetInformation& information, const Fonts& fonts)
    : typesetter(fonts),
      surface(cairo_pdf_surface_create_for_stream(append_to, &pdf, information.width, information.height)),
      pen(cairo_create(surface.get())) {
  const auto set = [&](cairo_pdf_metadata_t what, const std::string& text) {
    cairo_pdf_surface_set_metadata(surface.get(), what, text.c_str());
  };
  const std::string date = domain::to_text(information.dated).substr(0, 19) + "Z";
  set(CAIRO_PDF_METADATA_TITLE, information.title);
  set(CAIRO_PDF_METADATA_CREATE_DATE, date);
  set(CAIRO_PDF_METADATA_MOD_DATE, date);
  cairo_tag_begin(pen.get(), "Document", nullptr);
  check();
}

void Sheet::Impl::check() const {
  if (const auto status = cairo_status(pen.get()); status != CAIRO_STATUS_SUCCESS)
    throw LetterFault(fmt::format("the PDF library failed: {}", cairo_status_to_string(status)));
  if (const auto status = cairo_surface_status(surface.get()); status != CAIRO_STATUS_SUCCESS)
    throw LetterFault(fmt::format("the PDF library failed: {}", cairo_status_to_string(status)));
}

LaidOut Sheet::Impl::lay_out(const std::vector<Paragraph>& paragraphs, double size, double width) const {
  LaidOut text;
  for (const Paragraph& paragraph : paragraphs) {
    if (!domain::code_points(paragraph.text)) throw LetterFault("a text of the letter is not UTF-8");
    if (!text.parts.empty()) text.height += paragraph.space_above * size;
    LaidOut::Part part{
        typesetter.lay_out(paragraph.text, paragraph.face, paragraph.language, size), paragraph.role, {}};
    pango_layout_set_width(part.layout.get(), in_units(width));
    pango_layout_set_indent(part.layout.get(), -in_units(paragraph.indent * size));
    if (pango_layout_get_unknown_glyphs_count(part.layout.get()) > 0)
      throw LetterFault("the fonts lack a character of the letter");
    add_lines(text, part, paragraph.indent * size, size);
    text.parts.push_back(std::move(part));
  }
  return text;
}

void Sheet::Impl::tagged(const char* tag, const auto& draw) {
  cairo_tag_begin(pen.get(), tag, nullptr);
  draw();
  cairo_tag_end(pen.get(), tag);
}

Sheet::Sheet(const SheetInformation& information, const Fonts& fonts)
    : impl_(std::make_unique<Impl>(information, fonts)) {}

Sheet::~Sheet() = default;

double Sheet::fitting_size(const Box& box, const std::vector<Paragraph>& paragraphs, double size) {
  for (;; size *= 0.97) {
    if (size < smallest_size) throw LetterFault("a text of the letter does not fit its place");
    const LaidOut text = impl_->lay_out(paragraphs, size, box.width);
    if (text.height <= box.height && text.right <= box.width) return size;
  }
}

void Sheet::write(const Box& box, const std::vector<Paragraph>& paragraphs, double size, Anchor anchor) {
  const LaidOut text = impl_->lay_out(paragraphs, fitting_size(box, paragraphs, size), box.width);
  const double top = anchor == Anchor::top ? box.top : box.top + box.height - text.height;
  for (const LaidOut::Part& part : text.parts)
    impl_->tagged(tag_of(part.role), [&] {
      for (const Line& line : part.lines) {
        cairo_move_to(impl_->pen.get(), box.left + line.left, top + line.baseline);
        pango_cairo_show_layout_line(impl_->pen.get(), line.line);
      }
    });
  impl_->check();
}

void Sheet::rule(double left, double right, double top) {
  cairo_t* pen = impl_->pen.get();
  cairo_set_line_width(pen, 0.75);
  cairo_move_to(pen, left, top);
  cairo_line_to(pen, right, top);
  cairo_stroke(pen);
  impl_->check();
}

void Sheet::fill_box(const Box& box) {
  cairo_t* pen = impl_->pen.get();
  constexpr double light = 0.95;
  cairo_save(pen);
  cairo_rectangle(pen, box.left, box.top, box.width, box.height);
  cairo_set_source_rgb(pen, light, light, light);
  cairo_fill_preserve(pen);
  cairo_restore(pen);
  cairo_set_line_width(pen, 1);
  cairo_stroke(pen);
  impl_->check();
}

std::string Sheet::bytes() {
  cairo_tag_end(impl_->pen.get(), "Document");
  cairo_show_page(impl_->pen.get());
  impl_->check();
  cairo_surface_finish(impl_->surface.get());
  if (const auto status = cairo_surface_status(impl_->surface.get()); status != CAIRO_STATUS_SUCCESS)
    throw LetterFault(fmt::format("the PDF library failed: {}", cairo_status_to_string(status)));
  return std::exchange(impl_->pdf, {});
}

// ---- what the fonts draw ----------------------------------------------------------------------------------

namespace {

/// The glyphs that the regular face and its fallbacks draw for a text, in units of the size.
struct Drawing {
  const Fallback* font = nullptr;  ///< null if several fonts, or one that is no fallback, draw the text
  std::size_t glyphs = 0;
  std::size_t moved = 0;  ///< glyphs that the font has moved from where they would stand by themselves
  double width = 0;
  bool is_whole = false;
  bool is_inked = false;
};

const Fallback* font_of(const PangoItem& item) {
  const Description description{pango_font_describe(item.analysis.font)};
  const std::string_view family = pango_font_description_get_family(description.get());
  const auto& fonts = fallbacks();
  const auto found =
      std::ranges::find(fonts, family, [](const Fallback& font) { return std::string_view{font.family}; });
  return found == fonts.end() ? nullptr : &*found;
}

Drawing drawing_of(std::u32string_view points, const Typesetter& typesetter) {
  constexpr double size = 100;
  const TextLayout layout =
      typesetter.lay_out(domain::encode(points), Face::regular, domain::Language::en, size);
  PangoLayoutLine* line = pango_layout_get_line_readonly(layout.get(), 0);
  PangoRectangle ink{};
  PangoRectangle logical{};
  pango_layout_line_get_extents(line, &ink, &logical);
  Drawing drawing;
  drawing.is_whole = pango_layout_get_unknown_glyphs_count(layout.get()) == 0;
  drawing.is_inked = ink.width > 0 && ink.height > 0;
  drawing.width = std::max(ink.width, logical.width) / units / size;
  for (const GSList* each = line->runs; each != nullptr; each = each->next) {
    const auto* run = static_cast<const PangoGlyphItem*>(each->data);
    const Fallback* font = font_of(*run->item);
    drawing.font = each == line->runs || drawing.font == font ? font : nullptr;
    const std::span glyphs{run->glyphs->glyphs, static_cast<std::size_t>(run->glyphs->num_glyphs)};
    drawing.glyphs += glyphs.size();
    drawing.moved += static_cast<std::size_t>(std::ranges::count_if(glyphs, [](const PangoGlyphInfo& glyph) {
      return glyph.geometry.x_offset != 0 || glyph.geometry.y_offset != 0;
    }));
  }
  return drawing;
}

/// Whether a character is there to be seen: no control, no private use, nothing that Unicode has not
/// assigned, and no mark that needs more of a layout than a place above or below.
bool is_visible(char32_t point) {
  constexpr char32_t hyphenation_point = 0x2027;  // Pango takes it out where a line ends
  if (point == hyphenation_point) return false;
  switch (g_unichar_type(point)) {
    case G_UNICODE_CONTROL:
    case G_UNICODE_FORMAT:
    case G_UNICODE_UNASSIGNED:
    case G_UNICODE_PRIVATE_USE:
    case G_UNICODE_SURROGATE:
    case G_UNICODE_LINE_SEPARATOR:
    case G_UNICODE_PARAGRAPH_SEPARATOR:
    case G_UNICODE_ENCLOSING_MARK:
    case G_UNICODE_SPACING_MARK:
      return false;
    default:
      return true;
  }
}

bool is_letter(char32_t point) {
  return g_unichar_isalpha(point) != FALSE;
}

bool serves(const Fallback& font, char32_t point) {
  const GUnicodeScript script = g_unichar_get_script(point);
  return script == G_UNICODE_SCRIPT_COMMON || script == G_UNICODE_SCRIPT_INHERITED ||
         std::ranges::find(font.scripts, script) != font.scripts.end();
}

constexpr double widest = 1.5;         ///< a wider character would leave no room for a text of usual length
constexpr double mark_overhang = 0.5;  ///< a mark may be wider than a narrow letter

}  // namespace

struct Specimen::Impl {
  Typesetter typesetter;
};

Specimen::Specimen(const Fonts& fonts) : impl_(std::make_unique<Impl>(Typesetter{fonts})) {}

Specimen::~Specimen() = default;

bool Specimen::attaches_marks(std::u32string_view text) {
  const Drawing alone = drawing_of(text.substr(0, 1), impl_->typesetter);
  const Drawing all = drawing_of(text, impl_->typesetter);
  // A character and its mark may be one glyph; each further glyph must have been moved to its place.
  return all.is_whole && all.font != nullptr && all.moved + 1 >= all.glyphs &&
         all.width <= alone.width + mark_overhang;
}

std::optional<domain::LetterCharacter> Specimen::character(char32_t point) {
  constexpr char32_t no_break_space = 0xA0;
  if (point == ' ' || point == no_break_space)
    return domain::LetterCharacter{LetterFont::latin, LetterUse::stands};
  if (!is_visible(point)) return std::nullopt;
  const Drawing drawing = drawing_of({&point, 1}, impl_->typesetter);
  if (!drawing.is_whole || !drawing.is_inked || drawing.width > widest) return std::nullopt;
  if (drawing.font == nullptr || !serves(*drawing.font, point)) return std::nullopt;
  const Fallback& font = *drawing.font;
  const auto as = [&](LetterUse use) { return domain::LetterCharacter{font.font, use}; };
  if (font.marks.contains(point)) return as(LetterUse::mark);
  if (font.side_marks.contains(point)) return as(LetterUse::side_mark);
  if (g_unichar_ismark(point) != FALSE) return std::nullopt;
  const auto takes = [&](std::u32string_view marks) {
    return std::ranges::all_of(marks, [&](char32_t mark) {
      const char32_t pair[] = {point, mark};
      return attaches_marks({pair, 2});
    });
  };
  if (!is_letter(point) || font.marks.empty() || !takes(font.marks)) return as(LetterUse::stands);
  return as(takes(font.side_marks) ? LetterUse::carries_all : LetterUse::carries);
}

}  // namespace ttp::delivery
