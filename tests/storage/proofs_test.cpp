// Proofs against the definitions of RFC 6962; everything that is not a proof is refused.
#include "storage/tree/proofs.hpp"

#include <algorithm>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include "storage/support.hpp"

namespace ttp::storage {
namespace {

using events::Hash;
using Hashes = std::vector<Hash>;

// ---- the definitions, word by word, over leaves in memory ------------------------------------------------

std::size_t split(std::size_t n) {
  std::size_t k = 1;
  while (k * 2 < n) k *= 2;
  return k;
}
Hash mth(std::span<const Hash> d) {
  if (d.empty()) return events::sha256(std::string_view{});
  if (d.size() == 1) return d[0];
  const std::size_t k = split(d.size());
  return hash_node(mth(d.first(k)), mth(d.subspan(k)));
}
Hashes path(std::size_t m, std::span<const Hash> d) {
  if (d.size() == 1) return {};
  const std::size_t k = split(d.size());
  Hashes proof = m < k ? path(m, d.first(k)) : path(m - k, d.subspan(k));
  proof.push_back(m < k ? mth(d.subspan(k)) : mth(d.first(k)));
  return proof;
}
Hashes subproof(std::size_t m, std::span<const Hash> d, bool whole) {
  if (m == d.size()) return whole ? Hashes{} : Hashes{mth(d)};
  const std::size_t k = split(d.size());
  Hashes proof = m <= k ? subproof(m, d.first(k), whole) : subproof(m - k, d.subspan(k), false);
  proof.push_back(m <= k ? mth(d.subspan(k)) : mth(d.first(k)));
  return proof;
}

// ---- a tree of tiles --------------------------------------------------------------------------------------

class Tree {
 public:
  explicit Tree(std::size_t size) {
    std::vector<FullTile> filled;
    for (std::size_t i = 0; i < size; ++i) {
      leaves.push_back(events::sha256("leaf " + std::to_string(i)));
      edge_.push(leaves.back(), filled);
    }
    for (FullTile& tile : filled) full_[{tile.level, tile.index}] = std::move(tile.hashes);
  }
  TileReader reader() const {
    return [this](unsigned level, std::uint64_t index) {
      const auto found = full_.find({level, index});
      if (found != full_.end()) return found->second;
      if (!edge_.holds(level, index)) throw std::out_of_range("no such tile");
      const auto hashes = edge_.hashes(level);
      return Hashes{hashes.begin(), hashes.end()};
    };
  }
  Hash root(std::size_t size) const { return mth(std::span{leaves}.first(size)); }

  Hashes leaves;

