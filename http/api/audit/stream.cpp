// The history as a live stream of server-sent events.
#include <algorithm>

#include "http/api/audit/history.hpp"
#include "http/api/audit/selection.hpp"
#include "http/api/live_stream.hpp"

namespace ttp::http {
namespace {

using namespace domain;

bool is_auditor(const User& user) {
  return std::ranges::any_of(user.staff_roles, [](StaffRole role) {
    return role == StaffRole::auditor || role == StaffRole::privacy_auditor;
  });
}

Answered<Response> event_stream(Call& call, const Subject& subject) {
  auto filter = filter_in(call);
  if (!filter) return std::unexpected{filter.error()};
  const auto resumed = resumed_position(call);
  if (!resumed) return std::unexpected{resumed.error()};
  const auto from = *resumed ? Answered<storage::Position>{**resumed} : first_position(call, *filter);
  if (!from) return std::unexpected{from.error()};
  const auto data = [](const events::Recorded& recorded) {
    return std::optional{events::to_json(event_document(recorded, false))};
  };
  return live_stream(call, {reader_of(call.service, subject), *std::move(filter), &is_auditor, data}, *from);
}

}  // namespace

Answered<Response> audit_stream(Call& call, const Json*) {
  return event_stream(call, {});
}
Answered<Response> audit_account_stream(Call& call, const Json*) {
  return event_stream(call, {call.id<AccountId>("account"), {}});
}
Answered<Response> audit_user_stream(Call& call, const Json*) {
  return event_stream(call, {{}, call.id<UserId>("user")});
}

}  // namespace ttp::http
