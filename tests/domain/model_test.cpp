// Random histories of a small portal, executed as the service does it, and compared with a second, naive
// model of the promises that must always hold. A failure prints the shortest history found and rapidcheck's
// seed; `RC_PARAMS="reproduce=..."` repeats it.
#include <algorithm>
#include <array>
#include <chrono>
#include <map>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "domain/given_when_then.hpp"

namespace ttp::domain::tests {
namespace {

// ---- drawing ----------------------------------------------------------------------------------------------

/// Numbers from one seed. Each step has its own seed, so removing a step from a history leaves the others
/// unchanged; that allows shortening a failing history.
class Dice {
 public:
  explicit Dice(std::uint64_t seed) : state_(seed) {}
  std::size_t below(std::size_t limit) {
    // splitmix64
    std::uint64_t z = (state_ += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return static_cast<std::size_t>((z ^ (z >> 31)) % limit);
  }
  bool chance(std::size_t percent) { return below(100) < percent; }
  template <class T>
  T one_of(std::initializer_list<T> values) {
    return *(values.begin() + below(values.size()));
  }
  template <NamedEnum Enum>
  Enum any() {
    return static_cast<Enum>(below(enum_names<Enum>.size()));
  }

 private:
  std::uint64_t state_;
};

// ---- the naive model --------------------------------------------------------------------------------------

using Seat = std::pair<AccountId, UserId>;
/// A credential as one of its devices tries it or, without a device, as strangers do.
using Tried = std::pair<UserId, std::optional<DeviceId>>;

struct MailedCode {
  UserId user;
  SignInId sign_in;
  Time issued_at;
  unsigned tries = 0;
  bool dead = false;
};
struct LetterCode {
  AccountId account;
  Time issued_at;
  unsigned tries = 0;
  bool dead = false;
  Time died_at{};
};
/// A permit of the service desk, by its recovery.
struct KnownPermit {
  UserId user;
  CodeId code;
  Time permitted_at;
  bool by_two = false;
  unsigned tries = 0;
  bool dead = false;
};
struct Offer {
  AccountId account;
  UserId from, to;
  Time made_at;
  bool open = true;
};

Time two_years_after(Time time) {
  const auto day = std::chrono::floor<days>(time);
  std::chrono::year_month_day date{day};
  date += std::chrono::years{2};
  if (!date.ok()) date = date.year() / date.month() / std::chrono::last;
  return std::chrono::sys_days{date} + (time - day);
}

Duration waited_at_least(unsigned failures) {
  const std::array table{0, 0, 0, 30, 60, 120, 240, 480, 960, 1920};
  return failures < table.size() ? seconds{table[failures]} : seconds{3600};
}

/// The facts of the events in their simplest form.
struct Book {
  std::map<UserId, Time> renewed;  ///< URN issued, or signed in
  std::set<std::pair<UserId, StaffRole>> staff;
  std::map<Tried, unsigned> failures;
  std::map<Tried, Time> failed_at;
  std::set<Tried> locked;
  std::map<UserId, std::map<DeviceId, Time>> devices;  ///< and when each signed in last
  std::map<SignInId, std::optional<DeviceId>> sign_in_device;
  std::map<CodeId, MailedCode> mailed;
  std::set<SignInId> code_accepted;

  std::map<Seat, Role> roles;
  std::set<Seat> let_in;
  std::map<Seat, Role> suspended;   ///< and the role of who imposed it
  std::set<Seat> ever;              ///< belongs or belonged
  std::set<Seat> left_with_access;  ///< and would have it still
  std::map<Seat, Role> left_suspended;
  std::set<AccountId> code_entered, terms_accepted;
  std::map<CodeId, LetterCode> letter_codes;
  std::map<AccountId, Time> enrolled;
  std::map<AccountId, std::vector<Time>> attempts, dead_code_attempts, match_failures;
  std::map<OfferId, Offer> offers;
  std::map<ProposalId, UserId> proposed_by;
  std::map<ProposalId, Time> proposed_at;
  std::map<ProposalId, UserId> proposed_about;                   ///< the owner at that time
  std::map<std::pair<UserId, UserId>, Time> proposed_for_staff;  ///< by whom, whom, and when last
  std::map<AccountId, Time> refusal_effective;
  std::map<ProposalId, KnownPermit> permits;
  std::set<CodeId> void_permits;
  std::set<AccountId> recorded;  ///< members from before the portal

  std::ptrdiff_t operators() const {
    return std::ranges::count(staff, StaffRole::operator_, &std::pair<UserId, StaffRole>::second);
  }
  bool is_staff(UserId user) const {
    return std::ranges::any_of(staff, [&](const auto& held) { return held.first == user; });
  }
  bool expired(UserId user, Time now) const {
    return renewed.contains(user) && !is_staff(user) && now >= two_years_after(renewed.at(user));
  }
  UserId owner(AccountId account) const {
    for (const auto& [seat, role] : roles)
      if (seat.first == account && role == Role::owner) return seat.second;
    return {};
  }
  bool has_access(AccountId account, UserId user, Time now) const {
    const Seat seat{account, user};
    if (!roles.contains(seat) || expired(user, now) || expired(owner(account), now)) return false;
    return roles.at(seat) == Role::owner || (let_in.contains(seat) && !suspended.contains(seat));
  }
  void lock_out_all_but(AccountId account, UserId user) {
    std::erase_if(let_in, [&](const Seat& seat) { return seat.first == account && seat.second != user; });
    std::erase_if(left_with_access, [&](const Seat& seat) { return seat.first == account; });
  }
};

/// Events that are recorded only with a refusal: attempts on a secret, and answers that count.
template <class E>
constexpr bool recorded_when_refused =
    std::is_same_v<E, CredentialRejected> || std::is_same_v<E, OneTimeCodeRejected> ||
    std::is_same_v<E, EmailChangeRejected> || std::is_same_v<E, CurrentPasswordRejected> ||
    std::is_same_v<E, ActivationMismatched> || std::is_same_v<E, ActivationCodeRejected> ||
    std::is_same_v<E, MemberMatchFailed> || std::is_same_v<E, EligibilityRefused> ||
    std::is_same_v<E, RecoveryPermitRejected>;
template <class E>
constexpr bool follows_a_refusal = std::is_same_v<E, CredentialLocked> || std::is_same_v<E, SessionClosed> ||
                                   std::is_same_v<E, ActivationCodeVoided> ||
                                   std::is_same_v<E, LetterCancelled> || std::is_same_v<E, RecoveryEnded>;
/// Events that change an account, which must be authorised first.
template <class E>
constexpr bool changes_the_account =
    std::is_same_v<E, MemberAdded> || std::is_same_v<E, MemberRoleChanged> ||
    std::is_same_v<E, MemberDetailsChanged> || std::is_same_v<E, MemberSuspended> ||
    std::is_same_v<E, MemberReinstated> || std::is_same_v<E, MemberReactivated> ||
    std::is_same_v<E, MemberRemoved> || std::is_same_v<E, OwnershipOffered> ||
    std::is_same_v<E, MemberMatchFailed>;

// ---- the portal -------------------------------------------------------------------------------------------

constexpr std::size_t company_people = 7;  // the last one has not registered when the history begins
constexpr std::size_t first_desk = 7, second_desk = 8, mail_room = 9, officer = 10, operator_person = 11,
                      second_operator = 12, auditor_person = 13, people = 14;
constexpr std::size_t companies = 3;
constexpr std::size_t nobody = people;  // the scheduler, and the installation

const std::map<ProfileRef, Answers::Table>& complete_profiles() {
  static const auto all = [] {
    std::map<ProfileRef, Answers::Table> made;
    for (const ProfileRef& ref :
         {ProfileRef{ProfileKind::company, ""}, ProfileRef{ProfileKind::application, "importer"},
          ProfileRef{ProfileKind::application, "highway_carrier"},
          ProfileRef{ProfileKind::security, example<SiteKey>().text()}})
      for (const Question* question : questions_of(ref)) {
        std::string& answer = made[ref][std::string{question->id}];
        switch (question->type) {
          case AnswerType::text:
            answer = "As the programme asks.";
            break;
          case AnswerType::yes_no:
            answer = "yes";
            break;
          case AnswerType::choice:
            answer = question->choices.front().code;
            break;
          case AnswerType::date:
            answer = "2025-06-30";
            break;
          case AnswerType::number:
            answer = std::to_string(question->min);
            break;
          case AnswerType::email:
            answer = "security@example.com";
            break;
          case AnswerType::telephone:
            answer = "+16135550123";
            break;
        }
      }
    return made;
  }();
  return all;
}

/// The number of occurrences of each event in all histories, to detect a property that is never exercised.
std::map<std::string, std::size_t>& happened() {
  static std::map<std::string, std::size_t> counts;
  return counts;
}

class Portal {
 public:
  Portal() : users_(people), accounts_(companies), programmes_(companies) {
    for (std::size_t i = 0; i < people; ++i)
      if (i != company_people - 1) registers(i);
    const std::pair<std::size_t, StaffRole> staff[] = {
        {first_desk, StaffRole::service_desk},       {second_desk, StaffRole::service_desk},
        {mail_room, StaffRole::mail_room},           {officer, StaffRole::programme_officer},
        {operator_person, StaffRole::operator_},     {second_operator, StaffRole::operator_},
        {auditor_person, StaffRole::privacy_auditor}};
    for (const auto& [who, role] : staff)
      run(GrantStaffRole{user_id(who), role, because}, nobody, facts(nobody));
    // One company is ahead of the others, so that histories reach late states.
    Dice dice{0};
    while (accounts_[0].stage != Stage::authorised) goes_on_enrolling(dice, 0);
  }

  void step(std::uint64_t seed) {
    Dice dice{seed};
    const std::size_t what = dice.below(100);
    if (what < 18) {
      let_time_go(dice);
    } else if (what < 38) {
      user_step(dice);
    } else if (what < 80) {
      account_step(dice);
    } else {
      programme_step(dice);
    }
    check_everything();
  }

