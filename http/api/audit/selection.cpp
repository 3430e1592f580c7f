#include "http/api/audit/selection.hpp"

#include <algorithm>

#include "http/api/pages.hpp"
#include "storage/log/times.hpp"

namespace ttp::http {

using namespace domain;
using service::EventFilter;
using storage::Position;

service::ReadEvents reader_of(const service::Service& service, const Subject& subject) {
  return [&service, subject](Position from, std::size_t limit) {
    if (subject.account) return service.queries().history(*subject.account, from, limit);
    if (subject.user) return service.queries().history(*subject.user, from, limit);
    return service.queries().history(from, limit);
  };
}

Answered<EventFilter> filter_in(const Call& call) {
  EventFilter filter;
  const auto actor = user_in(call, "actor");
  if (!actor) return std::unexpected{actor.error()};
  filter.actor = *actor;
  for (const std::string_view type : split(call.query_text("type"), ','))
    if (!type.empty()) filter.types.emplace(type);
  const auto since = time_in(call, "since");
  const auto until = time_in(call, "until");
  const auto to = number_in(call, "to_position");
  if (!since) return std::unexpected{since.error()};
  if (!until) return std::unexpected{until.error()};
  if (!to) return std::unexpected{to.error()};
  filter.since = *since;
  filter.until = *until;
  filter.to_position = *to;
  return filter;
}

Answered<Position> first_position(const Call& call, const EventFilter& filter) {
  const auto start = page_start(call);
  if (!start) return std::unexpected{start.error()};
  if (!start->empty()) return position_of_cursor(*start);
  const auto from = number_in(call, "from_position");
  if (!from) return std::unexpected{from.error()};
  const Position first = from->value_or(0);
  if (first > call.service.log().head().next) return refused_query(Reason::out_of_range, "from_position");
  return filter.since ? std::max(first, storage::first_at(call.service.log(), *filter.since)) : first;
}

}  // namespace ttp::http
