// Handlers of the routes of profiles, submissions and the membership.
#pragma once

#include "http/api/programme/documents.hpp"
#include "http/api/route.hpp"

namespace ttp::http {

ListPage<SubmissionDocument> submission_page(Call& call, domain::AccountId account);
MembershipDocument membership_of(Call& call, const domain::Account& account);
ListPage<ProfileDocument> profile_page(Call& call, const domain::Account& account);
/// The company's profiles as they were accepted last, for staff.
ListPage<ProfileDocument> accepted_profile_page(Call& call, domain::AccountId account);
/// The submission of the path, with its content.
Answered<SubmissionContentDocument> submission_of(Call& call, domain::AccountId account);

Answered<ListPage<ProfileDocument>> account_profiles(Call&);
Answered<ProfileDocument> company_profile(Call&);
Answered<ProfileDocument> application_profile(Call&);
Answered<ProfileDocument> security_profile(Call&);
Answered<ListPage<SubmissionDocument>> account_submissions(Call&);
Answered<SubmissionContentDocument> account_submission(Call&);
Answered<MembershipDocument> account_membership(Call&);

}  // namespace ttp::http
