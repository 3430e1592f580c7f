// Writes the beginning and the end of faults to the operators' log.
#pragma once

namespace ttp::service {

/// From now on every fault of the process (os/faults.hpp) writes one line at error level when it begins, and
/// one line when it ends.
void log_faults();

}  // namespace ttp::service
