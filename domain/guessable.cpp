#include "domain/guessable.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "domain/text.hpp"

namespace ttp::domain {
namespace {

/// As many letters beside the known words make a password hard enough to guess.
constexpr std::size_t other_letters_min = 4;
constexpr std::size_t word_min = 3;

/// Words of the programme and of signing in, in both languages and as `fold` leaves them.
constexpr std::array<std::string_view, 70> words_of_programme{
    "trusted",     "trader",        "traders",        "portal",       "customs",
    "border",      "borders",       "service",        "services",     "agency",
    "canada",      "canadian",      "partner",        "partners",     "protection",
    "partenaire",  "partenaires",   "negociant",      "negociants",   "dignes",
    "confiance",   "portail",       "douane",         "douanes",      "frontiere",
    "frontieres",  "frontaliers",   "agence",         "programme",    "program",
    "member",      "membre",        "company",        "compagnie",    "entreprise",
    "account",     "compte",        "credential",     "justificatif", "activation",
    "gckey",       "clegc",         "cbsa",           "asfc",         "ttp",
    "pip",         "pep",           "tccu",           "ustcc",        "password",
    "motdepasse",  "administrator", "administrateur", "admin",        "operator",
    "operateur",   "welcome",       "bienvenue",      "unknown",      "inconnu",
    "secret",      "letmein",       "user",           "utilisateur",  "importer",
    "importateur", "exporter",      "exportateur",    "officer",      "auditor",
};

/// How digits and signs are read.
enum class Signs { dropped, with_one_as_i, with_one_as_l };

struct Letters {
  std::string text;
  std::vector<bool> is_written;  ///< whether it is a letter of the text, not a digit or sign read as one
};

Letters letters_of(std::string_view folded, Signs read) {
  static constexpr std::string_view signs = "034578@$!9";
  static constexpr std::string_view meant = "oeastbasig";
  Letters letters;
  for (const char c : folded) {
    const bool is_written = (c >= 'a' && c <= 'z') || static_cast<unsigned char>(c) >= 0x80;
    const auto sign = signs.find(c);
    char letter = c;
    if (!is_written) {
      if (read == Signs::dropped || (c != '1' && sign == signs.npos)) continue;
      letter = c != '1' ? meant[sign] : read == Signs::with_one_as_i ? 'i' : 'l';
    }
    letters.text += letter;
    letters.is_written.push_back(is_written);
  }
  return letters;
}

/// The words of a text, cut where neither a letter nor a digit stands.
void add_words(std::vector<std::string>& words, std::string_view text, Signs read) {
  const std::string folded = fold(text);
  const auto ends_word = [](char c) {
    return static_cast<unsigned char>(c) < 0x80 && !(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9');
  };
  for (auto from = folded.begin(); from != folded.end();) {
    const auto to = std::find_if(from, folded.end(), ends_word);
    words.push_back(letters_of({from, to}, read).text);
    from = std::find_if_not(to, folded.end(), ends_word);
  }
}

/// The longest first, so that a word is found before its beginning is.
std::vector<std::string> known_words(const PasswordOwner& owner, Signs read) {
  std::vector<std::string> words(words_of_programme.begin(), words_of_programme.end());
  for (const std::string* own :
       {&owner.user_name.text(), &owner.email.text(), &owner.family_name.text(), &owner.given_names.text()})
    add_words(words, *own, read);
  std::erase_if(words, [](const std::string& word) { return word.size() < word_min; });
  std::ranges::stable_sort(words, std::ranges::greater{}, &std::string::size);
  return words;
}

bool consists_of(Letters letters, const std::vector<std::string>& words) {
  constexpr char taken = '\n';
  bool holds_word = false;
  for (const std::string& word : words) {
    for (auto at = letters.text.find(word); at != std::string::npos; at = letters.text.find(word, at)) {
      holds_word = true;
      letters.text.replace(at, word.size(), word.size(), taken);
      std::fill_n(letters.is_written.begin() + static_cast<std::ptrdiff_t>(at), word.size(), false);
    }
  }
  const auto others = std::ranges::count(letters.is_written, true);
  wipe(letters.text);
  return holds_word && static_cast<std::size_t>(others) < other_letters_min;
}

}  // namespace

bool is_guessable(std::string_view password, const PasswordOwner& owner) {
  std::string folded = fold(password);
  const bool found = std::ranges::any_of(
      std::array{Signs::dropped, Signs::with_one_as_i, Signs::with_one_as_l},
      [&](Signs read) { return consists_of(letters_of(folded, read), known_words(owner, read)); });
  wipe(folded);
  return found;
}

}  // namespace ttp::domain
