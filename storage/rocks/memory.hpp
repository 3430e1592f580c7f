// The memory that the stores of one process share, each part within a bound.
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
  /// Blocks of table files, their indexes and filters; and the memtables, which are charged to it.
  std::size_t blocks = std::size_t{32} * 1024 * 1024;
  std::size_t memtables = std::size_t{16} * 1024 * 1024;      ///< of the blocks' share
  std::size_t made_rows = std::size_t{16} * 1024 * 1024;      ///< what readers made of the views' rows
  std::size_t known_versions = std::size_t{1} * 1024 * 1024;  ///< of streams
};

/// Copies are the same memory.
struct Memory {
  explicit Memory(const MemoryBounds& bounds = {});

  std::shared_ptr<rocksdb::Cache> blocks;
  std::shared_ptr<rocksdb::WriteBufferManager> memtables;
  std::shared_ptr<rocksdb::Cache> made_rows;
  std::size_t known_versions;  ///< how many
};

}  // namespace ttp::storage
