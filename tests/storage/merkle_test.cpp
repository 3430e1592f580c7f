// The tree's mathematics against a literal implementation of RFC 6962 section 2.1.
#include "storage/tree/merkle.hpp"

#include <algorithm>
#include <map>

#include <gtest/gtest.h>

#include "storage/support.hpp"

namespace ttp::storage {
namespace {

using events::Hash;

std::vector<Hash> some_leaves(std::uint64_t count) {
  std::vector<Hash> leaves;
  for (std::uint64_t i = 0; i < count; ++i) leaves.push_back(hash_leaf(i, "leaf"));
  return leaves;
}

Hash root_by_definition(std::span<const Hash> leaves) {
  if (leaves.empty()) return events::sha256(std::string_view{});
  if (leaves.size() == 1) return leaves.front();
  std::size_t left = 1;
  while (left * 2 < leaves.size()) left *= 2;
  return hash_node(root_by_definition(leaves.first(left)), root_by_definition(leaves.subspan(left)));
}

/// A tree as the log stores it: the edge in memory, and the full tiles in a store.
struct Tree {
  TileEdge edge;
  std::map<std::pair<unsigned, std::uint64_t>, std::vector<Hash>> full;

  void push(const Hash& leaf) {
    std::vector<FullTile> filled;
    edge.push(leaf, filled);
    for (auto& tile : filled) full[{tile.level, tile.index}] = std::move(tile.hashes);
  }
  std::vector<Hash> tile(unsigned level, std::uint64_t index) const {
    if (!edge.holds(level, index)) return full.at({level, index});
    const auto hashes = edge.hashes(level);
    return {hashes.begin(), hashes.end()};
  }
};

TEST(Merkle, a_leaf_is_the_hash_of_a_zero_the_version_and_the_envelope) {
  EXPECT_EQ(events::to_hex(hash_leaf(1, "one")),
            events::to_hex(events::sha256(std::string_view{"\0\0\0\0\0\0\0\0\1one", 12})));
}

TEST(Merkle, the_root_of_three_leaves_is_what_another_program_computed) {
  const std::vector leaves{hash_leaf(1, "one"), hash_leaf(2, "two"), hash_leaf(3, "three")};
  EXPECT_EQ(events::to_hex(merkle_root(leaves)),
            "526cf1f7db26602d443f7ea6b04f203413f84853f9ae8557fc6f58f8160d44ad");
}

TEST(Merkle, the_edge_gives_the_root_of_every_size_and_can_be_rebuilt_at_each) {
  const auto leaves = some_leaves(1100);
  Tree tree;
  for (std::size_t size = 0; size <= leaves.size(); ++size) {
    if (size > 0) tree.push(leaves[size - 1]);
    const auto root = root_by_definition(std::span{leaves}.first(size));
    ASSERT_EQ(tree.edge.root(), root) << size;
    const auto last = std::span{leaves}.subspan(size - size % tile_width, size % tile_width);
    auto rebuilt = TileEdge::rebuild(
        size, [&](unsigned level, std::uint64_t index) { return tree.full.at({level, index}); }, last);
    ASSERT_EQ(rebuilt.size(), size);
    ASSERT_EQ(rebuilt.root(), root) << size;
    Tree grown{rebuilt, tree.full};
    for (auto i = size; i < std::min(size + 300, leaves.size()); i += 1) grown.push(leaves[i]);
    ASSERT_EQ(grown.edge.root(),
              root_by_definition(std::span{leaves}.first(std::min(size + 300, leaves.size()))));
  }
}

TEST(Merkle, the_root_of_every_earlier_size_comes_from_the_tiles) {
  const auto leaves = some_leaves(1100);
  Tree tree;
  for (const auto& leaf : leaves) tree.push(leaf);
  const auto tile = [&](unsigned level, std::uint64_t index) { return tree.tile(level, index); };
  for (std::size_t size = 0; size <= leaves.size(); ++size)
    ASSERT_EQ(root_from_tiles(size, tile), root_by_definition(std::span{leaves}.first(size))) << size;
}

TEST(Merkle, seventy_thousand_leaves_make_the_tiles_that_the_specification_counts) {
  const auto leaves = some_leaves(70'000);
  Tree tree;
  for (const auto& leaf : leaves) tree.push(leaf);
  EXPECT_EQ(tree.tile(0, 273).size(), 112u);
  EXPECT_EQ(tree.tile(1, 0).size(), 256u);
  EXPECT_EQ(tree.tile(1, 1).size(), 17u);
  EXPECT_EQ(tree.tile(2, 0).size(), 1u);
  const auto tile = [&](unsigned level, std::uint64_t index) { return tree.tile(level, index); };
  for (const std::size_t size : {65'535u, 65'536u, 65'537u, 69'999u, 70'000u})
    EXPECT_EQ(root_from_tiles(size, tile), root_by_definition(std::span{leaves}.first(size))) << size;
  const auto last = std::span{leaves}.subspan(70'000 - 112);
  EXPECT_EQ(TileEdge::rebuild(
                70'000, [&](unsigned l, std::uint64_t i) { return tree.full.at({l, i}); }, last)
                .root(),
            tree.edge.root());
}

TEST(Merkle, a_tile_that_is_too_short_is_damage) {
  const auto short_tile = [](unsigned, std::uint64_t) { return some_leaves(2); };
  EXPECT_THROW(root_from_tiles(3, short_tile), events::Damaged);
  EXPECT_THROW(TileEdge::rebuild(3, short_tile, some_leaves(2)), events::Damaged);
}

}  // namespace
}  // namespace ttp::storage