 private:
  static UserId user_id(std::size_t who) {
    return who == nobody ? UserId{} : id<UserId>(1 + static_cast<std::uint32_t>(who));
  }
  /// An enrolment that has ended makes room for another company, whose identifier has the same last byte.
  AccountId account_id(std::size_t which) const {
    return id<AccountId>(101 + static_cast<std::uint32_t>(which) + 256 * generations_[which]);
  }
  static std::size_t index(UserId user) { return user.uuid.bytes[15] - 1u; }
  static std::size_t index(AccountId account) { return account.uuid.bytes[15] - 101u; }

  template <class AnyId>
  AnyId draw() {
    return id<AnyId>(++drawn_);
  }

  void holds(bool promise, std::string_view what) {
    if (promise) return;
    for (const std::string& line : trace_) RC_LOG() << line << '\n';
    RC_FAIL(std::string{what});
  }

  // ---- facts, as the service gathers them --------------------------------------------------------------

  Person person(UserId user) const {
    return user == UserId{} ? Person{} : users_[index(user)].person_at(now_);
  }

  Person proposer_of(const Proposal* proposal) const {
    return proposal ? person(proposal->officer) : Person{};
  }
  /// The facts that the service looks up for a decision about a person's staff roles.
  Facts about_staff(std::size_t who, UserId user) {
    Facts made = facts(who);
    made.holds_membership = belongs(user);
    made.named_as_owner = std::ranges::any_of(accounts_, [&](const Account& each) {
      return (each.ownership_offer && each.ownership_offer->to == user) ||
             (each.reassignment && each.reassignment->new_owner == user);
    });
    made.operators = static_cast<std::size_t>(std::ranges::count_if(
        users_, [](const User& each) { return each.staff_roles.contains(StaffRole::operator_); }));
    return made;
  }

  Facts facts(std::size_t who) {
    Facts facts;
    facts.now = now_;
    facts.caller = person(user_id(who));
    facts.portal_terms = facts.mail_factor_terms = 1;
    facts.programme_terms = programme_terms_;
    facts.fresh = {draw<CodeId>(),
                   draw<LetterId>(),
                   draw<CaseId>(),
                   draw<OfferId>(),
                   draw<ProposalId>(),
                   draw<SubmissionId>(),
                   draw<SignInId>(),
                   draw<SessionId>(),
                   text<Urn>(std::to_string(++drawn_)),
                   text<ClientNumber>(std::to_string(++drawn_)),
                   draw<DeviceId>()};
    return facts;
  }
  Facts facts(std::size_t who, bool secret_matches) {
    Facts made = facts(who);
    made.secret_matches = made.second_secret_matches = secret_matches;
    return made;
  }
  Facts matching(std::size_t who, std::optional<UserId> matched) {
    Facts made = facts(who);
    if (matched && users_[index(*matched)].registered) made.matched = person(*matched);
    return made;
  }

  // ---- executing ---------------------------------------------------------------------------------------

  template <class Command>
  void run(const Command& command, std::size_t who, const Facts& asked) {
    constexpr bool is_the_users = requires { decide(users_[who], command, asked); };
    if constexpr (requires { command.account; } && !is_the_users) {
      if (who != nobody && !users_[who].registered) return;  // only who has signed in can ask
      const std::size_t which = index(command.account);
      Facts facts = asked;
      facts.owner = person(accounts_[which].owner());
      if constexpr (requires { command.proposal; }) facts.proposer = proposer_of(proposal_of(command, which));
      facts.open_enrolments =
          static_cast<std::size_t>(std::ranges::count_if(accounts_, [&](const Account& each) {
            return each.is_enrolling() && each.owner() == facts.caller.id;
          }));
      if constexpr (requires { decide(accounts_[which], command, facts); }) {
        take(accounts_[which], decide(accounts_[which], command, facts),
             decide(accounts_[which], command, facts), type_name<Command>(), who);
      } else if constexpr (requires { decide(users_[0], accounts_[which], command, facts); }) {
        User& user = users_[index(command.user)];
        facts.owns_account =
            std::ranges::any_of(accounts_, [&](const Account& each) { return each.owner() == command.user; });
        take(user, decide(user, accounts_[which], command, facts),
             decide(user, accounts_[which], command, facts), type_name<Command>(), who);
      } else {
        take(programmes_[which], decide(programmes_[which], accounts_[which], command, facts),
             decide(programmes_[which], accounts_[which], command, facts), type_name<Command>(), who);
      }
    } else {
      User& user = users_[index(command.user)];
      Facts facts = asked;
      if constexpr (requires { command.proposal; })
        facts.proposer = proposer_of(find_proposal(user, command.proposal));
      take(user, decide(user, command, facts), decide(user, command, facts), type_name<Command>(), who);
    }
  }

  template <class Command>
  const Proposal* proposal_of(const Command& command, std::size_t which) const {
    if constexpr (requires { command.user; })
      return find_proposal(users_[index(command.user)], command.proposal);
    else
      return find_proposal(accounts_[which], command.proposal);
  }

  template <class State, class Event>
  void take(State& state, const Decision<Event>& decision, const Decision<Event>& again,
            const std::string& command, std::size_t who) {
    trace_.push_back(to_text(now_) + " by " + std::to_string(who) + ": " + command + " -> " +
                     (decision.refusal ? "refused " + show(decision.refusal->reason) + ", " : "") +
                     show(decision.events));
    holds(same(decision.events, again.events) && decision.refusal == again.refusal &&
              decision.claims == again.claims,
          "two decisions on the same state, command and facts are equal");
    if (decision.refusal) {
      holds(decision.claims.empty(), "a refused command claims nothing");
      holds(decision.events.empty() || std::visit([]<class E>(const E&) { return recorded_when_refused<E>; },
                                                  decision.events.front()),
            "a refused command records attempts only");
      for (std::size_t i = 1; i < decision.events.size(); ++i)
        holds(std::visit([]<class E>(const E&) { return follows_a_refusal<E>; }, decision.events[i]),
              "a refused command records attempts only");
    } else if (!decision.events.empty()) {
      holds(!std::visit([]<class E>(const E&) { return recorded_when_refused<E>; }, decision.events.front()),
            "a failed attempt is refused");
    }
    if (!claim(decision.claims)) return;
    const State before = state;
    for (const Event& event : decision.events)
      std::visit([&](const auto& each) { happens(each, who); }, event);
    if (decision.events.empty()) holds(state == before, "no event, no change");
  }

  bool claim(const std::vector<Claim>& claims) {
    const std::set<std::pair<Unique, std::string>> before = claims_;
    for (const Claim& each : claims) {
      if (!each.add) {
        claims_.erase({each.kind, each.value});
      } else if (!claims_.emplace(each.kind, each.value).second) {
        trace_.back() += " (" + show(taken(each.kind)) + ")";
        claims_ = before;
        return false;
      }
    }
    return true;
  }

  /// The event belongs to the stream whose state it changes, whatever was decided.
  template <class Event>
  void happens(const Event& event, std::size_t who) {
    static std::size_t& count = happened()[type_name<Event>()];
    ++count;
    if constexpr (requires(User user) { evolve(user, event); }) {
      evolve(users_[index(event.user)], event);
      note(event, who);
    } else if constexpr (requires(Account account) { evolve(account, event); }) {
      if constexpr (changes_the_account<Event>)
        holds(is_authorised(event.account), "an account changes nothing before it is authorised");
      Account& account = accounts_[index(event.account)];
      evolve(account, event);
      note(event, who);
      const bool awaits_owner =
          book_.recorded.contains(event.account) && !book_.code_entered.contains(event.account);
      if (account.exists() && !(awaits_owner && account.members.empty()))
        holds(std::ranges::count(account.members, Role::owner, &Member::role) == 1,
              "exactly one owner after every event");
    } else {
      holds(is_authorised(event.account) || book_.recorded.contains(event.account),
            "a company changes nothing before its account is authorised");
      Programme& programme = programmes_[index(event.account)];
      const MembershipStatus before = programme.status;
      evolve(programme, event);
      if (programme.status != before) check_status_change(event, before, programme.status, who);
      note(event, who);
    }
  }
  bool is_authorised(AccountId account) const {
    return book_.code_entered.contains(account) && book_.terms_accepted.contains(account);
  }

  // ---- the book, one line per event that concerns a promise --------------------------------------------

  template <class Event>
  void note(const Event&, std::size_t) {}

  void note(const UrnIssued& event, std::size_t) {
    book_.renewed[event.user] = now_;
    if (event.generation == 1) return;
    holds(event.issued_by.has_value() && book_.staff.contains({*event.issued_by, StaffRole::service_desk}),
          "only the service desk issues a new URN");
    for (std::size_t which = 0; which < companies; ++which) {
      const AccountId account = account_id(which);
      if (book_.owner(account) == event.user) book_.lock_out_all_but(account, event.user);
      book_.let_in.erase({account, event.user});
      book_.left_with_access.erase({account, event.user});
    }
  }
  void note(const StaffRoleChangeProposed& event, std::size_t) {
    book_.proposed_by[event.proposal] = event.officer;
    book_.proposed_at[event.proposal] = now_;
    if (event.change == RoleChange::grant) book_.proposed_for_staff[{event.officer, event.user}] = now_;
  }
  void note(const StaffRoleGranted& event, std::size_t who) {
    holds(!belongs(event.user), "who is given a staff role belongs to no account");
    check_two_operators(event.user, event.granted_by.value_or(UserId{}), event.approved_by, who);
    book_.staff.emplace(event.user, event.role);
    // With an approval, the proposal counts from when it was made.
    if (event.granted_by && !event.approved_by)
      book_.proposed_for_staff[{*event.granted_by, event.user}] = now_;
  }
  void note(const StaffRoleRevoked& event, std::size_t who) {
    check_two_operators(event.user, event.revoked_by, event.approved_by, who);
    book_.staff.erase({event.user, event.role});
    holds(book_.operators() > 0, "one operator remains");
  }
  void check_two_operators(UserId user, UserId first, std::optional<UserId> second, std::size_t who) {
    if (who == nobody) return;
    holds(book_.staff.contains({user_id(who), StaffRole::operator_}), "an operator changes staff roles");
    if (!second)
      return holds(book_.operators() == 1 && first == user_id(who), "an operator alone is the only one");
    holds(*second == user_id(who) && first != *second, "two operators change staff roles");
    holds(*second == user || are_independent(first, *second),
          "of two who approve, neither proposed the other");
  }
  bool are_independent(UserId first, UserId second) const {
    const auto lately = [&](UserId by, UserId whom) {
      const auto found = book_.proposed_for_staff.find({by, whom});
      return found != book_.proposed_for_staff.end() && now_ < found->second + days{30};
    };
    return !lately(first, second) && !lately(second, first);
  }
  void note(const StaffRoleChangeLapsed& event, std::size_t) {
    holds(now_ >= book_.proposed_at.at(event.proposal) + days{14}, "a proposal lapses after 14 days");
  }
  void note(const ErasureLapsed& event, std::size_t) {
    holds(now_ >= book_.proposed_at.at(event.proposal) + days{14}, "a proposal lapses after 14 days");
  }

