// A snapshot: the state of one aggregate as of a point of the log, as `evolve` folds it from the events of
// its stream. Snapshots are shared between threads and never changed.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <utility>

#include "domain/time.hpp"

namespace ttp::snapshots {

template <class State>
struct Snapshot {
  State state{};
  std::uint64_t version = 0;   ///< number of events in its stream: the ETag
  std::uint64_t position = 0;  ///< of the last event in its stream
  domain::Time changed_at{};   ///< when that event was recorded
};

/// A shared snapshot; empty if the stream has no event.
template <class State>
class Found {
 public:
  Found() = default;
  Found(std::nullopt_t) {}
  Found(std::shared_ptr<const Snapshot<State>> snapshot) : snapshot_(std::move(snapshot)) {}
  Found(Snapshot<State> snapshot) : snapshot_(std::make_shared<const Snapshot<State>>(std::move(snapshot))) {}

  explicit operator bool() const { return snapshot_ != nullptr; }
  bool has_value() const { return snapshot_ != nullptr; }
  const Snapshot<State>* operator->() const { return snapshot_.get(); }
  const Snapshot<State>& operator*() const { return *snapshot_; }
  /// Throws std::bad_optional_access if it is empty.
  const Snapshot<State>& value() const {
    if (!snapshot_) throw std::bad_optional_access{};
    return *snapshot_;
  }
  const std::shared_ptr<const Snapshot<State>>& shared() const { return snapshot_; }

 private:
  std::shared_ptr<const Snapshot<State>> snapshot_;
};

}  // namespace ttp::snapshots
