#include "storage/rocks/memory.hpp"

#include <rocksdb/cache.h>
#include <rocksdb/write_buffer_manager.h>

namespace ttp::storage {
namespace {

/// The bytes that one entry takes: a stream's name, its version and the overhead of the table.
constexpr std::size_t known_version_bytes = 192;

}  // namespace

Memory::Memory(const MemoryBounds& bounds)
    : blocks(rocksdb::NewLRUCache(bounds.blocks)),
      memtables(std::make_shared<rocksdb::WriteBufferManager>(bounds.memtables, blocks)),
      known_versions(bounds.known_versions / known_version_bytes) {}

}  // namespace ttp::storage
