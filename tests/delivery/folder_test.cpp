// The folders: a file appears whole and once, readable only for this user; leftovers of a crash are removed
// at the next start.
#include "delivery/folder.hpp"

#include <string>
#include <system_error>
#include <vector>

#include <gtest/gtest.h>

#include "delivery/support.hpp"

namespace ttp::delivery::tests {
namespace {

namespace fs = std::filesystem;

Mail mail_with(std::string key, std::string text = "Hello,\n") {
  return {
      std::move(key),       at("2026-03-09T14:05:09.000Z"), value<domain::EmailAddress>("marie@example.com"),
      "Marie-Ève Tremblay", domain::Language::en,           "Your user reference number é",
      std::move(text)};
}

std::vector<std::string> keys_of(const std::vector<MailEntry>& entries) {
  std::vector<std::string> keys;
  for (const auto& entry : entries) keys.push_back(entry.key);
  return keys;
}

std::size_t files_in(const fs::path& folder) {
  return static_cast<std::size_t>(std::distance(fs::directory_iterator{folder}, {}));
}

domain::LetterId letter(char last) {
  return {*domain::parse_uuid(std::string{"01890a5d-ac96-774b-bcce-b302099a805"} + last)};
}

TEST(MailFolder, holds_each_delivered_mail_in_a_file_named_by_its_key) {
  const TemporaryFolder temporary;
  MailFolder folder{temporary.path() / "mails", {"ttp.example"}};
  EXPECT_EQ(folder.deliver(mail_with(mail_key(42, 1))), Delivery::delivered);
  EXPECT_EQ(read_file(temporary.path() / "mails" / "00000000000000000042-1.eml"),
            to_eml(mail_with(mail_key(42, 1)), {"ttp.example"}));
  EXPECT_EQ(folder.read("00000000000000000042-1"), to_eml(mail_with(mail_key(42, 1)), {"ttp.example"}));
}

TEST(MailFolder, holds_a_mail_delivered_twice_once) {
  const TemporaryFolder temporary;
  MailFolder folder{temporary.path(), {"ttp.example"}};
  folder.deliver(mail_with(mail_key(1, 0), "first\n"));
  folder.deliver(mail_with(mail_key(1, 0), "again\n"));
  EXPECT_EQ(files_in(temporary.path()), 1u);
  EXPECT_EQ(parse_eml(folder.read(mail_key(1, 0)).value())->text, "again\n");
}

TEST(MailFolder, is_for_its_user_only) {
  const TemporaryFolder temporary;
  MailFolder folder{temporary.path() / "deep" / "mails", {"ttp.example"}};
  folder.deliver(mail_with(mail_key(1, 0)));
  const auto mails = temporary.path() / "deep" / "mails";
  EXPECT_EQ(fs::status(mails).permissions(), fs::perms::owner_all);
  EXPECT_EQ(fs::status(mails / "00000000000000000001-0.eml").permissions(),
            fs::perms::owner_read | fs::perms::owner_write);
}

TEST(MailFolder, lists_by_position_and_index_as_numbers_in_pages) {
  const TemporaryFolder temporary;
  MailFolder folder{temporary.path(), {"ttp.example"}};
  const std::vector<std::string> in_order{mail_key(2, 0), mail_key(2, 9), mail_key(2, 10),
                                          mailbox_mail_key(2, "018f"), mail_key(10, 0)};
  for (const auto index : {4u, 2u, 0u, 3u, 1u}) folder.deliver(mail_with(in_order[index]));
  EXPECT_EQ(keys_of(folder.list("", 100)), in_order);
  EXPECT_EQ(keys_of(folder.list("", 2)), (std::vector{in_order[0], in_order[1]}));
  EXPECT_EQ(keys_of(folder.list(in_order[1], 2)), (std::vector{in_order[2], in_order[3]}));
  EXPECT_TRUE(folder.list(in_order[4], 2).empty());
}

TEST(MailFolder, shows_to_whom_about_what_and_when) {
  const TemporaryFolder temporary;
  MailFolder folder{temporary.path(), {"ttp.example"}};
  folder.deliver(mail_with(mail_key(1, 0)));
  const auto entry = folder.list("", 1).at(0);
  EXPECT_EQ(entry.to, "marie@example.com");
  EXPECT_EQ(entry.subject, "Your user reference number é");
  EXPECT_EQ(entry.date, at("2026-03-09T14:05:09.000Z"));
}

TEST(MailFolder, removes_at_start_only_the_half_written_files_of_a_crash) {
  const TemporaryFolder temporary;
  write_file(temporary.path() / ".half-77-0", "half a ma");
  write_file(temporary.path() / "note.txt", "not ours");
  {
    MailFolder{temporary.path(), {"ttp.example"}}.deliver(mail_with(mail_key(1, 0)));
  }
  const MailFolder folder{temporary.path(), {"ttp.example"}};
  EXPECT_FALSE(fs::exists(temporary.path() / ".half-77-0"));
  EXPECT_TRUE(fs::exists(temporary.path() / "note.txt"));
  EXPECT_EQ(folder.list("", 10).size(), 1u);
}

TEST(MailFolder, leaves_out_files_that_are_not_mails_of_ours) {
  const TemporaryFolder temporary;
  const MailFolder folder{temporary.path(), {"ttp.example"}};
  write_file(temporary.path() / "garbage.eml", "not a mail");
  write_file(temporary.path() / ".half-1-1.eml", "half");
  EXPECT_TRUE(folder.list("", 10).empty());
}

TEST(MailFolder, reads_nothing_outside_itself) {
  const TemporaryFolder temporary;
  write_file(temporary.path() / "outside.eml", "outside");
  const MailFolder folder{temporary.path() / "mails", {"ttp.example"}};
  fs::create_directory(temporary.path() / "mails" / "sub");
  write_file(temporary.path() / "mails" / "sub" / "inner.eml", "inner");
  fs::create_symlink(temporary.path() / "outside.eml", temporary.path() / "mails" / "link.eml");
  const auto absolute = (temporary.path() / "outside").native();
  for (const auto& key :
       {std::string{"../outside"}, std::string{"..%2foutside"}, std::string{"sub/inner"}, absolute,
        std::string{"link"}, std::string{"unknown"}, std::string{}, std::string{"."}, std::string{".."},
        std::string{"x\0y", 3}, std::string(5000, 'x')})
    EXPECT_FALSE(folder.read(key)) << key;
}

TEST(MailFolder, refuses_a_mail_that_no_wire_can_carry_and_writes_nothing) {
  const TemporaryFolder temporary;
  MailFolder folder{temporary.path(), {"ttp.example"}};
  auto mail = mail_with(mail_key(1, 0));
  mail.to = value<domain::EmailAddress>("a@b.c\r\nBcc: d@e.f");
  EXPECT_EQ(folder.deliver(mail), Delivery::refused);
  EXPECT_EQ(folder.deliver(mail_with("../../escape")), Delivery::refused);
  EXPECT_EQ(files_in(temporary.path()), 0u);
}

TEST(MailFolder, says_so_when_the_folder_is_gone) {
  const TemporaryFolder temporary;
  MailFolder folder{temporary.path() / "mails", {"ttp.example"}};
  fs::remove_all(temporary.path() / "mails");
  EXPECT_THROW(folder.deliver(mail_with(mail_key(1, 0))), std::system_error);
}

TEST(MailFolder, leaves_nothing_half_written_behind_when_a_delivery_fails) {
  const TemporaryFolder temporary;
  MailFolder folder{temporary.path(), {"ttp.example"}};
  // A folder has the name of the file, so that the rename fails.
  fs::create_directories(temporary.path() / "00000000000000000001-0.eml" / "x");
  EXPECT_THROW(folder.deliver(mail_with(mail_key(1, 0))), std::system_error);
  EXPECT_EQ(files_in(temporary.path()), 1u);
}

TEST(MailFolder, needs_a_domain_name_to_send_from) {
  const TemporaryFolder temporary;
  EXPECT_THROW((MailFolder{temporary.path(), {"not a domain"}}), MailFault);
}

TEST(LetterFolder, holds_each_letter_under_its_identifier_once) {
  const TemporaryFolder temporary;
  LetterFolder folder{temporary.path() / "letters"};
  folder.deliver(letter('1'), "%PDF-first");
  folder.deliver(letter('1'), "%PDF-again");
  EXPECT_EQ(read_file(temporary.path() / "letters" / "01890a5d-ac96-774b-bcce-b302099a8051.pdf"),
            "%PDF-again");
  EXPECT_EQ(folder.read(letter('1')), "%PDF-again");
  EXPECT_FALSE(folder.read(letter('2')));
}

TEST(LetterFolder, lists_the_oldest_first_in_pages) {
  const TemporaryFolder temporary;
  LetterFolder folder{temporary.path()};
  for (const char last : {'3', '1', '2'}) folder.deliver(letter(last), "%PDF-");
  write_file(temporary.path() / "note.pdf", "not a letter of ours");
  EXPECT_EQ(folder.list({}, 2), (std::vector{letter('1'), letter('2')}));
  EXPECT_EQ(folder.list(letter('2'), 2), (std::vector{letter('3')}));
}

}  // namespace
}  // namespace ttp::delivery::tests