  void note(const ErasureProposed& event, std::size_t) {
    book_.proposed_by[event.proposal] = event.officer;
    book_.proposed_at[event.proposal] = now_;
  }
  void note(const UserErased& event, std::size_t who) {
    holds(who == nobody || (book_.proposed_by.at(event.proposal) != user_id(who) &&
                            book_.staff.contains({user_id(who), StaffRole::operator_})),
          "two operators erase a person");
    holds(!belongs(event.user), "who is erased belongs to no account");
    const auto of_user = [&](const auto& each) { return each.first.first == event.user; };
    std::erase_if(book_.failures, of_user);
    std::erase_if(book_.locked, [&](const Tried& each) { return each.first == event.user; });
    book_.devices.erase(event.user);
    std::erase_if(book_.staff, [&](const auto& held) { return held.first == event.user; });
  }
  void note(const PersonalDataViewed& event, std::size_t who) {
    const bool is_auditors = event.look <= Look::differences;
    holds(event.user == user_id(who) &&
              (is_auditors ? book_.staff.contains({event.user, StaffRole::privacy_auditor})
                           : book_.is_staff(event.user)),
          "only privacy auditors look at personal data");
  }
  bool belongs(UserId user) const {
    return std::ranges::any_of(book_.roles, [&](const auto& seat) { return seat.first.second == user; });
  }

  Tried tried(UserId user, const std::optional<DeviceId>& device) {
    const bool is_known = device && book_.devices[user].contains(*device);
    return {user, is_known ? device : std::nullopt};
  }
  void failure(UserId user, const std::optional<DeviceId>& device, std::uint32_t told) {
    const Tried by = tried(user, device);
    unsigned& failures = book_.failures[by];
    holds(!book_.locked.contains(by), "no attempt counts while the credential is locked");
    holds(failures == 0 || now_ >= book_.failed_at[by] + waited_at_least(failures),
          "no attempt counts during the wait");
    ++failures;
    book_.failed_at[by] = now_;
    holds(failures == told, "the events count failures in a row");
    holds(failures <= 100, "at most a hundred failures in a row");
  }
  void note(const CredentialRejected& event, std::size_t) {
    failure(event.user, event.device, event.consecutive_failures);
  }
  void note(const CurrentPasswordRejected& event, std::size_t) {
    failure(event.user, event.device, event.consecutive_failures);
  }
  void note(const EmailChangeRejected& event, std::size_t) {
    failure(event.user, event.device, event.consecutive_failures);
    try_mailed_code(event.code, {});
  }
  void note(const OneTimeCodeRejected& event, std::size_t) {
    failure(event.user, book_.sign_in_device[event.sign_in], event.consecutive_failures);
    try_mailed_code(event.code, event.sign_in);
  }
  void note(const CredentialLocked& event, std::size_t) {
    const Tried by = tried(event.user, event.device);
    holds(by.second == event.device, "a lock names a known device or strangers");
    holds(book_.failures[by] == 100, "a credential is locked at the hundredth failure");
    book_.locked.insert(by);
  }
  void note(const CredentialUnlocked& event, std::size_t) {
    holds(event.unlocked_by && book_.staff.contains({*event.unlocked_by, StaffRole::service_desk}),
          "only the service desk unlocks");
    forget_failures(event.user);
  }
  void forget_failures(UserId user) {
    std::erase_if(book_.locked, [&](const Tried& each) { return each.first == user; });
    for (auto& [by, failures] : book_.failures)
      if (by.first == user) failures = 0;
  }
  void forget_device(UserId user, DeviceId device) {
    book_.devices[user].erase(device);
    book_.failures.erase({user, device});
    book_.failed_at.erase({user, device});
    book_.locked.erase({user, device});
  }
  void note(const DeviceForgotten& event, std::size_t) { forget_device(event.user, event.device); }
  void note(const SessionsEnded& event, std::size_t who) {
    holds(event.officer == user_id(who) && book_.staff.contains({event.officer, StaffRole::service_desk}),
          "only the service desk ends a person's sessions");
  }

  void mail_code(CodeId code, UserId user, SignInId sign_in) {
    for (auto& [other, mailed] : book_.mailed)
      if (mailed.user == user && mailed.sign_in == sign_in) mailed.dead = true;
    book_.mailed[code] = {user, sign_in, now_};
  }
  void try_mailed_code(CodeId code, SignInId sign_in) {
    MailedCode& mailed = book_.mailed.at(code);
    const Duration lifetime = sign_in == SignInId{} ? Duration{hours{24}} : minutes{10};
    holds(!mailed.dead, "a mailed code works once, and not after it was replaced");
    holds(mailed.sign_in == sign_in, "a mailed code works only where it was asked for");
    holds(now_ < mailed.issued_at + lifetime, "a mailed code lives as long as it was given");
    holds(++mailed.tries <= 5, "a mailed code has five tries");
  }
  void note(const OneTimeCodeIssued& event, std::size_t) { mail_code(event.code, event.user, event.sign_in); }
  void note(const EmailChangeRequested& event, std::size_t) { mail_code(event.code, event.user, {}); }
  void note(const OneTimeCodeAccepted& event, std::size_t) {
    const Tried by = tried(event.user, book_.sign_in_device[event.sign_in]);
    holds(!book_.locked.contains(by), "nobody signs in while the credential is locked");
    try_mailed_code(event.code, event.sign_in);
    book_.mailed.at(event.code).dead = true;
    book_.code_accepted.insert(event.sign_in);
    book_.failures[by] = 0;
  }
  void note(const EmailChanged& event, std::size_t) {
    book_.failures[tried(event.user, event.device)] = 0;
    for (auto& [code, mailed] : book_.mailed)
      if (mailed.user == event.user && mailed.sign_in == SignInId{}) mailed.dead = true;
  }
  void note(const PasswordChanged& event, std::size_t) {
    while (!book_.devices[event.user].empty())
      forget_device(event.user, book_.devices[event.user].begin()->first);
    book_.failures[{event.user, std::nullopt}] = 0;
    book_.devices[event.user][*event.device] = now_;
  }
  void note(const SignInStarted& event, std::size_t) {
    book_.sign_in_device[event.sign_in] = event.device;
    holds(!book_.locked.contains(tried(event.user, event.device)),
          "nobody signs in while the credential is locked");
    holds(!book_.expired(event.user, now_), "nobody signs in with an expired URN");
  }
  void note(const SessionOpened& event, std::size_t) {
    holds(book_.code_accepted.erase(event.sign_in) == 1, "a session needs a sign-in whose code was entered");
    holds(!book_.locked.contains(tried(event.user, book_.sign_in_device[event.sign_in])),
          "nobody signs in while the credential is locked");
    holds(!book_.expired(event.user, now_), "nobody signs in with an expired URN");
    book_.renewed[event.user] = now_;
    auto& devices = book_.devices[event.user];
    devices[*event.device] = now_;
    if (devices.size() <= devices_max) return;
    const auto unused = std::ranges::min_element(devices, {}, &std::pair<const DeviceId, Time>::second);
    forget_device(event.user, unused->first);
  }

  void note(const CompanyEnrolled& event, std::size_t who) {
    holds(user_id(who) == event.owner && !book_.is_staff(event.owner),
          "who enrols is the owner, and no staff");
    book_.roles[{event.account, event.owner}] = Role::owner;
    book_.ever.emplace(event.account, event.owner);
    book_.enrolled[event.account] = now_;
  }
  void enrolment_ends(AccountId account, UserId owner) {
    holds(book_.owner(account) == owner && !book_.code_entered.contains(account),
          "an enrolment ends only before it is activated");
    leaves({account, owner});
  }
  void note(const EnrolmentWithdrawn& event, std::size_t who) {
    if (book_.recorded.contains(event.account))
      return holds(event.owner == UserId{} && !book_.code_entered.contains(event.account) &&
                       book_.staff.contains({user_id(who), StaffRole::programme_officer}),
                   "an officer takes a record back before it has an owner");
    holds(book_.owner(event.account) == user_id(who), "only the owner withdraws an enrolment");
    enrolment_ends(event.account, event.owner);
  }
  void note(const EnrolmentLapsed& event, std::size_t) {
    Time due = book_.enrolled.at(event.account) + days{30};
    bool has_code = false;
    for (const auto& [code, letter] : book_.letter_codes) {
      if (letter.account != event.account) continue;
      holds(letter.dead, "no enrolment lapses while its code lives");
      due = has_code ? std::max(due, letter.died_at + days{90}) : letter.died_at + days{90};
      has_code = true;
    }
    holds(
        now_ >= due && event.lapsed_at == due && has_code == (event.cause == EnrolmentLapse::never_activated),
        "an enrolment lapses 30 days after it began or 90 days after its last code died");
    enrolment_ends(event.account, event.owner);
  }
  void note(const CompanyRecorded& event, std::size_t who) {
    holds(book_.staff.contains({user_id(who), StaffRole::programme_officer}), "an officer records a member");
    book_.recorded.insert(event.account);
  }
  void note(const OwnerAttested& event, std::size_t who) {
    holds(book_.recorded.contains(event.account) && book_.owner(event.account) == UserId{} &&
              event.owner == user_id(who) && !book_.is_staff(event.owner),
          "a recorded company gets its first owner once, who is no staff");
    book_.roles[{event.account, event.owner}] = Role::owner;
    book_.ever.emplace(event.account, event.owner);
  }

