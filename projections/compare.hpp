// Compares two families row by row, as they stood at one moment.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "storage/tables/view_store.hpp"

namespace ttp::projections {

/// What a comparison found: whether the rows equal those that serve, and the first key that differs.
struct Comparison {
  std::uint64_t rows_live = 0;
  std::uint64_t rows_rebuilt = 0;
  std::optional<std::string> first_difference;  ///< a key, in hexadecimal
  /// Why the view that serves could not be read to its end; then nothing is compared.
  std::optional<std::string> live_unreadable{};
  bool equal() const { return !first_difference && !live_unreadable; }
};

/// Throws events::Damaged where the rebuilt family cannot be read, and std::invalid_argument where one of the
/// families is dropped meanwhile.
Comparison compare(const storage::ViewStore& store, const std::string& live, const std::string& rebuilt,
                   const storage::ViewStore::Moment& at);

/// Reads every row of a family; returns how many there are. Throws events::Damaged.
std::uint64_t read_all(const storage::ViewStore& store, const std::string& family);

}  // namespace ttp::projections
