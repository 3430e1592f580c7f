// The actions of a document tell the truth: what is listed succeeds, and what succeeds is listed, for
// members, outsiders and staff, on every state of random histories.
#include "http/api/staff/actions.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "domain/business_days.hpp"
#include "domain/terms.hpp"
#include "http/api/accounts/documents.hpp"
#include "http/api/programme/documents.hpp"
#include "http/api/proposals.hpp"
#include "http/api/signing_in/documents.hpp"
#include "service/random_history.hpp"

namespace ttp::http {
namespace {

using namespace domain;
using service::Command;

const Remark because = Remark::stored("for the test");

/// The commands that an action stands for; it succeeds if one of them does.
using Attempts = std::map<std::string, std::vector<Command>>;

/// A random walk through the states of a world, which compares what is listed with what succeeds.
class Walk {
 public:
  virtual ~Walk() = default;

  void step(std::uint64_t seed) {
    next_ = seed;
    if (die(8) == 0) return let_time_pass();
    const UserId reader = world_.users[die(world_.users.size())];
    look_at_something(reader);
  }

  static inline std::map<std::string, std::size_t> succeeded;

 protected:
  Walk() {
    for (unsigned i = 0; i < 6; ++i) service::tests::register_user(world_, i);
  }
  virtual void look_at_something(UserId reader) = 0;

  /// Nothing that is missing in the list succeeds; and something that is listed, drawn at random, does.
  void compare(const Attempts& attempts, const std::set<std::string>& listed, UserId reader) {
    for (const auto& [name, commands] : attempts) {
      if (listed.contains(name)) continue;
      for (const Command& command : commands)
        EXPECT_TRUE(is_refused(command, reader))
            << name << " succeeds and is not listed for user " << of(reader);
    }
    std::vector<std::string> open;
    for (const std::string& name : listed)
      if (attempts.contains(name)) open.push_back(name);
    if (open.empty()) return;
    const std::string& name = open[die(open.size())];
    const auto& commands = attempts.at(name);
    const bool succeeds =
        std::ranges::any_of(commands, [&](const Command& command) { return !is_refused(command, reader); });
    EXPECT_TRUE(succeeds) << name << " is listed for user " << of(reader) << " and refused: " << refusal_;
    if (succeeds) ++succeeded[name];
  }

  std::size_t die(std::size_t sides) {
    next_ = next_ * 6364136223846793005u + 1442695040888963407u;
    return (next_ >> 33) % sides;
  }
  std::size_t of(UserId user) const {
    return static_cast<std::size_t>(std::ranges::find(world_.users, user) - world_.users.begin());
  }
  void let_time_pass() {
    world_.clock.advance(hours{1 + die(24 * 20)});
    const Time now = world_.executor.now();
    for (const UserId due : world_.queries.users_due(now, 100)) world_.execute(LetTimePassForUser{due}, {});
    for (const AccountId due : world_.queries.accounts_due(now, 100)) {
      world_.execute(LetTimePassForAccount{due}, {});
      world_.execute(LetTimePassForProgramme{due}, {});
    }
  }
  bool is_refused(const Command& command, UserId by) {
    service::Asked asked;
    asked.by = by;
    asked.kind = events::ActorKind::user;
    asked.if_match = SeenVersion{};
    const auto outcome = world_.executor.execute(Command{command}, asked);
    if (outcome.refusal) refusal_ = to_text(outcome.refusal->reason);
    return outcome.refusal.has_value();
  }
  static void add_names(std::set<std::string>& names, const std::vector<OpenAction>& actions) {
    for (const OpenAction& each : actions) names.insert(each.name);
  }

  service::tests::Histories world_;

 private:
  std::uint64_t next_ = 0;
  std::string refusal_;
};

/// Members, outsiders and staff look at two accounts.
class AccountWalk : public Walk {
 public:
  AccountWalk() {
    for (const StaffRole role : {StaffRole::service_desk, StaffRole::service_desk, StaffRole::mail_room,
                                 StaffRole::programme_officer})
      world_.users.push_back(world_.registers_staff("Staff" + std::to_string(world_.users.size()), role));
    const UserId owner = world_.users[0];
    account_ = world_.enrols(owner);
    waiting_ = world_.enrols_and_confirms(world_.users[1]);
    authorise(owner);
  }

 protected:
  void look_at_something(UserId reader) override {
    const AccountId account = die(3) == 0 ? waiting_ : account_;
    compare(attempts_on(account, reader), listed_for(account, reader), reader);
  }

