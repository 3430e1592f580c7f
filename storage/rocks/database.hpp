// What our three RocksDB databases have in common: how they are opened, and what a bad status means. For the
// sources of this module alone.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>

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

/// Whether it says, in its own words alone, that another process holds the folder.
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

/// How the filters of a family's files are kept, which tell what is not in a file.
enum class Filters {
  in_parts,  ///< which come and go in the cache one by one
  whole,     ///< which are asked at a third of the price; for small rows that are looked for in vain all the
             ///< time
};

struct WantedFamily {
  std::string_view name;
  Filters filters = Filters::in_parts;
};

/// What a damaged write-ahead log means at opening. Only a torn last record is the trace of a crash and is
/// forgiven by both.
enum class Damage {
  refuse,       ///< the database is synced: what is damaged was acknowledged
  keep_prefix,  ///< the database can be rebuilt: keep what stands before the damage
};

/// How files that are no longer needed are deleted.
enum class Deletion {
  at_once,   ///< what was in them shall be gone
  in_parts,  ///< one after the other: a file system that discards a large file's blocks lets syncs wait for
             ///< it
};

/// Opens the database in `dir` (made if need be, open to the owner alone) with the families that it has and
/// those of `wanted`.
Database open(const std::filesystem::path& dir, std::span<const WantedFamily> wanted, Damage damage,
              Deletion deletion, const Memory& memory);

/// Opens a database that nobody writes, `name` in the files that `env` shows. What its write-ahead log holds
/// is read into memory; the disk is left as it is.
Database open_read_only(const std::string& name, const std::shared_ptr<rocksdb::Env>& env,
                        std::span<const WantedFamily> wanted);

rocksdb::ColumnFamilyOptions family_options(const Memory& memory, Filters filters = Filters::in_parts);
/// A handle that goes back to its database.
Family own(const std::shared_ptr<rocksdb::DB>& db, rocksdb::ColumnFamilyHandle* handle);

}  // namespace ttp::storage::rocks