 private:
  TileEdge edge_;
  std::map<std::pair<unsigned, std::uint64_t>, Hashes> full_;
};

/// Trees that grow past one tile, two tiles and a tile of the next level.
const Tree& large() {
  static const Tree tree(66'000);
  return tree;
}

TEST(Proofs, of_the_known_tree_are_the_known_ones) {
  // The eight leaves of the tests of Certificate Transparency's implementations.
  const std::string inputs[] = {"",
                                std::string("\x00", 1),
                                "\x10",
                                "\x20\x21",
                                "\x30\x31",
                                "\x40\x41\x42\x43",
                                "\x50\x51\x52\x53\x54\x55\x56\x57",
                                "\x60\x61\x62\x63\x64\x65\x66\x67\x68\x69\x6a\x6b\x6c\x6d\x6e\x6f"};
  Hashes leaves;
  for (const std::string& input : inputs) leaves.push_back(events::sha256(std::string(1, '\0') + input));
  EXPECT_EQ(events::to_hex(events::as_text(merkle_root(leaves))),
            "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328");
  const TileReader tile = [&](unsigned, std::uint64_t) { return leaves; };
  const auto proof = inclusion_proof(0, 8, tile);
  ASSERT_EQ(proof.size(), 3u);
  EXPECT_EQ(events::to_hex(events::as_text(proof[0])),
            "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7");
  EXPECT_EQ(events::to_hex(events::as_text(proof[2])),
            "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4");
}

RC_GTEST_PROP(Proofs, are_those_of_the_definition, ()) {
  const auto& tree = large();
  const auto size = *rc::gen::inRange<std::size_t>(1, *rc::gen::element(9, 300, 1500));
  const auto index = *rc::gen::inRange<std::size_t>(0, size);
  const auto leaves = std::span{tree.leaves}.first(size);
  RC_ASSERT(inclusion_proof(index, size, tree.reader()) == path(index, leaves));
  RC_ASSERT(verify_inclusion(index, size, tree.leaves[index], path(index, leaves), tree.root(size)));
  const auto old_size = *rc::gen::inRange<std::size_t>(1, size + 1);
  const auto proof = consistency_proof(old_size, size, tree.reader());
  RC_ASSERT(proof == subproof(old_size, leaves, true));
  RC_ASSERT(verify_consistency(old_size, tree.root(old_size), size, tree.root(size), proof));
}

TEST(Proofs, hold_where_tiles_end) {
  const auto& tree = large();
  const std::size_t edges[] = {1, 2, 255, 256, 257, 511, 512, 513, 65'535, 65'536, 65'537, 66'000};
  for (const std::size_t size : edges) {
    for (const std::size_t smaller : edges) {
      if (smaller > size) continue;
      EXPECT_TRUE(verify_inclusion(smaller - 1, size, tree.leaves[smaller - 1],
                                   inclusion_proof(smaller - 1, size, tree.reader()), tree.root(size)));
      EXPECT_TRUE(verify_consistency(smaller, tree.root(smaller), size, tree.root(size),
                                     consistency_proof(smaller, size, tree.reader())));
    }
  }
}

RC_GTEST_PROP(Proofs, any_change_is_refused, ()) {
  const auto& tree = large();
  const auto size = *rc::gen::inRange<std::size_t>(2, 1500);
  const auto index = *rc::gen::inRange<std::size_t>(0, size);
  const Hash root = tree.root(size);
  const Hash leaf = tree.leaves[index];
  const auto good = inclusion_proof(index, size, tree.reader());
  auto bent = good;
  auto& hash = bent[*rc::gen::inRange<std::size_t>(0, bent.size())];
  hash[*rc::gen::inRange<std::size_t>(0, 32)] ^= 1;
  RC_ASSERT_FALSE(verify_inclusion(index, size, leaf, bent, root));
  bent = good;
  bent.pop_back();
  RC_ASSERT_FALSE(verify_inclusion(index, size, leaf, bent, root));
  bent = good;
  bent.push_back(root);
  RC_ASSERT_FALSE(verify_inclusion(index, size, leaf, bent, root));
  RC_ASSERT_FALSE(verify_inclusion(index == 0 ? 1 : index - 1, size, leaf, good, root));
  RC_ASSERT_FALSE(verify_inclusion(size, size, leaf, good, root));
  RC_ASSERT_FALSE(verify_inclusion(index, size, tree.leaves[size], good, root));

  const auto old_size = *rc::gen::inRange<std::size_t>(1, size);
  const auto extends = consistency_proof(old_size, size, tree.reader());
  auto lies = extends;
  lies[*rc::gen::inRange<std::size_t>(0, lies.size())][*rc::gen::inRange<std::size_t>(0, 32)] ^= 1;
  RC_ASSERT_FALSE(verify_consistency(old_size, tree.root(old_size), size, root, lies));
  RC_ASSERT_FALSE(verify_consistency(old_size, leaf, size, root, extends) && old_size != 1);
  RC_ASSERT_FALSE(verify_consistency(old_size, tree.root(old_size), size, tree.root(size + 1), extends));
  lies = extends;
  lies.pop_back();
  RC_ASSERT_FALSE(verify_consistency(old_size, tree.root(old_size), size, root, lies));
}

TEST(Proofs, of_missing_leaves_are_refused) {
  const auto tile = large().reader();
  EXPECT_THROW(inclusion_proof(5, 5, tile), std::out_of_range);
  EXPECT_THROW(consistency_proof(6, 5, tile), std::out_of_range);
  EXPECT_TRUE(consistency_proof(0, 5, tile).empty());
  EXPECT_TRUE(consistency_proof(5, 5, tile).empty());
  EXPECT_TRUE(verify_consistency(0, large().root(0), 5, large().root(5), {}));
  EXPECT_FALSE(verify_consistency(5, large().root(4), 5, large().root(5), {}));
}

TEST(TilePaths, are_those_of_the_specification) {
  EXPECT_EQ(tile_path(0, 1'234'067, 256), "tile/0/x001/x234/067");
  EXPECT_EQ(tile_path(2, 0, 1), "tile/2/000.p/1");
  EXPECT_EQ(entries_path(273, 112), "tile/entries/273.p/112");
  EXPECT_EQ(entries_path(1000, 256), "tile/entries/x001/000");
}

TEST(TilePaths, come_back) {
  for (const std::uint64_t index : {0u, 7u, 999u, 1000u, 1'234'067u, 999'999'999u})
    for (const unsigned width : {1u, 112u, 255u, 256u}) {
      EXPECT_EQ(parse_tile_path(tile_path(3, index, width)), (TileName{3u, index, width}));
      EXPECT_EQ(parse_tile_path(entries_path(index, width)), (TileName{std::nullopt, index, width}));
    }
}

TEST(TilePaths, of_any_other_form_are_refused) {
  for (const char* path : {"",
                           "tile",
                           "tile/",
                           "tile/0",
                           "tile/0/",
                           "tile/0/1",
                           "tile/0/0001",
                           "tile/0/x001",
                           "tile/0/x001/",
                           "tile/0/001/002",
                           "tile/0/x000/001",
                           "tile/00/001",
                           "tile/64/001",
                           "tile/-1/001",
                           "tile/0/001.p/0",
                           "tile/0/001.p/256",
                           "tile/0/001.p/01",
                           "tile/0/001.p",
                           "tile/0/001.p/",
                           "tile/0/001.p/1/",
                           "/tile/0/001",
                           "tile/entry/001",
                           "tile/entries/",
                           "tile/0/x999/x999/x999/x999/x999/x999/999",
                           "tile/0/0a1"})
    EXPECT_EQ(parse_tile_path(path), std::nullopt) << path;
}

TEST(Receipts, come_back_with_everything) {
  const Hashes proof{test::hash(1), test::hash(2)};
  const std::string text = receipt(41, proof, "the note\n\nand its signature\n");
  EXPECT_TRUE(text.starts_with("c2sp.org/tlog-proof@v1\nindex 41\nAQEB")) << text;
  const Receipt opened = open_receipt(text);
  EXPECT_EQ(opened.index, 41u);
  EXPECT_EQ(opened.proof, proof);
  EXPECT_EQ(opened.checkpoint_note, "the note\n\nand its signature\n");
}

TEST(Receipts, of_any_other_form_are_refused) {
  const std::string good = receipt(41, Hashes{test::hash(1)}, "note\n");
  const auto changed = [&](const std::string& from, const std::string& to) {
    std::string text = good;
    return text.replace(text.find(from), from.size(), to);
  };
  for (const std::string& text :
       {std::string{}, changed("@v1", "@v2"), changed("index 41", "index 041"), changed("index 41", "index"),
        changed("index 41", "index -1"), changed("index 41", "index 99999999999999999999"),
        changed("AQEB", "AQE"), changed("AQEB", "****"), good.substr(0, 40)})
    EXPECT_THROW(open_receipt(text), events::Damaged) << text;
}

}  // namespace
}  // namespace ttp::storage
