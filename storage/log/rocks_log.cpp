#include "storage/log/rocks_log.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <stdexcept>
#include <unordered_map>
#include <utility>
#include <vector>

#include <rocksdb/db.h>
#include <rocksdb/env.h>

#include "events/envelope.hpp"
#include "os/faults.hpp"
#include "os/mutex.hpp"
#include "os/waiting.hpp"
#include "os/worker.hpp"
#include "storage/backup/rocks_backup.hpp"
#include "storage/log/judge.hpp"
#include "storage/log/look.hpp"
#include "storage/log/tip.hpp"
#include "storage/rocks/database.hpp"
#include "storage/rocks/keys.hpp"
#include "storage/rocks/verify.hpp"
#include "storage/tree/merkle.hpp"

namespace ttp::storage {
namespace {

using events::Damaged;
using events::Hash;
using rocks::check;

constexpr std::size_t hash_bytes = sizeof(Hash);
/// A scan of at least this many events reads ahead in large pieces.
constexpr std::size_t replayed_rows_min = 500;
constexpr std::size_t replay_read_bytes = 256 * 1024;
/// This much of the index is checked before the log is open, the remainder in the background.
constexpr std::uint64_t checked_at_start_bytes = std::uint64_t{512} * 1024 * 1024;
/// All families but the events. They are small beside the events, and no command can be decided from a
/// damaged index.
constexpr std::array index_families{keys::streams, keys::commands, keys::claims, keys::tiles, keys::meta};

Hash hash_from(std::string_view bytes) {
  if (bytes.size() < hash_bytes) throw Damaged("a stored hash is cut short");
  Hash hash;
  std::ranges::copy(events::as_bytes(bytes.substr(0, hash_bytes)), hash.begin());
  return hash;
}

/// The bytes after the first `count`.
std::string_view cut(std::string_view bytes, std::size_t count) {
  if (bytes.size() < count) throw Damaged("a stored record is cut short");
  return bytes.substr(count);
}

/// The first `count` bytes.
std::string_view first(std::string_view bytes, std::size_t count) {
  cut(bytes, count);
  return bytes.substr(0, count);
}

/// The leading text of a key (storage/rocks/keys.hpp), and the bytes after it.
std::pair<std::string_view, std::string_view> text_from(std::string_view key) {
  const auto rest = cut(key, 1);
  const std::size_t length = static_cast<std::uint8_t>(key.front());
  return {first(rest, length), cut(rest, length)};
}

// ---- stored: never change (the values of storage/rocks/keys.hpp) ------------------------------------------
std::string event_value(StreamVersion version, std::string_view envelope, std::string_view body) {
  std::string value;
  value.reserve(12 + envelope.size() + body.size());
  events::put_be64(value, version);
  events::put_be32(value, static_cast<std::uint32_t>(envelope.size()));
  return value.append(envelope).append(body);
}

SeenEvent event_seen(Position position, std::string_view value) {
  const auto version = events::get_be64(value);
  const std::size_t envelope_bytes = events::get_be32(cut(value, 8));
  const auto rest = cut(value, 12);
  const auto body = cut(rest, envelope_bytes);
  return {position, version, rest.substr(0, envelope_bytes), body};
}

StoredEvent event_from(Position position, std::string_view value) {
  const auto seen = event_seen(position, value);
  return {position, seen.version, std::string{seen.envelope}, std::string{seen.body}};
}

std::string command_value(const Duplicate& command) {
  std::string value;
  events::put_be64(value, command.first);
  events::put_be64(value, command.last);
  return value.append(events::as_text(command.fingerprint)).append(command.answer);
}

Duplicate command_from(std::string_view value) {
  const auto fingerprint = cut(value, 16);
  return {events::get_be64(value), events::get_be64(value.substr(8)), hash_from(fingerprint),
          std::string{cut(fingerprint, hash_bytes)}};
}

std::string claim_value(Position position, std::string_view owner) {
  return keys::u64(position).append(owner);
}

StreamRow stream_row(std::string_view key, std::string_view value) {
  const auto [stream, version] = text_from(key);
  return {std::string{stream}, events::get_be64(version), events::get_be64(value)};
}

CommandRow command_row(std::string_view key, std::string_view value) {
  CommandRow row;
  std::ranges::copy(events::as_bytes(first(key, row.command.uuid.bytes.size())),
                    row.command.uuid.bytes.begin());
  const auto command = command_from(value);
  row.first = command.first;
  row.last = command.last;
  return row;
}

ClaimRow claim_row(std::string_view key, std::string_view value) {
  const auto [name_space, hash] = text_from(key);
  return {std::string{name_space}, hash_from(hash), std::string{cut(value, 8)}, events::get_be64(value)};
}

std::string tile_value(const std::vector<Hash>& hashes) {
  std::string value;
  value.reserve(hashes.size() * hash_bytes);
  for (const auto& hash : hashes) value += events::as_text(hash);
  return value;
}

std::vector<Hash> tile_from(std::string_view value) {
  if (value.size() != tile_width * hash_bytes) throw Damaged("a stored Merkle tile is not full");
  std::vector<Hash> hashes;
  for (std::size_t i = 0; i < tile_width; ++i) hashes.push_back(hash_from(value.substr(i * hash_bytes)));
  return hashes;
}

std::string head_value(const Head& head) {
  auto value = keys::u64(head.next);
  value += head.sealed ? '\x01' : '\x00';
  return value.append(events::as_text(head.root));
}

Head head_from(std::string_view value) {
  if (value.size() != 9 + hash_bytes) throw Damaged("the log's stored head has another length");
  return {events::get_be64(value), value[8] != 0, hash_from(value.substr(9))};
}
// ---- end of what is stored --------------------------------------------------------------------------------

/// A cache of the versions of streams that were judged recently, which saves the next append a look into the
/// index. Only the writer adds versions, after they are durable. When it is full, the older half is dropped.
class KnownVersions {
 public:
  explicit KnownVersions(std::size_t max) : max_(max) {}
  std::optional<StreamVersion> find(std::string_view stream) const {
    const os::MutexLock lock{mutex_};
    for (const auto* each : {&newer_, &older_})
      if (const auto found = each->find(stream); found != each->end()) return found->second;
    return std::nullopt;
  }
  void keep(Judge::Versions judged) {
    const os::MutexLock lock{mutex_};
    if (newer_.size() + judged.size() > max_ / 2) older_ = std::exchange(newer_, {});
    while (!judged.empty()) {
      auto kept = newer_.insert(judged.extract(judged.begin()));
      if (!kept.inserted) kept.position->second = kept.node.mapped();
    }
  }

