#include "events/json.hpp"

#include <cstdint>
#include <cstring>

namespace ttp::events {
namespace {

bool is_written_as_it_is(char c) {
  return static_cast<unsigned char>(c) >= 0x20 && c != '"' && c != '\\';
}

/// The same of eight characters at once: a byte's highest bit is set where it is less than what is taken from
/// it, and was not set before.
bool are_written_as_they_are(std::uint64_t eight) {
  constexpr std::uint64_t each = 0x0101010101010101;
  const auto less_than = [](std::uint64_t bytes, std::uint64_t bound) {
    return (bytes - each * bound) & ~bytes;
  };
  const std::uint64_t found =
      less_than(eight, 0x20) | less_than(eight ^ each * '"', 1) | less_than(eight ^ each * '\\', 1);
  return (found & each * 0x80) == 0;
}

/// How many characters from the front on can be written as they are.
std::size_t plain_length(std::string_view text) {
  std::size_t length = 0;
  for (std::uint64_t eight = 0; length + sizeof eight <= text.size(); length += sizeof eight) {
    std::memcpy(&eight, text.data() + length, sizeof eight);
    if (!are_written_as_they_are(eight)) break;
  }
  while (length < text.size() && is_written_as_it_is(text[length])) ++length;
  return length;
}

void write_escaped(std::string& out, char c) {
  static constexpr std::string_view digits = "0123456789abcdef";
  switch (c) {
    case '"':
      out += "\\\"";
      break;
    case '\\':
      out += "\\\\";
      break;
    case '\n':
      out += "\\n";
      break;
    case '\r':
      out += "\\r";
      break;
    case '\t':
      out += "\\t";
      break;
    default:
      out += "\\u00";
      out += digits[static_cast<unsigned char>(c) >> 4];
      out += digits[c & 15];
  }
}

}  // namespace

void write_string(std::string& out, std::string_view text) {
  out += '"';
  while (!text.empty()) {
    // Most texts have nothing to escape and are taken over whole.
    const std::size_t plain = plain_length(text);
    out.append(text.substr(0, plain));
    text.remove_prefix(plain);
    if (text.empty()) break;
    write_escaped(out, text.front());
    text.remove_prefix(1);
  }
  out += '"';
}

}  // namespace ttp::events
