// The accounts that each user was ever involved with: as owner, as member, or by an offer of ownership. Rows
// are only added, so that the past can be queried; the account's state says whether the involvement lasts.
#pragma once

#include <set>
#include <string>

#include "projections/projection.hpp"

namespace ttp::projections {

class Involvements : public Projection {
 public:
  using Projection::Projection;
  void apply(const events::Recorded& recorded) override;
  void flush(const snapshots::Changes& changes, storage::ViewBatch& batch) override;
  std::size_t held_bytes() const override;

  /// "i" user account; `prefix` is shared by all rows of one user.
  static std::string key(domain::UserId user, domain::AccountId account);
  static std::string prefix(domain::UserId user);

 private:
  std::set<std::string> pending_;
};

}  // namespace ttp::projections
