#include "http/api/pages.hpp"

#include <charconv>

namespace ttp::http {
namespace {

using domain::Reason;

constexpr std::size_t page_items = 50;
constexpr std::size_t page_items_max = 200;

/// The list that a cursor belongs to, by its address and order.
std::string list_of(const Call& call, bool newest_first) {
  return call.request.head->path + (newest_first ? "\nnewest\n" : "\noldest\n");
}

}  // namespace

Answered<PageAsked> asked_page(const Call& call, bool newest_first) {
  PageAsked asked{page_items, newest_first, {}};
  if (call.query.contains("limit")) {
    const auto limit = parse_number(call.query_text("limit"));
    if (!limit || *limit == 0 || *limit > page_items_max) return refused_query(Reason::out_of_range, "limit");
    asked.limit = *limit;
  }
  if (call.query.contains("order")) {
    const auto order = domain::parse_enum<ListOrder>(call.query_text("order"));
    if (!order) return refused_query(Reason::not_a_choice, "order");
    asked.newest_first = *order == ListOrder::newest;
  }
  if (!call.query.contains("cursor")) return asked;
  const auto meaning = call.service.secrets().open_cursor(call.query_text("cursor"));
  const std::string list = list_of(call, asked.newest_first);
  if (!meaning || !meaning->starts_with(list)) return refused_query(Reason::cursor_not_of_list, "cursor");
  asked.after = meaning->substr(list.size());
  return asked;
}

std::string cursor_after(const Call& call, const PageAsked& asked, std::string_view key) {
  return call.service.secrets().cursor(list_of(call, asked.newest_first).append(key));
}

Answered<storage::Position> position_of_cursor(const std::string& key) {
  const auto position = parse_number(key);
  if (!position) return refused_query(Reason::cursor_not_of_list, "cursor");
  return *position;
}

Answered<std::optional<bool>> truth_in(const Call& call, const std::string& name) {
  const std::string_view text = call.query_text(name);
  if (text.empty()) return std::nullopt;
  if (text != "true" && text != "false") return refused_query(Reason::not_a_choice, name);
  return text == "true";
}

std::unexpected<domain::Refusal> refused_query(domain::Reason reason, std::string name) {
  return std::unexpected{parameter_refusal(reason, std::move(name))};
}

/// A position or a size of the query; nothing if it is absent.
Answered<std::optional<storage::Position>> number_in(const Call& call, const std::string& name) {
  const std::string_view text = call.query_text(name);
  if (text.empty()) return std::nullopt;
  const auto value = parse_number(text);
  if (!value) return refused_query(domain::Reason::malformed, name);
  return *value;
}
Answered<std::optional<domain::Time>> time_in(const Call& call, const std::string& name) {
  const std::string_view text = call.query_text(name);
  if (text.empty()) return std::nullopt;
  const auto time = domain::parse_time(text);
  if (!time) return refused_query(domain::Reason::malformed, name);
  return *time;
}

Answered<std::optional<domain::UserId>> user_in(const Call& call, const std::string& name) {
  const std::string_view text = call.query_text(name);
  if (text.empty()) return std::nullopt;
  const auto id = domain::parse_uuid(text);
  if (!id) return refused_query(domain::Reason::malformed, name);
  return domain::UserId{*id};
}

}  // namespace ttp::http
