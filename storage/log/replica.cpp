#include "storage/log/replica.hpp"

#include "storage/log/times.hpp"

namespace ttp::storage {

domain::Time last_recorded(const Log& log) {
  const Position next = log.head().next;
  return next == 0 ? domain::Time{} : recorded_at(log, next - 1);
}

}  // namespace ttp::storage
