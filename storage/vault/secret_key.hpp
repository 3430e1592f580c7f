// Keys of 32 bytes that are wiped from memory when they are destroyed. Each use has its own type, so that
// keys cannot be confused.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

#include "events/bytes.hpp"

namespace ttp::storage {

/// Overwrites the bytes in a way that the compiler does not remove.
void wipe(std::span<std::uint8_t> bytes) noexcept;

template <class Tag>
struct Key32 {
  std::array<std::uint8_t, 32> bytes{};

  Key32() = default;
  explicit Key32(const std::array<std::uint8_t, 32>& value) : bytes(value) {}
  Key32(const Key32&) = default;
  Key32& operator=(const Key32&) = default;
  ~Key32() { wipe(bytes); }
  std::string_view view() const { return events::as_text(bytes); }
  friend bool operator==(const Key32&, const Key32&) = default;
};

/// The key that wraps every other key of the vault. It is kept outside the data directory and its backups.
using MasterKey = Key32<struct MasterKeyTag>;
/// A key that the service uses for one purpose, for example "activation_code" or "checkpoint_signing".
using SecretKey = Key32<struct SecretKeyTag>;

}  // namespace ttp::storage
