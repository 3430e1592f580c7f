#include "service/writer/batch.hpp"

#include <algorithm>

#include "domain/terms.hpp"
#include "events/codec.hpp"
#include "events/origin.hpp"

namespace ttp::service {
namespace {

using domain::Facts;
using domain::Reason;

/// A command about one profile: If-Match names the version of that profile, and `decide` compares it.
template <class C>
concept ForOneProfile =
    domain::OnList<C,
                   std::variant<domain::SaveProfile, domain::ChangeProfile, domain::RemoveSecurityProfile>>;

constexpr unsigned fresh_numbers_max = 8;  // attempts to draw a URN or client number that nobody holds

/// The identifier of the thing that an event creates; empty if it creates nothing.
std::string created_by(const events::Event& event) {
  return std::visit(
      []<class E>(const E& each) -> std::string {
        using namespace domain;
        if constexpr (std::is_same_v<E, CredentialRegistered>) return to_text(each.user);
        if constexpr (std::is_same_v<E, SignInStarted>) return to_text(each.sign_in);
        if constexpr (std::is_same_v<E, SessionOpened>) return to_text(each.session);
        if constexpr (std::is_same_v<E, EmailChangeRequested>) return to_text(each.code);
        if constexpr (std::is_same_v<E, PasswordChanged>)
          return each.device ? to_text(*each.device) : std::string{};
        if constexpr (std::is_same_v<E, CompanyEnrolled>) return to_text(each.account);
        if constexpr (std::is_same_v<E, LetterCaseOpened>) return to_text(each.case_id);
        if constexpr (std::is_same_v<E, MemberAdded>) return to_text(each.user);
        if constexpr (std::is_same_v<E, OwnershipOffered>) return to_text(each.offer);
        if constexpr (std::is_same_v<E, OwnerReassignmentProposed>) return to_text(each.proposal);
        if constexpr (std::is_same_v<E, EnrolmentReleaseProposed>) return to_text(each.proposal);
        if constexpr (std::is_same_v<E, ErasureProposed>) return to_text(each.proposal);
        if constexpr (std::is_same_v<E, StaffRoleChangeProposed>) return to_text(each.proposal);
        if constexpr (std::is_same_v<E, RecoveryProposed>) return to_text(each.proposal);
        if constexpr (std::is_same_v<E, RecoveryPermitted>) return to_text(each.proposal);
        if constexpr (std::is_same_v<E, CompanyRecorded>) return to_text(each.account);
        if constexpr (std::is_same_v<E, SecurityProfileAdded>) return each.site.text();
        if constexpr (std::is_same_v<E, ApplicationSubmitted>) return to_text(each.submission);
        if constexpr (std::is_same_v<E, LetterOrdered>) return to_text(each.letter);
        if constexpr (std::is_same_v<E, AccountActivated>) return to_text(each.account);
        if constexpr (std::is_same_v<E, InformalReviewRequested>)
          return to_text(request_id(each.requested_at, each.account));
        if constexpr (std::is_same_v<E, CancellationAppealed>)
          return to_text(request_id(each.appealed_at, each.account));
        return {};
      },
      event);
}

}  // namespace

bool asks_the_views(const Command& command) {
  return std::holds_alternative<domain::ApproveErasure>(command) ||
         std::holds_alternative<domain::EnrolCompany>(command) ||
         std::holds_alternative<domain::ProposeRecovery>(command) ||
         std::holds_alternative<domain::RecoverUser>(command) ||
         std::holds_alternative<domain::GrantStaffRole>(command) ||
         std::holds_alternative<domain::RevokeStaffRole>(command) ||
         std::holds_alternative<domain::ApproveStaffRoleChange>(command);
}

// ---- the data for decisions -------------------------------------------------------------------------------

Decider::Decider(const storage::Log& log, storage::Vault& vault, const Queries& queries,
                 const Secrets& secrets, Clock& clock)
    : log_(log),
      vault_(vault),
      queries_(queries),
      secrets_(secrets),
      clock_(clock),
      users_(queries.snapshots(), log.others_may_write(), log.head().next),
      accounts_(queries.snapshots(), log.others_may_write(), log.head().next),
      programmes_(queries.snapshots(), log.others_may_write(), log.head().next) {
  run_on_from_log();
}

void Decider::run_on_from_log() {
  if (const auto next = log_.head().next; next > 0) {
    const auto last = log_.read(next - 1, 1);
    clock_.run_on_from(events::decode_envelope(last.at(0).envelope).recorded_at);
  }
}

void Decider::forget_states(const storage::Commit& commit) {
  for (const auto& [stream, version] : commit.expected) forget_state(stream);
  for (const storage::NewEvent& event : commit.events) forget_state(event.stream);
}

void Decider::forget_state(std::string_view stream) {
  const auto dash = stream.find('-');
  const auto id = dash == std::string_view::npos ? std::nullopt : domain::parse_uuid(stream.substr(dash + 1));
  if (!id) return;
  if (stream == events::stream_name(domain::UserId{*id})) users_.forget(*id);
  if (stream == events::stream_name(domain::AccountId{*id})) accounts_.forget(*id);
  if (stream == events::programme_stream_name(domain::AccountId{*id})) programmes_.forget(*id);
}

void Decider::end_batch() {
  const storage::Position end = log_.head().next;
  users_.end_batch(end);
  accounts_.end_batch(end);
  programmes_.end_batch(end);
}

// ---- deciding ---------------------------------------------------------------------------------------------

/// Decides one command after the other.
class Batch::Deciding {
 public:
  explicit Deciding(Batch& batch) : batch_(batch), decider_(batch.decider_) {}

