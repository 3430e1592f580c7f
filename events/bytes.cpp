#include "events/bytes.hpp"

#include <algorithm>
#include <array>
#include <memory>

// The OpenSSL 1.1 interface, because later ones deprecate direct SHA-256.
#define OPENSSL_API_COMPAT 0x10100000L
#include <openssl/evp.h>
#include <openssl/sha.h>
#include <sodium.h>
#include <sodium/randombytes_internal_random.h>

namespace ttp::events {
namespace {

/// Initialises libsodium, which must happen once before several threads use its generator. Selects
/// libsodium's own generator (ChaCha20, keyed by the kernel), which needs no system call for each draw.
void start_sodium() {
  static const bool started =
      randombytes_set_implementation(&randombytes_internal_implementation) == 0 && sodium_init() >= 0;
  if (!started) throw std::runtime_error("the cryptographic library did not start");
}

/// A thread's buffer of random bytes. Drawing many bytes at once saves the system call by which the generator
/// detects a fork. Bytes that were given out are wiped from the buffer.
class DrawnAhead {
 public:
  ~DrawnAhead() { sodium_memzero(bytes_.data(), bytes_.size()); }

  void fill(std::span<std::uint8_t> wanted) {
    start_sodium();
    if (wanted.size() > bytes_.size()) return randombytes_buf(wanted.data(), wanted.size());
    if (wanted.size() > left_) {
      randombytes_buf(bytes_.data(), bytes_.size());
      left_ = bytes_.size();
    }
    const auto given = std::span{bytes_}.subspan(left_ - wanted.size(), wanted.size());
    std::ranges::copy(given, wanted.begin());
    sodium_memzero(given.data(), given.size());
    left_ -= wanted.size();
  }

 private:
  std::array<std::uint8_t, 1024> bytes_{};
  std::size_t left_ = 0;  ///< unused bytes, at the front of the buffer
};

template <class Number>
void put_big_endian(std::string& out, Number value) {
  std::array<char, sizeof(Number)> bytes;
  for (std::size_t i = 0; i < bytes.size(); ++i)
    bytes[i] = static_cast<char>(static_cast<std::uint8_t>(value >> (8 * (bytes.size() - 1 - i))));
  out.append(bytes.data(), bytes.size());
}

template <class Number>
Number get_big_endian(std::string_view bytes) {
  if (bytes.size() < sizeof(Number)) throw Damaged("a stored number is cut short");
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < sizeof(Number); ++i) value = value << 8 | static_cast<std::uint8_t>(bytes[i]);
  return static_cast<Number>(value);
}

/// The encoding of tokens: no padding, in constant time.
constexpr int base64url = sodium_base64_VARIANT_URLSAFE_NO_PADDING;

constexpr std::uint8_t no_base64 = 0xff;
/// The six bits that each character of the alphabet stands for. The time of a lookup depends on the
/// character, so use this for public data only, such as ciphertext.
constexpr auto base64_values = [] {
  constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::array<std::uint8_t, 256> values{};
  values.fill(no_base64);
  for (std::size_t i = 0; i < alphabet.size(); ++i)
    values[static_cast<std::uint8_t>(alphabet[i])] = static_cast<std::uint8_t>(i);
  return values;
}();

std::uint8_t base64_value(char c) {
  return base64_values[static_cast<std::uint8_t>(c)];
}

/// SHA-256 by OpenSSL's direct interface. OpenSSL uses the processor's SHA instructions; its general EVP
/// interface would allocate for each hash.
class HashState {
 public:
  HashState() { need(SHA256_Init(&context_)); }
  void add(std::string_view bytes) { need(SHA256_Update(&context_, bytes.data(), bytes.size())); }
  Hash finish() {
    Hash hash;
    need(SHA256_Final(hash.data(), &context_));
    return hash;
  }

 private:
  static void need(int done) {
    if (done != 1) throw std::runtime_error("the cryptographic library could not hash");
  }

  SHA256_CTX context_;
};

}  // namespace

Hash sha256(std::span<const std::uint8_t> bytes) {
  return sha256(as_text(bytes));
}

Hash sha256(std::string_view bytes) {
  HashState state;
  state.add(bytes);
  return state.finish();
}

struct Sha256::State : HashState {};

Sha256::Sha256() : state_(std::make_unique<State>()) {}
Sha256::~Sha256() = default;

void Sha256::add(std::string_view piece) {
  state_->add(piece);
}
Hash Sha256::finish() {
  return state_->finish();
}

/// RFC 2104, built on HashState because OpenSSL's own HMAC sets up a general context for each message.
Hash hmac_sha256(const Hash& key, std::string_view message) {
  std::array<std::uint8_t, SHA256_CBLOCK> pad;
  const auto begin = [&](std::uint8_t filler) {
    pad.fill(filler);
    for (std::size_t i = 0; i < key.size(); ++i) pad[i] ^= key[i];
    HashState state;
    state.add(as_text(pad));
    return state;
  };
  constexpr std::uint8_t inner_pad = 0x36;
  constexpr std::uint8_t outer_pad = 0x5c;
  HashState inner = begin(inner_pad);
  inner.add(message);
  HashState outer = begin(outer_pad);
  outer.add(as_text(inner.finish()));
  sodium_memzero(pad.data(), pad.size());
  return outer.finish();
}

