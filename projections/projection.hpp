// What a projection is: a name with a version, an `apply` for what its view shows, and a flush that hands
// over the rows it has changed. Its rows are a pure function of the log's prefix up to its checkpoint.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "events/recorded.hpp"
#include "storage/tables/view_store.hpp"

namespace ttp::projections {

/// Reads the rows of one family, through which a projection sees what it wrote before.
class Rows {
 public:
  Rows(const storage::ViewStore& store, std::string family) : store_(store), family_(std::move(family)) {}
  std::optional<std::string> get(std::string_view key) const { return store_.get(family_, key); }
  const storage::ViewStore& store() const { return store_; }
  const std::string& family() const { return family_; }

 private:
  const storage::ViewStore& store_;
  std::string family_;
};

/// Open: a projection names the events that it shows and passes over the others. (The states it folds are
/// closed: there `evolve` names every event.) Between two flushes it may fold many events into one row.
class Projection {
 public:
  virtual ~Projection() = default;
  virtual void apply(const events::Recorded& recorded) = 0;
  /// Adds the changed rows to the batch and forgets them; the runner adds the checkpoint to the same batch.
  virtual void flush(storage::ViewBatch& batch) = 0;
  /// What begins the keys of the rows that go on with the identifier of the aggregate that they tell of, if
  /// there are such.
  virtual std::optional<std::string> own_rows() const = 0;
  /// About how much memory the rows take that the next flush will hand over.
  virtual std::size_t held_bytes() const = 0;
};

}  // namespace ttp::projections
