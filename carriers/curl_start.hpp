// libcurl must be started before its first use, by one thread alone.
#pragma once

namespace ttp::carriers {

/// Starts libcurl once for the whole process; throws std::runtime_error if it cannot be started.
void start_curl();

}  // namespace ttp::carriers
