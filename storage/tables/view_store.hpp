// Tables of derived rows: the views, which projections write and queries read, and the stored snapshots. They
// are not synced, because they can be rebuilt from the log; but a batch is atomic across families, so the
// rows of a view always match its stored position.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "os/scratch.hpp"
#include "storage/rocks/memory.hpp"
#include "storage/tables/reads.hpp"

namespace ttp::storage {

/// Changes that become visible together, in the order in which they were added.
class ViewBatch {
 public:
  struct Change {
    std::shared_ptr<const std::string> family;
    std::string key;
    std::optional<std::string> value;  ///< nothing erases the row
  };

  void put(std::string_view family, std::string key, std::string value);
  void erase(std::string_view family, std::string key);
  void clear() { changes_.clear(); }
  /// Removes all but the first `count` changes.
  void cut(std::size_t count) { changes_.resize(count); }
  bool empty() const { return changes_.empty(); }
  const std::vector<Change>& changes() const { return changes_; }
  std::vector<Change> take() && { return std::move(changes_); }

 private:
  void add(std::string_view family, std::string key, std::optional<std::string> value);

  std::vector<Change> changes_;
};

/// All functions can be called from any thread. A family that does not exist throws std::invalid_argument
/// (our bug), a damaged store events::Damaged, a failing disk std::runtime_error.
class ViewStore {
 public:
  /// Opens the store in `dir` with all the families that it has, or creates an empty one. Changes are counted
  /// in `changes`; if it is null, in a count of the store's own.
  static std::unique_ptr<ViewStore> open(const std::filesystem::path& dir, const Memory& memory = Memory{},
                                         std::shared_ptr<RowChanges> changes = nullptr);
  /// The same, but a store that cannot be opened, whose family `read_first` cannot be read, or that was found
  /// damaged when it was last open, is deleted and created anew; `report` gets a sentence about it for an
  /// operator.
  static std::unique_ptr<ViewStore> open_or_renew(const std::filesystem::path& dir, const Memory& memory,
                                                  const std::function<void(std::string_view)>& report,
                                                  std::string_view read_first = {});
  ~ViewStore();
  ViewStore(const ViewStore&) = delete;
  ViewStore& operator=(const ViewStore&) = delete;

  /// Creates a family; nothing happens if it exists. Names are 1 to 100 bytes; "default" is reserved.
  void create_family(std::string_view name);
  /// Drops a family with all its rows; nothing happens if there is none. Reads under way are not disturbed.
  void drop_family(std::string_view name);
  /// In alphabetical order.
  std::vector<std::string> families() const;
  bool has_family(std::string_view name) const;

  std::optional<std::string> get(std::string_view family, std::string_view key) const;

  /// All rows as they stand now, for later scans. It occupies disk space until it is released.
  struct FrozenRows;
  std::shared_ptr<const FrozenRows> freeze() const;

  /// Called with each row; false ends the scan.
  using Visitor = std::function<bool(std::string_view key, std::string_view value)>;
  /// Visits the rows whose keys start with `prefix`, from the first key at or after `from_key` (empty: from
  /// the first) upwards, as they stood in `frozen` or, if it is null, when the scan began.
  void scan(std::string_view family, std::string_view from_key, std::string_view prefix, const Visitor& visit,
            const FrozenRows* frozen = nullptr) const;
  /// The same downwards, from the last key at or before `from_key` (empty: from the last).
  void scan_back(std::string_view family, std::string_view from_key, std::string_view prefix,
                 const Visitor& visit) const;

  /// Shows whether the rows that a ReadRecorder recorded have changed since.
  const RowChanges& changes() const;
  const std::shared_ptr<RowChanges>& shared_changes() const;

  /// Applies the batch as a whole or not at all, also across a crash; a crash can lose the last batches. With
  /// `sync` the call waits for the disk.
  void commit(const ViewBatch& batch, bool sync = false);
  /// The same for many changes of one family, by a sorted file that RocksDB ingests: no write-ahead log, and
  /// durable when it returns. Of several changes of one row the last one counts.
  void load(std::string_view family, ViewBatch batch);

  /// A load in parts, which can come from several threads. The parts become visible together; a Load that is
  /// destroyed before `ingest` changes nothing. The store must outlive it.
  class Load {
   public:
    Load(Load&&) noexcept;
    ~Load();

    class Part {
     public:
      Part(Part&&) noexcept;
      ~Part();
      /// The rows whose keys begin with `own` must sort after those of earlier calls.
      void add(ViewBatch changes);
      /// Call it once.
      void finish();

     private:
      friend class Load;
      struct Impl;
      explicit Part(std::unique_ptr<Impl> impl);
      std::unique_ptr<Impl> impl_;
    };
    /// Of several changes of one row the last change in the part with the highest number counts. The load
    /// must outlive the part.
    Part begin_part(std::uint64_t number);
    /// Call it once, after all parts are finished. Durable when it returns.
    void ingest();

   private:
    friend class ViewStore;
    struct Impl;
    explicit Load(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
  };
  /// Begins a load. Rows whose keys begin with `own`, usually the most, are written as they come and never
  /// merged: such rows of different parts must not interleave.
  Load begin_load(std::string_view family, std::optional<std::string> own);
  /// Scratch space on the disk of the views.
  std::unique_ptr<os::Scratch> scratch() const;

  /// Starts writing all committed changes to the disk and returns at once.
  void flush_soon();
  /// The same, but waits until they are on the disk.
  void flush();
  /// Sets whether the files of a family are merged in the background. Switch it off while more loads follow.
  void merge_files(std::string_view family, bool wanted);
  /// The first damage found in a family since it was created or the store was opened; nothing if none was.
  std::optional<std::string> damage(std::string_view family) const;

 private:
  struct Impl;
  explicit ViewStore(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace ttp::storage
