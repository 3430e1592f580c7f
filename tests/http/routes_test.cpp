// The threads that serve the routes: an I/O thread serves only routes that need nothing but memory. And what
// the OpenAPI document says about each route: its name and the reasons for which it refuses.
#include <algorithm>
#include <cstddef>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "domain/programme.hpp"
#include "http/api/operations/openapi.hpp"
#include "http/api/operations/refusals.hpp"
#include "http/api/problem.hpp"
#include "http/app.hpp"
#include "http/wire/limits.hpp"
#include "http/wire/text.hpp"
#include "service/service.hpp"

namespace ttp::http {
namespace {

/// "#/components/responses/NotNow" -> "NotNow".
std::string_view short_name_of(std::string_view reference) {
  return reference.substr(reference.rfind('/') + 1);
}

TEST(Routes, serve_at_once_only_requests_that_need_nothing_but_memory) {
  for (const Route& route : routes()) {
    if (route.runs != Runs::at_once || route.is_command) continue;
    EXPECT_EQ(route.access.who, Who::anyone) << route_name(route) << " would look its caller up";
    EXPECT_FALSE(route.keeping) << route_name(route);
  }
}

TEST(Routes, have_a_worker_where_a_member_is_looked_up) {
  std::size_t looked_up = 0;
  for (const Route& route : routes()) {
    const bool looks_up = route.path.starts_with("/v1/sign-in/") || route.path == "/v1/sessions" ||
                          route.path.starts_with("/v1/staff/letters/");
    if (!route.is_command || !looks_up || route.method == "DELETE") continue;
    ++looked_up;
    EXPECT_NE(route.runs, Runs::at_once) << route_name(route);
  }
  EXPECT_GE(looked_up, 7u);
}

TEST(Routes, have_a_name_of_their_own_in_words) {
  std::set<std::string> names;
  for (const Route& route : routes()) {
    EXPECT_THAT(route.id, testing::MatchesRegex("[a-z]+[A-Za-z0-9]*")) << route_name(route);
    EXPECT_TRUE(names.insert(route.id).second) << route.id << " names two operations";
    if (route.method != "GET") {
      EXPECT_FALSE(route.id.starts_with("get"))
          << route_name(route) << " needs a name that says what it does";
    }
  }
  for (const std::string_view known : {"enrolCompany", "listSessions", "signOut", "listAccountMembers",
                                       "saveCompanyProfile", "streamAuditEvents", "getAccount", "getOwnUser"})
    EXPECT_TRUE(names.contains(std::string{known})) << known;
}

TEST(Routes, are_described_with_a_problem_for_each_reason_that_they_have) {
  const auto document = boost::json::parse(openapi_document(true));
  const auto& components = document.at("components");
  for (const Route& route : routes()) {
    const auto& responses = document.at("paths").at(route.path).at(lower_case(route.method)).at("responses");
    for (const domain::Reason reason : reasons_of(route)) {
      const std::string status = std::to_string(problem_text(reason).status);
      ASSERT_TRUE(responses.as_object().contains(status)) << route_name(route) << ' ' << status;
      const auto* response = &responses.at(status);
      if (const auto* reference = response->as_object().if_contains("$ref"))
        response = &components.at("responses").at(short_name_of(reference->as_string()));
      const auto& content = response->at("content").at("application/problem+json");
      const std::string code{domain::to_text(reason)};
      EXPECT_TRUE(content.at("examples").as_object().contains(code)) << route_name(route) << ' ' << code;
      const auto& example = components.at("examples").at(code).at("value");
      EXPECT_EQ(example.at("code").as_string(), code);
      EXPECT_EQ(example.at("status").as_int64(), problem_text(reason).status) << code;
    }
  }
}

TEST(Routes, know_the_reasons_of_their_rules) {
  const auto of = [](std::string_view id) {
    const auto route = std::ranges::find(routes(), id, &Route::id);
    return route == routes().end() ? std::vector<domain::Reason>{} : reasons_of(*route);
  };
  using domain::Reason;
  EXPECT_THAT(of("enrolCompany"),
              testing::IsSupersetOf({Reason::not_eligible, Reason::business_number_taken,
                                     Reason::too_many_enrolments, Reason::check_digit_wrong,
                                     Reason::postal_code_elsewhere, Reason::not_signed_in}));
  EXPECT_THAT(of("enrolCompany"), testing::Not(testing::Contains(Reason::activation_refused)));
  EXPECT_THAT(of("getAccount"), testing::Not(testing::Contains(Reason::nothing_to_submit)));
  EXPECT_THAT(of("listSessions"), testing::Not(testing::Contains(Reason::outcome_unknown)));
}

/// The bytes of one answer of the greatest length, with its id; a text with each letter escaped as \u00e9.
std::size_t longest(const domain::Question& question) {
  const std::size_t answer = question.type == domain::AnswerType::text    ? 6 * question.max
                             : question.type == domain::AnswerType::email ? domain::EmailAddressKind::max
                                                                          : 64;
  return answer + question.id.size() + std::string_view{R"("":"",)"}.size();
}

TEST(BodyLimit, takes_a_whole_profile_with_the_longest_answers) {
  std::vector<domain::ProfileRef> all{{domain::ProfileKind::company, ""},
                                      {domain::ProfileKind::security, ""}};
  for (const auto line : domain::enum_names<domain::LineOfBusiness>)
    all.push_back({domain::ProfileKind::application, std::string{line}});
  constexpr std::size_t company_data = (1 + domain::operating_names_max) * (175 * 6 + 3) + 3000;
  for (const domain::ProfileRef& ref : all) {
    std::size_t bytes = ref.kind == domain::ProfileKind::company ? company_data : 1000;
    for (const domain::Question* question : domain::questions_of(ref)) bytes += longest(*question);
    EXPECT_LE(bytes, Limits{}.body_bytes_max) << domain::to_text(ref.kind) << ' ' << ref.key;
  }
}

}  // namespace
}  // namespace ttp::http
