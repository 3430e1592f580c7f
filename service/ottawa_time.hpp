// Gives the domain Ottawa's time from the system's time zone database.
#pragma once

namespace ttp::service {

/// Every program that decides commands calls this once, before it starts threads. Throws std::runtime_error,
/// which says what to do, if the database lacks the zone or is wrong about a known year.
void use_ottawa_time();

}  // namespace ttp::service
