// Tables of derived rows: the views, which projections write and queries read, and the stored snapshots. They
// are not synced, for all of it can be made again from the log; but a batch is atomic across families, so a
// view never runs ahead of, or behind, its checkpoint.
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
    std::optional<std::string> value;  ///< nothing: the row is erased
  };

  void put(std::string_view family, std::string key, std::string value);
  void erase(std::string_view family, std::string key);
  void clear() { changes_.clear(); }
  /// Takes back what was added after the first `count` changes.
  void cut(std::size_t count) { changes_.resize(count); }
  bool empty() const { return changes_.empty(); }
  const std::vector<Change>& changes() const { return changes_; }
  std::vector<Change> take() && { return std::move(changes_); }

 private:
  void add(std::string_view family, std::string key, std::optional<std::string> value);

  std::vector<Change> changes_;
};

/// Reads can come from any thread, and so can commits. A family that does not exist is std::invalid_argument
/// (our bug); a damaged store is events::Damaged, a failing disk std::runtime_error.
class ViewStore {
 public:
  /// Opens the store in `dir` with all the families that it has, or makes an empty one. What changes is
  /// counted in `changes`, or in a count of the store's own.
  static std::unique_ptr<ViewStore> open(const std::filesystem::path& dir, const Memory& memory = Memory{},
                                         std::shared_ptr<RowChanges> changes = nullptr);
  /// The same, but a store that cannot be opened, whose family `read_first` cannot be read, or that was found
  /// damaged when it was open last, is thrown away; `report` gets a sentence for an operator.
  static std::unique_ptr<ViewStore> open_or_renew(const std::filesystem::path& dir, const Memory& memory,
                                                  const std::function<void(std::string_view)>& report,
                                                  std::string_view read_first = {});
  ~ViewStore();
  ViewStore(const ViewStore&) = delete;
  ViewStore& operator=(const ViewStore&) = delete;

  /// Makes a family; nothing happens if it exists. Names are 1 to 100 bytes; "default" is taken.
  void create_family(std::string_view name);
  /// Drops a family with all its rows; nothing happens if there is none. Reads under way end in peace.
  void drop_family(std::string_view name);
  /// In alphabetical order.
  std::vector<std::string> families() const;
  bool has_family(std::string_view name) const;

  std::optional<std::string> get(std::string_view family, std::string_view key) const;

  /// The rows as they stand now, for later scans; it holds disk space for as long as it is kept.
  struct Moment;
  std::shared_ptr<const Moment> moment() const;

  /// Called with each row; false ends the scan.
  using Visitor = std::function<bool(std::string_view key, std::string_view value)>;
  /// The rows whose keys start with `prefix`, from the first key at or after `from_key` (empty: from the
  /// first) upwards, as they stood at the moment given, or else when the scan began.
  void scan(std::string_view family, std::string_view from_key, std::string_view prefix, const Visitor& visit,
            const Moment* at = nullptr) const;
  /// The same downwards, from the last key at or before `from_key` (empty: from the last).
  void scan_back(std::string_view family, std::string_view from_key, std::string_view prefix,
                 const Visitor& visit) const;

  /// Tells whether what was read while a Noting lived is still so.
  const RowChanges& changes() const;
  const std::shared_ptr<RowChanges>& shared_changes() const;

  /// Applies the batch at once: all or nothing, also after a crash, which can take away what was committed
  /// last. `sync` waits for the disk.
  void commit(const ViewBatch& batch, bool sync = false);
  /// The same for the many changes of one family, which become a sorted file that the family takes in: no
  /// write-ahead log, and durable when it returns. Of several changes of one row the last one counts.
  void load(std::string_view family, ViewBatch batch);

  /// A load in parts, which can come from several threads. They become visible together; where the Load goes
  /// before it is taken in, nothing has happened. It goes before the store does.
  class Load {
   public:
    Load(Load&&) noexcept;
    ~Load();

    class Part {
     public:
      Part(Part&&) noexcept;
      ~Part();
      /// The rows whose keys begin with `own` lie behind those of the calls before.
      void add(ViewBatch changes);
      /// To be called once.
      void finish();

     private:
      friend class Load;
      struct Impl;
      explicit Part(std::unique_ptr<Impl> impl);
      std::unique_ptr<Impl> impl_;
    };
    /// Of several changes of one row the last of the part with the highest number counts. It goes before the
    /// load does.
    Part begin_part(std::uint64_t number);
    /// To be called once, after all parts. Durable when it returns.
    void take_in();

   private:
    friend class ViewStore;
    struct Impl;
    explicit Load(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
  };
  /// Of the rows whose keys begin with `own`, which are the most, those of one part shall not lie among those
  /// of another: they are written when the part comes, and need never be merged.
  Load begin_load(std::string_view family, std::optional<std::string> own);
  /// Of the disk that the views are on.
  std::unique_ptr<os::Scratch> scratch() const;

  /// Has what is committed until now brought to the disk soon, and returns at once.
  void flush_soon();
  /// The same, and waits.
  void flush();
  /// Whether the files of a family are merged in the background; not worth it while more loads follow.
  void merge_files(std::string_view family, bool wanted);
  /// What was found damaged in a family since it was made or the store was opened; nothing if nothing was.
  std::optional<std::string> damage(std::string_view family) const;

 private:
  struct Impl;
  explicit ViewStore(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace ttp::storage