  void note(const RecoveryProposed& event, std::size_t) {
    book_.proposed_by[event.proposal] = event.officer;
    book_.proposed_at[event.proposal] = now_;
  }
  void note(const RecoveryPermitted& event, std::size_t who) {
    holds(book_.staff.contains({user_id(who), StaffRole::service_desk}),
          "the service desk permits a recovery");
    holds(book_.roles.contains({event.account, event.user}) && book_.code_entered.contains(event.account),
          "a permit goes to a company whose user the person is");
    const bool owns = std::ranges::any_of(book_.roles, [&](const auto& seat) {
      return seat.first.second == event.user && seat.second == Role::owner;
    });
    holds(!owns || event.approved_by, "the permit of an owner takes two officers");
    if (event.approved_by)
      holds(*event.approved_by == user_id(who) && book_.proposed_by.at(event.proposal) != user_id(who) &&
                are_independent(event.officer, user_id(who)) &&
                now_ < book_.proposed_at.at(event.proposal) + days{14},
            "two officers permit the recovery of an owner");
    book_.permits[event.proposal] = {event.user, event.code, now_, event.approved_by.has_value()};
  }
  void note(const RecoveryPermitRejected& event, std::size_t) {
    KnownPermit& permit = book_.permits.at(event.proposal);
    holds(!permit.dead && now_ < permit.permitted_at + days{30} && ++permit.tries <= 5,
          "a permit has five tries");
  }
  void note(const RecoveryEnded& event, std::size_t) {
    const auto found = book_.permits.find(event.proposal);
    if (found == book_.permits.end()) return;
    found->second.dead = true;
    if (event.cause != RecoveryEnd::expired) book_.void_permits.insert(found->second.code);
  }
  void note(const UserRecovered& event, std::size_t) {
    KnownPermit& permit = book_.permits.at(event.proposal);
    holds(permit.user == event.user && !permit.dead && now_ < permit.permitted_at + days{30},
          "a permit works once, and within 30 days");
    const bool owns =
        std::ranges::any_of(accounts_, [&](const Account& each) { return each.owner() == event.user; });
    holds(!owns || permit.by_two, "the recovery of an owner takes two officers");
    permit.dead = true;
    book_.void_permits.insert(permit.code);
    forget_failures(event.user);
    for (const auto& [device, signed_in_at] : std::map{book_.devices[event.user]})
      forget_device(event.user, device);
    for (auto& [code, mailed] : book_.mailed)
      if (mailed.user == event.user) mailed.dead = true;
  }

  void note(const EnrolmentReleaseProposed& event, std::size_t) {
    book_.proposed_by[event.proposal] = event.officer;
  }
  void note(const EnrolmentReleased& event, std::size_t who) {
    holds(book_.proposed_by.at(event.proposal) != user_id(who) &&
              book_.staff.contains({user_id(who), StaffRole::service_desk}),
          "two officers release an enrolment");
    enrolment_ends(event.account, event.owner);
  }
  void kill_letter_codes(AccountId account) {
    for (auto& [code, letter] : book_.letter_codes)
      if (letter.account == account) letter.dead = true;
  }
  void note(const ActivationCodeIssued& event, std::size_t) {
    kill_letter_codes(event.account);
    book_.letter_codes[event.code] = {event.account, now_};
  }
  void note(const ActivationCodeVoided& event, std::size_t) {
    book_.letter_codes.at(event.code).dead = true;
    book_.letter_codes.at(event.code).died_at = now_;
  }
  void note(const ActivationCodeExpired& event, std::size_t) {
    holds(now_ >= book_.letter_codes.at(event.code).issued_at + days{45}, "a code expires after 45 days");
    book_.letter_codes.at(event.code).dead = true;
    book_.letter_codes.at(event.code).died_at = event.expired_at;
  }
  void attempt(AccountId account, std::vector<Time>& attempts, std::size_t limit, Duration window) {
    attempts.push_back(now_);
    holds(attempts.size() <= limit || attempts[attempts.size() - limit - 1] + window <= now_,
          "tries in a window stay within its limit");
    holds(accounts_[index(account)].stage != Stage::absent, "an attempt concerns an account");
  }
  void note(const ActivationCodeRejected& event, std::size_t) {
    auto& attempts = event.fault == AttemptFault::wrong ? book_.attempts : book_.dead_code_attempts;
    attempt(event.account, attempts[event.account], 5, minutes{10});
    LetterCode& code = book_.letter_codes.at(event.code);
    const bool alive = !code.dead && now_ < code.issued_at + days{45};
    holds(alive == (event.fault == AttemptFault::wrong), "a try says whether the code was dead or wrong");
    if (alive) holds(++code.tries <= 20, "a code has twenty tries");
  }
  void note(const AccountActivated& event, std::size_t who) {
    LetterCode& code = book_.letter_codes.at(event.code);
    holds(code.account == event.account && !code.dead && code.tries < 20 && now_ < code.issued_at + days{45},
          "only an open code activates its account");
    holds(book_.owner(event.account) == user_id(who), "only the owner activates");
    code.dead = true;
    book_.code_entered.insert(event.account);
  }
  void note(const ProgrammeTermsAccepted& event, std::size_t who) {
    holds(book_.code_entered.contains(event.account), "terms follow the code");
    holds(book_.owner(event.account) == user_id(who), "only the owner accepts the terms");
    book_.terms_accepted.insert(event.account);
  }

  void note(const MemberMatchFailed& event, std::size_t) {
    attempt(event.account, book_.match_failures[event.account], 5, minutes{10});
    attempt(event.account, book_.match_failures[event.account], 1'000'000, days{1});
    book_.match_failures[event.account].pop_back();
  }
  void note(const MemberAdded& event, std::size_t who) {
    const Seat seat{event.account, event.user};
    const Role own = book_.roles.at({event.account, user_id(who)});
    holds(!book_.roles.contains(seat) && event.role > own, "a member is added once, and below who adds them");
    holds(!book_.left_suspended.contains(seat) || own <= book_.left_suspended.at(seat),
          "leaving is no way round a suspension");
    const bool is_new = !book_.ever.contains(seat);
    if (is_new || book_.left_with_access.contains(seat) || own == Role::owner) book_.let_in.insert(seat);
    book_.roles[seat] = event.role;
    book_.ever.insert(seat);
    book_.left_with_access.erase(seat);
    book_.left_suspended.erase(seat);
  }
  void is_below_own(AccountId account, UserId user, std::size_t who) {
    holds(book_.roles.at({account, user}) > book_.roles.at({account, user_id(who)}),
          "who is suspended or removed has a role below that of who does it");
  }
  void note(const MemberRoleChanged& event, std::size_t who) {
    const Role own = book_.roles.at({event.account, user_id(who)});
    Role& role = book_.roles.at({event.account, event.user});
    holds(role > own && event.role > own, "nobody gives or takes a role at or above their own");
    role = event.role;
  }
  void note(const MemberSuspended& event, std::size_t who) {
    is_below_own(event.account, event.user, who);
    book_.suspended[{event.account, event.user}] = book_.roles.at({event.account, user_id(who)});
  }
  void note(const MemberReinstated& event, std::size_t who) {
    const Seat seat{event.account, event.user};
    holds(book_.roles.at({event.account, user_id(who)}) <= book_.suspended.at(seat),
          "a suspension is lifted by a role at or above that of who imposed it");
    book_.suspended.erase(seat);
  }
  void note(const MemberReactivated& event, std::size_t who) {
    holds(book_.owner(event.account) == user_id(who), "only the owner reactivates");
    holds(!book_.expired(event.user, now_), "who has an expired URN is not reactivated");
    book_.let_in.emplace(event.account, event.user);
  }
  void leaves(const Seat& seat) {
    if (book_.let_in.contains(seat)) book_.left_with_access.insert(seat);
    if (book_.suspended.contains(seat)) book_.left_suspended.insert(*book_.suspended.find(seat));
    book_.roles.erase(seat);
    book_.let_in.erase(seat);
    book_.suspended.erase(seat);
  }
  void note(const MemberRemoved& event, std::size_t who) {
    if (event.user != user_id(who)) is_below_own(event.account, event.user, who);
    leaves({event.account, event.user});
  }

  void note(const OwnershipOffered& event, std::size_t) {
    for (auto& [other, offer] : book_.offers)
      holds(offer.account != event.account || !offer.open, "one offer at a time");
    book_.offers[event.offer] = {event.account, event.from, event.to, now_};
  }
  void note(const OwnershipOfferWithdrawn& event, std::size_t) { book_.offers.at(event.offer).open = false; }
  void note(const OwnershipOfferDeclined& event, std::size_t) { book_.offers.at(event.offer).open = false; }
  void note(const OwnershipOfferLapsed& event, std::size_t) {
    holds(now_ >= book_.offers.at(event.offer).made_at + days{30}, "an offer lapses after 30 days");
    book_.offers.at(event.offer).open = false;
  }
  void note(const OwnerReassignmentProposed& event, std::size_t) {
    book_.proposed_by[event.proposal] = event.officer;
    book_.proposed_at[event.proposal] = now_;
    book_.proposed_about[event.proposal] = book_.owner(event.account);
  }
  void note(const OwnerReassignmentApproved& event, std::size_t who) {
    const UserId first = book_.proposed_by.at(event.proposal);
    holds(first != user_id(who) && book_.staff.contains({user_id(who), StaffRole::service_desk}) &&
              are_independent(first, user_id(who)),
          "two officers reassign an account");
    holds(book_.proposed_about.at(event.proposal) == book_.owner(event.account),
          "a proposal of a new owner falls with the owner it is about");
    holds(now_ < book_.proposed_at.at(event.proposal) + days{14}, "a proposal lapses after 14 days");
  }
  void note(const OwnershipTransferred& event, std::size_t who) {
    const bool owner_expired = book_.expired(event.from, now_);
    if (event.cause == TransferCause::accepted_offer) {
      const auto offer = std::ranges::find_if(book_.offers, [&](const auto& each) {
        return each.second.open && each.second.account == event.account;
      });
      holds(offer != book_.offers.end() && offer->second.to == user_id(who) && event.to == user_id(who) &&
                offer->second.from == event.from && now_ < offer->second.made_at + days{30},
            "ownership passes to who accepts an open offer");
      holds(!owner_expired, "an owner without a URN hands nothing over");
      offer->second.open = false;
    }
    holds(book_.owner(event.account) == event.from && !book_.expired(event.to, now_) &&
              !book_.is_staff(event.to),
          "ownership passes from the owner to a user who can hold it");
    const Seat old_seat{event.account, event.from}, new_seat{event.account, event.to};
    if (owner_expired) book_.lock_out_all_but(event.account, event.to);
    book_.roles[old_seat] = Role::proxy_owner;
    book_.let_in.insert(old_seat);
    if (event.previous_owner == PreviousOwner::leaves) leaves(old_seat);
    book_.roles[new_seat] = Role::owner;
    book_.let_in.insert(new_seat);
    book_.ever.insert(new_seat);
    book_.suspended.erase(new_seat);
    book_.left_with_access.erase(new_seat);
    book_.left_suspended.erase(new_seat);
  }

