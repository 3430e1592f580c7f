// The log: one total order of events without gaps; an event is durable before any caller learns of it. Every
// engine keeps this promise (tests/storage/log_test.cpp runs against each), and no caller knows the engine.
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
#include "domain/time.hpp"
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

/// An event to append. The log assigns position and version.
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

/// A unit that is appended whole or not at all. A stream that is written but not named in `expected` is
/// appended to at any version. A commit without events only checks `expected`; if it has an id, the command
/// and its answer are stored, so that the command is not executed again.
struct Commit {
  domain::CommandId id{};
  events::Hash fingerprint{};  ///< of the request; distinguishes a retry from a reused command id
  std::vector<ExpectedVersion> expected;
  std::vector<NewEvent> events;
  std::string answer;  ///< stored with the command and returned when the command is sent again
  /// The log's size when the caller looked for the command and did not find it. Only for a log with a single
  /// writer: a command without events does not make the log longer.
  std::optional<Position> looked_through{};
};

/// The commit is durable, at these positions. For a commit without events `first` is the log's size and
/// `last` the position before it (which wraps round if the log is empty).
struct Appended {
  Position first = 0, last = 0;
  friend bool operator==(const Appended&, const Appended&) = default;
};
/// The command was appended before, at these positions, for this request and with this answer.
struct Duplicate {
  Position first = 0, last = 0;
  events::Hash fingerprint{};
  std::string answer;
  bool has_events() const { return last + 1 != first; }
  friend bool operator==(const Duplicate&, const Duplicate&) = default;
};
/// The first stream of `expected` that has another version, and its version. Also a stream whose expected
/// version an earlier commit of the same append would have given it, had it been appended: another writer may
/// have given the stream that version with another event.
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
/// Another process recorded its last event, at `last`, later than this commit's events. Time never goes back
/// along the log, so the commit must be decided again with a time that is not before `last`.
struct TooEarly {
  domain::Time last{};
  friend bool operator==(const TooEarly&, const TooEarly&) = default;
};
/// The log is sealed and accepts no further events.
struct Sealed {
  friend bool operator==(const Sealed&, const Sealed&) = default;
};
/// The commit could not be judged: it is malformed, it releases a claim that its stream does not hold, or a
/// row that it needs cannot be read. It is not appended; the other commits of the span are not affected.
struct Failed {
  std::string why;
  friend bool operator==(const Failed&, const Failed&) = default;
};
/// The write began and failed, so it is not known whether the commit is durable. Send the same command id
/// again until the outcome is known. `why` has the system's own message.
struct Unknown {
  std::string why;
  friend bool operator==(const Unknown&, const Unknown&) = default;
};
using AppendResult = std::variant<Appended, Duplicate, Stale, Claimed, TooEarly, Sealed, Failed, Unknown>;

struct StoredEvent {
  Position position = 0;
  StreamVersion version = 0;  ///< its number in its stream, from 1
  std::string envelope;
  std::string body;
  friend bool operator==(const StoredEvent&, const StoredEvent&) = default;
};

/// The same event without a copy; the views are valid only during the visit.
struct SeenEvent {
  Position position = 0;
  StreamVersion version = 0;
  std::string_view envelope;
  std::string_view body;
};

/// The rows of the indexes beside the events: the position of each event of a stream, the positions of each
/// command, and for each claim the owning stream and the event by which it holds the claim.
struct StreamRow {
  std::string stream;
  StreamVersion version = 0;
  Position position = 0;
  friend auto operator<=>(const StreamRow&, const StreamRow&) = default;
};
struct CommandRow {
  domain::CommandId command{};
  Position first = 0, last = 0;  ///< as in Appended
  bool has_events() const { return last + 1 != first; }
  friend auto operator<=>(const CommandRow&, const CommandRow&) = default;
};
struct ClaimRow {
  std::string name_space;
  events::Hash key{};
  std::string owner;
  Position position = 0;  ///< of the last event by which the owner took it
  friend auto operator<=>(const ClaimRow&, const ClaimRow&) = default;
};

/// `root` is the RFC 6962 root over the leaves 0 to `next` - 1; without leaves, the SHA-256 of no bytes.
struct Head {
  Position next = 0;
  bool sealed = false;
  events::Hash root{};
  friend bool operator==(const Head&, const Head&) = default;
};

/// All functions can be called from any thread. A damaged store throws events::Damaged, a failing disk
/// std::runtime_error.
class Log {
 public:
  virtual ~Log() = default;
  Log(const Log&) = delete;
  Log& operator=(const Log&) = delete;

