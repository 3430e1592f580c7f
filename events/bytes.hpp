// Byte-level helpers: hashes, big-endian numbers, hexadecimal and base64, and the exception for stored bytes
// that are not as they were written.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>

namespace ttp::events {

using Hash = std::array<std::uint8_t, 32>;

/// Stored bytes that this program cannot have written, or that changed since. Readers stop here: they neither
/// guess nor skip anything.
struct Damaged : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// SHA-256 (FIPS 180-4).
Hash sha256(std::span<const std::uint8_t> bytes);
Hash sha256(std::string_view bytes);

/// SHA-256 over bytes that come in pieces.
class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(const Sha256&) = delete;
  Sha256& operator=(const Sha256&) = delete;

  void add(std::string_view piece);
  /// Call once, after the last piece.
  Hash finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// HMAC-SHA-256 (RFC 2104) under a key of 32 bytes.
Hash hmac_sha256(const Hash& key, std::string_view message);

/// Bytes from the operating system's generator, fit for keys and nonces.
void fill_random(std::span<std::uint8_t> bytes);

/// The length of the longest prefix without control characters (below 0x20) and without `others`.
template <char... others>
std::size_t plain_length(std::string_view text) {
  constexpr std::uint64_t each = 0x0101010101010101;
  // Sets a byte's highest bit if the byte is below `bound`, provided that the bit was clear before.
  constexpr auto less_than = [](std::uint64_t bytes, std::uint64_t bound) {
    return (bytes - each * bound) & ~bytes;
  };
  std::size_t length = 0;
  // Test eight characters at once, because most texts are plain.
  for (std::uint64_t eight = 0; length + sizeof eight <= text.size(); length += sizeof eight) {
    std::memcpy(&eight, text.data() + length, sizeof eight);
    const std::uint64_t found =
        (less_than(eight, 0x20) | ... | less_than(eight ^ each * static_cast<unsigned char>(others), 1));
    if ((found & each * 0x80) != 0) break;
  }
  constexpr auto is_plain = [](char c) {
    return static_cast<unsigned char>(c) >= 0x20 && (... && (c != others));
  };
  while (length < text.size() && is_plain(text[length])) ++length;
  return length;
}

/// Appends a number, most significant byte first, so that stored keys sort like the numbers in them.
void put_be16(std::string& out, std::uint16_t value);
void put_be32(std::string& out, std::uint32_t value);
void put_be64(std::string& out, std::uint64_t value);

/// Reads a number from the first bytes of `bytes`. Throws Damaged if there are too few.
std::uint16_t get_be16(std::string_view bytes);
std::uint32_t get_be32(std::string_view bytes);
std::uint64_t get_be64(std::string_view bytes);

/// Views bytes as characters, and characters as bytes; nothing is copied.
inline std::string_view as_text(std::span<const std::uint8_t> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}
inline std::span<const std::uint8_t> as_bytes(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

/// Lower-case hexadecimal. `from_hex` accepts upper case too; it returns nothing for any other character or
/// an odd length.
std::string to_hex(std::span<const std::uint8_t> bytes);
std::string to_hex(std::string_view bytes);
std::optional<std::string> from_hex(std::string_view text);

/// Base64 with padding (RFC 4648 section 4), and the URL alphabet without padding (section 5). Decoding is
/// strict: each value has one text, and any other text gives nothing. Only base64url is decoded in constant
/// time.
std::string to_base64(std::string_view bytes);
std::optional<std::string> from_base64(std::string_view text);
std::string to_base64url(std::string_view bytes);
std::optional<std::string> from_base64url(std::string_view text);

/// Whether two texts are equal. The time taken does not depend on where they differ.
bool equal_in_constant_time(std::string_view left, std::string_view right);

}  // namespace ttp::events
