#include "storage/tables/reads.hpp"

#include <algorithm>
#include <functional>

namespace ttp::storage {

void Reads::add(const Reads& others) {
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

Reads RowChanges::before_reading(std::uint32_t bucket) const {
  Reads reads{all_, invalidations_};
  reads.rows.push_back({bucket, rows_[bucket]});
  return reads;
}

bool RowChanges::none_since(const Reads& reads) const {
  if (all_ == reads.changes) return true;
  if (reads.scanned || invalidations_ != reads.invalidations) return false;
  return std::ranges::all_of(reads.rows,
                             [&](const Reads::Row& row) { return rows_[row.bucket] == row.changes; });
}

bool RowChanges::renew(Reads& reads) const {
  const std::uint64_t all = all_;  // before the look at the rows: what changes meanwhile counts for the next
  const bool stands = none_since(reads);
  if (stands) reads.changes = all;
  return stands;
}

thread_local Noting* Noting::current = nullptr;

Noting::Noting(const RowChanges& changes)
    : changes_(changes), outer_(current), reads_{changes.all_, changes.invalidations_} {
  current = this;
}

Noting::~Noting() {
  current = outer_;
}

void Noting::row(const RowChanges& of, std::string_view family, std::string_view key) {
  if (current) row(of, RowChanges::bucket(family, key));
}

void Noting::row(const RowChanges& of, std::uint32_t bucket) {
  for (Noting* each = current; each; each = each->outer_) {
    auto& rows = each->reads_.rows;
    // Of a row that is read again, the first reading counts.
    const bool is_new = std::ranges::find(rows, bucket, &Reads::Row::bucket) == rows.end();
    if (is_new && &each->changes_ == &of) rows.push_back({bucket, of.rows_[bucket]});
  }
}

void Noting::again(const RowChanges& of, const Reads& reads) {
  for (Noting* each = current; each; each = each->outer_)
    if (&each->changes_ == &of) each->reads_.add(reads);
}

void Noting::scan(const RowChanges& of) {
  for (Noting* each = current; each; each = each->outer_)
    if (&each->changes_ == &of) each->reads_.scanned = true;
}

}  // namespace ttp::storage
