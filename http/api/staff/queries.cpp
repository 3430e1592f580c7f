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
#include "http/wire/text.hpp"

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
  return facts_about(call.states(), account, call.user());
}

/// The account of the path; the log says that the caller saw it.
Answered<service::Found<Account>> seen_account(Call& call, Look look) {
  using Found = service::Found<Account>;
  return chained(any_account(call), [&](const Found& found) -> Answered<Found> {
    if (auto refusal = look_refusal(call, look, found->state.id)) return std::unexpected{*std::move(refusal)};
    return found;
  });
}

/// The conditions of a search of accounts; one that is not set does not restrict.
struct AccountSearch {
  std::vector<std::string> words{};  ///< folded; each must be in a name
  std::optional<Stage> stage{};
  std::optional<MembershipStatus> status{};
  std::optional<Time> due_until{};

  bool takes(const StaffAccountDocument& document) const {
    if (stage && document.stage != *stage) return false;
    if (status && document.membership_status != *status) return false;
    if (due_until && (!document.due_at || *document.due_at >= *due_until)) return false;
    std::string names = document.legal_name ? same_name(document.legal_name->text()) : std::string{};
    for (const CompanyName& each : document.operating_names) names.append(" ").append(same_name(each.text()));
    return std::ranges::all_of(words, [&](const std::string& word) { return names.contains(word); });
  }
};

Answered<AccountSearch> account_search_in(const Call& call) {
  AccountSearch search;
  const auto stage = choice_in<Stage>(call, "stage");
  if (!stage) return std::unexpected{stage.error()};
  const auto status = choice_in<MembershipStatus>(call, "membership_status");
  if (!status) return std::unexpected{status.error()};
  const auto due = time_in(call, "due_until");
  if (!due) return std::unexpected{due.error()};
  search.stage = *stage;
  search.status = *status;
  search.due_until = *due;
  for (const std::string_view word : split(call.query_text("name"), ' '))
    if (std::string letters = same_name(word); !letters.empty()) search.words.push_back(std::move(letters));
  return search;
}

}  // namespace

Facts facts_for(const Call& call, const User& user) {
  const Queries& queries = call.service.queries();
  Facts facts;
  facts.now = call.now;
  facts.caller = call.user().person_at(call.now);
  const auto is_operator = [&](UserId each) {
    const auto found = queries.user(each);
    return found && found->state.staff_roles.contains(StaffRole::operator_);
  };
  queries.add_facts_about_staff(user.id, is_operator, facts);
  return facts;
}

UserDocument staff_user_document(const Call& call, const User& user) {
  UserDocument document = user_document(call.states(), user, false);
  add_staff_actions(document.actions, user, facts_for(call, user));
  return document;
}

