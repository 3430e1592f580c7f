// Bounces as relays send them, and what must not be taken for one.
#include "carriers/delivery_report.hpp"

#include <string>

#include <gtest/gtest.h>

namespace ttp::carriers::tests {
namespace {

/// As exim4 4.96 sends it.
std::string report(const std::string& recipients, const std::string& type = "message/delivery-status") {
  return "Return-path: <>\r\nReceived: from x\r\n\tby y\r\nAuto-Submitted: auto-replied\r\n"
         "Content-Type: multipart/report; report-type=delivery-status;\r\n boundary=1796-eximdsn-37\r\n"
         "MIME-Version: 1.0\r\nSubject: Mail delivery failed\r\n\r\n--1796-eximdsn-37\r\n"
         "Content-type: text/plain; charset=us-ascii\r\n\r\nAction: failed\r\nStatus: 5.9.9\r\n"
         "--1796-eximdsn-37\r\nContent-type: " +
         type + "\r\n\r\nReporting-MTA: dns; relay.example\r\n\r\n" + recipients +
         "\r\n--1796-eximdsn-37\r\nContent-type: message/rfc822\r\n\r\nSubject: x\r\n\r\nhello\r\n"
         "--1796-eximdsn-37--\r\n";
}
const std::string failed = "Action: failed\r\nFinal-Recipient: rfc822;a@b.c\r\nStatus: 5.0.0\r\n";

TEST(DeliveryReport, of_a_lasting_failure) {
  const auto read = read_delivery_report(report(failed));
  ASSERT_TRUE(read);
  EXPECT_TRUE(read->is_lasting);
  EXPECT_EQ(read->status, "5.0.0");
}

TEST(DeliveryReport, of_a_failure_that_may_pass) {
  for (const auto* text :
       {"Action: delayed\r\nStatus: 4.4.1\r\n", "Action: failed\r\nStatus: 4.4.7 (timed out)\r\n",
        "action: DELAYED (soon)\r\nSTATUS: 4.2.2\r\n"}) {
    const auto read = read_delivery_report(report(text));
    ASSERT_TRUE(read) << text;
    EXPECT_FALSE(read->is_lasting);
  }
}

TEST(DeliveryReport, is_read_with_line_feeds_and_a_quoted_boundary) {
  std::string text = report(failed);
  std::erase(text, '\r');
  text.replace(text.find("boundary=1796-eximdsn-37"), 24, "boundary=\"1796-eximdsn-37\"");
  EXPECT_TRUE(read_delivery_report(text));
}

TEST(DeliveryReport, is_not_what_reports_no_failure) {
  for (const auto* text :
       {"Action: delivered\r\nStatus: 2.0.0\r\n", "Action: relayed\r\nStatus: 2.0.0\r\n",
        "Action: failed\r\n", "Status: 5.1.1\r\n", "Action: failed\r\nStatus: 2.0.0\r\n",
        "Action: failed\r\nStatus: 5.1\r\n", "Action: failed\r\nStatus: 5.1.1.1\r\n",
        "Action: failed\r\nStatus: 5.1.x\r\n", "Action: failed\r\nAction: failed\r\nStatus: 5.1.1\r\n", ""})
    EXPECT_FALSE(read_delivery_report(report(text))) << text;
  EXPECT_FALSE(read_delivery_report(report(failed + "\r\n" + failed))) << "two recipients";
  EXPECT_FALSE(read_delivery_report(report(failed, "text/plain")));
  EXPECT_FALSE(
      read_delivery_report("Subject: I am on vacation\r\nAuto-Submitted: auto-replied\r\n\r\n" + failed));
  EXPECT_FALSE(read_delivery_report(""));
}

TEST(DeliveryReport, is_not_looked_for_within_other_parts) {
  std::string nested = report(failed);
  for (int i = 0; i < 50; ++i)
    nested = "Content-Type: multipart/mixed; boundary=b" + std::to_string(i) + "\r\n\r\n--b" +
             std::to_string(i) + "\r\n" + nested + "\r\n--b" + std::to_string(i) + "--\r\n";
  EXPECT_FALSE(read_delivery_report(nested));
}

TEST(DeliveryReport, is_not_what_is_too_large_or_cut_off) {
  const std::string whole = report(failed);
  EXPECT_FALSE(read_delivery_report(whole + std::string(delivery_report_bytes_max, 'x')));
  for (std::size_t cut = 0; cut + 100 < whole.size(); ++cut) read_delivery_report(whole.substr(0, cut));
  EXPECT_FALSE(read_delivery_report(std::string(delivery_report_bytes_max, '\n')));
  EXPECT_FALSE(read_delivery_report(std::string(delivery_report_bytes_max, ':')));
}

}  // namespace
}  // namespace ttp::carriers::tests
