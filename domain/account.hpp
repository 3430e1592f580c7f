// The company's account: enrolment, the letter and its activation code, activation, its users and its one
// owner (SPEC 3.3 to 3.7, 3.10, 3.11). The company's dealings with the programme are in programme.hpp.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "domain/decision.hpp"
#include "domain/eligibility.hpp"
#include "domain/ids.hpp"
#include "domain/permissions.hpp"
#include "domain/time.hpp"
#include "domain/values.hpp"

namespace ttp::domain {

// ---- limits (SPEC 3.5, 3.6, 3.10, 3.11; those marked ours are ours) ---------------------------------------

inline constexpr Duration activation_code_lifetime = days{45};
inline constexpr Duration activation_code_warning = days{7};  // ours
inline constexpr std::uint32_t activation_tries_per_code = 20;
inline constexpr std::size_t activation_tries_in_window = 5;
inline constexpr Duration activation_window = minutes{10};
inline constexpr int letter_business_days = 2;
inline constexpr Duration code_request_interval = days{1};
inline constexpr std::size_t code_requests_max = 4;
inline constexpr Duration code_requests_window = days{45};
inline constexpr Duration ownership_offer_lifetime = days{30};
inline constexpr std::size_t match_tries_max = 5;  // ours
inline constexpr Duration match_tries_window = minutes{10};
inline constexpr std::size_t match_tries_a_day = 20;  // ours

// ---- commands ---------------------------------------------------------------------------------------------

/// Enrols a company; the caller becomes the owner and attests to be an employee with signing authority.
struct EnrolCompany {
  AccountId account;
  BusinessNumber business_number;
  CompanyName legal_name;
  std::vector<CompanyName> operating_names;
  MailingAddress mailing_address;
  EligibilityAnswers eligibility;
  bool signing_authority_attested = false;
};
/// Before activation only; the new address must be confirmed again.
struct ChangeMailingAddress {
  AccountId account;
  MailingAddress mailing_address;
};
/// Confirms the address as shown back; the first confirmation assigns the client number and orders the
/// letter.
struct ConfirmMailingAddress {
  AccountId account;
};
/// Issues a fresh activation code: voids the open one, keeps the client number and orders a new letter.
struct RequestActivationCode {
  AccountId account;
};
/// Facts::secret_matches states whether client number and code are this account's.
struct ActivateAccount {
  AccountId account;
  ClientNumber client_number;
  ActivationCode activation_code;
};
struct AcceptProgrammeTerms {
  AccountId account;
  unsigned terms_version = 0;
};
/// Has the client number sent again by letter to the address on file.
struct RequestClientNumberLetter {
  AccountId account;
};
/// The letter did not come within its two business days: opens a case for the service desk.
struct ReportLetterMissing {
  AccountId account;
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
struct RecordLetterReturned {
  AccountId account;
  LetterId letter;
  Remark reason;
};

enum class CaseResolution : std::uint8_t { letter_sent_again, new_code, closed };
template <>
inline constexpr std::array<Names, 3> enum_names<CaseResolution>{"letter_sent_again", "new_code", "closed"};
/// Service desk: resolves the case that a missing letter opened.
struct ResolveLetterCase {
  AccountId account;
  CaseId case_id;
  CaseResolution resolution{};
  Remark reason;
};

/// Adds the user whom family name, URN and e-mail all name (Facts::matched).
struct AddMember {
  AccountId account;
  FamilyName family_name;
  Urn urn;
  EmailAddress email;
  Role role = Role::administrative;
};
struct ChangeMemberRole {
  AccountId account;
  UserId user;
  Role role = Role::administrative;
};
struct ChangeMemberDetails {
  AccountId account;
  UserId user;
  std::optional<Title> job_title;
  std::optional<Telephone> work_telephone;
  std::optional<EmailAddress> work_email;
};
struct SuspendMember {
  AccountId account;
  UserId user;
};
struct ReinstateMember {
  AccountId account;
  UserId user;
};
/// Owner only: gives a user with a new URN, or every user after the owner's own new URN, access again.
struct ReactivateMember {
  AccountId account;
  UserId user;
};
/// Takes a user off the account; a member who is not the owner may take themselves off.
struct RemoveMember {
  AccountId account;
  UserId user;
};

enum class PreviousOwner : std::uint8_t { becomes_proxy_owner, leaves };
template <>
inline constexpr std::array<Names, 2> enum_names<PreviousOwner>{"becomes_proxy_owner", "leaves"};
/// Offers the ownership to the user whom family name, URN and e-mail all name (Facts::matched).
struct OfferOwnership {
  AccountId account;
  FamilyName family_name;
  Urn urn;
  EmailAddress email;
  PreviousOwner previous_owner{};
};
struct WithdrawOwnershipOffer {
  AccountId account;
  OfferId offer;
};
struct DeclineOwnershipOffer {
  AccountId account;
  OfferId offer;
};
/// The new owner attests to be an employee with signing authority, not a consultant or temporary employee.
struct AcceptOwnership {
  AccountId account;
  OfferId offer;
  bool signing_authority_attested = false;
};
/// Service desk, when the owner is gone: the first of two officers names the new owner and the reason.
struct ProposeOwnerReassignment {
  AccountId account;
  UserId new_owner;
  Remark reason;
};
/// Service desk: the second officer approves the proposal.
struct ApproveOwnerReassignment {
  AccountId account;
  ProposalId proposal;
};
struct WithdrawOwnerReassignment {
  AccountId account;
  ProposalId proposal;
  Remark reason;
};

struct LetTimePassForAccount {
  AccountId account;
};

// ---- events -----------------------------------------------------------------------------------------------

enum class LetterKind : std::uint8_t { activation, client_number };
template <>
inline constexpr std::array<Names, 2> enum_names<LetterKind>{"activation", "client_number"};

enum class CodeVoidCause : std::uint8_t { replaced, too_many_tries, letter_returned };
template <>
inline constexpr std::array<Names, 3> enum_names<CodeVoidCause>{"replaced", "too_many_tries",
                                                                "letter_returned"};

enum class AttemptFault : std::uint8_t { wrong, expired, void_ };
template <>
inline constexpr std::array<Names, 3> enum_names<AttemptFault>{"wrong", "expired", "void"};

enum class TransferCause : std::uint8_t { accepted_offer, reassigned };
template <>
inline constexpr std::array<Names, 2> enum_names<TransferCause>{"accepted_offer", "reassigned"};

struct EligibilityRefused {
  AccountId account;
  UserId by;
  std::uint32_t eligibility_version = 0;
  std::vector<EligibilityRule> failed_rules;
  EligibilityAnswers eligibility;
  BusinessNumber business_number;
  CompanyName legal_name;
};
struct CompanyEnrolled {
  AccountId account;
  UserId owner;
  std::uint32_t owner_generation = 0;
  Time enrolled_at;
  std::uint32_t eligibility_version = 0;
  EligibilityAnswers eligibility;
  BusinessNumber business_number;
  CompanyName legal_name;
  std::vector<CompanyName> operating_names;
  MailingAddress mailing_address;
};
struct MailingAddressChanged {
  AccountId account;
  UserId by;
  MailingAddress mailing_address;
};
struct MailingAddressConfirmed {
  AccountId account;
  UserId by;
};
struct ClientNumberAssigned {
  AccountId account;
  ClientNumber client_number;
};
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
};
struct AccountActivated {
  AccountId account;
  UserId by;
  CodeId code;
  Time activated_at;
};
struct ProgrammeTermsAccepted {
  AccountId account;
  UserId by;
  unsigned terms_version = 0;
  Time accepted_at;
};
struct MemberMatchFailed {
  AccountId account;
  UserId by;
  Time at;
};
struct MemberAdded {
  AccountId account;
  UserId user;
  Role role{};
  std::uint32_t urn_generation = 0;
  std::uint32_t owner_generation = 0;
  UserId by;
};
struct MemberRoleChanged {
  AccountId account;
  UserId user;
  Role role{};
  UserId by;
};
struct MemberDetailsChanged {
  AccountId account;
  UserId user;
  UserId by;
  std::optional<Title> job_title;
  std::optional<Telephone> work_telephone;
  std::optional<EmailAddress> work_email;
};
struct MemberSuspended {
  AccountId account;
  UserId user;
  UserId by;
};
struct MemberReinstated {
  AccountId account;
  UserId user;
  UserId by;
};
struct MemberReactivated {
  AccountId account;
  UserId user;
  std::uint32_t urn_generation = 0;
  std::uint32_t owner_generation = 0;
  UserId by;
};
struct MemberRemoved {
  AccountId account;
  UserId user;
  UserId by;
};
struct OwnershipOffered {
  AccountId account;
  OfferId offer;
  UserId from;
  UserId to;
  Time expires_at;
  PreviousOwner previous_owner{};
};
struct OwnershipOfferWithdrawn {
  AccountId account;
  OfferId offer;
  UserId by;
};
struct OwnershipOfferDeclined {
  AccountId account;
  OfferId offer;
  UserId by;
};
struct OwnershipOfferLapsed {
  AccountId account;
  OfferId offer;
  Time expired_at;
};
/// One event moves the ownership from one user to another, so that an account has exactly one owner at any
/// position of the log.
struct OwnershipTransferred {
  AccountId account;
  UserId from;
  UserId to;
  TransferCause cause{};
  PreviousOwner previous_owner{};
  std::uint32_t from_generation = 0;
  std::uint32_t to_generation = 0;
  bool members_need_reactivation = false;  ///< the previous owner's URN had expired
};
struct OwnerReassignmentProposed {
  AccountId account;
  ProposalId proposal;
  UserId new_owner;
  UserId officer;
  Remark reason;
  Time proposed_at;
};
struct OwnerReassignmentApproved {
  AccountId account;
  ProposalId proposal;
  UserId officer;
};
struct OwnerReassignmentWithdrawn {
  AccountId account;
  ProposalId proposal;
  UserId officer;
  Remark reason;
};

using AccountEvent =
    std::variant<EligibilityRefused, CompanyEnrolled, MailingAddressChanged, MailingAddressConfirmed,
                 ClientNumberAssigned, ActivationCodeIssued, ActivationCodeVoided, ActivationCodeExpiring,
                 ActivationCodeExpired, ActivationCodeRejected, LetterOrdered, LetterCancelled, LetterPrinted,
                 LetterPosted, LetterReturned, LetterOverdue, LetterCaseOpened, LetterCaseResolved,
                 AccountActivated, ProgrammeTermsAccepted, MemberMatchFailed, MemberAdded, MemberRoleChanged,
                 MemberDetailsChanged, MemberSuspended, MemberReinstated, MemberReactivated, MemberRemoved,
                 OwnershipOffered, OwnershipOfferWithdrawn, OwnershipOfferDeclined, OwnershipOfferLapsed,
                 OwnershipTransferred, OwnerReassignmentProposed, OwnerReassignmentApproved,
                 OwnerReassignmentWithdrawn>;

// ---- state ------------------------------------------------------------------------------------------------

/// `activated` after the code, `authorised` after the programme's terms (SPEC 3.7).
enum class Stage : std::uint8_t { absent, address_unconfirmed, awaiting_activation, activated, authorised };
template <>
inline constexpr std::array<Names, 5> enum_names<Stage>{"absent", "address_unconfirmed",
                                                        "awaiting_activation", "activated", "authorised"};

struct Member {
  UserId user;
  Role role{};
  std::uint32_t urn_generation = 0;    ///< the member's URN when the owner last gave this member access
  std::uint32_t owner_generation = 0;  ///< the owner's URN at that time; 0: the owner must reactivate
  bool suspended = false;
  std::optional<Title> job_title;
  std::optional<Telephone> work_telephone;
  std::optional<EmailAddress> work_email;
  friend bool operator==(const Member&, const Member&) = default;
};

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
  friend bool operator==(const IssuedCode&, const IssuedCode&) = default;
};