 private:
  const std::size_t max_;
  mutable os::Mutex mutex_;
  Judge::Versions newer_ TTP_GUARDED_BY(mutex_), older_ TTP_GUARDED_BY(mutex_);
};

/// A claim as the events of one `take` leave it: the row's value, or nothing if it was released.
using ClaimValues = std::map<std::string, std::optional<std::string>>;

class RocksLog final : public Replica {
 public:
  /// `new_replica_of`: a log that is not there yet begins as a replica of this one.
  explicit RocksLog(rocks::Database store, std::optional<domain::Uuid> new_replica_of = {})
      : store_(std::move(store)),
        id_(begin_or_check_format(new_replica_of)),
        taken_(taken_on_disk()),
        tip_(tip_on_disk()) {}

  rocksdb::DB& database() const { return *store_.db; }

  /// Reads the table files of the index. Throws events::Damaged, or reports a fault for damage that the
  /// background check finds: then only the requests that need the damaged block fail.
  void check_index() {
    auto files = rocks::files_of(store_, index_families);
    std::uint64_t read = 0;
    auto next = files.begin();
    for (; next != files.end() && read + next->bytes <= checked_at_start_bytes; ++next) {
      rocks::verify(*next);
      read += next->bytes;
    }
    if (next == files.end()) return;
    const os::FaultTexts texts{.name = "log_index",
                               .what_fails = "the log's index is damaged",
                               .what_to_do =
                                   "Requests that do not need this file go on. Stop the service, run ttpctl "
                                   "fsck, and restore a backup."};
    checker_.emplace(os::Worker::Traits{.fault = texts,
                                        .scheduling = os::Scheduling::yields,
                                        .after_fault = os::Worker::AfterFault::stop},
                     [left = std::vector<rocks::TableFile>(next, files.end())](os::Worker&) mutable {
                       rocks::verify(left.back());
                       left.pop_back();
                       return left.empty() ? os::Worker::Next::never() : os::Worker::Next::at_once();
                     });
  }