  void decide_next(Command& command, const Asked& asked, Result& result) {
    reads_.clear();
    std::visit([&](auto& each) { decide_one(each, asked, result); }, command);
    if (!result.commit && decider_.confirms_refusals()) add_commit({{}, {}, expected(), {}, {}}, {}, result);
  }

  /// Call it after a command has failed half-way: drops the states that it read and may have changed.
  void forget_what_was_read() {
    storage::Commit read;
    read.expected = expected();
    decider_.forget_states(read);
  }

 private:
  /// A stream that the current command has read. Its name is built only for a commit.
  struct Read {
    std::string (*name)(const domain::Uuid& id);
    domain::Uuid id;
    storage::StreamVersion version;
  };
  template <class State>
  static std::string name_of(const domain::Uuid& id) {
    return snapshots::stream_of(snapshots::kind_of<State>, id);
  }
  template <class State>
  const State& read(HeadStates<State>& states, const domain::Uuid& id) {
    const auto found = states.read(id);
    const bool known = std::ranges::any_of(
        reads_, [&](const Read& each) { return each.id == id && each.name == &name_of<State>; });
    if (!known) reads_.push_back({&name_of<State>, id, found.version});
    return found.state;
  }
  const domain::User& user(domain::UserId id) { return read(decider_.users_, id.uuid); }
  const domain::Account& account(domain::AccountId id) { return read(decider_.accounts_, id.uuid); }
  const domain::Programme& programme(domain::AccountId id) { return read(decider_.programmes_, id.uuid); }

  domain::Person person(domain::UserId id, domain::Time now) {
    if (id == domain::UserId{}) return {};
    domain::Person found = user(id).person_at(now);
    found.id = id;
    return found;
  }

  std::optional<std::string> claim_owner(domain::Unique kind, const events::Hash& claim) {
    const auto overlaid = batch_.claims_.find({std::string{domain::to_text(kind)}, claim});
    if (overlaid != batch_.claims_.end()) return overlaid->second;
    return decider_.log_.claim_owner(domain::to_text(kind), claim);
  }
  std::optional<std::string> claim_owner(domain::Unique kind, std::string_view value) {
    for (const events::Hash& claim : decider_.secrets_.claim_keys(kind, value))
      if (auto owner = claim_owner(kind, claim)) return owner;
    return std::nullopt;
  }

