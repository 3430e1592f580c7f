// The vocabulary in which decisions are tested, and the persons and values that the tests share. A sentence
// names the history, the command with its facts, and the whole decision:
//
//   given(enrolled).when(ConfirmMailingAddress{company},
//   at(noon).by(stranger)).refused(Reason::account_not_found);
//
// A part of the decision that the sentence does not mention (an event, a claim, a time to retry at) is a
// failure.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <source_location>
#include <string>
#include <string_view>
#include <typeinfo>
#include <utility>
#include <variant>
#include <vector>

#include "domain/account.hpp"
#include "domain/programme.hpp"
#include "domain/recovery_decisions.hpp"
#include "domain/user.hpp"

namespace ttp::domain::tests {

// ---- showing and comparing, implemented field by field in given_when_then.cpp -----------------------------

std::string name_of(const std::type_info& type);
template <class T>
std::string type_name() {
  return name_of(typeid(T));
}

template <NamedEnum Enum>
std::string show(Enum value) {
  return std::string{to_text(value)};
}
inline std::string show(Reason value) {
  return std::string{to_text(value)};
}
template <class Tag>
std::string show(const Id<Tag>& value) {
  return to_text(value);
}
std::string show(const std::vector<UserEvent>& events);
std::string show(const std::vector<AccountEvent>& events);
std::string show(const std::vector<ProgrammeRecord>& events);
std::string show(const std::vector<MemberRecord>& events);
std::string show(const std::vector<RecoveryRecord>& events);
std::string show(const std::vector<Claim>& claims);
std::string show(const std::optional<Refusal>& refusal);

bool same(const std::vector<UserEvent>& a, const std::vector<UserEvent>& b);
bool same(const std::vector<AccountEvent>& a, const std::vector<AccountEvent>& b);
bool same(const std::vector<ProgrammeRecord>& a, const std::vector<ProgrammeRecord>& b);
bool same(const std::vector<MemberRecord>& a, const std::vector<MemberRecord>& b);
bool same(const std::vector<RecoveryRecord>& a, const std::vector<RecoveryRecord>& b);

// ---- the cast: every value has one name -------------------------------------------------------------------

template <class AnyId>
constexpr AnyId id(std::uint32_t number) {
  AnyId made;
  for (std::size_t at = 0; at < 4; ++at)
    made.uuid.bytes[15 - at] = static_cast<std::uint8_t>(number >> (8 * at));
  return made;
}
/// A text of a command, created without its rules; the tests of values cover those.
template <class AnyText>
AnyText text(std::string_view raw) {
  return AnyText::stored(std::string{raw});
}
template <class AnyText>
AnyText example() {
  return text<AnyText>(AnyText::kind::example);
}

/// A Monday, twelve o'clock in Greenwich.
inline constexpr Time noon = std::chrono::sys_days{std::chrono::year{2026} / 3 / 9} + hours{12};
inline constexpr Duration millisecond{1};

// People: users of the portal, who may be members of the account, and programme staff.
inline const Person owner{id<UserId>(1), 1};
inline const Person proxy{id<UserId>(2), 1};
inline const Person full{id<UserId>(3), 1};
inline const Person admin{id<UserId>(4), 1};
inline const Person colleague{id<UserId>(5), 1};
inline const Person stranger{id<UserId>(6), 1};
inline const Person mail_clerk{id<UserId>(21), 1, false, {StaffRole::mail_room}};
inline const Person desk_officer{id<UserId>(22), 1, false, {StaffRole::service_desk}};
inline const Person second_officer{id<UserId>(23), 1, false, {StaffRole::service_desk}};
inline const Person programme_officer{id<UserId>(24), 1, false, {StaffRole::programme_officer}};
inline const Person auditor{id<UserId>(25), 1, false, {StaffRole::auditor}};
inline const Person portal_operator{id<UserId>(26), 1, false, {StaffRole::operator_}};
inline const Person scheduler{};

inline Person with_expired_urn(Person person) {
  person.urn_expired = true;
  return person;
}
inline Person with_new_urn(Person person) {
  ++person.urn_generation;
  person.urn_expired = false;
  return person;
}

inline constexpr AccountId company = id<AccountId>(100);
inline constexpr CodeId first_code = id<CodeId>(201);
inline constexpr LetterId first_letter = id<LetterId>(211);
inline const Remark because = example<Remark>();

// The identifiers drawn for a command, unless its facts override them.
inline constexpr CodeId new_code = id<CodeId>(301);
inline constexpr LetterId new_letter = id<LetterId>(302);
inline constexpr CaseId new_case = id<CaseId>(303);
inline constexpr OfferId new_offer = id<OfferId>(304);
inline constexpr ProposalId new_proposal = id<ProposalId>(305);
inline constexpr SubmissionId new_submission = id<SubmissionId>(306);
inline constexpr SignInId new_sign_in = id<SignInId>(307);
inline constexpr SessionId new_session = id<SessionId>(308);
inline constexpr DeviceId new_device = id<DeviceId>(309);
inline const Urn new_urn = example<Urn>();
inline const ClientNumber client_number = example<ClientNumber>();

// ---- facts ------------------------------------------------------------------------------------------------

/// For example `at(noon).by(colleague)`. By default the owner is the caller and no secret matches.
class at {
 public:
  explicit at(Time now) {
    facts_.now = now;
    facts_.caller = owner;
    facts_.owner = owner;
    facts_.proposer = {id<UserId>(27), 1, false, {StaffRole::service_desk, StaffRole::operator_}};
    facts_.fresh = {new_code,    new_letter,  new_case, new_offer,     new_proposal, new_submission,
                    new_sign_in, new_session, new_urn,  client_number, new_device};
  }
  /// Sets the caller; if it is the owner, also the owner's standing.
  at& by(const Person& person) {
    facts_.caller = person;
    if (person.id == facts_.owner.id) facts_.owner = person;
    return *this;
  }
  at& owned_by(const Person& person) { return facts_.owner = person, *this; }
  at& matching(const Person& person) { return facts_.matched = person, *this; }
  /// Has seen this version of the profile last.
  at& having_seen(std::uint64_t version) { return facts_.if_match = SeenVersion{version}, *this; }
  at& whatever_the_version() { return facts_.if_match = SeenVersion{}, *this; }
  at& with_the_right_secret() { return facts_.secret_matches = true, *this; }
  at& with_both_right_secrets() { return facts_.secret_matches = facts_.second_secret_matches = true, *this; }
  at& from(std::string address) { return facts_.origin = std::move(address), *this; }
  at& with_the_former_code(CodeId code) { return facts_.former_code = code, *this; }
  at& with_open_enrolments(std::size_t count) { return facts_.open_enrolments = count, *this; }
  at& with_a_common_password() { return facts_.password_is_common = true, *this; }
  at& about_a_member() { return facts_.holds_membership = true, *this; }
  at& about_an_owner() { return facts_.owns_account = true, *this; }
  at& about_one_named_as_owner() { return facts_.named_as_owner = true, *this; }
  at& with_operators(std::size_t count) { return facts_.operators = count, *this; }
  /// The proposer of what the command names: by default somebody with every role it may need.
  at& proposed_by(const Person& person) { return facts_.proposer = person, *this; }
  at& under_portal_terms(unsigned version) { return facts_.portal_terms = version, *this; }
  at& under_mail_factor_terms(unsigned version) { return facts_.mail_factor_terms = version, *this; }
  at& under_programme_terms(unsigned version) { return facts_.programme_terms = version, *this; }
  at& drawing(CodeId drawn) { return facts_.fresh.code = drawn, *this; }
  at& drawing(LetterId drawn) { return facts_.fresh.letter = drawn, *this; }
  at& drawing(CaseId drawn) { return facts_.fresh.case_id = drawn, *this; }
  at& drawing(SignInId drawn) { return facts_.fresh.sign_in = drawn, *this; }
  at& drawing(SubmissionId drawn) { return facts_.fresh.submission = drawn, *this; }

