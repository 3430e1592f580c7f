#include "service/common_passwords.hpp"

#include <algorithm>
#include <string>
#include <unordered_set>

#include "domain/values.hpp"
#include "service/common_password_list.hpp"

namespace ttp::service {
namespace {

const std::unordered_set<std::string_view>& listed() {
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
  return words;
}

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || static_cast<unsigned char>(c) >= 0x80; }

std::string_view without_decoration(std::string_view text) {
  while (!text.empty() && !is_letter(text.front())) text.remove_prefix(1);
  while (!text.empty() && !is_letter(text.back())) text.remove_suffix(1);
  return text;
}

std::string letters_for_signs(std::string_view text) {
  static constexpr std::string_view signs = "01345789@$!";
  static constexpr std::string_view letters = "oleastbgasi";
  std::string plain{text};
  for (char& c : plain)
    if (const auto at = signs.find(c); at != std::string_view::npos) c = letters[at];
  return plain;
}

/// One piece of at most four characters, again and again.
bool is_repetition(std::string_view text) {
  for (std::size_t period = 1; period <= 4 && period * 2 <= text.size(); ++period) {
    bool repeats = true;
    for (std::size_t i = period; i < text.size() && repeats; ++i) repeats = text[i] == text[i - period];
    if (repeats) return true;
  }
  return false;
}

/// Made only of runs of at least four neighbours, forwards or backwards, in one of these rows.
bool is_walk(std::string_view text) {
  static constexpr std::string_view rows[] = {"01234567890", "abcdefghijklmnopqrstuvwxyz", "qwertyuiop", "asdfghjkl",
                                              "zxcvbnm",     "qwertzuiop",                 "azertyuiop"};
  const auto run_at = [&](std::size_t from) {
    std::size_t best = 0;
    for (const std::string_view row : rows) {
      std::string backwards{row.rbegin(), row.rend()};
      for (const std::string_view way : {row, std::string_view{backwards}}) {
        const auto start = way.find(text[from]);
        if (start == std::string_view::npos) continue;
        std::size_t length = 0;
        while (from + length < text.size() && start + length < way.size() && text[from + length] == way[start + length])
          ++length;
        best = std::max(best, length);
      }
    }
    return best;
  };
  std::size_t at = 0;
  while (at < text.size()) {
    const std::size_t run = run_at(at);
    if (run < 4) return false;
    at += run;
  }
  return !text.empty();
}

}  // namespace

bool is_common_password(std::string_view password) {
  const std::string folded = domain::fold(password);
  const std::string plain = letters_for_signs(folded);
  const auto is_listed = [](std::string_view word) { return listed().contains(word); };
  return is_listed(folded) || is_listed(without_decoration(folded)) || is_listed(plain) ||
         is_listed(without_decoration(plain)) || is_listed(letters_for_signs(without_decoration(folded))) ||
         is_repetition(folded) || is_walk(folded);
}

}  // namespace ttp::service
