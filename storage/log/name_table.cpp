#include "storage/log/name_table.hpp"

#include <bit>
#include <string>

#include <sodium.h>

namespace ttp::storage {

NameHasher::NameHasher() {
  static_assert(crypto_shorthash_siphashx24_KEYBYTES == sizeof key_ &&
                crypto_shorthash_siphashx24_BYTES == sizeof(NameHash));
  events::fill_random(key_);
}

NameHash NameHasher::operator()(std::string_view name) const {
  std::array<std::uint8_t, sizeof(NameHash)> bytes;
  crypto_shorthash_siphashx24(bytes.data(), events::as_bytes(name).data(), name.size(), key_.data());
  auto hash = std::bit_cast<NameHash>(bytes);
  hash.high |= 1;  // never the default, which means "no name"
  return hash;
}

NameHash NameHasher::operator()(std::string_view name_space, const events::Hash& key) const {
  std::string name{name_space};
  name += events::as_text(key);
  return (*this)(name);
}

}  // namespace ttp::storage
