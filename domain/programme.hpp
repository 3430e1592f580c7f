// The company and the programme: its submissions, the officers' decisions, its membership and the yearly
// duties that follow from it (SPEC 3.9). Its profiles are in profiles.hpp. Each account has one such stream
// beside its own.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "domain/account.hpp"
#include "domain/decision.hpp"
#include "domain/lists.hpp"
#include "domain/profiles.hpp"
#include "domain/time.hpp"

namespace ttp::domain {

// ---- limits (SPEC 3.9; those marked ours are ours) --------------------------------------------------------

inline constexpr Duration refusal_notice = days{30};       // ours: a refusal takes effect then
inline constexpr Duration appeal_window = days{30};        // after a cancellation
inline constexpr Duration revalidation_notice = days{90};  // ours
inline constexpr int revalidation_years = 4;

// ---- words ------------------------------------------------------------------------------------------------

enum class MembershipStatus : std::uint8_t {
  none,
  applied,
  under_review,
  member,
  suspended,
  cancelled,
  refused
};
template <>
inline constexpr std::array<Names, 7> enum_names<MembershipStatus>{
    "none", "applied", "under_review", "member", "suspended", "cancelled", "refused"};

enum class SubmissionKind : std::uint8_t { application, changes };
template <>
inline constexpr std::array<Names, 2> enum_names<SubmissionKind>{"application", "changes"};

enum class SubmissionState : std::uint8_t { submitted, in_review, accepted, returned, refused };
template <>
inline constexpr std::array<Names, 5> enum_names<SubmissionState>{"submitted", "in_review", "accepted",
                                                                  "returned", "refused"};

// ---- commands ---------------------------------------------------------------------------------------------

struct Submit {
  AccountId account;
};
/// Confirms once a year that the company's details are still correct.
struct ConfirmDetails {
  AccountId account;
};
struct RequestInformalReview {
  AccountId account;
  Remark grounds;
};
struct AppealCancellation {
  AccountId account;
  Remark grounds;
};

// Commands of the programme officer.
struct BeginReview {
  AccountId account;
  SubmissionId submission;
};
struct AcceptSubmission {
  AccountId account;
  SubmissionId submission;
};
struct ReturnSubmission {
  AccountId account;
  SubmissionId submission;
  Remark remarks;
};
struct RefuseSubmission {
  AccountId account;
  SubmissionId submission;
  Remark reason;
};
struct AnswerInformalReview {
  AccountId account;
  bool upheld = true;
  Remark answer;
};
struct SuspendMembership {
  AccountId account;
  Remark reason;
};
struct ReinstateMembership {
  AccountId account;
  Remark reason;
};
struct CancelMembership {
  AccountId account;
  Remark reason;
};
struct AnswerAppeal {
  AccountId account;
  bool granted = false;
  Remark answer;
};
struct RecordRevalidation {
  AccountId account;
  Remark remarks;
};

struct LetTimePassForProgramme {
  AccountId account;
};

// ---- events -----------------------------------------------------------------------------------------------

struct ApplicationSubmitted {
  AccountId account;
  SubmissionId submission;
  SubmissionKind kind{};
  UserId by;
  Time submitted_at;
  std::optional<CompanyData>
      company{};  ///< nothing in submissions from before company data were part of them
};
struct ReviewBegun {
  AccountId account;
  SubmissionId submission;
  UserId officer;
  Time begun_at;
};
struct SubmissionAccepted {
  AccountId account;
  SubmissionId submission;
  UserId officer;
  Time accepted_at;
};
struct SubmissionReturned {
  AccountId account;
  SubmissionId submission;
  UserId officer;
  Remark remarks;
  Time returned_at;
};
struct SubmissionRefused {
  AccountId account;
  SubmissionId submission;
  UserId officer;
  Remark reason;
  Time effective_at;
  Time refused_at;
};
struct InformalReviewRequested {
  AccountId account;
  UserId by;
  Remark grounds;
  Time requested_at;
};
struct InformalReviewAnswered {
  AccountId account;
  UserId officer;
  bool upheld = true;
  Remark answer;
  Time answered_at;
};
struct RefusalTookEffect {
  AccountId account;
  Time effective_at;
};
struct MembershipSuspended {
  AccountId account;
  UserId officer;
  Remark reason;
  Time suspended_at;
};
struct MembershipReinstated {
  AccountId account;
  UserId officer;
  Remark reason;
  Time reinstated_at;
};
struct MembershipCancelled {
  AccountId account;
  UserId officer;
  Remark reason;
  Time cancelled_at;
};
struct CancellationAppealed {
  AccountId account;
  UserId by;
  Remark grounds;
  Time appealed_at;
};
struct AppealAnswered {
  AccountId account;
  UserId officer;
  bool granted = false;
  Remark answer;
  Time answered_at;
};
struct DetailsConfirmed {
  AccountId account;
  UserId by;
  Time confirmed_at;
};
struct AnnualConfirmationDue {
  AccountId account;
  Time due_at;
};
struct RevalidationAnnounced {
  AccountId account;
  Time due_at;
};
struct RevalidationDue {
  AccountId account;
  Time due_at;
};
struct MembershipRevalidated {
  AccountId account;
  UserId officer;
  Remark remarks;
  Time revalidated_at;
};

using ProgrammeEvent =
    std::variant<ProfileSaved, ProfileChanged, SecurityProfileAdded, SecurityProfileRemoved,
                 ApplicationSubmitted, ReviewBegun, SubmissionAccepted, SubmissionReturned, SubmissionRefused,
                 InformalReviewRequested, InformalReviewAnswered, RefusalTookEffect, MembershipSuspended,
                 MembershipReinstated, MembershipCancelled, CancellationAppealed, AppealAnswered,
                 DetailsConfirmed, AnnualConfirmationDue, RevalidationAnnounced, RevalidationDue,
                 MembershipRevalidated, MembershipRecorded>;
/// The events that a decision of the programme can record: an accepted submission also changes the account.
using ProgrammeRecord = Extended<ProgrammeEvent, CompanyDataAccepted>;

// ---- state ------------------------------------------------------------------------------------------------

/// One profile as a submission holds it; Programme::held has its content.
struct ProfileVersion {
  ProfileRef ref;
  std::uint32_t version = 0;
  friend bool operator==(const ProfileVersion&, const ProfileVersion&) = default;
};

/// The content that the company sent, frozen: later drafts do not change it.
struct Submission {
  SubmissionId id;
  SubmissionKind kind{};
  SubmissionState state{};
  UserId submitted_by;
  Time submitted_at;
  std::optional<Time> decided_at;
  std::optional<UserId> decided_by;
  std::optional<Remark> remarks;  ///< why it was returned or refused
  std::optional<CompanyData> company;
  std::vector<ProfileVersion> profiles;
  std::optional<SubmissionId> compared_with;  ///< the submission that was accepted last before it
  bool is_open() const { return state == SubmissionState::submitted || state == SubmissionState::in_review; }
  friend bool operator==(const Submission&, const Submission&) = default;
};

/// A status of the membership, when it began and why.
struct StatusChange {
  MembershipStatus status{};
  Time at;
  std::optional<Remark> reason;
  friend bool operator==(const StatusChange&, const StatusChange&) = default;
};

struct InformalReview {
  SubmissionId submission;  ///< the refused one
  UserId requested_by;
  Time requested_at;
  Remark grounds;
  std::optional<bool> upheld;
  std::optional<Remark> answer;
  std::optional<Time> answered_at;
  friend bool operator==(const InformalReview&, const InformalReview&) = default;
};

/// An informal review or an appeal has no identifier in the log: its time and its account give it one, which
/// is a UUIDv7.
Uuid request_id(Time requested_at, AccountId account);

struct Appeal {
  UserId appealed_by;
  Time appealed_at;
  Remark grounds;
  std::optional<bool> granted;
  std::optional<Remark> answer;
  std::optional<Time> answered_at;
  friend bool operator==(const Appeal&, const Appeal&) = default;
};

struct Programme {
  AccountId id;
  std::uint32_t versions = 0;     ///< of all profiles
  std::vector<Profile> profiles;  ///< the drafts
  std::vector<Profile> held;      ///< each profile's version that a submission holds, once
  std::vector<Submission> submissions;
  std::optional<SubmissionId> accepted;  ///< the submission that was accepted last
  bool changed_since_submission = false;
  MembershipStatus status{};
  std::vector<StatusChange> statuses;        ///< oldest first; the last one is the present status
  std::optional<Time> refusal_effective_at;  ///< announced, not yet in effect
  std::optional<Time> informal_review_open_since;
  bool informal_review_used = false;
  std::vector<InformalReview> informal_reviews;
  std::optional<Time> member_since;
  std::optional<Time> cancelled_at;  ///< of the last membership, also while the company applies again
  std::optional<Time> appeal_open_since;
  bool appeal_used = false;
  std::vector<Appeal> appeals;
  std::optional<Time> details_confirmed_at;  ///< or when it became a member
  bool confirmation_overdue = false;
  std::optional<Time> revalidation_due_at;
  bool revalidation_announced = false;
  bool revalidation_overdue = false;

