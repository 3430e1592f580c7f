#include "service/executor.hpp"

#include <algorithm>
#include <chrono>
#include <future>
#include <iterator>
#include <utility>

#include "domain/terms.hpp"
#include "events/codec.hpp"
#include "events/recorded.hpp"

namespace ttp::service {
namespace {

using domain::Facts;
using domain::Reason;

constexpr unsigned attempts_max = 3;       // a commit that another writer overtook is decided anew this often
constexpr unsigned fresh_numbers_max = 8;  // a drawn URN or client number that somebody holds is drawn anew

/// Whether more than the states of streams decides over it; then it is also long at work.
bool asks_the_views(const Command& command) {
  return std::holds_alternative<domain::ApproveErasure>(command);
}

std::optional<domain::UserId> user_of_stream(std::string_view stream) {
  constexpr std::string_view prefix = "user-";
  if (!stream.starts_with(prefix)) return std::nullopt;
  const auto id = domain::parse_uuid(stream.substr(prefix.size()));
  return id ? std::optional{domain::UserId{*id}} : std::nullopt;
}

/// A view's state, as the writer keeps it.
template <class State>
std::optional<Versioned<State>> folded(const Found<State>& found) {
  if (!found) return std::nullopt;
  return Versioned<State>{found->state, found->version};
}

/// What a commit made, by its first event that makes something.
std::string created_by(const events::Event& event) {
  return std::visit(
      []<class E>(const E& each) -> std::string {
        using namespace domain;
        if constexpr (std::is_same_v<E, CredentialRegistered>) return to_text(each.user);
        if constexpr (std::is_same_v<E, SignInStarted>) return to_text(each.sign_in);
        if constexpr (std::is_same_v<E, SessionOpened>) return to_text(each.session);
        if constexpr (std::is_same_v<E, CompanyEnrolled>) return to_text(each.account);
        if constexpr (std::is_same_v<E, LetterCaseOpened>) return to_text(each.case_id);
        if constexpr (std::is_same_v<E, MemberAdded>) return to_text(each.user);
        if constexpr (std::is_same_v<E, OwnershipOffered>) return to_text(each.offer);
        if constexpr (std::is_same_v<E, OwnerReassignmentProposed>) return to_text(each.proposal);
        if constexpr (std::is_same_v<E, ErasureProposed>) return to_text(each.proposal);
        if constexpr (std::is_same_v<E, ApplicationSubmitted>) return to_text(each.submission);
        if constexpr (std::is_same_v<E, LetterOrdered>) return to_text(each.letter);
        if constexpr (std::is_same_v<E, AccountActivated>) return to_text(each.account);
        return {};
      },
      event);
}

}  // namespace

/// One batch: what its commands have decided so far, on top of the log.
class Executor::Batch {
 public:
  explicit Batch(Executor& executor) : executor_(executor), stands_at_(executor.log_.head().next) {}

  struct Result {
    Queued* queued = nullptr;
    Outcome outcome;
    std::optional<std::size_t> commit;  ///< index into commits, for what is to be appended
  };

  /// Decides one command; false when it must wait for the next batch.
  bool take(Queued& queued) {
    for (const KnownRequest& known : queued.asked.known_as) {
      if (ids_.contains(known.id)) return false;
      if (auto earlier = executor_.log_.find_command(known.id)) {
        results_.push_back({&queued, replay(known.fingerprint, *earlier), std::nullopt});
        return true;
      }
    }
    // What is asked of the views must include what was decided before it.
    if (asks_the_views(queued.command)) {
      if (!commits_.empty()) return false;
      executor_.wait_until_applied();
    }
    results_.push_back({&queued, {}, std::nullopt});
    std::visit([&](auto& command) { decide_one(command, queued, results_.back()); }, queued.command);
    return true;
  }

  std::vector<Result>& results() { return results_; }
  std::vector<storage::Commit>& commits() { return commits_; }
  /// The events of each commit, as they will stand in the log once it has given them their positions.
  std::vector<std::vector<events::Recorded>>& decided() { return decided_; }

  static Outcome replay(const events::Hash& fingerprint, const storage::Duplicate& earlier) {
    if (earlier.fingerprint != fingerprint) return refused(Reason::idempotency_key_reused);
    Outcome outcome = decode_answer(earlier.answer);
    outcome.position = earlier.last;
    outcome.replayed = true;
    return outcome;
  }
  static Outcome refused(Reason reason) { return {std::nullopt, {}, domain::why(reason), false}; }