 private:
  // ---- the world ---------------------------------------------------------------------------------------

  void authorise(UserId owner) {
    world_.does(owner, ConfirmMailingAddress{account_});
    const Account waiting = world_.state(account_);
    world_.does(owner, ActivateAccount{account_, waiting.client_number,
                                       world_.secrets.activation_code(waiting.code->code)});
    world_.does(owner, AcceptProgrammeTerms{account_, programme_terms()});
    for (const auto& [who, role] : {std::pair{2, Role::proxy_owner}, std::pair{3, Role::full_access}}) {
      const User added = world_.state(world_.users[static_cast<std::size_t>(who)]);
      world_.does(owner, AddMember{account_, added.family_name, added.urn, added.email, role});
    }
    world_.fills_in_profiles(owner, account_);
  }
  unsigned programme_terms() { return in_force(Terms::programme, local_date(world_.executor.now())).version; }

  // ---- what is listed ----------------------------------------------------------------------------------

  std::set<std::string> listed_for(AccountId id, UserId reader) {
    const service::LiveStates states{world_.queries, [this] { return world_.executor.now(); }};
    const User user = world_.state(reader);
    const Account account = world_.state(id);
    const AccountDocument document = account_document(states, account, user);
    std::set<std::string> names;
    add_names(names, document.actions);
    for (const LetterDocument& letter : document.letters) add_names(names, letter.actions);
    if (document.enrolment_release) add_names(names, document.enrolment_release->actions);
    if (document.owner_reassignment) add_names(names, document.owner_reassignment->actions);
    add_names(names, membership_document(states, account, world_.queries.programme(id)->state, user).actions);
    return names;
  }

  // ---- what is tried -----------------------------------------------------------------------------------