  /// From now on damage that a read meets is a fault of this process.
  void report_damage() {
    damage_.emplace(
        os::FaultTexts{.name = "log_damage",
                       .what_fails = "the log is damaged",
                       .what_to_do = "Requests that need the damaged part fail and change nothing; others go "
                                     "on. Stop the service, run ttpctl verify, and restore the last backup "
                                     "into a new folder",
                       .not_ready = "the log is damaged, and some requests fail"});
  }

  domain::Uuid id() const override { return id_; }
  /// RocksDB's lock keeps every other process out.
  bool others_may_write() const override { return false; }
  Head head() const override { return tip_.head(); }

  std::vector<AppendResult> append(std::span<const Commit> commits) override {
    const os::MutexLock writer{writer_};
    refuse_if_broken();
    refuse_if_replica();
    const Head before = head();
    Judge judge{*this, before};
    auto results = judge.judge(commits);
    if (judge.has_accepted()) {
      auto edge = tip_.edge();
      rocksdb::WriteBatch batch;
      put_all(judge, batch, edge);
      if (const auto why = commit(batch, std::move(edge), before.sealed))
        return std::vector<AppendResult>(commits.size(), Unknown{*why});
    }
    versions_.keep(std::move(judge).take_versions());
    return results;
  }

  void scan(Position from, std::size_t limit,
            const std::function<void(const SeenEvent&)>& visit) const override {
    const Position next = head().next;
    if (from >= next) return;
    const Position end = from + std::min<Position>(limit, next - from);
    const auto row = iterate(keys::events, limit);
    row->Seek(keys::event(from));
    for (Position position = from; position < end; ++position, row->Next()) {
      check(row->status(), "reading an event", damage_);
      if (!row->Valid() || row->key() != keys::event(position))
        throw Damaged("the log has no event at position " + std::to_string(position));
      visit(event_seen(position, row->value().ToStringView()));
    }
  }

  std::vector<StoredEvent> read_stream(std::string_view stream, StreamVersion after,
                                       std::size_t limit) const override {
    std::vector<StoredEvent> found;
    const auto row = iterate(keys::streams);
    row->Seek(keys::stream(stream, after + 1));
    for (auto version = after + 1; found.size() < limit && in_stream(*row, stream); ++version, row->Next()) {
      if (row->key() != keys::stream(stream, version))
        throw Damaged("a stream has no event of version " + std::to_string(version));
      found.push_back(event_at(events::get_be64(row->value().ToStringView()), version));
    }
    return found;
  }

  StreamVersion stream_version(std::string_view stream, StreamVersion likely) const override {
    if (const auto known = versions_.find(stream)) return *known;
    // Versions have no gap, and a filter answers "not there" cheaply; a search reads every table file.
    if ((likely == 0 || in_index(stream, likely)) && !in_index(stream, likely + 1)) return likely;
    const auto row = iterate(keys::streams);
    row->SeekForPrev(keys::stream(stream, ~StreamVersion{0}));
    if (!in_stream(*row, stream)) return 0;
    return events::get_be64(row->key().ToStringView().substr(row->key().size() - 8));
  }

  std::optional<Duplicate> find_command(const domain::CommandId& id) const override {
    const auto value = get(keys::commands, keys::command(id));
    return value ? std::optional{command_from(*value)} : std::nullopt;
  }

  std::optional<std::string> claim_owner(std::string_view name_space, const Hash& key) const override {
    const auto value = get(keys::claims, keys::claim(name_space, key));
    return value ? std::optional{std::string{cut(*value, 8)}} : std::nullopt;
  }

  void each_stream_row(const std::function<void(const StreamRow&)>& visit) const override {
    each_row(keys::streams,
             [&](std::string_view key, std::string_view value) { visit(stream_row(key, value)); });
  }
  void each_command_row(const std::function<void(const CommandRow&)>& visit) const override {
    each_row(keys::commands,
             [&](std::string_view key, std::string_view value) { visit(command_row(key, value)); });
  }
  void each_claim_row(const std::function<void(const ClaimRow&)>& visit) const override {
    each_row(keys::claims,
             [&](std::string_view key, std::string_view value) { visit(claim_row(key, value)); });
  }

