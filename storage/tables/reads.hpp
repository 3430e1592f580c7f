// The one way to know that something derived has changed: rows of views and snapshots of aggregates fall into
// buckets, each with a count of its changes. The set of buckets that a reader used says later whether what it
// made of them is stale. It serves the answers that are kept (http/gate) and the cache of snapshots.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace ttp::storage {

/// Which rows were read, and how often each of them had changed by then.
struct Reads {
  struct Row {
    std::uint32_t bucket = 0;  ///< in RowChanges
    std::uint64_t changes = 0;
  };
  std::uint64_t changes = 0;  ///< of all rows, when the first was read
  std::uint64_t invalidations = 0;
  bool scanned = false;  ///< more was read than single rows: any change may be one of it
  std::vector<Row> rows{};

  /// What else was read. Of a row that is in both, the earlier reading counts.
  void add(const Reads& others);
};

/// How often rows have changed. Many rows share a bucket: one that has not changed can pass for one that has,
/// never the other way round. Any thread; a change is counted once it can be read.
class RowChanges {
 public:
  static std::uint32_t bucket(std::string_view family, std::string_view key);

  void count(std::uint32_t bucket);
  /// Any row may have changed.
  void invalidate_all();
  /// To be taken before one row is read.
  Reads before_reading(std::uint32_t bucket) const;
  /// Whether all that was read still stands as it did.
  bool none_since(const Reads& reads) const;
  /// The same, and where nothing has changed the rows count as read now: the next call then costs nothing
  /// until the next change of any row.
  bool renew(Reads& reads) const;

 private:
  friend class Noting;
  static constexpr std::size_t buckets = 16'384;

  std::atomic<std::uint64_t> all_{0};
  std::atomic<std::uint64_t> invalidations_{0};
  std::array<std::atomic<std::uint64_t>, buckets> rows_{};
};

/// While it lives, what its thread reads of the store is noted, also for one that was there before.
class Noting {
 public:
  explicit Noting(const RowChanges& changes);
  ~Noting();
  Noting(const Noting&) = delete;
  Noting& operator=(const Noting&) = delete;

  const Reads& reads() const { return reads_; }

  // Called by the store, before it reads.
  static void row(const RowChanges& of, std::string_view family, std::string_view key);
  static void row(const RowChanges& of, std::uint32_t bucket);
  static void scan(const RowChanges& of);
  /// Adds an earlier set of reads that is still valid, as if the rows had been read again.
  static void again(const RowChanges& of, const Reads& reads);

 private:
  static thread_local Noting* current;

  const RowChanges& changes_;
  Noting* const outer_;  ///< the one before
  Reads reads_;
};

}  // namespace ttp::storage
