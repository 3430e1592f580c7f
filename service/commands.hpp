// The list of commands. The executor, the route table and the tests are generated from it. A command without
// a `decide` does not compile.
#pragma once

#include <variant>

#include "domain/account.hpp"
#include "domain/lists.hpp"
#include "domain/one_of.hpp"
#include "domain/programme.hpp"
#include "domain/recovery_decisions.hpp"
#include "domain/user.hpp"

namespace ttp::service {

using UserCommand = std::variant<
    domain::RegisterCredential, domain::RegisterPartnerCredential, domain::StartSignIn,
    domain::EnrolMailFactor, domain::ResendOneTimeCode, domain::EnterOneTimeCode, domain::AcceptPortalTerms,
    domain::CloseSession, domain::CloseOtherSessions, domain::ForgetDevice, domain::EndSessions,
    domain::ChangeContactDetails, domain::RequestEmailChange, domain::ConfirmEmailChange,
    domain::ChangePassword, domain::IssueNewUrn, domain::UnlockCredential, domain::GrantStaffRole,
    domain::RevokeStaffRole, domain::ApproveStaffRoleChange, domain::WithdrawStaffRoleChange,
    domain::ProposeErasure, domain::ApproveErasure, domain::WithdrawErasure, domain::RepeatErasure,
    domain::RecordLook, domain::RecordOperation, domain::RecordMailFate, domain::ResendMail,
    domain::NoteActivationMismatch, domain::MarkNotificationsRead, domain::LetTimePassForUser>;

using AccountCommand =
    std::variant<domain::EnrolCompany, domain::ChangeMailingAddress, domain::ConfirmMailingAddress,
                 domain::RequestActivationCode, domain::ActivateAccount, domain::AcceptProgrammeTerms,
                 domain::RequestClientNumberLetter, domain::ReportLetterMissing, domain::ConfirmLetterArrival,
                 domain::RecordLetterPrinted, domain::RecordLetterPosted, domain::CorrectRegisteredMailNumber,
                 domain::RecordLetterArrived, domain::RecordLetterReturned, domain::ResolveLetterCase,
                 domain::SendMemberLetterAgain, domain::WithdrawEnrolment, domain::ProposeEnrolmentRelease,
                 domain::ApproveEnrolmentRelease, domain::WithdrawEnrolmentRelease, domain::AddMember,
                 domain::ChangeMemberRole, domain::ChangeMemberDetails, domain::SuspendMember,
                 domain::ReinstateMember, domain::ReactivateMember, domain::RemoveMember,
                 domain::OfferOwnership, domain::WithdrawOwnershipOffer, domain::DeclineOwnershipOffer,
                 domain::AcceptOwnership, domain::ProposeOwnerReassignment, domain::ApproveOwnerReassignment,
                 domain::WithdrawOwnerReassignment, domain::ObjectToOwnerReassignment,
                 domain::LetTimePassForAccount>;

using ProgrammeCommand =
    std::variant<domain::SaveProfile, domain::ChangeProfile, domain::AddSecurityProfile,
                 domain::RemoveSecurityProfile, domain::Submit, domain::ConfirmDetails,
                 domain::RequestInformalReview, domain::AppealCancellation, domain::BeginReview,
                 domain::AcceptSubmission, domain::ReturnSubmission, domain::RefuseSubmission,
                 domain::AnswerInformalReview, domain::SuspendMembership, domain::ReinstateMembership,
                 domain::CancelMembership, domain::AnswerAppeal, domain::RecordRevalidation,
                 domain::RecordMember, domain::WithdrawMemberRecord, domain::LetTimePassForProgramme>;

/// Commands about a person and the company to which the letter goes.
using RecoveryCommand =
    std::variant<domain::ProposeRecovery, domain::ApproveRecovery, domain::WithdrawRecovery,
                 domain::ObjectToRecovery, domain::RecoverUser, domain::NoteWrongPermit>;

/// The commands that the service submits itself as time passes.
using TimeCommand =
    std::variant<domain::LetTimePassForUser, domain::LetTimePassForAccount, domain::LetTimePassForProgramme>;

using CommandList =
    domain::Joined<UserCommand, AccountCommand, domain::Joined<ProgrammeCommand, RecoveryCommand>>;
using Command = domain::OneOf<CommandList>;

template <class C>
concept ForUser = domain::OnList<C, UserCommand>;
/// Its own stream is the person's.
template <class C>
concept ForRecovery = domain::OnList<C, RecoveryCommand>;
template <class C>
concept ForAccount = domain::OnList<C, AccountCommand>;
template <class C>
concept ForProgramme = domain::OnList<C, ProgrammeCommand>;

}  // namespace ttp::service

extern template class ttp::domain::OneOf<ttp::service::CommandList>;
