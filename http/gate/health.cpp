#include "http/gate/health.hpp"

namespace ttp::http {

std::vector<std::string> not_ready(const service::Service& service, bool draining) {
  std::vector<std::string> reasons;
  if (draining) reasons.emplace_back("the server is shutting down");
  if (service.executor().fault()) reasons.emplace_back("the log takes no more events");
  for (const auto& status : service.runner().status())
    if (status.fault) reasons.push_back(status.name + " " + *status.fault);
  if (service.checkpoints().fault()) reasons.emplace_back("the signed checkpoint could not be written");
  return reasons;
}

}  // namespace ttp::http
