// The one way to know that something derived has changed. Rows of views and snapshots of aggregates are
// hashed into buckets, each with a count of its changes. The set of buckets that a reader used shows later
// whether a result computed from them is stale. Cached answers (http/gate) and the cache of snapshots use it.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace ttp::storage {

/// The rows that were read, each with its count of changes at the time of the read.
struct ReadSet {
  struct Row {
    std::uint32_t bucket = 0;  ///< in RowChanges
    std::uint64_t changes = 0;
  };
  std::uint64_t changes = 0;  ///< of all rows, when the first was read
  std::uint64_t invalidations = 0;
  bool scanned = false;  ///< a range was read as well, so any change may concern it
  std::vector<Row> rows{};

  /// Adds other reads. For a row that is in both, the earlier read counts.
  void add(const ReadSet& others);
};

/// Counts changes of rows. Many rows share a bucket: an unchanged row can look changed, never the other way
/// round. All functions can be called from any thread; a change is counted after it can be read.
class RowChanges {
 public:
  static std::uint32_t bucket(std::string_view family, std::string_view key);

  void count(std::uint32_t bucket);
  /// Counts a change of every row.
  void invalidate_all();
  /// Call this before reading the one row of the bucket.
  ReadSet before_reading(std::uint32_t bucket) const;
  /// Whether no row that was read has changed since.
  bool none_since(const ReadSet& reads) const;
  /// The same; if nothing has changed, the rows also count as read now, so the next call is cheap until any
  /// row changes.
  bool renew(ReadSet& reads) const;

 private:
  friend class ReadRecorder;
  static constexpr std::size_t buckets = 16'384;

  std::atomic<std::uint64_t> all_{0};
  std::atomic<std::uint64_t> invalidations_{0};
  std::array<std::atomic<std::uint64_t>, buckets> rows_{};
};

/// While it lives, it records which rows its thread reads; recorders of the same thread that were created
/// earlier record them, too.
class ReadRecorder {
 public:
  explicit ReadRecorder(const RowChanges& changes);
  ~ReadRecorder();
  ReadRecorder(const ReadRecorder&) = delete;
  ReadRecorder& operator=(const ReadRecorder&) = delete;

  const ReadSet& reads() const { return reads_; }
  /// Adds reads of an earlier time, which the thread uses again without reading.
  void add(const ReadSet& earlier) { reads_.add(earlier); }

  // The store calls these before it reads.
  static void row(const RowChanges& of, std::string_view family, std::string_view key);
  static void row(const RowChanges& of, std::uint32_t bucket);
  static void scan(const RowChanges& of);

 private:
  static thread_local ReadRecorder* current;

  const RowChanges& changes_;
  ReadRecorder* const outer_;  ///< the thread's recorder before this one
  ReadSet reads_;
};

}  // namespace ttp::storage
