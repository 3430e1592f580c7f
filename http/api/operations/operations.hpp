// Handlers for operators: the state of the views, rebuilding a view beside the one that serves, backups, and
// the service's keys.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "events/fields.hpp"
#include "events/shapes.hpp"
#include "http/api/route.hpp"

namespace ttp::http {

struct StandbyDocument {
  std::string family;
  storage::Position next_position = 0;
  storage::Position head = 0;
  bool level = false;                    ///< caught up: can serve
  std::optional<std::uint64_t> percent;  ///< while it is under construction
  std::optional<std::uint64_t> events_per_second;
  std::optional<std::uint64_t> seconds_left;
  std::optional<bool> equal;  ///< to the serving view when it caught up
  std::optional<std::uint64_t> rows;
  std::optional<std::string> first_difference;  ///< a key, in hexadecimal
  std::optional<std::string> fault;
};
struct ProjectionDocument {
  std::string id;
  std::string family;
  storage::Position next_position = 0;
  storage::Position lag = 0;  ///< events in the log that the view does not show yet
  std::optional<std::string> fault;
  std::optional<StandbyDocument> standby;
};

struct BackupDocument {
  std::uint64_t id = 0;
  std::optional<domain::Time> taken_at;
  std::optional<storage::Position> events;  ///< at least this many, by its signed checkpoint
  std::optional<std::string> root;          ///< of these events, base64
  std::uint64_t bytes = 0;
  std::uint64_t bytes_new = 0;  ///< not shared with an older backup
  std::optional<std::string> fault;
};
struct BackupsDocument {
  bool under_way = false;
  std::optional<std::string> fault;  ///< why the last one was not taken
  std::vector<BackupDocument> items;
  std::optional<std::string> next;
};

/// Sent by monitoring as "Authorization: Bearer ..." to see all figures.
struct MonitoringTokenDocument {
  std::string token;
};
struct KeyDocument {
  std::string id;
  std::vector<domain::Time> began_at;  ///< when each key of this purpose came into use, oldest first
};

Answered<ListPage<KeyDocument>> keys(Call&);
Answered<KeyDocument> key(Call&);
Answered<ProjectionDocument> projection(Call&);
Answered<MonitoringTokenDocument> monitoring_token(Call&);
Answered<Response> rotate_key(Call&, const Json*);
Answered<BackupsDocument> backups(Call&);
Answered<Response> begin_backup(Call&, const Json*);
Answered<ListPage<ProjectionDocument>> projections(Call&);
Answered<Response> begin_rebuild(Call&, const Json*);
Answered<Response> switch_projection(Call&, const Json*);
Answered<Response> drop_standby(Call&, const Json*);

}  // namespace ttp::http

namespace ttp::events {
// clang-format off
template <> inline constexpr auto shape<http::StandbyDocument> = fields<http::StandbyDocument>(
    field("family", &http::StandbyDocument::family),
    field("next_position", &http::StandbyDocument::next_position),
    field("head", &http::StandbyDocument::head),
    field("level", &http::StandbyDocument::level),
    field("percent", &http::StandbyDocument::percent),
    field("events_per_second", &http::StandbyDocument::events_per_second),
    field("seconds_left", &http::StandbyDocument::seconds_left),
    field("equal", &http::StandbyDocument::equal),
    field("rows", &http::StandbyDocument::rows),
    field("first_difference", &http::StandbyDocument::first_difference),
    field("fault", &http::StandbyDocument::fault));
template <> inline constexpr auto shape<http::ProjectionDocument> = fields<http::ProjectionDocument>(
    field("id", &http::ProjectionDocument::id),
    field("family", &http::ProjectionDocument::family),
    field("next_position", &http::ProjectionDocument::next_position),
    field("lag", &http::ProjectionDocument::lag),
    field("fault", &http::ProjectionDocument::fault),
    field("standby", &http::ProjectionDocument::standby));
template <> inline constexpr auto shape<http::BackupDocument> = fields<http::BackupDocument>(
    field("id", &http::BackupDocument::id),
    field("taken_at", &http::BackupDocument::taken_at),
    field("events", &http::BackupDocument::events),
    field("root", &http::BackupDocument::root),
    field("bytes", &http::BackupDocument::bytes),
    field("bytes_new", &http::BackupDocument::bytes_new),
    field("fault", &http::BackupDocument::fault));
template <> inline constexpr auto shape<http::MonitoringTokenDocument> = fields<http::MonitoringTokenDocument>(
    field("token", &http::MonitoringTokenDocument::token));
template <> inline constexpr auto shape<http::KeyDocument> = fields<http::KeyDocument>(
    field("id", &http::KeyDocument::id),
    field("began_at", &http::KeyDocument::began_at));
template <> inline constexpr auto shape<http::BackupsDocument> = fields<http::BackupsDocument>(
    field("under_way", &http::BackupsDocument::under_way),
    field("fault", &http::BackupsDocument::fault),
    field("items", &http::BackupsDocument::items),
    field("next", &http::BackupsDocument::next));
// clang-format on
}  // namespace ttp::events