  Attempts attempts_on(AccountId id, UserId reader) {
    const Account account = world_.state(id);
    Attempts tries;
    add_owners(tries, account);
    add_letters(tries, account);
    add_members(tries, account, reader);
    add_ownership(tries, account);
    add_profiles(tries, account);
    add_programme(tries, account);
    return tries;
  }
  void add_owners(Attempts& tries, const Account& account) {
    const AccountId id = account.id;
    MailingAddress elsewhere = account.mailing_address;
    elsewhere.line1 = AddressLine::stored("9 RUE DU QUAI");
    tries["change_mailing_address"] = {ChangeMailingAddress{id, elsewhere}};
    tries["confirm_mailing_address"] = {ConfirmMailingAddress{id}};
    tries["request_activation_code"] = {RequestActivationCode{id}};
    if (account.code)
      tries["activate"] = {
          ActivateAccount{id, account.client_number, world_.secrets.activation_code(account.code->code)}};
    tries["accept_programme_terms"] = {AcceptProgrammeTerms{id, programme_terms()}};
    tries["request_client_number_letter"] = {RequestClientNumberLetter{id}};
    // Ending the waiting enrolment would end its part of the walk.
    if (id == account_) tries["withdraw_enrolment"] = {WithdrawEnrolment{id}};
    tries["propose_enrolment_release"] = {ProposeEnrolmentRelease{id, because}};
    if (const auto& open = account.enrolment_release)
      tries["withdraw_enrolment_release"] = {WithdrawEnrolmentRelease{id, open->id, because}};
  }
  static void add_letters(Attempts& tries, const Account& account) {
    const AccountId id = account.id;
    const auto number = RegisteredMailNumber::stored("RN123456785CA");
    for (const Letter& letter : account.letters) {
      tries["report_letter_missing"].push_back(ReportLetterMissing{id, letter.id});
      tries["confirm_letter_arrival"].push_back(ConfirmLetterArrival{id, letter.id});
      tries["record_letter_printing"].push_back(RecordLetterPrinted{id, letter.id});
      tries["record_letter_posting"].push_back(RecordLetterPosted{id, letter.id, number});
      tries["correct_registered_mail_number"].push_back(
          CorrectRegisteredMailNumber{id, letter.id, number, because});
      tries["record_letter_arrival"].push_back(RecordLetterArrived{id, letter.id});
      tries["record_letter_return"].push_back(RecordLetterReturned{id, letter.id, because});
    }
    for (const LetterCase& each : account.letter_cases)
      tries["resolve_letter_case"].push_back(ResolveLetterCase{id, each.id, CaseResolution::closed, because});
  }
  void add_members(Attempts& tries, const Account& account, UserId reader) {
    const AccountId id = account.id;
    for (std::size_t i = 0; i < 6; ++i) {
      const User user = world_.state(world_.users[i]);
      if (account.member(user.id) || account.former_member(user.id)) continue;
      tries["add_users"].push_back(
          AddMember{id, user.family_name, user.urn, user.email, Role::administrative});
    }
    for (const Member& member : account.members) {
      for (const Role role : {Role::proxy_owner, Role::full_access, Role::administrative})
        tries["edit_users"].push_back(ChangeMemberRole{id, member.user, role});
      tries["reactivate_users"].push_back(ReactivateMember{id, member.user});
    }
    tries["leave"] = {RemoveMember{id, reader}};
  }
  void add_ownership(Attempts& tries, const Account& account) {
    const AccountId id = account.id;
    for (std::size_t i = 0; i < 6; ++i) {
      const User user = world_.state(world_.users[i]);
      if (user.id == account.owner() || user.urn_expired_at(world_.executor.now())) continue;
      tries["offer_ownership"].push_back(
          OfferOwnership{id, user.family_name, user.urn, user.email, PreviousOwner::becomes_proxy_owner});
      tries["propose_owner_reassignment"].push_back(ProposeOwnerReassignment{id, user.id, because});
    }
    if (const auto& offer = account.ownership_offer) {
      tries["withdraw_ownership_offer"] = {WithdrawOwnershipOffer{id, offer->id}};
      tries["accept_ownership"] = {AcceptOwnership{id, offer->id, true}};
      tries["decline_ownership"] = {DeclineOwnershipOffer{id, offer->id}};
    }
    if (const auto& open = account.reassignment) {
      tries["object_to_owner_reassignment"] = {ObjectToOwnerReassignment{id, open->proposal.id}};
      tries["approve_owner_reassignment"] = {ApproveOwnerReassignment{id, open->proposal.id}};
      tries["withdraw_owner_reassignment"] = {WithdrawOwnerReassignment{id, open->proposal.id, because}};
    }
  }
  void add_profiles(Attempts& tries, const Account& account) {
    const AccountId id = account.id;
    const Programme programme = world_.queries.programme(id)->state;
    const auto as_it_is = [&](const ProfileRef& ref) -> Command {
      const Profile* present = programme.profile(ref);
      return SaveProfile{id, ref, present ? present->answers : Answers{}};
    };
    tries["update_company_profile"] = {as_it_is({ProfileKind::company, ""})};
    tries["update_application_profile"] = {as_it_is({ProfileKind::application, "importer"})};
    for (const Profile& each : programme.profiles)
      if (each.ref.kind == ProfileKind::security)
        tries["update_security_profile"].push_back(as_it_is(each.ref));
    const auto site = SiteKey::stored(to_text(service::fresh_uuid(world_.executor.now())));
    tries["add_site"] = {AddSecurityProfile{id, site, SiteName::stored("A site")}};
  }
  void add_programme(Attempts& tries, const Account& account) {
    const AccountId id = account.id;
    tries["submit"] = {Submit{id}};
    tries["confirm_details"] = {ConfirmDetails{id}};
    tries["request_informal_review"] = {RequestInformalReview{id, because}};
    tries["appeal"] = {AppealCancellation{id, because}};
    tries["answer_informal_review"] = {AnswerInformalReview{id, true, because}};
    tries["suspend_membership"] = {SuspendMembership{id, because}};
    tries["reinstate_membership"] = {ReinstateMembership{id, because}};
    tries["cancel_membership"] = {CancelMembership{id, because}};
    tries["answer_appeal"] = {AnswerAppeal{id, true, because}};
    tries["record_revalidation"] = {RecordRevalidation{id, because}};
    for (const Submission& each : world_.queries.programme(id)->state.submissions) {
      tries["begin_review"].push_back(BeginReview{id, each.id});
      tries["accept_submission"].push_back(AcceptSubmission{id, each.id});
      tries["return_submission"].push_back(ReturnSubmission{id, each.id, because});
      tries["refuse_submission"].push_back(RefuseSubmission{id, each.id, because});
    }
  }

  AccountId account_, waiting_;
};

/// Operators, the service desk and persons themselves look at a person.
class UserWalk : public Walk {
 public:
  UserWalk() {
    for (const StaffRole role : {StaffRole::service_desk, StaffRole::operator_, StaffRole::operator_})
      world_.users.push_back(world_.registers_staff("Staff" + std::to_string(world_.users.size()), role));
    world_.enrols(world_.users[0]);
  }