  operator const Facts&() const { return facts_; }

 private:
  Facts facts_;
};

// ---- given, when, then ------------------------------------------------------------------------------------

template <class Event>
class Outcome;

/// The history so far of one user, one account and its programme.
struct Story {
  User user;
  Account account;
  Programme programme;

  template <class E>
  void happens(const E& event) {
    if constexpr (requires { evolve(user, event); }) {
      evolve(user, event);
    } else if constexpr (requires { evolve(account, event); }) {
      evolve(account, event);
    } else {
      evolve(programme, event);
    }
  }
  void happens(const UserEvent& event);
  void happens(const AccountEvent& event);
  void happens(const ProgrammeEvent& event);
  void happens(const ProgrammeRecord& event);
  void happens(const MemberRecord& event);
  void happens(const RecoveryRecord& event);
  template <class Event>
  void happens(const std::vector<Event>& history) {
    for (const Event& event : history) happens(event);
  }

  template <class Command>
  auto decided(const Command& command, const Facts& facts) const {
    if constexpr (requires { decide(user, command, facts); }) {
      return decide(user, command, facts);
    } else if constexpr (requires { decide(account, command, facts); }) {
      return decide(account, command, facts);
    } else if constexpr (requires { decide(user, account, command, facts); }) {
      return decide(user, account, command, facts);
    } else {
      return decide(programme, account, command, facts);
    }
  }

