#include "bench/stories.hpp"

#include <array>

namespace ttp::bench {
namespace {

using namespace domain;

/// The data of a story: a company of its own, and the shared staff.
struct Story {
  Story(const Cast& cast, std::uint64_t number)
      : staff(cast.staff),
        dice(cast.seed, first_story_number + number),
        company(bench::company(dice, first_story_number + number)) {
    company.owner.credential_version = 1;
  }
  /// One of the company's people.
  Person colleague(std::uint64_t number) {
    Person who = person(dice, person_number(company.number, number));
    who.credential_version = 1;
    return who;
  }

  const Staff& staff;
  Dice dice;
  Company company;
};

/// A hundred wrong passwords, an hour apart, then an unlock by the service desk.
Life credential_is_locked(History& history, const Cast& cast, std::uint64_t number) {
  Story story(cast, number);
  Person who = story.colleague(1);
  auto registering = registers(history, story.dice, who);
  co_await registering;
  SessionId session;
  auto signing = signs_in(history, who, session);
  co_await signing;
  for (unsigned i = 0; i < consecutive_failures_max; ++i) {
    auto sleep = history.sleeps(minutes{61});
    co_await sleep;
    auto failing = history.tries(who.id, StartSignIn{who.id, {}, {}}, {false, who.credential_version});
    co_await failing;
  }
  auto unlocking = history.does(story.staff.desk, UnlockCredential{who.id, remark(story.dice)});
  co_await unlocking;
}

/// Every way of maintaining a credential, and failures of each.
Life credential_is_looked_after(History& history, const Cast& cast, std::uint64_t number) {
  Story story(cast, number);
  Person who = story.colleague(1);
  auto registering = registers(history, story.dice, who);
  co_await registering;
  const UserId user = who.id;
  SessionId first, second;
  auto signing = signs_in(history, who, first);
  co_await signing;
  auto again = signs_in(history, who, second);
  co_await again;
  auto step = history.does(user, CloseOtherSessions{user, second});
  co_await step;

  auto sleep = history.sleeps(days{1});
  co_await sleep;
  step = history.does(user, StartSignIn{user, {}, {}}, {true, who.credential_version});
  co_await step;
  const auto sign_in = step.made<SignInId>();
  step = history.tries(user, EnterOneTimeCode{user, sign_in, OneTimeCode::stored("000000")});
  co_await step;
  step = history.does(user, ResendOneTimeCode{user, sign_in});
  co_await step;

  ChangeContactDetails details{user, FamilyName::stored("Chartrand-Roy"), {}, {}, Language::fr};
  step = history.does(user, std::move(details));
  co_await step;
  const auto address = EmailAddress::stored("new." + who.email.text());
  step = history.does(user, RequestEmailChange{user, second, address, Password{}},
                      {true, who.credential_version});
  co_await step;
  const CodeId code = step.told<EmailChangeRequested>().code;
  const auto wrong = OneTimeCode::stored("000000");
  step = history.tries(user, ConfirmEmailChange{user, second, wrong, wrong});
  co_await step;
  step = history.does(user, ConfirmEmailChange{user, second, history.secrets().one_time_code(code),
                                               history.secrets().present_address_code(code)});
  co_await step;
  const auto password = Password::parse("yet another pass phrase").value();
  step = history.tries(user, ChangePassword{user, second, {}, password}, {false, who.credential_version});
  co_await step;
  auto changing = changes_password(history, who);
  co_await changing;
  step = history.tries(user, ActivateAccount{{}, ClientNumber::stored("00000000"), {}});
  co_await step;
}

/// Two operators erase a person, after an earlier proposal was withdrawn.
Life person_is_erased(History& history, const Cast& cast, std::uint64_t number) {
  Story story(cast, number);
  const Staff& staff = story.staff;
  Person who = story.colleague(1);
  auto registering = registers(history, story.dice, who);
  co_await registering;
  const auto proposal = [&] {
    return ProposeErasure{who.id, LegalGround::request_of_the_person, remark(story.dice)};
  };
  auto step = history.does(staff.first_operator, proposal());
  co_await step;
  const auto first = step.made<ProposalId>();
  step = history.does(staff.first_operator, WithdrawErasure{who.id, first, remark(story.dice)});
  co_await step;
  step = history.does(staff.first_operator, proposal());
  co_await step;
  const auto second = step.made<ProposalId>();
  auto sleep = history.sleeps(days{3});
  co_await sleep;
  step = history.does(staff.second_operator, ApproveErasure{who.id, second});
  co_await step;
}

/// An auditor is also a mail clerk for a while, and a privacy auditor views a person's data.
Life staff_changes(History& history, const Cast& cast, std::uint64_t number) {
  Story story(cast, number);
  const Staff& staff = story.staff;
  auto step = history.does(staff.first_operator,
                           GrantStaffRole{staff.auditor, StaffRole::mail_room, remark(story.dice)});
  co_await step;
  const auto grant = step.made<ProposalId>();
  step = history.does(staff.second_operator, ApproveStaffRoleChange{staff.auditor, grant});
  co_await step;
  auto sleep = history.sleeps(days{90});
  co_await sleep;
  step = history.does(staff.first_operator,
                      RevokeStaffRole{staff.auditor, StaffRole::mail_room, remark(story.dice)});
  co_await step;
  const auto revocation = step.made<ProposalId>();
  step = history.does(staff.second_operator, ApproveStaffRoleChange{staff.auditor, revocation});
  co_await step;
  step = history.does(staff.privacy_auditor,
                      RecordLook{staff.privacy_auditor, Look::history, staff.desk, std::nullopt});
  co_await step;
}

/// An enrolment refused as not eligible; a move before the address was confirmed; a letter replaced,
/// returned, missed and sent again; a code tried too often, and an expired one.
Life letters_go_astray(History& history, const Cast& cast, std::uint64_t number) {
  Story story(cast, number);
  const Staff& staff = story.staff;
  Company& company = story.company;
  const UserId& owner = company.owner.id;
  const AccountId& account = company.account;
  auto registering = registers(history, story.dice, company.owner);
  co_await registering;
  auto other = enrolment(story.dice, company);
  other.account.uuid = service::fresh_uuid(history.now());
  other.eligibility.solvent = false;
  auto step = history.tries(owner, std::move(other));
  co_await step;
  company.account.uuid = service::fresh_uuid(history.now());
  step = history.does(owner, enrolment(story.dice, company));
  co_await step;
  auto address = mailing_address(story.dice);
  address.line2.reset();
  step = history.does(owner, ChangeMailingAddress{account, std::move(address)});
  co_await step;
  auto confirming = confirms_address(history, company);
  co_await confirming;
  auto replacing = asks_for_new_code(history, company);
  co_await replacing;

  auto sleep = history.sleeps(days{8});
  co_await sleep;  // overdue
  step = history.does(owner, ReportLetterMissing{account, company.letter});
  co_await step;
  const auto missing = step.made<CaseId>();
  step = history.does(
      staff.desk, ResolveLetterCase{account, missing, CaseResolution::letter_sent_again, remark(story.dice)});
  co_await step;
  company.letter = step.told<LetterOrdered>().letter;
  auto posting = letter_goes_out(history, staff, company);
  co_await posting;
  sleep = history.sleeps(days{6});
  co_await sleep;
  step = history.does(staff.mail_room, RecordLetterReturned{account, company.letter, remark(story.dice)});
  co_await step;

  auto asking = asks_for_new_code(history, company);
  co_await asking;
  for (unsigned i = 0; i < activation_tries_per_code; ++i) {
    sleep = history.sleeps(hours{1});
    co_await sleep;
    step = history.tries(
        owner, ActivateAccount{account, company.client_number, ActivationCode::stored("0000000000")});
    co_await step;
  }
  sleep = history.sleeps(days{50});
  co_await sleep;
  auto last = asks_for_new_code(history, company);
  co_await last;
  sleep = history.sleeps(activation_code_lifetime + days{1});
  co_await sleep;  // the warning and the expiry are past
  step = history.tries(owner, RequestClientNumberLetter{account});
  co_await step;
}

/// A letter whose registered-mail number was mistyped, and which arrives after the day of asking; then the
/// company changes its mind.
Life letter_is_watched(History& history, const Cast& cast, std::uint64_t number) {
  Story story(cast, number);
  Company& company = story.company;
  auto enrolling = enrols(history, story.dice, company);
  co_await enrolling;
  auto confirming = confirms_address(history, company);
  co_await confirming;
  auto posting = letter_goes_out(history, story.staff, company);
  co_await posting;
  auto step = history.does(
      story.staff.mail_room,
      CorrectRegisteredMailNumber{company.account, company.letter,
                                  RegisteredMailNumber::stored("RN473124829CA"), remark(story.dice)});
  co_await step;
  auto sleep = history.sleeps(letter_arrival_time + days{2});
  co_await sleep;
  step = history.does(company.owner.id, ConfirmLetterArrival{company.account, company.letter});
  co_await step;
  step = history.does(company.owner.id, WithdrawEnrolment{company.account});
  co_await step;
}

/// The release of an enrolment is withdrawn, lapses, and is approved at last.
Life business_number_is_released(History& history, const Cast& cast, std::uint64_t number) {
  Story story(cast, number);
  const Staff& staff = story.staff;
  auto enrolling = enrols(history, story.dice, story.company);
  co_await enrolling;
  auto confirming = confirms_address(history, story.company);
  co_await confirming;
  const AccountId account = story.company.account;
  const auto proposal = [&] { return ProposeEnrolmentRelease{account, remark(story.dice)}; };
  auto step = history.does(staff.desk, proposal());
  co_await step;
  const auto first = step.made<ProposalId>();
  step = history.does(staff.desk, WithdrawEnrolmentRelease{account, first, remark(story.dice)});
  co_await step;
  step = history.does(staff.desk, proposal());
  co_await step;
  auto sleep = history.sleeps(proposal_lifetime + days{1});
  co_await sleep;  // lapsed
  step = history.does(staff.desk, proposal());
  co_await step;
  const auto last = step.made<ProposalId>();
  step = history.does(staff.second_desk, ApproveEnrolmentRelease{account, last});
  co_await step;
}

/// A colleague whom a typing error excludes at first, and everything that can happen to a member.
Life member_comes_and_goes(History& history, const Cast& cast, std::uint64_t number) {
  Story story(cast, number);
  Company& company = story.company;
  auto authorising = becomes_authorised(history, story.dice, story.staff, company);
  co_await authorising;
  const UserId owner = company.owner.id;
  const AccountId account = company.account;
  Person colleague = story.colleague(1);
  auto registering = registers(history, story.dice, colleague);
  co_await registering;
  const UserId member = colleague.id;
  auto mistyped = invitation(account, colleague, Role::full_access);
  mistyped.family_name = FamilyName::stored("Somebody Else");
  auto step = history.tries(owner, std::move(mistyped));
  co_await step;
  step = history.does(owner, invitation(account, colleague, Role::full_access));
  co_await step;
  const std::array<service::Command, 5> happens{
      ChangeMemberDetails{account, member, Title::stored("Broker"), {}, colleague.email},
      ChangeMemberRole{account, member, Role::administrative}, SuspendMember{account, member},
      ReinstateMember{account, member}, RemoveMember{account, member}};
  for (const service::Command& each : happens) {
    auto sleep = history.sleeps(days{10});
    co_await sleep;
    step = history.does(owner, each);
    co_await step;
  }
}

/// Two years without a sign-in: four reminders, expiry, and reactivation.
Life urn_expires(History& history, const Cast& cast, std::uint64_t number) {
  Story story(cast, number);
  Company& company = story.company;
  auto authorising = becomes_authorised(history, story.dice, story.staff, company);
  co_await authorising;
  Person colleague = story.colleague(1);
  auto registering = registers(history, story.dice, colleague);
  co_await registering;
  auto step = history.does(company.owner.id, invitation(company.account, colleague, Role::full_access));
  co_await step;
  auto sleep = history.sleeps(days{2 * 366 + 2});
  co_await sleep;
  step = history.does(story.staff.desk, IssueNewUrn{company.owner.id, remark(story.dice)});
  co_await step;
  step = history.does(story.staff.desk, IssueNewUrn{colleague.id, remark(story.dice)});
  co_await step;
  step = history.does(company.owner.id, ReactivateMember{company.account, colleague.id});
  co_await step;
}

/// An offer fails three times and is accepted the fourth time; then two officers reassign the ownership.
Life ownership_moves(History& history, const Cast& cast, std::uint64_t number) {
  Story story(cast, number);
  const Staff& staff = story.staff;
  Company& company = story.company;
  auto authorising = becomes_authorised(history, story.dice, staff, company);
  co_await authorising;
  const UserId owner = company.owner.id;
  const AccountId account = company.account;
  Person successor = story.colleague(1);
  auto registering = registers(history, story.dice, successor);
  co_await registering;
  const auto offer = [&] {
    return OfferOwnership{account, successor.family_name, successor.urn, successor.email,
                          PreviousOwner::becomes_proxy_owner};
  };
  auto step = history.does(owner, offer());
  co_await step;
  step = history.does(owner, WithdrawOwnershipOffer{account, OfferId{step.made<OfferId>()}});
  co_await step;
  step = history.does(owner, offer());
  co_await step;
  step = history.does(successor.id, DeclineOwnershipOffer{account, OfferId{step.made<OfferId>()}});
  co_await step;
  step = history.does(owner, offer());
  co_await step;
  auto sleep = history.sleeps(ownership_offer_lifetime + days{1});
  co_await sleep;  // lapsed
  step = history.does(owner, offer());
  co_await step;
  step = history.does(successor.id, AcceptOwnership{account, OfferId{step.made<OfferId>()}, true});
  co_await step;

  const auto proposal = [&] { return ProposeOwnerReassignment{account, owner, remark(story.dice)}; };
  step = history.does(staff.desk, proposal());
  co_await step;
  const auto first = step.made<ProposalId>();
  step = history.does(staff.desk, WithdrawOwnerReassignment{account, first, remark(story.dice)});
  co_await step;
  step = history.does(staff.desk, proposal());
  co_await step;
  const auto second = step.made<ProposalId>();
  step = history.does(staff.second_desk, ApproveOwnerReassignment{account, second});
  co_await step;
}

/// An application is returned once, then refused; an informal review upholds the refusal, which takes effect.
Life application_is_refused(History& history, const Cast& cast, std::uint64_t number) {
  Story story(cast, number);
  const Staff& staff = story.staff;
  Company& company = story.company;
  auto authorising = becomes_authorised(history, story.dice, staff, company);
  co_await authorising;
  const AccountId account = company.account;
  auto applying = applies(history, story.dice, staff, company);
  co_await applying;
  auto step = history.does(staff.officer, ReturnSubmission{account, company.submission, remark(story.dice)});
  co_await step;
  auto again = applies(history, story.dice, staff, company);
  co_await again;
  step = history.does(staff.officer, RefuseSubmission{account, company.submission, remark(story.dice)});
  co_await step;
  step = history.does(company.owner.id, RequestInformalReview{account, remark(story.dice)});
  co_await step;
  auto sleep = history.sleeps(days{10});
  co_await sleep;
  step = history.does(staff.officer, AnswerInformalReview{account, true, remark(story.dice)});
  co_await step;
}

/// A membership of more than four years: late confirmations, suspension, cancellation and reinstatement,
/// revalidation.
Life membership_lasts(History& history, const Cast& cast, std::uint64_t number) {
  Story story(cast, number);
  const Staff& staff = story.staff;
  Company& company = story.company;
  auto authorising = becomes_authorised(history, story.dice, staff, company);
  co_await authorising;
  const UserId owner = company.owner.id;
  const AccountId account = company.account;
  const auto site = SiteKey::stored("old-warehouse");
  auto adding = adds_site(history, company, site.text(), "Ancien entrepôt");
  co_await adding;
  auto step = history.does(owner, draft(story.dice, account, {ProfileKind::security, site.text()}));
  co_await step;
  step = history.does(owner, RemoveSecurityProfile{account, site});
  co_await step;
  auto applying = applies(history, story.dice, staff, company);
  co_await applying;
  step = history.does(staff.officer, AcceptSubmission{account, company.submission});
  co_await step;
  const Time member_since = history.now();

  const std::array<service::Command, 4> ups_and_downs{
      SuspendMembership{account, remark(story.dice)}, ReinstateMembership{account, remark(story.dice)},
      CancelMembership{account, remark(story.dice)}, AppealCancellation{account, remark(story.dice)}};
  for (const service::Command& each : ups_and_downs) {
    auto sleep = history.sleeps(days{10});
    co_await sleep;
    const bool by_company = std::holds_alternative<AppealCancellation>(each);
    step = history.does(by_company ? owner : staff.officer, each);
    co_await step;
  }
  step = history.does(staff.officer, AnswerAppeal{account, true, remark(story.dice)});
  co_await step;
  for (int year = 1; year <= revalidation_years; ++year) {
    auto sleep = history.sleeps_until(add_years(member_since, year) + days{5});
    co_await sleep;  // five days late each year
    SessionId session;
    auto signing = signs_in(history, company.owner, session);
    co_await signing;
    step = history.does(owner, ConfirmDetails{account});
    co_await step;
  }
  step = history.does(staff.officer, RecordRevalidation{account, remark(story.dice)});
  co_await step;
  CompanyDataChanges changes;
  changes.mailing_address = mailing_address(story.dice);
  step = history.does(owner, ChangeProfile{account, {ProfileKind::company, ""}, {}, changes});
  co_await step;
  step = history.does(owner, Submit{account});
  co_await step;
  const SubmissionId move = step.told<ApplicationSubmitted>().submission;
  step = history.does(staff.officer, BeginReview{account, move});
  co_await step;
  step = history.does(staff.officer, AcceptSubmission{account, move});
  co_await step;
  step = history.does(owner, ConfirmMailingAddress{account});
  co_await step;
}

}  // namespace

void begin_stories(History& history, const Cast& cast) {
  constexpr std::array stories{
      credential_is_locked,   credential_is_looked_after, person_is_erased,  staff_changes,
      letters_go_astray,      member_comes_and_goes,      urn_expires,       ownership_moves,
      application_is_refused, membership_lasts,           letter_is_watched, business_number_is_released};
  for (std::uint64_t i = 0; i < stories.size(); ++i) history.begin(stories[i](history, cast, i));
}

}  // namespace ttp::bench
