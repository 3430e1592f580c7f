// The service as a whole: opens the stores in the order that keeps the promises, connects the parts, and
// prepares commands that need more than the executor (a password check, a look-up of a user name).
#pragma once

#include <chrono>
#include <expected>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "carriers/bounce_marks.hpp"
#include "carriers/letter_service.hpp"
#include "carriers/relay.hpp"
#include "delivery/folder.hpp"
#include "delivery/mail.hpp"
#include "os/mutex.hpp"
#include "os/worker.hpp"
#include "projections/runner.hpp"
#include "service/clock.hpp"
#include "service/config.hpp"
#include "service/disk_watch.hpp"
#include "service/reading/looks.hpp"
#include "service/reading/queries.hpp"
#include "service/reading/state_source.hpp"
#include "service/secrets/keys.hpp"
#include "service/secrets/known_networks.hpp"
#include "service/secrets/mailbox_limits.hpp"
#include "service/secrets/new_verifiers.hpp"
#include "service/secrets/passwords.hpp"
#include "service/secrets/registration_codes.hpp"
#include "service/secrets/secrets.hpp"
#include "service/secrets/session_activity.hpp"
#include "service/secrets/unknown_names.hpp"
#include "service/workers/backups.hpp"
#include "service/workers/bounces.hpp"
#include "service/workers/delivery_worker.hpp"
#include "service/workers/letter_reports.hpp"
#include "service/workers/mail_journal.hpp"
#include "service/workers/mailbox_mails.hpp"
#include "service/workers/rebuilder.hpp"
#include "service/workers/scheduler.hpp"
#include "service/writer/erasures.hpp"
#include "service/writer/executor.hpp"
#include "snapshots/snapshots.hpp"
#include "storage/log/log.hpp"
#include "storage/tables/view_store.hpp"
#include "storage/tree/checkpoint.hpp"
#include "storage/vault/vault.hpp"

namespace ttp::service {

/// The stores of one data directory, opened and checked, for the server and the tools: the log is compared
/// with its last signed checkpoint, the views are brought up to the log's head.
struct Stores {
  enum class CheckpointCheck { required, skipped };
  /// Throws storage::NotTheSignedLog, WrongMasterKey, events::Damaged or std::runtime_error with a sentence.
  explicit Stores(const Config& config, const projections::Progress& progress = {},
                  CheckpointCheck check = CheckpointCheck::required);
  /// The checkpoint on file. Throws events::Damaged if it is not this log's or not signed with its key.
  std::optional<storage::SignedCheckpoint> signed_checkpoint() const;
  /// The keys that sign the log's checkpoints, the newest first; and the public halves of all of them.
  storage::SigningKeys signing_keys() const { return keys.of(KeyPurpose::checkpoint_signing).newest_first(); }
  std::vector<storage::Verifier> verifiers() const { return storage::verifiers_of(origin, signing_keys()); }

  storage::Memory memory;
  std::unique_ptr<storage::Log> log;
  std::unique_ptr<storage::Vault> vault;
  std::unique_ptr<storage::ViewStore> views;
  Keys keys;
  Secrets secrets;
  events::FindSubjectKey find_key;
  storage::CheckpointFile checkpoint_file;
  std::string origin;
  Erasures erasures;
  snapshots::Snapshots snapshots;
  projections::Runner runner;
  Queries queries;

 private:
  /// Completes erasures that the log has but that were interrupted before they were listed.
  void complete_erasures();
};

/// A member of the programme staff that sandbox mode creates.
struct SandboxStaff {
  domain::UserName user_name;
  std::string password;
  domain::UserId user;
  domain::StaffRole role{};
};

inline constexpr std::chrono::seconds end_after_fault{10};

class Service {
 public:
  explicit Service(const Config& config);
  ~Service();  ///< stops
  Service(const Service&) = delete;
  Service& operator=(const Service&) = delete;

  void stop();
  /// Whether the writer stopped longer ago than `end_after_fault`, so that the process must end and be
  /// started again. Until then reads go on, so that a load balancer can notice.
  bool must_end() const;

