// Where a shared log's database is: a libpq connection string, and the rule that nothing crosses a network in
// clear.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ttp::storage::postgres {

/// One server to try, as libpq's keywords and values.
using Server = std::vector<std::pair<std::string, std::string>>;

/// Reads a libpq connection string or URI, with one entry for each host in it. On a Unix socket the operating
/// system protects the connection. Every other host is reached by TLS alone, with its certificate and name
/// checked (`sslmode=verify-full`) and at least TLS 1.3 unless the string says another version. Throws
/// std::invalid_argument for a string that libpq does not understand or that asks for less; the message
/// never has a password.
std::vector<Server> servers_of(std::string_view connection);

}  // namespace ttp::storage::postgres
