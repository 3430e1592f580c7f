#include "service/secrets/common_passwords.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <unordered_set>
#include <vector>

#include "domain/values.hpp"
#include "service/secrets/common_password_list.hpp"

namespace ttp::service {
namespace {

bool is_listed(std::string_view word) {
  static const std::unordered_set<std::string_view> words = [] {
    std::unordered_set<std::string_view> all;
    std::string_view rest = common_password_list;
    while (!rest.empty()) {
      const auto space = rest.find(' ');
      all.insert(rest.substr(0, space));
      rest.remove_prefix(space == std::string_view::npos ? rest.size() : space + 1);
    }
    return all;
  }();
  return words.contains(word);
}

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || static_cast<unsigned char>(c) >= 0x80;
}

std::string_view without_tail(std::string_view text) {
  while (!text.empty() && !is_letter(text.back())) text.remove_suffix(1);
  return text;
}

std::string_view without_head(std::string_view text) {
  while (!text.empty() && !is_letter(text.front())) text.remove_prefix(1);
  return text;
}

/// Replaces digits and signs by the letters that they stand for; "1" is replaced by `one`, either "l" or "i".
std::string letters_for_signs(std::string_view text, char one) {
  static constexpr std::string_view signs = "034578@$!9";
  static constexpr std::string_view letters = "oeastbasig";
  std::string plain{text};
  for (char& c : plain) {
    if (c == '1') c = one;
    if (const auto at = signs.find(c); at != std::string_view::npos) c = letters[at];
  }
  return plain;
}

/// Whether the word is listed: as it is or with its signs undone, each also without digits and signs around
/// it.
bool is_dressed_word(std::string_view text) {
  for (const std::string_view core : {text, without_tail(text), without_head(without_tail(text))}) {
    if (is_listed(core)) return true;
    for (const char one : {'l', 'i'}) {
      const std::string plain = letters_for_signs(core, one);
      if (is_listed(plain) || is_listed(without_head(without_tail(plain)))) return true;
    }
  }
  return false;
}

/// The piece that the text repeats, perhaps with an incomplete repetition at its end; the text itself if
/// there is none.
std::string_view repeated_piece(std::string_view text) {
  for (std::size_t period = 1; period * 2 <= text.size(); ++period)
    if (std::equal(text.begin() + static_cast<std::ptrdiff_t>(period), text.end(), text.begin()))
      return text.substr(0, period);
  return text;
}

bool is_repetition(std::string_view text) {
  constexpr std::size_t short_piece = 4;
  const std::string_view piece = repeated_piece(text);
  return piece.size() < text.size() && (piece.size() <= short_piece || is_dressed_word(piece));
}

/// Rows and columns of keyboards (QWERTY, QWERTZ, AZERTY), the alphabet and the digits.
constexpr std::array<std::string_view, 21> rows{
    "abcdefghijklmnopqrstuvwxyz",
    "01234567890-=",
    "qwertyuiop[]",
    "asdfghjkl;'",
    "zxcvbnm,./",
    "qwertzuiop",
    "yxcvbnm",
    "azertyuiop",
    "qsdfghjklm",
    "wxcvbn",
    "1qaz",
    "2wsx",
    "3edc",
    "4rfv",
    "5tgb",
    "6yhn",
    "7ujm",
    "8ik,",
    "9ol.",
    "0p;/",
    "147258369",
};

/// The number of characters at the start of `text` that follow each other in a row, in this direction.
std::size_t run_length(std::string_view text, bool forwards) {
  std::size_t longest = 0;
  for (const std::string_view row : rows) {
    std::string way{row};
    if (!forwards) std::ranges::reverse(way);
    const auto start = way.find(text.front());
    if (start == std::string::npos) continue;
    const auto [differs, end] = std::ranges::mismatch(text, std::string_view{way}.substr(start));
    longest = std::max(longest, static_cast<std::size_t>(differs - text.begin()));
  }
  return longest;
}

/// Whether the text consists of runs of at least three neighbours; the last run may be shorter.
bool is_walk(std::string_view text) {
  constexpr std::size_t run_min = 3;
  if (text.size() < run_min) return false;
  for (std::string_view rest = text; !rest.empty();) {
    const std::size_t run = std::max(run_length(rest, true), run_length(rest, false));
    if (run < run_min && run < rest.size()) return false;
    rest.remove_prefix(run);
  }
  return true;
}

/// Replaces the signs of the shift key by the unshifted ones of an American keyboard.
std::string without_shift(std::string_view text) {
  static constexpr std::string_view shifted = "!@#$%^&*()_+{}:\"<>?";
  static constexpr std::string_view plain = "1234567890-=[];',./";
  std::string unshifted{text};
  for (char& c : unshifted)
    if (const auto at = shifted.find(c); at != std::string_view::npos) c = plain[at];
  return unshifted;
}

/// Writes each stretch of one character once: "aabbccdd" becomes "abcd".
std::string without_doubles(std::string_view text) {
  std::string single{text};
  const auto [first, last] = std::ranges::unique(single);
  single.erase(first, last);
  return single;
}

/// Every other character: of "a1b2c3d4" either "abcd" or "1234".
std::string every_other(std::string_view text, std::size_t from) {
  std::string half;
  for (std::size_t i = from; i < text.size(); i += 2) half += text[i];
  return half;
}

bool is_sequence(std::string_view typed) {
  const std::string text = without_shift(typed);
  return is_walk(text) || is_walk(without_doubles(text)) ||
         (is_walk(every_other(text, 0)) && is_walk(every_other(text, 1)));
}

}  // namespace

bool is_common_password(std::string_view password) {
  const std::string folded = domain::fold(password);
  return is_dressed_word(folded) || is_repetition(folded) || is_repetition(without_tail(folded)) ||
         is_sequence(folded) || is_sequence(without_tail(folded));
}

}  // namespace ttp::service
