// The registry: one row per event. It is the only place that defines stored names, schema versions and
// fields. They are stored in every log: never rename, renumber or reuse a name or a field; add a version
// instead.
#pragma once

#include <array>
#include <cstddef>
#include <string_view>
#include <type_traits>
#include <utility>

#include "events/event.hpp"
#include "events/fields.hpp"

namespace ttp::events {

/// The row of an event.
template <class E>
inline constexpr auto row_of = false;

// clang-format off
// ---- user -------------------------------------------------------------------------------------------------

template <> inline constexpr auto row_of<domain::CredentialRegistered> = row<domain::CredentialRegistered>(
    "user.credential_registered", 2, &domain::CredentialRegistered::user,
    field("user", &domain::CredentialRegistered::user),
    field("kind", &domain::CredentialRegistered::kind),
    field("credential_version", &domain::CredentialRegistered::credential_version),
    field("verifier", &domain::CredentialRegistered::verifier),
    field("language", &domain::CredentialRegistered::language),
    personal("user_name", &domain::CredentialRegistered::user_name),
    personal("issuer", &domain::CredentialRegistered::issuer),
    personal("subject", &domain::CredentialRegistered::subject),
    personal("family_name", &domain::CredentialRegistered::family_name),
    personal("given_names", &domain::CredentialRegistered::given_names),
    personal("email", &domain::CredentialRegistered::email),
    personal("telephone", &domain::CredentialRegistered::telephone));
template <> inline constexpr auto row_of<domain::UrnIssued> = row<domain::UrnIssued>(
    "user.urn_issued", 1, &domain::UrnIssued::user,
    field("user", &domain::UrnIssued::user),
    field("generation", &domain::UrnIssued::generation),
    field("issued_at", &domain::UrnIssued::issued_at),
    field("issued_by", &domain::UrnIssued::issued_by),
    personal("reason", &domain::UrnIssued::reason),
    personal("urn", &domain::UrnIssued::urn));
template <> inline constexpr auto row_of<domain::SignInStarted> = row<domain::SignInStarted>(
    "user.sign_in_started", 2, &domain::SignInStarted::user,
    field("user", &domain::SignInStarted::user),
    field("sign_in", &domain::SignInStarted::sign_in),
    field("started_at", &domain::SignInStarted::started_at),
    field("expires_at", &domain::SignInStarted::expires_at),
    field("device", &domain::SignInStarted::device));
template <> inline constexpr auto row_of<domain::CredentialRejected> = row<domain::CredentialRejected>(
    "user.credential_rejected", 2, &domain::CredentialRejected::user,
    field("user", &domain::CredentialRejected::user),
    field("consecutive_failures", &domain::CredentialRejected::consecutive_failures),
    field("at", &domain::CredentialRejected::at),
    field("device", &domain::CredentialRejected::device));
template <> inline constexpr auto row_of<domain::MailFactorEnrolled> = row<domain::MailFactorEnrolled>(
    "user.mail_factor_enrolled", 1, &domain::MailFactorEnrolled::user,
    field("user", &domain::MailFactorEnrolled::user),
    field("sign_in", &domain::MailFactorEnrolled::sign_in),
    field("terms_version", &domain::MailFactorEnrolled::terms_version));
template <> inline constexpr auto row_of<domain::OneTimeCodeIssued> = row<domain::OneTimeCodeIssued>(
    "user.one_time_code_issued", 1, &domain::OneTimeCodeIssued::user,
    field("user", &domain::OneTimeCodeIssued::user),
    field("sign_in", &domain::OneTimeCodeIssued::sign_in),
    field("code", &domain::OneTimeCodeIssued::code),
    field("issued_at", &domain::OneTimeCodeIssued::issued_at),
    field("expires_at", &domain::OneTimeCodeIssued::expires_at));
template <> inline constexpr auto row_of<domain::OneTimeCodeRejected> = row<domain::OneTimeCodeRejected>(
    "user.one_time_code_rejected", 1, &domain::OneTimeCodeRejected::user,
    field("user", &domain::OneTimeCodeRejected::user),
    field("sign_in", &domain::OneTimeCodeRejected::sign_in),
    field("code", &domain::OneTimeCodeRejected::code),
    field("consecutive_failures", &domain::OneTimeCodeRejected::consecutive_failures),
    field("at", &domain::OneTimeCodeRejected::at));
template <> inline constexpr auto row_of<domain::OneTimeCodeAccepted> = row<domain::OneTimeCodeAccepted>(
    "user.one_time_code_accepted", 1, &domain::OneTimeCodeAccepted::user,
    field("user", &domain::OneTimeCodeAccepted::user),
    field("sign_in", &domain::OneTimeCodeAccepted::sign_in),
    field("code", &domain::OneTimeCodeAccepted::code));
template <> inline constexpr auto row_of<domain::PortalTermsAccepted> = row<domain::PortalTermsAccepted>(
    "user.portal_terms_accepted", 1, &domain::PortalTermsAccepted::user,
    field("user", &domain::PortalTermsAccepted::user),
    field("sign_in", &domain::PortalTermsAccepted::sign_in),
    field("terms_version", &domain::PortalTermsAccepted::terms_version));
template <> inline constexpr auto row_of<domain::SessionOpened> = row<domain::SessionOpened>(
    "user.session_opened", 2, &domain::SessionOpened::user,
    field("user", &domain::SessionOpened::user),
    field("sign_in", &domain::SessionOpened::sign_in),
    field("session", &domain::SessionOpened::session),
    field("opened_at", &domain::SessionOpened::opened_at),
    field("expires_at", &domain::SessionOpened::expires_at),
    field("device", &domain::SessionOpened::device),
    personal("opened_from", &domain::SessionOpened::opened_from));
template <> inline constexpr auto row_of<domain::SessionClosed> = row<domain::SessionClosed>(
    "user.session_closed", 1, &domain::SessionClosed::user,
    field("user", &domain::SessionClosed::user),
    field("session", &domain::SessionClosed::session),
    field("cause", &domain::SessionClosed::cause));
template <> inline constexpr auto row_of<domain::SessionsEnded> = row<domain::SessionsEnded>(
    "user.sessions_ended", 1, &domain::SessionsEnded::user,
    field("user", &domain::SessionsEnded::user),
    field("officer", &domain::SessionsEnded::officer),
    field("session", &domain::SessionsEnded::session),
    personal("reason", &domain::SessionsEnded::reason),
    field("ended_at", &domain::SessionsEnded::ended_at));
template <> inline constexpr auto row_of<domain::DeviceForgotten> = row<domain::DeviceForgotten>(
    "user.device_forgotten", 1, &domain::DeviceForgotten::user,
    field("user", &domain::DeviceForgotten::user),
    field("device", &domain::DeviceForgotten::device),
    field("forgotten_at", &domain::DeviceForgotten::forgotten_at));
template <> inline constexpr auto row_of<domain::CredentialLocked> = row<domain::CredentialLocked>(
    "user.credential_locked", 2, &domain::CredentialLocked::user,
    field("user", &domain::CredentialLocked::user),
    field("consecutive_failures", &domain::CredentialLocked::consecutive_failures),
    field("device", &domain::CredentialLocked::device));
template <> inline constexpr auto row_of<domain::CredentialUnlocked> = row<domain::CredentialUnlocked>(
    "user.credential_unlocked", 2, &domain::CredentialUnlocked::user,
    field("user", &domain::CredentialUnlocked::user),
    field("unlocked_by", &domain::CredentialUnlocked::unlocked_by),
    personal("reason", &domain::CredentialUnlocked::reason));
template <> inline constexpr auto row_of<domain::ContactDetailsChanged> = row<domain::ContactDetailsChanged>(
    "user.contact_details_changed", 1, &domain::ContactDetailsChanged::user,
    field("user", &domain::ContactDetailsChanged::user),
    field("language", &domain::ContactDetailsChanged::language),
    personal("family_name", &domain::ContactDetailsChanged::family_name),
    personal("given_names", &domain::ContactDetailsChanged::given_names),
    personal("telephone", &domain::ContactDetailsChanged::telephone));
template <> inline constexpr auto row_of<domain::EmailChangeRequested> = row<domain::EmailChangeRequested>(
    "user.email_change_requested", 1, &domain::EmailChangeRequested::user,
    field("user", &domain::EmailChangeRequested::user),
    field("code", &domain::EmailChangeRequested::code),
    field("requested_at", &domain::EmailChangeRequested::requested_at),
    field("expires_at", &domain::EmailChangeRequested::expires_at),
    personal("email", &domain::EmailChangeRequested::email));
template <> inline constexpr auto row_of<domain::EmailChangeRejected> = row<domain::EmailChangeRejected>(
    "user.email_change_rejected", 2, &domain::EmailChangeRejected::user,
    field("user", &domain::EmailChangeRejected::user),
    field("code", &domain::EmailChangeRejected::code),
    field("consecutive_failures", &domain::EmailChangeRejected::consecutive_failures),
    field("at", &domain::EmailChangeRejected::at),
    field("device", &domain::EmailChangeRejected::device));
template <> inline constexpr auto row_of<domain::EmailChanged> = row<domain::EmailChanged>(
    "user.email_changed", 2, &domain::EmailChanged::user,
    field("user", &domain::EmailChanged::user),
    personal("email", &domain::EmailChanged::email),
    personal("previous_email", &domain::EmailChanged::previous_email),
    field("changed_at", &domain::EmailChanged::changed_at),
    field("device", &domain::EmailChanged::device));
template <> inline constexpr auto row_of<domain::CurrentPasswordRejected> = row<domain::CurrentPasswordRejected>(
    "user.current_password_rejected", 2, &domain::CurrentPasswordRejected::user,
    field("user", &domain::CurrentPasswordRejected::user),
    field("consecutive_failures", &domain::CurrentPasswordRejected::consecutive_failures),
    field("at", &domain::CurrentPasswordRejected::at),
    field("device", &domain::CurrentPasswordRejected::device));
template <> inline constexpr auto row_of<domain::PasswordChanged> = row<domain::PasswordChanged>(
    "user.password_changed", 3, &domain::PasswordChanged::user,
    field("user", &domain::PasswordChanged::user),
    field("credential_version", &domain::PasswordChanged::credential_version),
    field("verifier", &domain::PasswordChanged::verifier),
    field("changed_at", &domain::PasswordChanged::changed_at),
    field("device", &domain::PasswordChanged::device));
template <> inline constexpr auto row_of<domain::StaffRoleGranted> = row<domain::StaffRoleGranted>(
    "user.staff_role_granted", 2, &domain::StaffRoleGranted::user,
    field("user", &domain::StaffRoleGranted::user),
    field("role", &domain::StaffRoleGranted::role),
    field("granted_by", &domain::StaffRoleGranted::granted_by),
    field("approved_by", &domain::StaffRoleGranted::approved_by),
    personal("reason", &domain::StaffRoleGranted::reason),
    field("granted_at", &domain::StaffRoleGranted::granted_at));
template <> inline constexpr auto row_of<domain::StaffRoleRevoked> = row<domain::StaffRoleRevoked>(
    "user.staff_role_revoked", 2, &domain::StaffRoleRevoked::user,
    field("user", &domain::StaffRoleRevoked::user),
    field("role", &domain::StaffRoleRevoked::role),
    field("revoked_by", &domain::StaffRoleRevoked::revoked_by),
    field("approved_by", &domain::StaffRoleRevoked::approved_by),
    personal("reason", &domain::StaffRoleRevoked::reason));
template <> inline constexpr auto row_of<domain::StaffRoleChangeProposed> = row<domain::StaffRoleChangeProposed>(
    "user.staff_role_change_proposed", 1, &domain::StaffRoleChangeProposed::user,
    field("user", &domain::StaffRoleChangeProposed::user),
    field("proposal", &domain::StaffRoleChangeProposed::proposal),
    field("change", &domain::StaffRoleChangeProposed::change),
    field("role", &domain::StaffRoleChangeProposed::role),
    field("officer", &domain::StaffRoleChangeProposed::officer),
    personal("reason", &domain::StaffRoleChangeProposed::reason),
    field("proposed_at", &domain::StaffRoleChangeProposed::proposed_at));
template <> inline constexpr auto row_of<domain::StaffRoleChangeWithdrawn> = row<domain::StaffRoleChangeWithdrawn>(
    "user.staff_role_change_withdrawn", 1, &domain::StaffRoleChangeWithdrawn::user,
    field("user", &domain::StaffRoleChangeWithdrawn::user),
    field("proposal", &domain::StaffRoleChangeWithdrawn::proposal),
    field("officer", &domain::StaffRoleChangeWithdrawn::officer),
    personal("reason", &domain::StaffRoleChangeWithdrawn::reason));
template <> inline constexpr auto row_of<domain::StaffRoleChangeLapsed> = row<domain::StaffRoleChangeLapsed>(
    "user.staff_role_change_lapsed", 1, &domain::StaffRoleChangeLapsed::user,
    field("user", &domain::StaffRoleChangeLapsed::user),
    field("proposal", &domain::StaffRoleChangeLapsed::proposal),
    field("lapsed_at", &domain::StaffRoleChangeLapsed::lapsed_at));
template <> inline constexpr auto row_of<domain::ActivationMismatched> = row<domain::ActivationMismatched>(
    "user.activation_mismatched", 1, &domain::ActivationMismatched::user,
    field("user", &domain::ActivationMismatched::user),
    field("at", &domain::ActivationMismatched::at));
template <> inline constexpr auto row_of<domain::UrnExpiryReminded> = row<domain::UrnExpiryReminded>(
    "user.urn_expiry_reminded", 1, &domain::UrnExpiryReminded::user,
    field("user", &domain::UrnExpiryReminded::user),
    field("kind", &domain::UrnExpiryReminded::kind),
    field("due_at", &domain::UrnExpiryReminded::due_at),
    field("expires_at", &domain::UrnExpiryReminded::expires_at));
template <> inline constexpr auto row_of<domain::ErasureProposed> = row<domain::ErasureProposed>(
    "user.erasure_proposed", 1, &domain::ErasureProposed::user,
    field("user", &domain::ErasureProposed::user),
    field("proposal", &domain::ErasureProposed::proposal),
    field("officer", &domain::ErasureProposed::officer),
    field("ground", &domain::ErasureProposed::ground),
    personal("reason", &domain::ErasureProposed::reason),
    field("proposed_at", &domain::ErasureProposed::proposed_at));
template <> inline constexpr auto row_of<domain::ErasureWithdrawn> = row<domain::ErasureWithdrawn>(
    "user.erasure_withdrawn", 1, &domain::ErasureWithdrawn::user,
    field("user", &domain::ErasureWithdrawn::user),
    field("proposal", &domain::ErasureWithdrawn::proposal),
    field("officer", &domain::ErasureWithdrawn::officer),
    personal("reason", &domain::ErasureWithdrawn::reason));
template <> inline constexpr auto row_of<domain::ErasureLapsed> = row<domain::ErasureLapsed>(
    "user.erasure_lapsed", 1, &domain::ErasureLapsed::user,
    field("user", &domain::ErasureLapsed::user),
    field("proposal", &domain::ErasureLapsed::proposal),
    field("lapsed_at", &domain::ErasureLapsed::lapsed_at));
template <> inline constexpr auto row_of<domain::UserErased> = row<domain::UserErased>(
    "user.erased", 1, &domain::UserErased::user,
    field("user", &domain::UserErased::user),
    field("proposal", &domain::UserErased::proposal),
    field("ground", &domain::UserErased::ground),
    field("proposed_by", &domain::UserErased::proposed_by),
    field("approved_by", &domain::UserErased::approved_by),
    field("erased_at", &domain::UserErased::erased_at));
template <> inline constexpr auto row_of<domain::PersonalDataViewed> = row<domain::PersonalDataViewed>(
    "user.personal_data_viewed", 2, &domain::PersonalDataViewed::user,
    field("user", &domain::PersonalDataViewed::user),
    field("look", &domain::PersonalDataViewed::look),
    field("of_user", &domain::PersonalDataViewed::of_user),
    field("of_account", &domain::PersonalDataViewed::of_account),
    field("viewed_at", &domain::PersonalDataViewed::viewed_at),
    field("of_letter", &domain::PersonalDataViewed::of_letter));
template <> inline constexpr auto row_of<domain::OperationPerformed> = row<domain::OperationPerformed>(
    "user.operation_performed", 1, &domain::OperationPerformed::user,
    field("user", &domain::OperationPerformed::user),
    field("operation", &domain::OperationPerformed::operation),
    field("subject", &domain::OperationPerformed::subject),
    field("generation", &domain::OperationPerformed::generation),
    field("performed_at", &domain::OperationPerformed::performed_at));
template <> inline constexpr auto row_of<domain::MailNotDelivered> = row<domain::MailNotDelivered>(
    "user.mail_not_delivered", 1, &domain::MailNotDelivered::user,
    field("user", &domain::MailNotDelivered::user),
    field("mail_key", &domain::MailNotDelivered::mail_key),
    field("fate", &domain::MailNotDelivered::fate),
    field("is_lasting", &domain::MailNotDelivered::is_lasting),
    field("is_about_mailbox", &domain::MailNotDelivered::is_about_mailbox),
    field("status", &domain::MailNotDelivered::status),
    field("at", &domain::MailNotDelivered::at));
template <> inline constexpr auto row_of<domain::MailResendRequested> = row<domain::MailResendRequested>(
    "user.mail_resend_requested", 1, &domain::MailResendRequested::user,
    field("user", &domain::MailResendRequested::user),
    field("mail_key", &domain::MailResendRequested::mail_key),
    field("requested_by", &domain::MailResendRequested::requested_by),
    field("requested_at", &domain::MailResendRequested::requested_at));
template <> inline constexpr auto row_of<domain::UrnExpired> = row<domain::UrnExpired>(
    "user.urn_expired", 1, &domain::UrnExpired::user,
    field("user", &domain::UrnExpired::user),
    field("generation", &domain::UrnExpired::generation),
    field("expired_at", &domain::UrnExpired::expired_at));
template <> inline constexpr auto row_of<domain::NotificationsRead> = row<domain::NotificationsRead>(
    "user.notifications_read", 1, &domain::NotificationsRead::user,
    field("user", &domain::NotificationsRead::user),
    field("account", &domain::NotificationsRead::account),
    field("position", &domain::NotificationsRead::position),
    field("read_at", &domain::NotificationsRead::read_at));
template <> inline constexpr auto row_of<domain::RecoveryProposed> = row<domain::RecoveryProposed>(
    "user.recovery_proposed", 1, &domain::RecoveryProposed::user,
    field("user", &domain::RecoveryProposed::user),
    field("proposal", &domain::RecoveryProposed::proposal),
    field("account", &domain::RecoveryProposed::account),
    field("officer", &domain::RecoveryProposed::officer),
    personal("reason", &domain::RecoveryProposed::reason),
    field("proposed_at", &domain::RecoveryProposed::proposed_at));
template <> inline constexpr auto row_of<domain::RecoveryPermitted> = row<domain::RecoveryPermitted>(
    "user.recovery_permitted", 1, &domain::RecoveryPermitted::user,
    field("user", &domain::RecoveryPermitted::user),
    field("proposal", &domain::RecoveryPermitted::proposal),
    field("account", &domain::RecoveryPermitted::account),
    field("code", &domain::RecoveryPermitted::code),
    field("letter", &domain::RecoveryPermitted::letter),
    field("officer", &domain::RecoveryPermitted::officer),
    field("approved_by", &domain::RecoveryPermitted::approved_by),
    personal("reason", &domain::RecoveryPermitted::reason),
    field("permitted_at", &domain::RecoveryPermitted::permitted_at),
    field("expires_at", &domain::RecoveryPermitted::expires_at));
template <> inline constexpr auto row_of<domain::RecoveryPermitRejected> = row<domain::RecoveryPermitRejected>(
    "user.recovery_permit_rejected", 1, &domain::RecoveryPermitRejected::user,
    field("user", &domain::RecoveryPermitRejected::user),
    field("proposal", &domain::RecoveryPermitRejected::proposal),
    field("tries", &domain::RecoveryPermitRejected::tries),
    field("at", &domain::RecoveryPermitRejected::at));
template <> inline constexpr auto row_of<domain::RecoveryEnded> = row<domain::RecoveryEnded>(
    "user.recovery_ended", 1, &domain::RecoveryEnded::user,
    field("user", &domain::RecoveryEnded::user),
    field("proposal", &domain::RecoveryEnded::proposal),
    field("cause", &domain::RecoveryEnded::cause),
    field("by", &domain::RecoveryEnded::by),
    personal("reason", &domain::RecoveryEnded::reason),
    field("ended_at", &domain::RecoveryEnded::ended_at));
template <> inline constexpr auto row_of<domain::UserRecovered> = row<domain::UserRecovered>(
    "user.recovered", 1, &domain::UserRecovered::user,
    field("user", &domain::UserRecovered::user),
    field("proposal", &domain::UserRecovered::proposal),
    field("credential_version", &domain::UserRecovered::credential_version),
    field("verifier", &domain::UserRecovered::verifier),
    personal("email", &domain::UserRecovered::email),
    personal("previous_email", &domain::UserRecovered::previous_email),
    field("recovered_at", &domain::UserRecovered::recovered_at));
// ---- account ----------------------------------------------------------------------------------------------

template <> inline constexpr auto row_of<domain::EligibilityRefused> = row<domain::EligibilityRefused>(
    "account.eligibility_refused", 1, &domain::EligibilityRefused::account,
    field("account", &domain::EligibilityRefused::account),
    field("by", &domain::EligibilityRefused::by),
    field("eligibility_version", &domain::EligibilityRefused::eligibility_version),
    field("failed_rules", &domain::EligibilityRefused::failed_rules),
    personal("eligibility", &domain::EligibilityRefused::eligibility),
    personal("business_number", &domain::EligibilityRefused::business_number),
    personal("legal_name", &domain::EligibilityRefused::legal_name));
template <> inline constexpr auto row_of<domain::CompanyEnrolled> = row<domain::CompanyEnrolled>(
    "account.company_enrolled", 2, &domain::CompanyEnrolled::account,
    field("account", &domain::CompanyEnrolled::account),
    field("owner", &domain::CompanyEnrolled::owner),
    field("owner_generation", &domain::CompanyEnrolled::owner_generation),
    field("enrolled_at", &domain::CompanyEnrolled::enrolled_at),
    field("eligibility_version", &domain::CompanyEnrolled::eligibility_version),
    personal("eligibility", &domain::CompanyEnrolled::eligibility),
    personal("business_number", &domain::CompanyEnrolled::business_number),
    personal("legal_name", &domain::CompanyEnrolled::legal_name),
    personal("operating_names", &domain::CompanyEnrolled::operating_names),
    personal("mailing_address", &domain::CompanyEnrolled::mailing_address),
    field("attested_words", &domain::CompanyEnrolled::attested_words));
template <> inline constexpr auto row_of<domain::MailingAddressChanged> = row<domain::MailingAddressChanged>(
    "account.mailing_address_changed", 1, &domain::MailingAddressChanged::account,
    field("account", &domain::MailingAddressChanged::account),
    field("by", &domain::MailingAddressChanged::by),
    personal("mailing_address", &domain::MailingAddressChanged::mailing_address));
template <> inline constexpr auto row_of<domain::MailingAddressConfirmed> = row<domain::MailingAddressConfirmed>(
    "account.mailing_address_confirmed", 1, &domain::MailingAddressConfirmed::account,
    field("account", &domain::MailingAddressConfirmed::account),
    field("by", &domain::MailingAddressConfirmed::by));
template <> inline constexpr auto row_of<domain::CompanyDataAccepted> = row<domain::CompanyDataAccepted>(
    "account.company_data_accepted", 1, &domain::CompanyDataAccepted::account,
    field("account", &domain::CompanyDataAccepted::account),
    field("submission", &domain::CompanyDataAccepted::submission),
    field("officer", &domain::CompanyDataAccepted::officer),
    personal("company", &domain::CompanyDataAccepted::company));
template <> inline constexpr auto row_of<domain::MailingAddressReplaced> = row<domain::MailingAddressReplaced>(
    "account.mailing_address_replaced", 1, &domain::MailingAddressReplaced::account,
    field("account", &domain::MailingAddressReplaced::account),
    field("by", &domain::MailingAddressReplaced::by),
    personal("mailing_address", &domain::MailingAddressReplaced::mailing_address));
template <> inline constexpr auto row_of<domain::ClientNumberAssigned> = row<domain::ClientNumberAssigned>(
    "account.client_number_assigned", 1, &domain::ClientNumberAssigned::account,
    field("account", &domain::ClientNumberAssigned::account),
    personal("client_number", &domain::ClientNumberAssigned::client_number));
template <> inline constexpr auto row_of<domain::ActivationCodeIssued> = row<domain::ActivationCodeIssued>(
    "account.activation_code_issued", 1, &domain::ActivationCodeIssued::account,
    field("account", &domain::ActivationCodeIssued::account),
    field("code", &domain::ActivationCodeIssued::code),
    field("issued_at", &domain::ActivationCodeIssued::issued_at),
    field("expires_at", &domain::ActivationCodeIssued::expires_at),
    field("requested_by", &domain::ActivationCodeIssued::requested_by));
template <> inline constexpr auto row_of<domain::ActivationCodeVoided> = row<domain::ActivationCodeVoided>(
    "account.activation_code_voided", 2, &domain::ActivationCodeVoided::account,
    field("account", &domain::ActivationCodeVoided::account),
    field("code", &domain::ActivationCodeVoided::code),
    field("cause", &domain::ActivationCodeVoided::cause),
    field("voided_at", &domain::ActivationCodeVoided::voided_at));
template <> inline constexpr auto row_of<domain::ActivationCodeExpiring> = row<domain::ActivationCodeExpiring>(
    "account.activation_code_expiring", 1, &domain::ActivationCodeExpiring::account,
    field("account", &domain::ActivationCodeExpiring::account),
    field("code", &domain::ActivationCodeExpiring::code),
    field("expires_at", &domain::ActivationCodeExpiring::expires_at));
template <> inline constexpr auto row_of<domain::ActivationCodeExpired> = row<domain::ActivationCodeExpired>(
    "account.activation_code_expired", 1, &domain::ActivationCodeExpired::account,
    field("account", &domain::ActivationCodeExpired::account),
    field("code", &domain::ActivationCodeExpired::code),
    field("expired_at", &domain::ActivationCodeExpired::expired_at));
template <> inline constexpr auto row_of<domain::ActivationCodeRejected> = row<domain::ActivationCodeRejected>(
    "account.activation_code_rejected", 1, &domain::ActivationCodeRejected::account,
    field("account", &domain::ActivationCodeRejected::account),
    field("code", &domain::ActivationCodeRejected::code),
    field("by", &domain::ActivationCodeRejected::by),
    field("fault", &domain::ActivationCodeRejected::fault),
    field("tries", &domain::ActivationCodeRejected::tries),
    field("at", &domain::ActivationCodeRejected::at));
template <> inline constexpr auto row_of<domain::LetterOrdered> = row<domain::LetterOrdered>(
    "account.letter_ordered", 2, &domain::LetterOrdered::account,
    field("account", &domain::LetterOrdered::account),
    field("letter", &domain::LetterOrdered::letter),
    field("kind", &domain::LetterOrdered::kind),
    field("code", &domain::LetterOrdered::code),
    field("ordered_at", &domain::LetterOrdered::ordered_at),
    field("due_at", &domain::LetterOrdered::due_at),
    field("requested_by", &domain::LetterOrdered::requested_by),
    field("recipient", &domain::LetterOrdered::recipient));
template <> inline constexpr auto row_of<domain::LetterCancelled> = row<domain::LetterCancelled>(
    "account.letter_cancelled", 1, &domain::LetterCancelled::account,
    field("account", &domain::LetterCancelled::account),
    field("letter", &domain::LetterCancelled::letter));
template <> inline constexpr auto row_of<domain::LetterPrinted> = row<domain::LetterPrinted>(
    "account.letter_printed", 1, &domain::LetterPrinted::account,
    field("account", &domain::LetterPrinted::account),
    field("letter", &domain::LetterPrinted::letter),
    field("by", &domain::LetterPrinted::by),
    field("printed_at", &domain::LetterPrinted::printed_at));
template <> inline constexpr auto row_of<domain::LetterPosted> = row<domain::LetterPosted>(
    "account.letter_posted", 1, &domain::LetterPosted::account,
    field("account", &domain::LetterPosted::account),
    field("letter", &domain::LetterPosted::letter),
    field("by", &domain::LetterPosted::by),
    field("registered_mail_number", &domain::LetterPosted::registered_mail_number),
    field("posted_at", &domain::LetterPosted::posted_at));
template <> inline constexpr auto row_of<domain::RegisteredMailNumberCorrected> = row<domain::RegisteredMailNumberCorrected>(
    "account.registered_mail_number_corrected", 1, &domain::RegisteredMailNumberCorrected::account,
    field("account", &domain::RegisteredMailNumberCorrected::account),
    field("letter", &domain::RegisteredMailNumberCorrected::letter),
    field("by", &domain::RegisteredMailNumberCorrected::by),
    field("registered_mail_number", &domain::RegisteredMailNumberCorrected::registered_mail_number),
    personal("reason", &domain::RegisteredMailNumberCorrected::reason),
    field("corrected_at", &domain::RegisteredMailNumberCorrected::corrected_at));
template <> inline constexpr auto row_of<domain::LetterArrivalDue> = row<domain::LetterArrivalDue>(
    "account.letter_arrival_due", 1, &domain::LetterArrivalDue::account,
    field("account", &domain::LetterArrivalDue::account),
    field("letter", &domain::LetterArrivalDue::letter),
    field("due_at", &domain::LetterArrivalDue::due_at));
template <> inline constexpr auto row_of<domain::LetterArrived> = row<domain::LetterArrived>(
    "account.letter_arrived", 1, &domain::LetterArrived::account,
    field("account", &domain::LetterArrived::account),
    field("letter", &domain::LetterArrived::letter),
    field("by", &domain::LetterArrived::by),
    field("arrived_at", &domain::LetterArrived::arrived_at));
template <> inline constexpr auto row_of<domain::LetterReturned> = row<domain::LetterReturned>(
    "account.letter_returned", 1, &domain::LetterReturned::account,
    field("account", &domain::LetterReturned::account),
    field("letter", &domain::LetterReturned::letter),
    field("by", &domain::LetterReturned::by),
    personal("reason", &domain::LetterReturned::reason));
template <> inline constexpr auto row_of<domain::LetterOverdue> = row<domain::LetterOverdue>(
    "account.letter_overdue", 1, &domain::LetterOverdue::account,
    field("account", &domain::LetterOverdue::account),
    field("letter", &domain::LetterOverdue::letter),
    field("due_at", &domain::LetterOverdue::due_at));
template <> inline constexpr auto row_of<domain::LetterCaseOpened> = row<domain::LetterCaseOpened>(
    "account.letter_case_opened", 1, &domain::LetterCaseOpened::account,
    field("account", &domain::LetterCaseOpened::account),
    field("case_id", &domain::LetterCaseOpened::case_id),
    field("letter", &domain::LetterCaseOpened::letter),
    field("by", &domain::LetterCaseOpened::by),
    field("opened_at", &domain::LetterCaseOpened::opened_at));
template <> inline constexpr auto row_of<domain::LetterCaseResolved> = row<domain::LetterCaseResolved>(
    "account.letter_case_resolved", 2, &domain::LetterCaseResolved::account,
    field("account", &domain::LetterCaseResolved::account),
    field("case_id", &domain::LetterCaseResolved::case_id),
    field("resolution", &domain::LetterCaseResolved::resolution),
    field("by", &domain::LetterCaseResolved::by),
    personal("reason", &domain::LetterCaseResolved::reason),
    field("resolved_at", &domain::LetterCaseResolved::resolved_at));
template <> inline constexpr auto row_of<domain::EnrolmentWithdrawn> = row<domain::EnrolmentWithdrawn>(
    "account.enrolment_withdrawn", 1, &domain::EnrolmentWithdrawn::account,
    field("account", &domain::EnrolmentWithdrawn::account),
    field("owner", &domain::EnrolmentWithdrawn::owner),
    field("withdrawn_at", &domain::EnrolmentWithdrawn::withdrawn_at));
template <> inline constexpr auto row_of<domain::EnrolmentLapsed> = row<domain::EnrolmentLapsed>(
    "account.enrolment_lapsed", 1, &domain::EnrolmentLapsed::account,
    field("account", &domain::EnrolmentLapsed::account),
    field("owner", &domain::EnrolmentLapsed::owner),
    field("cause", &domain::EnrolmentLapsed::cause),
    field("lapsed_at", &domain::EnrolmentLapsed::lapsed_at));
template <> inline constexpr auto row_of<domain::EnrolmentReleaseProposed> = row<domain::EnrolmentReleaseProposed>(
    "account.enrolment_release_proposed", 1, &domain::EnrolmentReleaseProposed::account,
    field("account", &domain::EnrolmentReleaseProposed::account),
    field("proposal", &domain::EnrolmentReleaseProposed::proposal),
    field("officer", &domain::EnrolmentReleaseProposed::officer),
    personal("reason", &domain::EnrolmentReleaseProposed::reason),
    field("proposed_at", &domain::EnrolmentReleaseProposed::proposed_at));
template <> inline constexpr auto row_of<domain::EnrolmentReleaseWithdrawn> = row<domain::EnrolmentReleaseWithdrawn>(
    "account.enrolment_release_withdrawn", 1, &domain::EnrolmentReleaseWithdrawn::account,
    field("account", &domain::EnrolmentReleaseWithdrawn::account),
    field("proposal", &domain::EnrolmentReleaseWithdrawn::proposal),
    field("officer", &domain::EnrolmentReleaseWithdrawn::officer),
    personal("reason", &domain::EnrolmentReleaseWithdrawn::reason));
template <> inline constexpr auto row_of<domain::EnrolmentReleaseLapsed> = row<domain::EnrolmentReleaseLapsed>(
    "account.enrolment_release_lapsed", 1, &domain::EnrolmentReleaseLapsed::account,
    field("account", &domain::EnrolmentReleaseLapsed::account),
    field("proposal", &domain::EnrolmentReleaseLapsed::proposal),
    field("lapsed_at", &domain::EnrolmentReleaseLapsed::lapsed_at));
template <> inline constexpr auto row_of<domain::EnrolmentReleased> = row<domain::EnrolmentReleased>(
    "account.enrolment_released", 1, &domain::EnrolmentReleased::account,
    field("account", &domain::EnrolmentReleased::account),
    field("owner", &domain::EnrolmentReleased::owner),
    field("proposal", &domain::EnrolmentReleased::proposal),
    field("proposed_by", &domain::EnrolmentReleased::proposed_by),
    field("approved_by", &domain::EnrolmentReleased::approved_by),
    field("released_at", &domain::EnrolmentReleased::released_at));
template <> inline constexpr auto row_of<domain::AccountActivated> = row<domain::AccountActivated>(
    "account.account_activated", 1, &domain::AccountActivated::account,
    field("account", &domain::AccountActivated::account),
    field("by", &domain::AccountActivated::by),
    field("code", &domain::AccountActivated::code),
    field("activated_at", &domain::AccountActivated::activated_at));
template <> inline constexpr auto row_of<domain::ProgrammeTermsAccepted> = row<domain::ProgrammeTermsAccepted>(
    "account.programme_terms_accepted", 1, &domain::ProgrammeTermsAccepted::account,
    field("account", &domain::ProgrammeTermsAccepted::account),
    field("by", &domain::ProgrammeTermsAccepted::by),
    field("terms_version", &domain::ProgrammeTermsAccepted::terms_version),
    field("accepted_at", &domain::ProgrammeTermsAccepted::accepted_at));
template <> inline constexpr auto row_of<domain::MemberMatchFailed> = row<domain::MemberMatchFailed>(
    "account.member_match_failed", 1, &domain::MemberMatchFailed::account,
    field("account", &domain::MemberMatchFailed::account),
    field("by", &domain::MemberMatchFailed::by),
    field("at", &domain::MemberMatchFailed::at));
template <> inline constexpr auto row_of<domain::MemberAdded> = row<domain::MemberAdded>(
    "account.member_added", 1, &domain::MemberAdded::account,
    field("account", &domain::MemberAdded::account),
    field("user", &domain::MemberAdded::user),
    field("role", &domain::MemberAdded::role),
    field("urn_generation", &domain::MemberAdded::urn_generation),
    field("owner_generation", &domain::MemberAdded::owner_generation),
    field("by", &domain::MemberAdded::by));
template <> inline constexpr auto row_of<domain::MemberRoleChanged> = row<domain::MemberRoleChanged>(
    "account.member_role_changed", 1, &domain::MemberRoleChanged::account,
    field("account", &domain::MemberRoleChanged::account),
    field("user", &domain::MemberRoleChanged::user),
    field("role", &domain::MemberRoleChanged::role),
    field("by", &domain::MemberRoleChanged::by));
template <> inline constexpr auto row_of<domain::MemberDetailsChanged> = row<domain::MemberDetailsChanged>(
    "account.member_details_changed", 1, &domain::MemberDetailsChanged::user,
    field("account", &domain::MemberDetailsChanged::account),
    field("user", &domain::MemberDetailsChanged::user),
    field("by", &domain::MemberDetailsChanged::by),
    personal("job_title", &domain::MemberDetailsChanged::job_title),
    personal("work_telephone", &domain::MemberDetailsChanged::work_telephone),
    personal("work_email", &domain::MemberDetailsChanged::work_email));
template <> inline constexpr auto row_of<domain::MemberSuspended> = row<domain::MemberSuspended>(
    "account.member_suspended", 1, &domain::MemberSuspended::account,
    field("account", &domain::MemberSuspended::account),
    field("user", &domain::MemberSuspended::user),
    field("by", &domain::MemberSuspended::by));
template <> inline constexpr auto row_of<domain::MemberReinstated> = row<domain::MemberReinstated>(
    "account.member_reinstated", 1, &domain::MemberReinstated::account,
    field("account", &domain::MemberReinstated::account),
    field("user", &domain::MemberReinstated::user),
    field("by", &domain::MemberReinstated::by));
template <> inline constexpr auto row_of<domain::MemberReactivated> = row<domain::MemberReactivated>(
    "account.member_reactivated", 1, &domain::MemberReactivated::account,
    field("account", &domain::MemberReactivated::account),
    field("user", &domain::MemberReactivated::user),
    field("urn_generation", &domain::MemberReactivated::urn_generation),
    field("owner_generation", &domain::MemberReactivated::owner_generation),
    field("by", &domain::MemberReactivated::by));
template <> inline constexpr auto row_of<domain::MemberRemoved> = row<domain::MemberRemoved>(
    "account.member_removed", 1, &domain::MemberRemoved::account,
    field("account", &domain::MemberRemoved::account),
    field("user", &domain::MemberRemoved::user),
    field("by", &domain::MemberRemoved::by));
template <> inline constexpr auto row_of<domain::OwnershipOffered> = row<domain::OwnershipOffered>(
    "account.ownership_offered", 1, &domain::OwnershipOffered::account,
    field("account", &domain::OwnershipOffered::account),
    field("offer", &domain::OwnershipOffered::offer),
    field("from", &domain::OwnershipOffered::from),
    field("to", &domain::OwnershipOffered::to),
    field("expires_at", &domain::OwnershipOffered::expires_at),
    field("previous_owner", &domain::OwnershipOffered::previous_owner));
template <> inline constexpr auto row_of<domain::OwnershipOfferWithdrawn> = row<domain::OwnershipOfferWithdrawn>(
    "account.ownership_offer_withdrawn", 1, &domain::OwnershipOfferWithdrawn::account,
    field("account", &domain::OwnershipOfferWithdrawn::account),
    field("offer", &domain::OwnershipOfferWithdrawn::offer),
    field("by", &domain::OwnershipOfferWithdrawn::by));
template <> inline constexpr auto row_of<domain::OwnershipOfferDeclined> = row<domain::OwnershipOfferDeclined>(
    "account.ownership_offer_declined", 1, &domain::OwnershipOfferDeclined::account,
    field("account", &domain::OwnershipOfferDeclined::account),
    field("offer", &domain::OwnershipOfferDeclined::offer),
    field("by", &domain::OwnershipOfferDeclined::by));
template <> inline constexpr auto row_of<domain::OwnershipOfferLapsed> = row<domain::OwnershipOfferLapsed>(
    "account.ownership_offer_lapsed", 1, &domain::OwnershipOfferLapsed::account,
    field("account", &domain::OwnershipOfferLapsed::account),
    field("offer", &domain::OwnershipOfferLapsed::offer),
    field("expired_at", &domain::OwnershipOfferLapsed::expired_at));
template <> inline constexpr auto row_of<domain::OwnershipTransferred> = row<domain::OwnershipTransferred>(
    "account.ownership_transferred", 1, &domain::OwnershipTransferred::account,
    field("account", &domain::OwnershipTransferred::account),
    field("from", &domain::OwnershipTransferred::from),
    field("to", &domain::OwnershipTransferred::to),
    field("cause", &domain::OwnershipTransferred::cause),
    field("previous_owner", &domain::OwnershipTransferred::previous_owner),
    field("from_generation", &domain::OwnershipTransferred::from_generation),
    field("to_generation", &domain::OwnershipTransferred::to_generation),
    field("members_need_reactivation", &domain::OwnershipTransferred::members_need_reactivation));
template <> inline constexpr auto row_of<domain::OwnerReassignmentProposed> = row<domain::OwnerReassignmentProposed>(
    "account.owner_reassignment_proposed", 2, &domain::OwnerReassignmentProposed::account,
    field("account", &domain::OwnerReassignmentProposed::account),
    field("proposal", &domain::OwnerReassignmentProposed::proposal),
    field("new_owner", &domain::OwnerReassignmentProposed::new_owner),
    field("officer", &domain::OwnerReassignmentProposed::officer),
    personal("reason", &domain::OwnerReassignmentProposed::reason),
    field("proposed_at", &domain::OwnerReassignmentProposed::proposed_at));
template <> inline constexpr auto row_of<domain::OwnerReassignmentApproved> = row<domain::OwnerReassignmentApproved>(
    "account.owner_reassignment_approved", 1, &domain::OwnerReassignmentApproved::account,
    field("account", &domain::OwnerReassignmentApproved::account),
    field("proposal", &domain::OwnerReassignmentApproved::proposal),
    field("officer", &domain::OwnerReassignmentApproved::officer));
template <> inline constexpr auto row_of<domain::OwnerReassignmentWithdrawn> = row<domain::OwnerReassignmentWithdrawn>(
    "account.owner_reassignment_withdrawn", 1, &domain::OwnerReassignmentWithdrawn::account,
    field("account", &domain::OwnerReassignmentWithdrawn::account),
    field("proposal", &domain::OwnerReassignmentWithdrawn::proposal),
    field("officer", &domain::OwnerReassignmentWithdrawn::officer),
    personal("reason", &domain::OwnerReassignmentWithdrawn::reason));
template <> inline constexpr auto row_of<domain::OwnerReassignmentEnded> = row<domain::OwnerReassignmentEnded>(
    "account.owner_reassignment_ended", 1, &domain::OwnerReassignmentEnded::account,
    field("account", &domain::OwnerReassignmentEnded::account),
    field("proposal", &domain::OwnerReassignmentEnded::proposal),
    field("cause", &domain::OwnerReassignmentEnded::cause),
    field("ended_at", &domain::OwnerReassignmentEnded::ended_at));
template <> inline constexpr auto row_of<domain::CompanyRecorded> = row<domain::CompanyRecorded>(
    "account.company_recorded", 1, &domain::CompanyRecorded::account,
    field("account", &domain::CompanyRecorded::account),
    field("officer", &domain::CompanyRecorded::officer),
    field("recorded_at", &domain::CompanyRecorded::recorded_at),
    personal("business_number", &domain::CompanyRecorded::business_number),
    personal("client_number", &domain::CompanyRecorded::client_number),
    personal("legal_name", &domain::CompanyRecorded::legal_name),
    personal("operating_names", &domain::CompanyRecorded::operating_names),
    field("lines_of_business", &domain::CompanyRecorded::lines_of_business),
    personal("mailing_address", &domain::CompanyRecorded::mailing_address));
template <> inline constexpr auto row_of<domain::OwnerAttested> = row<domain::OwnerAttested>(
    "account.owner_attested", 1, &domain::OwnerAttested::account,
    field("account", &domain::OwnerAttested::account),
    field("owner", &domain::OwnerAttested::owner),
    field("owner_generation", &domain::OwnerAttested::owner_generation),
    field("attested_words", &domain::OwnerAttested::attested_words),
    field("attested_at", &domain::OwnerAttested::attested_at));
// ---- programme --------------------------------------------------------------------------------------------

template <> inline constexpr auto row_of<domain::ProfileSaved> = row<domain::ProfileSaved>(
    "programme.profile_saved", 2, &domain::ProfileSaved::account,
    field("account", &domain::ProfileSaved::account),
    field("by", &domain::ProfileSaved::by),
    field("profile", &domain::ProfileSaved::profile),
    field("questions_version", &domain::ProfileSaved::questions_version),
    personal("answers", &domain::ProfileSaved::answers),
    personal("company", &domain::ProfileSaved::company),
    personal("name", &domain::ProfileSaved::name));
template <> inline constexpr auto row_of<domain::ProfileChanged> = row<domain::ProfileChanged>(
    "programme.profile_changed", 1, &domain::ProfileChanged::account,
    field("account", &domain::ProfileChanged::account),
    field("by", &domain::ProfileChanged::by),
    field("profile", &domain::ProfileChanged::profile),
    field("questions_version", &domain::ProfileChanged::questions_version),
    personal("answers", &domain::ProfileChanged::answers),
    personal("company", &domain::ProfileChanged::company),
    personal("name", &domain::ProfileChanged::name));
template <> inline constexpr auto row_of<domain::SecurityProfileAdded> = row<domain::SecurityProfileAdded>(
    "programme.security_profile_added", 1, &domain::SecurityProfileAdded::account,
    field("account", &domain::SecurityProfileAdded::account),
    field("by", &domain::SecurityProfileAdded::by),
    field("site", &domain::SecurityProfileAdded::site),
    personal("name", &domain::SecurityProfileAdded::name));
template <> inline constexpr auto row_of<domain::SecurityProfileRemoved> = row<domain::SecurityProfileRemoved>(
    "programme.security_profile_removed", 1, &domain::SecurityProfileRemoved::account,
    field("account", &domain::SecurityProfileRemoved::account),
    field("by", &domain::SecurityProfileRemoved::by),
    field("site", &domain::SecurityProfileRemoved::site));
template <> inline constexpr auto row_of<domain::ApplicationSubmitted> = row<domain::ApplicationSubmitted>(
    "programme.application_submitted", 2, &domain::ApplicationSubmitted::account,
    field("account", &domain::ApplicationSubmitted::account),
    field("submission", &domain::ApplicationSubmitted::submission),
    field("kind", &domain::ApplicationSubmitted::kind),
    field("by", &domain::ApplicationSubmitted::by),
    field("submitted_at", &domain::ApplicationSubmitted::submitted_at),
    personal("company", &domain::ApplicationSubmitted::company));
template <> inline constexpr auto row_of<domain::ReviewBegun> = row<domain::ReviewBegun>(
    "programme.review_begun", 2, &domain::ReviewBegun::account,
    field("account", &domain::ReviewBegun::account),
    field("submission", &domain::ReviewBegun::submission),
    field("officer", &domain::ReviewBegun::officer),
    field("begun_at", &domain::ReviewBegun::begun_at));
template <> inline constexpr auto row_of<domain::SubmissionAccepted> = row<domain::SubmissionAccepted>(
    "programme.submission_accepted", 1, &domain::SubmissionAccepted::account,
    field("account", &domain::SubmissionAccepted::account),
    field("submission", &domain::SubmissionAccepted::submission),
    field("officer", &domain::SubmissionAccepted::officer),
    field("accepted_at", &domain::SubmissionAccepted::accepted_at));
template <> inline constexpr auto row_of<domain::SubmissionReturned> = row<domain::SubmissionReturned>(
    "programme.submission_returned", 2, &domain::SubmissionReturned::account,
    field("account", &domain::SubmissionReturned::account),
    field("submission", &domain::SubmissionReturned::submission),
    field("officer", &domain::SubmissionReturned::officer),
    personal("remarks", &domain::SubmissionReturned::remarks),
    field("returned_at", &domain::SubmissionReturned::returned_at));
template <> inline constexpr auto row_of<domain::SubmissionRefused> = row<domain::SubmissionRefused>(
    "programme.submission_refused", 2, &domain::SubmissionRefused::account,
    field("account", &domain::SubmissionRefused::account),
    field("submission", &domain::SubmissionRefused::submission),
    field("officer", &domain::SubmissionRefused::officer),
    personal("reason", &domain::SubmissionRefused::reason),
    field("effective_at", &domain::SubmissionRefused::effective_at),
    field("refused_at", &domain::SubmissionRefused::refused_at));
template <> inline constexpr auto row_of<domain::InformalReviewRequested> = row<domain::InformalReviewRequested>(
    "programme.informal_review_requested", 2, &domain::InformalReviewRequested::account,
    field("account", &domain::InformalReviewRequested::account),
    field("by", &domain::InformalReviewRequested::by),
    personal("grounds", &domain::InformalReviewRequested::grounds),
    field("requested_at", &domain::InformalReviewRequested::requested_at));
template <> inline constexpr auto row_of<domain::InformalReviewAnswered> = row<domain::InformalReviewAnswered>(
    "programme.informal_review_answered", 2, &domain::InformalReviewAnswered::account,
    field("account", &domain::InformalReviewAnswered::account),
    field("officer", &domain::InformalReviewAnswered::officer),
    field("upheld", &domain::InformalReviewAnswered::upheld),
    personal("answer", &domain::InformalReviewAnswered::answer),
    field("answered_at", &domain::InformalReviewAnswered::answered_at));
template <> inline constexpr auto row_of<domain::RefusalTookEffect> = row<domain::RefusalTookEffect>(
    "programme.refusal_took_effect", 1, &domain::RefusalTookEffect::account,
    field("account", &domain::RefusalTookEffect::account),
    field("effective_at", &domain::RefusalTookEffect::effective_at));
template <> inline constexpr auto row_of<domain::MembershipSuspended> = row<domain::MembershipSuspended>(
    "programme.membership_suspended", 2, &domain::MembershipSuspended::account,
    field("account", &domain::MembershipSuspended::account),
    field("officer", &domain::MembershipSuspended::officer),
    personal("reason", &domain::MembershipSuspended::reason),
    field("suspended_at", &domain::MembershipSuspended::suspended_at));
template <> inline constexpr auto row_of<domain::MembershipReinstated> = row<domain::MembershipReinstated>(
    "programme.membership_reinstated", 2, &domain::MembershipReinstated::account,
    field("account", &domain::MembershipReinstated::account),
    field("officer", &domain::MembershipReinstated::officer),
    personal("reason", &domain::MembershipReinstated::reason),
    field("reinstated_at", &domain::MembershipReinstated::reinstated_at));
template <> inline constexpr auto row_of<domain::MembershipCancelled> = row<domain::MembershipCancelled>(
    "programme.membership_cancelled", 1, &domain::MembershipCancelled::account,
    field("account", &domain::MembershipCancelled::account),
    field("officer", &domain::MembershipCancelled::officer),
    personal("reason", &domain::MembershipCancelled::reason),
    field("cancelled_at", &domain::MembershipCancelled::cancelled_at));
template <> inline constexpr auto row_of<domain::CancellationAppealed> = row<domain::CancellationAppealed>(
    "programme.cancellation_appealed", 2, &domain::CancellationAppealed::account,
    field("account", &domain::CancellationAppealed::account),
    field("by", &domain::CancellationAppealed::by),
    personal("grounds", &domain::CancellationAppealed::grounds),
    field("appealed_at", &domain::CancellationAppealed::appealed_at));
template <> inline constexpr auto row_of<domain::AppealAnswered> = row<domain::AppealAnswered>(
    "programme.appeal_answered", 2, &domain::AppealAnswered::account,
    field("account", &domain::AppealAnswered::account),
    field("officer", &domain::AppealAnswered::officer),
    field("granted", &domain::AppealAnswered::granted),
    personal("answer", &domain::AppealAnswered::answer),
    field("answered_at", &domain::AppealAnswered::answered_at));
template <> inline constexpr auto row_of<domain::DetailsConfirmed> = row<domain::DetailsConfirmed>(
    "programme.details_confirmed", 1, &domain::DetailsConfirmed::account,
    field("account", &domain::DetailsConfirmed::account),
    field("by", &domain::DetailsConfirmed::by),
    field("confirmed_at", &domain::DetailsConfirmed::confirmed_at));
template <> inline constexpr auto row_of<domain::AnnualConfirmationDue> = row<domain::AnnualConfirmationDue>(
    "programme.annual_confirmation_due", 1, &domain::AnnualConfirmationDue::account,
    field("account", &domain::AnnualConfirmationDue::account),
    field("due_at", &domain::AnnualConfirmationDue::due_at));
template <> inline constexpr auto row_of<domain::RevalidationAnnounced> = row<domain::RevalidationAnnounced>(
    "programme.revalidation_announced", 1, &domain::RevalidationAnnounced::account,
    field("account", &domain::RevalidationAnnounced::account),
    field("due_at", &domain::RevalidationAnnounced::due_at));
template <> inline constexpr auto row_of<domain::RevalidationDue> = row<domain::RevalidationDue>(
    "programme.revalidation_due", 1, &domain::RevalidationDue::account,
    field("account", &domain::RevalidationDue::account),
    field("due_at", &domain::RevalidationDue::due_at));
template <> inline constexpr auto row_of<domain::MembershipRevalidated> = row<domain::MembershipRevalidated>(
    "programme.membership_revalidated", 1, &domain::MembershipRevalidated::account,
    field("account", &domain::MembershipRevalidated::account),
    field("officer", &domain::MembershipRevalidated::officer),
    personal("remarks", &domain::MembershipRevalidated::remarks),
    field("revalidated_at", &domain::MembershipRevalidated::revalidated_at));
template <> inline constexpr auto row_of<domain::MembershipRecorded> = row<domain::MembershipRecorded>(
    "programme.membership_recorded", 1, &domain::MembershipRecorded::account,
    field("account", &domain::MembershipRecorded::account),
    field("officer", &domain::MembershipRecorded::officer),
    field("member_since", &domain::MembershipRecorded::member_since),
    field("recorded_at", &domain::MembershipRecorded::recorded_at));
// clang-format on

namespace detail {
template <class E>
inline constexpr bool has_row = !std::is_same_v<std::remove_cv_t<decltype(row_of<E>)>, bool>;
template <std::size_t... I>
constexpr bool all_have_rows(std::index_sequence<I...>) {
  return (has_row<std::variant_alternative_t<I, EventList>> && ...);
}
}  // namespace detail
static_assert(detail::all_have_rows(std::make_index_sequence<event_count>{}), "every event needs its row");

/// Calls `visit` with each event's row, in the order of the events' list.
template <class Visit>
constexpr void for_each_row(Visit&& visit) {
  [&]<std::size_t... I>(std::index_sequence<I...>) {
    (visit(row_of<std::variant_alternative_t<I, EventList>>), ...);
  }(std::make_index_sequence<event_count>{});
}

/// Stored names by the index of the event's alternative.
inline constexpr auto event_names = [] {
  std::array<std::string_view, event_count> names;
  std::size_t i = 0;
  for_each_row([&](const auto& row) { names[i++] = row.name; });
  return names;
}();

constexpr bool names_are_distinct() {
  for (std::size_t i = 0; i < event_count; ++i)
    for (std::size_t j = i + 1; j < event_count; ++j)
      if (event_names[i] == event_names[j]) return false;
  return true;
}
static_assert(names_are_distinct(), "two rows share a stored name");

}  // namespace ttp::events
