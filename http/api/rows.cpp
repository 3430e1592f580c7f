#include "http/api/rows.hpp"

#include <algorithm>
#include <iterator>

namespace ttp::http {

Access auditors() {
  return staff({domain::StaffRole::auditor, domain::StaffRole::privacy_auditor});
}

Parameter query_parameter(std::string name, std::string_view schema, std::string description) {
  return {std::move(name), "query", std::string{schema}, std::move(description)};
}
std::vector<Parameter> paging_and(std::vector<Parameter> more) {
  auto all = paging();
  std::ranges::move(more, std::back_inserter(all));
  return all;
}

Route raw(std::string_view method, std::string_view path_template, std::string_view tag,
          std::string_view summary, Access access, std::string_view answer_type,
          Answered<Response> (*answer)(Call&, const Json*)) {
  Route route = plain_route(method, path_template, tag, summary, std::move(access), 200);
  route.answer_type = answer_type;
  route.answer = answer;
  return route;
}

Route called(std::string_view id, Route route) {
  route.id = id;
  return route;
}
Route with_location(Route route, std::string_view location) {
  return with_location(std::move(route), location, location.contains("{id}") ? std::string_view{} : location);
}
Route with_location(Route route, std::string_view location, std::string_view without_id) {
  route.location = location;
  route.location_without_id = without_id;
  return route;
}
Route answering(Route route, std::string schema,
                std::function<Response(Call&, const service::CommandResult&)> respond) {
  route.answer_schema = std::move(schema);
  route.respond = std::move(respond);
  return route;
}
Route at_once(Route route) {
  route.runs = Runs::at_once;
  return route;
}
Route patient(Route route) {
  route.runs = Runs::on_a_patient_worker;
  return route;
}
Route ending_own_session(Route route) {
  route.ends_own_session = true;
  return route;
}
Route refusing_for(std::vector<domain::Reason> reasons, Route route) {
  route.reasons = std::move(reasons);
  return route;
}
}  // namespace ttp::http
