#include "projections/index/involvements.hpp"

#include <type_traits>

#include "projections/index/index_rows.hpp"

namespace ttp::projections {

std::string Involvements::prefix(domain::UserId user) {
  return "i" + id_bytes(user.uuid);
}

std::string Involvements::key(domain::UserId user, domain::AccountId account) {
  return prefix(user) + id_bytes(account.uuid);
}

void Involvements::apply(const events::Recorded& recorded) {
  std::visit(
      [&]<class E>(const E& event) {
        if constexpr (std::is_same_v<E, domain::CompanyEnrolled> ||
                      std::is_same_v<E, domain::OwnerAttested>) {
          pending_.insert(key(event.owner, event.account));
        } else if constexpr (std::is_same_v<E, domain::MemberAdded>) {
          pending_.insert(key(event.user, event.account));
        } else if constexpr (std::is_same_v<E, domain::OwnershipOffered> ||
                             std::is_same_v<E, domain::OwnershipTransferred>) {
          pending_.insert(key(event.to, event.account));
        }
      },
      recorded.event);
}

std::size_t Involvements::held_bytes() const {
  constexpr std::size_t node_bytes = 128;
  return pending_.size() * node_bytes;
}

void Involvements::flush(const snapshots::Changes&, storage::ViewBatch& batch) {
  for (const std::string& row_key : pending_) batch.put(family(), row_key, "");
  pending_.clear();
}

}  // namespace ttp::projections
