// Letters and activation codes: what stops a letter, what a dead code says, and the watch over a letter's
// arrival.
#include "domain/letters.hpp"

#include <gtest/gtest.h>

#include "domain/business_days.hpp"
#include "domain/given_when_then.hpp"
#include "domain/letter_text.hpp"

namespace ttp::domain::tests {
namespace {

const Time later = noon + hours{1};
const RecordLetterPrinted record_printed{company, first_letter};
const RecordLetterPosted record_posted{company, first_letter, example<RegisteredMailNumber>()};
const LetterPosted posted{company, first_letter, mail_clerk.id, example<RegisteredMailNumber>(), noon};
const ActivateAccount activate{company, client_number, example<ActivationCode>()};
constexpr LetterId number_letter = id<LetterId>(212);

MailingAddress other_address() {
  MailingAddress address = example_address();
  address.line1 = text<AddressLine>("1 RUE DU PORT");
  return address;
}
LetterOrdered number_letter_ordered(Time when) {
  return {company, number_letter, LetterKind::client_number, std::nullopt, when, first_letter_due, owner.id};
}
ActivationCodeVoided voided(CodeVoidCause cause) {
  return {company, first_code, cause, noon};
}
ActivationCodeIssued issued(CodeId code, Time when) {
  return {company, code, when, when + days{45}, owner.id};
}

// ---- the address ------------------------------------------------------------------------------------------

TEST(AChangedAddress, stops_every_letter_that_is_not_posted_and_the_code_of_one_that_is) {
  given(awaiting_activation, number_letter_ordered(noon))
      .when(ChangeMailingAddress{company, other_address()}, at(later))
      .then(ActivationCodeVoided{company, first_code, CodeVoidCause::address_changed, later},
            LetterCancelled{company, first_letter}, LetterCancelled{company, number_letter},
            MailingAddressChanged{company, owner.id, other_address()});
  given(awaiting_activation, posted)
      .when(ChangeMailingAddress{company, other_address()}, at(later))
      .then(ActivationCodeVoided{company, first_code, CodeVoidCause::address_changed, later},
            MailingAddressChanged{company, owner.id, other_address()});
}

TEST(AChangedAddress, gets_no_letter_before_it_is_confirmed) {
  const Story story =
      given(awaiting_activation)
          .when(ChangeMailingAddress{company, other_address()}, at(later))
          .then(ActivationCodeVoided{company, first_code, CodeVoidCause::address_changed, later},
                LetterCancelled{company, first_letter},
                MailingAddressChanged{company, owner.id, other_address()})
          .after();
  story.when(RequestActivationCode{company}, at(later)).refused(Reason::address_not_confirmed);
  story.when(RequestClientNumberLetter{company}, at(later)).refused(Reason::address_not_confirmed);
}

TEST(AChangedAddress, is_followed_by_no_letter_of_a_case_before_it_is_confirmed) {
  const auto resolve = [](CaseResolution resolution) {
    return ResolveLetterCase{company, new_case, resolution, because};
  };
  const Story story = given(awaiting_activation, number_letter_ordered(noon),
                            LetterCaseOpened{company, new_case, number_letter, owner.id, first_letter_due},
                            MailingAddressChanged{company, owner.id, other_address()});
  for (const auto resolution : {CaseResolution::letter_sent_again, CaseResolution::new_code})
    story.when(resolve(resolution), at(later).by(desk_officer)).refused(Reason::address_not_confirmed);
}

TEST(AnUnconfirmedAddress, gets_no_letter_that_an_earlier_release_left_pending) {
  const Story story = given(awaiting_activation, MailingAddressChanged{company, owner.id, other_address()});
  story.when(record_printed, at(later).by(mail_clerk)).refused(Reason::address_not_confirmed);
  story.when(record_posted, at(later).by(mail_clerk)).refused(Reason::address_not_confirmed);
  Story confirmed = story;
  confirmed.happens(MailingAddressConfirmed{company, owner.id});
  EXPECT_EQ(letter_refusal(confirmed.account, *confirmed.account.letter(first_letter), later), std::nullopt);
  EXPECT_EQ(confirmed.account.letter(first_letter)->address, other_address());
}

TEST(ALetter, keeps_the_address_for_which_it_was_ordered) {
  const Story story =
      given(awaiting_activation, posted, MailingAddressChanged{company, owner.id, other_address()});
  EXPECT_EQ(story.account.letter(first_letter)->address, example_address());
}

// ---- a dead code ------------------------------------------------------------------------------------------

TEST(ADeadCode, stops_its_letter_however_it_died) {
  const AccountEvents dead[] = {
      history(awaiting_activation, voided(CodeVoidCause::too_many_tries)),
      history(awaiting_activation, voided(CodeVoidCause::replaced)),
      history(awaiting_activation, voided(CodeVoidCause::letter_returned)),
      history(awaiting_activation, voided(CodeVoidCause::address_changed)),
      history(awaiting_activation, voided(CodeVoidCause::replaced), issued(new_code, noon)),
  };
  for (const AccountEvents& events : dead) {
    given(events).when(record_printed, at(later).by(mail_clerk)).refused(Reason::activation_code_void);
    given(events).when(record_posted, at(later).by(mail_clerk)).refused(Reason::activation_code_void);
  }
  const Time expiry = noon + days{45};
  for (const Time now : {expiry, expiry + days{1}})
    given(awaiting_activation)
        .when(record_posted, at(now).by(mail_clerk))
        .refused(Reason::activation_code_expired);
}

TEST(ADeadCode, stops_the_second_letter_that_carries_it) {
  const LetterId again = id<LetterId>(213);
  given(awaiting_activation, posted,
        LetterOrdered{company, again, LetterKind::activation, first_code, noon, first_letter_due, {}})
      .when(RecordLetterReturned{company, first_letter, because}, at(later).by(mail_clerk))
      .then(LetterReturned{company, first_letter, mail_clerk.id, because},
            ActivationCodeVoided{company, first_code, CodeVoidCause::letter_returned, later},
            LetterCancelled{company, again});
}

TEST(ADeadCode, has_expired_if_its_time_was_over_when_it_was_replaced) {
  const Time now = noon + days{50};
  given(awaiting_activation)
      .when(RequestActivationCode{company}, at(now))
      .then(ActivationCodeExpired{company, first_code, noon + days{45}},
            LetterCancelled{company, first_letter}, issued(new_code, now),
            LetterOrdered{company, new_letter, LetterKind::activation, new_code, now,
                          end_of_business_day_after(now, letter_business_days), owner.id});
}

// ---- entering a former code -------------------------------------------------------------------------------

const AccountEvents with_second_code =
    history(awaiting_activation, voided(CodeVoidCause::replaced), issued(new_code, noon));

ActivationCodeRejected former_entered(Time when) {
  return {company, first_code, owner.id, AttemptFault::void_, 0, when};
}

TEST(AFormerCode, says_that_it_was_replaced_and_costs_no_try) {
  Story story = given(with_second_code);
  for (int entry = 0; entry < 3; ++entry)
    story = story.when(activate, at(later).with_the_former_code(first_code))
                .refused(Reason::activation_code_replaced)
                .recording(former_entered(later))
                .after();
  EXPECT_EQ(story.account.code->tries, 0u);
  for (std::uint32_t tries = 1; tries <= 5; ++tries)
    story =
        story.when(activate, at(later))
            .refused(Reason::activation_refused)
            .recording(ActivationCodeRejected{company, new_code, owner.id, AttemptFault::wrong, tries, later})
            .after();
  story.when(activate, at(later).with_the_former_code(first_code))
      .refused(Reason::activation_code_replaced)
      .recording(former_entered(later));
}

TEST(AFormerCode, does_not_fill_the_log) {
  AccountEvents events = with_second_code;
  for (int entry = 0; entry < 5; ++entry) events.emplace_back(former_entered(noon));
  given(events)
      .when(activate, at(later - minutes{51}).with_the_former_code(first_code))
      .refused(Reason::too_many_attempts)
      .until(noon + minutes{10});
  given(events)
      .when(activate, at(noon).with_the_right_secret())
      .then(AccountActivated{company, owner.id, new_code, noon});
}

TEST(AFormerCode, is_remembered_for_the_last_twenty) {
  Story story = given(awaiting_activation);
  for (std::uint32_t number = 1; number <= 25; ++number)
    story.happens(issued(id<CodeId>(700 + number), noon));
  EXPECT_EQ(story.account.former_codes.size(), former_codes_max);
  EXPECT_EQ(story.account.former_codes.back().code, id<CodeId>(724));
}

TEST(AnExpiredCode, costs_no_try_of_the_next_one) {
  const Time now = noon + days{46};
  const Story story =
      given(awaiting_activation)
          .when(activate, at(now).with_the_right_secret())
          .refused(Reason::activation_code_expired)
          .recording(ActivationCodeRejected{company, first_code, owner.id, AttemptFault::expired, 0, now})
          .after();
  EXPECT_TRUE(story.account.activation_attempts.empty());
}

// ---- the fifteenth day ------------------------------------------------------------------------------------

const Time arrival_due = noon + days{15};
const LetterArrivalDue asked{company, first_letter, arrival_due};
const LetTimePassForAccount pass{company};

TEST(TheFifteenthDay, asks_once_whether_the_letter_came) {
  const Story story = given(awaiting_activation, posted);
  EXPECT_EQ(next_deadline(story.account), arrival_due);
  story.when(pass, at(arrival_due - millisecond).by(scheduler)).then();
  story.when(pass, at(arrival_due).by(scheduler))
      .then(asked)
      .when(pass, at(arrival_due + days{1}).by(scheduler))
      .then();
}

TEST(TheFifteenthDay, asks_about_no_letter_that_nobody_waits_for) {
  const LetterId again = id<LetterId>(213);
  const AccountEvents settled[] = {
      history(awaiting_activation, posted, LetterReturned{company, first_letter, mail_clerk.id, because},
              voided(CodeVoidCause::letter_returned)),
      history(awaiting_activation, posted, LetterArrived{company, first_letter, owner.id, noon}),
      history(awaiting_activation, posted, AccountActivated{company, owner.id, first_code, noon}),
      history(awaiting_activation, LetterCancelled{company, first_letter},
              voided(CodeVoidCause::too_many_tries)),
  };
  for (const AccountEvents& events : settled) given(events).when(pass, at(arrival_due).by(scheduler)).then();
  given(awaiting_activation, posted,
        LetterOrdered{company, again, LetterKind::activation, first_code, noon + days{10}, noon + days{13},
                      desk_officer.id},
        LetterPosted{company, again, mail_clerk.id, example<RegisteredMailNumber>(), noon + days{11}})
      .when(pass, at(arrival_due).by(scheduler))
      .then();
}

TEST(TheFifteenthDay, asks_about_a_letter_with_the_client_number_too) {
  given(authorised, LetterCancelled{company, first_letter}, number_letter_ordered(noon),
        LetterPosted{company, number_letter, mail_clerk.id, example<RegisteredMailNumber>(), noon})
      .when(pass, at(arrival_due).by(scheduler))
      .then(LetterArrivalDue{company, number_letter, arrival_due});
}

TEST(ConfirmLetterArrival, ends_the_question) {
  const Story story = given(awaiting_activation, posted, asked)
                          .when(ConfirmLetterArrival{company, first_letter}, at(later))
                          .then(LetterArrived{company, first_letter, owner.id, later})
                          .after();
  EXPECT_EQ(story.account.letter(first_letter)->state, LetterState::arrived);
  EXPECT_FALSE(is_awaited(story.account, *story.account.letter(first_letter)));
  story.when(ConfirmLetterArrival{company, first_letter}, at(later)).refused(Reason::letter_not_posted);
}

TEST(ConfirmLetterArrival, is_a_members_act_on_a_posted_letter) {
  const ConfirmLetterArrival confirm{company, first_letter};
  given().when(confirm).refused(Reason::account_not_found);
  given(awaiting_activation, posted).when(confirm, at(noon).by(stranger)).refused(Reason::account_not_found);
  given(awaiting_activation).when(confirm).refused(Reason::letter_not_posted);
  given(awaiting_activation)
      .when(ConfirmLetterArrival{company, new_letter})
      .refused(Reason::letter_not_found);
}

TEST(RecordLetterArrived, is_the_mail_rooms_or_the_service_desks) {
  const RecordLetterArrived record{company, first_letter};
  for (const Person& staff : {mail_clerk, desk_officer})
    given(awaiting_activation, posted)
        .when(record, at(later).by(staff))
        .then(LetterArrived{company, first_letter, staff.id, later});
  for (const Person& other : {owner, programme_officer, auditor})
    given(awaiting_activation, posted).when(record, at(later).by(other)).refused(Reason::staff_role_required);
  given(awaiting_activation).when(record, at(later).by(mail_clerk)).refused(Reason::letter_not_posted);
  given().when(record, at(later).by(mail_clerk)).refused(Reason::account_not_found);
}

TEST(ALetterThatArrived, can_still_come_back) {
  given(awaiting_activation, posted, LetterArrived{company, first_letter, desk_officer.id, noon})
      .when(RecordLetterReturned{company, first_letter, because}, at(later).by(mail_clerk))
      .then(LetterReturned{company, first_letter, mail_clerk.id, because},
            ActivationCodeVoided{company, first_code, CodeVoidCause::letter_returned, later});
}

TEST(Activation, shows_that_the_letter_arrived) {
  const Story story = given(awaiting_activation, posted)
                          .when(activate, at(later).with_the_right_secret())
                          .then(AccountActivated{company, owner.id, first_code, later})
                          .after();
  EXPECT_EQ(story.account.letter(first_letter)->state, LetterState::arrived);
  EXPECT_EQ(story.account.letter(first_letter)->arrived_at, later);
}

// ---- the registered-mail number ---------------------------------------------------------------------------

const auto right_number = text<RegisteredMailNumber>("RN473124829CA");
const CorrectRegisteredMailNumber correct{company, first_letter, right_number, because};

TEST(CorrectRegisteredMailNumber, replaces_the_number_with_a_reason) {
  const Story story = given(awaiting_activation, posted)
                          .when(correct, at(later).by(mail_clerk))
                          .then(RegisteredMailNumberCorrected{company, first_letter, mail_clerk.id,
                                                              right_number, because, later})
                          .after();
  EXPECT_EQ(story.account.letter(first_letter)->registered_mail_number, right_number);
  EXPECT_EQ(story.account.letter(first_letter)->posted_at, noon);
  story.when(correct, at(later).by(mail_clerk)).then();
}

TEST(CorrectRegisteredMailNumber, is_the_mail_rooms_and_needs_a_number) {
  given(awaiting_activation, posted)
      .when(correct, at(later).by(desk_officer))
      .refused(Reason::staff_role_required);
  given(awaiting_activation).when(correct, at(later).by(mail_clerk)).refused(Reason::letter_not_posted);
  given(awaiting_activation)
      .when(CorrectRegisteredMailNumber{company, new_letter, right_number, because}, at(later).by(mail_clerk))
      .refused(Reason::letter_not_found);
}

// ---- cases ------------------------------------------------------------------------------------------------

TEST(ALetterCase, keeps_its_answer_for_who_reported) {
  const Story story =
      given(awaiting_activation, posted,
            LetterCaseOpened{company, new_case, first_letter, owner.id, first_letter_due},
            LetterCaseResolved{company, new_case, CaseResolution::closed, desk_officer.id, because, later});
  const LetterCase& answered = *story.account.letter_case(new_case);
  EXPECT_EQ(answered.resolution, CaseResolution::closed);
  EXPECT_EQ(answered.reason, because);
  EXPECT_EQ(answered.resolved_at, later);
  EXPECT_EQ(answered.opened_by, owner.id);
}

TEST(LetterCases, are_the_last_twenty_and_all_open_ones) {
  Story story = given(awaiting_activation, posted);
  const auto opened = [](std::uint32_t number) {
    return LetterCaseOpened{company, id<CaseId>(number), first_letter, owner.id, noon};
  };
  story.happens(opened(1));
  for (std::uint32_t number = 2; number <= 30; ++number) {
    story.happens(opened(number));
    story.happens(LetterCaseResolved{company, id<CaseId>(number), CaseResolution::closed, desk_officer.id,
                                     because, noon});
  }
  EXPECT_EQ(story.account.letter_cases.size(), letter_cases_max);
  EXPECT_TRUE(story.account.letter_case(id<CaseId>(1))->is_open());
  EXPECT_EQ(story.account.letter_case(id<CaseId>(2)), nullptr);
}

// ---- what a letter can show -------------------------------------------------------------------------------

TEST(LettersShow, names_in_the_scripts_of_their_fonts) {
  for (const std::string_view name :
       {"Érablière du Nord inc.", "Łukasz", "Ж", "Œuvre & Cie — nº 2", "ᐃᓄᒃ ᐄᐲᖂᓃ", "Nguyễn Ltd",
        "Ἀριστοτέλης", "大成 Trading 株式会社", "한국 무역", "שלום בע\"מ", "شركة السلام",
        "W\u0331S\u00C1NE\u0106", "Skwx\u0331w\u00FA7mesh", "k\u0315\u02B7\u0313\u019B\u0313"})
    EXPECT_EQ(LetterTexts{}.add("/legal_name", text<CompanyName>(name)).refusal(), std::nullopt) << name;
}

TEST(LettersShow, no_name_with_characters_that_would_be_boxes_or_missing) {
  const struct {
    std::string_view name;
    std::vector<std::string> missing;
  } rows[] = {{"𝕬bc 𝕬", {"U+1D56C"}},
              {"🍁 Maple", {"U+1F341"}},
              {"शर्मा", {"श", "र", "\u094D", "म", "\u093E"}},
              {"\u3164a", {"\u3164"}},
              {"a\u2800b", {"\u2800"}}};
  for (const auto& row : rows) {
    const auto refusal = LetterTexts{}.add("/legal_name", text<CompanyName>(row.name)).refusal();
    ASSERT_TRUE(refusal) << row.name;
    EXPECT_EQ(refusal->reason, Reason::not_shown_in_letters);
    EXPECT_EQ(refusal->faults,
              (std::vector{FieldFault{"/legal_name", Reason::not_shown_in_letters, row.missing}}));
  }
}

TEST(LettersShow, no_mark_that_does_not_go_with_its_letter) {
  const struct {
    std::string_view name;
    std::vector<std::string> missing;
  } rows[] = {{"\u0301a", {"U+0301"}},
              {"7\u0331", {"7\u0331"}},
              {"大\u0301", {"大\u0301"}},
              {"א\u0301", {"א\u0301"}},
              {"x\u0331\u0301\u0302\u0303", {"x\u0331\u0301\u0302\u0303"}}};
  for (const auto& row : rows) {
    const auto refusal =
        LetterTexts{}.add("/legal_name", CompanyName::stored(std::string{row.name})).refusal();
    ASSERT_TRUE(refusal) << row.name;
    EXPECT_EQ(refusal->faults,
              (std::vector{FieldFault{"/legal_name", Reason::not_shown_in_letters, row.missing}}));
  }
}

TEST(LettersShow, is_asked_where_an_address_is_entered) {
  MailingAddress address = other_address();
  address.city = text<City>("🍁");
  given(enrolled)
      .when(ChangeMailingAddress{company, address})
      .refused(Reason::not_shown_in_letters)
      .pointing_at("/mailing_address/city", {"U+1F341"});
}

}  // namespace
}  // namespace ttp::domain::tests
