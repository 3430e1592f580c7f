#include "http/api/forms/queries.hpp"

#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "domain/business_days.hpp"
#include "domain/eligibility.hpp"
#include "events/registry.hpp"
#include "http/api/audit/differences.hpp"
#include "http/api/notifications/sentences.hpp"
#include "http/api/problem.hpp"

namespace ttp::http {
namespace {

using namespace domain;

Wording words_of(std::string_view name) {
  const Words words = words_for_choice(name);
  return {words.en, words.fr};
}

/// Sets the title in the reader's language, and both.
template <class Document>
void title(Document& document, const Wording& words, Language language) {
  document.title = words.in(language);
  document.titles = both(words);
}

template <NamedEnum Enum>
Wording words_of_value(Enum value) {
  if constexpr (requires { label(value); }) {
    return label(value);
  } else {
    return words_of(to_text(value));
  }
}

template <NamedEnum Enum>
std::vector<LabelDocument> labels(Language language) {
  std::vector<LabelDocument> documents;
  for (std::size_t i = 0; i < enum_names<Enum>.size(); ++i)
    documents.push_back(label_document(enum_names<Enum>[i], words_of_value(static_cast<Enum>(i)), language));
  return documents;
}

// ---- questions --------------------------------------------------------------------------------------------

QuestionDocument question_document(const Question& question, Language language) {
  QuestionDocument document;
  document.id = question.id;
  document.area = question.area;
  document.type = question.type;
  document.required = question.required;
  if (question.type == AnswerType::text) document.max_length = question.max;
  if (question.type == AnswerType::number) {
    document.min = question.min;
    document.max = question.max;
  }
  title(document, {question.en, question.fr}, language);
  for (const Choice& choice : question.choices)
    document.choices.push_back(label_document(choice.code, {choice.en, choice.fr}, language));
  return document;
}

QuestionListDocument question_list(const ProfileRef& ref, Language language) {
  QuestionListDocument document;
  document.version = questions_version;
  std::set<Area> areas;
  for (const Question* question : questions_of(ref)) {
    if (areas.insert(question->area).second)
      document.areas.push_back(label_document(to_text(question->area), label(question->area), language));
    document.items.push_back(question_document(*question, language));
  }
  return document;
}

/// The form of the answer that a member of the eligibility answers holds.
template <class Member>
void describe_answer(EligibilityQuestionDocument& document, Language language) {
  if constexpr (is_list<Member>) {
    describe_answer<typename Member::value_type>(document, language);
    document.multiple = true;
  } else if constexpr (NamedEnum<Member>) {
    document.type = AnswerType::choice;
    document.choices = labels<Member>(language);
  } else if constexpr (std::is_same_v<Member, bool>) {
    document.type = AnswerType::yes_no;
  } else {
    document.type = AnswerType::text;
    document.max_length = Member::kind::max;
  }
}

// ---- terms ------------------------------------------------------------------------------------------------

std::string date_text(Date date) {
  return fmt::format("{:04}-{:02}-{:02}", static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                     static_cast<unsigned>(date.day()));
}

TermsTextDocument terms_document(Terms terms, const Call& call) {
  const TermsText& in_force_now = in_force(terms, local_date(call.now));
  TermsTextDocument document;
  document.id = terms;
  document.attested = terms == Terms::signing_authority;
  document.version = in_force_now.version;
  document.effective_on = date_text(in_force_now.effective);
  title(document, {in_force_now.en_title, in_force_now.fr_title}, call.language());
  const Wording text{in_force_now.en, in_force_now.fr};
  document.text = text.in(call.language());
  document.texts = both(text);
  return document;
}

ReasonDocument reason_document(Reason reason, Language language) {
  const ProblemText text = problem_text(reason);
  ReasonDocument document;
  document.code = to_text(reason);
  document.status = static_cast<std::uint32_t>(text.status);
  title(document, {text.en, text.fr}, language);
  return document;
}

}  // namespace

LabelDocument label_document(std::string_view id, const Wording& words, Language language) {
  return {std::string{id}, std::string{words.in(language)}, both(words)};
}

Answered<EligibilityQuestionListDocument> eligibility_questions(Call& call) {
  EligibilityQuestionListDocument document;
  document.version = eligibility_version;
  for (const RuleText& row : eligibility_rules()) {
    EligibilityQuestionDocument& question = document.items.emplace_back();
    question.id = to_text(row.rule);
    question.member = row.member;
    title(question, row.question, call.language());
    question.qualifies = both(row.qualifies);
    question.refusal = both(row.refusal);
    events::for_each(events::shape<EligibilityAnswers>, [&](const auto& field) {
      using Member = typename std::remove_cvref_t<decltype(field)>::member_type;
      if (field.name == row.member) describe_answer<unwrapped<Member>>(question, call.language());
    });
  }
  return document;
}

Answered<QuestionListDocument> profile_questions(Call& call) {
  const auto kind = parse_enum<ProfileKind>(call.path.find("kind")->second);
  if (!kind || *kind == ProfileKind::application) return refused(Reason::route_not_found);
  return question_list({*kind, ""}, call.language());
}

Answered<QuestionListDocument> application_profile_questions(Call& call) {
  const std::string& line = call.path.find("line")->second;
  if (!parse_enum<LineOfBusiness>(line)) return refused(Reason::route_not_found);
  return question_list({ProfileKind::application, line}, call.language());
}

Answered<ListPage<TermsTextDocument>> all_terms(Call& call) {
  ListPage<TermsTextDocument> page;
  for (std::size_t i = 0; i < enum_names<Terms>.size(); ++i)
    page.items.push_back(terms_document(static_cast<Terms>(i), call));
  return page;
}

Answered<ListPage<TermsTextDocument>> attestations(Call& call) {
  return mapped(all_terms(call), [](ListPage<TermsTextDocument> page) {
    std::erase_if(page.items, [](const TermsTextDocument& each) { return !each.attested; });
    return page;
  });
}

Answered<TermsTextDocument> terms_in_force(Call& call) {
  const auto terms = parse_enum<Terms>(call.path.find("terms")->second);
  if (!terms) return refused(Reason::route_not_found);
  return terms_document(*terms, call);
}

Answered<PermissionListDocument> permissions_by_role(Call& call) {
  PermissionListDocument document;
  document.roles = labels<Role>(call.language());
  for (const Permission& row : permissions) {
    PermissionDocument& permission = document.items.emplace_back();
    permission.id = row.action;
    title(permission, words_of_value(row.action), call.language());
    for (std::size_t i = 0; i < row.allowed.size(); ++i)
      if (row.allowed[i]) permission.roles.push_back(static_cast<Role>(i));
  }
  return document;
}

Answered<ListPage<EventTypeDocument>> event_types(Call& call) {
  ListPage<EventTypeDocument> page;
  events::for_each_row([&](const auto& row) {
    EventTypeDocument& document = page.items.emplace_back();
    document.id = row.name;
    document.version = row.version;
    if (const Wording* words = sentence_of(row.name)) {
      document.title = words->in(call.language());
      document.titles = both(*words);
    }
    events::for_each(row.fields, [&](const auto& field) {
      document.fields.push_back({std::string{field.name}, field.is_personal});
    });
  });
  return page;
}

Answered<ListPage<EnumerationDocument>> enumerations(Call& call) {
  ListPage<EnumerationDocument> page;
  for (const auto& [name, choices] : choice_components()) {
    EnumerationDocument& document = page.items.emplace_back();
    document.id = name;
    for (std::size_t i = 0; i < choices.names.size(); ++i) {
      const Wording words = choices.label ? choices.label(i) : words_of(choices.names[i]);
      document.values.push_back(label_document(choices.names[i], words, call.language()));
    }
  }
  return page;
}

Answered<ListPage<ReasonDocument>> problems(Call& call) {
  ListPage<ReasonDocument> page;
  for (const Reason reason : every_reason()) page.items.push_back(reason_document(reason, call.language()));
  return page;
}

Answered<ReasonDocument> one_problem(Call& call) {
  const auto reasons = every_reason();
  const auto found = std::ranges::find(reasons, call.path.find("code")->second,
                                       [](Reason reason) { return to_text(reason); });
  if (found == reasons.end()) return refused(Reason::route_not_found);
  return reason_document(*found, call.language());
}

}  // namespace ttp::http
