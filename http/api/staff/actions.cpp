#include "http/api/staff/actions.hpp"

#include <algorithm>
#include <array>

namespace ttp::http {

using namespace domain;

UserId somebody() {
  UserId id;
  id.uuid.bytes.fill(0xFF);  // an identifier that is never drawn
  return id;
}

Facts naming_somebody(Facts facts) {
  Person person;
  person.id = somebody();
  person.urn_generation = 1;
  facts.matched = person;
  return facts;
}

void add_desk_actions(std::vector<OpenAction>& actions, const Account& account, const Facts& facts) {
  const auto would = [&](const auto& command, const Facts& known) {
    return !decide(account, command, known).refusal;
  };
  const std::string here = "/v1/staff/accounts/" + to_text(account.id);
  add_action(actions, would(ProposeEnrolmentRelease{account.id, {}}, facts), "propose_enrolment_release",
             "POST", here, "/enrolment-releases");
  add_action(actions, would(ProposeOwnerReassignment{account.id, somebody(), {}}, naming_somebody(facts)),
             "propose_owner_reassignment", "POST", here, "/owner-reassignments");
  for (const LetterCase& each : account.letter_cases)
    add_action(actions, would(ResolveLetterCase{account.id, each.id, CaseResolution::closed, {}}, facts),
               "resolve_letter_case", "POST", here, "/letter-cases/" + to_text(each.id) + "/resolution");
}

void add_officer_actions(std::vector<OpenAction>& actions, const Account& account, const Programme& programme,
                         const Facts& facts) {
  const auto would = [&](const auto& command) { return !decide(programme, account, command, facts).refusal; };
  const AccountId id = account.id;
  const std::string here = "/v1/staff/accounts/" + to_text(id);
  for (const Submission& each : programme.submissions) {
    const std::string at = here + "/submissions/" + to_text(each.id);
    add_action(actions, would(BeginReview{id, each.id}), "begin_review", "POST", at, "/review");
    add_action(actions, would(AcceptSubmission{id, each.id}), "accept_submission", "POST", at, "/acceptance");
    add_action(actions, would(ReturnSubmission{id, each.id, {}}), "return_submission", "POST", at, "/return");
    add_action(actions, would(RefuseSubmission{id, each.id, {}}), "refuse_submission", "POST", at,
               "/refusal");
  }
  add_action(actions, would(AnswerInformalReview{id, true, {}}), "answer_informal_review", "POST", here,
             "/informal-review-answers");
  add_action(actions, would(SuspendMembership{id, {}}), "suspend_membership", "POST", here,
             "/membership-suspensions");
  add_action(actions, would(ReinstateMembership{id, {}}), "reinstate_membership", "POST", here,
             "/membership-reinstatements");
  add_action(actions, would(CancelMembership{id, {}}), "cancel_membership", "POST", here,
             "/membership-cancellations");
  add_action(actions, would(AnswerAppeal{id, true, {}}), "answer_appeal", "POST", here, "/appeal-answers");
  add_action(actions, would(RecordRevalidation{id, {}}), "record_revalidation", "POST", here,
             "/revalidations");
}

void add_staff_actions(std::vector<OpenAction>& actions, const User& user, const Facts& facts) {
  const auto would = [&](const auto& command) { return !decide(user, command, facts).refusal; };
  const auto would_for_a_role = [&]<class Command>(Command command) {
    for (std::size_t i = 0; i < enum_names<StaffRole>.size(); ++i) {
      command.role = static_cast<StaffRole>(i);
      if (would(command)) return true;
    }
    return false;
  };
  const std::string here = "/v1/staff/users/" + to_text(user.id);
  add_action(actions, would(IssueNewUrn{user.id, {}}), "issue_new_urn", "POST", here, "/urns");
  add_action(actions, would(UnlockCredential{user.id, {}}), "unlock_credential", "POST", here, "/unlocks");
  add_action(actions, would(EndSessions{user.id, {}, {}}), "end_sessions", "POST", here, "/session-closures");
  add_action(actions, would_for_a_role(GrantStaffRole{user.id, {}, {}}), "grant_staff_role", "POST", here,
             "/roles");
  add_action(actions, would_for_a_role(RevokeStaffRole{user.id, {}, {}}), "revoke_staff_role", "POST", here,
             "/role-revocations");
  add_action(actions, would(ProposeErasure{user.id, {}, {}}), "propose_erasure", "POST", here, "/erasures");
}

void add_mail_actions(std::vector<OpenAction>& actions, const User& user, const std::string& mail,
                      const Facts& facts) {
  add_action(actions, !decide(user, ResendMail{user.id, mail}, facts).refusal, "resend_mail", "POST",
             "/v1/staff/users/" + to_text(user.id), "/mails/" + mail + "/resends");
}

}  // namespace ttp::http
