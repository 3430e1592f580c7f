// An event on its aggregate's list that has no row in the registry: no program is without it.
// sees: domain events
// says: every event needs its row
#include "domain/account.hpp"
#include "domain/programme.hpp"
#include "domain/user.hpp"

#ifdef WRONG
namespace ttp::domain {
struct Forgotten {
  UserId user;
};
template <class... Events>
std::variant<Events..., Forgotten> with_one_more(std::variant<Events...>);
using LongerUserEvent = decltype(with_one_more(UserEvent{}));
}  // namespace ttp::domain
// The domain's headers are read by now; only the registry meets the longer list.
#define UserEvent LongerUserEvent
#endif

#include "events/registry.hpp"

int main() {
  return ttp::events::event_count > 0 ? 0 : 1;
}
