// The company's letters and activation codes (SPEC 3.4 to 3.7): their limits, commands, events and the parts
// of the account's state that describe them. The rules are in letters.cpp.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "domain/enums.hpp"
#include "domain/ids.hpp"
#include "domain/time.hpp"
#include "domain/values.hpp"

namespace ttp::domain {

// ---- limits (SPEC 3.5, 3.6; those marked ours are ours) ---------------------------------------------------

inline constexpr Duration activation_code_lifetime = days{45};
inline constexpr Duration activation_code_warning = days{7};  // ours
inline constexpr std::uint32_t activation_tries_per_code = 20;
inline constexpr std::size_t activation_tries_in_window = 5;
inline constexpr Duration activation_window = minutes{10};
inline constexpr int letter_business_days = 2;
inline constexpr Duration letter_arrival_time = days{15};
inline constexpr Duration code_request_interval = days{1};
inline constexpr std::size_t code_requests_max = 4;
inline constexpr Duration code_requests_window = days{45};
inline constexpr std::size_t former_codes_max = 20;  // ours
inline constexpr std::size_t letter_cases_max = 20;  // ours

// ---- commands ---------------------------------------------------------------------------------------------

/// Issues a fresh activation code: voids the open one, keeps the client number and orders a new letter.
struct RequestActivationCode {
  AccountId account;
};
/// Facts::secret_matches states whether client number and code are this account's, Facts::former_code whether
/// the code is one that a later code has replaced. The person who activates a recorded company becomes
/// its owner, and attests the words of Terms::signing_authority.
struct ActivateAccount {
  AccountId account;
  ClientNumber client_number;
  ActivationCode activation_code;
  std::optional<bool> signing_authority_attested{};
};
/// Has the client number sent again by letter to the address on file.
struct RequestClientNumberLetter {
  AccountId account;
};
/// This letter did not come within its two business days: opens a case for the service desk.
struct ReportLetterMissing {
  AccountId account;
  LetterId letter;
};
/// A user's answer to the question whether the letter came.
struct ConfirmLetterArrival {
  AccountId account;
  LetterId letter;
};

// Commands of the mail room.
struct RecordLetterPrinted {
  AccountId account;
  LetterId letter;
};
struct RecordLetterPosted {
  AccountId account;
  LetterId letter;
  RegisteredMailNumber registered_mail_number;
};
/// The number that was recorded at the posting was mistyped.
struct CorrectRegisteredMailNumber {
  AccountId account;
  LetterId letter;
  RegisteredMailNumber registered_mail_number;
  Remark reason;
};
/// The post says that the letter was delivered. The service desk may record it, too.
struct RecordLetterArrived {
  AccountId account;
  LetterId letter;
};
struct RecordLetterReturned {
  AccountId account;
  LetterId letter;
  Remark reason;
};

enum class CaseResolution : std::uint8_t { letter_sent_again, new_code, closed };
template <>
inline constexpr std::array<Names, 3> enum_names<CaseResolution>{"letter_sent_again", "new_code", "closed"};
/// Service desk: resolves the case that a missing letter opened. The person who reported it reads the reason.
struct ResolveLetterCase {
  AccountId account;
  CaseId case_id;
  CaseResolution resolution{};
  Remark reason;
};

// ---- events -----------------------------------------------------------------------------------------------

/// `recovery` carries the service desk's permit to one of the company's users (domain/recovery.hpp).
enum class LetterKind : std::uint8_t { activation, client_number, recovery };
template <>
inline constexpr std::array<Names, 3> enum_names<LetterKind>{"activation", "client_number", "recovery"};

enum class CodeVoidCause : std::uint8_t {
  replaced,
  too_many_tries,
  letter_returned,
  address_changed,
  enrolment_ended,
};
template <>
inline constexpr std::array<Names, 5> enum_names<CodeVoidCause>{
    "replaced", "too_many_tries", "letter_returned", "address_changed", "enrolment_ended"};

enum class AttemptFault : std::uint8_t { wrong, expired, void_ };
template <>
inline constexpr std::array<Names, 3> enum_names<AttemptFault>{"wrong", "expired", "void"};

struct ActivationCodeIssued {
  AccountId account;
  CodeId code;
  Time issued_at;
  Time expires_at;
  std::optional<UserId> requested_by;
};
struct ActivationCodeVoided {
  AccountId account;
  CodeId code;
  CodeVoidCause cause{};
  Time voided_at;
};
struct ActivationCodeExpiring {
  AccountId account;
  CodeId code;
  Time expires_at;
};
struct ActivationCodeExpired {
  AccountId account;
  CodeId code;
  Time expired_at;
};
/// `fault` is `wrong` for a try of the open code. The other faults are entries of a code that is known to be
/// dead; `code` names it.
struct ActivationCodeRejected {
  AccountId account;
  CodeId code;
  UserId by;
  AttemptFault fault{};
  std::uint32_t tries = 0;
  Time at;
};
struct LetterOrdered {
  AccountId account;
  LetterId letter;
  LetterKind kind{};
  std::optional<CodeId> code;
  Time ordered_at;
  Time due_at;
  std::optional<UserId> requested_by;
  std::optional<UserId> recipient{};  ///< of a permit; nothing: the company's owner
};
struct LetterCancelled {
  AccountId account;
  LetterId letter;
};
struct LetterPrinted {
  AccountId account;
  LetterId letter;
  UserId by;
  Time printed_at;
};
struct LetterPosted {
  AccountId account;
  LetterId letter;
  UserId by;
  RegisteredMailNumber registered_mail_number;
  Time posted_at;
};
struct RegisteredMailNumberCorrected {
  AccountId account;
  LetterId letter;
  UserId by;
  RegisteredMailNumber registered_mail_number;
  Remark reason;
  Time corrected_at;
};
/// The letter should be in the company's hands by now: the owner and the service desk are asked whether it
/// is.
struct LetterArrivalDue {
  AccountId account;
  LetterId letter;
  Time due_at;
};
struct LetterArrived {
  AccountId account;
  LetterId letter;
  UserId by;
  Time arrived_at;
};
struct LetterReturned {
  AccountId account;
  LetterId letter;
  UserId by;
  Remark reason;
};
struct LetterOverdue {
  AccountId account;
  LetterId letter;
  Time due_at;
};
struct LetterCaseOpened {
  AccountId account;
  CaseId case_id;
  LetterId letter;
  UserId by;
  Time opened_at;
};
struct LetterCaseResolved {
  AccountId account;
  CaseId case_id;
  CaseResolution resolution{};
  UserId by;
  Remark reason;
  Time resolved_at;
};
struct AccountActivated {
  AccountId account;
  UserId by;
  CodeId code;
  Time activated_at;
};

// ---- state ------------------------------------------------------------------------------------------------

enum class CodeState : std::uint8_t { open, used, replaced, expired, void_ };
template <>
inline constexpr std::array<Names, 5> enum_names<CodeState>{"open", "used", "replaced", "expired", "void"};
struct IssuedCode {
  CodeId code;
  Time issued_at;
  Time expires_at;
  std::uint32_t tries = 0;
  CodeState state{};
  bool warned = false;
  std::optional<Time> ended_at;  ///< when it was used or died
  bool is_open(Time now) const { return state == CodeState::open && now < expires_at; }
  friend bool operator==(const IssuedCode&, const IssuedCode&) = default;
};

enum class LetterState : std::uint8_t { ordered, printed, posted, arrived, returned, cancelled };
template <>
inline constexpr std::array<Names, 6> enum_names<LetterState>{"ordered", "printed",  "posted",
                                                              "arrived", "returned", "cancelled"};
struct Letter {
  LetterId id;
  LetterKind kind{};
  LetterState state{};
  std::optional<CodeId> code;
  std::optional<UserId> recipient;
  CompanyName
      legal_name;  ///< as when the letter was ordered, like the address: it exists in one version only
  MailingAddress address;
  Time ordered_at;
  Time due_at;
  bool overdue = false;
  bool arrival_asked = false;
  std::optional<Time> posted_at;
  std::optional<Time> arrived_at;
  std::optional<RegisteredMailNumber> registered_mail_number;
  bool is_pending() const { return state == LetterState::ordered || state == LetterState::printed; }
  bool is_on_its_way() const { return is_pending() || state == LetterState::posted; }
  friend bool operator==(const Letter&, const Letter&) = default;
};

/// The report of a missing letter and its answer.
struct LetterCase {
  CaseId id;
  LetterId letter;
  UserId opened_by;
  Time opened_at;
  std::optional<CaseResolution> resolution;  ///< nothing: the case is open
  std::optional<Remark> reason;
  std::optional<Time> resolved_at;
  bool is_open() const { return !resolution; }
  friend bool operator==(const LetterCase&, const LetterCase&) = default;
};

}  // namespace ttp::domain
