#include "http/api/programme/queries.hpp"

#include <algorithm>

#include "http/api/accounts/queries.hpp"
#include "http/api/pages.hpp"

namespace ttp::http {
namespace {

using namespace domain;

Answered<ProfileDocument> one_profile(Call& call, const ProfileRef& ref) {
  return chained(
      permitted_account(call, update_action(ref.kind)),
      [&](const service::Found<Account>& account) -> Answered<ProfileDocument> {
        const auto programme = call.states().programme(account->state.id);
        for (const ProfileDocument& document : profile_documents(account->state, programme->state)) {
          if (document.kind != ref.kind || document.id != profile_id(ref)) continue;
          call.version = document.version;
          return document;
        }
        return refused(Reason::profile_not_found);
      });
}

}  // namespace

Answered<ListPage<SubmissionDocument>> submission_page(Call& call, AccountId account) {
  const auto programme = call.states().programme(account);
  call.version = programme->version;
  return page_of(call, submission_documents(programme->state));
}

Answered<ListPage<InformalReviewDocument>> informal_review_page(Call& call, AccountId account) {
  return page_of(call, informal_review_documents(call.states().programme(account)->state));
}

Answered<InformalReviewDocument> informal_review_of(Call& call, AccountId account) {
  return one_of(call, "informal_review", informal_review_documents(call.states().programme(account)->state),
                Reason::informal_review_not_found);
}

Answered<ListPage<AppealDocument>> appeal_page(Call& call, AccountId account) {
  return page_of(call, appeal_documents(call.states().programme(account)->state));
}

Answered<AppealDocument> appeal_of(Call& call, AccountId account) {
  return one_of(call, "appeal", appeal_documents(call.states().programme(account)->state),
                Reason::appeal_not_found);
}

MembershipDocument membership_of(Call& call, const Account& account) {
  const auto programme = call.states().programme(account.id);
  call.version = programme->version;
  return membership_document(call.states(), account, programme->state, call.user());
}

Answered<ListPage<ProfileDocument>> profile_page(const Call& call, std::vector<ProfileDocument> documents) {
  // The company's first, then those of lines of business, then those of sites.
  return page_of(call, std::move(documents), [](const ProfileDocument& document) {
    return std::to_string(static_cast<unsigned>(document.kind)) + document.id;
  });
}

Answered<ListPage<ProfileDocument>> accepted_profile_page(Call& call, AccountId account) {
  return profile_page(call, accepted_profile_documents(call.states().programme(account)->state));
}

Answered<SubmissionContentDocument> submission_of(Call& call, AccountId account) {
  const auto programme = call.states().programme(account);
  const Submission* submission = programme->state.submission(call.id<SubmissionId>("submission"));
  if (!submission) return refused(Reason::submission_not_found);
  return submission_content_document(programme->state, *submission);
}

Answered<ListPage<ProfileDocument>> account_profiles(Call& call) {
  return chained(permitted_account(call, Action::update_company_profile), [&](const auto& account) {
    auto documents = profile_documents(account->state, call.states().programme(account->state.id)->state);
    const Facts facts = facts_about(call.states(), account->state, call.user());
    std::erase_if(documents, [&](const ProfileDocument& document) {
      return permission_refusal(account->state, update_action(document.kind), facts).has_value();
    });
    return profile_page(call, std::move(documents));
  });
}

Answered<ProfileDocument> company_profile(Call& call) {
  return one_profile(call, {ProfileKind::company, ""});
}

Answered<ProfileDocument> application_profile(Call& call) {
  return one_profile(call, {ProfileKind::application, call.path.find("line")->second});
}

Answered<ProfileDocument> security_profile(Call& call) {
  return one_profile(call, {ProfileKind::security, call.path.find("site")->second});
}

Answered<ListPage<SubmissionDocument>> account_submissions(Call& call) {
  return chained(permitted_account(call, Action::view_membership),
                 [&](const auto& account) { return submission_page(call, account->state.id); });
}

/// Without the profiles that the caller's role cannot view.
Answered<SubmissionContentDocument> account_submission(Call& call) {
  return chained(permitted_account(call, Action::view_membership),
                 [&](const auto& account) -> Answered<SubmissionContentDocument> {
                   auto document = submission_of(call, account->state.id);
                   if (!document) return document;
                   const Facts facts = facts_about(call.states(), account->state, call.user());
                   const auto is_hidden = [&](const auto& each) {
                     return permission_refusal(account->state, update_action(each.kind), facts).has_value();
                   };
                   std::erase_if(document->profiles, is_hidden);
                   std::erase_if(document->changes, is_hidden);
                   return document;
                 });
}

Answered<ListPage<InformalReviewDocument>> account_informal_reviews(Call& call) {
  return chained(permitted_account(call, Action::view_membership),
                 [&](const auto& account) { return informal_review_page(call, account->state.id); });
}
Answered<InformalReviewDocument> account_informal_review(Call& call) {
  return chained(permitted_account(call, Action::view_membership),
                 [&](const auto& account) { return informal_review_of(call, account->state.id); });
}
Answered<ListPage<AppealDocument>> account_appeals(Call& call) {
  return chained(permitted_account(call, Action::view_membership),
                 [&](const auto& account) { return appeal_page(call, account->state.id); });
}
Answered<AppealDocument> account_appeal(Call& call) {
  return chained(permitted_account(call, Action::view_membership),
                 [&](const auto& account) { return appeal_of(call, account->state.id); });
}

Answered<MembershipDocument> account_membership(Call& call) {
  return mapped(permitted_account(call, Action::view_membership),
                [&](const auto& account) { return membership_of(call, account->state); });
}

}  // namespace ttp::http
