// The file system under our RocksDB databases. It tells the first fault of each file, and it keeps the fault
// of a write until the file is synced or closed. RocksDB as Debian builds it has its assertions on, and one
// of them ends the process where a file is used again after a failed write; a failed sync it hands to its
// caller. docs/decisions/026-faults-of-the-disk.md says why that is no lie about durability.
#pragma once

#include <memory>

namespace rocksdb {
class Env;
class FileSystem;
}  // namespace rocksdb

namespace ttp::storage::rocks {

/// Wraps a file system; the result also owns it.
std::shared_ptr<rocksdb::FileSystem> faults_held_back(std::shared_ptr<rocksdb::FileSystem> files);

/// The environment in which databases are opened: the machine's files, wrapped.
std::shared_ptr<rocksdb::Env> environment();
/// For tests: databases that are opened from now on lie in these files (null: the machine's), wrapped.
void lay_databases_in(std::shared_ptr<rocksdb::FileSystem> files);

}  // namespace ttp::storage::rocks
