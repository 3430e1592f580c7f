// What the rows of accounts call, and how a request's account is found and its reader let in.
#pragma once

#include "http/api/accounts/documents.hpp"
#include "http/api/route.hpp"
#include "http/api/signing_in/documents.hpp"

namespace ttp::http {

/// The account of the path, if the caller belongs to it and has access now.
Answered<service::Found<domain::Account>> accessible_account(Call& call);
/// The same, and the caller's role allows the action.
Answered<service::Found<domain::Account>> permitted_account(Call& call, domain::Action action);
/// The account of the path, for staff.
Answered<service::Found<domain::Account>> any_account(Call& call);
AccountDocument versioned_document(Call& call, const service::Found<domain::Account>& account);

Answered<Page<EligibilityQuestionDocument>> eligibility_questions(Call&);
Answered<Page<AccountSummary>> own_accounts(Call&);
Answered<AccountDocument> one_account(Call&);
domain::Uuid account_asked_for(const Call&);
std::optional<domain::Time> account_deadline(Call&);
Answered<Page<RawJson>> account_notifications(Call&);
Answered<Page<EventDocument>> account_history(Call&);
Answered<Page<MemberDocument>> account_members(Call&);

}  // namespace ttp::http