enum class LetterState : std::uint8_t { ordered, printed, posted, returned, cancelled };
template <>
inline constexpr std::array<Names, 5> enum_names<LetterState>{"ordered", "printed", "posted", "returned",
                                                              "cancelled"};
struct Letter {
  LetterId id;
  LetterKind kind{};
  LetterState state{};
  std::optional<CodeId> code;
  Time ordered_at;
  Time due_at;
  bool overdue = false;
  std::optional<Time> posted_at;
  std::optional<RegisteredMailNumber> registered_mail_number;
  bool is_pending() const { return state == LetterState::ordered || state == LetterState::printed; }
  friend bool operator==(const Letter&, const Letter&) = default;
};
struct LetterCase {
  CaseId id;
  LetterId letter;
  UserId opened_by;
  Time opened_at;
  friend bool operator==(const LetterCase&, const LetterCase&) = default;
};
struct OwnershipOffer {
  OfferId id;
  UserId to;
  Time expires_at;
  PreviousOwner previous_owner{};
  friend bool operator==(const OwnershipOffer&, const OwnershipOffer&) = default;
};
struct OwnerReassignment {
  ProposalId id;
  UserId new_owner;
  UserId officer;
  Time proposed_at;
  friend bool operator==(const OwnerReassignment&, const OwnerReassignment&) = default;
};

