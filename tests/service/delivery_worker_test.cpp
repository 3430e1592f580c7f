// Delivery: the recipients of each mail and letter. A crash or a failing carrier loses nothing and repeats an
// item only under the same name. Useless items are not sent.
#include "service/workers/delivery_worker.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <cctype>
#include <cstdio>
#include <fstream>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "service/workers/bounces.hpp"
#include "service/workers/letter_reports.hpp"
#include "service/workers/mail_journal.hpp"
#include "service/workers/scheduler.hpp"
#include "service/workers_support.hpp"

namespace ttp::service::tests {
namespace {

using delivery::About;
using delivery::Delivery;
using delivery::HandOver;
using delivery::Mail;
using domain::days;
using domain::hours;
using domain::Language;
using domain::minutes;
using domain::Reason;
using domain::seconds;
using domain::StaffRole;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;
using testing::UnorderedElementsAre;

/// A carrier that stores its mails and returns results that the test sets.
class Carrier : public delivery::MailTransport {
 public:
  HandOver deliver(const Mail& mail) override {
    const std::scoped_lock lock(mutex_);
    const HandOver answer = answer_ ? answer_(mail) : HandOver{Delivery::delivered};
    if (answer == Delivery::delivered) delivered_.push_back(mail);
    return answer;
  }
  void answers(std::function<HandOver(const Mail&)> answer) {
    const std::scoped_lock lock(mutex_);
    answer_ = std::move(answer);
  }
  std::vector<Mail> delivered() const {
    const std::scoped_lock lock(mutex_);
    return delivered_;
  }

 private:
  mutable std::mutex mutex_;
  std::function<HandOver(const Mail&)> answer_;
  std::vector<Mail> delivered_;
};

struct Delivering : World {
  Carrier carrier;
  std::unique_ptr<DeliveryWorker> worker;

  void start(delivery::MailTransport& transport) {
    worker = std::make_unique<DeliveryWorker>(*log, *vault, queries, secrets, executor, transport, letters);
  }
  void start() { start(carrier); }
  void stop() { worker.reset(); }
  /// Waits until all recorded events have been handled.
  void settle() { ASSERT_GT(worker->wait_beyond(last(), std::chrono::seconds{10}), last()); }
  void start_and_settle() {
    start();
    settle();
  }

  /// "address: subject" of all mails since the last call, in the order in which they went out.
  std::vector<std::string> post() {
    settle();
    std::vector<std::string> lines;
    const auto all = carrier.delivered();
    for (; seen_ < all.size(); ++seen_) lines.push_back(all[seen_].to.text() + ": " + all[seen_].subject);
    return lines;
  }
  void forget_post() { post(); }