  void note(const SubmissionRefused& event, std::size_t) {
    book_.refusal_effective[event.account] = event.effective_at;
  }

  template <class Event>
  void check_status_change(const Event& event, MembershipStatus before, MembershipStatus after,
                           std::size_t who) {
    using enum MembershipStatus;
    if constexpr (std::is_same_v<Event, ApplicationSubmitted>) {
      holds(after == applied && (before == none || before == refused || before == cancelled) &&
                book_.owner(event.account) == user_id(who),
            "only the owner applies, and only who is no member");
    } else if constexpr (std::is_same_v<Event, RefusalTookEffect>) {
      holds(after == refused && before == under_review && book_.refusal_effective.contains(event.account) &&
                now_ >= book_.refusal_effective.at(event.account),
            "a refusal takes effect when its notice is over");
    } else {
      holds(book_.staff.contains({user_id(who), StaffRole::programme_officer}),
            "the membership changes by an officer's act only");
      holds(!book_.ever.contains({event.account, user_id(who)}),
            "no officer decides on a company that they belong or belonged to");
    }
  }

  // ---- promises that are looked at after every step ----------------------------------------------------

  void check_everything() {
    for (std::size_t which = 0; which < companies; ++which) {
      check_access(which);
      check_account(which);
      check_deadlines(accounts_[which], LetTimePassForAccount{account_id(which)},
                      [](Account& account, const auto& command, const Facts& at_deadline) {
                        return decide(account, command, at_deadline);
                      });
      check_deadlines(programmes_[which], LetTimePassForProgramme{account_id(which)},
                      [&](Programme& programme, const auto& command, const Facts& at_deadline) {
                        return decide(programme, accounts_[which], command, at_deadline);
                      });
    }
    holds(std::ranges::count(claims_, Unique::business_number, &std::pair<Unique, std::string>::first) ==
              std::ranges::count_if(accounts_, &Account::exists),
          "a business number is taken by an account that exists");
    std::set<std::string> emails, urns;
    for (std::size_t who = 0; who < people; ++who) {
      const User& user = users_[who];
      check_deadlines(user, LetTimePassForUser{user_id(who)},
                      [](User& each, const auto& command, const Facts& at_deadline) {
                        return decide(each, command, at_deadline);
                      });
      if (!user.registered) continue;
      holds(emails.insert(same_email(user.email)).second && urns.insert(user.urn.text()).second,
            "no two users share an address or a URN");
      const auto is_as_noted = [&](const Failures& failures, const std::optional<DeviceId>& device) {
        return failures.locked == book_.locked.contains({user.id, device}) &&
               failures.in_a_row == book_.failures[{user.id, device}];
      };
      holds(is_as_noted(user.failures, std::nullopt) &&
                std::ranges::all_of(user.devices,
                                    [&](const Device& each) { return is_as_noted(each.failures, each.id); }),
            "a credential is locked from the hundredth failure until it is unlocked");
      holds(user.devices.size() == book_.devices[user.id].size(),
            "devices are known until they are forgotten");
    }
  }

  void check_access(std::size_t which) {
    const Account& account = accounts_[which];
    const Person owner_now = person(account.owner());
    for (std::size_t who = 0; who < people; ++who) {
      const bool has_access = book_.has_access(account_id(which), user_id(who), now_);
      Facts look;
      look.now = now_;
      look.caller = person(user_id(who));
      look.owner = owner_now;
      for (const Permission& row : permissions) {
        const bool allowed = has_access && may(book_.roles.at({account_id(which), user_id(who)}), row.action);
        holds(!permission_refusal(account, row.action, look) == allowed,
              "access needs a role, valid URNs of member and owner, and the owner's reactivation");
      }
    }
  }

  void check_account(std::size_t which) {
    const Account& account = accounts_[which];
    const AccountId of = account_id(which);
    holds((account.stage == Stage::authorised) == book_.terms_accepted.contains(of),
          "authorised once the terms are accepted");
    holds((account.stage >= Stage::activated) == book_.code_entered.contains(of),
          "activated once the code was entered");
    if (account.code) {
      const bool open = account.code->state == CodeState::open && now_ < account.code->expires_at;
      const LetterCode& code = book_.letter_codes.at(account.code->code);
      holds(open == (!code.dead && now_ < code.issued_at + days{45}),
            "a code that once was closed never opens again");
    }
    for (const Letter& letter : account.letters) {
      if (!letter.is_pending()) continue;
      const bool is_dead =
          letter.code && (letter.kind == LetterKind::recovery ? book_.void_permits.contains(*letter.code)
                                                              : book_.letter_codes.at(*letter.code).dead);
      holds(!is_dead, "no letter waits with a dead code");
      holds(account.address_confirmed && letter.address == account.mailing_address,
            "no letter waits for an address that is not confirmed");
    }
  }

  /// No deadline passes before the next deadline; after it passes, the next one is later or there is none.
  template <class State, class Command, class Decide>
  void check_deadlines(const State& state, const Command& command, const Decide& decided) {
    const auto deadline = next_deadline(state);
    State later = state;
    Facts then;
    then.now = deadline ? *deadline - millisecond : now_ + days{4000};
    if (then.now >= now_)
      holds(decided(later, command, then).events.empty(), "nothing falls due before the next deadline");
    if (!deadline) return;
    then.now = std::max(now_, *deadline);
    const auto decision = decided(later, command, then);
    holds(!decision.events.empty() && !decision.refusal && std::ranges::none_of(decision.claims, &Claim::add),
          "something falls due at the deadline");
    for (const auto& event : decision.events)
      std::visit(
          [&](const auto& each) {
            if constexpr (requires { evolve(later, each); }) evolve(later, each);
          },
          event);
    const auto next = next_deadline(later);
    holds(!next || *next > then.now, "the deadline after the next one is later");
  }

  // ---- time --------------------------------------------------------------------------------------------

  static std::int64_t number(Dice& dice, std::size_t from, std::size_t to) {
    return static_cast<std::int64_t>(from + dice.below(to - from));
  }

  void let_time_go(Dice& dice) {
    const std::size_t how = dice.below(100);
    if (how < 30) {
      now_ += seconds{number(dice, 1, 120)};
    } else if (how < 55) {
      now_ += minutes{number(dice, 1, 60)};
    } else if (how < 83) {
      now_ += hours{number(dice, 1, 48)};
    } else if (how < 97) {
      now_ += days{number(dice, 1, 46)};
    } else {
      now_ += days{number(dice, 46, 732)};
    }
    if (dice.chance(3)) ++programme_terms_;
    // A deadline to the millisecond now and then.
    if (dice.chance(15)) {
      const std::size_t which = dice.below(companies);
      const auto deadline =
          dice.chance(60) ? next_deadline(accounts_[which]) : next_deadline(programmes_[which]);
      if (deadline && *deadline > now_) now_ = *deadline - (dice.chance(50) ? millisecond : Duration{0});
    }
    if (!dice.chance(70)) return;  // the scheduler is late
    for (std::size_t who = 0; who < people; ++who)
      run(LetTimePassForUser{user_id(who)}, nobody, facts(nobody));
    for (std::size_t which = 0; which < companies; ++which) {
      run(LetTimePassForAccount{account_id(which)}, nobody, facts(nobody));
      run(LetTimePassForProgramme{account_id(which)}, nobody, facts(nobody));
    }
  }

  // ---- what people do ----------------------------------------------------------------------------------

  void registers(std::size_t who) {
    RegisterCredential command;
    command.user = user_id(who);
    command.user_name = text<UserName>("user" + std::to_string(1000 + who));
    command.password = Password::parse("seventeen geese over the river").value();
    command.email = text<EmailAddress>("user" + std::to_string(who) + "@example.com");
    run(command, nobody, facts(nobody));
  }

  std::size_t anybody(Dice& dice) { return dice.below(people); }
  /// Mostly the responsible staff member.
  std::size_t staff(Dice& dice, std::size_t whose) {
    if (dice.chance(15)) return anybody(dice);
    if (whose == operator_person && dice.chance(50)) return second_operator;
    return whose == first_desk && dice.chance(50) ? second_desk : whose;
  }

  void user_step(Dice& dice) {
    if (dice.chance(1)) return has_another_role(dice);
    const std::size_t who = dice.chance(80) ? dice.below(company_people) : anybody(dice);
    const User& user = users_[who];
    if (user.erased) return registers(who);  // in vain: an identifier is never used again
    if (!user.registered) return registers(who);
    if (user.erasure || dice.chance(2)) return goes_on_erasing(dice, user);
    if (is_recovering(user) ? dice.chance(50) : dice.chance(6)) return goes_on_recovering(dice, user);
    if (user.staff_role_change && dice.chance(50)) return goes_on_with_a_role(dice, user);
    if (dice.chance(3)) return attacks_the_password(dice, who);
    if (user.urn_expired_at(now_) && dice.chance(60)) return has_a_new_urn(dice, user.id);
    if (user.email_change && dice.chance(60))
      return run(ConfirmEmailChange{user.id, {}, example<OneTimeCode>(), example<OneTimeCode>()}, who,
                 facts(who, dice.chance(70)));
    if (user.has_lock() && dice.chance(40)) {
      const std::size_t unlocker = staff(dice, first_desk);
      return run(UnlockCredential{user.id, because}, unlocker, facts(unlocker));
    }
    if (dice.chance(55)) return goes_on_signing_in(dice, who);
    does_anything(dice, who);
  }