 private:
  /// A stream that the command being decided has read. Its name is only put together for what is appended.
  struct Read {
    std::string (*name)(const domain::Uuid& id);
    domain::Uuid id;
    storage::StreamVersion version;
  };
  template <class State>
  static std::string name_of(const domain::Uuid& id) {
    return stream_for(static_cast<const State*>(nullptr), id);
  }
  template <class State>
  const State& read(StateCache<State>& cache, const domain::Uuid& id) {
    const auto& versioned = cache.get(id);
    const bool known = std::ranges::any_of(
        reads_, [&](const Read& each) { return each.id == id && each.name == &name_of<State>; });
    if (!known) reads_.push_back({&name_of<State>, id, versioned.version});
    return versioned.state;
  }
  const domain::User& user(domain::UserId id) { return read(executor_.users_, id.uuid); }
  const domain::Account& account(domain::AccountId id) { return read(executor_.accounts_, id.uuid); }
  const domain::Programme& programme(domain::AccountId id) { return read(executor_.programmes_, id.uuid); }

  domain::Person person(domain::UserId id, domain::Time now) {
    if (id == domain::UserId{}) return {};
    domain::Person found = user(id).person_at(now);
    found.id = id;
    return found;
  }

  std::optional<std::string> claim_owner(domain::Unique kind, const events::Hash& claim) {
    const auto overlaid = claims_.find({kind, claim});
    if (overlaid != claims_.end()) return overlaid->second;
    return executor_.log_.claim_owner(domain::to_text(kind), claim);
  }
  std::optional<std::string> claim_owner(domain::Unique kind, std::string_view value) {
    for (const events::Hash& claim : executor_.secrets_.claim_keys(kind, value))
      if (auto owner = claim_owner(kind, claim)) return owner;
    return std::nullopt;
  }

  /// The user whom family name, URN and e-mail all name; accents and case are forgiven.
  std::optional<domain::Person> match(const domain::FamilyName& family_name, const domain::Urn& urn,
                                      const domain::EmailAddress& email, domain::Time now) {
    const auto owner = claim_owner(domain::Unique::urn, urn.text());
    const auto id = owner ? user_of_stream(*owner) : std::nullopt;
    if (!id) return std::nullopt;
    const domain::User& found = user(*id);
    const bool all_match = found.urn == urn && !found.urn_expired_at(now) &&
                           domain::fold(found.family_name.text()) == domain::fold(family_name.text()) &&
                           domain::same_email(found.email) == domain::same_email(email);
    return all_match ? std::optional{found.person_at(now)} : std::nullopt;
  }

  // ---- facts that a command needs beyond the common ones; one overload per command that has such ----------

  template <class C>
  void add_facts(const C&, const Asked&, Facts&) {}
  void add_facts(const domain::StartSignIn& command, const Asked& asked, Facts& facts) {
    facts.secret_matches =
        asked.secret_matches && asked.credential_version == user(command.user).credential_version;
  }
  void add_facts(const domain::ChangePassword& command, const Asked& asked, Facts& facts) {
    facts.secret_matches =
        asked.secret_matches && asked.credential_version == user(command.user).credential_version;
    facts.password_is_common = asked.password_is_common;
  }
  void add_facts(const domain::RegisterCredential&, const Asked& asked, Facts& facts) {
    facts.password_is_common = asked.password_is_common;
  }
  void add_facts(const domain::EnterOneTimeCode& command, const Asked&, Facts& facts) {
    const domain::User& who = user(command.user);
    if (who.sign_in && who.sign_in->code)
      facts.secret_matches = executor_.secrets_.matches(who.sign_in->code->code, command.code);
  }
  void add_facts(const domain::ConfirmEmailChange& command, const Asked&, Facts& facts) {
    const domain::User& who = user(command.user);
    if (who.email_change)
      facts.secret_matches = executor_.secrets_.matches(who.email_change->code.code, command.code);
  }
  void add_facts(const domain::ActivateAccount& command, const Asked&, Facts& facts) {
    const domain::Account& which = account(command.account);
    if (which.code)
      facts.secret_matches = which.client_number == command.client_number &&
                             executor_.secrets_.matches(which.code->code, command.activation_code);
  }
  void add_facts(const domain::AddMember& command, const Asked&, Facts& facts) {
    facts.matched = match(command.family_name, command.urn, command.email, facts.now);
  }
  void add_facts(const domain::OfferOwnership& command, const Asked&, Facts& facts) {
    facts.matched = match(command.family_name, command.urn, command.email, facts.now);
  }
  void add_facts(const domain::ReactivateMember& command, const Asked&, Facts& facts) {
    if (user(command.user).registered) facts.matched = person(command.user, facts.now);
  }
  void add_facts(const domain::ApproveErasure& command, const Asked&, Facts& facts) {
    facts.holds_membership = !executor_.queries_.memberships(command.user).empty();
  }
  void add_facts(const domain::ProposeOwnerReassignment& command, const Asked&, Facts& facts) {
    if (user(command.new_owner).registered) facts.matched = person(command.new_owner, facts.now);
  }
  void add_facts(const domain::ApproveOwnerReassignment& command, const Asked&, Facts& facts) {
    const auto& open = account(command.account).reassignment;
    if (open && user(open->new_owner).registered) facts.matched = person(open->new_owner, facts.now);
  }

