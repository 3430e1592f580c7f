#include "http/api/audit/selection.hpp"

#include <algorithm>

#include "events/registry.hpp"
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

service::ReadEvents back_reader_of(const service::Service& service, const Subject& subject) {
  return [&service, subject](Position before, std::size_t limit) {
    if (subject.account) return service.queries().history_back(*subject.account, before, limit);
    if (subject.user) return service.queries().history_back(*subject.user, before, limit);
    return service.queries().history_back(before, limit);
  };
}

Answered<EventFilter> filter_in(const Call& call) {
  EventFilter filter;
  const auto actor = user_in(call, "actor_id");
  if (!actor) return std::unexpected{actor.error()};
  filter.actor = *actor;
  for (const std::string_view type : split(call.query_text("type"), ','))
    if (!type.empty()) filter.types.emplace(type);
  for (const std::string& type : filter.types)
    if (std::ranges::find(events::event_names, type) == events::event_names.end())
      return refused_query(Reason::not_a_choice, "type");
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
  const auto from = number_in(call, "from_position");
  if (!from) return std::unexpected{from.error()};
  const Position first = from->value_or(0);
  if (first > call.service.log().head().next) return refused_query(Reason::out_of_range, "from_position");
  return filter.since ? std::max(first, storage::first_at(call.service.log(), *filter.since)) : first;
}

Answered<Span> positions_in(const Call& call, const EventFilter& filter, const PageAsked& asked) {
  const auto first = first_position(call, filter);
  if (!first) return std::unexpected{first.error()};
  Span span{*first, call.service.log().head().next};
  if (filter.to_position) span.end = std::min(span.end, *filter.to_position + 1);
  if (filter.until) span.end = std::min(span.end, storage::first_at(call.service.log(), *filter.until));
  if (asked.after.empty()) return span;
  const auto at = position_of_cursor(asked.after);
  if (!at) return std::unexpected{at.error()};
  (asked.newest_first ? span.end : span.first) = *at;
  return span;
}

}  // namespace ttp::http
