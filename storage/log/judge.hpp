// Decides which commits may be appended: the rules of the log, shared by all engines. A judge sees the log as
// it stands and, on top of it, the commits that it has accepted itself; the engine then writes those.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "storage/log/log.hpp"

namespace ttp::storage {

/// An accepted event with its position and version. Points into the commit.
struct Placed {
  Position position = 0;
  StreamVersion version = 0;
  const NewEvent* event = nullptr;
};

class Judge {
 public:
  /// Name space and key of a claim.
  using Claim = std::pair<std::string, events::Hash>;
  /// The stream that holds each claim; nothing if the claim was released.
  using ClaimOwners = std::map<Claim, std::optional<std::string>>;
  struct TextHash : std::hash<std::string_view> {
    using is_transparent = void;
  };
  using Versions = std::unordered_map<std::string, StreamVersion, TextHash, std::equal_to<>>;

  /// `log` must not change, and the commits must live, as long as the judge does. For a log that other
  /// processes write, `last_recorded` is the time of its last event. Then the others read stream, claims and
  /// time from the envelope alone: a commit whose envelopes do not tell them is `Failed`, and one whose
  /// events are older than the log's last is `TooEarly`.
  Judge(const Log& log, const Head& head, std::optional<domain::Time> last_recorded = {})
      : log_(log),
        sealed_(head.sealed),
        stands_at_(head.next),
        last_recorded_(last_recorded),
        next_(head.next) {}

  /// Judges each commit in order. A commit that cannot be judged is `Failed` and does not affect the next.
  std::vector<AppendResult> judge(std::span<const Commit> commits);

  /// Whether there is anything to write.
  bool has_accepted() const { return !commands_.empty() || !placed_.empty(); }
  Position next() const { return next_; }
  const std::vector<Placed>& placed() const { return placed_; }
  const std::unordered_map<domain::CommandId, Duplicate>& commands() const { return commands_; }
  const ClaimOwners& claims() const { return claims_; }
  /// The time of the last event with the accepted commits, for a log that other processes write.
  std::optional<domain::Time> last_recorded() const { return last_recorded_; }
  /// The version of every stream that a commit named, as it is after the accepted commits are written.
  Versions take_versions() && { return std::move(versions_); }
  /// The position of the accepted event that changed each of these claims last.
  std::map<Claim, Position> claimed_at() const;

 private:
  AppendResult judge(const Commit& commit);
  /// Remembers which versions a commit that is not appended would have given its streams.
  void note_missing(const Commit& commit);
  /// The reason not to append a commit, or nothing; fills `pending` with the commit's changes of claims.
  std::optional<AppendResult> objection(const Commit& commit, ClaimOwners& pending);
  std::optional<Duplicate> find_command(const Commit& commit) const;
  StreamVersion& version_of(const std::string& stream, StreamVersion likely);
  std::optional<std::string> owner_of(const Claim& claim, const ClaimOwners& pending) const;
  /// The name space of the first claim that another stream holds; fills `pending` with the commit's changes.
  std::optional<std::string> contested(const Commit& commit, ClaimOwners& pending) const;
  Appended accept(const Commit& commit, ClaimOwners&& pending);

  /// Throws for an envelope that does not tell the event's stream and claims.
  void check_envelopes(const Commit& commit) const;
  std::optional<TooEarly> too_early(const Commit& commit) const;

  const Log& log_;
  const bool sealed_;
  const Position stands_at_;  ///< the log's own size, without the accepted commits
  std::optional<domain::Time> last_recorded_;
  Position next_;
  std::vector<Placed> placed_;
  std::unordered_map<domain::CommandId, Duplicate> commands_;
  Versions versions_;
  Versions missing_;  ///< the first version of a stream that a commit of this append did not give it
  ClaimOwners claims_;
};

}  // namespace ttp::storage