  // ---- deciding -------------------------------------------------------------------------------------------

  template <ForUser C>
  auto decision(const C& command, const Facts& facts) {
    return decide(user(command.user), command, facts);
  }
  template <ForAccount C>
  auto decision(const C& command, const Facts& facts) {
    return decide(account(command.account), command, facts);
  }
  template <ForProgramme C>
  auto decision(const C& command, const Facts& facts) {
    return decide(programme(command.account), account(command.account), command, facts);
  }

  template <class C>
  Facts facts_for(const C& command, const Asked& asked) {
    Facts facts;
    facts.now = executor_.now();
    facts.caller = person(asked.by, facts.now);
    if constexpr (requires { command.account; })
      facts.owner = person(account(command.account).owner(), facts.now);
    const domain::Date today = domain::local_date(facts.now);
    facts.portal_terms = domain::in_force(domain::Terms::portal, today).version;
    facts.mail_factor_terms = domain::in_force(domain::Terms::mail_factor, today).version;
    facts.programme_terms = domain::in_force(domain::Terms::programme, today).version;
    facts.fresh = draw_fresh(facts.now);
    add_facts(command, asked, facts);
    return facts;
  }

  template <class C>
  storage::StreamVersion written_version(const C& command) {
    if constexpr (ForUser<C>) {
      user(command.user);
    } else if constexpr (ForAccount<C>) {
      account(command.account);
    } else {
      programme(command.account);
    }
    return reads_.back().version;
  }

  /// An activation by someone whom the client number does not concern is counted against that user, because
  /// there is no account whose business it is.
  void decide_one(domain::ActivateAccount& command, Queued& queued, Result& result) {
    const auto owner = claim_owner(domain::Unique::client_number, command.client_number.text());
    const auto id =
        owner ? domain::parse_uuid(std::string_view{*owner}.substr(std::string_view{"account-"}.size()))
              : std::nullopt;
    if (id) command.account.uuid = *id;
    if (id && account(command.account).member(queued.asked.by)) {
      decide_and_collect(command, queued, result);
    } else {
      decide_and_collect(domain::NoteActivationMismatch{queued.asked.by}, queued, result);
    }
  }
  template <class C>
  void decide_one(C& command, Queued& queued, Result& result) {
    decide_and_collect(command, queued, result);
  }

  template <class C>
  void decide_and_collect(const C& command, Queued& queued, Result& result) {
    for (unsigned draw = 0; draw < fresh_numbers_max; ++draw) {
      reads_.clear();
      if (queued.asked.if_match && *queued.asked.if_match != written_version(command)) {
        result.outcome = refused(Reason::version_differs);
        return;
      }
      const Facts facts = facts_for(command, queued.asked);
      auto made = decision(command, facts);
      if (const auto taken = taken_claim(made)) {
        const bool drawn = *taken == Reason::urn_taken || *taken == Reason::client_number_taken;
        if (drawn) continue;
        result.outcome = refused(*taken);
        return;
      }
      collect(std::move(made), facts, queued, result);
      return;
    }
    result.outcome = refused(Reason::internal_fault);
  }

