// One batch of commands. Each is decided on the state at the head of the log with the changes of the earlier
// commands of the batch. The states here change at once; the log gets the commits afterwards
// (service/writer/executor.hpp) and accepts only those whose states are still current.
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

/// The caller, the origin and the identifiers of a request: the data that envelopes record beside the bodies.
struct Asked {
  domain::UserId by;  ///< nil for the service itself and its tools
  events::ActorKind kind = events::ActorKind::system;
  domain::SessionId session;
  domain::Uuid request;
  domain::Uuid causation;
  std::string origin_address;    ///< of the client; the log gets it sealed or shortened (events/origin.hpp)
  std::string origin_network{};  ///< what the log gets of it for an anonymous act
  std::string network;           ///< of that address; limits and queues count by it; never stored
  /// The identities of a request with an Idempotency-Key, one for each generation of the key; empty: none was
  /// given, and a command id is drawn.
  std::vector<KnownRequest> known_as{};
  /// If set, the caller may only get an earlier answer again; without one the command is refused with this
  /// reason.
  std::optional<domain::Reason> only_earlier_answer{};
  /// The required version of the stream that the command writes; of the profile, for a command about one.
  std::optional<domain::SeenVersion> if_match{};
  /// Whether the password was right, checked beforehand; of a recovery, whether number and name are one
  /// person's ...
  bool secret_matches = false;
  std::uint32_t credential_version = 0;  ///< ... with this version of the credential
  bool password_is_common = false;
  bool from_carrier = false;  ///< the service asks, because the letter provider told it
};

/// Whether the decision reads views as well as states; then the views must first show all earlier commands.
bool asks_the_views(const Command& command);

/// The data for decisions: the states, and everything else to look up. Except `now`, only the writer's thread
/// may use it.
class Decider {
 public:
  Decider(const storage::Log& log, storage::Vault& vault, const Queries& queries, const Secrets& secrets,
          Clock& clock);

  /// The time that the next event would be recorded at: never before the last event's.
  domain::Time now() const { return clock_.now(); }
  /// Whether a refusal must be confirmed by the log before it is answered.
  bool confirms_refusals() const { return log_.others_may_write(); }
  /// Call it after a commit was not appended as decided: drops the states that it read or changed.
  void forget_states(const storage::Commit& commit);
  /// Call it after other processes have appended: no event is decided with a time before `last`, or before
  /// the log's last event.
  void run_on_from(domain::Time last) { clock_.run_on_from(last); }
  void run_on_from_log();
  /// Call it after the events of a batch were appended.
  void end_batch();
  /// Call it after a person's key was destroyed, from any thread: drops unsealed data from memory.
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
  /// `commands` is the expected number of commands.
  Batch(Decider& decider, std::size_t commands);
  ~Batch();
  Batch(const Batch&) = delete;
  Batch& operator=(const Batch&) = delete;

  struct Result {
    CommandResult answer;
    /// Index into commits: the commit to append, or the one that confirms the answer.
    std::optional<std::size_t> commit;
    bool is_replay = false;            ///< whether the answer is an earlier one
    std::optional<std::string> fault;  ///< why the command could not be decided
  };

  /// Decides the next command; false if it must wait until this batch is in the log. An exception fails this
  /// command alone.
  bool take(Command& command, const Asked& asked);

  /// The results, in the order of the commands that were taken.
  std::vector<Result>& results() { return results_; }
  std::vector<storage::Commit>& commits() { return commits_; }
  /// The events of each commit, complete but for their positions, which the log assigns; none for a command
  /// that changed nothing.
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
