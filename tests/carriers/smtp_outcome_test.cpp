// The meaning of an SMTP conversation, row by row. tests/system/mail_relay_test.py plays the same with
// sockets.
#include "carriers/smtp_outcome.hpp"

#include <string>
#include <vector>

#include <curl/curl.h>
#include <gtest/gtest.h>

#include "carriers/breaker.hpp"
#include "carriers/relay.hpp"

namespace ttp::carriers::tests {
namespace {

using delivery::About;
using delivery::Delivery;
using enum SmtpPhase;

struct Row {
  int result;
  int reply;
  SmtpPhase phase;
  bool all_read;
  std::string line;
  Delivery verdict;
  About about;
};

TEST(SmtpOutcome, is_this_table) {
  const std::vector<Row> rows{
      {CURLE_OK, 250, data, true, "250 OK id=1xX", Delivery::delivered, About::mail},
      {CURLE_WEIRD_SERVER_REPLY, 554, connect, false, "554 no", Delivery::try_later, About::carrier},
      {CURLE_WEIRD_SERVER_REPLY, 421, connect, false, "421 later", Delivery::try_later, About::carrier},
      {CURLE_OPERATION_TIMEDOUT, 0, connect, false, "", Delivery::try_later, About::carrier},
      {CURLE_RECV_ERROR, 0, connect, false, "", Delivery::try_later, About::carrier},
      {CURLE_COULDNT_CONNECT, 0, connect, false, "", Delivery::try_later, About::carrier},
      {CURLE_COULDNT_RESOLVE_HOST, 0, connect, false, "", Delivery::try_later, About::carrier},
      {CURLE_USE_SSL_FAILED, 250, greeting, false, "250 ok", Delivery::misconfigured, About::carrier},
      {CURLE_SSL_CONNECT_ERROR, 220, starttls, false, "220 go", Delivery::misconfigured, About::carrier},
      {CURLE_PEER_FAILED_VERIFICATION, 220, starttls, false, "", Delivery::misconfigured, About::carrier},
      {CURLE_LOGIN_DENIED, 535, auth, false, "535 no", Delivery::misconfigured, About::carrier},
      {CURLE_SEND_ERROR, 421, mail, false, "421 no", Delivery::try_later, About::carrier},
      {CURLE_SEND_ERROR, 451, mail, false, "451 no", Delivery::try_later, About::carrier},
      {CURLE_SEND_ERROR, 530, mail, false, "530 no", Delivery::misconfigured, About::carrier},
      {CURLE_SEND_ERROR, 550, mail, false, "550 no", Delivery::misconfigured, About::carrier},
      {CURLE_SEND_ERROR, 450, rcpt, false, "450 busy", Delivery::try_later, About::reader},
      {CURLE_SEND_ERROR, 421, rcpt, false, "421 closing", Delivery::try_later, About::carrier},
      {CURLE_SEND_ERROR, 550, rcpt, false, "550 5.1.1 no", Delivery::refused, About::reader},
      {CURLE_SEND_ERROR, 552, rcpt, false, "552 5.2.2 full", Delivery::try_later, About::reader},
      {CURLE_SEND_ERROR, 552, rcpt, false, "552 no", Delivery::refused, About::reader},
      {CURLE_SEND_ERROR, 553, rcpt, false, "553 no", Delivery::refused, About::reader},
      {CURLE_SEND_ERROR, 550, rcpt, false, "550 relay not permitted", Delivery::misconfigured,
       About::carrier},
      {CURLE_SEND_ERROR, 530, rcpt, false, "530 log in", Delivery::misconfigured, About::carrier},
      {CURLE_SEND_ERROR, 451, data, false, "451 no", Delivery::try_later, About::mail},
      {CURLE_SEND_ERROR, 554, data, false, "554 no", Delivery::refused, About::mail},
      {CURLE_WEIRD_SERVER_REPLY, 451, data, true, "451 no", Delivery::try_later, About::mail},
      {CURLE_WEIRD_SERVER_REPLY, 554, data, true, "554 spam", Delivery::refused, About::mail},
      {CURLE_RECV_ERROR, 354, data, false, "354 go", Delivery::try_later, About::carrier},
      {CURLE_RECV_ERROR, 354, data, true, "354 go", Delivery::unknown, About::carrier},
      {CURLE_OPERATION_TIMEDOUT, 354, data, true, "354 go", Delivery::unknown, About::carrier},
      {CURLE_WEIRD_SERVER_REPLY, 0, data, true, "", Delivery::unknown, About::carrier},
      {CURLE_ABORTED_BY_CALLBACK, 354, data, true, "", Delivery::unknown, About::carrier},
      {CURLE_ABORTED_BY_CALLBACK, 250, rcpt, false, "", Delivery::try_later, About::carrier},
  };
  for (const Row& row : rows) {
    const SmtpConversation talk{.result = row.result,
                                .reply = row.reply,
                                .phase = row.phase,
                                .all_read = row.all_read,
                                .lines = {"220 hello", row.line, "221 bye"},
                                .fault = "fault"};
    const auto told = outcome_of(talk, "a@b.example");
    EXPECT_EQ(told.verdict, row.verdict) << row.result << " " << row.reply << " " << row.line;
    EXPECT_EQ(told.about, row.about) << row.result << " " << row.reply << " " << row.line;
  }
}

TEST(SmtpOutcome, keeps_the_status_and_the_words_but_no_address) {
  SmtpConversation talk{.result = CURLE_SEND_ERROR,
                        .reply = 550,
                        .phase = rcpt,
                        .lines = {"250 ok", "550 5.1.1 <Marie@b.example>: marie is\x07 unknown", "221 bye"}};
  const auto told = outcome_of(talk, "marie@b.example");
  EXPECT_EQ(told.reply, 550);
  EXPECT_EQ(told.status, "5.1.1");
  EXPECT_EQ(told.words, "550 5.1.1 (address) (address) is? unknown");
  talk.lines = {"550 5.1.1.1 x"};
  EXPECT_EQ(outcome_of(talk, "").status, "");
  talk.lines = {"550"};
  EXPECT_EQ(outcome_of(talk, "").status, "");
}

TEST(SmtpOutcome, of_a_relay_that_offers_no_login_is_about_the_settings) {
  const SmtpConversation talk{
      .result = CURLE_ABORTED_BY_CALLBACK, .reply = 250, .phase = mail, .offered_no_login = true};
  const auto told = outcome_of(talk, "a@b.example");
  EXPECT_EQ(told.verdict, Delivery::misconfigured);
  EXPECT_EQ(told.words, "the relay offers no log-in");
  EXPECT_EQ(told.reply, 0) << "the reply is about an earlier command";
}

TEST(SmtpOutcome, phase_looks_at_verbs_only) {
  EXPECT_EQ(phase_after("RCPT TO:<a@b>\r\n", mail), rcpt);
  EXPECT_EQ(phase_after("QUIT\r\n", rcpt), rcpt);
  EXPECT_EQ(phase_after("TUFJTA==\r\n", auth), auth);  // half of a password
  EXPECT_EQ(phase_after("MAILX\r\n", auth), auth);
}

TEST(RelayUrl, has_these_forms) {
  const auto url = parse_relay_url("smtp://mail.example.org:587/portal.example.org").value();
  EXPECT_EQ(url.host + " " + url.port + " " + url.ehlo_name, "mail.example.org 587 portal.example.org");
  EXPECT_TRUE(parse_relay_url("smtps://[::1]")->is_loopback());
  EXPECT_FALSE(parse_relay_url("smtp://127.example.org")->is_loopback());
  for (const auto* text :
       {"", "mail.example.org", "http://mail.example.org", "smtp://", "smtp://post:secret@mail.example.org",
        "smtp://mail.example.org:0", "smtp://mail.example.org:65536", "smtp://mail.example.org:x",
        "smtp://mail.example.org/a b", "smtp://mail.example.org/a\r\nb", "smtp://a b"})
    EXPECT_FALSE(parse_relay_url(text)) << text;
}

TEST(Breaker, opens_after_three_failures_and_lets_one_try_after_a_pause) {
  Breaker breaker;
  const Breaker::Clock::time_point now{};
  breaker.failed(now);
  breaker.failed(now);
  EXPECT_TRUE(breaker.lets_through(now));
  breaker.failed(now);
  EXPECT_TRUE(breaker.is_open());
  EXPECT_FALSE(breaker.lets_through(now + std::chrono::seconds{4}));
  EXPECT_TRUE(breaker.lets_through(now + std::chrono::seconds{5}));
  EXPECT_FALSE(breaker.lets_through(now + std::chrono::seconds{5})) << "another one, meanwhile";
  breaker.failed(now + std::chrono::seconds{5});
  EXPECT_FALSE(breaker.lets_through(now + std::chrono::seconds{14}));
  EXPECT_TRUE(breaker.lets_through(now + std::chrono::seconds{15}));
  breaker.succeeded();
  EXPECT_FALSE(breaker.is_open());
  EXPECT_TRUE(breaker.lets_through(now + std::chrono::seconds{15}));
  EXPECT_EQ(breaker.opened(), 1u);
}

}  // namespace
}  // namespace ttp::carriers::tests
