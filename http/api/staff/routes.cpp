// The rows of programme staff.
#include "http/api/rows.hpp"
#include "http/api/staff/queries.hpp"
#include "http/api/staff/recoveries.hpp"
#include "projections/index/index_rows.hpp"

namespace ttp::http {
namespace {

using namespace domain;

/// A member `outcome` of the body, of which one choice is the command's "yes".
template <class C, class E>
struct FromOutcome {
  static constexpr bool looks_up = false;
  bool C::* member;
  E yes;
  void fill(C& command, const Call&, const Json* body, Faults& faults) const {
    E outcome{};
    if (const auto value = member_of_body(body, "outcome", "/outcome", false, faults))
      read_value(*value, "/outcome", outcome, faults);
    command.*member = outcome == yes;
  }
  void describe(Route& route) const {
    route.body.push_back({"outcome", schema_of<E>(), true, example_of<E>()});
  }
};
template <class C, class E>
FromOutcome<C, E> outcome(bool C::* member, E yes) {
  return {member, yes};
}

/// The key stays empty, which names no mail, if the journal does not have it.
auto mail_of_path() {
  return from_call<ResendMail>([](ResendMail& command, const Call& call) {
    if (const auto row = journal_row(call)) command.mail_key = row->id;
  });
}

}  // namespace

// clang-format off
std::vector<Route> staff_routes() {
  std::vector<Route> rows;
  const auto add = [&](Route route) { rows.push_back(std::move(route)); };

  Route work = query<ListPage<RawJson>>("/v1/staff/work", "Staff", "What waits for the caller's staff roles, the oldest first", staff({desk, mail_room, officer, operator_}), &staff_work);
  work.parameters.push_back(query_parameter("kind", schema_of<projections::WorkKind>(), "Only work of this kind"));
  add(of_rows<projections::WorkRow>(work));
  add(query<ListPage<UserDocument>>("/v1/staff/users", "Staff", "Find a user by URN, user name or e-mail", staff({desk, operator_}),
      {query_parameter("urn", schema_of<Urn>(), "URN"), query_parameter("user_name", schema_of<UserName>(), "User name"), query_parameter("email", schema_of<EmailAddress>(), "E-mail")}, &find_user));
  add(patient(query<ListPage<StaffAccountDocument>>("/v1/staff/accounts", "Staff", "Find accounts: one by its business or client number, or all that match", staff({desk, mail_room, officer}),
      {query_parameter("business_number", schema_of<BusinessNumber>(), "Business number"), query_parameter("client_number", schema_of<ClientNumber>(), "Client number"),
       query_parameter("name", text_schema, "Words, each of which is in the legal name or an operating name; case and accents do not matter"),
       query_parameter("stage", schema_of<Stage>(), "The account's stage"), query_parameter("membership_status", schema_of<MembershipStatus>(), "The membership's status"),
       query_parameter("due_until", time_schema, "Something falls due before this time")}, &find_account)));
  add(query<ListPage<MemberDocument>>("/v1/staff/accounts/{account}/members", "Staff", "A company's users", staff({desk, officer}), &staff_members));
  add(query<ListPage<LetterDocument>>("/v1/staff/accounts/{account}/letters", "Staff", "The letters to a company", staff({desk, mail_room}), &staff_account_letters));
  add(query<ListPage<LetterCaseDocument>>("/v1/staff/accounts/{account}/letter-cases", "Staff", "A company's reports of missing letters", staff({desk}), &staff_letter_cases));
  add(query<LetterCaseDocument>("/v1/staff/accounts/{account}/letter-cases/{letter_case}", "Staff", "A report of a missing letter and its answer", staff({desk}), &staff_letter_case));
  add(query<ListPage<InformalReviewDocument>>("/v1/staff/accounts/{account}/informal-reviews", "Staff", "A company's informal reviews", staff({officer}), &staff_informal_reviews));
  add(query<InformalReviewDocument>("/v1/staff/accounts/{account}/informal-reviews/{informal_review}", "Staff", "An informal review: grounds, answer and outcome", staff({officer}), &staff_informal_review));
  add(query<ListPage<AppealDocument>>("/v1/staff/accounts/{account}/appeals", "Staff", "A company's appeals", staff({officer}), &staff_appeals));
  add(query<AppealDocument>("/v1/staff/accounts/{account}/appeals/{appeal}", "Staff", "An appeal: grounds, answer and outcome", staff({officer}), &staff_appeal));
  add(query<ListPage<ProposalDocument>>("/v1/staff/accounts/{account}/enrolment-releases", "Staff", "The open proposal to release a business number", staff({desk}), &enrolment_releases));
  add(query<ListPage<ProposalDocument>>("/v1/staff/accounts/{account}/owner-reassignments", "Staff", "The open proposal of a new owner", staff({desk}), &owner_reassignments));
  add(query<ListPage<ProposalDocument>>("/v1/staff/users/{user}/role-changes", "Staff", "The open proposal to give or take a staff role", staff({operator_}), &staff_role_changes));
  add(query<ListPage<ProposalDocument>>("/v1/staff/users/{user}/erasures", "Operation", "The open proposal to erase a person", staff({operator_}), &erasures));
  add(patient(query<ListPage<LetterDocument>>("/v1/staff/letters", "Staff", "Find letters", staff({mail_room, desk}),
      {query_parameter("state", schema_of<LetterState>(), "Where the letter is"), query_parameter("overdue", truth_schema, "Past its two business days, and not posted")}, &staff_letters)));
  add(with_location(command<IssueNewUrn>("POST", "/v1/staff/users/{user}/urns", "Staff", "Issue a new URN to a user whose URN has expired", staff({desk}), 201,
      path("user", &IssueNewUrn::user), body("reason", &IssueNewUrn::reason)), "/v1/users/{user}"));
  add(with_location(command<UnlockCredential>("POST", "/v1/staff/users/{user}/unlocks", "Staff", "Unlock a credential for strangers and for all devices; the person's sessions end", staff({desk}), 201,
      path("user", &UnlockCredential::user), body("reason", &UnlockCredential::reason)), "/v1/users/{user}"));
  add(query<ListPage<MailDocument>>("/v1/staff/users/{user}/mails", "Staff", "What became of the mails to a user in the last 90 days, the newest first", staff({desk, StaffRole::auditor, StaffRole::privacy_auditor}), &mails_to_user));
  add(query<MailDocument>("/v1/staff/users/{user}/mails/{mail}", "Staff", "What became of a mail to a user", staff({desk, StaffRole::auditor, StaffRole::privacy_auditor}), &mail_to_user));
  add(command<ResendMail>("POST", "/v1/staff/users/{user}/mails/{mail}/resends", "Staff", "Send a mail again, as it would be sent now; one that is not due any more is not sent", staff({desk}), 202,
      path("user", &ResendMail::user), mail_of_path()));
  add(query<ListPage<SessionDocument>>("/v1/staff/users/{user}/sessions", "Staff", "A user's open sessions", staff({desk}), &user_sessions));
  add(with_location(command<EndSessions>("POST", "/v1/staff/users/{user}/session-closures", "Staff", "End one of a user's sessions, or all of them", staff({desk}), 201,
      path("user", &EndSessions::user), body("session_id", &EndSessions::session), body("reason", &EndSessions::reason)), "/v1/users/{user}"));
  add(with_location(command<ProposeRecovery>("POST", "/v1/staff/users/{user}/recoveries", "Staff", "Have a permit to recover a credential sent to the person's company; for an owner, propose it (first officer)", staff({desk}), 201,
      path("user", &ProposeRecovery::user), body("account_id", &ProposeRecovery::account), body("reason", &ProposeRecovery::reason)), "/v1/staff/users/{user}/recoveries/{id}"));
  add(query<RecoveryDocument>("/v1/staff/users/{user}/recoveries/{recovery}", "Staff", "A recovery: who, why, and what became of the permit", staff({desk}), &staff_recovery));
  add(with_location(command<ApproveRecovery>("POST", "/v1/staff/users/{user}/recoveries/{recovery}/approval", "Staff", "Have the permit sent to the owner of a company (second officer)", staff({desk}), 201,
      path("user", &ApproveRecovery::user), path("recovery", &ApproveRecovery::proposal)), "/v1/staff/users/{user}/recoveries/{recovery}"));
  add(with_location(command<WithdrawRecovery>("POST", "/v1/staff/users/{user}/recoveries/{recovery}/withdrawal", "Staff", "End a recovery; its permit is void", staff({desk}), 201,
      path("user", &WithdrawRecovery::user), path("recovery", &WithdrawRecovery::proposal), body("reason", &WithdrawRecovery::reason)), "/v1/staff/users/{user}/recoveries/{recovery}"));
  add(with_location(command<GrantStaffRole>("POST", "/v1/staff/users/{user}/roles", "Staff", "Propose to give a user a staff role; the only operator gives it at once", staff({operator_}), 201,
      path("user", &GrantStaffRole::user), body("role", &GrantStaffRole::role), body("reason", &GrantStaffRole::reason)), "/v1/staff/users/{user}/role-changes/{id}", "/v1/users/{user}"));
  add(with_location(command<RevokeStaffRole>("POST", "/v1/staff/users/{user}/role-revocations", "Staff", "Propose to take a staff role from a user; the only operator takes it at once", staff({operator_}), 201,
      path("user", &RevokeStaffRole::user), body("role", &RevokeStaffRole::role), body("reason", &RevokeStaffRole::reason)), "/v1/staff/users/{user}/role-changes/{id}", "/v1/users/{user}"));
  add(called("getStaffUserRoleChange", query<ProposalDocument>("/v1/staff/users/{user}/role-changes/{proposal}", "Staff", "The proposal to give or take a staff role", staff({operator_}), &staff_role_change)));
  add(with_location(command<ApproveStaffRoleChange>("POST", "/v1/staff/users/{user}/role-changes/{proposal}/approval", "Staff", "Give or take the staff role (second operator)", staff({operator_}), 201,
      path("user", &ApproveStaffRoleChange::user), path("proposal", &ApproveStaffRoleChange::proposal)), "/v1/users/{user}"));
  add(with_location(command<WithdrawStaffRoleChange>("POST", "/v1/staff/users/{user}/role-changes/{proposal}/withdrawal", "Staff", "Withdraw the proposal", staff({operator_}), 201,
      path("user", &WithdrawStaffRoleChange::user), path("proposal", &WithdrawStaffRoleChange::proposal), body("reason", &WithdrawStaffRoleChange::reason)), "/v1/users/{user}"));
  add(with_location(command<ProposeErasure>("POST", "/v1/staff/users/{user}/erasures", "Operation", "Propose to erase a person for good", staff({operator_}), 201,
      path("user", &ProposeErasure::user), body("ground", &ProposeErasure::ground), body("reason", &ProposeErasure::reason)), "/v1/staff/users/{user}/erasures/{id}"));
  add(query<ProposalDocument>("/v1/staff/users/{user}/erasures/{erasure}", "Operation", "The proposal to erase a person", staff({operator_}), &erasure));
  add(with_location(command<ApproveErasure>("POST", "/v1/staff/users/{user}/erasures/{erasure}/approval", "Operation", "Erase the person: a second operator approves, and their key is destroyed", staff({operator_}), 201,
      path("user", &ApproveErasure::user), path("erasure", &ApproveErasure::proposal)), "/v1/users/{user}"));
  add(with_location(command<WithdrawErasure>("POST", "/v1/staff/users/{user}/erasures/{erasure}/withdrawal", "Operation", "Withdraw the proposal to erase a person", staff({operator_}), 201,
      path("user", &WithdrawErasure::user), path("erasure", &WithdrawErasure::proposal), body("reason", &WithdrawErasure::reason)), "/v1/users/{user}"));
  add(query<LetterDocument>("/v1/staff/letters/{letter}", "Staff", "A letter", staff({mail_room, desk, officer}), &one_letter));
  add(raw("GET", "/v1/staff/letters/{letter}/document", "Staff", "The letter to print, as PDF", staff({mail_room}), "application/pdf", &letter_document));
  add(with_location(command<RecordLetterPrinted>("POST", "/v1/staff/letters/{letter}/printing", "Staff", "Record that a letter was printed", staff({mail_room}), 201,
      from_call<RecordLetterPrinted>(&account_of_letter<RecordLetterPrinted>), path("letter", &RecordLetterPrinted::letter)), "/v1/staff/letters/{letter}"));
  add(with_location(command<RecordLetterPosted>("POST", "/v1/staff/letters/{letter}/posting", "Staff", "Record that a letter was handed to the post", staff({mail_room}), 201,
      from_call<RecordLetterPosted>(&account_of_letter<RecordLetterPosted>), path("letter", &RecordLetterPosted::letter),
      body("registered_mail_number", &RecordLetterPosted::registered_mail_number)), "/v1/staff/letters/{letter}"));
  add(command<CorrectRegisteredMailNumber>("PUT", "/v1/staff/letters/{letter}/registered-mail-number", "Staff", "Correct a mistyped registered-mail number", staff({mail_room}), 200,
      from_call<CorrectRegisteredMailNumber>(&account_of_letter<CorrectRegisteredMailNumber>), path("letter", &CorrectRegisteredMailNumber::letter),
      body("registered_mail_number", &CorrectRegisteredMailNumber::registered_mail_number), body("reason", &CorrectRegisteredMailNumber::reason)));
  add(with_location(command<RecordLetterArrived>("POST", "/v1/staff/letters/{letter}/arrival", "Staff", "Record that the post delivered a letter", staff({mail_room, desk}), 201,
      from_call<RecordLetterArrived>(&account_of_letter<RecordLetterArrived>), path("letter", &RecordLetterArrived::letter)), "/v1/staff/letters/{letter}"));
  add(with_location(command<RecordLetterReturned>("POST", "/v1/staff/letters/{letter}/return", "Staff", "Record that a letter came back; its code is void", staff({mail_room}), 201,
      from_call<RecordLetterReturned>(&account_of_letter<RecordLetterReturned>), path("letter", &RecordLetterReturned::letter),
      body("reason", &RecordLetterReturned::reason)), "/v1/staff/letters/{letter}"));
  add(with_location(command<ResolveLetterCase>("POST", "/v1/staff/accounts/{account}/letter-cases/{letter_case}/resolution", "Staff", "Answer a report that a letter did not come", staff({desk}), 201,
      path("account", &ResolveLetterCase::account), path("letter_case", &ResolveLetterCase::case_id),
      body("resolution", &ResolveLetterCase::resolution), body("reason", &ResolveLetterCase::reason)), "/v1/staff/accounts/{account}/letter-cases/{letter_case}"));
  add(with_location(command<ProposeEnrolmentRelease>("POST", "/v1/staff/accounts/{account}/enrolment-releases", "Staff", "Propose to release a business number that an enrolment holds without right (first officer)", staff({desk}), 201,
      path("account", &ProposeEnrolmentRelease::account), body("reason", &ProposeEnrolmentRelease::reason)), "/v1/staff/accounts/{account}/enrolment-releases/{id}"));
  add(called("getStaffAccountEnrolmentRelease", query<ProposalDocument>("/v1/staff/accounts/{account}/enrolment-releases/{proposal}", "Staff", "The proposal to release a business number", staff({desk}), &enrolment_release)));
  add(with_location(command<ApproveEnrolmentRelease>("POST", "/v1/staff/accounts/{account}/enrolment-releases/{proposal}/approval", "Staff", "Release the business number (second officer)", staff({desk}), 201,
      path("account", &ApproveEnrolmentRelease::account), path("proposal", &ApproveEnrolmentRelease::proposal)), "/v1/staff/accounts/{account}"));
  add(with_location(command<WithdrawEnrolmentRelease>("POST", "/v1/staff/accounts/{account}/enrolment-releases/{proposal}/withdrawal", "Staff", "Withdraw the proposal", staff({desk}), 201,
      path("account", &WithdrawEnrolmentRelease::account), path("proposal", &WithdrawEnrolmentRelease::proposal),
      body("reason", &WithdrawEnrolmentRelease::reason)), "/v1/staff/accounts/{account}"));
  add(with_location(command<ProposeOwnerReassignment>("POST", "/v1/staff/accounts/{account}/owner-reassignments", "Staff", "Propose a new owner where the owner is gone (first officer)", staff({desk}), 201,
      path("account", &ProposeOwnerReassignment::account), body("new_owner_id", &ProposeOwnerReassignment::new_owner),
      body("reason", &ProposeOwnerReassignment::reason)), "/v1/staff/accounts/{account}/owner-reassignments/{id}"));
  add(called("getStaffAccountOwnerReassignment", query<ProposalDocument>("/v1/staff/accounts/{account}/owner-reassignments/{proposal}", "Staff", "The proposal of a new owner: who, whom, why and until when", staff({desk}), &owner_reassignment)));
  add(with_location(command<ApproveOwnerReassignment>("POST", "/v1/staff/accounts/{account}/owner-reassignments/{proposal}/approval", "Staff", "Approve the new owner (second officer)", staff({desk}), 201,
      path("account", &ApproveOwnerReassignment::account), path("proposal", &ApproveOwnerReassignment::proposal)), "/v1/staff/accounts/{account}"));
  add(with_location(command<WithdrawOwnerReassignment>("POST", "/v1/staff/accounts/{account}/owner-reassignments/{proposal}/withdrawal", "Staff", "Withdraw the proposal", staff({desk}), 201,
      path("account", &WithdrawOwnerReassignment::account), path("proposal", &WithdrawOwnerReassignment::proposal),
      body("reason", &WithdrawOwnerReassignment::reason)), "/v1/staff/accounts/{account}"));
  add(with_location(command<RecordMember>("POST", "/v1/staff/members", "Staff", "Record a company that was a member before the portal; orders the letter with its client number and a code", staff({officer}), 201,
      drawn(&RecordMember::account), body("client_number", &RecordMember::client_number), body("business_number", &RecordMember::business_number),
      body("legal_name", &RecordMember::legal_name), body("operating_names", &RecordMember::operating_names),
      body("lines_of_business", &RecordMember::lines_of_business), body("mailing_address", &RecordMember::mailing_address),
      body("member_since", &RecordMember::member_since), body("address_confirmed", &RecordMember::address_confirmed)), "/v1/staff/accounts/{id}"));
  add(with_location(command<SendMemberLetterAgain>("POST", "/v1/staff/accounts/{account}/member-letters", "Staff", "Send a recorded member the letter again, with a new code", staff({officer}), 201,
      path("account", &SendMemberLetterAgain::account), body("mailing_address", &SendMemberLetterAgain::mailing_address),
      body("address_confirmed", &SendMemberLetterAgain::address_confirmed), body("reason", &SendMemberLetterAgain::reason)), "/v1/staff/letters/{id}"));
  add(with_location(command<WithdrawMemberRecord>("POST", "/v1/staff/accounts/{account}/member-record-withdrawals", "Staff", "Take back the record of a member that was made by mistake", staff({officer}), 201,
      path("account", &WithdrawMemberRecord::account), body("reason", &WithdrawMemberRecord::reason)), "/v1/staff/accounts/{account}"));
  add(query<AccountDocument>("/v1/staff/accounts/{account}", "Staff", "An account as staff see it", staff({desk, mail_room, officer}), &staff_account));
  add(query<ListPage<ProfileDocument>>("/v1/staff/accounts/{account}/profiles", "Staff", "A company's profiles as they were accepted last", staff({officer}), &staff_profiles));
  add(query<ListPage<SubmissionDocument>>("/v1/staff/accounts/{account}/submissions", "Staff", "A company's submissions", staff({officer}), &staff_submissions));
  add(query<SubmissionContentDocument>("/v1/staff/accounts/{account}/submissions/{submission}", "Staff", "A submission to be decided: what was submitted and how it differs from what was accepted last", staff({officer}), &staff_submission));
  add(query<MembershipDocument>("/v1/staff/accounts/{account}/membership", "Staff", "A company's membership", staff({desk, officer}), &staff_membership));
  add(with_location(command<BeginReview>("POST", "/v1/staff/accounts/{account}/submissions/{submission}/review", "Staff", "Begin the review of a submission", staff({officer}), 201,
      path("account", &BeginReview::account), path("submission", &BeginReview::submission)), "/v1/staff/accounts/{account}/submissions/{submission}"));
  add(with_location(command<AcceptSubmission>("POST", "/v1/staff/accounts/{account}/submissions/{submission}/acceptance", "Staff", "Accept a submission", staff({officer}), 201,
      path("account", &AcceptSubmission::account), path("submission", &AcceptSubmission::submission)), "/v1/staff/accounts/{account}/submissions/{submission}"));
  add(with_location(command<ReturnSubmission>("POST", "/v1/staff/accounts/{account}/submissions/{submission}/return", "Staff", "Return a submission with remarks", staff({officer}), 201,
      path("account", &ReturnSubmission::account), path("submission", &ReturnSubmission::submission), body("remarks", &ReturnSubmission::remarks)), "/v1/staff/accounts/{account}/submissions/{submission}"));
  add(with_location(command<RefuseSubmission>("POST", "/v1/staff/accounts/{account}/submissions/{submission}/refusal", "Staff", "Refuse a submission with a reason", staff({officer}), 201,
      path("account", &RefuseSubmission::account), path("submission", &RefuseSubmission::submission), body("reason", &RefuseSubmission::reason)), "/v1/staff/accounts/{account}/submissions/{submission}"));
  add(with_location(command<AnswerInformalReview>("POST", "/v1/staff/accounts/{account}/informal-review-answers", "Staff", "Answer a request for an informal review", staff({officer}), 201,
      path("account", &AnswerInformalReview::account), outcome(&AnswerInformalReview::upheld, ReviewOutcome::refusal_stands), body("answer", &AnswerInformalReview::answer)), "/v1/staff/accounts/{account}/membership"));
  add(with_location(command<SuspendMembership>("POST", "/v1/staff/accounts/{account}/membership-suspensions", "Staff", "Suspend a membership", staff({officer}), 201,
      path("account", &SuspendMembership::account), body("reason", &SuspendMembership::reason)), "/v1/staff/accounts/{account}/membership"));
  add(with_location(command<ReinstateMembership>("POST", "/v1/staff/accounts/{account}/membership-reinstatements", "Staff", "Reinstate a suspended membership", staff({officer}), 201,
      path("account", &ReinstateMembership::account), body("reason", &ReinstateMembership::reason)), "/v1/staff/accounts/{account}/membership"));
  add(with_location(command<CancelMembership>("POST", "/v1/staff/accounts/{account}/membership-cancellations", "Staff", "Cancel a membership", staff({officer}), 201,
      path("account", &CancelMembership::account), body("reason", &CancelMembership::reason)), "/v1/staff/accounts/{account}/membership"));
  add(with_location(command<AnswerAppeal>("POST", "/v1/staff/accounts/{account}/appeal-answers", "Staff", "Answer an appeal", staff({officer}), 201,
      path("account", &AnswerAppeal::account), outcome(&AnswerAppeal::granted, AppealOutcome::reinstated), body("answer", &AnswerAppeal::answer)), "/v1/staff/accounts/{account}/membership"));
  add(with_location(command<RecordRevalidation>("POST", "/v1/staff/accounts/{account}/revalidations", "Staff", "Record a revalidation", staff({officer}), 201,
      path("account", &RecordRevalidation::account), body("remarks", &RecordRevalidation::remarks)), "/v1/staff/accounts/{account}/membership"));
  return rows;
}
// clang-format on

}  // namespace ttp::http
