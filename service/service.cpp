#include "service/service.hpp"

#include <algorithm>
#include <array>
#include <filesystem>
#include <future>
#include <limits>
#include <set>
#include <stdexcept>
#include <thread>
#include <utility>

#include <spdlog/spdlog.h>

#include "domain/business_days.hpp"
#include "events/origin.hpp"
#include "service/carriers_of.hpp"
#include "service/data_folder.hpp"
#include "service/secrets/common_passwords.hpp"
#include "service/secrets/vault_census.hpp"
#include "storage/log/rocks_log.hpp"
#include "storage/log/times.hpp"
#include "storage/tree/proofs.hpp"

namespace ttp::service {
namespace {

namespace fs = std::filesystem;
using domain::Reason;

std::unique_ptr<storage::Log> open_log(const Config& config, const storage::Memory& memory) {
  refuse_unready(config);
  fs::create_directories(config.data_dir);
  fs::permissions(config.data_dir, fs::perms::owner_all);
  fs::create_directories(config.checkpoint().parent_path());
  auto log = storage::open_rocks_log(config.data_dir / "log", memory);
  // An empty log without a vault is no loss: a first start was interrupted after it had created the log.
  if (log->head().next > 0 && !holds_database(config.data_dir / "vault")) refuse_lost_vault(config);
  return log;
}

struct SeededRole {
  std::string_view user_name;
  std::string_view title;
  domain::StaffRole role;
};
constexpr std::array<SeededRole, 8> seeded_staff{{
    {"servicedesk1", "Service Desk One", domain::StaffRole::service_desk},
    {"servicedesk2", "Service Desk Two", domain::StaffRole::service_desk},
    {"mailroom1", "Mail Room", domain::StaffRole::mail_room},
    {"officer1", "Programme Officer", domain::StaffRole::programme_officer},
    {"auditor1", "Auditor", domain::StaffRole::auditor},
    {"operator1", "Operator One", domain::StaffRole::operator_},
    {"operator2", "Operator Two", domain::StaffRole::operator_},
    {"privacyaudit1", "Privacy Auditor", domain::StaffRole::privacy_auditor},
}};

std::string seeded_email(const SeededRole& role) {
  return std::string{role.user_name} + "@staff.ttp.invalid";
}

constexpr std::chrono::milliseconds clock_look{500};
constexpr std::size_t swept_notes_max = 500;
constexpr std::chrono::milliseconds sweep_pause{1'000}, sweep_interval{60'000};
constexpr std::chrono::seconds disk_look_interval{1};
/// Mails in an hour that strangers from one network can cause. In a sandbox one person acts for everybody.
constexpr std::size_t mailbox_mails_of_network = 100, mailbox_mails_of_network_in_sandbox = 10'000;

os::Worker::Traits disk_watch_traits() {
  return {.fault = {.name = "disk_watch",
                    .what_fails = "the free space of the disks could not be read",
                    .what_to_do =
                        "Until then the last known values are used. Check the folder that the line names."}};
}

os::Worker::Traits session_sweeper_traits() {
  return {.fault = {"session_sweeper",
                    "sessions that are over, or old rows of the journal, could not be swept",
                    "Sessions stay over, and their notes in the vault take space. Run ttpctl verify "
                    "if the message names the vault; the service tries again by itself"}};
}

os::Worker::Traits snapshot_keeper_traits() {
  return {.fault = {"snapshot_keeper", "snapshots of states could not be stored",
                    "Nothing is lost: states are folded from the log, which is slower. If the message "
                    "names a disk or a file, repair that; the service tries again by itself"},
          .thread_name = "snapshots",
          .scheduling = os::Scheduling::yields};
}

os::Worker::Traits clock_follower_traits() {
  return {.fault = {"clock_follower", "the host clock could not be followed",
                    "The service's time runs on by the steady clock"}};
}

void report_stray_deadline(std::string_view sentence) {
  spdlog::error(
      "{}: the views differ from the log. Run ttpctl verify, and ttpctl rebuild "
      "if it says so",
      sentence);
}

/// The key in the vault that marks the addresses of bounces, and addresses in the journal.
constexpr std::string_view envelope_key = "envelope";
constexpr std::string_view clock_note = "sandbox/clock_ahead_ms";
/// In the vault of every service that has run outside the sandbox.
constexpr std::string_view production_note = "service/production";
/// The longest pause before waiting snapshots are stored.
constexpr std::chrono::milliseconds storing_interval{500};

void report_damage(std::string_view what) {
  spdlog::error("{}", what);
}

}  // namespace

Stores::Stores(const Config& config, const projections::Progress& progress, CheckpointCheck check)
    : memory(config.store_bounds()),
      log(open_log(config, memory)),
      vault(open_vault(config, memory)),
      views(storage::ViewStore::open_or_renew(config.data_dir / "views", memory, report_damage,
                                              projections::meta_family)),
      keys(*vault),
      secrets(keys, vault->named_key("sandbox")),
      find_key([held = vault.get()](std::string_view subject) { return held->find_data_key(subject); }),
      checkpoint_file(config.checkpoint()),
      origin(config.origin),
      erasures(*vault, config.checkpoint().parent_path() / "erasures"),
      snapshots(*log, find_key, views->shared_changes(), config.data_dir / "snapshots", memory,
                {.cache_bytes = config.snapshot_bytes_max()}, report_damage),
      runner(
          *log, *views, snapshots, find_key, {},
          [held = vault.get()](std::string_view first, std::string_view last, const auto& visit) {
            held->each_data_key(first, last, visit);
          },
          report_damage),
      queries(*log, *views, snapshots, runner, secrets, find_key) {
  // Before anything is built from the log, check that it is the one that was signed last.
  if (check == CheckpointCheck::required) storage::compare_at_start(*log, signed_checkpoint());
  // Refuse before building views: without its key a person's data would look erased in them.
  refuse_older_vault(*log, *vault, erasures.list());
  // Destroy restored keys before building views, so that no view shows data of an erased person.
  erasures.destroy_keys();
  runner.catch_up(progress);
  complete_erasures();
}

void Stores::complete_erasures() {
  std::set<domain::UserId> listed;
  for (const domain::UserErased& each : erasures.list()) listed.insert(each.user);
  for (const domain::UserId user : queries.erased()) {
    if (listed.contains(user)) continue;
    for (const auto& recorded : queries.history(user, 0, std::numeric_limits<std::size_t>::max()))
      if (const auto* erased = std::get_if<domain::UserErased>(&recorded.event)) erasures.carry_out(*erased);
    snapshots.forget_all();
  }
}

std::optional<storage::SignedCheckpoint> Stores::signed_checkpoint() const {
  const auto note = checkpoint_file.read();
  if (!note) return std::nullopt;
  return storage::open_checkpoint(*note, verifiers());
}

Service::Service(const Config& config)
    : config_(config),
      stores_(config_),
      disk_(config_),
      checkpoints_(*stores_.log, stores_.checkpoint_file, config_.origin, stores_.signing_keys()),
      new_verifiers_(*stores_.vault),
      passwords_(*stores_.vault, stores_.keys.of(KeyPurpose::pepper), config_.password_workers,
                 config_.password_queue_max),
      sessions_(*stores_.vault),
      unknown_names_(*stores_.vault),
      mailbox_limits_(config_.sandbox ? mailbox_mails_of_network_in_sandbox : mailbox_mails_of_network),
      mails_(config_.mails(), config_.mail_from()),
      letters_(config_.letters()),
      journal_(config_.data_dir / "journal", stores_.vault->named_key(envelope_key).bytes, stores_.memory,
               report_damage),
      bounce_marks_(stores_.vault->named_key(envelope_key).bytes, config_.bounce_domain),
      relay_(
          relay_of(config_, [this](const delivery::Mail& mail) { return bounce_marks_.address_for(mail); })),
      letter_service_(letter_service_of(config_)),
      executor_(*stores_.log, *stores_.vault, stores_.runner, stores_.queries, stores_.erasures,
                stores_.secrets, restored_clock(),
                {config_.queue_max, config_.batch_max, [this] { return disk_.refusal(); }}),
      delivery_(*stores_.log, *stores_.vault, stores_.queries, stores_.secrets, executor_, mail_transport(),
                letters_, &journal_, letter_service_.get()),
      mailbox_mails_(
          *stores_.log, stores_.queries, stores_.secrets, [this] { return executor_.now(); },
          mail_transport()),
      scheduler_(stores_.queries, executor_, report_stray_deadline),
      rebuilder_(stores_.runner, config_.rebuild_pace),
      live_(stores_.queries, [this] { return executor_.now(); }),
      clock_follower_(clock_follower_traits(),
                      [this](os::Worker&) {
                        clock_.follow_host();
                        return os::Worker::Next::within(clock_look);
                      }),
      session_sweeper_(session_sweeper_traits(),
                       [this](os::Worker&) {
                         bool more = sessions_.sweep(now(), swept_notes_max) == swept_notes_max;
                         more |= journal_.prune(now(), swept_notes_max) == swept_notes_max;
                         return os::Worker::Next::within(more ? sweep_pause : sweep_interval);
                       }),
      snapshot_keeper_(snapshot_keeper_traits(), [this](os::Worker&) {
        const bool more = stores_.snapshots.store_some();
        return more ? os::Worker::Next::at_once() : os::Worker::Next::within(storing_interval);
      }) {
  if (!config_.backup_dir.empty())
    backups_.emplace(
        *stores_.log, *stores_.vault, checkpoints_, stores_.erasures, [this] { return stores_.verifiers(); },
        config_.backup_dir, config_.backups_keep, [this] { return executor_.now(); });
  if (!config_.bounce_domain.empty())
    bounces_.emplace(config_.bounces(), bounce_marks_, journal_, stores_.queries, stores_.secrets, executor_);
  if (letter_service_)
    letter_reports_.emplace(*letter_service_, *stores_.vault, stores_.queries, executor_,
                            std::chrono::seconds{config_.letter_reports_seconds});
  repeat_erasures();
  new_verifiers_.sweep([this](domain::UserId user) {
    const auto known = queries().user(user);
    return known ? known->state.verifier : domain::VerifierId{};
  });
  keep_sandbox_apart();
  if (config_.sandbox) seed_sandbox_staff();
  // Start the disk watch last: a start writes little, and on a nearly full disk it must still succeed in
  // order to report the fault.
  disk_worker_.emplace(disk_watch_traits(), [this](os::Worker&) {
    disk_.look();
    return os::Worker::Next::within(disk_look_interval);
  });
}

delivery::MailTransport& Service::mail_transport() {
  if (relay_) return *relay_;
  return mails_;
}

Clock& Service::restored_clock() {
  const auto ahead = config_.sandbox ? stores_.vault->find_note(clock_note) : std::nullopt;
  if (ahead && !clock_.advance(domain::Duration{std::stoll(*ahead)}))
    spdlog::warn("the sandbox's clock was moved beyond the year 2200: it runs on from the last event");
  return clock_;
}

Service::~Service() {
  stop();
}

void Service::stop() {
  disk_worker_.reset();
  // A carrier that does not answer must not delay the stop; what it did not take goes out after the next
  // start.
  if (relay_) relay_->stop();
  if (letter_service_) letter_service_->stop();
  if (letter_reports_) letter_reports_->stop();
  if (bounces_) bounces_->stop();
  rebuilder_.stop();
  backups_.reset();
  session_sweeper_.stop();
  scheduler_.stop();
  passwords_.stop();
  executor_.stop();
  delivery_.stop();
  mailbox_mails_.stop();
  checkpoints_.stop();
  clock_follower_.stop();
  snapshot_keeper_.stop();
}

bool Service::must_end() const {
  const auto fault = executor_.fault();
  return fault && std::chrono::steady_clock::now() >= fault->since + end_after_fault;
}

void Service::submit(Command command, Asked asked, Executor::Done done) {
  // Refuse before a password is checked or stored.
  if (const auto closed = disk_.refusal()) return done(refused(*closed));
  if (auto* registration = std::get_if<domain::RegisterCredential>(&command))
    return submit_registration(std::move(*registration), std::move(asked), done);
  if (auto* sign_in = std::get_if<domain::StartSignIn>(&command))
    return submit_sign_in(std::move(*sign_in), std::move(asked), done);
  if (auto* change = std::get_if<domain::ChangePassword>(&command))
    return submit_password_change(std::move(*change), std::move(asked), done);
  if (auto* change = std::get_if<domain::RequestEmailChange>(&command))
    return submit_email_change(std::move(*change), std::move(asked), done);
  if (auto* recovery = std::get_if<domain::RecoverUser>(&command))
    return submit_recovery(std::move(*recovery), std::move(asked), done);
  executor_.submit(std::move(command), std::move(asked), std::move(done));
}

CommandResult Service::execute(Command command, Asked asked) {
  std::promise<CommandResult> promise;
  submit(std::move(command), std::move(asked),
         [&](CommandResult result) { promise.set_value(std::move(result)); });
  return promise.get_future().get();
}

std::expected<Registration, domain::Refusal> Service::begin_registration(domain::EmailAddress email,
                                                                         domain::Language language,
                                                                         std::string_view network) {
  Registration registration{{fresh_uuid(now())}, language, std::move(email)};
  if (auto refusal = ask_mailbox(MailboxMail::registration_code, registration, network))
    return std::unexpected{*std::move(refusal)};
  return registration;
}

std::optional<domain::Refusal> Service::remind_of_user_name(domain::EmailAddress email,
                                                            std::string_view network) {
  // The mail is in both languages, the owner's first if there is an owner.
  return ask_mailbox(MailboxMail::user_name, {{fresh_uuid(now())}, domain::Language::en, std::move(email)},
                     network);
}

std::optional<domain::Refusal> Service::ask_mailbox(MailboxMail kind, const Registration& registration,
                                                    std::string_view network) {
  if (const auto next = mailbox_limits_.take(kind, registration.email, network, now()))
    return domain::why_until(Reason::too_many_attempts, *next);
  if (!mailbox_mails_.ask({kind, registration})) return domain::why(Reason::overloaded);
  return std::nullopt;
}

Client Service::client_of(const Asked& asked) {
  return {asked.network,
          asked.session != domain::SessionId{} || known_networks_.holds(asked.network, executor_.now())};
}

void Service::on_pool(Asked asked, const Executor::Done& done, PasswordWork work) {
  Client client = client_of(asked);
  auto and_settle = [this, asked = std::move(asked), done, work = std::move(work)]() mutable {
    work(std::move(asked), done);
    // The pool may have been too full to take this as a job of its own.
    new_verifiers_.carry_out();
  };
  passwords_.submit(std::move(client), {std::move(and_settle), [done] { done(refused(Reason::overloaded)); },
                                        [done] { done(refused(Reason::internal_fault)); }});
}

Executor::Done Service::settling(NewVerifiers::Settled verifier, Executor::Done done) {
  return [this, verifier, done = std::move(done)](CommandResult result) mutable {
    const bool is_known = !result.refusal || result.refusal->reason != Reason::outcome_unknown;
    if (is_known) {
      verifier.is_named = !result.refusal && !result.replayed;
      new_verifiers_.settle(verifier);
      passwords_.submit({{}, true}, {[this] { new_verifiers_.carry_out(); }, [] {}, [] {}});
    }
    done(std::move(result));
  };
}

void Service::submit_registration(domain::RegisterCredential command, Asked asked,
                                  const Executor::Done& done) {
  asked.password_is_common = is_common_password(command.password.secret());
  // A command that is refused anyway needs no hash: make the same decision on an empty state first. The code
  // comes last, so that a fault in a form costs no try.
  domain::Facts facts;
  facts.now = now();
  facts.password_is_common = asked.password_is_common;
  facts.secret_matches = true;
  auto early = domain::decide(domain::User{}, command, facts).refusal;
  if (!early && command.mailbox) {
    const bool is_right = secrets().matches(command.user, command.mailbox->code);
    early = registration_codes_.judge(command.user, is_right, facts.now);
  }
  const bool code_is_over = early && (early->reason == Reason::one_time_code_expired ||
                                      early->reason == Reason::one_time_code_void);
  if (code_is_over && !asked.known_as.empty()) {
    // A retry of a registration that was accepted in time gets its answer.
    asked.only_earlier_answer = early->reason;
    return executor_.submit(std::move(command), std::move(asked), done);
  }
  if (early) {
    done({std::nullopt, {}, std::move(early), false});
    return;
  }
  on_pool(std::move(asked), done,
          [this, command = std::move(command)](Asked request, Executor::Done answer) mutable {
            command.verifier.uuid = fresh_uuid(now());
            passwords_.remember(command.user, command.verifier, command.password);
            auto settled = settling({command.user, command.verifier, {}}, std::move(answer));
            executor_.submit(std::move(command), std::move(request), std::move(settled));
          });
}

void Service::submit_sign_in(domain::StartSignIn command, Asked asked, const Executor::Done& done) {
  on_pool(std::move(asked), done,
          [this, command = std::move(command)](Asked request, Executor::Done answer) mutable {
            const auto user = queries().user_by_user_name(command.user_name);
            const auto known = user ? queries().user(*user) : Found<domain::User>{};
            if (!known) {
              passwords_.pretend(command.password);
              // Use the oldest key, so that a rotation of the key does not end a wait.
              const auto name =
                  secrets()
                      .claim_keys(domain::Unique::user_name, domain::same_user_name(command.user_name))
                      .back();
              auto refusal = unknown_names_.refuse(name, request.network, now(), request.known_as);
              // It waits for the writer like an attempt on a known name, so that its time tells nothing.
              auto refused_so = [refusal, answer](CommandResult result) {
                if (result.refusal && result.refusal->reason == Reason::credential_rejected)
                  result.refusal = refusal;
                answer(std::move(result));
              };
              executor_.submit(std::move(command), std::move(request), std::move(refused_so));
              return;
            }
            command.user = *user;
            request.by = *user;
            request.credential_version = known->state.credential_version;
            request.secret_matches = passwords_.matches(*user, known->state.verifier, command.password);
            auto noted = [this, network = request.network, answer](CommandResult result) {
              if (!result.refusal) known_networks_.note(network, now());
              answer(std::move(result));
            };
            executor_.submit(std::move(command), std::move(request), std::move(noted));
          });
}

std::optional<domain::Refusal> Service::attempt_refusal(domain::UserId user,
                                                        domain::SessionId session) const {
  const auto known = queries().user(user);
  if (!known) return domain::why(Reason::user_not_found);
  return known->state.failures_of(known->state.device_of(session)).refusal_at(now());
}

void Service::submit_email_change(domain::RequestEmailChange command, Asked asked,
                                  const Executor::Done& done) {
  if (!command.current_password) return executor_.submit(std::move(command), std::move(asked), done);
  on_pool(std::move(asked), done,
          [this, command = std::move(command)](Asked request, Executor::Done answer) mutable {
            if (auto refusal = attempt_refusal(command.user, command.session))
              return answer({std::nullopt, {}, std::move(refusal), false});
            const auto known = queries().user(command.user);
            request.credential_version = known->state.credential_version;
            request.secret_matches =
                passwords_.matches(command.user, known->state.verifier, *command.current_password);
            executor_.submit(std::move(command), std::move(request), std::move(answer));
          });
}

void Service::submit_password_change(domain::ChangePassword command, Asked asked,
                                     const Executor::Done& done) {
  asked.password_is_common = is_common_password(command.new_password.secret());
  on_pool(std::move(asked), done,
          [this, command = std::move(command)](Asked request, Executor::Done answer) mutable {
            if (auto refusal = attempt_refusal(command.user, command.session))
              return answer({std::nullopt, {}, std::move(refusal), false});
            const auto known = queries().user(command.user);
            request.credential_version = known->state.credential_version;
            request.secret_matches =
                passwords_.matches(command.user, known->state.verifier, command.current_password);
            // A wrong password costs the same work as a right one, so that of attempts at once none learns
            // from its time which it was.
            command.verifier.uuid = fresh_uuid(now());
            passwords_.remember(command.user, command.verifier, command.new_password);
            answer = settling({command.user, command.verifier, known->state.verifier}, std::move(answer));
            executor_.submit(std::move(command), std::move(request), std::move(answer));
          });
}

std::optional<domain::Refusal> Service::mailbox_refusal(const domain::NewMailbox& mailbox) {
  if (now() >= mailbox.expires_at) return domain::why(Reason::one_time_code_expired);
  const bool is_right = secrets().matches(mailbox.registration, mailbox.code);
  return registration_codes_.judge(mailbox.registration, is_right, now());
}

void Service::submit_recovery(domain::RecoverUser command, Asked asked, const Executor::Done& done) {
  // Only a repeat of a recovery that was accepted in time still gets its answer.
  const auto refuse = [this](domain::RecoverUser refused_command, Asked request, const Executor::Done& answer,
                             domain::Refusal why) {
    if (request.known_as.empty()) return answer({std::nullopt, {}, std::move(why), false});
    request.only_earlier_answer = why.reason;
    executor_.submit(std::move(refused_command), std::move(request), answer);
  };
  if (command.mailbox)
    if (auto refusal = mailbox_refusal(*command.mailbox))
      return refuse(std::move(command), std::move(asked), done, *std::move(refusal));
  asked.password_is_common = is_common_password(command.new_password.secret());
  on_pool(std::move(asked), done,
          [this, refuse, command = std::move(command)](Asked request, Executor::Done answer) mutable {
            const auto id = queries().user_by_urn(command.urn);
            const auto known = id ? queries().user(*id) : Found<domain::User>{};
            const bool is_named = known && known->state.urn == command.urn && known->state.recovery_permit &&
                                  domain::same_name(known->state.family_name.text()) ==
                                      domain::same_name(command.family_name.text());
            if (is_named) {
              command.user = *id;
              command.account = known->state.recovery_permit->account;
            }
            if (!is_named || !secrets().matches(known->state.recovery_permit->code, command.permit)) {
              passwords_.pretend(command.new_password);
              // The attempt is recorded after the answer, whose time must not tell whether there is a permit.
              auto noting = [this, is_named, wrong = domain::NoteWrongPermit{command.user, command.account},
                             noted = request, answer](CommandResult result) mutable {
                answer(std::move(result));
                noted.known_as.clear();
                if (is_named) executor_.submit(wrong, std::move(noted), [](const CommandResult&) {});
              };
              return refuse(std::move(command), std::move(request), noting,
                            domain::why(Reason::recovery_refused));
            }
            request.by = *id;
            request.kind = events::ActorKind::user;
            request.secret_matches = true;
            command.verifier.uuid = fresh_uuid(now());
            passwords_.remember(command.user, command.verifier, command.new_password);
            answer = settling({command.user, command.verifier, known->state.verifier}, std::move(answer));
            executor_.submit(std::move(command), std::move(request), std::move(answer));
          });
}

std::string Service::receipt(storage::Position position) {
  const storage::Log& log = *stores_.log;
  if (position >= checkpoints_.last().first.size) checkpoints_.sign_now();
  const auto [checkpoint, note] = checkpoints_.last();
  const auto proof = storage::inclusion_proof(
      position, checkpoint.size, [&](unsigned level, std::uint64_t index) { return log.tile(level, index); });
  return storage::receipt(position, proof, note);
}

domain::Time Service::time_of_first_event() const {
  return log().head().next > 0 ? storage::recorded_at(log(), 0) : now();
}

std::vector<domain::Time> Service::keys_since(KeyPurpose purpose) const {
  auto times = stores_.keys.of(purpose).times();
  times.front() = time_of_first_event();
  return times;
}

domain::Time Service::master_key_since() const {
  return service::master_key_since(*stores_.vault).value_or(time_of_first_event());
}

std::uint32_t Service::rotate_key(KeyPurpose purpose) {
  const os::MutexLock lock(rotating_);
  stores_.keys.rotate(purpose, now());
  if (purpose == KeyPurpose::checkpoint_signing) checkpoints_.use(stores_.signing_keys());
  spdlog::info("a new key for {}", key_purposes[static_cast<std::size_t>(purpose)]);
  return static_cast<std::uint32_t>(stores_.keys.of(purpose).size());
}

domain::Time Service::rotate_master_key() {
  const os::MutexLock lock(rotating_);
  const domain::Time at = now();
  try {
    service::rotate_master_key(*stores_.vault, config_, at);
  } catch (const std::system_error& fault) {
    spdlog::error("the master key was not replaced and the earlier one stays: {}", fault.what());
    throw;
  }
  spdlog::info("a new master key: take a backup, and a copy of {}", config_.master_key().string());
  return at;
}

std::optional<domain::Refusal> Service::note_look(const domain::RecordLook& look, const Asked& asked) {
  if (!looks_.is_first(look, domain::local_date(now()))) return std::nullopt;
  std::optional<domain::Refusal> not_queued;
  const auto here = std::this_thread::get_id();
  submit(look, asked, [this, look, here, &not_queued](CommandResult result) {
    if (!result.refusal) return;
    looks_.forget(look);
    // A command that is refused before it is queued is answered on the thread that submits it.
    if (std::this_thread::get_id() == here)
      not_queued = std::move(result.refusal);
    else
      spdlog::error("what staff read was not recorded: {}. The next such look is recorded",
                    domain::to_text(result.refusal->reason));
  });
  return not_queued;
}

std::optional<std::string> Service::origin_of(const events::Recorded& recorded) const {
  return events::open_origin(recorded.envelope, stores_.find_key);
}

CommandResult Service::operate(domain::RecordOperation operation, const Asked& asked, const Act& act) {
  // No command is refused for this reason, so it says that there was no earlier request.
  constexpr Reason was_not_asked_before = Reason::event_not_found;
  const os::MutexLock lock(operating_);
  Asked again = asked;
  if (!again.only_earlier_answer) again.only_earlier_answer = was_not_asked_before;
  CommandResult earlier = execute(operation, again);
  const auto is_because = [&](Reason reason) { return earlier.refusal && earlier.refusal->reason == reason; };
  if (operation.operation == domain::Operation::standby_dropped && is_because(Reason::disk_nearly_full)) {
    // This makes room, and nothing can be recorded before there is some.
    if (auto refusal = act(operation)) return {std::nullopt, {}, std::move(refusal), false};
    spdlog::warn(
        "operator {} dropped the standby of {}; a disk is nearly full, so the log has no event of it",
        domain::to_text(operation.user), operation.subject);
    return {};
  }
  if (!is_because(was_not_asked_before)) return earlier;
  operation.performed_at = now();
  if (auto refusal = act(operation)) return {std::nullopt, {}, std::move(refusal), false};
  return execute(std::move(operation), asked);
}

std::optional<domain::Time> Service::advance_clock(domain::Duration by) {
  if (!clock_.advance(by)) return std::nullopt;
  stores_.vault->put_note(clock_note, std::to_string(clock_.ahead().count()), true);
  scheduler_.run_due();
  return now();
}

PastStates Service::states_at(PastPoint point) const {
  return {stores_.queries, point};
}

void Service::repeat_erasures() {
  for (const domain::UserErased& each : stores_.erasures.list()) {
    const auto known = queries().user(each.user);
    if (!known || known->state.erased) continue;
    Asked tool;
    tool.kind = events::ActorKind::system;
    executor_.execute(domain::RepeatErasure{each.user, each.proposal, each.ground, each.proposed_by,
                                            each.approved_by, each.erased_at},
                      tool);
  }
}

void Service::keep_sandbox_apart() {
  const std::string folder = config_.data_dir.string();
  const bool was_production = stores_.vault->find_note(production_note).has_value();
  if (config_.sandbox && was_production)
    throw std::runtime_error("the data folder " + folder +
                             " belongs to a service outside the sandbox, and sandbox mode would add staff "
                             "whose passwords anyone can read. Nothing was changed. Start without --sandbox, "
                             "or give the sandbox a folder of its own");
  if (config_.sandbox || was_production) return;
  const auto is_seeded = [this](const SeededRole& each) {
    const auto user = queries().user_by_user_name(domain::UserName::stored(std::string{each.user_name}));
    const auto known = user ? queries().user(*user) : Found<domain::User>{};
    return known && known->state.email.text() == seeded_email(each);
  };
  if (std::ranges::any_of(seeded_staff, is_seeded))
    throw std::runtime_error("the data folder " + folder +
                             " belongs to a sandbox: it has staff whose passwords anyone could read. Nothing "
                             "was changed. Start with --sandbox, or make another folder with ttpctl init");
  stores_.vault->put_note(production_note, "1", true);
}

void Service::seed_sandbox_staff() {
  for (const SeededRole& each : seeded_staff) {
    const auto user_name = domain::UserName::parse(each.user_name).value();
    if (queries().user_by_user_name(user_name)) continue;
    domain::RegisterCredential command;
    command.user.uuid = fresh_uuid(now());
    command.user_name = user_name;
    command.password = domain::Password::parse(secrets().sandbox_password(each.user_name)).value();
    command.family_name = domain::FamilyName::parse("Sandbox").value();
    command.given_names = domain::GivenNames::parse(each.title).value();
    command.email = domain::EmailAddress::parse(seeded_email(each)).value();
    command.telephone = domain::Telephone::parse("+16135550100").value();
    const domain::UserId user = command.user;
    Asked tool;
    tool.kind = events::ActorKind::tool;
    const CommandResult registered = execute(command, tool);
    if (registered.refusal) throw std::runtime_error{"the sandbox staff could not be registered"};
    executor_.execute(
        domain::GrantStaffRole{user, each.role, domain::Remark::parse("Seeded for the sandbox.").value()},
        tool);
  }
}

std::vector<SandboxStaff> Service::sandbox_staff() const {
  std::vector<SandboxStaff> staff;
  for (const SeededRole& each : seeded_staff) {
    const auto user_name = domain::UserName::parse(each.user_name).value();
    const auto user = queries().user_by_user_name(user_name);
    if (user) staff.push_back({user_name, secrets().sandbox_password(each.user_name), *user, each.role});
  }
  return staff;
}

}  // namespace ttp::service
