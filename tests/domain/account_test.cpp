// The account's decisions: enrolment, the letter and its code, activation, members, and the one owner.
#include "domain/account.hpp"

#include <algorithm>

#include <gtest/gtest.h>

#include "domain/given_when_then.hpp"

namespace ttp::domain::tests {
namespace {

Time moment(std::string_view rfc3339) {
  return parse_time(rfc3339).value();
}
const Time later = noon + hours{1};

// ---- enrolling --------------------------------------------------------------------------------------------

EnrolCompany enrolment() {
  return {company,
          example<BusinessNumber>(),
          example<CompanyName>(),
          {text<CompanyName>("Érablière"), text<CompanyName>("Maple")},
          example_address(),
          eligible_answers(),
          true};
}

TEST(EnrolCompany, makes_the_caller_the_owner_and_claims_the_business_number) {
  const Story story = given()
                          .when(enrolment(), at(noon).by(owner))
                          .then(CompanyEnrolled{company,
                                                owner.id,
                                                1,
                                                noon,
                                                eligibility_version,
                                                eligible_answers(),
                                                example<BusinessNumber>(),
                                                example<CompanyName>(),
                                                {text<CompanyName>("Érablière"), text<CompanyName>("Maple")},
                                                example_address(),
                                                1})
                          .claiming(Unique::business_number, "123456782")
                          .after();
  EXPECT_EQ(story.account.owner(), owner.id);
  EXPECT_EQ(story.account.stage, Stage::address_unconfirmed);
  EXPECT_EQ(story.account.lines_of_business, eligible_answers().lines_of_business);
  EXPECT_EQ(next_deadline(story.account), noon + enrolment_confirmation_time);
}

TEST(EnrolCompany, is_refused_where_the_account_exists) {
  given(enrolled).when(enrolment()).refused(Reason::account_already_exists);
}

TEST(EnrolCompany, is_refused_to_staff) {
  given().when(enrolment(), at(noon).by(desk_officer)).refused(Reason::staff_may_not_hold_account);
}

TEST(EnrolCompany, is_refused_with_an_expired_urn) {
  given().when(enrolment(), at(noon).by(with_expired_urn(owner))).refused(Reason::urn_expired);
}

TEST(EnrolCompany, is_refused_without_the_attestation) {
  EnrolCompany command = enrolment();
  command.signing_authority_attested = false;
  given().when(command).refused(Reason::attestation_required).pointing_at("/signing_authority_attested");
}

TEST(EnrolCompany, records_a_refusal_that_names_each_rule_and_lets_the_company_answer_again) {
  EnrolCompany command = enrolment();
  command.eligibility.solvent = false;
  command.eligibility.no_convictions = false;
  given()
      .when(command)
      .refused(Reason::not_eligible)
      .listing({"solvent", "no_convictions"})
      .recording(EligibilityRefused{company,
                                    owner.id,
                                    eligibility_version,
                                    {EligibilityRule::solvent, EligibilityRule::no_convictions},
                                    command.eligibility,
                                    example<BusinessNumber>(),
                                    example<CompanyName>()})
      .when(enrolment())
      .then(CompanyEnrolled{company,
                            owner.id,
                            1,
                            noon,
                            eligibility_version,
                            eligible_answers(),
                            example<BusinessNumber>(),
                            example<CompanyName>(),
                            {text<CompanyName>("Érablière"), text<CompanyName>("Maple")},
                            example_address(),
                            1})
      .claiming(Unique::business_number, "123456782");
}

TEST(EnrolCompany, names_each_question_without_an_answer_and_records_no_refusal) {
  EnrolCompany command = enrolment();
  command.eligibility.solvent = false;
  command.eligibility.base = std::nullopt;
  command.eligibility.no_convictions = std::nullopt;
  given()
      .when(command)
      .refused(Reason::missing)
      .pointing_at("/eligibility/base")
      .pointing_at("/eligibility/no_convictions");
}

TEST(EnrolCompany, asks_an_american_importer_for_one_more_answer) {
  EnrolCompany command = enrolment();
  command.eligibility.base = Base::united_states;
  command.eligibility.lines_of_business = {LineOfBusiness::importer};
  given().when(command).refused(Reason::missing).pointing_at("/eligibility/files_canadian_declarations");
}

// ---- the mailing address ----------------------------------------------------------------------------------

MailingAddress other_address() {
  MailingAddress address = example_address();
  address.line1 = text<AddressLine>("1 RUE DU PORT");
  return address;
}

TEST(ConfirmMailingAddress, assigns_the_client_number_and_orders_the_letter_with_the_code) {
  const Story story =
      given(enrolled)
          .when(ConfirmMailingAddress{company})
          .then(MailingAddressConfirmed{company, owner.id}, ClientNumberAssigned{company, client_number},
                ActivationCodeIssued{company, new_code, noon, noon + days{45}, owner.id},
                LetterOrdered{company, new_letter, LetterKind::activation, new_code, noon,
                              moment("2026-03-12T04:00:00.000Z"), owner.id})
          .claiming(Unique::client_number, client_number.text())
          .after();
  EXPECT_EQ(story.account.stage, Stage::awaiting_activation);
}

TEST(ConfirmMailingAddress, of_a_changed_address_orders_a_new_letter_with_a_new_code) {
  const Story story =
      given(awaiting_activation)
          .when(ChangeMailingAddress{company, other_address()}, at(later))
          .then(ActivationCodeVoided{company, first_code, CodeVoidCause::address_changed, later},
                LetterCancelled{company, first_letter},
                MailingAddressChanged{company, owner.id, other_address()})
          .when(ConfirmMailingAddress{company}, at(later))
          .then(MailingAddressConfirmed{company, owner.id},
                ActivationCodeIssued{company, new_code, later, later + days{45}, owner.id},
                LetterOrdered{company, new_letter, LetterKind::activation, new_code, later, first_letter_due,
                              owner.id})
          .after();
  EXPECT_EQ(story.account.letters.back().address, other_address());
  EXPECT_EQ(story.account.client_number, client_number);
}

TEST(ConfirmMailingAddress, orders_no_more_letters_than_may_be_asked_for) {
  Story story = given(awaiting_activation);
  const auto moves = [&](Time when, std::string_view line) {
    MailingAddress address = example_address();
    address.line1 = text<AddressLine>(line);
    story.happens(story.decided(ChangeMailingAddress{company, address}, at(when)).events);
  };
  moves(later, "1 RUE DU PORT");
  story.happens(story.decided(ConfirmMailingAddress{company}, at(later)).events);
  moves(later, "2 RUE DU PORT");
  story.when(ConfirmMailingAddress{company}, at(later + days{1} - millisecond))
      .refused(Reason::code_requests_one_a_day)
      .until(later + days{1});
  EXPECT_FALSE(story.decided(ConfirmMailingAddress{company}, at(later + days{1})).refusal);
}

TEST(ConfirmMailingAddress, is_refused_in_the_wrong_state) {
  given().when(ConfirmMailingAddress{company}).refused(Reason::account_not_found);
  given(awaiting_activation).when(ConfirmMailingAddress{company}).refused(Reason::address_already_confirmed);
  given(activated).when(ConfirmMailingAddress{company}).refused(Reason::already_activated);
}

CompanyData other_data() {
  return {text<CompanyName>("Sirop du Nord inc."),
          {example<CompanyName>()},
          {LineOfBusiness::importer, LineOfBusiness::exporter},
          other_address()};
}

const AccountEvents with_no_letter_waiting = history(with_members, LetterCancelled{company, first_letter});

TEST(CompanyDataAccepted, puts_names_and_lines_in_effect_and_the_address_once_it_is_confirmed) {
  const Story story = given(with_no_letter_waiting,
                            CompanyDataAccepted{company, new_submission, programme_officer.id, other_data()});
  EXPECT_EQ(story.account.legal_name, other_data().legal_name);
  EXPECT_EQ(story.account.operating_names, other_data().operating_names);
  EXPECT_EQ(story.account.lines_of_business, other_data().lines_of_business);
  EXPECT_EQ(story.account.mailing_address, example_address());
  EXPECT_EQ(accepted_data_of(story.account), other_data());
  const Story confirmed = story.when(ConfirmMailingAddress{company})
                              .then(MailingAddressReplaced{company, owner.id, other_address()})
                              .after();
  EXPECT_EQ(company_data_of(confirmed.account), other_data());
  confirmed.when(ConfirmMailingAddress{company}).refused(Reason::already_activated);
}

TEST(ConfirmMailingAddress, of_a_new_address_orders_a_pending_letter_again) {
  const LetterId pending = id<LetterId>(401);
  given(with_no_letter_waiting,
        LetterOrdered{company, pending, LetterKind::client_number, std::nullopt, noon, first_letter_due,
                      owner.id},
        CompanyDataAccepted{company, new_submission, programme_officer.id, other_data()})
      .when(ConfirmMailingAddress{company})
      .then(MailingAddressReplaced{company, owner.id, other_address()}, LetterCancelled{company, pending},
            LetterOrdered{company, new_letter, LetterKind::client_number, std::nullopt, noon,
                          first_letter_due, owner.id});
}

TEST(ConfirmMailingAddress, of_a_new_address_is_the_owners) {
  for (const Person& other : {proxy, full, admin})
    given(with_members, CompanyDataAccepted{company, new_submission, programme_officer.id, other_data()})
        .when(ConfirmMailingAddress{company}, at(noon).by(other))
        .refused(Reason::not_permitted);
}

TEST(ChangeMailingAddress, asks_for_a_new_confirmation) {
  const Story story = given(enrolled)
                          .when(ChangeMailingAddress{company, other_address()})
                          .then(MailingAddressChanged{company, owner.id, other_address()})
                          .after();
  EXPECT_EQ(story.account.mailing_address, other_address());
  story.when(RequestActivationCode{company}).refused(Reason::address_not_confirmed);
}

TEST(ChangeMailingAddress, to_the_same_address_changes_nothing) {
  given(enrolled).when(ChangeMailingAddress{company, example_address()}).then();
}

TEST(ChangeMailingAddress, is_refused_in_the_wrong_state) {
  given().when(ChangeMailingAddress{company, other_address()}).refused(Reason::account_not_found);
  given(activated).when(ChangeMailingAddress{company, other_address()}).refused(Reason::already_activated);
}

TEST(BeforeActivation, the_account_is_the_owners_alone) {
  for (const Person& other : {stranger, desk_officer, mail_clerk}) {
    given(enrolled)
        .when(ChangeMailingAddress{company, other_address()}, at(noon).by(other))
        .refused(Reason::account_not_found);
    given(enrolled)
        .when(ConfirmMailingAddress{company}, at(noon).by(other))
        .refused(Reason::account_not_found);
    given(awaiting_activation)
        .when(RequestActivationCode{company}, at(noon).by(other))
        .refused(Reason::account_not_found);
  }
}

// ---- asking for a new code --------------------------------------------------------------------------------

ActivationCodeIssued issued(CodeId code, Time when, const Person& by = owner) {
  return {company, code, when, when + days{45}, by.id};
}
LetterOrdered ordered(Time when, CodeId code, Time due, const Person& by = owner) {
  return {company, new_letter, LetterKind::activation, code, when, due, by.id};
}

TEST(RequestActivationCode, voids_the_old_one_keeps_the_client_number_and_orders_a_new_letter) {
  const Story story = given(awaiting_activation)
                          .when(RequestActivationCode{company}, at(later))
                          .then(ActivationCodeVoided{company, first_code, CodeVoidCause::replaced, later},
                                LetterCancelled{company, first_letter}, issued(new_code, later),
                                ordered(later, new_code, first_letter_due))
                          .after();
  EXPECT_EQ(story.account.client_number, client_number);
}

TEST(RequestActivationCode, leaves_a_posted_letter_alone) {
  given(awaiting_activation,
        LetterPosted{company, first_letter, mail_clerk.id, example<RegisteredMailNumber>(), noon})
      .when(RequestActivationCode{company}, at(later))
      .then(ActivationCodeVoided{company, first_code, CodeVoidCause::replaced, later},
            issued(new_code, later), ordered(later, new_code, first_letter_due));
}

TEST(RequestActivationCode, does_not_void_a_code_that_is_closed_already) {
  const Time expiry = noon + days{45};
  given(awaiting_activation, ActivationCodeExpired{company, first_code, expiry},
        LetterCancelled{company, first_letter})
      .when(RequestActivationCode{company}, at(expiry))
      .then(issued(new_code, expiry), ordered(expiry, new_code, moment("2026-04-28T04:00:00.000Z")));
}

TEST(RequestActivationCode, is_refused_in_the_wrong_state) {
  given().when(RequestActivationCode{company}).refused(Reason::account_not_found);
  given(enrolled).when(RequestActivationCode{company}).refused(Reason::address_not_confirmed);
  given(activated).when(RequestActivationCode{company}).refused(Reason::already_activated);
}

TEST(RequestActivationCode, is_refused_twice_a_day) {
  const Story story = given(awaiting_activation, issued(new_code, later));
  story.when(RequestActivationCode{company}, at(later + days{1} - millisecond))
      .refused(Reason::code_requests_one_a_day)
      .until(later + days{1});
  EXPECT_FALSE(story.decided(RequestActivationCode{company}, at(later + days{1})).refusal);
}

TEST(RequestActivationCode, is_refused_the_fifth_time_in_45_days) {
  AccountEvents events = awaiting_activation;
  for (int day = 1; day <= 4; ++day)
    events.emplace_back(issued(id<CodeId>(600 + static_cast<std::uint32_t>(day)), noon + days{day}));
  const Time open_again = noon + days{1 + 45};
  given(events)
      .when(RequestActivationCode{company}, at(open_again - millisecond))
      .refused(Reason::code_requests_four_in_45_days)
      .until(open_again);
  EXPECT_FALSE(given(events).decided(RequestActivationCode{company}, at(open_again)).refusal);
}

TEST(RequestActivationCode, counts_neither_the_first_code_nor_the_service_desks) {
  const Story story = given(awaiting_activation, issued(id<CodeId>(601), noon, desk_officer));
  EXPECT_FALSE(story.decided(RequestActivationCode{company}, at(noon)).refusal);
}

// ---- activating -------------------------------------------------------------------------------------------

const ActivateAccount activate{company, client_number, example<ActivationCode>()};

ActivationCodeRejected rejected(AttemptFault fault, std::uint32_t tries, Time when) {
  return {company, first_code, owner.id, fault, tries, when};
}

TEST(ActivateAccount, takes_the_code_until_45_days_after_its_issue_to_the_millisecond) {
  const Time last = noon + days{45} - millisecond;
  const Story story =
      given(awaiting_activation)
          .when(activate, at(last).with_the_right_secret())
          .then(AccountActivated{company, owner.id, first_code, last}, LetterCancelled{company, first_letter})
          .after();
  EXPECT_EQ(story.account.stage, Stage::activated);
  EXPECT_EQ(story.account.activated_at, last);
  given(awaiting_activation)
      .when(activate, at(noon + days{45}).with_the_right_secret())
      .refused(Reason::activation_code_expired)
      .recording(rejected(AttemptFault::expired, 0, noon + days{45}));
}

TEST(ActivateAccount, leaves_a_posted_letter_unchanged) {
  given(awaiting_activation, LetterPrinted{company, first_letter, mail_clerk.id, noon},
        LetterPosted{company, first_letter, mail_clerk.id, example<RegisteredMailNumber>(), noon})
      .when(activate, at(noon + days{3}).with_the_right_secret())
      .then(AccountActivated{company, owner.id, first_code, noon + days{3}});
}

TEST(ActivateAccount, works_once) {
  given(activated).when(activate, at(noon).with_the_right_secret()).refused(Reason::already_activated);
}

TEST(ActivateAccount, is_refused_where_no_code_was_issued) {
  given().when(activate, at(noon).with_the_right_secret()).refused(Reason::account_not_found);
  given(enrolled).when(activate, at(noon).with_the_right_secret()).refused(Reason::activation_refused);
}

TEST(ActivateAccount, records_a_wrong_code) {
  given(awaiting_activation)
      .when(activate)
      .refused(Reason::activation_refused)
      .recording(rejected(AttemptFault::wrong, 1, noon));
}

TEST(ActivateAccount, with_a_dead_code_is_refused_and_recorded) {
  const Time now = noon;
  given(awaiting_activation, ActivationCodeVoided{company, first_code, CodeVoidCause::letter_returned, now})
      .when(activate, at(now).with_the_right_secret())
      .refused(Reason::activation_code_void)
      .recording(rejected(AttemptFault::void_, 0, now));
  given(awaiting_activation, ActivationCodeVoided{company, first_code, CodeVoidCause::replaced, now})
      .when(activate, at(now).with_the_right_secret())
      .refused(Reason::activation_code_void)
      .recording(rejected(AttemptFault::void_, 0, now));
  given(awaiting_activation, ActivationCodeExpired{company, first_code, noon + days{45}})
      .when(activate, at(noon + days{50}).with_the_right_secret())
      .refused(Reason::activation_code_expired)
      .recording(rejected(AttemptFault::expired, 0, noon + days{50}));
}

TEST(ActivateAccount, has_five_tries_in_ten_minutes_for_every_kind_of_mismatch) {
  Story story = given(awaiting_activation);
  for (std::uint32_t attempt = 1; attempt <= 5; ++attempt)
    story = story.when(activate, at(noon + minutes{attempt}))
                .refused(Reason::activation_refused)
                .recording(rejected(AttemptFault::wrong, attempt, noon + minutes{attempt}))
                .after();
  const Time open_again = noon + minutes{11};
  story.when(activate, at(open_again - millisecond).with_the_right_secret())
      .refused(Reason::too_many_attempts)
      .until(open_again);
  story.when(activate, at(open_again).with_the_right_secret())
      .then(AccountActivated{company, owner.id, first_code, open_again},
            LetterCancelled{company, first_letter});

  AccountEvents dead =
      history(awaiting_activation, ActivationCodeVoided{company, first_code, CodeVoidCause::replaced, noon});
  for (int i = 0; i < 5; ++i) dead.emplace_back(rejected(AttemptFault::void_, 0, noon));
  given(dead).when(activate).refused(Reason::too_many_attempts).until(noon + minutes{10});
}

TEST(ActivateAccount, does_not_count_tries_with_the_code_before_in_those_of_the_new_one) {
  AccountEvents events = awaiting_activation;
  for (std::uint32_t tries = 1; tries <= 19; ++tries)
    events.emplace_back(rejected(AttemptFault::wrong, tries, noon));
  const Time now = noon + days{1};
  given(events)
      .when(RequestActivationCode{company}, at(now))
      .then(ActivationCodeVoided{company, first_code, CodeVoidCause::replaced, now},
            LetterCancelled{company, first_letter}, issued(new_code, now),
            ordered(now, new_code, moment("2026-03-13T04:00:00.000Z")))
      .when(activate, at(now))
      .refused(Reason::activation_refused)
      .recording(ActivationCodeRejected{company, new_code, owner.id, AttemptFault::wrong, 1, now});
}

TEST(ActivateAccount, voids_the_code_at_the_twentieth_try) {
  Story story = given(awaiting_activation);
  for (std::uint32_t attempt = 1; attempt <= 19; ++attempt) {
    const Time now = noon + hours{attempt};
    story = story.when(activate, at(now))
                .refused(Reason::activation_refused)
                .recording(rejected(AttemptFault::wrong, attempt, now))
                .after();
  }
  const Time now = noon + hours{20};
  story.when(activate, at(now).with_the_right_secret())
      .then(AccountActivated{company, owner.id, first_code, now}, LetterCancelled{company, first_letter});
  story.when(activate, at(now))
      .refused(Reason::activation_refused)
      .recording(rejected(AttemptFault::wrong, 20, now),
                 ActivationCodeVoided{company, first_code, CodeVoidCause::too_many_tries, now},
                 LetterCancelled{company, first_letter})
      .when(activate, at(now + hours{1}).with_the_right_secret())
      .refused(Reason::activation_code_void)
      .recording(rejected(AttemptFault::void_, 20, now + hours{1}));
}

TEST(AcceptProgrammeTerms, authorises_the_account) {
  const Story story = given(activated)
                          .when(AcceptProgrammeTerms{company, 1})
                          .then(ProgrammeTermsAccepted{company, owner.id, 1, noon})
                          .after();
  EXPECT_EQ(story.account.stage, Stage::authorised);
}

TEST(AcceptProgrammeTerms, is_asked_again_when_they_change) {
  given(authorised)
      .when(SuspendMember{company, admin.id}, at(noon).under_programme_terms(2))
      .refused(Reason::programme_terms_outdated)
      .when(AcceptProgrammeTerms{company, 2}, at(noon).under_programme_terms(2))
      .then(ProgrammeTermsAccepted{company, owner.id, 2, noon})
      .when(SuspendMember{company, admin.id}, at(noon).under_programme_terms(2))
      .refused(Reason::not_a_member);
}

TEST(AcceptProgrammeTerms, is_refused_where_there_is_nothing_to_accept) {
  given().when(AcceptProgrammeTerms{company, 1}).refused(Reason::account_not_found);
  given(awaiting_activation).when(AcceptProgrammeTerms{company, 1}).refused(Reason::not_activated);
  given(authorised).when(AcceptProgrammeTerms{company, 1}).refused(Reason::already_authorised);
  given(activated)
      .when(AcceptProgrammeTerms{company, 1}, at(noon).under_programme_terms(2))
      .refused(Reason::terms_version_outdated)
      .pointing_at("/terms_version");
}

// ---- the letter -------------------------------------------------------------------------------------------

const LetterPosted posted{company, first_letter, mail_clerk.id, example<RegisteredMailNumber>(), noon};
const RecordLetterPrinted record_printed{company, first_letter};
const RecordLetterPosted record_posted{company, first_letter, example<RegisteredMailNumber>()};
const RecordLetterReturned record_returned{company, first_letter, because};

TEST(RecordLetterPrinted, may_be_recorded_again_until_the_letter_is_posted) {
  given(awaiting_activation)
      .when(record_printed, at(later).by(mail_clerk))
      .then(LetterPrinted{company, first_letter, mail_clerk.id, later})
      .when(record_printed, at(later).by(mail_clerk))
      .then(LetterPrinted{company, first_letter, mail_clerk.id, later});
}

TEST(RecordLetterPrinted, is_refused_where_the_letter_would_carry_an_expired_code) {
  const Time expiry = noon + days{45};
  given(awaiting_activation)
      .when(record_printed, at(expiry).by(mail_clerk))
      .refused(Reason::activation_code_expired);
  given(awaiting_activation)
      .when(record_printed, at(expiry - millisecond).by(mail_clerk))
      .then(LetterPrinted{company, first_letter, mail_clerk.id, expiry - millisecond});
}

TEST(RecordLetterPosted, keeps_the_registered_mail_number) {
  const Story story =
      given(awaiting_activation)
          .when(record_posted, at(later).by(mail_clerk))
          .then(LetterPosted{company, first_letter, mail_clerk.id, example<RegisteredMailNumber>(), later})
          .after();
  const Letter& letter = story.account.letters.front();
  EXPECT_EQ(letter.state, LetterState::posted);
  EXPECT_EQ(letter.posted_at, later);
  EXPECT_EQ(letter.registered_mail_number, example<RegisteredMailNumber>());
}

TEST(RecordLetterReturned, voids_the_code_in_the_letter) {
  given(awaiting_activation, posted)
      .when(record_returned, at(later).by(mail_clerk))
      .then(LetterReturned{company, first_letter, mail_clerk.id, because},
            ActivationCodeVoided{company, first_code, CodeVoidCause::letter_returned, later})
      .when(activate, at(later).with_the_right_secret())
      .refused(Reason::activation_code_void)
      .recording(rejected(AttemptFault::void_, 0, later));
}

TEST(RecordLetterReturned, leaves_a_newer_or_a_closed_code_unchanged) {
  given(awaiting_activation, posted, issued(new_code, later))
      .when(record_returned, at(later).by(mail_clerk))
      .then(LetterReturned{company, first_letter, mail_clerk.id, because});
  given(activated, posted)
      .when(record_returned, at(later).by(mail_clerk))
      .then(LetterReturned{company, first_letter, mail_clerk.id, because});
}

template <class Command>
void is_the_staff_roles_alone(const AccountEvents& events, const Command& command, StaffRole role) {
  for (const Person& person :
       {owner, proxy, stranger, mail_clerk, desk_officer, programme_officer, auditor, portal_operator}) {
    const auto refusal = given(events).decided(command, at(later).by(person).matching(colleague)).refusal;
    EXPECT_EQ(refusal && refusal->reason == Reason::staff_role_required, !person.has(role))
        << type_name<Command>() << " by " << show(person.id);
  }
  const Person& member_of_staff = role == StaffRole::mail_room ? mail_clerk : desk_officer;
  given().when(command, at(later).by(member_of_staff).matching(colleague)).refused(Reason::account_not_found);
}

TEST(TheMailRoomsCommands, are_refused_to_all_others_and_for_an_account_that_does_not_exist) {
  is_the_staff_roles_alone(awaiting_activation, record_printed, StaffRole::mail_room);
  is_the_staff_roles_alone(awaiting_activation, record_posted, StaffRole::mail_room);
  is_the_staff_roles_alone(history(awaiting_activation, posted), record_returned, StaffRole::mail_room);
}

TEST(TheMailRoomsCommands, are_refused_for_a_letter_that_does_not_exist_or_is_past_that_step) {
  const auto clerk = at(noon).by(mail_clerk);
  given(awaiting_activation)
      .when(RecordLetterPrinted{company, new_letter}, clerk)
      .refused(Reason::letter_not_found);
  given(awaiting_activation)
      .when(RecordLetterPosted{company, new_letter, example<RegisteredMailNumber>()}, clerk)
      .refused(Reason::letter_not_found);
  given(awaiting_activation)
      .when(RecordLetterReturned{company, new_letter, because}, clerk)
      .refused(Reason::letter_not_found);
  given(awaiting_activation).when(record_returned, clerk).refused(Reason::letter_not_posted);
  const AccountEvents closed[] = {
      history(awaiting_activation, posted),
      history(awaiting_activation, LetterCancelled{company, first_letter}),
      history(awaiting_activation, posted, LetterReturned{company, first_letter, mail_clerk.id, because}),
  };
  for (const AccountEvents& events : closed) {
    given(events).when(record_printed, clerk).refused(Reason::letter_not_pending);
    given(events).when(record_posted, clerk).refused(Reason::letter_not_pending);
  }
}

// ---- the letter did not come ------------------------------------------------------------------------------

const ReportLetterMissing report_missing{company, first_letter};
const LetterCaseOpened case_opened{company, new_case, first_letter, owner.id, first_letter_due};

TEST(ReportLetterMissing, opens_a_case_once_the_two_business_days_are_over) {
  given(awaiting_activation)
      .when(report_missing, at(first_letter_due - millisecond))
      .refused(Reason::letter_not_overdue)
      .until(first_letter_due);
  given(awaiting_activation).when(report_missing, at(first_letter_due)).then(case_opened);
  given(awaiting_activation, posted).when(report_missing, at(first_letter_due)).then(case_opened);
}

TEST(ReportLetterMissing, is_about_the_letter_that_it_names) {
  const LetterId number_letter = id<LetterId>(212);
  given(awaiting_activation, posted,
        LetterOrdered{company, number_letter, LetterKind::client_number, std::nullopt, noon + days{4},
                      first_letter_due + days{6}, owner.id})
      .when(report_missing, at(first_letter_due + days{2}))
      .then(LetterCaseOpened{company, new_case, first_letter, owner.id, first_letter_due + days{2}})
      .when(ReportLetterMissing{company, number_letter}, at(first_letter_due + days{2}))
      .refused(Reason::letter_not_overdue)
      .until(first_letter_due + days{6});
}

TEST(ReportLetterMissing, opens_a_case_for_each_letter) {
  const LetterId number_letter = id<LetterId>(212);
  const CaseId second_case = id<CaseId>(998);
  const Story story =
      given(awaiting_activation,
            LetterOrdered{company, number_letter, LetterKind::client_number, std::nullopt, noon,
                          first_letter_due, owner.id},
            case_opened)
          .when(ReportLetterMissing{company, number_letter}, at(first_letter_due).drawing(second_case))
          .then(LetterCaseOpened{company, second_case, number_letter, owner.id, first_letter_due})
          .after();
  story
      .when(ResolveLetterCase{company, second_case, CaseResolution::letter_sent_again, because},
            at(first_letter_due).by(desk_officer))
      .then(LetterCaseResolved{company, second_case, CaseResolution::letter_sent_again, desk_officer.id,
                               because, first_letter_due},
            LetterCancelled{company, number_letter},
            LetterOrdered{company, new_letter, LetterKind::client_number, std::nullopt, first_letter_due,
                          moment("2026-03-17T04:00:00.000Z"), desk_officer.id});
}

TEST(ReportLetterMissing, is_refused_for_a_letter_that_nobody_waits_for) {
  const auto report = [](const AccountEvents& events) {
    given(events).when(report_missing, at(noon + days{10})).refused(Reason::letter_not_on_its_way);
  };
  report(history(awaiting_activation, LetterCancelled{company, first_letter}));
  report(history(awaiting_activation, posted, LetterReturned{company, first_letter, mail_clerk.id, because}));
  report(
      history(awaiting_activation, posted, LetterArrived{company, first_letter, owner.id, noon + days{3}}));
  report(history(awaiting_activation, posted, AccountActivated{company, owner.id, first_code, noon}));
  report(history(awaiting_activation, posted, issued(new_code, noon)));
}

TEST(ReportLetterMissing, is_refused_where_there_is_no_letter_or_a_case_is_open) {
  given().when(report_missing, at(first_letter_due)).refused(Reason::account_not_found);
  given(awaiting_activation)
      .when(report_missing, at(first_letter_due).by(stranger))
      .refused(Reason::account_not_found);
  given(enrolled).when(report_missing, at(first_letter_due)).refused(Reason::letter_not_found);
  given(awaiting_activation, case_opened)
      .when(report_missing, at(first_letter_due))
      .refused(Reason::letter_case_open);
}

const AccountEvents with_case = history(awaiting_activation, case_opened);

ResolveLetterCase resolve(CaseResolution resolution) {
  return {company, new_case, resolution, because};
}
LetterCaseResolved resolved(CaseResolution resolution, Time when = later) {
  return {company, new_case, resolution, desk_officer.id, because, when};
}

TEST(ResolveLetterCase, closes_it) {
  given(with_case)
      .when(resolve(CaseResolution::closed), at(later).by(desk_officer))
      .then(resolved(CaseResolution::closed))
      .when(resolve(CaseResolution::closed), at(later).by(desk_officer))
      .refused(Reason::case_not_found);
}

TEST(ResolveLetterCase, sends_the_letter_again_with_the_same_code) {
  given(with_case)
      .when(resolve(CaseResolution::letter_sent_again), at(later).by(desk_officer))
      .then(resolved(CaseResolution::letter_sent_again), LetterCancelled{company, first_letter},
            ordered(later, first_code, first_letter_due, desk_officer));
  given(with_case, posted)
      .when(resolve(CaseResolution::letter_sent_again), at(later).by(desk_officer))
      .then(resolved(CaseResolution::letter_sent_again),
            ordered(later, first_code, first_letter_due, desk_officer));
}

TEST(ResolveLetterCase, sends_a_letter_without_a_code_again_unchanged) {
  const LetterId number_letter = id<LetterId>(213);
  given(authorised,
        LetterOrdered{company, number_letter, LetterKind::client_number, std::nullopt, noon, first_letter_due,
                      owner.id},
        LetterCaseOpened{company, new_case, number_letter, owner.id, first_letter_due})
      .when(resolve(CaseResolution::letter_sent_again), at(later).by(desk_officer))
      .then(resolved(CaseResolution::letter_sent_again), LetterCancelled{company, number_letter},
            LetterOrdered{company, new_letter, LetterKind::client_number, std::nullopt, later,
                          first_letter_due, desk_officer.id});
}

TEST(ResolveLetterCase, never_sends_a_dead_code_again) {
  const auto again = resolve(CaseResolution::letter_sent_again);
  given(with_case).when(again, at(noon + days{45}).by(desk_officer)).refused(Reason::activation_code_void);
  given(with_case, ActivationCodeVoided{company, first_code, CodeVoidCause::letter_returned, noon})
      .when(again, at(later).by(desk_officer))
      .refused(Reason::activation_code_void);
  given(with_case, issued(new_code, noon))
      .when(again, at(later).by(desk_officer))
      .refused(Reason::activation_code_void);
  given(with_case, AccountActivated{company, owner.id, first_code, noon})
      .when(again, at(later).by(desk_officer))
      .refused(Reason::activation_code_void);
}

TEST(ResolveLetterCase, issues_a_new_code_beyond_the_companys_limits) {
  AccountEvents events = with_case;
  for (int day = 0; day < 4; ++day) events.emplace_back(issued(first_code, noon + days{day}));
  const Time now = noon + days{3};
  given(events)
      .when(resolve(CaseResolution::new_code), at(now).by(desk_officer))
      .then(resolved(CaseResolution::new_code, now),
            ActivationCodeVoided{company, first_code, CodeVoidCause::replaced, now},
            LetterCancelled{company, first_letter}, issued(new_code, now, desk_officer),
            ordered(now, new_code, moment("2026-03-17T04:00:00.000Z"), desk_officer));
}

TEST(ResolveLetterCase, issues_no_code_to_an_activated_account) {
  given(with_case, AccountActivated{company, owner.id, first_code, noon})
      .when(resolve(CaseResolution::new_code), at(later).by(desk_officer))
      .refused(Reason::already_activated);
}

TEST(ResolveLetterCase, is_the_service_desks_and_needs_an_open_case) {
  is_the_staff_roles_alone(with_case, resolve(CaseResolution::closed), StaffRole::service_desk);
  given(awaiting_activation)
      .when(resolve(CaseResolution::closed), at(later).by(desk_officer))
      .refused(Reason::case_not_found);
  given(with_case)
      .when(ResolveLetterCase{company, id<CaseId>(999), CaseResolution::closed, because},
            at(later).by(desk_officer))
      .refused(Reason::case_not_found);
}

TEST(RequestClientNumberLetter, sends_the_number_without_a_code_once_a_day) {
  const LetterOrdered number_letter{
      company, new_letter, LetterKind::client_number, std::nullopt, noon, first_letter_due, admin.id};
  const Story story = given(with_members)
                          .when(RequestClientNumberLetter{company}, at(noon).by(admin))
                          .then(number_letter)
                          .after();
  story.when(RequestClientNumberLetter{company}, at(noon + days{1} - millisecond))
      .refused(Reason::code_requests_one_a_day)
      .until(noon + days{1});
  EXPECT_FALSE(story.decided(RequestClientNumberLetter{company}, at(noon + days{1})).refusal);
}

TEST(RequestClientNumberLetter, is_refused_where_there_is_no_number_or_no_membership) {
  given().when(RequestClientNumberLetter{company}).refused(Reason::account_not_found);
  given(enrolled).when(RequestClientNumberLetter{company}).refused(Reason::client_number_not_assigned);
  given(with_members)
      .when(RequestClientNumberLetter{company}, at(noon).by(stranger))
      .refused(Reason::account_not_found);
}

// ---- members ----------------------------------------------------------------------------------------------

AddMember add(Role role) {
  return {company, example<FamilyName>(), example<Urn>(), example<EmailAddress>(), role};
}
MemberAdded added(const Person& person, Role role, const Person& by) {
  return {company, person.id, role, person.urn_generation, 1, by.id};
}

TEST(BeforeTheProgrammesTerms, nothing_on_the_account_can_be_changed) {
  const auto refused_everywhere = [](const AccountEvents& events, Reason reason) {
    const auto facts = at(noon).matching(colleague);
    given(events).when(add(Role::full_access), facts).refused(reason);
    given(events).when(ChangeMemberRole{company, owner.id, Role::full_access}, facts).refused(reason);
    given(events)
        .when(ChangeMemberDetails{company, owner.id, example<Title>(), {}, {}}, facts)
        .refused(reason);
    given(events).when(SuspendMember{company, owner.id}, facts).refused(reason);
    given(events).when(ReinstateMember{company, owner.id}, facts).refused(reason);
    given(events).when(RemoveMember{company, owner.id}, facts).refused(reason);
    given(events)
        .when(OfferOwnership{company, example<FamilyName>(), example<Urn>(), example<EmailAddress>(), {}},
              facts)
        .refused(reason);
  };
  refused_everywhere({}, Reason::account_not_found);
  refused_everywhere(enrolled, Reason::not_activated);
  refused_everywhere(awaiting_activation, Reason::not_activated);
  refused_everywhere(activated, Reason::not_authorised);
}

TEST(AddMember, adds_the_matching_user_at_a_role_below_the_callers) {
  // clang-format off
  const struct { const Person& by; Role role; bool allowed; } rows[] = {
      {owner, Role::owner, false},
      {owner, Role::proxy_owner, true},
      {owner, Role::full_access, true},
      {owner, Role::administrative, true},
      {proxy, Role::owner, false},
      {proxy, Role::proxy_owner, false},
      {proxy, Role::full_access, true},
      {proxy, Role::administrative, true},
      {full, Role::owner, false},
      {full, Role::proxy_owner, false},
      {full, Role::full_access, false},
      {full, Role::administrative, true},
  };
  // clang-format on
  for (const auto& row : rows) {
    const auto facts = at(noon).by(row.by).matching(colleague);
    if (row.allowed) {
      given(with_members).when(add(row.role), facts).then(added(colleague, row.role, row.by));
    } else {
      given(with_members).when(add(row.role), facts).refused(Reason::role_above_own).pointing_at("/role");
    }
  }
}

TEST(AddMember, is_refused_and_counted_if_no_user_matches) {
  given(with_members)
      .when(add(Role::administrative), at(noon).by(full))
      .refused(Reason::no_matching_user)
      .recording(MemberMatchFailed{company, full.id, noon});
}

TEST(AddMember, answers_for_staff_as_if_no_user_matched) {
  given(with_members)
      .when(add(Role::administrative), at(noon).matching(desk_officer))
      .refused(Reason::no_matching_user);
}

TEST(AddMember, is_refused_for_a_member) {
  given(with_members)
      .when(add(Role::administrative), at(noon).matching(full))
      .refused(Reason::already_member);
  given(with_members)
      .when(add(Role::administrative), at(noon).by(proxy).matching(owner))
      .refused(Reason::already_member);
}

AccountEvents with_match_failures(int count, Duration apart) {
  AccountEvents events = with_members;
  for (int i = 0; i < count; ++i) events.emplace_back(MemberMatchFailed{company, owner.id, noon + i * apart});
  return events;
}

TEST(MatchingAUser, has_five_tries_in_ten_minutes) {
  const AccountEvents five = with_match_failures(5, minutes{1});
  const OfferOwnership offer{company, example<FamilyName>(), example<Urn>(), example<EmailAddress>(), {}};
  for (const Time now : {noon + minutes{5}, noon + minutes{10} - millisecond}) {
    const auto facts = at(now).matching(colleague);
    given(five)
        .when(add(Role::administrative), facts)
        .refused(Reason::too_many_attempts)
        .until(noon + minutes{10});
    given(five).when(offer, facts).refused(Reason::too_many_attempts).until(noon + minutes{10});
  }
  given(five)
      .when(add(Role::administrative), at(noon + minutes{10}).matching(colleague))
      .then(added(colleague, Role::administrative, owner));
}

TEST(MatchingAUser, has_twenty_tries_a_day) {
  const AccountEvents twenty = with_match_failures(20, hours{1});
  given(twenty)
      .when(add(Role::administrative), at(noon + hours{24} - millisecond).matching(colleague))
      .refused(Reason::too_many_attempts)
      .until(noon + hours{24});
  given(twenty)
      .when(add(Role::administrative), at(noon + hours{24}).matching(colleague))
      .then(added(colleague, Role::administrative, owner));
}

TEST(ChangeMemberRole, gives_only_roles_below_the_callers_own) {
  // clang-format off
  const struct { const Person& by; const Person& whom; Role role; std::optional<Reason> refusal; } rows[] = {
      {owner, proxy, Role::administrative, {}},
      {owner, proxy, Role::full_access, {}},
      {owner, admin, Role::proxy_owner, {}},
      {owner, admin, Role::owner, Reason::role_above_own},
      {owner, owner, Role::administrative, Reason::owner_untouchable},
      {proxy, owner, Role::administrative, Reason::owner_untouchable},
      {proxy, full, Role::administrative, {}},
      {proxy, admin, Role::full_access, {}},
      {proxy, admin, Role::proxy_owner, Reason::role_above_own},
      {proxy, admin, Role::owner, Reason::role_above_own},
      {proxy, proxy, Role::full_access, Reason::role_above_own},
      {full, owner, Role::administrative, Reason::owner_untouchable},
      {full, proxy, Role::administrative, Reason::role_above_own},
      {full, full, Role::administrative, Reason::role_above_own},
      {full, admin, Role::full_access, Reason::role_above_own},
      {full, full, Role::proxy_owner, Reason::role_above_own},
      {admin, owner, Role::administrative, Reason::owner_untouchable},
      {admin, proxy, Role::administrative, Reason::role_above_own},
      {admin, admin, Role::full_access, Reason::role_above_own},
      {admin, full, Role::proxy_owner, Reason::role_above_own},
  };
  // clang-format on
  for (const auto& row : rows) {
    SCOPED_TRACE(show(row.by.id) + " makes " + show(row.whom.id) + ' ' + show(row.role));
    const auto decision =
        given(with_members).decided(ChangeMemberRole{company, row.whom.id, row.role}, at(noon).by(row.by));
    EXPECT_EQ(decision.refusal ? std::optional{decision.refusal->reason} : std::nullopt, row.refusal);
    const std::vector<AccountEvent> changed{MemberRoleChanged{company, row.whom.id, row.role, row.by.id}};
    EXPECT_TRUE(same(decision.events, row.refusal ? std::vector<AccountEvent>{} : changed))
        << show(decision.events);
  }
}

TEST(ChangeMemberRole, removes_the_permissions_of_the_earlier_role) {
  given(with_members)
      .when(ChangeMemberRole{company, full.id, Role::administrative})
      .then(MemberRoleChanged{company, full.id, Role::administrative, owner.id})
      .when(add(Role::administrative), at(noon).by(full).matching(colleague))
      .refused(Reason::not_permitted);
}

TEST(ChangeMemberRole, is_refused_where_it_makes_no_sense) {
  given(with_members)
      .when(ChangeMemberRole{company, stranger.id, Role::administrative})
      .refused(Reason::not_a_member);
  given(with_members)
      .when(ChangeMemberRole{company, admin.id, Role::administrative})
      .refused(Reason::role_unchanged)
      .pointing_at("/role");
}

TEST(ChangeMemberDetails, changes_those_of_a_lower_role_and_ones_own) {
  const ChangeMemberDetails of_admin{company, admin.id, example<Title>(), {}, example<EmailAddress>()};
  const Story story = given(with_members)
                          .when(of_admin, at(noon).by(full))
                          .then(MemberDetailsChanged{company, admin.id, full.id, example<Title>(),
                                                     std::nullopt, example<EmailAddress>()})
                          .after();
  EXPECT_EQ(story.account.member(admin.id)->job_title, example<Title>());
  EXPECT_EQ(story.account.member(admin.id)->work_telephone, std::nullopt);
  EXPECT_EQ(story.account.member(admin.id)->work_email, example<EmailAddress>());
  for (const Person& self : {owner, proxy, full, admin})
    given(with_members)
        .when(ChangeMemberDetails{company, self.id, {}, example<Telephone>(), {}}, at(noon).by(self))
        .then(MemberDetailsChanged{company, self.id, self.id, std::nullopt, example<Telephone>(),
                                   std::nullopt});
}

TEST(ChangeMemberDetails, clears_what_is_null) {
  ChangeMemberDetails clears{company, admin.id};
  clears.job_title = Change<Title>::clear();
  const Story story =
      given(with_members, MemberDetailsChanged{company, admin.id, admin.id, example<Title>(),
                                               example<Telephone>(), std::nullopt})
          .when(clears)
          .then(MemberDetailsChanged{company, admin.id, owner.id, Title{}, std::nullopt, std::nullopt})
          .after();
  EXPECT_EQ(story.account.member(admin.id)->job_title, std::nullopt);
  EXPECT_EQ(story.account.member(admin.id)->work_telephone, example<Telephone>());
}

TEST(EditingAMember, is_of_a_role_below_the_callers_own) {
  const Person another_admin{id<UserId>(7), 1}, another_full{id<UserId>(8), 1};
  const AccountEvents six =
      history(with_members, MemberAdded{company, another_admin.id, Role::administrative, 1, 1, owner.id},
              MemberAdded{company, another_full.id, Role::full_access, 1, 1, owner.id});
  // clang-format off
  const struct { const Person& by; const Person& whom; bool allowed; } rows[] = {
      {owner, proxy, true},
      {owner, full, true},
      {owner, admin, true},
      {proxy, full, true},
      {proxy, admin, true},
      {full, another_full, false},
      {full, admin, true},
      {admin, full, false},
      {admin, another_admin, false},
  };
  // clang-format on
  for (const auto& row : rows) {
    SCOPED_TRACE(show(row.by.id) + " and " + show(row.whom.id));
    const auto facts = at(noon).by(row.by);
    const auto expect = [&](const AccountEvents& events, const auto& command) {
      const auto refusal = given(events).decided(command, facts).refusal;
      EXPECT_EQ(refusal ? std::optional{refusal->reason} : std::nullopt,
                row.allowed ? std::nullopt : std::optional{Reason::role_above_own});
    };
    expect(six, SuspendMember{company, row.whom.id});
    expect(six, RemoveMember{company, row.whom.id});
    expect(history(six, MemberSuspended{company, row.whom.id, row.by.id}),
           ReinstateMember{company, row.whom.id});
    EXPECT_FALSE(given(six)
                     .decided(ChangeMemberDetails{company, row.whom.id, example<Title>(), {}, {}}, facts)
                     .refusal);
  }
}

TEST(ReinstateMember, takes_a_role_at_or_above_that_of_who_imposed_it) {
  const auto suspended_by = [](const Person& by) {
    return history(with_members, MemberSuspended{company, admin.id, by.id});
  };
  const auto lifts = [&](const Person& imposed, const Person& by, bool allowed) {
    auto outcome = given(suspended_by(imposed)).decided(ReinstateMember{company, admin.id}, at(noon).by(by));
    EXPECT_EQ(!outcome.refusal, allowed) << show(imposed.id) << " and " << show(by.id);
  };
  lifts(owner, owner, true);
  lifts(owner, proxy, false);
  lifts(owner, full, false);
  lifts(proxy, owner, true);
  lifts(proxy, proxy, true);
  lifts(proxy, full, false);
  lifts(full, full, true);
}

TEST(ReinstateMember, takes_the_role_that_who_imposed_it_had_then) {
  given(with_members, MemberSuspended{company, admin.id, proxy.id},
        MemberRoleChanged{company, proxy.id, Role::administrative, owner.id})
      .when(ReinstateMember{company, admin.id}, at(noon).by(full))
      .refused(Reason::role_above_own);
}

TEST(AddMember, is_no_way_round_a_suspension) {
  const AccountEvents left = history(with_members, MemberSuspended{company, admin.id, owner.id},
                                     MemberRemoved{company, admin.id, admin.id});
  given(left)
      .when(add(Role::administrative), at(noon).by(proxy).matching(admin))
      .refused(Reason::member_suspended);
  given(left)
      .when(add(Role::administrative), at(noon).matching(admin))
      .then(added(admin, Role::administrative, owner));
}

TEST(AddMember, is_no_way_round_the_owners_reactivation) {
  const Person renewed = with_new_urn(admin);
  const Story removed = given(with_members, MemberRemoved{company, admin.id, proxy.id});
  const auto by_proxy = at(noon).by(proxy).matching(renewed);
  const Story again = removed.when(add(Role::administrative), by_proxy)
                          .then(MemberAdded{company, admin.id, Role::administrative, 2, 0, proxy.id})
                          .after();
  EXPECT_EQ(access_refusal(again.account, renewed, owner), Reason::reactivation_required);
  again.when(ReactivateMember{company, admin.id}, at(noon).matching(renewed))
      .then(MemberReactivated{company, admin.id, 2, 1, owner.id});
  removed.when(add(Role::administrative), at(noon).matching(renewed))
      .then(MemberAdded{company, admin.id, Role::administrative, 2, 1, owner.id});
  // A member whose URN has stayed the same needs no reactivation.
  removed.when(add(Role::administrative), at(noon).by(proxy).matching(admin))
      .then(MemberAdded{company, admin.id, Role::administrative, 1, 1, proxy.id});
}

TEST(AddMember, is_no_way_round_the_reactivation_after_the_owners_new_urn) {
  const Person renewed_owner = with_new_urn(owner);
  given(with_members, MemberReactivated{company, proxy.id, 1, 2, owner.id},
        MemberRemoved{company, admin.id, proxy.id})
      .when(add(Role::administrative), at(noon).owned_by(renewed_owner).by(proxy).matching(admin))
      .then(MemberAdded{company, admin.id, Role::administrative, 1, 0, proxy.id});
}

TEST(EditingAMember, never_touches_the_owner_nor_a_proxy_owner_by_a_lower_role) {
  const auto by_all_ways = [](UserId whom, const Person& by, Reason reason) {
    const auto facts = at(noon).by(by);
    given(with_members)
        .when(ChangeMemberDetails{company, whom, example<Title>(), {}, {}}, facts)
        .refused(reason);
    given(with_members).when(SuspendMember{company, whom}, facts).refused(reason);
    given(with_members).when(ReinstateMember{company, whom}, facts).refused(reason);
    given(with_members).when(RemoveMember{company, whom}, facts).refused(reason);
  };
  for (const Person& by : {proxy, full, admin}) by_all_ways(owner.id, by, Reason::owner_untouchable);
  for (const Person& by : {full, admin}) by_all_ways(proxy.id, by, Reason::role_above_own);
  for (const Person& by : {owner, proxy, full, admin}) by_all_ways(stranger.id, by, Reason::not_a_member);
  // The owner neither leaves nor suspends themselves.
  given(with_members).when(SuspendMember{company, owner.id}).refused(Reason::owner_untouchable);
  given(with_members).when(RemoveMember{company, owner.id}).refused(Reason::owner_untouchable);
}

TEST(SuspendMember, takes_the_access_until_the_member_is_reinstated) {
  given(with_members)
      .when(SuspendMember{company, full.id}, at(noon).by(proxy))
      .then(MemberSuspended{company, full.id, proxy.id})
      .when(SuspendMember{company, full.id})
      .refused(Reason::member_suspended)
      .when(RequestClientNumberLetter{company}, at(noon).by(full))
      .refused(Reason::member_suspended)
      .when(ReinstateMember{company, full.id}, at(noon).by(full))
      .refused(Reason::member_suspended)
      .when(ReinstateMember{company, full.id}, at(noon).by(proxy))
      .then(MemberReinstated{company, full.id, proxy.id})
      .when(ReinstateMember{company, full.id})
      .refused(Reason::member_not_suspended)
      .when(RemoveMember{company, full.id}, at(noon).by(full))
      .then(MemberRemoved{company, full.id, full.id});
}

TEST(RemoveMember, takes_a_member_off_and_lets_them_leave) {
  const Story story = given(with_members)
                          .when(RemoveMember{company, proxy.id})
                          .then(MemberRemoved{company, proxy.id, owner.id})
                          .after();
  story.when(RequestClientNumberLetter{company}, at(noon).by(proxy)).refused(Reason::account_not_found);
  for (const Person& self : {proxy, full, admin})
    given(with_members)
        .when(RemoveMember{company, self.id}, at(noon).by(self))
        .then(MemberRemoved{company, self.id, self.id});
}

TEST(RemoveMember, lets_members_leave_who_are_suspended_or_await_reactivation) {
  const MemberRemoved leaves{company, admin.id, admin.id};
  given(with_members, MemberSuspended{company, admin.id, owner.id})
      .when(RemoveMember{company, admin.id}, at(noon).by(admin))
      .then(leaves);
  given(with_members).when(RemoveMember{company, admin.id}, at(noon).by(with_new_urn(admin))).then(leaves);
  given(with_members)
      .when(RemoveMember{company, admin.id}, at(noon).owned_by(with_expired_urn(owner)).by(admin))
      .then(leaves);
  given(with_members)
      .when(RemoveMember{company, admin.id}, at(noon).by(with_expired_urn(admin)))
      .refused(Reason::urn_expired);
}

TEST(RemoveMember, lets_members_leave_while_the_owner_has_not_accepted_new_terms) {
  given(with_members)
      .when(RemoveMember{company, admin.id}, at(noon).by(admin).under_programme_terms(2))
      .then(MemberRemoved{company, admin.id, admin.id});
  given(with_members)
      .when(RemoveMember{company, admin.id}, at(noon).under_programme_terms(2))
      .refused(Reason::programme_terms_outdated);
}

// ---- expired URNs -----------------------------------------------------------------------------------------

std::optional<Reason> view_refusal(const Story& story, const Facts& facts) {
  return permission_refusal(story.account, Action::view_users, facts);
}

TEST(ExpiredUrn, of_a_member_needs_a_new_urn_and_then_the_owner) {
  const Story story = given(with_members);
  const Person renewed = with_new_urn(full);
  EXPECT_EQ(view_refusal(story, at(noon).by(with_expired_urn(full))), Reason::urn_expired);
  EXPECT_EQ(view_refusal(story, at(noon).by(renewed)), Reason::reactivation_required);
  EXPECT_EQ(view_refusal(story, at(noon).by(admin)), std::nullopt);
  const Story after = story.when(ReactivateMember{company, full.id}, at(noon).matching(renewed))
                          .then(MemberReactivated{company, full.id, 2, 1, owner.id})
                          .after();
  EXPECT_EQ(view_refusal(after, at(noon).by(renewed)), std::nullopt);
}

TEST(ExpiredUrn, of_the_owner_closes_the_account_to_all_until_the_owner_reactivates_them) {
  const Story story = given(with_members);
  const Person expired = with_expired_urn(owner);
  const Person renewed = with_new_urn(owner);
  EXPECT_EQ(view_refusal(story, at(noon).by(expired)), Reason::urn_expired);
  for (const Person& member : {proxy, full, admin}) {
    EXPECT_EQ(view_refusal(story, at(noon).by(member).owned_by(expired)), Reason::owner_urn_expired);
    EXPECT_EQ(view_refusal(story, at(noon).by(member).owned_by(renewed)), Reason::reactivation_required);
  }
  EXPECT_EQ(view_refusal(story, at(noon).by(renewed)), std::nullopt);
  const Story after = story.when(ReactivateMember{company, admin.id}, at(noon).by(renewed).matching(admin))
                          .then(MemberReactivated{company, admin.id, 1, 2, owner.id})
                          .after();
  EXPECT_EQ(view_refusal(after, at(noon).by(admin).owned_by(renewed)), std::nullopt);
  EXPECT_EQ(view_refusal(after, at(noon).by(full).owned_by(renewed)), Reason::reactivation_required);
}

TEST(ExpiredUrn, of_a_suspended_member_is_not_the_only_thing_in_the_way) {
  const Story story = given(with_members, MemberSuspended{company, full.id, owner.id});
  EXPECT_EQ(view_refusal(story, at(noon).by(with_expired_urn(full))), Reason::urn_expired);
  EXPECT_EQ(view_refusal(story, at(noon).by(with_new_urn(full))), Reason::member_suspended);
}

TEST(ReactivateMember, is_refused_where_there_is_nothing_to_reactivate) {
  given()
      .when(ReactivateMember{company, full.id}, at(noon).matching(full))
      .refused(Reason::account_not_found);
  given(with_members)
      .when(ReactivateMember{company, stranger.id}, at(noon).matching(stranger))
      .refused(Reason::not_a_member);
  given(with_members).when(ReactivateMember{company, full.id}).refused(Reason::not_a_member);
  given(with_members)
      .when(ReactivateMember{company, full.id}, at(noon).matching(with_expired_urn(full)))
      .refused(Reason::urn_expired);
  given(with_members)
      .when(ReactivateMember{company, full.id}, at(noon).matching(full))
      .refused(Reason::not_awaiting_reactivation);
  given(with_members)
      .when(ReactivateMember{company, owner.id}, at(noon).matching(with_new_urn(owner)))
      .refused(Reason::not_awaiting_reactivation);
}

// ---- ownership: the offer ---------------------------------------------------------------------------------

OfferOwnership offer_ownership(PreviousOwner previous = PreviousOwner::becomes_proxy_owner) {
  return {company, example<FamilyName>(), example<Urn>(), example<EmailAddress>(), previous};
}
OwnershipOffered offered(const Person& to, PreviousOwner previous = PreviousOwner::becomes_proxy_owner,
                         Time when = noon) {
  return {company, new_offer, owner.id, to.id, when + days{30}, previous};
}
const AcceptOwnership accept{company, new_offer, true};
OwnershipTransferred transferred(const Person& to,
                                 PreviousOwner previous = PreviousOwner::becomes_proxy_owner) {
  return {company, owner.id, to.id, TransferCause::accepted_offer, previous, 1, to.urn_generation, false};
}

TEST(OfferOwnership, names_a_user_and_changes_nothing_yet) {
  for (const Person& to : {colleague, proxy, admin}) {
    const Story story =
        given(with_members).when(offer_ownership(), at(noon).matching(to)).then(offered(to)).after();
    EXPECT_EQ(story.account.owner(), owner.id);
  }
  given(with_members)
      .when(offer_ownership(PreviousOwner::leaves), at(noon).matching(colleague))
      .then(offered(colleague, PreviousOwner::leaves));
}

TEST(OfferOwnership, is_refused_if_no_user_can_be_meant) {
  given(with_members)
      .when(offer_ownership())
      .refused(Reason::no_matching_user)
      .recording(MemberMatchFailed{company, owner.id, noon});
  given(with_members)
      .when(offer_ownership(), at(noon).matching(desk_officer))
      .refused(Reason::no_matching_user);
  given(with_members).when(offer_ownership(), at(noon).matching(owner)).refused(Reason::already_owner);
}

TEST(OfferOwnership, is_refused_while_another_is_open_and_records_its_lapse_afterwards) {
  const Story story = given(with_members, offered(colleague));
  const Time lapse = noon + days{30};
  story.when(offer_ownership(), at(lapse - millisecond).matching(full)).refused(Reason::ownership_offer_open);
  story.when(offer_ownership(), at(lapse).matching(full))
      .then(OwnershipOfferLapsed{company, new_offer, lapse},
            offered(full, PreviousOwner::becomes_proxy_owner, lapse));
}

TEST(WithdrawOwnershipOffer, is_the_owners_until_it_is_accepted) {
  given(with_members, offered(colleague))
      .when(WithdrawOwnershipOffer{company, new_offer}, at(later))
      .then(OwnershipOfferWithdrawn{company, new_offer, owner.id})
      .when(accept, at(later).by(colleague))
      .refused(Reason::ownership_offer_not_found)
      .when(WithdrawOwnershipOffer{company, new_offer}, at(later))
      .refused(Reason::ownership_offer_not_found);
  given(with_members, offered(colleague))
      .when(WithdrawOwnershipOffer{company, id<OfferId>(999)})
      .refused(Reason::ownership_offer_not_found);
  given(with_members, offered(colleague))
      .when(WithdrawOwnershipOffer{company, new_offer}, at(noon + days{30}))
      .refused(Reason::ownership_offer_lapsed);
}

TEST(DeclineOwnershipOffer, is_the_addressees) {
  const DeclineOwnershipOffer decline{company, new_offer};
  given(with_members, offered(colleague))
      .when(decline, at(later).by(colleague))
      .then(OwnershipOfferDeclined{company, new_offer, colleague.id})
      .when(accept, at(later).by(colleague))
      .refused(Reason::ownership_offer_not_found);
  given(with_members).when(decline, at(later).by(colleague)).refused(Reason::ownership_offer_not_found);
  given(with_members, offered(colleague))
      .when(decline, at(later).by(full))
      .refused(Reason::ownership_offer_not_found);
  given(with_members, offered(colleague))
      .when(decline, at(noon + days{30}).by(colleague))
      .refused(Reason::ownership_offer_lapsed);
}

TEST(AcceptOwnership, makes_a_user_without_membership_the_owner) {
  const Story story = given(with_members, offered(colleague))
                          .when(accept, at(later).by(colleague))
                          .then(transferred(colleague))
                          .after();
  EXPECT_EQ(story.account.owner(), colleague.id);
  EXPECT_EQ(story.account.member(owner.id)->role, Role::proxy_owner);
  EXPECT_EQ(story.account.ownership_offer, std::nullopt);
  for (const Person& member : {owner, proxy, full, admin, colleague})
    EXPECT_EQ(view_refusal(story, at(later).by(member).owned_by(colleague)), std::nullopt) << show(member.id);
}

TEST(AcceptOwnership, of_a_member_changes_their_role) {
  const Story story = given(with_members, offered(full, PreviousOwner::leaves))
                          .when(accept, at(later).by(full))
                          .then(transferred(full, PreviousOwner::leaves))
                          .after();
  EXPECT_EQ(story.account.owner(), full.id);
  EXPECT_EQ(story.account.member(owner.id), nullptr);
  EXPECT_EQ(story.account.members.size(), 3u);
}

TEST(AcceptOwnership, keeps_members_waiting_for_reactivation) {
  // The owner has a new URN and has let in the proxy owner only; then the ownership passes to the colleague.
  const Person renewed = with_new_urn(owner);
  Story story = given(with_members, MemberReactivated{company, proxy.id, 1, 2, owner.id}, offered(colleague));
  OwnershipTransferred event = transferred(colleague);
  event.from_generation = 2;
  story = story.when(accept, at(later).by(colleague).owned_by(renewed)).then(event).after();
  EXPECT_EQ(view_refusal(story, at(later).by(proxy).owned_by(colleague)), std::nullopt);
  EXPECT_EQ(view_refusal(story, at(later).by(renewed).owned_by(colleague)), std::nullopt);
  EXPECT_EQ(view_refusal(story, at(later).by(full).owned_by(colleague)), Reason::reactivation_required);
}

TEST(AcceptOwnership, works_until_30_days_after_the_offer_to_the_millisecond) {
  given(with_members, offered(colleague))
      .when(accept, at(noon + days{30} - millisecond).by(colleague))
      .then(transferred(colleague));
  given(with_members, offered(colleague))
      .when(accept, at(noon + days{30}).by(colleague))
      .refused(Reason::ownership_offer_lapsed);
}

TEST(AcceptOwnership, reveals_nothing_to_other_callers) {
  given(with_members).when(accept, at(later).by(colleague)).refused(Reason::ownership_offer_not_found);
  for (const Person& other : {stranger, full, owner, desk_officer})
    for (const Time now : {later, noon + days{30}})
      given(with_members, offered(colleague))
          .when(accept, at(now).by(other))
          .refused(Reason::ownership_offer_not_found);
  given(with_members, offered(colleague))
      .when(AcceptOwnership{company, id<OfferId>(999), true}, at(later).by(colleague))
      .refused(Reason::ownership_offer_not_found);
}

TEST(AcceptOwnership, is_refused_where_the_new_owner_could_not_use_it) {
  const Story story = given(with_members, offered(colleague));
  story.when(accept, at(later).by(with_expired_urn(colleague))).refused(Reason::urn_expired);
  story.when(accept, at(later).by(colleague).owned_by(with_expired_urn(owner)))
      .refused(Reason::owner_urn_expired);
  Person became_staff = colleague;
  became_staff.staff_roles = {StaffRole::auditor};
  story.when(accept, at(later).by(became_staff)).refused(Reason::staff_may_not_hold_account);
  story.when(AcceptOwnership{company, new_offer, false}, at(later).by(colleague))
      .refused(Reason::attestation_required)
      .pointing_at("/signing_authority_attested");
  given(with_members, offered(full), MemberSuspended{company, full.id, owner.id})
      .when(accept, at(later).by(full))
      .refused(Reason::member_suspended);
}

TEST(RemoveMember, withdraws_an_offer_to_the_removed_member) {
  given(with_members, offered(full))
      .when(RemoveMember{company, full.id}, at(later))
      .then(MemberRemoved{company, full.id, owner.id}, OwnershipOfferWithdrawn{company, new_offer, owner.id});
  given(with_members, offered(full))
      .when(RemoveMember{company, admin.id}, at(later))
      .then(MemberRemoved{company, admin.id, owner.id});
}

// ---- ownership: the service desk --------------------------------------------------------------------------

const ProposeOwnerReassignment propose{company, colleague.id, because};
const ApproveOwnerReassignment approve{company, new_proposal};
const WithdrawOwnerReassignment withdraw_proposal{company, new_proposal, because};
const OwnerReassignmentProposed proposed{company, new_proposal, colleague.id, desk_officer.id, because, noon};
const AccountEvents with_proposal = history(with_members, proposed);

OwnershipTransferred reassigned(const Person& to, bool members_need_reactivation = false) {
  return {company,
          owner.id,
          to.id,
          TransferCause::reassigned,
          PreviousOwner::leaves,
          1,
          1,
          members_need_reactivation};
}

TEST(OwnerReassignment, needs_two_officers_and_a_reason) {
  const Story story =
      given(with_members)
          .when(propose, at(noon).by(desk_officer).matching(colleague))
          .then(proposed)
          .when(approve, at(noon).by(desk_officer).matching(colleague))
          .refused(Reason::second_officer_required)
          .when(approve, at(noon).by(second_officer).matching(colleague))
          .then(OwnerReassignmentApproved{company, new_proposal, second_officer.id}, reassigned(colleague))
          .after();
  EXPECT_EQ(story.account.owner(), colleague.id);
  EXPECT_EQ(story.account.member(owner.id), nullptr);
  EXPECT_EQ(story.account.reassignment, std::nullopt);
  EXPECT_EQ(view_refusal(story, at(noon).by(proxy).owned_by(colleague)), std::nullopt);
}

TEST(OwnerReassignment, after_the_owners_urn_expired_makes_all_members_wait_for_reactivation) {
  const Story story =
      given(with_proposal)
          .when(approve, at(noon).by(second_officer).matching(colleague).owned_by(with_expired_urn(owner)))
          .then(OwnerReassignmentApproved{company, new_proposal, second_officer.id},
                reassigned(colleague, true))
          .after();
  EXPECT_EQ(view_refusal(story, at(noon).by(colleague).owned_by(colleague)), std::nullopt);
  for (const Person& member : {proxy, full, admin})
    EXPECT_EQ(view_refusal(story, at(noon).by(member).owned_by(colleague)), Reason::reactivation_required);
  story.when(ReactivateMember{company, full.id}, at(noon).by(colleague).owned_by(colleague).matching(full))
      .then(MemberReactivated{company, full.id, 1, 1, colleague.id});
}

TEST(OwnerReassignment, to_a_suspended_member_lifts_the_suspension) {
  const Story story =
      given(with_members, MemberSuspended{company, full.id, owner.id},
            OwnerReassignmentProposed{company, new_proposal, full.id, desk_officer.id, because, noon})
          .when(approve, at(noon).by(second_officer).matching(full))
          .then(OwnerReassignmentApproved{company, new_proposal, second_officer.id}, reassigned(full))
          .after();
  EXPECT_EQ(view_refusal(story, at(noon).by(full).owned_by(full)), std::nullopt);
  EXPECT_FALSE(story.account.member(full.id)->suspended);
}

TEST(OwnerReassignment, withdraws_an_offer_that_is_open) {
  given(with_proposal, offered(full))
      .when(approve, at(noon).by(second_officer).matching(colleague))
      .then(OwnerReassignmentApproved{company, new_proposal, second_officer.id},
            OwnershipOfferWithdrawn{company, new_offer, second_officer.id}, reassigned(colleague));
}

TEST(OwnerReassignment, can_be_withdrawn) {
  given(with_proposal)
      .when(withdraw_proposal, at(noon).by(desk_officer))
      .then(OwnerReassignmentWithdrawn{company, new_proposal, desk_officer.id, because})
      .when(approve, at(noon).by(second_officer).matching(colleague))
      .refused(Reason::reassignment_not_found)
      .when(withdraw_proposal, at(noon).by(desk_officer))
      .refused(Reason::reassignment_not_found);
}

const ObjectToOwnerReassignment object{company, new_proposal};
OwnerReassignmentEnded ended(ReassignmentEnd cause, Time time) {
  return {company, new_proposal, cause, time};
}

TEST(OwnerReassignment, ends_when_the_owner_objects) {
  given(with_proposal)
      .when(object, at(noon))
      .then(ended(ReassignmentEnd::owner_objected, noon))
      .when(object, at(noon))
      .refused(Reason::reassignment_not_found)
      .when(approve, at(noon).by(second_officer).matching(colleague))
      .refused(Reason::reassignment_not_found);
  for (const Person& other : {proxy, full, admin})
    given(with_proposal).when(object, at(noon).by(other)).refused(Reason::not_permitted);
  given(with_proposal).when(object, at(noon).by(stranger)).refused(Reason::account_not_found);
  given(with_proposal)
      .when(ObjectToOwnerReassignment{company, id<ProposalId>(999)}, at(noon))
      .refused(Reason::reassignment_not_found);
}

TEST(OwnerReassignment, is_about_one_owner_and_falls_with_them) {
  EXPECT_EQ(given(with_proposal).account.reassignment->owner, owner.id);
  const Story story =
      given(with_proposal, offered(full))
          .when(accept, at(noon).by(full))
          .then(ended(ReassignmentEnd::owner_changed, noon),
                OwnershipTransferred{company, owner.id, full.id, TransferCause::accepted_offer,
                                     PreviousOwner::becomes_proxy_owner, 1, 1, false})
          .after();
  EXPECT_EQ(story.account.reassignment, std::nullopt);
  story.when(approve, at(noon).by(second_officer).matching(colleague).owned_by(full))
      .refused(Reason::reassignment_not_found);
}

TEST(OwnerReassignment, of_an_older_log_falls_with_its_owner_too) {
  EXPECT_EQ(
      given(with_proposal, OwnershipTransferred{company, owner.id, full.id, TransferCause::accepted_offer,
                                                PreviousOwner::becomes_proxy_owner, 1, 1, false})
          .account.reassignment,
      std::nullopt);
}

TEST(OwnerReassignment, lapses_after_fourteen_days) {
  const Time lapse = noon + days{14};
  const Story open = given(with_members, posted, proposed);
  EXPECT_EQ(next_deadline(open.account), lapse);
  open.when(approve, at(lapse - millisecond).by(second_officer).matching(colleague))
      .then(OwnerReassignmentApproved{company, new_proposal, second_officer.id}, reassigned(colleague));
  open.when(approve, at(lapse).by(second_officer).matching(colleague))
      .refused(Reason::reassignment_not_found);
  open.when(object, at(lapse)).refused(Reason::reassignment_not_found);
  open.when(LetTimePassForAccount{company}, at(lapse).by(scheduler))
      .then(ended(ReassignmentEnd::lapsed, lapse));
  OwnerReassignmentProposed again = proposed;
  again.proposed_at = lapse;
  open.when(propose, at(lapse).by(desk_officer).matching(colleague))
      .then(ended(ReassignmentEnd::lapsed, lapse), again);
}

TEST(OwnerReassignment, is_not_approved_together_by_two_of_whom_one_proposed_the_other) {
  Person puppet = second_officer;
  puppet.staff_proposers = {desk_officer.id};
  given(with_proposal)
      .when(approve, at(noon).by(puppet).proposed_by(desk_officer).matching(colleague))
      .refused(Reason::officers_not_independent);
  Person former = desk_officer;
  former.staff_roles = {};
  given(with_proposal)
      .when(approve, at(noon).by(second_officer).proposed_by(former).matching(colleague))
      .refused(Reason::proposer_without_role);
}

TEST(Account, is_for_nobody_who_is_proposed_for_a_staff_role) {
  Person candidate = colleague;
  candidate.proposed_for_staff = true;
  given(with_members)
      .when(propose, at(noon).by(desk_officer).matching(candidate))
      .refused(Reason::staff_may_not_hold_account);
  given(with_proposal)
      .when(approve, at(noon).by(second_officer).matching(candidate))
      .refused(Reason::staff_may_not_hold_account);
  given(with_members, offered(colleague))
      .when(accept, at(noon).by(candidate))
      .refused(Reason::staff_may_not_hold_account);
  given(with_members)
      .when(AddMember{company, example<FamilyName>(), example<Urn>(), example<EmailAddress>(),
                      Role::administrative},
            at(noon).matching(candidate))
      .refused(Reason::no_matching_user);
}

TEST(OwnerReassignment, is_the_service_desks) {
  is_the_staff_roles_alone(with_members, propose, StaffRole::service_desk);
  is_the_staff_roles_alone(with_proposal, approve, StaffRole::service_desk);
  is_the_staff_roles_alone(with_proposal, withdraw_proposal, StaffRole::service_desk);
}

TEST(ProposeOwnerReassignment, is_refused_for_an_unsuitable_new_owner) {
  const auto desk = at(noon).by(desk_officer);
  given(with_proposal)
      .when(propose, at(noon).by(second_officer).matching(colleague))
      .refused(Reason::reassignment_open);
  given(with_members).when(propose, desk).refused(Reason::user_not_found);
  given(with_members)
      .when(ProposeOwnerReassignment{company, auditor.id, because},
            at(noon).by(desk_officer).matching(auditor))
      .refused(Reason::staff_may_not_hold_account);
  given(with_members)
      .when(propose, at(noon).by(desk_officer).matching(with_expired_urn(colleague)))
      .refused(Reason::urn_expired);
  given(with_members)
      .when(ProposeOwnerReassignment{company, owner.id, because}, at(noon).by(desk_officer).matching(owner))
      .refused(Reason::already_owner);
}

TEST(ApproveOwnerReassignment, looks_at_the_new_owner_again) {
  given(with_members)
      .when(approve, at(noon).by(second_officer).matching(colleague))
      .refused(Reason::reassignment_not_found);
  given(with_proposal)
      .when(ApproveOwnerReassignment{company, id<ProposalId>(999)},
            at(noon).by(second_officer).matching(colleague))
      .refused(Reason::reassignment_not_found);
  given(with_proposal)
      .when(WithdrawOwnerReassignment{company, id<ProposalId>(999), because}, at(noon).by(second_officer))
      .refused(Reason::reassignment_not_found);
  given(with_proposal)
      .when(approve, at(noon).by(second_officer).matching(with_expired_urn(colleague)))
      .refused(Reason::urn_expired);
  given(with_proposal).when(approve, at(noon).by(second_officer)).refused(Reason::urn_expired);
  Person became_staff = colleague;
  became_staff.staff_roles = {StaffRole::auditor};
  given(with_proposal)
      .when(approve, at(noon).by(second_officer).matching(became_staff))
      .refused(Reason::staff_may_not_hold_account);
  given(with_proposal, transferred(colleague))
      .when(approve, at(noon).by(second_officer).matching(colleague).owned_by(colleague))
      .refused(Reason::reassignment_not_found);
}

// ---- deadlines --------------------------------------------------------------------------------------------

TEST(LetTimePassForAccount, records_the_late_letter_the_expiring_and_the_expired_code) {
  const Time expiry = noon + days{45};
  const LetTimePassForAccount pass{company};
  Story story = given(awaiting_activation);
  EXPECT_EQ(next_deadline(story.account), first_letter_due);
  story.when(pass, at(first_letter_due - millisecond).by(scheduler)).then();
  story = story.when(pass, at(first_letter_due).by(scheduler))
              .then(LetterOverdue{company, first_letter, first_letter_due})
              .after();

  const Time arrival_due = noon + days{15};
  EXPECT_EQ(next_deadline(story.account), arrival_due);
  story.when(pass, at(arrival_due - millisecond).by(scheduler)).then();
  story = story.when(pass, at(arrival_due).by(scheduler))
              .then(LetterArrivalDue{company, first_letter, arrival_due})
              .after();

  EXPECT_EQ(next_deadline(story.account), expiry - days{7});
  story.when(pass, at(expiry - days{7} - millisecond).by(scheduler)).then();
  story = story.when(pass, at(expiry - days{7}).by(scheduler))
              .then(ActivationCodeExpiring{company, first_code, expiry})
              .after();

  EXPECT_EQ(next_deadline(story.account), expiry);
  story.when(pass, at(expiry - millisecond).by(scheduler)).then();
  story =
      story.when(pass, at(expiry).by(scheduler))
          .then(ActivationCodeExpired{company, first_code, expiry}, LetterCancelled{company, first_letter})
          .after();

  const Time lapse = expiry + days{90};
  EXPECT_EQ(next_deadline(story.account), lapse);
  story.when(pass, at(lapse - millisecond).by(scheduler)).then();
  story = story.when(pass, at(lapse).by(scheduler))
              .then(EnrolmentLapsed{company, owner.id, EnrolmentLapse::never_activated, lapse})
              .releasing(Unique::business_number, "123456782")
              .after();

  EXPECT_EQ(next_deadline(story.account), std::nullopt);
  story.when(pass, at(lapse + days{1000}).by(scheduler)).then();
}

TEST(LetTimePassForAccount, makes_up_for_all_that_fell_due_while_the_service_was_down) {
  const Time expiry = noon + days{45};
  given(awaiting_activation)
      .when(LetTimePassForAccount{company}, at(noon + days{400}).by(scheduler))
      .then(LetterOverdue{company, first_letter, first_letter_due},
            LetterArrivalDue{company, first_letter, noon + days{15}},
            ActivationCodeExpiring{company, first_code, expiry},
            ActivationCodeExpired{company, first_code, expiry}, LetterCancelled{company, first_letter},
            EnrolmentLapsed{company, owner.id, EnrolmentLapse::never_activated, expiry + days{90}})
      .releasing(Unique::business_number, "123456782");
}

TEST(LetTimePassForAccount, is_silent_about_posted_letters_and_used_codes) {
  EXPECT_EQ(next_deadline(given(activated, posted).account), std::nullopt);
  given(activated, posted).when(LetTimePassForAccount{company}, at(noon + days{400}).by(scheduler)).then();
}

TEST(LetTimePassForAccount, lapses_an_offer_of_ownership) {
  const Time lapse = noon + days{30};
  const Story story = given(with_members, posted, offered(colleague));
  EXPECT_EQ(next_deadline(story.account), lapse);
  story.when(LetTimePassForAccount{company}, at(lapse - millisecond).by(scheduler)).then();
  story.when(LetTimePassForAccount{company}, at(lapse).by(scheduler))
      .then(OwnershipOfferLapsed{company, new_offer, lapse})
      .when(accept, at(lapse).by(colleague))
      .refused(Reason::ownership_offer_not_found);
}

TEST(LetterDue, counts_two_business_days_of_ottawa) {
  const struct {
    std::string_view confirmed, due;
  } rows[] = {
      {"2026-03-09T12:00:00.000Z", "2026-03-12T04:00:00.000Z"},  // a Monday
      {"2026-03-13T12:00:00.000Z", "2026-03-18T04:00:00.000Z"},  // a Friday
      {"2026-06-30T12:00:00.000Z", "2026-07-04T04:00:00.000Z"},  // before Canada Day
      {"2026-07-30T12:00:00.000Z", "2026-08-05T04:00:00.000Z"},  // before the first Monday of August
      {"2026-12-24T20:00:00.000Z", "2026-12-31T05:00:00.000Z"},  // Christmas, Boxing Day observed on Monday
  };
  for (const auto& row : rows) {
    const auto events =
        given(enrolled).decided(ConfirmMailingAddress{company}, at(moment(row.confirmed))).events;
    EXPECT_EQ(to_text(std::get<LetterOrdered>(events.back()).due_at), row.due) << row.confirmed;
  }
}

}  // namespace
}  // namespace ttp::domain::tests
