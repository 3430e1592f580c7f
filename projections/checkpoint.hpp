// How far a view has come, stored beside its rows, and where the views are: which family serves a projection
// and which stands by.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "domain/ids.hpp"
#include "events/bytes.hpp"
#include "storage/log/log.hpp"

namespace ttp::projections {

/// Of which log a view is, the next position to apply, and the leaf hash of the last one applied.
struct Checkpoint {
  domain::Uuid log;
  storage::Position next = 0;
  events::Hash last_leaf{};
  friend bool operator==(const Checkpoint&, const Checkpoint&) = default;
};

std::string encode(const Checkpoint& checkpoint);
/// Throws events::Damaged.
Checkpoint decode_checkpoint(std::string_view bytes);
/// Why a view with this checkpoint is not one of the log; nothing where it is.
std::optional<std::string> foreign(const Checkpoint& checkpoint, const storage::Log& log);

/// The row of a family that is its checkpoint.
inline constexpr std::string_view checkpoint_key =
    "\xff"
    "checkpoint";

/// The family that says which family serves and which stands by.
inline constexpr std::string_view meta_family = "meta";
inline constexpr std::string_view serving_prefix = "serving/";
inline constexpr std::string_view standby_prefix = "standby/";
std::string serving_key(std::string_view projection);
std::string standby_key(std::string_view projection);

/// A projection has two families, so that the name of the one gives that of the other.
std::string other_family(std::string_view projection, std::string_view family);
/// The projection whose family this is.
std::string_view projection_of(std::string_view family);

/// A sentence for a fault that stops a view.
std::string stopped_at(storage::Position position, std::string_view why);

}  // namespace ttp::projections