  void does_anything(Dice& dice, std::size_t who) {
    const User& user = users_[who];
    const SignInId sign_in = user.sign_in ? user.sign_in->id : draw<SignInId>();
    const SessionId session =
        user.sessions.empty() ? draw<SessionId>() : user.sessions[dice.below(user.sessions.size())].id;
    const bool right = dice.chance(50);
    const OneTimeCode code = example<OneTimeCode>();
    const std::size_t act = dice.below(20);
    if (act >= 16) return staff_acts_on_user(dice, user, act);
    switch (act) {
      case 0: {
        const std::size_t looks = staff(dice, auditor_person);
        run(RecordLook{user_id(looks), dice.any<Look>(), user.id, {}}, looks, facts(looks));
        const std::size_t operates = staff(dice, operator_person);
        run(RecordOperation{user_id(operates), dice.any<Operation>(), "session", 1, now_}, operates,
            facts(operates));
        const std::string mail = "00000000000000000042-0";
        run(RecordMailFate{user.id, mail, dice.any<MailFate>(), dice.chance(50), dice.chance(50), "5.1.1"},
            nobody, facts(nobody));
        const std::size_t resends = staff(dice, first_desk);
        run(ResendMail{user.id, mail}, resends, facts(resends));
        return registers(who);
      }
      case 1: {
        RegisterPartnerCredential command;
        command.user = user.id;
        return run(command, nobody, facts(nobody));
      }
      case 2:
        return run(start_sign_in(dice, user), who, facts(who, right));
      case 3:
        return run(EnrolMailFactor{user.id, sign_in, 1}, who, facts(who));
      case 4:
        return run(ResendOneTimeCode{user.id, sign_in}, who, facts(who));
      case 5:
        return run(EnterOneTimeCode{user.id, sign_in, code}, who, facts(who, right));
      case 6:
        return run(AcceptPortalTerms{user.id, sign_in, 1}, who, facts(who));
      case 7:
        return run(CloseSession{user.id, session}, who, facts(who));
      case 8:
        if (!user.devices.empty() && dice.chance(30))
          return run(ForgetDevice{user.id, some_device(dice, user)}, who, facts(who));
        return run(CloseOtherSessions{user.id, session}, who, facts(who));
      case 9: {
        const auto language = dice.any<Language>();
        return run(ChangeContactDetails{user.id, {}, {}, {}, language}, who, facts(who));
      }
      case 10:
      case 11: {
        const auto address =
            text<EmailAddress>("user" + std::to_string(dice.below(2 * people)) + "@example.com");
        const auto password = Password::parse("a long secret").value();
        return run(RequestEmailChange{user.id, session, address, password}, who, facts(who, dice.chance(80)));
      }
      case 12:
      case 13:
        return run(ConfirmEmailChange{user.id, session, code, code}, who, facts(who, right));
      case 14: {
        const auto wanted = Password::parse("another long secret").value();
        return run(ChangePassword{user.id, session, {}, wanted}, who, facts(who, right));
      }
      default:
        if (dice.below(2) == 0) return run(NoteActivationMismatch{user.id}, who, facts(who));
        return run(MarkNotificationsRead{user.id, account_id(dice.below(companies)), dice.below(1000)}, who,
                   facts(who));
    }
  }

  void staff_acts_on_user(Dice& dice, const User& user, std::size_t act) {
    const std::size_t desk = staff(dice, first_desk), installer = staff(dice, operator_person);
    switch (act) {
      case 16:
        return run(IssueNewUrn{user.id, because}, desk, facts(desk));
      case 17: {
        const auto session =
            user.sessions.empty() || dice.chance(50) ? std::optional<SessionId>{} : user.sessions.front().id;
        run(EndSessions{user.id, session, because}, desk, facts(desk));
        return run(UnlockCredential{user.id, because}, desk, facts(desk));
      }
      case 18:
        return run(GrantStaffRole{user.id, dice.any<StaffRole>(), because}, installer,
                   about_staff(installer, user.id));
      default: {
        const StaffRole held = user.is_staff() ? *user.staff_roles.begin() : dice.any<StaffRole>();
        return run(RevokeStaffRole{user.id, held, because}, installer, about_staff(installer, user.id));
      }
    }
  }

  void goes_on_with_a_role(Dice& dice, const User& user) {
    const ProposalId proposal = user.staff_role_change->proposal.id;
    const std::size_t by = dice.chance(15) ? index(user.id) : staff(dice, operator_person);
    if (dice.chance(25)) return run(WithdrawStaffRoleChange{user.id, proposal, because}, by, facts(by));
    run(ApproveStaffRoleChange{user.id, proposal}, by, about_staff(by, user.id));
  }

  /// Proposes to take a role that somebody has, or to give one, and mostly has the proposal decided at once.
  void has_another_role(Dice& dice) {
    const User& user = users_[company_people + dice.below(people - company_people)];
    if (!user.staff_role_change) {
      const std::size_t by = staff(dice, operator_person);
      if (user.is_staff()) {
        run(RevokeStaffRole{user.id, *user.staff_roles.begin(), because}, by, about_staff(by, user.id));
      } else {
        run(GrantStaffRole{user.id, dice.any<StaffRole>(), because}, by, about_staff(by, user.id));
      }
    }
    if (user.staff_role_change && dice.chance(80)) goes_on_with_a_role(dice, user);
  }

  bool is_recovering(const User& user) const {
    return user.recovery_proposal || (user.recovery_permit && user.recovery_permit->is_open_at(now_));
  }
  void goes_on_recovering(Dice& dice, const User& user) {
    const std::size_t desk = staff(dice, first_desk);
    AccountId of = account_id(dice.below(companies));
    for (const Account& each : accounts_)
      if (each.member(user.id) && dice.chance(60)) of = each.id;
    if (!is_recovering(user)) return run(ProposeRecovery{user.id, of, because}, desk, facts(desk));
    const bool waits = user.recovery_proposal.has_value();
    const ProposalId proposal =
        waits ? user.recovery_proposal->proposal.id : user.recovery_permit->proposal.id;
    of = account_of_recovery(user, proposal);
    if (dice.chance(15)) return run(WithdrawRecovery{user.id, of, proposal, because}, desk, facts(desk));
    if (dice.chance(10))
      return run(ObjectToRecovery{user.id, of, proposal}, index(user.id), facts(index(user.id)));
    if (waits) return run(ApproveRecovery{user.id, of, proposal}, desk, facts(desk));
    if (dice.chance(40)) {
      for (std::size_t tries = 1 + dice.below(6); tries > 0; --tries)
        run(NoteWrongPermit{user.id, of}, nobody, facts(nobody));
      return;
    }
    RecoverUser command;
    command.user = user.id;
    command.account = of;
    command.new_password = Password::parse("seventeen geese over the river").value();
    if (dice.chance(40))
      command.mailbox = NewMailbox{
          text<EmailAddress>("user" + std::to_string(dice.below(2 * people)) + "@example.com"), {}, {}, now_};
    run(command, index(user.id), facts(index(user.id), dice.chance(80)));
  }

  void goes_on_erasing(Dice& dice, const User& user) {
    const std::size_t by = staff(dice, operator_person);
    Facts seen = facts(by);
    seen.holds_membership = belongs(user.id);
    if (!user.erasure) return run(ProposeErasure{user.id, dice.any<LegalGround>(), because}, by, seen);
    if (dice.chance(60)) return run(WithdrawErasure{user.id, user.erasure->proposal.id, because}, by, seen);
    const ProposalId proposal = user.erasure->proposal.id;
    if (dice.chance(80) || belongs(user.id)) return run(ApproveErasure{user.id, proposal}, by, seen);
    run(RepeatErasure{user.id, proposal, user.erasure->ground, {}, {}, now_}, nobody, facts(nobody));
  }

  void has_a_new_urn(Dice& dice, UserId user) {
    const std::size_t desk = staff(dice, first_desk);
    run(IssueNewUrn{user, because}, desk, facts(desk));
  }

  static DeviceId some_device(Dice& dice, const User& user) {
    return user.devices[dice.below(user.devices.size())].id;
  }
  /// From a known device or from a strange one.
  static StartSignIn start_sign_in(Dice& dice, const User& user) {
    StartSignIn command{user.id, user.user_name, {}};
    if (!user.devices.empty() && dice.chance(50)) command.device = some_device(dice, user);
    return command;
  }

  void goes_on_signing_in(Dice& dice, std::size_t who) {
    const User& user = users_[who];
    const bool under_way = user.sign_in && now_ < user.sign_in->expires_at;
    if (!under_way) run(start_sign_in(dice, user), who, facts(who, dice.chance(90)));
    if (!user.sign_in) return;
    const SignInId sign_in = user.sign_in->id;
    if (user.sign_in->stage == SignInStage::mail_factor_terms)
      run(EnrolMailFactor{user.id, sign_in, 1}, who, facts(who));
    if (dice.chance(10)) return;
    for (std::size_t tries = dice.chance(80) ? 1 : 6; tries > 0; --tries)
      run(EnterOneTimeCode{user.id, sign_in, example<OneTimeCode>()}, who,
          facts(who, tries == 1 && dice.chance(90)));
    if (dice.chance(10)) return;
    run(AcceptPortalTerms{user.id, sign_in, 1}, who, facts(who));
    if (!user.sessions.empty() && dice.chance(10))
      run(CloseSession{user.id, user.sessions.front().id}, who, facts(who));
  }

  /// Tries wrong passwords one after the other, each as soon as it counts.
  void attacks_the_password(Dice& dice, std::size_t who) {
    const std::size_t attempts = 1 + dice.below(140);
    const StartSignIn attempt = start_sign_in(dice, users_[who]);
    for (std::size_t i = 0; i < attempts && !users_[who].failures_of(attempt.device).locked; ++i) {
      now_ += waited_at_least(book_.failures[tried(user_id(who), attempt.device)]);
      run(attempt, who, facts(who, false));
    }
  }

  std::size_t someone_of(Dice& dice, const Account& account) {
    const std::size_t how = dice.below(100);
    if (how < 55 && account.owner() != UserId{}) return index(account.owner());
    if (how < 85 && !account.members.empty())
      return index(account.members[dice.below(account.members.size())].user);
    return anybody(dice);
  }
  UserId some_member(Dice& dice, const Account& account) {
    if (account.members.empty() || dice.chance(10)) return user_id(anybody(dice));
    return account.members[dice.below(account.members.size())].user;
  }

