#include "domain/letter_text.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdio>
#include <iterator>
#include <utility>

#include "domain/decision.hpp"
#include "domain/letter_characters.hpp"
#include "domain/text.hpp"

namespace ttp::domain {
namespace {

constexpr std::size_t marks_max = 3;  // on one letter; more leave no room for other lines

bool is_mark(LetterUse use) {
  return use == LetterUse::mark || use == LetterUse::side_mark;
}

bool carries(const LetterCharacter& base, const LetterCharacter& mark) {
  if (base.font != mark.font) return false;
  return base.use == LetterUse::carries_all ||
         (base.use == LetterUse::carries && mark.use == LetterUse::mark);
}

/// The character itself, or "U+1F341" for one that a reader may not see either.
std::string named(char32_t point) {
  constexpr char32_t last_of_the_common_plane = 0xFFFF;
  const auto character = letter_character(point);
  const bool is_alone = character && is_mark(character->use);
  if (point <= last_of_the_common_plane && !is_space(point) && !is_alone) return encode({&point, 1});
  char text[16];
  std::snprintf(text, sizeof text, "U+%04X", static_cast<unsigned>(point));
  return text;
}

/// The parts that letters do not show: characters, and characters with marks that do not go with them. Each
/// once.
std::vector<std::string> unshown_parts(std::u32string_view points) {
  std::vector<std::string> parts;
  const auto note = [&](std::string part) {
    if (std::ranges::find(parts, part) == parts.end()) parts.push_back(std::move(part));
  };
  std::optional<LetterCharacter> base;
  std::size_t base_at = 0;
  for (std::size_t at = 0; at < points.size(); ++at) {
    const auto character = letter_character(points[at]);
    if (!character) note(named(points[at]));
    if (!character || !is_mark(character->use)) {
      base = character;
      base_at = at;
    } else if (!base) {
      note(named(points[at]));
    } else if (!carries(*base, *character) || at - base_at > marks_max) {
      note(encode(points.substr(base_at, at - base_at + 1)));
    }
  }
  return parts;
}

}  // namespace

std::optional<LetterCharacter> letter_character(char32_t point) {
  for (const LetterGroup& group : letter_groups) {
    const auto after = std::ranges::upper_bound(group.ranges, point, {}, &CodeRange::first);
    if (after != group.ranges.begin() && point <= std::prev(after)->last) return group.character;
  }
  return std::nullopt;
}

LetterTexts& LetterTexts::add(std::string pointer, std::string_view text) {
  if (is_plain(text)) return *this;
  auto parts = unshown_parts(decode(text).value_or(U""));
  if (!parts.empty()) faults_.push_back({std::move(pointer), Reason::not_shown_in_letters, std::move(parts)});
  return *this;
}

LetterTexts& LetterTexts::add(const std::string& pointer, const MailingAddress& address) {
  return add(pointer + "/line1", address.line1)
      .add(pointer + "/line2", address.line2)
      .add(pointer + "/city", address.city);
}

LetterTexts& LetterTexts::add_company(const std::string& at, const CompanyName& legal_name,
                                      const std::vector<CompanyName>& operating_names,
                                      const MailingAddress& address) {
  add(at + "/legal_name", legal_name);
  for (std::size_t i = 0; i < operating_names.size(); ++i)
    add(at + "/operating_names/" + std::to_string(i), operating_names[i]);
  return add(at + "/mailing_address", address);
}

std::optional<Refusal> LetterTexts::refusal() const {
  return why_fields(faults_);
}

}  // namespace ttp::domain