Answered<ListPage<RawJson>> staff_work(Call& call) {
  const auto kind = choice_in<projections::WorkKind>(call, "kind");
  if (!kind) return std::unexpected{kind.error()};
  return row_page(call, false, [&](const PageAsked& asked) {
    return call.service.queries().work(call.user().staff_roles, *kind, asked.after, asked.newest_first,
                                       asked.limit);
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
  std::vector<UserDocument> documents;
  if (const auto found = *id ? call.states().user(**id) : service::Found<User>{}) {
    if (auto refusal = look_refusal(call, Look::user, **id)) return std::unexpected{*std::move(refusal)};
    documents.push_back(staff_user_document(call, found->state));
  }
  return page_of(call, std::move(documents));
}

Answered<ListPage<SessionDocument>> user_sessions(Call& call) {
  const auto found = call.service.queries().user(call.id<UserId>("user"));
  if (!found || !found->state.registered) return refused(Reason::user_not_found);
  if (auto refusal = look_refusal(call, Look::sessions, found->state.id))
    return std::unexpected{*std::move(refusal)};
  std::vector<SessionDocument> documents = open_sessions(call, found->state);
  // Where a person acted from is shown to that person and to privacy auditors (SPEC 7).
  for (SessionDocument& each : documents) each.opened_from.reset();
  return page_of(call, std::move(documents));
}

Answered<std::optional<AccountId>> account_by_number(const Call& call) {
  const Queries& queries = call.service.queries();
  return first_found<AccountId>(
      call, {{"business_number", found_by<BusinessNumber, AccountId>([&](const BusinessNumber& number) {
                return queries.account_by_business_number(number);
              })},
             {"client_number", found_by<ClientNumber, AccountId>([&](const ClientNumber& number) {
                return queries.account_by_client_number(number);
              })}});
}

Answered<ListPage<StaffAccountDocument>> find_account(Call& call) {
  if (call.query.contains("business_number") || call.query.contains("client_number")) {
    const auto id = account_by_number(call);
    if (!id) return std::unexpected{id.error()};
    std::vector<StaffAccountDocument> documents;
    if (const auto found = *id ? call.states().account(**id) : service::Found<Account>{}) {
      if (auto refusal = look_refusal(call, Look::account, **id)) return std::unexpected{*std::move(refusal)};
      documents.push_back(
          staff_account_document(found->state, call.states().programme(found->state.id)->state));
    }
    return page_of(call, std::move(documents));
  }
  const auto search = account_search_in(call);
  if (!search) return std::unexpected{search.error()};
  if (auto refusal = look_refusal(call, Look::account)) return std::unexpected{*std::move(refusal)};
  const Queries& queries = call.service.queries();
  return scanned_page<StaffAccountDocument>(
      call,
      [&](std::optional<AccountId> after, bool newest_first, std::size_t limit) {
        return queries.accounts(after, newest_first, limit);
      },
      [&](AccountId id) -> std::optional<StaffAccountDocument> {
        const auto found = queries.account(id);
        if (!found) return std::nullopt;
        auto document = staff_account_document(found->state, queries.programme(id)->state);
        return search->takes(document) ? std::optional{std::move(document)} : std::nullopt;
      });
}

Answered<ListPage<MailDocument>> mails_to_user(Call& call) {
  const auto user = call.id<UserId>("user");
  const auto found = call.service.queries().user(user);
  if (!found) return refused(Reason::user_not_found);
  const auto asked = asked_page(call, true);
  if (!asked) return std::unexpected{asked.error()};
  if (auto refusal = look_refusal(call, Look::user, user)) return std::unexpected{*std::move(refusal)};
  const service::MailJournal& journal = call.service.journal();
  auto rows = journal.of(user, asked->after, asked->newest_first, asked->limit + 1);
  const bool more = rows.size() > asked->limit;
  if (more) rows.resize(asked->limit);
  ListPage<MailDocument> page;
  const Facts facts = facts_for(call, found->state);
  for (const service::JournalRow& row : rows) {
    page.items.push_back(mail_document(row));
    add_mail_actions(page.items.back().actions, found->state, row.id, facts);
  }
  if (more) page.next = cursor_after(call, *asked, service::place_of(rows.back()));
  return page;
}

std::optional<service::JournalRow> journal_row(const Call& call) {
  auto row = call.service.journal().find(call.path.find("mail")->second);
  if (row && row->reader != call.id<UserId>("user")) row.reset();
  return row;
}

Answered<MailDocument> mail_to_user(Call& call) {
  const auto row = journal_row(call);
  const auto reader = row ? call.service.queries().user(row->reader) : service::Found<User>{};
  if (!reader) return refused(Reason::mail_not_found);
  if (auto refusal = look_refusal(call, Look::user, row->reader)) return std::unexpected{*std::move(refusal)};
  MailDocument document = mail_document(*row);
  add_mail_actions(document.actions, reader->state, row->id, facts_for(call, reader->state));
  return document;
}

Answered<LetterDocument> one_letter(Call& call) {
  const auto letter_id = call.id<LetterId>("letter");
  const auto id = call.service.queries().account_of_letter(letter_id);
  const auto account = id ? call.states().account(*id) : service::Found<Account>{};
  const Letter* letter = account ? account->state.letter(letter_id) : nullptr;
  if (!letter) return refused(Reason::letter_not_found);
  if (auto refusal = look_refusal(call, Look::letter, letter_id)) return std::unexpected{*std::move(refusal)};
  return letter_document_of(account->state, *letter, facts_about(call.states(), account->state, call.user()));
}

Answered<ListPage<LetterDocument>> staff_letters(Call& call) {
  const auto state = choice_in<LetterState>(call, "state");
  if (!state) return std::unexpected{state.error()};
  const auto overdue = truth_in(call, "overdue");
  if (!overdue) return std::unexpected{overdue.error()};
  if (auto refusal = look_refusal(call, Look::letter)) return std::unexpected{*std::move(refusal)};
  const Queries& queries = call.service.queries();
  return scanned_page<LetterDocument>(
      call,
      [&](std::optional<LetterId> after, bool newest_first, std::size_t limit) {
        return queries.letters(after, newest_first, limit);
      },
      [&](LetterId id) -> std::optional<LetterDocument> {
        const auto of = queries.account_of_letter(id);
        const auto account = of ? queries.account(*of) : service::Found<Account>{};
        const Letter* letter = account ? account->state.letter(id) : nullptr;
        if (!letter || (*state && letter->state != **state)) return std::nullopt;
        auto document = letter_document_of(account->state, *letter, facts_for(call, account->state));
        return *overdue && document.overdue != **overdue ? std::nullopt : std::optional{std::move(document)};
      });
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

namespace {

using Proposals = std::vector<ProposalDocument>;

/// The open proposal of the account of the path, if there is one.
template <class Document>
Answered<Proposals> proposals_of_account(Call& call, Document document) {
  return mapped(any_account(call), [&](const auto& account) {
    const std::optional<ProposalDocument> open = document(account->state);
    return open ? Proposals{*open} : Proposals{};
  });
}
template <class Document>
Answered<Proposals> proposals_of_user(Call& call, Document document) {
  const auto user = call.states().user(call.id<UserId>("user"));
  if (!user) return refused(Reason::user_not_found);
  const std::optional<ProposalDocument> open = document(user->state);
  return open ? Proposals{*open} : Proposals{};
}

Answered<Proposals> enrolment_releases_of(Call& call) {
  return proposals_of_account(call, [&](const Account& account) -> std::optional<ProposalDocument> {
    if (!account.enrolment_release) return std::nullopt;
    return enrolment_release_document(call.states(), account, facts_for(call, account));
  });
}
Answered<Proposals> owner_reassignments_of(Call& call) {
  return proposals_of_account(call, [&](const Account& account) -> std::optional<ProposalDocument> {
    if (!account.reassignment) return std::nullopt;
    return owner_reassignment_document(call.states(), account, facts_for(call, account));
  });
}
Answered<Proposals> staff_role_changes_of(Call& call) {
  return proposals_of_user(call, [&](const User& user) -> std::optional<ProposalDocument> {
    if (!user.staff_role_change) return std::nullopt;
    return staff_role_change_document(call.states(), user, facts_for(call, user));
  });
}
Answered<Proposals> erasures_of(Call& call) {
  return proposals_of_user(call, [&](const User& user) -> std::optional<ProposalDocument> {
    if (!user.erasure) return std::nullopt;
    return erasure_document(call.states(), user, facts_for(call, user));
  });
}

Answered<ListPage<ProposalDocument>> page_of_proposals(const Call& call, const Answered<Proposals>& found) {
  return chained(found, [&](const Proposals& proposals) { return page_of(call, proposals); });
}
Answered<ProposalDocument> one_proposal(const Call& call, std::string_view parameter, Reason not_found,
                                        const Answered<Proposals>& found) {
  return chained(found,
                 [&](const Proposals& proposals) { return one_of(call, parameter, proposals, not_found); });
}

}  // namespace

Answered<ListPage<ProposalDocument>> enrolment_releases(Call& call) {
  return page_of_proposals(call, enrolment_releases_of(call));
}
Answered<ProposalDocument> enrolment_release(Call& call) {
  return one_proposal(call, "proposal", Reason::enrolment_release_not_found, enrolment_releases_of(call));
}
Answered<ListPage<ProposalDocument>> owner_reassignments(Call& call) {
  return page_of_proposals(call, owner_reassignments_of(call));
}
Answered<ProposalDocument> owner_reassignment(Call& call) {
  return one_proposal(call, "proposal", Reason::reassignment_not_found, owner_reassignments_of(call));
}
Answered<ListPage<ProposalDocument>> staff_role_changes(Call& call) {
  return page_of_proposals(call, staff_role_changes_of(call));
}
Answered<ProposalDocument> staff_role_change(Call& call) {
  return one_proposal(call, "proposal", Reason::staff_role_change_not_found, staff_role_changes_of(call));
}
Answered<ListPage<ProposalDocument>> erasures(Call& call) {
  return page_of_proposals(call, erasures_of(call));
}
Answered<ProposalDocument> erasure(Call& call) {
  return one_proposal(call, "erasure", Reason::erasure_not_found, erasures_of(call));
}

Answered<ListPage<MemberDocument>> staff_members(Call& call) {
  return chained(seen_account(call, Look::account), [&](const auto& account) {
    return page_of(call, member_documents(call.states(), account->state, call.user()));
  });
}
Answered<ListPage<LetterDocument>> staff_account_letters(Call& call) {
  return chained(seen_account(call, Look::account),
                 [&](const auto& account) { return page_of(call, letters_of(call, account->state)); });
}
Answered<ListPage<LetterCaseDocument>> staff_letter_cases(Call& call) {
  return chained(seen_account(call, Look::account),
                 [&](const auto& account) { return page_of(call, letter_cases_of(account->state)); });
}
Answered<LetterCaseDocument> staff_letter_case(Call& call) {
  return chained(seen_account(call, Look::account), [&](const auto& account) {
    return one_of(call, "letter_case", letter_cases_of(account->state), Reason::case_not_found);
  });
}
Answered<ListPage<InformalReviewDocument>> staff_informal_reviews(Call& call) {
  return chained(seen_account(call, Look::membership),
                 [&](const auto& account) { return informal_review_page(call, account->state.id); });
}
Answered<InformalReviewDocument> staff_informal_review(Call& call) {
  return chained(seen_account(call, Look::membership),
                 [&](const auto& account) { return informal_review_of(call, account->state.id); });
}
Answered<ListPage<AppealDocument>> staff_appeals(Call& call) {
  return chained(seen_account(call, Look::membership),
                 [&](const auto& account) { return appeal_page(call, account->state.id); });
}
Answered<AppealDocument> staff_appeal(Call& call) {
  return chained(seen_account(call, Look::membership),
                 [&](const auto& account) { return appeal_of(call, account->state.id); });
}

Answered<ListPage<FoundAccountDocument>> audit_find_account(Call& call) {
  const auto id = account_by_number(call);
  if (!id) return std::unexpected{id.error()};
  std::vector<FoundAccountDocument> documents;
  if (const auto found = *id ? call.states().account(**id) : service::Found<Account>{}) {
    if (auto refusal = look_refusal(call, Look::account, **id)) return std::unexpected{*std::move(refusal)};
    documents.push_back({**id, found->state.stage, found->state.enrolled_at});
  }
  return page_of(call, std::move(documents));
}

Answered<ListPage<FoundUserDocument>> audit_find_user(Call& call) {
  const Queries& queries = call.service.queries();
  const auto id = first_found<UserId>(
      call, {{"urn", found_by<Urn, UserId>([&](const Urn& urn) { return queries.user_by_urn(urn); })},
             {"user_name", found_by<UserName, UserId>(
                               [&](const UserName& name) { return queries.user_by_user_name(name); })}});
  if (!id) return std::unexpected{id.error()};
  std::vector<FoundUserDocument> documents;
  if (const auto found = *id ? call.states().user(**id) : service::Found<User>{}) {
    if (auto refusal = look_refusal(call, Look::user, **id)) return std::unexpected{*std::move(refusal)};
    documents.push_back({**id, found->state.credential_kind, found->state.last_signed_in_at});
  }
  return page_of(call, std::move(documents));
}

Answered<ListPage<ProfileDocument>> staff_profiles(Call& call) {
  return chained(seen_account(call, Look::profiles),
                 [&](const auto& account) { return accepted_profile_page(call, account->state.id); });
}

Answered<ListPage<SubmissionDocument>> staff_submissions(Call& call) {
  return chained(seen_account(call, Look::submissions),
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
