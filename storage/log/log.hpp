// The log: one total order of events without gaps, durable before anyone is told. This is the promise that
// every engine keeps (tests/storage/log_test.cpp runs against each); nothing above it knows which one it is.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "domain/ids.hpp"
#include "events/bytes.hpp"
#include "events/envelope.hpp"

namespace ttp::storage {

/// 0, 1, 2, ... without gaps; also the index of the event's leaf in the Merkle tree.
using Position = std::uint64_t;
/// How many events a stream has; 0 means that it does not exist yet. An event's own version counts from 1.
using StreamVersion = std::uint64_t;

inline constexpr std::size_t stream_bytes_max = 255;
inline constexpr std::size_t name_space_bytes_max = 255;
inline constexpr std::size_t body_bytes_max = 16 * 1024 * 1024;

/// An event to append. Position and version are the log's to give.
struct NewEvent {
  std::string stream;                       ///< 1 to `stream_bytes_max` bytes
  std::string envelope;                     ///< 1 to `events::envelope_bytes_max` bytes
  std::string body;                         ///< at most `body_bytes_max` bytes
  std::vector<events::ClaimChange> claims;  ///< the envelope's own; the claims' owner is `stream`
};

struct ExpectedVersion {
  std::string stream;
  StreamVersion version = 0;
};

/// All of it or nothing of it. A stream that is written but not named in `expected` is appended to as it
/// stands.
struct Commit {
  domain::CommandId id{};
  events::Hash fingerprint{};  ///< of the request, so that the caller can tell a retry from a reused key
  std::vector<ExpectedVersion> expected;
  std::vector<NewEvent> events;
  std::string answer;  ///< stored with the command and handed back to whoever sends it again
  /// The caller has looked for the command among the log's first so many events and not found it.
  Position looked_through = 0;
};

struct Appended {
  Position first = 0, last = 0;
  friend bool operator==(const Appended&, const Appended&) = default;
};
/// The command was appended before: where, for which request, and with which answer.
struct Duplicate {
  Position first = 0, last = 0;
  events::Hash fingerprint{};
  std::string answer;
  friend bool operator==(const Duplicate&, const Duplicate&) = default;
};
/// The first stream of `expected` that stands elsewhere, and where.
struct Stale {
  std::string stream;
  StreamVersion actual = 0;
  friend bool operator==(const Stale&, const Stale&) = default;
};
/// Another stream holds a claim in this name space.
struct Claimed {
  std::string name_space;
  friend bool operator==(const Claimed&, const Claimed&) = default;
};
/// The log takes nothing any more.
struct Sealed {
  friend bool operator==(const Sealed&, const Sealed&) = default;
};
using Outcome = std::variant<Appended, Duplicate, Stale, Claimed, Sealed>;

struct StoredEvent {
  Position position = 0;
  StreamVersion version = 0;  ///< its number in its stream, from 1
  std::string envelope;
  std::string body;
  friend bool operator==(const StoredEvent&, const StoredEvent&) = default;
};

/// The same where the log has it, good for as long as it is being visited.
struct SeenEvent {
  Position position = 0;
  StreamVersion version = 0;
  std::string_view envelope;
  std::string_view body;
};

/// What the log keeps beside its events, so that it need not read them all: where each event of a stream
/// stands, where each command was appended, and who holds each claim by which event.
struct StreamRow {
  std::string stream;
  StreamVersion version = 0;
  Position position = 0;
  friend auto operator<=>(const StreamRow&, const StreamRow&) = default;
};
struct CommandRow {
  domain::CommandId command{};
  Position first = 0, last = 0;
  friend auto operator<=>(const CommandRow&, const CommandRow&) = default;
};
struct ClaimRow {
  std::string name_space;
  events::Hash key{};
  std::string owner;
  Position position = 0;  ///< of the event by which the owner took it last
  friend auto operator<=>(const ClaimRow&, const ClaimRow&) = default;
};

/// `root` is the RFC 6962 root over the leaves 0 to `next` - 1; of no leaves, the SHA-256 of nothing.
struct Head {
  Position next = 0;
  bool sealed = false;
  events::Hash root{};
  friend bool operator==(const Head&, const Head&) = default;
};

/// All functions can be called from any thread. A damaged store throws events::Damaged, a disk that does not
/// do its work std::runtime_error; after a failed append the log takes no other until it is opened again.
class Log {
 public:
  virtual ~Log() = default;
  Log(const Log&) = delete;
  Log& operator=(const Log&) = delete;

