// The rows of accounts, their users and their ownership (SPEC 3.3 to 3.7, 3.10, 3.11).
#include "http/api/accounts/queries.hpp"
#include "http/api/rows.hpp"

namespace ttp::http {
namespace {

using namespace domain;

}  // namespace

// clang-format off
std::vector<Route> accounts_routes() {
  std::vector<Route> rows;
  const auto add = [&](Route route) { rows.push_back(std::move(route)); };

  add(with_location(command<EnrolCompany>("POST", "/v1/accounts", "Accounts", "Enrol a company; who enrols becomes the owner", signed_in(), 201,
      drawn(&EnrolCompany::account), body("business_number", &EnrolCompany::business_number),
      body("legal_name", &EnrolCompany::legal_name), body("operating_names", &EnrolCompany::operating_names),
      body("mailing_address", &EnrolCompany::mailing_address), body("eligibility", &EnrolCompany::eligibility),
      body("signing_authority_attested", &EnrolCompany::signing_authority_attested)), "/v1/accounts/{id}"));
  add(query<ListPage<AccountSummary>>("/v1/accounts", "Accounts", "The accounts that the caller belongs to", signed_in(), &own_accounts));
  add(kept(query<AccountDocument>("/v1/accounts/{account}", "Accounts", "An account and what the caller may do with it now", signed_in(), &one_account),
      {&account_asked_for, &account_deadline}));
  add(command<ChangeMailingAddress>("PUT", "/v1/accounts/{account}/mailing-address", "Accounts", "Correct the mailing address before activation", signed_in(), 200,
      path("account", &ChangeMailingAddress::account), body("mailing_address", &ChangeMailingAddress::mailing_address)));
  add(with_location(command<ConfirmMailingAddress>("POST", "/v1/accounts/{account}/address-confirmations", "Accounts", "Confirm the address as shown back; orders the letter", signed_in(), 201,
      path("account", &ConfirmMailingAddress::account)), "/v1/accounts/{account}/letters/{id}", "/v1/accounts/{account}"));
  add(command<WithdrawEnrolment>("DELETE", "/v1/accounts/{account}", "Accounts", "Withdraw an enrolment that is not activated; gives the business number back", signed_in(), 200,
      path("account", &WithdrawEnrolment::account)));
  add(with_location(command<RequestActivationCode>("POST", "/v1/accounts/{account}/activation-codes", "Accounts", "Request a new activation code", signed_in(), 201,
      path("account", &RequestActivationCode::account)), "/v1/accounts/{account}/letters/{id}"));
  add(with_location(command<ActivateAccount>("POST", "/v1/activations", "Accounts", "Activate with client number and activation code; who activates a recorded member attests and becomes its owner", signed_in(), 201,
      body("client_number", &ActivateAccount::client_number), body("activation_code", &ActivateAccount::activation_code),
      body("signing_authority_attested", &ActivateAccount::signing_authority_attested)), "/v1/accounts/{id}"));
  add(with_location(command<AcceptProgrammeTerms>("POST", "/v1/accounts/{account}/terms", "Accounts", "Accept the programme's terms; authorises the account", signed_in(), 201,
      path("account", &AcceptProgrammeTerms::account), body("terms_version", &AcceptProgrammeTerms::terms_version)), "/v1/accounts/{account}"));
  add(with_location(command<RequestClientNumberLetter>("POST", "/v1/accounts/{account}/client-number-letters", "Accounts", "Have the client number sent again by letter", signed_in(), 201,
      path("account", &RequestClientNumberLetter::account)), "/v1/accounts/{account}/letters/{id}"));
  add(query<ListPage<LetterDocument>>("/v1/accounts/{account}/letters", "Accounts", "The letters to the company", signed_in(), &account_letters));
  add(query<LetterDocument>("/v1/accounts/{account}/letters/{letter}", "Accounts", "A letter to the company and where it is", signed_in(), &account_letter));
  add(with_location(command<ConfirmLetterArrival>("POST", "/v1/accounts/{account}/letters/{letter}/arrival", "Accounts", "Say that the letter has arrived", signed_in(), 201,
      path("account", &ConfirmLetterArrival::account), path("letter", &ConfirmLetterArrival::letter)), "/v1/accounts/{account}/letters/{letter}"));
  add(with_location(command<ReportLetterMissing>("POST", "/v1/accounts/{account}/letter-reports", "Accounts", "Report that a letter did not come in time", signed_in(), 201,
      path("account", &ReportLetterMissing::account), body("letter_id", &ReportLetterMissing::letter)), "/v1/accounts/{account}/letter-cases/{id}"));
  add(query<ListPage<LetterCaseDocument>>("/v1/accounts/{account}/letter-cases", "Accounts", "The reports of missing letters and their answers", signed_in(), &account_letter_cases));
  add(query<LetterCaseDocument>("/v1/accounts/{account}/letter-cases/{letter_case}", "Accounts", "The report of a missing letter and its answer", signed_in(), &account_letter_case));
  add(query<ListPage<EventDocument>>("/v1/accounts/{account}/history", "Accounts", "The account's events, for its users and for auditors", signed_in(), &account_history));


  add(query<ListPage<MemberDocument>>("/v1/accounts/{account}/members", "Members", "The account's users", signed_in(), &account_members));
  add(query<MemberDocument>("/v1/accounts/{account}/members/{user}", "Members", "A user of the account", signed_in(), &account_member));
  add(with_location(command<AddMember>("POST", "/v1/accounts/{account}/members", "Members", "Add a user by family name, URN and e-mail, all three matching", signed_in(), 201,
      path("account", &AddMember::account), body("family_name", &AddMember::family_name), body("urn", &AddMember::urn),
      body("email", &AddMember::email), body("role", &AddMember::role)), "/v1/accounts/{account}/members/{id}"));
  add(command<ChangeMemberRole>("PUT", "/v1/accounts/{account}/members/{user}/role", "Members", "Change a user's role", signed_in(), 200,
      path("account", &ChangeMemberRole::account), path("user", &ChangeMemberRole::user), body("role", &ChangeMemberRole::role)));
  add(command<ChangeMemberDetails>("PATCH", "/v1/accounts/{account}/members/{user}", "Members", "Change a user's contact details in this account", signed_in(), 200,
      path("account", &ChangeMemberDetails::account), path("user", &ChangeMemberDetails::user),
      body("job_title", &ChangeMemberDetails::job_title), body("work_telephone", &ChangeMemberDetails::work_telephone),
      body("work_email", &ChangeMemberDetails::work_email)));
  add(with_location(command<SuspendMember>("POST", "/v1/accounts/{account}/members/{user}/suspension", "Members", "Suspend a user", signed_in(), 201,
      path("account", &SuspendMember::account), path("user", &SuspendMember::user)), "/v1/accounts/{account}/members/{user}"));
  add(command<ReinstateMember>("DELETE", "/v1/accounts/{account}/members/{user}/suspension", "Members", "Lift a suspension", signed_in(), 200,
      path("account", &ReinstateMember::account), path("user", &ReinstateMember::user)));
  add(with_location(command<ReactivateMember>("POST", "/v1/accounts/{account}/members/{user}/reactivation", "Members", "Reactivate a user after a new URN", signed_in(), 201,
      path("account", &ReactivateMember::account), path("user", &ReactivateMember::user)), "/v1/accounts/{account}/members/{user}"));
  add(command<RemoveMember>("DELETE", "/v1/accounts/{account}/members/{user}", "Members", "Take a user off the account, or leave it", signed_in(), 200,
      path("account", &RemoveMember::account), path("user", &RemoveMember::user)));
  add(with_location(command<OfferOwnership>("POST", "/v1/accounts/{account}/ownership-offers", "Ownership", "Offer the ownership to an existing user", signed_in(), 201,
      path("account", &OfferOwnership::account), body("family_name", &OfferOwnership::family_name), body("urn", &OfferOwnership::urn),
      body("email", &OfferOwnership::email), body("previous_owner", &OfferOwnership::previous_owner)), "/v1/accounts/{account}/ownership-offers/{id}"));
  add(command<WithdrawOwnershipOffer>("DELETE", "/v1/accounts/{account}/ownership-offers/{offer}", "Ownership", "Withdraw the offer", signed_in(), 200,
      path("account", &WithdrawOwnershipOffer::account), path("offer", &WithdrawOwnershipOffer::offer)));
  add(with_location(command<AcceptOwnership>("POST", "/v1/accounts/{account}/ownership-offers/{offer}/acceptance", "Ownership", "Accept the ownership", signed_in(), 201,
      path("account", &AcceptOwnership::account), path("offer", &AcceptOwnership::offer),
      body("signing_authority_attested", &AcceptOwnership::signing_authority_attested)), "/v1/accounts/{account}/ownership-offers/{offer}"));
  add(with_location(command<DeclineOwnershipOffer>("POST", "/v1/accounts/{account}/ownership-offers/{offer}/refusal", "Ownership", "Decline the ownership", signed_in(), 201,
      path("account", &DeclineOwnershipOffer::account), path("offer", &DeclineOwnershipOffer::offer)), "/v1/accounts/{account}/ownership-offers/{offer}"));
  add(query<ListPage<OfferDocument>>("/v1/accounts/{account}/ownership-offers", "Ownership", "The offers of the ownership, with those that have ended; for others than the account's users those to themselves", signed_in(), &account_ownership_offers));
  add(query<OfferDocument>("/v1/accounts/{account}/ownership-offers/{offer}", "Ownership", "An offer of the ownership and how it ended", signed_in(), &account_ownership_offer));
  add(query<ListPage<ProposalDocument>>("/v1/accounts/{account}/owner-reassignments", "Ownership", "The service desk's open proposal of a new owner, for the owner and proxy owners", signed_in(), &account_owner_reassignments));
  add(called("getAccountOwnerReassignment", query<ProposalDocument>("/v1/accounts/{account}/owner-reassignments/{proposal}", "Ownership", "The service desk's proposal of a new owner, for the owner and proxy owners", signed_in(), &account_owner_reassignment)));
  add(with_location(command<ObjectToOwnerReassignment>("POST", "/v1/accounts/{account}/owner-reassignments/{proposal}/objection", "Ownership", "Object to the new owner, which ends the proposal", signed_in(), 201,
      path("account", &ObjectToOwnerReassignment::account), path("proposal", &ObjectToOwnerReassignment::proposal)), "/v1/accounts/{account}"));
  return rows;
}
// clang-format on

}  // namespace ttp::http
