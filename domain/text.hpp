// Text as Unicode sees it: UTF-8 and its code points, normal forms, letter case, and the folding under which
// names are compared. The tables are utf8proc's, which only text.cpp names.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace ttp::domain {

/// Whether a text is printable ASCII only, as most texts are: its bytes are then its code points, and it is
/// in every normal form.
bool is_plain(std::string_view text);

/// Decodes the code point at `at` and moves `at` past it; nothing if the bytes are not UTF-8 (overlong forms
/// and surrogates included).
std::optional<char32_t> take_code_point(std::string_view text, std::size_t& at);
/// All code points, or nothing if the bytes are not UTF-8.
std::optional<std::u32string> decode(std::string_view text);
std::string encode(std::u32string_view points);
void append(std::string& text, char32_t point);

/// Number of Unicode code points, or nothing if the bytes are not UTF-8.
std::optional<std::size_t> code_points(std::string_view text);

bool is_space(char32_t point);            ///< U+0020 and Unicode's other spaces; neither tab nor line end
bool is_dash(char32_t point);             ///< "-" and the dashes and minus signs that look like it
bool is_line_end_or_tab(char32_t point);  ///< ASCII only
bool is_letter(char32_t point);           ///< of any script, but for those that nobody sees
bool is_number(char32_t point);           ///< digits and number signs of any script
/// Whether Unicode says that a character is to be ignored where it cannot be shown: zero-width characters,
/// marks of direction, soft hyphens, fillers, variation selectors.
bool is_ignorable(char32_t point);
/// Whether a reader cannot know what stands in the text: controls, ignorable and private characters, and code
/// points that are not assigned.
bool is_hidden(char32_t point);

/// Normalisation Form C: one code point for a letter with its accent, if there is one.
std::u32string composed(std::u32string_view points);

/// Upper case, letter by letter; "ß" stays, because its upper case is two letters.
char32_t upper(char32_t point);

/// A text without case, accents and compatible forms: Normalisation Form KD, full case folding, one kind of
/// apostrophe, runs of white space and of dashes reduced to one space ("Côté-Roy" equals "COTE ROY"). Bytes
/// that are not UTF-8 stay unchanged.
std::string fold(std::string_view text);

/// The form under which names of persons are compared (SPEC 3.10): the letters and digits of the folded text,
/// so that "O'Brien", "OʼBRIEN" and "Obrien" are one name, and "Saint-Jean" and "SaintJean" too. A text
/// without letters and digits is compared as it is. Nothing stored depends on this form.
std::string same_name(std::string_view text);

/// Overwrites a buffer of a secret, its whole capacity.
template <class Buffer>
void wipe(Buffer& buffer) {
  // Moving or shortening a buffer leaves characters behind; volatile keeps the compiler from dropping the
  // writes.
  buffer.resize(buffer.capacity());
  volatile auto* characters = buffer.data();
  for (std::size_t i = 0; i < buffer.size(); ++i) characters[i] = {};
}

}  // namespace ttp::domain
