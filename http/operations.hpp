// What operators ask of the running service: how its views stand, and rebuilding them beside those that
// serve.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "events/fields.hpp"
#include "events/shapes.hpp"
#include "http/route.hpp"

namespace ttp::http {

struct StandbyDocument {
  std::string family;
  storage::Position next_position = 0;
  storage::Position head = 0;
  bool level = false;                    ///< can serve
  std::optional<std::uint64_t> percent;  ///< while it is built
  std::optional<std::uint64_t> events_per_second;
  std::optional<std::uint64_t> seconds_left;
  std::optional<bool> equal;  ///< to the one that served when it became level
  std::optional<std::uint64_t> rows;
  std::optional<std::string> first_difference;  ///< a key, in hexadecimal
  std::optional<std::string> fault;
};
struct ProjectionDocument {
  std::string name;
  std::string family;
  storage::Position next_position = 0;
  storage::Position lag = 0;  ///< events in the log that the view does not show yet
  std::optional<std::string> fault;
  std::optional<StandbyDocument> standby;
};

Answered<Page<ProjectionDocument>> projections(Call&);
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
    field("name", &http::ProjectionDocument::name),
    field("family", &http::ProjectionDocument::family),
    field("next_position", &http::ProjectionDocument::next_position),
    field("lag", &http::ProjectionDocument::lag),
    field("fault", &http::ProjectionDocument::fault),
    field("standby", &http::ProjectionDocument::standby));
// clang-format on
}  // namespace ttp::events