  template <class E>
  static std::string stream_of_decision(const domain::Decision<E>& made) {
    return std::visit([](const auto& first) { return events::stream_of(events::Event{first}); },
                      made.events.front());
  }

  template <class E>
  std::optional<Reason> taken_claim(const domain::Decision<E>& made) {
    if (made.events.empty() || made.claims.empty()) return std::nullopt;
    const std::string stream = stream_of_decision(made);
    for (const domain::Claim& claim : made.claims) {
      if (!claim.add) continue;
      const auto owner = claim_owner(claim.kind, claim.value);
      if (owner && *owner != stream) return domain::taken(claim.kind);
    }
    return std::nullopt;
  }

  template <class E>
  void collect(domain::Decision<E> made, const Facts& facts, Queued& queued, Result& result) {
    result.outcome.refusal = std::move(made.refusal);
    if (made.events.empty()) return;

    storage::Commit commit;
    commit.id.uuid = fresh_uuid(facts.now);
    if (!queued.asked.known_as.empty()) {
      commit.id = queued.asked.known_as.front().id;
      commit.fingerprint = queued.asked.known_as.front().fingerprint;
    }
    commit.looked_through = stands_at_;
    commit.expected.reserve(reads_.size());
    for (const Read& each : reads_) commit.expected.push_back({each.name(each.id), each.version});
    std::vector<events::Recorded> decided;
    decided.reserve(made.events.size());
    for (E& each : made.events) {
      auto& recorded = decided.emplace_back();
      recorded.event = std::visit([](auto& event) { return events::Event{std::move(event)}; }, each);
      if (result.outcome.created.empty()) result.outcome.created = created_by(recorded.event);
      recorded.version = move_on(recorded.event);
    }
    auto claims =
        made.claims.empty() ? Claims{} : claim_changes(made.claims, events::stream_of(decided.front().event));
    for (events::Recorded& recorded : decided)
      commit.events.push_back(
          sealed(recorded, commit.id, facts, queued.asked, std::exchange(claims, Claims{})));
    commit.answer = encode_answer(result.outcome);
    ids_.insert(commit.id);
    result.commit = commits_.size();
    commits_.push_back(std::move(commit));
    decided_.push_back(std::move(decided));
  }

  using Claims = std::vector<events::ClaimChange>;

  /// A value is claimed under the newest key, and released under the one it was claimed with.
  events::Hash claim_to_change(const domain::Claim& claim, const std::string& stream) {
    const auto known = executor_.secrets_.claim_keys(claim.kind, claim.value);
    if (!claim.add)
      for (const events::Hash& each : known)
        if (claim_owner(claim.kind, each) == stream) return each;
    return known.front();
  }

  Claims claim_changes(const std::vector<domain::Claim>& claims, const std::string& stream) {
    Claims changes;
    for (const domain::Claim& claim : claims) {
      const events::Hash hash = claim_to_change(claim, stream);
      changes.push_back({claim.add, std::string{domain::to_text(claim.kind)}, hash});
      claims_[{claim.kind, hash}] = claim.add ? std::optional{stream} : std::nullopt;
    }
    return changes;
  }

  /// The states move on at once, so that the next command of the batch is decided on what this one did. The
  /// version that the event will have in its stream: the log takes it only behind the one it was decided on.
  storage::StreamVersion move_on(const events::Event& event) {
    return std::visit(
        [&]<class E>(const E& each) {
          if constexpr (requires(domain::User state) { evolve(state, each); }) {
            return move_on(executor_.users_.get(each.user.uuid), each);
          } else if constexpr (requires(domain::Account state) { evolve(state, each); }) {
            return move_on(executor_.accounts_.get(each.account.uuid), each);
          } else {
            return move_on(executor_.programmes_.get(each.account.uuid), each);
          }
        },
        event);
  }
  template <class State, class E>
  static storage::StreamVersion move_on(Versioned<State>& versioned, const E& event) {
    evolve(versioned.state, event);
    return ++versioned.version;
  }