  /// Made with the log and never changed; a projection's checkpoint names it, so that none follows another
  /// log.
  virtual domain::Uuid id() const = 0;
  /// What is durable now.
  virtual Head head() const = 0;

  /// Judges each commit alone and in order, seeing those before it, and makes all that were accepted durable
  /// with one synced write before it returns. A commit is judged in this order: duplicate, sealed, stale,
  /// claimed. Throws std::invalid_argument for a commit without events or an event without stream or
  /// envelope, std::length_error for one that is too long and std::logic_error for the release of a claim by
  /// a stream that does not hold it; nothing of the span is appended then.
  virtual std::vector<Outcome> append(std::span<const Commit> commits) = 0;

  /// Visits the events from `from` on, at most `limit`, without a gap; none at or beyond the head. Throws
  /// Damaged where an event is missing, after it has visited those before.
  virtual void scan(Position from, std::size_t limit,
                    const std::function<void(const SeenEvent&)>& visit) const = 0;
  /// The same events, copied.
  std::vector<StoredEvent> read(Position from, std::size_t limit) const;
  /// A stream's events after its version `after`, at most `limit`, without a gap.
  virtual std::vector<StoredEvent> read_stream(std::string_view stream, StreamVersion after,
                                               std::size_t limit) const = 0;
  /// The number of events in a stream. What is `likely` true is cheap to find out; anything else is right,
  /// too.
  virtual StreamVersion stream_version(std::string_view stream, StreamVersion likely) const = 0;
  StreamVersion stream_version(std::string_view stream) const { return stream_version(stream, 0); }
  /// Where and with which answer a command was appended; nothing if it never was.
  virtual std::optional<Duplicate> find_command(const domain::CommandId& id) const = 0;
  /// The stream that holds a claim.
  virtual std::optional<std::string> claim_owner(std::string_view name_space,
                                                 const events::Hash& key) const = 0;

  // Every row of what the log keeps beside its events, in any order; for who compares them with the events.
  virtual void each_stream_row(const std::function<void(const StreamRow&)>& visit) const = 0;
  virtual void each_command_row(const std::function<void(const CommandRow&)>& visit) const = 0;
  virtual void each_claim_row(const std::function<void(const ClaimRow&)>& visit) const = 0;

  /// Blocks until the head's `next` is greater than `position` or the time is up; returns the head's `next`.
  virtual Position wait_beyond(Position position, std::chrono::milliseconds time_out) const = 0;
  /// What was appended before the call is durable when it returns; returns the head's `next`.
  virtual Position barrier() = 0;
  /// No append ever after; retries of earlier commands still get their answers. Durable, and done once.
  virtual Head seal() = 0;

  /// The hashes present of tile `index` at `level` in the C2SP tlog-tiles layout: 1 to 256, fewer than 256
  /// only at the right edge. Level 0 holds leaf hashes, a hash at level n + 1 is the root of a full tile at
  /// level n. Throws std::out_of_range for a tile that does not exist yet.
  virtual std::vector<events::Hash> tile(unsigned level, std::uint64_t index) const = 0;
  /// The root over the first `size` leaves. Throws std::out_of_range beyond the head.
  events::Hash root_at(Position size) const;
  /// SHA-256(0x00 || be64(version) || envelope). Throws std::out_of_range at or beyond the head.
  events::Hash leaf_hash(Position position) const;

 protected:
  Log() = default;
};

}  // namespace ttp::storage
