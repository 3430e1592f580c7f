// The things that staff have read today, so that the log gets one event for each officer, thing and day and
// not one for each request. It is kept in memory: after a restart an event is recorded once more.
#pragma once

#include <cstddef>
#include <set>
#include <tuple>

#include "domain/business_days.hpp"
#include "domain/staff.hpp"
#include "os/mutex.hpp"

namespace ttp::service {

class Looks {
 public:
  explicit Looks(std::size_t looks_max = 100'000) : looks_max_(looks_max) {}

  /// Whether this is the first such look of the day; if so, it is remembered.
  bool is_first(const domain::RecordLook& look, domain::Date today);
  /// Call it if the look was not recorded: the next one counts as the first again.
  void forget(const domain::RecordLook& look);

 private:
  using Seen = std::tuple<domain::UserId, domain::Look, domain::Uuid>;
  static Seen seen(const domain::RecordLook& look);

  const std::size_t looks_max_;
  os::Mutex mutex_;
  domain::Date day_ TTP_GUARDED_BY(mutex_){};
  std::set<Seen> seen_ TTP_GUARDED_BY(mutex_);
};

}  // namespace ttp::service