  const Config& config() const { return config_; }
  const Queries& queries() const { return stores_.queries; }
  /// The current states.
  const StateSource& states() const { return live_; }
  PastStates states_at(PastPoint point) const;
  const Secrets& secrets() const { return stores_.secrets; }
  const storage::Log& log() const { return *stores_.log; }
  const projections::Runner& runner() const { return stores_.runner; }
  projections::Runner& runner() { return stores_.runner; }
  const Rebuilder& rebuilder() const { return rebuilder_; }
  Rebuilder& rebuilder() { return rebuilder_; }
  /// nullptr if no folder for backups is configured.
  Backups* backups() { return backups_ ? &*backups_ : nullptr; }
  const storage::CheckpointKeeper& checkpoints() const { return checkpoints_; }
  /// Proves the event at this position with a signed checkpoint that covers it (C2SP tlog-proof). If the last
  /// checkpoint does not cover it, signs a new one. Throws std::out_of_range at or beyond the head.
  std::string receipt(storage::Position position);
  const Executor& executor() const { return executor_; }
  const Passwords& passwords() const { return passwords_; }
  const DeliveryWorker& delivery() const { return delivery_; }
  const MailJournal& journal() const { return journal_; }
  // nullptr without such a carrier.
  const carriers::Relay* relay() const { return relay_.get(); }
  const carriers::LetterService* letter_service() const { return letter_service_.get(); }
  const Bounces* bounces() const { return bounces_ ? &*bounces_ : nullptr; }
  const LetterReports* letter_reports() const { return letter_reports_ ? &*letter_reports_ : nullptr; }
  const DiskWatch& disk() const { return disk_; }
  SessionActivity& sessions() { return sessions_; }
  domain::Time now() const { return executor_.now(); }

  /// Records that staff see a person's or a company's data, once for each officer, thing and day. It is
  /// queued for the log before it returns and does not wait until it is durable, so a crash within that
  /// moment can lose it. Returns a refusal if it cannot be queued; then the data must not be shown.
  std::optional<domain::Refusal> note_look(const domain::RecordLook& look, const Asked& asked);
  /// Where an event came from, for the person who acted and for privacy auditors: an address, or of an
  /// anonymous act its network. Nothing if it came from nowhere, or the person was erased.
  std::optional<std::string> origin_of(const events::Recorded& recorded) const;

  /// Carries out an operation and fills in what its event tells; returns the refusal if it cannot be done.
  using Act = std::function<std::optional<domain::Refusal>(domain::RecordOperation&)>;
  /// An act of an operator: carries it out, then records it. A repeat with the same Idempotency-Key gets the
  /// first answer and does nothing. Only a crash between the two can leave an operation without its event; so
  /// the log never knows of a key that the vault lacks. Dropping a standby makes room, so it is carried out
  /// on a nearly full disk without its event. Blocks until the event is durable.
  CommandResult operate(domain::RecordOperation operation, const Asked& asked, const Act& act);

  /// The time from which each key of a purpose serves, the oldest first; for the first key the time of the
  /// first event.
  std::vector<domain::Time> keys_since(KeyPurpose purpose) const;
  /// The keys that verify the log's checkpoints, the newest first: all that ever signed one.
  std::vector<storage::Verifier> verifiers() const { return stores_.verifiers(); }
  /// Creates a purpose's next key while the service runs and returns how many there are now; throws
  /// std::runtime_error.
  std::uint32_t rotate_key(KeyPurpose purpose);
  domain::Time master_key_since() const;
  /// Throws what `service::rotate_master_key` throws. Returns the time from which the new key serves.
  domain::Time rotate_master_key();

  /// Decides and records a command; `done` is called as Executor::submit says. The password in a command is
  /// checked on the password pool first; a full pool answers `overloaded`.
  void submit(Command command, Asked asked, Executor::Done done);
  /// Begins a registration: a code is mailed to the address or, if the address belongs to a credential, a
  /// word to its owner. The result, and its time, do not depend on which.
  std::expected<Registration, domain::Refusal> begin_registration(domain::EmailAddress email,
                                                                  domain::Language language,
                                                                  std::string_view network);
  /// Has the user name that belongs to an address mailed to it. The answer is always the same.
  std::optional<domain::Refusal> remind_of_user_name(domain::EmailAddress email, std::string_view network);
  /// The same as `submit`, but blocks until the answer.
  CommandResult execute(Command command, Asked asked);

