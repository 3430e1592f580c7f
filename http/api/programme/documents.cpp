#include "http/api/programme/documents.hpp"

#include "http/api/staff/actions.hpp"

namespace ttp::http {

using namespace domain;

std::string profile_id(const ProfileRef& ref) {
  return ref.kind == ProfileKind::company ? std::string{"company"} : ref.key;
}

namespace {

std::vector<StatusChangeDocument> status_documents(const Programme& programme) {
  std::vector<StatusChangeDocument> documents;
  for (const StatusChange& each : programme.statuses)
    documents.push_back({each.status, each.at, each.reason});
  return documents;
}

/// The members of two companies' data that differ, in the order of their shape.
void add_company_changes(const CompanyData& before, const CompanyData& after,
                         std::vector<SubmittedChangeDocument>& changes) {
  events::for_each(events::shape<CompanyData>, [&](const auto& each) {
    if (before.*each.member == after.*each.member) return;
    changes.push_back({"company", ProfileKind::company, std::string{each.name},
                       AnyJson{events::to_json(before.*each.member)},
                       AnyJson{events::to_json(after.*each.member)}});
  });
}

std::optional<AnyJson> json_of(const std::optional<std::string>& text) {
  return text ? std::optional{AnyJson{events::to_json(*text)}} : std::nullopt;
}

std::vector<SubmittedChangeDocument> changes_since(const Programme& programme, const Submission& accepted,
                                                   const Submission& submission) {
  std::vector<SubmittedChangeDocument> changes;
  if (accepted.company && submission.company)
    add_company_changes(*accepted.company, *submission.company, changes);
  for (const ProfileDifference& each :
       differing_answers(profiles_in(programme, accepted), profiles_in(programme, submission)))
    changes.push_back(
        {profile_id(each.ref), each.ref.kind, each.member, json_of(each.before), json_of(each.after)});
  return changes;
}

}  // namespace

std::vector<InformalReviewDocument> informal_review_documents(const Programme& programme) {
  std::vector<InformalReviewDocument> documents;
  for (const InformalReview& each : programme.informal_reviews) {
    auto& document =
        documents.emplace_back(InformalReviewDocument{request_id(each.requested_at, programme.id),
                                                      each.submission,
                                                      each.requested_by,
                                                      each.requested_at,
                                                      known(each.grounds),
                                                      {},
                                                      each.answer,
                                                      each.answered_at});
    if (each.upheld)
      document.outcome = *each.upheld ? ReviewOutcome::refusal_stands : ReviewOutcome::reopened;
  }
  return documents;
}

std::vector<AppealDocument> appeal_documents(const Programme& programme) {
  std::vector<AppealDocument> documents;
  for (const Appeal& each : programme.appeals) {
    auto& document = documents.emplace_back(AppealDocument{request_id(each.appealed_at, programme.id),
                                                           each.appealed_by,
                                                           each.appealed_at,
                                                           known(each.grounds),
                                                           {},
                                                           each.answer,
                                                           each.answered_at});
    if (each.granted) document.outcome = *each.granted ? AppealOutcome::reinstated : AppealOutcome::denied;
  }
  return documents;
}

std::vector<ProfileDocument> profile_documents(const Account& account, const Programme& programme) {
  std::vector<ProfileDocument> documents;
  for (const ProfileProgress& row : progress(account, programme)) {
    ProfileDocument& document = documents.emplace_back();
    document.id = profile_id(row.ref);
    document.kind = row.ref.kind;
    document.percent = row.percent;
    document.missing = row.missing;
    if (row.ref.kind == ProfileKind::company) document.company = drafted_company(account, programme);
    const Profile* profile = programme.profile(row.ref);
    if (!profile) continue;
    document.name = profile->name;
    document.version = profile->version;
    document.answers = profile->answers;
  }
  return documents;
}

std::vector<ProfileDocument> accepted_profile_documents(const Programme& programme) {
  std::vector<ProfileDocument> documents;
  for (const Profile* profile : accepted_profiles(programme)) {
    auto [percent, missing] = completeness(questions_of(profile->ref), profile->answers.table());
    documents.push_back({profile_id(profile->ref), profile->ref.kind, profile->name, profile->version,
                         percent, std::move(missing), std::nullopt, profile->answers});
    if (profile->ref.kind == ProfileKind::company)
      documents.back().company = programme.submission(*programme.accepted)->company;
  }
  return documents;
}

std::vector<SubmissionDocument> submission_documents(const Programme& programme) {
  std::vector<SubmissionDocument> documents;
  for (const Submission& each : programme.submissions)
    documents.push_back({each.id, each.kind, each.state, each.submitted_by, each.submitted_at,
                         each.decided_at, each.remarks});
  return documents;
}

SubmissionContentDocument submission_content_document(const Programme& programme,
                                                      const Submission& submission) {
  SubmissionContentDocument document;
  document.id = submission.id;
  document.kind = submission.kind;
  document.state = submission.state;
  document.submitted_by_id = submission.submitted_by;
  document.submitted_at = submission.submitted_at;
  document.decided_at = submission.decided_at;
  document.remarks = submission.remarks;
  document.company = submission.company;
  for (const Profile* each : profiles_in(programme, submission))
    document.profiles.push_back(
        {profile_id(each->ref), each->ref.kind, each->name, each->version, each->answers});
  document.compared_with_id = submission.compared_with;
  const Submission* accepted =
      submission.compared_with ? programme.submission(*submission.compared_with) : nullptr;
  if (accepted) document.changes = changes_since(programme, *accepted, submission);
  return document;
}

MembershipDocument membership_document(const service::StateSource& states, const Account& account,
                                       const Programme& programme, const User& caller) {
  const Facts facts = facts_about(states, account, caller);
  MembershipDocument document;
  document.account_id = account.id;
  document.status = programme.status;
  document.statuses = status_documents(programme);
  if (!programme.statuses.empty()) {
    document.status_at = programme.statuses.back().at;
    document.status_reason = programme.statuses.back().reason;
  }
  document.became_member_at = programme.member_since;
  document.refusal_effective_at = programme.refusal_effective_at;
  document.informal_review_open = programme.informal_review_open_since.has_value();
  document.informal_reviews = informal_review_documents(programme);
  document.cancelled_at = programme.cancelled_at;
  if (const auto until = appeal_until(programme); until && facts.now < *until)
    document.appeal_ends_at = until;
  document.appeal_open = programme.appeal_open_since.has_value();
  document.appeals = appeal_documents(programme);
  document.details_confirmed_at = programme.details_confirmed_at;
  if (has_duties(programme)) {
    document.confirmation_overdue = programme.confirmation_overdue;
    document.revalidation_due_at = programme.revalidation_due_at;
    document.revalidation_overdue = programme.revalidation_overdue;
  }
  document.accepted_submission_id = programme.accepted;
  document.profiles_percent = total_percent(account, programme);
  const auto would = [&](const auto& command) { return !decide(programme, account, command, facts).refusal; };
  const auto at = [&](std::string_view rest) { return account_href(account.id, rest); };
  add_action(document.actions,
             allowed(submission_refusal(programme, account, document.profiles_percent, facts)), "submit",
             "POST", at("/submissions"));
  add_action(document.actions, would(ConfirmDetails{account.id}), "confirm_details", "POST",
             at("/detail-confirmations"));
  add_action(document.actions, would(RequestInformalReview{account.id, {}}), "request_informal_review",
             "POST", at("/informal-reviews"));
  add_action(document.actions, would(AppealCancellation{account.id, {}}), "appeal", "POST", at("/appeals"));
  add_officer_actions(document.actions, account, programme, facts);
  return document;
}

}  // namespace ttp::http
