// A table of millions of names in little memory: it stores a 128-bit keyed hash of each name instead of the
// name. The key is random for each table, so that nobody can prepare names that collide.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "events/bytes.hpp"

namespace ttp::storage {

/// The hash of a name; the default value means "no name".
struct NameHash {
  std::uint64_t high = 0, low = 0;
  friend bool operator==(const NameHash&, const NameHash&) = default;
};

class NameHasher {
 public:
  NameHasher();
  NameHash operator()(std::string_view name) const;
  /// The hash of a claim.
  NameHash operator()(std::string_view name_space, const events::Hash& key) const;

 private:
  std::array<std::uint8_t, 16> key_{};
};

template <class Value>
class NameTable {
 public:
  /// The name's value; a default value is inserted if there is none.
  Value& operator[](const NameHash& name) {
    if ((size_ + 1) * 4 > slots_.size() * 3) grow();
    Slot& slot = find_slot(slots_, name);
    if (slot.name == NameHash{}) {
      slot.name = name;
      ++size_;
    }
    return slot.value;
  }
  /// The name's value, or a default value if there is none.
  Value find(const NameHash& name) const { return slots_.empty() ? Value{} : find_slot(slots_, name).value; }
  std::size_t size() const { return size_; }

 private:
  struct Slot {
    NameHash name;
    Value value{};
  };

  /// The slot of the name, or the free slot where it would go.
  template <class Slots>
  static auto& find_slot(Slots& slots, const NameHash& name) {
    for (std::size_t at = name.low;; ++at) {
      auto& slot = slots[at & (slots.size() - 1)];
      if (slot.name == name || slot.name == NameHash{}) return slot;
    }
  }

  void grow() {
    std::vector<Slot> larger(slots_.empty() ? 1024 : slots_.size() * 2);
    for (const Slot& slot : slots_)
      if (slot.name != NameHash{}) find_slot(larger, slot.name) = slot;
    slots_ = std::move(larger);
  }

  std::vector<Slot> slots_;  // their number is a power of two
  std::size_t size_ = 0;
};

}  // namespace ttp::storage
