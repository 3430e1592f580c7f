// What a reader has read of a view store: kept, it tells later whether all of that still stands as it did.
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
    std::uint32_t place = 0;  ///< in RowChanges
    std::uint64_t changes = 0;
  };
  std::uint64_t changes = 0;  ///< of all rows, when the first was read
  std::uint64_t upheavals = 0;
  bool scanned = false;  ///< more was read than single rows: any change may be one of it
  std::vector<Row> rows{};

  /// What else was read. Of a row that is in both, the earlier reading counts.
  void add(const Reads& others);
};

/// How often rows have changed. Many rows share a place: one that has not changed can pass for one that has,
/// never the other way round. Any thread; a change is counted once it can be read.
class RowChanges {
 public:
  static std::uint32_t place(std::string_view family, std::string_view key);

  void count(std::uint32_t place);
  /// Any row may have changed.
  void count_upheaval();
  /// Whether all that was read still stands as it did.
  bool none_since(const Reads& reads) const;
  /// The same for who asks again and again: what stands counts as read now, so that only what changes from
  /// now on makes the next question cost anything.
  bool renew(Reads& reads) const;

 private:
  friend class Noting;
  static constexpr std::size_t places = 16'384;

  std::atomic<std::uint64_t> all_{0};
  std::atomic<std::uint64_t> upheavals_{0};
  std::array<std::atomic<std::uint64_t>, places> rows_{};
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
  static void scan(const RowChanges& of);
  /// For who has kept what it read before, which still stands: as if it read that again.
  static void again(const RowChanges& of, const Reads& reads);

 private:
  static thread_local Noting* current;

  const RowChanges& changes_;
  Noting* const outer_;  ///< the one before
  Reads reads_;
};

}  // namespace ttp::storage
