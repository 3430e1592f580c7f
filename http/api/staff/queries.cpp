#include "http/api/staff/queries.hpp"

#include <algorithm>

#include "http/api/accounts/queries.hpp"
#include "http/api/pages.hpp"
#include "http/api/programme/queries.hpp"

namespace ttp::http {
namespace {

using namespace domain;

using service::Queries;

}  // namespace

Answered<ListPage<RawJson>> staff_work(Call& call) {
  return row_page(call, [&](const std::string& after, std::size_t limit) {
    std::vector<service::ListedRow> rows;
    for (const StaffRole role : call.user().staff_roles)
      std::ranges::move(call.service.queries().work(role, call.query_text("kind"), after, limit),
                        std::back_inserter(rows));
    std::ranges::sort(rows, {}, &service::ListedRow::key);
    if (rows.size() > limit) rows.resize(limit);
    return rows;
  });
}

Answered<ListPage<UserDocument>> find_user(Call& call) {
  const Queries& queries = call.service.queries();
  std::optional<UserId> id;
  if (const auto urn = Urn::parse(call.query_text("urn"))) id = queries.user_by_urn(*urn);
  if (const auto name = UserName::parse(call.query_text("user_name")); !id && name)
    id = queries.user_by_user_name(*name);
  if (const auto email = EmailAddress::parse(call.query_text("email")); !id && email)
    id = queries.user_by_email(*email);
  ListPage<UserDocument> page;
  if (const auto found = id ? queries.user(*id) : service::Found<User>{})
    page.items.push_back(user_document(call.service.states(), found->state, false));
  return page;
}

Answered<ListPage<AccountDocument>> find_account(Call& call) {
  const Queries& queries = call.service.queries();
  std::optional<AccountId> id;
  if (const auto number = BusinessNumber::parse(call.query_text("business_number")))
    id = queries.account_by_business_number(*number);
  if (const auto number = ClientNumber::parse(call.query_text("client_number")); !id && number)
    id = queries.account_by_client_number(*number);
  ListPage<AccountDocument> page;
  if (const auto found = id ? queries.account(*id) : service::Found<Account>{})
    page.items.push_back(account_document(call.service.states(), found->state, call.user()));
  return page;
}

Answered<LetterDocument> one_letter(Call& call) {
  const auto letter_id = call.id<LetterId>("letter");
  const auto id = call.service.queries().account_of_letter(letter_id);
  const auto account = id ? call.service.queries().account(*id) : service::Found<Account>{};
  const Letter* letter = account ? account->state.letter(letter_id) : nullptr;
  if (!letter) return refused(Reason::letter_not_found);
  return letter_document_of(account->state, *letter,
                            facts_about(call.service.states(), account->state, call.user()));
}

Answered<Response> letter_document(Call& call, const Json*) {
  const auto letter_id = call.id<LetterId>("letter");
  const auto id = call.service.queries().account_of_letter(letter_id);
  if (!id) return refused(Reason::letter_not_found);
  auto pdf = call.service.delivery().letter_pdf(*id, letter_id);
  if (!pdf) return refused(pdf.error());
  return Response{200, {{"Content-Type", "application/pdf"}}, *std::move(pdf), false};
}

Answered<AccountDocument> staff_account(Call& call) {
  return mapped(any_account(call), [&](const auto& account) { return versioned_document(call, account); });
}

Answered<EnrolmentReleaseDocument> enrolment_release(Call& call) {
  return chained(any_account(call), [&](const auto& account) -> Answered<EnrolmentReleaseDocument> {
    const auto& release = account->state.enrolment_release;
    if (!release || release->id != call.id<ProposalId>("proposal"))
      return refused(Reason::enrolment_release_not_found);
    return enrolment_release_document(account->state,
                                      facts_about(call.service.states(), account->state, call.user()));
  });
}

Answered<ListPage<ProfileDocument>> staff_profiles(Call& call) {
  return mapped(any_account(call),
                [&](const auto& account) { return accepted_profile_page(call, account->state.id); });
}

Answered<ListPage<SubmissionDocument>> staff_submissions(Call& call) {
  return mapped(any_account(call),
                [&](const auto& account) { return submission_page(call, account->state.id); });
}

Answered<SubmissionContentDocument> staff_submission(Call& call) {
  return chained(any_account(call),
                 [&](const auto& account) { return submission_of(call, account->state.id); });
}

Answered<MembershipDocument> staff_membership(Call& call) {
  return mapped(any_account(call), [&](const auto& account) { return membership_of(call, account->state); });
}

}  // namespace ttp::http
