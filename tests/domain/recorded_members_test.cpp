// Members from before the portal: recording them, their letters, and the person who becomes the owner.
#include "domain/recorded_members.hpp"

#include <gtest/gtest.h>

#include "domain/given_when_then.hpp"

namespace ttp::domain::tests {
namespace {

const Time later = noon + hours{1};
const Time since = std::chrono::sys_days{std::chrono::year{2019} / 4 / 1} + hours{4};
const std::string number = example<BusinessNumber>().text();
const ClientNumber known_number = text<ClientNumber>("70004567");

RecordMember record_of_a_member() {
  return {company,
          known_number,
          example<BusinessNumber>(),
          example<CompanyName>(),
          {},
          {LineOfBusiness::importer},
          example_address(),
          example<Day>(),
          true};
}
CompanyRecorded company_recorded() {
  return {company,          programme_officer.id,   noon, example<BusinessNumber>(),
          known_number,     example<CompanyName>(), {},   {LineOfBusiness::importer},
          example_address()};
}
const ActivationCodeIssued code_issued{company, new_code, noon, noon + days{45}, programme_officer.id};
const LetterOrdered letter_ordered{company, new_letter,       LetterKind::activation, new_code,
                                   noon,    first_letter_due, programme_officer.id};
const MembershipRecorded membership{company, programme_officer.id, since, noon};

Story recorded() {
  return given(company_recorded(), code_issued, letter_ordered, membership);
}
ActivateAccount entering(bool attested) {
  return {company, known_number, example<ActivationCode>(), attested};
}

// ---- recording --------------------------------------------------------------------------------------------

TEST(RecordMember, orders_the_letter_and_makes_the_company_a_member_since_its_day) {
  const Story story = given()
                          .when(record_of_a_member(), at(noon).by(programme_officer))
                          .then(company_recorded(), code_issued, letter_ordered, membership)
                          .claiming(Unique::business_number, number)
                          .claiming(Unique::client_number, known_number.text())
                          .after();
  EXPECT_EQ(story.account.stage, Stage::awaiting_activation);
  EXPECT_TRUE(story.account.awaits_owner());
  EXPECT_EQ(story.programme.status, MembershipStatus::member);
  EXPECT_EQ(story.programme.member_since, since);
}

TEST(RecordMember, is_revalidated_at_the_first_fourth_anniversary_to_come) {
  EXPECT_EQ(recorded().programme.revalidation_due_at, add_years(since, 8));
}

TEST(RecordMember, is_the_programme_officers) {
  given().when(record_of_a_member(), at(noon).by(desk_officer)).refused(Reason::staff_role_required);
}

TEST(RecordMember, shows_the_address_back_until_the_officer_confirms_it) {
  RecordMember command = record_of_a_member();
  command.address_confirmed = false;
  given()
      .when(command, at(noon).by(programme_officer))
      .refused(Reason::address_not_confirmed)
      .pointing_at("/address_confirmed", {"123 rue Principale", "Gatineau QC J8X 1A1", "CA"});
}

TEST(RecordMember, refuses_a_day_to_come_and_what_no_letter_can_show) {
  RecordMember command = record_of_a_member();
  command.member_since = text<Day>("2026-03-10");
  given()
      .when(command, at(noon).by(programme_officer))
      .refused(Reason::out_of_range)
      .pointing_at("/member_since");
  command = record_of_a_member();
  command.legal_name = text<CompanyName>("Maple \xF0\x9F\x8D\x81 Ltd.");
  given()
      .when(command, at(noon).by(programme_officer))
      .refused(Reason::not_shown_in_letters)
      .pointing_at("/legal_name", {"U+1F341"});
}

// ---- the letter again -------------------------------------------------------------------------------------

TEST(SendMemberLetterAgain, replaces_the_code) {
  recorded()
      .when(SendMemberLetterAgain{company, {}, {}, because},
            at(later).by(programme_officer).drawing(id<CodeId>(501)).drawing(id<LetterId>(502)))
      .then(ActivationCodeVoided{company, new_code, CodeVoidCause::replaced, later},
            LetterCancelled{company, new_letter},
            ActivationCodeIssued{company, id<CodeId>(501), later, later + days{45}, programme_officer.id},
            LetterOrdered{company, id<LetterId>(502), LetterKind::activation, id<CodeId>(501), later,
                          first_letter_due, programme_officer.id});
}

TEST(SendMemberLetterAgain, goes_to_another_address_that_the_officer_confirms) {
  MailingAddress moved = example_address();
  moved.line1 = text<AddressLine>("9 RUE DU PORT");
  recorded()
      .when(SendMemberLetterAgain{company, moved, false, because}, at(later).by(programme_officer))
      .refused(Reason::address_not_confirmed)
      .pointing_at("/address_confirmed", {"9 RUE DU PORT", "Gatineau QC J8X 1A1", "CA"});
  const Story story =
      recorded()
          .when(SendMemberLetterAgain{company, moved, true, because},
                at(later).by(programme_officer).drawing(id<CodeId>(501)).drawing(id<LetterId>(502)))
          .then(ActivationCodeVoided{company, new_code, CodeVoidCause::address_changed, later},
                LetterCancelled{company, new_letter},
                MailingAddressChanged{company, programme_officer.id, moved},
                MailingAddressConfirmed{company, programme_officer.id},
                ActivationCodeIssued{company, id<CodeId>(501), later, later + days{45}, programme_officer.id},
                LetterOrdered{company, id<LetterId>(502), LetterKind::activation, id<CodeId>(501), later,
                              first_letter_due, programme_officer.id})
          .after();
  EXPECT_EQ(story.account.letters.back().address, moved);
}

TEST(SendMemberLetterAgain, is_over_once_the_company_has_an_owner) {
  given(with_members)
      .when(SendMemberLetterAgain{company, {}, {}, because}, at(later).by(programme_officer))
      .refused(Reason::already_activated);
}

TEST(WithdrawMemberRecord, frees_both_numbers_and_ends_the_membership) {
  recorded()
      .when(WithdrawMemberRecord{company, because}, at(later).by(programme_officer))
      .then(ActivationCodeVoided{company, new_code, CodeVoidCause::enrolment_ended, later},
            LetterCancelled{company, new_letter}, EnrolmentWithdrawn{company, {}, later},
            MembershipCancelled{company, programme_officer.id, because, later})
      .releasing(Unique::business_number, number)
      .releasing(Unique::client_number, known_number.text());
}

// ---- the first owner --------------------------------------------------------------------------------------

TEST(ActivateAccount, makes_whoever_holds_the_letter_and_attests_the_owner_of_a_recorded_company) {
  const Story story =
      recorded()
          .when(entering(true), at(later).by(stranger).with_the_right_secret())
          .then(OwnerAttested{company, stranger.id, 1, 1, later},
                AccountActivated{company, stranger.id, new_code, later}, LetterCancelled{company, new_letter})
          .after();
  EXPECT_EQ(story.account.owner(), stranger.id);
  EXPECT_EQ(story.account.stage, Stage::activated);
}

TEST(ActivateAccount, needs_the_attestation_of_a_first_owner) {
  recorded()
      .when(entering(false), at(later).by(stranger).with_the_right_secret())
      .refused(Reason::attestation_required)
      .pointing_at("/signing_authority_attested");
}

TEST(ActivateAccount, makes_no_staff_and_nobody_without_a_URN_an_owner) {
  recorded()
      .when(entering(true), at(later).by(desk_officer).with_the_right_secret())
      .refused(Reason::staff_may_not_hold_account);
  recorded()
      .when(entering(true), at(later).by(with_expired_urn(stranger)).with_the_right_secret())
      .refused(Reason::urn_expired);
}

TEST(ActivateAccount, counts_no_strangers_entry_against_a_recorded_company) {
  recorded().when(entering(true), at(later).by(stranger)).refused(Reason::activation_refused);
}

TEST(ARecordedCompany, does_not_lapse_when_its_code_has_expired) {
  const Time long_after = noon + days{400};
  Story story = recorded();
  story.happens(story.decided(LetTimePassForAccount{company}, at(noon + days{45}).by(scheduler)).events);
  EXPECT_TRUE(story.decided(LetTimePassForAccount{company}, at(long_after).by(scheduler)).events.empty());
  EXPECT_EQ(story.account.stage, Stage::awaiting_activation);
}

TEST(ARecordedCompany, can_have_its_client_number_sent_again_once_it_has_an_owner) {
  Story story = recorded();
  story.happens(OwnerAttested{company, owner.id, 1, 1, noon});
  story.happens(AccountActivated{company, owner.id, new_code, noon});
  story.when(RequestClientNumberLetter{company}, at(later).drawing(id<LetterId>(502)))
      .then(LetterOrdered{company, id<LetterId>(502), LetterKind::client_number, std::nullopt, later,
                          first_letter_due, owner.id});
}

}  // namespace
}  // namespace ttp::domain::tests
