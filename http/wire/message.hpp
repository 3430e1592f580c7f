// One request and one response as the handler sees them: plain values, with nothing of sockets or of the
// library that read them.
#pragma once

#include <algorithm>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ttp::http {

using Headers = std::vector<std::pair<std::string, std::string>>;

/// The head of a request whose framing was checked. Texts are as sent: percent-encoding is undone by who
/// reads a segment, and a header's value may hold bytes of 0x80 and above, which need not be UTF-8.
struct Head {
  std::string method;  ///< upper case; a HEAD arrives as GET, because only the engine's answer to it differs
  std::string target;  ///< origin form, for example "/v1/accounts?limit=5", or "*"
  std::string path;    ///< the target before the first "?"
  std::string query;   ///< the target after the first "?", without it
  Headers headers;     ///< names in lower case, values without surrounding white space, in the order sent
  std::string peer_address;  ///< of the client; taken from X-Forwarded-For only behind a trusted proxy

  /// The first header of this name (given in lower case).
  std::optional<std::string_view> header(std::string_view name) const {
    auto found = std::ranges::find(headers, name, &Headers::value_type::first);
    if (found == headers.end()) return std::nullopt;
    return found->second;
  }
  /// Whether a header that has one meaning was sent twice.
  bool has_repeated(std::string_view name) const {
    return std::ranges::count(headers, name, &Headers::value_type::first) > 1;
  }
};

/// What a handler makes of a head alone, whenever it comes and whatever body follows. Clients repeat the
/// heads of their queries, byte for byte, and each repetition shares the reading of the first.
struct Reading {
  Reading() = default;
  virtual ~Reading() = default;
  Reading(const Reading&) = delete;
  Reading& operator=(const Reading&) = delete;
};

struct Request {
  std::shared_ptr<const Head> head;
  std::shared_ptr<const Reading> reading;  ///< the handler's own
  std::string body;                        ///< without transfer coding
  std::string
      request_id;  ///< the client's X-Request-Id where it is acceptable, else drawn; echoed in the answer
  std::chrono::steady_clock::time_point received{};  ///< when the last byte had come

  std::optional<std::string_view> header(std::string_view name) const { return head->header(name); }
  bool has_repeated(std::string_view name) const { return head->has_repeated(name); }
};

/// A stretch of an answer that has no length: what can be sent now, and whether it was the last.
struct Part {
  std::string bytes{};
  bool is_last = false;
};

/// An answer as far as it is the same each time that it is given, in the form in which it is sent.
struct Prepared {
  int status = 200;
  std::string bytes;           ///< the head from Content-Length to its empty line, and the body
  std::size_t head_bytes = 0;  ///< of those
};

/// What the handler answers. The engine adds Content-Length, Date, Connection and X-Request-Id, and the
/// security headers that the handler did not set itself.
struct Response {
  int status = 200;
  Headers headers{};
  std::string body{};
  bool close = false;  ///< close the connection after this answer
  /// Where set, the body goes on: asked for the next part as soon as the client has taken the last one, and a
  /// moment after one that was empty. Called by one thread at a time; must not wait.
  std::function<Part()> next_part{};
  /// Where set, it is the body and most of the head, and the others are what this one answer has beside it.
  std::shared_ptr<const Prepared> prepared{};
  /// Headers that each answer has for itself alone: lines with their ends, ready to be sent. What others said
  /// does not belong here, for nobody looks at them again.
  std::string own_lines{};
};

}  // namespace ttp::http
