#include "http/gate/health.hpp"

#include <algorithm>

#include "os/faults.hpp"

namespace ttp::http {

std::vector<std::string> not_ready(const service::Service& service, bool draining) {
  std::vector<std::string> reasons;
  const auto add = [&](std::string sentence) {
    if (std::ranges::find(reasons, sentence) == reasons.end()) reasons.push_back(std::move(sentence));
  };
  if (draining) add("the server is shutting down");
  for (const os::FaultStatus& each : os::faults())
    if (each.reason && !each.not_ready.empty()) add(each.not_ready);
  if (service.executor().fault()) add("the log takes no more events");
  for (const auto& status : service.runner().status())
    if (status.fault) add("the view " + status.name + " has stopped");
  if (service.checkpoints().fault()) add("the signed checkpoint could not be written");
  return reasons;
}

}  // namespace ttp::http
