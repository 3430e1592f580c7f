// Every kind of mail in both languages: no empty text, no unfilled placeholder, and the required and
// forbidden contents of a mail with a code.
#include "delivery/mails.hpp"

#include <algorithm>
#include <functional>
#include <iterator>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "delivery/support.hpp"

namespace ttp::delivery::tests {
namespace {

using domain::CompanyName;
using domain::FamilyName;
using domain::GivenNames;
using domain::Remark;
using domain::Role;
using domain::UrnReminder;

const Time then = at("2026-03-01T14:05:59.900Z");
const auto company = value<CompanyName>("Érablière {urn} du Nord inc.");
const PersonName person{value<GivenNames>("Marie-Ève"), value<FamilyName>("Tremblay")};
const domain::MailingAddress address{value<domain::AddressLine>("123 RUE PRINCIPALE"),
                                     value<domain::AddressLine>("BUREAU 4"),
                                     value<domain::City>("GATINEAU"),
                                     "QC",
                                     "J8X 1A1",
                                     domain::Country::CA};
const auto code = value<domain::OneTimeCode>("123456");
const auto registration_code = value<domain::RegistrationCode>("7K4QX9M2TB");
const auto remark = value<Remark>("Please add the site plan.\nThank you.");
const Bilingual status{"under review", "à l'étude"};
const Bilingual signing_in{"signing in", "ouverture de session"};

struct Kind {
  std::string name;
  std::function<Rendered(Language)> render;
  bool is_bilingual = false;
  std::string code{};  ///< as the text shows it; empty: it has none

