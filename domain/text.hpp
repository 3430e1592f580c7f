// Text as Unicode sees it: UTF-8 and its code points, normal forms, letter case, and the folding under which
// names are compared. The tables are utf8proc's, which only text.cpp names.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace ttp::domain {

/// Whether a text is nothing but printable ASCII, as most are: its bytes are its code points, and it is in
/// every normal form.
bool is_plain(std::string_view text);

/// The code point at `at`, which moves behind it; nothing where the bytes are not UTF-8 (overlong forms and
/// surrogates included).
std::optional<char32_t> take_code_point(std::string_view text, std::size_t& at);
/// All code points, or nothing where the bytes are not UTF-8.
std::optional<std::u32string> decode(std::string_view text);
std::string encode(std::u32string_view points);
void append(std::string& text, char32_t point);

/// Number of Unicode code points, or nothing where the bytes are not UTF-8.
std::optional<std::size_t> code_points(std::string_view text);

bool is_space(char32_t point);            ///< U+0020 and Unicode's other spaces; no tab, no line end
bool is_dash(char32_t point);             ///< "-" and the dashes and minus signs that look like it
bool is_line_end_or_tab(char32_t point);  ///< of ASCII

/// Normalisation Form C: one code point for a letter with its accent, where there is one.
std::u32string composed(std::u32string_view points);

/// Upper case, letter by letter; "ß", which would become two, stays.
char32_t upper(char32_t point);

/// The folding under which names and addresses are compared: lower case, accents dropped, inner white space
/// and dashes single ("Côté-Roy" equals "COTE ROY"). Bytes that are not UTF-8 are left as they are.
std::string fold(std::string_view text);

/// Overwrites what a buffer of a secret holds, all of its room.
template <class Buffer>
void wipe(Buffer& buffer) {
  // What was moved away or cut leaves its characters behind; volatile, so that no compiler drops the writes.
  buffer.resize(buffer.capacity());
  volatile auto* place = buffer.data();
  for (std::size_t i = 0; i < buffer.size(); ++i) place[i] = {};
}

}  // namespace ttp::domain
