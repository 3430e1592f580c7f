#include "http/api/route.hpp"

#include <sstream>

namespace ttp::http {

bool prefers_receipt(const Request& request) {
  const auto header = request.header("prefer");
  if (!header) return false;
  std::istringstream preferences{std::string{*header}};
  for (std::string each; std::getline(preferences, each, ',');) {
    const auto from = each.find_first_not_of(" \t");
    if (from != std::string::npos && each.substr(from, each.find_last_not_of(" \t") + 1 - from) == "receipt")
      return true;
  }
  return false;
}

Response command_response(Call& call, const service::CommandResult& outcome, const Route& route) {
  CommandAnswer answer{outcome.position.value_or(0)};
  if (!outcome.created.empty()) answer.id = outcome.created;
  const bool with_receipt = outcome.position && prefers_receipt(call.request);
  if (with_receipt) answer.receipt = call.service.receipt(*outcome.position);
  Response response = document_response(answer);
  if (with_receipt) response.headers.emplace_back("Preference-Applied", "receipt");
  response.status = route.success;
  if (!route.location.empty() && !outcome.created.empty()) {
    std::string location = route.location;
    const auto fill = [&](const std::string& name, std::string_view value) {
      const std::string placeholder = "{" + name + "}";
      if (const auto at = location.find(placeholder); at != std::string::npos)
        location.replace(at, placeholder.size(), value);
    };
    for (const auto& [name, value] : call.path) fill(name, value);
    fill("id", outcome.created);
    response.headers.emplace_back("Location", location);
  }
  return response;
}

std::optional<Json> member_of_body(const Json* body, std::string_view name, const std::string& pointer,
                                   bool may_be_absent, Faults& faults) {
  Json member;
  if (body && !body->at_key(name).get(member)) return member;
  if (!may_be_absent) add_fault(faults, pointer, domain::Reason::missing);
  return std::nullopt;
}

std::string operation_id(std::string_view command) {
  std::string id{command};
  id.front() = static_cast<char>(id.front() - 'A' + 'a');
  return id;
}

Route plain_route(std::string_view method, std::string_view path_template, std::string_view tag,
                  std::string_view summary, Access access, int success) {
  return {"",
          std::string{method},
          std::string{path_template},
          std::string{tag},
          std::string{summary},
          std::move(access),
          success};
}

void end_command(Route& route) {
  route.is_command = true;
  route.answer_schema = schema_of<CommandAnswer>();
}

std::vector<std::string> body_members(const Route& route) {
  std::vector<std::string> names;
  for (const BodyMember& member : route.body) names.push_back(member.name);
  return names;
}

void check_body(const Json* body, const std::vector<std::string>& known, Faults& faults) {
  simdjson::dom::object object;
  if (body && !body->get(object))
    check_members(object, "", std::vector<std::string_view>(known.begin(), known.end()), faults);
}

Response json_response(std::string json) {
  return {200, {{"Content-Type", "application/json; charset=utf-8"}}, std::move(json), false};
}

Route kept(Route route, Keeping keeping) {
  route.keeping = keeping;
  route.runs = Runs::at_once_if_in_memory;
  return route;
}

}  // namespace ttp::http
