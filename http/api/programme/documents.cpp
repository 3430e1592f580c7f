#include "http/api/programme/documents.hpp"

namespace ttp::http {

using namespace domain;

std::vector<ProfileDocument> profile_documents(const Account& account, const Programme& programme) {
  std::vector<ProfileDocument> documents;
  for (const ProfileProgress& row : progress(account, programme)) {
    const Profile* profile = programme.profile(row.ref);
    documents.push_back(
        {row.ref.kind, row.ref.key, row.percent, row.missing, profile ? profile->answers : Answers{}});
  }
  return documents;
}

std::vector<SubmissionDocument> submission_documents(const Programme& programme) {
  std::vector<SubmissionDocument> documents;
  for (const Submission& each : programme.submissions)
    documents.push_back({each.id, each.kind, each.state, each.submitted_at, each.remarks});
  return documents;
}

MembershipDocument membership_document(const service::StateSource& states, const Account& account,
                                       const Programme& programme, const User& caller) {
  const Facts facts = facts_about(states, account, caller);
  MembershipDocument document;
  document.account = account.id;
  document.status = programme.status;
  document.member_since = programme.member_since;
  document.refusal_effective_at = programme.refusal_effective_at;
  document.informal_review_open = programme.informal_review_open_since.has_value();
  document.cancelled_at = programme.cancelled_at;
  if (programme.cancelled_at) document.appeal_until = *programme.cancelled_at + appeal_window;
  document.appeal_open = programme.appeal_open_since.has_value();
  document.details_confirmed_at = programme.details_confirmed_at;
  document.confirmation_overdue = programme.confirmation_overdue;
  document.revalidation_due_at = programme.revalidation_due_at;
  document.revalidation_overdue = programme.revalidation_overdue;
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
  return document;
}

}  // namespace ttp::http
