// Small questions about texts of a request: parts, surrounding white space, letter case, numbers.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ttp::http {

/// The parts between separators; one part where there is no separator.
std::vector<std::string_view> split(std::string_view text, char separator);

/// Without the spaces and tabs around it.
std::string_view trimmed(std::string_view text);

/// ASCII letters in lower case, all other bytes as they are.
std::string lower_case(std::string_view text);

/// A whole number in decimal digits and nothing else, of at most 64 bits.
std::optional<std::uint64_t> parse_number(std::string_view text);

/// Appends a text and a number, without a detour.
void add_number(std::string& line, std::string_view before, std::uint64_t number);

}  // namespace ttp::http
