#include "storage/tree/proofs.hpp"

#include <algorithm>
#include <bit>
#include <charconv>
#include <stdexcept>

#include <fmt/format.h>

#include "storage/tree/signed_note.hpp"

namespace ttp::storage {
namespace {

using events::Damaged;
using events::Hash;

constexpr std::string_view receipt_mark = "c2sp.org/tlog-proof@v1";
constexpr unsigned levels = 64;

/// The leaves of a node's left half: the largest power of two below `count`, which is at least 2.
std::uint64_t left_half(std::uint64_t count) {
  return std::bit_floor(count - 1);
}

template <class Number>
std::optional<Number> number_of(std::string_view text) {
  Number value{};
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (fault != std::errc{} || end != text.data() + text.size() || std::to_string(value) != text)
    return std::nullopt;
  return value;
}

std::string grouped(std::uint64_t index) {
  std::string text = fmt::format("{:03}", index % 1000);
  for (index /= 1000; index > 0; index /= 1000) text = fmt::format("x{:03}/{}", index % 1000, text);
  return text;
}

std::string with_width(std::string path, unsigned width) {
  return width == tile_width ? path : fmt::format("{}.p/{}", path, width);
}

}  // namespace

std::vector<Hash> inclusion_proof(Position index, Position size, const TileReader& tile) {
  if (index >= size) throw std::out_of_range("the tree has no leaf of this index");
  std::vector<Hash> from_the_root;
  Position first = 0;
  for (Position count = size; count > 1;) {
    const Position left = left_half(count);
    if (index < first + left) {
      from_the_root.push_back(root_of_range(first + left, count - left, tile));
      count = left;
    } else {
      from_the_root.push_back(root_of_range(first, left, tile));
      first += left;
      count -= left;
    }
  }
  return {from_the_root.rbegin(), from_the_root.rend()};
}

std::vector<Hash> consistency_proof(Position old_size, Position new_size, const TileReader& tile) {
  if (old_size > new_size) throw std::out_of_range("the tree is not that large");
  if (old_size == 0 || old_size == new_size) return {};
  std::vector<Hash> from_the_root;
  Position first = 0;
  Position count = new_size;
  while (first + count != old_size) {
    const Position left = left_half(count);
    if (old_size <= first + left) {
      from_the_root.push_back(root_of_range(first + left, count - left, tile));
      count = left;
    } else {
      from_the_root.push_back(root_of_range(first, left, tile));
      first += left;
      count -= left;
    }
  }
  // If the old tree is a subtree of the new one, its root is known; otherwise the proof begins with the
  // subtree where the two begin to differ.
  if (first > 0) from_the_root.push_back(root_of_range(first, count, tile));
  return {from_the_root.rbegin(), from_the_root.rend()};
}

bool verify_inclusion(Position index, Position size, const Hash& leaf, std::span<const Hash> proof,
                      const Hash& root) {
  if (index >= size) return false;
  Position at = index;
  Position last = size - 1;
  Hash hash = leaf;
  for (const Hash& sibling : proof) {
    if (last == 0) return false;
    if ((at & 1) != 0 || at == last) {
      hash = hash_node(sibling, hash);
      while ((at & 1) == 0 && at != 0) at >>= 1, last >>= 1;
    } else {
      hash = hash_node(hash, sibling);
    }
    at >>= 1;
    last >>= 1;
  }
  return last == 0 && hash == root;
}

bool verify_consistency(Position old_size, const Hash& old_root, Position new_size, const Hash& new_root,
                        std::span<const Hash> proof) {
  if (old_size > new_size) return false;
  if (old_size == new_size) return proof.empty() && old_root == new_root;
  if (old_size == 0) return proof.empty();
  std::vector<Hash> path(proof.begin(), proof.end());
  if (std::has_single_bit(old_size)) path.insert(path.begin(), old_root);
  if (path.empty()) return false;
  Position at = old_size - 1;
  Position last = new_size - 1;
  while ((at & 1) != 0) at >>= 1, last >>= 1;
  Hash old_hash = path.front();
  Hash new_hash = path.front();
  for (const Hash& hash : std::span{path}.subspan(1)) {
    if (last == 0) return false;
    if ((at & 1) != 0 || at == last) {
      old_hash = hash_node(hash, old_hash);
      new_hash = hash_node(hash, new_hash);
      while ((at & 1) == 0 && at != 0) at >>= 1, last >>= 1;
    } else {
      new_hash = hash_node(new_hash, hash);
    }
    at >>= 1;
    last >>= 1;
  }
  return last == 0 && old_hash == old_root && new_hash == new_root;
}

std::string tile_path(unsigned level, std::uint64_t index, unsigned width) {
  return with_width(fmt::format("tile/{}/{}", level, grouped(index)), width);
}

std::string entries_path(std::uint64_t index, unsigned width) {
  return with_width("tile/entries/" + grouped(index), width);
}

std::optional<TileName> parse_tile_path(std::string_view path) {
  constexpr std::string_view prefix = "tile/";
  if (!path.starts_with(prefix)) return std::nullopt;
  std::string_view rest = path.substr(prefix.size());
  const std::string_view kind = rest.substr(0, rest.find('/'));
  rest.remove_prefix(std::min(rest.size(), kind.size() + 1));
  TileName name;
  if (kind != "entries") {
    name.level = number_of<unsigned>(kind);
    if (!name.level || *name.level >= levels) return std::nullopt;
  }
  name.width = tile_width;
  if (const auto partial = rest.find(".p/"); partial != std::string_view::npos) {
    const auto width = number_of<unsigned>(rest.substr(partial + 3));
    if (!width || *width == 0 || *width >= tile_width) return std::nullopt;
    name.width = *width;
    rest = rest.substr(0, partial);
  }
  constexpr std::size_t digits_max = 18;  // more than any log has tiles
  std::string digits;
  for (const char c : rest)
    if (c >= '0' && c <= '9') digits += c;
  if (digits.empty() || digits.size() > digits_max) return std::nullopt;
  std::from_chars(digits.data(), digits.data() + digits.size(), name.index);
  // Each tile has exactly one path: any other spelling is refused here.
  const std::string again =
      name.level ? tile_path(*name.level, name.index, name.width) : entries_path(name.index, name.width);
  return again == path ? std::optional{name} : std::nullopt;
}

void put_entry(std::string& bundle, const StoredEvent& event) {
  events::put_be16(bundle, static_cast<std::uint16_t>(8 + event.envelope.size()));
  events::put_be64(bundle, event.version);
  bundle += event.envelope;
}

std::string receipt(Position index, std::span<const Hash> proof, std::string_view checkpoint_note) {
  std::string text = fmt::format("{}\nindex {}\n", receipt_mark, index);
  for (const Hash& hash : proof) text += events::to_base64(events::as_text(hash)) + "\n";
  return text + "\n" + std::string{checkpoint_note};
}

Receipt open_receipt(std::string_view text) {
  Receipt opened;
  std::string_view rest = text;
  if (take_line(rest) != receipt_mark) throw Damaged{"this is not a receipt"};
  const std::string index = take_line(rest);
  const auto number =
      index.starts_with("index ") ? number_of<Position>(std::string_view{index}.substr(6)) : std::nullopt;
  if (!number) throw Damaged{"a receipt's second line must name the index"};
  opened.index = *number;
  for (std::string line = take_line(rest); !line.empty(); line = take_line(rest)) {
    const auto bytes = events::from_base64(line);
    if (!bytes || bytes->size() != sizeof(Hash)) throw Damaged{"a receipt has a line that is no hash"};
    std::ranges::copy(events::as_bytes(*bytes), opened.proof.emplace_back().begin());
  }
  opened.checkpoint_note = rest;
  return opened;
}

}  // namespace ttp::storage
