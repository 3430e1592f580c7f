// ttpd: the server program. It only parses options and connects the parts.
#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <iostream>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include <CLI/CLI.hpp>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include "events/json.hpp"
#include "http/app.hpp"
#include "http/wire/server.hpp"
#include "os/descriptors.hpp"
#include "os/last_words.hpp"
#include "service/config.hpp"
#include "service/ottawa_time.hpp"
#include "service/service.hpp"
#include "service/workers/fault_log.hpp"
#include "storage/rocks/disk_faults.hpp"
#include "tools/command_line.hpp"
#include "tools/service_manager.hpp"
#include "tools/upkeep.hpp"

// Read by jemalloc. Few arenas, and a background thread that returns unused pages within seconds, so that the
// memory of a burst is released.
extern "C" const char* malloc_conf;
const char* malloc_conf = "narenas:4,background_thread:true,dirty_decay_ms:2000,muzzy_decay_ms:0";

namespace {

using namespace ttp;

constexpr int exit_failure = 1;
constexpr int exit_usage = 2;
constexpr int exit_damaged = 3;
constexpr int exit_store_failed = 6;

/// Writes the message as a JSON string, so that a message cannot forge a line of the log.
class JsonMessage : public spdlog::custom_flag_formatter {
 public:
  void format(const spdlog::details::log_msg& message, const std::tm&, spdlog::memory_buf_t& out) override {
    std::string text;
    events::write_string(text, {message.payload.data(), message.payload.size()});
    out.append(text.data(), text.data() + text.size());
  }
  std::unique_ptr<custom_flag_formatter> clone() const override { return std::make_unique<JsonMessage>(); }
};

/// One JSON object per line, for programs that read logs.
void start_logging(const service::Config& config) {
  auto logger = config.log_file.empty() ? spdlog::stderr_logger_mt("ttpd")
                                        : spdlog::basic_logger_mt("ttpd", config.log_file.string());
  auto formatter = std::make_unique<spdlog::pattern_formatter>(spdlog::pattern_time_type::utc);
  formatter->add_flag<JsonMessage>('*').set_pattern(
      R"({"at":"%Y-%m-%dT%H:%M:%S.%eZ","level":"%l","message":%*})");
  logger->set_formatter(std::move(formatter));
  logger->set_level(spdlog::level::from_str(config.log_level));
  logger->flush_on(spdlog::level::info);
  spdlog::set_default_logger(logger);
  service::log_faults();
}

/// Reserved for the files of the log, the views and the vault, for connections being refused, and for
/// libraries.
constexpr std::size_t descriptors_beside_connections = 1024;

/// The number of connections that leaves enough descriptors for the stores.
std::size_t connections_that_fit(std::size_t wanted) {
  const std::size_t limit = os::raise_descriptor_limit();
  const std::size_t needed = wanted + descriptors_beside_connections;
  if (limit >= needed) return wanted;
  const std::size_t fitting =
      limit > 2 * descriptors_beside_connections ? limit - descriptors_beside_connections : limit / 2;
  spdlog::warn(
      "the limit of open files is {}, but {} connections and the stores need {}: at most {} connections are "
      "served. Raise the limit (ulimit -Hn, LimitNOFILE=) and restart",
      limit, wanted, needed, fitting);
  return fitting;
}

/// Whether a store can never be written again before the next start. Any thread may call it.
class StoreFaults {
 public:
  void note(const service::Config& config, const storage::DiskFault& fault) {
    const auto path = fault.path.lexically_normal().string();
    const bool serves = std::ranges::any_of(std::array{"vault", "views"}, [&](const char* store) {
      return path.starts_with((config.data_dir / store).lexically_normal().string() + "/");
    });
    if (fault.for_good && serves) broken_ = true;
  }
  bool any() const { return broken_; }

