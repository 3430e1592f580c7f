// The kinds of mail: one plain struct each, holding only the data that the mail shows, and its rendering in
// the reader's language. The wording is in texts.cpp. Mails with a code are in both languages, the reader's
// first, and contain no link.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "delivery/mail.hpp"
#include "delivery/texts.hpp"
#include "domain/permissions.hpp"
#include "domain/time.hpp"
#include "domain/user.hpp"
#include "domain/values.hpp"

namespace ttp::delivery {

// A namespace of their own, because many structs share a name with the event that causes the mail.
namespace mails {

enum class UrnOccasion : std::uint8_t { first, new_number };
enum class CredentialPart : std::uint8_t { password, email, telephone, names };
enum class TransferReader : std::uint8_t { previous_owner, new_owner, other_member };
/// How an activation code died before its time.
enum class CodeEnd : std::uint8_t { replaced, too_many_tries, address_changed };
enum class CaseEnd : std::uint8_t { letter_sent_again, new_code, closed };
enum class EnrolmentEnd : std::uint8_t { withdrawn, never_confirmed, never_activated, released };
/// How a recovery ended without a new password.
enum class RecoveryEnd : std::uint8_t {
  lapsed,
  withdrawn,
  objected,
  too_many_tries,
  expired,
  letter_returned,
};

// clang-format off
struct UrnIssued { PersonName names; domain::Urn urn; UrnOccasion occasion{}; };
/// `asked_for` is the purpose of the code ("sign in"); the screen that asked for the code also shows
/// `request_word`.
struct OneTimeCode {
  domain::OneTimeCode code;
  Time expires_at;
  Bilingual asked_for;
  std::string request_word;
};
struct EmailConfirmationCode { domain::OneTimeCode code; Time expires_at; std::string request_word; };
/// To the present address, which permits the change to the new one.
struct EmailChangeCode {
  domain::OneTimeCode code;
  Time expires_at;
  std::string request_word;
  domain::EmailAddress new_email;
};
// To mailboxes that somebody named, who perhaps is not their owner: they show nothing else of the request.
struct RegistrationCode { domain::RegistrationCode code; Time expires_at; std::string request_word; };
struct AddressAlreadyRegistered {};
struct UserNameReminder { domain::UserName user_name; };
struct NoUserName {};
/// The owner signs in with a partner.
struct NoUserNameButPartner {};
struct UrnExpiryReminder { Time expires_at; domain::UrnReminder kind{}; };
struct UrnExpired { Time expired_at; };
struct OwnerWarnedOfUserUrn { domain::CompanyName legal_name; PersonName user; Time expires_at; };

struct ActivationCodeExpiring { domain::CompanyName legal_name; Time expires_at; };
struct ActivationCodeExpired { domain::CompanyName legal_name; Time expired_at; };
struct LetterPosted { domain::CompanyName legal_name; domain::RegisteredMailNumber registered_mail_number; };
struct ActivationCodeVoided { domain::CompanyName legal_name; CodeEnd end{}; };
struct LetterNumberCorrected {
  domain::CompanyName legal_name;
  domain::RegisteredMailNumber registered_mail_number;
};
struct LetterArrivalDue { domain::CompanyName legal_name; Time ordered_at; };
struct LetterReturned { domain::CompanyName legal_name; };
/// To the person who reported the letter missing.
struct LetterCaseResolved { domain::CompanyName legal_name; CaseEnd end{}; domain::Remark reason; };
struct EnrolmentEnded { domain::CompanyName legal_name; EnrolmentEnd end{}; };
struct EnrolmentReleaseProposed { domain::CompanyName legal_name; Time lapses_at; };
struct EnrolmentReleaseDropped { domain::CompanyName legal_name; };
struct OwnerReassignmentProposed { domain::CompanyName legal_name; PersonName new_owner; Time lapses_at; };
struct OwnerReassignmentDropped { domain::CompanyName legal_name; };
/// To the person and to all operators, as the further ones about staff roles and erasures.
struct StaffRoleChangeProposed {
  PersonName person;
  domain::RoleChange change{};
  Bilingual role;
  Time lapses_at;
};
struct StaffRoleChanged { PersonName person; domain::RoleChange change{}; Bilingual role; };
struct StaffRoleChangeDropped { PersonName person; };
struct ErasureProposed { PersonName person; Time lapses_at; };
struct ErasureDropped { PersonName person; };
/// A new address that the programme accepted; and one that was confirmed.
struct MailingAddressToConfirm { domain::CompanyName legal_name; domain::MailingAddress address; };
struct MailingAddressReplaced { domain::CompanyName legal_name; domain::MailingAddress address; };

struct OwnershipOffered { domain::CompanyName legal_name; PersonName from; Time expires_at; };
struct OwnershipOfferWithdrawn { domain::CompanyName legal_name; };
struct OwnershipOfferDeclined { domain::CompanyName legal_name; };
struct OwnershipOfferLapsed { domain::CompanyName legal_name; };
struct OwnershipTransferred {
  domain::CompanyName legal_name;
  PersonName owner;
  Time transferred_at;
  TransferReader reader{};
};

struct MemberAdded { domain::CompanyName legal_name; domain::Role role{}; };
struct MemberRemoved { domain::CompanyName legal_name; };
struct MemberRoleChanged { domain::CompanyName legal_name; domain::Role role{}; };
struct MemberSuspended { domain::CompanyName legal_name; };
struct MemberReinstated { domain::CompanyName legal_name; };
struct MemberReactivated { domain::CompanyName legal_name; };

/// Sent to the old address and to the new one.
struct CredentialChanged { CredentialPart part{}; Time changed_at; };
/// So many attempts on a secret in a row failed.
struct AttemptsFailed { std::uint32_t attempts = 0; Time failed_at; };
/// For devices that have not signed in before; or for one that has.
struct CredentialLocked { Time locked_at; bool is_of_known_device = false; };
/// By the service desk.
struct SessionsEnded { Time ended_at; domain::Remark reason; };
struct CredentialUnlocked { Time unlocked_at; };
// Also sent to an address that was the person's a short while ago.
struct RecoveryProposed { domain::CompanyName legal_name; Time lapses_at; };
struct RecoveryPermitted { domain::CompanyName legal_name; Time expires_at; };
struct RecoveryEnded { RecoveryEnd end{}; };
struct Recovered { Time recovered_at; };

struct MembershipChanged {
  domain::CompanyName legal_name;
  Bilingual status;
  std::optional<domain::Remark> remark;
};
struct SubmissionReceived { domain::CompanyName legal_name; Time received_at; };
struct SubmissionReturned { domain::CompanyName legal_name; domain::Remark remarks; };
struct InformalReviewAnswered { domain::CompanyName legal_name; domain::Remark answer; };
struct AppealAnswered { domain::CompanyName legal_name; domain::Remark answer; };
struct AnnualConfirmationDue { domain::CompanyName legal_name; Time due_at; };
struct RevalidationAnnounced { domain::CompanyName legal_name; Time due_at; };
// clang-format on

/// Subject and text for a reader of `language`.
Rendered render(const UrnIssued& mail, Language language);
Rendered render(const OneTimeCode& mail, Language language);
Rendered render(const EmailConfirmationCode& mail, Language language);
Rendered render(const EmailChangeCode& mail, Language language);
Rendered render(const RegistrationCode& mail, Language language);
Rendered render(const AddressAlreadyRegistered& mail, Language language);
Rendered render(const UserNameReminder& mail, Language language);
Rendered render(const NoUserName& mail, Language language);
Rendered render(const NoUserNameButPartner& mail, Language language);
Rendered render(const UrnExpiryReminder& mail, Language language);
Rendered render(const UrnExpired& mail, Language language);
Rendered render(const OwnerWarnedOfUserUrn& mail, Language language);
Rendered render(const ActivationCodeExpiring& mail, Language language);
Rendered render(const ActivationCodeExpired& mail, Language language);
Rendered render(const LetterPosted& mail, Language language);
Rendered render(const ActivationCodeVoided& mail, Language language);
Rendered render(const LetterNumberCorrected& mail, Language language);
Rendered render(const LetterArrivalDue& mail, Language language);
Rendered render(const LetterReturned& mail, Language language);
Rendered render(const LetterCaseResolved& mail, Language language);
Rendered render(const EnrolmentEnded& mail, Language language);
Rendered render(const EnrolmentReleaseProposed& mail, Language language);
Rendered render(const EnrolmentReleaseDropped& mail, Language language);
Rendered render(const OwnerReassignmentProposed& mail, Language language);
Rendered render(const OwnerReassignmentDropped& mail, Language language);
Rendered render(const StaffRoleChangeProposed& mail, Language language);
Rendered render(const StaffRoleChanged& mail, Language language);
Rendered render(const StaffRoleChangeDropped& mail, Language language);
Rendered render(const ErasureProposed& mail, Language language);
Rendered render(const ErasureDropped& mail, Language language);
Rendered render(const MailingAddressToConfirm& mail, Language language);
Rendered render(const MailingAddressReplaced& mail, Language language);
Rendered render(const OwnershipOffered& mail, Language language);
Rendered render(const OwnershipOfferWithdrawn& mail, Language language);
Rendered render(const OwnershipOfferDeclined& mail, Language language);
Rendered render(const OwnershipOfferLapsed& mail, Language language);
Rendered render(const OwnershipTransferred& mail, Language language);
Rendered render(const MemberAdded& mail, Language language);
Rendered render(const MemberRemoved& mail, Language language);
Rendered render(const MemberRoleChanged& mail, Language language);
Rendered render(const MemberSuspended& mail, Language language);
Rendered render(const MemberReinstated& mail, Language language);
Rendered render(const MemberReactivated& mail, Language language);
Rendered render(const CredentialChanged& mail, Language language);
Rendered render(const AttemptsFailed& mail, Language language);
Rendered render(const CredentialLocked& mail, Language language);
Rendered render(const CredentialUnlocked& mail, Language language);
Rendered render(const SessionsEnded& mail, Language language);
Rendered render(const RecoveryProposed& mail, Language language);
Rendered render(const RecoveryPermitted& mail, Language language);
Rendered render(const RecoveryEnded& mail, Language language);
Rendered render(const Recovered& mail, Language language);
Rendered render(const MembershipChanged& mail, Language language);
Rendered render(const SubmissionReceived& mail, Language language);
Rendered render(const SubmissionReturned& mail, Language language);
Rendered render(const InformalReviewAnswered& mail, Language language);
Rendered render(const AppealAnswered& mail, Language language);
Rendered render(const AnnualConfirmationDue& mail, Language language);
Rendered render(const RevalidationAnnounced& mail, Language language);

}  // namespace mails
}  // namespace ttp::delivery
