#include "events/seal.hpp"

#include <sodium.h>

namespace ttp::events {

// stored: never change (data sealed today must open in ten years)
constexpr std::size_t nonce_bytes = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
constexpr std::size_t tag_bytes = crypto_aead_xchacha20poly1305_ietf_ABYTES;
static_assert(nonce_bytes + tag_bytes == seal_overhead_bytes);
static_assert(sizeof(DataKey) == crypto_aead_xchacha20poly1305_ietf_KEYBYTES);

std::string seal(const DataKey& key, std::string_view aad, std::string_view plain) {
  std::string sealed(seal_overhead_bytes + plain.size(), '\0');
  auto* nonce = reinterpret_cast<unsigned char*>(sealed.data());
  fill_random({nonce, nonce_bytes});
  crypto_aead_xchacha20poly1305_ietf_encrypt(nonce + nonce_bytes, nullptr, as_bytes(plain).data(),
                                             plain.size(), as_bytes(aad).data(), aad.size(), nullptr, nonce,
                                             key.data());
  return sealed;
}

std::string unseal(const DataKey& key, std::string_view aad, std::string_view sealed) {
  if (sealed.size() < seal_overhead_bytes) throw Damaged("a sealed text is cut short");
  std::string plain(sealed.size() - seal_overhead_bytes, '\0');
  const auto* nonce = as_bytes(sealed).data();
  const int failed = crypto_aead_xchacha20poly1305_ietf_decrypt(
      reinterpret_cast<unsigned char*>(plain.data()), nullptr, nullptr, nonce + nonce_bytes,
      sealed.size() - nonce_bytes, as_bytes(aad).data(), aad.size(), nonce, key.data());
  if (failed != 0) throw Damaged("a sealed text does not open: another key, another place, or changed bytes");
  return plain;
}

}  // namespace ttp::events
