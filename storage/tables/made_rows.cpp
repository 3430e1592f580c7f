#include "storage/tables/made_rows.hpp"

#include <functional>
#include <vector>

#include <rocksdb/cache.h>

#include "events/bytes.hpp"

namespace ttp::storage {
namespace {

/// A decoded row takes a few times the bytes of its JSON: strings, vectors and what the allocator adds.
constexpr std::size_t memory_per_row_byte = 4;
constexpr std::size_t memory_per_row = 512;

void destroy(const rocksdb::Slice&, void* made) {
  delete static_cast<Made*>(made);
}

}  // namespace

std::string MadeRows::name(std::uint32_t family, std::string_view key) {
  std::string name;
  name.reserve(sizeof family + key.size());
  events::put_be32(name, family);
  return name.append(key);
}

MadeRows::Stripe& MadeRows::stripe(const std::string& name) const {
  return stripes_[std::hash<std::string>{}(name) % stripes_.size()];
}

std::optional<Made> MadeRows::find(const std::string& name) const {
  auto* handle = cache_->Lookup(name);
  if (!handle) return std::nullopt;
  Made made = *static_cast<const Made*>(cache_->Value(handle));
  cache_->Release(handle);
  return made;
}

std::uint64_t MadeRows::ticket(const std::string& name) const {
  const Stripe& of = stripe(name);
  const std::lock_guard lock{of.mutex};
  return of.changes;
}

void MadeRows::keep(const std::string& name, const Made& made, std::size_t row_bytes, std::uint64_t ticket) {
  Stripe& of = stripe(name);
  const std::lock_guard lock{of.mutex};
  if (of.changes == ticket) insert(name, made, row_bytes);
}

void MadeRows::changed(const std::string& name, const Made& made, std::size_t row_bytes) {
  Stripe& of = stripe(name);
  const std::lock_guard lock{of.mutex};
  ++of.changes;
  if (made.object)
    insert(name, made, row_bytes);
  else
    cache_->Erase(name);
}

void MadeRows::forget(std::uint32_t family) {
  // First, so that what was read of an earlier row and is not yet kept does not come after it.
  for (Stripe& each : stripes_) {
    const std::lock_guard lock{each.mutex};
    ++each.changes;
  }
  const std::string prefix = name(family, "");
  std::vector<std::string> names;
  const auto gather = [&](const rocksdb::Slice& key, void*, std::size_t, rocksdb::Cache::DeleterFn) {
    if (key.starts_with(prefix)) names.push_back(key.ToString());
  };
  cache_->ApplyToAllEntries(gather, {});
  for (const std::string& each : names) cache_->Erase(each);
}

void MadeRows::insert(const std::string& name, const Made& made, std::size_t row_bytes) {
  auto held = std::make_unique<Made>(made);
  const auto charge = memory_per_row + memory_per_row_byte * row_bytes;
  // Without a handle asked for, a full cache takes the object over and drops something older.
  if (cache_->Insert(name, held.get(), charge, &destroy).ok()) static_cast<void>(held.release());
}

}  // namespace ttp::storage
