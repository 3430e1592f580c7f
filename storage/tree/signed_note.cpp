#include "storage/tree/signed_note.hpp"

#include <algorithm>
#include <stdexcept>

#include <fmt/format.h>
#include <sodium.h>

namespace ttp::storage {
namespace {

using events::Damaged;

// ---- fixed by C2SP (signed-note): never change -----------------------------------------------------------
constexpr std::string_view signature_mark = "\xE2\x80\x94 ";  // em dash, space
constexpr char ed25519_type = 0x01;
constexpr std::size_t key_id_bytes = 4;
constexpr std::size_t signature_bytes = crypto_sign_BYTES;

bool is_key_name(std::string_view name) {
  return !name.empty() && std::ranges::all_of(name, [](char c) { return c > ' ' && c <= '~' && c != '+'; });
}

/// The first four bytes of SHA-256(name || newline || type || public key).
std::string key_id(const Verifier& verifier) {
  std::string input = verifier.name;
  input.append("\n").append(1, ed25519_type).append(events::as_text(verifier.key));
  return std::string{events::as_text(events::sha256(input)).substr(0, key_id_bytes)};
}
// ---- end of what is fixed --------------------------------------------------------------------------------

/// A pair of keys, which is wiped at its end.
struct KeyPair {
  explicit KeyPair(const SecretKey& seed) {
    crypto_sign_seed_keypair(open.data(), secret.data(), seed.bytes.data());
  }
  ~KeyPair() { wipe(secret); }
  KeyPair(const KeyPair&) = delete;
  KeyPair& operator=(const KeyPair&) = delete;

  VerifyingKey open{};
  std::array<std::uint8_t, crypto_sign_SECRETKEYBYTES> secret{};
};

/// Whether the signature line is by this key. Throws Damaged for a line that is no signature line, and for a
/// wrong signature by this key.
bool signed_by(const std::string& line, std::string_view text, const Verifier& verifier) {
  const auto space = line.rfind(' ');
  if (!line.starts_with(signature_mark) || space < signature_mark.size())
    throw Damaged("a signed note has a line that is no signature");
  const auto blob = events::from_base64(std::string_view{line}.substr(space + 1));
  if (!blob || blob->size() < key_id_bytes) throw Damaged("a signed note has a signature that is not base64");
  const auto signer = std::string_view{line}.substr(signature_mark.size(), space - signature_mark.size());
  if (signer != verifier.name || blob->substr(0, key_id_bytes) != key_id(verifier)) return false;
  const auto signature = blob->substr(key_id_bytes);
  if (signature.size() != signature_bytes ||
      crypto_sign_verify_detached(events::as_bytes(signature).data(), events::as_bytes(text).data(),
                                  text.size(), verifier.key.data()) != 0)
    throw Damaged("a note's signature is wrong");
  return true;
}

}  // namespace

VerifyingKey verifying_key(const SecretKey& seed) {
  return KeyPair{seed}.open;
}

std::string to_text(const Verifier& verifier) {
  const std::string typed_key = std::string(1, ed25519_type).append(events::as_text(verifier.key));
  return fmt::format("{}+{}+{}", verifier.name, events::to_hex(key_id(verifier)),
                     events::to_base64(typed_key));
}

Verifier parse_verifier(std::string_view text) {
  Verifier verifier;
  // Base64 can contain plus signs, the name cannot.
  const auto first = text.find('+');
  const auto second = text.find('+', first == std::string_view::npos ? first : first + 1);
  if (second == std::string_view::npos) throw Damaged("a verifier key is name+id+key");
  verifier.name = text.substr(0, first);
  const auto typed_key = events::from_base64(text.substr(second + 1));
  if (!typed_key || typed_key->size() != 1 + verifier.key.size() || typed_key->front() != ed25519_type)
    throw Damaged("a verifier key must hold an Ed25519 key");
  std::ranges::copy(events::as_bytes(*typed_key).subspan(1), verifier.key.begin());
  if (to_text(verifier) != text) throw Damaged("a verifier key's id is not that of its key");
  return verifier;
}

std::string sign_note(std::string_view text, std::string_view name, std::span<const SecretKey> seeds) {
  if (!is_key_name(name))
    throw std::invalid_argument("a log's origin must be printable ASCII without spaces and plus signs");
  std::string note = fmt::format("{}\n", text);
  for (const SecretKey& seed : seeds) {
    const KeyPair keys{seed};
    std::array<std::uint8_t, signature_bytes> signature;
    crypto_sign_detached(signature.data(), nullptr, events::as_bytes(text).data(), text.size(),
                         keys.secret.data());
    const auto blob = key_id({std::string{name}, keys.open}).append(events::as_text(signature));
    note += fmt::format("{}{} {}\n", signature_mark, name, events::to_base64(blob));
  }
  return note;
}

std::string open_note(std::string_view note, std::span<const Verifier> verifiers) {
  const auto gap = note.rfind("\n\n");
  if (gap == std::string_view::npos) throw Damaged("a signed note has no signatures");
  const auto text = note.substr(0, gap + 1);
  bool found = false;
  for (auto rest = note.substr(gap + 2); !rest.empty();) {
    const std::string line = take_line(rest);
    for (const Verifier& verifier : verifiers) found |= signed_by(line, text, verifier);
  }
  if (!found) throw Damaged("the note is not signed with the log's key");
  return std::string{text};
}

std::string take_line(std::string_view& text) {
  const auto end = text.find('\n');
  if (end == std::string_view::npos) throw Damaged("a signed note has a line without an end");
  std::string line{text.substr(0, end)};
  text.remove_prefix(end + 1);
  return line;
}

}  // namespace ttp::storage
