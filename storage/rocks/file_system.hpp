// The file system under our RocksDB databases. It reports the first fault of each file, and it holds the
// fault of a write back until the file is synced or closed. The reason: Debian builds RocksDB with
// assertions, and one of them ends the process when a file is used again after a failed write; a failed sync
// is returned to the caller instead. docs/decisions/026-faults-of-the-disk.md explains why this keeps
// durability honest.
#pragma once

#include <memory>

namespace rocksdb {
class Env;
class FileSystem;
}  // namespace rocksdb

namespace ttp::storage::rocks {

/// Wraps a file system; the wrapper shares its ownership.
std::shared_ptr<rocksdb::FileSystem> faults_held_back(std::shared_ptr<rocksdb::FileSystem> files);

/// The environment in which databases are opened: the wrapped files of the machine.
std::shared_ptr<rocksdb::Env> environment();
/// For tests: databases that are opened from now on use these files (null: the machine's), wrapped.
void lay_databases_in(std::shared_ptr<rocksdb::FileSystem> files);

}  // namespace ttp::storage::rocks
