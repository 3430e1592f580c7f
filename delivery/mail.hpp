// An outgoing mail: its recipient, its content, its wire format (RFC 5322 and 2046), and the contract of
// every transport.
#pragma once

#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

#include "domain/time.hpp"
#include "domain/values.hpp"

namespace ttp::delivery {

/// Divides the two languages in the text of a bilingual mail.
inline constexpr std::string_view language_divider = "\n----------\n\n";

/// The content of a mail. `bilingual` means that the text is in both languages.
struct Rendered {
  std::string subject;
  std::string text;
  bool bilingual = false;
};

struct Mail {
  /// Unique and stable, such as "<position>-<index>" (see mail_key). It names the file and the Message-ID, so
  /// a repeat after a crash overwrites the same mail. 1 to 100 letters, digits, ".", "_" and "-", not
  /// starting with a dot.
  std::string message_key;
  domain::Time date;
  domain::EmailAddress to;
  std::string to_name;
  domain::Language language = domain::Language::en;
  std::string subject;
  std::string text;
  bool bilingual = false;
  /// The Message-ID, of the key's form, if it must not be the key; empty: it is the key.
  std::string message_id{};
};

/// The key of the `index`th mail that the event at `position` causes: "00000000000000000042-0".
std::string mail_key(std::uint64_t position, std::uint32_t index);
/// The key of a mail that no event causes: behind those of the event at `position`, before those of the next
/// one. `name` is unique and sorts by time, such as a UUIDv7.
std::string mailbox_mail_key(std::uint64_t position, std::string_view name);
/// The position of the event that causes the mail of this key; nothing for a key of another form.
std::optional<std::uint64_t> position_of(std::string_view key);
/// Whether a text has the form of a message key.
bool is_message_key(std::string_view text);

/// Thrown for a mail that has no valid wire format: an address, a key or a sending domain is malformed. The
/// message names the part at fault, never its value.
struct MailFault : std::invalid_argument {
  using std::invalid_argument::invalid_argument;
};

/// Where mails come from, and where answers to them go.
struct MailFrom {
  std::string domain;      ///< the sender is no-reply there
  std::string reply_to{};  ///< an address that somebody reads; empty: answers are lost
};
/// Throws MailFault if mails cannot be sent from this domain, or a header cannot carry the address.
void require_from(const MailFrom& from);

/// The message with CRLF line ends: RFC 5322 header, RFC 2047 subject and names, then the plain text and the
/// same as HTML (delivery/html.hpp), both UTF-8 as quoted-printable, no line beyond 76 characters but for
/// long addresses. Control characters in subject and name become spaces; addresses, keys and domains that
/// hold any are refused with MailFault. Equal mails give equal bytes.
std::string to_eml(const Mail& mail, const MailFrom& from);

/// A message made by to_eml, decoded.
struct ReadMail {
  std::string to;
  std::string subject;
  domain::Time date;
  std::string language;  ///< as in Content-Language: "en", "fr", "en, fr" or "fr, en"
  std::string text;      ///< with line feeds
};
/// Returns nothing if the bytes were not made by to_eml.
std::optional<ReadMail> parse_eml(std::string_view eml);

enum class Delivery : std::uint8_t {
  delivered,      ///< the next carrier is responsible; a crash loses nothing
  try_later,      ///< the same mail may be accepted later
  refused,        ///< final: the mail or its address is not acceptable
  misconfigured,  ///< the carrier refuses this service, whatever the mail: nothing is given up for it
  unknown,        ///< handed over, but not acknowledged: the same mail goes out again
};

/// The thing that a failure is about: only this mail, the mailbox of its reader, or the carrier itself.
enum class About : std::uint8_t { mail, reader, carrier };

/// The result of handing a mail over, as a carrier tells it.
struct HandOver {
  // Implicit, because most carriers have nothing more to tell.
  HandOver(Delivery told) : verdict(told) {}

  Delivery verdict;
  About about = About::mail;
  int reply = 0;         ///< SMTP's reply code; 0: none
  std::string status{};  ///< RFC 3463, such as "5.1.1"; empty: the carrier gave none
  /// The carrier's words in one line, for an operator; what looks like an address is left out.
  std::string words{};

  friend bool operator==(const HandOver& told, Delivery verdict) { return told.verdict == verdict; }
};

/// The name of a carrier's lasting fault, and what an operator can do about it.
struct CarrierFault {
  std::string name;
  std::string what_to_do;
};

/// A transport for mails. The mail folder is the default; a relay is another (carriers/relay.hpp).
class MailTransport {
 public:
  MailTransport() = default;
  MailTransport(const MailTransport&) = delete;
  MailTransport& operator=(const MailTransport&) = delete;
  virtual ~MailTransport() = default;
  /// Safe to repeat with the same mail; any thread may call it. Throws if the carrier fails (disk full).
  virtual HandOver deliver(const Mail& mail) = 0;
  virtual CarrierFault fault() const {
    return {"mail_folder",
            "It waits and is tried again, and commands go on. Make room in the mail folder, or make it "
            "writable"};
  }
};

}  // namespace ttp::delivery
