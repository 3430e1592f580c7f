#include "storage/tables/reads.hpp"

#include <algorithm>
#include <functional>

namespace ttp::storage {

void ReadSet::add(const ReadSet& others) {
  changes = std::min(changes, others.changes);
  invalidations = std::min(invalidations, others.invalidations);
  scanned = scanned || others.scanned;
  for (const Row& other : others.rows) {
    const auto known = std::ranges::find(rows, other.bucket, &Row::bucket);
    if (known == rows.end())
      rows.push_back(other);
    else
      known->changes = std::min(known->changes, other.changes);
  }
}

std::uint32_t RowChanges::bucket(std::string_view family, std::string_view key) {
  constexpr std::size_t spread = 31;
  const std::hash<std::string_view> hash;
  return static_cast<std::uint32_t>((hash(family) * spread + hash(key)) % buckets);
}

void RowChanges::count(std::uint32_t bucket) {
  ++rows_[bucket];
  ++all_;
}

void RowChanges::invalidate_all() {
  ++invalidations_;
  ++all_;
}

ReadSet RowChanges::before_reading(std::uint32_t bucket) const {
  ReadSet reads{all_, invalidations_};
  reads.rows.push_back({bucket, rows_[bucket]});
  return reads;
}

bool RowChanges::none_since(const ReadSet& reads) const {
  if (all_ == reads.changes) return true;
  if (reads.scanned || invalidations_ != reads.invalidations) return false;
  return std::ranges::all_of(reads.rows,
                             [&](const ReadSet::Row& row) { return rows_[row.bucket] == row.changes; });
}

bool RowChanges::renew(ReadSet& reads) const {
  const std::uint64_t all = all_;  // read before the rows, so that the next call sees a change made meanwhile
  const bool stands = none_since(reads);
  if (stands) reads.changes = all;
  return stands;
}

thread_local ReadRecorder* ReadRecorder::current = nullptr;

ReadRecorder::ReadRecorder(const RowChanges& changes)
    : changes_(changes), outer_(current), reads_{changes.all_, changes.invalidations_} {
  current = this;
}

ReadRecorder::~ReadRecorder() {
  current = outer_;
}

void ReadRecorder::row(const RowChanges& of, std::string_view family, std::string_view key) {
  if (current) row(of, RowChanges::bucket(family, key));
}

void ReadRecorder::row(const RowChanges& of, std::uint32_t bucket) {
  for (ReadRecorder* each = current; each; each = each->outer_) {
    auto& rows = each->reads_.rows;
    // If a row is read again, the first read counts.
    const bool is_new = std::ranges::find(rows, bucket, &ReadSet::Row::bucket) == rows.end();
    if (is_new && &each->changes_ == &of) rows.push_back({bucket, of.rows_[bucket]});
  }
}

void ReadRecorder::scan(const RowChanges& of) {
  for (ReadRecorder* each = current; each; each = each->outer_)
    if (&each->changes_ == &of) each->reads_.scanned = true;
}

}  // namespace ttp::storage
