// The list of commands. The executor, the route table and the tests read it; a command that is not on it does
// not exist, and one without a `decide` does not compile.
#pragma once

#include <tuple>
#include <type_traits>
#include <variant>

#include "domain/account.hpp"
#include "domain/programme.hpp"
#include "domain/user.hpp"

namespace ttp::service {

using UserCommand =
    std::variant<domain::RegisterCredential, domain::RegisterPartnerCredential, domain::StartSignIn,
                 domain::EnrolMailFactor, domain::ResendOneTimeCode, domain::EnterOneTimeCode,
                 domain::AcceptPortalTerms, domain::CloseSession, domain::CloseOtherSessions,
                 domain::ChangeContactDetails, domain::RequestEmailChange, domain::ConfirmEmailChange,
                 domain::ChangePassword, domain::IssueNewUrn, domain::UnlockCredential,
                 domain::GrantStaffRole, domain::RevokeStaffRole, domain::NoteActivationMismatch,
                 domain::LetTimePassForUser>;

using AccountCommand = std::variant<
    domain::EnrolCompany, domain::ChangeMailingAddress, domain::ConfirmMailingAddress,
    domain::RequestActivationCode, domain::ActivateAccount, domain::AcceptProgrammeTerms,
    domain::RequestClientNumberLetter, domain::ReportLetterMissing, domain::RecordLetterPrinted,
    domain::RecordLetterPosted, domain::RecordLetterReturned, domain::ResolveLetterCase, domain::AddMember,
    domain::ChangeMemberRole, domain::ChangeMemberDetails, domain::SuspendMember, domain::ReinstateMember,
    domain::ReactivateMember, domain::RemoveMember, domain::OfferOwnership, domain::WithdrawOwnershipOffer,
    domain::DeclineOwnershipOffer, domain::AcceptOwnership, domain::ProposeOwnerReassignment,
    domain::ApproveOwnerReassignment, domain::WithdrawOwnerReassignment, domain::LetTimePassForAccount>;

using ProgrammeCommand =
    std::variant<domain::SaveProfile, domain::RemoveSecurityProfile, domain::Submit, domain::ConfirmDetails,
                 domain::RequestInformalReview, domain::AppealCancellation, domain::BeginReview,
                 domain::AcceptSubmission, domain::ReturnSubmission, domain::RefuseSubmission,
                 domain::AnswerInformalReview, domain::SuspendMembership, domain::ReinstateMembership,
                 domain::CancelMembership, domain::AnswerAppeal, domain::RecordRevalidation,
                 domain::LetTimePassForProgramme>;

namespace detail {
template <class... Variants>
struct Joined;
template <class... A, class... B, class... C>
struct Joined<std::variant<A...>, std::variant<B...>, std::variant<C...>> {
  using type = std::variant<A..., B..., C...>;
};
template <class C, class Variant>
inline constexpr bool is_alternative = false;
template <class C, class... All>
inline constexpr bool is_alternative<C, std::variant<All...>> = (std::is_same_v<C, All> || ...);
}  // namespace detail

using Command = detail::Joined<UserCommand, AccountCommand, ProgrammeCommand>::type;

template <class C>
concept ForUser = detail::is_alternative<C, UserCommand>;
template <class C>
concept ForAccount = detail::is_alternative<C, AccountCommand>;
template <class C>
concept ForProgramme = detail::is_alternative<C, ProgrammeCommand>;

}  // namespace ttp::service