  Position wait_beyond(Position position, std::chrono::milliseconds time_out) const override {
    return tip_.wait_beyond(position, time_out);
  }

  Position barrier() override {
    // Every append is synced before it answers, so only an append under way must be waited for.
    const os::MutexLock writer{writer_};
    refuse_if_broken();
    return head().next;
  }

  Head seal() override {
    const os::MutexLock writer{writer_};
    if (!head().sealed) {
      refuse_if_broken();
      refuse_if_replica();
      rocksdb::WriteBatch batch;
      if (const auto why = commit(batch, tip_.edge(), true)) throw std::runtime_error(*why);
    }
    return head();
  }

  std::vector<Hash> tile(unsigned level, std::uint64_t index) const override {
    return tip_.tile(level, index, [this](unsigned l, std::uint64_t i) { return full_tile(l, i); });
  }

  // -- as a replica -----------------------------------------------------------------------------------------

  std::optional<std::uint64_t> taken() const override {
    const os::MutexLock writer{writer_};
    return taken_;
  }

  TileEdge edge() const override { return tip_.edge(); }

  void take(std::span<const SharedAppend> appends) override {
    const os::MutexLock writer{writer_};
    refuse_if_broken();
    if (!taken_) throw std::runtime_error(store_.db->GetName() + " is no replica and takes nothing");
    while (!appends.empty() && appends.front().number <= *taken_) appends = appends.subspan(1);
    if (appends.empty()) return;
    rocksdb::WriteBatch batch;
    auto edge = tip_.edge();
    Judge::Versions versions;
    ClaimValues claims;
    auto number = *taken_;
    for (const auto& append : appends) {
      if (append.number != ++number || append.first != edge.size())
        throw Damaged("append " + std::to_string(append.number) + " of the shared log does not follow");
      put_append(append, batch, edge, versions, claims);
    }
    for (const auto& [key, value] : claims) {
      if (value)
        put(batch, keys::claims, key, *value);
      else
        check(batch.Delete(store_.family(keys::claims), key), "preparing what was taken");
    }
    put(batch, keys::meta, std::string{keys::meta_replica}, keys::u64(number));
    const bool sealed = appends.back().head.sealed;
    put(batch, keys::meta, std::string{keys::meta_head}, head_value({edge.size(), sealed, edge.root()}));
    check(store_.db->Write({}, &batch), "taking appends of the shared log");
    taken_ = number;
    versions_.keep(std::move(versions));
    tip_.publish(std::move(edge), sealed);
  }

  void sync() override { check(store_.db->SyncWAL(), "syncing the replica"); }

  void become_replica(std::uint64_t taken) override {
    rocksdb::WriteBatch batch;
    put(batch, keys::meta, std::string{keys::meta_replica}, keys::u64(taken));
    change_role(batch, taken);
  }

  void stand_alone() override {
    const auto now = head();
    rocksdb::WriteBatch batch;
    check(batch.Delete(store_.family(keys::meta), std::string{keys::meta_replica}), "changing the role");
    put(batch, keys::meta, std::string{keys::meta_head}, head_value({now.next, false, now.root}));
    change_role(batch, std::nullopt);
  }

 private:
  // -- reading ----------------------------------------------------------------------------------------------

  std::optional<std::string> get(std::string_view family, const std::string& key) const {
    os::before_waiting();
    std::string value;
    const auto status = store_.db->Get({}, store_.family(family), key, &value);
    if (status.IsNotFound()) return std::nullopt;
    check(status, "reading the log", damage_);
    return value;
  }

  /// `rows`: how many rows the caller wants at most.
  std::unique_ptr<rocksdb::Iterator> iterate(std::string_view family, std::size_t rows = 0) const {
    os::before_waiting();
    rocksdb::ReadOptions options;
    // Without read-ahead each block of a dozen events is a system call of its own.
    if (rows >= replayed_rows_min) options.readahead_size = replay_read_bytes;
    options.fill_cache = family != keys::events;  // a replay must not evict everything else from the cache
    return std::unique_ptr<rocksdb::Iterator>{store_.db->NewIterator(options, store_.family(family))};
  }

