// Documents of profiles, submissions and the membership, made from states.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "domain/programme.hpp"
#include "http/api/documents.hpp"

namespace ttp::http {

/// `version` is what If-Match names; 0: nothing was saved in it yet. `company` is of the company's profile.
struct ProfileDocument {
  std::string id;  ///< `company`, the line of business, or the site's identifier
  domain::ProfileKind kind{};
  std::optional<domain::SiteName> name;
  std::uint32_t version = 0;
  std::uint32_t percent = 0;
  std::vector<std::string> missing;
  std::optional<domain::CompanyData> company;
  domain::Answers answers;
};

struct SubmissionDocument {
  domain::SubmissionId id;
  domain::SubmissionKind kind{};
  domain::SubmissionState state{};
  domain::UserId submitted_by_id;
  domain::Time submitted_at;
  std::optional<domain::Time> decided_at;
  std::optional<domain::Remark> remarks;
};

/// One profile as a submission holds it.
struct SubmittedProfileDocument {
  std::string id;
  domain::ProfileKind kind{};
  std::optional<domain::SiteName> name;
  std::uint32_t version = 0;
  domain::Answers answers;
};
/// A difference from the submission that was accepted last. `member` is a question's id, a member of the
/// company's data, or the name of a site.
struct SubmittedChangeDocument {
  std::string profile_id;
  domain::ProfileKind kind{};
  std::string member;
  std::optional<AnyJson> before;
  std::optional<AnyJson> after;
};
/// A submission with its content.
struct SubmissionContentDocument {
  domain::SubmissionId id;
  domain::SubmissionKind kind{};
  domain::SubmissionState state{};
  domain::UserId submitted_by_id;
  domain::Time submitted_at;
  std::optional<domain::Time> decided_at;
  std::optional<domain::Remark> remarks;
  std::optional<domain::CompanyData> company;
  std::vector<SubmittedProfileDocument> profiles;
  std::optional<domain::SubmissionId> compared_with_id;
  std::vector<SubmittedChangeDocument> changes;
};

struct StatusChangeDocument {
  domain::MembershipStatus status{};
  domain::Time status_at;
  std::optional<domain::Remark> status_reason;
};
enum class ReviewOutcome : std::uint8_t { refusal_stands, reopened };
struct InformalReviewDocument {
  domain::Uuid id;
  domain::SubmissionId submission_id;
  domain::UserId requested_by_id;
  domain::Time requested_at;
  std::optional<domain::Remark> grounds;
  std::optional<ReviewOutcome> outcome;
  std::optional<domain::Remark> answer;
  std::optional<domain::Time> answered_at;
};
enum class AppealOutcome : std::uint8_t { reinstated, denied };
struct AppealDocument {
  domain::Uuid id;
  domain::UserId appealed_by_id;
  domain::Time appealed_at;
  std::optional<domain::Remark> grounds;
  std::optional<AppealOutcome> outcome;
  std::optional<domain::Remark> answer;
  std::optional<domain::Time> answered_at;
};

/// `statuses` lists every status, oldest first; `status`, `status_at` and `status_reason` are the last one's.
struct MembershipDocument {
  domain::AccountId account_id;
  domain::MembershipStatus status{};
  std::optional<domain::Time> status_at;
  std::optional<domain::Remark> status_reason;
  std::vector<StatusChangeDocument> statuses;
  std::optional<domain::Time> became_member_at;
  std::optional<domain::Time> refusal_effective_at;
  bool informal_review_open = false;
  std::vector<InformalReviewDocument> informal_reviews;
  std::optional<domain::Time> cancelled_at;
  std::optional<domain::Time> appeal_ends_at;
  bool appeal_open = false;
  std::vector<AppealDocument> appeals;
  std::optional<domain::Time> details_confirmed_at;
  bool confirmation_overdue = false;
  std::optional<domain::Time> revalidation_due_at;
  bool revalidation_overdue = false;
  std::optional<domain::SubmissionId> accepted_submission_id;
  std::uint32_t profiles_percent = 0;
  std::vector<OpenAction> actions;
};

/// The last part of a profile's address.
std::string profile_id(const domain::ProfileRef& ref);
std::vector<ProfileDocument> profile_documents(const domain::Account& account,
                                               const domain::Programme& programme);
/// The profiles as they were accepted last.
std::vector<ProfileDocument> accepted_profile_documents(const domain::Programme& programme);
std::vector<SubmissionDocument> submission_documents(const domain::Programme& programme);
std::vector<InformalReviewDocument> informal_review_documents(const domain::Programme& programme);
std::vector<AppealDocument> appeal_documents(const domain::Programme& programme);
SubmissionContentDocument submission_content_document(const domain::Programme& programme,
                                                      const domain::Submission& submission);
MembershipDocument membership_document(const service::StateSource& states, const domain::Account& account,
                                       const domain::Programme& programme, const domain::User& caller);

}  // namespace ttp::http

namespace ttp::domain {
template <>
inline constexpr std::array<Names, 2> enum_names<http::ReviewOutcome>{"refusal_stands", "reopened"};
template <>
inline constexpr std::array<Names, 2> enum_names<http::AppealOutcome>{"reinstated", "denied"};
}  // namespace ttp::domain

