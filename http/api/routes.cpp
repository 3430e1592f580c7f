// The table of routes: one row per command and per query. The router, the body parser, the permission check
// and the OpenAPI document read it; a request without a row here does not exist. The rows are in the folders
// beside this file, by tag.
#include <algorithm>
#include <iterator>
#include <string_view>

#include "http/api/rows.hpp"

namespace ttp::http {
namespace {

/// "profile-questions" -> "ProfileQuestions".
std::string capitalised(std::string_view words) {
  std::string out;
  bool begins = true;
  for (const char c : words) {
    const bool is_letter_or_digit = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    if (is_letter_or_digit) out += begins && c >= 'a' ? static_cast<char>(c - 'a' + 'A') : c;
    begins = !is_letter_or_digit;
  }
  return out;
}

/// "GET /v1/accounts/{account}/members" -> "listAccountMembers", by what the query answers.
std::string query_id(const Route& route) {
  const bool is_stream = route.answer_type == "text/event-stream";
  std::vector<std::string> words;
  std::string_view rest = route.path;
  while (!rest.empty()) {
    rest.remove_prefix(1);
    const std::string_view part = rest.substr(0, rest.find('/'));
    rest.remove_prefix(part.size());
    if (part == "v1" || part == "stream") continue;
    if (part.starts_with('{') && !words.empty()) words.pop_back();
    words.push_back(capitalised(part));
  }
  std::string id = is_stream ? "stream" : route.answer_schema.ends_with("List\"}") ? "list" : "get";
  for (const std::string& word : words) id += word;
  return id;
}

/// Two templates name the same address if they differ only in the names of parameters.
std::string without_names(std::string_view path) {
  std::string out;
  for (bool inside = false; const char c : path) {
    if (c == '}') inside = false;
    if (!inside) out += c;
    if (c == '{') inside = true;
  }
  return out;
}

/// The answer of a command that has a Location is the document that GET of it answers.
void describe_made(const std::vector<Route>& rows, Route& route) {
  if (!route.is_command || route.respond || route.location.empty()) return;
  std::vector<std::string> schemas;
  std::string names;
  for (const std::string& location : {route.location, route.location_without_id}) {
    const auto shown = std::ranges::find_if(rows, [&](const Route& each) {
      return each.method == "GET" && without_names(each.path) == without_names(location);
    });
    if (shown == rows.end()) continue;
    const std::string schema = schema_with_answer(shown->answer_schema);
    if (std::ranges::find(schemas, schema) != schemas.end()) continue;
    schemas.push_back(schema);
    const std::string_view made = std::string_view{schema}.substr(schema.rfind('/') + 1);
    names += (names.empty() ? "" : "Or") + std::string{made.substr(0, made.find('"'))};
  }
  if (schemas.size() == 1) route.answer_schema = schemas.front();
  if (schemas.size() == 2)
    route.answer_schema = component(names, R"({"anyOf":[)" + schemas.front() + "," + schemas.back() + "]}");
}

std::vector<Route> table() {
  std::vector<Route> rows;
  for (auto* of_tag : {&forms_routes, &signing_in_routes, &accounts_routes, &notifications_routes,
                       &programme_routes, &staff_routes, &audit_routes, &operations_routes, &sandbox_routes})
    std::ranges::move(of_tag(), std::back_inserter(rows));

  for (Route& route : rows) describe_made(rows, route);

  // Path parameters that no binding describes are plain texts.
  for (Route& route : rows) {
    if (route.id.empty()) route.id = query_id(route);
    for (std::size_t open = route.path.find('{'); open != std::string::npos;
         open = route.path.find('{', open + 1)) {
      const std::string name = route.path.substr(open + 1, route.path.find('}', open) - open - 1);
      if (std::ranges::find(route.parameters, name, &Parameter::name) == route.parameters.end())
        route.parameters.push_back({name, "path", std::string{text_schema}, ""});
    }
  }
  return rows;
}

}  // namespace

const std::vector<Route>& routes() {
  static const std::vector<Route> rows = table();
  return rows;
}

}  // namespace ttp::http