  template <class Visit>
  void each_row(std::string_view family, Visit visit) const {
    const auto row = iterate(family);
    for (row->SeekToFirst(); row->Valid(); row->Next())
      visit(row->key().ToStringView(), row->value().ToStringView());
    check(row->status(), "reading the rows of " + std::string{family}, damage_);
  }

  bool in_index(std::string_view stream, StreamVersion version) const {
    return get(keys::streams, keys::stream(stream, version)).has_value();
  }

  /// Whether the row of the stream index belongs to this stream.
  bool in_stream(const rocksdb::Iterator& row, std::string_view stream) const {
    check(row.status(), "reading the stream index", damage_);
    return row.Valid() && row.key().size() == 1 + stream.size() + 8 &&
           row.key().starts_with(keys::text(stream));
  }

  StoredEvent event_at(Position position, StreamVersion version) const {
    const auto value = get(keys::events, keys::event(position));
    if (!value) throw Damaged("the log has no event at position " + std::to_string(position));
    auto event = event_from(position, *value);
    if (event.version != version)
      throw Damaged("the event at position " + std::to_string(position) +
                    " has another version than its stream says");
    return event;
  }

  std::vector<Hash> full_tile(unsigned level, std::uint64_t index) const {
    const auto value = get(keys::tiles, keys::tile(level, index));
    if (!value) throw Damaged("the log lacks a Merkle tile of level " + std::to_string(level));
    return tile_from(*value);
  }

  // -- writing ---------------------------------------------------------------------------------------------

  /// Puts what one append of the shared log recorded, and checks that it gives the root.
  void put_append(const SharedAppend& append, rocksdb::WriteBatch& batch, TileEdge& edge,
                  Judge::Versions& versions, ClaimValues& claims) const {
    std::vector<FullTile> filled;
    for (const auto& event : append.events) {
      const auto envelope = events::view_envelope(event.envelope);
      const std::string stream{envelope.stream};
      const auto [version, is_new] = versions.try_emplace(stream, 0);
      if (is_new) version->second = stream_version(stream, event.version - 1);
      if (event.position != edge.size() || event.version != ++version->second)
        throw Damaged("the event at position " + std::to_string(event.position) +
                      " of the shared log does not follow");
      put(batch, keys::events, keys::event(event.position),
          event_value(event.version, event.envelope, event.body));
      put(batch, keys::streams, keys::stream(stream, event.version), keys::u64(event.position));
      for (const auto& claim : envelope.claims)
        claims[keys::claim(claim.name_space, claim.key)] =
            claim.add ? std::optional{claim_value(event.position, stream)} : std::nullopt;
      edge.push(hash_leaf(event.version, event.envelope), filled);
    }
    for (const auto& tile : filled)
      put(batch, keys::tiles, keys::tile(tile.level, tile.index), tile_value(tile.hashes));
    for (const auto& [id, command] : append.commands)
      put(batch, keys::commands, keys::command(id), command_value(command));
    if (edge.size() != append.head.next || edge.root() != append.head.root)
      throw Damaged("append " + std::to_string(append.number) +
                    " of the shared log has another root than its events");
  }

  void change_role(rocksdb::WriteBatch& batch, std::optional<std::uint64_t> taken) {
    const os::MutexLock writer{writer_};
    rocksdb::WriteOptions synced;
    synced.sync = true;
    check(store_.db->Write(synced, &batch), "changing the role of the log");
    taken_ = taken;
    if (!taken) tip_.publish(tip_.edge(), false);
  }

  void refuse_if_replica() const TTP_REQUIRES(writer_) {
    if (taken_) throw std::runtime_error(store_.db->GetName() + " is a replica: it takes no commits");
  }

  void put(rocksdb::WriteBatch& batch, std::string_view family, const std::string& key,
           std::string_view value) const {
    check(batch.Put(store_.family(family), key, value), "preparing an append");
  }

