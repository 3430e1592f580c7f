// One connection: receives requests, sends one answer after the other, and closes without losing an answer.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "domain/reason.hpp"
#include "http/wire/address.hpp"
#include "http/wire/asio.hpp"
#include "http/wire/exchange.hpp"
#include "http/wire/framing.hpp"
#include "http/wire/input.hpp"
#include "http/wire/repeated_heads.hpp"
#include "http/wire/server.hpp"
#include "tls/session.hpp"

namespace ttp::http {

struct Counters {
  std::atomic<std::uint64_t> connections_open{0};
  std::atomic<std::uint64_t> connections_total{0};
  std::atomic<std::uint64_t> connections_refused{0};
  std::atomic<std::uint64_t> requests{0};
  std::atomic<std::uint64_t> framings_refused{0};
  std::atomic<std::uint64_t> requests_timed_out{0};
  std::atomic<std::uint64_t> responses_timed_out{0};
  std::atomic<std::uint64_t> proxy_headers_refused{0};
  std::atomic<std::uint64_t> tls_handshakes{0};
  std::atomic<std::uint64_t> tls_handshakes_failed{0};
};

/// The stages in which the server stops.
enum class Stage : std::uint8_t {
  serving,
  leaving,  ///< each answer ends its connection
  closing,  ///< no connection is accepted; idle connections end
  ending,   ///< every connection ends now
};

class Connection;

/// The answer for a connection beyond a limit.
struct TooMany {
  domain::Reason reason;
  int status;
};

/// The demands of a listener on a connection before its first request.
struct Entrance {
  bool needs_proxy_header = false;
  std::shared_ptr<const tls::Context> tls{};  ///< nullptr: no TLS
  std::optional<std::chrono::seconds> strict_transport_security{};
};

/// State shared by all connections.
struct Shared {
  const ServerConfig config;
  const TrustedProxies proxies;
  Handler& handler;
  Counters counters{};
  std::atomic<Stage> stage{Stage::serving};
  /// Counts a connection for the client that its proxy names, instead of for the proxy. Returns the limit
  /// that the client exceeds, if there is one.
  std::function<std::optional<TooMany>(Connection&, const Address& client)> count_for_client{};
};

/// Only the constructor, `end_when_idle` and `force` may be called from other threads; every other member
/// runs on the connection's I/O thread.
class Connection : public std::enable_shared_from_this<Connection> {
 public:
  Connection(Socket socket, const Address& peer, Shared& shared, SharedHeads& heads, Entrance entrance);

  IoExecutor executor() { return socket_.get_executor(); }
  /// For the listener's own limits, before the handshake.
  bool awaits_handshake() const { return entrance_.tls != nullptr; }

  /// Serves the connection from its start to its end; an I/O error ends it.
  awaitable<void> serve();
  /// Serves a connection beyond a limit: sends the reason and closes.
  awaitable<void> turn_away(TooMany why);

  /// Any thread, once the stage is `closing`: ends a connection that waits for its next request. A new
  /// connection has linger_time_max for its first one.
  void end_when_idle();
  /// Any thread: a request without an answer gets a 503, everything else ends now.
  void force();

 private:
  /// The event that the connection waits for while no request has begun.
  enum class Idle : std::uint8_t { no, first_request, next_request };
  /// The unsent rest of an answer: `bytes` from `written` on, or, if `bytes` is empty, the whole response. A
  /// response without a value is still to come.
  struct Unsent {
    std::optional<Response> response{};
    std::string bytes{};
    std::size_t written = 0;  ///< of `bytes`
  };

  const Limits& limits() const { return shared_.config.limits; }
  Stage stage() const { return shared_.stage.load(std::memory_order_relaxed); }
  bool is_closing() const { return stage() >= Stage::closing; }

  // -- entering: in entrance.cpp
  bool has_entrance() const { return entrance_.needs_proxy_header || entrance_.tls; }
  awaitable<bool> enter();
  awaitable<bool> receive_proxy_header();
  awaitable<bool> read_exactly(std::span<char> room);
  void come_from(const Address& client);
  awaitable<bool> shake_hands();
  awaitable<std::size_t> read_by_tls(std::span<char> room);
  std::optional<std::size_t> write_by_tls_now(std::string_view bytes);
  awaitable<void> turn_away_now(TooMany why);

  // -- receiving
  void begin_idling(bool is_new, Clock::time_point now);
  std::size_t read_now();
  bool take_again(Request& request, Clock::time_point now);
  awaitable<bool> receive(Request& request, Clock::time_point begun);
  void complete(Request& request, Clock::time_point now);
  awaitable<std::optional<std::size_t>> receive_head(Clock::time_point deadline);
  awaitable<std::optional<std::size_t>> receive_body(std::size_t head_size, Framing framing);
  awaitable<bool> read_more_or_time_out();

  // -- answering
  bool is_last(const Response& response, std::size_t number) const;
  std::unique_ptr<Unsent> answer_now(std::size_t number);
  awaitable<bool> answer(std::unique_ptr<Unsent> unsent, std::size_t number);
  std::optional<Response> at_once(Request& request);
  awaitable<Response> ask(std::shared_ptr<const Request> request);
  awaitable<void> wait_for(Exchange& exchange);
  void hand_over(const std::shared_ptr<const Request>& request, const std::shared_ptr<Exchange>& exchange);
  Response words_for(domain::Reason reason, int status, const std::string& what, const Request& request);
  awaitable<void> refuse_framing(FramingFault fault);
  awaitable<void> refuse(domain::Reason reason, int status, std::string what);
  awaitable<bool> stream(const Response& response, const std::string& request_id);
  bool is_left();

  // -- sending
  std::string bytes_to_send(const Response& response, std::string_view request_id, bool close,
                            bool head_only) const;
  std::optional<std::size_t> write_now(std::string_view bytes);
  awaitable<bool> write(std::string bytes, std::size_t written = 0);
  awaitable<void> linger();
  void end();

  // -- time
  std::chrono::milliseconds time_for(std::size_t bytes) const;
  void set_deadline(Clock::time_point deadline);
  void look_at(Clock::time_point when);
  void cancel();

  // Members that each request uses are adjacent, before the others.
  Shared& shared_;
  Socket socket_;
  std::unique_ptr<tls::Session> tls_;  ///< nullptr: plain
  Input input_;                        ///< the message being received, and bytes sent after it
  RepeatedHeads heads_;
  std::shared_ptr<const DecodedHead> last_decoded_;  ///< of the last head passed to the handler
  std::shared_ptr<Request> request_;                 ///< being served, or reusable for the next request
  Clock::time_point deadline_ = Clock::time_point::max();
  Clock::time_point next_look_ = Clock::time_point::max();
  Clock::time_point force_deadline_ = Clock::time_point::max();
  bool timed_out_ = false;
  bool forced_ = false;
  Idle idle_ = Idle::no;

  std::shared_ptr<Exchange> exchange_;  ///< set while a request waits for its answer
  Address peer_;
  std::string peer_text_;
  Entrance entrance_;
  Timer watchdog_;
  Timer pause_;  ///< between two calls of a stream's next_part
};

}  // namespace ttp::http
