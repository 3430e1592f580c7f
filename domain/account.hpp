// The company's account: enrolment, activation, its users and its one owner (SPEC 3.3 to 3.7, 3.10, 3.11).
// Its letters and activation codes are described in letters.hpp, the ends of an enrolment in enrolments.hpp,
// members from before the portal in recorded_members.hpp, the company's dealings with the programme in
// programme.hpp.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "domain/change.hpp"
#include "domain/company_data.hpp"
#include "domain/decision.hpp"
#include "domain/eligibility.hpp"
#include "domain/enrolments.hpp"
#include "domain/ids.hpp"
#include "domain/letters.hpp"
#include "domain/permissions.hpp"
#include "domain/proposals.hpp"
#include "domain/recorded_members.hpp"
#include "domain/time.hpp"
#include "domain/values.hpp"

namespace ttp::domain {

// ---- limits (SPEC 3.10, 3.11; those marked ours are ours) -------------------------------------------------

inline constexpr Duration ownership_offer_lifetime = days{30};
inline constexpr std::size_t former_offers_max = 20;  // ours
inline constexpr std::size_t match_tries_max = 5;     // ours
inline constexpr Duration match_tries_window = minutes{10};
inline constexpr std::size_t match_tries_a_day = 20;  // ours

// ---- commands ---------------------------------------------------------------------------------------------

/// Enrols a company; the caller becomes the owner and attests the words of Terms::signing_authority.
struct EnrolCompany {
  AccountId account;
  BusinessNumber business_number;
  CompanyName legal_name;
  std::vector<CompanyName> operating_names;
  MailingAddress mailing_address;
  EligibilityAnswers eligibility;
  bool signing_authority_attested = false;
};
/// Before activation only; the new address must be confirmed again. Letters to the old address are
/// cancelled, and their code is void.
struct ChangeMailingAddress {
  AccountId account;
  MailingAddress mailing_address;
};
/// Confirms the address as shown back and orders the letter with an activation code; the first confirmation
/// assigns the client number. After authorisation: confirms the new address that the programme accepted.
struct ConfirmMailingAddress {
  AccountId account;
};
struct AcceptProgrammeTerms {
  AccountId account;
  unsigned terms_version = 0;
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
  Change<Title> job_title{};
  Change<Telephone> work_telephone{};
  Change<EmailAddress> work_email{};
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
/// The owner is not gone: objects to the proposal, which ends it.
struct ObjectToOwnerReassignment {
  AccountId account;
  ProposalId proposal;
};

struct LetTimePassForAccount {
  AccountId account;
};

// ---- events -----------------------------------------------------------------------------------------------

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
  unsigned attested_words = 0;  ///< the version that the owner attested; 0: from before there were versions
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
/// The programme accepted the company's data: names and lines of business are in effect, a new mailing
/// address once it is confirmed.
struct CompanyDataAccepted {
  AccountId account;
  SubmissionId submission;
  UserId officer;
  CompanyData company;
};
/// The new mailing address was confirmed; letters go there from now on.
struct MailingAddressReplaced {
  AccountId account;
  UserId by;
  MailingAddress mailing_address;
};
struct ClientNumberAssigned {
  AccountId account;
  ClientNumber client_number;
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
/// The details that changed; an empty text was cleared.
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

enum class ReassignmentEnd : std::uint8_t { lapsed, owner_changed, owner_objected };
template <>
inline constexpr std::array<Names, 3> enum_names<ReassignmentEnd>{"lapsed", "owner_changed",
                                                                  "owner_objected"};
/// The proposal ended without an approval and without being withdrawn.
struct OwnerReassignmentEnded {
  AccountId account;
  ProposalId proposal;
  ReassignmentEnd cause{};
  Time ended_at;
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
                 OwnerReassignmentWithdrawn, RegisteredMailNumberCorrected, LetterArrivalDue, LetterArrived,
                 EnrolmentWithdrawn, EnrolmentLapsed, EnrolmentReleaseProposed, EnrolmentReleaseWithdrawn,
                 EnrolmentReleaseLapsed, EnrolmentReleased, CompanyDataAccepted, MailingAddressReplaced,
                 OwnerReassignmentEnded, CompanyRecorded, OwnerAttested>;

// ---- state ------------------------------------------------------------------------------------------------

/// `ended`: the enrolment was withdrawn, lapsed or was released before it was activated; to everybody but
/// auditors the account is gone. `activated` after the code, `authorised` after the programme's terms (SPEC
/// 3.7).
enum class Stage : std::uint8_t {
  absent,
  ended,
  address_unconfirmed,
  awaiting_activation,
  activated,
  authorised,
};
template <>
inline constexpr std::array<Names, 6> enum_names<Stage>{
    "absent", "ended", "address_unconfirmed", "awaiting_activation", "activated", "authorised"};

struct Member {
  UserId user;
  Role role{};
  std::uint32_t urn_generation = 0;    ///< the member's URN when the owner last gave this member access
  std::uint32_t owner_generation = 0;  ///< the owner's URN at that time; 0: the owner must reactivate
  bool suspended = false;
  std::optional<Role> suspended_by;  ///< the role of who imposed the suspension
  std::optional<Title> job_title;
  std::optional<Telephone> work_telephone;
  std::optional<EmailAddress> work_email;
  friend bool operator==(const Member&, const Member&) = default;
};

/// A person who belonged to the account, with the standing at the end: adding a person again is no way round
/// the owner's reactivation or a suspension.
struct FormerMember {
  UserId user;
  std::uint32_t urn_generation = 0;
  std::uint32_t owner_generation = 0;
  std::optional<Role> suspended_by;
  friend bool operator==(const FormerMember&, const FormerMember&) = default;
};

enum class OfferState : std::uint8_t { open, accepted, declined, withdrawn, lapsed };
template <>
inline constexpr std::array<Names, 5> enum_names<OfferState>{"open", "accepted", "declined", "withdrawn",
                                                             "lapsed"};

struct OwnershipOffer {
  OfferId id;
  UserId to;
  Time expires_at;
  PreviousOwner previous_owner{};
  OfferState state{};
  friend bool operator==(const OwnershipOffer&, const OwnershipOffer&) = default;
};
/// An open proposal to make somebody else the owner. It is about this owner and falls with them.
struct OwnerReassignment {
  Proposal proposal;
  UserId owner;
  UserId new_owner;
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
  std::optional<MailingAddress> new_mailing_address;  ///< accepted by the programme, not yet confirmed
  Time enrolled_at;
  std::optional<Time> activated_at;
  std::optional<Time> ended_at;
  ClientNumber client_number;
  std::optional<IssuedCode> code;        ///< the last one issued
  std::vector<IssuedCode> former_codes;  ///< those before it, the last ones
  std::vector<Time> code_requests;
  std::vector<Time> activation_attempts;
  std::vector<Time> dead_code_attempts;
  std::vector<Letter> letters;
  std::vector<LetterCase> letter_cases;  ///< the last ones
  std::optional<Proposal> enrolment_release;
  std::uint32_t programme_terms = 0;  ///< version accepted; 0: none
  std::vector<Member> members;
  std::vector<FormerMember> former_members;
  std::vector<Time> match_failures;
  std::optional<OwnershipOffer> ownership_offer;
  std::vector<OwnershipOffer> former_offers;  ///< that have ended, the last ones
  std::optional<OwnerReassignment> reassignment;

