// Identifiers: sixteen bytes each (UUIDv7, RFC 9562), a distinct type per kind of thing, so that no call can
// swap an account for a user. An identifier is never a secret.
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace ttp::domain {

struct Uuid {
  std::array<std::uint8_t, 16> bytes{};
  friend auto operator<=>(const Uuid&, const Uuid&) = default;
  bool is_nil() const { return bytes == std::array<std::uint8_t, 16>{}; }
};

/// The canonical text: 36 characters, lower-case hexadecimal in 8-4-4-4-12 groups.
std::string to_text(const Uuid& uuid);
void append_text(std::string& out, const Uuid& uuid);
/// Reads the canonical text (upper case is forgiven); nothing for any other shape.
std::optional<Uuid> parse_uuid(std::string_view text);

template <class Tag>
struct Id {
  Uuid uuid;
  friend auto operator<=>(const Id&, const Id&) = default;
};

template <class Tag>
std::string to_text(const Id<Tag>& id) {
  return to_text(id.uuid);
}

using UserId = Id<struct UserTag>;
using AccountId = Id<struct AccountTag>;
using SignInId = Id<struct SignInTag>;
using SessionId = Id<struct SessionTag>;
using DeviceId = Id<struct DeviceTag>;
using CodeId = Id<struct CodeTag>;
using LetterId = Id<struct LetterTag>;
using CaseId = Id<struct CaseTag>;
using OfferId = Id<struct OfferTag>;
using ProposalId = Id<struct ProposalTag>;
using SubmissionId = Id<struct SubmissionTag>;
using CommandId = Id<struct CommandTag>;
/// Names a password verifier. Each attempt to set a password draws a fresh one, so only the accepted event
/// names the valid verifier.
using VerifierId = Id<struct VerifierTag>;

/// Older events name a verifier by the credential's version; this maps such a version to an id. Version 0
/// belongs to nobody.
inline VerifierId numbered_verifier(std::uint32_t version) {
  VerifierId id;
  for (std::size_t i = 0; i < 4; ++i) id.uuid.bytes[15 - i] = static_cast<std::uint8_t>(version >> (8 * i));
  return id;
}
inline std::optional<std::uint32_t> number_of(const VerifierId& id) {
  std::uint32_t number = 0;
  for (std::size_t i = 0; i < 12; ++i)
    if (id.uuid.bytes[i] != 0) return std::nullopt;
  for (std::size_t i = 12; i < 16; ++i) number = number << 8 | id.uuid.bytes[i];
  return number;
}

}  // namespace ttp::domain

template <>
struct std::hash<ttp::domain::Uuid> {
  std::size_t operator()(const ttp::domain::Uuid& uuid) const noexcept {
    std::uint64_t halves[2];
    std::memcpy(halves, uuid.bytes.data(), sizeof halves);
    const std::uint64_t mixed = (halves[0] ^ (halves[1] >> 32)) * 0x9e3779b97f4a7c15u + halves[1];
    return mixed ^ (mixed >> 32);
  }
};
template <class Tag>
struct std::hash<ttp::domain::Id<Tag>> {
  std::size_t operator()(const ttp::domain::Id<Tag>& id) const noexcept {
    return std::hash<ttp::domain::Uuid>{}(id.uuid);
  }
};
