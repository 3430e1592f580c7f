// What commands that make stores say when an earlier run had only the last step left.
#pragma once

#include "service/data_folder.hpp"
#include "tools/ttpctl/command.hpp"

namespace ttp::tools {

/// Puts the stores in place that a command which was interrupted had made already, and says so. False where
/// there are none.
bool finished_before(service::Making making, const service::Config& config, const Options& options);

}  // namespace ttp::tools
