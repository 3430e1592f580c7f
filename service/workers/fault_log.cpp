#include "service/workers/fault_log.hpp"

#include <string_view>

#include <spdlog/spdlog.h>

#include "os/faults.hpp"

namespace ttp::service {

void log_faults() {
  os::report_faults_to([](bool began, std::string_view line) {
    spdlog::log(began ? spdlog::level::err : spdlog::level::info, "{}", line);
  });
}

}  // namespace ttp::service
