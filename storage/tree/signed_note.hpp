// Signed notes (C2SP signed-note): a text, a blank line, and signatures by named Ed25519 keys. Checkpoints
// and the manifests of exports are such notes; anybody can check them with public tools.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "events/bytes.hpp"
#include "storage/vault/secret_key.hpp"

namespace ttp::storage {

/// An Ed25519 public key.
using VerifyingKey = std::array<std::uint8_t, 32>;

/// The public half of the key pair that `seed` generates.
VerifyingKey verifying_key(const SecretKey& seed);

/// A key with its name, which for a log is its origin: a URL without scheme, spaces and plus signs.
struct Verifier {
  std::string name;
  VerifyingKey key{};
  friend bool operator==(const Verifier&, const Verifier&) = default;
};

/// The key as other tools take it: "name+hex(key id)+base64(0x01 || public key)".
std::string to_text(const Verifier& verifier);
/// Reads that text. Throws events::Damaged for any other text and for a key id that does not match the key.
Verifier parse_verifier(std::string_view text);

/// The note: `text`, which ends with a newline, and a signature by each seed under `name`. Throws
/// std::invalid_argument for a name that no key can have.
std::string sign_note(std::string_view text, std::string_view name, std::span<const SecretKey> seeds);

/// The text of a note that one of the verifiers signed; signatures of other keys are ignored. Throws
/// events::Damaged if it is not a note, no verifier signed it, or a signature by one of them is wrong.
std::string open_note(std::string_view note, std::span<const Verifier> verifiers);

/// Removes the first line and returns it without its newline. Throws events::Damaged if there is no newline.
std::string take_line(std::string_view& text);

}  // namespace ttp::storage
