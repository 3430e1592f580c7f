// The company and the programme: its profiles, its submissions, the officers' decisions, its membership and
// the yearly duties that follow from it (SPEC 3.8, 3.9). Each account has one such stream beside its own.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "domain/account.hpp"
#include "domain/answers.hpp"
#include "domain/decision.hpp"
#include "domain/questions.hpp"
#include "domain/time.hpp"

namespace ttp::domain {

// ---- limits (SPEC 3.9; those marked ours are ours) --------------------------------------------------------

inline constexpr Duration refusal_notice = days{30};       // ours: a refusal takes effect then
inline constexpr Duration appeal_window = days{30};        // after a cancellation
inline constexpr Duration revalidation_notice = days{90};  // ours
inline constexpr int revalidation_years = 4;
inline constexpr std::size_t security_profiles_max = 200;  // ours

// ---- words ------------------------------------------------------------------------------------------------

enum class ProfileKind : std::uint8_t { company, application, security };
template <>
inline constexpr std::array<Names, 3> enum_names<ProfileKind>{"company", "application", "security"};

/// One profile: the company's, that of a line of business, or that of a site.
struct ProfileRef {
  ProfileKind kind{};
  std::string key;  ///< empty, the line of business, or the site's name
  friend auto operator<=>(const ProfileRef&, const ProfileRef&) = default;
};

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

/// Saves a draft: the given answers replace the profile's answers.
struct SaveProfile {
  AccountId account;
  ProfileRef profile;
  Answers answers;
};
/// Removes the draft of a site that has closed.
struct RemoveSecurityProfile {
  AccountId account;
  SiteName site;
};
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

struct ProfileSaved {
  AccountId account;
  UserId by;
  ProfileRef profile;
  std::uint32_t questions_version = 0;
  Answers answers;
};
struct SecurityProfileRemoved {
  AccountId account;
  UserId by;
  SiteName site;
};
struct ApplicationSubmitted {
  AccountId account;
  SubmissionId submission;
  SubmissionKind kind{};
  UserId by;
  Time submitted_at;
};
struct ReviewBegun {
  AccountId account;
  SubmissionId submission;
  UserId officer;
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
};
struct SubmissionRefused {
  AccountId account;
  SubmissionId submission;
  UserId officer;
  Remark reason;
  Time effective_at;
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
};
struct RefusalTookEffect {
  AccountId account;
  Time effective_at;
};
struct MembershipSuspended {
  AccountId account;
  UserId officer;
  Remark reason;
};
struct MembershipReinstated {
  AccountId account;
  UserId officer;
  Remark reason;
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
    std::variant<ProfileSaved, SecurityProfileRemoved, ApplicationSubmitted, ReviewBegun, SubmissionAccepted,
                 SubmissionReturned, SubmissionRefused, InformalReviewRequested, InformalReviewAnswered,
                 RefusalTookEffect, MembershipSuspended, MembershipReinstated, MembershipCancelled,
                 CancellationAppealed, AppealAnswered, DetailsConfirmed, AnnualConfirmationDue,
                 RevalidationAnnounced, RevalidationDue, MembershipRevalidated>;

// ---- state ------------------------------------------------------------------------------------------------

struct Profile {
  ProfileRef ref;
  Answers answers;
  friend bool operator==(const Profile&, const Profile&) = default;
};

struct Submission {
  SubmissionId id;
  SubmissionKind kind{};
  SubmissionState state{};
  Time submitted_at;
  std::optional<Remark> remarks;  ///< why it was returned or refused
  bool is_open() const { return state == SubmissionState::submitted || state == SubmissionState::in_review; }
  friend bool operator==(const Submission&, const Submission&) = default;
};

struct Programme {
  AccountId id;
  std::vector<Profile> profiles;
  std::vector<Submission> submissions;
  bool changed_since_submission = false;
  MembershipStatus status{};
  std::optional<Time> refusal_effective_at;  ///< announced, not yet in effect
  std::optional<Time> informal_review_open_since;
  bool informal_review_used = false;
  std::optional<Time> member_since;
  std::optional<Time> cancelled_at;
  std::optional<Time> appeal_open_since;
  bool appeal_used = false;
  std::optional<Time> details_confirmed_at;  ///< or when it became a member
  bool confirmation_overdue = false;
  std::optional<Time> revalidation_due_at;
  bool revalidation_announced = false;
  bool revalidation_overdue = false;

  const Profile* profile(const ProfileRef& ref) const;
  const Submission* open_submission() const;
  friend bool operator==(const Programme&, const Programme&) = default;
};

/// The company's progress on one of the profiles it must fill in: its own, each line of business, each site.
struct ProfileProgress {
  ProfileRef ref;
  unsigned percent = 0;
  std::vector<std::string> missing;  ///< ids of required questions without an answer
};
/// One row per profile that is required or present; a company without any site lists one security profile of
/// key "" at 0 %.
std::vector<ProfileProgress> progress(const Account& account, const Programme& programme);
/// The mean of the profiles' percentages, rounded down.
unsigned total_percent(const Account& account, const Programme& programme);
/// The reason why the company cannot submit now, or nothing. The caller of this function adds which questions
/// are missing. `percent` is the company's `total_percent`; it is 100 only if every profile is complete.
std::optional<Reason> submission_refusal(const Programme& programme, const Account& account, unsigned percent,
                                         const Facts& facts);

/// The questions of a profile; empty for a line of business that does not exist.
std::vector<const Question*> questions_of(const ProfileRef& ref);
/// The action of SPEC 4 that a change to a profile of this kind requires.
Action update_action(ProfileKind kind);

// ---- decide: reads the account for permissions, never changes it ------------------------------------------

using ProgrammeDecision = Decision<ProgrammeEvent>;

ProgrammeDecision decide(const Programme&, const Account&, const SaveProfile&, const Facts&);
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
ProgrammeDecision decide(const Programme&, const Account&, const LetTimePassForProgramme&, const Facts&);

std::optional<Time> next_deadline(const Programme&);

// ---- evolve: closed, it names every event of the programme ------------------------------------------------

void evolve(Programme&, const ProfileSaved&);
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

}  // namespace ttp::domain
