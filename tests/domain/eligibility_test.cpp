// Eligibility to enrol: one row per refusing rule, and the table's wording.
#include "domain/eligibility.hpp"

#include <algorithm>
#include <functional>
#include <set>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>

namespace ttp::domain::tests {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using Line = LineOfBusiness;
using Rule = EligibilityRule;

EligibilityAnswers canadian(std::vector<Line> lines) {
  EligibilityAnswers answers;
  answers.base = Base::canada;
  answers.lines_of_business = std::move(lines);
  answers.facilities_in_canada_or_us = true;
  answers.traded_in_past_12_months = true;
  answers.movement_in_past_90_days = true;
  answers.solvent = true;
  answers.no_debt_to_crown = true;
  answers.no_undischarged_bankruptcy = true;
  answers.no_convictions = true;
  return answers;
}

EligibilityAnswers american(std::vector<Line> lines) {
  EligibilityAnswers answers = canadian(std::move(lines));
  answers.base = Base::united_states;
  return answers;
}

CarrierCode carrier_code(std::string_view text) {
  return CarrierCode::parse(text).value();
}

// ---- accepted ---------------------------------------------------------------------------------------------

TEST(Eligibility, is_given_to_a_canadian_company_in_each_line_of_the_portal) {
  for (const Line line :
       {Line::importer, Line::exporter, Line::highway_carrier, Line::rail_carrier, Line::marine_carrier,
        Line::air_carrier, Line::warehouse_operator, Line::freight_forwarder})
    EXPECT_THAT(failed_rules(canadian({line})), IsEmpty()) << to_text(line);
}

TEST(Eligibility, asks_a_canadian_carrier_or_importer_nothing_that_is_for_american_ones) {
  EXPECT_THAT(failed_rules(canadian({Line::highway_carrier, Line::importer})), IsEmpty());
}

TEST(Eligibility, is_given_to_an_american_carrier_with_a_carrier_code) {
  for (const Line line :
       {Line::highway_carrier, Line::rail_carrier, Line::marine_carrier, Line::air_carrier}) {
    auto answers = american({line});
    answers.carrier_code = carrier_code("7abc");
    EXPECT_THAT(failed_rules(answers), IsEmpty()) << to_text(line);
  }
}

TEST(Eligibility, is_given_to_an_american_importer_who_files_canadian_declarations) {
  auto answers = american({Line::importer});
  answers.files_canadian_declarations = true;
  EXPECT_THAT(failed_rules(answers), IsEmpty());
}

// ---- refused ----------------------------------------------------------------------------------------------

TEST(Eligibility, is_refused_by_the_rule_that_failed_and_no_other) {
  struct Row {
    std::string_view story;
    EligibilityAnswers answers;
    Rule rule;
  };
  const auto but = [](EligibilityAnswers answers, const std::function<void(EligibilityAnswers&)>& change) {
    change(answers);
    return answers;
  };
  const auto importer = canadian({Line::importer});
  const std::vector<Row> rows{
      {"based elsewhere", but(importer, [](auto& a) { a.base = Base::elsewhere; }),
       Rule::based_in_canada_or_united_states},
      {"base not told", but(importer, [](auto& a) { a.base.reset(); }),
       Rule::based_in_canada_or_united_states},
      {"no line", canadian({}), Rule::line_of_business_named},
      {"a line named twice", canadian({Line::importer, Line::exporter, Line::importer}),
       Rule::line_of_business_named},
      {"a broker", canadian({Line::customs_broker}), Rule::line_applies_through_portal},
      {"a shipping agent", canadian({Line::shipping_agent}), Rule::line_applies_through_portal},
      {"an importer who is a broker too", canadian({Line::importer, Line::customs_broker}),
       Rule::line_applies_through_portal},
      {"an American broker", american({Line::customs_broker}), Rule::line_applies_through_portal},
      {"an American exporter", american({Line::exporter}), Rule::line_open_to_united_states},
      {"an American warehouse", american({Line::warehouse_operator}), Rule::line_open_to_united_states},
      {"an American forwarder", american({Line::freight_forwarder}), Rule::line_open_to_united_states},
      {"an American carrier without a code", american({Line::highway_carrier}),
       Rule::united_states_carrier_code},
      {"an American carrier with a code of another form",
       but(american({Line::air_carrier}), [](auto& a) { a.carrier_code = CarrierCode::stored("7ABC9"); }),
       Rule::united_states_carrier_code},
      {"an American importer not asked", american({Line::importer}),
       Rule::united_states_importer_declarations},
      {"an American importer who files none",
       but(american({Line::importer}), [](auto& a) { a.files_canadian_declarations = false; }),
       Rule::united_states_importer_declarations},
      {"no facilities", but(importer, [](auto& a) { a.facilities_in_canada_or_us = false; }),
       Rule::facilities_in_canada_or_us},
      {"no trade", but(importer, [](auto& a) { a.traded_in_past_12_months = false; }),
       Rule::traded_in_past_12_months},
      {"no movement", but(importer, [](auto& a) { a.movement_in_past_90_days = false; }),
       Rule::movement_in_past_90_days},
      {"insolvent", but(importer, [](auto& a) { a.solvent = false; }), Rule::solvent},
      {"a debt", but(importer, [](auto& a) { a.no_debt_to_crown = false; }), Rule::no_debt_to_crown},
      {"bankrupt", but(importer, [](auto& a) { a.no_undischarged_bankruptcy = false; }),
       Rule::no_undischarged_bankruptcy},
      {"convicted", but(importer, [](auto& a) { a.no_convictions = false; }), Rule::no_convictions},
      {"convictions not told", but(importer, [](auto& a) { a.no_convictions.reset(); }),
       Rule::no_convictions},
  };
  std::set<Rule> refused;
  for (const Row& row : rows) {
    EXPECT_THAT(failed_rules(row.answers), ElementsAre(row.rule)) << row.story;
    refused.insert(row.rule);
  }
  EXPECT_EQ(refused.size(), enum_names<Rule>.size()) << "every rule has a row";
}

TEST(Eligibility, names_every_failed_rule_in_the_order_of_the_table) {
  EXPECT_THAT(failed_rules(EligibilityAnswers{}),
              ElementsAre(Rule::based_in_canada_or_united_states, Rule::line_of_business_named,
                          Rule::facilities_in_canada_or_us, Rule::traded_in_past_12_months,
                          Rule::movement_in_past_90_days, Rule::solvent, Rule::no_debt_to_crown,
                          Rule::no_undischarged_bankruptcy, Rule::no_convictions));
  EXPECT_THAT(
      failed_rules(american({Line::shipping_agent, Line::exporter, Line::importer, Line::rail_carrier})),
      ElementsAre(Rule::line_applies_through_portal, Rule::line_open_to_united_states,
                  Rule::united_states_carrier_code, Rule::united_states_importer_declarations));
}

TEST(Eligibility, names_the_address_for_brokers_and_agents) {
  const Wording& refusal = rule_text(Rule::line_applies_through_portal).refusal;
  EXPECT_THAT(std::string{refusal.en}, HasSubstr("pip-pep@cbsa-asfc.gc.ca"));
  EXPECT_THAT(std::string{refusal.fr}, HasSubstr("pip-pep@cbsa-asfc.gc.ca"));
}

// ---- the table --------------------------------------------------------------------------------------------

void expect_worded(const Wording& wording, std::string_view where) {
  EXPECT_FALSE(wording.en.empty()) << where;
  EXPECT_FALSE(wording.fr.empty()) << where;
  EXPECT_TRUE(code_points(wording.fr)) << where;
  EXPECT_EQ(wording.fr.find(" :"), wording.fr.npos) << where << ": a French colon wants a no-break space";
  EXPECT_EQ(wording.in(Language::en), wording.en);
  EXPECT_EQ(wording.in(Language::fr), wording.fr);
}

TEST(EligibilityTable, is_worded_in_both_languages) {
  for (const RuleText& row : eligibility_rules()) {
    expect_worded(row.question, to_text(row.rule));
    expect_worded(row.qualifies, to_text(row.rule));
    expect_worded(row.refusal, to_text(row.rule));
    EXPECT_EQ(rule_text(row.rule).rule, row.rule);
  }
  for (std::size_t i = 0; i < enum_names<Line>.size(); ++i)
    expect_worded(label(static_cast<Line>(i)), to_text(static_cast<Line>(i)));
  for (std::size_t i = 0; i < enum_names<Base>.size(); ++i)
    expect_worded(label(static_cast<Base>(i)), to_text(static_cast<Base>(i)));
}

TEST(EligibilityTable, asks_each_member_of_the_answers_once) {
  std::vector<std::string_view> asked;
  for (const RuleText& row : eligibility_rules())
    if (asked.empty() || asked.back() != row.member) asked.push_back(row.member);
  EXPECT_THAT(
      asked, ElementsAre("base", "lines_of_business", "carrier_code", "files_canadian_declarations",
                         "facilities_in_canada_or_us", "traded_in_past_12_months", "movement_in_past_90_days",
                         "solvent", "no_debt_to_crown", "no_undischarged_bankruptcy", "no_convictions"));
}

template <class Enum>
void expect_names_round_trip() {
  std::set<std::string_view> names;
  for (std::size_t i = 0; i < enum_names<Enum>.size(); ++i) {
    const auto value = static_cast<Enum>(i);
    EXPECT_FALSE(to_text(value).empty());
    EXPECT_EQ(parse_enum<Enum>(to_text(value)), value);
    EXPECT_TRUE(names.insert(to_text(value)).second) << to_text(value);
  }
  EXPECT_FALSE(parse_enum<Enum>("unheard_of"));
}

TEST(EligibilityTable, has_names_that_are_read_back) {
  expect_names_round_trip<Base>();
  expect_names_round_trip<Line>();
  expect_names_round_trip<Rule>();
}

// ---- carrier code -----------------------------------------------------------------------------------------

TEST(CarrierCodes, are_four_letters_digits_and_dashes_in_upper_case) {
  EXPECT_EQ(carrier_code("7abc").text(), "7ABC");
  EXPECT_EQ(carrier_code(" 12 AB\u200B ").text(), "12AB");
  for (const std::string_view code : {"12A-", "014-", "006-"}) EXPECT_EQ(carrier_code(code).text(), code);
  EXPECT_EQ(carrier_code("12a–").text(), "12A-");
}

TEST(CarrierCodes, are_refused_in_any_other_form) {
  struct Row {
    std::string_view text;
    Reason reason;
  };
  for (const Row& row :
       {Row{"", Reason::missing}, Row{"  ", Reason::missing}, Row{"7AB", Reason::too_short},
        Row{"7ABCD", Reason::too_long}, Row{"7AB*", Reason::malformed}, Row{"----", Reason::malformed},
        Row{"7AÉC", Reason::malformed}, Row{"7AB\xC3", Reason::malformed}})
    EXPECT_EQ(CarrierCode::parse(row.text).error(), ValueFault{row.reason}) << row.text;
}

TEST(Eligibility, never_depends_on_the_order_of_the_lines) {
  EXPECT_TRUE(rc::check([] {
    const auto line = rc::gen::map(rc::gen::inRange(0, 10), [](int i) { return static_cast<Line>(i); });
    auto answers = american(*rc::gen::container<std::vector<Line>>(line));
    const auto before = failed_rules(answers);
    std::ranges::reverse(answers.lines_of_business);
    RC_ASSERT(failed_rules(answers) == before);
  }));
}

}  // namespace
}  // namespace ttp::domain::tests