struct Account {
  AccountId id;
  Stage stage{};
  BusinessNumber business_number;
  CompanyName legal_name;
  std::vector<CompanyName> operating_names;
  std::vector<LineOfBusiness> lines_of_business;
  MailingAddress mailing_address;
  bool address_confirmed = false;
  Time enrolled_at;
  std::optional<Time> activated_at;
  ClientNumber client_number;
  std::optional<IssuedCode> code;  ///< the last one issued
  std::vector<Time> code_requests;
  std::vector<Time> activation_attempts;
  std::vector<Letter> letters;
  std::optional<LetterCase> open_case;
  std::uint32_t programme_terms = 0;  ///< version accepted; 0: none
  std::vector<Member> members;
  std::vector<Time> match_failures;
  std::optional<OwnershipOffer> ownership_offer;
  std::optional<OwnerReassignment> reassignment;

  const Member* member(UserId user) const;
  Member* member(UserId user);
  UserId owner() const;  ///< nil only while the account is absent
  const Letter* letter(LetterId letter) const;
  Letter* letter(LetterId letter);
  friend bool operator==(const Account&, const Account&) = default;
};

/// The reason why this person has no access to the account now, or nothing when the person has access. A
/// stranger gets account_not_found. The order is SPEC 3.3's: the owner's URN before the member's own
/// standing.
std::optional<Reason> access_refusal(const Account& account, const Person& caller, const Person& owner);
/// Checks access, then whether the person's role allows the action.
std::optional<Reason> permission_refusal(const Account& account, Action action, const Facts& facts);
/// The reason why nothing on the account may change now: it is not authorised, or the programme's terms in
/// force are not accepted.
std::optional<Reason> change_refusal(const Account& account, const Facts& facts);

