#include "http/api/staff/queries.hpp"

#include <algorithm>
#include <functional>
#include <utility>
#include <vector>

#include "http/api/accounts/queries.hpp"
#include "http/api/pages.hpp"
#include "http/api/programme/queries.hpp"
#include "http/api/signing_in/queries.hpp"
#include "http/api/staff/actions.hpp"
#include "http/api/staff/looks.hpp"

namespace ttp::http {
namespace {

using namespace domain;

using service::Queries;

/// A way to look something up by a parameter's text: what was found, or why the text is no such value.
template <class Id>
using LookUp = std::function<std::expected<std::optional<Id>, Reason>(std::string_view text)>;

template <class Value, class Id, class Find>
LookUp<Id> found_by(Find find) {
  return [find](std::string_view text) -> std::expected<std::optional<Id>, Reason> {
    const auto value = Value::parse(text);
    if (!value) return std::unexpected{value.error().reason};
    return find(*value);
  };
}

/// The identifier that the first of the given parameters finds. Without any there is nothing to look for.
template <class Id>
Answered<std::optional<Id>> first_found(const Call& call,
                                        const std::vector<std::pair<std::string, LookUp<Id>>>& ways) {
  std::optional<Id> first;
  bool any = false;
  for (const auto& [name, look_up] : ways) {
    if (!call.query.contains(name)) continue;
    any = true;
    const auto found = look_up(call.query_text(name));
    if (!found) return refused_query(found.error(), name);
    if (!first) first = *found;
  }
  if (!any) return refused_query(Reason::missing, ways.front().first);
  return first;
}

Facts facts_for(const Call& call, const Account& account) {
  return facts_about(call.service.states(), account, call.user());
}

/// The account of the path; the log says that the caller saw it.
Answered<service::Found<Account>> seen_account(Call& call, Look look) {
  using Found = service::Found<Account>;
  return chained(any_account(call), [&](const Found& found) -> Answered<Found> {
    if (auto refusal = look_refusal(call, look, found->state.id)) return std::unexpected{*std::move(refusal)};
    return found;
  });
}

}  // namespace

Facts facts_for(const Call& call, const User& user) {
  const Queries& queries = call.service.queries();
  Facts facts;
  facts.now = call.now;
  facts.caller = call.user().person_at(call.now);
  facts.holds_membership = !queries.memberships(user.id).empty();
  facts.named_as_owner = !queries.offers_to(user.id).empty() || !queries.proposed_owner_of(user.id).empty();
  for (const UserId each : queries.staff())
    if (const auto found = queries.user(each);
        found && found->state.staff_roles.contains(StaffRole::operator_))
      ++facts.operators;
  return facts;
}

UserDocument staff_user_document(const Call& call, const User& user) {
  UserDocument document = user_document(call.service.states(), user, false);
  add_staff_actions(document.actions, user, facts_for(call, user));
  return document;
}

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
  const auto id = first_found<UserId>(
      call, {{"urn", found_by<Urn, UserId>([&](const Urn& urn) { return queries.user_by_urn(urn); })},
             {"user_name", found_by<UserName, UserId>(
                               [&](const UserName& name) { return queries.user_by_user_name(name); })},
             {"email", found_by<EmailAddress, UserId>(
                           [&](const EmailAddress& email) { return queries.user_by_email(email); })}});
  if (!id) return std::unexpected{id.error()};
  ListPage<UserDocument> page;
  const auto found = *id ? queries.user(**id) : service::Found<User>{};
  if (!found) return page;
  if (auto refusal = look_refusal(call, Look::user, **id)) return std::unexpected{*std::move(refusal)};
  page.items.push_back(staff_user_document(call, found->state));
  return page;
}

Answered<ListPage<SessionDocument>> user_sessions(Call& call) {
  const auto found = call.service.queries().user(call.id<UserId>("user"));
  if (!found || !found->state.registered) return refused(Reason::user_not_found);
  if (auto refusal = look_refusal(call, Look::sessions, found->state.id))
    return std::unexpected{*std::move(refusal)};
  auto page = session_page(call, found->state);
  // Where a person acted from is shown to that person and to privacy auditors (SPEC 7).
  for (SessionDocument& each : page.items) each.opened_from.reset();
  return page;
}

