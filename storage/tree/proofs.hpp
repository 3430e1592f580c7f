// Proofs about the log's tree for a reader who has only a signed checkpoint: an event is in the tree
// (inclusion), a later tree extends an earlier one (consistency). Also the formats in which they are sent:
// tlog-tiles paths and the receipt (C2SP tlog-proof).
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "events/bytes.hpp"
#include "storage/log/log.hpp"
#include "storage/tree/merkle.hpp"

namespace ttp::storage {

/// RFC 6962 section 2.1.1: the hashes that lead from the leaf at `index` to the root over `size` leaves, the
/// leaf's sibling first. Throws std::out_of_range unless `index` < `size`.
std::vector<events::Hash> inclusion_proof(Position index, Position size, const TileReader& tile);
/// RFC 6962 section 2.1.2. The proof is empty if the sizes are equal or the old tree is empty. Throws
/// std::out_of_range unless `old_size` <= `new_size`.
std::vector<events::Hash> consistency_proof(Position old_size, Position new_size, const TileReader& tile);

/// RFC 9162 section 2.1.3.2.
bool verify_inclusion(Position index, Position size, const events::Hash& leaf,
                      std::span<const events::Hash> proof, const events::Hash& root);
/// RFC 9162 section 2.1.4.2; every tree is consistent with an empty one.
bool verify_consistency(Position old_size, const events::Hash& old_root, Position new_size,
                        const events::Hash& new_root, std::span<const events::Hash> proof);

/// The path of a tile of hashes, for example "tile/0/x001/x234/067.p/112"; without ".p/..." at full width.
std::string tile_path(unsigned level, std::uint64_t index, unsigned width);
/// The path of a bundle of entries: "tile/entries/...".
std::string entries_path(std::uint64_t index, unsigned width);

/// The parts of such a path.
struct TileName {
  std::optional<unsigned> level;  ///< nothing: entries
  std::uint64_t index = 0;
  unsigned width = 0;
  friend bool operator==(const TileName&, const TileName&) = default;
};
/// Accepts exactly the paths that the two functions above return.
std::optional<TileName> parse_tile_path(std::string_view path);

/// Appends an event to an entry bundle: be16 length, be64 version, envelope.
void put_entry(std::string& bundle, const StoredEvent& event);

/// c2sp.org/tlog-proof@v1: the complete proof of one event as a text.
std::string receipt(Position index, std::span<const events::Hash> proof, std::string_view checkpoint_note);

struct Receipt {
  Position index = 0;
  std::vector<events::Hash> proof;
  std::string checkpoint_note;
};
/// Reads a receipt. Throws events::Damaged for any other text. The note in it is not checked yet.
Receipt open_receipt(std::string_view text);

}  // namespace ttp::storage
