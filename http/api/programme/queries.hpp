// What the rows of profiles, submissions and the membership call.
#pragma once

#include "http/api/programme/documents.hpp"
#include "http/api/route.hpp"

namespace ttp::http {

Page<SubmissionDocument> submission_page(Call& call, domain::AccountId account);
MembershipDocument membership_of(Call& call, const domain::Account& account);
Page<ProfileDocument> profile_page(Call& call, const domain::Account& account);
void security_profile_of(domain::SaveProfile& command, const Call& call);

Answered<Page<QuestionDocument>> profile_questions(Call&);
Answered<Page<QuestionDocument>> application_profile_questions(Call&);
Answered<Page<ProfileDocument>> account_profiles(Call&);
Answered<ProfileDocument> company_profile(Call&);
Answered<ProfileDocument> application_profile(Call&);
Answered<ProfileDocument> security_profile(Call&);
Answered<Page<SubmissionDocument>> account_submissions(Call&);
Answered<MembershipDocument> account_membership(Call&);

}  // namespace ttp::http
