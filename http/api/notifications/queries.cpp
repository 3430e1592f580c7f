#include "http/api/notifications/queries.hpp"

#include <utility>

#include "http/api/accounts/queries.hpp"
#include "http/api/audit/selection.hpp"
#include "http/api/live_stream.hpp"
#include "http/api/pages.hpp"

namespace ttp::http {
namespace {

using namespace domain;

/// Whether the person may still view the account's notifications.
bool may_be_told(const service::Service& service, AccountId id, const User& reader) {
  const auto account = service.queries().account(id);
  if (!account) return false;
  const Facts facts = facts_about(service.states(), account->state, reader);
  return !access_refusal(account->state, facts.caller, facts.owner) &&
         !permission_refusal(account->state, Action::view_membership, facts);
}

}  // namespace

Answered<ListPage<NotificationDocument>> account_notifications(Call& call) {
  const auto account = permitted_account(call, Action::view_membership);
  if (!account) return std::unexpected{account.error()};
  const AccountId id = (*account)->state.id;
  const auto rows = row_page(call, true, [&](const PageAsked& asked) {
    return call.service.queries().notifications(id, asked.after, asked.newest_first, asked.limit);
  });
  return mapped(rows, [&](const ListPage<RawJson>& page) {
    ListPage<NotificationDocument> documents{{}, page.next};
    for (const RawJson& row : page.items)
      documents.items.push_back(notification_document(notification_row(row.json), id, call.language(),
                                                      call.user().notifications_read(id)));
    return documents;
  });
}

Answered<Response> account_notification_stream(Call& call, const Json*) {
  const auto account = permitted_account(call, Action::view_membership);
  if (!account) return std::unexpected{account.error()};
  const auto resumed = resumed_position(call);
  if (!resumed) return std::unexpected{resumed.error()};
  const auto named = number_in(call, "from_position");
  if (!named) return std::unexpected{named.error()};
  const storage::Position head = call.service.log().head().next;
  if (*named && **named > head) return refused_query(Reason::out_of_range, "from_position");
  const AccountId id = (*account)->state.id;
  StreamSource source;
  source.read = reader_of(call.service, {id, {}});
  source.may_see = [&service = call.service, id](const User& reader) {
    return may_be_told(service, id, reader);
  };
  source.data = [id, language = call.language()](const events::Recorded& recorded) {
    std::optional<std::string> json;
    if (const auto row = projections::notification_of(recorded))
      json = events::to_json(notification_document(*row, id, language, 0));
    return json;
  };
  return live_stream(call, std::move(source), resumed->value_or(named->value_or(head)));
}

Route for_notified_members(Route route) {
  route.make_command = [make = std::move(route.make_command)](
                           const Call& call, const Json* body) -> Answered<service::Command> {
    // The checks read the account, and nothing of the call changes.
    Call copy = call;
    if (const auto account = permitted_account(copy, Action::view_membership); !account)
      return std::unexpected{account.error()};
    return make(call, body);
  };
  route.runs = Runs::on_a_worker;
  return route;
}

}  // namespace ttp::http
