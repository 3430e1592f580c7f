#include "storage/vault/secret_key.hpp"

#include <sodium.h>

namespace ttp::storage {

void wipe(std::span<std::uint8_t> bytes) noexcept {
  sodium_memzero(bytes.data(), bytes.size());
}

}  // namespace ttp::storage
