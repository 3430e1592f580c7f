// The rows of the notifications (SPEC 3.9). Reading them does not keep a session from idling, because pages
// ask by themselves.
#include "http/api/notifications/queries.hpp"
#include "http/api/rows.hpp"

namespace ttp::http {

using namespace domain;

// clang-format off
std::vector<Route> notifications_routes() {
  std::vector<Route> rows;
  const auto add = [&](Route route) { rows.push_back(std::move(route)); };

  add(query<ListPage<NotificationDocument>>("/v1/accounts/{account}/notifications", "Notifications", "What the account's users are told; the newest first, unless another order is asked for", watching(signed_in()), &account_notifications));
  add(for_notified_members(command<MarkNotificationsRead>("PUT", "/v1/accounts/{account}/notifications/read-mark", "Notifications", "Mark the notifications as read up to a position", signed_in(), 200,
      caller(&MarkNotificationsRead::user), path("account", &MarkNotificationsRead::account), body("position", &MarkNotificationsRead::position))));
  Route stream = patient(raw("GET", "/v1/accounts/{account}/notifications/stream", "Notifications", "The notifications that come, as server-sent events; each one's data is a notification as in the list", watching(signed_in()), "text/event-stream", &account_notification_stream));
  stream.parameters = {query_parameter("from_position", position_schema, "Begins here, for example behind the X-Position of the list; without it, with what comes"),
                       {"Last-Event-ID", "header", R"({"type":"string"})", "The position of the last event seen: the stream goes on behind it"}};
  add(stream);
  return rows;
}
// clang-format on

}  // namespace ttp::http
