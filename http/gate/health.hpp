// Whether the service should get requests (readiness), and whether a restart would help (liveness).
#pragma once

#include <string>
#include <vector>

#include "service/service.hpp"

namespace ttp::http {

/// Why requests should go elsewhere, or nothing.
std::vector<std::string> not_ready(const service::Service& service, bool draining);

}  // namespace ttp::http
