// Handlers of the account routes, and the checks of a request's account and reader.
#pragma once

#include "http/api/accounts/documents.hpp"
#include "http/api/route.hpp"
#include "http/api/signing_in/documents.hpp"

namespace ttp::http {

/// The account of the path, if the caller is a member with access now.
Answered<service::Found<domain::Account>> accessible_account(Call& call);
/// The account of the path, if the caller's role also allows the action.
Answered<service::Found<domain::Account>> permitted_account(Call& call, domain::Action action);
/// The account of the path, for staff.
Answered<service::Found<domain::Account>> any_account(Call& call);
AccountDocument versioned_document(Call& call, const service::Found<domain::Account>& account);
std::vector<LetterDocument> letters_of(const Call& call, const domain::Account& account);
std::vector<LetterCaseDocument> letter_cases_of(const domain::Account& account);

Answered<ListPage<AccountSummary>> own_accounts(Call&);
Answered<AccountDocument> one_account(Call&);
domain::Uuid account_asked_for(const Call&);
std::optional<domain::Time> account_deadline(Call&);
Answered<ListPage<EventDocument>> account_history(Call&);
Answered<ListPage<ProposalDocument>> account_owner_reassignments(Call&);
Answered<ProposalDocument> account_owner_reassignment(Call&);
Answered<ListPage<OfferDocument>> account_ownership_offers(Call&);
Answered<OfferDocument> account_ownership_offer(Call&);
Answered<ListPage<MemberDocument>> account_members(Call&);
Answered<MemberDocument> account_member(Call&);
Answered<ListPage<LetterDocument>> account_letters(Call&);
Answered<LetterDocument> account_letter(Call&);
Answered<ListPage<LetterCaseDocument>> account_letter_cases(Call&);
Answered<LetterCaseDocument> account_letter_case(Call&);

}  // namespace ttp::http