  std::size_t seen_ = 0;
};

/// The text of the PDF, letters and digits only.
std::string read_letter(const std::string& pdf) {
  const TemporaryFolder folder;
  const auto file = folder / "letter.pdf";
  std::ofstream{file, std::ios::binary} << pdf;
  FILE* pipe = ::popen(("pdftotext -layout " + file.native() + " - 2>/dev/null").c_str(), "r");
  std::string text;
  for (int c = std::fgetc(pipe); c != EOF; c = std::fgetc(pipe))
    if (std::isalnum(c)) text += static_cast<char>(c);
  EXPECT_EQ(::pclose(pipe), 0);
  return text;
}

// ---- items that are sent ---------------------------------------------------------------------------------

TEST(DeliveryWorker, mails_the_urn_to_a_new_user_in_their_language) {
  Delivering world;
  const auto user = world.registers("Tremblay", Language::fr);
  world.start(world.mails);
  world.settle();
  const auto listed = world.mails.list("", 10);
  ASSERT_THAT(listed, SizeIs(1));
  const auto mail = delivery::parse_eml(world.mails.read(listed[0].key).value()).value();
  EXPECT_THAT(mail.to, HasSubstr("Tremblay@example.com"));
  EXPECT_EQ(mail.language, "fr");
  EXPECT_THAT(mail.text, HasSubstr("(NRU)\u00a0: " + world.state(user).urn.text()));
}

TEST(DeliveryWorker, mails_the_one_time_code_in_both_languages_with_the_word_of_its_request) {
  Delivering world;
  const auto user = world.registers("Tremblay");
  const auto sign_in = world.starts_sign_in(user);
  world.start_and_settle();
  const auto mails = world.carrier.delivered();
  ASSERT_THAT(mails, SizeIs(2));
  const Mail& mail = mails[0];  // before the notice that was recorded earlier
  std::string digits = world.secrets.one_time_code(world.state(user).sign_in->code->code).text();
  digits.insert(3, " ");
  EXPECT_TRUE(mail.bilingual);
  EXPECT_THAT(mail.text, AllOf(HasSubstr(digits), HasSubstr(request_word(sign_in)), Not(HasSubstr("http"))));
  EXPECT_EQ(mail.to, world.state(user).email);
}

TEST(DeliveryWorker, puts_the_letter_with_client_number_and_code_into_the_folder) {
  Delivering world;
  const auto owner = world.registers("Tremblay");
  const auto account = world.enrols_and_confirms(owner);
  world.start_and_settle();
  const auto state = world.state(account);
  ASSERT_THAT(world.letters.list({}, 10), ElementsAre(state.letters.at(0).id));
  const std::string pdf = world.letters.read(state.letters[0].id).value();
  EXPECT_THAT(read_letter(pdf), AllOf(HasSubstr(state.client_number.text()),
                                      HasSubstr(world.secrets.activation_code(state.code->code).text())));
  EXPECT_EQ(world.worker->letter_pdf(account, state.letters[0].id), pdf);
  EXPECT_EQ(world.worker->counts().letters, 1u);
}

TEST(DeliveryWorker, puts_no_code_into_the_letter_that_sends_the_client_number_again) {
  Delivering world;
  const auto owner = world.registers("Tremblay");
  const auto account = world.enrols_and_confirms(owner);
  world.does(owner, domain::RequestClientNumberLetter{account});
  world.start_and_settle();
  const auto state = world.state(account);
  const std::string text = read_letter(world.letters.read(state.letters.at(1).id).value());
  EXPECT_THAT(text, AllOf(HasSubstr(state.client_number.text()),
                          Not(HasSubstr(world.secrets.activation_code(state.code->code).text()))));
}

TEST(DeliveryWorker, notifies_of_each_change_of_a_credential_and_of_a_new_address_at_both_addresses) {
  Delivering world;
  const auto user = world.registers("Tremblay");
  world.start();
  world.forget_post();
  world.changes_email(user, "new@example.com");
  EXPECT_THAT(world.post(),
              ElementsAre(HasSubstr("new@example.com: Confirm your e-mail address"),
                          HasSubstr("Tremblay@example.com: Your e-mail address is about to change")));
  world.does(user, world.email_confirmation(world.state(user)));
  EXPECT_THAT(world.post(),
              ElementsAre("Tremblay@example.com: Your Trusted Trader Portal information was changed",
                          "new@example.com: Your Trusted Trader Portal information was changed"));
  domain::ChangeContactDetails change;
  change.user = user;
  change.language = Language::fr;
  world.does(user, change);
  EXPECT_THAT(world.post(), IsEmpty());
  change.telephone = domain::Telephone::stored("+16135550199");
  change.family_name = domain::FamilyName::stored("Roy");
  world.does(user, change);
  EXPECT_THAT(world.post(), SizeIs(2));
}

TEST(DeliveryWorker, tells_of_a_changed_password_at_an_address_that_was_changed_lately_as_well) {
  Delivering world;
  const auto user = world.registers("Tremblay");
  world.start();
  world.changes_email(user, "new@example.com");
  world.does(user, world.email_confirmation(world.state(user)));
  world.forget_post();
  const auto change_password = [&](std::string_view wanted) {
    world.does(user, domain::ChangePassword{user,
                                            {},
                                            domain::Password::parse("a long pass phrase").value(),
                                            domain::Password::parse(wanted).value()});
  };
  change_password("another long pass phrase");
  EXPECT_THAT(world.post(), ElementsAre(HasSubstr("new@example.com: "), HasSubstr("Tremblay@example.com: ")));
  world.clock.advance(domain::former_email_told);
  change_password("yet another long pass phrase");
  EXPECT_THAT(world.post(), ElementsAre(HasSubstr("new@example.com: ")));
}

TEST(DeliveryWorker, tells_of_the_tenth_failure_in_a_row_once) {
  Delivering world;
  const auto user = world.registers("Tremblay");
  world.start();
  world.forget_post();
  Asked asked;
  asked.by = user;
  for (unsigned attempt = 1; attempt <= 12; ++attempt) {
    world.executor.execute(domain::StartSignIn{user, {}, {}}, asked);
    world.clock.advance(hours{1});
    EXPECT_THAT(world.post(), SizeIs(attempt == domain::failures_warned_of ? 1 : 0)) << attempt;
  }
}

TEST(DeliveryWorker, reminds_the_user_and_warns_the_owners_of_their_accounts_unless_that_is_the_user) {
  Delivering world;
  const auto owner = world.registers("Owner");
  const auto member = world.registers("Member");
  const auto account = world.has_authorised_account(owner);
  world.adds_member(owner, account, member);
  world.start();
  world.forget_post();
  Scheduler scheduler{world.queries, world.executor, {}, hours{24}};
  world.clock.advance(days{370});
  world.signs_in(owner);
  scheduler.run_due();
  world.forget_post();
  world.clock.advance(days{303});
  ASSERT_EQ(scheduler.run_due(), 1u);
  EXPECT_THAT(world.post(),
              UnorderedElementsAre("Member@example.com: Your user reference number expires within 60 days",
                                   "Owner@example.com: A user of your company's account may lose access"));
  world.clock.advance(days{60});
  scheduler.run_due();
  EXPECT_THAT(world.post(), ElementsAre("Member@example.com: Your user reference number has expired"))
      << "reminders of past deadlines are not sent";
}

TEST(DeliveryWorker, does_not_warn_owners_of_themselves) {
  Delivering world;
  world.has_authorised_account(world.registers("Owner"));
  world.start();
  world.forget_post();
  world.clock.advance(days{370});
  Scheduler{world.queries, world.executor, {}, hours{24}}.run_due();
  EXPECT_THAT(world.post(), ElementsAre("Owner@example.com: Sign in to keep your user reference number"));
}

TEST(DeliveryWorker, notifies_members_of_their_own_changes) {
  Delivering world;
  const auto owner = world.registers("Owner");
  const auto member = world.registers("Member");
  const auto account = world.has_authorised_account(owner);
  world.start();
  world.forget_post();
  world.adds_member(owner, account, member);
  world.does(owner, domain::ChangeMemberRole{account, member, domain::Role::full_access});
  world.does(owner, domain::SuspendMember{account, member});
  world.does(owner, domain::ReinstateMember{account, member});
  world.does(owner, domain::RemoveMember{account, member});
  const auto post = world.post();
  EXPECT_THAT(post, SizeIs(5));
  EXPECT_THAT(post, testing::Each(HasSubstr("Member@example.com: ")));
}

TEST(DeliveryWorker, notifies_of_an_offer_of_ownership_and_of_its_end) {
  Delivering world;
  const auto owner = world.registers("Owner");
  const auto heir = world.registers("Heir");
  const auto account = world.has_authorised_account(owner);
  world.start();
  world.forget_post();
  const auto offer = [&] {
    world.offers_ownership(owner, account, heir);
    EXPECT_THAT(world.post(), ElementsAre(HasSubstr("Heir@example.com: You are offered the ownership")));
    return world.state(account).ownership_offer->id;
  };
  world.does(owner, domain::WithdrawOwnershipOffer{account, offer()});
  EXPECT_THAT(world.post(), ElementsAre("Heir@example.com: An offer of account ownership was withdrawn"));
  world.does(heir, domain::DeclineOwnershipOffer{account, offer()});
  EXPECT_THAT(world.post(), ElementsAre("Owner@example.com: An offer of account ownership was declined"));
  offer();
  world.clock.advance(days{30});
  Scheduler{world.queries, world.executor, {}, hours{24}}.run_due();
  EXPECT_THAT(world.post(), ElementsAre("Owner@example.com: An offer of account ownership has lapsed",
                                        "Heir@example.com: An offer of account ownership has lapsed"));
  world.does(heir, domain::AcceptOwnership{account, offer(), true});
  EXPECT_THAT(world.post(),
              ElementsAre("Owner@example.com: You are no longer the owner of a company's account",
                          HasSubstr("Heir@example.com: ")));
}

TEST(DeliveryWorker, tells_all_users_of_the_account_who_the_new_owner_is) {
  Delivering world;
  const auto owner = world.registers("Owner");
  const auto heir = world.registers("Heir");
  const auto member = world.registers("Member");
  const auto suspended = world.registers("Suspended");
  const auto account = world.has_authorised_account(owner);
  for (const auto user : {member, suspended}) world.adds_member(owner, account, user);
  world.does(owner, domain::SuspendMember{account, suspended});
  world.offers_ownership(owner, account, heir);
  world.start();
  world.forget_post();
  world.does(heir, domain::AcceptOwnership{account, world.state(account).ownership_offer->id, true});
  EXPECT_THAT(world.post(),
              UnorderedElementsAre("Owner@example.com: You are no longer the owner of a company's account",
                                   "Heir@example.com: You are now the owner of a company's account",
                                   "Member@example.com: A company's account has a new owner",
                                   "Suspended@example.com: A company's account has a new owner"));
  for (const Mail& each : world.carrier.delivered()) {
    const bool names_owner = each.text.find("Heir") != std::string::npos;
    EXPECT_TRUE(names_owner || each.subject.find("new owner") == std::string::npos) << each.to.text();
  }
}

TEST(DeliveryWorker, mails_a_new_mailing_address_to_the_owner_to_confirm_and_once_confirmed) {
  Delivering world;
  const auto owner = world.registers("Owner");
  const auto officer = world.registers_staff("Officer", StaffRole::programme_officer);
  const auto account = world.has_authorised_account(owner);
  world.fills_in_profiles(owner, account);
  domain::CompanyDataChanges changes;
  domain::MailingAddress address = world.state(account).mailing_address;
  address.line1 = domain::AddressLine::stored("9 RUE DU QUAI");
  changes.mailing_address = address;
  world.does(owner, domain::ChangeProfile{account, {domain::ProfileKind::company, ""}, {}, changes});
  world.does(owner, domain::Submit{account});
  const auto submission = world.queries.programme(account)->state.submissions.at(0).id;
  world.does(officer, domain::BeginReview{account, submission});
  world.start();
  world.forget_post();
  world.does(officer, domain::AcceptSubmission{account, submission});
  EXPECT_THAT(world.post(),
              testing::Contains("Owner@example.com: Please confirm your company's new mailing address"));
  world.forget_post();
  world.does(owner, domain::ConfirmMailingAddress{account});
  EXPECT_THAT(world.post(), ElementsAre("Owner@example.com: Your company's mailing address has changed"));
  EXPECT_THAT(world.carrier.delivered().back().text, HasSubstr("9 RUE DU QUAI"));
}

TEST(DeliveryWorker, notifies_all_but_suspended_members_of_the_programmes_decisions) {
  Delivering world;
  const auto owner = world.registers("Owner");
  const auto member = world.registers("Member", Language::fr);
  const auto suspended = world.registers("Suspended");
  const auto officer = world.registers_staff("Officer", StaffRole::programme_officer);
  const auto account = world.has_authorised_account(owner);
  world.adds_member(owner, account, member);
  world.adds_member(owner, account, suspended);
  world.does(owner, domain::SuspendMember{account, suspended});
  world.fills_in_profiles(owner, account);
  world.start();
  world.forget_post();

  world.does(owner, domain::Submit{account});
  EXPECT_THAT(world.post(),
              UnorderedElementsAre("Owner@example.com: We have received your company's submission",
                                   HasSubstr("Member@example.com: Nous avons reçu")));
  const auto submission = world.queries.programme(account)->state.submissions.at(0).id;
  world.does(officer, domain::BeginReview{account, submission});
  world.does(officer, domain::AcceptSubmission{account, submission});
  world.does(officer, domain::SuspendMembership{account, domain::Remark::stored("A late answer.")});
  EXPECT_THAT(world.post(), SizeIs(6));
  const auto mails = world.carrier.delivered();
  const auto last_to = [&](const std::string& address) {
    return std::ranges::find(mails.rbegin(), mails.rend(), address,
                             [](const Mail& each) { return each.to.text(); })
        ->text;
  };
  EXPECT_THAT(last_to("Owner@example.com"),
              AllOf(HasSubstr("program: suspended"), HasSubstr("A late answer.")));
  EXPECT_THAT(last_to("Member@example.com"), HasSubstr("suspendu"));
  std::set<std::string> keys;
  for (const Mail& each : mails) keys.insert(each.message_key);
  EXPECT_EQ(keys.size(), mails.size()) << "each mail has a file of its own";
}

TEST(DeliveryWorker, notifies_the_owner_where_the_letter_is) {
  Delivering world;
  const auto owner = world.registers("Owner");
  const auto clerk = world.registers_staff("Clerk", StaffRole::mail_room);
  const auto account = world.enrols_and_confirms(owner);
  const auto letter = world.state(account).letters.at(0).id;
  world.start();
  world.forget_post();
  world.does(clerk, domain::RecordLetterPosted{account, letter,
                                               domain::RegisteredMailNumber::stored("RN123456785CA")});
  world.does(clerk, domain::RecordLetterReturned{account, letter, domain::Remark::stored("moved")});
  const auto post = world.post();
  EXPECT_THAT(post, SizeIs(2));
  EXPECT_THAT(post, testing::Each(HasSubstr("Owner@example.com: ")));
}

TEST(DeliveryWorker, notifies_the_owner_of_a_code_that_died_however_it_died) {
  Delivering world;
  const auto owner = world.registers("Owner");
  const auto account = world.enrols_and_confirms(owner);
  world.start();
  world.forget_post();
  const auto died = "Owner@example.com: Your company's activation code can no longer be used";
  world.does(owner, domain::RequestActivationCode{account});
  EXPECT_THAT(world.post(), ElementsAre(died));
  auto address = world.state(account).mailing_address;
  address.line1 = domain::AddressLine::stored("1 RUE DU PORT");
  world.does(owner, domain::ChangeMailingAddress{account, address});
  EXPECT_THAT(world.post(), ElementsAre(died));
  EXPECT_THAT(world.carrier.delivered().back().text, HasSubstr("mailing address was changed"));
  world.does(owner, domain::WithdrawEnrolment{account});
  EXPECT_THAT(world.post(), ElementsAre("Owner@example.com: Your company's enrolment has ended"));
}

TEST(DeliveryWorker, tells_who_reported_a_letter_how_the_case_ended) {
  Delivering world;
  const auto owner = world.registers("Owner");
  const auto desk = world.registers_staff("Desk", StaffRole::service_desk);
  const auto account = world.enrols_and_confirms(owner);
  world.clock.advance(days{8});
  const auto letter = world.state(account).letters.at(0).id;
  world.does(owner, domain::ReportLetterMissing{account, letter});
  const auto case_id = world.state(account).letter_cases.at(0).id;
  world.start();
  world.forget_post();
  world.does(desk, domain::ResolveLetterCase{account, case_id, domain::CaseResolution::closed,
                                             domain::Remark::stored("It lies at your post office.")});
  EXPECT_THAT(world.post(), ElementsAre("Owner@example.com: Answer to your report about a letter"));
  EXPECT_THAT(world.carrier.delivered().back().text, HasSubstr("It lies at your post office."));
}

TEST(DeliveryWorker, prints_a_letter_in_one_version_only) {
  Delivering world;
  const auto owner = world.registers("Owner");
  const auto account = world.enrols_and_confirms(owner);
  world.start_and_settle();
  const auto letter = world.state(account).letters.at(0).id;
  domain::ChangeContactDetails change;
  change.user = owner;
  change.family_name = domain::FamilyName::stored("Roy");
  world.does(owner, change);
  EXPECT_EQ(world.worker->letter_pdf(account, letter), world.letters.read(letter).value());
}

TEST(DeliveryWorker, asks_the_owner_on_the_fifteenth_day_and_tells_them_of_the_end) {
  Delivering world;
  const auto owner = world.registers("Owner");
  const auto clerk = world.registers_staff("Clerk", StaffRole::mail_room);
  const auto account = world.enrols_and_confirms(owner);
  const auto letter = world.state(account).letters.at(0).id;
  world.does(clerk, domain::RecordLetterPosted{account, letter,
                                               domain::RegisteredMailNumber::stored("RN123456785CA")});
  world.start();
  world.forget_post();
  Scheduler scheduler{world.queries, world.executor, {}, hours{24}};
  world.clock.advance(days{15});
  scheduler.run_due();
  EXPECT_THAT(world.post(), ElementsAre("Owner@example.com: Has our letter to your company arrived?"));
  world.clock.advance(days{30});
  scheduler.run_due();
  world.forget_post();
  world.clock.advance(days{90});
  scheduler.run_due();
  EXPECT_THAT(world.post(), ElementsAre("Owner@example.com: Your company's enrolment has ended"));
  EXPECT_THAT(world.carrier.delivered().back().text, HasSubstr("was not activated within 90 days"));
}

// ---- items that are not sent -----------------------------------------------------------------------------

TEST(DeliveryWorker, does_not_send_a_code_that_has_expired_or_was_replaced) {
  Delivering world;
  const auto user = world.registers("Tremblay");
  const auto sign_in = world.starts_sign_in(user);
  world.does(user, domain::ResendOneTimeCode{user, sign_in});
  world.start();
  EXPECT_THAT(world.post(),
              UnorderedElementsAre(HasSubstr("Your one-time code"), HasSubstr("reference number")));
  world.stop();

  world.does(user, domain::ResendOneTimeCode{user, sign_in});
  world.clock.advance(minutes{10});
  world.start();
  EXPECT_THAT(world.post(), IsEmpty());
}

TEST(DeliveryWorker, does_not_send_a_code_that_expires_while_the_carrier_is_slow_with_another) {
  Delivering world;
  world.starts_sign_in(world.registers("Tremblay"));
  world.starts_sign_in(world.registers("Roy"));
  world.carrier.answers([&](const Mail& mail) {
    if (mail.bilingual) world.clock.advance(minutes{10});
    return Delivery::delivered;
  });
  world.start();
  EXPECT_THAT(world.post(),
              ElementsAre(HasSubstr("Your one-time code"), HasSubstr("Your user reference number"),
                          HasSubstr("Your user reference number")));
  EXPECT_EQ(world.worker->counts().given_up, 1u);
}

TEST(DeliveryWorker, does_not_print_a_letter_whose_code_is_dead) {
  Delivering world;
  const auto owner = world.registers("Owner");
  const auto account = world.enrols_and_confirms(owner);
  world.does(owner, domain::RequestActivationCode{account});
  world.start_and_settle();
  const auto letters = world.state(account).letters;
  ASSERT_THAT(letters, SizeIs(2));
  EXPECT_THAT(world.letters.list({}, 10), ElementsAre(letters[1].id));
  EXPECT_EQ(world.worker->letter_pdf(account, letters[0].id).error(), Reason::letter_not_pending);
  EXPECT_EQ(world.worker->letter_pdf(account, {}).error(), Reason::letter_not_found);
  EXPECT_EQ(world.worker->letter_pdf({}, letters[1].id).error(), Reason::letter_not_found);
  world.clock.advance(days{45});
  EXPECT_EQ(world.worker->letter_pdf(account, letters[1].id).error(), Reason::activation_code_expired);
}

TEST(DeliveryWorker, does_not_remind_users_who_have_signed_in_meanwhile) {
  Delivering world;
  const auto user = world.registers("Tremblay");
  world.signs_in(user);
  world.start();
  world.forget_post();
  world.stop();
  world.clock.advance(days{370});
  ASSERT_EQ((Scheduler{world.queries, world.executor, {}, hours{24}}.run_due()), 1u);
  world.signs_in(user);
  world.start();
  EXPECT_THAT(world.post(), IsEmpty());
}

TEST(DeliveryWorker, sends_nothing_to_erased_persons) {
  Delivering world;
  const auto user = world.registers("Tremblay");
  world.registers("Roy");
  world.vault->destroy_data_key("user:" + to_text(user));
  world.start();
  EXPECT_THAT(world.post(), ElementsAre(HasSubstr("Roy@example.com")));
}

TEST(DeliveryWorker, tells_owner_and_proxy_owners_of_a_proposed_new_owner) {
  Delivering world;
  const auto desk = world.registers_staff("Desk", domain::StaffRole::service_desk);
  const auto owner = world.registers("Owner");
  const auto proxy = world.registers("Proxy");
  const auto member = world.registers("Member");
  const auto heir = world.registers("Heir");
  const auto account = world.has_authorised_account(owner);
  for (const auto user : {proxy, member}) world.adds_member(owner, account, user);
  world.does(owner, domain::ChangeMemberRole{account, proxy, domain::Role::proxy_owner});
  world.start();
  world.forget_post();
  world.does(desk,
             domain::ProposeOwnerReassignment{account, heir, domain::Remark::stored("Said to be gone.")});
  EXPECT_THAT(world.post(),
              UnorderedElementsAre("Owner@example.com: A new owner of your company's account is proposed",
                                   "Proxy@example.com: A new owner of your company's account is proposed"));
  world.does(owner,
             domain::ObjectToOwnerReassignment{account, world.state(account).reassignment->proposal.id});
  EXPECT_THAT(world.post(),
              UnorderedElementsAre("Owner@example.com: The owner of your company's account stays",
                                   "Proxy@example.com: The owner of your company's account stays"));
}

TEST(DeliveryWorker, tells_the_person_and_all_operators_of_a_staff_role) {
  Delivering world;
  const auto first = world.registers_staff("First", domain::StaffRole::operator_);
  const auto second = world.registers_staff("Second", domain::StaffRole::operator_);
  const auto person = world.registers("Person");
  world.start();
  world.forget_post();
  const auto all_hear = [&](const std::string& subject) {
    EXPECT_THAT(world.post(),
                UnorderedElementsAre("First@example.com: " + subject, "Second@example.com: " + subject,
                                     "Person@example.com: " + subject));
  };
  world.does(first,
             domain::GrantStaffRole{person, domain::StaffRole::auditor, domain::Remark::stored("New.")});
  all_hear("A staff role is proposed");
  world.does(second,
             domain::ApproveStaffRoleChange{person, world.state(person).staff_role_change->proposal.id});
  all_hear("A staff role was given");
}

// ---- crashes and failing carriers ------------------------------------------------------------------------

TEST(DeliveryWorker, repeats_nothing_and_loses_nothing_over_a_restart) {
  Delivering world;
  world.registers("Tremblay");
  world.start();
  EXPECT_THAT(world.post(), SizeIs(1));
  world.stop();
  world.registers("Roy");
  world.start();
  EXPECT_THAT(world.post(), ElementsAre(HasSubstr("Roy@example.com")));
  EXPECT_EQ(world.worker->counts().mails, 1u);
}

TEST(DeliveryWorker, overwrites_the_same_files_with_the_same_bytes_after_a_crash_before_its_note) {
  Delivering world;
  const auto owner = world.registers("Owner");
  const auto member = world.registers("Member");
  const auto account = world.has_authorised_account(owner);
  world.enrols_and_confirms(member);
  world.adds_member(owner, account, member);
  const auto files = [&] {
    std::map<std::string, std::string> found;
    for (const auto& entry : world.mails.list("", 1000))
      found[entry.key] = world.mails.read(entry.key).value();
    for (const auto& letter : world.letters.list({}, 1000))
      found[to_text(letter)] = world.letters.read(letter).value();
    return found;
  };
  world.start(world.mails);
  world.settle();
  world.stop();
  const auto before = files();
  ASSERT_THAT(before,
              SizeIs(4));  // two URNs, one member added, one letter (the other account's code is used)

  world.vault->put_note("delivery/next", "0", true);
  world.start(world.mails);
  world.settle();
  EXPECT_EQ(files(), before);
  EXPECT_EQ(world.worker->counts().mails, 3u);
}

TEST(DeliveryWorker, tries_again_with_rising_waits_while_the_carrier_does_not_take_a_mail) {
  Delivering world;
  std::atomic<unsigned> attempts{0};
  std::array<domain::Time, 4> attempted_at{};
  world.carrier.answers([&](const Mail&) -> HandOver {
    attempted_at.at(attempts) = world.clock.now();
    if (++attempts == 2) throw std::runtime_error{"no route to the relay"};
    return attempts < 4 ? Delivery::try_later : Delivery::delivered;
  });
  world.registers("Tremblay");
  world.start_and_settle();
  EXPECT_EQ(attempts, 1u);
  EXPECT_EQ(world.worker->counts().pending, 1u);
  unsigned expected = 1;
  for (const domain::Duration wait : {domain::Duration{minutes{1}}, domain::Duration{minutes{5}}}) {
    world.clock.advance(wait - domain::Duration{300});
    std::this_thread::sleep_for(std::chrono::milliseconds{150});
    world.clock.advance(wait / 10 + domain::Duration{300});
    EXPECT_TRUE(eventually([&] { return attempts == expected + 1; }));
    EXPECT_GE(attempted_at.at(expected) - attempted_at.at(expected - 1), wait) << "too early";
    ++expected;
    EXPECT_TRUE(eventually([&] {
      return world.vault->scan_notes("delivery/pending/")
          .at(0)
          .second.starts_with("1 " + std::to_string(expected) + " ");
    }));
  }
  EXPECT_THAT(world.worker->counts().last_failure.value(), HasSubstr("try later"));
  world.clock.advance(minutes{17});
  EXPECT_TRUE(eventually([&] { return world.worker->counts().pending == 0; }));
  EXPECT_THAT(world.carrier.delivered(), SizeIs(1));
  EXPECT_THAT(world.vault->scan_notes("delivery/pending/"), IsEmpty());
}

TEST(DeliveryWorker, lets_a_code_overtake_a_stuck_notice) {
  Delivering world;
  world.carrier.answers([](const Mail& mail) {
    return mail.subject.find("one-time code") != std::string::npos ? Delivery::delivered
                                                                   : Delivery::try_later;
  });
  const auto user = world.registers("Tremblay");
  world.start_and_settle();
  world.starts_sign_in(user);
  EXPECT_THAT(world.post(), ElementsAre(HasSubstr("Your one-time code")));
  EXPECT_EQ(world.worker->counts().pending, 1u);
}

TEST(DeliveryWorker, keeps_stuck_items_over_a_restart) {
  Delivering world;
  world.carrier.answers([](const Mail&) { return Delivery::try_later; });
  world.registers("Tremblay");
  world.start_and_settle();
  world.stop();
  world.carrier.answers({});
  world.start();
  EXPECT_EQ(world.worker->counts().pending, 1u);
  world.clock.advance(minutes{2});
  EXPECT_TRUE(eventually([&] { return world.worker->counts().pending == 0; }));
  EXPECT_THAT(world.post(), SizeIs(1));
}

TEST(DeliveryWorker, gives_a_notice_up_after_three_days_and_a_code_at_its_expiry) {
  Delivering world;
  std::atomic<bool> code_was_offered_late{false};
  std::atomic<bool> late{false};
  world.carrier.answers([&](const Mail& mail) {
    if (late && mail.subject.find("one-time code") != std::string::npos) code_was_offered_late = true;
    return Delivery::try_later;
  });
  const auto user = world.registers("Tremblay");
  world.starts_sign_in(user);
  world.start_and_settle();
  EXPECT_EQ(world.worker->counts().pending, 2u);
  late = true;
  world.clock.advance(minutes{10});
  EXPECT_TRUE(eventually([&] { return world.worker->counts().given_up == 1; }));
  EXPECT_FALSE(code_was_offered_late);
  world.clock.advance(days{3});
  EXPECT_TRUE(eventually([&] { return world.worker->counts().given_up == 2; }));
  EXPECT_TRUE(eventually([&] { return world.worker->counts().pending == 0; }));
  EXPECT_THAT(world.vault->scan_notes("delivery/pending/"), IsEmpty());
}

TEST(DeliveryWorker, gives_up_refused_items_at_once) {
  Delivering world;
  world.carrier.answers([](const Mail&) { return Delivery::refused; });
  world.registers("Tremblay");
  world.start_and_settle();
  EXPECT_EQ(world.worker->counts().given_up, 1u);
  EXPECT_EQ(world.worker->counts().pending, 0u);
}

/// The fault of this name, if it lasts.
std::optional<os::FaultStatus> lasting(std::string_view name) {
  for (const os::FaultStatus& each : os::faults())
    if (each.name == name && each.reason) return each;
  return std::nullopt;
}

// ---- what becomes of mails -------------------------------------------------------------------------------

HandOver unknown_mailbox() {
  HandOver told{Delivery::refused};
  told.about = About::reader;
  told.reply = 550;
  told.status = "5.1.1";
  told.words = "550 5.1.1 no such mailbox";
  return told;
}
HandOver no_relay() {
  HandOver told{Delivery::misconfigured};
  told.about = About::carrier;
  return told;
}

TEST(DeliveryWorker, records_once_that_a_mailbox_is_unknown_and_a_code_that_is_read_ends_that) {
  Delivering world;
  world.carrier.answers([](const Mail&) { return unknown_mailbox(); });
  const auto user = world.registers("Tremblay");
  world.start_and_settle();
  ASSERT_TRUE(world.state(user).mail_trouble);
  EXPECT_EQ(world.state(user).mail_trouble->status, "5.1.1");
  const auto names = world.history_from(0);
  EXPECT_EQ(std::ranges::count(names, "user.mail_not_delivered"), 1);
  world.stop();
  world.carrier.answers({});
  world.signs_in(user);
  EXPECT_FALSE(world.state(user).mail_trouble);
}

TEST(DeliveryWorker, gives_nothing_up_while_the_carrier_refuses_the_service_itself) {
  Delivering world;
  world.carrier.answers([](const Mail&) { return no_relay(); });
  world.registers("Tremblay");
  world.start_and_settle();
  world.clock.advance(days{9});
  EXPECT_TRUE(eventually([&] { return lasting("mail_folder").has_value(); }));
  std::this_thread::sleep_for(std::chrono::milliseconds{300});
  EXPECT_EQ(world.worker->counts().given_up, 0u);
  world.carrier.answers({});
  world.clock.advance(hours{2});
  EXPECT_TRUE(eventually([&] { return world.worker->counts().pending == 0; }));
  EXPECT_THAT(world.post(), SizeIs(1));
}

TEST(DeliveryWorker, waits_between_tries_by_what_waits) {
  const auto near = [](domain::Duration wait, domain::Duration wanted) {
    return wait >= wanted && wait <= wanted + wanted / 10;
  };
  EXPECT_TRUE(near(delivery_wait_after(1, Urgency::code, "a"), seconds{1}));
  EXPECT_TRUE(near(delivery_wait_after(9, Urgency::code, "a"), seconds{30}));
  EXPECT_TRUE(near(delivery_wait_after(1, Urgency::notice, "a"), minutes{1}));
  EXPECT_TRUE(near(delivery_wait_after(3, Urgency::notice, "a"), minutes{15}));
  EXPECT_TRUE(near(delivery_wait_after(99, Urgency::notice, "a"), hours{1}));
  EXPECT_TRUE(near(delivery_wait_after(4, Urgency::letter, "a"), minutes{2}));
}

struct Journaling : Delivering {
  MailJournal journal{folder / "journal", events::Hash{7}};
  carriers::BounceMarks marks{events::Hash{7}, "bounces.example"};
  std::unique_ptr<Bounces> bounces;

