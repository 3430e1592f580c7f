// The user: a person with a credential and a user reference number (URN). Covers registration, sign-in, the
// user's details and the two years of a URN (SPEC 3.1 to 3.3). Staff roles are described in staff.hpp, the
// service desk's permits in recovery.hpp.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "domain/change.hpp"
#include "domain/decision.hpp"
#include "domain/ids.hpp"
#include "domain/lockout.hpp"
#include "domain/mail.hpp"
#include "domain/notifications.hpp"
#include "domain/permissions.hpp"
#include "domain/proposals.hpp"
#include "domain/recovery.hpp"
#include "domain/staff.hpp"
#include "domain/time.hpp"
#include "domain/values.hpp"

namespace ttp::domain {

template <>
inline constexpr std::array<Names, 2> enum_names<Language>{"en", "fr"};
template <>
inline constexpr std::array<Names, 2> enum_names<CredentialKind>{"gckey", "sign_in_partner"};
template <>
inline constexpr std::array<Names, 2> enum_names<Country>{"CA", "US"};

// ---- limits (SPEC 3.1 to 3.3; those marked ours are ours) -------------------------------------------------

inline constexpr Duration one_time_code_lifetime = minutes{10};
inline constexpr unsigned one_time_code_tries = 5;
inline constexpr Duration sign_in_lifetime = minutes{30};  // ours: from the credential to the terms
inline constexpr Duration session_lifetime = hours{12};
inline constexpr Duration session_idle_lifetime = minutes{15};
inline constexpr std::size_t code_mails_max = 5;  // ours
inline constexpr Duration code_mails_window = minutes{15};
inline constexpr Duration email_change_lifetime = hours{24};  // ours
inline constexpr Duration registration_lifetime =
    minutes{30};  // ours: from the mailed code to the credential
inline constexpr unsigned registration_code_tries = 5;
inline constexpr std::size_t mailbox_mails_max = 3;  // ours: to one mailbox, of one kind, for strangers
inline constexpr Duration mailbox_mails_window = hours{1};
inline constexpr int urn_lifetime_years = 2;
inline constexpr Duration former_email_told = days{30};  ///< how long a former address is still mailed to
inline constexpr std::size_t former_emails_max = 10;

// ---- commands ---------------------------------------------------------------------------------------------

/// Shows that a person reads a mailbox: the code that was mailed to it, and when that code expires.
struct MailboxProof {
  RegistrationCode code;
  Time expires_at;
};
/// Registers a `gckey` credential; the password was hashed into the vault as `verifier`.
/// Facts::secret_matches states whether the code is the one mailed for this user.
struct RegisterCredential {
  UserId user;
  UserName user_name;
  Password password;
  FamilyName family_name;
  std::optional<GivenNames> given_names;  ///< nothing: a person with one name
  EmailAddress email;
  Telephone telephone;
  Language language = Language::en;
  VerifierId verifier{};
  /// Nothing only for a tool on the machine, whose operator vouches for the address.
  std::optional<MailboxProof> mailbox{};
};
/// Links an identity that a sign-in partner vouches for. The OpenID Connect handshake itself is outside the
/// domain.
struct RegisterPartnerCredential {
  UserId user;
  Issuer issuer;
  Subject subject;
  FamilyName family_name;
  std::optional<GivenNames> given_names;  ///< nothing: a person with one name
  EmailAddress email;
  Telephone telephone;
  Language language = Language::en;
};
/// The first step of a sign-in; Facts::secret_matches states whether the credential is correct.
struct StartSignIn {
  UserId user;
  UserName user_name;
  Password password;
  std::optional<DeviceId> device{};  ///< whose token the request carries
  SessionId session{};               ///< an earlier session that the request carries; shows its device, too
};
/// First sign-in only: accepts the mail factor's terms, so that the first code can be mailed.
struct EnrolMailFactor {
  UserId user;
  SignInId sign_in;
  unsigned terms_version = 0;
};
struct ResendOneTimeCode {
  UserId user;
  SignInId sign_in;
};
/// Facts::secret_matches states whether the code is that of the open sign-in.
struct EnterOneTimeCode {
  UserId user;
  SignInId sign_in;
  OneTimeCode code;
};
/// Accepts the portal's terms, which each sign-in requires, and opens the session. An earlier session of the
/// same device ends.
struct AcceptPortalTerms {
  UserId user;
  SignInId sign_in;
  unsigned terms_version = 0;
};
/// Ends one of the user's own sessions: the present one, or another one.
struct CloseSession {
  UserId user;
  SessionId session;
};
/// Ends all sessions but the present one.
struct CloseOtherSessions {
  UserId user;
  SessionId session;
};
/// Makes one of the user's own devices a stranger again and ends its sessions.
struct ForgetDevice {
  UserId user;
  DeviceId device;
};
/// Service desk: ends one of a user's sessions, or all of them.
struct EndSessions {
  UserId user;
  std::optional<SessionId> session;
  Remark reason;
};

struct ChangeContactDetails {
  UserId user;
  Replacement<FamilyName> family_name;
  Change<GivenNames> given_names;
  Replacement<Telephone> telephone;
  Replacement<Language> language;
};
/// Mails a code to the new address and another one to the present address, which stays until both codes are
/// entered. Facts::secret_matches states whether the current password is correct.
struct RequestEmailChange {
  UserId user;
  SessionId session;
  EmailAddress email;
  std::optional<Password> current_password;  ///< nothing only for a credential without a password
};
/// Facts::secret_matches states whether `code` is the one mailed to the new address, and
/// Facts::second_secret_matches whether the other one was mailed to the present address. All other sessions
/// of the user end.
struct ConfirmEmailChange {
  UserId user;
  SessionId session;
  OneTimeCode code;
  OneTimeCode present_address_code;
};
/// Facts::secret_matches states whether the current password is correct; the new one is in the vault as
/// `verifier`. All other sessions of the user end, and all devices are forgotten but the present one, which
/// gets a new token.
struct ChangePassword {
  UserId user;
  SessionId session;
  Password current_password;
  Password new_password;
  VerifierId verifier{};
};

/// Service desk: a new URN for a user whose URN has expired.
struct IssueNewUrn {
  UserId user;
  Remark reason;
};
/// Service desk: lifts the locks that 100 failures in a row put on a credential; its sessions end. The
/// installation does the same for an operator.
struct UnlockCredential {
  UserId user;
  Remark reason;
};
/// Why a person's data may be erased.
enum class LegalGround : std::uint8_t {
  request_of_the_person,
  retention_ended,
  court_order,
  collected_without_authority,
};
template <>
inline constexpr std::array<Names, 4> enum_names<LegalGround>{"request_of_the_person", "retention_ended",
                                                              "court_order", "collected_without_authority"};

/// Operators: erasing a person for good takes two of them (ours).
struct ProposeErasure {
  UserId user;
  LegalGround ground{};
  Remark reason;
};
/// Facts::holds_membership states whether the user still belongs to an account.
struct ApproveErasure {
  UserId user;
  ProposalId proposal;
};
struct WithdrawErasure {
  UserId user;
  ProposalId proposal;
  Remark reason;
};
/// Issued by the service itself: repeats an erasure that a restored log lacks.
struct RepeatErasure {
  UserId user;
  ProposalId proposal;
  LegalGround ground{};
  UserId proposed_by;
  UserId approved_by;
  Time erased_at;
};
/// Counts an activation attempt with a client number that nobody holds, or that is not the caller's.
struct NoteActivationMismatch {
  UserId user;
};
/// Issued by the scheduler: records every deadline that has passed.
struct LetTimePassForUser {
  UserId user;
};

// ---- events -----------------------------------------------------------------------------------------------

enum class SecretFactor : std::uint8_t { password, one_time_code };
template <>
inline constexpr std::array<Names, 2> enum_names<SecretFactor>{"password", "one_time_code"};

enum class SessionEnd : std::uint8_t {
  signed_out,
  revoked,
  password_changed,
  credential_locked,
  replaced,  ///< by a new sign-in of the same device
  email_changed,
  credential_unlocked,
  ended_by_staff,
  device_forgotten,
  recovered,
};
template <>
inline constexpr std::array<Names, 10> enum_names<SessionEnd>{
    "signed_out",       "revoked",       "password_changed",    "credential_locked",
    "replaced",         "email_changed", "credential_unlocked", "ended_by_staff",
    "device_forgotten", "recovered"};

enum class UrnReminder : std::uint8_t { twelve_months, sixty_days, thirty_days, seven_days };
template <>
inline constexpr std::array<Names, 4> enum_names<UrnReminder>{"twelve_months", "sixty_days", "thirty_days",
                                                              "seven_days"};

struct CredentialRegistered {
  UserId user;
  CredentialKind kind{};
  std::uint32_t credential_version = 0;
  Language language{};
  std::optional<UserName> user_name;
  std::optional<Issuer> issuer;
  std::optional<Subject> subject;
  FamilyName family_name;
  GivenNames given_names;
  EmailAddress email;
  Telephone telephone;
  VerifierId verifier{};  ///< nil for a partner's credential
};
struct UrnIssued {
  UserId user;
  std::uint32_t generation = 0;
  Time issued_at;
  std::optional<UserId> issued_by;
  std::optional<Remark> reason;
  Urn urn;
};
struct SignInStarted {
  UserId user;
  SignInId sign_in;
  Time started_at;
  Time expires_at;
  std::optional<DeviceId> device{};  ///< nothing: a stranger's
};
struct CredentialRejected {
  UserId user;
  std::uint32_t consecutive_failures = 0;  ///< of this device, or of all strangers
  Time at;
  std::optional<DeviceId> device{};
};
struct MailFactorEnrolled {
  UserId user;
  SignInId sign_in;
  unsigned terms_version = 0;
};
struct OneTimeCodeIssued {
  UserId user;
  SignInId sign_in;
  CodeId code;
  Time issued_at;
  Time expires_at;
};
struct OneTimeCodeRejected {
  UserId user;
  SignInId sign_in;
  CodeId code;
  std::uint32_t consecutive_failures = 0;
  Time at;
};
struct OneTimeCodeAccepted {
  UserId user;
  SignInId sign_in;
  CodeId code;
};
struct PortalTermsAccepted {
  UserId user;
  SignInId sign_in;
  unsigned terms_version = 0;
};
struct SessionOpened {
  UserId user;
  SignInId sign_in;
  SessionId session;
  Time opened_at;
  Time expires_at;
  std::optional<DeviceId> device{};
  std::optional<std::string> opened_from{};  ///< a network address
};
struct SessionClosed {
  UserId user;
  SessionId session;
  SessionEnd cause{};
};
/// The end of one or all sessions by the service desk; an event for each of them follows.
struct SessionsEnded {
  UserId user;
  UserId officer;
  std::optional<SessionId> session;
  Remark reason;
  Time ended_at;
};
struct DeviceForgotten {
  UserId user;
  DeviceId device;
  Time forgotten_at;
};
/// The lock concerns this device alone or, where none is named, all strangers.
struct CredentialLocked {
  UserId user;
  std::uint32_t consecutive_failures = 0;
  std::optional<DeviceId> device{};
};
struct CredentialUnlocked {
  UserId user;
  std::optional<UserId> unlocked_by;  ///< nothing: the installation
  Remark reason;
};
struct ContactDetailsChanged {
  UserId user;
  std::optional<Language> language;
  std::optional<FamilyName> family_name;
  std::optional<GivenNames> given_names;
  std::optional<Telephone> telephone;
};
struct EmailChangeRequested {
  UserId user;
  CodeId code;
  Time requested_at;
  Time expires_at;
  EmailAddress email;
};
struct EmailChangeRejected {
  UserId user;
  CodeId code;
  std::uint32_t consecutive_failures = 0;
  Time at;
  std::optional<DeviceId> device{};
};
struct EmailChanged {
  UserId user;
  EmailAddress email;
  EmailAddress previous_email;
  Time changed_at;
  std::optional<DeviceId> device{};
};
struct CurrentPasswordRejected {
  UserId user;
  std::uint32_t consecutive_failures = 0;
  Time at;
  std::optional<DeviceId> device{};
};
struct PasswordChanged {
  UserId user;
  std::uint32_t credential_version = 0;
  VerifierId verifier{};
  Time changed_at;
  /// The present device under its new name; all others are forgotten. Nothing in events of earlier versions.
  std::optional<DeviceId> device{};
};
struct ActivationMismatched {
  UserId user;
  Time at;
};
struct UrnExpiryReminded {
  UserId user;
  UrnReminder kind{};
  Time due_at;
  Time expires_at;
};
struct UrnExpired {
  UserId user;
  std::uint32_t generation = 0;
  Time expired_at;
};
struct ErasureProposed {
  UserId user;
  ProposalId proposal;
  UserId officer;
  LegalGround ground{};
  Remark reason;
  Time proposed_at;
};
struct ErasureWithdrawn {
  UserId user;
  ProposalId proposal;
  UserId officer;
  Remark reason;
};
struct ErasureLapsed {
  UserId user;
  ProposalId proposal;
  Time lapsed_at;
};
/// The person's key is destroyed at the same time: their personal fields can never be read again.
struct UserErased {
  UserId user;
  ProposalId proposal;
  LegalGround ground{};
  UserId proposed_by;
  UserId approved_by;
  Time erased_at;
};
using UserEvent =
    std::variant<CredentialRegistered, UrnIssued, SignInStarted, CredentialRejected, MailFactorEnrolled,
                 OneTimeCodeIssued, OneTimeCodeRejected, OneTimeCodeAccepted, PortalTermsAccepted,
                 SessionOpened, SessionClosed, CredentialLocked, CredentialUnlocked, ContactDetailsChanged,
                 EmailChangeRequested, EmailChangeRejected, EmailChanged, CurrentPasswordRejected,
                 PasswordChanged, StaffRoleGranted, StaffRoleRevoked, ActivationMismatched, UrnExpiryReminded,
                 UrnExpired, ErasureProposed, ErasureWithdrawn, UserErased, PersonalDataViewed,
                 StaffRoleChangeProposed, StaffRoleChangeWithdrawn, StaffRoleChangeLapsed, ErasureLapsed,
                 OperationPerformed, NotificationsRead, SessionsEnded, DeviceForgotten, RecoveryProposed,
                 RecoveryPermitted, RecoveryPermitRejected, RecoveryEnded, UserRecovered, MailNotDelivered,
                 MailResendRequested>;

// ---- state ------------------------------------------------------------------------------------------------

enum class SignInStage : std::uint8_t { mail_factor_terms, one_time_code, portal_terms };
template <>
inline constexpr std::array<Names, 3> enum_names<SignInStage>{"mail_factor_terms", "one_time_code",
                                                              "portal_terms"};

/// A mailed code that is open: it ends when it is used, replaced, tried too often, or expired.
struct OpenCode {
  CodeId code;
  Time expires_at;
  std::uint32_t tries = 0;
  friend bool operator==(const OpenCode&, const OpenCode&) = default;
};
/// The one sign-in under way; starting another one ends it.
struct SignIn {
  SignInId id;
  SignInStage stage{};
  Time expires_at;
  std::optional<OpenCode> code;
  std::optional<DeviceId> device{};  ///< nothing: a stranger's
  friend bool operator==(const SignIn&, const SignIn&) = default;
};
struct Session {
  SessionId id;
  Time opened_at;
  Time expires_at;
  std::optional<DeviceId> device{};
  std::optional<std::string> opened_from{};
  friend bool operator==(const Session&, const Session&) = default;
};
struct EmailChange {
  EmailAddress email;
  OpenCode code;
  friend bool operator==(const EmailChange&, const EmailChange&) = default;
};

/// An address that the user had until then.
struct FormerEmail {
  EmailAddress email;
  Time until;
  friend bool operator==(const FormerEmail&, const FormerEmail&) = default;
};

/// An open proposal to erase the person.
struct Erasure {
  Proposal proposal;
  LegalGround ground{};
  friend bool operator==(const Erasure&, const Erasure&) = default;
};

struct User {
  UserId id;
  bool registered = false;
  bool erased = false;  ///< an erased user has no other data
  CredentialKind credential_kind{};
  std::uint32_t credential_version = 0;
  VerifierId verifier;
  UserName user_name;
  FamilyName family_name;
  GivenNames given_names;
  EmailAddress email;
  Telephone telephone;
  Language language{};
  Urn urn;
  std::uint32_t urn_generation = 0;
  Time urn_renewed_at;  ///< when the URN was issued or last used to sign in: its two years start here
  std::uint32_t urn_reminders = 0;
  bool urn_expiry_recorded = false;
  std::optional<Time> last_signed_in_at;
  std::uint32_t mail_factor_terms = 0;  ///< version accepted; 0: not enrolled
  std::uint32_t portal_terms = 0;
  Failures failures;            ///< of strangers
  std::vector<Device> devices;  ///< the last few that completed a sign-in
  std::optional<SignIn> sign_in;
  std::vector<Session> sessions;
  std::optional<EmailChange> email_change;
  std::vector<FormerEmail> former_emails;   ///< the last few, oldest first
  std::vector<Time> code_mails;             ///< when codes were mailed, the last few
  std::vector<Time> activation_mismatches;  ///< the last few
  std::set<StaffRole> staff_roles;
  std::optional<StaffRoleChange> staff_role_change;
  std::vector<StaffProposer> staff_proposers;  ///< the last few
  std::optional<Erasure> erasure;              ///< proposed, not yet approved
  std::vector<ReadMark> read_marks;
  std::optional<RecoveryProposal> recovery_proposal;
  std::optional<IssuedPermit> recovery_permit;
  std::optional<MailTrouble> mail_trouble;  ///< nothing: mails arrive, as far as is known
  std::vector<Time> passing_mail_failures;  ///< the last few

