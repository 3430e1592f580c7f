// Reads a whole message whose framing was checked.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "http/wire/limits.hpp"
#include "http/wire/message.hpp"

namespace ttp::http {

struct Message {
  Head head;
  std::string body;  ///< without transfer coding
};

/// Nothing where the HTTP library reads the message otherwise than the framing guard did.
std::optional<Message> parse(std::string_view message, const Limits& limits);

}  // namespace ttp::http
