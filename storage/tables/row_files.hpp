// The changes of one view family on their way into it as sorted files. They come in parts, from any thread,
// and all of them become visible at once. For view_store.cpp alone.
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

  /// `new_path` names a file that is not there yet; `own` begins the keys of rows that are written as they
  /// come.
  RowFiles(std::shared_ptr<rocksdb::DB> db, rocks::Family family, std::optional<std::string> own,
           NewPath new_path);
  /// Deletes the files that were not taken in.
  ~RowFiles();
  RowFiles(const RowFiles&) = delete;
  RowFiles& operator=(const RowFiles&) = delete;

  class Writer;

  /// A part as it comes: the rows whose keys begin with `own` go into a file, the others wait for its end.
  class Part {
   public:
    Part(RowFiles& files, std::uint64_t number);
    ~Part();
    Part(Part&&) noexcept;
    /// Rows whose keys begin with `own` lie behind those of the calls before.
    void add(std::vector<ViewBatch::Change> changes);
    void finish();

   private:
    RowFiles& files_;
    std::uint64_t number_;
    std::unique_ptr<Writer> file_;
    std::vector<ViewBatch::Change> others_;
  };
  /// Merges what waits, and lets the family take in all files at once; durable when it returns.
  void take_in();

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
