// A view as it follows the log: its projection, its checkpoint, and why it has stopped if it has.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>

#include "projections/all.hpp"
#include "projections/checkpoint.hpp"
#include "projections/projection.hpp"
#include "snapshots/changes.hpp"
#include "storage/log/log.hpp"
#include "storage/tables/view_store.hpp"

namespace ttp::projections {

struct Running {
  std::string name;
  std::string family;
  std::unique_ptr<Projection> projection;
  Checkpoint checkpoint;  ///< of what is written
  std::optional<std::string> fault{};

  /// Opens a family at its checkpoint; one of another log, or with a checkpoint that cannot be read, begins
  /// anew.
  static Running open(const Listed& listed, std::string family, const storage::Log& log,
                      storage::ViewStore& store);

  /// Takes events that follow what it took last; stops at one that it cannot apply.
  void take(std::span<const events::Recorded> recorded);
  void stop_at(storage::Position position, std::string_view why) { fault = stopped_at(position, why); }
};

/// The row of a listed projection; std::invalid_argument for any other name.
const Listed& listed(std::string_view projection);

/// Writes in one batch what the events, which follow the checkpoints of all of `level`, have changed. A view
/// that fails stops alone; where nothing can be written, all stop.
void write_together(std::span<Running* const> level, std::span<const events::Recorded> recorded,
                    const snapshots::Changes& changes, const storage::Log& log, storage::ViewStore& store);

}  // namespace ttp::projections
