#include "http/api/operations/operations.hpp"

#include <algorithm>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "http/api/pages.hpp"

namespace ttp::http {
namespace {

using domain::Operation;
using domain::Reason;

StandbyDocument standby_document(const service::RebuildProgress& progress) {
  const projections::StandbyStatus& standby = progress.standby;
  StandbyDocument document;
  document.family = standby.family;
  document.next_position = standby.next;
  document.head = standby.total;
  document.level = standby.caught_up;
  if (!standby.caught_up && standby.total > 0) document.percent = standby.next * 100 / standby.total;
  if (progress.events_per_second)
    document.events_per_second = static_cast<std::uint64_t>(*progress.events_per_second);
  if (progress.seconds_left) document.seconds_left = static_cast<std::uint64_t>(*progress.seconds_left) + 1;
  if (standby.comparison) {
    document.equal = standby.comparison->equal();
    document.rows = standby.comparison->rows_rebuilt;
    document.first_difference = standby.comparison->first_difference;
  }
  document.fault = standby.fault;
  return document;
}

std::vector<ProjectionDocument> projection_documents(const service::Service& service) {
  std::vector<ProjectionDocument> documents;
  const auto standbys = service.rebuilder().progress();
  for (const auto& status : service.runner().status()) {
    ProjectionDocument& document = documents.emplace_back();
    document.id = status.name;
    document.family = status.family;
    document.next_position = status.next;
    const storage::Position head = service.log().head().next;
    document.lag = head - std::min(status.next, head);
    document.fault = status.fault;
    const auto standby =
        std::ranges::find(standbys, status.name, [](const auto& each) { return each.standby.projection; });
    if (standby != standbys.end()) document.standby = standby_document(*standby);
  }
  return documents;
}

Answered<ProjectionDocument> named(Call& call) {
  for (ProjectionDocument& document : projection_documents(call.service))
    if (document.id == call.path.find("projection")->second) return std::move(document);
  return refused(Reason::projection_not_found);
}

/// The state of the projection after the operation.
Answered<Response> standing(Call& call, int status) {
  return mapped(named(call), [&](const ProjectionDocument& document) {
    Response response = document_response(document);
    response.status = status;
    return response;
  });
}

constexpr std::string_view master = "master";

std::vector<KeyDocument> key_documents(const service::Service& service) {
  std::vector<KeyDocument> documents;
  for (std::size_t i = 0; i < service::key_purposes.size(); ++i)
    documents.push_back(
        {std::string{service::key_purposes[i]}, service.keys_since(static_cast<service::KeyPurpose>(i))});
  documents.push_back({std::string{master}, {service.master_key_since()}});
  return documents;
}

/// Numbers of equal length, so that they sort.
std::string key_of_backup(const BackupDocument& backup) {
  return fmt::format("{:020}", backup.id);
}

/// Carries out and records what the operator asks for, once for each Idempotency-Key, and shows what holds
/// then.
template <class Act, class Show>
Answered<Response> operated(Call& call, Operation operation, std::string subject, const Act& act,
                            const Show& show) {
  domain::RecordOperation performed;
  performed.user = call.user().id;
  performed.operation = operation;
  performed.subject = std::move(subject);
  const auto outcome = call.service.operate(std::move(performed), asked_by(call), act);
  if (outcome.refusal) return std::unexpected{*outcome.refusal};
  if (outcome.position) call.position = *outcome.position + 1;
  Answered<Response> response = show();
  if (response && outcome.replayed) response->headers.emplace_back("Idempotency-Replayed", "true");
  return response;
}

/// An operation that is refused for this reason if `act` says that it cannot be done.
template <class Act>
service::Service::Act refusing_unless(Reason reason, const Act& act) {
  return [reason, act](domain::RecordOperation&) -> std::optional<domain::Refusal> {
    return act() ? std::nullopt : std::optional{domain::why(reason)};
  };
}

}  // namespace

Answered<MonitoringTokenDocument> monitoring_token(Call& call) {
  return MonitoringTokenDocument{call.service.secrets().monitoring_token()};
}

Answered<ListPage<KeyDocument>> keys(Call& call) {
  return table_page(call, key_documents(call.service));
}

Answered<KeyDocument> key(Call& call) {
  return one_of(call, "key", key_documents(call.service), Reason::key_not_found);
}
Answered<ProjectionDocument> projection(Call& call) {
  return named(call);
}

Answered<Response> rotate_key(Call& call, const Json*) {
  const std::string& name = call.path.find("key")->second;
  const auto purpose = std::ranges::find(service::key_purposes, name);
  if (name != master && purpose == service::key_purposes.end()) return refused(Reason::key_not_found);
  const auto operation = name == master ? Operation::master_key_rotated : Operation::key_rotated;
  return operated(
      call, operation, name == master ? "" : name,
      [&](domain::RecordOperation& performed) -> std::optional<domain::Refusal> {
        if (name == master) {
          try {
            performed.performed_at = call.service.rotate_master_key();
          } catch (const std::system_error&) {
            return domain::why(Reason::master_key_not_replaced);
          }
        } else {
          performed.generation = call.service.rotate_key(
              static_cast<service::KeyPurpose>(purpose - service::key_purposes.begin()));
        }
        return std::nullopt;
      },
      [&]() -> Answered<Response> {
        const auto documents = key_documents(call.service);
        Response response = document_response(*std::ranges::find(documents, name, &KeyDocument::id));
        response.status = 201;
        response.headers.emplace_back("Location", "/v1/operations/keys/" + name);
        return response;
      });
}

Answered<BackupsDocument> backups(Call& call) {
  service::Backups* backups = call.service.backups();
  if (!backups) return refused(Reason::backups_not_configured);
  std::vector<BackupDocument> documents;
  for (const auto& each : backups->list()) {
    BackupDocument& row = documents.emplace_back();
    row.id = each.id;
    row.bytes = each.bytes;
    row.bytes_new = each.bytes_new;
    row.fault = each.fault;
    if (each.fault) continue;
    row.taken_at = each.taken_at;
    row.events = each.events;
    row.root = events::to_base64(events::as_text(each.root));
  }
  return mapped(page_of(call, std::move(documents), &key_of_backup), [&](const auto& page) {
    return BackupsDocument{backups->is_under_way(), backups->fault(), page.items, page.next};
  });
}

Answered<Response> begin_backup(Call& call, const Json*) {
  if (!call.service.backups()) return refused(Reason::backups_not_configured);
  const service::DiskWatch& disk = call.service.disk();
  if (!disk.has_room(call.service.config().backup_dir)) return refused(Reason::disk_nearly_full);
  return operated(call, Operation::backup_begun, "",
                  refusing_unless(Reason::backup_under_way, [&] { return call.service.backups()->begin(); }),
                  [&] {
                    return mapped(backups(call), [](const BackupsDocument& document) {
                      Response response = document_response(document);
                      response.status = 202;
                      return response;
                    });
                  });
}

Answered<ListPage<ProjectionDocument>> projections(Call& call) {
  return table_page(call, projection_documents(call.service));
}

Answered<Response> begin_rebuild(Call& call, const Json*) {
  return chained(named(call), [&](const ProjectionDocument& projection) {
    return operated(call, Operation::rebuild_begun, projection.id,
                    refusing_unless(Reason::standby_exists,
                                    [&] { return call.service.rebuilder().begin(projection.id); }),
                    [&] { return standing(call, 202); });
  });
}

Answered<Response> switch_projection(Call& call, const Json*) {
  return chained(named(call), [&](const ProjectionDocument& projection) {
    const auto switches = [&](domain::RecordOperation&) -> std::optional<domain::Refusal> {
      const auto present = named(call);
      if (!present || !present->standby) return domain::why(Reason::standby_not_found);
      if (!call.service.runner().switch_over(projection.id)) return domain::why(Reason::standby_not_level);
      return std::nullopt;
    };
    return operated(call, Operation::view_switched, projection.id, switches,
                    [&] { return standing(call, 200); });
  });
}

Answered<Response> drop_standby(Call& call, const Json*) {
  return chained(named(call), [&](const ProjectionDocument& projection) {
    return operated(call, Operation::standby_dropped, projection.id,
                    refusing_unless(Reason::standby_not_found,
                                    [&] { return call.service.runner().drop_standby(projection.id); }),
                    [&] { return standing(call, 200); });
  });
}

}  // namespace ttp::http
