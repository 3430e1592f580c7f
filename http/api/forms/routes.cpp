// The rows of what forms are built from. Nothing here is secret, so anybody may ask and any cache may keep
// it.
#include "http/api/forms/queries.hpp"
#include "http/api/rows.hpp"

namespace ttp::http {
namespace {

/// A document that changes with a release or a day, in the language that the request asks for.
template <class Doc>
Route form(std::string_view path_template, std::string_view summary, Answered<Doc> (*answer)(Call&)) {
  Route route = at_once(query<Doc>(path_template, "Forms", summary, anyone(), answer));
  // A form is built from a table as a whole.
  route.parameters.clear();
  route.answer = [answer](Call& call, const Json*) -> Answered<Response> {
    return mapped(answer(call), [&](const Doc& document) {
      Response response = document_response(document);
      response.headers.emplace_back("Cache-Control", "public, max-age=300");
      response.headers.emplace_back("Content-Language", std::string{domain::to_text(call.language())});
      response.headers.emplace_back("Vary", "Accept-Language");
      return response;
    });
  };
  return route;
}

}  // namespace

// clang-format off
std::vector<Route> forms_routes() {
  std::vector<Route> rows;
  const auto add = [&](Route route) { rows.push_back(std::move(route)); };

  add(form<EligibilityQuestionListDocument>("/v1/eligibility-questions", "The questions that decide who can enrol", &eligibility_questions));
  add(called("listProfileQuestions", form<QuestionListDocument>("/v1/profile-questions/{kind}", "Questions of the company or the security profile", &profile_questions)));
  add(called("listApplicationProfileQuestions", form<QuestionListDocument>("/v1/profile-questions/application/{line}", "Questions of a line of business's application profile", &application_profile_questions)));
  add(form<ListPage<TermsTextDocument>>("/v1/terms", "The terms in force, and the words that an owner attests", &all_terms));
  add(form<TermsTextDocument>("/v1/terms/{terms}", "Terms in force: portal, mail_factor, programme or signing_authority (what an owner attests)", &terms_in_force));
  add(form<ListPage<TermsTextDocument>>("/v1/attestations", "The words that an owner attests", &attestations));
  add(form<PermissionListDocument>("/v1/permissions", "What each role may do in an account", &permissions_by_role));
  add(form<ListPage<EventTypeDocument>>("/v1/event-types", "The kinds of events of the history, and their fields", &event_types));
  add(form<ListPage<EnumerationDocument>>("/v1/enumerations", "The choices of each enumeration, as people read them", &enumerations));
  add(called("listProblems", form<ListPage<ReasonDocument>>("/problems", "Every reason for a refusal", &problems)));
  add(called("getProblem", form<ReasonDocument>("/problems/{code}", "One reason for a refusal", &one_problem)));
  return rows;
}
// clang-format on

}  // namespace ttp::http
