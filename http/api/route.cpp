#include "http/api/route.hpp"

#include <sstream>

#include "http/api/router.hpp"
#include "http/gate/replay.hpp"
#include "http/wire/text.hpp"

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

namespace {

/// The address of what the command made, or of the thing that it changed; empty if the route names none.
std::string location_of(const Call& call, const service::CommandResult& outcome, const Route& route) {
  std::string location = outcome.created.empty() ? route.location_without_id : route.location;
  const auto fill = [&](const std::string& name, std::string_view value) {
    const std::string placeholder = "{" + name + "}";
    if (const auto at = location.find(placeholder); at != std::string::npos)
      location.replace(at, placeholder.size(), value);
  };
  for (const auto& [name, value] : call.path) fill(name, value);
  fill("id", outcome.created);
  return location;
}

/// The document that GET of an address answers to the caller right after the command; nothing if it refuses.
/// A repeated answer shows what the first one did.
std::optional<std::string> document_at(const Call& call, const service::CommandResult& outcome,
                                       const std::string& location) {
  static const Router router(routes(), false);
  const Matched matched = router.match("GET", location);
  if (!matched.route || !call.caller) return std::nullopt;
  const Parameters no_query;
  Call reading{call.request, call.service, call.asked_language, call.service.now(), matched.path, no_query};
  reading.session = call.session;
  if (outcome.replayed && outcome.position) {
    reading.now = envelope_at(call, *outcome.position).recorded_at;
    reading.as_of = std::make_shared<service::PastStates>(
        call.service.queries(), service::PastPoint{*outcome.position + 1, reading.now});
  }
  reading.caller = reading.states().user(call.user().id);
  const Access& access = matched.route->access;
  const bool is_let_in =
      access.roles.empty() || std::ranges::any_of(access.roles, [&](domain::StaffRole role) {
        return reading.caller && reading.user().staff_roles.contains(role);
      });
  if (!reading.caller || !is_let_in) return std::nullopt;
  const auto answered = matched.route->answer(reading, nullptr);
  return answered ? std::optional{answered->body} : std::nullopt;
}

}  // namespace

std::string with_answer(const CommandAnswer& answer, std::string_view document) {
  // The document has an identifier of its own.
  std::string json = events::to_json(CommandAnswer{answer.position, std::nullopt, answer.receipt});
  json.back() = ',';
  return json.append(document.substr(1));
}

std::string name_of_made(std::string_view reference) {
  const std::string_view name = reference.substr(reference.rfind('/') + 1);
  return "Made" + std::string{name.substr(0, name.find('"'))};
}

std::string schema_with_answer(std::string_view document_schema) {
  return component(name_of_made(document_schema),
                   std::string{R"({"allOf":[)"}
                           .append(document_schema)
                           .append(R"(,{"type":"object","properties":{"position":)") +
                       schema_of<storage::Position>() + R"(,"receipt":)" + schema_of<std::string>() +
                       R"(},"required":["position"]}]})");
}

Response command_response(Call& call, const service::CommandResult& outcome, const Route& route) {
  CommandAnswer answer{outcome.position.value_or(0)};
  if (!outcome.created.empty()) answer.id = outcome.created;
  const bool with_receipt = outcome.position && prefers_receipt(call.request);
  if (with_receipt) answer.receipt = call.service.receipt(*outcome.position);
  const std::string location = location_of(call, outcome, route);
  const auto document = location.empty() ? std::nullopt : document_at(call, outcome, location);
  Response response = document ? json_response(with_answer(answer, *document)) : document_response(answer);
  response.status = route.success;
  if (with_receipt) response.headers.emplace_back("Preference-Applied", "receipt");
  if (!location.empty()) response.headers.emplace_back("Location", location);
  return response;
}

std::vector<Parameter> paging() {
  return {
      {"limit", "query", R"({"type":"integer","minimum":1,"maximum":200,"default":50})", "Items on a page"},
      {"cursor", "query", R"({"type":"string"})", "The last page's `next`: the page after it"},
      {"order", "query", schema_of<ListOrder>(), "The order of the items, by when they were made"}};
}

void add_next_link(const Call& call, const std::optional<std::string>& next, Response& response) {
  if (!next) return;
  std::string target = call.request.head->path + "?cursor=" + *next;
  const std::string& query = call.request.head->query;
  for (const std::string_view pair : query.empty() ? std::vector<std::string_view>{} : split(query, '&')) {
    const std::string_view name = pair.substr(0, pair.find('='));
    if (name != "cursor" && name != "from_position" && name != "min_position")
      target.append("&").append(pair);
  }
  response.headers.emplace_back("Link", "<" + target + ">; rel=\"next\"");
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
