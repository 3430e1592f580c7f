// Small helpers for the texts of a request: splitting, trimming, letter case, numbers.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ttp::http {

/// The parts between separators; one part if there is no separator.
std::vector<std::string_view> split(std::string_view text, char separator);

/// The text without surrounding spaces and tabs.
std::string_view trimmed(std::string_view text);

/// Converts ASCII letters to lower case and keeps all other bytes.
std::string lower_case(std::string_view text);

/// A whole number in decimal digits and nothing else, of at most 64 bits.
std::optional<std::uint64_t> parse_number(std::string_view text);

/// Appends a text and a number without a temporary string.
void add_number(std::string& line, std::string_view before, std::uint64_t number);

}  // namespace ttp::http