  Time urn_expires_at() const { return add_years(urn_renewed_at, urn_lifetime_years); }
  bool is_staff() const { return !staff_roles.empty(); }
  /// Staff keep access through their role and do not need to sign in regularly (ours). Otherwise a quiet
  /// programme would lock out its own staff.
  bool urn_expired_at(Time now) const { return urn_generation > 0 && !is_staff() && now >= urn_expires_at(); }
  const Session* session(SessionId id) const;
  /// The position up to which the account's notifications were read; 0: none was.
  std::uint64_t notifications_read(AccountId account) const;
  const Device* device(const std::optional<DeviceId>& device_id) const;
  /// The device of a session; nothing if it has none or the device was forgotten.
  std::optional<DeviceId> device_of(SessionId session_id) const;
  /// The failures that an attempt from this device counts with: the strangers' if the user has no such
  /// device.
  const Failures& failures_of(const std::optional<DeviceId>& device_id) const;
  /// Whether strangers or one of the devices are locked.
  bool has_lock() const;
  Person person_at(Time now) const;
  friend bool operator==(const User&, const User&) = default;
};

// ---- decide: refusals first, in the order that is the contract --------------------------------------------

using UserDecision = Decision<UserEvent>;

UserDecision decide(const User&, const RegisterCredential&, const Facts&);
UserDecision decide(const User&, const RegisterPartnerCredential&, const Facts&);
UserDecision decide(const User&, const StartSignIn&, const Facts&);
UserDecision decide(const User&, const EnrolMailFactor&, const Facts&);
UserDecision decide(const User&, const ResendOneTimeCode&, const Facts&);
UserDecision decide(const User&, const EnterOneTimeCode&, const Facts&);
UserDecision decide(const User&, const AcceptPortalTerms&, const Facts&);
UserDecision decide(const User&, const CloseSession&, const Facts&);
UserDecision decide(const User&, const CloseOtherSessions&, const Facts&);
UserDecision decide(const User&, const ForgetDevice&, const Facts&);
UserDecision decide(const User&, const EndSessions&, const Facts&);
UserDecision decide(const User&, const ChangeContactDetails&, const Facts&);
UserDecision decide(const User&, const RequestEmailChange&, const Facts&);
UserDecision decide(const User&, const ConfirmEmailChange&, const Facts&);
UserDecision decide(const User&, const ChangePassword&, const Facts&);
UserDecision decide(const User&, const IssueNewUrn&, const Facts&);
UserDecision decide(const User&, const UnlockCredential&, const Facts&);
UserDecision decide(const User&, const GrantStaffRole&, const Facts&);
UserDecision decide(const User&, const RevokeStaffRole&, const Facts&);
UserDecision decide(const User&, const ApproveStaffRoleChange&, const Facts&);
UserDecision decide(const User&, const WithdrawStaffRoleChange&, const Facts&);
UserDecision decide(const User&, const ProposeErasure&, const Facts&);
UserDecision decide(const User&, const ApproveErasure&, const Facts&);
UserDecision decide(const User&, const WithdrawErasure&, const Facts&);
UserDecision decide(const User&, const RepeatErasure&, const Facts&);
UserDecision decide(const User&, const RecordLook&, const Facts&);
UserDecision decide(const User&, const RecordOperation&, const Facts&);
UserDecision decide(const User&, const RecordMailFate&, const Facts&);
UserDecision decide(const User&, const ResendMail&, const Facts&);
UserDecision decide(const User&, const NoteActivationMismatch&, const Facts&);
UserDecision decide(const User&, const MarkNotificationsRead&, const Facts&);
UserDecision decide(const User&, const LetTimePassForUser&, const Facts&);

/// Whether the person has entered so many wrong client numbers and codes lately that no entry counts now.
bool is_out_of_tries(const User& user, Time now);
/// For `evolve`: keeps an address that was the person's until that time among the last few.
void remember_former_email(User& user, const EmailAddress& email, Time until);
/// For `evolve`: mails reach the person, or the address is another now.
void end_mail_trouble(User& user);
/// The proposal of this identifier, whatever it is about; nullptr if the user has none.
const Proposal* find_proposal(const User& user, ProposalId proposal);

/// When the scheduler must look at this user again; nothing while no deadline is open.
std::optional<Time> next_deadline(const User&);

// ---- evolve: closed, it names every event of the user -----------------------------------------------------

void evolve(User&, const CredentialRegistered&);
void evolve(User&, const UrnIssued&);
void evolve(User&, const SignInStarted&);
void evolve(User&, const CredentialRejected&);
void evolve(User&, const MailFactorEnrolled&);
void evolve(User&, const OneTimeCodeIssued&);
void evolve(User&, const OneTimeCodeRejected&);
void evolve(User&, const OneTimeCodeAccepted&);
void evolve(User&, const PortalTermsAccepted&);
void evolve(User&, const SessionOpened&);
void evolve(User&, const SessionClosed&);
void evolve(User&, const SessionsEnded&);
void evolve(User&, const DeviceForgotten&);
void evolve(User&, const CredentialLocked&);
void evolve(User&, const CredentialUnlocked&);
void evolve(User&, const ContactDetailsChanged&);
void evolve(User&, const EmailChangeRequested&);
void evolve(User&, const EmailChangeRejected&);
void evolve(User&, const EmailChanged&);
void evolve(User&, const CurrentPasswordRejected&);
void evolve(User&, const PasswordChanged&);
void evolve(User&, const StaffRoleGranted&);
void evolve(User&, const StaffRoleRevoked&);
void evolve(User&, const StaffRoleChangeProposed&);
void evolve(User&, const StaffRoleChangeWithdrawn&);
void evolve(User&, const StaffRoleChangeLapsed&);
void evolve(User&, const ActivationMismatched&);
void evolve(User&, const UrnExpiryReminded&);
void evolve(User&, const UrnExpired&);
void evolve(User&, const ErasureProposed&);
void evolve(User&, const ErasureWithdrawn&);
void evolve(User&, const ErasureLapsed&);
void evolve(User&, const UserErased&);
void evolve(User&, const PersonalDataViewed&);
void evolve(User&, const OperationPerformed&);
void evolve(User&, const NotificationsRead&);
void evolve(User&, const RecoveryProposed&);
void evolve(User&, const RecoveryPermitted&);
void evolve(User&, const RecoveryPermitRejected&);
void evolve(User&, const RecoveryEnded&);
void evolve(User&, const UserRecovered&);
void evolve(User&, const MailNotDelivered&);
void evolve(User&, const MailResendRequested&);

}  // namespace ttp::domain
