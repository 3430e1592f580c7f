#include "http/api/operations/probes.hpp"

#include "http/api/operations/openapi.hpp"
#include "http/api/problem.hpp"
#include "http/app.hpp"
#include "http/gate/health.hpp"

namespace ttp::http {
namespace {

using namespace domain;

const App& app_of(const Call& call) {
  return *static_cast<const App*>(call.handler);
}

/// Whether the request has the token that operators give to their monitoring.
bool is_from_monitor(const Call& call) {
  constexpr std::string_view scheme = "Bearer ";
  const auto header = call.request.header("authorization");
  return header && header->starts_with(scheme) &&
         call.service.secrets().is_monitoring_token(header->substr(scheme.size()));
}

}  // namespace

Answered<Response> health_live(Call& call, const Json*) {
  if (call.service.must_end()) return refused(Reason::shutting_down);
  return json_response(R"({"status":"live"})");
}

Answered<Response> health_ready(Call& call, const Json*) {
  if (auto reasons = not_ready(call.service, app_of(call).is_draining()); !reasons.empty()) {
    Refusal refusal = why(Reason::not_ready);
    refusal.details = std::move(reasons);
    return std::unexpected{std::move(refusal)};
  }
  std::string json;
  events::ObjectWriter object(json);
  object.member("status", "ready").member("reasons", std::vector<std::string>{});
  if (!is_from_monitor(call)) {
    object.end();
    return json_response(std::move(json));
  }
  object.member("position", call.service.queries().position());
  object.key("projections");
  json += '[';
  bool first = true;
  for (const auto& status : call.service.runner().status()) {
    if (!first) json += ',';
    first = false;
    events::ObjectWriter row(json);
    row.member("id", status.name).member("next_position", status.next);
    row.end();
  }
  json += ']';
  object.end();
  return json_response(std::move(json));
}

Answered<Response> metrics(Call& call, const Json*) {
  return Response{200,
                  {{"Content-Type", "application/openmetrics-text; version=1.0.0; charset=utf-8"}},
                  app_of(call).metrics_text(is_from_monitor(call)),
                  false};
}

Answered<Response> openapi(Call& call, const Json*) {
  static const std::string plain = openapi_document(false);
  if (!call.service.config().sandbox) return json_response(plain);
  static const std::string with_sandbox = openapi_document(true);
  return json_response(with_sandbox);
}

}  // namespace ttp::http
