// The views: rows that projections write and queries read. Not synced, for all of it can be rebuilt from the
// log; but a batch is atomic across families, so a view never runs ahead of, or behind, its checkpoint.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <typeinfo>
#include <utility>
#include <vector>

#include "storage/memory.hpp"

namespace ttp::storage {

/// What a reader makes of a row (a decoded state), and of which type it is.
struct Made {
  std::shared_ptr<const void> object;
  const std::type_info* type = nullptr;
};

/// Changes that become visible together, in the order in which they were added.
class ViewBatch {
 public:
  ViewBatch() = default;
  /// One whose rows nobody is about to read: what readers would make of them is not kept.
  static ViewBatch unread() {
    ViewBatch batch;
    batch.keeps_made_ = false;
    return batch;
  }

  struct Change {
    std::string family;
    std::string key;
    std::optional<std::string> value;  ///< nothing: the row is erased
    Made made{};                       ///< what readers would make of it, where the writer has it at hand
  };
  template <class T>
  void put(std::string_view family, std::string_view key, std::string value, std::shared_ptr<const T> made) {
    changes_.push_back({std::string{family}, std::string{key}, std::move(value), {}});
    if (keeps_made_) changes_.back().made = {std::move(made), &typeid(T)};
  }
  void put(std::string_view family, std::string_view key, std::string_view value);
  void erase(std::string_view family, std::string_view key);
  void clear() { changes_.clear(); }
  /// Takes back what was added after the first `count` changes.
  void cut(std::size_t count) { changes_.resize(count); }
  bool empty() const { return changes_.empty(); }
  const std::vector<Change>& changes() const { return changes_; }

 private:
  std::vector<Change> changes_;
  bool keeps_made_ = true;
};

/// Reads can come from any thread while one thread commits. A family that does not exist is
/// std::invalid_argument (our bug); a damaged store is events::Damaged, a failing disk std::runtime_error.
class ViewStore {
 public:
  /// Opens the store in `dir` with all the families that it has, or makes an empty one.
  static std::unique_ptr<ViewStore> open(const std::filesystem::path& dir, const Memory& memory = Memory{});
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

  /// What `make` makes of a row, kept in memory until the row changes; nothing where there is no row. One row
  /// is always made into one type: another is std::logic_error.
  template <class T>
  std::shared_ptr<const T> get_as(std::string_view family, std::string_view key,
                                  T (*make)(std::string_view)) const {
    const Make made = [make](std::string_view row) -> Made {
      return {std::make_shared<const T>(make(row)), &typeid(T)};
    };
    return std::static_pointer_cast<const T>(get_made(family, key, typeid(T), made));
  }

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

  /// Applies the batch: all or nothing, also after a crash. `sync` waits for the disk.
  void commit(const ViewBatch& batch, bool sync = false);
  /// The same for the many changes of one family, which become a sorted file that the family takes in: no
  /// write-ahead log, and durable when it returns. Of several changes of one row the last one counts.
  void load(std::string_view family, const ViewBatch& batch);

 private:
  using Make = std::function<Made(std::string_view row)>;
  std::shared_ptr<const void> get_made(std::string_view family, std::string_view key,
                                       const std::type_info& type, const Make& make) const;

  struct Impl;
  explicit ViewStore(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace ttp::storage
