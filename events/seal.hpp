// Sealing: authenticated encryption of data that only some may read (personal fields under their person's
// key, keys under the master key). Such data is erased by destroying its key.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "events/bytes.hpp"

namespace ttp::events {

using DataKey = std::array<std::uint8_t, 32>;

/// Sealing adds a nonce of 24 bytes in front and a tag of 16 behind.
inline constexpr std::size_t seal_overhead_bytes = 24 + 16;

/// XChaCha20-Poly1305 under a fresh random nonce: nonce || ciphertext || tag. `aad` names the place where the
/// sealed text belongs; it is not stored, and opening requires the same `aad`.
std::string seal(const DataKey& key, std::string_view aad, std::string_view plain);

/// Throws Damaged if the key, the `aad` or a bit of the text differs.
std::string unseal(const DataKey& key, std::string_view aad, std::string_view sealed);

}  // namespace ttp::events
