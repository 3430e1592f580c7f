#include "domain/programme.hpp"

#include <algorithm>

#include "domain/programme_rules.hpp"

namespace ttp::domain {

using namespace programme_rules;

namespace {

std::optional<Reason> officer_refusal(const Account& account, const Facts& facts) {
  if (!facts.caller.has(StaffRole::programme_officer)) return Reason::staff_role_required;
  if (!account.exists()) return Reason::account_not_found;
  if (account.has_ever_had(facts.caller.id)) return Reason::own_company;
  return std::nullopt;
}

/// The officer's steps go in order: begin the review, then decide.
std::optional<Reason> review_refusal(const Programme& programme, const Account& account,
                                     SubmissionId submission, SubmissionState wanted, const Facts& facts) {
  if (const auto reason = officer_refusal(account, facts)) return reason;
  const Submission* found = programme.submission(submission);
  if (!found) return Reason::submission_not_found;
  if (found->state != wanted) return Reason::submission_not_under_review;
  return std::nullopt;
}

std::optional<Reason> status_refusal(const Programme& programme, const Account& account,
                                     std::initializer_list<MembershipStatus> allowed, const Facts& facts) {
  if (const auto reason = officer_refusal(account, facts)) return reason;
  if (std::ranges::find(allowed, programme.status) == allowed.end()) return Reason::membership_status_differs;
  return std::nullopt;
}

Refusal incomplete(const Account& account, const Programme& programme) {
  Refusal refusal = why(Reason::profiles_incomplete);
  for (const ProfileProgress& row : progress(account, programme))
    for (const std::string& question : row.missing)
      refusal.details.push_back(std::string{to_text(row.ref.kind)} +
                                (row.ref.key.empty() ? "" : "/" + row.ref.key) + "/" + question);
  return refusal;
}

Submission* find_submission(Programme& programme, SubmissionId submission) {
  const auto found = std::ranges::find(programme.submissions, submission, &Submission::id);
  return found == programme.submissions.end() ? nullptr : &*found;
}

/// The submission after an officer's decision; null if there is none of this id.
Submission* decided(Programme& programme, SubmissionId id, SubmissionState state, UserId by, Time at) {
  Submission* submission = find_submission(programme, id);
  if (!submission) return nullptr;
  submission->state = state;
  submission->decided_by = by;
  submission->decided_at = at;
  return submission;
}

void set_status(Programme& programme, MembershipStatus status, Time at,
                std::optional<Remark> reason = std::nullopt) {
  programme.status = status;
  programme.statuses.push_back({status, at, std::move(reason)});
}

void become_member(Programme& programme, Time at) {
  set_status(programme, MembershipStatus::member, at);
  // An appeal that is still open has no object any more.
  programme.cancelled_at.reset();
  programme.appeal_open_since.reset();
  programme.member_since = at;
  programme.details_confirmed_at = at;
  programme.confirmation_overdue = false;
  programme.revalidation_due_at = add_years(at, revalidation_years);
  programme.revalidation_announced = false;
  programme.revalidation_overdue = false;
}

/// Whether a submission holds this draft: the application profiles of lines of business that the company has
/// left are kept as drafts only.
bool belongs_to_submission(const Profile& draft, const std::optional<CompanyData>& company) {
  if (draft.ref.kind != ProfileKind::application || !company) return true;
  const auto line = parse_enum<LineOfBusiness>(draft.ref.key);
  const auto& lines = company->lines_of_business;
  return line && std::ranges::find(lines, *line) != lines.end();
}

/// Keeps the drafts as they are now for the submission.
void freeze(Programme& programme, Submission& submission) {
  for (const Profile& draft : programme.profiles) {
    if (!belongs_to_submission(draft, submission.company)) continue;
    submission.profiles.push_back({draft.ref, draft.version});
    const bool is_held = std::ranges::any_of(programme.held, [&](const Profile& each) {
      return each.ref == draft.ref && each.version == draft.version;
    });
    if (!is_held) programme.held.push_back(draft);
  }
}

/// The first fourth anniversary after the one that a revalidation satisfies. Recording it early or late moves
/// no anniversary; one recorded before its announcement, which older programs allowed, satisfies none.
Time next_revalidation(Time due, Time revalidated_at) {
  if (revalidated_at < due - revalidation_notice) return due;
  do due = add_years(due, revalidation_years);
  while (due <= revalidated_at);
  return due;
}

Time confirmation_due_at(const Programme& programme) {
  return add_years(*programme.details_confirmed_at, 1);
}

}  // namespace

const Profile* Programme::profile(const ProfileRef& ref) const {
  const auto found = std::ranges::find(profiles, ref, &Profile::ref);
  return found == profiles.end() ? nullptr : &*found;
}

const Submission* Programme::submission(SubmissionId wanted) const {
  const auto found = std::ranges::find(submissions, wanted, &Submission::id);
  return found == submissions.end() ? nullptr : &*found;
}

const Submission* Programme::open_submission() const {
  const auto found = std::ranges::find_if(submissions, &Submission::is_open);
  return found == submissions.end() ? nullptr : &*found;
}

bool has_duties(const Programme& programme) {
  return programme.status == MembershipStatus::member || programme.status == MembershipStatus::suspended;
}

std::vector<const Profile*> profiles_in(const Programme& programme, const Submission& submission) {
  std::vector<const Profile*> profiles;
  for (const ProfileVersion& wanted : submission.profiles) {
    const auto found = std::ranges::find_if(programme.held, [&](const Profile& each) {
      return each.ref == wanted.ref && each.version == wanted.version;
    });
    if (found != programme.held.end()) profiles.push_back(&*found);
  }
  return profiles;
}

std::vector<const Profile*> accepted_profiles(const Programme& programme) {
  const Submission* accepted = programme.accepted ? programme.submission(*programme.accepted) : nullptr;
  return accepted ? profiles_in(programme, *accepted) : std::vector<const Profile*>{};
}

std::optional<Time> appeal_until(const Programme& programme) {
  if (!programme.cancelled_at || programme.appeal_used) return std::nullopt;
  return *programme.cancelled_at + appeal_window;
}

// ---- decide: the company ----------------------------------------------------------------------------------

std::optional<Reason> submission_refusal(const Programme& programme, const Account& account, unsigned percent,
                                         const Facts& facts) {
  if (const auto reason = change_refusal_for(account, Action::submit_changes, facts)) return reason;
  if (programme.open_submission()) return Reason::submission_under_review;
  if (programme.refusal_effective_at) return Reason::membership_status_differs;
  if (programme.appeal_open_since) return Reason::membership_status_differs;
  if (percent < 100) return Reason::profiles_incomplete;
  if (!programme.changed_since_submission) return Reason::nothing_to_submit;
  return std::nullopt;
}

ProgrammeDecision decide(const Programme& programme, const Account& account, const Submit&,
                         const Facts& facts) {
  if (const auto reason = submission_refusal(programme, account, total_percent(account, programme), facts))
    return *reason == Reason::profiles_incomplete ? refuse(incomplete(account, programme)) : refuse(*reason);
  const auto kind = has_duties(programme) ? SubmissionKind::changes : SubmissionKind::application;
  return record(ApplicationSubmitted{account.id, facts.fresh.submission, kind, facts.caller.id, facts.now,
                                     drafted_company(account, programme)});
}

ProgrammeDecision decide(const Programme& programme, const Account& account, const ConfirmDetails&,
                         const Facts& facts) {
  if (const auto reason = change_refusal_for(account, Action::submit_changes, facts)) return refuse(*reason);
  if (!has_duties(programme)) return refuse(Reason::membership_status_differs);
  return record(DetailsConfirmed{account.id, facts.caller.id, facts.now});
}

ProgrammeDecision decide(const Programme& programme, const Account& account,
                         const RequestInformalReview& command, const Facts& facts) {
  if (const auto reason = change_refusal_for(account, Action::submit_changes, facts)) return refuse(*reason);
  if (!programme.refusal_effective_at) return refuse(Reason::informal_review_closed);
  if (programme.informal_review_open_since) return refuse(Reason::request_already_open);
  if (programme.informal_review_used || facts.now >= *programme.refusal_effective_at)
    return refuse(Reason::informal_review_closed);
  return record(InformalReviewRequested{account.id, facts.caller.id, command.grounds, facts.now});
}

ProgrammeDecision decide(const Programme& programme, const Account& account,
                         const AppealCancellation& command, const Facts& facts) {
  if (const auto reason = change_refusal_for(account, Action::submit_changes, facts)) return refuse(*reason);
  if (!programme.cancelled_at) return refuse(Reason::membership_status_differs);
  if (programme.appeal_open_since) return refuse(Reason::request_already_open);
  if (programme.appeal_used) return refuse(Reason::appeal_denied);
  if (facts.now >= *appeal_until(programme)) return refuse(Reason::appeal_closed);
  return record(CancellationAppealed{account.id, facts.caller.id, command.grounds, facts.now});
}

// ---- decide: the officer ----------------------------------------------------------------------------------

ProgrammeDecision decide(const Programme& programme, const Account& account, const BeginReview& command,
                         const Facts& facts) {
  if (const auto reason =
          review_refusal(programme, account, command.submission, SubmissionState::submitted, facts))
    return refuse(*reason);
  return record(ReviewBegun{account.id, command.submission, facts.caller.id, facts.now});
}

ProgrammeDecision decide(const Programme& programme, const Account& account, const AcceptSubmission& command,
                         const Facts& facts) {
  if (const auto reason =
          review_refusal(programme, account, command.submission, SubmissionState::in_review, facts))
    return refuse(*reason);
  ProgrammeDecision decision =
      record(SubmissionAccepted{account.id, command.submission, facts.caller.id, facts.now});
  const auto& company = programme.submission(command.submission)->company;
  if (company && *company != accepted_data_of(account))
    decision.and_record(CompanyDataAccepted{account.id, command.submission, facts.caller.id, *company});
  return decision;
}

ProgrammeDecision decide(const Programme& programme, const Account& account, const ReturnSubmission& command,
                         const Facts& facts) {
  if (const auto reason =
          review_refusal(programme, account, command.submission, SubmissionState::in_review, facts))
    return refuse(*reason);
  return record(
      SubmissionReturned{account.id, command.submission, facts.caller.id, command.remarks, facts.now});
}

ProgrammeDecision decide(const Programme& programme, const Account& account, const RefuseSubmission& command,
                         const Facts& facts) {
  if (const auto reason =
          review_refusal(programme, account, command.submission, SubmissionState::in_review, facts))
    return refuse(*reason);
  return record(SubmissionRefused{account.id, command.submission, facts.caller.id, command.reason,
                                  facts.now + refusal_notice, facts.now});
}

ProgrammeDecision decide(const Programme& programme, const Account& account,
                         const AnswerInformalReview& command, const Facts& facts) {
  if (const auto reason = officer_refusal(account, facts)) return refuse(*reason);
  if (!programme.informal_review_open_since) return refuse(Reason::no_request_open);
  return record(
      InformalReviewAnswered{account.id, facts.caller.id, command.upheld, command.answer, facts.now});
}

ProgrammeDecision decide(const Programme& programme, const Account& account, const SuspendMembership& command,
                         const Facts& facts) {
  if (const auto reason = status_refusal(programme, account, {MembershipStatus::member}, facts))
    return refuse(*reason);
  return record(MembershipSuspended{account.id, facts.caller.id, command.reason, facts.now});
}

ProgrammeDecision decide(const Programme& programme, const Account& account,
                         const ReinstateMembership& command, const Facts& facts) {
  if (const auto reason = status_refusal(programme, account, {MembershipStatus::suspended}, facts))
    return refuse(*reason);
  return record(MembershipReinstated{account.id, facts.caller.id, command.reason, facts.now});
}

ProgrammeDecision decide(const Programme& programme, const Account& account, const CancelMembership& command,
                         const Facts& facts) {
  if (const auto reason =
          status_refusal(programme, account, {MembershipStatus::member, MembershipStatus::suspended}, facts))
    return refuse(*reason);
  return record(MembershipCancelled{account.id, facts.caller.id, command.reason, facts.now});
}

ProgrammeDecision decide(const Programme& programme, const Account& account, const AnswerAppeal& command,
                         const Facts& facts) {
  if (const auto reason = officer_refusal(account, facts)) return refuse(*reason);
  if (!programme.appeal_open_since) return refuse(Reason::no_request_open);
  return record(AppealAnswered{account.id, facts.caller.id, command.granted, command.answer, facts.now});
}

ProgrammeDecision decide(const Programme& programme, const Account& account,
                         const RecordRevalidation& command, const Facts& facts) {
  if (const auto reason =
          status_refusal(programme, account, {MembershipStatus::member, MembershipStatus::suspended}, facts))
    return refuse(*reason);
  const Time announced_from = *programme.revalidation_due_at - revalidation_notice;
  if (facts.now < announced_from)
    return refuse(why_until(Reason::revalidation_not_announced, announced_from));
  return record(MembershipRevalidated{account.id, facts.caller.id, command.remarks, facts.now});
}

// ---- decide: deadlines ------------------------------------------------------------------------------------

ProgrammeDecision decide(const Programme& programme, const Account& account, const LetTimePassForProgramme&,
                         const Facts& facts) {
  ProgrammeDecision decision;
  if (programme.refusal_effective_at && !programme.informal_review_open_since &&
      facts.now >= *programme.refusal_effective_at)
    decision.and_record(RefusalTookEffect{account.id, *programme.refusal_effective_at});
  if (!has_duties(programme)) return decision;
  if (!programme.confirmation_overdue && facts.now >= confirmation_due_at(programme))
    decision.and_record(AnnualConfirmationDue{account.id, confirmation_due_at(programme)});
  const Time due = *programme.revalidation_due_at;
  if (!programme.revalidation_announced && facts.now >= due - revalidation_notice)
    decision.and_record(RevalidationAnnounced{account.id, due});
  if (!programme.revalidation_overdue && facts.now >= due)
    decision.and_record(RevalidationDue{account.id, due});
  return decision;
}

std::optional<Time> next_deadline(const Programme& programme) {
  std::optional<Time> earliest;
  const auto consider = [&](Time at) { earliest = earliest ? std::min(*earliest, at) : at; };
  if (programme.refusal_effective_at && !programme.informal_review_open_since)
    consider(*programme.refusal_effective_at);
  if (!has_duties(programme)) return earliest;
  if (!programme.confirmation_overdue) consider(confirmation_due_at(programme));
  if (!programme.revalidation_announced) consider(*programme.revalidation_due_at - revalidation_notice);
  if (!programme.revalidation_overdue) consider(*programme.revalidation_due_at);
  return earliest;
}

// ---- evolve -----------------------------------------------------------------------------------------------

void evolve(Programme& programme, const ApplicationSubmitted& event) {
  Submission submission;
  submission.id = event.submission;
  submission.kind = event.kind;
  submission.submitted_by = event.by;
  submission.submitted_at = event.submitted_at;
  submission.company = event.company;
  submission.compared_with = programme.accepted;
  freeze(programme, submission);
  programme.submissions.push_back(std::move(submission));
  programme.changed_since_submission = false;
  if (event.kind == SubmissionKind::application)
    set_status(programme, MembershipStatus::applied, event.submitted_at);
}

void evolve(Programme& programme, const ReviewBegun& event) {
  Submission* submission = find_submission(programme, event.submission);
  if (!submission) return;
  submission->state = SubmissionState::in_review;
  if (submission->kind == SubmissionKind::application)
    set_status(programme, MembershipStatus::under_review, event.begun_at);
}

void evolve(Programme& programme, const SubmissionAccepted& event) {
  const Submission* submission =
      decided(programme, event.submission, SubmissionState::accepted, event.officer, event.accepted_at);
  if (!submission) return;
  programme.accepted = event.submission;
  if (submission->kind == SubmissionKind::application) become_member(programme, event.accepted_at);
}

void evolve(Programme& programme, const SubmissionReturned& event) {
  Submission* submission =
      decided(programme, event.submission, SubmissionState::returned, event.officer, event.returned_at);
  if (!submission) return;
  submission->remarks = event.remarks;
  // A returned submission may be submitted again unchanged, for instance after an explanation by telephone.
  programme.changed_since_submission = true;
  if (submission->kind == SubmissionKind::application)
    set_status(programme, MembershipStatus::none, event.returned_at, event.remarks);
}

void evolve(Programme& programme, const SubmissionRefused& event) {
  Submission* submission =
      decided(programme, event.submission, SubmissionState::refused, event.officer, event.refused_at);
  if (!submission) return;
  submission->remarks = event.reason;
  if (submission->kind != SubmissionKind::application) return;
  programme.refusal_effective_at = event.effective_at;
  programme.informal_review_used = false;
}

Uuid request_id(Time requested_at, AccountId account) {
  Uuid id = account.uuid;
  auto ms = static_cast<std::uint64_t>(requested_at.time_since_epoch().count());
  for (std::size_t i = 6; i-- > 0; ms >>= 8) id.bytes[i] = static_cast<std::uint8_t>(ms);
  return id;
}

void evolve(Programme& programme, const InformalReviewRequested& event) {
  programme.informal_review_open_since = event.requested_at;
  programme.informal_review_used = true;
  const SubmissionId refused =
      programme.submissions.empty() ? SubmissionId{} : programme.submissions.back().id;
  programme.informal_reviews.push_back({refused, event.by, event.requested_at, event.grounds, {}, {}, {}});
}

void evolve(Programme& programme, const InformalReviewAnswered& event) {
  programme.informal_review_open_since.reset();
  if (!programme.informal_reviews.empty()) {
    InformalReview& review = programme.informal_reviews.back();
    review.upheld = event.upheld;
    review.answer = event.answer;
    review.answered_at = event.answered_at;
  }
  if (event.upheld) return;
  // The refusal is lifted: the application is back at the start of its review.
  programme.refusal_effective_at.reset();
  if (programme.submissions.empty()) return;
  Submission& submission = programme.submissions.back();
  submission.state = SubmissionState::in_review;
  submission.decided_by.reset();
  submission.decided_at.reset();
}

void evolve(Programme& programme, const RefusalTookEffect& event) {
  programme.refusal_effective_at.reset();
  std::optional<Remark> reason;
  if (!programme.submissions.empty()) reason = programme.submissions.back().remarks;
  set_status(programme, MembershipStatus::refused, event.effective_at, std::move(reason));
  programme.changed_since_submission = true;
}

void evolve(Programme& programme, const MembershipSuspended& event) {
  set_status(programme, MembershipStatus::suspended, event.suspended_at, event.reason);
}
void evolve(Programme& programme, const MembershipReinstated& event) {
  set_status(programme, MembershipStatus::member, event.reinstated_at, event.reason);
}

void evolve(Programme& programme, const MembershipCancelled& event) {
  set_status(programme, MembershipStatus::cancelled, event.cancelled_at, event.reason);
  programme.cancelled_at = event.cancelled_at;
  programme.appeal_used = false;
  programme.changed_since_submission = true;
}

void evolve(Programme& programme, const CancellationAppealed& event) {
  programme.appeal_open_since = event.appealed_at;
  programme.appeal_used = true;
  programme.appeals.push_back({event.by, event.appealed_at, event.grounds, {}, {}, {}});
}

void evolve(Programme& programme, const AppealAnswered& event) {
  programme.appeal_open_since.reset();
  if (!programme.appeals.empty()) {
    Appeal& appeal = programme.appeals.back();
    appeal.granted = event.granted;
    appeal.answer = event.answer;
    appeal.answered_at = event.answered_at;
  }
  if (!event.granted) return;
  set_status(programme, MembershipStatus::member, event.answered_at, event.answer);
  programme.cancelled_at.reset();
  // The company may have applied again meanwhile: what it sent are a member's changes now.
  programme.refusal_effective_at.reset();
  programme.informal_review_open_since.reset();
  for (Submission& submission : programme.submissions)
    if (submission.is_open()) submission.kind = SubmissionKind::changes;
}

void evolve(Programme& programme, const DetailsConfirmed& event) {
  programme.details_confirmed_at = event.confirmed_at;
  programme.confirmation_overdue = false;
}

void evolve(Programme& programme, const AnnualConfirmationDue&) {
  programme.confirmation_overdue = true;
}
void evolve(Programme& programme, const RevalidationAnnounced&) {
  programme.revalidation_announced = true;
}
void evolve(Programme& programme, const RevalidationDue&) {
  programme.revalidation_overdue = true;
}

void evolve(Programme& programme, const MembershipRevalidated& event) {
  const auto due = programme.revalidation_due_at;
  if (!due) return;
  programme.revalidation_due_at = next_revalidation(*due, event.revalidated_at);
  if (programme.revalidation_due_at == due) return;
  programme.revalidation_announced = false;
  programme.revalidation_overdue = false;
}

}  // namespace ttp::domain
