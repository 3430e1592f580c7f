// The JSON of the plain structs inside events, and of the three aggregates' states, which snapshots keep.
// Structs inside events are stored in every log: never rename a field; add a version of the event instead. A
// state may change freely: a stored snapshot of another shape is ignored, and the state is folded from the
// log. A snapshot is sealed whole with the key of its subject (events/sealed_state.hpp). A field marked
// personal below describes another person and is sealed with that person's key.
#pragma once

#include "domain/account.hpp"
#include "domain/programme.hpp"
#include "domain/user.hpp"
#include "events/fields.hpp"

namespace ttp::events {

// clang-format off
// ---- inside events ----------------------------------------------------------------------------------------

template <> inline constexpr auto shape<domain::MailingAddress> = fields<domain::MailingAddress>(
    field("line1", &domain::MailingAddress::line1), field("line2", &domain::MailingAddress::line2),
    field("city", &domain::MailingAddress::city), field("region", &domain::MailingAddress::region),
    field("postal_code", &domain::MailingAddress::postal_code), field("country", &domain::MailingAddress::country));

template <> inline constexpr auto shape<domain::CompanyData> = fields<domain::CompanyData>(
    field("legal_name", &domain::CompanyData::legal_name),
    field("operating_names", &domain::CompanyData::operating_names),
    field("lines_of_business", &domain::CompanyData::lines_of_business),
    field("mailing_address", &domain::CompanyData::mailing_address));

/// Of requests only: changes are never stored.
template <> inline constexpr auto shape<domain::CompanyDataChanges> = fields<domain::CompanyDataChanges>(
    field("legal_name", &domain::CompanyDataChanges::legal_name),
    field("operating_names", &domain::CompanyDataChanges::operating_names),
    field("lines_of_business", &domain::CompanyDataChanges::lines_of_business),
    field("mailing_address", &domain::CompanyDataChanges::mailing_address));

template <> inline constexpr auto shape<domain::EligibilityAnswers> = fields<domain::EligibilityAnswers>(
    field("base", &domain::EligibilityAnswers::base),
    field("lines_of_business", &domain::EligibilityAnswers::lines_of_business),
    field("carrier_code", &domain::EligibilityAnswers::carrier_code),
    field("files_canadian_declarations", &domain::EligibilityAnswers::files_canadian_declarations),
    field("facilities_in_canada_or_us", &domain::EligibilityAnswers::facilities_in_canada_or_us),
    field("traded_in_past_12_months", &domain::EligibilityAnswers::traded_in_past_12_months),
    field("movement_in_past_90_days", &domain::EligibilityAnswers::movement_in_past_90_days),
    field("solvent", &domain::EligibilityAnswers::solvent),
    field("no_debt_to_crown", &domain::EligibilityAnswers::no_debt_to_crown),
    field("no_undischarged_bankruptcy", &domain::EligibilityAnswers::no_undischarged_bankruptcy),
    field("no_convictions", &domain::EligibilityAnswers::no_convictions));

template <> inline constexpr auto shape<domain::ProfileRef> = fields<domain::ProfileRef>(
    field("kind", &domain::ProfileRef::kind), field("key", &domain::ProfileRef::key));

// ---- states -----------------------------------------------------------------------------------------------

template <> inline constexpr auto shape<domain::OpenCode> = fields<domain::OpenCode>(
    field("code", &domain::OpenCode::code),
    field("expires_at", &domain::OpenCode::expires_at),
    field("tries", &domain::OpenCode::tries));
template <> inline constexpr auto shape<domain::SignIn> = fields<domain::SignIn>(
    field("id", &domain::SignIn::id),
    field("stage", &domain::SignIn::stage),
    field("expires_at", &domain::SignIn::expires_at),
    field("code", &domain::SignIn::code),
    field("device", &domain::SignIn::device));
template <> inline constexpr auto shape<domain::Session> = fields<domain::Session>(
    field("id", &domain::Session::id),
    field("opened_at", &domain::Session::opened_at),
    field("expires_at", &domain::Session::expires_at),
    field("device", &domain::Session::device),
    field("opened_from", &domain::Session::opened_from));
template <> inline constexpr auto shape<domain::Failures> = fields<domain::Failures>(
    field("in_a_row", &domain::Failures::in_a_row),
    field("last", &domain::Failures::last),
    field("locked", &domain::Failures::locked));
template <> inline constexpr auto shape<domain::Device> = fields<domain::Device>(
    field("id", &domain::Device::id),
    field("known_since", &domain::Device::known_since),
    field("last_used_at", &domain::Device::last_used_at),
    field("failures", &domain::Device::failures));
template <> inline constexpr auto shape<domain::FormerEmail> = fields<domain::FormerEmail>(
    field("email", &domain::FormerEmail::email),
    field("until", &domain::FormerEmail::until));
template <> inline constexpr auto shape<domain::EmailChange> = fields<domain::EmailChange>(
    field("email", &domain::EmailChange::email),
    field("code", &domain::EmailChange::code));
template <> inline constexpr auto shape<domain::Proposal> = fields<domain::Proposal>(
    field("id", &domain::Proposal::id),
    field("officer", &domain::Proposal::officer),
    field("reason", &domain::Proposal::reason),
    field("proposed_at", &domain::Proposal::proposed_at));
template <> inline constexpr auto shape<domain::Erasure> = fields<domain::Erasure>(
    field("proposal", &domain::Erasure::proposal),
    field("ground", &domain::Erasure::ground));
template <> inline constexpr auto shape<domain::StaffRoleChange> = fields<domain::StaffRoleChange>(
    field("proposal", &domain::StaffRoleChange::proposal),
    field("change", &domain::StaffRoleChange::change),
    field("role", &domain::StaffRoleChange::role));
template <> inline constexpr auto shape<domain::ReadMark> = fields<domain::ReadMark>(
    field("account", &domain::ReadMark::account),
    field("position", &domain::ReadMark::position));
template <> inline constexpr auto shape<domain::StaffProposer> = fields<domain::StaffProposer>(
    field("officer", &domain::StaffProposer::officer),
    field("at", &domain::StaffProposer::at));
template <> inline constexpr auto shape<domain::RecoveryProposal> = fields<domain::RecoveryProposal>(
    field("proposal", &domain::RecoveryProposal::proposal),
    field("account", &domain::RecoveryProposal::account));
template <> inline constexpr auto shape<domain::IssuedPermit> = fields<domain::IssuedPermit>(
    field("proposal", &domain::IssuedPermit::proposal),
    field("account", &domain::IssuedPermit::account),
    field("code", &domain::IssuedPermit::code),
    field("letter", &domain::IssuedPermit::letter),
    field("approved_by", &domain::IssuedPermit::approved_by),
    field("permitted_at", &domain::IssuedPermit::permitted_at),
    field("expires_at", &domain::IssuedPermit::expires_at),
    field("tries", &domain::IssuedPermit::tries),
    field("state", &domain::IssuedPermit::state));
template <> inline constexpr auto shape<domain::MailTrouble> = fields<domain::MailTrouble>(
    field("fate", &domain::MailTrouble::fate),
    field("status", &domain::MailTrouble::status),
    field("since", &domain::MailTrouble::since));
template <> inline constexpr auto shape<domain::User> = fields<domain::User>(
    field("id", &domain::User::id),
    field("registered", &domain::User::registered),
    field("erased", &domain::User::erased),
    field("credential_kind", &domain::User::credential_kind),
    field("credential_version", &domain::User::credential_version),
    field("verifier", &domain::User::verifier),
    field("user_name", &domain::User::user_name),
    field("family_name", &domain::User::family_name),
    field("given_names", &domain::User::given_names),
    field("email", &domain::User::email),
    field("telephone", &domain::User::telephone),
    field("language", &domain::User::language),
    field("urn", &domain::User::urn),
    field("urn_generation", &domain::User::urn_generation),
    field("urn_renewed_at", &domain::User::urn_renewed_at),
    field("urn_reminders", &domain::User::urn_reminders),
    field("urn_expiry_recorded", &domain::User::urn_expiry_recorded),
    field("last_signed_in_at", &domain::User::last_signed_in_at),
    field("mail_factor_terms", &domain::User::mail_factor_terms),
    field("portal_terms", &domain::User::portal_terms),
    field("failures", &domain::User::failures),
    field("devices", &domain::User::devices),
    field("sign_in", &domain::User::sign_in),
    field("sessions", &domain::User::sessions),
    field("email_change", &domain::User::email_change),
    field("former_emails", &domain::User::former_emails),
    field("code_mails", &domain::User::code_mails),
    field("activation_mismatches", &domain::User::activation_mismatches),
    field("staff_roles", &domain::User::staff_roles),
    field("staff_role_change", &domain::User::staff_role_change),
    field("staff_proposers", &domain::User::staff_proposers),
    field("erasure", &domain::User::erasure),
    field("read_marks", &domain::User::read_marks),
    field("recovery_proposal", &domain::User::recovery_proposal),
    field("recovery_permit", &domain::User::recovery_permit),
    field("mail_trouble", &domain::User::mail_trouble),
    field("passing_mail_failures", &domain::User::passing_mail_failures));
template <> inline constexpr auto shape<domain::Member> = fields<domain::Member>(
    field("user", &domain::Member::user),
    field("role", &domain::Member::role),
    field("urn_generation", &domain::Member::urn_generation),
    field("owner_generation", &domain::Member::owner_generation),
    field("suspended", &domain::Member::suspended),
    field("suspended_by", &domain::Member::suspended_by),
    personal("job_title", &domain::Member::job_title),
    personal("work_telephone", &domain::Member::work_telephone),
    personal("work_email", &domain::Member::work_email));
template <> inline constexpr auto shape<domain::FormerMember> = fields<domain::FormerMember>(
    field("user", &domain::FormerMember::user),
    field("urn_generation", &domain::FormerMember::urn_generation),
    field("owner_generation", &domain::FormerMember::owner_generation),
    field("suspended_by", &domain::FormerMember::suspended_by));
template <> inline constexpr auto shape<domain::IssuedCode> = fields<domain::IssuedCode>(
    field("code", &domain::IssuedCode::code),
    field("issued_at", &domain::IssuedCode::issued_at),
    field("expires_at", &domain::IssuedCode::expires_at),
    field("tries", &domain::IssuedCode::tries),
    field("state", &domain::IssuedCode::state),
    field("warned", &domain::IssuedCode::warned),
    field("ended_at", &domain::IssuedCode::ended_at));
template <> inline constexpr auto shape<domain::Letter> = fields<domain::Letter>(
    field("id", &domain::Letter::id),
    field("kind", &domain::Letter::kind),
    field("state", &domain::Letter::state),
    field("code", &domain::Letter::code),
    field("recipient", &domain::Letter::recipient),
    field("legal_name", &domain::Letter::legal_name),
    field("address", &domain::Letter::address),
    field("ordered_at", &domain::Letter::ordered_at),
    field("due_at", &domain::Letter::due_at),
    field("overdue", &domain::Letter::overdue),
    field("arrival_asked", &domain::Letter::arrival_asked),
    field("posted_at", &domain::Letter::posted_at),
    field("arrived_at", &domain::Letter::arrived_at),
    field("registered_mail_number", &domain::Letter::registered_mail_number));
template <> inline constexpr auto shape<domain::LetterCase> = fields<domain::LetterCase>(
    field("id", &domain::LetterCase::id),
    field("letter", &domain::LetterCase::letter),
    field("opened_by", &domain::LetterCase::opened_by),
    field("opened_at", &domain::LetterCase::opened_at),
    field("resolution", &domain::LetterCase::resolution),
    field("reason", &domain::LetterCase::reason),
    field("resolved_at", &domain::LetterCase::resolved_at));
template <> inline constexpr auto shape<domain::OwnershipOffer> = fields<domain::OwnershipOffer>(
    field("id", &domain::OwnershipOffer::id),
    field("to", &domain::OwnershipOffer::to),
    field("expires_at", &domain::OwnershipOffer::expires_at),
    field("previous_owner", &domain::OwnershipOffer::previous_owner),
    field("state", &domain::OwnershipOffer::state));
template <> inline constexpr auto shape<domain::OwnerReassignment> = fields<domain::OwnerReassignment>(
    field("proposal", &domain::OwnerReassignment::proposal),
    field("owner", &domain::OwnerReassignment::owner),
    field("new_owner", &domain::OwnerReassignment::new_owner));
template <> inline constexpr auto shape<domain::Account> = fields<domain::Account>(
    field("id", &domain::Account::id),
    field("stage", &domain::Account::stage),
    field("business_number", &domain::Account::business_number),
    field("legal_name", &domain::Account::legal_name),
    field("operating_names", &domain::Account::operating_names),
    field("lines_of_business", &domain::Account::lines_of_business),
    field("mailing_address", &domain::Account::mailing_address),
    field("address_confirmed", &domain::Account::address_confirmed),
    field("new_mailing_address", &domain::Account::new_mailing_address),
    field("enrolled_at", &domain::Account::enrolled_at),
    field("activated_at", &domain::Account::activated_at),
    field("ended_at", &domain::Account::ended_at),
    field("client_number", &domain::Account::client_number),
    field("code", &domain::Account::code),
    field("former_codes", &domain::Account::former_codes),
    field("code_requests", &domain::Account::code_requests),
    field("activation_attempts", &domain::Account::activation_attempts),
    field("dead_code_attempts", &domain::Account::dead_code_attempts),
    field("letters", &domain::Account::letters),
    field("letter_cases", &domain::Account::letter_cases),
    field("enrolment_release", &domain::Account::enrolment_release),
    field("programme_terms", &domain::Account::programme_terms),
    field("members", &domain::Account::members),
    field("former_members", &domain::Account::former_members),
    field("match_failures", &domain::Account::match_failures),
    field("ownership_offer", &domain::Account::ownership_offer),
    field("former_offers", &domain::Account::former_offers),
    field("reassignment", &domain::Account::reassignment));
template <> inline constexpr auto shape<domain::Profile> = fields<domain::Profile>(
    field("ref", &domain::Profile::ref),
    field("version", &domain::Profile::version),
    field("name", &domain::Profile::name),
    field("answers", &domain::Profile::answers),
    field("company", &domain::Profile::company));
template <> inline constexpr auto shape<domain::ProfileVersion> = fields<domain::ProfileVersion>(
    field("ref", &domain::ProfileVersion::ref),
    field("version", &domain::ProfileVersion::version));
template <> inline constexpr auto shape<domain::Submission> = fields<domain::Submission>(
    field("id", &domain::Submission::id),
    field("kind", &domain::Submission::kind),
    field("state", &domain::Submission::state),
    field("submitted_by", &domain::Submission::submitted_by),
    field("submitted_at", &domain::Submission::submitted_at),
    field("decided_at", &domain::Submission::decided_at),
    field("decided_by", &domain::Submission::decided_by),
    field("remarks", &domain::Submission::remarks),
    field("company", &domain::Submission::company),
    field("profiles", &domain::Submission::profiles),
    field("compared_with", &domain::Submission::compared_with));
template <> inline constexpr auto shape<domain::StatusChange> = fields<domain::StatusChange>(
    field("status", &domain::StatusChange::status),
    field("at", &domain::StatusChange::at),
    field("reason", &domain::StatusChange::reason));
template <> inline constexpr auto shape<domain::InformalReview> = fields<domain::InformalReview>(
    field("submission", &domain::InformalReview::submission),
    field("requested_by", &domain::InformalReview::requested_by),
    field("requested_at", &domain::InformalReview::requested_at),
    field("grounds", &domain::InformalReview::grounds),
    field("upheld", &domain::InformalReview::upheld),
    field("answer", &domain::InformalReview::answer),
    field("answered_at", &domain::InformalReview::answered_at));
template <> inline constexpr auto shape<domain::Appeal> = fields<domain::Appeal>(
    field("appealed_by", &domain::Appeal::appealed_by),
    field("appealed_at", &domain::Appeal::appealed_at),
    field("grounds", &domain::Appeal::grounds),
    field("granted", &domain::Appeal::granted),
    field("answer", &domain::Appeal::answer),
    field("answered_at", &domain::Appeal::answered_at));
template <> inline constexpr auto shape<domain::Programme> = fields<domain::Programme>(
    field("id", &domain::Programme::id),
    field("versions", &domain::Programme::versions),
    field("profiles", &domain::Programme::profiles),
    field("held", &domain::Programme::held),
    field("submissions", &domain::Programme::submissions),
    field("accepted", &domain::Programme::accepted),
    field("changed_since_submission", &domain::Programme::changed_since_submission),
    field("status", &domain::Programme::status),
    field("statuses", &domain::Programme::statuses),
    field("refusal_effective_at", &domain::Programme::refusal_effective_at),
    field("informal_review_open_since", &domain::Programme::informal_review_open_since),
    field("informal_review_used", &domain::Programme::informal_review_used),
    field("informal_reviews", &domain::Programme::informal_reviews),
    field("member_since", &domain::Programme::member_since),
    field("cancelled_at", &domain::Programme::cancelled_at),
    field("appeal_open_since", &domain::Programme::appeal_open_since),
    field("appeal_used", &domain::Programme::appeal_used),
    field("appeals", &domain::Programme::appeals),
    field("details_confirmed_at", &domain::Programme::details_confirmed_at),
    field("confirmation_overdue", &domain::Programme::confirmation_overdue),
    field("revalidation_due_at", &domain::Programme::revalidation_due_at),
    field("revalidation_announced", &domain::Programme::revalidation_announced),
    field("revalidation_overdue", &domain::Programme::revalidation_overdue));
// clang-format on

}  // namespace ttp::events
