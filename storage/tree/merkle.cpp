#include "storage/tree/merkle.hpp"

#include <algorithm>
#include <string>

namespace ttp::storage {
namespace {

using events::Hash;

constexpr unsigned level_bits = 8;  // 256 hashes to a tile

/// How many hashes `level` has in a tree of `size` leaves: one per full tile of the level below.
std::uint64_t hashes_at(unsigned level, std::uint64_t size) {
  return level * level_bits < 64 ? size >> (level * level_bits) : 0;
}

}  // namespace

Hash hash_leaf(std::uint64_t version, std::string_view envelope) {
  std::string front(1, '\x00');
  events::put_be64(front, version);
  events::Sha256 hash;
  hash.add(front);
  hash.add(envelope);
  return hash.finish();
}

Hash hash_node(const Hash& left, const Hash& right) {
  std::array<std::uint8_t, 65> input;
  input[0] = 0x01;
  std::ranges::copy(left, input.begin() + 1);
  std::ranges::copy(right, input.begin() + 33);
  return events::sha256(std::span<const std::uint8_t>{input});
}

Hash merkle_root(std::span<const Hash> leaves) {
  Frontier frontier;
  for (const auto& leaf : leaves) frontier.push(leaf);
  return frontier.root();
}

void Frontier::push_subtree(const Hash& root, std::uint64_t leaves) {
  Hash joined = root;
  for (std::uint64_t width = leaves; (size_ & width) != 0; width <<= 1) {
    joined = hash_node(peaks_.back(), joined);
    peaks_.pop_back();
  }
  peaks_.push_back(joined);
  size_ += leaves;
}

Hash Frontier::root() const {
  if (peaks_.empty()) return events::sha256(std::string_view{});
  Hash root = peaks_.back();
  for (std::size_t i = peaks_.size() - 1; i-- > 0;) root = hash_node(peaks_[i], root);
  return root;
}

void TileEdge::push(const Hash& leaf, std::vector<FullTile>& filled) {
  frontier_.push(leaf);
  put(0, leaf, filled);
}

void TileEdge::push_tile(std::vector<Hash> leaves, const Hash& root, std::vector<FullTile>& filled) {
  frontier_.push_subtree(root, tile_width);
  filled.push_back({0, hashes_at(1, size()) - 1, std::move(leaves)});
  put(1, root, filled);
}

void TileEdge::put(unsigned level, Hash hash, std::vector<FullTile>& filled) {
  for (;; ++level) {
    if (partial_.size() <= level) partial_.resize(level + 1);
    auto& tile = partial_[level];
    tile.push_back(hash);
    if (tile.size() < tile_width) return;
    hash = merkle_root(tile);
    filled.push_back({level, hashes_at(level + 1, size()) - 1, std::move(tile)});
    tile.clear();
  }
}

bool TileEdge::holds(unsigned level, std::uint64_t index) const {
  return index == hashes_at(level + 1, size());
}

bool TileEdge::beyond(unsigned level, std::uint64_t index) const {
  return index > hashes_at(level + 1, size());
}

std::span<const Hash> TileEdge::hashes(unsigned level) const {
  return level < partial_.size() ? std::span<const Hash>{partial_[level]} : std::span<const Hash>{};
}

TileEdge TileEdge::rebuild(std::uint64_t size, const FullTileReader& full_tile,
                           std::span<const Hash> last_leaves) {
  if (last_leaves.size() != size % tile_width) throw events::Damaged("the last leaves are not all there");
  TileEdge edge;
  edge.partial_.emplace_back(last_leaves.begin(), last_leaves.end());
  for (unsigned level = 1; hashes_at(level, size) > 0; ++level) {
    const std::uint64_t count = hashes_at(level, size);
    auto& tile = edge.partial_.emplace_back();
    for (std::uint64_t i = count - count % tile_width; i < count; ++i)
      tile.push_back(merkle_root(full_tile(level - 1, i)));
  }
  for (unsigned level = static_cast<unsigned>(edge.partial_.size()); level-- > 0;)
    for (const auto& hash : edge.partial_[level])
      edge.frontier_.push_subtree(hash, std::uint64_t{1} << (level * level_bits));
  return edge;
}

Hash root_of_range(std::uint64_t first, std::uint64_t count, const TileReader& tile) {
  Frontier frontier;
  std::vector<Hash> hashes;
  unsigned loaded_level = ~0u;
  for (unsigned height = 64; height-- > 0;) {
    const std::uint64_t leaves = std::uint64_t{1} << height;
    if ((count & leaves) == 0) continue;
    // The subtree's hashes are adjacent in the one tile of their level that reaches the end of the range.
    const unsigned level = height / level_bits;
    const std::uint64_t begin = hashes_at(level, first + frontier.size());
    if (level != loaded_level) hashes = tile(level, begin / tile_width);
    loaded_level = level;
    const std::size_t start = begin % tile_width;
    const std::size_t width = std::size_t{1} << (height % level_bits);
    if (start + width > hashes.size()) throw events::Damaged("a Merkle tile is shorter than the log");
    frontier.push_subtree(merkle_root(std::span{hashes}.subspan(start, width)), leaves);
  }
  return frontier.root();
}

Hash root_from_tiles(std::uint64_t size, const TileReader& tile) {
  return root_of_range(0, size, tile);
}

}  // namespace ttp::storage
