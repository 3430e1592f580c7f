#include "carriers/smtp_outcome.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include <curl/curl.h>

namespace ttp::carriers {
namespace {

using delivery::About;
using delivery::Delivery;
using delivery::HandOver;

constexpr std::size_t words_max = 200;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
}
bool holds(std::string_view text, std::string_view wanted) {
  return !std::ranges::search(text, wanted, {}, lower, lower).empty();
}

/// TLS or the log-in failed, or libcurl cannot use the settings: every mail would fail in the same way.
bool is_about_settings(int result) {
  constexpr std::array results{CURLE_UNSUPPORTED_PROTOCOL,
                               CURLE_URL_MALFORMAT,
                               CURLE_NOT_BUILT_IN,
                               CURLE_SSL_CONNECT_ERROR,
                               CURLE_SSL_ENGINE_NOTFOUND,
                               CURLE_SSL_ENGINE_SETFAILED,
                               CURLE_SSL_CERTPROBLEM,
                               CURLE_SSL_CIPHER,
                               CURLE_PEER_FAILED_VERIFICATION,
                               CURLE_USE_SSL_FAILED,
                               CURLE_SSL_ENGINE_INITFAILED,
                               CURLE_LOGIN_DENIED,
                               CURLE_SSL_CACERT_BADFILE,
                               CURLE_SSL_CRL_BADFILE,
                               CURLE_SSL_ISSUER_ERROR,
                               CURLE_SSL_PINNEDPUBKEYNOTMATCH,
                               CURLE_SSL_INVALIDCERTSTATUS,
                               CURLE_AUTH_ERROR,
                               CURLE_BAD_FUNCTION_ARGUMENT};
  return std::ranges::find(results, result) != results.end();
}

/// The last line of the last reply. After a refused command libcurl also reads the answer to its QUIT, so the
/// line is found by its digits.
std::string_view line_of(const SmtpConversation& talk) {
  const std::string code = std::to_string(talk.reply);
  for (auto line = talk.lines.rbegin(); line != talk.lines.rend(); ++line)
    if (line->starts_with(code)) return *line;
  return {};
}

/// RFC 3463's status after the reply code, such as "5.1.1"; empty if there is none.
std::string status_in(std::string_view line) {
  if (line.size() < 9 || !is_digit(line[4]) || line[5] != '.') return {};
  std::size_t end = 6, digits = 0, dots = 1;
  for (; end < line.size() && (is_digit(line[end]) || line[end] == '.'); ++end) {
    digits = is_digit(line[end]) ? digits + 1 : 0;
    dots += line[end] == '.' ? 1 : 0;
    if (digits > 3) return {};
  }
  return dots == 2 && digits > 0 && (line[4] == '2' || line[4] == '4' || line[4] == '5')
             ? std::string{line.substr(4, end - 4)}
             : std::string{};
}

/// One line that shows no address: words with an "@" are left out, and so is the recipient's name.
std::string without_addresses(std::string_view text, std::string_view recipient) {
  const std::string_view name = recipient.substr(0, recipient.find('@'));
  std::string out;
  while (!text.empty() && out.size() < words_max) {
    const auto end = std::min(text.find_first_of(" \t\r\n"), text.size());
    const auto word = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (word.empty()) continue;
    if (!out.empty()) out += ' ';
    const bool is_address = word.find('@') != word.npos || (name.size() > 2 && holds(word, name));
    if (is_address) {
      out += "(address)";
      continue;
    }
    for (const char c : word) out += c > ' ' && c <= '~' ? c : '?';
  }
  if (out.size() > words_max) out.resize(words_max);
  return out;
}

struct Verdict {
  Delivery delivery;
  About about;
};
constexpr Verdict later_by_carrier{Delivery::try_later, About::carrier};
constexpr Verdict our_fault{Delivery::misconfigured, About::carrier};

bool is_passing(int reply) {
  return reply >= 400 && reply < 500;
}
bool is_final(int reply) {
  return reply >= 500 && reply < 600;
}

/// Whether a final reply to RCPT is about this service: it may not relay, or must log in, or speaks what the
/// relay does not understand.
bool is_about_us(int reply, std::string_view line) {
  constexpr std::array codes{500, 501, 502, 503, 504, 530, 534, 535, 538};
  return std::ranges::find(codes, reply) != codes.end() || holds(line, "relay");
}

Verdict verdict_at_rcpt(int reply, std::string_view line) {
  if (is_passing(reply)) return {Delivery::try_later, reply == 421 ? About::carrier : About::reader};
  if (!is_final(reply)) return later_by_carrier;
  if (status_in(line) == "5.2.2") return {Delivery::try_later, About::reader};  // the mailbox is full
  if (is_about_us(reply, line)) return our_fault;
  return {Delivery::refused, About::reader};
}

Verdict verdict_of(const SmtpConversation& talk, std::string_view line) {
  if (talk.result == CURLE_OK && talk.reply >= 200 && talk.reply < 300)
    return {Delivery::delivered, About::mail};
  if (is_about_settings(talk.result) || talk.offered_no_login) return our_fault;
  switch (talk.phase) {
    case SmtpPhase::connect:
    case SmtpPhase::greeting:
      return later_by_carrier;
    case SmtpPhase::starttls:
    case SmtpPhase::auth:
      return is_final(talk.reply) ? our_fault : later_by_carrier;
    case SmtpPhase::mail:
      // About the sender, which is this service.
      return is_final(talk.reply) ? our_fault : later_by_carrier;
    case SmtpPhase::rcpt:
      return verdict_at_rcpt(talk.reply, line);
    case SmtpPhase::data:
      if (is_passing(talk.reply)) return {Delivery::try_later, About::mail};
      if (is_final(talk.reply)) return {Delivery::refused, About::mail};
      return {talk.all_read ? Delivery::unknown : Delivery::try_later, About::carrier};
  }
  std::unreachable();
}

}  // namespace

SmtpPhase phase_after(std::string_view line, SmtpPhase before) {
  struct Verb {
    std::string_view name;
    SmtpPhase phase;
  };
  constexpr std::array verbs{Verb{"EHLO", SmtpPhase::greeting},     Verb{"HELO", SmtpPhase::greeting},
                             Verb{"STARTTLS", SmtpPhase::starttls}, Verb{"AUTH", SmtpPhase::auth},
                             Verb{"MAIL", SmtpPhase::mail},         Verb{"RCPT", SmtpPhase::rcpt},
                             Verb{"DATA", SmtpPhase::data}};
  const auto verb = line.substr(0, line.find_first_of(" \r\n"));
  const auto known = std::ranges::find(verbs, verb, &Verb::name);
  return known == verbs.end() ? before : known->phase;
}

HandOver outcome_of(const SmtpConversation& talk, std::string_view recipient) {
  const auto line = line_of(talk);
  const Verdict verdict = verdict_of(talk, line);
  HandOver told{verdict.delivery};
  told.about = verdict.about;
  // Otherwise the last reply is about an earlier command, and what libcurl says is more telling.
  const bool is_answered = talk.reply >= 400 || verdict.delivery == Delivery::delivered;
  if (is_answered) {
    told.reply = talk.reply;
    told.status = status_in(line);
  }
  const std::string_view fault =
      talk.offered_no_login ? "the relay offers no log-in" : std::string_view{talk.fault};
  told.words = without_addresses(is_answered && !line.empty() ? line : fault, recipient);
  return told;
}

}  // namespace ttp::carriers
