// Eligibility to enrol (SPEC 3.4): the questions a company answers, and the rules its answers must meet, as
// one table with its wording in both languages. A changed rule is a new version of the table.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "domain/enums.hpp"
#include "domain/values.hpp"

namespace ttp::domain {

inline constexpr std::uint32_t eligibility_version = 2;

/// The same words in English and in French.
struct Wording {
  std::string_view en;
  std::string_view fr;
  constexpr std::string_view in(Language language) const { return language == Language::fr ? fr : en; }
};

// ---- what a company answers -------------------------------------------------------------------------------

/// Where the company is based.
enum class Base : std::uint8_t { canada, united_states, elsewhere };
template <>
inline constexpr std::array<Names, 3> enum_names<Base>{"canada", "united_states", "elsewhere"};

/// Couriers are carriers; marine terminal operators are warehouse operators.
enum class LineOfBusiness : std::uint8_t {
  importer,
  exporter,
  highway_carrier,
  rail_carrier,
  marine_carrier,
  air_carrier,
  warehouse_operator,
  freight_forwarder,
  customs_broker,
  shipping_agent,
};
template <>
inline constexpr std::array<Names, 10> enum_names<LineOfBusiness>{
    "importer",    "exporter",           "highway_carrier",   "rail_carrier",   "marine_carrier",
    "air_carrier", "warehouse_operator", "freight_forwarder", "customs_broker", "shipping_agent"};

const Wording& label(Base base);
const Wording& label(LineOfBusiness line);

/// A carrier by highway, rail, sea or air.
bool is_carrier(LineOfBusiness line);
/// Customs brokers and shipping agents apply to the programme in writing, not through the portal.
bool applies_through_portal(LineOfBusiness line);

/// A carrier code of the agency: four letters, digits and dashes ("12A-"), of which a dash counts as any
/// other; upper case; spaces forgiven.
struct CarrierCodeKind {
  static constexpr std::size_t length = 4, min = length, max = 16;
  static constexpr std::string_view example = "7ABC", pattern = "";
  static Checked check(std::string_view raw);
};
using CarrierCode = Text<CarrierCodeKind>;

/// The company's answers. A question without an answer meets no rule that asks it.
struct EligibilityAnswers {
  std::optional<Base> base{};
  std::vector<LineOfBusiness> lines_of_business{};
  std::optional<CarrierCode> carrier_code{};          ///< carriers based in the United States
  std::optional<bool> files_canadian_declarations{};  ///< importers based in the United States
  std::optional<bool> facilities_in_canada_or_us{};
  std::optional<bool> traded_in_past_12_months{};
  std::optional<bool> movement_in_past_90_days{};
  std::optional<bool> solvent{};
  std::optional<bool> no_debt_to_crown{};
  std::optional<bool> no_undischarged_bankruptcy{};
  std::optional<bool> no_convictions{};
  friend bool operator==(const EligibilityAnswers&, const EligibilityAnswers&) = default;
};

// ---- the rules --------------------------------------------------------------------------------------------

/// The rules, one per row of the table and in its order. The names are the codes that a refusal carries.
enum class EligibilityRule : std::uint8_t {
  based_in_canada_or_united_states,
  line_of_business_named,
  line_applies_through_portal,
  line_open_to_united_states,
  united_states_carrier_code,
  united_states_importer_declarations,
  facilities_in_canada_or_us,
  traded_in_past_12_months,
  movement_in_past_90_days,
  solvent,
  no_debt_to_crown,
  no_undischarged_bankruptcy,
  no_convictions,
};
template <>
inline constexpr std::array<Names, 13> enum_names<EligibilityRule>{"based_in_canada_or_united_states",
                                                                   "line_of_business_named",
                                                                   "line_applies_through_portal",
                                                                   "line_open_to_united_states",
                                                                   "united_states_carrier_code",
                                                                   "united_states_importer_declarations",
                                                                   "facilities_in_canada_or_us",
                                                                   "traded_in_past_12_months",
                                                                   "movement_in_past_90_days",
                                                                   "solvent",
                                                                   "no_debt_to_crown",
                                                                   "no_undischarged_bankruptcy",
                                                                   "no_convictions"};

struct RuleText {
  EligibilityRule rule;
  std::string_view member;  ///< the member of EligibilityAnswers that the question fills
  Wording question;
  Wording qualifies;  ///< the answers that qualify
  Wording refusal;    ///< shown when the answers do not qualify
  bool (*is_met)(const EligibilityAnswers&);
};

/// Every rule, in the order in which a client asks the questions.
std::span<const RuleText> eligibility_rules();
const RuleText& rule_text(EligibilityRule rule);

/// The members of the answers that the company must answer and has not, in the table's order. An unanswered
/// question is a missing field and no reason to refuse the company.
std::vector<std::string_view> unanswered(const EligibilityAnswers& answers);
/// The rules that the answers do not meet, in the table's order; empty if the company can enrol.
std::vector<EligibilityRule> failed_rules(const EligibilityAnswers& answers);

}  // namespace ttp::domain
