// The memory that the stores of one process share. Each part has a bound.
#pragma once

#include <cstddef>
#include <memory>

namespace rocksdb {
class Cache;
class WriteBufferManager;
}  // namespace rocksdb

namespace ttp::storage {

/// In bytes.
struct MemoryBounds {
  /// Blocks of table files with their indexes and filters; the memtables are charged to this bound, too.
  std::size_t blocks = std::size_t{32} * 1024 * 1024;
  std::size_t memtables = std::size_t{16} * 1024 * 1024;      ///< part of `blocks`
  std::size_t known_versions = std::size_t{1} * 1024 * 1024;  ///< cached versions of streams
};

/// Copies share the same memory.
struct Memory {
  explicit Memory(const MemoryBounds& bounds = {});

  std::shared_ptr<rocksdb::Cache> blocks;
  std::shared_ptr<rocksdb::WriteBufferManager> memtables;
  std::size_t known_versions;  ///< the number of cached versions
};

}  // namespace ttp::storage
