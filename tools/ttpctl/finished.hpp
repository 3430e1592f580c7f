// For commands that make stores: completes an interrupted earlier run of which only the last step was
// missing.
#pragma once

#include "service/data_folder.hpp"
#include "tools/ttpctl/command.hpp"

namespace ttp::tools {

/// Moves stores that an interrupted command had completed into place, and reports it. False if there are
/// none.
bool finished_before(service::Making making, const service::Config& config, const Options& options);

}  // namespace ttp::tools
