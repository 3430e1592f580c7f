// The programme's questions: the tables as a whole, valid answers, and the completeness of a profile.
#include "domain/questions.hpp"

#include <algorithm>
#include <set>
#include <stdexcept>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>

namespace ttp::domain::tests {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;
using Line = LineOfBusiness;
using Table = Answers::Table;

constexpr Line portal_lines[] = {Line::importer,           Line::exporter,         Line::highway_carrier,
                                 Line::rail_carrier,       Line::marine_carrier,   Line::air_carrier,
                                 Line::warehouse_operator, Line::freight_forwarder};

/// Every question of every profile; questions common to all lines appear once.
std::vector<Question> all_questions() {
  std::vector<Question> all;
  std::set<const Question*> seen;
  const auto add = [&](const Question& question) {
    if (seen.insert(&question).second) all.push_back(question);
  };
  for (const Question& question : company_questions()) add(question);
  for (const Line line : portal_lines)
    for (const Question* question : application_questions(line)) add(*question);
  for (const Question& question : security_questions()) add(question);
  return all;
}

const Question& question(std::string_view id) {
  const Question* found = find_question(id);
  if (!found) throw std::invalid_argument{std::string{id}};
  return *found;
}

std::optional<ValueFault> fault_of(std::string_view id, std::string answer) {
  return check_answer(question(id), Answer::stored(std::move(answer)));
}

/// A valid answer to the question.
std::string good_answer(const Question& question) {
  switch (question.type) {
    case AnswerType::text:
      return "Vérifié chaque année.";
    case AnswerType::yes_no:
      return "no";
    case AnswerType::choice:
      return std::string{question.choices.front().code};
    case AnswerType::date:
      return "2026-03-09";
    case AnswerType::number:
      return std::to_string(question.min);
    case AnswerType::email:
      return "marie@example.com";
    case AnswerType::telephone:
      return "+1 613 555-0123";
  }
  return "";
}

Table all_answered(std::span<const Question> questions) {
  Table answers;
  for (const Question& each : questions) answers.emplace(each.id, good_answer(each));
  return answers;
}

// ---- the tables -------------------------------------------------------------------------------------------

TEST(Questions, have_ids_of_their_own_that_fit_into_a_pointer) {
  std::set<std::string_view> ids;
  for (const Question& each : all_questions()) {
    EXPECT_TRUE(ids.insert(each.id).second) << each.id;
    EXPECT_FALSE(each.id.empty());
    EXPECT_TRUE(std::ranges::all_of(each.id, [](char c) {
      return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
    })) << each.id;
    EXPECT_EQ(question(each.id).en, each.en);
  }
  EXPECT_EQ(find_question("unheard_of"), nullptr);
}

TEST(Questions, are_worded_in_both_languages) {
  for (const Question& each : all_questions()) {
    EXPECT_TRUE(each.en.ends_with('?') || each.en.ends_with('.')) << each.id;
    EXPECT_TRUE(each.fr.ends_with('?') || each.fr.ends_with('.')) << each.id;
    EXPECT_NE(each.en, each.fr) << each.id;
    EXPECT_TRUE(code_points(each.fr)) << each.id;
    EXPECT_EQ(each.fr.find(" :"), each.fr.npos) << each.id << ": a French colon wants a no-break space";
    EXPECT_EQ(each.fr.find(" ?"), each.fr.npos) << each.id << ": and a question mark none";
  }
  for (std::size_t i = 0; i < enum_names<Area>.size(); ++i) {
    EXPECT_FALSE(label(static_cast<Area>(i)).en.empty());
    EXPECT_FALSE(label(static_cast<Area>(i)).fr.empty());
  }
}

TEST(Questions, define_their_valid_answers) {
  for (const Question& each : all_questions()) {
    const bool is_choice = each.type == AnswerType::choice;
    EXPECT_EQ(is_choice, !each.choices.empty()) << each.id;
    std::set<std::string_view> codes;
    for (const Choice& choice : each.choices) {
      EXPECT_TRUE(codes.insert(choice.code).second) << each.id << " " << choice.code;
      EXPECT_FALSE(choice.code.empty() || choice.en.empty() || choice.fr.empty()) << each.id;
    }
    if (each.type == AnswerType::text) {
      EXPECT_GE(each.max, 1u) << each.id;
      EXPECT_LE(each.max, AnswerKind::max) << each.id;
    }
    if (each.type == AnswerType::number) {
      EXPECT_LT(each.min, each.max) << each.id;
    }
    EXPECT_FALSE(check_answer(each, Answer::stored(good_answer(each)))) << each.id;
  }
}

TEST(Questions, of_the_company_cover_identity_contacts_and_addresses) {
  std::set<Area> areas;
  for (const Question& each : company_questions()) areas.insert(each.area);
  EXPECT_THAT(areas, ElementsAre(Area::identity, Area::contacts, Area::addresses));
  EXPECT_FALSE(question("web_site").required);
  EXPECT_TRUE(question("legal_structure").required);
}

TEST(Questions, of_an_application_are_common_ones_and_some_of_the_line) {
  const auto exporter = application_questions(Line::exporter);
  for (const Line line : portal_lines) {
    const auto questions = application_questions(line);
    const auto own = std::ranges::count(questions, Area::line_of_business, &Question::area);
    EXPECT_GE(own, 2) << to_text(line);
    EXPECT_LE(own, 4) << to_text(line);
    EXPECT_TRUE(std::equal(questions.begin(), questions.end() - own, exporter.begin())) << to_text(line);
  }
  EXPECT_THAT(application_questions(Line::customs_broker), IsEmpty());
  EXPECT_THAT(application_questions(Line::shipping_agent), IsEmpty());
}

TEST(Questions, of_a_site_cover_the_four_areas_of_security) {
  std::map<Area, int> count;
  for (const Question& each : security_questions()) ++count[each.area];
  std::vector<Area> areas;
  for (const auto& [area, questions] : count) {
    areas.push_back(area);
    EXPECT_GE(questions, 4) << to_text(area);
  }
  EXPECT_THAT(areas, ElementsAre(Area::corporate_security, Area::cargo_and_conveyance_security,
                                 Area::physical_security, Area::supply_chain_partner_security));
  for (const std::string_view id : {"risk_assessment", "continuity_plan", "screening_hiring",
                                    "education_content", "cybersecurity_measures", "statement_of_support"})
    EXPECT_EQ(question(id).area, Area::corporate_security) << id;
}

// ---- answers ----------------------------------------------------------------------------------------------

TEST(Answers, of_the_questions_form_are_taken) {
  struct Row {
    std::string_view id, answer;
  };
  for (const Row& row :
       {Row{"legal_structure", "cooperative"}, Row{"year_founded", "1600"}, Row{"year_founded", "2100"},
        Row{"operations_dangerous_goods", "yes"}, Row{"risk_assessment_date", "2024-02-29"},
        Row{"principal_contact_email", "marie@example.com"}, Row{"company_telephone", "(613) 555-0123 x42"},
        Row{"head_office_address", "1, rue Wellington\nOttawa"}})
    EXPECT_EQ(fault_of(row.id, std::string{row.answer}), std::nullopt) << row.id << " " << row.answer;
}

TEST(Answers, of_another_form_are_refused_with_the_reason) {
  struct Row {
    std::string_view id;
    std::string answer;
    Reason reason;
    std::vector<std::string> details{};
  };
  const std::vector<Row> rows{
      {"legal_structure",
       "club",
       Reason::not_a_choice,
       {"corporation", "partnership", "sole_proprietorship", "cooperative", "crown_corporation", "other"}},
      {"legal_structure",
       " ",
       Reason::not_a_choice,
       {"corporation", "partnership", "sole_proprietorship", "cooperative", "crown_corporation", "other"}},
      {"operations_dangerous_goods", "oui", Reason::not_a_choice, {"yes", "no"}},
      {"operations_dangerous_goods", "Yes", Reason::not_a_choice, {"yes", "no"}},
      {"year_founded", "1599", Reason::out_of_range, {"1600", "2100"}},
      {"year_founded", "2101", Reason::out_of_range, {"1600", "2100"}},
      {"year_founded", "99999999999999999999999", Reason::out_of_range, {"1600", "2100"}},
      {"year_founded", "-1900", Reason::malformed},
      {"year_founded", "1900.5", Reason::malformed},
      {"year_founded", "about 1900", Reason::malformed},
      {"risk_assessment_date", "2026-02-29", Reason::malformed},
      {"risk_assessment_date", "09/03/2026", Reason::malformed},
      {"risk_assessment_date", "2026-3-9", Reason::malformed},
      {"principal_contact_email", "marie", Reason::too_short},
      {"principal_contact_email", "marie.example.com", Reason::malformed, {"marie@example.com"}},
      {"company_telephone", "12345", Reason::too_short},
      {"company_telephone", "0000000000", Reason::malformed, {"+16135550123"}},
      {"signing_officer_title", std::string(81, 'a'), Reason::too_long},
      {"signing_officer_title", "a\x07", Reason::forbidden_characters, {"U+0007"}},
      {"signing_officer_title", "a\xC3", Reason::malformed},
      {"year_founded", std::string(4001, '1'), Reason::too_long},
  };
  for (const Row& row : rows)
    EXPECT_EQ(fault_of(row.id, row.answer), (ValueFault{row.reason, row.details}))
        << row.id << " " << row.answer;
}

TEST(Answers, are_measured_in_characters_not_bytes) {
  std::string eighty;
  for (int i = 0; i < 80; ++i) eighty += "é";
  EXPECT_EQ(fault_of("signing_officer_title", eighty), std::nullopt);
  EXPECT_EQ(fault_of("signing_officer_title", eighty + "é"), ValueFault{Reason::too_long});
}

TEST(Answers, are_removed_by_an_empty_one_of_every_type) {
  for (const Question& each : all_questions()) EXPECT_FALSE(check_answer(each, Answer{})) << each.id;
}

TEST(Answers, are_kept_in_one_form_where_there_is_one) {
  EXPECT_EQ(kept_form(question("company_telephone"), " (613) 555-0123 poste 42"), "+16135550123x42");
  EXPECT_EQ(kept_form(question("principal_contact_email"), "\u200BMarie@Québec.CA\uFEFF"), "Marie@québec.ca");
  EXPECT_EQ(kept_form(question("head_office_address"), " 1, rue Wellington\n"), " 1, rue Wellington\n");
}

// ---- completeness -----------------------------------------------------------------------------------------

TEST(Completeness, starts_at_zero_and_lists_required_questions) {
  const auto questions = company_questions();
  EXPECT_EQ(completeness_percent(questions, {}), 0u);
  const auto lacking = missing(questions, {});
  EXPECT_EQ(lacking.size(),
            static_cast<std::size_t>(std::ranges::count(questions, true, &Question::required)));
  EXPECT_EQ(lacking.front(), "legal_structure");
  EXPECT_THAT(lacking, testing::Not(Contains("web_site")));
}

TEST(Completeness, counts_addresses_and_numbers_that_were_taken_before_a_rule_changed) {
  const Question* const asked[] = {&question("company_telephone"), &question("principal_contact_email")};
  EXPECT_EQ(completeness_percent(std::span{asked},
                                 {{"company_telephone", "5550123"}, {"principal_contact_email", "a@b"}}),
            100u);
  EXPECT_EQ(completeness_percent(std::span{asked}, {{"company_telephone", "5550123"}}), 50u);
}

TEST(Completeness, is_reached_without_the_optional_questions) {
  for (const auto questions : {company_questions(), security_questions()}) {
    Table answers = all_answered(questions);
    for (const Question& each : questions)
      if (!each.required) answers.erase(std::string{each.id});
    EXPECT_EQ(completeness_percent(questions, answers), 100u);
    EXPECT_THAT(missing(questions, answers), IsEmpty());
  }
}

TEST(Completeness, does_not_count_blank_answers_or_those_the_table_no_longer_takes) {
  Table answers = all_answered(company_questions());
  answers["company_activities"] = " \n";
  answers["legal_structure"] = "guild";
  answers["head_office_address"] = "";
  EXPECT_THAT(missing(company_questions(), answers),
              ElementsAre("legal_structure", "company_activities", "head_office_address"));
  EXPECT_LT(completeness_percent(company_questions(), answers), 100u);
}

TEST(Completeness, is_a_part_of_the_required_questions_rounded_down) {
  const Question three[] = {{"a", Area::identity, "A?", "A?", AnswerType::text, true, 10},
                            {"b", Area::identity, "B?", "B?", AnswerType::text, true, 10},
                            {"c", Area::identity, "C?", "C?", AnswerType::text, true, 10},
                            {"d", Area::identity, "D?", "D?", AnswerType::text, false, 10}};
  EXPECT_EQ(completeness_percent(three, {{"a", "x"}, {"d", "x"}}), 33u);
  EXPECT_EQ(completeness_percent(three, {{"a", "x"}, {"b", "x"}}), 66u);
  EXPECT_EQ(completeness_percent(std::span<const Question>{}, {}), 100u);
}

TEST(Completeness, is_complete_exactly_when_nothing_is_missing) {
  EXPECT_TRUE(rc::check([] {
    const auto questions = security_questions();
    Table answers = all_answered(questions);
    const auto skipped = *rc::gen::inRange<std::size_t>(0, 4);
    for (std::size_t i = 0; i < skipped; ++i)
      answers.erase(std::string{questions[*rc::gen::inRange<std::size_t>(0, questions.size())].id});
    RC_ASSERT((completeness_percent(questions, answers) == 100) == missing(questions, answers).empty());
  }));
}

}  // namespace
}  // namespace ttp::domain::tests
