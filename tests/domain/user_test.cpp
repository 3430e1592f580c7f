// The user's decisions: registering, signing in step by step, details, e-mail and password, the URN's two
// years, staff.
#include "domain/user.hpp"

#include <gtest/gtest.h>

#include "domain/given_when_then.hpp"

namespace ttp::domain::tests {
namespace {

using UserEvents = std::vector<UserEvent>;

const UserId me = owner.id;
const SignInId first_sign_in = id<SignInId>(401);
const SessionId first_session = id<SessionId>(402);
const Urn first_urn = text<Urn>("4000000006");
const Time later = noon + hours{1};

Password password(std::string_view secret) {
  return Password::parse(secret).value();
}
Password good_password() {
  return password("seventeen geese over the river");
}

RegisterCredential registration() {
  return {me,
          example<UserName>(),
          good_password(),
          example<FamilyName>(),
          example<GivenNames>(),
          example<EmailAddress>(),
          example<Telephone>(),
          Language::fr};
}
RegisterPartnerCredential partner_registration() {
  return {me,
          example<Issuer>(),
          example<Subject>(),
          example<FamilyName>(),
          example<GivenNames>(),
          example<EmailAddress>(),
          example<Telephone>(),
          Language::en};
}
const CredentialRegistered credential_registered{me,
                                                 CredentialKind::gckey,
                                                 1,
                                                 Language::fr,
                                                 example<UserName>(),
                                                 std::nullopt,
                                                 std::nullopt,
                                                 example<FamilyName>(),
                                                 example<GivenNames>(),
                                                 example<EmailAddress>(),
                                                 example<Telephone>()};
const CredentialRegistered partner_registered{me,
                                              CredentialKind::sign_in_partner,
                                              0,
                                              Language::en,
                                              std::nullopt,
                                              example<Issuer>(),
                                              example<Subject>(),
                                              example<FamilyName>(),
                                              example<GivenNames>(),
                                              example<EmailAddress>(),
                                              example<Telephone>()};

/// A user whose URN was issued at that time.
UserEvents registered_at(Time then) {
  return {credential_registered, UrnIssued{me, 1, then, std::nullopt, std::nullopt, first_urn}};
}
const UserEvents registered = registered_at(noon);

/// The first sign-in, in its steps.
const UserEvents credential_accepted =
    history(registered, SignInStarted{me, first_sign_in, noon, noon + minutes{30}});
const UserEvents code_mailed =
    history(credential_accepted, MailFactorEnrolled{me, first_sign_in, 1},
            OneTimeCodeIssued{me, first_sign_in, first_code, noon, noon + minutes{10}});
const UserEvents code_accepted = history(code_mailed, OneTimeCodeAccepted{me, first_sign_in, first_code});
const UserEvents signed_in = history(code_accepted, PortalTermsAccepted{me, first_sign_in, 1},
                                     SessionOpened{me, first_sign_in, first_session, noon, noon + hours{12}});

UserEvents failed(UserEvents earlier, std::uint32_t times, Time last) {
  for (std::uint32_t failure = 1; failure <= times; ++failure)
    earlier.emplace_back(CredentialRejected{me, failure, last});
  return earlier;
}
const UserEvents locked = history(failed(signed_in, 100, noon), CredentialLocked{me, 100});

StartSignIn start_sign_in() {
  return {me, example<UserName>(), good_password()};
}
EnterOneTimeCode enter_code(SignInId sign_in = first_sign_in) {
  return {me, sign_in, example<OneTimeCode>()};
}

// ---- registering ------------------------------------------------------------------------------------------

TEST(RegisterCredential, issues_a_urn_and_claims_unique_values) {
  given()
      .when(registration())
      .then(credential_registered, UrnIssued{me, 1, noon, std::nullopt, std::nullopt, new_urn})
      .claiming(Unique::urn, new_urn.text())
      .claiming(Unique::user_name, "mtremblay12")
      .claiming(Unique::email, "marie@example.com");
}

TEST(RegisterCredential, claims_user_name_and_address_without_regard_to_case) {
  RegisterCredential command = registration();
  command.user_name = text<UserName>("MTremblay12");
  command.email = text<EmailAddress>("Marie@example.com");
  const auto claims = given().decided(command, at(noon)).claims;
  EXPECT_EQ(claims[1], (Claim{true, Unique::user_name, "mtremblay12"}));
  EXPECT_EQ(claims[2], (Claim{true, Unique::email, "marie@example.com"}));
}

TEST(RegisterCredential, takes_a_person_with_one_name) {
  RegisterCredential command = registration();
  command.given_names.reset();
  CredentialRegistered with_one_name = credential_registered;
  with_one_name.given_names = GivenNames{};
  given()
      .when(command)
      .then(with_one_name, UrnIssued{me, 1, noon, std::nullopt, std::nullopt, new_urn})
      .claiming(Unique::urn, new_urn.text())
      .claiming(Unique::user_name, "mtremblay12")
      .claiming(Unique::email, "marie@example.com");
}

TEST(RegisterCredential, is_refused_where_the_user_exists) {
  given(registered).when(registration()).refused(Reason::user_name_taken);
}

/// A registration of a stranger, with the code that was mailed at noon.
RegisterCredential proven_registration() {
  RegisterCredential command = registration();
  command.mailbox = MailboxProof{example<RegistrationCode>(), noon + registration_lifetime};
  return command;
}

TEST(RegisterCredential, of_a_stranger_needs_the_code_that_was_mailed) {
  given()
      .when(proven_registration(), at(noon).with_the_right_secret())
      .then(credential_registered, UrnIssued{me, 1, noon, std::nullopt, std::nullopt, new_urn})
      .claiming(Unique::urn, new_urn.text())
      .claiming(Unique::user_name, "mtremblay12")
      .claiming(Unique::email, "marie@example.com");
  given().when(proven_registration(), at(noon)).refused(Reason::one_time_code_wrong).pointing_at("/code");
}

TEST(RegisterCredential, is_refused_once_its_code_has_expired) {
  const Time expiry = noon + minutes{30};
  given()
      .when(proven_registration(), at(expiry - millisecond).with_the_right_secret())
      .then(credential_registered,
            UrnIssued{me, 1, expiry - millisecond, std::nullopt, std::nullopt, new_urn})
      .claiming(Unique::urn, new_urn.text())
      .claiming(Unique::user_name, "mtremblay12")
      .claiming(Unique::email, "marie@example.com");
  given()
      .when(proven_registration(), at(expiry).with_the_right_secret())
      .refused(Reason::one_time_code_expired);
}

TEST(RegisterCredential, is_refused_where_its_code_has_been_used) {
  given(registered)
      .when(proven_registration(), at(noon).with_the_right_secret())
      .refused(Reason::one_time_code_void);
}

TEST(RegisterCredential, names_a_fault_of_the_form_before_a_wrong_code) {
  RegisterCredential command = proven_registration();
  command.password = password("marie tremblay 1990");
  given().when(command, at(noon)).refused(Reason::password_is_guessable).pointing_at("/password");
}

TEST(RegisterCredential, is_refused_with_a_password_against_the_rules) {
  RegisterCredential command = registration();
  command.password = password("good <password>");
  given().when(command).refused(Reason::forbidden_characters).pointing_at("/password", {"<", ">"});
  command.password = password("it is mtremblay12");
  given().when(command).refused(Reason::password_is_user_name).pointing_at("/password");
}

TEST(RegisterCredential, is_refused_with_a_common_password) {
  given()
      .when(registration(), at(noon).with_a_common_password())
      .refused(Reason::password_too_common)
      .pointing_at("/password");
}

TEST(RegisterPartnerCredential, links_the_identity_and_has_no_password) {
  given()
      .when(partner_registration())
      .then(partner_registered, UrnIssued{me, 1, noon, std::nullopt, std::nullopt, new_urn})
      .claiming(Unique::urn, new_urn.text())
      .claiming(Unique::partner_identity, "https://bank.example/oidc 5f1c2a")
      .claiming(Unique::email, "marie@example.com");
}

TEST(RegisterPartnerCredential, is_refused_where_the_user_exists) {
  given(partner_registered).when(partner_registration()).refused(Reason::partner_identity_taken);
}

// ---- signing in: the credential ---------------------------------------------------------------------------

TEST(StartSignIn, asks_for_the_mail_factors_terms_the_first_time) {
  given(registered)
      .when(start_sign_in(), at(noon).with_the_right_secret())
      .then(SignInStarted{me, new_sign_in, noon, noon + minutes{30}});
}

TEST(StartSignIn, mails_a_code_that_lives_ten_minutes) {
  given(signed_in)
      .when(start_sign_in(), at(later).with_the_right_secret())
      .then(SignInStarted{me, new_sign_in, later, later + minutes{30}},
            OneTimeCodeIssued{me, new_sign_in, new_code, later, later + minutes{10}});
}

TEST(StartSignIn, is_refused_for_a_user_who_does_not_exist) {
  given().when(start_sign_in(), at(noon).with_the_right_secret()).refused(Reason::credential_rejected);
}

TEST(StartSignIn, counts_a_wrong_password) {
  given(registered)
      .when(start_sign_in())
      .refused(Reason::credential_rejected)
      .recording(CredentialRejected{me, 1, noon});
  given(failed(registered, 2, noon))
      .when(start_sign_in())
      .refused(Reason::credential_rejected)
      .until(noon + seconds{30})
      .recording(CredentialRejected{me, 3, noon});
}

TEST(StartSignIn, ends_the_sign_in_under_way) {
  given(code_mailed)
      .when(start_sign_in(), at(noon).with_the_right_secret().drawing(new_code))
      .then(SignInStarted{me, new_sign_in, noon, noon + minutes{30}},
            OneTimeCodeIssued{me, new_sign_in, new_code, noon, noon + minutes{10}})
      .when(enter_code(first_sign_in), at(noon).with_the_right_secret())
      .refused(Reason::sign_in_not_found);
}

TEST(StartSignIn, is_refused_while_the_credential_is_locked) {
  given(locked)
      .when(start_sign_in(), at(noon + days{300}).with_the_right_secret())
      .refused(Reason::credential_locked);
}

TEST(StartSignIn, is_refused_to_the_right_password_during_the_wait) {
  const Time open_again = noon + seconds{30};
  const Story story = given(failed(signed_in, 3, noon));
  story.when(start_sign_in(), at(open_again - millisecond).with_the_right_secret())
      .refused(Reason::too_many_attempts)
      .until(open_again);
  story.when(start_sign_in(), at(open_again).with_the_right_secret())
      .then(SignInStarted{me, new_sign_in, open_again, open_again + minutes{30}},
            OneTimeCodeIssued{me, new_sign_in, new_code, open_again, open_again + minutes{10}});
}

TEST(StartSignIn, is_refused_once_the_urn_has_expired) {
  given(signed_in)
      .when(start_sign_in(), at(add_years(noon, 2)).with_the_right_secret())
      .refused(Reason::urn_expired);
}

TEST(StartSignIn, still_counts_a_wrong_password_after_the_urn_has_expired) {
  const Time now = add_years(noon, 2);
  given(signed_in)
      .when(start_sign_in(), at(now))
      .refused(Reason::credential_rejected)
      .recording(CredentialRejected{me, 1, now});
}

TEST(StartSignIn, mails_at_most_five_codes_in_a_quarter_of_an_hour) {
  Story story = given(signed_in);  // one code was mailed at noon
  for (int minute = 1; minute <= 4; ++minute)
    story = story.when(start_sign_in(), at(noon + minutes{minute}).with_the_right_secret())
                .then(SignInStarted{me, new_sign_in, noon + minutes{minute}, noon + minutes{minute + 30}},
                      OneTimeCodeIssued{me, new_sign_in, new_code, noon + minutes{minute},
                                        noon + minutes{minute + 10}})
                .after();
  const Time open_again = noon + minutes{15};
  story.when(start_sign_in(), at(open_again - millisecond).with_the_right_secret())
      .refused(Reason::too_many_attempts)
      .until(open_again);
  EXPECT_FALSE(story.decided(start_sign_in(), at(open_again).with_the_right_secret()).refusal);
}

// ---- signing in: the mailed code --------------------------------------------------------------------------

EnrolMailFactor enrol_mail_factor(unsigned version = 1) {
  return {me, first_sign_in, version};
}

TEST(EnrolMailFactor, mails_the_first_code) {
  given(credential_accepted)
      .when(enrol_mail_factor(), at(noon + minutes{3}))
      .then(MailFactorEnrolled{me, first_sign_in, 1},
            OneTimeCodeIssued{me, first_sign_in, new_code, noon + minutes{3}, noon + minutes{13}});
}

TEST(EnrolMailFactor, is_refused_without_an_open_sign_in) {
  given(registered).when(enrol_mail_factor()).refused(Reason::sign_in_not_found);
  given(credential_accepted).when(EnrolMailFactor{me, new_sign_in, 1}).refused(Reason::sign_in_not_found);
  given(credential_accepted)
      .when(enrol_mail_factor(), at(noon + minutes{30}))
      .refused(Reason::sign_in_not_found);
}

TEST(EnrolMailFactor, is_refused_the_second_time) {
  given(code_mailed).when(enrol_mail_factor()).refused(Reason::mail_factor_already_enrolled);
}

TEST(EnrolMailFactor, is_refused_for_terms_that_are_not_in_force) {
  given(credential_accepted)
      .when(enrol_mail_factor(1), at(noon).under_mail_factor_terms(2))
      .refused(Reason::terms_version_outdated)
      .pointing_at("/terms_version");
}

UserEvents with_code_mails(UserEvents earlier, int count, SignInId sign_in) {
  for (int i = 0; i < count; ++i)
    earlier.emplace_back(OneTimeCodeIssued{me, sign_in, first_code, noon, noon + minutes{10}});
  return earlier;
}

TEST(EnrolMailFactor, is_refused_where_too_many_codes_were_mailed) {
  // Codes for a new address count as well: this user asked for five of them before the mail factor.
  UserEvents events = credential_accepted;
  for (int i = 0; i < 5; ++i)
    events.emplace_back(
        EmailChangeRequested{me, first_code, noon, noon + hours{24}, text<EmailAddress>("new@example.com")});
  given(events).when(enrol_mail_factor()).refused(Reason::too_many_attempts).until(noon + minutes{15});
}

ResendOneTimeCode resend_code() {
  return {me, first_sign_in};
}

TEST(ResendOneTimeCode, replaces_the_code_and_keeps_the_count_of_failures) {
  const Time now = noon + minutes{5};
  Story story = given(code_mailed)
                    .when(enter_code())
                    .refused(Reason::one_time_code_wrong)
                    .pointing_at("/code")
                    .with_tries_left(4)
                    .recording(OneTimeCodeRejected{me, first_sign_in, first_code, 1, noon})
                    .when(resend_code(), at(now))
                    .then(OneTimeCodeIssued{me, first_sign_in, new_code, now, now + minutes{10}})
                    .after();
  EXPECT_EQ(story.user.sign_in->code, (OpenCode{new_code, now + minutes{10}, 0}));
  story.when(enter_code(), at(now))
      .refused(Reason::one_time_code_wrong)
      .pointing_at("/code")
      .with_tries_left(4)
      .recording(OneTimeCodeRejected{me, first_sign_in, new_code, 2, now});
}

TEST(ResendOneTimeCode, is_refused_without_an_open_sign_in) {
  given(registered).when(resend_code()).refused(Reason::sign_in_not_found);
  given(code_mailed).when(ResendOneTimeCode{me, new_sign_in}).refused(Reason::sign_in_not_found);
  given(code_mailed).when(resend_code(), at(noon + minutes{30})).refused(Reason::sign_in_not_found);
}

TEST(ResendOneTimeCode, is_refused_at_another_step) {
  given(credential_accepted).when(resend_code()).refused(Reason::mail_factor_terms_required);
  given(code_accepted).when(resend_code()).refused(Reason::sign_in_step_out_of_order);
}

TEST(ResendOneTimeCode, is_refused_during_the_wait) {
  given(failed(code_mailed, 3, noon))
      .when(resend_code(), at(noon + seconds{30} - millisecond))
      .refused(Reason::too_many_attempts)
      .until(noon + seconds{30});
}

TEST(ResendOneTimeCode, is_refused_where_too_many_codes_were_mailed) {
  given(with_code_mails(code_mailed, 4, first_sign_in))
      .when(resend_code(), at(noon + minutes{15} - millisecond))
      .refused(Reason::too_many_attempts)
      .until(noon + minutes{15});
}

TEST(EnterOneTimeCode, accepts_the_right_one_and_ends_the_row_of_failures) {
  Story story = given(failed(code_mailed, 2, noon))
                    .when(enter_code(), at(noon).with_the_right_secret())
                    .then(OneTimeCodeAccepted{me, first_sign_in, first_code})
                    .after();
  EXPECT_EQ(story.user.failures.in_a_row, 0u);
}

TEST(EnterOneTimeCode, works_once) {
  given(code_accepted)
      .when(enter_code(), at(noon).with_the_right_secret())
      .refused(Reason::sign_in_step_out_of_order);
}

TEST(EnterOneTimeCode, works_only_in_the_sign_in_that_asked) {
  given(code_mailed)
      .when(enter_code(new_sign_in), at(noon).with_the_right_secret())
      .refused(Reason::sign_in_not_found);
}

TEST(EnterOneTimeCode, is_refused_when_the_sign_in_has_run_out) {
  const UserEvents resent = history(
      code_mailed, OneTimeCodeIssued{me, first_sign_in, new_code, noon + minutes{25}, noon + minutes{35}});
  given(resent)
      .when(enter_code(), at(noon + minutes{30}).with_the_right_secret())
      .refused(Reason::sign_in_not_found);
  given(resent)
      .when(enter_code(), at(noon + minutes{30} - millisecond).with_the_right_secret())
      .then(OneTimeCodeAccepted{me, first_sign_in, new_code});
}

TEST(EnterOneTimeCode, is_refused_before_the_mail_factors_terms) {
  given(credential_accepted).when(enter_code()).refused(Reason::mail_factor_terms_required);
}

TEST(EnterOneTimeCode, is_refused_after_ten_minutes_to_the_millisecond) {
  given(code_mailed)
      .when(enter_code(), at(noon + minutes{10} - millisecond).with_the_right_secret())
      .then(OneTimeCodeAccepted{me, first_sign_in, first_code});
  given(code_mailed)
      .when(enter_code(), at(noon + minutes{10}).with_the_right_secret())
      .refused(Reason::one_time_code_expired);
}

TEST(EnterOneTimeCode, is_refused_during_the_wait) {
  given(failed(code_mailed, 4, noon))
      .when(enter_code(), at(noon + minutes{1} - millisecond).with_the_right_secret())
      .refused(Reason::too_many_attempts)
      .until(noon + minutes{1});
}

TEST(EnterOneTimeCode, has_five_tries_a_code) {
  Story story = given(code_mailed);
  Time now = noon;
  for (std::uint32_t attempt = 1; attempt <= 5; ++attempt) {
    const Time open_again = now + wait_after(attempt);
    auto wrong = story.when(enter_code(), at(now));
    wrong.refused(Reason::one_time_code_wrong)
        .pointing_at("/code")
        .with_tries_left(5 - attempt)
        .recording(OneTimeCodeRejected{me, first_sign_in, first_code, attempt, now});
    if (open_again > now) wrong.until(open_again);
    story = wrong.after();
    now = open_again;
  }
  ASSERT_LT(now, noon + minutes{10});
  story.when(enter_code(), at(now).with_the_right_secret()).refused(Reason::one_time_code_void);
}

// ---- waits and the lock -----------------------------------------------------------------------------------

TEST(WaitAfterFailures, rises_to_an_hour) {
  const std::vector<std::pair<unsigned, Duration>> table{
      {0, seconds{0}},   {1, seconds{0}},    {2, seconds{0}},
      {3, seconds{30}},  {4, minutes{1}},    {5, minutes{2}},
      {6, minutes{4}},   {7, minutes{8}},    {8, minutes{16}},
      {9, minutes{32}},  {10, minutes{60}},  {11, minutes{60}},
      {99, minutes{60}}, {100, minutes{60}}, {4'000'000'000, minutes{60}}};
  for (const auto& [failures, wait] : table) EXPECT_EQ(wait_after(failures), wait) << failures;
}

TEST(HundredFailures, lock_the_credential_and_end_the_sign_in) {
  const UserEvents ninety_nine = failed(code_mailed, 99, noon - hours{1});
  given(ninety_nine)
      .when(start_sign_in())
      .refused(Reason::credential_rejected)
      .recording(CredentialRejected{me, 100, noon}, CredentialLocked{me, 100})
      .when(enter_code(), at(noon).with_the_right_secret())
      .refused(Reason::sign_in_not_found);
  given(ninety_nine)
      .when(enter_code())
      .refused(Reason::one_time_code_wrong)
      .pointing_at("/code")
      .with_tries_left(4)
      .recording(OneTimeCodeRejected{me, first_sign_in, first_code, 100, noon}, CredentialLocked{me, 100})
      .when(start_sign_in(), at(noon + hours{2}).with_the_right_secret())
      .refused(Reason::credential_locked);
}

TEST(HundredFailures, are_counted_over_passwords_and_codes_alike) {
  Story story = given(signed_in);
  Time now = noon;
  std::uint32_t failures = 0;
  while (!story.user.failures.locked) {
    now += hours{1};
    story = story.when(start_sign_in(), at(now).with_the_right_secret())
                .then(SignInStarted{me, new_sign_in, now, now + minutes{30}},
                      OneTimeCodeIssued{me, new_sign_in, new_code, now, now + minutes{10}})
                .after();
    ++failures;
    story.happens(story.decided(enter_code(new_sign_in), at(now)).events);
    ASSERT_EQ(story.user.failures.in_a_row, failures);
    ASSERT_LE(failures, 100u);
  }
  EXPECT_EQ(failures, 100u);
}

TEST(UnlockCredential, lets_the_user_try_at_once_and_ends_the_sessions) {
  given(locked)
      .when(UnlockCredential{me, because}, at(noon).by(desk_officer))
      .then(CredentialUnlocked{me, desk_officer.id, because},
            SessionClosed{me, first_session, SessionEnd::credential_unlocked})
      .when(start_sign_in())
      .refused(Reason::credential_rejected)
      .recording(CredentialRejected{me, 1, noon});
}

TEST(UnlockCredential, is_the_service_desks) {
  for (const Person& other : {owner, auditor, portal_operator, programme_officer, mail_clerk})
    given(locked)
        .when(UnlockCredential{me, because}, at(noon).by(other))
        .refused(Reason::staff_role_required);
}

TEST(UnlockCredential, is_refused_where_there_is_nothing_to_unlock) {
  given().when(UnlockCredential{me, because}, at(noon).by(desk_officer)).refused(Reason::user_not_found);
  given(registered)
      .when(UnlockCredential{me, because}, at(noon).by(desk_officer))
      .refused(Reason::credential_not_locked);
}

TEST(UnlockCredential, is_the_installations_for_an_operator_alone) {
  given(locked)
      .when(UnlockCredential{me, because}, at(noon).by(Person{}))
      .refused(Reason::staff_role_not_held);
  given(locked, StaffRoleGranted{me, StaffRole::operator_, std::nullopt, std::nullopt, because, noon})
      .when(UnlockCredential{me, because}, at(noon).by(Person{}))
      .then(CredentialUnlocked{me, std::nullopt, because},
            SessionClosed{me, first_session, SessionEnd::credential_unlocked});
}

// ---- devices ----------------------------------------------------------------------------------------------

const DeviceId known_device = id<DeviceId>(405);
/// Signed in with a device that is known from then on.
const UserEvents signed_in_with_device =
    history(code_accepted, PortalTermsAccepted{me, first_sign_in, 1},
            SessionOpened{me, first_sign_in, first_session, noon, noon + hours{12}, known_device});

StartSignIn start_with_device(DeviceId device = known_device) {
  StartSignIn command = start_sign_in();
  command.device = device;
  return command;
}

TEST(KnownDevice, is_not_held_up_by_strangers) {
  const UserEvents attacked = history(failed(signed_in_with_device, 100, noon), CredentialLocked{me, 100});
  given(attacked)
      .when(start_with_device(), at(noon).with_the_right_secret())
      .then(SignInStarted{me, new_sign_in, noon, noon + minutes{30}, known_device},
            OneTimeCodeIssued{me, new_sign_in, new_code, noon, noon + minutes{10}})
      .when(enter_code(new_sign_in), at(noon).with_the_right_secret())
      .then(OneTimeCodeAccepted{me, new_sign_in, new_code})
      .when(AcceptPortalTerms{me, new_sign_in, 1}, at(noon))
      .then(PortalTermsAccepted{me, new_sign_in, 1}, SessionClosed{me, first_session, SessionEnd::replaced},
            SessionOpened{me, new_sign_in, new_session, noon, noon + hours{12}, known_device})
      .when(start_sign_in(), at(noon).with_the_right_secret())
      .refused(Reason::credential_locked);
}

TEST(KnownDevice, is_shown_by_an_earlier_session_as_well) {
  StartSignIn command = start_sign_in();
  command.session = first_session;
  given(failed(signed_in_with_device, 3, noon))
      .when(command, at(noon).with_the_right_secret())
      .then(SignInStarted{me, new_sign_in, noon, noon + minutes{30}, known_device},
            OneTimeCodeIssued{me, new_sign_in, new_code, noon, noon + minutes{10}});
}

TEST(KnownDevice, of_somebody_else_is_a_strangers) {
  given(failed(signed_in_with_device, 3, noon))
      .when(start_with_device(id<DeviceId>(406)), at(noon).with_the_right_secret())
      .refused(Reason::too_many_attempts)
      .until(noon + seconds{30});
}

TEST(KnownDevice, has_waits_and_a_lock_of_its_own) {
  Story story = given(signed_in_with_device);
  Time now = noon;
  for (std::uint32_t failure = 1; failure <= 99; ++failure) {
    story.happens(story.decided(start_with_device(), at(now)).events);
    ASSERT_EQ(story.user.device(known_device)->failures.in_a_row, failure);
    ASSERT_EQ(story.user.failures.in_a_row, 0u);
    now += wait_after(failure);
  }
  story.when(start_with_device(), at(now))
      .refused(Reason::credential_rejected)
      .recording(CredentialRejected{me, 100, now, known_device}, CredentialLocked{me, 100, known_device})
      .when(start_with_device(), at(now).with_the_right_secret())
      .refused(Reason::credential_locked)
      .when(start_sign_in(), at(now).with_the_right_secret())
      .then(SignInStarted{me, new_sign_in, now, now + minutes{30}},
            OneTimeCodeIssued{me, new_sign_in, new_code, now, now + minutes{10}});
}

TEST(KnownDevice, loses_its_sessions_when_it_is_locked) {
  UserEvents attacked = signed_in_with_device;
  attacked.emplace_back(CurrentPasswordRejected{me, 99, noon - hours{1}, known_device});
  given(attacked)
      .when(ChangePassword{me, first_session, good_password(), good_password()})
      .refused(Reason::current_password_wrong)
      .pointing_at("/current_password")
      .recording(CurrentPasswordRejected{me, 100, noon, known_device},
                 CredentialLocked{me, 100, known_device},
                 SessionClosed{me, first_session, SessionEnd::credential_locked});
}

TEST(KnownDevice, ends_only_its_own_row_of_failures) {
  UserEvents both = failed(signed_in_with_device, 2, noon);
  both.emplace_back(CredentialRejected{me, 1, noon, known_device});
  const Story story = given(both, SignInStarted{me, new_sign_in, noon, later, known_device},
                            OneTimeCodeIssued{me, new_sign_in, new_code, noon, later},
                            OneTimeCodeAccepted{me, new_sign_in, new_code});
  EXPECT_EQ(story.user.failures.in_a_row, 2u);
  EXPECT_EQ(story.user.device(known_device)->failures.in_a_row, 0u);
}

TEST(KnownDevice, is_unlocked_with_all_others) {
  const Story story =
      given(signed_in_with_device, CredentialLocked{me, 100}, CredentialLocked{me, 100, known_device},
            CredentialUnlocked{me, desk_officer.id, because});
  EXPECT_FALSE(story.user.has_lock());
}

TEST(KnownDevices, are_the_last_twenty) {
  Story story = given(signed_in_with_device);
  for (std::uint32_t i = 0; i < devices_max; ++i)
    story.happens(SessionOpened{me, first_sign_in, id<SessionId>(500 + i), noon + minutes{i + 1},
                                noon + hours{12}, id<DeviceId>(600 + i)});
  EXPECT_EQ(story.user.devices.size(), devices_max);
  EXPECT_EQ(story.user.device(known_device), nullptr);
  EXPECT_NE(story.user.device(id<DeviceId>(600)), nullptr);
}

TEST(ForgetDevice, makes_it_a_stranger_and_ends_its_sessions) {
  given(signed_in_with_device)
      .when(ForgetDevice{me, known_device}, at(later))
      .then(DeviceForgotten{me, known_device, later},
            SessionClosed{me, first_session, SessionEnd::device_forgotten})
      .when(ForgetDevice{me, known_device}, at(later))
      .refused(Reason::device_not_found);
  given(signed_in).when(ForgetDevice{me, known_device}).refused(Reason::device_not_found);
}

// ---- signing in: the portal's terms -----------------------------------------------------------------------

AcceptPortalTerms accept_terms(unsigned version = 1) {
  return {me, first_sign_in, version};
}

TEST(AcceptPortalTerms, opens_a_session_of_twelve_hours) {
  given(code_accepted)
      .when(accept_terms(), at(noon + minutes{2}))
      .then(PortalTermsAccepted{me, first_sign_in, 1},
            SessionOpened{me, first_sign_in, new_session, noon + minutes{2}, noon + minutes{2} + hours{12},
                          new_device})
      .when(accept_terms(), at(noon + minutes{2}))
      .refused(Reason::sign_in_not_found);
}

TEST(AcceptPortalTerms, renews_the_urns_two_years) {
  const Time now = noon + minutes{2};
  const Story story =
      given(code_accepted)
          .when(accept_terms(), at(now))
          .then(PortalTermsAccepted{me, first_sign_in, 1},
                SessionOpened{me, first_sign_in, new_session, now, now + hours{12}, new_device})
          .after();
  EXPECT_EQ(story.user.urn_expires_at(), add_years(now, 2));
}

TEST(AcceptPortalTerms, forgets_sessions_that_are_over) {
  UserEvents next_day =
      history(signed_in, SignInStarted{me, new_sign_in, noon + hours{12}, noon + hours{13}},
              OneTimeCodeIssued{me, new_sign_in, new_code, noon + hours{12}, noon + hours{13}},
              OneTimeCodeAccepted{me, new_sign_in, new_code});
  const Time now = noon + hours{12};
  const Story story = given(next_day)
                          .when(AcceptPortalTerms{me, new_sign_in, 1}, at(now))
                          .then(PortalTermsAccepted{me, new_sign_in, 1},
                                SessionOpened{me, new_sign_in, new_session, now, now + hours{12}, new_device})
                          .after();
  EXPECT_EQ(story.user.sessions, (std::vector{Session{new_session, now, now + hours{12}, new_device}}));
}

TEST(AcceptPortalTerms, is_refused_without_an_open_sign_in) {
  given(signed_in).when(accept_terms()).refused(Reason::sign_in_not_found);
  given(code_accepted).when(AcceptPortalTerms{me, new_sign_in, 1}).refused(Reason::sign_in_not_found);
  given(code_accepted).when(accept_terms(), at(noon + minutes{30})).refused(Reason::sign_in_not_found);
}

TEST(AcceptPortalTerms, is_refused_before_the_code) {
  given(code_mailed).when(accept_terms()).refused(Reason::sign_in_step_out_of_order);
  given(credential_accepted).when(accept_terms()).refused(Reason::sign_in_step_out_of_order);
}

TEST(AcceptPortalTerms, is_refused_where_the_credential_was_locked_meanwhile) {
  // The lock ends the open sign-in, so only an inconsistent history has both; the sign-in still opens no
  // session.
  const UserEvents odd =
      history(registered, CredentialLocked{me, 100}, SignInStarted{me, first_sign_in, noon, later},
              OneTimeCodeAccepted{me, first_sign_in, first_code});
  given(odd).when(accept_terms()).refused(Reason::credential_locked);
  given(code_accepted, CredentialLocked{me, 100}).when(accept_terms()).refused(Reason::sign_in_not_found);
}

TEST(AcceptPortalTerms, is_refused_where_the_urn_expired_during_the_sign_in) {
  const Time expiry = add_years(noon, 2);
  const UserEvents just_before =
      history(registered, SignInStarted{me, first_sign_in, expiry - minutes{1}, expiry + minutes{29}},
              OneTimeCodeAccepted{me, first_sign_in, first_code});
  given(just_before).when(accept_terms(), at(expiry)).refused(Reason::urn_expired);
  EXPECT_FALSE(given(just_before).decided(accept_terms(), at(expiry - millisecond)).refusal);
}

TEST(AcceptPortalTerms, is_refused_for_terms_that_are_not_in_force) {
  given(code_accepted)
      .when(accept_terms(1), at(noon).under_portal_terms(2))
      .refused(Reason::terms_version_outdated)
      .pointing_at("/terms_version");
}

// ---- sessions ---------------------------------------------------------------------------------------------

const SessionId second_session = id<SessionId>(403);
const SessionId third_session = id<SessionId>(404);
const UserEvents three_sessions =
    history(signed_in, SessionOpened{me, first_sign_in, second_session, noon + hours{2}, noon + hours{14}},
            SessionOpened{me, first_sign_in, third_session, noon + hours{3}, noon + hours{15}});

TEST(CloseSession, ends_one_session) {
  given(three_sessions)
      .when(CloseSession{me, second_session}, at(noon + hours{4}))
      .then(SessionClosed{me, second_session, SessionEnd::signed_out})
      .when(CloseSession{me, second_session}, at(noon + hours{4}))
      .refused(Reason::session_not_found);
}

TEST(CloseSession, is_refused_where_the_session_is_unknown_or_over) {
  given(signed_in).when(CloseSession{me, new_session}).refused(Reason::session_not_found);
  given(signed_in)
      .when(CloseSession{me, first_session}, at(noon + hours{12}))
      .refused(Reason::session_not_found);
  given(signed_in)
      .when(CloseSession{me, first_session}, at(noon + hours{12} - millisecond))
      .then(SessionClosed{me, first_session, SessionEnd::signed_out});
}

TEST(CloseOtherSessions, ends_all_that_are_open_but_the_present_one) {
  given(three_sessions)
      .when(CloseOtherSessions{me, third_session}, at(noon + hours{4}))
      .then(SessionClosed{me, first_session, SessionEnd::revoked},
            SessionClosed{me, second_session, SessionEnd::revoked})
      .when(CloseOtherSessions{me, third_session}, at(noon + hours{4}))
      .then();
  given(three_sessions)
      .when(CloseOtherSessions{me, third_session}, at(noon + hours{12}))
      .then(SessionClosed{me, second_session, SessionEnd::revoked});
}

TEST(AcceptPortalTerms, keeps_where_the_session_was_opened_from) {
  given(code_accepted)
      .when(accept_terms(), at(noon).from("192.0.2.7"))
      .then(PortalTermsAccepted{me, first_sign_in, 1},
            SessionOpened{me, first_sign_in, new_session, noon, noon + hours{12}, new_device, "192.0.2.7"});
}

TEST(EndSessions, is_the_service_desks_for_one_or_all) {
  given(three_sessions)
      .when(EndSessions{me, std::nullopt, because}, at(noon + hours{12}).by(desk_officer))
      .then(SessionsEnded{me, desk_officer.id, std::nullopt, because, noon + hours{12}},
            SessionClosed{me, second_session, SessionEnd::ended_by_staff},
            SessionClosed{me, third_session, SessionEnd::ended_by_staff});
  given(three_sessions)
      .when(EndSessions{me, third_session, because}, at(later).by(desk_officer))
      .then(SessionsEnded{me, desk_officer.id, third_session, because, later},
            SessionClosed{me, third_session, SessionEnd::ended_by_staff});
  for (const Person& other : {owner, auditor, portal_operator, programme_officer, mail_clerk})
    given(three_sessions)
        .when(EndSessions{me, std::nullopt, because}, at(noon).by(other))
        .refused(Reason::staff_role_required);
}

TEST(EndSessions, is_refused_where_none_is_open) {
  given()
      .when(EndSessions{me, std::nullopt, because}, at(noon).by(desk_officer))
      .refused(Reason::user_not_found);
  given(registered)
      .when(EndSessions{me, std::nullopt, because}, at(noon).by(desk_officer))
      .refused(Reason::session_not_found);
  given(signed_in)
      .when(EndSessions{me, third_session, because}, at(noon).by(desk_officer))
      .refused(Reason::session_not_found);
}

TEST(EndSessions, of_all_end_the_sign_in_under_way_too) {
  const UserEvents under_way = history(signed_in, SignInStarted{me, new_sign_in, noon, noon + minutes{30}});
  EXPECT_FALSE(
      given(under_way, SessionsEnded{me, desk_officer.id, std::nullopt, because, noon}).user.sign_in);
  EXPECT_TRUE(
      given(under_way, SessionsEnded{me, desk_officer.id, first_session, because, noon}).user.sign_in);
}

// ---- contact details --------------------------------------------------------------------------------------

TEST(ChangeContactDetails, records_only_changed_details) {
  given(registered)
      .when(ChangeContactDetails{me, text<FamilyName>("Côté-Roy"), example<GivenNames>(), std::nullopt,
                                 Language::en})
      .then(
          ContactDetailsChanged{me, Language::en, text<FamilyName>("Côté-Roy"), std::nullopt, std::nullopt});
  given(registered)
      .when(ChangeContactDetails{
          me, std::nullopt, text<GivenNames>("Ève"), text<Telephone>("+18195550199"), {}})
      .then(ContactDetailsChanged{me, std::nullopt, std::nullopt, text<GivenNames>("Ève"),
                                  text<Telephone>("+18195550199")});
}

TEST(ChangeContactDetails, changes_the_state) {
  const User user =
      given(registered, ContactDetailsChanged{me, Language::en, text<FamilyName>("Côté-Roy"),
                                              text<GivenNames>("Ève"), text<Telephone>("+18195550199")})
          .user;
  EXPECT_EQ(user.language, Language::en);
  EXPECT_EQ(user.family_name.text(), "Côté-Roy");
  EXPECT_EQ(user.given_names.text(), "Ève");
  EXPECT_EQ(user.telephone.text(), "+18195550199");
}

TEST(ChangeContactDetails, clears_the_given_names_of_a_person_with_one_name) {
  const ChangeContactDetails clears{me, {}, Change<GivenNames>::clear(), {}, {}};
  const ContactDetailsChanged cleared{me, std::nullopt, std::nullopt, GivenNames{}, std::nullopt};
  given(registered).when(clears).then(cleared);
  EXPECT_TRUE(given(registered, cleared).user.given_names.empty());
  given(registered, cleared).when(clears).then();
}

TEST(ChangeContactDetails, that_change_nothing_are_accepted_without_an_event) {
  given(registered)
      .when(ChangeContactDetails{me, example<FamilyName>(), example<GivenNames>(), example<Telephone>(),
                                 Language::fr})
      .then();
  given(registered).when(ChangeContactDetails{me, {}, {}, {}, {}}).then();
}

TEST(ChangeContactDetails, is_refused_for_a_user_who_does_not_exist) {
  given().when(ChangeContactDetails{me, {}, {}, {}, Language::en}).refused(Reason::user_not_found);
}

const EmailAddress new_address = text<EmailAddress>("Marie.New@example.com");
const UserEvents email_change_requested =
    history(signed_in, EmailChangeRequested{me, first_code, noon, noon + hours{24}, new_address});
const ConfirmEmailChange confirm_email{me, first_session, example<OneTimeCode>(), example<OneTimeCode>()};

RequestEmailChange request_email_change(const EmailAddress& email = new_address) {
  return {me, first_session, email, good_password()};
}

TEST(RequestEmailChange, mails_codes_that_live_a_day_and_keeps_the_old_address) {
  const Story story = given(signed_in)
                          .when(request_email_change(), at(later).with_the_right_secret())
                          .then(EmailChangeRequested{me, new_code, later, later + hours{24}, new_address})
                          .after();
  EXPECT_EQ(story.user.email, example<EmailAddress>());
}

TEST(RequestEmailChange, is_refused_for_a_user_who_does_not_exist) {
  given().when(request_email_change()).refused(Reason::user_not_found);
}

TEST(RequestEmailChange, is_refused_for_the_present_address) {
  given(signed_in)
      .when(request_email_change(text<EmailAddress>("MARIE@example.com")))
      .refused(Reason::email_taken)
      .pointing_at("/email");
}

TEST(RequestEmailChange, is_refused_where_too_many_codes_were_mailed) {
  given(with_code_mails(signed_in, 4, first_sign_in))
      .when(request_email_change(), at(noon).with_the_right_secret())
      .refused(Reason::too_many_attempts)
      .until(noon + minutes{15});
}

TEST(RequestEmailChange, needs_the_password_where_there_is_one) {
  given(signed_in)
      .when(RequestEmailChange{me, first_session, new_address, std::nullopt})
      .refused(Reason::missing)
      .pointing_at("/current_password");
  given(partner_registered)
      .when(RequestEmailChange{me, first_session, new_address, std::nullopt})
      .then(EmailChangeRequested{me, new_code, noon, noon + hours{24}, new_address});
}

TEST(RequestEmailChange, counts_a_wrong_password) {
  given(signed_in_with_device)
      .when(request_email_change())
      .refused(Reason::current_password_wrong)
      .pointing_at("/current_password")
      .recording(CurrentPasswordRejected{me, 1, noon, known_device});
  given(failed(signed_in, 3, noon))
      .when(request_email_change(), at(noon).with_the_right_secret())
      .refused(Reason::too_many_attempts)
      .until(noon + seconds{30});
}

TEST(ConfirmEmailChange, moves_the_claim_to_the_new_address) {
  const Time now = noon + hours{24} - millisecond;
  given(email_change_requested)
      .when(confirm_email, at(now).with_both_right_secrets())
      .then(EmailChanged{me, new_address, example<EmailAddress>(), now})
      .releasing(Unique::email, "marie@example.com")
      .claiming(Unique::email, "marie.new@example.com")
      .when(confirm_email, at(noon).with_the_right_secret())
      .refused(Reason::email_change_not_pending);
}

TEST(ConfirmEmailChange, ends_all_other_sessions_and_remembers_the_former_address) {
  const Story story =
      given(three_sessions, EmailChangeRequested{me, first_code, noon, noon + hours{24}, new_address})
          .when(confirm_email, at(later).with_both_right_secrets())
          .then(EmailChanged{me, new_address, example<EmailAddress>(), later},
                SessionClosed{me, second_session, SessionEnd::email_changed},
                SessionClosed{me, third_session, SessionEnd::email_changed})
          .releasing(Unique::email, "marie@example.com")
          .claiming(Unique::email, "marie.new@example.com")
          .after();
  EXPECT_EQ(story.user.former_emails, (std::vector{FormerEmail{example<EmailAddress>(), later}}));
}

TEST(ConfirmEmailChange, needs_the_code_from_the_present_mailbox_too) {
  given(email_change_requested)
      .when(confirm_email, at(noon).with_the_right_secret())
      .refused(Reason::one_time_code_wrong)
      .pointing_at("/present_address_code")
      .with_tries_left(4)
      .recording(EmailChangeRejected{me, first_code, 1, noon});
}

TEST(ConfirmEmailChange, is_refused_without_a_request) {
  given(signed_in).when(confirm_email).refused(Reason::email_change_not_pending);
}

TEST(ConfirmEmailChange, is_refused_after_a_day_to_the_millisecond) {
  given(email_change_requested)
      .when(confirm_email, at(noon + hours{24}).with_the_right_secret())
      .refused(Reason::one_time_code_expired);
}

TEST(ConfirmEmailChange, is_refused_during_the_wait) {
  given(failed(email_change_requested, 3, noon))
      .when(confirm_email, at(noon).with_the_right_secret())
      .refused(Reason::too_many_attempts)
      .until(noon + seconds{30});
}

TEST(ConfirmEmailChange, counts_wrong_codes_and_gives_five_tries_a_code) {
  Story story = given(email_change_requested);
  for (std::uint32_t attempt = 1; attempt <= 5; ++attempt) {
    const Time now = noon + hours{attempt};
    auto wrong = story.when(confirm_email, at(now));
    wrong.refused(Reason::one_time_code_wrong)
        .pointing_at("/code")
        .with_tries_left(5 - attempt)
        .recording(EmailChangeRejected{me, first_code, attempt, now});
    if (wait_after(attempt) > Duration{0}) wrong.until(now + wait_after(attempt));
    story = wrong.after();
  }
  story.when(confirm_email, at(noon + hours{6}).with_the_right_secret()).refused(Reason::one_time_code_void);
}

TEST(ConfirmEmailChange, locks_the_credential_at_the_hundredth_failure) {
  given(failed(email_change_requested, 99, noon - hours{1}))
      .when(confirm_email)
      .refused(Reason::one_time_code_wrong)
      .pointing_at("/code")
      .with_tries_left(4)
      .recording(EmailChangeRejected{me, first_code, 100, noon}, CredentialLocked{me, 100})
      .when(confirm_email, at(later).with_the_right_secret())
      .refused(Reason::credential_locked);
}

// ---- password ---------------------------------------------------------------------------------------------

ChangePassword change_password(std::string_view wanted = "a different long secret") {
  return {me, third_session, good_password(), password(wanted)};
}

TEST(ChangePassword, ends_all_other_sessions) {
  given(three_sessions)
      .when(change_password(), at(noon + hours{12}).with_the_right_secret())
      .then(PasswordChanged{me, 2, {}, noon + hours{12}, new_device},
            SessionClosed{me, second_session, SessionEnd::password_changed});
}

TEST(ChangePassword, forgets_all_devices_but_names_the_present_one_anew) {
  const Story story =
      given(signed_in_with_device,
            SessionOpened{me, first_sign_in, second_session, noon, noon + hours{12}, id<DeviceId>(407)})
          .when(ChangePassword{me, first_session, good_password(), password("a different long secret")},
                at(later).with_the_right_secret())
          .then(PasswordChanged{me, 2, {}, later, new_device},
                SessionClosed{me, second_session, SessionEnd::password_changed})
          .after();
  EXPECT_EQ(story.user.devices, (std::vector{Device{new_device, later, later}}));
  EXPECT_EQ(story.user.device_of(first_session), new_device);
}

TEST(ChangePassword, ends_the_sign_in_under_way) {
  EXPECT_FALSE(given(signed_in, SignInStarted{me, new_sign_in, noon, later},
                     PasswordChanged{me, 2, {}, noon, new_device})
                   .user.sign_in);
}

TEST(ChangePassword, ends_the_row_of_failures) {
  const Story story =
      given(failed(signed_in, 2, noon))
          .when(ChangePassword{me, first_session, good_password(), password("a different long secret")},
                at(noon).with_the_right_secret())
          .then(PasswordChanged{me, 2, {}, noon, new_device})
          .after();
  EXPECT_EQ(story.user.failures.in_a_row, 0u);
  EXPECT_EQ(story.user.credential_version, 2u);
}

TEST(ChangePassword, is_refused_for_a_user_without_one) {
  given().when(change_password(), at(noon).with_the_right_secret()).refused(Reason::user_not_found);
  given(partner_registered)
      .when(change_password(), at(noon).with_the_right_secret())
      .refused(Reason::user_not_found);
}

TEST(ChangePassword, counts_a_wrong_current_password) {
  given(three_sessions)
      .when(change_password())
      .refused(Reason::current_password_wrong)
      .pointing_at("/current_password")
      .recording(CurrentPasswordRejected{me, 1, noon});
  given(failed(three_sessions, 99, noon - hours{1}))
      .when(change_password())
      .refused(Reason::current_password_wrong)
      .pointing_at("/current_password")
      .recording(CurrentPasswordRejected{me, 100, noon}, CredentialLocked{me, 100})
      .when(change_password(), at(later).with_the_right_secret())
      .refused(Reason::credential_locked);
}

TEST(ChangePassword, is_refused_during_the_wait) {
  given(failed(three_sessions, 3, noon))
      .when(change_password(), at(noon).with_the_right_secret())
      .refused(Reason::too_many_attempts)
      .until(noon + seconds{30});
}

TEST(ChangePassword, is_refused_for_one_against_the_rules) {
  given(three_sessions)
      .when(change_password("my MTremblay12 secret"), at(noon).with_the_right_secret())
      .refused(Reason::password_is_user_name)
      .pointing_at("/new_password");
  given(three_sessions)
      .when(change_password("marie@example.com"), at(noon).with_the_right_secret())
      .refused(Reason::password_is_guessable)
      .pointing_at("/new_password");
  given(three_sessions)
      .when(change_password(), at(noon).with_the_right_secret().with_a_common_password())
      .refused(Reason::password_too_common)
      .pointing_at("/new_password");
  given(three_sessions)
      .when(ChangePassword{me, third_session, good_password(), good_password()},
            at(noon).with_the_right_secret())
      .refused(Reason::password_unchanged)
      .pointing_at("/new_password");
}

// ---- the URN's two years ----------------------------------------------------------------------------------

Time moment(std::string_view rfc3339) {
  return parse_time(rfc3339).value();
}

TEST(Urn, expires_two_years_after_the_last_sign_in_to_the_millisecond) {
  const struct {
    std::string_view from, until;
  } rows[] = {
      {"2026-03-09T12:00:00.000Z", "2028-03-09T12:00:00.000Z"},
      {"2028-02-29T23:59:59.999Z", "2030-02-28T23:59:59.999Z"},
      {"2026-02-28T00:00:00.001Z", "2028-02-28T00:00:00.001Z"},
  };
  for (const auto& row : rows) {
    const User user = given(registered_at(moment(row.from))).user;
    EXPECT_EQ(to_text(user.urn_expires_at()), row.until);
    EXPECT_FALSE(user.urn_expired_at(moment(row.until) - millisecond));
    EXPECT_TRUE(user.urn_expired_at(moment(row.until)));
    EXPECT_TRUE(user.person_at(moment(row.until)).urn_expired);
  }
}

TEST(Urn, does_not_expire_while_its_user_is_staff) {
  const User user =
      given(registered, StaffRoleGranted{me, StaffRole::auditor, std::nullopt, std::nullopt, because, noon})
          .user;
  EXPECT_FALSE(user.urn_expired_at(add_years(noon, 3)));
  EXPECT_EQ(next_deadline(user), std::nullopt);
}

TEST(Urn, of_someone_who_never_registered_does_not_expire) {
  EXPECT_FALSE(User{}.urn_expired_at(add_years(noon, 3)));
  EXPECT_EQ(next_deadline(User{}), std::nullopt);
}

TEST(LetTimePassForUser, reminds_four_times_and_expires_the_urn_each_at_its_deadline) {
  const Time from = moment("2028-02-29T10:00:00.000Z");
  const Time expiry = moment("2030-02-28T10:00:00.000Z");
  Story story = given(registered_at(from));
  const struct {
    UrnReminder kind;
    Time due;
  } rows[] = {
      {UrnReminder::twelve_months, moment("2029-02-28T10:00:00.000Z")},
      {UrnReminder::sixty_days, moment("2029-12-30T10:00:00.000Z")},
      {UrnReminder::thirty_days, moment("2030-01-29T10:00:00.000Z")},
      {UrnReminder::seven_days, moment("2030-02-21T10:00:00.000Z")},
  };
  for (const auto& row : rows) {
    ASSERT_EQ(next_deadline(story.user), row.due) << to_text(row.kind);
    story.when(LetTimePassForUser{me}, at(row.due - millisecond).by(scheduler)).then();
    story = story.when(LetTimePassForUser{me}, at(row.due).by(scheduler))
                .then(UrnExpiryReminded{me, row.kind, row.due, expiry})
                .after();
  }
  ASSERT_EQ(next_deadline(story.user), expiry);
  story.when(LetTimePassForUser{me}, at(expiry - millisecond).by(scheduler)).then();
  story =
      story.when(LetTimePassForUser{me}, at(expiry).by(scheduler)).then(UrnExpired{me, 1, expiry}).after();
  EXPECT_EQ(next_deadline(story.user), std::nullopt);
  story.when(LetTimePassForUser{me}, at(expiry + days{900}).by(scheduler)).then();
}

TEST(LetTimePassForUser, makes_up_for_all_that_fell_due_while_the_service_was_down) {
  const Time expiry = add_years(noon, 2);
  given(registered)
      .when(LetTimePassForUser{me}, at(expiry + days{100}).by(scheduler))
      .then(UrnExpiryReminded{me, UrnReminder::twelve_months, add_years(noon, 1), expiry},
            UrnExpiryReminded{me, UrnReminder::sixty_days, expiry - days{60}, expiry},
            UrnExpiryReminded{me, UrnReminder::thirty_days, expiry - days{30}, expiry},
            UrnExpiryReminded{me, UrnReminder::seven_days, expiry - days{7}, expiry},
            UrnExpired{me, 1, expiry});
}

TEST(LetTimePassForUser, leaves_staff_and_strangers_alone) {
  given().when(LetTimePassForUser{me}, at(add_years(noon, 5)).by(scheduler)).then();
  given(registered, StaffRoleGranted{me, StaffRole::auditor, std::nullopt, std::nullopt, because, noon})
      .when(LetTimePassForUser{me}, at(add_years(noon, 5)).by(scheduler))
      .then();
}

TEST(LetTimePassForUser, starts_over_after_a_sign_in) {
  const UserEvents reminded = history(
      registered, UrnExpiryReminded{me, UrnReminder::twelve_months, add_years(noon, 1), add_years(noon, 2)},
      SessionOpened{me, first_sign_in, first_session, noon + days{400}, noon + days{401}});
  EXPECT_EQ(next_deadline(given(reminded).user), add_years(noon + days{400}, 1));
}

TEST(LetTimePassForUser, ends_a_sign_in_under_way_with_the_urn) {
  given(code_accepted, UrnExpired{me, 1, noon}).when(accept_terms()).refused(Reason::sign_in_not_found);
}

TEST(IssueNewUrn, gives_the_next_one_after_the_expiry) {
  const Time now = add_years(noon, 2) + days{3};
  const UserEvents expired = history(registered, UrnExpired{me, 1, add_years(noon, 2)});
  const Story story = given(expired)
                          .when(IssueNewUrn{me, because}, at(now).by(desk_officer))
                          .then(UrnIssued{me, 2, now, desk_officer.id, because, new_urn})
                          .claiming(Unique::urn, new_urn.text())
                          .after();
  EXPECT_EQ(story.user.urn_expires_at(), add_years(now, 2));
  EXPECT_EQ(next_deadline(story.user), add_years(now, 1));
}

TEST(IssueNewUrn, records_the_expiry_first_where_the_scheduler_is_late) {
  const Time expiry = add_years(noon, 2);
  given(registered)
      .when(IssueNewUrn{me, because}, at(expiry).by(desk_officer))
      .then(UrnExpired{me, 1, expiry}, UrnIssued{me, 2, expiry, desk_officer.id, because, new_urn})
      .claiming(Unique::urn, new_urn.text());
}

TEST(IssueNewUrn, is_the_service_desks) {
  for (const Person& other : {owner, auditor, portal_operator, programme_officer, mail_clerk})
    given(registered)
        .when(IssueNewUrn{me, because}, at(add_years(noon, 2)).by(other))
        .refused(Reason::staff_role_required);
}

TEST(IssueNewUrn, is_refused_where_there_is_none_to_replace) {
  given().when(IssueNewUrn{me, because}, at(noon).by(desk_officer)).refused(Reason::user_not_found);
  given(registered)
      .when(IssueNewUrn{me, because}, at(add_years(noon, 2) - millisecond).by(desk_officer))
      .refused(Reason::urn_not_expired);
}

// ---- staff ------------------------------------------------------------------------------------------------

const GrantStaffRole grant{me, StaffRole::mail_room, because};
const RevokeStaffRole revoke{me, StaffRole::mail_room, because};
const ApproveStaffRoleChange approve_change{me, new_proposal};
const WithdrawStaffRoleChange withdraw_change{me, new_proposal, because};

Person second_operator() {
  Person other = portal_operator;
  other.id = id<UserId>(126);
  return other;
}
StaffRoleChangeProposed proposed(RoleChange change, Time time = noon, StaffRole role = StaffRole::mail_room) {
  return {me, new_proposal, change, role, portal_operator.id, because, time};
}
StaffRoleGranted given_by_one(StaffRole role, std::optional<UserId> by = portal_operator.id) {
  return {me, role, by, std::nullopt, because, noon};
}
const StaffRoleGranted given_by_two{
    me, StaffRole::mail_room, portal_operator.id, second_operator().id, because, noon};
const UserEvents mail_room_staff = history(registered, given_by_two);
/// Two operators: the first one proposed what the second one is to approve.
const auto by_second = at(noon).by(second_operator()).proposed_by(portal_operator).with_operators(2);
const auto by_first = at(noon).by(portal_operator).proposed_by(portal_operator).with_operators(2);

TEST(StaffRole, is_given_by_two_operators) {
  const Story story = given(registered)
                          .when(grant, by_first)
                          .then(proposed(RoleChange::grant))
                          .when(approve_change, by_first)
                          .refused(Reason::second_officer_required)
                          .when(approve_change, by_second)
                          .then(given_by_two)
                          .after();
  EXPECT_TRUE(story.user.is_staff());
  EXPECT_EQ(story.user.staff_role_change, std::nullopt);
}

TEST(StaffRole, is_taken_by_two_operators) {
  const Story story =
      given(mail_room_staff)
          .when(revoke, by_first)
          .then(proposed(RoleChange::revoke))
          .when(approve_change, by_first)
          .refused(Reason::second_officer_required)
          .when(approve_change, by_second)
          .then(StaffRoleRevoked{me, StaffRole::mail_room, portal_operator.id, second_operator().id, because})
          .after();
  EXPECT_FALSE(story.user.is_staff());
}

TEST(StaffRole, is_given_at_once_by_the_installation_and_by_the_only_operator) {
  given(registered)
      .when(grant, at(noon).by(Person{}).with_operators(5))
      .then(given_by_one(StaffRole::mail_room, std::nullopt));
  given(registered)
      .when(grant, at(noon).by(portal_operator).with_operators(1))
      .then(given_by_one(StaffRole::mail_room));
  given(mail_room_staff)
      .when(revoke, at(noon).by(portal_operator).with_operators(1))
      .then(StaffRoleRevoked{me, StaffRole::mail_room, portal_operator.id, std::nullopt, because});
}

TEST(StaffRole, is_the_operators) {
  for (const Person& other : {stranger, desk_officer, auditor, programme_officer, mail_clerk}) {
    given(registered).when(grant, at(noon).by(other)).refused(Reason::staff_role_required);
    given(mail_room_staff).when(revoke, at(noon).by(other)).refused(Reason::staff_role_required);
    const Story open = given(registered, proposed(RoleChange::grant));
    open.when(approve_change, at(noon).by(other)).refused(Reason::staff_role_required);
    open.when(withdraw_change, at(noon).by(other)).refused(Reason::staff_role_required);
  }
  given(mail_room_staff).when(revoke, at(noon).by(Person{})).refused(Reason::staff_role_required);
}

TEST(StaffRole, change_is_refused_where_it_makes_no_sense) {
  given().when(grant, by_first).refused(Reason::user_not_found);
  given().when(revoke, by_first).refused(Reason::user_not_found);
  given().when(approve_change, by_second).refused(Reason::user_not_found);
  given(mail_room_staff).when(grant, by_first).refused(Reason::staff_role_already_held);
  given(registered).when(revoke, by_first).refused(Reason::staff_role_not_held);
  const Story open = given(registered, proposed(RoleChange::grant));
  open.when(grant, by_second).refused(Reason::staff_role_change_open);
  open.when(ApproveStaffRoleChange{me, id<ProposalId>(999)}, by_second)
      .refused(Reason::staff_role_change_not_found);
  given(registered).when(withdraw_change, by_first).refused(Reason::staff_role_change_not_found);
}

TEST(StaffRole, is_for_nobody_who_belongs_to_an_account_or_is_named_for_one) {
  const Story open = given(registered, proposed(RoleChange::grant));
  for (const auto& whose : {at(noon).about_a_member(), at(noon).about_one_named_as_owner()}) {
    auto facts = whose;
    given(registered).when(grant, facts.by(portal_operator)).refused(Reason::belongs_to_account);
    open.when(approve_change, facts.by(second_operator()).proposed_by(portal_operator))
        .refused(Reason::belongs_to_account);
  }
}

TEST(StaffRole, keeps_a_person_away_from_accounts_while_it_is_proposed) {
  const Story open = given(registered, proposed(RoleChange::grant));
  EXPECT_FALSE(open.user.person_at(noon + days{14} - millisecond).may_hold_account());
  EXPECT_TRUE(open.user.person_at(noon + days{14}).may_hold_account());
  EXPECT_TRUE(given(registered, proposed(RoleChange::grant),
                    StaffRoleChangeWithdrawn{me, new_proposal, portal_operator.id, because})
                  .user.person_at(noon)
                  .may_hold_account());
}

TEST(StaffRole, proposal_lapses_after_fourteen_days) {
  const Time lapse = noon + days{14};
  const Story open = given(registered, proposed(RoleChange::grant));
  EXPECT_EQ(next_deadline(open.user), lapse);
  auto late = at(lapse).by(second_operator()).proposed_by(portal_operator).with_operators(2);
  open.when(approve_change, late).refused(Reason::staff_role_change_not_found);
  open.when(withdraw_change, late).refused(Reason::staff_role_change_not_found);
  open.when(LetTimePassForUser{me}, at(lapse - millisecond).by(Person{})).then();
  open.when(LetTimePassForUser{me}, at(lapse).by(Person{}))
      .then(StaffRoleChangeLapsed{me, new_proposal, lapse});
  open.when(grant, at(lapse).by(portal_operator).with_operators(2))
      .then(StaffRoleChangeLapsed{me, new_proposal, lapse}, proposed(RoleChange::grant, lapse));
}

TEST(StaffRole, is_neither_given_to_oneself_nor_proposed_to_be_taken_from_oneself) {
  Person self = portal_operator;
  self.id = me;
  auto by_self = at(noon).by(self).proposed_by(portal_operator).with_operators(3);
  given(registered).when(grant, by_self).refused(Reason::own_staff_role);
  given(mail_room_staff).when(revoke, by_self).refused(Reason::own_staff_role);
  given(registered, given_by_one(StaffRole::operator_), proposed(RoleChange::grant))
      .when(approve_change, by_self)
      .refused(Reason::own_staff_role);
}

TEST(StaffRole, is_lost_with_ones_own_consent_but_one_operator_remains) {
  Person self = portal_operator;
  self.id = me;
  const Story open = given(registered, given_by_one(StaffRole::operator_),
                           proposed(RoleChange::revoke, noon, StaffRole::operator_));
  open.when(approve_change, at(noon).by(self).proposed_by(portal_operator).with_operators(2))
      .then(StaffRoleRevoked{me, StaffRole::operator_, portal_operator.id, me, because});
  open.when(approve_change, at(noon).by(self).proposed_by(portal_operator).with_operators(1))
      .refused(Reason::last_operator);
}

TEST(StaffRole, is_not_approved_together_by_two_of_whom_one_proposed_the_other) {
  const Story open = given(registered, proposed(RoleChange::grant));
  Person puppet = second_operator();
  puppet.staff_proposers = {portal_operator.id};
  open.when(approve_change, at(noon).by(puppet).proposed_by(portal_operator).with_operators(2))
      .refused(Reason::officers_not_independent);
  Person master = portal_operator;
  master.staff_proposers = {second_operator().id};
  open.when(approve_change, at(noon).by(second_operator()).proposed_by(master).with_operators(2))
      .refused(Reason::officers_not_independent);
}

TEST(StaffRole, proposal_is_not_approved_after_its_proposer_lost_the_role) {
  Person former = portal_operator;
  former.staff_roles = {StaffRole::auditor};
  given(registered, proposed(RoleChange::grant))
      .when(approve_change, at(noon).by(second_operator()).proposed_by(former).with_operators(2))
      .refused(Reason::proposer_without_role);
}

TEST(StaffRole, remembers_for_thirty_days_who_proposed_it) {
  for (const UserEvent& how :
       {UserEvent{proposed(RoleChange::grant)}, UserEvent{given_by_one(StaffRole::mail_room)}}) {
    const Story story = given(registered, how);
    EXPECT_EQ(story.user.person_at(noon + days{30} - millisecond).staff_proposers,
              std::vector{portal_operator.id});
    EXPECT_TRUE(story.user.person_at(noon + days{30}).staff_proposers.empty());
  }
  EXPECT_TRUE(
      given(mail_room_staff, proposed(RoleChange::revoke)).user.person_at(noon).staff_proposers.empty());
}

// ---- erasure ----------------------------------------------------------------------------------------------

const ProposalId erasure = new_proposal;
const ProposeErasure propose_erasure{me, LegalGround::court_order, because};
const ApproveErasure approve_erasure{me, erasure};
const WithdrawErasure withdraw_erasure{me, erasure, because};
const ErasureProposed erasure_proposed{me,      erasure, portal_operator.id, LegalGround::court_order,
                                       because, noon};

TEST(Erasure, takes_two_operators_and_leaves_nothing) {
  const Story story = given(registered)
                          .when(propose_erasure, at(noon).by(portal_operator))
                          .then(erasure_proposed)
                          .when(approve_erasure, at(noon).by(portal_operator))
                          .refused(Reason::second_officer_required)
                          .when(approve_erasure, at(noon + hours{1}).by(second_operator()))
                          .then(UserErased{me, erasure, LegalGround::court_order, portal_operator.id,
                                           second_operator().id, noon + hours{1}})
                          .releasing(Unique::user_name, "mtremblay12")
                          .releasing(Unique::email, "marie@example.com")
                          .after();
  User nothing_known;
  nothing_known.id = me;
  nothing_known.erased = true;
  EXPECT_EQ(story.user, nothing_known);
  EXPECT_EQ(next_deadline(story.user), std::nullopt);
  story.when(propose_erasure, at(noon).by(portal_operator)).refused(Reason::user_not_found);
  story.when(IssueNewUrn{me, because}, at(noon).by(desk_officer)).refused(Reason::user_not_found);
}

TEST(Erasure, is_the_operators) {
  for (const Person& other : {Person{}, stranger, desk_officer, auditor, programme_officer, mail_clerk}) {
    given(registered).when(propose_erasure, at(noon).by(other)).refused(Reason::staff_role_required);
    given(registered, erasure_proposed)
        .when(approve_erasure, at(noon).by(other))
        .refused(Reason::staff_role_required);
    given(registered, erasure_proposed)
        .when(withdraw_erasure, at(noon).by(other))
        .refused(Reason::staff_role_required);
  }
}

TEST(Erasure, is_refused_where_it_makes_no_sense) {
  const auto by_operator = at(noon).by(portal_operator);
  given().when(propose_erasure, by_operator).refused(Reason::user_not_found);
  given().when(approve_erasure, by_operator).refused(Reason::user_not_found);
  given().when(withdraw_erasure, by_operator).refused(Reason::user_not_found);
  given(registered, erasure_proposed).when(propose_erasure, by_operator).refused(Reason::erasure_open);
  given(registered).when(approve_erasure, by_operator).refused(Reason::erasure_not_found);
  given(registered).when(withdraw_erasure, by_operator).refused(Reason::erasure_not_found);
  given(registered, erasure_proposed)
      .when(ApproveErasure{me, id<ProposalId>(99)}, by_operator)
      .refused(Reason::erasure_not_found);
}

TEST(Erasure, waits_until_the_person_belongs_to_no_account_and_to_no_staff) {
  given(registered, erasure_proposed)
      .when(approve_erasure, at(noon).by(second_operator()).about_a_member())
      .refused(Reason::erasure_of_member);
  given(mail_room_staff, erasure_proposed)
      .when(approve_erasure, at(noon).by(second_operator()))
      .refused(Reason::erasure_of_staff);
}

TEST(Erasure, can_be_withdrawn_and_proposed_again) {
  given(registered, erasure_proposed)
      .when(withdraw_erasure, at(noon).by(portal_operator))
      .then(ErasureWithdrawn{me, erasure, portal_operator.id, because})
      .when(propose_erasure, at(noon).by(portal_operator))
      .then(erasure_proposed);
}

TEST(Erasure, lapses_after_fourteen_days) {
  const Time lapse = noon + days{14};
  const Story open = given(registered, erasure_proposed);
  EXPECT_EQ(next_deadline(open.user), lapse);
  open.when(approve_erasure, at(lapse).by(second_operator())).refused(Reason::erasure_not_found);
  open.when(LetTimePassForUser{me}, at(lapse).by(Person{})).then(ErasureLapsed{me, erasure, lapse});
  ErasureProposed again = erasure_proposed;
  again.proposed_at = lapse;
  open.when(propose_erasure, at(lapse).by(portal_operator)).then(ErasureLapsed{me, erasure, lapse}, again);
}

TEST(Erasure, is_not_approved_by_whom_the_proposer_proposed_for_a_staff_role) {
  Person puppet = second_operator();
  puppet.staff_proposers = {portal_operator.id};
  given(registered, erasure_proposed)
      .when(approve_erasure, at(noon).by(puppet).proposed_by(portal_operator))
      .refused(Reason::officers_not_independent);
}

TEST(RepeatErasure, erases_once_for_the_service_alone) {
  const RepeatErasure repeat{me,  erasure, LegalGround::retention_ended, portal_operator.id, desk_officer.id,
                             noon};
  given(registered).when(repeat, at(noon + days{9}).by(portal_operator)).refused(Reason::staff_role_required);
  given(registered)
      .when(repeat, at(noon + days{9}).by(Person{}))
      .then(UserErased{me, erasure, LegalGround::retention_ended, portal_operator.id, desk_officer.id, noon})
      .releasing(Unique::user_name, "mtremblay12")
      .releasing(Unique::email, "marie@example.com")
      .when(repeat, at(noon + days{9}).by(Person{}))
      .then();
}

TEST(RecordOperation, is_the_operators) {
  const RecordOperation rotated{portal_operator.id, Operation::key_rotated, "session", 3, noon};
  given()
      .when(rotated, at(noon + millisecond).by(portal_operator))
      .then(OperationPerformed{portal_operator.id, Operation::key_rotated, "session", 3, noon});
  for (const Person& other : {stranger, desk_officer, auditor, programme_officer, mail_clerk})
    given().when(rotated, at(noon).by(other)).refused(Reason::staff_role_required);
}

TEST(RecordLook, is_staffs_where_they_read_at_work) {
  const LetterId letter = id<LetterId>(8);
  const RecordLook look{mail_clerk.id, Look::letter_document, {}, {}, letter};
  for (const Person& reader : {mail_clerk, desk_officer, programme_officer, portal_operator})
    given(registered)
        .when(look, at(noon).by(reader))
        .then(PersonalDataViewed{mail_clerk.id, Look::letter_document, {}, {}, noon, letter});
  given(registered).when(look, at(noon).by(stranger)).refused(Reason::staff_role_required);
}

TEST(RecordLook, is_the_privacy_auditors) {
  Person privacy = auditor;
  privacy.staff_roles = {StaffRole::privacy_auditor};
  const RecordLook look{me, Look::state, std::nullopt, id<AccountId>(7)};
  given(registered)
      .when(look, at(noon).by(privacy))
      .then(PersonalDataViewed{me, Look::state, std::nullopt, id<AccountId>(7), noon});
  for (const Person& other : {Person{}, stranger, auditor, portal_operator})
    given(registered).when(look, at(noon).by(other)).refused(Reason::staff_role_required);
}

// ---- activation with somebody else's client number --------------------------------------------------------

TEST(NoteActivationMismatch, records_five_in_ten_minutes) {
  Story story = given(registered);
  for (int attempt = 0; attempt < 5; ++attempt)
    story = story.when(NoteActivationMismatch{me}, at(noon + minutes{attempt}))
                .refused(Reason::activation_refused)
                .recording(ActivationMismatched{me, noon + minutes{attempt}})
                .after();
  const Time open_again = noon + minutes{10};
  story.when(NoteActivationMismatch{me}, at(open_again - millisecond))
      .refused(Reason::too_many_attempts)
      .until(open_again);
  story.when(NoteActivationMismatch{me}, at(open_again))
      .refused(Reason::activation_refused)
      .recording(ActivationMismatched{me, open_again});
}

TEST(NoteActivationMismatch, is_refused_for_a_user_who_does_not_exist) {
  given().when(NoteActivationMismatch{me}).refused(Reason::user_not_found);
}

}  // namespace
}  // namespace ttp::domain::tests
