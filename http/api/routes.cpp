// The table of routes: one row per command and per query. The router, the body parser, the permission check
// and the OpenAPI document read it; a request without a row here does not exist. The rows are in the folders
// beside this file, by tag.
#include <algorithm>
#include <iterator>

#include "http/api/rows.hpp"

namespace ttp::http {
namespace {

std::vector<Route> table() {
  std::vector<Route> rows;
  for (auto* of_tag : {&signing_in_routes, &accounts_routes, &programme_routes, &staff_routes, &audit_routes,
                       &operations_routes, &sandbox_routes})
    std::ranges::move(of_tag(), std::back_inserter(rows));

  // Path parameters that no binding describes are plain texts.
  for (Route& route : rows) {
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
