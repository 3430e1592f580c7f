// The rows of operators and of monitoring (SPEC 7).
#include "http/api/operations/operations.hpp"
#include "http/api/operations/probes.hpp"
#include "http/api/rows.hpp"

namespace ttp::http {
namespace {

using namespace domain;

/// An operator's command to the running service; the answer shows the resulting state of the projection.
Route operation(std::string method, std::string path_template, std::string summary, int success,
                Answered<Response> (*answer)(Call&, const Json*)) {
  Route route = raw(std::move(method), std::move(path_template), "Operation", std::move(summary),
                    staff({operator_}), "application/json", answer);
  route.success = success;
  route.takes_key = true;
  route.answer_schema = schema_of<ProjectionDocument>();
  return route;
}

}  // namespace

// clang-format off
std::vector<Route> operations_routes() {
  std::vector<Route> rows;
  const auto add = [&](Route route) { rows.push_back(std::move(route)); };

  add(query<ListPage<ProjectionDocument>>("/v1/operations/projections", "Operation", "How the projections stand, and the views being rebuilt", staff({operator_}), &projections));
  add(query<ProjectionDocument>("/v1/operations/projections/{projection}", "Operation", "How a projection stands", staff({operator_}), &projection));
  Route take_backup = raw("POST", "/v1/operations/backups", "Operation", "Begin a backup of the log and the vault", staff({operator_}), "application/json", &begin_backup);
  take_backup.id = "beginBackup";
  take_backup.success = 202;
  take_backup.takes_key = true;
  take_backup.answer_schema = schema_of<BackupsDocument>();
  add(take_backup);
  Route list_backups = query<BackupsDocument>("/v1/operations/backups", "Operation", "The backups, oldest first, and whether one is under way", staff({operator_}), &backups);
  add(list_backups);
  add(query<ListPage<KeyDocument>>("/v1/operations/keys", "Operation", "The service's own keys and since when each serves; no key itself", staff({operator_}), &keys));
  add(query<KeyDocument>("/v1/operations/keys/{key}", "Operation", "One of the service's own keys and since when each of this purpose serves", staff({operator_}), &key));
  add(query<MonitoringTokenDocument>("/v1/operations/monitoring-token", "Operation", "The token with which monitoring sees all figures", staff({operator_}), &monitoring_token));
  Route rotate = raw("POST", "/v1/operations/keys/{key}/rotations", "Operation", "Let a new key serve; what was made with the earlier ones stays valid", staff({operator_}), "application/json", &rotate_key);
  rotate.id = "rotateKey";
  rotate.success = 201;
  rotate.location = "/v1/operations/keys/{key}";
  rotate.takes_key = true;
  rotate.answer_schema = schema_of<KeyDocument>();
  add(rotate);
  add(called("beginRebuild", operation("POST", "/v1/operations/projections/{projection}/rebuilds", "Build a view anew from the log beside the one that serves", 202, &begin_rebuild)));
  add(called("switchProjection", operation("POST", "/v1/operations/projections/{projection}/switches", "Let the other view serve; the same again switches back", 200, &switch_projection)));
  add(called("dropStandby", operation("DELETE", "/v1/operations/projections/{projection}/standby", "Drop the view that does not serve", 200, &drop_standby)));


  add(refusing_for({Reason::shutting_down}, at_once(raw("GET", "/health/live", "Operation", "Whether the process runs", anyone(), "application/json", &health_live))));
  add(refusing_for({Reason::not_ready}, raw("GET", "/health/ready", "Operation", "Whether it takes requests, and why not", anyone(), "application/json", &health_ready)));
  add(raw("GET", "/metrics", "Operation", "Metrics in the OpenMetrics format; with the monitoring token also those that tell of events", anyone(), "application/openmetrics-text", &metrics));
  add(called("getDescription", raw("GET", "/openapi.json", "Operation", "This description", anyone(), "application/json", &openapi)));
  for (Route& row : rows)
    if (row.path.starts_with("/v1/operations/")) row = patient(std::move(row));
  return rows;
}
// clang-format on

}  // namespace ttp::http
