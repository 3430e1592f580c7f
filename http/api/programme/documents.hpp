// Documents of profiles, submissions and the membership, made from states.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "domain/programme.hpp"
#include "http/api/documents.hpp"

namespace ttp::http {

struct ProfileDocument {
  domain::ProfileKind kind{};
  std::string key;
  std::uint32_t percent = 0;
  std::vector<std::string> missing;
  domain::Answers answers;
};

struct SubmissionDocument {
  domain::SubmissionId id;
  domain::SubmissionKind kind{};
  domain::SubmissionState state{};
  domain::Time submitted_at;
  std::optional<domain::Remark> remarks;
};

struct MembershipDocument {
  domain::AccountId account;
  domain::MembershipStatus status{};
  std::optional<domain::Time> member_since;
  std::optional<domain::Time> refusal_effective_at;
  bool informal_review_open = false;
  std::optional<domain::Time> cancelled_at;
  std::optional<domain::Time> appeal_until;
  bool appeal_open = false;
  std::optional<domain::Time> details_confirmed_at;
  bool confirmation_overdue = false;
  std::optional<domain::Time> revalidation_due_at;
  bool revalidation_overdue = false;
  std::uint32_t profiles_percent = 0;
  std::vector<OpenAction> actions;
};

struct ChoiceDocument {
  std::string code, en, fr;
};

struct QuestionDocument {
  std::string id;
  domain::Area area{};
  std::string en, fr;
  domain::AnswerType type{};
  bool required = true;
  std::vector<ChoiceDocument> choices;
};

std::vector<ProfileDocument> profile_documents(const domain::Account& account,
                                               const domain::Programme& programme);
std::vector<SubmissionDocument> submission_documents(const domain::Programme& programme);
MembershipDocument membership_document(const service::StateSource& states, const domain::Account& account,
                                       const domain::Programme& programme, const domain::User& caller);

}  // namespace ttp::http

namespace ttp::events {
// clang-format off
template <> inline constexpr auto shape<http::ProfileDocument> = fields<http::ProfileDocument>(
    field("kind", &http::ProfileDocument::kind),
    field("key", &http::ProfileDocument::key),
    field("percent", &http::ProfileDocument::percent),
    field("missing", &http::ProfileDocument::missing),
    field("answers", &http::ProfileDocument::answers));
template <> inline constexpr auto shape<http::SubmissionDocument> = fields<http::SubmissionDocument>(
    field("id", &http::SubmissionDocument::id),
    field("kind", &http::SubmissionDocument::kind),
    field("state", &http::SubmissionDocument::state),
    field("submitted_at", &http::SubmissionDocument::submitted_at),
    field("remarks", &http::SubmissionDocument::remarks));
template <> inline constexpr auto shape<http::MembershipDocument> = fields<http::MembershipDocument>(
    field("account", &http::MembershipDocument::account),
    field("status", &http::MembershipDocument::status),
    field("member_since", &http::MembershipDocument::member_since),
    field("refusal_effective_at", &http::MembershipDocument::refusal_effective_at),
    field("informal_review_open", &http::MembershipDocument::informal_review_open),
    field("cancelled_at", &http::MembershipDocument::cancelled_at),
    field("appeal_until", &http::MembershipDocument::appeal_until),
    field("appeal_open", &http::MembershipDocument::appeal_open),
    field("details_confirmed_at", &http::MembershipDocument::details_confirmed_at),
    field("confirmation_overdue", &http::MembershipDocument::confirmation_overdue),
    field("revalidation_due_at", &http::MembershipDocument::revalidation_due_at),
    field("revalidation_overdue", &http::MembershipDocument::revalidation_overdue),
    field("profiles_percent", &http::MembershipDocument::profiles_percent),
    field("actions", &http::MembershipDocument::actions));
template <> inline constexpr auto shape<http::ChoiceDocument> = fields<http::ChoiceDocument>(
    field("code", &http::ChoiceDocument::code),
    field("en", &http::ChoiceDocument::en),
    field("fr", &http::ChoiceDocument::fr));
template <> inline constexpr auto shape<http::QuestionDocument> = fields<http::QuestionDocument>(
    field("id", &http::QuestionDocument::id),
    field("area", &http::QuestionDocument::area),
    field("en", &http::QuestionDocument::en),
    field("fr", &http::QuestionDocument::fr),
    field("type", &http::QuestionDocument::type),
    field("required", &http::QuestionDocument::required),
    field("choices", &http::QuestionDocument::choices));
// clang-format on
}  // namespace ttp::events
