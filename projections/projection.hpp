// What a projection is: a name with a version, and what its view shows of events and of the states that they
// change. Its rows are a pure function of the log's prefix up to its checkpoint: keys, identifiers and times,
// nothing personal.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <utility>

#include "events/recorded.hpp"
#include "snapshots/changes.hpp"
#include "storage/tables/view_store.hpp"

namespace ttp::projections {

/// Open: a projection names the events that it shows and passes over the others. (The states are closed:
/// there `evolve` names every event.) Between two flushes it may take many events.
class Projection {
 public:
  explicit Projection(std::string family) : family_(std::move(family)) {}
  virtual ~Projection() = default;
  Projection(const Projection&) = delete;
  Projection& operator=(const Projection&) = delete;

  /// Takes an event, for those that show events themselves.
  virtual void apply(const events::Recorded&) {}
  /// Adds to the batch what the events since the last flush have changed, and forgets it; `changes` is what
  /// they made of the states. The runner adds the checkpoint to the same batch.
  virtual void flush(const snapshots::Changes& changes, storage::ViewBatch& batch) = 0;
  /// What begins the keys of the rows that go on with the identifier of the aggregate that they tell of, if
  /// there are such.
  virtual std::optional<std::string> own_rows() const { return std::nullopt; }
  /// About how much memory the rows take that the next flush will hand over.
  virtual std::size_t held_bytes() const { return 0; }

 protected:
  const std::string& family() const { return family_; }

 private:
  std::string family_;
};

}  // namespace ttp::projections