  template <class Command>
  auto when(const Command& command, const Facts& facts = at(noon),
            std::source_location where = std::source_location::current()) const {
    return Outcome{*this, decided(command, facts), type_name<Command>(), where};
  }
};

template <class... Happenings>
Story given(const Happenings&... happenings) {
  Story story;
  (story.happens(happenings), ...);
  return story;
}

/// The result of a command; the sentence is checked in the destructor.
template <class Event>
class Outcome {
 public:
  Outcome(Story before, Decision<Event> decision, std::string command, std::source_location where);
  Outcome(const Outcome&) = delete;
  Outcome& operator=(const Outcome&) = delete;
  ~Outcome();

  /// Expects exactly these events; none for a command that changes nothing.
  template <class... Events>
  Outcome& then(const Events&... events) {
    (events_.emplace_back(events), ...);
    return *this;
  }
  Outcome& refused(Reason reason) { return refusal_ = Refusal{reason}, *this; }
  Outcome& until(Time retry_at) { return refusal_->retry_at = retry_at, *this; }
  Outcome& with_tries_left(std::uint32_t tries) { return refusal_->tries_left = tries, *this; }
  Outcome& pointing_at(std::string pointer, std::vector<std::string> details = {}) {
    refusal_->faults.push_back({std::move(pointer), refusal_->reason, std::move(details)});
    return *this;
  }
  Outcome& listing(std::vector<std::string> details) { return refusal_->details = std::move(details), *this; }
  template <class... Events>
  Outcome& recording(const Events&... events) {
    return then(events...);
  }
  Outcome& claiming(Unique kind, std::string value) {
    claims_.push_back({true, kind, std::move(value)});
    return *this;
  }
  Outcome& releasing(Unique kind, std::string value) {
    claims_.push_back({false, kind, std::move(value)});
    return *this;
  }

  Story after() const;
  template <class Command>
  auto when(const Command& command, const Facts& facts = at(noon),
            std::source_location where = std::source_location::current()) const {
    return after().when(command, facts, where);
  }

 private:
  void check() const;

  Story before_;
  Decision<Event> decision_;
  std::string command_;
  std::source_location where_;
  std::vector<Event> events_;
  std::vector<Claim> claims_;
  std::optional<Refusal> refusal_;
};

extern template class Outcome<UserEvent>;
extern template class Outcome<AccountEvent>;
extern template class Outcome<ProgrammeRecord>;
extern template class Outcome<MemberRecord>;
extern template class Outcome<RecoveryRecord>;

// ---- histories that several files start from --------------------------------------------------------------

using AccountEvents = std::vector<AccountEvent>;

template <class Event, class... More>
std::vector<Event> history(std::vector<Event> earlier, const More&... more) {
  (earlier.emplace_back(more), ...);
  return earlier;
}

inline MailingAddress example_address() {
  return {example<AddressLine>(), std::nullopt, example<City>(), "QC", "J8X 1A1", Country::CA};
}

/// A Canadian importer and highway carrier that meets every rule.
inline EligibilityAnswers eligible_answers() {
  return {Base::canada, {LineOfBusiness::importer, LineOfBusiness::highway_carrier},
          std::nullopt, std::nullopt,
          true,         true,
          true,         true,
          true,         true,
          true};
}

inline const AccountEvents enrolled{CompanyEnrolled{company,
                                                    owner.id,
                                                    1,
                                                    noon,
                                                    eligibility_version,
                                                    eligible_answers(),
                                                    example<BusinessNumber>(),
                                                    example<CompanyName>(),
                                                    {},
                                                    example_address(),
                                                    1}};
/// The letter is due when Wednesday ends in Ottawa, where daylight saving began the day before.
inline constexpr Time first_letter_due = std::chrono::sys_days{std::chrono::year{2026} / 3 / 12} + hours{4};
inline const AccountEvents awaiting_activation = history(
    enrolled, MailingAddressConfirmed{company, owner.id}, ClientNumberAssigned{company, client_number},
    ActivationCodeIssued{company, first_code, noon, noon + days{45}, owner.id},
    LetterOrdered{company, first_letter, LetterKind::activation, first_code, noon, first_letter_due,
                  owner.id});
inline const AccountEvents activated =
    history(awaiting_activation, AccountActivated{company, owner.id, first_code, noon});
inline const AccountEvents authorised =
    history(activated, ProgrammeTermsAccepted{company, owner.id, 1, noon});
inline const AccountEvents with_members =
    history(authorised, MemberAdded{company, proxy.id, Role::proxy_owner, 1, 1, owner.id},
            MemberAdded{company, full.id, Role::full_access, 1, 1, owner.id},
            MemberAdded{company, admin.id, Role::administrative, 1, 1, owner.id});

}  // namespace ttp::domain::tests
