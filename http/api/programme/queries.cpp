#include "http/api/programme/queries.hpp"

#include <algorithm>

#include "http/api/accounts/queries.hpp"

namespace ttp::http {
namespace {

using namespace domain;

Answered<ProfileDocument> one_profile(Call& call, const ProfileRef& ref) {
  return chained(
      permitted_account(call, update_action(ref.kind)),
      [&](const service::Found<Account>& account) -> Answered<ProfileDocument> {
        const auto programme = call.service.queries().programme(account->state.id);
        for (const ProfileDocument& document : profile_documents(account->state, programme->state)) {
          if (document.kind != ref.kind || document.key != ref.key) continue;
          call.version = document.version;
          return document;
        }
        return refused(Reason::profile_not_found);
      });
}

}  // namespace

ListPage<SubmissionDocument> submission_page(Call& call, AccountId account) {
  const auto programme = call.service.queries().programme(account);
  call.version = programme->version;
  return {submission_documents(programme->state), std::nullopt};
}

MembershipDocument membership_of(Call& call, const Account& account) {
  const auto programme = call.service.queries().programme(account.id);
  call.version = programme->version;
  return membership_document(call.service.states(), account, programme->state, call.user());
}

ListPage<ProfileDocument> profile_page(Call& call, const Account& account) {
  const auto programme = call.service.queries().programme(account.id);
  return {profile_documents(account, programme->state), std::nullopt};
}

ListPage<ProfileDocument> accepted_profile_page(Call& call, AccountId account) {
  return {accepted_profile_documents(call.service.queries().programme(account)->state), std::nullopt};
}

Answered<SubmissionContentDocument> submission_of(Call& call, AccountId account) {
  const auto programme = call.service.queries().programme(account);
  const Submission* submission = programme->state.submission(call.id<SubmissionId>("submission"));
  if (!submission) return refused(Reason::submission_not_found);
  return submission_content_document(programme->state, *submission);
}

Answered<ListPage<ProfileDocument>> account_profiles(Call& call) {
  return mapped(permitted_account(call, Action::update_company_profile), [&](const auto& account) {
    ListPage<ProfileDocument> page = profile_page(call, account->state);
    const Facts facts = facts_about(call.service.states(), account->state, call.user());
    std::erase_if(page.items, [&](const ProfileDocument& document) {
      return permission_refusal(account->state, update_action(document.kind), facts).has_value();
    });
    return page;
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
  return mapped(permitted_account(call, Action::view_membership),
                [&](const auto& account) { return submission_page(call, account->state.id); });
}

/// Without the profiles that the caller's role cannot view.
Answered<SubmissionContentDocument> account_submission(Call& call) {
  return chained(permitted_account(call, Action::view_membership),
                 [&](const auto& account) -> Answered<SubmissionContentDocument> {
                   auto document = submission_of(call, account->state.id);
                   if (!document) return document;
                   const Facts facts = facts_about(call.service.states(), account->state, call.user());
                   const auto is_hidden = [&](const auto& each) {
                     return permission_refusal(account->state, update_action(each.kind), facts).has_value();
                   };
                   std::erase_if(document->profiles, is_hidden);
                   std::erase_if(document->changes, is_hidden);
                   return document;
                 });
}

Answered<MembershipDocument> account_membership(Call& call) {
  return mapped(permitted_account(call, Action::view_membership),
                [&](const auto& account) { return membership_of(call, account->state); });
}

}  // namespace ttp::http
