// Opening the three RocksDB databases, and turning their bad statuses into exceptions. For the sources of
// this module alone.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "os/faults.hpp"
#include "storage/rocks/memory.hpp"

namespace rocksdb {
class ColumnFamilyHandle;
class DB;
class Env;
class Status;
struct ColumnFamilyOptions;
}  // namespace rocksdb

namespace ttp::storage::rocks {

/// Returns for a good status; throws events::Damaged for corruption and std::runtime_error for anything else.
void check(const rocksdb::Status& status, std::string_view doing);
/// The same; damage also begins the fault, if there is one.
void check(const rocksdb::Status& status, std::string_view doing, std::optional<os::Fault>& damage);

/// Whether the status says that another process holds the folder. RocksDB has no code for it, only a text.
bool is_lock(const rocksdb::Status& status);

using Family = std::shared_ptr<rocksdb::ColumnFamilyHandle>;

/// An open database. The handles in `families` must be gone before `db` is.
struct Database {
  Memory memory;
  std::shared_ptr<rocksdb::DB> db;
  std::map<std::string, Family, std::less<>> families;
  rocksdb::ColumnFamilyHandle* family(std::string_view name) const {
    return families.find(name)->second.get();
  }
};

/// The layout of the Bloom filters of a family's files.
enum class Filters {
  in_parts,  ///< each part is cached by itself
  whole,     ///< cheaper to ask; for small rows whose look-ups mostly find nothing
};

struct WantedFamily {
  std::string_view name;
  Filters filters = Filters::in_parts;
};

/// How opening treats a damaged write-ahead log. Both accept a torn last record, which a crash leaves.
enum class Damage {
  refuse,       ///< the database is synced: the damaged records were acknowledged
  keep_prefix,  ///< the database can be rebuilt: keep the records before the damage
};

/// How files that are no longer needed are deleted.
enum class Deletion {
  at_once,   ///< their content must be gone
  in_parts,  ///< slowly: on some file systems syncs wait while a large file's blocks are discarded
};

/// Opens the database in `dir` with the families that it has and those of `wanted`. If there is none, it is
/// created, accessible to its owner alone.
Database open(const std::filesystem::path& dir, std::span<const WantedFamily> wanted, Damage damage,
              Deletion deletion, const Memory& memory);

/// Opens the database `name` in the files of `env`, which no process may write. Its write-ahead log is read
/// into memory; the disk is not changed.
Database open_read_only(const std::string& name, const std::shared_ptr<rocksdb::Env>& env,
                        std::span<const WantedFamily> wanted);

rocksdb::ColumnFamilyOptions family_options(const Memory& memory, Filters filters = Filters::in_parts);
/// A handle that returns itself to its database when the last copy is destroyed.
Family own(const std::shared_ptr<rocksdb::DB>& db, rocksdb::ColumnFamilyHandle* handle);

}  // namespace ttp::storage::rocks
