#include "service/ottawa_time.hpp"

#include <stdexcept>

#include "domain/business_days.hpp"
#include "os/time_zone.hpp"

namespace ttp::service {

void use_ottawa_time() {
  using namespace std::chrono;
  // Ottawa has Toronto's time; the database lists it under Toronto.
  constexpr auto zone = "America/Toronto";
  domain::use_ottawa_time(os::utc_offsets(zone, domain::ottawa_time_from, domain::ottawa_time_until));
  const bool is_right =
      domain::start_of_local_day(2020y / January / 1) == sys_days{2020y / January / 1} + 5h &&
      domain::start_of_local_day(2020y / July / 1) == sys_days{2020y / July / 1} + 4h;
  if (!is_right)
    throw std::runtime_error(
        "The time zone file of America/Toronto is wrong about the year 2020, so deadlines would be, too. "
        "Reinstall the package tzdata.");
}

}  // namespace ttp::service
