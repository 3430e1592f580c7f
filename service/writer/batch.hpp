// One batch of commands: each is decided against the state at the head of the log, seeing what the commands
// before it have changed. States move on here at once; the log takes the commits afterwards
// (service/writer/executor.hpp) and only where the states they were decided on are still current.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "domain/decision.hpp"
#include "events/envelope.hpp"
#include "events/recorded.hpp"
#include "service/clock.hpp"
#include "service/commands.hpp"
#include "service/reading/queries.hpp"
#include "service/secrets/secrets.hpp"
#include "service/writer/answer.hpp"
#include "service/writer/states.hpp"
#include "storage/log/log.hpp"
#include "storage/vault/vault.hpp"

namespace ttp::service {

/// Who asks, from where, and under which ids: what the envelope tells of every event beyond its body.
struct Asked {
  domain::UserId by;  ///< nil for the service itself and its tools
  events::ActorKind kind = events::ActorKind::system;
  domain::SessionId session;
  domain::Uuid request;
  domain::Uuid causation;
  std::string origin_address;
  std::string network;  ///< of that address: what limits and queues count by; never stored
  /// What the Idempotency-Key stands for, under each key there was; empty: none was given, and a command id
  /// is drawn.
  std::vector<KnownRequest> known_as{};
  /// The one who asks may do nothing any more but have an earlier answer again: what to refuse with where
  /// there is none.
  std::optional<domain::Reason> only_earlier_answer{};
  std::optional<storage::StreamVersion> if_match;  ///< of the stream that the command writes
  bool secret_matches = false;                     ///< the password, verified beforehand against ...
  std::uint32_t credential_version = 0;            ///< ... this version of the credential
  bool password_is_common = false;
};

/// Whether more than the states of streams decides over it: the views must show all that was decided before.
bool asks_the_views(const Command& command);

/// What batches are decided on: the states, and whatever else is to be looked up. But for `now`, only the
/// writer of the moment may use it.
class Decider {
 public:
  Decider(const storage::Log& log, storage::Vault& vault, const Queries& queries, const Secrets& secrets,
          Clock& clock);

  /// The time that the next event would be recorded at: never before the last event's.
  domain::Time now() const { return clock_.now(); }
  /// Whether a refusal must be confirmed by the log before it is told.
  bool confirms_refusals() const { return log_.others_may_write(); }
  /// After a commit was not appended as it was decided: the states that it read or moved on are read again.
  void forget_states(const storage::Commit& commit);
  /// Between batches.
  void trim_states();
  /// After a person's key was destroyed, by any thread: drops what it has opened from memory.
  void forget_what_was_unsealed() const { queries_.snapshots().forget_all(); }

 private:
  friend class Batch;

  void forget_state(std::string_view stream);

  const storage::Log& log_;
  storage::Vault& vault_;
  const Queries& queries_;
  const Secrets& secrets_;
  Clock& clock_;
  HeadStates<domain::User> users_;
  HeadStates<domain::Account> accounts_;
  HeadStates<domain::Programme> programmes_;
};

class Batch {
 public:
  /// Of about so many commands.
  Batch(Decider& decider, std::size_t commands);
  ~Batch();
  Batch(const Batch&) = delete;
  Batch& operator=(const Batch&) = delete;

  struct Result {
    CommandResult answer;
    /// Index into commits: of what is to be appended, or of what confirms that the answer still holds.
    std::optional<std::size_t> commit;
    bool is_replay = false;            ///< the answer is an earlier one
    std::optional<std::string> fault;  ///< why the command could not be decided
  };

  /// Decides a command as the next one; false where it must wait until this batch is in the log. An exception
  /// fails this command alone.
  bool take(Command& command, const Asked& asked);

  /// In the order of the commands that were taken.
  std::vector<Result>& results() { return results_; }
  std::vector<storage::Commit>& commits() { return commits_; }
  /// The events of each commit, as they will stand in the log once it has given them their positions; none
  /// for a command that changed nothing.
  std::vector<std::vector<events::Recorded>>& decided() { return decided_; }

 private:
  class Deciding;

  Decider& decider_;
  std::unique_ptr<Deciding> deciding_;
  storage::Position stands_at_;  ///< the log's size when the batch began
  std::set<domain::CommandId> ids_;
  std::map<std::pair<std::string, events::Hash>, std::optional<std::string>> claims_;  ///< by name space
  std::vector<Result> results_;
  std::vector<storage::Commit> commits_;
  std::vector<std::vector<events::Recorded>> decided_;
};

}  // namespace ttp::service