  void account_step(Dice& dice) {
    const std::size_t which = dice.below(companies);
    const Account& account = accounts_[which];
    const AccountId of = account_id(which);
    if (account.is_enrolling() && dice.chance(account.enrolment_release ? 40 : 6))
      return goes_on_ending(dice, which, someone_of(dice, account));
    if (account.awaits_owner() && dice.chance(50)) return goes_on_with_a_record(dice, which);
    if (account.stage != Stage::authorised && dice.chance(50)) return goes_on_enrolling(dice, which);
    if (account.owner() != UserId{} && person(account.owner()).urn_expired && dice.chance(40))
      return has_a_new_urn(dice, account.owner());
    const bool terms_are_old =
        account.stage == Stage::authorised && account.programme_terms < programme_terms_;
    if (terms_are_old && dice.chance(30)) {
      const std::size_t owner_now = index(account.owner());
      return run(AcceptProgrammeTerms{of, programme_terms_}, owner_now, facts(owner_now));
    }

    if (account.stage == Stage::authorised && account.members.size() < 4 && dice.chance(40))
      return grows(dice, which);
    if ((account.ownership_offer || account.reassignment) && dice.chance(30))
      return goes_on_to_a_new_owner(dice, which);
    const std::size_t who = someone_of(dice, account);
    const std::size_t act = dice.below(38);
    if (act <= 8) return acts_on_enrolment(dice, which, who, act);
    if (act <= 15) return acts_on_letters(dice, which, who, act);
    if (act <= 28) return acts_on_members(dice, which, who, act);
    acts_on_ownership(dice, which, who, act);
  }

  void acts_on_enrolment(Dice& dice, std::size_t which, std::size_t who, std::size_t act) {
    const AccountId of = account_id(which);
    switch (act) {
      case 0:
        return enrols(dice, which, who);
      case 1: {
        MailingAddress address = example_address();
        address.line1 = text<AddressLine>(std::to_string(dice.below(3)) + " RUE DU PORT");
        return run(ChangeMailingAddress{of, address}, who, facts(who));
      }
      case 2:
        return run(ConfirmMailingAddress{of}, who, facts(who));
      case 3:
      case 4:
        return run(RequestActivationCode{of}, who, facts(who));
      case 5:
      case 6:
        for (std::size_t tries = 1 + dice.below(8); tries > 0; --tries) enters_a_code(dice, which, who, 4);
        return;
      case 7:
        return run(AcceptProgrammeTerms{of, programme_terms_}, who, facts(who));
      default:
        if (dice.chance(40)) return goes_on_ending(dice, which, who);
        return run(RequestClientNumberLetter{of}, who, facts(who));
    }
  }

  void enters_a_code(Dice& dice, std::size_t which, std::size_t who, std::size_t percent_right) {
    const auto& former = accounts_[which].former_codes;
    Facts made = facts(who, dice.chance(percent_right));
    if (!former.empty() && dice.chance(20)) made.former_code = former[dice.below(former.size())].code;
    if (made.former_code) made.secret_matches = false;
    run(ActivateAccount{account_id(which), client_number, example<ActivationCode>(), dice.chance(90)}, who,
        made);
  }

  void goes_on_ending(Dice& dice, std::size_t which, std::size_t who) {
    const AccountId of = account_id(which);
    const std::size_t desk = staff(dice, first_desk);
    const auto& open = accounts_[which].enrolment_release;
    if (!open && dice.chance(20)) return run(WithdrawEnrolment{of}, who, facts(who));
    if (!open) return run(ProposeEnrolmentRelease{of, because}, desk, facts(desk));
    const ProposalId proposal = dice.chance(90) ? open->id : draw<ProposalId>();
    if (dice.chance(30)) return run(WithdrawEnrolmentRelease{of, proposal, because}, desk, facts(desk));
    run(ApproveEnrolmentRelease{of, proposal}, desk, facts(desk));
  }

  void acts_on_letters(Dice& dice, std::size_t which, std::size_t who, std::size_t act) {
    const Account& account = accounts_[which];
    const AccountId of = account_id(which);
    const std::size_t desk = staff(dice, first_desk), clerk = staff(dice, mail_room);
    const LetterId letter = account.letters.empty() || dice.chance(10) ? draw<LetterId>()
                            : dice.chance(50)                          ? account.letters.back().id
                                              : account.letters[dice.below(account.letters.size())].id;
    switch (act) {
      case 9:
      case 10:
        if (dice.chance(20)) return run(ConfirmLetterArrival{of, letter}, who, facts(who));
        return run(ReportLetterMissing{of, letter}, who, facts(who));
      case 11:
        return run(RecordLetterPrinted{of, letter}, clerk, facts(clerk));
      case 12: {
        const auto number = text<RegisteredMailNumber>(dice.chance(50) ? "RN123456785CA" : "RN473124829CA");
        const Letter* const known = account.letter(letter);
        const bool is_posted = known && known->state == LetterState::posted;
        if (dice.chance(is_posted ? 70 : 10))
          return run(CorrectRegisteredMailNumber{of, letter, number, because}, clerk, facts(clerk));
        return run(RecordLetterPosted{of, letter, number}, clerk, facts(clerk));
      }
      case 13:
        if (dice.chance(20)) return run(RecordLetterArrived{of, letter}, clerk, facts(clerk));
        return run(RecordLetterReturned{of, letter, because}, clerk, facts(clerk));
      default: {
        const CaseId open = account.letter_cases.empty() || dice.chance(10)
                                ? draw<CaseId>()
                                : account.letter_cases[dice.below(account.letter_cases.size())].id;
        return run(ResolveLetterCase{of, open, dice.any<CaseResolution>(), because}, desk, facts(desk));
      }
    }
  }

  void acts_on_members(Dice& dice, std::size_t which, std::size_t who, std::size_t act) {
    const Account& account = accounts_[which];
    const AccountId of = account_id(which);
    const UserId member = some_member(dice, account);
    const auto is_out = std::ranges::find(account.members, true, &Member::suspended);
    const UserId suspended = is_out == account.members.end() ? member : is_out->user;
    const auto somebody = dice.chance(80) ? std::optional{user_id(dice.below(people))} : std::nullopt;
    switch (act) {
      case 16:
      case 17:
      case 18:
      case 19:
        return run(
            AddMember{of, example<FamilyName>(), example<Urn>(), example<EmailAddress>(), dice.any<Role>()},
            who, matching(who, somebody));
      case 20:
        return run(ChangeMemberRole{of, member, dice.any<Role>()}, who, facts(who));
      case 21:
        return run(ChangeMemberDetails{of, member, example<Title>(), {}, {}}, who, facts(who));
      case 22:
        return run(SuspendMember{of, member}, who, facts(who));
      case 23:
      case 24:
        return run(ReinstateMember{of, suspended}, who, facts(who));
      case 25:
      case 26:
      case 27:
        return run(ReactivateMember{of, member}, who, matching(who, member));
      default:
        return run(RemoveMember{of, member}, who, facts(who));
    }
  }

  void acts_on_ownership(Dice& dice, std::size_t which, std::size_t who, std::size_t act) {
    const Account& account = accounts_[which];
    const AccountId of = account_id(which);
    const std::size_t desk = staff(dice, first_desk);
    const auto somebody = dice.chance(80) ? std::optional{user_id(dice.below(people))} : std::nullopt;
    const OfferId offer =
        account.ownership_offer && dice.chance(90) ? account.ownership_offer->id : draw<OfferId>();
    const ProposalId proposal =
        account.reassignment && dice.chance(90) ? account.reassignment->proposal.id : draw<ProposalId>();
    switch (act) {
      case 29:
      case 30:
        return run(OfferOwnership{of, example<FamilyName>(), example<Urn>(), example<EmailAddress>(),
                                  dice.any<PreviousOwner>()},
                   who, matching(who, somebody));
      case 31:
        return run(WithdrawOwnershipOffer{of, offer}, who, facts(who));
      case 32:
      case 33:
      case 34: {
        const std::size_t named =
            account.ownership_offer && dice.chance(80) ? index(account.ownership_offer->to) : who;
        if (dice.chance(15)) return run(DeclineOwnershipOffer{of, offer}, named, facts(named));
        return run(AcceptOwnership{of, offer, dice.chance(90)}, named, facts(named));
      }
      case 35: {
        const UserId new_owner = user_id(dice.below(people));
        return run(ProposeOwnerReassignment{of, new_owner, because}, desk, matching(desk, new_owner));
      }
      case 36: {
        const auto new_owner =
            account.reassignment ? std::optional{account.reassignment->new_owner} : std::nullopt;
        return run(ApproveOwnerReassignment{of, proposal}, desk, matching(desk, new_owner));
      }
      default:
        return run(WithdrawOwnerReassignment{of, proposal, because}, desk, facts(desk));
    }
  }

  void grows(Dice& dice, std::size_t which) {
    const std::size_t who = someone_of(dice, accounts_[which]);
    for (const Role role : {Role::proxy_owner, Role::full_access, Role::administrative})
      run(AddMember{account_id(which), example<FamilyName>(), example<Urn>(), example<EmailAddress>(), role},
          who, matching(who, user_id(dice.below(people))));
  }

  void goes_on_to_a_new_owner(Dice& dice, std::size_t which) {
    const Account& account = accounts_[which];
    if (account.ownership_offer) {
      const std::size_t named = index(account.ownership_offer->to), owner_now = index(account.owner());
      const OfferId offer = account.ownership_offer->id;
      if (dice.chance(15)) return run(WithdrawOwnershipOffer{account.id, offer}, owner_now, facts(owner_now));
      if (dice.chance(25)) return run(DeclineOwnershipOffer{account.id, offer}, named, facts(named));
      return run(AcceptOwnership{account.id, offer, dice.chance(95)}, named, facts(named));
    }
    const std::size_t desk = staff(dice, first_desk), owner_now = index(account.owner());
    const ProposalId proposal = account.reassignment->proposal.id;
    if (dice.chance(15))
      return run(WithdrawOwnerReassignment{account.id, proposal, because}, desk, facts(desk));
    if (dice.chance(10))
      return run(ObjectToOwnerReassignment{account.id, proposal}, owner_now, facts(owner_now));
    run(ApproveOwnerReassignment{account.id, proposal}, desk,
        matching(desk, account.reassignment->new_owner));
  }

