// A request and a response as the handler sees them: plain values, independent of sockets and of the HTTP
// library.
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

/// The head of a request whose framing was checked. Texts are as sent: the reader of a segment decodes its
/// percent-encoding, and a header's value may hold bytes of 0x80 and above, which may be invalid UTF-8.
struct RequestHead {
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
  /// Whether a header that must be unique was sent twice.
  bool has_repeated(std::string_view name) const {
    return std::ranges::count(headers, name, &Headers::value_type::first) > 1;
  }
};

/// The handler's decoded form of a head, independent of time and body. Clients repeat the heads of their
/// queries byte for byte, and all repetitions share the decoded form of the first.
struct DecodedHead {
  DecodedHead() = default;
  virtual ~DecodedHead() = default;
  DecodedHead(const DecodedHead&) = delete;
  DecodedHead& operator=(const DecodedHead&) = delete;
};

struct Request {
  std::shared_ptr<const RequestHead> head;
  std::shared_ptr<const DecodedHead> decoded;  ///< made by the handler
  std::string body;                            ///< without transfer coding
  std::string
      request_id;  ///< the client's X-Request-Id if it is acceptable, else drawn; echoed in the answer
  std::chrono::steady_clock::time_point received{};  ///< when the last byte arrived

  std::optional<std::string_view> header(std::string_view name) const { return head->header(name); }
  bool has_repeated(std::string_view name) const { return head->has_repeated(name); }
};

/// A part of an answer without a length: the bytes to send now, and whether it is the last part.
struct Part {
  std::string bytes{};
  bool is_last = false;
};

/// The constant part of an answer that is given often, as the bytes to send.
struct Prepared {
  int status = 200;
  std::string bytes;           ///< the head from Content-Length to its empty line, and the body
  std::size_t head_bytes = 0;  ///< the size of the head within `bytes`
};

/// The handler's answer. The engine adds Content-Length, Date, Connection and X-Request-Id, and the security
/// headers that the handler did not set.
struct Response {
  int status = 200;
  Headers headers{};
  std::string body{};
  bool close = false;  ///< close the connection after this answer
  /// If set, the body continues: it returns the next part. It is called once the client has taken the
  /// previous part, and a moment after an empty one. One thread calls it at a time; it must not block.
  std::function<Part()> next_part{};
  /// If set, it holds the body and most of the head; the other members then only add to it.
  std::shared_ptr<const Prepared> prepared{};
  /// Headers of this one answer: complete lines, ready to send. They are not checked, so they must not
  /// contain text from others.
  std::string own_lines{};
};

}  // namespace ttp::http
