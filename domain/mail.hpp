// Mail that does not reach its reader: what carriers tell of it, and when a person counts as unreachable
// (SPEC 6). The rules are in mail.cpp.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>

#include "domain/enums.hpp"
#include "domain/ids.hpp"
#include "domain/time.hpp"

namespace ttp::domain {

/// This many failures that are not final, within this time, count as a final one (ours).
inline constexpr std::size_t passing_mail_failures_max = 3;
inline constexpr Duration passing_mail_failures_window = days{7};

enum class MailFate : std::uint8_t {
  refused,   ///< by the carrier
  given_up,  ///< no carrier took it in time
  bounced,   ///< by a later relay, after the carrier had taken it
};
template <>
inline constexpr std::array<Names, 3> enum_names<MailFate>{"refused", "given_up", "bounced"};

// ---- commands ---------------------------------------------------------------------------------------------

/// Issued by the service itself when it learns that a mail did not arrive.
struct RecordMailFate {
  UserId user;
  std::string mail_key;  ///< names the mail; holds no address
  MailFate fate{};
  bool is_lasting = false;        ///< the mailbox of the user's present address cannot be reached
  bool is_about_mailbox = false;  ///< of the present address; otherwise about the mail or another address
  std::string status;             ///< RFC 3463, such as "5.1.1"; empty: unknown
};
/// Service desk: sends a mail again.
struct ResendMail {
  UserId user;
  std::string mail_key;  ///< empty: the journal has no such mail
};

// ---- events -----------------------------------------------------------------------------------------------

struct MailNotDelivered {
  UserId user;
  std::string mail_key;
  MailFate fate{};
  bool is_lasting = false;
  bool is_about_mailbox = false;
  std::string status;
  Time at;
};
struct MailResendRequested {
  UserId user;
  std::string mail_key;
  UserId requested_by;
  Time requested_at;
};

// ---- state ------------------------------------------------------------------------------------------------

/// Since when, and why, mails do not reach the person. It ends when a mailed code is entered or the address
/// changes.
struct MailTrouble {
  MailFate fate{};
  std::string status;
  Time since;
  friend bool operator==(const MailTrouble&, const MailTrouble&) = default;
};

}  // namespace ttp::domain