  /// Assigned when the log is created and never changed. A projection stores it with its position, so that it
  /// never follows another log.
  virtual domain::Uuid id() const = 0;
  /// Whether other processes may append to this log. If so, a read can be out of date when it is used: a
  /// refusal that was decided from it is confirmed by a commit without events before it is answered.
  virtual bool others_may_write() const = 0;
  /// The end of the log as this process knows it: everything before it is durable, and all reads below show
  /// it. If other processes may write, the log can be longer; call `barrier` for a current head.
  virtual Head head() const = 0;

  /// Judges each commit alone and in order, seeing those before it, and makes all that were accepted durable
  /// with one synced write before it returns. A commit is judged in this order: failed, duplicate, sealed
  /// (if it would write something), stale, claimed, too early. If the write fails, every commit of the span
  /// is unknown. Throws only if nothing of the span was written: after an unknown commit a log on this
  /// machine's disk throws std::runtime_error until it is opened again; a shared log first finds out what
  /// became of that commit.
  virtual std::vector<AppendResult> append(std::span<const Commit> commits) = 0;

  /// Visits the events from `from` on, at most `limit`, without a gap; none at or beyond the head. Throws
  /// Damaged if an event is missing, after it has visited those before it.
  virtual void scan(Position from, std::size_t limit,
                    const std::function<void(const SeenEvent&)>& visit) const = 0;
  /// The same events, copied.
  std::vector<StoredEvent> read(Position from, std::size_t limit) const;
  /// A stream's events after its version `after`, at most `limit`, without a gap.
  virtual std::vector<StoredEvent> read_stream(std::string_view stream, StreamVersion after,
                                               std::size_t limit) const = 0;
  /// The number of events in a stream. `likely` is a guess: a right guess is cheap to confirm, a wrong one
  /// only costs time.
  virtual StreamVersion stream_version(std::string_view stream, StreamVersion likely) const = 0;
  StreamVersion stream_version(std::string_view stream) const { return stream_version(stream, 0); }
  /// The positions and the answer of a command; nothing if it was never appended.
  virtual std::optional<Duplicate> find_command(const domain::CommandId& id) const = 0;
  /// The stream that holds a claim.
  virtual std::optional<std::string> claim_owner(std::string_view name_space,
                                                 const events::Hash& key) const = 0;

  // Every row of the indexes beside the events, in any order; for comparing them with the events.
  virtual void each_stream_row(const std::function<void(const StreamRow&)>& visit) const = 0;
  virtual void each_command_row(const std::function<void(const CommandRow&)>& visit) const = 0;
  virtual void each_claim_row(const std::function<void(const ClaimRow&)>& visit) const = 0;

  /// Blocks until the head's `next` is greater than `position` or the time is up; returns the head's `next`.
  virtual Position wait_beyond(Position position, std::chrono::milliseconds time_out) const = 0;
  /// Waits for every append that any process began before the call; then `head` and the reads show those
  /// appends. Returns the head's `next`. Throws std::runtime_error if that cannot be known.
  virtual Position barrier() = 0;
  /// Ends the log for good: no later append is accepted; retries of earlier commands still get their answers.
  /// Durable when it returns; a second call changes nothing.
  virtual Head seal() = 0;

  /// The hashes of tile `index` at `level` in the C2SP tlog-tiles layout: 1 to 256, fewer than 256 only at
  /// the right edge. Level 0 holds leaf hashes; a hash at level n + 1 is the root of a full tile at level n.
  /// Throws std::out_of_range for a tile that does not exist yet.
  virtual std::vector<events::Hash> tile(unsigned level, std::uint64_t index) const = 0;
  // A turn (class Turn). Nothing to do for a log that no other process writes.

  /// Waits until no other process appends and keeps them from it until the next `append` has ended or
  /// `leave_turn` is called; then `head` and the reads show the end of the log. Returns how many events of
  /// others it has met. Throws std::runtime_error if the shared log cannot be reached.
  virtual Position enter_turn() { return 0; }
  virtual void leave_turn() {}

  /// The root over the first `size` leaves. Throws std::out_of_range beyond the head.
  events::Hash root_at(Position size) const;
  /// SHA-256(0x00 || be64(version) || envelope). Throws std::out_of_range at or beyond the head.
  events::Hash leaf_hash(Position position) const;

 protected:
  Log() = default;
};

/// While it lives, no other process appends, so what is decided meanwhile is decided at the end of the log.
/// The next append uses the turn up. Take one after an append was overtaken, and keep it short: all other
/// writers wait.
class Turn {
 public:
  explicit Turn(Log& log) : log_(log), met_(log.enter_turn()) {}
  ~Turn() { log_.leave_turn(); }
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;
  /// How many events of other processes it has met.
  Position met() const { return met_; }

 private:
  Log& log_;
  const Position met_;
};

/// The commands of a log that recorded no event, in the order in which they were accepted: each comes after
/// the event at its `last`.
std::vector<CommandRow> commands_without_events(const Log& log);

}  // namespace ttp::storage
