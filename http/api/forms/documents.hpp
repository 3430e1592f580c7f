// Documents from which a client builds its forms: questions, terms, permissions, event types, problem codes
// and the labels of every choice. Each is made from the one table that the service itself works with.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "domain/permissions.hpp"
#include "domain/questions.hpp"
#include "domain/terms.hpp"
#include "http/api/documents.hpp"

namespace ttp::http {

/// A choice as it is sent and stored, and as people read it.
struct LabelDocument {
  std::string id;
  std::string title;
  Bilingual titles;
};
struct EnumerationDocument {
  std::string id;
  std::vector<LabelDocument> values;
};

struct QuestionDocument {
  std::string id;
  domain::Area area{};
  domain::AnswerType type{};
  bool required = true;
  std::optional<std::uint64_t> max_length;  ///< of a text, in code points
  std::optional<std::uint64_t> min, max;    ///< of a number
  std::string title;
  Bilingual titles;
  std::vector<LabelDocument> choices;
};
struct QuestionListDocument {
  std::uint32_t version = 0;
  std::vector<LabelDocument> areas;
  std::vector<QuestionDocument> items;
};

/// A rule and the question that decides it. `member` is the answer's member in the enrolment; several rules
/// may ask the same one. `multiple`: the answer is a list of choices.
struct EligibilityQuestionDocument {
  std::string id;
  std::string member;
  domain::AnswerType type{};
  bool multiple = false;
  std::optional<std::uint64_t> max_length;
  std::vector<LabelDocument> choices;
  std::string title;
  Bilingual titles;
  Bilingual qualifies;  ///< the answers that qualify
  Bilingual refusal;    ///< what is told when the answers do not
};
struct EligibilityQuestionListDocument {
  std::uint32_t version = 0;
  std::vector<EligibilityQuestionDocument> items;
};

/// `attested`: the words are attested, in a member of this name, and not only accepted.
struct TermsTextDocument {
  domain::Terms id{};
  bool attested = false;
  std::uint32_t version = 0;
  std::string effective_on;
  std::string title;
  Bilingual titles;
  std::string text;
  Bilingual texts;
};

struct PermissionDocument {
  domain::Action id{};
  std::string title;
  Bilingual titles;
  std::vector<domain::Role> roles;
};
/// The roles from the highest to the lowest.
struct PermissionListDocument {
  std::vector<LabelDocument> roles;
  std::vector<PermissionDocument> items;
};

struct EventFieldDocument {
  std::string name;
  bool personal = false;
};
/// `title` is that of the notification, where members are told of such events.
struct EventTypeDocument {
  std::string id;
  std::uint32_t version = 0;
  std::optional<std::string> title;
  std::optional<Bilingual> titles;
  std::vector<EventFieldDocument> fields;
};

struct ReasonDocument {
  std::string code;
  std::uint32_t status = 0;
  std::string title;
  Bilingual titles;
};

}  // namespace ttp::http

namespace ttp::events {
// clang-format off
template <> inline constexpr auto shape<http::LabelDocument> = fields<http::LabelDocument>(
    field("id", &http::LabelDocument::id),
    field("title", &http::LabelDocument::title),
    field("titles", &http::LabelDocument::titles));
template <> inline constexpr auto shape<http::EnumerationDocument> = fields<http::EnumerationDocument>(
    field("id", &http::EnumerationDocument::id),
    field("values", &http::EnumerationDocument::values));
template <> inline constexpr auto shape<http::QuestionDocument> = fields<http::QuestionDocument>(
    field("id", &http::QuestionDocument::id),
    field("area", &http::QuestionDocument::area),
    field("type", &http::QuestionDocument::type),
    field("required", &http::QuestionDocument::required),
    field("max_length", &http::QuestionDocument::max_length),
    field("min", &http::QuestionDocument::min),
    field("max", &http::QuestionDocument::max),
    field("title", &http::QuestionDocument::title),
    field("titles", &http::QuestionDocument::titles),
    field("choices", &http::QuestionDocument::choices));
template <> inline constexpr auto shape<http::QuestionListDocument> = fields<http::QuestionListDocument>(
    field("version", &http::QuestionListDocument::version),
    field("areas", &http::QuestionListDocument::areas),
    field("items", &http::QuestionListDocument::items));
template <> inline constexpr auto shape<http::EligibilityQuestionDocument> = fields<http::EligibilityQuestionDocument>(
    field("id", &http::EligibilityQuestionDocument::id),
    field("member", &http::EligibilityQuestionDocument::member),
    field("type", &http::EligibilityQuestionDocument::type),
    field("multiple", &http::EligibilityQuestionDocument::multiple),
    field("max_length", &http::EligibilityQuestionDocument::max_length),
    field("choices", &http::EligibilityQuestionDocument::choices),
    field("title", &http::EligibilityQuestionDocument::title),
    field("titles", &http::EligibilityQuestionDocument::titles),
    field("qualifies", &http::EligibilityQuestionDocument::qualifies),
    field("refusal", &http::EligibilityQuestionDocument::refusal));
template <> inline constexpr auto shape<http::EligibilityQuestionListDocument> = fields<http::EligibilityQuestionListDocument>(
    field("version", &http::EligibilityQuestionListDocument::version),
    field("items", &http::EligibilityQuestionListDocument::items));
template <> inline constexpr auto shape<http::TermsTextDocument> = fields<http::TermsTextDocument>(
    field("id", &http::TermsTextDocument::id),
    field("attested", &http::TermsTextDocument::attested),
    field("version", &http::TermsTextDocument::version),
    field("effective_on", &http::TermsTextDocument::effective_on),
    field("title", &http::TermsTextDocument::title),
    field("titles", &http::TermsTextDocument::titles),
    field("text", &http::TermsTextDocument::text),
    field("texts", &http::TermsTextDocument::texts));
template <> inline constexpr auto shape<http::PermissionDocument> = fields<http::PermissionDocument>(
    field("id", &http::PermissionDocument::id),
    field("title", &http::PermissionDocument::title),
    field("titles", &http::PermissionDocument::titles),
    field("roles", &http::PermissionDocument::roles));
template <> inline constexpr auto shape<http::PermissionListDocument> = fields<http::PermissionListDocument>(
    field("roles", &http::PermissionListDocument::roles),
    field("items", &http::PermissionListDocument::items));
template <> inline constexpr auto shape<http::EventFieldDocument> = fields<http::EventFieldDocument>(
    field("name", &http::EventFieldDocument::name), field("personal", &http::EventFieldDocument::personal));
template <> inline constexpr auto shape<http::EventTypeDocument> = fields<http::EventTypeDocument>(
    field("id", &http::EventTypeDocument::id),
    field("version", &http::EventTypeDocument::version),
    field("title", &http::EventTypeDocument::title),
    field("titles", &http::EventTypeDocument::titles),
    field("fields", &http::EventTypeDocument::fields));
template <> inline constexpr auto shape<http::ReasonDocument> = fields<http::ReasonDocument>(
    field("code", &http::ReasonDocument::code),
    field("status", &http::ReasonDocument::status),
    field("title", &http::ReasonDocument::title),
    field("titles", &http::ReasonDocument::titles));
// clang-format on
}  // namespace ttp::events
