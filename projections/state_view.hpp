// The view of one kind of aggregate: each row is the state that the aggregate's own `evolve` folds, with its
// version, and beside it the index rows that follow from it. One template serves users, accounts and
// programmes.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>

#include "projections/index/index_rows.hpp"
#include "projections/projection.hpp"

namespace ttp::projections {

/// A state as of a point of the log.
template <class State>
struct Snapshot {
  State state{};
  std::uint64_t version = 0;   ///< number of events in its stream: the ETag
  std::uint64_t position = 0;  ///< of the last event in its stream
  domain::Time changed_at{};   ///< when that was recorded
};

/// A snapshot as readers share it: nobody changes it. Empty where there is none.
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
  /// Throws std::bad_optional_access where there is none.
  const Snapshot<State>& value() const {
    if (!snapshot_) throw std::bad_optional_access{};
    return *snapshot_;
  }

 private:
  std::shared_ptr<const Snapshot<State>> snapshot_;
};

/// A stored row: be64(version) be64(position) be64(ms) and the state's JSON.
template <class State>
std::string encode_row(const Snapshot<State>& snapshot);
template <class State>
Snapshot<State> decode_row(std::string_view row);

template <class State>
class StateView : public Projection {
 public:
  explicit StateView(Rows rows) : rows_(std::move(rows)) {}
  void apply(const events::Recorded& recorded) override;
  void flush(storage::ViewBatch& batch) override;
  std::optional<std::string> own_rows() const override { return std::string{key::states}; }
  std::size_t held_bytes() const override { return held_bytes_; }

 private:
  struct Pending {
    std::shared_ptr<Snapshot<State>> snapshot;  ///< its own until it is flushed
    IndexRows stored_index;                     ///< as the store has them
  };
  /// A stream's first event finds no stored row.
  Pending& pending(const domain::Uuid& id, bool is_first_event);

  Rows rows_;
  std::unordered_map<domain::Uuid, Pending> pending_;
  std::size_t held_bytes_ = 0;
};

extern template class StateView<domain::User>;
extern template class StateView<domain::Account>;
extern template class StateView<domain::Programme>;

}  // namespace ttp::projections
