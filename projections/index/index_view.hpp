// The view of one kind of aggregate: the index rows of its states. A change of state is written as the
// difference of two sets of rows. One template serves users, accounts and programmes.
#pragma once

#include "projections/index/index_rows.hpp"
#include "projections/projection.hpp"

namespace ttp::projections {

template <class State>
class IndexView : public Projection {
 public:
  using Projection::Projection;
  void flush(const snapshots::Changes& changes, storage::ViewBatch& batch) override;
};

extern template class IndexView<domain::User>;
extern template class IndexView<domain::Account>;
extern template class IndexView<domain::Programme>;

}  // namespace ttp::projections
