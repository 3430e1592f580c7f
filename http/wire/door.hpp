// A listening socket with what it demands of connections. The engine has one for each address.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include <boost/asio/basic_socket_acceptor.hpp>

#include "http/wire/asio.hpp"
#include "http/wire/connection.hpp"
#include "http/wire/server.hpp"
#include "os/mutex.hpp"

namespace ttp::http {

/// Logs when accepting begins to fail and when it has worked again for a while: one line each, independent of
/// the number of clients.
class AcceptTrouble {
 public:
  AcceptTrouble(std::string where, std::chrono::milliseconds calm_time)
      : where_(std::move(where)), calm_time_(calm_time) {}

  void failed(const error_code& fault);
  void worked();

 private:
  const std::string where_;
  const std::chrono::milliseconds calm_time_;
  bool is_on_ = false;
  Clock::time_point last_{};
};

bool is_out_of_descriptors(const error_code& fault);

/// Used by the thread that accepts, except `port`, `entrance` and `use`, which any thread may call once it
/// listens.
class Door {
 public:
  /// Throws std::invalid_argument if the address is not numeric.
  Door(Listener listener, asio::io_context& io, const Limits& limits);

  /// Throws std::system_error if it cannot listen, std::runtime_error if TLS cannot be used.
  void open();
  /// Listens no longer. An inherited socket goes on listening for the process that follows; of another, the
  /// kernel drops new handshakes from now on, and `accept_rest` is called before it closes.
  void close(const std::function<void()>& accept_rest);

  bool demands_proxy_header() const { return listener_.needs_proxy_header; }
  bool has_tls() const { return listener_.tls.has_value(); }
  std::uint16_t port() const { return port_; }

  Entrance entrance() const;
  /// The context that the files make now; nullptr without TLS. Throws std::runtime_error.
  std::shared_ptr<const tls::Context> make_context() const;
  /// Uses it for connections accepted from now on.
  void use(std::shared_ptr<const tls::Context> context);

  asio::basic_socket_acceptor<tcp, IoExecutor> acceptor;
  Timer pause;
  AcceptTrouble trouble;

 private:
  void take_over(int socket);
  void listen();

  const Listener listener_;
  const asio::ip::address address_;
  std::uint16_t port_ = 0;  // written before the threads start
  mutable os::Mutex mutex_;
  std::shared_ptr<const tls::Context> context_ TTP_GUARDED_BY(mutex_);
};

}  // namespace ttp::http
