// Handlers of the routes of profiles, submissions and the membership.
#pragma once

#include "http/api/programme/documents.hpp"
#include "http/api/route.hpp"

namespace ttp::http {

Answered<ListPage<SubmissionDocument>> submission_page(Call& call, domain::AccountId account);
Answered<ListPage<InformalReviewDocument>> informal_review_page(Call& call, domain::AccountId account);
Answered<InformalReviewDocument> informal_review_of(Call& call, domain::AccountId account);
Answered<ListPage<AppealDocument>> appeal_page(Call& call, domain::AccountId account);
Answered<AppealDocument> appeal_of(Call& call, domain::AccountId account);
MembershipDocument membership_of(Call& call, const domain::Account& account);
/// The company's profiles as they were accepted last, for staff.
Answered<ListPage<ProfileDocument>> accepted_profile_page(Call& call, domain::AccountId account);
/// The submission of the path, with its content.
Answered<SubmissionContentDocument> submission_of(Call& call, domain::AccountId account);

Answered<ListPage<ProfileDocument>> account_profiles(Call&);
Answered<ProfileDocument> company_profile(Call&);
Answered<ProfileDocument> application_profile(Call&);
Answered<ProfileDocument> security_profile(Call&);
Answered<ListPage<SubmissionDocument>> account_submissions(Call&);
Answered<SubmissionContentDocument> account_submission(Call&);
Answered<ListPage<InformalReviewDocument>> account_informal_reviews(Call&);
Answered<InformalReviewDocument> account_informal_review(Call&);
Answered<ListPage<AppealDocument>> account_appeals(Call&);
Answered<AppealDocument> account_appeal(Call&);
Answered<MembershipDocument> account_membership(Call&);

}  // namespace ttp::http
