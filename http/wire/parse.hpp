// Parses a whole message whose framing was checked.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "http/wire/limits.hpp"
#include "http/wire/message.hpp"

namespace ttp::http {

struct Message {
  RequestHead head;
  std::string body;  ///< without transfer coding
};

/// Returns nothing if the HTTP library reads the message differently from the framing guard.
std::optional<Message> parse(std::string_view message, const Limits& limits);

}  // namespace ttp::http
