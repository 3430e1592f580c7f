#include "domain/programme.hpp"

#include <algorithm>

namespace ttp::domain {
namespace {

template <class E>
ProgrammeDecision record(E event) {
  ProgrammeDecision decision;
  decision.events.emplace_back(std::move(event));
  return decision;
}
ProgrammeDecision refuse(Refusal why) {
  ProgrammeDecision decision;
  decision.refusal = std::move(why);
  return decision;
}
ProgrammeDecision refuse(Reason reason) {
  return refuse(why(reason));
}

std::optional<Reason> company_refusal(const Account& account, Action action, const Facts& facts) {
  if (const auto reason = permission_refusal(account, action, facts)) return reason;
  return change_refusal(account, facts);
}

std::optional<Reason> officer_refusal(const Account& account, const Facts& facts) {
  if (!facts.caller.has(StaffRole::programme_officer)) return Reason::staff_role_required;
  if (!account.exists()) return Reason::account_not_found;
  return std::nullopt;
}

/// The officer's steps go in order: begin the review, then decide.
std::optional<Reason> review_refusal(const Programme& programme, const Account& account,
                                     SubmissionId submission, SubmissionState wanted, const Facts& facts) {
  if (const auto reason = officer_refusal(account, facts)) return reason;
  const auto found = std::ranges::find(programme.submissions, submission, &Submission::id);
  if (found == programme.submissions.end()) return Reason::submission_not_found;
  if (found->state != wanted) return Reason::submission_not_under_review;
  return std::nullopt;
}

std::optional<Reason> status_refusal(const Programme& programme, const Account& account,
                                     std::initializer_list<MembershipStatus> allowed, const Facts& facts) {
  if (const auto reason = officer_refusal(account, facts)) return reason;
  if (std::ranges::find(allowed, programme.status) == allowed.end()) return Reason::membership_status_differs;
  return std::nullopt;
}

std::optional<Refusal> answers_refusal(const ProfileRef& ref, const Answers& answers) {
  const auto questions = questions_of(ref);
  Refusal refusal = why(Reason::malformed);
  for (const auto& [id, answer] : answers.table()) {
    const auto question = std::ranges::find(questions, id, [](const Question* each) { return each->id; });
    if (question == questions.end()) {
      refusal.faults.push_back({"/answers/" + id, Reason::unknown_question, {}});
    } else if (const auto fault = check_answer(**question, Answer::stored(answer))) {
      refusal.faults.push_back({"/answers/" + id, fault->reason, fault->details});
    }
  }
  if (refusal.faults.empty()) return std::nullopt;
  refusal.reason = refusal.faults.front().reason;
  return refusal;
}

std::size_t security_profiles(const Programme& programme) {
  return static_cast<std::size_t>(std::ranges::count(programme.profiles, ProfileKind::security,
                                                     [](const Profile& each) { return each.ref.kind; }));
}

Answers answers_in(const Programme& programme, const ProfileRef& ref) {
  const Profile* profile = programme.profile(ref);
  return profile ? profile->answers : Answers{};
}

/// Each profile that the company has to fill in.
std::vector<ProfileRef> wanted_profiles(const Account& account, const Programme& programme) {
  std::vector<ProfileRef> wanted{{ProfileKind::company, ""}};
  for (const LineOfBusiness line : account.lines_of_business)
    wanted.push_back({ProfileKind::application, std::string{to_text(line)}});
  for (const Profile& profile : programme.profiles)
    if (profile.ref.kind == ProfileKind::security) wanted.push_back(profile.ref);
  if (security_profiles(programme) == 0) wanted.push_back({ProfileKind::security, ""});
  return wanted;
}

/// A number that differs between profiles with different questions.
unsigned number_of_questions_of(const ProfileRef& ref) {
  constexpr auto kinds = static_cast<unsigned>(enum_names<ProfileKind>.size());
  const auto line = ref.kind == ProfileKind::application ? parse_enum<LineOfBusiness>(ref.key) : std::nullopt;
  return static_cast<unsigned>(ref.kind) + kinds * (line ? 1 + static_cast<unsigned>(*line) : 0);
}

unsigned percent(const Programme& programme, const ProfileRef& ref) {
  const Profile* profile = programme.profile(ref);
  const auto count = [&](const Answers::Table& answers) {
    return completeness_percent(questions_of(ref), answers);
  };
  return profile ? profile->answers.counted(number_of_questions_of(ref), count) : count({});
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

void become_member(Programme& programme, Time at) {
  programme.status = MembershipStatus::member;
  programme.member_since = at;
  programme.details_confirmed_at = at;
  programme.confirmation_overdue = false;
  programme.revalidation_due_at = add_years(at, revalidation_years);
  programme.revalidation_announced = false;
  programme.revalidation_overdue = false;
}

/// Whether the company has the yearly duties of a member, which only a membership in force brings.
bool owes(const Programme& programme) {
  return programme.status == MembershipStatus::member || programme.status == MembershipStatus::suspended;
}

Time confirmation_due_at(const Programme& programme) {
  return add_years(*programme.details_confirmed_at, 1);
}

}  // namespace

const Profile* Programme::profile(const ProfileRef& ref) const {
  const auto found = std::ranges::find(profiles, ref, &Profile::ref);
  return found == profiles.end() ? nullptr : &*found;
}

const Submission* Programme::open_submission() const {
  const auto found = std::ranges::find_if(submissions, &Submission::is_open);
  return found == submissions.end() ? nullptr : &*found;
}

std::vector<const Question*> questions_of(const ProfileRef& ref) {
  switch (ref.kind) {
    case ProfileKind::company:
      return pointers_to(company_questions());
    case ProfileKind::application:
      if (const auto line = parse_enum<LineOfBusiness>(ref.key)) return application_questions(*line);
      return {};
    case ProfileKind::security:
      return pointers_to(security_questions());
  }
  return {};
}

Action update_action(ProfileKind kind) {
  switch (kind) {
    case ProfileKind::company:
      return Action::update_company_profile;
    case ProfileKind::application:
      return Action::update_application_profile;
    case ProfileKind::security:
      return Action::update_security_profile;
  }
  return Action::update_company_profile;
}

std::vector<ProfileProgress> progress(const Account& account, const Programme& programme) {
  std::vector<ProfileProgress> rows;
  for (const ProfileRef& ref : wanted_profiles(account, programme)) {
    auto [percent, lacking] = completeness(questions_of(ref), answers_in(programme, ref).table());
    rows.push_back({ref, percent, std::move(lacking)});
  }
  return rows;
}

unsigned total_percent(const Account& account, const Programme& programme) {
  const auto wanted = wanted_profiles(account, programme);
  unsigned sum = 0;
  for (const ProfileRef& ref : wanted) sum += percent(programme, ref);
  return sum / static_cast<unsigned>(wanted.size());
}

// ---- decide: the company ----------------------------------------------------------------------------------

ProgrammeDecision decide(const Programme& programme, const Account& account, const SaveProfile& command,
                         const Facts& facts) {
  if (const auto reason = company_refusal(account, update_action(command.profile.kind), facts))
    return refuse(*reason);
  if (command.profile.kind == ProfileKind::application) {
    const auto line = parse_enum<LineOfBusiness>(command.profile.key);
    if (!line || std::ranges::find(account.lines_of_business, *line) == account.lines_of_business.end())
      return refuse(Reason::line_of_business_not_enrolled);
  }
  const Profile* present = programme.profile(command.profile);
  if (command.profile.kind == ProfileKind::security && !present &&
      security_profiles(programme) >= security_profiles_max)
    return refuse(Reason::out_of_range);
  if (auto refusal = answers_refusal(command.profile, command.answers)) return refuse(*refusal);
  if (present && present->answers == command.answers) return {};
  return record(
      ProfileSaved{account.id, facts.caller.id, command.profile, questions_version, command.answers});
}

ProgrammeDecision decide(const Programme& programme, const Account& account,
                         const RemoveSecurityProfile& command, const Facts& facts) {
  if (const auto reason = company_refusal(account, Action::update_security_profile, facts))
    return refuse(*reason);
  if (!programme.profile({ProfileKind::security, command.site.text()}))
    return refuse(Reason::profile_not_found);
  return record(SecurityProfileRemoved{account.id, facts.caller.id, command.site});
}

std::optional<Reason> submission_refusal(const Programme& programme, const Account& account, unsigned percent,
                                         const Facts& facts) {
  if (const auto reason = company_refusal(account, Action::submit_changes, facts)) return reason;
  if (programme.open_submission()) return Reason::submission_under_review;
  if (programme.refusal_effective_at) return Reason::membership_status_differs;
  if (programme.status == MembershipStatus::cancelled && programme.appeal_open_since)
    return Reason::membership_status_differs;
  if (percent < 100) return Reason::profiles_incomplete;
  if (!programme.changed_since_submission) return Reason::nothing_to_submit;
  return std::nullopt;
}

ProgrammeDecision decide(const Programme& programme, const Account& account, const Submit&,
                         const Facts& facts) {
  if (const auto reason = submission_refusal(programme, account, total_percent(account, programme), facts))
    return *reason == Reason::profiles_incomplete ? refuse(incomplete(account, programme)) : refuse(*reason);
  const auto kind = owes(programme) ? SubmissionKind::changes : SubmissionKind::application;
  return record(ApplicationSubmitted{account.id, facts.fresh.submission, kind, facts.caller.id, facts.now});
}

ProgrammeDecision decide(const Programme& programme, const Account& account, const ConfirmDetails&,
                         const Facts& facts) {
  if (const auto reason = company_refusal(account, Action::submit_changes, facts)) return refuse(*reason);
  if (!owes(programme)) return refuse(Reason::membership_status_differs);
  return record(DetailsConfirmed{account.id, facts.caller.id, facts.now});
}

ProgrammeDecision decide(const Programme& programme, const Account& account,
                         const RequestInformalReview& command, const Facts& facts) {
  if (const auto reason = company_refusal(account, Action::submit_changes, facts)) return refuse(*reason);
  if (!programme.refusal_effective_at) return refuse(Reason::informal_review_closed);
  if (programme.informal_review_open_since) return refuse(Reason::request_already_open);
  if (programme.informal_review_used || facts.now >= *programme.refusal_effective_at)
    return refuse(Reason::informal_review_closed);
  return record(InformalReviewRequested{account.id, facts.caller.id, command.grounds, facts.now});
}

ProgrammeDecision decide(const Programme& programme, const Account& account,
                         const AppealCancellation& command, const Facts& facts) {
  if (const auto reason = company_refusal(account, Action::submit_changes, facts)) return refuse(*reason);
  if (programme.status != MembershipStatus::cancelled) return refuse(Reason::membership_status_differs);
  if (programme.appeal_open_since) return refuse(Reason::request_already_open);
  if (programme.appeal_used || facts.now >= *programme.cancelled_at + appeal_window)
    return refuse(Reason::appeal_closed);
  return record(CancellationAppealed{account.id, facts.caller.id, command.grounds, facts.now});
}

// ---- decide: the officer ----------------------------------------------------------------------------------

ProgrammeDecision decide(const Programme& programme, const Account& account, const BeginReview& command,
                         const Facts& facts) {
  if (const auto reason =
          review_refusal(programme, account, command.submission, SubmissionState::submitted, facts))
    return refuse(*reason);
  return record(ReviewBegun{account.id, command.submission, facts.caller.id});
}

ProgrammeDecision decide(const Programme& programme, const Account& account, const AcceptSubmission& command,
                         const Facts& facts) {
  if (const auto reason =
          review_refusal(programme, account, command.submission, SubmissionState::in_review, facts))
    return refuse(*reason);
  return record(SubmissionAccepted{account.id, command.submission, facts.caller.id, facts.now});
}

ProgrammeDecision decide(const Programme& programme, const Account& account, const ReturnSubmission& command,
                         const Facts& facts) {
  if (const auto reason =
          review_refusal(programme, account, command.submission, SubmissionState::in_review, facts))
    return refuse(*reason);
  return record(SubmissionReturned{account.id, command.submission, facts.caller.id, command.remarks});
}

ProgrammeDecision decide(const Programme& programme, const Account& account, const RefuseSubmission& command,
                         const Facts& facts) {
  if (const auto reason =
          review_refusal(programme, account, command.submission, SubmissionState::in_review, facts))
    return refuse(*reason);
  return record(SubmissionRefused{account.id, command.submission, facts.caller.id, command.reason,
                                  facts.now + refusal_notice});
}

ProgrammeDecision decide(const Programme& programme, const Account& account,
                         const AnswerInformalReview& command, const Facts& facts) {
  if (const auto reason = officer_refusal(account, facts)) return refuse(*reason);
  if (!programme.informal_review_open_since) return refuse(Reason::no_request_open);
  return record(InformalReviewAnswered{account.id, facts.caller.id, command.upheld, command.answer});
}

ProgrammeDecision decide(const Programme& programme, const Account& account, const SuspendMembership& command,
                         const Facts& facts) {
  if (const auto reason = status_refusal(programme, account, {MembershipStatus::member}, facts))
    return refuse(*reason);
  return record(MembershipSuspended{account.id, facts.caller.id, command.reason});
}

ProgrammeDecision decide(const Programme& programme, const Account& account,
                         const ReinstateMembership& command, const Facts& facts) {
  if (const auto reason = status_refusal(programme, account, {MembershipStatus::suspended}, facts))
    return refuse(*reason);
  return record(MembershipReinstated{account.id, facts.caller.id, command.reason});
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
  return record(AppealAnswered{account.id, facts.caller.id, command.granted, command.answer});
}

ProgrammeDecision decide(const Programme& programme, const Account& account,
                         const RecordRevalidation& command, const Facts& facts) {
  if (const auto reason =
          status_refusal(programme, account, {MembershipStatus::member, MembershipStatus::suspended}, facts))
    return refuse(*reason);
  return record(MembershipRevalidated{account.id, facts.caller.id, command.remarks, facts.now});
}

// ---- decide: deadlines ------------------------------------------------------------------------------------

ProgrammeDecision decide(const Programme& programme, const Account& account, const LetTimePassForProgramme&,
                         const Facts& facts) {
  ProgrammeDecision decision;
  if (programme.refusal_effective_at && !programme.informal_review_open_since &&
      facts.now >= *programme.refusal_effective_at)
    decision.and_record(RefusalTookEffect{account.id, *programme.refusal_effective_at});
  if (!owes(programme)) return decision;
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
  if (!owes(programme)) return earliest;
  if (!programme.confirmation_overdue) consider(confirmation_due_at(programme));
  if (!programme.revalidation_announced) consider(*programme.revalidation_due_at - revalidation_notice);
  if (!programme.revalidation_overdue) consider(*programme.revalidation_due_at);
  return earliest;
}

// ---- evolve -----------------------------------------------------------------------------------------------

void evolve(Programme& programme, const ProfileSaved& event) {
  programme.id = event.account;
  programme.changed_since_submission = true;
  const auto found = std::ranges::find(programme.profiles, event.profile, &Profile::ref);
  if (found != programme.profiles.end()) {
    found->answers = event.answers;
  } else {
    programme.profiles.push_back({event.profile, event.answers});
  }
}

void evolve(Programme& programme, const SecurityProfileRemoved& event) {
  programme.changed_since_submission = true;
  const ProfileRef ref{ProfileKind::security, event.site.text()};
  std::erase_if(programme.profiles, [&](const Profile& profile) { return profile.ref == ref; });
}

void evolve(Programme& programme, const ApplicationSubmitted& event) {
  programme.submissions.push_back(
      {event.submission, event.kind, SubmissionState::submitted, event.submitted_at, std::nullopt});
  programme.changed_since_submission = false;
  if (event.kind == SubmissionKind::application) programme.status = MembershipStatus::applied;
}

void evolve(Programme& programme, const ReviewBegun& event) {
  Submission* submission = find_submission(programme, event.submission);
  if (!submission) return;
  submission->state = SubmissionState::in_review;
  if (submission->kind == SubmissionKind::application) programme.status = MembershipStatus::under_review;
}

void evolve(Programme& programme, const SubmissionAccepted& event) {
  Submission* submission = find_submission(programme, event.submission);
  if (!submission) return;
  submission->state = SubmissionState::accepted;
  if (submission->kind == SubmissionKind::application) become_member(programme, event.accepted_at);
}

void evolve(Programme& programme, const SubmissionReturned& event) {
  Submission* submission = find_submission(programme, event.submission);
  if (!submission) return;
  submission->state = SubmissionState::returned;
  submission->remarks = event.remarks;
  // A returned submission may be submitted again unchanged, for instance after an explanation by telephone.
  programme.changed_since_submission = true;
  if (submission->kind == SubmissionKind::application) programme.status = MembershipStatus::none;
}

void evolve(Programme& programme, const SubmissionRefused& event) {
  Submission* submission = find_submission(programme, event.submission);
  if (!submission) return;
  submission->state = SubmissionState::refused;
  submission->remarks = event.reason;
  if (submission->kind != SubmissionKind::application) return;
  programme.refusal_effective_at = event.effective_at;
  programme.informal_review_used = false;
}

void evolve(Programme& programme, const InformalReviewRequested& event) {
  programme.informal_review_open_since = event.requested_at;
  programme.informal_review_used = true;
}

void evolve(Programme& programme, const InformalReviewAnswered& event) {
  programme.informal_review_open_since.reset();
  if (event.upheld) return;
  // The refusal is lifted: the application is back at the start of its review.
  programme.refusal_effective_at.reset();
  if (!programme.submissions.empty()) programme.submissions.back().state = SubmissionState::in_review;
}

void evolve(Programme& programme, const RefusalTookEffect&) {
  programme.refusal_effective_at.reset();
  programme.status = MembershipStatus::refused;
  programme.changed_since_submission = true;
}

void evolve(Programme& programme, const MembershipSuspended&) {
  programme.status = MembershipStatus::suspended;
}
void evolve(Programme& programme, const MembershipReinstated&) {
  programme.status = MembershipStatus::member;
}

void evolve(Programme& programme, const MembershipCancelled& event) {
  programme.status = MembershipStatus::cancelled;
  programme.cancelled_at = event.cancelled_at;
  programme.appeal_used = false;
  programme.changed_since_submission = true;
}

void evolve(Programme& programme, const CancellationAppealed& event) {
  programme.appeal_open_since = event.appealed_at;
  programme.appeal_used = true;
}

void evolve(Programme& programme, const AppealAnswered& event) {
  programme.appeal_open_since.reset();
  if (!event.granted) return;
  programme.status = MembershipStatus::member;
  programme.cancelled_at.reset();
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
  programme.revalidation_due_at = add_years(event.revalidated_at, revalidation_years);
  programme.revalidation_announced = false;
  programme.revalidation_overdue = false;
}

}  // namespace ttp::domain
