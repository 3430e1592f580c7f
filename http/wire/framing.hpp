// The framing guard: decides from the raw bytes whether a request can be read in exactly one way, and where
// it ends. The guard is stricter than RFC 9112 requires of a recipient wherever leniency would allow request
// smuggling. The HTTP library sees only messages that passed the guard.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "http/wire/limits.hpp"

namespace ttp::http {

struct FramingFault {
  int status =
      400;  ///< 400, 413, 414, 417, 431 or 505 (and 408 from the server, for one that came too slowly)
  std::string what;  ///< one sentence without any text of the client's, for the log and the answer
};

/// The framing that a checked head declares.
struct Framing {
  enum class Body : std::uint8_t { none, length, chunked };
  Body body = Body::none;
  std::size_t content_length = 0;
  bool keep_alive = true;         ///< HTTP/1.1 without "Connection: close"; HTTP/1.0 never
  bool expects_continue = false;  ///< the client waits for a 100 before it sends the body
};

/// Looks for the end of a head while it arrives, and refuses faults that no later byte could correct: control
/// characters, line ends other than CRLF, and sizes beyond the limits.
class HeadScanner {
 public:
  explicit HeadScanner(const Limits& limits) : limits_(limits) {}
  explicit HeadScanner(Limits&&) = delete;  // the limits must outlive the scanner
  /// `received`: all bytes of the message so far; each call continues where the last one stopped. Returns the
  /// size of the head with its empty line, or nothing if that line has not arrived.
  std::expected<std::optional<std::size_t>, FramingFault> scan(std::string_view received);

 private:
  std::optional<FramingFault> end_line(std::size_t line_end);
  void skip_plain(std::string_view received);

  const Limits& limits_;
  std::size_t next_ = 0;
  std::size_t line_start_ = 0;
  std::size_t header_start_ = 0;  ///< 0 while in the request line
  std::size_t fields_ = 0;
};

/// Reads a whole head, from the request line to its empty line (RFC 9112 sections 2 to 6).
std::expected<Framing, FramingFault> check_head(std::string_view head, const Limits& limits);

/// The fault of a whole head under the default limits, or nothing.
std::optional<std::string> framing_fault(std::string_view raw_head);

/// Follows a chunked body to its end. Chunk extensions and trailer fields are refused, although RFC 9112
/// section 7.1.1 would allow ignoring them: no client of this service needs them, and proxies disagree about
/// them.
class ChunkScanner {
 public:
  explicit ChunkScanner(const Limits& limits) : limits_(limits) {}
  explicit ChunkScanner(Limits&&) = delete;  // the limits must outlive the scanner
  /// `body`: all bytes after the head so far; each call continues where the last one stopped. Returns the
  /// size of the coded body, or nothing if its end has not arrived.
  std::expected<std::optional<std::size_t>, FramingFault> scan(std::string_view body);

 private:
  enum class Expect : std::uint8_t { size, size_lf, data, data_cr, data_lf, last_cr, last_lf };
  std::optional<FramingFault> take_size_byte(char byte);

  const Limits& limits_;
  std::size_t next_ = 0;
  Expect expect_ = Expect::size;
  std::size_t chunk_ = 0;   ///< size of this chunk; in its data: the unread rest
  std::size_t digits_ = 0;  ///< of this chunk's size
  std::size_t decoded_ = 0;
  std::size_t overhead_ = 0;  ///< bytes that are not data
};

/// Whether two field names are equal, ignoring the case of letters.
bool is_token(std::string_view text);
/// Whether a header's value may hold the text: no control characters except tab.
bool is_same_name(std::string_view a, std::string_view b);
/// Whether the text may stand in a header's value: no control characters but tab.
bool is_field_value(std::string_view text);
/// The origin form of a checked target: "http://host/a?b" becomes "/a?b".
std::string_view origin_form(std::string_view target);

}  // namespace ttp::http
