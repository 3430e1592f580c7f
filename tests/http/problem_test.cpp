// Problem documents: every reason has its status and two sentences, and a document states the fault, its
// location and the time of a retry in the reader's language.
#include "http/api/problem.hpp"

#include <array>
#include <set>

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include "domain/decision.hpp"
#include "http/api/language.hpp"

namespace {

using namespace ttp;
using domain::Language;
using domain::Reason;

constexpr std::array all_reasons{
#define TTP_REASON_VALUE(name) Reason::name,
    TTP_REASONS(TTP_REASON_VALUE)
#undef TTP_REASON_VALUE
};

boost::json::object parsed(const http::Response& response) {
  return boost::json::parse(response.body).as_object();
}

std::string header(const http::Response& response, std::string_view name) {
  for (const auto& [key, value] : response.headers)
    if (key == name) return value;
  return {};
}

TEST(Problem, every_reason_has_two_different_sentences_and_a_status_of_a_refusal) {
  std::set<std::string_view> seen;
  for (const Reason reason : all_reasons) {
    const auto text = http::problem_text(reason);
    const auto code = domain::to_text(reason);
    EXPECT_TRUE(text.en.ends_with('.') && text.fr.ends_with('.')) << code;
    EXPECT_NE(text.en, text.fr) << code;
    EXPECT_TRUE(text.status >= 400 && text.status < 600) << code;
    EXPECT_TRUE(seen.insert(text.en).second) << code << " says what another reason says";
  }
}

TEST(Problem, a_document_names_the_code_the_fields_and_the_request) {
  const domain::Refusal refusal{
      Reason::forbidden_characters, {{"/password", Reason::forbidden_characters, {"<", "\""}}}, {}, {}};
  const auto response = http::problem(refusal, Language::fr, "req-1", "/v1/credentials");
  const auto document = parsed(response);
  EXPECT_EQ(response.status, 422);
  EXPECT_EQ(header(response, "Content-Type"), "application/problem+json; charset=utf-8");
  EXPECT_EQ(header(response, "Content-Language"), "fr");
  EXPECT_EQ(document.at("type"), "/problems/forbidden_characters");
  EXPECT_EQ(document.at("code"), "forbidden_characters");
  EXPECT_EQ(document.at("status"), 422);
  EXPECT_EQ(document.at("request_id"), "req-1");
  EXPECT_EQ(document.at("instance"), "/v1/credentials");
  EXPECT_EQ(document.at("title"), document.at("titles").as_object().at("fr"));
  const auto& error = document.at("errors").as_array().at(0).as_object();
  EXPECT_EQ(error.at("pointer"), "/password");
  EXPECT_EQ(error.at("details").as_array().at(1), "\"");
}

TEST(Problem, a_retry_time_is_rounded_up_to_whole_seconds) {
  const domain::Time now{std::chrono::milliseconds{1'800'000'000'000}};
  const auto after = [&](domain::Duration wait) {
    return header(
        http::problem(domain::why_until(Reason::too_many_attempts, now + wait), Language::en, "r", "/", now),
        "Retry-After");
  };
  EXPECT_EQ(after(domain::Duration{1}), "1");
  EXPECT_EQ(after(domain::Duration{30'000}), "30");
  EXPECT_EQ(after(domain::Duration{30'001}), "31");
  EXPECT_EQ(after(domain::Duration{-5}), "1");
}

TEST(Problem, the_problem_of_an_ineligible_company_states_each_rule_in_words) {
  const domain::Refusal refusal{Reason::not_eligible, {}, {"solvent"}, {}};
  const auto document = parsed(http::problem(refusal, Language::en, "r", "/"));
  EXPECT_EQ(document.at("details").as_array().at(0), "solvent") << "details are texts, as of every problem";
  const auto& rule = document.at("errors").as_array().at(0).as_object();
  EXPECT_EQ(rule.at("pointer"), "/eligibility/solvent");
  EXPECT_NE(rule.at("title"), document.at("title"));
}

TEST(Problem, hostile_details_stay_inside_their_strings) {
  const domain::Refusal refusal{
      Reason::unknown_member, {{"/a\"},{\n\x01", Reason::unknown_member, {"\\"}}}, {}, {}};
  const auto document = parsed(http::problem(refusal, Language::en, "r", "/"));
  EXPECT_EQ(document.at("errors").as_array().at(0).as_object().at("pointer"), "/a\"},{\n\x01");
}

TEST(Problem, the_catalogue_has_every_code_once) {
  EXPECT_EQ(http::every_reason().size(), all_reasons.size());
}

TEST(Language, the_client_chooses_and_english_is_the_default) {
  const auto chosen = [](std::string_view header) { return http::negotiate(header); };
  EXPECT_EQ(http::negotiate(std::nullopt), Language::en);
  for (const std::string_view french : {"fr", "fr-CA", "FR-ca", "fr-CA, en;q=0.8", "en;q=0.3, fr;q=0.4",
                                        "de, fr;q=0.1", "en;q=0, *", "fr;q=0.9,en;q=0.5,*;q=0.1"})
    EXPECT_EQ(chosen(french), Language::fr) << french;
  for (const std::string_view english :
       {"", "en", "en-CA, fr;q=0.9", "de", "*", "fr;q=0", "fr;q=nonsense", ";;,,q=1", "fr;q=0.5, en;q=0.5"})
    EXPECT_EQ(chosen(english), Language::en) << english;
}

}  // namespace
