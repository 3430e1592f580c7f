#include "http/api/accounts/queries.hpp"

#include "http/api/pages.hpp"

namespace ttp::http {
namespace {

using namespace domain;

using service::Queries;

}  // namespace

/// The account of the path, if the caller is a member with access now.
Answered<service::Found<Account>> accessible_account(Call& call) {
  auto found = call.states().account(call.id<AccountId>("account"));
  if (!found) return refused(Reason::account_not_found);
  const Facts facts = facts_about(call.states(), found->state, call.user());
  if (const auto reason = access_refusal(found->state, facts.caller, facts.owner)) return refused(*reason);
  return found;
}

/// The account of the path, if the caller's role also allows the action.
Answered<service::Found<Account>> permitted_account(Call& call, Action action) {
  using Found = service::Found<Account>;
  return chained(accessible_account(call), [&](const Found& found) -> Answered<Found> {
    const Facts facts = facts_about(call.states(), found->state, call.user());
    if (const auto reason = permission_refusal(found->state, action, facts)) return refused(*reason);
    return found;
  });
}

Answered<service::Found<Account>> any_account(Call& call) {
  auto found = call.states().account(call.id<AccountId>("account"));
  if (!found) return refused(Reason::account_not_found);
  return found;
}

AccountDocument versioned_document(Call& call, const service::Found<Account>& account) {
  call.version = account->version;
  return account_document(call.states(), account->state, call.user());
}

Answered<ListPage<AccountSummary>> own_accounts(Call& call) {
  return page_of(call, user_document(call.states(), call.user(), true).accounts);
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
    const Queries& queries = call.service.queries();
    const AccountId id = account->state.id;
    return event_page(
        call, false, [&](auto from, std::size_t limit) { return queries.history(id, from, limit); },
        [&](auto before, std::size_t limit) { return queries.history_back(id, before, limit); });
  });
}

std::vector<LetterDocument> letters_of(const Call& call, const Account& account) {
  const Facts facts = facts_about(call.states(), account, call.user());
  std::vector<LetterDocument> documents;
  for (const Letter& letter : account.letters)
    documents.push_back(letter_document_of(account, letter, facts));
  return documents;
}

std::vector<LetterCaseDocument> letter_cases_of(const Account& account) {
  std::vector<LetterCaseDocument> documents;
  for (const LetterCase& each : account.letter_cases)
    documents.push_back(letter_case_document(account, each));
  return documents;
}

Answered<ListPage<LetterDocument>> account_letters(Call& call) {
  return chained(accessible_account(call),
                 [&](const auto& account) { return page_of(call, letters_of(call, account->state)); });
}

Answered<LetterDocument> account_letter(Call& call) {
  return chained(accessible_account(call), [&](const auto& account) {
    return one_of(call, "letter", letters_of(call, account->state), Reason::letter_not_found);
  });
}

Answered<ListPage<LetterCaseDocument>> account_letter_cases(Call& call) {
  return chained(accessible_account(call),
                 [&](const auto& account) { return page_of(call, letter_cases_of(account->state)); });
}

Answered<LetterCaseDocument> account_letter_case(Call& call) {
  return chained(accessible_account(call), [&](const auto& account) {
    return one_of(call, "letter_case", letter_cases_of(account->state), Reason::case_not_found);
  });
}

/// The offers that the caller may see: a member all, another person those to themselves.
Answered<std::vector<OfferDocument>> seen_offers(Call& call) {
  const auto found = call.states().account(call.id<AccountId>("account"));
  if (!found) return refused(Reason::account_not_found);
  const Facts facts = facts_about(call.states(), found->state, call.user());
  auto documents = offer_documents(found->state);
  if (const auto refusal = access_refusal(found->state, facts.caller, facts.owner)) {
    std::erase_if(documents, [&](const OfferDocument& each) { return each.new_owner_id != call.user().id; });
    if (documents.empty()) return refused(*refusal);
  }
  return documents;
}

Answered<ListPage<OfferDocument>> account_ownership_offers(Call& call) {
  return chained(seen_offers(call), [&](const auto& offers) { return page_of(call, offers); });
}

Answered<OfferDocument> account_ownership_offer(Call& call) {
  return chained(seen_offers(call), [&](const auto& offers) {
    return one_of(call, "offer", offers, Reason::ownership_offer_not_found);
  });
}

std::vector<ProposalDocument> reassignments_of(Call& call, const Account& account) {
  auto document = account_document(call.states(), account, call.user()).owner_reassignment;
  std::vector<ProposalDocument> documents;
  if (document) documents.push_back(*std::move(document));
  return documents;
}

Answered<ListPage<ProposalDocument>> account_owner_reassignments(Call& call) {
  return chained(accessible_account(call),
                 [&](const auto& account) { return page_of(call, reassignments_of(call, account->state)); });
}

Answered<ProposalDocument> account_owner_reassignment(Call& call) {
  return chained(accessible_account(call), [&](const auto& account) {
    return one_of(call, "proposal", reassignments_of(call, account->state), Reason::reassignment_not_found);
  });
}

Answered<ListPage<MemberDocument>> account_members(Call& call) {
  return chained(permitted_account(call, Action::view_users), [&](const auto& account) {
    call.version = account->version;
    return page_of(call, member_documents(call.states(), account->state, call.user()));
  });
}

/// A member reads their own entry without the permission to view the others.
Answered<MemberDocument> account_member(Call& call) {
  const bool is_own = call.id<UserId>("user") == call.user().id;
  return chained(is_own ? accessible_account(call) : permitted_account(call, Action::view_users),
                 [&](const auto& account) {
                   call.version = account->version;
                   return one_of(call, "user", member_documents(call.states(), account->state, call.user()),
                                 Reason::not_a_member);
                 });
}

}  // namespace ttp::http