  bool exists() const { return stage > Stage::ended; }
  /// A member from before the portal whose owner has not come yet.
  bool awaits_owner() const { return exists() && members.empty(); }
  bool is_enrolling() const { return exists() && stage < Stage::activated && !awaits_owner(); }
  const Member* member(UserId user) const;
  Member* member(UserId user);
  const FormerMember* former_member(UserId user) const;
  /// Whether the person belongs or belonged to the account, in any role.
  bool has_ever_had(UserId user) const { return member(user) || former_member(user); }
  UserId owner() const;  ///< nil for an account that does not exist or awaits its owner
  const Letter* letter(LetterId letter) const;
  Letter* letter(LetterId letter);
  const LetterCase* letter_case(CaseId case_id) const;
  LetterCase* letter_case(CaseId case_id);
  const LetterCase* open_case_of(LetterId letter) const;
  friend bool operator==(const Account&, const Account&) = default;
};

/// The company's data in effect.
CompanyData company_data_of(const Account& account);
/// The company's data as the programme accepted them last: the mailing address may not be confirmed yet.
CompanyData accepted_data_of(const Account& account);

/// The reason why this person has no access to the account now, or nothing when the person has access. A
/// stranger gets account_not_found. The order is SPEC 3.3's: the owner's URN before the member's own
/// standing.
std::optional<Reason> access_refusal(const Account& account, const Person& caller, const Person& owner);
/// Checks access, then whether the person's role allows the action.
std::optional<Reason> permission_refusal(const Account& account, Action action, const Facts& facts);
/// The reason why nothing on the account may change now: it is not authorised, or the programme's terms in
/// force are not accepted.
std::optional<Reason> change_refusal(const Account& account, const Facts& facts);
/// The reason why this letter may be neither printed nor posted now: it is not pending, its code is dead, or
/// its address is not confirmed.
std::optional<Reason> letter_refusal(const Account& account, const Letter& letter, Time now);
/// Whether people wait for this letter: it is on its way, the last one of its kind, and still useful.
bool is_awaited(const Account& account, const Letter& letter);
/// For changes that require an authorised account: checks the role first, then the account's stage.
std::optional<Reason> change_refusal_for(const Account& account, Action action, const Facts& facts);

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
AccountDecision decide(const Account&, const ConfirmLetterArrival&, const Facts&);
AccountDecision decide(const Account&, const RecordLetterPrinted&, const Facts&);
AccountDecision decide(const Account&, const RecordLetterPosted&, const Facts&);
AccountDecision decide(const Account&, const CorrectRegisteredMailNumber&, const Facts&);
AccountDecision decide(const Account&, const RecordLetterArrived&, const Facts&);
AccountDecision decide(const Account&, const RecordLetterReturned&, const Facts&);
AccountDecision decide(const Account&, const ResolveLetterCase&, const Facts&);
AccountDecision decide(const Account&, const WithdrawEnrolment&, const Facts&);
AccountDecision decide(const Account&, const ProposeEnrolmentRelease&, const Facts&);
AccountDecision decide(const Account&, const ApproveEnrolmentRelease&, const Facts&);
AccountDecision decide(const Account&, const WithdrawEnrolmentRelease&, const Facts&);
AccountDecision decide(const Account&, const SendMemberLetterAgain&, const Facts&);
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
AccountDecision decide(const Account&, const ObjectToOwnerReassignment&, const Facts&);
AccountDecision decide(const Account&, const LetTimePassForAccount&, const Facts&);

/// The proposal of this identifier, whatever it is about; nullptr if the account has none.
const Proposal* find_proposal(const Account& account, ProposalId proposal);

/// When the scheduler must look at this account again.
std::optional<Time> next_deadline(const Account&);

// ---- evolve: closed, it names every event of the account --------------------------------------------------

void evolve(Account&, const EligibilityRefused&);
void evolve(Account&, const CompanyEnrolled&);
void evolve(Account&, const MailingAddressChanged&);
void evolve(Account&, const MailingAddressConfirmed&);
void evolve(Account&, const CompanyDataAccepted&);
void evolve(Account&, const MailingAddressReplaced&);
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
void evolve(Account&, const RegisteredMailNumberCorrected&);
void evolve(Account&, const LetterArrivalDue&);
void evolve(Account&, const LetterArrived&);
void evolve(Account&, const LetterReturned&);
void evolve(Account&, const LetterOverdue&);
void evolve(Account&, const LetterCaseOpened&);
void evolve(Account&, const LetterCaseResolved&);
void evolve(Account&, const EnrolmentWithdrawn&);
void evolve(Account&, const EnrolmentLapsed&);
void evolve(Account&, const EnrolmentReleaseProposed&);
void evolve(Account&, const EnrolmentReleaseWithdrawn&);
void evolve(Account&, const EnrolmentReleaseLapsed&);
void evolve(Account&, const EnrolmentReleased&);
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
void evolve(Account&, const OwnerReassignmentEnded&);
void evolve(Account&, const CompanyRecorded&);
void evolve(Account&, const OwnerAttested&);

}  // namespace ttp::domain
