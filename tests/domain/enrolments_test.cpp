// The ends of an enrolment that is not activated, and the limit on a user's open enrolments.
#include "domain/enrolments.hpp"

#include <gtest/gtest.h>

#include "domain/given_when_then.hpp"

namespace ttp::domain::tests {
namespace {

const Time later = noon + hours{1};
const std::string number = example<BusinessNumber>().text();

EnrolCompany enrolment() {
  return {id<AccountId>(101),
          example<BusinessNumber>(),
          example<CompanyName>(),
          {},
          example_address(),
          eligible_answers(),
          true};
}

// ---- at most three ----------------------------------------------------------------------------------------

TEST(OpenEnrolments, are_at_most_three_for_a_user) {
  EXPECT_FALSE(given().decided(enrolment(), at(noon).with_open_enrolments(2)).refusal);
  given().when(enrolment(), at(noon).with_open_enrolments(3)).refused(Reason::too_many_enrolments);
}

// ---- withdrawing ------------------------------------------------------------------------------------------

TEST(WithdrawEnrolment, gives_the_business_number_back) {
  const Story story = given(enrolled)
                          .when(WithdrawEnrolment{company}, at(later))
                          .then(EnrolmentWithdrawn{company, owner.id, later})
                          .releasing(Unique::business_number, number)
                          .after();
  EXPECT_EQ(story.account.stage, Stage::ended);
  EXPECT_EQ(story.account.ended_at, later);
  EXPECT_TRUE(story.account.members.empty());
  EXPECT_EQ(next_deadline(story.account), std::nullopt);
}

TEST(WithdrawEnrolment, voids_the_code_and_stops_the_letters) {
  given(awaiting_activation)
      .when(WithdrawEnrolment{company}, at(later))
      .then(ActivationCodeVoided{company, first_code, CodeVoidCause::enrolment_ended, later},
            LetterCancelled{company, first_letter}, EnrolmentWithdrawn{company, owner.id, later})
      .releasing(Unique::business_number, number);
}

TEST(WithdrawEnrolment, is_the_owners_and_too_late_after_activation) {
  given().when(WithdrawEnrolment{company}).refused(Reason::account_not_found);
  given(enrolled).when(WithdrawEnrolment{company}, at(noon).by(stranger)).refused(Reason::account_not_found);
  given(activated).when(WithdrawEnrolment{company}).refused(Reason::already_activated);
  given(with_members).when(WithdrawEnrolment{company}, at(noon).by(proxy)).refused(Reason::not_permitted);
}

TEST(AnEndedEnrolment, is_an_account_that_does_not_exist) {
  const Story story = given(awaiting_activation, EnrolmentWithdrawn{company, owner.id, noon});
  story.when(ConfirmMailingAddress{company}).refused(Reason::account_not_found);
  story.when(RequestActivationCode{company}).refused(Reason::account_not_found);
  story
      .when(ActivateAccount{company, client_number, example<ActivationCode>()},
            at(noon).with_the_right_secret())
      .refused(Reason::account_not_found);
  story.when(WithdrawEnrolment{company}).refused(Reason::account_not_found);
  story.when(ProposeEnrolmentRelease{company, because}, at(noon).by(desk_officer))
      .refused(Reason::account_not_found);
  story.when(ConfirmDetails{company}).refused(Reason::account_not_found);
  story.when(LetTimePassForAccount{company}, at(noon + days{1000}).by(scheduler)).then();
}

TEST(AnEndedEnrolment, may_have_a_letter_that_comes_back) {
  const LetterPosted posted{company, first_letter, mail_clerk.id, example<RegisteredMailNumber>(), noon};
  given(awaiting_activation, posted,
        ActivationCodeVoided{company, first_code, CodeVoidCause::enrolment_ended, noon},
        EnrolmentWithdrawn{company, owner.id, noon})
      .when(RecordLetterReturned{company, first_letter, because}, at(later).by(mail_clerk))
      .then(LetterReturned{company, first_letter, mail_clerk.id, because});
}

// ---- lapsing ----------------------------------------------------------------------------------------------

const LetTimePassForAccount pass{company};

TEST(AnEnrolment, lapses_if_its_address_is_not_confirmed_within_30_days) {
  const Time lapse = noon + days{30};
  const Story story = given(enrolled);
  EXPECT_EQ(next_deadline(story.account), lapse);
  story.when(pass, at(lapse - millisecond).by(scheduler)).then();
  story.when(pass, at(lapse).by(scheduler))
      .then(EnrolmentLapsed{company, owner.id, EnrolmentLapse::never_confirmed, lapse})
      .releasing(Unique::business_number, number);
}

TEST(AnEnrolment, lapses_90_days_after_its_last_code_died) {
  const Time died = noon + days{3};
  const Time lapse = died + days{90};
  const Story story = given(awaiting_activation, LetterCancelled{company, first_letter},
                            ActivationCodeVoided{company, first_code, CodeVoidCause::too_many_tries, died});
  EXPECT_EQ(next_deadline(story.account), lapse);
  story.when(pass, at(lapse - millisecond).by(scheduler)).then();
  story.when(pass, at(lapse).by(scheduler))
      .then(EnrolmentLapsed{company, owner.id, EnrolmentLapse::never_activated, lapse})
      .releasing(Unique::business_number, number);
}

TEST(AnEnrolment, lives_on_with_a_new_code) {
  const Time again = noon + days{80};
  const Story story = given(awaiting_activation, LetterCancelled{company, first_letter},
                            ActivationCodeExpired{company, first_code, noon + days{45}},
                            ActivationCodeIssued{company, new_code, again, again + days{45}, owner.id});
  story.when(pass, at(noon + days{45 + 90}).by(scheduler))
      .then(ActivationCodeExpiring{company, new_code, again + days{45}},
            ActivationCodeExpired{company, new_code, again + days{45}});
}

TEST(AnEnrolment, stops_its_letters_when_it_lapses) {
  const LetterId number_letter = id<LetterId>(212);
  const Time lapse = noon + days{45 + 90};
  given(awaiting_activation, LetterCancelled{company, first_letter},
        ActivationCodeExpired{company, first_code, noon + days{45}},
        LetterOrdered{company, number_letter, LetterKind::client_number, std::nullopt, lapse - days{1},
                      lapse + days{2}, owner.id})
      .when(pass, at(lapse).by(scheduler))
      .then(LetterCancelled{company, number_letter},
            EnrolmentLapsed{company, owner.id, EnrolmentLapse::never_activated, lapse})
      .releasing(Unique::business_number, number);
}

TEST(AnEnrolment, that_is_activated_never_lapses) {
  given(activated, LetterCancelled{company, first_letter})
      .when(pass, at(noon + days{1000}).by(scheduler))
      .then();
}

// ---- releasing a squatted number --------------------------------------------------------------------------

const EnrolmentReleaseProposed proposed{company, new_proposal, desk_officer.id, because, noon};
const ApproveEnrolmentRelease approve{company, new_proposal};

TEST(ReleasingAnEnrolment, takes_two_officers_and_a_reason) {
  const Story story = given(awaiting_activation)
                          .when(ProposeEnrolmentRelease{company, because}, at(noon).by(desk_officer))
                          .then(proposed)
                          .after();
  story.when(approve, at(later).by(desk_officer)).refused(Reason::second_officer_required);
  story.when(approve, at(later).by(second_officer))
      .then(ActivationCodeVoided{company, first_code, CodeVoidCause::enrolment_ended, later},
            LetterCancelled{company, first_letter},
            EnrolmentReleased{company, owner.id, new_proposal, desk_officer.id, second_officer.id, later})
      .releasing(Unique::business_number, number);
}

TEST(ReleasingAnEnrolment, is_the_service_desks) {
  for (const Person& other : {owner, mail_clerk, programme_officer, portal_operator}) {
    given(enrolled)
        .when(ProposeEnrolmentRelease{company, because}, at(noon).by(other))
        .refused(Reason::staff_role_required);
    given(enrolled, proposed).when(approve, at(noon).by(other)).refused(Reason::staff_role_required);
    given(enrolled, proposed)
        .when(WithdrawEnrolmentRelease{company, new_proposal, because}, at(noon).by(other))
        .refused(Reason::staff_role_required);
  }
}

TEST(ReleasingAnEnrolment, falls_when_the_account_is_activated) {
  const Story story =
      given(awaiting_activation, proposed, AccountActivated{company, owner.id, first_code, noon});
  story.when(approve, at(later).by(second_officer)).refused(Reason::enrolment_release_not_found);
  story.when(ProposeEnrolmentRelease{company, because}, at(later).by(desk_officer))
      .refused(Reason::already_activated);
}

TEST(ReleasingAnEnrolment, lapses_after_14_days) {
  const Time lapse = noon + days{14};
  const Story story = given(enrolled, proposed);
  EXPECT_EQ(next_deadline(story.account), lapse);
  story.when(approve, at(lapse).by(second_officer)).refused(Reason::enrolment_release_not_found);
  story.when(pass, at(lapse - millisecond).by(scheduler)).then();
  story.when(pass, at(lapse).by(scheduler)).then(EnrolmentReleaseLapsed{company, new_proposal, lapse});
  // Also if the scheduler is late.
  story.when(ProposeEnrolmentRelease{company, because}, at(lapse).by(second_officer))
      .then(EnrolmentReleaseLapsed{company, new_proposal, lapse},
            EnrolmentReleaseProposed{company, new_proposal, second_officer.id, because, lapse});
}

TEST(ReleasingAnEnrolment, is_proposed_once_and_can_be_withdrawn) {
  given(enrolled, proposed)
      .when(ProposeEnrolmentRelease{company, because}, at(later).by(second_officer))
      .refused(Reason::enrolment_release_open)
      .when(WithdrawEnrolmentRelease{company, new_proposal, because}, at(later).by(second_officer))
      .then(EnrolmentReleaseWithdrawn{company, new_proposal, second_officer.id, because})
      .when(approve, at(later).by(second_officer))
      .refused(Reason::enrolment_release_not_found);
  given(enrolled, proposed)
      .when(ApproveEnrolmentRelease{company, id<ProposalId>(999)}, at(later).by(second_officer))
      .refused(Reason::enrolment_release_not_found);
}

}  // namespace
}  // namespace ttp::domain::tests
