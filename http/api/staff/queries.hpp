// What the rows of programme staff call.
#pragma once

#include "http/api/accounts/documents.hpp"
#include "http/api/programme/documents.hpp"
#include "http/api/route.hpp"
#include "http/api/signing_in/documents.hpp"

namespace ttp::http {

template <class C>
void account_of_letter(C& command, const Call& call) {
  command.account = call.service.queries()
                        .account_of_letter(call.id<domain::LetterId>("letter"))
                        .value_or(domain::AccountId{});
}

Answered<Page<RawJson>> staff_work(Call&);
Answered<Page<UserDocument>> find_user(Call&);
Answered<Page<AccountDocument>> find_account(Call&);
Answered<LetterDocument> one_letter(Call&);
Answered<Response> letter_document(Call&, const Json*);
Answered<AccountDocument> staff_account(Call&);
Answered<Page<ProfileDocument>> staff_profiles(Call&);
Answered<Page<SubmissionDocument>> staff_submissions(Call&);
Answered<MembershipDocument> staff_membership(Call&);

}  // namespace ttp::http
