#include "tools/upkeep.hpp"

#include <algorithm>
#include <exception>
#include <optional>
#include <stdexcept>
#include <string_view>
#include <system_error>

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include "os/socket_address.hpp"

namespace ttp::tools {
namespace {

namespace fs = std::filesystem;

constexpr std::chrono::seconds files_interval{10};
constexpr std::chrono::days warning_before_end{14};
constexpr std::chrono::milliseconds response_time{500};  // of I/O threads that have other work, too
constexpr std::chrono::seconds two_years{63'072'000};

/// A kind of listener: the FileDescriptorName= of its sockets, and its setting.
struct Kind {
  std::string_view socket_name;
  std::vector<std::string> service::Config::* addresses;  ///< nullptr: `address` and `port`
  bool needs_proxy_header;
  bool by_tls;
  bool wants_certificates;
};
constexpr Kind kinds[] = {
    {"https", &service::Config::https_listen, false, true, false},
    {"https-proxy", &service::Config::https_proxy_listen, true, true, false},
    {"proxy", &service::Config::proxy_listen, true, false, false},
    {"staff", &service::Config::staff_listen, false, true, true},
};
constexpr std::string_view plain_socket_name = "http";

http::Listener listener_of(const Kind& kind, const service::Config& config) {
  http::Listener listener;
  listener.needs_proxy_header = kind.needs_proxy_header;
  if (kind.by_tls) listener.tls = kind.wants_certificates ? config.staff_tls() : config.public_tls();
  if (kind.by_tls || config.behind_tls) listener.strict_transport_security = two_years;
  return listener;
}

void require_settings(const Kind& kind, const service::Config& config) {
  const auto refuse = [&](std::string_view lacks) {
    throw std::runtime_error(fmt::format("the service manager hands over a socket \"{}\", which needs {}",
                                         kind.socket_name, lacks));
  };
  if (kind.by_tls && config.tls_certificate_file.empty()) refuse("tls_certificate_file and tls_key_file");
  if (kind.wants_certificates && config.staff_ca_file.empty()) refuse("staff_ca_file");
  if (kind.needs_proxy_header && config.trusted_proxies.empty()) refuse("trusted_proxies");
}

bool is_known(std::string_view name) {
  return name == plain_socket_name || std::ranges::find(kinds, name, &Kind::socket_name) != std::end(kinds);
}

}  // namespace

void add_listeners(http::ServerConfig& server, const service::Config& config,
                   const std::vector<PassedSocket>& sockets) {
  for (const PassedSocket& socket : sockets) {
    if (!is_known(socket.name))
      throw std::runtime_error(fmt::format(
          "the service manager hands over a socket \"{}\"; FileDescriptorName= must be http, https, "
          "https-proxy, proxy or staff",
          socket.name));
    if (socket.name != plain_socket_name) continue;
    if (server.inherited) throw std::runtime_error("the service manager hands over two sockets \"http\"");
    server.inherited = socket.descriptor;
  }
  for (const Kind& kind : kinds) {
    bool is_handed_over = false;
    for (const PassedSocket& socket : sockets) {
      if (socket.name != kind.socket_name) continue;
      require_settings(kind, config);
      is_handed_over = true;
      server.more.push_back(listener_of(kind, config));
      server.more.back().inherited = socket.descriptor;
    }
    if (is_handed_over) continue;
    for (const std::string& text : config.*kind.addresses) {
      const auto parsed = os::parse_socket_address(text).value();
      server.more.push_back(listener_of(kind, config));
      server.more.back().address = parsed.address;
      server.more.back().port = parsed.port;
    }
  }
}

Upkeep::Upkeep(http::Server& server, const service::Config& config, const ServiceManager& manager)
    : server_(server),
      manager_(manager),
      files_(config.staff_tls().all()),
      read_at_(changes()),
      not_read_({.name = "certificate_not_read",
                 .what_fails = "reading the certificate or its key again",
                 .what_to_do = "The ones read before stay in use. Repair what the line names; changed files "
                               "are read within ten seconds, or on SIGHUP."}),
      ends_soon_({.name = "certificate_ends",
                  .what_fails = "the certificate for TLS",
                  .what_to_do =
                      "Renew it: when it has ended, clients refuse to connect. ttpctl tls check shows "
                      "what the files hold."}) {}

std::string Upkeep::status() const {
  const auto until = server_.counts().certificates_valid_until;
  if (!until) return "Serving";
  return fmt::format("Serving; the certificate is valid until {:%Y-%m-%d}", *until);
}

void Upkeep::began() {
  look_at_expiry();
  manager_.ready(status());
}

void Upkeep::reload() {
  manager_.reloading();
  if (files_.empty())
    spdlog::info("SIGHUP: there is no certificate to read again");
  else
    read_certificates();
  manager_.ready(status());
}

void Upkeep::read_certificates() {
  read_at_ = changes();
  try {
    server_.reload_certificates();
    not_read_.ended();
    spdlog::info("certificate read again: {}", status());
  } catch (const std::exception& fault) {
    not_read_.happened(fault.what());
  }
  look_at_expiry();
}

void Upkeep::look() {
  const auto now = Clock::now();
  if (now >= next_look_) {
    next_look_ = now + files_interval;
    look_at_files();
    look_at_expiry();
  }
  const auto watchdog = manager_.watchdog();
  if (!watchdog || now < next_sign_) return;
  if (!server_.is_responsive_within(response_time)) return;
  manager_.alive();
  next_sign_ = now + *watchdog / 3;
}

void Upkeep::look_at_files() {
  if (!files_.empty() && changes() != read_at_) read_certificates();
}

void Upkeep::look_at_expiry() {
  const auto until = server_.counts().certificates_valid_until;
  if (!until) return;
  if (std::chrono::system_clock::now() + warning_before_end < *until)
    ends_soon_.ended();
  else if (!ends_soon_.lasts())
    ends_soon_.happened(fmt::format("it ends at {:%Y-%m-%d %H:%M} UTC", *until));
}

/// A file that is missing has no time: one that is being replaced is read when it is back.
std::map<fs::path, fs::file_time_type> Upkeep::changes() const {
  std::map<fs::path, fs::file_time_type> times;
  for (const fs::path& file : files_) {
    std::error_code ignored;
    const auto time = fs::last_write_time(file, ignored);
    times.emplace(file, ignored ? fs::file_time_type{} : time);
  }
  return times;
}

}  // namespace ttp::tools