  /// What the log is to store of the event, whose envelope it fills in.
  storage::NewEvent sealed(events::Recorded& recorded, domain::CommandId command, const Facts& facts,
                           const Asked& asked, Claims claims) {
    const events::Event& event = recorded.event;
    storage::NewEvent stored;
    stored.stream = events::stream_of(event);
    stored.body = events::encode_body(
        event, command, [&](std::string_view subject) { return executor_.vault_.data_key(subject); });
    events::Envelope& envelope = recorded.envelope;
    envelope.stream = stored.stream;
    envelope.type = std::string{events::name_of(event)};
    envelope.schema_version = events::schema_version_of(event);
    envelope.command = command;
    envelope.recorded_at = facts.now;
    envelope.actor = {facts.caller.is_staff() ? events::ActorKind::staff : asked.kind, asked.by.uuid};
    envelope.session = asked.session;
    envelope.request = asked.request;
    envelope.causation = asked.causation;
    envelope.origin_address = asked.origin_address;
    envelope.claims = std::move(claims);
    envelope.body_bytes = static_cast<std::uint32_t>(stored.body.size());
    envelope.body_hash = events::sha256(stored.body);
    events::fill_random(envelope.salt);
    stored.claims = envelope.claims;
    stored.envelope = events::encode(envelope);
    executor_.last_recorded_ms_ = facts.now.time_since_epoch().count();
    return stored;
  }

