// The mathematics of the log's Merkle tree (RFC 6962 hashing, C2SP tlog-tiles layout), without a database.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string_view>
#include <vector>

#include "events/bytes.hpp"

namespace ttp::storage {

inline constexpr std::uint64_t tile_width = 256;

/// SHA-256(0x00 || be64(version) || envelope): the leaf of one event.
events::Hash hash_leaf(std::uint64_t version, std::string_view envelope);
/// SHA-256(0x01 || left || right).
events::Hash hash_node(const events::Hash& left, const events::Hash& right);
/// The root by RFC 6962 section 2.1 over leaves in memory; without leaves, the SHA-256 of no bytes.
events::Hash merkle_root(std::span<const events::Hash> leaves);

/// The right edge of a growing tree: one hash per perfect subtree, largest first. An append costs two hashes
/// on average, the root at most one per subtree.
class Frontier {
 public:
  void push(const events::Hash& leaf) { push_subtree(leaf, 1); }
  /// Adds a perfect subtree of `leaves` leaves (a power of two) by its root; the size so far must be a
  /// multiple of it.
  void push_subtree(const events::Hash& root, std::uint64_t leaves);
  std::uint64_t size() const { return size_; }
  events::Hash root() const;

 private:
  std::uint64_t size_ = 0;
  std::vector<events::Hash> peaks_;
};

/// A tile that has become full.
struct FullTile {
  unsigned level = 0;
  std::uint64_t index = 0;
  std::vector<events::Hash> hashes;
};

/// The tiles at the right edge that are not full yet, one per level, with the frontier.
class TileEdge {
 public:
  /// Adds a leaf hash; tiles that it fills are appended to `filled`.
  void push(const events::Hash& leaf, std::vector<FullTile>& filled);
  /// Adds a full tile of leaves at once, whose root the caller knows; the size so far must be a multiple of
  /// the tile width.
  void push_tile(std::vector<events::Hash> leaves, const events::Hash& root, std::vector<FullTile>& filled);
  std::uint64_t size() const { return frontier_.size(); }
  events::Hash root() const { return frontier_.root(); }
  /// Whether the tile is the unfinished one of its level.
  bool holds(unsigned level, std::uint64_t index) const;
  /// Whether the tile lies to the right of the unfinished one.
  bool beyond(unsigned level, std::uint64_t index) const;
  /// The hashes of the unfinished tile at `level`; may be empty.
  std::span<const events::Hash> hashes(unsigned level) const;

  /// Reads a full tile that was stored before.
  using FullTileReader = std::function<std::vector<events::Hash>(unsigned level, std::uint64_t index)>;
  /// The edge of a tree of `size` leaves: from the full tiles and the last `size` % 256 leaf hashes.
  static TileEdge rebuild(std::uint64_t size, const FullTileReader& full_tile,
                          std::span<const events::Hash> last_leaves);

 private:
  /// Adds a hash to the unfinished tile of a level; a tile that becomes full adds its root to the level
  /// above.
  void put(unsigned level, events::Hash hash, std::vector<FullTile>& filled);

  Frontier frontier_;
  std::vector<std::vector<events::Hash>> partial_;
};

/// Reads a tile, full or at the edge.
using TileReader = std::function<std::vector<events::Hash>(unsigned level, std::uint64_t index)>;
/// The root over `count` leaves from `first` on. The range must be a node of the tree: `first` is a multiple
/// of a power of two not below `count`. It reads at most eight tiles, and of them only the hashes of the
/// range: a tile may have grown since.
events::Hash root_of_range(std::uint64_t first, std::uint64_t count, const TileReader& tile);
/// The root over the first `size` leaves.
events::Hash root_from_tiles(std::uint64_t size, const TileReader& tile);

}  // namespace ttp::storage