  const Profile* profile(const ProfileRef& ref) const;
  const Submission* submission(SubmissionId submission) const;
  const Submission* open_submission() const;
  friend bool operator==(const Programme&, const Programme&) = default;
};

/// Whether the company has the yearly duties of a member, which only a membership in force brings.
bool has_duties(const Programme& programme);
/// The company's data as its draft has them; what is in effect if the draft does not change them.
CompanyData drafted_company(const Account& account, const Programme& programme);
const std::vector<LineOfBusiness>& drafted_lines(const Account& account, const Programme& programme);
/// The profiles that a submission holds, in its order.
std::vector<const Profile*> profiles_in(const Programme& programme, const Submission& submission);
/// The profiles that were accepted last; none before a submission was accepted.
std::vector<const Profile*> accepted_profiles(const Programme& programme);
/// Until when a cancellation can be appealed; nothing if it cannot, or not any more.
std::optional<Time> appeal_until(const Programme& programme);

/// One row per profile that is required or present; a company without any site lists one security profile of
/// key "" at 0 %.
std::vector<ProfileProgress> progress(const Account& account, const Programme& programme);
/// The mean of the profiles' percentages, rounded down.
unsigned total_percent(const Account& account, const Programme& programme);
/// The reason why the company cannot submit now, or nothing. The caller of this function adds which questions
/// are missing. `percent` is the company's `total_percent`; it is 100 only if every profile is complete.
std::optional<Reason> submission_refusal(const Programme& programme, const Account& account, unsigned percent,
                                         const Facts& facts);

// ---- decide: reads the account for permissions, never changes it ------------------------------------------

using ProgrammeDecision = Decision<ProgrammeRecord>;
/// Decisions about members from before the portal concern the account and the programme.
using MemberRecord = Extended<AccountEvent, MembershipRecorded, MembershipCancelled>;
using MemberDecision = Decision<MemberRecord>;

ProgrammeDecision decide(const Programme&, const Account&, const SaveProfile&, const Facts&);
ProgrammeDecision decide(const Programme&, const Account&, const ChangeProfile&, const Facts&);
ProgrammeDecision decide(const Programme&, const Account&, const AddSecurityProfile&, const Facts&);
ProgrammeDecision decide(const Programme&, const Account&, const RemoveSecurityProfile&, const Facts&);
ProgrammeDecision decide(const Programme&, const Account&, const Submit&, const Facts&);
ProgrammeDecision decide(const Programme&, const Account&, const ConfirmDetails&, const Facts&);
ProgrammeDecision decide(const Programme&, const Account&, const RequestInformalReview&, const Facts&);
ProgrammeDecision decide(const Programme&, const Account&, const AppealCancellation&, const Facts&);
ProgrammeDecision decide(const Programme&, const Account&, const BeginReview&, const Facts&);
ProgrammeDecision decide(const Programme&, const Account&, const AcceptSubmission&, const Facts&);
ProgrammeDecision decide(const Programme&, const Account&, const ReturnSubmission&, const Facts&);
ProgrammeDecision decide(const Programme&, const Account&, const RefuseSubmission&, const Facts&);
ProgrammeDecision decide(const Programme&, const Account&, const AnswerInformalReview&, const Facts&);
ProgrammeDecision decide(const Programme&, const Account&, const SuspendMembership&, const Facts&);
ProgrammeDecision decide(const Programme&, const Account&, const ReinstateMembership&, const Facts&);
ProgrammeDecision decide(const Programme&, const Account&, const CancelMembership&, const Facts&);
ProgrammeDecision decide(const Programme&, const Account&, const AnswerAppeal&, const Facts&);
ProgrammeDecision decide(const Programme&, const Account&, const RecordRevalidation&, const Facts&);
MemberDecision decide(const Programme&, const Account&, const RecordMember&, const Facts&);
MemberDecision decide(const Programme&, const Account&, const WithdrawMemberRecord&, const Facts&);
ProgrammeDecision decide(const Programme&, const Account&, const LetTimePassForProgramme&, const Facts&);

std::optional<Time> next_deadline(const Programme&);

// ---- evolve: closed, it names every event of the programme ------------------------------------------------

void evolve(Programme&, const ProfileSaved&);
void evolve(Programme&, const ProfileChanged&);
void evolve(Programme&, const SecurityProfileAdded&);
void evolve(Programme&, const SecurityProfileRemoved&);
void evolve(Programme&, const ApplicationSubmitted&);
void evolve(Programme&, const ReviewBegun&);
void evolve(Programme&, const SubmissionAccepted&);
void evolve(Programme&, const SubmissionReturned&);
void evolve(Programme&, const SubmissionRefused&);
void evolve(Programme&, const InformalReviewRequested&);
void evolve(Programme&, const InformalReviewAnswered&);
void evolve(Programme&, const RefusalTookEffect&);
void evolve(Programme&, const MembershipSuspended&);
void evolve(Programme&, const MembershipReinstated&);
void evolve(Programme&, const MembershipCancelled&);
void evolve(Programme&, const CancellationAppealed&);
void evolve(Programme&, const AppealAnswered&);
void evolve(Programme&, const DetailsConfirmed&);
void evolve(Programme&, const AnnualConfirmationDue&);
void evolve(Programme&, const RevalidationAnnounced&);
void evolve(Programme&, const RevalidationDue&);
void evolve(Programme&, const MembershipRevalidated&);
void evolve(Programme&, const MembershipRecorded&);

}  // namespace ttp::domain