// ---- decide -----------------------------------------------------------------------------------------------

using AccountDecision = Decision<AccountEvent>;

AccountDecision decide(const Account&, const EnrolCompany&, const Facts&);
AccountDecision decide(const Account&, const ChangeMailingAddress&, const Facts&);
AccountDecision decide(const Account&, const ConfirmMailingAddress&, const Facts&);
AccountDecision decide(const Account&, const RequestActivationCode&, const Facts&);
AccountDecision decide(const Account&, const ActivateAccount&, const Facts&);
AccountDecision decide(const Account&, const AcceptProgrammeTerms&, const Facts&);
AccountDecision decide(const Account&, const RequestClientNumberLetter&, const Facts&);
AccountDecision decide(const Account&, const ReportLetterMissing&, const Facts&);
AccountDecision decide(const Account&, const RecordLetterPrinted&, const Facts&);
AccountDecision decide(const Account&, const RecordLetterPosted&, const Facts&);
AccountDecision decide(const Account&, const RecordLetterReturned&, const Facts&);
AccountDecision decide(const Account&, const ResolveLetterCase&, const Facts&);
AccountDecision decide(const Account&, const AddMember&, const Facts&);
AccountDecision decide(const Account&, const ChangeMemberRole&, const Facts&);
AccountDecision decide(const Account&, const ChangeMemberDetails&, const Facts&);
AccountDecision decide(const Account&, const SuspendMember&, const Facts&);
AccountDecision decide(const Account&, const ReinstateMember&, const Facts&);
/// Facts::matched is the user to be reactivated, as of now.
AccountDecision decide(const Account&, const ReactivateMember&, const Facts&);
AccountDecision decide(const Account&, const RemoveMember&, const Facts&);
AccountDecision decide(const Account&, const OfferOwnership&, const Facts&);
AccountDecision decide(const Account&, const WithdrawOwnershipOffer&, const Facts&);
AccountDecision decide(const Account&, const DeclineOwnershipOffer&, const Facts&);
AccountDecision decide(const Account&, const AcceptOwnership&, const Facts&);
/// Facts::matched is the new owner, as of now.
AccountDecision decide(const Account&, const ProposeOwnerReassignment&, const Facts&);
AccountDecision decide(const Account&, const ApproveOwnerReassignment&, const Facts&);
AccountDecision decide(const Account&, const WithdrawOwnerReassignment&, const Facts&);
AccountDecision decide(const Account&, const LetTimePassForAccount&, const Facts&);

