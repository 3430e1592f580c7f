// Writes and reads the wire format of a mail: RFC 5322 (header), 2047 (words beyond ASCII), 2045 and 2046
// (the two parts), 3834 (Auto-Submitted), 3282 (Content-Language).
#include "delivery/mail.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include <fmt/format.h>

#include "delivery/html.hpp"
#include "delivery/texts.hpp"

namespace ttp::delivery {
namespace {

constexpr std::size_t line_max = 76;
constexpr std::size_t encoded_word_max = 75;
constexpr std::string_view word_begin = "=?UTF-8?Q?";
constexpr std::string_view word_end = "?=";
/// Quoted-printable text never has "=_", so no part can end early.
constexpr std::string_view boundary = "=_alternative";
constexpr std::array<std::string_view, 7> weekdays{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
constexpr std::array<std::string_view, 12> months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                  "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

bool is_alphanumeric(char c) {
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}
bool is_control(char c) {
  return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
}
bool is_ascii(char c) {
  return static_cast<unsigned char>(c) < 0x80;
}

/// The length in bytes of the code point at `at`; 0 if the bytes are not UTF-8.
std::size_t code_point_bytes(std::string_view text, std::size_t at) {
  const auto lead = static_cast<unsigned char>(text[at]);
  const std::size_t bytes = lead < 0x80 ? 1 : lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc2 ? 2 : 0;
  if (bytes == 0 || at + bytes > text.size()) return 0;
  return domain::code_points(text.substr(at, bytes)) == 1 ? bytes : 0;
}

/// Passes each code point to `use`, and U+FFFD for each byte that is not UTF-8.
template <class Use>
void for_each_code_point(std::string_view text, Use use) {
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t bytes = code_point_bytes(text, at);
    use(bytes == 0 ? std::string_view{"\ufffd"} : text.substr(at, bytes));
    at += std::max<std::size_t>(bytes, 1);
  }
}

/// The text in one line for a header: each run of control characters and spaces becomes one space, none
/// remains at the ends. C1 controls and the Unicode line and paragraph separators count as controls.
std::string single_line(std::string_view text) {
  std::string line;
  bool gap = false;
  for_each_code_point(text, [&](std::string_view point) {
    const bool c1 = point.size() == 2 && point[0] == '\xc2' && static_cast<unsigned char>(point[1]) < 0xa0;
    const bool separator = point == "\u2028" || point == "\u2029";
    if (point == " " || (point.size() == 1 && is_control(point[0])) || c1 || separator) {
      gap = true;
      return;
    }
    if (gap && !line.empty()) line += ' ';
    gap = false;
    line += point;
  });
  return line;
}

/// Escapes each byte as "=C3".
std::string escaped(std::string_view bytes) {
  std::string text;
  for (const char byte : bytes) text += fmt::format("={:02X}", static_cast<unsigned char>(byte));
  return text;
}

/// The text as folded RFC 2047 words; the header's name already takes `used` characters of the first line.
std::string encoded_words(std::string_view text, std::size_t used) {
  std::string out{word_begin};
  std::size_t word = word_begin.size();
  std::size_t room = std::min(encoded_word_max, line_max - used);
  for_each_code_point(text, [&](std::string_view point) {
    const bool plain = point.size() == 1 && is_alphanumeric(point[0]);
    const std::string piece = plain ? std::string{point} : point == " " ? "_" : escaped(point);
    if (word + piece.size() + word_end.size() > room) {
      out.append(word_end).append("\r\n ").append(word_begin);
      word = word_begin.size();
      room = encoded_word_max;
    }
    out += piece;
    word += piece.size();
  });
  return out.append(word_end);
}

/// Whether a header can hold the text unencoded, on one line after the header's name.
bool is_plain(std::string_view text) {
  return text.size() <= 60 && std::ranges::all_of(text, is_ascii) && text.find("=?") == text.npos;
}

std::string unstructured(std::string_view name, std::string_view value) {
  const std::string line = single_line(value);
  return fmt::format("{}: {}\r\n", name, is_plain(line) ? line : encoded_words(line, name.size() + 2));
}

/// A mailbox header; if the name is long, the address is on a line of its own.
std::string mailbox(std::string_view header, std::string_view name, std::string_view address) {
  const std::string line = single_line(name);
  if (line.empty()) return fmt::format("{}: <{}>\r\n", header, address);
  const bool quotable = is_plain(line) && line.find_first_of("\"\\") == line.npos;
  const std::string shown = quotable ? '"' + line + '"' : encoded_words(line, header.size() + 2);
  return fmt::format("{}: {}\r\n <{}>\r\n", header, shown, address);
}

/// Requires an address that is safe between angle brackets: one "@" with text on both sides, no controls,
/// white space or specials. Letters beyond ASCII are allowed (RFC 6532).
void require_address(std::string_view address) {
  const auto at = address.find('@');
  const bool shape =
      at != address.npos && at > 0 && at + 1 < address.size() && address.find('@', at + 1) == address.npos;
  const bool safe =
      address.find_first_of(" \"(),:;<>[\\]") == address.npos && std::ranges::none_of(address, is_control);
  if (!shape || !safe || address.size() > 320 || single_line(address) != address)
    throw MailFault("the address of the mail is not one that a header can carry");
}

/// A date such as "Mon, 09 Mar 2026 14:05:09 +0000".
std::string header_date(domain::Time time) {
  const auto midnight = std::chrono::floor<domain::days>(time);
  const std::chrono::year_month_day date{midnight};
  const std::chrono::hh_mm_ss clock{std::chrono::floor<domain::seconds>(time - midnight)};
  return fmt::format(
      "{}, {:02} {} {:04} {:02}:{:02}:{:02} +0000", weekdays.at(std::chrono::weekday{midnight}.c_encoding()),
      static_cast<unsigned>(date.day()), months.at(static_cast<unsigned>(date.month()) - 1),
      static_cast<int>(date.year()), clock.hours().count(), clock.minutes().count(), clock.seconds().count());
}

/// Passes each line of the text to `use`; a line may end with CRLF, LF or CR.
template <class Use>
void for_each_line(std::string_view text, Use use) {
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find_first_of("\r\n", at), text.size());
    use(text.substr(at, end - at));
    at = end + (text.substr(end, 2) == "\r\n" ? 2 : 1);
  }
}

