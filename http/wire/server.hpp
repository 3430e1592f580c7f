// The HTTP engine: accepts connections, refuses requests whose framing has more than one reading, asks a
// handler and sends its answers. It knows no route and no rule of the domain; the handler words the engine's
// refusals.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "domain/reason.hpp"
#include "http/wire/limits.hpp"
#include "http/wire/message.hpp"

namespace ttp::http {

/// Renders an answer once, to be sent many times with other headers beside it; nullptr where it has no
/// content, goes on in parts, or cannot be sent.
std::shared_ptr<const Prepared> prepare(const Response& response);

/// Makes a response; called once.
using Making = std::function<Response()>;

/// The way back to the client. Call it once, from any thread, at once or later. When the last copy goes
/// uncalled, the client gets a 500. An answer that comes after the response time, or after the client has
/// gone, is dropped.
class Answer {
 public:
  /// `deliver` is called exactly once: with what makes the response, or with nothing when the answer was
  /// dropped.
  explicit Answer(std::function<void(std::optional<Making>)> deliver);
  void operator()(Response response) const;
  /// The same, but the function makes the response on the connection's I/O thread, which spares the calling
  /// thread the work. It must not block.
  void made_by(Making making) const;

 private:
  struct Once;
  std::shared_ptr<Once> once_;
};

class Handler {
 public:
  virtual ~Handler() = default;
  // Called on an I/O thread: must not block. An exception is logged and answered with a 500.

  /// Called before the first request with a head; the result is the `reading` of each request that repeats
  /// it. `previous`: that of the connection's head before, which often says much the same; nullptr for the
  /// first.
  virtual std::shared_ptr<const Reading> read(const Head& head, const Reading* previous) = 0;
  /// The answer, where it needs no waiting. Where there is none, the call has changed nothing.
  virtual std::optional<Response> answer_at_once(const Request& request) = 0;
  /// Called where there is no answer at once.
  virtual void handle(std::shared_ptr<const Request> request, Answer answer) = 0;
  /// Puts a refusal of the engine into words; called on an I/O thread, answers at once. `status` is the one
  /// to answer with, because one reason can have several: framing_refused (400, 408, 417, 505),
  /// header_too_large (414, 431), body_too_large (413), rate_limited (429), internal_fault (500), overloaded
  /// and shutting_down (503). `request` has the request id and the peer address; method, target and
  /// accept-language only where the request could be read.
  virtual Response refuse(const domain::Refusal& refusal, int status, const Request& request) = 0;
};

struct ServerConfig {
  std::string address = "127.0.0.1";  ///< a numeric address
  std::uint16_t port = 0;             ///< 0: any free one
  unsigned threads = 2;
  Limits limits{};
  /// Addresses or prefixes ("10.0.0.0/8") whose X-Forwarded-For is believed.
  std::vector<std::string> trusted_proxies{};
  /// Sent as Strict-Transport-Security where TLS ends in front of this server.
  std::optional<std::chrono::seconds> strict_transport_security{};
};

/// For the metrics. All but the first only grow.
struct ServerCounts {
  std::uint64_t connections_open = 0;
  std::uint64_t connections_total = 0;
  std::uint64_t connections_refused = 0;  ///< beyond a limit of connections
  std::uint64_t requests = 0;             ///< handed to the handler
  std::uint64_t framings_refused = 0;
  std::uint64_t requests_timed_out = 0;   ///< begun and not finished in time
  std::uint64_t responses_timed_out = 0;  ///< the handler did not answer in time
};

class Server {
 public:
  /// Throws std::invalid_argument where an address or a proxy's prefix is none. The handler must outlive the
  /// server.
  Server(const ServerConfig& config, Handler& handler);
  ~Server();  ///< stops
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  /// Listens and serves; throws std::system_error when the address can not be had. Once only.
  void start();
  /// The port listened on, once started.
  std::uint16_t port() const;
  // Stopping, step by step. A request of which one byte was read is answered; one that comes later finds the
  // connection ended, without a reset, and was not begun.

  /// From now on each answer ends its connection. New connections are still accepted.
  void close_connections_after_answers();
  /// Serves whoever is connected already, accepts nobody else, and ends idle connections.
  void stop_accepting();
  /// Whether the last connection has gone, now or within this time.
  bool is_empty_within(std::chrono::milliseconds time);
  /// The steps above. Returns when the last connection is gone or the drain time is over; requests still
  /// unanswered then get a 503.
  void drain();
  /// Ends everything now and returns when the last thread is gone. Answers that come later are dropped.
  void stop();
  ServerCounts counts() const;

 private:
  class Engine;
  std::unique_ptr<Engine> engine_;
};

}  // namespace ttp::http
