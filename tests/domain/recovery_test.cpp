// Recovery with the service desk's permit: who may have one sent, what it does, and how it dies.
#include "domain/recovery.hpp"

#include <gtest/gtest.h>

#include "domain/given_when_then.hpp"

namespace ttp::domain::tests {
namespace {

const Time later = noon + hours{1};
const Time expiry = noon + recovery_permit_lifetime;
constexpr SessionId open_session = id<SessionId>(401);
const Person first_officer{id<UserId>(27), 1, false, {StaffRole::service_desk}};

/// A user of the company, registered and signed in.
CredentialRegistered registered(const Person& person) {
  return {person.id,
          CredentialKind::gckey,
          1,
          Language::en,
          text<UserName>("mtremblay12"),
          {},
          {},
          example<FamilyName>(),
          example<GivenNames>(),
          example<EmailAddress>(),
          example<Telephone>(),
          numbered_verifier(1)};
}
SessionOpened signed_in(const Person& person) {
  return {person.id, new_sign_in, open_session, noon, noon + session_lifetime};
}

RecoveryPermitted permit_for(const Person& person, std::optional<UserId> approved_by = std::nullopt) {
  return {person.id,        new_proposal, company, new_code, new_letter,
          first_officer.id, approved_by,  because, noon,     expiry};
}
LetterOrdered letter_for(const Person& person) {
  return {company, new_letter,       LetterKind::recovery, new_code,
          noon,    first_letter_due, first_officer.id,     person.id};
}
RecoveryProposed proposal_for(const Person& person) {
  return {person.id, new_proposal, company, first_officer.id, because, noon};
}

/// The admin's permit is on its way.
Story permitted() {
  return given(with_members, registered(admin), signed_in(admin), permit_for(admin), letter_for(admin));
}

RecoverUser redeeming(const Person& person) {
  RecoverUser command;
  command.user = person.id;
  command.account = company;
  command.new_password = Password::parse("seventeen geese over the river").value();
  command.verifier = numbered_verifier(2);
  return command;
}
UserRecovered recovered(const Person& person, Time at_time) {
  return {person.id, new_proposal, 2, numbered_verifier(2), std::nullopt, std::nullopt, at_time};
}
RecoveryEnded ended(RecoveryEnd cause, Time at_time) {
  return {admin.id, new_proposal, cause, std::nullopt, std::nullopt, at_time};
}

// ---- who has a permit sent --------------------------------------------------------------------------------

TEST(ProposeRecovery, sends_the_permit_of_a_user_who_owns_nothing_to_the_company) {
  given(with_members, registered(admin))
      .when(ProposeRecovery{admin.id, company, because}, at(noon).by(first_officer))
      .then(permit_for(admin), letter_for(admin));
}

TEST(ProposeRecovery, waits_for_a_second_officer_where_the_person_owns_a_company) {
  given(with_members, registered(owner))
      .when(ProposeRecovery{owner.id, company, because}, at(noon).by(first_officer).about_an_owner())
      .then(proposal_for(owner));
}

TEST(ProposeRecovery, is_the_service_desks) {
  given(with_members, registered(admin))
      .when(ProposeRecovery{admin.id, company, because}, at(noon).by(programme_officer))
      .refused(Reason::staff_role_required);
}

TEST(ProposeRecovery, needs_a_company_whose_user_the_person_is_and_which_a_letter_has_reached) {
  const ProposeRecovery command{stranger.id, company, because};
  given(with_members).when(command, at(noon).by(first_officer)).refused(Reason::user_not_found);
  given(with_members, registered(stranger))
      .when(command, at(noon).by(first_officer))
      .refused(Reason::not_a_member);
  given(registered(stranger)).when(command, at(noon).by(first_officer)).refused(Reason::account_not_found);
  given(awaiting_activation, registered(owner))
      .when(ProposeRecovery{owner.id, company, because}, at(noon).by(first_officer))
      .refused(Reason::not_activated);
}

TEST(ProposeRecovery, is_not_for_the_officers_own_company) {
  Person colleague_of_old = full;
  colleague_of_old.staff_roles = {StaffRole::service_desk};
  given(with_members, MemberRemoved{company, full.id, owner.id}, registered(admin))
      .when(ProposeRecovery{admin.id, company, because}, at(noon).by(colleague_of_old))
      .refused(Reason::own_company);
}

TEST(ProposeRecovery, is_refused_while_another_recovery_is_open) {
  permitted()
      .when(ProposeRecovery{admin.id, company, because}, at(later).by(first_officer))
      .refused(Reason::recovery_open);
  given(with_members, registered(owner), proposal_for(owner))
      .when(ProposeRecovery{owner.id, company, because}, at(later).by(second_officer).about_an_owner())
      .refused(Reason::recovery_open);
}

TEST(ProposeRecovery, records_the_end_of_a_permit_that_has_expired_unnoticed) {
  permitted()
      .when(ProposeRecovery{admin.id, company, because},
            at(expiry).by(first_officer).drawing(id<CodeId>(501)).drawing(id<LetterId>(502)))
      .then(ended(RecoveryEnd::expired, expiry),
            RecoveryPermitted{admin.id, new_proposal, company, id<CodeId>(501), id<LetterId>(502),
                              first_officer.id, std::nullopt, because, expiry,
                              expiry + recovery_permit_lifetime},
            LetterOrdered{company, id<LetterId>(502), LetterKind::recovery, id<CodeId>(501), expiry,
                          std::chrono::sys_days{std::chrono::year{2026} / 4 / 11} + hours{4},
                          first_officer.id, admin.id});
}

TEST(ApproveRecovery, sends_the_owners_permit) {
  given(with_members, registered(owner), proposal_for(owner))
      .when(ApproveRecovery{owner.id, company, new_proposal},
            at(noon).by(second_officer).proposed_by(first_officer))
      .then(permit_for(owner, second_officer.id),
            LetterOrdered{company, new_letter, LetterKind::recovery, new_code, noon, first_letter_due,
                          second_officer.id, owner.id});
}

TEST(ApproveRecovery, takes_another_independent_officer) {
  const Story proposed = given(with_members, registered(owner), proposal_for(owner));
  const ApproveRecovery command{owner.id, company, new_proposal};
  proposed.when(command, at(noon).by(first_officer).proposed_by(first_officer))
      .refused(Reason::second_officer_required);
  Person friend_of_first = second_officer;
  friend_of_first.staff_proposers = {first_officer.id};
  proposed.when(command, at(noon).by(friend_of_first).proposed_by(first_officer))
      .refused(Reason::officers_not_independent);
  proposed.when(command, at(noon + proposal_lifetime).by(second_officer).proposed_by(first_officer))
      .refused(Reason::recovery_not_found);
}

// ---- redeeming --------------------------------------------------------------------------------------------

TEST(RecoverUser, sets_the_password_ends_all_sessions_and_lifts_a_lock) {
  const Story story =
      given(with_members, registered(admin), signed_in(admin), CredentialLocked{admin.id, 100},
            permit_for(admin), letter_for(admin))
          .when(redeeming(admin), at(later).by(admin).with_the_right_secret())
          .then(recovered(admin, later), SessionClosed{admin.id, open_session, SessionEnd::recovered},
                LetterCancelled{company, new_letter})
          .after();
  EXPECT_TRUE(story.user.sessions.empty());
  EXPECT_FALSE(story.user.has_lock());
  EXPECT_EQ(story.user.verifier, numbered_verifier(2));
}

TEST(RecoverUser, moves_the_address_to_a_proven_mailbox) {
  RecoverUser command = redeeming(admin);
  command.mailbox = NewMailbox{text<EmailAddress>("new@example.com"), {}, {}, expiry};
  UserRecovered event = recovered(admin, later);
  event.email = text<EmailAddress>("new@example.com");
  event.previous_email = example<EmailAddress>();
  given(with_members, registered(admin), permit_for(admin), letter_for(admin),
        LetterPosted{company, new_letter, mail_clerk.id, example<RegisteredMailNumber>(), noon})
      .when(command, at(later).by(admin).with_the_right_secret())
      .then(event)
      .releasing(Unique::email, "marie@example.com")
      .claiming(Unique::email, "new@example.com");
}

TEST(RecoverUser, has_one_answer_for_everybody_without_the_permit) {
  given().when(redeeming(stranger), at(later).by({})).refused(Reason::recovery_refused);
  given(registered(stranger)).when(redeeming(stranger), at(later).by({})).refused(Reason::recovery_refused);
  permitted().when(redeeming(admin), at(later).by({})).refused(Reason::recovery_refused);
  permitted().when(redeeming(admin), at(expiry).by({})).refused(Reason::recovery_refused);
}

TEST(RecoverUser, tells_who_holds_the_letter_why_its_permit_is_dead) {
  const auto redeem = [](const Story& story, Time when) {
    return story.decided(redeeming(admin), at(when).by(admin).with_the_right_secret()).refusal->reason;
  };
  EXPECT_EQ(redeem(permitted(), expiry), Reason::recovery_permit_expired);
  Story used = permitted();
  used.happens(recovered(admin, noon));
  EXPECT_EQ(redeem(used, later), Reason::recovery_permit_void);
  Story withdrawn = permitted();
  withdrawn.happens(ended(RecoveryEnd::withdrawn, noon));
  EXPECT_EQ(redeem(withdrawn, later), Reason::recovery_permit_void);
  Story came_back = permitted();
  came_back.happens(LetterReturned{company, new_letter, mail_clerk.id, because});
  EXPECT_EQ(redeem(came_back, later), Reason::recovery_permit_void);
}

TEST(RecoverUser, needs_a_second_officer_if_the_person_owns_a_company_by_now) {
  permitted()
      .when(redeeming(admin), at(later).by(admin).with_the_right_secret().about_an_owner())
      .refused(Reason::recovery_permit_void);
}

TEST(RecoverUser, checks_the_new_password) {
  RecoverUser command = redeeming(admin);
  command.new_password = Password::parse("mtremblay12mtremblay12").value();
  permitted()
      .when(command, at(later).by(admin).with_the_right_secret())
      .refused(Reason::password_is_user_name)
      .pointing_at("/new_password");
  permitted()
      .when(redeeming(admin), at(later).by(admin).with_the_right_secret().with_a_common_password())
      .refused(Reason::password_too_common)
      .pointing_at("/new_password");
}

// ---- how a permit dies ------------------------------------------------------------------------------------

TEST(NoteWrongPermit, ends_the_permit_at_the_fifth) {
  Story story = permitted();
  for (std::uint32_t tries = 1; tries < recovery_permit_tries; ++tries)
    story = story.when(NoteWrongPermit{admin.id, company}, at(later).by({}))
                .refused(Reason::recovery_refused)
                .recording(RecoveryPermitRejected{admin.id, new_proposal, tries, later})
                .after();
  story.when(NoteWrongPermit{admin.id, company}, at(later).by({}))
      .refused(Reason::recovery_refused)
      .recording(RecoveryPermitRejected{admin.id, new_proposal, recovery_permit_tries, later},
                 ended(RecoveryEnd::too_many_tries, later), LetterCancelled{company, new_letter})
      .after()
      .when(NoteWrongPermit{admin.id, company}, at(later).by({}))
      .refused(Reason::recovery_refused);
}

TEST(WithdrawRecovery, ends_a_permit_and_its_letter) {
  permitted()
      .when(WithdrawRecovery{admin.id, company, new_proposal, because}, at(later).by(second_officer))
      .then(RecoveryEnded{admin.id, new_proposal, RecoveryEnd::withdrawn, second_officer.id, because, later},
            LetterCancelled{company, new_letter});
  permitted()
      .when(WithdrawRecovery{admin.id, company, id<ProposalId>(999), because}, at(later).by(second_officer))
      .refused(Reason::recovery_not_found);
}

TEST(ObjectToRecovery, is_the_persons_own) {
  permitted()
      .when(ObjectToRecovery{admin.id, company, new_proposal}, at(later).by(admin))
      .then(RecoveryEnded{admin.id, new_proposal, RecoveryEnd::objected, admin.id, std::nullopt, later},
            LetterCancelled{company, new_letter});
  permitted()
      .when(ObjectToRecovery{admin.id, company, new_proposal}, at(later).by(owner))
      .refused(Reason::recovery_not_found);
}

TEST(LetTimePass, ends_a_proposal_after_14_days_and_a_permit_after_30) {
  given(with_members, registered(owner), proposal_for(owner))
      .when(LetTimePassForUser{owner.id}, at(noon + proposal_lifetime).by(scheduler))
      .then(RecoveryEnded{owner.id, new_proposal, RecoveryEnd::lapsed, std::nullopt, std::nullopt,
                          noon + proposal_lifetime});
  permitted()
      .when(LetTimePassForUser{admin.id}, at(expiry).by(scheduler))
      .then(ended(RecoveryEnd::expired, expiry));
}

// ---- the letter -------------------------------------------------------------------------------------------

TEST(ARecoveryLetter, goes_through_the_mail_room_until_its_permit_expires) {
  permitted()
      .when(RecordLetterPrinted{company, new_letter}, at(later).by(mail_clerk))
      .then(LetterPrinted{company, new_letter, mail_clerk.id, later});
  permitted()
      .when(RecordLetterPosted{company, new_letter, example<RegisteredMailNumber>()},
            at(expiry).by(mail_clerk))
      .refused(Reason::recovery_permit_expired);
}

TEST(ARecoveryLetter, is_cancelled_when_its_reader_leaves_the_company) {
  permitted()
      .when(RemoveMember{company, admin.id}, at(later))
      .then(MemberRemoved{company, admin.id, owner.id}, LetterCancelled{company, new_letter});
}

TEST(ARecoveryLetter, is_missed_by_nobody_but_its_reader) {
  permitted()
      .when(ReportLetterMissing{company, new_letter}, at(noon + days{20}))
      .refused(Reason::letter_not_on_its_way);
}

}  // namespace
}  // namespace ttp::domain::tests
