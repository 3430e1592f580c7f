// A view that follows the log: its projection, its position, and the fault that has stopped it, if any.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>

#include "projections/all.hpp"
#include "projections/projection.hpp"
#include "projections/view_position.hpp"
#include "snapshots/changes.hpp"
#include "storage/log/log.hpp"
#include "storage/tables/view_store.hpp"

namespace ttp::projections {

struct Running {
  std::string name;
  std::string family;
  std::unique_ptr<Projection> projection;
  ViewPosition reached;  ///< of the written rows
  std::optional<std::string> fault{};

  /// Opens a family at its stored position. A family of another log, or one whose position cannot be read, is
  /// emptied and begins at position 0.
  static Running open(const Listed& listed, std::string family, const storage::Log& log,
                      storage::ViewStore& store);

  /// Takes the events that follow the last one taken; stops at an event that it cannot apply.
  void take(std::span<const events::Recorded> recorded);
  void stop_at(storage::Position position, std::string_view why) { fault = stopped_at(position, why); }
};

/// The row of a listed projection; std::invalid_argument for any other name.
const Listed& listed(std::string_view projection);

/// Writes the row changes of these events for all of `views` in one batch. The events must follow the
/// position of each view. A view that fails stops alone; if the batch cannot be written, all stop.
void write_together(std::span<Running* const> views, std::span<const events::Recorded> recorded,
                    const snapshots::Changes& changes, const storage::Log& log, storage::ViewStore& store);

}  // namespace ttp::projections
