// The threads that serve the routes: an I/O thread serves only routes that need nothing but memory. And what
// the OpenAPI document says about a route's own refusals.
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include "domain/programme.hpp"
#include "http/api/operations/openapi.hpp"
#include "http/api/problem.hpp"
#include "http/app.hpp"
#include "http/wire/limits.hpp"
#include "http/wire/text.hpp"
#include "service/service.hpp"

namespace ttp::http {
namespace {

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

TEST(Routes, are_described_with_a_problem_for_each_reason_that_they_name) {
  const auto document = boost::json::parse(openapi_document(true));
  std::size_t named = 0;
  for (const Route& route : routes()) {
    for (const domain::Reason reason : route.reasons) {
      const auto& operation = document.at("paths").at(route.path).at(lower_case(route.method));
      const auto& responses = operation.at("responses");
      const auto& response = responses.at(std::to_string(problem_text(reason).status));
      const auto& content = response.at("content").at("application/problem+json");
      const auto& example = content.at("examples").at(domain::to_text(reason)).at("value");
      EXPECT_EQ(example.at("code").as_string(), domain::to_text(reason)) << route_name(route);
      EXPECT_EQ(example.at("status").as_int64(), problem_text(reason).status) << route_name(route);
      ++named;
    }
  }
  EXPECT_GE(named, 2u) << "the two probes";
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
