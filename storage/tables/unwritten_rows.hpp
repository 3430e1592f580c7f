// The rows that are committed to a view store and not yet written to its database, for view_store.cpp alone:
// those that gather, and those that are being written. Not locked: the store's lock guards it.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "storage/tables/view_store.hpp"

namespace ttp::storage {

class UnwrittenRows {
 public:
  using Row = ViewBatch::Row;
  using Rows = std::map<std::string, Row, std::less<>>;       ///< by key
  using Families = std::map<std::string, Rows, std::less<>>;  ///< by name
  using Listed = std::vector<std::pair<std::string, Row>>;

  /// A row of the family takes the place of an earlier one.
  void put(const std::string& family, std::string key, Row row);
  /// The newest of that key, or nullptr.
  const Row* find(std::string_view family, std::string_view key) const;
  /// Upwards, those that start with `prefix`, from the first at or after `from` on.
  Listed from(std::string_view family, std::string_view from, std::string_view prefix) const;
  /// Downwards, those that start with `prefix`, from the last at or before `from` on (empty: from the last).
  Listed back_from(std::string_view family, std::string_view from, std::string_view prefix) const;

  std::size_t gathered() const { return gathered_; }
  /// What has gathered is being written from here on; nothing else may be. Readers still find it.
  const Families& begin_writing();
  /// It is written; returned, so that it can be thrown away without the lock.
  Families end_writing() { return std::exchange(writing_, {}); }
  void forget(std::string_view family);

 private:
  Listed within(std::string_view family, std::string_view first, std::string_view prefix) const;

  Families gathering_, writing_;
  std::size_t gathered_ = 0;  ///< rows
};

}  // namespace ttp::storage