/// One line of text as quoted-printable lines. A dot or "From " at the start is escaped, because some relays
/// change them.
std::string quoted_printable_line(std::string_view line) {
  std::string out;
  std::size_t width = 0;
  std::size_t at = 0;
  for_each_code_point(line, [&](std::string_view point) {
    const bool last = at + point.size() >= line.size();
    const bool first_of_trouble = at == 0 && (point == "." || line.starts_with("From "));
    const bool blank = point == " " || point == "\t";
    const bool plain =
        point.size() == 1 && (blank || !is_control(point[0])) && point != "=" && !(blank && last);
    std::string piece = plain && !first_of_trouble ? std::string{point} : escaped(point);
    // Replace control characters, except a tab.
    if (point.size() == 1 && is_control(point[0]) && point != "\t") piece = "=20";
    if (width + piece.size() > line_max - 1) {
      out += "=\r\n";
      width = 0;
    }
    out += piece;
    width += piece.size();
    at += point.size();
  });
  return out.append("\r\n");
}

/// One of the two forms of the text, after its boundary.
std::string part(std::string_view type, std::string_view text) {
  std::string out = fmt::format("--{}\r\nContent-Type: {}; charset=utf-8\r\n", boundary, type);
  out += "Content-Transfer-Encoding: quoted-printable\r\n\r\n";
  for_each_line(text, [&out](std::string_view line) { out += quoted_printable_line(line); });
  return out;
}

std::string content_language(const Mail& mail) {
  const bool french = mail.language == domain::Language::fr;
  if (mail.bilingual) return french ? "fr, en" : "en, fr";
  return french ? "fr" : "en";
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

/// Decodes "=XX" and soft line breaks ("=\n"); `space` replaces "_" (by itself, or by a space in header
/// words).
std::string unescaped(std::string_view text, char space) {
  std::string out;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] == '_') {
      out += space;
    } else if (text[at] != '=') {
      out += text[at];
    } else if (at + 1 < text.size() && text[at + 1] == '\n') {
      ++at;
    } else if (at + 2 < text.size() && hex_digit(text[at + 1]) >= 0 && hex_digit(text[at + 2]) >= 0) {
      out += static_cast<char>(hex_digit(text[at + 1]) * 16 + hex_digit(text[at + 2]));
      at += 2;
    }
  }
  return out;
}

/// Decodes the encoded words of an unfolded header value; white space between two of them is dropped.
std::string decoded_words(std::string_view value) {
  std::string out;
  bool after_word = false;
  while (!value.empty()) {
    const auto begin = value.find(word_begin);
    const auto between = value.substr(0, begin);
    if (!(after_word && between.find_first_not_of(' ') == between.npos)) out += between;
    if (begin == value.npos) break;
    value.remove_prefix(begin + word_begin.size());
    const auto end = value.find(word_end);
    if (end == value.npos) break;
    out += unescaped(value.substr(0, end), ' ');
    value.remove_prefix(end + word_end.size());
    after_word = true;
  }
  return out;
}

/// The unfolded value of a header; nothing if the header is missing.
std::optional<std::string> header_value(std::string_view head, std::string_view name) {
  const std::string start = fmt::format("\n{}: ", name);
  const auto found = head.find(start);
  if (found == head.npos) return std::nullopt;
  std::string value;
  for (std::size_t at = found + start.size(); at < head.size(); ++at) {
    if (head[at] != '\n')
      value += head[at];
    else if (at + 1 >= head.size() || head[at + 1] != ' ')
      break;
  }
  return value;
}

