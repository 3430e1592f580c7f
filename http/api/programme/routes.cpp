// The rows of profiles, submissions and the membership (SPEC 3.8, 3.9).
#include "http/api/programme/queries.hpp"
#include "http/api/rows.hpp"

namespace ttp::http {
namespace {

using namespace domain;

template <class C>
auto company_profile_of() {
  return from_memory<C>([](C& command, const Call&) { command.profile = {ProfileKind::company, ""}; });
}
template <class C>
auto application_profile_of() {
  return from_memory<C>([](C& command, const Call& call) {
    command.profile = {ProfileKind::application, call.path.find("line")->second};
  });
}

/// The security profile that the path names; a key that no site can have is at fault.
template <class C>
struct SiteOfPath {
  static constexpr bool looks_up = false;
  void fill(C& command, const Call& call, const Json*, Faults& faults) const {
    const auto site = SiteKey::parse(call.path.find("site")->second);
    if (!site) {
      faults.push_back({"", site.error().reason, site.error().details, "site"});
      return;
    }
    command.profile = {ProfileKind::security, site->text()};
  }
  void describe(Route& route) const {
    route.parameters.push_back({"site", "path", schema_of<SiteKey>(), "The site's identifier"});
  }
};

/// Its answer's ETag is what If-Match of PUT, PATCH and DELETE names.
Route overwriting(Route route) {
  return refusing_for({Reason::precondition_required, Reason::version_differs}, std::move(route));
}
Route for_a_line(Route route) {
  route.parameters.push_back({"line", "path", schema_of<LineOfBusiness>(), "Line of business"});
  return route;
}

}  // namespace

// clang-format off
std::vector<Route> programme_routes() {
  std::vector<Route> rows;
  const auto add = [&](Route route) { rows.push_back(std::move(route)); };

  add(query<ListPage<ProfileDocument>>("/v1/accounts/{account}/profiles", "Profiles", "All profiles with what is missing", signed_in(), &account_profiles));
  add(called("getCompanyProfile", query<ProfileDocument>("/v1/accounts/{account}/profiles/company", "Profiles", "The company profile", signed_in(), &company_profile)));
  add(called("getApplicationProfile", query<ProfileDocument>("/v1/accounts/{account}/profiles/application/{line}", "Profiles", "The application profile of a line of business", signed_in(), &application_profile)));
  add(called("getSecurityProfile", query<ProfileDocument>("/v1/accounts/{account}/profiles/security/{site}", "Profiles", "The security profile of a site", signed_in(), &security_profile)));
  add(called("saveCompanyProfile", overwriting(command<SaveProfile>("PUT", "/v1/accounts/{account}/profiles/company", "Profiles", "Save the company profile's draft whole", signed_in(), 200,
      path("account", &SaveProfile::account), company_profile_of<SaveProfile>(), body("answers", &SaveProfile::answers), body("company", &SaveProfile::company)))));
  add(called("saveApplicationProfile", overwriting(for_a_line(command<SaveProfile>("PUT", "/v1/accounts/{account}/profiles/application/{line}", "Profiles", "Save an application profile's draft whole", signed_in(), 200,
      path("account", &SaveProfile::account), application_profile_of<SaveProfile>(), body("answers", &SaveProfile::answers))))));
  add(called("saveSecurityProfile", overwriting(command<SaveProfile>("PUT", "/v1/accounts/{account}/profiles/security/{site}", "Profiles", "Save a security profile's draft whole", signed_in(), 200,
      path("account", &SaveProfile::account), SiteOfPath<SaveProfile>{}, body("answers", &SaveProfile::answers), body("name", &SaveProfile::name)))));
  add(called("changeCompanyProfile", command<ChangeProfile>("PATCH", "/v1/accounts/{account}/profiles/company", "Profiles", "Change the company profile's draft answer by answer; null clears", signed_in(), 200,
      path("account", &ChangeProfile::account), company_profile_of<ChangeProfile>(), body("answers", &ChangeProfile::answers), body("company", &ChangeProfile::company))));
  add(called("changeApplicationProfile", for_a_line(command<ChangeProfile>("PATCH", "/v1/accounts/{account}/profiles/application/{line}", "Profiles", "Change an application profile's draft answer by answer; null clears", signed_in(), 200,
      path("account", &ChangeProfile::account), application_profile_of<ChangeProfile>(), body("answers", &ChangeProfile::answers)))));
  add(called("changeSecurityProfile", command<ChangeProfile>("PATCH", "/v1/accounts/{account}/profiles/security/{site}", "Profiles", "Change a security profile's draft answer by answer; null clears", signed_in(), 200,
      path("account", &ChangeProfile::account), SiteOfPath<ChangeProfile>{}, body("answers", &ChangeProfile::answers), body("name", &ChangeProfile::name))));
  add(with_location(command<AddSecurityProfile>("POST", "/v1/accounts/{account}/profiles/security", "Profiles", "Add a site or division; the service gives it its identifier", signed_in(), 201,
      path("account", &AddSecurityProfile::account), body("name", &AddSecurityProfile::name),
      from_memory<AddSecurityProfile>([](AddSecurityProfile& command, const Call& call) { command.site = SiteKey::stored(to_text(service::fresh_uuid(call.now))); })),
      "/v1/accounts/{account}/profiles/security/{id}"));
  add(command<RemoveSecurityProfile>("DELETE", "/v1/accounts/{account}/profiles/security/{site}", "Profiles", "Remove the profile of a site that is closed", signed_in(), 200,
      path("account", &RemoveSecurityProfile::account), path("site", &RemoveSecurityProfile::site)));
  add(query<ListPage<SubmissionDocument>>("/v1/accounts/{account}/submissions", "Membership", "What was submitted and how it was decided", signed_in(), &account_submissions));
  add(query<SubmissionContentDocument>("/v1/accounts/{account}/submissions/{submission}", "Membership", "A submission: what was submitted, how it differs from what was accepted last, and the decision", signed_in(), &account_submission));
  add(with_location(command<Submit>("POST", "/v1/accounts/{account}/submissions", "Membership", "Submit the application, or changes", signed_in(), 201, path("account", &Submit::account)),
      "/v1/accounts/{account}/submissions/{id}"));
  add(query<MembershipDocument>("/v1/accounts/{account}/membership", "Membership", "The membership and its dates", signed_in(), &account_membership));
  add(with_location(command<ConfirmDetails>("POST", "/v1/accounts/{account}/detail-confirmations", "Membership", "Confirm the company's details, once a year", signed_in(), 201, path("account", &ConfirmDetails::account)), "/v1/accounts/{account}/membership"));
  add(with_location(command<RequestInformalReview>("POST", "/v1/accounts/{account}/informal-reviews", "Membership", "Ask for an informal review before a refusal takes effect", signed_in(), 201,
      path("account", &RequestInformalReview::account), body("grounds", &RequestInformalReview::grounds)), "/v1/accounts/{account}/informal-reviews/{id}"));
  add(with_location(command<AppealCancellation>("POST", "/v1/accounts/{account}/appeals", "Membership", "Appeal a cancellation within 30 days", signed_in(), 201,
      path("account", &AppealCancellation::account), body("grounds", &AppealCancellation::grounds)), "/v1/accounts/{account}/appeals/{id}"));
  add(query<ListPage<InformalReviewDocument>>("/v1/accounts/{account}/informal-reviews", "Membership", "The informal reviews, with grounds and answers", signed_in(), &account_informal_reviews));
  add(query<InformalReviewDocument>("/v1/accounts/{account}/informal-reviews/{informal_review}", "Membership", "An informal review: grounds, answer and outcome", signed_in(), &account_informal_review));
  add(query<ListPage<AppealDocument>>("/v1/accounts/{account}/appeals", "Membership", "The appeals, with grounds and answers", signed_in(), &account_appeals));
  add(query<AppealDocument>("/v1/accounts/{account}/appeals/{appeal}", "Membership", "An appeal: grounds, answer and outcome", signed_in(), &account_appeal));
  return rows;
}
// clang-format on

}  // namespace ttp::http
