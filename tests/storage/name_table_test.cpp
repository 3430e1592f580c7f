// The table of names in which verification counts streams, commands and claims.
#include "storage/log/name_table.hpp"

#include <map>
#include <random>
#include <string>

#include <gtest/gtest.h>

namespace {

using namespace ttp::storage;

TEST(NameTable, is_a_map_whatever_it_grows_to) {
  const NameHasher hash;
  NameTable<std::uint64_t> table;
  std::map<std::string, std::uint64_t> map;
  std::mt19937 dice{20'261'124};
  for (int step = 0; step < 20'000; ++step) {
    const std::string name = "stream-" + std::to_string(dice() % 5000);
    EXPECT_EQ(table.find(hash(name)), map.contains(name) ? map[name] : 0);
    table[hash(name)] += 1;
    map[name] += 1;
  }
  EXPECT_EQ(table.size(), map.size());
  for (const auto& [name, count] : map) EXPECT_EQ(table.find(hash(name)), count);
  EXPECT_EQ(table.find(hash("unknown")), 0u);
}

TEST(NameTable, a_claim_is_not_confused_with_another_or_with_a_name) {
  const NameHasher hash;
  ttp::events::Hash key{};
  EXPECT_NE(hash("urn", key), hash("user_name", key));
  EXPECT_EQ(hash("urn", key), hash("urn", key));
  key[31] = 1;
  EXPECT_NE(hash("urn", key), hash("urn", ttp::events::Hash{}));
  EXPECT_NE(hash("urn"), hash("urn", ttp::events::Hash{}));
}

TEST(NameTable, nobody_can_prepare_names_because_each_hasher_has_its_own_key) {
  EXPECT_NE(NameHasher{}("a"), NameHasher{}("a"));
}

}  // namespace
