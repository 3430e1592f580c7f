// Handlers of the routes of programme staff.
#pragma once

#include "http/api/accounts/documents.hpp"
#include "http/api/programme/documents.hpp"
#include "http/api/route.hpp"
#include "http/api/signing_in/documents.hpp"
#include "http/api/staff/documents.hpp"

namespace ttp::http {

template <class C>
void account_of_letter(C& command, const Call& call) {
  command.account = call.service.queries()
                        .account_of_letter(call.id<domain::LetterId>("letter"))
                        .value_or(domain::AccountId{});
}

/// The facts that the writer adds for a decision about a person's staff roles or erasure.
domain::Facts facts_for(const Call& call, const domain::User& user);
/// A user as staff see them, with the actions open to the caller.
UserDocument staff_user_document(const Call& call, const domain::User& user);

Answered<ListPage<RawJson>> staff_work(Call&);
Answered<ListPage<UserDocument>> find_user(Call&);
Answered<ListPage<SessionDocument>> user_sessions(Call&);
Answered<ListPage<StaffAccountDocument>> find_account(Call&);
Answered<ListPage<LetterDocument>> staff_letters(Call&);
Answered<ListPage<MailDocument>> mails_to_user(Call&);
Answered<MailDocument> mail_to_user(Call&);
/// The mail of the path, if the journal has it and it went to the person of the path.
std::optional<service::JournalRow> journal_row(const Call&);
Answered<LetterDocument> one_letter(Call&);
Answered<Response> letter_document(Call&, const Json*);
Answered<AccountDocument> staff_account(Call&);
Answered<ListPage<ProposalDocument>> enrolment_releases(Call&);
Answered<ProposalDocument> enrolment_release(Call&);
Answered<ListPage<ProposalDocument>> owner_reassignments(Call&);
Answered<ProposalDocument> owner_reassignment(Call&);
Answered<ListPage<ProposalDocument>> staff_role_changes(Call&);
Answered<ProposalDocument> staff_role_change(Call&);
Answered<ListPage<ProposalDocument>> erasures(Call&);
Answered<ProposalDocument> erasure(Call&);
Answered<ListPage<MemberDocument>> staff_members(Call&);
Answered<ListPage<LetterDocument>> staff_account_letters(Call&);
Answered<ListPage<LetterCaseDocument>> staff_letter_cases(Call&);
Answered<LetterCaseDocument> staff_letter_case(Call&);
Answered<ListPage<InformalReviewDocument>> staff_informal_reviews(Call&);
Answered<InformalReviewDocument> staff_informal_review(Call&);
Answered<ListPage<AppealDocument>> staff_appeals(Call&);
Answered<AppealDocument> staff_appeal(Call&);
Answered<ListPage<FoundAccountDocument>> audit_find_account(Call&);
Answered<ListPage<FoundUserDocument>> audit_find_user(Call&);
Answered<ListPage<ProfileDocument>> staff_profiles(Call&);
Answered<ListPage<SubmissionDocument>> staff_submissions(Call&);
Answered<SubmissionContentDocument> staff_submission(Call&);
Answered<MembershipDocument> staff_membership(Call&);

}  // namespace ttp::http