  Executor& executor_;
  const storage::Position stands_at_;  ///< the log's size when the batch began
  std::vector<Read> reads_;            ///< of the command being decided
  std::set<domain::CommandId> ids_;
  std::map<std::pair<domain::Unique, events::Hash>, std::optional<std::string>> claims_;
  std::vector<Result> results_;
  std::vector<storage::Commit> commits_;
  std::vector<std::vector<events::Recorded>> decided_;
};

/// One batch that is in the log, to be applied and answered.
struct Executor::Written {
  std::vector<events::Recorded> recorded;  ///< in the order of the log
  std::vector<std::pair<Done, Outcome>> answers;
  storage::Position head = 0;  ///< the log's size afterwards
  std::size_t appended = 0;    ///< commits that the log was asked to take
  std::size_t events = 0;
  std::optional<std::string> fault;  ///< why nothing is known of them
  std::chrono::steady_clock::time_point began;
  std::chrono::steady_clock::duration append_took{};
};

// ---- the writer -------------------------------------------------------------------------------------------

Executor::Executor(storage::Log& log, storage::Vault& vault, projections::Runner& runner,
                   const Queries& queries, Erasures& erasures, const Secrets& secrets, const Clock& clock,
                   Limits limits)
    : Executor(
          log, vault, [&runner](std::span<const events::Recorded> recorded) { runner.apply(recorded); },
          queries, erasures, secrets, clock, limits) {}

Executor::Executor(storage::Log& log, storage::Vault& vault, Apply apply, const Queries& queries,
                   Erasures& erasures, const Secrets& secrets, const Clock& clock, Limits limits)
    : log_(log),
      vault_(vault),
      apply_(std::move(apply)),
      queries_(queries),
      erasures_(erasures),
      secrets_(secrets),
      clock_(clock),
      limits_(limits),
      find_key_([&vault](std::string_view subject) { return vault.find_data_key(subject); }),
      users_(
          log, find_key_, [&queries](const auto& id) { return folded(queries.user({id})); },
          limits.cached_states, limits.state_bytes_max / 3),
      accounts_(
          log, find_key_, [&queries](const auto& id) { return folded(queries.account({id})); },
          limits.cached_states, limits.state_bytes_max / 3),
      programmes_(
          log, find_key_, [&queries](const auto& id) { return folded(queries.programme({id})); },
          limits.cached_states, limits.state_bytes_max / 3) {
  if (const auto next = log_.head().next; next > 0) {
    const auto last = log_.read(next - 1, 1);
    last_recorded_ms_ = events::decode_envelope(last.at(0).envelope).recorded_at.time_since_epoch().count();
  }
  writer_ = std::thread{[this] { run_writer(); }};
  applier_ = std::thread{[this] { run_applier(); }};
}

Executor::~Executor() {
  stop();
}

domain::Time Executor::now() const {
  return std::max(clock_.now(), domain::Time{std::chrono::milliseconds{last_recorded_ms_.load()}});
}

void Executor::submit(Command command, Asked asked, Done done, Caller caller) {
  Queued queued{std::move(command), std::move(asked), std::move(done)};
  std::unique_lock lock(mutex_);
  if (const auto refusal = cannot_take()) {
    lock.unlock();
    return queued.done(Batch::refused(*refusal));
  }
  const bool alone = !writing_ && queue_.empty() && !applying_ && written_.empty();
  if (caller == Caller::goes_on || !alone || asks_the_views(queued.command)) {
    queue_.push_back(std::move(queued));
    lock.unlock();
    return wake_.notify_one();
  }
  std::deque<Queued> taken;
  taken.push_back(std::move(queued));
  write(lock, std::move(taken));
  if (stopping_ || !queue_.empty()) wake_.notify_one();
}

std::optional<Reason> Executor::cannot_take() {
  if (stopping_) return Reason::shutting_down;
  if (fault_) return Reason::internal_fault;
  if (queue_.size() + unanswered_ < limits_.queue_max) return std::nullopt;
  ++counts_.queue_full;
  return Reason::overloaded;
}

void Executor::write(std::unique_lock<std::mutex>& lock, std::deque<Queued> taken) noexcept {
  writing_ = true;
  lock.unlock();
  while (!taken.empty()) taken = process(std::move(taken));
  lock.lock();
  writing_ = false;
}

Outcome Executor::execute(Command command, Asked asked) {
  std::promise<Outcome> promise;
  submit(
      std::move(command), std::move(asked), [&](Outcome outcome) { promise.set_value(std::move(outcome)); },
      Caller::waits);
  return promise.get_future().get();
}

void Executor::stop() {
  {
    const std::scoped_lock lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  if (writer_.joinable()) writer_.join();
  {
    const std::scoped_lock lock(mutex_);
    written_all_ = true;
  }
  apply_wake_.notify_all();
  if (applier_.joinable()) applier_.join();
}

std::optional<std::string> Executor::fault() const {
  const std::scoped_lock lock(mutex_);
  return fault_;
}

ExecutorCounts Executor::counts() const {
  const std::scoped_lock lock(mutex_);
  ExecutorCounts counts = counts_;
  counts.queued = queue_.size();
  return counts;
}

void Executor::run_writer() {
  std::unique_lock lock(mutex_);
  while (true) {
    wake_.wait(lock, [&] { return !writing_ && (stopping_ || !queue_.empty()); });
    if (queue_.empty()) return;
    // Where the cores are busy, what is on its way comes into this batch, and costs no sync of its own.
    lock.unlock();
    std::this_thread::yield();
    lock.lock();
    const auto end = queue_.begin() + static_cast<std::ptrdiff_t>(std::min(queue_.size(), limits_.batch_max));
    std::deque<Queued> taken{std::move_iterator{queue_.begin()}, std::move_iterator{end}};
    queue_.erase(queue_.begin(), end);
    write(lock, std::move(taken));
  }
}

void Executor::carry_out(const domain::UserErased& erased) {
  try {
    erasures_.carry_out(erased);
  } catch (const std::exception& broken) {
    // The event stands; the next start carries out what is left of it.
    const std::scoped_lock lock(mutex_);
    fault_ = "an erasure was recorded but not carried out: " + std::string{broken.what()};
  }
}

std::deque<Executor::Queued> Executor::process(std::deque<Queued> taken) {
  Batch batch(*this);
  Written written;
  written.began = std::chrono::steady_clock::now();
  std::vector<Queued*> later;
  std::vector<storage::Outcome> outcomes;
  try {
    for (Queued& queued : taken)
      if (!batch.take(queued)) later.push_back(&queued);
    const auto append_began = std::chrono::steady_clock::now();
    if (!batch.commits().empty()) outcomes = log_.append(batch.commits());
    written.append_took = std::chrono::steady_clock::now() - append_began;
    for (Batch::Result& result : batch.results()) {
      if (!result.commit) continue;
      const storage::Outcome& outcome = outcomes.at(*result.commit);
      if (const auto* appended = std::get_if<storage::Appended>(&outcome)) {
        result.outcome.position = appended->last;
        storage::Position position = appended->first;
        for (events::Recorded& event : batch.decided().at(*result.commit)) {
          event.position = position++;
          written.recorded.push_back(std::move(event));
        }
      } else if (const auto* duplicate = std::get_if<storage::Duplicate>(&outcome)) {
        result.outcome = Batch::replay(result.queued->asked.known_as.at(0).fingerprint, *duplicate);
      } else if (++result.queued->attempts < attempts_max &&
                 !std::holds_alternative<storage::Sealed>(outcome)) {
        // Another writer was faster, or a commit before this one in the batch failed: decide again.
        later.push_back(result.queued);
      } else {
        result.outcome =
            Batch::refused(std::holds_alternative<storage::Sealed>(outcome) ? Reason::shutting_down
                                                                            : Reason::changed_meanwhile);
      }
    }
  } catch (const std::exception& broken) {
    written.fault = broken.what();
  }

  const bool overtaken = std::ranges::any_of(outcomes, [](const storage::Outcome& each) {
    return !std::holds_alternative<storage::Appended>(each);
  });
  if (written.fault || overtaken) {
    users_.forget_all();
    accounts_.forget_all();
    programmes_.forget_all();
  }
  written.appended = outcomes.size();
  written.events = written.recorded.size();
  written.head = log_.head().next;
  const std::set<const Queued*> waits(later.begin(), later.end());
  for (Batch::Result& result : batch.results())
    if (!waits.contains(result.queued))
      written.answers.emplace_back(std::move(result.queued->done), std::move(result.outcome));
  std::deque<Queued> again;
  for (Queued* queued : later) {
    if (written.fault)
      written.answers.emplace_back(std::move(queued->done), Outcome{});
    else
      again.push_back(std::move(*queued));
  }
  // Nobody may be decided on beside an erasure that is recorded and not carried out.
  const bool erases = std::ranges::any_of(written.recorded, [](const events::Recorded& each) {
    return std::holds_alternative<domain::UserErased>(each.event);
  });
  hand_over(std::move(written), taken.size() == 1);
  if (erases) wait_until_applied();
  if (again.empty()) {
    users_.trim();
    accounts_.trim();
    programmes_.trim();
  }
  return again;
}

// ---- behind the writer ------------------------------------------------------------------------------------

void Executor::hand_over(Written written, bool alone) {
  std::unique_lock lock(mutex_);
  if (written.fault) fault_ = written.fault;
  unanswered_ += written.answers.size();
  written_.push_back(std::move(written));
  if (applying_) return;  // who applies finds it
  if (alone && queue_.empty()) return apply(lock);
  lock.unlock();
  apply_wake_.notify_one();
}

void Executor::run_applier() {
  std::unique_lock lock(mutex_);
  while (true) {
    apply_wake_.wait(lock, [&] { return written_all_ || (!applying_ && !written_.empty()); });
    if (written_.empty()) return;
    apply(lock);
  }
}

void Executor::apply(std::unique_lock<std::mutex>& lock) noexcept {
  applying_ = true;
  while (!written_.empty()) {
    auto batches = std::exchange(written_, {});
    lock.unlock();
    apply(std::move(batches));
    lock.lock();
  }
  applying_ = false;
  applied_.notify_all();
}

void Executor::apply(std::deque<Written> batches) {
  std::vector<events::Recorded> recorded;
  for (Written& each : batches) std::ranges::move(each.recorded, std::back_inserter(recorded));
  if (!recorded.empty()) apply_(recorded);
  for (const events::Recorded& each : recorded)
    if (const auto* erased = std::get_if<domain::UserErased>(&each.event)) carry_out(*erased);

  for (Written& each : batches) complete(each);
  count(batches);
  for (Written& each : batches)
    for (auto& [done, outcome] : each.answers) done(std::move(outcome));
}

void Executor::complete(Written& written) {
  for (auto& [done, outcome] : written.answers) {
    if (written.fault) outcome = Batch::refused(Reason::internal_fault);
    if (!outcome.position && written.head > 0) outcome.position = written.head - 1;
  }
}

void Executor::count(const std::deque<Written>& batches) {
  const auto ended = std::chrono::steady_clock::now();
  const std::scoped_lock lock(mutex_);
  for (const Written& each : batches) {
    unanswered_ -= each.answers.size();
    counts_.commands += each.answers.size();
    counts_.events += each.events;
    counts_.refused += static_cast<std::uint64_t>(std::ranges::count_if(
        each.answers, [](const auto& answer) { return answer.second.refusal.has_value(); }));
    if (each.appended == 0) continue;
    counts_.batch_sizes.add(static_cast<double>(each.appended));
    counts_.append_seconds.add(each.append_took);
    counts_.commit_seconds.add(ended - each.began);
  }
}

void Executor::wait_until_applied() {
  std::unique_lock lock(mutex_);
  applied_.wait(lock, [&] { return !applying_ && written_.empty(); });
}

}  // namespace ttp::service
