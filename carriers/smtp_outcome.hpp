// The meaning of an SMTP conversation for its mail. libcurl tells the result and the last reply; the phase is
// the last command that was sent. The table was made with a scripted relay and libcurl 7.88.1
// (tests/system/mail_relay_test.py plays it again).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "delivery/mail.hpp"

namespace ttp::carriers {

enum class SmtpPhase : std::uint8_t { connect, greeting, starttls, auth, mail, rcpt, data };

struct SmtpConversation {
  int result = 0;  ///< CURLcode
  int reply = 0;   ///< the last reply code; 0: none
  SmtpPhase phase = SmtpPhase::connect;
  bool offered_no_login = false;     ///< although a log-in is configured; the conversation was ended for it
  bool all_read = false;             ///< libcurl has taken all bytes of the mail, so the last dot may be out
  std::vector<std::string> lines{};  ///< the relay's lines, the latest last
  std::string fault{};               ///< libcurl's own words about a failure
};

/// The phase that a line of the client begins; `before` if it begins none. A line can be half of a password,
/// so nothing but its verb is looked at.
SmtpPhase phase_after(std::string_view line, SmtpPhase before);

/// The verdict; `recipient` is the address that must not appear in the words.
delivery::HandOver outcome_of(const SmtpConversation& conversation, std::string_view recipient);

}  // namespace ttp::carriers
