// A projection turns events, and the states that they change, into the rows of its view. The rows are a pure
// function of the log's prefix up to the view's position. They hold keys, identifiers and times, nothing
// personal.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <utility>

#include "events/recorded.hpp"
#include "snapshots/changes.hpp"
#include "storage/tables/view_store.hpp"

namespace ttp::projections {

/// A projection names only the events that it shows and ignores the others. (For states, `evolve` names every
/// event.) It may take many events between two flushes.
class Projection {
 public:
  explicit Projection(std::string family) : family_(std::move(family)) {}
  virtual ~Projection() = default;
  Projection(const Projection&) = delete;
  Projection& operator=(const Projection&) = delete;

  /// Takes an event. Only projections that show events themselves override it.
  virtual void apply(const events::Recorded&) {}
  /// Moves the row changes of all events since the last flush into the batch. `changes` are the states that
  /// those events changed. The runner adds the view's position to the same batch.
  virtual void flush(const snapshots::Changes& changes, storage::ViewBatch& batch) = 0;
  /// The prefix of the keys that continue with the identifier of their aggregate; nothing if there are no
  /// such rows. A bulk load writes these rows without merging.
  virtual std::optional<std::string> own_rows() const { return std::nullopt; }
  /// Approximate memory of the rows that the next flush moves into its batch.
  virtual std::size_t held_bytes() const { return 0; }

 protected:
  const std::string& family() const { return family_; }

 private:
  std::string family_;
};

}  // namespace ttp::projections
