// Writes the changes of one view family to sorted files, which RocksDB then ingests. Changes come in parts,
// from any thread, and become visible all at once. For view_store.cpp alone.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "os/mutex.hpp"
#include "os/scratch.hpp"
#include "storage/rocks/database.hpp"
#include "storage/tables/view_store.hpp"

namespace ttp::storage {

class RowFiles {
 public:
  using NewPath = std::function<std::filesystem::path()>;

  /// `new_path` returns the path of a file that does not exist yet. Rows whose keys begin with `own` are
  /// written as they come.
  RowFiles(std::shared_ptr<rocksdb::DB> db, rocks::Family family, std::optional<std::string> own,
           NewPath new_path);
  /// Deletes the files that were not ingested.
  ~RowFiles();
  RowFiles(const RowFiles&) = delete;
  RowFiles& operator=(const RowFiles&) = delete;

  class Writer;

  /// One part of the changes. Rows whose keys begin with `own` go into a file at once, the others are merged
  /// at the end.
  class Part {
   public:
    Part(RowFiles& files, std::uint64_t number);
    ~Part();
    Part(Part&&) noexcept;
    /// Rows whose keys begin with `own` must sort after those of earlier calls.
    void add(std::vector<ViewBatch::Change> changes);
    void finish();

   private:
    RowFiles& files_;
    std::uint64_t number_;
    std::unique_ptr<Writer> file_;
    std::vector<ViewBatch::Change> others_;
  };
  /// Merges the remaining rows and ingests all files at once; durable when it returns.
  void ingest();

 private:
  using Runs = std::vector<std::pair<std::uint64_t, os::Scratch::Piece>>;  ///< by the number of the part

  void add_run(std::uint64_t number, os::Scratch::Text& run);
  void merge_runs();

  std::shared_ptr<rocksdb::DB> db_;
  rocks::Family family_;
  std::optional<std::string> own_;
  NewPath new_path_;
  os::Mutex mutex_;
  std::vector<std::string> paths_ TTP_GUARDED_BY(mutex_);
  std::optional<os::Scratch> scratch_ TTP_GUARDED_BY(mutex_);
  Runs runs_ TTP_GUARDED_BY(mutex_);
};

}  // namespace ttp::storage