  void enrols(Dice& dice, std::size_t which, std::size_t who) {
    EligibilityAnswers answers = eligible_answers();
    if (dice.chance(15)) answers.solvent = false;
    const auto number = text<BusinessNumber>("12345678" + std::to_string(dice.below(6)));
    run(EnrolCompany{account_id(which),
                     number,
                     example<CompanyName>(),
                     {},
                     example_address(),
                     answers,
                     dice.chance(95)},
        who, facts(who));
  }

  void records(Dice& dice, std::size_t which) {
    const std::size_t reviewer = staff(dice, officer);
    run(RecordMember{account_id(which),
                     text<ClientNumber>(std::to_string(dice.below(3))),
                     text<BusinessNumber>("12345678" + std::to_string(dice.below(6))),
                     example<CompanyName>(),
                     {},
                     eligible_answers().lines_of_business,
                     example_address(),
                     example<Day>(),
                     dice.chance(90)},
        reviewer, facts(reviewer));
  }
  void goes_on_with_a_record(Dice& dice, std::size_t which) {
    const AccountId of = account_id(which);
    const std::size_t reviewer = staff(dice, officer);
    if (dice.chance(10)) return run(WithdrawMemberRecord{of, because}, reviewer, facts(reviewer));
    if (dice.chance(40)) {
      MailingAddress address = example_address();
      address.line1 = text<AddressLine>(std::to_string(dice.below(3)) + " RUE DU PORT");
      return run(SendMemberLetterAgain{of, address, dice.chance(80), because}, reviewer, facts(reviewer));
    }
    enters_a_code(dice, which, dice.below(company_people), 50);
  }

  void goes_on_enrolling(Dice& dice, std::size_t which) {
    const Account& account = accounts_[which];
    const AccountId of = account_id(which);
    if (account.awaits_owner()) return goes_on_with_a_record(dice, which);
    if (account.stage == Stage::absent && which > 0 && dice.chance(40)) return records(dice, which);
    const std::size_t who = account.exists() ? index(account.owner()) : dice.below(company_people);
    switch (account.stage) {
      case Stage::ended:
        ++generations_[which];
        accounts_[which] = {};
        programmes_[which] = {};
        return;
      case Stage::absent:
        return enrols(dice, which, who);
      case Stage::address_unconfirmed:
        return run(ConfirmMailingAddress{of}, who, facts(who));
      case Stage::awaiting_activation:
        if (dice.chance(20)) return run(RequestActivationCode{of}, who, facts(who));
        for (std::size_t tries = 1 + dice.below(4); tries > 0; --tries) enters_a_code(dice, which, who, 8);
        return;
      case Stage::activated:
        return run(AcceptProgrammeTerms{of, programme_terms_}, who, facts(who));
      case Stage::authorised:
        return;
    }
  }

  void programme_step(Dice& dice) {
    const std::size_t which = dice.below(companies);
    const Account& account = accounts_[which];
    const Programme& programme = programmes_[which];
    const AccountId of = account_id(which);
    const std::size_t who = someone_of(dice, account), reviewer = staff(dice, officer);
    if (dice.chance(40)) return goes_on_to_a_membership(dice, which, who, reviewer);
    const SubmissionId submission = programme.submissions.empty() || dice.chance(5)
                                        ? draw<SubmissionId>()
                                        : programme.submissions.back().id;
    switch (dice.below(26)) {
      case 0:
      case 1: {
        auto profile = complete_profiles().begin();
        std::advance(profile, dice.below(complete_profiles().size()));
        Answers::Table answers = profile->second;
        if (dice.chance(20)) answers.erase(answers.begin());
        if (dice.chance(10)) answers["no_such_question"] = "yes";
        if (dice.chance(50))
          return run(ChangeProfile{of, profile->first, AnswerChanges{answers}}, who, facts(who));
        return run(SaveProfile{of, profile->first, answers}, who, facts(who));
      }
      case 2:
        return run(RemoveSecurityProfile{of, example<SiteKey>()}, who, facts(who));
      case 3:
      case 4:
      case 5:
      case 6:
        fills_in(of, who);
        return run(Submit{of}, who, facts(who));
      case 7:
      case 8:
        return run(Submit{of}, who, facts(who));
      case 9:
        return run(ConfirmDetails{of}, who, facts(who));
      case 10:
      case 11:
        return run(RequestInformalReview{of, because}, who, facts(who));
      case 12:
      case 13:
        return run(AppealCancellation{of, because}, who, facts(who));
      case 14:
      case 15:
        return run(BeginReview{of, submission}, reviewer, facts(reviewer));
      case 16:
      case 17:
        return run(AcceptSubmission{of, submission}, reviewer, facts(reviewer));
      case 18:
        return run(ReturnSubmission{of, submission, because}, reviewer, facts(reviewer));
      case 19:
        return run(RefuseSubmission{of, submission, because}, reviewer, facts(reviewer));
      case 20:
        return run(AnswerInformalReview{of, dice.chance(50), because}, reviewer, facts(reviewer));
      case 21:
        return run(SuspendMembership{of, because}, reviewer, facts(reviewer));
      case 22:
        return run(ReinstateMembership{of, because}, reviewer, facts(reviewer));
      case 23:
        return run(CancelMembership{of, because}, reviewer, facts(reviewer));
      case 24:
        return run(AnswerAppeal{of, dice.chance(50), because}, reviewer, facts(reviewer));
      default:
        return run(RecordRevalidation{of, because}, reviewer, facts(reviewer));
    }
  }

  void fills_in(AccountId of, std::size_t who) {
    for (const auto& [ref, answers] : complete_profiles()) {
      if (ref.kind == ProfileKind::security && !programmes_[index(of)].profile(ref))
        run(AddSecurityProfile{of, example<SiteKey>(), example<SiteName>()}, who, facts(who));
      Facts seen = facts(who);
      seen.if_match = SeenVersion{};
      run(SaveProfile{of, ref, answers}, who, seen);
    }
  }
  /// The company has another name and address from now on.
  void moves(Dice& dice, AccountId of, std::size_t who) {
    MailingAddress address = example_address();
    address.line1 = text<AddressLine>(std::to_string(dice.below(9)) + " RUE DU QUAI");
    CompanyDataChanges changes;
    changes.legal_name = text<CompanyName>("Company " + std::to_string(dice.below(9)));
    changes.mailing_address = address;
    run(ChangeProfile{of, {ProfileKind::company, ""}, {}, changes}, who, facts(who));
  }

  /// The next step of the company or the officer in the present membership status.
  void goes_on_to_a_membership(Dice& dice, std::size_t which, std::size_t who, std::size_t reviewer) {
    const Programme& programme = programmes_[which];
    const AccountId of = account_id(which);
    if (accounts_[which].new_mailing_address && dice.chance(50))
      return run(ConfirmMailingAddress{of}, who, facts(who));
    if (programme.informal_review_open_since)
      return run(AnswerInformalReview{of, dice.chance(50), because}, reviewer, facts(reviewer));
    if (programme.refusal_effective_at) return run(RequestInformalReview{of, because}, who, facts(who));
    if (programme.appeal_open_since)
      return run(AnswerAppeal{of, dice.chance(50), because}, reviewer, facts(reviewer));
    if (programme.open_submission()) {
      const Submission& open = *programme.open_submission();
      if (open.state == SubmissionState::submitted)
        return run(BeginReview{of, open.id}, reviewer, facts(reviewer));
      if (dice.chance(10)) return run(ReturnSubmission{of, open.id, because}, reviewer, facts(reviewer));
      if (dice.chance(30)) return run(RefuseSubmission{of, open.id, because}, reviewer, facts(reviewer));
      return run(AcceptSubmission{of, open.id}, reviewer, facts(reviewer));
    }
    switch (programme.status) {
      case MembershipStatus::none:
      case MembershipStatus::refused:
        fills_in(of, who);
        return run(Submit{of}, who, facts(who));
      case MembershipStatus::member:
        if (dice.chance(30)) {
          moves(dice, of, who);
          return run(Submit{of}, who, facts(who));
        }
        if (dice.chance(70)) return run(ConfirmDetails{of}, who, facts(who));
        if (dice.chance(50)) return run(CancelMembership{of, because}, reviewer, facts(reviewer));
        return run(SuspendMembership{of, because}, reviewer, facts(reviewer));
      case MembershipStatus::suspended:
        return run(ReinstateMembership{of, because}, reviewer, facts(reviewer));
      case MembershipStatus::cancelled:
        return run(AppealCancellation{of, because}, who, facts(who));
      case MembershipStatus::applied:
      case MembershipStatus::under_review:
        return;
    }
  }

  Time now_ = noon;
  unsigned programme_terms_ = 1;
  std::uint32_t drawn_ = 1000;
  std::vector<User> users_;
  std::array<std::uint32_t, companies> generations_{};
  std::vector<Account> accounts_;
  std::vector<Programme> programmes_;
  std::set<std::pair<Unique, std::string>> claims_;
  Book book_;
  std::vector<std::string> trace_;
};

// ---- the properties ---------------------------------------------------------------------------------------

using Seeds = std::vector<std::uint64_t>;

/// Histories of a fixed number of steps, shortened by removing steps.
rc::Gen<Seeds> histories(std::size_t steps) {
  const auto seed = rc::gen::noShrink(rc::gen::resize(rc::kNominalSize, rc::gen::arbitrary<std::uint64_t>()));
  return rc::gen::shrink(rc::gen::noShrink(rc::gen::container<Seeds>(steps, seed)),
                         [](Seeds seeds) { return rc::shrink::removeChunks(std::move(seeds)); });
}

template <class Variant, std::size_t... I>
std::vector<std::string> names_of(std::index_sequence<I...>) {
  return {type_name<std::variant_alternative_t<I, Variant>>()...};
}
template <class Variant>
void expect_all_happened() {
  for (const std::string& name : names_of<Variant>(std::make_index_sequence<std::variant_size_v<Variant>>()))
    EXPECT_GT(happened()[name], 0u) << name << " happened in no random history";
}

TEST(RandomHistories, keep_every_promise) {
  ASSERT_TRUE(rc::check([] {
    Portal portal;
    for (const std::uint64_t seed : *histories(700)) portal.step(seed);
  }));
  expect_all_happened<UserEvent>();
  expect_all_happened<AccountEvent>();
  expect_all_happened<ProgrammeEvent>();
}

}  // namespace
}  // namespace ttp::domain::tests
