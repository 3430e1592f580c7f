#include "http/api/pages.hpp"

#include <charconv>

namespace ttp::http {
namespace {

using domain::Reason;

constexpr std::size_t page_items = 50;
constexpr std::size_t page_items_max = 200;

}  // namespace

Answered<std::size_t> page_limit(const Call& call) {
  if (!call.query.contains("limit")) return page_items;
  const auto limit = parse_number(call.query_text("limit"));
  if (!limit || *limit == 0 || *limit > page_items_max) return refused_query(Reason::out_of_range, "limit");
  return *limit;
}

Answered<std::string> page_start(const Call& call) {
  if (!call.query.contains("cursor")) return std::string{};
  const std::string_view text = call.query_text("cursor");
  if (auto start = call.service.secrets().open_cursor(text)) return *std::move(start);
  return refused_query(Reason::malformed, "cursor");
}

Answered<storage::Position> position_of_cursor(const std::string& meaning) {
  const auto position = parse_number(meaning);
  if (!position) return refused_query(Reason::malformed, "cursor");
  return *position;
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
