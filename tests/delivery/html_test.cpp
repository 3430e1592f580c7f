// The HTML form of a mail: languages, codes, lists, and nothing that a name or a text could bring along.
#include "delivery/html.hpp"

#include <string>

#include <gtest/gtest.h>

#include "delivery/mails.hpp"
#include "delivery/support.hpp"

namespace ttp::delivery::tests {
namespace {

Mail mail_with(std::string text) {
  Mail mail;
  mail.subject = "A subject";
  mail.text = std::move(text);
  return mail;
}

TEST(Html, says_which_half_is_in_which_language) {
  const mails::OneTimeCode content{value<domain::OneTimeCode>("123456"),
                                   at("2026-03-09T14:05:09.000Z"),
                                   {"signing in", "connexion"},
                                   "BAKO"};
  const auto rendered = render(content, Language::fr);
  Mail mail = mail_with(rendered.text);
  mail.language = Language::fr;
  mail.bilingual = true;
  const auto html = to_html(mail);
  EXPECT_TRUE(contains(html, "<html lang=\"fr\""));
  EXPECT_TRUE(contains(html, "<p lang=\"en\">(English follows.)</p>"));
  const auto french = html.find("<section lang=\"fr\">"), english = html.find("<section lang=\"en\">");
  EXPECT_LT(french, english);
  EXPECT_NE(english, std::string::npos);
  EXPECT_LT(html.find("Bonjour,"), english);
  EXPECT_GT(html.find("Hello,"), english);
}

TEST(Html, shows_a_code_character_by_character) {
  EXPECT_TRUE(contains(to_html(mail_with("Your code:\n\n123 456\n")), ">1 2 3 &nbsp; 4 5 6</p>"));
  EXPECT_TRUE(contains(to_html(mail_with("7K4QX-9M2TB\n")), ">7 K 4 Q X - 9 M 2 T B</p>"));
  EXPECT_TRUE(contains(to_html(mail_with("Call 123 456\n")), "<p>Call 123 456</p>"));
}

TEST(Html, makes_a_list_of_lines_that_begin_with_a_dash) {
  EXPECT_TRUE(contains(to_html(mail_with("To do:\n- one;\n- two.\n\nEnd.\n")),
                       "<p>To do:</p>\n<ul>\n<li>one;</li>\n<li>two.</li>\n</ul>\n<p>End.</p>"));
}

TEST(Html, keeps_the_lines_of_a_paragraph) {
  EXPECT_TRUE(contains(to_html(mail_with("Name: A\nNumber: 1\n")), "<p>Name: A<br>\nNumber: 1</p>"));
}

TEST(Html, escapes_everything) {
  Mail mail = mail_with("<img src=\"x\"> & \x01\x7f</section>\n");
  mail.subject = "</title><script>";
  const auto html = to_html(mail);
  EXPECT_TRUE(contains(html, "&lt;img src=&quot;x&quot;&gt; &amp; &lt;/section&gt;"));
  EXPECT_TRUE(contains(html, "<title>&lt;/title&gt;&lt;script&gt;</title>"));
}

TEST(Html, loads_nothing_and_links_to_nothing) {
  const auto html = to_html(mail_with("See https://example.org\n"));
  for (const auto* tag : {"<a ", "<img", "<link", "<script", "url(", "<style", "src="})
    EXPECT_FALSE(contains(html, tag)) << tag;
}

}  // namespace
}  // namespace ttp::delivery::tests
