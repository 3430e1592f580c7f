// Handlers of the tables that a client builds its forms from, for anybody who asks.
#pragma once

#include "http/api/forms/documents.hpp"
#include "http/api/route.hpp"

namespace ttp::http {

inline Bilingual both(const domain::Wording& words) {
  return {std::string{words.en}, std::string{words.fr}};
}
LabelDocument label_document(std::string_view id, const domain::Wording& words, domain::Language language);

Answered<EligibilityQuestionListDocument> eligibility_questions(Call&);
Answered<QuestionListDocument> profile_questions(Call&);
Answered<QuestionListDocument> application_profile_questions(Call&);
Answered<ListPage<TermsTextDocument>> all_terms(Call&);
Answered<ListPage<TermsTextDocument>> attestations(Call&);
Answered<TermsTextDocument> terms_in_force(Call&);
Answered<PermissionListDocument> permissions_by_role(Call&);
Answered<ListPage<EventTypeDocument>> event_types(Call&);
/// Every enumeration that a schema of the description names.
Answered<ListPage<EnumerationDocument>> enumerations(Call&);
Answered<ListPage<ReasonDocument>> problems(Call&);
Answered<ReasonDocument> one_problem(Call&);

}  // namespace ttp::http
