#include "http/api/accounts/queries.hpp"

#include "http/api/pages.hpp"

namespace ttp::http {
namespace {

using namespace domain;

using service::Queries;

}  // namespace

/// The account of the path, if the caller is a member with access now.
Answered<service::Found<Account>> accessible_account(Call& call) {
  auto found = call.service.queries().account(call.id<AccountId>("account"));
  if (!found) return refused(Reason::account_not_found);
  const Facts facts = facts_about(call.service.states(), found->state, call.user());
  if (const auto reason = access_refusal(found->state, facts.caller, facts.owner)) return refused(*reason);
  return found;
}

/// The account of the path, if the caller's role also allows the action.
Answered<service::Found<Account>> permitted_account(Call& call, Action action) {
  using Found = service::Found<Account>;
  return chained(accessible_account(call), [&](const Found& found) -> Answered<Found> {
    const Facts facts = facts_about(call.service.states(), found->state, call.user());
    if (const auto reason = permission_refusal(found->state, action, facts)) return refused(*reason);
    return found;
  });
}

Answered<service::Found<Account>> any_account(Call& call) {
  auto found = call.service.queries().account(call.id<AccountId>("account"));
  if (!found) return refused(Reason::account_not_found);
  return found;
}

AccountDocument versioned_document(Call& call, const service::Found<Account>& account) {
  call.version = account->version;
  return account_document(call.service.states(), account->state, call.user());
}

Answered<ListPage<AccountSummary>> own_accounts(Call& call) {
  return ListPage<AccountSummary>{user_document(call.service.states(), call.user(), true).accounts,
                                  std::nullopt};
}

Answered<AccountDocument> one_account(Call& call) {
  return mapped(accessible_account(call),
                [&](const auto& account) { return versioned_document(call, account); });
}

Uuid account_asked_for(const Call& call) {
  return call.id<AccountId>("account").uuid;
}

std::optional<Time> account_deadline(Call& call) {
  const Queries& queries = call.service.queries();
  const auto account = queries.account(call.id<AccountId>("account"));
  // The open actions depend on the owner, too.
  const auto owner = account ? queries.user(account->state.owner()) : service::Found<User>{};
  if (!owner) return call.now;
  const auto programme = queries.programme(account->state.id);
  std::optional<Time> first;
  // A letter on its way can be reported from then on.
  for (const Letter& letter : account->state.letters)
    if (letter.is_on_its_way() && letter.due_at > call.now && (!first || letter.due_at < *first))
      first = letter.due_at;
  for (const auto& each : {next_deadline(account->state), next_deadline(owner->state),
                           next_deadline(programme->state), next_deadline(call.user())})
    if (each && (!first || *each < *first)) first = each;
  if (call.user().id != account->state.owner()) return first;
  // The owner can reactivate a member while the member's URN is valid.
  for (const Member& member : account->state.members) {
    const auto user = queries.user(member.user);
    const auto until = user ? next_deadline(user->state) : std::nullopt;
    if (until && (!first || *until < *first)) first = until;
  }
  return first;
}

Answered<ListPage<EventDocument>> account_history(Call& call) {
  return chained(accessible_account(call), [&](const auto& account) {
    return event_page(call, false, [&](storage::Position from, std::size_t limit) {
      return call.service.queries().history(account->state.id, from, limit);
    });
  });
}

Answered<LetterDocument> account_letter(Call& call) {
  return chained(accessible_account(call), [&](const auto& account) -> Answered<LetterDocument> {
    const Letter* letter = account->state.letter(call.id<LetterId>("letter"));
    if (!letter) return refused(Reason::letter_not_found);
    return letter_document_of(account->state, *letter,
                              facts_about(call.service.states(), account->state, call.user()));
  });
}

Answered<LetterCaseDocument> account_letter_case(Call& call) {
  return chained(accessible_account(call), [&](const auto& account) -> Answered<LetterCaseDocument> {
    const LetterCase* found = account->state.letter_case(call.id<CaseId>("letter_case"));
    if (!found) return refused(Reason::case_not_found);
    return letter_case_document(*found);
  });
}

Answered<ProposalDocument> account_owner_reassignment(Call& call) {
  return chained(accessible_account(call), [&](const auto& account) -> Answered<ProposalDocument> {
    auto document = account_document(call.service.states(), account->state, call.user()).owner_reassignment;
    if (!document || document->id != call.id<ProposalId>("proposal"))
      return refused(Reason::reassignment_not_found);
    return *std::move(document);
  });
}

Answered<ListPage<MemberDocument>> account_members(Call& call) {
  return mapped(permitted_account(call, Action::view_users), [&](const auto& account) {
    call.version = account->version;
    return ListPage<MemberDocument>{member_documents(call.service.states(), account->state, call.user()),
                                    std::nullopt};
  });
}

}  // namespace ttp::http
