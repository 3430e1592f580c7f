// The position of a view in the log, stored beside its rows, and the names of the families: a projection has
// one that serves and may have one that stands by.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "domain/ids.hpp"
#include "events/bytes.hpp"
#include "storage/log/log.hpp"

namespace ttp::projections {

/// The log that a view is built from, the next position to apply, and the leaf hash of the last applied
/// event.
struct ViewPosition {
  domain::Uuid log;
  storage::Position next = 0;
  events::Hash last_leaf{};
  friend bool operator==(const ViewPosition&, const ViewPosition&) = default;
};

std::string encode(const ViewPosition& position);
/// Throws events::Damaged.
ViewPosition decode_position(std::string_view bytes);
/// The reason why a view at this position does not belong to the log; nothing if it belongs to it.
std::optional<std::string> foreign(const ViewPosition& position, const storage::Log& log);

/// The key of the row that holds the position of a family's view. Stored: never change.
inline constexpr std::string_view position_key =
    "\xff"
    "checkpoint";

/// The family whose rows name the family that serves and the one that stands by.
inline constexpr std::string_view meta_family = "meta";
inline constexpr std::string_view serving_prefix = "serving/";
inline constexpr std::string_view standby_prefix = "standby/";
std::string serving_key(std::string_view projection);
std::string standby_key(std::string_view projection);

/// A projection has two families, whose names are derived from each other.
std::string other_family(std::string_view projection, std::string_view family);
/// The projection that a family belongs to.
std::string_view projection_of(std::string_view family);

/// The text of a fault that stops a view.
std::string stopped_at(storage::Position position, std::string_view why);

}  // namespace ttp::projections