void fill_random(std::span<std::uint8_t> bytes) {
  thread_local DrawnAhead drawn;
  drawn.fill(bytes);
}

void put_be16(std::string& out, std::uint16_t value) {
  put_big_endian(out, value);
}
void put_be32(std::string& out, std::uint32_t value) {
  put_big_endian(out, value);
}
void put_be64(std::string& out, std::uint64_t value) {
  put_big_endian(out, value);
}

std::uint16_t get_be16(std::string_view bytes) {
  return get_big_endian<std::uint16_t>(bytes);
}
std::uint32_t get_be32(std::string_view bytes) {
  return get_big_endian<std::uint32_t>(bytes);
}
std::uint64_t get_be64(std::string_view bytes) {
  return get_big_endian<std::uint64_t>(bytes);
}

std::string to_hex(std::span<const std::uint8_t> bytes) {
  std::string text(bytes.size() * 2 + 1, '\0');
  sodium_bin2hex(text.data(), text.size(), bytes.data(), bytes.size());
  text.pop_back();  // the terminating zero
  return text;
}

std::string to_hex(std::string_view bytes) {
  return to_hex(as_bytes(bytes));
}

std::optional<std::string> from_hex(std::string_view text) {
  std::string bytes(text.size() / 2, '\0');
  std::size_t length = 0;
  const char* end = nullptr;
  const int failed = sodium_hex2bin(reinterpret_cast<unsigned char*>(bytes.data()), bytes.size(), text.data(),
                                    text.size(), nullptr, &length, &end);
  if (failed != 0 || end != text.data() + text.size() || length != bytes.size()) return std::nullopt;
  return bytes;
}

std::string to_base64(std::string_view bytes) {
  std::string text((bytes.size() + 2) / 3 * 4 + 1, '\0');  // with the terminating zero
  EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()), as_bytes(bytes).data(),
                  static_cast<int>(bytes.size()));
  text.pop_back();
  return text;
}
std::optional<std::string> from_base64(std::string_view text) {
  if (text.size() % 4 != 0) return std::nullopt;
  const std::size_t padding = text.ends_with("==") ? 2 : text.ends_with('=') ? 1 : 0;
  std::string bytes(text.size() / 4 * 3, '\0');
  std::size_t length = 0;
  const std::size_t whole = padding == 0 ? text.size() : text.size() - 4;  // characters, four to three bytes
  unsigned all_values = 0;
  for (std::size_t i = 0; i < whole; i += 4) {
    const unsigned four[] = {base64_value(text[i]), base64_value(text[i + 1]), base64_value(text[i + 2]),
                             base64_value(text[i + 3])};
    all_values |= four[0] | four[1] | four[2] | four[3];
    bytes[length++] = static_cast<char>(four[0] << 2 | four[1] >> 4);
    bytes[length++] = static_cast<char>(four[1] << 4 | four[2] >> 2);
    bytes[length++] = static_cast<char>(four[2] << 6 | four[3]);
  }
  if (all_values > 63) return std::nullopt;
  std::uint32_t bits = 0;
  for (std::size_t i = whole; i < text.size() - padding; ++i) {
    const auto six = base64_value(text[i]);
    if (six == no_base64) return std::nullopt;
    bits = bits << 6 | six;
    if (i % 4 == 0) continue;
    const auto left = 6 - 2 * (i % 4);  // bits that belong to the next byte
    bytes[length++] = static_cast<char>(bits >> left);
    bits &= (1u << left) - 1;
  }
  if (padding != 0 && bits != 0) return std::nullopt;  // another text of the same value
  bytes.resize(length);
  return bytes;
}
std::string to_base64url(std::string_view bytes) {
  std::string text(sodium_base64_encoded_len(bytes.size(), base64url), '\0');
  sodium_bin2base64(text.data(), text.size(), as_bytes(bytes).data(), bytes.size(), base64url);
  text.pop_back();  // the terminating zero
  return text;
}
std::optional<std::string> from_base64url(std::string_view text) {
  std::string bytes(text.size() / 4 * 3 + 3, '\0');
  std::size_t length = 0;
  const char* end = nullptr;
  const int failed = sodium_base642bin(reinterpret_cast<unsigned char*>(bytes.data()), bytes.size(),
                                       text.data(), text.size(), nullptr, &length, &end, base64url);
  if (failed != 0 || end != text.data() + text.size()) return std::nullopt;
  bytes.resize(length);
  return bytes;
}

bool equal_in_constant_time(std::string_view left, std::string_view right) {
  return left.size() == right.size() && sodium_memcmp(left.data(), right.data(), left.size()) == 0;
}

}  // namespace ttp::events
