// Parts of rules that account.cpp, letters.cpp, enrolments.cpp, recorded_members.cpp and recovery.cpp share.
// Nothing else includes this file.
#pragma once

#include <optional>
#include <utility>
#include <vector>

#include "domain/account.hpp"

namespace ttp::domain::account_rules {

template <class E>
AccountDecision record(E event) {
  AccountDecision decision;
  decision.events.emplace_back(std::move(event));
  return decision;
}
AccountDecision refuse(Refusal why);
AccountDecision refuse(Reason reason);

/// Remembers the last attempts only.
void remember(std::vector<Time>& attempts, Time at);

/// Staff need the role, and the account must exist.
std::optional<Reason> staff_refusal(const Account& account, StaffRole role, const Facts& facts);

/// The refusal of a new code that the company asks for: one a day and four in 45 days.
std::optional<Refusal> code_request_refusal(const Account& account, Time now);
/// Records the end of the open code, if there is one, and cancels the letters that carry it.
void end_open_code(const Account& account, CodeVoidCause cause, AccountDecision& decision, Time now);
/// Cancels the letters that wait to be posted, but for those that carry the open code.
void cancel_other_letters(const Account& account, AccountDecision& decision);
/// A letter to the present address. It needs a confirmed one.
LetterOrdered order_letter(const Account& account, LetterKind kind, std::optional<CodeId> code,
                           const Facts& facts);
/// Replaces the open code, if there is one, by a fresh one and orders its letter.
void issue_code(const Account& account, AccountDecision& decision, const Facts& facts);

// The deadlines of letters and codes, and of an enrolment that is not activated: what has fallen due by
// `now`, and the first deadline to come.
void record_due_letters(const Account& account, AccountDecision& decision, Time now);
std::optional<Time> next_letter_deadline(const Account& account);
void record_due_ends(const Account& account, AccountDecision& decision, Time now);
std::optional<Time> next_enrolment_deadline(const Account& account);

/// The earlier of two times, of which each may be missing.
std::optional<Time> earlier(std::optional<Time> a, std::optional<Time> b);

}  // namespace ttp::domain::account_rules