  void put_all(const Judge& judge, rocksdb::WriteBatch& batch, TileEdge& edge) const {
    std::vector<FullTile> filled;
    for (const auto& [position, version, event] : judge.placed()) {
      put(batch, keys::events, keys::event(position), event_value(version, event->envelope, event->body));
      put(batch, keys::streams, keys::stream(event->stream, version), keys::u64(position));
      edge.push(hash_leaf(version, event->envelope), filled);
    }
    for (const auto& tile : filled)
      put(batch, keys::tiles, keys::tile(tile.level, tile.index), tile_value(tile.hashes));
    for (const auto& [id, command] : judge.commands())
      put(batch, keys::commands, keys::command(id), command_value(command));
    const auto claimed_at = judge.claimed_at();
    for (const auto& [claim, owner] : judge.claims()) {
      const auto key = keys::claim(claim.first, claim.second);
      if (owner)
        put(batch, keys::claims, key, claim_value(claimed_at.at(claim), *owner));
      else
        check(batch.Delete(store_.family(keys::claims), key), "preparing an append");
    }
  }

  /// After a failed sync the content of the disk is unknown, and a later successful sync would hide that.
  void refuse_if_broken() const TTP_REQUIRES(writer_) {
    if (broken_)
      throw std::runtime_error("an earlier append to " + store_.db->GetName() +
                               " failed: the log takes nothing until it is opened again");
  }

  /// Writes and syncs the batch with its new head, and publishes the head. Returns nothing, or the system's
  /// message if it is not known whether the batch is durable.
  std::optional<std::string> commit(rocksdb::WriteBatch& batch, TileEdge edge, bool sealed)
      TTP_REQUIRES(writer_) {
    put(batch, keys::meta, std::string{keys::meta_head}, head_value({edge.size(), sealed, edge.root()}));
    rocksdb::WriteOptions synced;
    synced.sync = true;
    broken_ = true;
    const auto status = store_.db->Write(synced, &batch);
    if (!status.ok()) return "appending to the log in " + store_.db->GetName() + ": " + status.ToString();
    broken_ = false;
    tip_.publish(std::move(edge), sealed);
    return std::nullopt;
  }

  // -- opening ---------------------------------------------------------------------------------------------

  domain::Uuid begin_or_check_format(const std::optional<domain::Uuid>& new_replica_of) {
    const auto format = get(keys::meta, std::string{keys::meta_format});
    if (!format) return begin(new_replica_of);
    if (*format != keys::u32(keys::log_format))
      throw Damaged("the log has a format that this program does not know");
    const auto stored = get(keys::meta, std::string{keys::meta_id});
    domain::Uuid id;
    if (!stored || stored->size() != id.bytes.size()) throw Damaged("the log has no identifier");
    std::ranges::copy(events::as_bytes(*stored), id.bytes.begin());
    return id;
  }

  std::optional<std::uint64_t> taken_on_disk() const {
    const auto stored = get(keys::meta, std::string{keys::meta_replica});
    return stored ? std::optional{events::get_be64(*stored)} : std::nullopt;
  }

  domain::Uuid begin(const std::optional<domain::Uuid>& new_replica_of) {
    if (last_position()) throw Damaged("the log has events but no format");
    domain::Uuid id;
    events::fill_random(id.bytes);
    if (new_replica_of) id = *new_replica_of;
    rocksdb::WriteBatch batch;
    if (new_replica_of) put(batch, keys::meta, std::string{keys::meta_replica}, keys::u64(0));
    put(batch, keys::meta, std::string{keys::meta_format}, keys::u32(keys::log_format));
    put(batch, keys::meta, std::string{keys::meta_id}, events::as_text(id.bytes));
    put(batch, keys::meta, std::string{keys::meta_head}, head_value({0, false, TileEdge{}.root()}));
    rocksdb::WriteOptions synced;
    synced.sync = true;
    check(store_.db->Write(synced, &batch), "beginning the log");
    return id;
  }

  std::optional<Position> last_position() const {
    const auto row = iterate(keys::events);
    row->SeekToLast();
    check(row->status(), "looking for the last event");
    return row->Valid() ? std::optional{events::get_be64(row->key().ToStringView())} : std::nullopt;
  }

  /// The stored head, checked against the last event and the Merkle tree.
  Tip tip_on_disk() const {
    const auto stored = get(keys::meta, std::string{keys::meta_head});
    if (!stored) throw Damaged("the log has no head");
    const Head head = head_from(*stored);
    const auto last = last_position();
    const Position next = last ? *last + 1 : 0;
    if (head.next != next)
      throw Damaged("the log's head says " + std::to_string(head.next) + " events, its last event makes " +
                    std::to_string(next));
    auto edge = TileEdge::rebuild(
        next, [this](unsigned level, std::uint64_t index) { return full_tile(level, index); },
        last_leaves(next));
    if (edge.root() != head.root)
      throw Damaged("the log's Merkle tree does not give the root that its head says");
    return Tip{std::move(edge), head.sealed};
  }

