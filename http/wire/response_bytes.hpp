// The bytes of an answer: its status line, the headers that every answer has, and its body.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "http/wire/message.hpp"
#include "http/wire/server.hpp"

namespace ttp::http {

/// Whether status and headers are valid to send.
bool is_sendable(const Response& response);

/// `close`: the answer announces the end of the connection. `head_only`: it answers a HEAD.
/// `strict_transport_security`: how long browsers must use TLS for this host and those below it.
std::string bytes_of(const Response& response, std::string_view request_id, bool close, bool head_only,
                     const std::optional<std::chrono::seconds>& strict_transport_security);

}  // namespace ttp::http