/// When the scheduler must look at this account again.
std::optional<Time> next_deadline(const Account&);

// ---- evolve: closed, it names every event of the account --------------------------------------------------

void evolve(Account&, const EligibilityRefused&);
void evolve(Account&, const CompanyEnrolled&);
void evolve(Account&, const MailingAddressChanged&);
void evolve(Account&, const MailingAddressConfirmed&);
void evolve(Account&, const ClientNumberAssigned&);
void evolve(Account&, const ActivationCodeIssued&);
void evolve(Account&, const ActivationCodeVoided&);
void evolve(Account&, const ActivationCodeExpiring&);
void evolve(Account&, const ActivationCodeExpired&);
void evolve(Account&, const ActivationCodeRejected&);
void evolve(Account&, const LetterOrdered&);
void evolve(Account&, const LetterCancelled&);
void evolve(Account&, const LetterPrinted&);
void evolve(Account&, const LetterPosted&);
void evolve(Account&, const LetterReturned&);
void evolve(Account&, const LetterOverdue&);
void evolve(Account&, const LetterCaseOpened&);
void evolve(Account&, const LetterCaseResolved&);
void evolve(Account&, const AccountActivated&);
void evolve(Account&, const ProgrammeTermsAccepted&);
void evolve(Account&, const MemberMatchFailed&);
void evolve(Account&, const MemberAdded&);
void evolve(Account&, const MemberRoleChanged&);
void evolve(Account&, const MemberDetailsChanged&);
void evolve(Account&, const MemberSuspended&);
void evolve(Account&, const MemberReinstated&);
void evolve(Account&, const MemberReactivated&);
void evolve(Account&, const MemberRemoved&);
void evolve(Account&, const OwnershipOffered&);
void evolve(Account&, const OwnershipOfferWithdrawn&);
void evolve(Account&, const OwnershipOfferDeclined&);
void evolve(Account&, const OwnershipOfferLapsed&);
void evolve(Account&, const OwnershipTransferred&);
void evolve(Account&, const OwnerReassignmentProposed&);
void evolve(Account&, const OwnerReassignmentApproved&);
void evolve(Account&, const OwnerReassignmentWithdrawn&);

}  // namespace ttp::domain
