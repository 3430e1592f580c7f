// Events as earlier versions of the program stored them: the struct and the row of each past schema version,
// and the upcast to the next one. Never change an entry; a new schema version adds one.
#pragma once

#include <tuple>

#include "domain/account.hpp"
#include "domain/programme.hpp"
#include "domain/user.hpp"
#include "events/fields.hpp"

namespace ttp::events::past {

// ---- account.owner_reassignment_proposed@1: no time of its own -------------------------------------------
struct OwnerReassignmentProposed1 {
  domain::AccountId account;
  domain::ProposalId proposal;
  domain::UserId new_owner;
  domain::UserId officer;
  domain::Remark reason;
};
inline domain::OwnerReassignmentProposed upcast(OwnerReassignmentProposed1 old, domain::Time recorded_at) {
  return {old.account, old.proposal, old.new_owner, old.officer, std::move(old.reason), recorded_at};
}

// ---- programme.informal_review_requested@1: no time of its own -------------------------------------------
struct InformalReviewRequested1 {
  domain::AccountId account;
  domain::UserId by;
  domain::Remark grounds;
};
inline domain::InformalReviewRequested upcast(InformalReviewRequested1 old, domain::Time recorded_at) {
  return {old.account, old.by, std::move(old.grounds), recorded_at};
}

// ---- programme.cancellation_appealed@1: no time of its own -----------------------------------------------
struct CancellationAppealed1 {
  domain::AccountId account;
  domain::UserId by;
  domain::Remark grounds;
};
inline domain::CancellationAppealed upcast(CancellationAppealed1 old, domain::Time recorded_at) {
  return {old.account, old.by, std::move(old.grounds), recorded_at};
}

// ---- programme.profile_saved@1: no data of the company, no name of the site ------------------------------
struct ProfileSaved1 {
  domain::AccountId account;
  domain::UserId by;
  domain::ProfileRef profile;
  std::uint32_t questions_version = 0;
  domain::Answers answers;
};
inline domain::ProfileSaved upcast(ProfileSaved1 old, domain::Time) {
  return {old.account, old.by, std::move(old.profile), old.questions_version, std::move(old.answers)};
}

// ---- programme.application_submitted@1: no data of the company -------------------------------------------
struct ApplicationSubmitted1 {
  domain::AccountId account;
  domain::SubmissionId submission;
  domain::SubmissionKind kind{};
  domain::UserId by;
  domain::Time submitted_at;
};
inline domain::ApplicationSubmitted upcast(ApplicationSubmitted1 old, domain::Time) {
  return {old.account, old.submission, old.kind, old.by, old.submitted_at};
}

// ---- programme.review_begun@1: no time of its own --------------------------------------------------------
struct ReviewBegun1 {
  domain::AccountId account;
  domain::SubmissionId submission;
  domain::UserId officer;
};
inline domain::ReviewBegun upcast(ReviewBegun1 old, domain::Time recorded_at) {
  return {old.account, old.submission, old.officer, recorded_at};
}

// ---- programme.submission_returned@1: no time of its own -------------------------------------------------
struct SubmissionReturned1 {
  domain::AccountId account;
  domain::SubmissionId submission;
  domain::UserId officer;
  domain::Remark remarks;
};
inline domain::SubmissionReturned upcast(SubmissionReturned1 old, domain::Time recorded_at) {
  return {old.account, old.submission, old.officer, std::move(old.remarks), recorded_at};
}

// ---- programme.submission_refused@1: no time of its own --------------------------------------------------
struct SubmissionRefused1 {
  domain::AccountId account;
  domain::SubmissionId submission;
  domain::UserId officer;
  domain::Remark reason;
  domain::Time effective_at;
};
inline domain::SubmissionRefused upcast(SubmissionRefused1 old, domain::Time recorded_at) {
  return {old.account, old.submission, old.officer, std::move(old.reason), old.effective_at, recorded_at};
}

// ---- programme.informal_review_answered@1: no time of its own --------------------------------------------
struct InformalReviewAnswered1 {
  domain::AccountId account;
  domain::UserId officer;
  bool upheld = true;
  domain::Remark answer;
};
inline domain::InformalReviewAnswered upcast(InformalReviewAnswered1 old, domain::Time recorded_at) {
  return {old.account, old.officer, old.upheld, std::move(old.answer), recorded_at};
}

// ---- programme.membership_suspended@1 and programme.membership_reinstated@1: no time of their own --------
struct MembershipSuspended1 {
  domain::AccountId account;
  domain::UserId officer;
  domain::Remark reason;
};
inline domain::MembershipSuspended upcast(MembershipSuspended1 old, domain::Time recorded_at) {
  return {old.account, old.officer, std::move(old.reason), recorded_at};
}
struct MembershipReinstated1 {
  domain::AccountId account;
  domain::UserId officer;
  domain::Remark reason;
};
inline domain::MembershipReinstated upcast(MembershipReinstated1 old, domain::Time recorded_at) {
  return {old.account, old.officer, std::move(old.reason), recorded_at};
}

// ---- programme.appeal_answered@1: no time of its own -----------------------------------------------------
struct AppealAnswered1 {
  domain::AccountId account;
  domain::UserId officer;
  bool granted = false;
  domain::Remark answer;
};
inline domain::AppealAnswered upcast(AppealAnswered1 old, domain::Time recorded_at) {
  return {old.account, old.officer, old.granted, std::move(old.answer), recorded_at};
}

// ---- user.credential_registered@1: the credential's version names the verifier ---------------------------
struct CredentialRegistered1 {
  domain::UserId user;
  domain::CredentialKind kind{};
  std::uint32_t credential_version = 0;
  domain::Language language{};
  std::optional<domain::UserName> user_name;
  std::optional<domain::Issuer> issuer;
  std::optional<domain::Subject> subject;
  domain::FamilyName family_name;
  domain::GivenNames given_names;
  domain::EmailAddress email;
  domain::Telephone telephone;
};
inline domain::CredentialRegistered upcast(CredentialRegistered1 old, domain::Time) {
  return {old.user,
          old.kind,
          old.credential_version,
          old.language,
          std::move(old.user_name),
          std::move(old.issuer),
          std::move(old.subject),
          std::move(old.family_name),
          std::move(old.given_names),
          std::move(old.email),
          std::move(old.telephone),
          domain::numbered_verifier(old.credential_version)};
}

// ---- user.password_changed@1: the credential's version names the verifier --------------------------------
struct PasswordChanged1 {
  domain::UserId user;
  std::uint32_t credential_version = 0;
};
inline domain::PasswordChanged upcast(PasswordChanged1 old, domain::Time recorded_at) {
  return {old.user, old.credential_version, domain::numbered_verifier(old.credential_version), recorded_at,
          std::nullopt};
}

// ---- account.activation_code_voided@1: no time of its own, and fewer causes -------------------------------
struct ActivationCodeVoided1 {
  domain::AccountId account;
  domain::CodeId code;
  domain::CodeVoidCause cause{};
};
inline domain::ActivationCodeVoided upcast(ActivationCodeVoided1 old, domain::Time recorded_at) {
  return {old.account, old.code, old.cause, recorded_at};
}

// ---- account.letter_ordered@1: all letters were for the company's owner -----------------------------------
struct LetterOrdered1 {
  domain::AccountId account;
  domain::LetterId letter;
  domain::LetterKind kind{};
  std::optional<domain::CodeId> code;
  domain::Time ordered_at;
  domain::Time due_at;
  std::optional<domain::UserId> requested_by;
};
inline domain::LetterOrdered upcast(LetterOrdered1 old, domain::Time) {
  return {old.account,    old.letter, old.kind,         old.code,
          old.ordered_at, old.due_at, old.requested_by, std::nullopt};
}

// ---- account.letter_case_resolved@1: no time of its own ---------------------------------------------------
struct LetterCaseResolved1 {
  domain::AccountId account;
  domain::CaseId case_id;
  domain::CaseResolution resolution{};
  domain::UserId by;
  domain::Remark reason;
};
inline domain::LetterCaseResolved upcast(LetterCaseResolved1 old, domain::Time recorded_at) {
  return {old.account, old.case_id, old.resolution, old.by, std::move(old.reason), recorded_at};
}

// ---- account.company_enrolled@1: does not name the words that the owner attested --------------------------
struct CompanyEnrolled1 {
  domain::AccountId account;
  domain::UserId owner;
  std::uint32_t owner_generation = 0;
  domain::Time enrolled_at;
  std::uint32_t eligibility_version = 0;
  domain::EligibilityAnswers eligibility;
  domain::BusinessNumber business_number;
  domain::CompanyName legal_name;
  std::vector<domain::CompanyName> operating_names;
  domain::MailingAddress mailing_address;
};
inline domain::CompanyEnrolled upcast(CompanyEnrolled1 old, domain::Time) {
  return {old.account,
          old.owner,
          old.owner_generation,
          old.enrolled_at,
          old.eligibility_version,
          std::move(old.eligibility),
          std::move(old.business_number),
          std::move(old.legal_name),
          std::move(old.operating_names),
          std::move(old.mailing_address),
          0};
}

// ---- user.staff_role_granted@1: by one operator, no time of its own --------------------------------------
struct StaffRoleGranted1 {
  domain::UserId user;
  domain::StaffRole role{};
  std::optional<domain::UserId> granted_by;
  domain::Remark reason;
};
inline domain::StaffRoleGranted upcast(StaffRoleGranted1 old, domain::Time recorded_at) {
  return {old.user, old.role, old.granted_by, std::nullopt, std::move(old.reason), recorded_at};
}

// ---- user.staff_role_revoked@1: by one operator ----------------------------------------------------------
struct StaffRoleRevoked1 {
  domain::UserId user;
  domain::StaffRole role{};
  domain::UserId revoked_by;
  domain::Remark reason;
};
inline domain::StaffRoleRevoked upcast(StaffRoleRevoked1 old, domain::Time) {
  return {old.user, old.role, old.revoked_by, std::nullopt, std::move(old.reason)};
}

// ---- user.personal_data_viewed@1: by auditors alone, of no letter ----------------------------------------
struct PersonalDataViewed1 {
  domain::UserId user;
  domain::Look look{};
  std::optional<domain::UserId> of_user;
  std::optional<domain::AccountId> of_account;
  domain::Time viewed_at;
};
inline domain::PersonalDataViewed upcast(PersonalDataViewed1 old, domain::Time) {
  return {old.user, old.look, old.of_user, old.of_account, old.viewed_at, std::nullopt};
}

// ---- events without a device ------------------------------------------------------------------------------
// user.sign_in_started@1, user.credential_rejected@1, user.credential_locked@1, user.email_change_rejected@1
// and user.current_password_rejected@1.
struct SignInStarted1 {
  domain::UserId user;
  domain::SignInId sign_in;
  domain::Time started_at;
  domain::Time expires_at;
};
inline domain::SignInStarted upcast(SignInStarted1 old, domain::Time) {
  return {old.user, old.sign_in, old.started_at, old.expires_at, std::nullopt};
}
struct CredentialRejected1 {
  domain::UserId user;
  std::uint32_t consecutive_failures = 0;
  domain::Time at;
};
inline domain::CredentialRejected upcast(CredentialRejected1 old, domain::Time) {
  return {old.user, old.consecutive_failures, old.at, std::nullopt};
}
struct CredentialLocked1 {
  domain::UserId user;
  std::uint32_t consecutive_failures = 0;
};
inline domain::CredentialLocked upcast(CredentialLocked1 old, domain::Time) {
  return {old.user, old.consecutive_failures, std::nullopt};
}
struct EmailChangeRejected1 {
  domain::UserId user;
  domain::CodeId code;
  std::uint32_t consecutive_failures = 0;
  domain::Time at;
};
inline domain::EmailChangeRejected upcast(EmailChangeRejected1 old, domain::Time) {
  return {old.user, old.code, old.consecutive_failures, old.at, std::nullopt};
}
struct CurrentPasswordRejected1 {
  domain::UserId user;
  std::uint32_t consecutive_failures = 0;
  domain::Time at;
};
inline domain::CurrentPasswordRejected upcast(CurrentPasswordRejected1 old, domain::Time) {
  return {old.user, old.consecutive_failures, old.at, std::nullopt};
}

// ---- user.session_opened@1: neither device nor address ----------------------------------------------------
struct SessionOpened1 {
  domain::UserId user;
  domain::SignInId sign_in;
  domain::SessionId session;
  domain::Time opened_at;
  domain::Time expires_at;
};
inline domain::SessionOpened upcast(SessionOpened1 old, domain::Time) {
  return {old.user, old.sign_in, old.session, old.opened_at, old.expires_at, std::nullopt, std::nullopt};
}

// ---- user.credential_unlocked@1: always by the service desk -----------------------------------------------
struct CredentialUnlocked1 {
  domain::UserId user;
  domain::UserId unlocked_by;
  domain::Remark reason;
};
inline domain::CredentialUnlocked upcast(CredentialUnlocked1 old, domain::Time) {
  return {old.user, old.unlocked_by, std::move(old.reason)};
}

// ---- user.email_changed@1: neither time nor device --------------------------------------------------------
struct EmailChanged1 {
  domain::UserId user;
  domain::EmailAddress email;
  domain::EmailAddress previous_email;
};
inline domain::EmailChanged upcast(EmailChanged1 old, domain::Time recorded_at) {
  return {old.user, std::move(old.email), std::move(old.previous_email), recorded_at, std::nullopt};
}

// ---- user.password_changed@2: neither time nor device -----------------------------------------------------
struct PasswordChanged2 {
  domain::UserId user;
  std::uint32_t credential_version = 0;
  domain::VerifierId verifier{};
};
inline domain::PasswordChanged upcast(PasswordChanged2 old, domain::Time recorded_at) {
  return {old.user, old.credential_version, old.verifier, recorded_at, std::nullopt};
}

// ---- the list ---------------------------------------------------------------------------------------------
// clang-format off
inline constexpr auto rows = std::tuple{
    row<SignInStarted1>(
        "user.sign_in_started", 1, &SignInStarted1::user,
        field("user", &SignInStarted1::user),
        field("sign_in", &SignInStarted1::sign_in),
        field("started_at", &SignInStarted1::started_at),
        field("expires_at", &SignInStarted1::expires_at)),
    row<CredentialRejected1>(
        "user.credential_rejected", 1, &CredentialRejected1::user,
        field("user", &CredentialRejected1::user),
        field("consecutive_failures", &CredentialRejected1::consecutive_failures),
        field("at", &CredentialRejected1::at)),
    row<CredentialLocked1>(
        "user.credential_locked", 1, &CredentialLocked1::user,
        field("user", &CredentialLocked1::user),
        field("consecutive_failures", &CredentialLocked1::consecutive_failures)),
    row<EmailChangeRejected1>(
        "user.email_change_rejected", 1, &EmailChangeRejected1::user,
        field("user", &EmailChangeRejected1::user),
        field("code", &EmailChangeRejected1::code),
        field("consecutive_failures", &EmailChangeRejected1::consecutive_failures),
        field("at", &EmailChangeRejected1::at)),
    row<CurrentPasswordRejected1>(
        "user.current_password_rejected", 1, &CurrentPasswordRejected1::user,
        field("user", &CurrentPasswordRejected1::user),
        field("consecutive_failures", &CurrentPasswordRejected1::consecutive_failures),
        field("at", &CurrentPasswordRejected1::at)),
    row<SessionOpened1>(
        "user.session_opened", 1, &SessionOpened1::user,
        field("user", &SessionOpened1::user),
        field("sign_in", &SessionOpened1::sign_in),
        field("session", &SessionOpened1::session),
        field("opened_at", &SessionOpened1::opened_at),
        field("expires_at", &SessionOpened1::expires_at)),
    row<CredentialUnlocked1>(
        "user.credential_unlocked", 1, &CredentialUnlocked1::user,
        field("user", &CredentialUnlocked1::user),
        field("unlocked_by", &CredentialUnlocked1::unlocked_by),
        personal("reason", &CredentialUnlocked1::reason)),
    row<EmailChanged1>(
        "user.email_changed", 1, &EmailChanged1::user,
        field("user", &EmailChanged1::user),
        personal("email", &EmailChanged1::email),
        personal("previous_email", &EmailChanged1::previous_email)),
    row<PasswordChanged2>(
        "user.password_changed", 2, &PasswordChanged2::user,
        field("user", &PasswordChanged2::user),
        field("credential_version", &PasswordChanged2::credential_version),
        field("verifier", &PasswordChanged2::verifier)),
    row<PersonalDataViewed1>(
        "user.personal_data_viewed", 1, &PersonalDataViewed1::user,
        field("user", &PersonalDataViewed1::user),
        field("look", &PersonalDataViewed1::look),
        field("of_user", &PersonalDataViewed1::of_user),
        field("of_account", &PersonalDataViewed1::of_account),
        field("viewed_at", &PersonalDataViewed1::viewed_at)),
    row<StaffRoleGranted1>(
        "user.staff_role_granted", 1, &StaffRoleGranted1::user,
        field("user", &StaffRoleGranted1::user),
        field("role", &StaffRoleGranted1::role),
        field("granted_by", &StaffRoleGranted1::granted_by),
        personal("reason", &StaffRoleGranted1::reason)),
    row<StaffRoleRevoked1>(
        "user.staff_role_revoked", 1, &StaffRoleRevoked1::user,
        field("user", &StaffRoleRevoked1::user),
        field("role", &StaffRoleRevoked1::role),
        field("revoked_by", &StaffRoleRevoked1::revoked_by),
        personal("reason", &StaffRoleRevoked1::reason)),
    row<OwnerReassignmentProposed1>(
        "account.owner_reassignment_proposed", 1, &OwnerReassignmentProposed1::account,
        field("account", &OwnerReassignmentProposed1::account),
        field("proposal", &OwnerReassignmentProposed1::proposal),
        field("new_owner", &OwnerReassignmentProposed1::new_owner),
        field("officer", &OwnerReassignmentProposed1::officer),
        personal("reason", &OwnerReassignmentProposed1::reason)),
    row<InformalReviewRequested1>(
        "programme.informal_review_requested", 1, &InformalReviewRequested1::account,
        field("account", &InformalReviewRequested1::account),
        field("by", &InformalReviewRequested1::by),
        personal("grounds", &InformalReviewRequested1::grounds)),
    row<CancellationAppealed1>(
        "programme.cancellation_appealed", 1, &CancellationAppealed1::account,
        field("account", &CancellationAppealed1::account),
        field("by", &CancellationAppealed1::by),
        personal("grounds", &CancellationAppealed1::grounds)),
    row<ProfileSaved1>(
        "programme.profile_saved", 1, &ProfileSaved1::account,
        field("account", &ProfileSaved1::account),
        field("by", &ProfileSaved1::by),
        field("profile", &ProfileSaved1::profile),
        field("questions_version", &ProfileSaved1::questions_version),
        personal("answers", &ProfileSaved1::answers)),
    row<ApplicationSubmitted1>(
        "programme.application_submitted", 1, &ApplicationSubmitted1::account,
        field("account", &ApplicationSubmitted1::account),
        field("submission", &ApplicationSubmitted1::submission),
        field("kind", &ApplicationSubmitted1::kind),
        field("by", &ApplicationSubmitted1::by),
        field("submitted_at", &ApplicationSubmitted1::submitted_at)),
    row<ReviewBegun1>(
        "programme.review_begun", 1, &ReviewBegun1::account,
        field("account", &ReviewBegun1::account),
        field("submission", &ReviewBegun1::submission),
        field("officer", &ReviewBegun1::officer)),
    row<SubmissionReturned1>(
        "programme.submission_returned", 1, &SubmissionReturned1::account,
        field("account", &SubmissionReturned1::account),
        field("submission", &SubmissionReturned1::submission),
        field("officer", &SubmissionReturned1::officer),
        personal("remarks", &SubmissionReturned1::remarks)),
    row<SubmissionRefused1>(
        "programme.submission_refused", 1, &SubmissionRefused1::account,
        field("account", &SubmissionRefused1::account),
        field("submission", &SubmissionRefused1::submission),
        field("officer", &SubmissionRefused1::officer),
        personal("reason", &SubmissionRefused1::reason),
        field("effective_at", &SubmissionRefused1::effective_at)),
    row<InformalReviewAnswered1>(
        "programme.informal_review_answered", 1, &InformalReviewAnswered1::account,
        field("account", &InformalReviewAnswered1::account),
        field("officer", &InformalReviewAnswered1::officer),
        field("upheld", &InformalReviewAnswered1::upheld),
        personal("answer", &InformalReviewAnswered1::answer)),
    row<MembershipSuspended1>(
        "programme.membership_suspended", 1, &MembershipSuspended1::account,
        field("account", &MembershipSuspended1::account),
        field("officer", &MembershipSuspended1::officer),
        personal("reason", &MembershipSuspended1::reason)),
    row<MembershipReinstated1>(
        "programme.membership_reinstated", 1, &MembershipReinstated1::account,
        field("account", &MembershipReinstated1::account),
        field("officer", &MembershipReinstated1::officer),
        personal("reason", &MembershipReinstated1::reason)),
    row<AppealAnswered1>(
        "programme.appeal_answered", 1, &AppealAnswered1::account,
        field("account", &AppealAnswered1::account),
        field("officer", &AppealAnswered1::officer),
        field("granted", &AppealAnswered1::granted),
        personal("answer", &AppealAnswered1::answer)),
    row<CredentialRegistered1>(
        "user.credential_registered", 1, &CredentialRegistered1::user,
        field("user", &CredentialRegistered1::user),
        field("kind", &CredentialRegistered1::kind),
        field("credential_version", &CredentialRegistered1::credential_version),
        field("language", &CredentialRegistered1::language),
        personal("user_name", &CredentialRegistered1::user_name),
        personal("issuer", &CredentialRegistered1::issuer),
        personal("subject", &CredentialRegistered1::subject),
        personal("family_name", &CredentialRegistered1::family_name),
        personal("given_names", &CredentialRegistered1::given_names),
        personal("email", &CredentialRegistered1::email),
        personal("telephone", &CredentialRegistered1::telephone)),
    row<PasswordChanged1>(
        "user.password_changed", 1, &PasswordChanged1::user,
        field("user", &PasswordChanged1::user),
        field("credential_version", &PasswordChanged1::credential_version)),
    row<CompanyEnrolled1>(
        "account.company_enrolled", 1, &CompanyEnrolled1::account,
        field("account", &CompanyEnrolled1::account),
        field("owner", &CompanyEnrolled1::owner),
        field("owner_generation", &CompanyEnrolled1::owner_generation),
        field("enrolled_at", &CompanyEnrolled1::enrolled_at),
        field("eligibility_version", &CompanyEnrolled1::eligibility_version),
        personal("eligibility", &CompanyEnrolled1::eligibility),
        personal("business_number", &CompanyEnrolled1::business_number),
        personal("legal_name", &CompanyEnrolled1::legal_name),
        personal("operating_names", &CompanyEnrolled1::operating_names),
        personal("mailing_address", &CompanyEnrolled1::mailing_address)),
    row<ActivationCodeVoided1>(
        "account.activation_code_voided", 1, &ActivationCodeVoided1::account,
        field("account", &ActivationCodeVoided1::account),
        field("code", &ActivationCodeVoided1::code),
        field("cause", &ActivationCodeVoided1::cause)),
    row<LetterOrdered1>(
        "account.letter_ordered", 1, &LetterOrdered1::account,
        field("account", &LetterOrdered1::account),
        field("letter", &LetterOrdered1::letter),
        field("kind", &LetterOrdered1::kind),
        field("code", &LetterOrdered1::code),
        field("ordered_at", &LetterOrdered1::ordered_at),
        field("due_at", &LetterOrdered1::due_at),
        field("requested_by", &LetterOrdered1::requested_by)),
    row<LetterCaseResolved1>(
        "account.letter_case_resolved", 1, &LetterCaseResolved1::account,
        field("account", &LetterCaseResolved1::account),
        field("case_id", &LetterCaseResolved1::case_id),
        field("resolution", &LetterCaseResolved1::resolution),
        field("by", &LetterCaseResolved1::by),
        personal("reason", &LetterCaseResolved1::reason)),
};
// clang-format on

}  // namespace ttp::events::past