 protected:
  void look_at_something(UserId reader) override {
    const UserId user = world_.users[die(world_.users.size())];
    if (die(4) == 0) sign_in_or_fail(user);
    compare(attempts_on(user), listed_for(user, reader), reader);
  }

 private:
  /// Opens a session, or locks the credential by wrong passwords.
  void sign_in_or_fail(UserId user) {
    const User known = world_.state(user);
    const Time now = world_.executor.now();
    const bool can_sign_in = known.registered && !known.urn_expired_at(now) && !known.has_lock();
    if (!can_sign_in || known.failures_of({}).refusal_at(now)) return;
    if (die(2) == 0) return world_.signs_in(user);
    for (std::uint32_t i = 0; i < consecutive_failures_max; ++i) {
      const auto answer = world_.executor.execute(StartSignIn{user, {}, {}}, {});
      if (answer.refusal && answer.refusal->retry_at)
        world_.clock.advance(*answer.refusal->retry_at - world_.executor.now());
    }
  }

  std::set<std::string> listed_for(UserId id, UserId reader) {
    const service::LiveStates states{world_.queries, [this] { return world_.executor.now(); }};
    const User user = world_.state(id);
    Facts facts;
    facts.now = world_.executor.now();
    facts.caller = world_.state(reader).person_at(facts.now);
    world_.queries.add_facts_about_staff(
        id, [&](UserId each) { return world_.state(each).staff_roles.contains(StaffRole::operator_); },
        facts);
    std::vector<OpenAction> actions;
    add_staff_actions(actions, user, facts);
    std::set<std::string> names;
    add_names(names, actions);
    if (user.staff_role_change) add_names(names, staff_role_change_document(states, user, facts).actions);
    if (user.erasure) add_names(names, erasure_document(states, user, facts).actions);
    return names;
  }

  Attempts attempts_on(UserId id) {
    const User user = world_.state(id);
    Attempts tries;
    tries["issue_new_urn"] = {IssueNewUrn{id, because}};
    tries["unlock_credential"] = {UnlockCredential{id, because}};
    tries["end_sessions"] = {EndSessions{id, {}, because}};
    tries["propose_erasure"] = {ProposeErasure{id, LegalGround::retention_ended, because}};
    for (std::size_t i = 0; i < enum_names<StaffRole>.size(); ++i) {
      tries["grant_staff_role"].push_back(GrantStaffRole{id, static_cast<StaffRole>(i), because});
      tries["revoke_staff_role"].push_back(RevokeStaffRole{id, static_cast<StaffRole>(i), because});
    }
    if (const auto& open = user.staff_role_change) {
      tries["approve_staff_role_change"] = {ApproveStaffRoleChange{id, open->proposal.id}};
      tries["withdraw_staff_role_change"] = {WithdrawStaffRoleChange{id, open->proposal.id, because}};
    }
    if (const auto& open = user.erasure) {
      tries["approve_erasure"] = {ApproveErasure{id, open->proposal.id}};
      tries["withdraw_erasure"] = {WithdrawErasure{id, open->proposal.id, because}};
    }
    return tries;
  }
};

template <class AWalk>
void walk_at_random() {
  ASSERT_TRUE(rc::check([] {
    AWalk walk;
    const auto seeds = *rc::gen::container<std::vector<std::uint64_t>>(
        60, rc::gen::noShrink(rc::gen::resize(rc::kNominalSize, rc::gen::arbitrary<std::uint64_t>())));
    for (const std::uint64_t seed : seeds) walk.step(seed);
    RC_ASSERT(!testing::Test::HasFailure());
  }));
}

TEST(Actions, on_accounts_tell_the_truth_in_every_state_of_random_histories) {
  walk_at_random<AccountWalk>();
  for (const char* name : {"activate", "add_users", "edit_users", "update_company_profile", "submit",
                           "begin_review", "offer_ownership", "report_letter_missing",
                           "propose_owner_reassignment", "record_letter_printing", "leave"})
    EXPECT_GT(Walk::succeeded[name], 0u) << name << " was open in no random history";
}

TEST(Actions, on_users_tell_the_truth_in_every_state_of_random_histories) {
  walk_at_random<UserWalk>();
  for (const char* name :
       {"grant_staff_role", "revoke_staff_role", "approve_staff_role_change", "withdraw_staff_role_change",
        "propose_erasure", "approve_erasure", "unlock_credential", "end_sessions"})
    EXPECT_GT(Walk::succeeded[name], 0u) << name << " was open in no random history";
}

}  // namespace
}  // namespace ttp::http
