// A decision: events to record, claims that change with them, and perhaps a refusal. A refused command
// records nothing, with one exception: attempts on secrets are recorded although they are refused (SPEC
// section 8).
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "domain/enums.hpp"
#include "domain/ids.hpp"
#include "domain/permissions.hpp"
#include "domain/reason.hpp"
#include "domain/values.hpp"

namespace ttp::domain {

/// Kinds of values that are unique in the whole service. The names are stored with every claim: never rename
/// one.
enum class Unique : std::uint8_t { user_name, email, partner_identity, urn, client_number, business_number };
template <>
inline constexpr std::array<Names, 6> enum_names<Unique>{"user_name", "email",         "partner_identity",
                                                         "urn",       "client_number", "business_number"};

/// The reason given when another user or account holds the value.
constexpr Reason taken(Unique kind) {
  switch (kind) {
    case Unique::user_name:
      return Reason::user_name_taken;
    case Unique::email:
      return Reason::email_taken;
    case Unique::partner_identity:
      return Reason::partner_identity_taken;
    case Unique::urn:
      return Reason::urn_taken;
    case Unique::client_number:
      return Reason::client_number_taken;
    case Unique::business_number:
      return Reason::business_number_taken;
  }
  return Reason::internal_fault;
}

struct Claim {
  bool add = true;
  Unique kind{};
  std::string value;  ///< normalised; only its keyed hash leaves the process
  friend bool operator==(const Claim&, const Claim&) = default;
};

template <class Event>
struct [[nodiscard]] Decision {
  std::vector<Event> events{};
  std::vector<Claim> claims{};
  std::optional<Refusal> refusal{};

  template <class E>
  Decision& and_record(E event) {
    events.emplace_back(std::move(event));
    return *this;
  }
  Decision& claim(Unique kind, std::string value) {
    claims.push_back({true, kind, std::move(value)});
    return *this;
  }
  Decision& release(Unique kind, std::string value) {
    claims.push_back({false, kind, std::move(value)});
    return *this;
  }
  Decision& but_refuse(Refusal why) {
    refusal = std::move(why);
    return *this;
  }
};

/// The facts about a person that the account's and the programme's rules need, as of the command's time.
struct Person {
  UserId id;
  std::uint32_t urn_generation = 0;  ///< 0: no URN
  bool urn_expired = false;
  std::set<StaffRole> staff_roles{};
  bool proposed_for_staff = false;        ///< an open proposal would give this person a staff role
  std::vector<UserId> staff_proposers{};  ///< who proposed this person for one in the last 30 days

  bool is_staff() const { return !staff_roles.empty(); }
  bool has(StaffRole role) const { return staff_roles.contains(role); }
  /// Programme staff are not company users, and who is to become one of them is neither.
  bool may_hold_account() const { return !is_staff() && !proposed_for_staff; }
};

/// Identifiers and numbers drawn for the command, because a decision draws nothing itself.
struct Fresh {
  CodeId code;
  LetterId letter;
  CaseId case_id;
  OfferId offer;
  ProposalId proposal;
  SubmissionId submission;
  SignInId sign_in;
  SessionId session;
  Urn urn;
  ClientNumber client_number;
  DeviceId device{};
};

/// The version that the caller saw last of the one profile that a command concerns (If-Match).
struct SeenVersion {
  std::optional<std::uint64_t> version{};  ///< nothing: any version will do
};

/// The facts of the outside world at the time of the decision. Equal state, command and facts give equal
/// decisions.
struct Facts {
  Time now;
  Person caller;                    ///< nil for the scheduler
  Person owner{};                   ///< the account's owner, if the command concerns an account
  std::optional<Person> matched{};  ///< the user whom family name, URN and e-mail all match
  Person proposer{};                ///< who made the proposal that the command names
  std::optional<SeenVersion> if_match{};
  bool secret_matches = false;          ///< whether the password or code given is the right one
  bool second_secret_matches = false;   ///< the same for the second code of a command that takes two
  std::optional<CodeId> former_code{};  ///< the code given is this one, which a later code has replaced
  bool password_is_common = false;
  bool from_carrier = false;        ///< the letter provider says it, not a member of staff
  bool holds_membership = false;    ///< whether the user concerned belongs to an account
  bool named_as_owner = false;      ///< whether an offer or a proposal would make that user an owner
  bool owns_account = false;        ///< whether that user is the owner of an account
  std::size_t operators = 0;        ///< how many persons hold the operator's role
  std::size_t open_enrolments = 0;  ///< companies that the caller has enrolled and not activated
  unsigned portal_terms = 1;        ///< versions in force
  unsigned mail_factor_terms = 1;
  unsigned programme_terms = 1;
  unsigned attested_words = 1;  ///< the version of what an owner attests
  std::string origin{};         ///< the network address that the command came from; empty: from none
  Fresh fresh{};
};

inline Refusal why(Reason reason) {
  return Refusal{reason};
}
inline Refusal why_until(Reason reason, Time retry_at) {
  return Refusal{reason, {}, {}, retry_at};
}
inline Refusal why_field(Reason reason, std::string pointer, std::vector<std::string> details = {}) {
  return Refusal{reason, {FieldFault{std::move(pointer), reason, std::move(details)}}, {}, {}};
}
/// The refusal for all of these faults, for the reason of the first; nothing if there are none.
std::optional<Refusal> why_fields(std::vector<FieldFault> faults);

/// The refusal because another user or account holds the value; it points at the field that has it.
Refusal taken_refusal(Unique kind);

/// For attempts that are limited within a window: when the next attempt is allowed, or nothing if one is
/// allowed now.
std::optional<Time> next_allowed(const std::vector<Time>& attempts, std::size_t limit, Duration window,
                                 Time now);

}  // namespace ttp::domain
