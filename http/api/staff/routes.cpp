// The rows of programme staff.
#include "http/api/rows.hpp"
#include "http/api/staff/queries.hpp"
#include "projections/index/index_rows.hpp"

namespace ttp::http {
namespace {

using namespace domain;

}  // namespace

// clang-format off
std::vector<Route> staff_routes() {
  std::vector<Route> rows;
  const auto add = [&](Route route) { rows.push_back(std::move(route)); };

  Route work = query<ListPage<RawJson>>("/v1/staff/work", "Staff", "What waits for the caller's staff role, oldest first", staff({desk, mail_room, officer, operator_}), &staff_work);
  work.parameters = paging_and({query_parameter("kind", text_schema, "letter, letter_overdue, letter_arrival, letter_case, enrolment_release, owner_reassignment, submission, informal_review, appeal, confirmation_overdue, revalidation_due, staff_role_change or erasure")});
  add(of_rows<projections::WorkRow>(work));
  Route find_users = query<ListPage<UserDocument>>("/v1/staff/users", "Staff", "Find a user by URN, user name or e-mail", staff({desk, operator_}), &find_user);
  find_users.parameters = {query_parameter("urn", text_schema, "URN"), query_parameter("user_name", text_schema, "User name"), query_parameter("email", text_schema, "E-mail")};
  add(find_users);
  Route find_accounts = query<ListPage<AccountDocument>>("/v1/staff/accounts", "Staff", "Find an account by business or client number", staff({desk, mail_room, officer}), &find_account);
  find_accounts.parameters = {query_parameter("business_number", text_schema, "Business number"), query_parameter("client_number", text_schema, "Client number")};
  add(find_accounts);
  add(command<IssueNewUrn>("POST", "/v1/staff/users/{user}/urns", "Staff", "Issue a new URN to a user whose URN has expired", staff({desk}), 201,
      path("user", &IssueNewUrn::user), body("reason", &IssueNewUrn::reason)));
  add(command<UnlockCredential>("POST", "/v1/staff/users/{user}/unlocks", "Staff", "Unlock a credential for strangers and for all devices; the person's sessions end", staff({desk}), 201,
      path("user", &UnlockCredential::user), body("reason", &UnlockCredential::reason)));
  add(query<ListPage<SessionDocument>>("/v1/staff/users/{user}/sessions", "Staff", "A user's open sessions", staff({desk}), &user_sessions));
  add(command<EndSessions>("POST", "/v1/staff/users/{user}/session-closures", "Staff", "End one of a user's sessions, or all of them", staff({desk}), 201,
      path("user", &EndSessions::user), body("session_id", &EndSessions::session), body("reason", &EndSessions::reason)));
  add(with_location(command<GrantStaffRole>("POST", "/v1/staff/users/{user}/roles", "Staff", "Propose to give a user a staff role; the only operator gives it at once", staff({operator_}), 201,
      path("user", &GrantStaffRole::user), body("role", &GrantStaffRole::role), body("reason", &GrantStaffRole::reason)), "/v1/staff/users/{user}/role-changes/{id}"));
  add(with_location(command<RevokeStaffRole>("POST", "/v1/staff/users/{user}/role-revocations", "Staff", "Propose to take a staff role from a user; the only operator takes it at once", staff({operator_}), 201,
      path("user", &RevokeStaffRole::user), body("role", &RevokeStaffRole::role), body("reason", &RevokeStaffRole::reason)), "/v1/staff/users/{user}/role-changes/{id}"));
  add(query<ProposalDocument>("/v1/staff/users/{user}/role-changes/{proposal}", "Staff", "The proposal to give or take a staff role", staff({operator_}), &staff_role_change));
  add(command<ApproveStaffRoleChange>("POST", "/v1/staff/users/{user}/role-changes/{proposal}/approval", "Staff", "Give or take the staff role (second operator)", staff({operator_}), 201,
      path("user", &ApproveStaffRoleChange::user), path("proposal", &ApproveStaffRoleChange::proposal)));
  add(command<WithdrawStaffRoleChange>("POST", "/v1/staff/users/{user}/role-changes/{proposal}/withdrawal", "Staff", "Withdraw the proposal", staff({operator_}), 201,
      path("user", &WithdrawStaffRoleChange::user), path("proposal", &WithdrawStaffRoleChange::proposal), body("reason", &WithdrawStaffRoleChange::reason)));
  add(with_location(command<ProposeErasure>("POST", "/v1/staff/users/{user}/erasures", "Operation", "Propose to erase a person for good", staff({operator_}), 201,
      path("user", &ProposeErasure::user), body("ground", &ProposeErasure::ground), body("reason", &ProposeErasure::reason)), "/v1/staff/users/{user}/erasures/{id}"));
  add(query<ProposalDocument>("/v1/staff/users/{user}/erasures/{erasure}", "Operation", "The proposal to erase a person", staff({operator_}), &erasure));
  add(command<ApproveErasure>("POST", "/v1/staff/users/{user}/erasures/{erasure}/approval", "Operation", "Erase the person: a second operator approves, and their key is destroyed", staff({operator_}), 201,
      path("user", &ApproveErasure::user), path("erasure", &ApproveErasure::proposal)));
  add(command<WithdrawErasure>("POST", "/v1/staff/users/{user}/erasures/{erasure}/withdrawal", "Operation", "Withdraw the proposal to erase a person", staff({operator_}), 201,
      path("user", &WithdrawErasure::user), path("erasure", &WithdrawErasure::proposal), body("reason", &WithdrawErasure::reason)));
  add(query<LetterDocument>("/v1/staff/letters/{letter}", "Staff", "A letter", staff({mail_room, desk}), &one_letter));
  add(raw("GET", "/v1/staff/letters/{letter}/document", "Staff", "The letter to print, as PDF", staff({mail_room}), "application/pdf", &letter_document));
  add(command<RecordLetterPrinted>("POST", "/v1/staff/letters/{letter}/printing", "Staff", "Record that a letter was printed", staff({mail_room}), 201,
      from_call<RecordLetterPrinted>(&account_of_letter<RecordLetterPrinted>), path("letter", &RecordLetterPrinted::letter)));
  add(command<RecordLetterPosted>("POST", "/v1/staff/letters/{letter}/posting", "Staff", "Record that a letter was handed to the post", staff({mail_room}), 201,
      from_call<RecordLetterPosted>(&account_of_letter<RecordLetterPosted>), path("letter", &RecordLetterPosted::letter),
      body("registered_mail_number", &RecordLetterPosted::registered_mail_number)));
  add(command<CorrectRegisteredMailNumber>("PUT", "/v1/staff/letters/{letter}/registered-mail-number", "Staff", "Correct a mistyped registered-mail number", staff({mail_room}), 200,
      from_call<CorrectRegisteredMailNumber>(&account_of_letter<CorrectRegisteredMailNumber>), path("letter", &CorrectRegisteredMailNumber::letter),
      body("registered_mail_number", &CorrectRegisteredMailNumber::registered_mail_number), body("reason", &CorrectRegisteredMailNumber::reason)));
  add(command<RecordLetterArrived>("POST", "/v1/staff/letters/{letter}/arrival", "Staff", "Record that the post delivered a letter", staff({mail_room, desk}), 201,
      from_call<RecordLetterArrived>(&account_of_letter<RecordLetterArrived>), path("letter", &RecordLetterArrived::letter)));
  add(command<RecordLetterReturned>("POST", "/v1/staff/letters/{letter}/return", "Staff", "Record that a letter came back; its code is void", staff({mail_room}), 201,
      from_call<RecordLetterReturned>(&account_of_letter<RecordLetterReturned>), path("letter", &RecordLetterReturned::letter),
      body("reason", &RecordLetterReturned::reason)));
  add(command<ResolveLetterCase>("POST", "/v1/staff/accounts/{account}/letter-cases/{case}/resolution", "Staff", "Answer a report that a letter did not come", staff({desk}), 201,
      path("account", &ResolveLetterCase::account), path("case", &ResolveLetterCase::case_id),
      body("resolution", &ResolveLetterCase::resolution), body("reason", &ResolveLetterCase::reason)));
  add(with_location(command<ProposeEnrolmentRelease>("POST", "/v1/staff/accounts/{account}/enrolment-releases", "Staff", "Propose to release a business number that an enrolment holds without right (first officer)", staff({desk}), 201,
      path("account", &ProposeEnrolmentRelease::account), body("reason", &ProposeEnrolmentRelease::reason)), "/v1/staff/accounts/{account}/enrolment-releases/{id}"));
  add(query<ProposalDocument>("/v1/staff/accounts/{account}/enrolment-releases/{proposal}", "Staff", "The proposal to release a business number", staff({desk}), &enrolment_release));
  add(command<ApproveEnrolmentRelease>("POST", "/v1/staff/accounts/{account}/enrolment-releases/{proposal}/approval", "Staff", "Release the business number (second officer)", staff({desk}), 201,
      path("account", &ApproveEnrolmentRelease::account), path("proposal", &ApproveEnrolmentRelease::proposal)));
  add(command<WithdrawEnrolmentRelease>("POST", "/v1/staff/accounts/{account}/enrolment-releases/{proposal}/withdrawal", "Staff", "Withdraw the proposal", staff({desk}), 201,
      path("account", &WithdrawEnrolmentRelease::account), path("proposal", &WithdrawEnrolmentRelease::proposal),
      body("reason", &WithdrawEnrolmentRelease::reason)));
  add(with_location(command<ProposeOwnerReassignment>("POST", "/v1/staff/accounts/{account}/owner-reassignments", "Staff", "Propose a new owner where the owner is gone (first officer)", staff({desk}), 201,
      path("account", &ProposeOwnerReassignment::account), body("new_owner", &ProposeOwnerReassignment::new_owner),
      body("reason", &ProposeOwnerReassignment::reason)), "/v1/staff/accounts/{account}/owner-reassignments/{id}"));
  add(query<ProposalDocument>("/v1/staff/accounts/{account}/owner-reassignments/{proposal}", "Staff", "The proposal of a new owner: who, whom, why and until when", staff({desk}), &owner_reassignment));
  add(command<ApproveOwnerReassignment>("POST", "/v1/staff/accounts/{account}/owner-reassignments/{proposal}/approval", "Staff", "Approve the new owner (second officer)", staff({desk}), 201,
      path("account", &ApproveOwnerReassignment::account), path("proposal", &ApproveOwnerReassignment::proposal)));
  add(command<WithdrawOwnerReassignment>("POST", "/v1/staff/accounts/{account}/owner-reassignments/{proposal}/withdrawal", "Staff", "Withdraw the proposal", staff({desk}), 201,
      path("account", &WithdrawOwnerReassignment::account), path("proposal", &WithdrawOwnerReassignment::proposal),
      body("reason", &WithdrawOwnerReassignment::reason)));
  add(query<AccountDocument>("/v1/staff/accounts/{account}", "Staff", "An account as staff see it", staff({desk, mail_room, officer}), &staff_account));
  add(query<ListPage<ProfileDocument>>("/v1/staff/accounts/{account}/profiles", "Staff", "A company's profiles as they were accepted last", staff({officer}), &staff_profiles));
  add(query<ListPage<SubmissionDocument>>("/v1/staff/accounts/{account}/submissions", "Staff", "A company's submissions", staff({officer}), &staff_submissions));
  add(query<SubmissionContentDocument>("/v1/staff/accounts/{account}/submissions/{submission}", "Staff", "A submission to be decided: what was submitted and how it differs from what was accepted last", staff({officer}), &staff_submission));
  add(query<MembershipDocument>("/v1/staff/accounts/{account}/membership", "Staff", "A company's membership", staff({desk, officer}), &staff_membership));
  add(command<BeginReview>("POST", "/v1/staff/accounts/{account}/submissions/{submission}/review", "Staff", "Begin the review of a submission", staff({officer}), 201,
      path("account", &BeginReview::account), path("submission", &BeginReview::submission)));
  add(command<AcceptSubmission>("POST", "/v1/staff/accounts/{account}/submissions/{submission}/acceptance", "Staff", "Accept a submission", staff({officer}), 201,
      path("account", &AcceptSubmission::account), path("submission", &AcceptSubmission::submission)));
  add(command<ReturnSubmission>("POST", "/v1/staff/accounts/{account}/submissions/{submission}/return", "Staff", "Return a submission with remarks", staff({officer}), 201,
      path("account", &ReturnSubmission::account), path("submission", &ReturnSubmission::submission), body("remarks", &ReturnSubmission::remarks)));
  add(command<RefuseSubmission>("POST", "/v1/staff/accounts/{account}/submissions/{submission}/refusal", "Staff", "Refuse a submission with a reason", staff({officer}), 201,
      path("account", &RefuseSubmission::account), path("submission", &RefuseSubmission::submission), body("reason", &RefuseSubmission::reason)));
  add(command<AnswerInformalReview>("POST", "/v1/staff/accounts/{account}/informal-review-answers", "Staff", "Answer a request for an informal review", staff({officer}), 201,
      path("account", &AnswerInformalReview::account), body("upheld", &AnswerInformalReview::upheld), body("answer", &AnswerInformalReview::answer)));
  add(command<SuspendMembership>("POST", "/v1/staff/accounts/{account}/membership-suspensions", "Staff", "Suspend a membership", staff({officer}), 201,
      path("account", &SuspendMembership::account), body("reason", &SuspendMembership::reason)));
  add(command<ReinstateMembership>("POST", "/v1/staff/accounts/{account}/membership-reinstatements", "Staff", "Reinstate a suspended membership", staff({officer}), 201,
      path("account", &ReinstateMembership::account), body("reason", &ReinstateMembership::reason)));
  add(command<CancelMembership>("POST", "/v1/staff/accounts/{account}/membership-cancellations", "Staff", "Cancel a membership", staff({officer}), 201,
      path("account", &CancelMembership::account), body("reason", &CancelMembership::reason)));
  add(command<AnswerAppeal>("POST", "/v1/staff/accounts/{account}/appeal-answers", "Staff", "Answer an appeal", staff({officer}), 201,
      path("account", &AnswerAppeal::account), body("granted", &AnswerAppeal::granted), body("answer", &AnswerAppeal::answer)));
  add(command<RecordRevalidation>("POST", "/v1/staff/accounts/{account}/revalidations", "Staff", "Record a revalidation", staff({officer}), 201,
      path("account", &RecordRevalidation::account), body("remarks", &RecordRevalidation::remarks)));
  return rows;
}
// clang-format on

}  // namespace ttp::http