Answered<ListPage<AccountDocument>> find_account(Call& call) {
  const Queries& queries = call.service.queries();
  const auto id = first_found<AccountId>(
      call, {{"business_number", found_by<BusinessNumber, AccountId>([&](const BusinessNumber& number) {
                return queries.account_by_business_number(number);
              })},
             {"client_number", found_by<ClientNumber, AccountId>([&](const ClientNumber& number) {
                return queries.account_by_client_number(number);
              })}});
  if (!id) return std::unexpected{id.error()};
  ListPage<AccountDocument> page;
  const auto found = *id ? queries.account(**id) : service::Found<Account>{};
  if (!found) return page;
  if (auto refusal = look_refusal(call, Look::account, **id)) return std::unexpected{*std::move(refusal)};
  page.items.push_back(account_document(call.service.states(), found->state, call.user()));
  return page;
}

Answered<LetterDocument> one_letter(Call& call) {
  const auto letter_id = call.id<LetterId>("letter");
  const auto id = call.service.queries().account_of_letter(letter_id);
  const auto account = id ? call.service.queries().account(*id) : service::Found<Account>{};
  const Letter* letter = account ? account->state.letter(letter_id) : nullptr;
  if (!letter) return refused(Reason::letter_not_found);
  if (auto refusal = look_refusal(call, Look::letter, letter_id)) return std::unexpected{*std::move(refusal)};
  return letter_document_of(account->state, *letter,
                            facts_about(call.service.states(), account->state, call.user()));
}

Answered<Response> letter_document(Call& call, const Json*) {
  const auto letter_id = call.id<LetterId>("letter");
  const auto id = call.service.queries().account_of_letter(letter_id);
  if (!id) return refused(Reason::letter_not_found);
  auto pdf = call.service.delivery().letter_pdf(*id, letter_id);
  if (!pdf) return refused(pdf.error());
  if (auto refusal = look_refusal(call, Look::letter_document, letter_id))
    return std::unexpected{*std::move(refusal)};
  return Response{200, {{"Content-Type", "application/pdf"}}, *std::move(pdf), false};
}

Answered<AccountDocument> staff_account(Call& call) {
  return mapped(seen_account(call, Look::account),
                [&](const auto& account) { return versioned_document(call, account); });
}

Answered<ProposalDocument> enrolment_release(Call& call) {
  return chained(any_account(call), [&](const auto& account) -> Answered<ProposalDocument> {
    const auto& release = account->state.enrolment_release;
    if (!release || release->id != call.id<ProposalId>("proposal"))
      return refused(Reason::enrolment_release_not_found);
    return enrolment_release_document(call.service.states(), account->state, facts_for(call, account->state));
  });
}

Answered<ProposalDocument> owner_reassignment(Call& call) {
  return chained(any_account(call), [&](const auto& account) -> Answered<ProposalDocument> {
    const auto& open = account->state.reassignment;
    if (!open || open->proposal.id != call.id<ProposalId>("proposal"))
      return refused(Reason::reassignment_not_found);
    return owner_reassignment_document(call.service.states(), account->state,
                                       facts_for(call, account->state));
  });
}

Answered<ProposalDocument> staff_role_change(Call& call) {
  const auto user = call.service.queries().user(call.id<UserId>("user"));
  if (!user) return refused(Reason::user_not_found);
  const auto& open = user->state.staff_role_change;
  if (!open || open->proposal.id != call.id<ProposalId>("proposal"))
    return refused(Reason::staff_role_change_not_found);
  return staff_role_change_document(call.service.states(), user->state, facts_for(call, user->state));
}

Answered<ProposalDocument> erasure(Call& call) {
  const auto user = call.service.queries().user(call.id<UserId>("user"));
  if (!user) return refused(Reason::user_not_found);
  const auto& open = user->state.erasure;
  if (!open || open->proposal.id != call.id<ProposalId>("erasure")) return refused(Reason::erasure_not_found);
  return erasure_document(call.service.states(), user->state, facts_for(call, user->state));
}

Answered<ListPage<ProfileDocument>> staff_profiles(Call& call) {
  return mapped(seen_account(call, Look::profiles),
                [&](const auto& account) { return accepted_profile_page(call, account->state.id); });
}

Answered<ListPage<SubmissionDocument>> staff_submissions(Call& call) {
  return mapped(seen_account(call, Look::submissions),
                [&](const auto& account) { return submission_page(call, account->state.id); });
}

Answered<SubmissionContentDocument> staff_submission(Call& call) {
  return chained(seen_account(call, Look::submissions),
                 [&](const auto& account) { return submission_of(call, account->state.id); });
}

Answered<MembershipDocument> staff_membership(Call& call) {
  return mapped(seen_account(call, Look::membership),
                [&](const auto& account) { return membership_of(call, account->state); });
}

}  // namespace ttp::http
