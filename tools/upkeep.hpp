// The work of ttpd's main thread while the server serves: it reads changed certificates, watches when they
// end, and tells the service manager that the process works.
#pragma once

#include <chrono>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "http/wire/server.hpp"
#include "os/faults.hpp"
#include "service/config.hpp"
#include "tools/service_manager.hpp"

namespace ttp::tools {

/// The listeners beside the configured address: those of the settings, or, for each kind of which the service
/// manager hands sockets over, these sockets. Throws std::runtime_error for a socket whose name is no kind or
/// whose kind lacks a setting that it needs.
void add_listeners(http::ServerConfig& server, const service::Config& config,
                   const std::vector<PassedSocket>& sockets);

class Upkeep {
 public:
  Upkeep(http::Server& server, const service::Config& config, const ServiceManager& manager);

  /// The server listens.
  void began();
  /// Reads certificates, keys and lists again, because the operator asked for it.
  void reload();
  /// Does what is due. Call it a few times a second.
  void look();

 private:
  using Clock = std::chrono::steady_clock;

  void read_certificates();
  std::string status() const;
  void look_at_files();
  void look_at_expiry();
  std::map<std::filesystem::path, std::filesystem::file_time_type> changes() const;

  http::Server& server_;
  const ServiceManager& manager_;
  const std::vector<std::filesystem::path> files_;  ///< of TLS; empty: there is none
  std::map<std::filesystem::path, std::filesystem::file_time_type> read_at_;
  Clock::time_point next_look_{}, next_sign_{};
  os::Fault not_read_, ends_soon_;
};

}  // namespace ttp::tools
