// The HTTP engine: accepts connections, refuses requests with ambiguous framing, calls a handler and sends
// its answers. The engine knows no route and no rule of the domain; the handler provides the texts of the
// engine's refusals.
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
#include "tls/context.hpp"

namespace ttp::http {

/// Renders an answer once, so that it can be sent many times with other headers added. Returns nullptr if the
/// answer has no content, continues in parts, or cannot be sent.
std::shared_ptr<const Prepared> prepare(const Response& response);

/// Makes a response; called once.
using Making = std::function<Response()>;

/// Sends the answer to the client. Call it once, from any thread, at once or later. If the last copy is
/// destroyed without a call, the client gets a 500. An answer after the response time, or after the client
/// has disconnected, is dropped.
class Answer {
 public:
  /// `deliver` is called exactly once: with the function that makes the response, or with nothing when the
  /// answer was dropped.
  explicit Answer(std::function<void(std::optional<Making>)> deliver);
  void operator()(Response response) const;
  /// Answers with the result of `making`, which runs on the connection's I/O thread and so relieves the
  /// calling thread. It must not block.
  void made_by(Making making) const;

 private:
  struct Once;
  std::shared_ptr<Once> once_;
};

class Handler {
 public:
  virtual ~Handler() = default;
  // Called on an I/O thread: must not block. An exception is logged and answered with a 500.

  /// Called before the first request with a head; the result is the `decoded` of each request that repeats
  /// the head. `previous` is the result for the connection's previous head, which is often similar; nullptr
  /// for the first head.
  virtual std::shared_ptr<const DecodedHead> decode(const RequestHead& head, const DecodedHead* previous) = 0;
  /// The answer, if it needs no wait. If there is none, the call has changed nothing.
  virtual std::optional<Response> answer_at_once(const Request& request) = 0;
  /// Called if `answer_at_once` gave no answer.
  virtual void handle(std::shared_ptr<const Request> request, Answer answer) = 0;
  /// Provides the answer for a refusal of the engine; called on an I/O thread, must not block. `status` is
  /// the status to send, because one reason can have several: framing_refused (400, 408, 417, 505),
  /// header_too_large (414, 431), body_too_large (413), rate_limited (429), internal_fault (500), overloaded
  /// and shutting_down (503). `request` has the request id and the peer address; method, target and
  /// accept-language are present only if the request could be read.
  virtual Response refuse(const domain::Refusal& refusal, int status, const Request& request) = 0;
};

/// An address to listen on.
struct Listener {
  std::string address = "127.0.0.1";  ///< a numeric address
  std::uint16_t port = 0;             ///< 0: any free one
  /// A socket that listens already and outlives this process, used instead of the address.
  std::optional<int> inherited{};
  /// Each connection must come from a trusted proxy and begin with a header of the PROXY protocol, version 2.
  bool needs_proxy_header = false;
  std::optional<tls::Files> tls{};  ///< nothing: plain
  /// Sent as Strict-Transport-Security: where clients reach this listener by TLS.
  std::optional<std::chrono::seconds> strict_transport_security{};
};

struct ServerConfig {
  std::string address = "127.0.0.1";  ///< a numeric address
  std::uint16_t port = 0;             ///< 0: any free one
  std::optional<int> inherited{};     ///< as in Listener
  unsigned threads = 2;
  Limits limits{};
  /// Addresses or prefixes ("10.0.0.0/8") whose X-Forwarded-For is trusted.
  std::vector<std::string> trusted_proxies{};
  /// Sent as Strict-Transport-Security if TLS ends in front of `address`.
  std::optional<std::chrono::seconds> strict_transport_security{};
  std::vector<Listener> more{};  ///< listened on beside `address`
};

/// Counts for the metrics. All but the first only grow.
struct ServerCounts {
  std::uint64_t connections_open = 0;
  std::uint64_t connections_total = 0;
  std::uint64_t connections_refused = 0;  ///< beyond a limit of connections
  std::uint64_t requests = 0;             ///< handed to the handler
  std::uint64_t framings_refused = 0;
  std::uint64_t requests_timed_out = 0;   ///< begun and not finished in time
  std::uint64_t responses_timed_out = 0;  ///< the handler did not answer in time
  std::uint64_t proxy_headers_refused = 0;
  std::uint64_t tls_handshakes = 0;         ///< finished
  std::uint64_t tls_handshakes_failed = 0;  ///< refused, broken off or not finished in time
  /// The first end of a certificate in use.
  std::optional<std::chrono::sys_seconds> certificates_valid_until{};
};

class Server {
 public:
  /// Throws std::invalid_argument if an address or a proxy's prefix is invalid. The handler must outlive the
  /// server.
  Server(const ServerConfig& config, Handler& handler);
  ~Server();  ///< stops
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  /// Listens and serves; throws std::system_error if it cannot listen on an address, and std::runtime_error
  /// if a certificate or a key cannot be used. Call it once only.
  void start();
  /// The port listened on, once started: that of `address`, or of one of `more`.
  std::uint16_t port() const;
  std::uint16_t port_of(std::size_t more) const;
  /// Reads the files of all TLS listeners again, for connections accepted from now on; others keep what they
  /// began with. Throws std::runtime_error and changes nothing if one cannot be used.
  void reload_certificates();
  /// Whether every I/O thread runs a task within this time.
  bool is_responsive_within(std::chrono::milliseconds time);
  // Steps of stopping. A request with at least one byte read is answered. A later request is not begun: its
  // connection ends without a reset.

  /// From now on each answer ends its connection. New connections are still accepted.
  void close_connections_after_answers();
  /// Serves existing connections, accepts no new ones, and ends idle ones.
  void stop_accepting();
  /// Waits at most this long until no connection is left; false if some remain.
  bool is_empty_within(std::chrono::milliseconds time);
  /// Runs the steps above. Returns when no connection is left or the drain time is over; requests without an
  /// answer then get a 503.
  void drain();
  /// Ends everything now and returns when the last thread has ended. Later answers are dropped.
  void stop();
  ServerCounts counts() const;

 private:
  class Engine;
  std::unique_ptr<Engine> engine_;
};

}  // namespace ttp::http
