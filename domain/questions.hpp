// The programme's questions (SPEC 3.8): those of the company's profile, of the application profile of each
// line of business and of each site's security profile, as one versioned table with its wording (ours) in
// both languages.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "domain/answers.hpp"
#include "domain/eligibility.hpp"
#include "domain/enums.hpp"
#include "domain/values.hpp"

namespace ttp::domain {

inline constexpr std::uint32_t questions_version = 1;

/// Three areas of the company profile, two of an application profile, and the agency's four areas of
/// security.
enum class Area : std::uint8_t {
  identity,
  contacts,
  addresses,
  operations,
  line_of_business,
  corporate_security,
  cargo_and_conveyance_security,
  physical_security,
  supply_chain_partner_security,
};
template <>
inline constexpr std::array<Names, 9> enum_names<Area>{"identity",
                                                       "contacts",
                                                       "addresses",
                                                       "operations",
                                                       "line_of_business",
                                                       "corporate_security",
                                                       "cargo_and_conveyance_security",
                                                       "physical_security",
                                                       "supply_chain_partner_security"};
const Wording& label(Area area);

/// The form of an answer: free text, "yes" or "no", the code of a choice, a date "2026-03-09", a whole
/// number, an e-mail address, a telephone number.
enum class AnswerType : std::uint8_t { text, yes_no, choice, date, number, email, telephone };
template <>
inline constexpr std::array<Names, 7> enum_names<AnswerType>{"text",   "yes_no", "choice",   "date",
                                                             "number", "email",  "telephone"};

struct Choice {
  std::string_view code;
  std::string_view en, fr;
};

struct Question {
  std::string_view id;  ///< stored with every answer: never rename one, never use one again
  Area area{};
  std::string_view en, fr;
  AnswerType type{};
  bool required = true;
  std::size_t max = 0;  ///< code points of a text, largest value of a number; otherwise unused
  std::span<const Choice> choices{};
  std::size_t min = 0;  ///< smallest value of a number
};

std::span<const Question> company_questions();
/// The questions common to all lines of business, then this line's own; empty for lines that do not apply
/// through the portal.
std::vector<const Question*> application_questions(LineOfBusiness line);
std::vector<const Question*> pointers_to(std::span<const Question> questions);
std::span<const Question> security_questions();
/// The question of this id in any profile; null if there is none.
const Question* find_question(std::string_view id);

/// Checks the form of an answer. An empty answer is always valid: it removes the present one.
std::optional<ValueFault> check_answer(const Question& question, const Answer& answer);
/// A valid answer as it is kept: a telephone number in its one form, an e-mail address without what pasting
/// added, any other answer as it was written.
std::string kept_form(const Question& question, const std::string& answer);

/// The percentage of required questions that are answered, rounded down: 100 only if none is missing.
unsigned completeness_percent(std::span<const Question* const> questions, const Answers::Table& answers);
unsigned completeness_percent(std::span<const Question> questions, const Answers::Table& answers);
/// The same percentage, and the ids that `missing` returns.
std::pair<unsigned, std::vector<std::string>> completeness(std::span<const Question* const> questions,
                                                           const Answers::Table& answers);
/// The ids, in the table's order, of required questions without an answer or with one that the present table
/// refuses. An e-mail address or telephone number that was taken once stays an answer.
std::vector<std::string> missing(std::span<const Question> questions, const Answers::Table& answers);

}  // namespace ttp::domain
