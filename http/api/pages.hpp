// Pages of lists: the number of items per page, and the opaque cursor of the next page.
#pragma once

#include <cstddef>
#include <string>
#include <utility>

#include "http/api/route.hpp"
#include "http/wire/text.hpp"

namespace ttp::http {

/// The query's `limit`, or a refusal that names the parameter.
Answered<std::size_t> page_limit(const Call& call);
/// The decoded `cursor` of the query; empty: the beginning.
Answered<std::string> page_start(const Call& call);

/// A refusal for the parameter of this name, of the query or the headers.
std::unexpected<domain::Refusal> refused_query(domain::Reason reason, std::string name);
/// A position or a size of the query; nothing if it is absent.
Answered<std::optional<storage::Position>> number_in(const Call& call, const std::string& name);
Answered<std::optional<domain::Time>> time_in(const Call& call, const std::string& name);
/// A user's identifier of the query; nothing if it is absent.
Answered<std::optional<domain::UserId>> user_in(const Call& call, const std::string& name);

/// The position in a cursor of events; a refusal if the cursor is of another list.
Answered<storage::Position> position_of_cursor(const std::string& meaning);

/// A page of rows that are stored as JSON, read by `read(after, limit)`; the cursor is the last row's key.
template <class Read>
Answered<ListPage<RawJson>> row_page(Call& call, Read read) {
  const auto limit = page_limit(call);
  if (!limit) return std::unexpected{limit.error()};
  const auto start = page_start(call);
  if (!start) return std::unexpected{start.error()};
  ListPage<RawJson> page;
  auto rows = read(*start, *limit + 1);
  const bool more = rows.size() > *limit;
  if (more) rows.resize(*limit);
  for (auto& row : rows) page.items.push_back({std::move(row.json)});
  if (more) page.next = call.service.secrets().cursor(rows.back().key);
  return page;
}

/// A page of events read by `read(from, limit)`; the cursor is the next position. It tells where the caller's
/// own acts came from.
template <class Read>
Answered<ListPage<EventDocument>> event_page(Call& call, bool with_personal, Read read) {
  const auto limit = page_limit(call);
  if (!limit) return std::unexpected{limit.error()};
  const auto start = page_start(call);
  if (!start) return std::unexpected{start.error()};
  const Answered<storage::Position> from = start->empty() ? 0 : position_of_cursor(*start);
  if (!from) return std::unexpected{from.error()};
  ListPage<EventDocument> page;
  auto recorded = read(*from, *limit + 1);
  const bool more = recorded.size() > *limit;
  if (more) recorded.resize(*limit);
  for (const auto& each : recorded) {
    const bool is_own = each.envelope.actor.id == call.user().id.uuid;
    page.items.push_back(
        event_document(each, with_personal, is_own ? call.service.origin_of(each) : std::nullopt));
  }
  if (more) page.next = call.service.secrets().cursor(std::to_string(recorded.back().position + 1));
  return page;
}

}  // namespace ttp::http
