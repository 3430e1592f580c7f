// The characters that the programme's letters can show (SPEC 3.5). A name or address that a letter cannot
// show in full is refused where it is entered: a letter with a wrong or missing character may not reach its
// company.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "domain/reason.hpp"
#include "domain/values.hpp"

namespace ttp::domain {

/// The fonts of letters, each for some scripts.
enum class LetterFont : std::uint8_t {
  latin,  ///< also Greek and Cyrillic
  syllabics,
  hebrew,
  arabic,
  armenian,
  georgian,
  cherokee,
  ethiopic,
  east_asian,
};
enum class LetterUse : std::uint8_t {
  stands,       ///< without marks
  carries,      ///< with or without marks of its font above and below
  carries_all,  ///< also with marks at its upper right
  mark,         ///< above or below a letter of its font
  side_mark,    ///< at the upper right of a letter of its font
};
struct LetterCharacter {
  LetterFont font;
  LetterUse use;
  friend bool operator==(const LetterCharacter&, const LetterCharacter&) = default;
};

/// How a letter shows this character; nothing if it does not. The answers are those of the fonts, which
/// delivery/sheet.cpp names: domain/letter_characters.hpp.
std::optional<LetterCharacter> letter_character(char32_t point);

/// The texts of one command that a letter may have to show, each with its JSON pointer.
class LetterTexts {
 public:
  template <class Kind>
  LetterTexts& add(std::string pointer, const Text<Kind>& text) {
    return add(std::move(pointer), text.text());
  }
  template <class Kind>
  LetterTexts& add(std::string pointer, const std::optional<Text<Kind>>& text) {
    return text ? add(std::move(pointer), text->text()) : *this;
  }
  LetterTexts& add(const std::string& pointer, const MailingAddress& address);

  /// The names and the address of a company, whose members stand below `at`.
  LetterTexts& add_company(const std::string& at, const CompanyName& legal_name,
                           const std::vector<CompanyName>& operating_names, const MailingAddress& address);

  const std::vector<FieldFault>& faults() const { return faults_; }
  /// The refusal that names each text and its characters that no letter shows; nothing if letters show all.
  std::optional<Refusal> refusal() const;

 private:
  LetterTexts& add(std::string pointer, std::string_view text);

  std::vector<FieldFault> faults_;
};

}  // namespace ttp::domain
