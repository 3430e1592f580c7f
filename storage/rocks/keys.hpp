// The key layout of all databases. Numbers are big-endian, so that RocksDB's order of keys is their order.
//
// clang-format off
//   log/    events     position u64                   -> version u64 | envelope length u32 | envelope | body
//           streams    stream text | version u64      -> position u64
//           commands   command id, 16 bytes           -> first u64 | last u64 | fingerprint, 32 B | answer
//           claims     name space text | key, 32 bytes -> position of the claiming event u64 | owning stream
//           tiles      level u8 | index u64           -> 256 hashes of 32 bytes (full tiles only)
//           meta       "format" -> u32; "id" -> 16 bytes; "head" -> next u64 | sealed u8 | root, 32 bytes;
//                      "replica" -> number of the shared log's last append taken, u64; absent: the log stands alone
//   vault/  data_keys  subject                        -> key, wrapped
//           named_keys purpose                        -> key, wrapped
//                      purpose "#" 1, 2 ...           -> be64(ms since when it serves) key, wrapped
//           verifiers  user id, 16 bytes | verifier id, 16 bytes, or (earlier releases) version u32 -> number of the pepper (none: 0), PHC string; wrapped
//           notes      key                            -> value, as it is
//           meta       "format" -> u32; "known" -> known text, wrapped
//   views/  one family per projection version; keys and values are the projection's
// clang-format on
//
// A text is a length byte and its bytes, so that the keys of two streams never interleave.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "domain/ids.hpp"
#include "events/bytes.hpp"

namespace ttp::storage::keys {

// ---- stored: never change --------------------------------------------------------------------------------
inline constexpr std::uint32_t log_format = 1;
inline constexpr std::uint32_t vault_format = 1;

inline constexpr std::string_view events = "events", streams = "streams", commands = "commands",
                                  claims = "claims", tiles = "tiles", meta = "meta";
inline constexpr std::string_view data_keys = "data_keys", named_keys = "named_keys", verifiers = "verifiers",
                                  notes = "notes";
inline constexpr std::string_view meta_format = "format", meta_id = "id", meta_head = "head",
                                  meta_replica = "replica", meta_known = "known";

inline std::string text(std::string_view value) {
  return static_cast<char>(static_cast<std::uint8_t>(value.size())) + std::string{value};
}
inline std::string u32(std::uint32_t value) {
  std::string key;
  ttp::events::put_be32(key, value);
  return key;
}
inline std::string u64(std::uint64_t value) {
  std::string key;
  ttp::events::put_be64(key, value);
  return key;
}
inline std::string event(std::uint64_t position) {
  return u64(position);
}
inline std::string stream(std::string_view name, std::uint64_t version) {
  return text(name) + u64(version);
}
inline std::string command(const domain::CommandId& id) {
  return std::string{ttp::events::as_text(id.uuid.bytes)};
}
inline std::string claim(std::string_view name_space, const ttp::events::Hash& key) {
  return text(name_space).append(ttp::events::as_text(key));
}
inline std::string tile(unsigned level, std::uint64_t index) {
  return static_cast<char>(level) + u64(index);
}
inline std::string verifiers_of(const domain::UserId& user) {
  return std::string{ttp::events::as_text(user.uuid.bytes)};
}
inline std::string verifier(const domain::UserId& user, const domain::VerifierId& id) {
  const auto number = domain::number_of(id);
  return verifiers_of(user).append(number ? u32(*number) : ttp::events::as_text(id.uuid.bytes));
}
// ---- end of what is stored --------------------------------------------------------------------------------

}  // namespace ttp::storage::keys
