// The characters that the programme's letters can show (SPEC 3.5). A name or address that a letter cannot
// show in full is refused where it is entered: a letter with a wrong or missing character may not reach its
// company.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "domain/reason.hpp"
#include "domain/values.hpp"

namespace ttp::domain {

/// Whether a letter prints this character as it is. This is the only place that knows; it describes what
/// delivery/letter.cpp can do with its font.
bool letter_shows(char32_t point);

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

  /// The refusal that names each text and its characters that no letter shows; nothing if letters show all.
  std::optional<Refusal> refusal() const;

 private:
  LetterTexts& add(std::string pointer, std::string_view text);

  std::vector<FieldFault> faults_;
};

}  // namespace ttp::domain
