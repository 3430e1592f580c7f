// Pages of lists: every list has a limit, a cursor and an order, and is read by one of the functions here. A
// cursor names the last item shown by its key, so writes between two pages neither repeat nor skip an item.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdio>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "http/api/route.hpp"
#include "http/wire/text.hpp"

namespace ttp::http {

/// The page that a request asks for.
struct PageAsked {
  std::size_t limit = 0;
  bool newest_first = false;
  std::string after;  ///< the key of the last item shown; empty: from the beginning
};
/// By the query's `limit`, `order` and `cursor`. `newest_first` is the list's own order.
Answered<PageAsked> asked_page(const Call& call, bool newest_first = false);
/// The cursor of the page after the item with this key. It serves this list in this order only.
std::string cursor_after(const Call& call, const PageAsked& asked, std::string_view key);

/// A refusal for the parameter of this name, of the query or the headers.
std::unexpected<domain::Refusal> refused_query(domain::Reason reason, std::string name);
/// A position or a size of the query; nothing if it is absent.
Answered<std::optional<storage::Position>> number_in(const Call& call, const std::string& name);
Answered<std::optional<domain::Time>> time_in(const Call& call, const std::string& name);
/// A user's identifier of the query; nothing if it is absent.
Answered<std::optional<domain::UserId>> user_in(const Call& call, const std::string& name);
/// A choice of the query; nothing if it is absent.
template <domain::NamedEnum E>
Answered<std::optional<E>> choice_in(const Call& call, const std::string& name) {
  const std::string_view text = call.query_text(name);
  if (text.empty()) return std::nullopt;
  const auto choice = domain::parse_enum<E>(text);
  if (!choice) return refused_query(domain::Reason::not_a_choice, name);
  return *choice;
}
/// True or false of the query; nothing if it is absent.
Answered<std::optional<bool>> truth_in(const Call& call, const std::string& name);

/// A page of items that are all in memory, in the order of their keys. Identifiers are UUIDv7, so their order
/// is that in which the things were made.
template <class T, class KeyOf>
Answered<ListPage<T>> page_of(const Call& call, std::vector<T> items, const KeyOf& key_of,
                              bool newest_first = false) {
  const auto asked = asked_page(call, newest_first);
  if (!asked) return std::unexpected{asked.error()};
  std::ranges::sort(items, {}, key_of);
  if (asked->newest_first) std::ranges::reverse(items);
  if (!asked->after.empty())
    std::erase_if(items, [&](const T& item) {
      return asked->newest_first ? key_of(item) >= asked->after : key_of(item) <= asked->after;
    });
  ListPage<T> page;
  const bool more = items.size() > asked->limit;
  if (more) items.erase(items.begin() + static_cast<std::ptrdiff_t>(asked->limit), items.end());
  if (more) page.next = cursor_after(call, *asked, key_of(items.back()));
  page.items = std::move(items);
  return page;
}
template <class T>
Answered<ListPage<T>> page_of(const Call& call, std::vector<T> items) {
  return page_of(call, std::move(items), [](const T& item) {
    if constexpr (std::is_same_v<decltype(item.id), std::string>)
      return item.id;
    else
      return domain::to_text(item.id);
  });
}
/// A page of a table that does not change while the process runs, in its own order.
template <class T>
Answered<ListPage<T>> table_page(const Call& call, std::vector<T> rows) {
  std::vector<std::pair<std::string, T>> numbered;
  for (T& row : rows) {
    char number[16];
    std::snprintf(number, sizeof number, "%08zu", numbered.size());
    numbered.emplace_back(number, std::move(row));
  }
  auto page = page_of(call, std::move(numbered), [](const auto& each) { return each.first; });
  return mapped(page, [](const auto& found) {
    ListPage<T> out{{}, found.next};
    for (const auto& [number, row] : found.items) out.items.push_back(row);
    return out;
  });
}

/// The item that the path's parameter names.
template <class T>
Answered<T> one_of(const Call& call, std::string_view parameter, std::vector<T> items,
                   domain::Reason not_found) {
  const auto wanted = call.path.find(parameter);
  for (T& item : items) {
    std::string id;
    if constexpr (std::is_same_v<decltype(item.id), std::string>)
      id = item.id;
    else
      id = domain::to_text(item.id);
    if (wanted != call.path.end() && wanted->second == id) return std::move(item);
  }
  return refused(not_found);
}

/// A page of what a search finds among things that a view lists by identifier: `next_ids(after, newest_first,
/// limit)` lists them, `show(id)` gives those that match. It stops after some thousand things, so that a
/// search for a rare one does not occupy a thread; the page then has fewer items, and a `next`.
template <class T, class NextIds, class Show>
Answered<ListPage<T>> scanned_page(const Call& call, const NextIds& next_ids, const Show& show) {
  constexpr std::size_t looked_at_max = 5'000, ids_at_once = 250;
  using Id = decltype(T::id);
  const auto asked = asked_page(call);
  if (!asked) return std::unexpected{asked.error()};
  std::optional<Id> after;
  if (!asked->after.empty()) after = Id{domain::parse_uuid(asked->after).value_or(domain::Uuid{})};
  ListPage<T> page;
  for (std::size_t looked_at = 0; looked_at < looked_at_max; looked_at += ids_at_once) {
    const std::vector<Id> ids = next_ids(after, asked->newest_first, ids_at_once);
    for (const Id& id : ids) {
      auto item = show(id);
      if (item && page.items.size() == asked->limit) {
        page.next = cursor_after(call, *asked, domain::to_text(*after));
        return page;
      }
      after = id;
      if (item) page.items.push_back(*std::move(item));
    }
    if (ids.size() < ids_at_once) return page;
  }
  page.next = cursor_after(call, *asked, domain::to_text(*after));
  return page;
}

/// A page of rows that are stored as JSON, read by `read(asked)` with one row more than is asked for.
template <class Read>
Answered<ListPage<RawJson>> row_page(const Call& call, bool newest_first, Read read) {
  const auto asked = asked_page(call, newest_first);
  if (!asked) return std::unexpected{asked.error()};
  ListPage<RawJson> page;
  auto rows = read(PageAsked{asked->limit + 1, asked->newest_first, asked->after});
  const bool more = rows.size() > asked->limit;
  if (more) rows.resize(asked->limit);
  for (auto& row : rows) page.items.push_back({std::move(row.json)});
  if (more) page.next = cursor_after(call, *asked, rows.back().key);
  return page;
}

/// The position in a cursor of events; a refusal if the cursor is of another list.
Answered<storage::Position> position_of_cursor(const std::string& key);

/// A page of events: `forward(from, limit)` reads on from a position, `back(before, limit)` reads backwards.
/// It tells where the caller's own acts came from.
template <class Forward, class Back>
Answered<ListPage<EventDocument>> event_page(Call& call, bool with_personal, Forward forward, Back back) {
  const auto asked = asked_page(call);
  if (!asked) return std::unexpected{asked.error()};
  const Answered<storage::Position> last =
      asked->after.empty() ? storage::Position{0} : position_of_cursor(asked->after);
  if (!last) return std::unexpected{last.error()};
  const bool begins = asked->after.empty();
  ListPage<EventDocument> page;
  auto recorded = asked->newest_first
                      ? back(begins ? std::numeric_limits<storage::Position>::max() : *last, asked->limit + 1)
                      : forward(begins ? 0 : *last + 1, asked->limit + 1);
  const bool more = recorded.size() > asked->limit;
  if (more) recorded.resize(asked->limit);
  for (const auto& each : recorded) {
    const bool is_own = each.envelope.actor.id == call.user().id.uuid;
    page.items.push_back(
        event_document(each, with_personal, is_own ? call.service.origin_of(each) : std::nullopt));
  }
  if (more) page.next = cursor_after(call, *asked, std::to_string(recorded.back().position));
  return page;
}

}  // namespace ttp::http
