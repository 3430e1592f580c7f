// Handlers of the notifications of an account's users.
#pragma once

#include "http/api/notifications/documents.hpp"
#include "http/api/route.hpp"

namespace ttp::http {

Answered<ListPage<NotificationDocument>> account_notifications(Call&);
/// The notifications that come, as server-sent events, behind `Last-Event-ID` or `from_position`.
Answered<Response> account_notification_stream(Call&, const Json*);
/// A row that only members of the path's account with a view of its notifications may use.
Route for_notified_members(Route route);

}  // namespace ttp::http
