// One page of PDF with text in boxes: laid out by Pango, drawn by Cairo, and tagged so that it can be read
// aloud. All lengths are points (72 per inch) from the sheet's top left corner. Equal calls give equal bytes.
// Only sheet.cpp names the two libraries.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "domain/letter_text.hpp"
#include "domain/time.hpp"
#include "domain/values.hpp"

namespace ttp::delivery {

/// Thrown if a letter cannot be made: a font is missing or has no glyph for a character, a text does not fit
/// its place, or a library failed. The message never contains the letter's text.
struct LetterFault : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// The fonts of letters, and no others: neither the host's further fonts nor its settings change a letter.
/// Never changes once made, so that threads may share it.
class Fonts {
 public:
  /// Takes the font files below `folder`. Throws LetterFault if one is missing.
  explicit Fonts(const std::filesystem::path& folder);
  ~Fonts();
  Fonts(const Fonts&) = delete;
  Fonts& operator=(const Fonts&) = delete;

  struct Impl;
  const Impl& impl() const { return *impl_; }

 private:
  std::unique_ptr<const Impl> impl_;
};

/// The fonts of the Debian packages fonts-noto-core, fonts-wqy-microhei and fonts-dejavu-core, loaded when
/// first asked for. Throws LetterFault, and tries again at the next call.
const Fonts& installed_fonts();

struct Box {
  double left, top, width, height;
};

enum class Face : std::uint8_t { regular, bold, mono };
/// The part that a paragraph plays for a reader who hears the letter.
enum class Role : std::uint8_t { text, heading, subheading };

struct Paragraph {
  std::string text;
  domain::Language language = domain::Language::en;
  Face face = Face::regular;
  Role role = Role::text;
  double indent = 0;       ///< of the lines after the first, in units of the size
  double space_above = 0;  ///< in units of the size
};

enum class Anchor : std::uint8_t { top, bottom };

struct SheetInformation {
  double width, height;
  std::string title;
  domain::Time dated;  ///< the PDF's dates of creation and change
};

class Sheet {
 public:
  Sheet(const SheetInformation& information, const Fonts& fonts);
  ~Sheet();
  Sheet(const Sheet&) = delete;
  Sheet& operator=(const Sheet&) = delete;

  /// The largest size up to `size` at which the paragraphs fit into the box.
  double fitting_size(const Box& box, const std::vector<Paragraph>& paragraphs, double size);
  /// Writes paragraphs into a box, in the largest size up to `size` that fits.
  void write(const Box& box, const std::vector<Paragraph>& paragraphs, double size,
             Anchor anchor = Anchor::top);
  /// Draws a line from `left` to `right`.
  void rule(double left, double right, double top);
  /// Draws a framed box with a light background.
  void fill_box(const Box& box);

  /// Ends the page and returns the bytes of the PDF. The last call.
  std::string bytes();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// No letter has smaller type (points). A text that would need it does not fit.
inline constexpr double smallest_size = 3;

/// Tells how the fonts of letters draw characters. domain/letter_characters.hpp is a copy of these answers.
class Specimen {
 public:
  explicit Specimen(const Fonts& fonts);
  ~Specimen();
  Specimen(const Specimen&) = delete;
  Specimen& operator=(const Specimen&) = delete;

  /// How a letter shows this character; nothing if it does not show it well.
  std::optional<domain::LetterCharacter> character(char32_t point);
  /// Whether one font draws the whole text, a character with its marks, and attaches each mark instead of
  /// setting it beside or over the character.
  bool attaches_marks(std::u32string_view text);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace ttp::delivery