namespace ttp::events {
// clang-format off
template <> inline constexpr auto shape<http::ProfileDocument> = fields<http::ProfileDocument>(
    field("id", &http::ProfileDocument::id),
    field("kind", &http::ProfileDocument::kind),
    field("name", &http::ProfileDocument::name),
    field("version", &http::ProfileDocument::version),
    field("percent", &http::ProfileDocument::percent),
    field("missing", &http::ProfileDocument::missing),
    field("company", &http::ProfileDocument::company),
    field("answers", &http::ProfileDocument::answers));
template <> inline constexpr auto shape<http::SubmissionDocument> = fields<http::SubmissionDocument>(
    field("id", &http::SubmissionDocument::id),
    field("kind", &http::SubmissionDocument::kind),
    field("state", &http::SubmissionDocument::state),
    field("submitted_by_id", &http::SubmissionDocument::submitted_by_id),
    field("submitted_at", &http::SubmissionDocument::submitted_at),
    field("decided_at", &http::SubmissionDocument::decided_at),
    field("remarks", &http::SubmissionDocument::remarks));
template <> inline constexpr auto shape<http::SubmittedProfileDocument> = fields<http::SubmittedProfileDocument>(
    field("id", &http::SubmittedProfileDocument::id),
    field("kind", &http::SubmittedProfileDocument::kind),
    field("name", &http::SubmittedProfileDocument::name),
    field("version", &http::SubmittedProfileDocument::version),
    field("answers", &http::SubmittedProfileDocument::answers));
template <> inline constexpr auto shape<http::SubmittedChangeDocument> = fields<http::SubmittedChangeDocument>(
    field("profile_id", &http::SubmittedChangeDocument::profile_id),
    field("kind", &http::SubmittedChangeDocument::kind),
    field("member", &http::SubmittedChangeDocument::member),
    field("before", &http::SubmittedChangeDocument::before),
    field("after", &http::SubmittedChangeDocument::after));
template <> inline constexpr auto shape<http::SubmissionContentDocument> = fields<http::SubmissionContentDocument>(
    field("id", &http::SubmissionContentDocument::id),
    field("kind", &http::SubmissionContentDocument::kind),
    field("state", &http::SubmissionContentDocument::state),
    field("submitted_by_id", &http::SubmissionContentDocument::submitted_by_id),
    field("submitted_at", &http::SubmissionContentDocument::submitted_at),
    field("decided_at", &http::SubmissionContentDocument::decided_at),
    field("remarks", &http::SubmissionContentDocument::remarks),
    field("company", &http::SubmissionContentDocument::company),
    field("profiles", &http::SubmissionContentDocument::profiles),
    field("compared_with_id", &http::SubmissionContentDocument::compared_with_id),
    field("changes", &http::SubmissionContentDocument::changes));
template <> inline constexpr auto shape<http::StatusChangeDocument> = fields<http::StatusChangeDocument>(
    field("status", &http::StatusChangeDocument::status),
    field("status_at", &http::StatusChangeDocument::status_at),
    field("status_reason", &http::StatusChangeDocument::status_reason));
template <> inline constexpr auto shape<http::InformalReviewDocument> = fields<http::InformalReviewDocument>(
    field("id", &http::InformalReviewDocument::id),
    field("submission_id", &http::InformalReviewDocument::submission_id),
    field("requested_by_id", &http::InformalReviewDocument::requested_by_id),
    field("requested_at", &http::InformalReviewDocument::requested_at),
    field("grounds", &http::InformalReviewDocument::grounds),
    field("outcome", &http::InformalReviewDocument::outcome),
    field("answer", &http::InformalReviewDocument::answer),
    field("answered_at", &http::InformalReviewDocument::answered_at));
template <> inline constexpr auto shape<http::AppealDocument> = fields<http::AppealDocument>(
    field("id", &http::AppealDocument::id),
    field("appealed_by_id", &http::AppealDocument::appealed_by_id),
    field("appealed_at", &http::AppealDocument::appealed_at),
    field("grounds", &http::AppealDocument::grounds),
    field("outcome", &http::AppealDocument::outcome),
    field("answer", &http::AppealDocument::answer),
    field("answered_at", &http::AppealDocument::answered_at));
template <> inline constexpr auto shape<http::MembershipDocument> = fields<http::MembershipDocument>(
    field("account_id", &http::MembershipDocument::account_id),
    field("status", &http::MembershipDocument::status),
    field("status_at", &http::MembershipDocument::status_at),
    field("status_reason", &http::MembershipDocument::status_reason),
    field("statuses", &http::MembershipDocument::statuses),
    field("became_member_at", &http::MembershipDocument::became_member_at),
    field("refusal_effective_at", &http::MembershipDocument::refusal_effective_at),
    field("informal_review_open", &http::MembershipDocument::informal_review_open),
    field("informal_reviews", &http::MembershipDocument::informal_reviews),
    field("cancelled_at", &http::MembershipDocument::cancelled_at),
    field("appeal_ends_at", &http::MembershipDocument::appeal_ends_at),
    field("appeal_open", &http::MembershipDocument::appeal_open),
    field("appeals", &http::MembershipDocument::appeals),
    field("details_confirmed_at", &http::MembershipDocument::details_confirmed_at),
    field("confirmation_overdue", &http::MembershipDocument::confirmation_overdue),
    field("revalidation_due_at", &http::MembershipDocument::revalidation_due_at),
    field("revalidation_overdue", &http::MembershipDocument::revalidation_overdue),
    field("accepted_submission_id", &http::MembershipDocument::accepted_submission_id),
    field("profiles_percent", &http::MembershipDocument::profiles_percent),
    field("actions", &http::MembershipDocument::actions));
// clang-format on
}  // namespace ttp::events
