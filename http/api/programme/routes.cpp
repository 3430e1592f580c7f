// The rows of profiles, submissions and the membership (SPEC 3.8, 3.9).
#include "http/api/programme/queries.hpp"
#include "http/api/rows.hpp"

namespace ttp::http {
namespace {

using namespace domain;

template <class C>
auto profile_of(ProfileKind kind, const std::string& key = "") {
  return from_memory<C>([kind, key](C& command, const Call& call) {
    command.profile = {kind, key.empty() ? "" : call.path.find(key)->second};
  });
}

}  // namespace

// clang-format off
std::vector<Route> programme_routes() {
  std::vector<Route> rows;
  const auto add = [&](Route route) { rows.push_back(std::move(route)); };

  add(at_once(query<ListPage<QuestionDocument>>("/v1/profile-questions/{kind}", "Profiles", "Questions of the company or the security profile", anyone(), &profile_questions)));
  add(at_once(query<ListPage<QuestionDocument>>("/v1/profile-questions/application/{line}", "Profiles", "Questions of a line of business's application profile", anyone(), &application_profile_questions)));
  add(query<ListPage<ProfileDocument>>("/v1/accounts/{account}/profiles", "Profiles", "All profiles with what is missing", signed_in(), &account_profiles));
  add(query<ProfileDocument>("/v1/accounts/{account}/profiles/company", "Profiles", "The company profile", signed_in(), &company_profile));
  add(query<ProfileDocument>("/v1/accounts/{account}/profiles/application/{line}", "Profiles", "The application profile of a line of business", signed_in(), &application_profile));
  add(query<ProfileDocument>("/v1/accounts/{account}/profiles/security/{site}", "Profiles", "The security profile of a site", signed_in(), &security_profile));
  add(command<SaveProfile>("PUT", "/v1/accounts/{account}/profiles/company", "Profiles", "Save the company profile's draft", signed_in(), 200,
      path("account", &SaveProfile::account), profile_of<SaveProfile>(ProfileKind::company), body("answers", &SaveProfile::answers)));
  Route application = command<SaveProfile>("PUT", "/v1/accounts/{account}/profiles/application/{line}", "Profiles", "Save an application profile's draft", signed_in(), 200,
      path("account", &SaveProfile::account), profile_of<SaveProfile>(ProfileKind::application, "line"), body("answers", &SaveProfile::answers));
  application.parameters.push_back({"line", "path", schema_of<LineOfBusiness>(), "Line of business"});
  add(application);
  Route security = command<SaveProfile>("PUT", "/v1/accounts/{account}/profiles/security/{site}", "Profiles", "Save a security profile's draft", signed_in(), 200,
      path("account", &SaveProfile::account), from_memory<SaveProfile>(&security_profile_of), body("answers", &SaveProfile::answers));
  security.parameters.push_back({"site", "path", schema_of<SiteName>(), "Name of the site or division"});
  add(security);
  add(command<RemoveSecurityProfile>("DELETE", "/v1/accounts/{account}/profiles/security/{site}", "Profiles", "Remove the profile of a site that is closed", signed_in(), 200,
      path("account", &RemoveSecurityProfile::account), path("site", &RemoveSecurityProfile::site)));
  add(query<ListPage<SubmissionDocument>>("/v1/accounts/{account}/submissions", "Membership", "What was submitted and how it was decided", signed_in(), &account_submissions));
  add(command<Submit>("POST", "/v1/accounts/{account}/submissions", "Membership", "Submit the application, or changes", signed_in(), 201, path("account", &Submit::account)));
  add(query<MembershipDocument>("/v1/accounts/{account}/membership", "Membership", "The membership and its dates", signed_in(), &account_membership));
  add(command<ConfirmDetails>("POST", "/v1/accounts/{account}/detail-confirmations", "Membership", "Confirm the company's details, once a year", signed_in(), 201, path("account", &ConfirmDetails::account)));
  add(command<RequestInformalReview>("POST", "/v1/accounts/{account}/informal-reviews", "Membership", "Ask for an informal review before a refusal takes effect", signed_in(), 201,
      path("account", &RequestInformalReview::account), body("grounds", &RequestInformalReview::grounds)));
  add(command<AppealCancellation>("POST", "/v1/accounts/{account}/appeals", "Membership", "Appeal a cancellation within 30 days", signed_in(), 201,
      path("account", &AppealCancellation::account), body("grounds", &AppealCancellation::grounds)));
  return rows;
}
// clang-format on

}  // namespace ttp::http
