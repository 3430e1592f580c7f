// The lines that operators get of faults.
#pragma once

namespace ttp::service {

/// From now on every fault of the process (os/faults.hpp) has one line in the log when it begins, at error
/// level, and one when it ends.
void log_faults();

}  // namespace ttp::service
