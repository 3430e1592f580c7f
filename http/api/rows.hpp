// Roles, parameters and small modifiers that rows of several tags share; and the declarations of the rows, by
// tag.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "http/api/route.hpp"

namespace ttp::http {

std::vector<Route> signing_in_routes();
std::vector<Route> accounts_routes();
std::vector<Route> programme_routes();
std::vector<Route> staff_routes();
std::vector<Route> audit_routes();
std::vector<Route> operations_routes();
std::vector<Route> sandbox_routes();
std::vector<Route> forms_routes();
std::vector<Route> notifications_routes();

inline constexpr auto desk = domain::StaffRole::service_desk;
inline constexpr auto mail_room = domain::StaffRole::mail_room;
inline constexpr auto officer = domain::StaffRole::programme_officer;
inline constexpr auto operator_ = domain::StaffRole::operator_;
/// A privacy auditor is an auditor.
Access auditors();

inline constexpr std::string_view text_schema = R"({"type":"string"})";
inline constexpr std::string_view position_schema = R"({"type":"integer","minimum":0})";
inline constexpr std::string_view uuid_schema = R"({"type":"string","format":"uuid"})";
inline constexpr std::string_view truth_schema = R"({"type":"boolean"})";
inline constexpr std::string_view time_schema = R"({"type":"string","format":"date-time"})";

Parameter query_parameter(std::string name, std::string_view schema, std::string description);
std::vector<Parameter> paging_and(std::vector<Parameter> more);

/// A list of rows that a view stores as JSON.
template <class Row>
Route of_rows(Route route) {
  route.answer_schema = schema_of<ListPage<Row>>();
  return route;
}
/// A row whose answer is more than a document.
Route raw(std::string_view method, std::string_view path_template, std::string_view tag,
          std::string_view summary, Access access, std::string_view answer_type,
          Answered<Response> (*answer)(Call&, const Json*));
/// A row with another name in the description than the one it would get.
Route called(std::string_view id, Route route);
/// A command with the address of what it makes, or, without {id}, of the thing that shows what was done. Its
/// answer is what GET of that address answers, with the command's position.
Route with_location(Route route, std::string_view location);
/// The same, with another address for when nothing with an identifier was made.
Route with_location(Route route, std::string_view location, std::string_view without_id);
Route answering(Route route, std::string schema,
                std::function<Response(Call&, const service::CommandResult&)> respond);
/// A query that needs only memory.
Route at_once(Route route);
/// A row that may take long.
Route patient(Route route);
Route ending_own_session(Route route);
/// A row with reasons to refuse that neither its command nor its handler names.
Route refusing_for(std::vector<domain::Reason> reasons, Route route);

}  // namespace ttp::http
