// The wire format of a mail: the shapes of RFC 5322, parsing, and attempts at header injection.
#include "delivery/mail.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "delivery/support.hpp"

namespace ttp::delivery::tests {
namespace {

using domain::EmailAddress;
using domain::Language;

Mail a_mail() {
  return {mail_key(42, 0),
          at("2026-03-09T14:05:09.123Z"),
          value<EmailAddress>("marie@example.com"),
          "Marie-Ève Tremblay",
          Language::fr,
          "Votre numéro de référence d'utilisateur",
          "Bonjour,\n\nÀ bientôt.\n"};
}

std::vector<std::string> lines_of(std::string_view eml) {
  std::vector<std::string> lines;
  while (!eml.empty()) {
    const auto end = eml.find("\r\n");
    lines.emplace_back(eml.substr(0, end));
    eml.remove_prefix(end == eml.npos ? eml.size() : end + 2);
  }
  return lines;
}

/// The names of the header fields, in order, folded lines left out.
std::vector<std::string> header_names(std::string_view eml) {
  std::vector<std::string> names;
  for (const auto& line : lines_of(eml.substr(0, eml.find("\r\n\r\n"))))
    if (!line.starts_with(' ')) names.push_back(line.substr(0, line.find(':')));
  return names;
}

const std::vector<std::string> expected_names{
    "Date",          "From",         "To",           "Message-ID",
    "Subject",       "MIME-Version", "Content-Type", "Content-Language",
    "Auto-Submitted"};

void expect_well_formed(const std::string& eml) {
  EXPECT_EQ(header_names(eml), expected_names);
  EXPECT_TRUE(eml.ends_with("\r\n"));
  for (const auto& line : lines_of(eml)) {
    EXPECT_LE(line.size(), 76u) << line;
    EXPECT_EQ(line.find_first_of("\r\n"), std::string::npos) << "a bare CR or LF in: " << line;
    EXPECT_TRUE(std::ranges::all_of(line, [](unsigned char c) {
      return (c >= ' ' && c < 0x7f) || c == '\t';
    })) << line;
    EXPECT_FALSE(line.ends_with(' ')) << line;
  }
}

TEST(Eml, is_this_message_byte_for_byte) {
  EXPECT_EQ(to_eml(a_mail(), {"ttp.example"}),
            "Date: Mon, 09 Mar 2026 14:05:09 +0000\r\n"
            "From: =?UTF-8?Q?Portail_des_n=C3=A9gociants_dignes_de_confiance?=\r\n"
            " <no-reply@ttp.example>\r\n"
            "To: =?UTF-8?Q?Marie=2D=C3=88ve_Tremblay?=\r\n"
            " <marie@example.com>\r\n"
            "Message-ID: <00000000000000000042-0@ttp.example>\r\n"
            "Subject: =?UTF-8?Q?Votre_num=C3=A9ro_de_r=C3=A9f=C3=A9rence_d=27utilisateu?=\r\n"
            " =?UTF-8?Q?r?=\r\n"
            "MIME-Version: 1.0\r\n"
            "Content-Type: multipart/alternative; boundary=\"=_alternative\"\r\n"
            "Content-Language: fr\r\n"
            "Auto-Submitted: auto-generated\r\n"
            "\r\n"
            "--=_alternative\r\n"
            "Content-Type: text/plain; charset=utf-8\r\n"
            "Content-Transfer-Encoding: quoted-printable\r\n"
            "\r\n"
            "Bonjour,\r\n"
            "\r\n"
            "=C3=80 bient=C3=B4t.\r\n"
            "--=_alternative\r\n"
            "Content-Type: text/html; charset=utf-8\r\n"
            "Content-Transfer-Encoding: quoted-printable\r\n"
            "\r\n"
            "<!DOCTYPE html>\r\n"
            "<html lang=3D\"fr\" dir=3D\"ltr\">\r\n"
            "<head>\r\n"
            "<meta charset=3D\"utf-8\">\r\n"
            "<meta name=3D\"viewport\" content=3D\"width=3Ddevice-width, initial-scale=3D1\"=\r\n"
            ">\r\n"
            "<title>Votre num=C3=A9ro de r=C3=A9f=C3=A9rence d'utilisateur</title>\r\n"
            "</head>\r\n"
            "<body style=3D\"margin:0;padding:1em;font:1em/1.5 sans-serif;color:#1b1b1b;b=\r\n"
            "ackground:#ffffff\">\r\n"
            "<main style=3D\"max-width:38em;margin:0 auto\">\r\n"
            "<section lang=3D\"fr\">\r\n"
            "<p>Bonjour,</p>\r\n"
            "<p>=C3=80 bient=C3=B4t.</p>\r\n"
            "</section>\r\n"
            "</main>\r\n"
            "</body>\r\n"
            "</html>\r\n"
            "--=_alternative--\r\n");
}

TEST(Eml, of_equal_mails_are_equal) {
  EXPECT_EQ(to_eml(a_mail(), {"ttp.example"}), to_eml(a_mail(), {"ttp.example"}));
}

TEST(Eml, reads_back_as_it_was_written) {
  auto mail = a_mail();
  mail.subject = "Ünïcode très long: " + std::string(70, 'x') + " = ? _ é\U0001F680 fin";
  mail.text = "a = b, trailing blank \n.\nFrom here\n_under_\n" + std::string(300, 'y') + "é" +
              std::string(80, 'z') + "\n";
  const auto eml = to_eml(mail, {"ttp.example"});
  expect_well_formed(eml);
  const auto read = parse_eml(eml);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->to, "marie@example.com");
  EXPECT_EQ(read->subject, mail.subject);
  EXPECT_EQ(read->text, mail.text);
  EXPECT_EQ(read->date, at("2026-03-09T14:05:09.000Z"));
  EXPECT_EQ(read->language, "fr");
}

TEST(Eml, names_both_languages_of_a_bilingual_mail_the_readers_first) {
  auto mail = a_mail();
  mail.bilingual = true;
  EXPECT_EQ(parse_eml(to_eml(mail, {"ttp.example"}))->language, "fr, en");
  mail.language = Language::en;
  EXPECT_EQ(parse_eml(to_eml(mail, {"ttp.example"}))->language, "en, fr");
}

TEST(Eml, takes_any_line_end_in_the_text_for_one) {
  auto mail = a_mail();
  mail.text = "one\r\ntwo\rthree\n\nfour";
  EXPECT_EQ(parse_eml(to_eml(mail, {"ttp.example"}))->text, "one\ntwo\nthree\n\nfour\n");
}

TEST(Eml, of_an_earlier_release_is_read) {
  const auto read = parse_eml(
      "Date: Mon, 09 Mar 2026 14:05:09 +0000\r\nTo: <a@b.c>\r\nSubject: x\r\n"
      "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n"
      "Content-Language: fr\r\n\r\n=C3=A0\r\n");
  ASSERT_TRUE(read);
  EXPECT_EQ(read->text, "à\n");
}

TEST(Eml, text_cannot_end_its_part) {
  auto mail = a_mail();
  mail.text = "one\n--=_alternative--\n--=_alternative\nContent-Type: text/html\n\n<b>two\n";
  EXPECT_EQ(parse_eml(to_eml(mail, {"ttp.example"}))->text, mail.text);
}

TEST(Eml, stays_well_formed_with_the_longest_and_oddest_names) {
  std::string accents;
  for (int i = 0; i < 160; ++i) accents += "é";
  for (const auto& name :
       {std::string(160, 'W'), accents, std::string(80, '"'), std::string{"\xff\xfe broken"},
        std::string{"=?UTF-8?Q?x?="}, std::string{"a, <b@c>; \"d\" (e)"}, std::string{}}) {
    auto mail = a_mail();
    mail.to_name = name;
    mail.subject = name;
    mail.text = name;
    SCOPED_TRACE(name);
    const auto eml = to_eml(mail, {"ttp.example"});
    EXPECT_EQ(parse_eml(eml)->to, "marie@example.com");
    if (!name.empty()) expect_well_formed(eml);
  }
}

TEST(Eml, has_no_header_that_a_subject_or_a_name_brings_along) {
  for (const auto* attack : {"x\r\nBcc: all@example.com", "x\nBcc: all@example.com",
                             "x\rBcc: all@example.com", "x\r\n\r\nBody", "x\n\tBcc: all@example.com",
                             "x\xc2\x85"
                             "Bcc: a@b.c",
                             "x\xe2\x80\xa8"
                             "Bcc: a@b.c",
                             "\x0b\x0c"
                             "Bcc: a@b.c"}) {
    auto mail = a_mail();
    mail.subject = attack;
    mail.to_name = attack;
    const auto eml = to_eml(mail, {"ttp.example"});
    expect_well_formed(eml);
    EXPECT_EQ(parse_eml(eml)->subject.find_first_of("\r\n\t\v\f"), std::string::npos);
    EXPECT_FALSE(contains(parse_eml(eml)->subject, "\u2028"));
  }
}

TEST(Eml, text_can_not_begin_a_second_header) {
  auto mail = a_mail();
  mail.text = std::string{"Bcc: all@example.com\r\n\r\n.\r\nQUIT\x01\x00", 33};
  const auto eml = to_eml(mail, {"ttp.example"});
  expect_well_formed(eml);
  EXPECT_FALSE(contains(eml, "\r\n.\r\n"));
}

TEST(Eml, is_refused_for_an_address_that_ends_its_line_or_its_brackets) {
  for (const auto& address :
       {"a@b.c\r\nBcc: d@e.f", "a@b.c\nX: y", "a@b.c> <d@e.f", "a@b.c, d@e.f", "a@b.c;d@e.f", "a b@c.d",
        "a@b@c.d", "@b.c", "a@", "", "\"a\"@b.c", "a@b.c\xc2\x85X", "a@b.c\xff"}) {
    auto mail = a_mail();
    mail.to = value<EmailAddress>(address);
    EXPECT_THROW(to_eml(mail, {"ttp.example"}), MailFault) << address;
  }
}

TEST(Eml, is_refused_for_a_key_or_a_domain_that_a_header_can_not_carry) {
  for (const auto* key : {"", "../x", "a b", "a\r\nX: y", ".hidden", "a/b", "a@b", "é"}) {
    auto mail = a_mail();
    mail.message_key = key;
    EXPECT_THROW(to_eml(mail, {"ttp.example"}), MailFault) << key;
  }
  for (const auto* domain : {"", "a\r\nX: y", "a b", "a@b", ".a", "a."})
    EXPECT_THROW(to_eml(a_mail(), {domain}), MailFault) << domain;
}

TEST(Eml, has_another_message_id_than_its_key_if_the_mail_says_so) {
  auto mail = a_mail();
  mail.message_id = "another";
  EXPECT_TRUE(contains(to_eml(mail, {"ttp.example"}), "Message-ID: <another@ttp.example>\r\n"));
  mail.message_id = "a\r\nX: y";
  EXPECT_THROW(to_eml(mail, {"ttp.example"}), MailFault);
}

TEST(Eml, names_the_address_for_answers_if_somebody_reads_them) {
  EXPECT_TRUE(contains(to_eml(a_mail(), {"ttp.example", "desk@ttp.example"}),
                       "\r\nReply-To: <desk@ttp.example>\r\n"));
  EXPECT_FALSE(contains(to_eml(a_mail(), {"ttp.example"}), "Reply-To"));
  EXPECT_THROW(to_eml(a_mail(), {"ttp.example", "desk@ttp.example\r\nBcc: a@b.c"}), MailFault);
}

TEST(Eml, faults_do_not_contain_the_value_at_fault) {
  auto mail = a_mail();
  mail.to = value<EmailAddress>("secret person@example.com");
  try {
    to_eml(mail, {"ttp.example"});
    FAIL() << "not refused";
  } catch (const MailFault& fault) {
    EXPECT_FALSE(contains(fault.what(), "secret"));
  }
}

TEST(Eml, of_other_making_is_not_read) {
  for (const auto* bytes :
       {"", "hello", "\n\n", "Subject: x\r\n\r\ny", "Date: yesterday\r\nTo: <a@b.c>\r\n\r\n"})
    EXPECT_FALSE(parse_eml(bytes)) << bytes;
  const auto eml = to_eml(a_mail(), {"ttp.example"});
  for (std::size_t cut = 0; cut < eml.size(); ++cut) parse_eml(eml.substr(0, cut));
}

TEST(MailKey, sorts_by_position) {
  EXPECT_EQ(mail_key(7, 3), "00000000000000000007-3");
  EXPECT_EQ(mail_key(18446744073709551615u, 0), "18446744073709551615-0");
  EXPECT_TRUE(is_message_key(mail_key(18446744073709551615u, 4294967295u)));
  const std::string name = "01938c2e-7b1a-7c3d-8e4f-5a6b7c8d9e0f";
  EXPECT_TRUE(is_message_key(mailbox_mail_key(7, name)));
  EXPECT_GT(mailbox_mail_key(7, name), mail_key(7, 4294967295u));
  EXPECT_LT(mailbox_mail_key(7, name), mail_key(8, 0));
}

}  // namespace
}  // namespace ttp::delivery::tests
