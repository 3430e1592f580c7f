// Snapshots on the disk: one sealed row per aggregate, in a separate database that can be deleted at any
// time. The reader checks that a row agrees with the log (snapshots.hpp).
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "domain/time.hpp"
#include "events/bytes.hpp"
#include "events/codec.hpp"
#include "snapshots/cache.hpp"
#include "snapshots/snapshot.hpp"
#include "storage/tables/view_store.hpp"

namespace ttp::snapshots {

/// The header of a row. It is not encrypted, and the sealed state is bound to it.
struct StoredHeader {
  std::uint64_t shape = 0;  ///< fingerprint of the state's form and of the rules that fold it
  std::uint64_t version = 0;
  std::uint64_t position = 0;
  domain::Time changed_at{};
  events::Hash leaf{};  ///< leaf hash of the event at `position`
};

struct StoredRow {
  StoredHeader header;
  std::string bytes;  ///< the whole row
};

/// The bytes of a row; nothing if a key is gone.
template <class State>
std::optional<std::string> encode_row(const Snapshot<State>& snapshot, const domain::Uuid& id,
                                      const events::Hash& leaf, const events::FindSubjectKey& find_key);
/// Throws events::Damaged.
StoredRow decode_header(std::string bytes);
/// The snapshot of a row; nothing if a key is gone. Throws events::Damaged.
template <class State>
std::optional<Snapshot<State>> decode_row(const StoredRow& row, const domain::Uuid& id,
                                          const events::FindSubjectKey& find_key);
/// The `shape` of rows that this version writes.
template <class State>
std::uint64_t shape_of_today();

inline constexpr std::string_view rows_family = "snapshots";

}  // namespace ttp::snapshots
