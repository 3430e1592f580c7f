// The messages between ttpd and the service manager: sockets handed over, readiness, reloads, the watchdog
// (systemd's protocol). Without a service manager nothing happens.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace ttp::tools {

/// A socket that listens already, with the FileDescriptorName= of its unit.
struct PassedSocket {
  std::string name;
  int descriptor = -1;
};

class ServiceManager {
 public:
  /// Takes what the environment says of sockets and the watchdog out of it. Throws std::runtime_error if the
  /// sockets cannot be taken over.
  ServiceManager();

  const std::vector<PassedSocket>& sockets() const { return sockets_; }
  /// Within each such time it must hear alive(); nothing: it does not wait for that.
  std::optional<std::chrono::microseconds> watchdog() const { return watchdog_; }

  void ready(const std::string& status) const;
  void reloading() const;  ///< until the next ready()
  void stopping() const;
  void alive() const;

 private:
  std::vector<PassedSocket> sockets_;
  std::optional<std::chrono::microseconds> watchdog_;
};

}  // namespace ttp::tools
