// A mail as it leaves: who it goes to, what it says, its form on the wire (RFC 5322), and the promise that
// every way of sending keeps.
#pragma once

#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

#include "domain/time.hpp"
#include "domain/values.hpp"

namespace ttp::delivery {

/// What a mail says. `bilingual` when the text is in both languages.
struct Rendered {
  std::string subject;
  std::string text;
  bool bilingual = false;
};

struct Mail {
  /// Unique and stable, such as "<position>-<index>" (see mail_key): names the file and the Message-ID, so
  /// that a repeat after a crash is recognisable and overwrites itself. 1 to 100 letters, digits, ".", "_"
  /// and "-", not led by a dot.
  std::string message_key;
  domain::Time date;
  domain::EmailAddress to;
  std::string to_name;
  domain::Language language = domain::Language::en;
  std::string subject;
  std::string text;
  bool bilingual = false;
};

/// The key of the `index`th mail that the event at `position` causes: "00000000000000000042-0".
std::string mail_key(std::uint64_t position, std::uint32_t index);
/// Whether a text may be a message key.
bool is_message_key(std::string_view text);

/// A mail that can not be put on the wire: an address, a key or a sending domain of a form that no mail may
/// carry. The text names the part at fault, never its value.
struct MailFault : std::invalid_argument {
  using std::invalid_argument::invalid_argument;
};

/// Throws MailFault where the text is not a domain name that mails can be sent from.
void require_from_domain(std::string_view name);

/// The message with CRLF line ends: RFC 5322 header, RFC 2047 subject and names, UTF-8 text as
/// quoted-printable, no line beyond 76 characters but for long addresses. Control characters in subject and
/// name become spaces; addresses, keys and domains that hold any are refused with MailFault. Equal mails give
/// equal bytes.
std::string to_eml(const Mail& mail, std::string_view from_domain);

/// A message made by to_eml, read again.
struct ReadMail {
  std::string to;
  std::string subject;
  domain::Time date;
  std::string language;  ///< as in Content-Language: "en", "fr", "en, fr" or "fr, en"
  std::string text;      ///< with line feeds
};
/// Nothing where the bytes are not of to_eml's making.
std::optional<ReadMail> parse_eml(std::string_view eml);

enum class Delivery : std::uint8_t {
  delivered,  ///< handed over; the next carrier is responsible, and a crash loses nothing
  try_later,  ///< not now: the same mail may go later
  refused,    ///< never: the mail itself, or its address, is not acceptable
};

/// A way for mails to leave. The mail folder is the default; an SMTP relay is another.
class MailTransport {
 public:
  MailTransport() = default;
  MailTransport(const MailTransport&) = delete;
  MailTransport& operator=(const MailTransport&) = delete;
  virtual ~MailTransport() = default;
  /// Safe to repeat with the same mail. Throws when the carrier is broken (disk full, relay misconfigured).
  virtual Delivery deliver(const Mail& mail) = 0;
};

}  // namespace ttp::delivery
