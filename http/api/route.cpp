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

}  // namespace ttp::http