  /// The user to whom family name, URN and e-mail all belong. The names are compared as `same_name` says.
  std::optional<domain::Person> match(const domain::FamilyName& family_name, const domain::Urn& urn,
                                      const domain::EmailAddress& email, domain::Time now) {
    const auto owner = claim_owner(domain::Unique::urn, urn.text());
    const auto id = owner ? events::user_of_stream(*owner) : std::nullopt;
    if (!id) return std::nullopt;
    const domain::User& found = user(*id);
    const bool all_match =
        found.urn == urn && !found.urn_expired_at(now) &&
        domain::same_name(found.family_name.text()) == domain::same_name(family_name.text()) &&
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
  void add_facts(const domain::RequestEmailChange& command, const Asked& asked, Facts& facts) {
    facts.secret_matches =
        asked.secret_matches && asked.credential_version == user(command.user).credential_version;
  }
  void add_facts(const domain::ChangePassword& command, const Asked& asked, Facts& facts) {
    facts.secret_matches =
        asked.secret_matches && asked.credential_version == user(command.user).credential_version;
    facts.password_is_common = asked.password_is_common;
  }
  void add_facts(const domain::RegisterCredential& command, const Asked& asked, Facts& facts) {
    facts.password_is_common = asked.password_is_common;
    facts.secret_matches = command.mailbox && decider_.secrets_.matches(command.user, command.mailbox->code);
  }
  void add_facts(const domain::EnterOneTimeCode& command, const Asked&, Facts& facts) {
    const domain::User& who = user(command.user);
    if (who.sign_in && who.sign_in->code)
      facts.secret_matches = decider_.secrets_.matches(who.sign_in->code->code, command.code);
  }
  void add_facts(const domain::ConfirmEmailChange& command, const Asked&, Facts& facts) {
    const domain::User& who = user(command.user);
    if (!who.email_change) return;
    const domain::CodeId code = who.email_change->code.code;
    facts.secret_matches = decider_.secrets_.matches(code, command.code);
    facts.second_secret_matches =
        decider_.secrets_.matches_present_address(code, command.present_address_code);
  }
  void add_facts(const domain::ActivateAccount& command, const Asked&, Facts& facts) {
    const domain::Account& which = account(command.account);
    if (!which.code || which.client_number != command.client_number) return;
    facts.secret_matches = decider_.secrets_.matches(which.code->code, command.activation_code);
    if (facts.secret_matches) return;
    for (const domain::IssuedCode& former : which.former_codes)
      if (decider_.secrets_.matches(former.code, command.activation_code)) facts.former_code = former.code;
  }
  void add_facts(const domain::EnrolCompany&, const Asked& asked, Facts& facts) {
    for (const Membership& each : decider_.queries_.memberships(asked.by))
      if (each.role == domain::Role::owner && account(each.account).is_enrolling()) ++facts.open_enrolments;
  }
  void add_facts(const domain::ProposeRecovery& command, const Asked&, Facts& facts) {
    facts.owns_account = owns_account(command.user);
  }
  void add_facts(const domain::RecoverUser& command, const Asked& asked, Facts& facts) {
    facts.owns_account = owns_account(command.user);
    facts.password_is_common = asked.password_is_common;
    const auto& permit = user(command.user).recovery_permit;
    facts.secret_matches =
        asked.secret_matches && permit && decider_.secrets_.matches(permit->code, command.permit);
  }
  bool owns_account(domain::UserId who) {
    return std::ranges::any_of(decider_.queries_.memberships(who),
                               [&](const Membership& each) { return account(each.account).owner() == who; });
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
    facts.holds_membership = !decider_.queries_.memberships(command.user).empty();
  }
  void add_facts(const domain::GrantStaffRole& command, const Asked&, Facts& facts) {
    add_facts_about_staff(command.user, facts);
  }
  void add_facts(const domain::RevokeStaffRole& command, const Asked&, Facts& facts) {
    add_facts_about_staff(command.user, facts);
  }
  void add_facts(const domain::ApproveStaffRoleChange& command, const Asked&, Facts& facts) {
    add_facts_about_staff(command.user, facts);
  }
  void add_facts_about_staff(domain::UserId about, Facts& facts) {
    const auto is_operator = [this](domain::UserId each) {
      return user(each).staff_roles.contains(domain::StaffRole::operator_);
    };
    decider_.queries_.add_facts_about_staff(about, is_operator, facts);
  }
  void add_facts(const domain::ProposeOwnerReassignment& command, const Asked&, Facts& facts) {
    if (user(command.new_owner).registered) facts.matched = person(command.new_owner, facts.now);
  }
  void add_facts(const domain::ApproveOwnerReassignment& command, const Asked&, Facts& facts) {
    const auto& open = account(command.account).reassignment;
    if (!open) return;
    const domain::UserId new_owner = open->new_owner;
    if (user(new_owner).registered) facts.matched = person(new_owner, facts.now);
  }

  // ---- the decision ---------------------------------------------------------------------------------------

  template <ForUser C>
  auto decision(const C& command, const Facts& facts) {
    return decide(user(command.user), command, facts);
  }
  template <ForRecovery C>
  auto decision(const C& command, const Facts& facts) {
    return decide(user(command.user), account(command.account), command, facts);
  }
  template <ForAccount C>
  auto decision(const C& command, const Facts& facts) {
    return decide(account(command.account), command, facts);
  }
  template <ForProgramme C>
  auto decision(const C& command, const Facts& facts) {
    return decide(programme(command.account), account(command.account), command, facts);
  }

  /// The officer who made the proposal that the command names; nil if there is none.
  template <class C>
  domain::UserId proposer_of(const C& command) {
    const domain::Proposal* open = nullptr;
    if constexpr (ForUser<C> || ForRecovery<C>)
      open = find_proposal(user(command.user), command.proposal);
    else
      open = find_proposal(account(command.account), command.proposal);
    return open ? open->officer : domain::UserId{};
  }

  /// The facts that every command gets; `account_id` is the command's account, if it has one.
  Facts facts_for(const Asked& asked, std::optional<domain::AccountId> account_id) {
    Facts facts;
    facts.now = decider_.now();
    facts.caller = person(asked.by, facts.now);
    facts.from_carrier = asked.from_carrier;
    if (account_id) facts.owner = person(account(*account_id).owner(), facts.now);
    const domain::Date today = domain::local_date(facts.now);
    facts.portal_terms = domain::in_force(domain::Terms::portal, today).version;
    facts.mail_factor_terms = domain::in_force(domain::Terms::mail_factor, today).version;
    facts.programme_terms = domain::in_force(domain::Terms::programme, today).version;
    facts.attested_words = domain::in_force(domain::Terms::signing_authority, today).version;
    facts.origin = asked.origin_address;
    facts.fresh = draw_fresh(facts.now);
    facts.if_match = asked.if_match;
    return facts;
  }

  /// Whether If-Match names another version than the present one of the stream that the command writes. The
  /// answer counts only if the command is accepted otherwise (RFC 9110, 13.2.1): a caller who may not act on
  /// the thing must not learn its version.
  template <class C>
  bool is_stale(const C& command, const Asked& asked) {
    if (ForOneProfile<C> || !asked.if_match || !asked.if_match->version) return false;
    return *asked.if_match->version != written_version(command);
  }

  /// Call it before anything else is read.
  template <class C>
  storage::StreamVersion written_version(const C& command) {
    if constexpr (ForUser<C> || ForRecovery<C>) {
      user(command.user);
    } else if constexpr (ForAccount<C>) {
      account(command.account);
    } else {
      programme(command.account);
    }
    return reads_.back().version;
  }

  /// Whether the person enters the code of a letter to a company that awaits its owner. Each may try as often
  /// as with a client number that nobody holds.
  bool holds_the_letter(const domain::ActivateAccount& command, domain::UserId by) {
    const domain::Account& which = account(command.account);
    if (!which.awaits_owner() || !which.code || is_out_of_tries(user(by), decider_.now())) return false;
    const auto is_it = [&](const domain::IssuedCode& each) {
      return decider_.secrets_.matches(each.code, command.activation_code);
    };
    return is_it(*which.code) || std::ranges::any_of(which.former_codes, is_it);
  }

  /// A command about a recovery names the person's; its company is looked up.
  template <class C>
    requires domain::OnList<
        C, std::variant<domain::ApproveRecovery, domain::WithdrawRecovery, domain::ObjectToRecovery>>
  void decide_one(C& command, const Asked& asked, Result& result) {
    command.account = account_of_recovery(user(command.user), command.proposal);
    decide_and_collect(command, asked, result);
  }

  /// An activation by a user who is not a member of the client number's account is counted against that user,
  /// because it must not affect the account.
  void decide_one(domain::ActivateAccount& command, const Asked& asked, Result& result) {
    const auto owner = claim_owner(domain::Unique::client_number, command.client_number.text());
    const auto id =
        owner ? domain::parse_uuid(std::string_view{*owner}.substr(std::string_view{"account-"}.size()))
              : std::nullopt;
    if (id) command.account.uuid = *id;
    if (id && (account(command.account).member(asked.by) || holds_the_letter(command, asked.by))) {
      decide_and_collect(command, asked, result);
    } else {
      decide_and_collect(domain::NoteActivationMismatch{asked.by}, asked, result);
    }
  }
  template <class C>
  void decide_one(C& command, const Asked& asked, Result& result) {
    decide_and_collect(command, asked, result);
  }

  /// The caller was admitted by the views, which may lag; the session at the head of the log decides.
  bool session_is_over(const Asked& asked) {
    if (asked.session == domain::SessionId{}) return false;
    const domain::Session* session = user(asked.by).session(asked.session);
    return !session || decider_.now() >= session->expires_at;
  }

  static void refuse(Result& result, Reason reason) { result.answer = refused(reason); }

  /// Compiled for each command, so whatever does not depend on its type is called, not written here.
  template <class C>
  void decide_and_collect(const C& command, const Asked& asked, Result& result) {
    std::optional<domain::AccountId> account_id;
    if constexpr (requires { command.account; }) account_id = command.account;
    for (unsigned draw = 0; draw < fresh_numbers_max; ++draw) {
      reads_.clear();
      if (session_is_over(asked)) return refuse(result, Reason::session_expired);
      const bool stale = is_stale(command, asked);
      Facts facts = facts_for(asked, account_id);
      if constexpr (requires { command.proposal; }) facts.proposer = person(proposer_of(command), facts.now);
      add_facts(command, asked, facts);
      // Commands for passing time are never retried by a client.
      if (settle(decision(command, facts), facts, asked, stale, !domain::OnList<C, TimeCommand>, result))
        return;
    }
    refuse(result, Reason::internal_fault);
  }

  /// Collects the decision, or refuses it for a claim that is taken or, where it is accepted otherwise,
  /// because the caller has seen a `stale` version. Returns false if a drawn number is taken, so that another
  /// must be drawn.
  template <class E>
  bool settle(domain::Decision<E> made, const Facts& facts, const Asked& asked, bool stale,
              bool is_asked_again, Result& result) {
    const auto taken = taken_claim(made);
    if (taken && is_drawn(*taken, facts.fresh)) return false;
    if (taken)
      result.answer = {std::nullopt, {}, domain::taken_refusal(taken->kind), false};
    else if (stale && !made.refusal)
      refuse(result, Reason::version_differs);
    else
      collect(std::move(made), facts, asked, is_asked_again, result);
    return true;
  }

  template <class E>
  static events::Event to_event(E decided) {
    return std::visit([](auto& event) { return events::Event{std::move(event)}; }, decided);
  }

  static bool is_drawn(const domain::Claim& claim, const domain::Fresh& fresh) {
    return (claim.kind == domain::Unique::urn && claim.value == fresh.urn.text()) ||
           (claim.kind == domain::Unique::client_number && claim.value == fresh.client_number.text());
  }

  template <class E>
  std::optional<domain::Claim> taken_claim(const domain::Decision<E>& made) {
    if (made.events.empty() || made.claims.empty()) return std::nullopt;
    const std::string stream = events::stream_of(to_event(made.events.front()));
    for (const domain::Claim& claim : made.claims) {
      if (!claim.add) continue;
      const auto owner = claim_owner(claim.kind, claim.value);
      if (owner && *owner != stream) return claim;
    }
    return std::nullopt;
  }

  /// All that can fail is done first, so that a failure changes nothing but the states in `move_on`.
  template <class E>
  void collect(domain::Decision<E> made, const Facts& facts, const Asked& asked, bool is_asked_again,
               Result& result) {
    result.answer.refusal = std::move(made.refusal);
    const bool remembers = !result.answer.refusal && is_asked_again && !asked.known_as.empty();
    if (made.events.empty() && !remembers) return;

    storage::Commit commit;
    if (asked.known_as.empty()) {
      commit.id.uuid = fresh_uuid(facts.now);
    } else {
      commit.id = asked.known_as.front().id;
      commit.fingerprint = asked.known_as.front().fingerprint;
    }
    if (!decider_.log_.others_may_write()) commit.looked_through = batch_.stands_at_;
    commit.expected = expected();
    std::vector<events::Recorded> decided;
    decided.reserve(made.events.size());
    commit.events.reserve(made.events.size());
    for (E& each : made.events) {
      auto& recorded = decided.emplace_back();
      recorded.event = to_event(std::move(each));
      if (result.answer.created.empty()) result.answer.created = created_by(recorded.event);
      auto claims = &each == &made.events.front()
                        ? claim_changes(made.claims, events::stream_of(recorded.event))
                        : Claims{};
      commit.events.push_back(sealed(recorded, commit.id, facts, asked, std::move(claims)));
    }
    commit.answer = encode_answer(result.answer);
    for (events::Recorded& recorded : decided) recorded.version = move_on(recorded.event);
    add_commit(std::move(commit), std::move(decided), result);
  }

  void add_commit(storage::Commit commit, std::vector<events::Recorded> decided, Result& result) {
    for (const storage::NewEvent& event : commit.events)
      for (const events::ClaimChange& claim : event.claims)
        batch_.claims_[{claim.name_space, claim.key}] =
            claim.add ? std::optional{event.stream} : std::nullopt;
    if (commit.id != domain::CommandId{}) batch_.ids_.insert(commit.id);
    result.commit = batch_.commits_.size();
    batch_.commits_.push_back(std::move(commit));
    batch_.decided_.push_back(std::move(decided));
  }

  std::vector<storage::ExpectedVersion> expected() const {
    std::vector<storage::ExpectedVersion> versions;
    versions.reserve(reads_.size());
    for (const Read& each : reads_) versions.push_back({each.name(each.id), each.version});
    return versions;
  }

  using Claims = std::vector<events::ClaimChange>;

  /// A value is claimed under the newest key, and released under the key it was claimed with.
  events::Hash claim_to_change(const domain::Claim& claim, const std::string& stream) {
    const auto known = decider_.secrets_.claim_keys(claim.kind, claim.value);
    if (!claim.add)
      for (const events::Hash& each : known)
        if (claim_owner(claim.kind, each) == stream) return each;
    return known.front();
  }

  Claims claim_changes(const std::vector<domain::Claim>& claims, const std::string& stream) {
    Claims changes;
    for (const domain::Claim& claim : claims) {
      changes.push_back(
          {claim.add, std::string{domain::to_text(claim.kind)}, claim_to_change(claim, stream)});
    }
    return changes;
  }

  /// Applies an event to the states at once, so that the next command of the batch sees it. Returns the
  /// version that the event will have in its stream: the log accepts it only if the stream has not changed.
  storage::StreamVersion move_on(const events::Event& event) {
    return std::visit(
        [&]<class E>(const E& each) {
          if constexpr (requires(domain::User state) { evolve(state, each); }) {
            return decider_.users_.move_on(each.user.uuid, event);
          } else if constexpr (requires(domain::Account state) { evolve(state, each); }) {
            return decider_.accounts_.move_on(each.account.uuid, event);
          } else {
            return decider_.programmes_.move_on(each.account.uuid, event);
          }
        },
        event);
  }

  /// An address is personal data: it is sealed for the person who acts, and shortened if that is nobody.
  std::string origin_of(const Asked& asked, domain::CommandId command) {
    if (asked.origin_address.empty()) return {};
    if (asked.by == domain::UserId{}) return asked.origin_network;
    return events::seal_origin(asked.origin_address, decider_.vault_.data_key(events::subject_name(asked.by)),
                               command);
  }

  /// Fills in the event's envelope and returns the event as the log stores it.
  storage::NewEvent sealed(events::Recorded& recorded, domain::CommandId command, const Facts& facts,
                           const Asked& asked, Claims claims) {
    const events::Event& event = recorded.event;
    storage::NewEvent stored;
    stored.stream = events::stream_of(event);
    stored.body = events::encode_body(
        event, command, [&](std::string_view subject) { return decider_.vault_.data_key(subject); });
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
    envelope.origin_address = origin_of(asked, command);
    envelope.claims = std::move(claims);
    envelope.body_bytes = static_cast<std::uint32_t>(stored.body.size());
    envelope.body_hash = events::sha256(stored.body);
    events::fill_random(envelope.salt);
    stored.claims = envelope.claims;
    stored.envelope = events::encode(envelope);
    return stored;
  }

  Batch& batch_;
  Decider& decider_;
  std::vector<Read> reads_;  ///< by the current command
};

Batch::Batch(Decider& decider, std::size_t commands)
    : decider_(decider), deciding_(std::make_unique<Deciding>(*this)), stands_at_(decider.log_.head().next) {
  results_.reserve(commands);
  commits_.reserve(commands);
  decided_.reserve(commands);
}

Batch::~Batch() = default;

bool Batch::take(Command& command, const Asked& asked) {
  Result result;
  try {
    for (const KnownRequest& known : asked.known_as) {
      if (ids_.contains(known.id)) return false;
      if (const auto earlier = decider_.log_.find_command(known.id)) {
        results_.push_back({replay(known.fingerprint, *earlier), std::nullopt, true, std::nullopt});
        return true;
      }
    }
    if (asked.only_earlier_answer)
      result.answer = refused(*asked.only_earlier_answer);
    else
      deciding_->decide_next(command, asked, result);
  } catch (const std::exception& fault) {
    deciding_->forget_what_was_read();
    result = {refused(Reason::internal_fault), std::nullopt, false, fault.what()};
  }
  results_.push_back(std::move(result));
  return true;
}

}  // namespace ttp::service