  ~Journaling() {
    bounces.reset();
    stop();  // before the journal goes
  }
  void start_with_journal() {
    worker = std::make_unique<DeliveryWorker>(*log, *vault, queries, secrets, executor, carrier, letters,
                                              &journal);
    settle();
  }
  void read_bounces() {
    bounces = std::make_unique<Bounces>(folder / "bounces", marks, journal, queries, secrets, executor);
  }
  /// A bounce of the mail that was delivered last.
  void leaves_bounce(bool is_lasting) {
    leave_bounce(folder / "bounces", marks.address_for(carrier.delivered().back()),
                 {is_lasting, is_lasting ? "5.0.0" : "4.4.7"});
  }
  JournalRow last_row(UserId user) const { return journal.of(user, {}, true, 10).at(0); }
};

TEST(MailJournal, says_what_became_of_each_mail_newest_first) {
  Journaling world;
  const auto user = world.registers("Tremblay");
  world.start_with_journal();
  EXPECT_EQ(world.last_row(user).state, MailState::handed_over);
  EXPECT_EQ(world.last_row(user).occasion, "user.urn_issued");
  world.carrier.answers([](const Mail&) { return unknown_mailbox(); });
  world.clock.advance(minutes{1});
  world.starts_sign_in(user);
  world.settle();
  const auto rows = world.journal.of(user, {}, true, 10);
  ASSERT_THAT(rows, SizeIs(2));
  EXPECT_EQ(rows[0].state, MailState::refused);
  EXPECT_EQ(rows[0].reply, 550u);
  EXPECT_EQ(rows[0].words, "550 5.1.1 no such mailbox");
  EXPECT_THAT(world.journal.of(user, place_of(rows[0]), true, 10), SizeIs(1));
  EXPECT_EQ(world.journal.find(rows[1].id)->reader, user);
  EXPECT_THAT(world.journal.of(UserId{}, {}, true, 10), IsEmpty());
}

TEST(MailJournal, keeps_a_row_for_ninety_days) {
  Journaling world;
  const auto user = world.registers("Tremblay");
  world.start_with_journal();
  const domain::Time now = world.clock.now();
  EXPECT_EQ(world.journal.prune(now + days{89}, 10), 0u);
  EXPECT_EQ(world.journal.prune(now + days{91}, 10), 1u);
  EXPECT_THAT(world.journal.of(user, {}, true, 10), IsEmpty());
}

TEST(Bounces, mark_a_person_whose_mailbox_is_gone_once) {
  Journaling world;
  const auto user = world.registers("Tremblay");
  world.start_with_journal();
  world.read_bounces();
  world.leaves_bounce(true);
  EXPECT_TRUE(eventually([&] { return world.bounces->counts().recorded == 1; }));
  world.leaves_bounce(true);
  EXPECT_TRUE(eventually([&] { return world.bounces->counts().recorded == 2; }));
  ASSERT_TRUE(world.state(user).mail_trouble);
  EXPECT_EQ(world.last_row(user).state, MailState::bounced);
  EXPECT_EQ(std::ranges::count(world.history_from(0), "user.mail_not_delivered"), 1)
      << "the same bounce again";
}

TEST(Bounces, of_an_earlier_address_mark_nobody) {
  Journaling world;
  const auto user = world.registers("Tremblay");
  world.start_with_journal();
  world.changes_email(user, "other@example.com");
  const auto first = world.carrier.delivered().front();
  world.does(user, world.email_confirmation(world.state(user)));
  leave_bounce(world.folder / "bounces", world.marks.address_for(first), {true, "5.1.1"});
  world.read_bounces();
  EXPECT_TRUE(eventually([&] { return world.bounces->counts().recorded == 1; }));
  EXPECT_FALSE(world.state(user).mail_trouble);
}

TEST(Bounces, that_are_foreign_or_of_unknown_mails_change_nothing) {
  Journaling world;
  world.registers("Tremblay");
  world.start_with_journal();
  const auto before = world.last();
  leave_bounce(world.folder / "bounces", "b+0-0.0000000000000000@bounces.example", {true, "5.1.1"});
  Mail unknown;
  unknown.message_key = delivery::mail_key(99'999, 0);
  leave_bounce(world.folder / "bounces", world.marks.address_for(unknown), {true, "5.1.1"});
  world.read_bounces();
  EXPECT_TRUE(eventually(
      [&] { return world.bounces->counts().foreign == 1 && world.bounces->counts().unknown == 1; }));
  EXPECT_EQ(world.last(), before);
}

TEST(Resending, sends_what_is_still_due_under_a_name_of_its_own_and_no_dead_code) {
  Journaling world;
  const auto user = world.registers("Tremblay");
  const auto desk = world.registers_staff("Roy", StaffRole::service_desk);
  world.start_with_journal();
  world.starts_sign_in(user);
  world.settle();
  const auto rows = world.journal.of(user, {}, true, 10);
  ASSERT_THAT(rows, SizeIs(2));
  world.forget_post();
  world.clock.advance(minutes{11});
  for (const auto& row : rows) world.does(desk, domain::ResendMail{user, row.id});
  EXPECT_THAT(world.post(), ElementsAre(HasSubstr("Your user reference number")));
  EXPECT_NE(world.carrier.delivered().back().message_key, rows[1].id);
}

// ---- a company that prints and posts ----------------------------------------------------------------------

/// Plays a provider: keeps what it is told, and reports what the test says.
class Printer : public delivery::LetterProvider {
 public:
  delivery::Handed order(const delivery::LetterOrder& order) override {
    const std::scoped_lock lock(mutex_);
    orders.push_back(order);
    return answer;
  }
  delivery::Handed cancel(domain::LetterId letter) override {
    const std::scoped_lock lock(mutex_);
    cancelled.push_back(letter);
    return delivery::Handed::accepted;
  }
  std::vector<delivery::LetterReport> reports(std::string& cursor) override {
    const std::scoped_lock lock(mutex_);
    std::vector<delivery::LetterReport> news(
        told.begin() + static_cast<std::ptrdiff_t>(cursor.empty() ? 0 : std::stoul(cursor)), told.end());
    cursor = std::to_string(told.size());
    return news;
  }
  void tells(domain::LetterId letter, delivery::LetterStatus status, domain::Time at,
             bool with_number = false) {
    const std::scoped_lock lock(mutex_);
    delivery::LetterReport report{letter, status, {}, at, {}};
    if (with_number)
      report.registered_mail_number =
          domain::RegisteredMailNumber::parse(domain::RegisteredMailNumber::kind::example).value();
    told.push_back(report);
  }
  template <class T>
  std::size_t count(const std::vector<T>& of) {
    const std::scoped_lock lock(mutex_);
    return of.size();
  }

  std::vector<delivery::LetterOrder> orders;
  std::vector<domain::LetterId> cancelled;
  std::vector<delivery::LetterReport> told;
  delivery::Handed answer = delivery::Handed::accepted;

 private:
  std::mutex mutex_;
};

struct Printing : Delivering {
  Printer printer;
  std::unique_ptr<LetterReports> reports;

  ~Printing() {
    reports.reset();
    stop();  // before the printer goes
  }
  void start_with_printer() {
    worker = std::make_unique<DeliveryWorker>(*log, *vault, queries, secrets, executor, carrier, letters,
                                              nullptr, &printer);
    settle();
  }
  void read_reports() {
    reports =
        std::make_unique<LetterReports>(printer, *vault, queries, executor, std::chrono::milliseconds{20});
  }
};

TEST(LetterProvider, gets_each_letter_with_its_address_and_is_told_to_cancel_it) {
  Printing world;
  const auto owner = world.registers("Tremblay");
  const auto account = world.enrols_and_confirms(owner);
  world.start_with_printer();
  ASSERT_THAT(world.printer.orders, SizeIs(1));
  const auto& order = world.printer.orders[0];
  EXPECT_EQ(order.letter, world.state(account).letters[0].id);
  EXPECT_EQ(order.to.name, "Érablière du Nord inc.");
  EXPECT_EQ(order.post_by, world.state(account).letters[0].due_at);
  EXPECT_THAT(order.pdf, testing::StartsWith("%PDF"));
  EXPECT_THAT(world.letters.list({}, 10), IsEmpty()) << "the folder is not used as well";
  world.does(owner, domain::WithdrawEnrolment{account});
  world.settle();
  EXPECT_THAT(world.printer.cancelled, ElementsAre(order.letter));
}

TEST(LetterReports, that_repeat_or_come_out_of_order_are_recorded_once_and_in_order) {
  using enum delivery::LetterStatus;
  Printing world;
  const auto owner = world.registers("Tremblay");
  const auto account = world.enrols_and_confirms(owner);
  const auto letter = world.state(account).letters[0].id;
  const auto now = world.clock.now();
  world.printer.tells(letter, delivered, now);
  world.read_reports();
  EXPECT_TRUE(eventually([&] { return world.reports->counts().waiting == 1; }));
  world.printer.tells(letter, posted, now, true);
  world.printer.tells(letter, printing, now);
  world.printer.tells(letter, posted, now, true);
  EXPECT_TRUE(
      eventually([&] { return world.state(account).letters[0].state == domain::LetterState::arrived; }));
  EXPECT_TRUE(eventually([&] {
    const auto counts = world.reports->counts();
    return counts.repeated == 2 && counts.recorded == 2 && counts.waiting == 0;
  }));
  EXPECT_EQ(world.reports->counts().impossible, 0u);
}

TEST(LetterReports, of_what_cannot_be_are_shown_and_change_nothing) {
  using enum delivery::LetterStatus;
  Printing world;
  const auto owner = world.registers("Tremblay");
  const auto account = world.enrols_and_confirms(owner);
  const auto letter = world.state(account).letters[0].id;
  const auto before = world.last();
  world.printer.tells(domain::LetterId{fresh_uuid(world.clock.now())}, posted, world.clock.now(), true);
  world.printer.tells(letter, posted, world.clock.now());  // registered mail without a number
  world.printer.tells(letter, failed, world.clock.now());
  world.read_reports();
  EXPECT_TRUE(eventually([&] { return world.reports->counts().impossible == 3; }));
  EXPECT_TRUE(lasting("letter_report_impossible"));
  EXPECT_EQ(world.last(), before);
}

TEST(LetterReports, that_no_earlier_one_explains_are_shown_after_a_week) {
  using enum delivery::LetterStatus;
  Printing world;
  const auto owner = world.registers("Tremblay");
  const auto account = world.enrols_and_confirms(owner);
  world.printer.tells(world.state(account).letters[0].id, returned, world.clock.now());
  world.read_reports();
  EXPECT_TRUE(eventually([&] { return world.reports->counts().waiting == 1; }));
  world.reports.reset();
  world.read_reports();
  EXPECT_TRUE(eventually([&] { return world.reports->counts().waiting == 1; })) << "also after a restart";
  world.clock.advance(days{7});
  EXPECT_TRUE(eventually([&] { return world.reports->counts().impossible == 1; }));
}

TEST(DeliveryWorker, waits_for_a_view_of_accounts_that_has_stopped_and_skips_nothing) {
  Delivering world;
  domain::RegisterCredential command;
  command.user = UserId{fresh_uuid(world.executor.now())};
  command.user_name = domain::UserName::stored("tremblay12");
  command.password = domain::Password::parse("a long pass phrase").value();
  command.family_name = domain::FamilyName::stored("Tremblay");
  command.given_names = domain::GivenNames::stored("Marie");
  command.email = domain::EmailAddress::stored("Tremblay@example.com");
  command.telephone = domain::Telephone::stored("+16135550123");
  const Executor::Apply leaves_states = [](std::span<const events::Recorded>) {};
  Executor behind{*world.log,     *world.vault,  leaves_states, world.queries,
                  world.erasures, world.secrets, world.clock,   {}};
  ASSERT_FALSE(behind.execute(command, {}).refusal);
  world.unreadable.insert(events::subject_name(command.user));
  world.runner.catch_up();
  world.unreadable.clear();
  world.start();
  EXPECT_TRUE(eventually([&] { return world.worker->fault().has_value(); }));
  EXPECT_EQ(world.worker->counts().next, 0u);
  world.runner.rebuild(projections::account_view);
  ASSERT_TRUE(world.runner.switch_over(projections::account_view));
  EXPECT_THAT(world.post(), SizeIs(1));
  EXPECT_TRUE(eventually([&] { return !world.worker->fault(); }));
}

TEST(DeliveryWorker, sets_aside_an_event_whose_mails_cannot_be_made_and_goes_on) {
  Delivering world;
  const auto damaged = world.registers("Tremblay");
  world.unreadable.insert(events::subject_name(damaged));
  world.start();
  world.registers("Roy");
  EXPECT_THAT(world.post(), ElementsAre(HasSubstr("Roy@example.com")));
  EXPECT_EQ(world.worker->counts().set_aside, 1u);
  EXPECT_FALSE(world.worker->fault());
  ASSERT_TRUE(lasting("delivery_set_aside"));
  EXPECT_NE(lasting("delivery_set_aside")->not_ready, "");
  EXPECT_THAT(world.worker->counts().last_failure.value(), HasSubstr("the key of user:"));

  world.stop();
  world.unreadable.clear();
  world.start();
  EXPECT_EQ(world.worker->counts().set_aside, 1u) << "also after a restart";
  world.clock.advance(seconds{1});
  EXPECT_TRUE(eventually([&] { return world.worker->counts().pending == 0; }));
  EXPECT_THAT(world.post(), ElementsAre(HasSubstr("Tremblay@example.com")));
  EXPECT_FALSE(lasting("delivery_set_aside"));
}

TEST(DeliveryWorker, goes_on_while_one_retry_cannot_be_made) {
  Delivering world;
  world.carrier.answers([](const Mail&) { return Delivery::try_later; });
  const auto damaged = world.registers("Tremblay");
  world.start_and_settle();
  world.stop();
  world.unreadable.insert(events::subject_name(damaged));
  world.carrier.answers({});
  world.start();
  world.clock.advance(minutes{2});
  EXPECT_TRUE(eventually([&] { return world.worker->counts().last_failure.has_value(); }));
  world.registers("Roy");
  EXPECT_THAT(world.post(), ElementsAre(HasSubstr("Roy@example.com")));
  EXPECT_EQ(world.worker->counts().pending, 1u);
  EXPECT_FALSE(world.worker->fault());
}

TEST(DeliveryWorker, reports_a_folder_that_takes_nothing_until_it_does) {
  Delivering world;
  world.carrier.answers(
      [](const Mail&) -> HandOver { throw std::runtime_error{"/mails: No space left on device"}; });
  world.registers("Tremblay");
  world.start_and_settle();
  ASSERT_TRUE(lasting("mail_folder"));
  EXPECT_THAT(*lasting("mail_folder")->reason, HasSubstr("No space left on device"));
  world.carrier.answers({});
  world.clock.advance(minutes{2});
  EXPECT_TRUE(eventually([&] { return !lasting("mail_folder"); }));
}

TEST(DeliveryWorker, starts_at_the_head_of_a_log_that_was_restored_shorter) {
  Delivering world;
  world.registers("Tremblay");
  world.vault->put_note("delivery/next", "1000", true);
  world.start();
  world.registers("Roy");
  EXPECT_THAT(world.post(), ElementsAre(HasSubstr("Roy@example.com")));
}

TEST(DeliveryWorker, refuses_to_start_on_notes_that_cannot_be_read) {
  Delivering world;
  for (const auto* text : {"", "x", "1 2", "-1", "99999999999999999999"}) {
    world.vault->put_note("delivery/next", text, true);
    EXPECT_THROW(world.start(), events::Damaged) << text;
  }
}

TEST(RequestWord, is_short_the_same_for_the_same_request_and_another_for_another) {
  const domain::SignInId one{fresh_uuid({})};
  EXPECT_EQ(request_word(one), request_word(one));
  EXPECT_THAT(request_word(one), testing::MatchesRegex("([BDFKLMNRSTV][AEIO])+"));
  EXPECT_THAT(request_word(one), SizeIs(6));
  std::map<std::string, int> words;
  for (int i = 0; i < 200; ++i) ++words[request_word(domain::SignInId{fresh_uuid({})})];
  EXPECT_GT(words.size(), 190u);
}

}  // namespace
}  // namespace ttp::service::tests
