#include "snapshots/cache.hpp"

#include <array>
#include <cstring>
#include <string_view>
#include <utility>

#include "events/bytes.hpp"

namespace ttp::snapshots {
namespace {

/// The memory of an entry beside its snapshot: the nodes of the table and of the list, the shared pointer's
/// counters, and the overhead of the allocator.
constexpr std::size_t entry_bytes = 256;

}  // namespace

std::string Key::bytes() const {
  std::string out(1, static_cast<char>(kind));
  return out += events::as_text(id.bytes);
}

std::size_t Cache::Hash::operator()(const Key& key) const {
  // The last bytes of an identifier are random.
  std::uint64_t random = 0;
  std::memcpy(&random, key.id.bytes.data() + sizeof random, sizeof random);
  constexpr std::uint64_t spread = 0x9E3779B97F4A7C15;
  return static_cast<std::size_t>((random + static_cast<std::uint64_t>(key.kind)) * spread >> 8);
}

std::uint32_t Cache::bucket(const Key& key) {
  constexpr std::array<std::string_view, 4> families{"", "user", "account", "programme"};
  return storage::RowChanges::bucket(families.at(static_cast<std::size_t>(key.kind)),
                                     events::as_text(key.id.bytes));
}

std::optional<Held> Cache::find(const Key& key) {
  Stripe& of = stripe(key);
  const os::MutexLock lock{of.mutex};
  const auto found = of.entries.find(key);
  if (found == of.entries.end()) return std::nullopt;
  of.by_use.splice(of.by_use.begin(), of.by_use, found->second.used);
  ++of.hits;
  return found->second.held;
}

void Cache::put(Stripe& of, const Key& key, Held held) {
  const auto [at, is_new] = of.entries.try_emplace(key);
  if (is_new) {
    of.by_use.push_front(key);
    at->second.used = of.by_use.begin();
  }
  // A state grows only by its events, so measuring it each time their number has doubled is cheap and
  // accurate enough.
  const Held& before = at->second.held;
  const bool stands = before.measured_at > 0 && held.version < 2 * before.measured_at;
  held.measured_at = stands ? before.measured_at : held.version;
  held.bytes = stands                     ? before.bytes
               : held.snapshot != nullptr ? entry_bytes + held.measure(held.snapshot.get())
                                          : entry_bytes;
  bytes_ += held.bytes - before.bytes;
  at->second.held = std::move(held);
}

void Cache::erase(Stripe& of, const Key& key) {
  const auto found = of.entries.find(key);
  if (found == of.entries.end()) return;
  bytes_ -= found->second.held.bytes;
  of.by_use.erase(found->second.used);
  of.entries.erase(found);
}

void Cache::add(const Key& key, Held loaded, const storage::ReadSet& reads) {
  Stripe& of = stripe(key);
  {
    const os::MutexLock lock{of.mutex};
    if (of.entries.contains(key) || !changes_.none_since(reads)) return;
    put(of, key, std::move(loaded));
  }
  shrink();
}

Held Cache::changed(const Key& key, Held now) {
  Stripe& of = stripe(key);
  {
    const os::MutexLock lock{of.mutex};
    const auto found = of.entries.find(key);
    if (found != of.entries.end()) now.on_disk = found->second.held.on_disk;
    // A reader may have loaded the same change from the log already.
    if (found == of.entries.end() || found->second.held.version < now.version) put(of, key, now);
    changes_.count(bucket(key));
  }
  shrink();
  return now;
}

void Cache::stored(const Key& key, storage::StreamVersion version) {
  Stripe& of = stripe(key);
  const os::MutexLock lock{of.mutex};
  const auto found = of.entries.find(key);
  if (found != of.entries.end()) found->second.held.on_disk = version;
}

void Cache::forget(const Key& key) {
  Stripe& of = stripe(key);
  const os::MutexLock lock{of.mutex};
  erase(of, key);
  changes_.count(bucket(key));
}

void Cache::forget_all() {
  for (Stripe& of : stripes_) {
    const os::MutexLock lock{of.mutex};
    for (const auto& [key, entry] : of.entries) bytes_ -= entry.held.bytes;
    of.entries.clear();
    of.by_use.clear();
    // Counted under the lock, so that an entry loaded before this call is not added after it.
    changes_.invalidate_all();
  }
}

void Cache::each(const std::function<void(const Key&, const Held&)>& visit) {
  for (Stripe& of : stripes_) {
    const os::MutexLock lock{of.mutex};
    for (const auto& [key, entry] : of.entries) visit(key, entry.held);
  }
}

std::uint64_t Cache::hits() const {
  std::uint64_t hits = 0;
  for (const Stripe& of : stripes_) {
    const os::MutexLock lock{of.mutex};
    hits += of.hits;
  }
  return hits;
}

void Cache::shrink() {
  // A round that drops nothing ends the loop: the remaining bytes belong to entries that other threads are
  // adding.
  for (std::size_t passed = 0; bytes_ > bytes_max_ && passed < stripes_.size();) {
    Stripe& of = stripes_[next_to_shrink_++ % stripes_.size()];
    std::optional<std::pair<Key, Held>> dropped;
    {
      const os::MutexLock lock{of.mutex};
      if (!of.by_use.empty()) {
        const Key key = of.by_use.back();
        dropped.emplace(key, of.entries.find(key)->second.held);
        erase(of, key);
      }
    }
    passed = dropped ? 0 : passed + 1;
    if (dropped) dropped_(dropped->first, dropped->second);
  }
}

}  // namespace ttp::snapshots
