// Compares two families row by row, in one frozen state of the store.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "storage/tables/view_store.hpp"

namespace ttp::projections {

/// The result of a comparison of the rows that serve with the rebuilt rows.
struct Comparison {
  std::uint64_t rows_live = 0;
  std::uint64_t rows_rebuilt = 0;
  std::optional<std::string> first_difference;  ///< a key, in hexadecimal
  /// The reason why the view that serves could not be read; then nothing is compared.
  std::optional<std::string> live_unreadable{};
  bool equal() const { return !first_difference && !live_unreadable; }
};

/// Throws events::Damaged if the rebuilt family cannot be read, and std::invalid_argument if one of the
/// families is dropped meanwhile.
Comparison compare(const storage::ViewStore& store, const std::string& live, const std::string& rebuilt,
                   const storage::ViewStore::FrozenRows& frozen);

/// Reads every row of a family and returns their number. Throws events::Damaged.
std::uint64_t read_all(const storage::ViewStore& store, const std::string& family);

}  // namespace ttp::projections
