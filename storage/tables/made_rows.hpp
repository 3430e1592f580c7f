// What readers made of a view's rows, kept within a bound until the row changes. For view_store.cpp alone.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "storage/tables/view_store.hpp"

namespace rocksdb {
class Cache;
}

namespace ttp::storage {

class MadeRows {
 public:
  explicit MadeRows(std::shared_ptr<rocksdb::Cache> cache) : cache_(std::move(cache)) {}

  /// A row by its family's number, which no later family gets again, and its key.
  static std::string name(std::uint32_t family, std::string_view key);

  std::optional<Made> find(const std::string& name) const;
  /// To be taken before the row is read.
  std::uint64_t ticket(const std::string& name) const;
  /// Keeps what was made of a row, unless some row changed since the ticket that may have been this one.
  void keep(const std::string& name, const Made& made, std::size_t row_bytes, std::uint64_t ticket);
  /// The row is written: forgets what was made of it, or keeps what is made of it now.
  void changed(const std::string& name, const Made& made, std::size_t row_bytes);
  /// Any row of the family may have been written: forgets what was made of them.
  void forget(std::uint32_t family);

 private:
  struct Stripe {
    mutable std::mutex mutex;
    std::uint64_t changes = 0;
  };
  Stripe& stripe(const std::string& name) const;
  void insert(const std::string& name, const Made& made, std::size_t row_bytes);

  std::shared_ptr<rocksdb::Cache> cache_;
  mutable std::array<Stripe, 64> stripes_;
};

}  // namespace ttp::storage
