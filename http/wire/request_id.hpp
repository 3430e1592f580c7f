// Identifiers of requests: the rule for accepting a client's, and drawing new ones.
#pragma once

#include <string>
#include <string_view>

namespace ttp::http {

/// Whether a client's X-Request-Id is echoed: up to 64 letters, digits, dots, underscores and dashes.
bool is_request_id(std::string_view text);
/// Sets `id` to 32 hexadecimal digits. Duplicates are unlikely; the digits are not a secret.
void draw_request_id(std::string& id);

}  // namespace ttp::http
