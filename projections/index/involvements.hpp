// Who was ever involved with which account: as its owner, a member, or one to whom ownership was offered.
// Rows are only added, so that the past can be asked for; whether the involvement lasts is the account's to
// say.
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

  /// "i" user account; of one user's rows the prefix.
  static std::string key(domain::UserId user, domain::AccountId account);
  static std::string prefix(domain::UserId user);

 private:
  std::set<std::string> pending_;
};

}  // namespace ttp::projections