  std::vector<Hash> last_leaves(Position next) const {
    std::vector<Hash> leaves;
    for (Position position = next - next % tile_width; position < next; ++position) {
      const auto value = get(keys::events, keys::event(position));
      if (!value) throw Damaged("the log has no event at position " + std::to_string(position));
      const auto event = event_from(position, *value);
      leaves.push_back(hash_leaf(event.version, event.envelope));
    }
    return leaves;
  }

  rocks::Database store_;
  mutable os::Mutex writer_;
  bool broken_ TTP_GUARDED_BY(writer_) = false;
  mutable std::optional<os::Fault> damage_;  ///< only in the log that is served
  KnownVersions versions_{store_.memory.known_versions};
  domain::Uuid id_;
  /// The last append of the shared log that was taken; nothing: the log stands alone.
  std::optional<std::uint64_t> taken_ TTP_GUARDED_BY(writer_);
  Tip tip_;
  std::optional<os::Worker> checker_;  ///< checks the remaining index files after the start
};

}  // namespace

std::span<const rocks::WantedFamily> rocks::log_families() {
  static constexpr std::array<WantedFamily, 6> families{{
      {keys::events},
      {keys::streams},
      // Each command is looked up, and most have never been sent before.
      {keys::commands, Filters::whole},
      // Most names that are claimed have not been claimed before.
      {keys::claims, Filters::whole},
      {keys::tiles},
      {keys::meta},
  }};
  return families;
}

namespace {

std::unique_ptr<RocksLog> open_checked(const std::filesystem::path& dir, const Memory& memory,
                                       std::optional<domain::Uuid> new_replica_of = {}) {
  auto log = std::make_unique<RocksLog>(
      rocks::open(dir, rocks::log_families(), rocks::Damage::refuse, rocks::Deletion::in_parts, memory),
      new_replica_of);
  log->check_index();
  log->report_damage();
  return log;
}

}  // namespace

std::unique_ptr<Log> open_rocks_log(const std::filesystem::path& dir, const Memory& memory) {
  auto log = open_checked(dir, memory);
  if (log->taken())
    throw std::runtime_error("the log in " + dir.string() +
                             " was moved into PostgreSQL; this folder is its replica and takes nothing. To "
                             "move it back: ttpctl move out");
  return log;
}

std::unique_ptr<Replica> open_rocks_replica(const std::filesystem::path& dir, const domain::Uuid& id,
                                            const Memory& memory) {
  auto log = open_checked(dir, memory, id);
  if (log->id() != id) throw std::runtime_error(dir.string() + " holds another log than the shared one");
  if (!log->taken())
    throw std::runtime_error("the log in " + dir.string() +
                             " stands alone and is no replica of the shared log. To move it into PostgreSQL: "
                             "ttpctl move in");
  return log;
}

std::unique_ptr<Replica> open_rocks_log_to_move(const std::filesystem::path& dir, const Memory& memory) {
  if (!std::filesystem::exists(dir / "CURRENT"))
    throw std::runtime_error("there is no log in " + dir.string());
  return open_checked(dir, memory);
}

std::unique_ptr<Log> look_at_rocks_log(const std::filesystem::path& dir) {
  const std::shared_ptr<rocksdb::Env> of_the_system{rocksdb::Env::Default(), [](rocksdb::Env*) {}};
  return std::make_unique<RocksLog>(
      rocks::open_read_only(dir.string(), of_the_system, rocks::log_families()));
}

rocksdb::DB& rocks::database_of(const Log& log) {
  const auto* on_rocks = dynamic_cast<const RocksLog*>(&log);
  if (!on_rocks) throw std::invalid_argument("only a log on disk can be backed up");
  return on_rocks->database();
}

std::unique_ptr<Log> rocks::open_log(const BackupFolder& backups, std::uint32_t id) {
  return std::make_unique<RocksLog>(backups.open(id, log_families()));
}

}  // namespace ttp::storage
