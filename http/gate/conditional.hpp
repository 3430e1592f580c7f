// Conditional requests (RFC 9110): entity tags, If-Match and If-None-Match.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "domain/decision.hpp"
#include "http/wire/message.hpp"

namespace ttp::http {

/// The entity tag of an answer: the version of the one thing it shows, for If-Match, and a hash of its bytes,
/// for If-None-Match. The bytes are needed because the answer also depends on the caller and on the time.
std::string entity_tag(std::optional<std::uint64_t> version, std::string_view body);

/// Whether the client already has this answer (weak comparison). Only the first tags of a long list are
/// compared.
bool has_it_already(const Request& request, std::string_view tag);

/// The response with its tag, or a 304 if the client has it.
Response tagged(const Request& request, Response response, std::string tag);

/// The version that If-Match names: one strong entity tag that begins with the version's digits, or "*" for
/// any. Any other value names a version that nothing ever has.
std::optional<domain::SeenVersion> if_match(const Request& request);

}  // namespace ttp::http