  // Sandbox mode only.
  /// Moves the clock forward and records all deadlines that have passed; returns the new time, or nothing if
  /// that would be beyond `clock_end`.
  std::optional<domain::Time> advance_clock(domain::Duration by);
  const Clock& clock() const { return clock_; }
  const delivery::MailFolder& mails() const { return mails_; }
  const delivery::LetterFolder& letters() const { return letters_; }
  std::vector<SandboxStaff> sandbox_staff() const;

 private:
  domain::Time time_of_first_event() const;
  /// The relay, or the mail folder.
  delivery::MailTransport& mail_transport();
  /// The clock, moved ahead as far as the sandbox had moved it before the last stop.
  Clock& restored_clock();
  /// Records erasures again that a restored log does not have.
  void repeat_erasures();
  /// Refuses sandbox mode on the folder of another service, and the folder of a sandbox outside sandbox mode.
  /// Throws std::runtime_error with the sentence for the operator.
  void keep_sandbox_apart();
  void seed_sandbox_staff();
  void submit_registration(domain::RegisterCredential command, Asked asked, const Executor::Done& done);
  void submit_sign_in(domain::StartSignIn command, Asked asked, const Executor::Done& done);
  void submit_recovery(domain::RecoverUser command, Asked asked, const Executor::Done& done);
  /// Why the code for a new mailbox is refused; counts a wrong one.
  std::optional<domain::Refusal> mailbox_refusal(const domain::NewMailbox& mailbox);
  void submit_password_change(domain::ChangePassword command, Asked asked, const Executor::Done& done);
  void submit_email_change(domain::RequestEmailChange command, Asked asked, const Executor::Done& done);
  /// Why an attempt on the current password in this session does not count now. Then no password is hashed,
  /// so that the time of the answer does not depend on it.
  std::optional<domain::Refusal> attempt_refusal(domain::UserId user, domain::SessionId session) const;
  /// Counts a mail to a mailbox that somebody named, and queues it.
  std::optional<domain::Refusal> ask_mailbox(MailboxMail kind, const Registration& registration,
                                             std::string_view network);
  /// The client that a password check is counted for.
  Client client_of(const Asked& asked);
  /// The part of a command's work that hashes a password.
  using PasswordWork = std::function<void(Asked asked, Executor::Done done)>;
  /// Runs `work` on the password pool. Answers `overloaded` if the pool is full, and `internal_fault` if
  /// `work` throws.
  void on_pool(Asked asked, const Executor::Done& done, PasswordWork work);
  /// Wraps `done`: first settles the verifier that was stored for the command, then answers.
  Executor::Done settling(NewVerifiers::Settled verifier, Executor::Done done);

  Config config_;
  Clock clock_;
  Stores stores_;
  DiskWatch disk_;
  storage::CheckpointKeeper checkpoints_;
  NewVerifiers new_verifiers_;
  Passwords passwords_;
  SessionActivity sessions_;
  UnknownNames unknown_names_;
  KnownNetworks known_networks_;
  RegistrationCodes registration_codes_;
  MailboxLimits mailbox_limits_;
  Looks looks_;
  delivery::MailFolder mails_;
  delivery::LetterFolder letters_;
  MailJournal journal_;
  carriers::BounceMarks bounce_marks_;
  std::unique_ptr<carriers::Relay> relay_;                   // nullptr: mails go into the folder
  std::unique_ptr<carriers::LetterService> letter_service_;  // nullptr: the mail room prints
  Executor executor_;
  DeliveryWorker delivery_;
  MailboxMails mailbox_mails_;
  Scheduler scheduler_;
  Rebuilder rebuilder_;
  const LiveStates live_;
  os::Mutex rotating_;   // held while a key is rotated: one rotation at a time
  os::Mutex operating_;  // held by `operate`: one operation at a time
  std::optional<Backups> backups_;
  std::optional<Bounces> bounces_;
  std::optional<LetterReports> letter_reports_;
  os::Worker clock_follower_;
  os::Worker session_sweeper_;
  std::optional<os::Worker> disk_worker_;
  os::Worker snapshot_keeper_;
};

}  // namespace ttp::service
