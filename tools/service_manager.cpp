#include "tools/service_manager.hpp"

#include <cstdint>
#include <cstdlib>
#include <ctime>
#include <stdexcept>
#include <system_error>

#include <systemd/sd-daemon.h>

namespace ttp::tools {
namespace {

std::uint64_t monotonic_microseconds() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<std::uint64_t>(now.tv_sec) * 1'000'000 + static_cast<std::uint64_t>(now.tv_nsec) / 1'000;
}

/// A message that is lost only makes the service manager wait or restart the service, so failures are
/// ignored.
void tell(const std::string& message) {
  static_cast<void>(sd_notify(0, message.c_str()));
}

}  // namespace

ServiceManager::ServiceManager() {
  char** names = nullptr;
  const int count = sd_listen_fds_with_names(1, &names);
  if (count < 0)
    throw std::runtime_error("the sockets of the service manager cannot be taken over: " +
                             std::generic_category().message(-count));
  for (int i = 0; i < count; ++i) {
    sockets_.push_back({names[i], SD_LISTEN_FDS_START + i});
    std::free(names[i]);
  }
  std::free(names);
  std::uint64_t microseconds = 0;
  if (sd_watchdog_enabled(1, &microseconds) > 0) watchdog_ = std::chrono::microseconds(microseconds);
}

void ServiceManager::ready(const std::string& status) const {
  tell("READY=1\nSTATUS=" + status);
}
void ServiceManager::reloading() const {
  tell("RELOADING=1\nMONOTONIC_USEC=" + std::to_string(monotonic_microseconds()));
}
void ServiceManager::stopping() const {
  tell("STOPPING=1\nSTATUS=Finishing the requests in progress");
}
void ServiceManager::alive() const {
  tell("WATCHDOG=1");
}

}  // namespace ttp::tools
