#include "storage/memory.hpp"

#include <rocksdb/cache.h>
#include <rocksdb/write_buffer_manager.h>

namespace ttp::storage {

Memory::Memory(const MemoryBounds& bounds)
    : blocks(rocksdb::NewLRUCache(bounds.blocks)),
      memtables(std::make_shared<rocksdb::WriteBufferManager>(bounds.memtables, blocks)),
      made_rows(rocksdb::NewLRUCache(bounds.made_rows)) {}

}  // namespace ttp::storage