  bool has_code() const { return !code.empty(); }
};

template <class M>
Kind kind(std::string name, const M& mail) {
  return {std::move(name), [mail](Language language) { return mails::render(mail, language); }};
}
template <class M>
Kind in_both_languages(std::string name, const M& mail, std::string shown_code = "") {
  return {std::move(name), [mail](Language language) { return mails::render(mail, language); }, true,
          std::move(shown_code)};
}

std::vector<Kind> kinds_about_a_person() {
  using namespace mails;
  return {
      kind("urn issued", UrnIssued{person, value<domain::Urn>("4000123455"), UrnOccasion::first}),
      kind("urn issued anew", UrnIssued{person, value<domain::Urn>("4000123455"), UrnOccasion::new_number}),
      in_both_languages("one-time code", OneTimeCode{code, then, signing_in, "MAPLE"}, "123 456"),
      in_both_languages("e-mail confirmation code", EmailConfirmationCode{code, then, "MAPLE"}, "123 456"),
      in_both_languages("e-mail change code",
                        EmailChangeCode{code, then, "MAPLE", domain::EmailAddress::stored("new@example.com")},
                        "123 456"),
      in_both_languages("registration code", RegistrationCode{registration_code, then, "MAPLE"},
                        "7K4QX-9M2TB"),
      in_both_languages("address already registered", AddressAlreadyRegistered{}),
      in_both_languages("user name reminder", UserNameReminder{value<domain::UserName>("mtremblay12")}),
      in_both_languages("no user name", NoUserName{}),
      in_both_languages("no user name but a partner", NoUserNameButPartner{}),
      kind("yearly reminder", UrnExpiryReminder{then, UrnReminder::twelve_months}),
      kind("60 days", UrnExpiryReminder{then, UrnReminder::sixty_days}),
      kind("30 days", UrnExpiryReminder{then, UrnReminder::thirty_days}),
      kind("7 days", UrnExpiryReminder{then, UrnReminder::seven_days}),
      kind("urn expired", UrnExpired{then}),
      kind("staff role proposed", StaffRoleChangeProposed{person, domain::RoleChange::grant, status, then}),
      kind("staff role's end proposed",
           StaffRoleChangeProposed{person, domain::RoleChange::revoke, status, then}),
      kind("staff role given", StaffRoleChanged{person, domain::RoleChange::grant, status}),
      kind("staff role taken", StaffRoleChanged{person, domain::RoleChange::revoke, status}),
      kind("staff role change dropped", StaffRoleChangeDropped{person}),
      kind("erasure proposed", ErasureProposed{person, then}),
      kind("erasure dropped", ErasureDropped{person}),
      kind("password changed", CredentialChanged{CredentialPart::password, then}),
      kind("e-mail changed", CredentialChanged{CredentialPart::email, then}),
      kind("telephone changed", CredentialChanged{CredentialPart::telephone, then}),
      kind("names changed", CredentialChanged{CredentialPart::names, then}),
      kind("attempts failed", AttemptsFailed{10, then}),
      kind("credential locked", CredentialLocked{then}),
      kind("device locked", CredentialLocked{then, true}),
      kind("credential unlocked", CredentialUnlocked{then}),
      kind("sessions ended", SessionsEnded{then, remark}),
      kind("recovery proposed", RecoveryProposed{company, then}),
      kind("recovery permitted", RecoveryPermitted{company, then}),
      kind("recovery lapsed", RecoveryEnded{RecoveryEnd::lapsed}),
      kind("recovery withdrawn", RecoveryEnded{RecoveryEnd::withdrawn}),
      kind("recovery objected to", RecoveryEnded{RecoveryEnd::objected}),
      kind("permit tried too often", RecoveryEnded{RecoveryEnd::too_many_tries}),
      kind("permit expired", RecoveryEnded{RecoveryEnd::expired}),
      kind("permit's letter returned", RecoveryEnded{RecoveryEnd::letter_returned}),
      kind("recovered", Recovered{then}),
  };
}

std::vector<Kind> kinds_about_a_company() {
  using namespace mails;
  return {
      kind("owner warned", OwnerWarnedOfUserUrn{company, person, then}),
      kind("activation code expiring", ActivationCodeExpiring{company, then}),
      kind("activation code expired", ActivationCodeExpired{company, then}),
      kind("letter posted", LetterPosted{company, value<domain::RegisteredMailNumber>("RN123456785CA")}),
      kind("letter returned", LetterReturned{company}),
      kind("code replaced", ActivationCodeVoided{company, CodeEnd::replaced}),
      kind("code tried too often", ActivationCodeVoided{company, CodeEnd::too_many_tries}),
      kind("code address changed", ActivationCodeVoided{company, CodeEnd::address_changed}),
      kind("letter number corrected",
           LetterNumberCorrected{company, value<domain::RegisteredMailNumber>("RN473124829CA")}),
      kind("letter arrival due", LetterArrivalDue{company, then}),
      kind("case letter sent again", LetterCaseResolved{company, CaseEnd::letter_sent_again, remark}),
      kind("case new code", LetterCaseResolved{company, CaseEnd::new_code, remark}),
      kind("case closed", LetterCaseResolved{company, CaseEnd::closed, remark}),
      kind("enrolment withdrawn", EnrolmentEnded{company, EnrolmentEnd::withdrawn}),
      kind("enrolment never confirmed", EnrolmentEnded{company, EnrolmentEnd::never_confirmed}),
      kind("enrolment never activated", EnrolmentEnded{company, EnrolmentEnd::never_activated}),
      kind("enrolment released", EnrolmentEnded{company, EnrolmentEnd::released}),
      kind("enrolment release proposed", EnrolmentReleaseProposed{company, then}),
      kind("enrolment release dropped", EnrolmentReleaseDropped{company}),
      kind("new owner proposed", OwnerReassignmentProposed{company, person, then}),
      kind("new owner dropped", OwnerReassignmentDropped{company}),
      kind("ownership offered", OwnershipOffered{company, person, then}),
      kind("offer withdrawn", OwnershipOfferWithdrawn{company}),
      kind("offer declined", OwnershipOfferDeclined{company}),
      kind("offer lapsed", OwnershipOfferLapsed{company}),
      kind("ownership given", OwnershipTransferred{company, person, then, TransferReader::previous_owner}),
      kind("ownership received", OwnershipTransferred{company, person, then, TransferReader::new_owner}),
      kind("ownership changed", OwnershipTransferred{company, person, then, TransferReader::other_member}),
      kind("address to confirm", MailingAddressToConfirm{company, address}),
      kind("address replaced", MailingAddressReplaced{company, address}),
      kind("member added", MemberAdded{company, Role::proxy_owner}),
      kind("member removed", MemberRemoved{company}),
      kind("role changed", MemberRoleChanged{company, Role::full_access}),
      kind("role owner", MemberRoleChanged{company, Role::owner}),
      kind("role administrative", MemberRoleChanged{company, Role::administrative}),
      kind("member suspended", MemberSuspended{company}),
      kind("member reinstated", MemberReinstated{company}),
      kind("member reactivated", MemberReactivated{company}),
      kind("membership changed", MembershipChanged{company, status, {}}),
      kind("membership changed with remark", MembershipChanged{company, status, remark}),
      kind("submission received", SubmissionReceived{company, then}),
      kind("submission returned", SubmissionReturned{company, remark}),
      kind("informal review answered", InformalReviewAnswered{company, remark}),
      kind("appeal answered", AppealAnswered{company, remark}),
      kind("annual confirmation", AnnualConfirmationDue{company, then}),
      kind("revalidation", RevalidationAnnounced{company, then}),
  };
}

const std::vector<Kind>& kinds() {
  static const std::vector<Kind> all = [] {
    std::vector<Kind> made = kinds_about_a_person();
    std::ranges::move(kinds_about_a_company(), std::back_inserter(made));
    return made;
  }();
  return all;
}

/// The placeholders of all texts, to detect unfilled ones.
bool holds_placeholder(std::string text) {
  const std::string& name_of_the_company = company.text();
  for (auto found = text.find(name_of_the_company); found != text.npos;
       found = text.find(name_of_the_company))
    text.erase(found, name_of_the_company.size());
  return text.find_first_of("{}") != text.npos;
}

class MailsIn : public testing::TestWithParam<Language> {};
INSTANTIATE_TEST_SUITE_P(EachLanguage, MailsIn, testing::Values(Language::en, Language::fr),
                         [](const auto& instance) {
                           return instance.param == Language::en ? "english" : "french";
                         });

TEST_P(MailsIn, every_kind_says_something_and_leaves_nothing_to_fill) {
  for (const auto& kind : kinds()) {
    SCOPED_TRACE(kind.name);
    const auto mail = kind.render(GetParam());
    EXPECT_GT(mail.subject.size(), 10u);
    EXPECT_GT(mail.text.size(), 200u);
    EXPECT_FALSE(holds_placeholder(mail.subject));
    EXPECT_FALSE(holds_placeholder(mail.text));
    EXPECT_FALSE(contains(mail.subject, "\n"));
  }
}

TEST_P(MailsIn, every_text_of_the_table_is_some_kinds_text) {
  for (int row = 0; row <= static_cast<int>(MailText::revalidation_announced); ++row) {
    const auto subject = wording(static_cast<MailText>(row), GetParam()).subject;
    const bool used = std::ranges::any_of(kinds(), [&](const Kind& kind) {
      return kind.render(GetParam()).subject.starts_with(subject.substr(0, subject.find('{')));
    });
    EXPECT_TRUE(used) << subject;
  }
}

TEST_P(MailsIn, no_mail_holds_a_link) {
  for (const auto& kind : kinds()) {
    const auto text = kind.render(GetParam()).text;
    for (const auto* link : {"http", "www.", "://", "gc.ca/", "<a"})
      EXPECT_FALSE(contains(text, link)) << kind.name << ": " << link;
  }
}

TEST_P(MailsIn, only_mails_with_codes_and_to_strangers_are_in_both_languages_and_begin_with_the_readers) {
  for (const auto& kind : kinds()) {
    SCOPED_TRACE(kind.name);
    const auto mail = kind.render(GetParam());
    const auto english = mail.text.find("Hello,");
    const auto french = mail.text.find("Bonjour,");
    EXPECT_EQ(mail.bilingual, kind.is_bilingual);
    const bool english_first = GetParam() == Language::en;
    EXPECT_EQ(english != std::string::npos, kind.is_bilingual || english_first);
    EXPECT_EQ(french != std::string::npos, kind.is_bilingual || !english_first);
    if (kind.is_bilingual) {
      EXPECT_EQ(english < french, english_first);
    }
  }
}

TEST_P(MailsIn, a_code_is_grouped_in_the_text_and_never_in_the_subject) {
  for (const auto& kind : kinds()) {
    SCOPED_TRACE(kind.name);
    const auto mail = kind.render(GetParam());
    if (kind.has_code()) {
      EXPECT_TRUE(contains(mail.text, "\n" + kind.code + "\n"));
      std::string whole = kind.code;
      std::erase_if(whole, [](char c) { return c == ' ' || c == '-'; });
      EXPECT_FALSE(contains(mail.text, whole));
    }
    for (const auto* secret : {"123456", "123 456", "123", "7K4QX", "9M2TB"})
      EXPECT_FALSE(contains(mail.subject, secret));
  }
}

TEST_P(MailsIn, a_code_mail_states_its_purpose_its_end_and_that_no_staff_ask_for_it) {
  for (const auto& kind : kinds()) {
    if (!kind.has_code()) continue;
    SCOPED_TRACE(kind.name);
    const auto text = kind.render(GetParam()).text;
    for (const auto* part :
         {"MAPLE", "March 1, 2026, at 09:05 (Eastern time)",
          "1er mars 2026 à 9\u00a0h\u00a005 (heure de l'Est)", "We will never ask you for this code",
          "Nous ne vous demanderons jamais ce code"})
      EXPECT_TRUE(contains(text, part)) << part;
  }
}

TEST(Mails, a_one_time_code_names_its_purpose_in_both_languages) {
  const auto text = mails::render(mails::OneTimeCode{code, then, signing_in, "MAPLE"}, Language::fr).text;
  EXPECT_TRUE(contains(text, "Asked for: signing in\n"));
  EXPECT_TRUE(contains(text, "Objet de la demande\u00a0: ouverture de session\n"));
}

TEST(Mails, braces_in_a_companys_name_stay_unchanged) {
  const auto mail = mails::render(mails::LetterReturned{company}, Language::en);
  EXPECT_TRUE(contains(mail.text, "Company: Érablière {urn} du Nord inc.\n"));
}

TEST(Mails, a_role_is_named_in_the_readers_language) {
  const mails::MemberAdded mail{company, Role::administrative};
  EXPECT_TRUE(contains(mails::render(mail, Language::en).text, "Your role: administrative user\n"));
  EXPECT_TRUE(
      contains(mails::render(mail, Language::fr).text, "Votre rôle\u00a0: utilisateur-administrateur\n"));
}

TEST(Mails, a_remark_stands_in_a_paragraph_of_its_own_or_not_at_all) {
  const mails::MembershipChanged with{company, status, remark};
  const mails::MembershipChanged without{company, status, {}};
  EXPECT_TRUE(contains(
      mails::render(with, Language::en).text,
      "program: under review\n\nRemark from the program:\n\nPlease add the site plan.\nThank you.\n\n"));
  EXPECT_TRUE(
      contains(mails::render(without, Language::fr).text, "protection\u00a0: à l'étude\n\nLes détails"));
  EXPECT_FALSE(contains(mails::render(without, Language::en).text, "Remark"));
}

TEST(Mails, the_new_owner_and_the_old_one_read_different_texts) {
  using mails::OwnershipTransferred, mails::TransferReader;
  const auto to_new =
      mails::render(OwnershipTransferred{company, person, then, TransferReader::new_owner}, Language::en);
  const auto to_old = mails::render(
      OwnershipTransferred{company, person, then, TransferReader::previous_owner}, Language::en);
  EXPECT_TRUE(contains(to_new.subject, "You are now the owner"));
  EXPECT_TRUE(contains(to_old.subject, "You are no longer the owner"));
}

TEST(Dates, are_written_out_and_never_later_than_they_are) {
  EXPECT_EQ(written_date(at("2026-03-01T23:59:59.999Z"), Language::en), "March 1, 2026");
  EXPECT_EQ(written_date(at("2026-03-01T23:59:59.999Z"), Language::fr), "1er mars 2026");
  EXPECT_EQ(written_date(at("2028-02-29T05:00:00.000Z"), Language::fr), "29 février 2028");
  EXPECT_EQ(written_date(at("2026-12-01T01:30:00.000Z"), Language::en), "November 30, 2026");
  EXPECT_EQ(written_moment(at("2026-12-31T05:00:59.999Z"), Language::en),
            "December 31, 2026, at 00:00 (Eastern time)");
  EXPECT_EQ(written_moment(at("2026-12-31T04:59:59.999Z"), Language::en),
            "December 30, 2026, at 23:59 (Eastern time)");
  EXPECT_EQ(written_moment(at("2026-08-11T09:05:59.000Z"), Language::fr),
            "11 août 2026 à 5\u00a0h\u00a005 (heure de l'Est)");
}

TEST(TextsDeathTest, a_placeholder_without_a_value_ends_the_program) {
  EXPECT_DEATH(fill("{nobody_fills_this}", {{"other", "x"}}), "placeholder");
}

}  // namespace
}  // namespace ttp::delivery::tests
