// Every limit of the HTTP engine in one place, with its default. A client that exceeds one is refused or
// disconnected; no client can make the service hold more than these limits allow.
#pragma once

#include <chrono>
#include <cstddef>

namespace ttp::http {

struct Limits {
  // Sizes. Beyond them: 414, 431, 431 and 413.
  std::size_t request_line_bytes_max = 8 * 1024;  ///< without its CRLF
  std::size_t header_bytes_max = 16 * 1024;       ///< all field lines with their CRLFs
  std::size_t header_fields_max = 64;
  /// Decoded; a chunked body's framing may be as large again. A profile whose answers are all as long as they
  /// may be fits, also with each accented letter escaped as \u00e9.
  std::size_t body_bytes_max = 256 * 1024;

  // Times. A request that is incomplete when its time is over gets a 408; a connection without a request is
  // closed.
  std::chrono::milliseconds header_time_max{
      10'000};                                  ///< from the first byte, on a fresh connection from its start
  std::chrono::milliseconds body_grace{5'000};  ///< before the rate below counts
  std::size_t bytes_per_second_min = 1024;      ///< of a body coming in, and of an answer going out
  std::chrono::milliseconds idle_time_max{60'000};      ///< between two requests
  std::chrono::milliseconds write_grace{30'000};        ///< before the rate above counts
  std::chrono::milliseconds response_time_max{30'000};  ///< for the handler; 503 after it
  std::chrono::milliseconds linger_time_max{1'000};     ///< waiting for the client to read a last answer
  std::chrono::milliseconds drain_time_max{20'000};     ///< for requests in flight when the server stops
  std::chrono::milliseconds handshake_time_max{5'000};  ///< of TLS
  std::chrono::milliseconds proxy_header_time_max{1'000};

  /// After a failure, accepting must work for this long before the log says that it works again.
  std::chrono::milliseconds accept_calm_time{10'000};

  // Numbers.
  std::size_t requests_per_connection_max = 1'000;
  /// Per IPv4 address or IPv6 /64; a /48 may have eight times as many; trusted proxies are exempt. Beyond it:
  /// 429.
  std::size_t connections_per_address_max = 100;
  std::size_t connections_max = 10'000;  ///< 503 beyond it
  /// TLS connections that one address may begin within `handshake_window`; a handshake costs the server a
  /// millisecond of a processor. Addresses count as above. Beyond it connections end without a handshake.
  std::size_t handshakes_per_address_max = 200;
  std::chrono::milliseconds handshake_window{10'000};
};

}  // namespace ttp::http
