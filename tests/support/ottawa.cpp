// Gives the domain Ottawa's time before any test runs, as each program does at its start.
#include "domain/business_days.hpp"
#include "os/time_zone.hpp"

namespace ttp::tests {
namespace {

[[maybe_unused]] const bool given = [] {
  domain::use_ottawa_time(
      os::utc_offsets("America/Toronto", domain::ottawa_time_from, domain::ottawa_time_until));
  return true;
}();

}  // namespace
}  // namespace ttp::tests