 private:
  std::atomic<bool> broken_ = false;
};

/// Logs a disk fault when it happens, and repeats it if it ends the process.
void report_disk_faults(const service::Config& config, StoreFaults& stores) {
  os::leave_last_words(
      "ttpd: a library ended the process; the adjacent lines say why. No answered change is lost. "
      "Restart the service.");
  storage::on_disk_fault([config, &stores](const storage::DiskFault& fault) {
    stores.note(config, fault);
    const std::string sentence = storage::to_sentence(fault);
    spdlog::error(sentence);
    os::keep_for_last_words(sentence);
  });
}

http::ServerConfig server_config(const service::Config& config, std::size_t connections_max) {
  http::ServerConfig server;
  server.address = config.address;
  server.port = config.port;
  server.threads = config.io_threads;
  server.trusted_proxies = config.trusted_proxies;
  server.limits.connections_per_address_max = config.connections_per_address;
  server.limits.connections_max = connections_max;
  if (config.behind_tls) server.strict_transport_security = std::chrono::seconds{63'072'000};
  return server;
}

/// The signal that arrives within this time, or 0.
int signal_within(const sigset_t& signals, std::chrono::milliseconds time) {
  const timespec wait{.tv_sec = time.count() / 1000, .tv_nsec = time.count() % 1000 * 1'000'000};
  return std::max(sigtimedwait(&signals, nullptr, &wait), 0);
}

/// Whether one of the signals arrives within this time.
bool comes_within(const sigset_t& signals, std::chrono::milliseconds time) {
  return signal_within(signals, time) != 0;
}

/// First reports not ready, so that a load balancer stops, while requests are still served. Then accepts no
/// new connections and finishes running requests. A second signal ends the waiting.
void stop_serving(http::App& app, http::Server& server, const service::Config& config,
                  const sigset_t& stop_signals) {
  using namespace std::chrono_literals;
  app.begin_drain();
  server.close_connections_after_answers();
  spdlog::info("stopping: not ready; requests are served for {} s more", config.drain_ready_seconds);
  bool is_hurried = comes_within(stop_signals, std::chrono::seconds{config.drain_ready_seconds});
  if (!is_hurried) {
    spdlog::info("stopping: finishing the requests in progress");
    server.stop_accepting();
    const auto deadline = std::chrono::steady_clock::now() + http::Limits{}.drain_time_max;
    while (!is_hurried && !server.is_empty_within(100ms) && std::chrono::steady_clock::now() < deadline)
      is_hurried = comes_within(stop_signals, 0ms);
  }
  if (is_hurried) spdlog::info("stopping at once because of a second signal");
  server.stop();
}

/// Waits until a signal arrives or the service cannot continue. A store that can no longer be written keeps
/// requests from being served, too, until it is opened again; reads go on for a while, so that a load
/// balancer can notice.
void wait_for_the_end(const service::Service& service, const StoreFaults& stores, const sigset_t& signals,
                      tools::Upkeep& upkeep) {
  using namespace std::chrono_literals;
  std::optional<std::chrono::steady_clock::time_point> broken_since;
  while (!service.must_end()) {
    if (stores.any() && !broken_since) broken_since = std::chrono::steady_clock::now();
    if (broken_since && std::chrono::steady_clock::now() >= *broken_since + service::end_after_fault) return;
    const int signal = signal_within(signals, 250ms);
    if (signal == SIGHUP) upkeep.reload();
    if (signal != 0 && signal != SIGHUP) return;
    upkeep.look();
  }
}

void log_listeners(const http::ServerConfig& config, const http::Server& server) {
  for (std::size_t i = 0; i < config.more.size(); ++i) {
    const http::Listener& each = config.more[i];
    spdlog::info("listening on {}:{} {}{}{}", each.inherited ? "a handed-over socket" : each.address,
                 server.port_of(i), each.tls ? "by TLS" : "without TLS",
                 each.needs_proxy_header ? ", after a PROXY header" : "",
                 each.tls && !each.tls->client_issuers.empty() ? ", for clients with a certificate" : "");
  }
}

/// Returns the exit code.
int serve(const service::Config& config, const StoreFaults& stores, const sigset_t& signals,
          const tools::ServiceManager& manager) {
  const std::size_t connections_max = connections_that_fit(http::Limits{}.connections_max);
  service::use_ottawa_time();
  service::Service service(config);
  http::App app(service, config);
  auto server_settings = server_config(config, connections_max);
  tools::add_listeners(server_settings, config, manager.sockets());
  http::Server server(server_settings, app);
  tools::Upkeep upkeep(server, config, manager);
  app.watch(server);
  server.start();
  spdlog::info("listening on {}:{}{}", config.address, server.port(),
               config.sandbox ? " in sandbox mode" : "");
  log_listeners(server_settings, server);
  upkeep.began();
  // The only line on standard output: scripts that ask for any free port read it.
  std::cout << "http://" << config.address << ":" << server.port() << std::endl;

  wait_for_the_end(service, stores, signals, upkeep);
  sigset_t stop_signals = signals;
  sigdelset(&stop_signals, SIGHUP);  // there is nothing to reload any more: it stays blocked
  manager.stopping();
  stop_serving(app, server, config, stop_signals);
  // From here on one more signal ends the process; everything it has answered is stored.
  pthread_sigmask(SIG_UNBLOCK, &stop_signals, nullptr);
  service.stop();
  const bool failed = service.executor().fault().has_value() || stores.any();
  if (failed)
    spdlog::error("stopped with exit code {}, because a store could not be written: restart it",
                  exit_store_failed);
  else
    spdlog::info("stopped");
  return failed ? exit_store_failed : 0;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App cli{"The account service of a trusted-trader programme.", "ttpd"};
  cli.set_version_flag("--version", "ttpd " TTP_VERSION);
  std::optional<std::filesystem::path> file;
  cli.add_option("--config", file, "TOML file with settings");
  std::map<std::string, std::string> flags;
  tools::add_settings(cli, flags);
  cli.footer(
      "Example: ttpd --sandbox --data-dir data --port 8080\nExit codes: 0 stopped, 1 failed, 2 wrong usage "
      "or "
      "configuration, 3 the store is damaged or differs from its signed checkpoint, 6 a store could not be "
      "written: restart it.");
  try {
    cli.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return cli.exit(error) == 0 ? 0 : exit_usage;
  }

  // Blocked before any thread starts, so that only `sigtimedwait` receives the signals.
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  std::signal(SIGPIPE, SIG_IGN);

  try {
    const service::LoadedConfig loaded = service::load_config(file, tools::environment(), flags);
    const auto wrong = service::faults(loaded.config);
    for (const std::string& sentence : wrong) std::cerr << "ttpd: " << sentence << "\n";
    if (!wrong.empty()) return exit_usage;
    start_logging(loaded.config);
    static StoreFaults stores;  // the threads of a store may outlive this function
    report_disk_faults(loaded.config, stores);
    const tools::ServiceManager manager;
    // A sandbox ends with its terminal; elsewhere the signal asks for a reload.
    if (!loaded.config.sandbox) sigaddset(&signals, SIGHUP);
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    try {
      return serve(loaded.config, stores, signals, manager);
    } catch (const storage::NotTheSignedLog& fault) {
      std::cerr << "ttpd: " << fault.what() << "\n";
      return exit_damaged;
    } catch (const events::Damaged& fault) {
      std::cerr << "ttpd: " << fault.what() << "\n";
      return exit_damaged;
    }
  } catch (const std::exception& fault) {
    std::cerr << "ttpd: " << fault.what() << "\n";
    return exit_failure;
  }
}