/// Parses header_date's form by column.
std::optional<domain::Time> parse_header_date(std::string_view text) {
  if (text.size() != 31 || !text.ends_with(" +0000")) return std::nullopt;
  const auto month = std::ranges::find(months, text.substr(8, 3)) - months.begin();
  return domain::parse_time(
      fmt::format("{}-{:02}-{}T{}Z", text.substr(12, 4), month + 1, text.substr(5, 2), text.substr(17, 8)));
}

/// The plain text, still quoted-printable: the first part, or the whole body of a mail of earlier releases.
std::string_view plain_part(std::string_view head, std::string_view body) {
  if (head.find("boundary=") == head.npos) return body;
  const auto begin = body.find("\n\n");
  if (begin == body.npos) return {};
  body.remove_prefix(begin + 2);
  // The line break before a boundary belongs to the text here, because every line of a part has one.
  return body.substr(0, body.find(fmt::format("--{}", boundary)));
}

}  // namespace

std::string mail_key(std::uint64_t position, std::uint32_t index) {
  return fmt::format("{:020}-{}", position, index);
}

std::string mailbox_mail_key(std::uint64_t position, std::string_view name) {
  return fmt::format("{:020}-m{}", position, name);
}

std::optional<std::uint64_t> position_of(std::string_view key) {
  constexpr std::size_t digits = 20;
  std::uint64_t position = 0;
  if (key.size() <= digits || key[digits] != '-') return std::nullopt;
  const auto [end, error] = std::from_chars(key.data(), key.data() + digits, position);
  return error == std::errc{} && end == key.data() + digits ? std::optional{position} : std::nullopt;
}

bool is_message_key(std::string_view text) {
  return !text.empty() && text.size() <= 100 && text.front() != '.' && std::ranges::all_of(text, [](char c) {
    return is_alphanumeric(c) || c == '.' || c == '_' || c == '-';
  });
}

void require_from(const MailFrom& from) {
  const std::string_view name = from.domain;
  const bool safe =
      std::ranges::all_of(name, [](char c) { return is_alphanumeric(c) || c == '-' || c == '.'; });
  if (name.empty() || name.size() > 253 || !safe || name.front() == '.' || name.back() == '.')
    throw MailFault("the sending domain is not a domain name");
  if (!from.reply_to.empty()) require_address(from.reply_to);
}

std::string to_eml(const Mail& mail, const MailFrom& from) {
  require_from(from);
  require_address(mail.to.text());
  const std::string& id = mail.message_id.empty() ? mail.message_key : mail.message_id;
  if (!is_message_key(mail.message_key) || !is_message_key(id))
    throw MailFault("the message key is not one that a header can carry");
  std::string eml;
  eml += fmt::format("Date: {}\r\n", header_date(mail.date));
  eml += mailbox("From", phrase(Phrase::sender_name, mail.language), fmt::format("no-reply@{}", from.domain));
  eml += mailbox("To", mail.to_name, mail.to.text());
  if (!from.reply_to.empty()) eml += mailbox("Reply-To", {}, from.reply_to);
  eml += fmt::format("Message-ID: <{}@{}>\r\n", id, from.domain);
  eml += unstructured("Subject", mail.subject);
  eml += "MIME-Version: 1.0\r\n";
  eml += fmt::format("Content-Type: multipart/alternative; boundary=\"{}\"\r\n", boundary);
  eml += fmt::format("Content-Language: {}\r\n", content_language(mail));
  eml += "Auto-Submitted: auto-generated\r\n\r\n";
  // The last part is the one that readers prefer (RFC 2046, 5.1.4).
  eml += part("text/plain", mail.text);
  eml += part("text/html", to_html(mail));
  return eml + fmt::format("--{}--\r\n", boundary);
}

std::optional<ReadMail> parse_eml(std::string_view eml) {
  std::string text = "\n";
  std::ranges::copy_if(eml, std::back_inserter(text), [](char c) { return c != '\r'; });
  const auto blank = text.find("\n\n");
  if (blank == text.npos) return std::nullopt;
  const auto head = std::string_view{text}.substr(0, blank);
  const auto date = header_value(head, "Date").and_then(parse_header_date);
  const auto to = header_value(head, "To");
  const auto subject = header_value(head, "Subject");
  const auto language = header_value(head, "Content-Language");
  if (!date || !to || !subject || !language) return std::nullopt;
  const auto open = to->rfind('<');
  if (open == to->npos || !to->ends_with('>')) return std::nullopt;
  return ReadMail{to->substr(open + 1, to->size() - open - 2), decoded_words(*subject), *date, *language,
                  unescaped(plain_part(head, std::string_view{text}.substr(blank + 2)), '_')};
}

}  // namespace ttp::delivery
