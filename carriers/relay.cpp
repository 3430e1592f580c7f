#include "carriers/relay.hpp"

#include <algorithm>
#include <cstring>
#include <stdexcept>
#include <utility>

#include <curl/curl.h>
#include <fmt/format.h>

#include "carriers/curl_start.hpp"
#include "carriers/envelope.hpp"
#include "os/socket_address.hpp"

namespace ttp::carriers {

using delivery::About;
using delivery::Delivery;
using delivery::HandOver;
using delivery::Mail;

namespace {

constexpr std::size_t lines_max = 64, line_bytes_max = 512;
constexpr std::chrono::seconds time_to_stop{5};  // so that a mail under way is rarely sent twice
constexpr long idle_seconds_max = 30;            // relays close connections that are idle for longer

bool is_host_character(char c) {
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '-' || c == '.';
}
bool is_host(std::string_view text) {
  const bool is_six = text.starts_with('[') && text.ends_with(']') && text.size() > 4 &&
                      text.find_first_not_of("0123456789abcdefABCDEF:.", 1) == text.size() - 1;
  return is_six || (!text.empty() && text.size() <= 253 && std::ranges::all_of(text, is_host_character) &&
                    text.front() != '.' && text.front() != '-');
}

/// The bytes that libcurl reads, and its notes, during one transfer.
struct Exchange {
  std::string_view unread;
  SmtpConversation talk;
  bool needs_login = false;
  bool* is_logged_in = nullptr;  ///< of the connection
  const std::atomic<std::int64_t>* stop_at = nullptr;
};

std::size_t read_mail(char* to, std::size_t size, std::size_t count, void* of) {
  auto& exchange = *static_cast<Exchange*>(of);
  const std::size_t bytes = std::min(size * count, exchange.unread.size());
  std::memcpy(to, exchange.unread.data(), bytes);
  exchange.unread.remove_prefix(bytes);
  if (bytes == 0) exchange.talk.all_read = true;
  return bytes;
}

int take_note(CURL*, curl_infotype type, char* data, std::size_t size, void* of) {
  auto& exchange = *static_cast<Exchange*>(of);
  auto& talk = exchange.talk;
  const std::string_view text{data, size};
  if (type == CURLINFO_HEADER_OUT) {
    talk.phase = phase_after(text, talk.phase);
    if (talk.phase == SmtpPhase::greeting) *exchange.is_logged_in = false;
    if (talk.phase == SmtpPhase::auth) *exchange.is_logged_in = true;
    // libcurl goes on without the log-in if the relay offers none.
    const bool goes_on = text.starts_with("MAIL ") || text.starts_with("NOOP");
    talk.offered_no_login |= goes_on && exchange.needs_login && !*exchange.is_logged_in;
  }
  if (type == CURLINFO_HEADER_IN) {
    if (talk.lines.size() == lines_max) talk.lines.erase(talk.lines.begin());
    talk.lines.emplace_back(text.substr(0, std::min(text.find_first_of("\r\n"), line_bytes_max)));
  }
  return 0;
}

std::int64_t steady_ms() {
  using namespace std::chrono;
  return duration_cast<milliseconds>(steady_clock::now().time_since_epoch()).count();
}

/// Whether libcurl must end the conversation: the service stops, or the relay is not to get the mail.
int ends(void* of, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  const auto& exchange = *static_cast<Exchange*>(of);
  if (exchange.talk.offered_no_login) return 1;
  const std::int64_t stop_at = *exchange.stop_at;
  return stop_at != 0 && steady_ms() >= stop_at ? 1 : 0;
}

template <class Value>
void set(CURL* easy, CURLoption option, Value value) {
  if (curl_easy_setopt(easy, option, value) != CURLE_OK)
    throw std::runtime_error{fmt::format("libcurl does not take option {}", static_cast<int>(option))};
}

/// Whether a kept connection had been closed by the relay meanwhile: nothing of this mail was sent.
bool was_closed_meanwhile(const SmtpConversation& talk, bool is_new) {
  return !is_new && talk.phase <= SmtpPhase::mail && (talk.reply == 0 || talk.reply == 421) &&
         talk.result != CURLE_OK && talk.result != CURLE_ABORTED_BY_CALLBACK;
}

}  // namespace

bool RelayUrl::is_loopback() const {
  return os::is_loopback(host);
}

std::expected<RelayUrl, std::string> parse_relay_url(std::string_view text) {
  RelayUrl url;
  if (text.starts_with("smtps://")) {
    url.tls_from_the_start = true;
  } else if (!text.starts_with("smtp://")) {
    return std::unexpected{"must begin with smtp:// or smtps://"};
  }
  text.remove_prefix(text.find("://") + 3);
  if (text.find('@') != text.npos)
    return std::unexpected{"must not name a user or a password: smtp_user and smtp_password_file do"};
  const auto slash = text.find('/');
  if (slash != text.npos) url.ehlo_name = text.substr(slash + 1);
  text = text.substr(0, slash);
  const auto colon = text.rfind(':');
  if (colon != text.npos && text.find(']', colon) == text.npos) {
    url.port = text.substr(colon + 1);
    text = text.substr(0, colon);
    const bool is_number = !url.port.empty() && url.port.size() <= 5 &&
                           url.port.find_first_not_of("0123456789") == std::string::npos;
    if (!is_number || std::stoul(url.port) == 0 || std::stoul(url.port) > 65'535)
      return std::unexpected{"must have a port from 1 to 65535, or none"};
  }
  url.host = text;
  if (!is_host(url.host)) return std::unexpected{"must name a host: smtp://mail.example.org:587"};
  if (!url.ehlo_name.empty() && !is_host(url.ehlo_name))
    return std::unexpected{"must have no path but the name that this host says of itself"};
  return url;
}

/// One handle of libcurl, which keeps its connection to the relay.
struct Relay::Connection {
  Connection() : easy(curl_easy_init()) {
    if (!easy) throw std::runtime_error{"libcurl made no handle"};
  }
  ~Connection() { curl_easy_cleanup(easy); }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  CURL* easy;
  bool is_logged_in = false;
};

/// A connection from the pool, for one conversation.
struct Relay::Lease {
  explicit Lease(Relay& of) : relay(of), connection(of.take()) {}
  ~Lease() {
    if (connection) relay.put_back(std::move(connection));
  }
  Lease(const Lease&) = delete;
  Lease& operator=(const Lease&) = delete;

  Relay& relay;
  std::unique_ptr<Connection> connection;
};

/// The mail of one conversation; with empty addresses only the relay is asked.
struct Relay::Transfer {
  std::string sender, recipient, eml;
};

Relay::Relay(RelaySettings settings) : settings_(std::move(settings)) {
  start_curl();
  delivery::require_from(settings_.from);
  const auto url = parse_relay_url(settings_.url);
  if (!url) throw delivery::MailFault("the relay's URL " + url.error());
  if (settings_.is_plain && !url->is_loopback())
    throw delivery::MailFault("mails leave without TLS only to a loopback address");
  url_ = fmt::format("{}://{}{}{}/{}", url->tls_from_the_start ? "smtps" : "smtp", url->host,
                     url->port.empty() ? "" : ":", url->port,
                     url->ehlo_name.empty() ? settings_.from.domain : url->ehlo_name);
}

Relay::~Relay() = default;

delivery::CarrierFault Relay::fault() const {
  return {"mail_relay",
          "Mails wait and are tried again, nothing is given up because of it, and everything else goes on. "
          "ttpctl mail test shows the conversation; see smtp_url and the relay's own log"};
}

HandOver Relay::deliver(const Mail& mail) {
  Transfer transfer;
  const auto recipient = EnvelopeAddress::of(mail.to.text());
  if (!recipient) {
    HandOver refused{Delivery::refused};
    refused.about = About::reader;
    refused.words = "no envelope can carry the address";
    return refused;
  }
  transfer.recipient = recipient->text();
  try {
    Mail sent = mail;
    sent.to = domain::EmailAddress::stored(transfer.recipient);
    transfer.eml = delivery::to_eml(sent, settings_.from);
  } catch (const delivery::MailFault& fault) {
    HandOver refused{Delivery::refused};
    refused.words = fault.what();
    return refused;
  }
  std::string sender = settings_.sender ? settings_.sender(mail) : std::string{};
  if (sender.empty()) sender = "no-reply@" + settings_.from.domain;
  const auto from = EnvelopeAddress::of(sender);
  if (!from) throw delivery::MailFault("the envelope's sender is not one that an envelope can carry");
  transfer.sender = from->text();
  return converse(transfer);
}

void Relay::stop() {
  stop_at_ = steady_ms() + std::chrono::milliseconds{time_to_stop}.count();
}

HandOver Relay::probe() {
  return converse({});
}

/// The settings that no mail changes.
void Relay::prepare(CURL* easy) const {
  curl_easy_reset(easy);  // keeps the connection
  set(easy, CURLOPT_URL, url_.c_str());
  set(easy, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
  set(easy, CURLOPT_PROXY, "");  // and not the environment's
  set(easy, CURLOPT_NOSIGNAL, 1L);
  set(easy, CURLOPT_MAXAGE_CONN, idle_seconds_max);
  set(easy, CURLOPT_USE_SSL, static_cast<long>(settings_.is_plain ? CURLUSESSL_NONE : CURLUSESSL_ALL));
  set(easy, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  set(easy, CURLOPT_SSL_VERIFYPEER, 1L);
  set(easy, CURLOPT_SSL_VERIFYHOST, 2L);
  if (!settings_.ca_file.empty()) set(easy, CURLOPT_CAINFO, settings_.ca_file.c_str());
  if (!settings_.user.empty()) {
    set(easy, CURLOPT_USERNAME, settings_.user.c_str());
    set(easy, CURLOPT_PASSWORD, settings_.password.c_str());
  }
  const auto seconds = static_cast<long>(settings_.reply_time_max.count());
  set(easy, CURLOPT_CONNECTTIMEOUT, seconds);
  set(easy, CURLOPT_SERVER_RESPONSE_TIMEOUT, seconds);
  set(easy, CURLOPT_TIMEOUT, 2 * seconds);
}

/// One conversation. Returns what was said, and whether a connection was made for it.
std::pair<SmtpConversation, bool> Relay::speak(Connection& connection, const Transfer& transfer,
                                               bool fresh) const {
  CURL* easy = connection.easy;
  prepare(easy);
  Exchange exchange{transfer.eml, {}, !settings_.user.empty(), &connection.is_logged_in, &stop_at_};
  std::array<char, CURL_ERROR_SIZE> words{};
  const std::string sender = "<" + transfer.sender + ">", recipient = "<" + transfer.recipient + ">";
  const std::unique_ptr<curl_slist, void (*)(curl_slist*)> recipients{
      curl_slist_append(nullptr, recipient.c_str()), curl_slist_free_all};
  set(easy, CURLOPT_FRESH_CONNECT, fresh ? 1L : 0L);
  set(easy, CURLOPT_ERRORBUFFER, words.data());
  set(easy, CURLOPT_VERBOSE, 1L);
  set(easy, CURLOPT_DEBUGFUNCTION, &take_note);
  set(easy, CURLOPT_DEBUGDATA, &exchange);
  set(easy, CURLOPT_NOPROGRESS, 0L);
  set(easy, CURLOPT_XFERINFOFUNCTION, &ends);
  set(easy, CURLOPT_XFERINFODATA, &exchange);
  if (transfer.recipient.empty()) {
    set(easy, CURLOPT_CUSTOMREQUEST, "NOOP");
    set(easy, CURLOPT_NOBODY, 1L);
  } else {
    set(easy, CURLOPT_MAIL_FROM, sender.c_str());
    set(easy, CURLOPT_MAIL_RCPT, recipients.get());
    set(easy, CURLOPT_UPLOAD, 1L);
    set(easy, CURLOPT_READFUNCTION, &read_mail);
    set(easy, CURLOPT_READDATA, &exchange);
  }
  exchange.talk.result = curl_easy_perform(easy);
  long reply = 0, connects = 0;
  curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &reply);
  curl_easy_getinfo(easy, CURLINFO_NUM_CONNECTS, &connects);
  exchange.talk.reply = static_cast<int>(reply);
  if (exchange.talk.result != CURLE_OK)
    exchange.talk.fault = words[0] ? std::string{words.data()}
                                   : curl_easy_strerror(static_cast<CURLcode>(exchange.talk.result));
  curl_easy_reset(easy);  // no pointer to this call stays behind
  return {std::move(exchange.talk), connects > 0};
}

HandOver Relay::converse(const Transfer& transfer) {
  const auto not_asked = [](std::string_view why) {
    HandOver told{Delivery::try_later};
    told.about = About::carrier;
    told.words = why;
    return told;
  };
  if (stop_at_ != 0) return not_asked("the service is stopping");
  const Lease lease{*this};
  if (!lease.connection) return not_asked("all connections to the relay are in use");
  if (!breaker_.lets_through())
    return not_asked("the relay failed several times in a row and is asked again in a moment");
  const auto began = std::chrono::steady_clock::now();
  auto [talk, is_new] = speak(*lease.connection, transfer, false);
  if (was_closed_meanwhile(talk, is_new)) talk = speak(*lease.connection, transfer, true).first;
  HandOver told = outcome_of(talk, transfer.recipient);
  count(told, std::chrono::steady_clock::now() - began);
  return told;
}

std::unique_ptr<Relay::Connection> Relay::take() {
  const os::MutexLock lock(mutex_);
  if (!idle_.empty()) {
    auto connection = std::move(idle_.back());
    idle_.pop_back();
    return connection;
  }
  if (made_ == connections_max) return nullptr;
  auto connection = std::make_unique<Connection>();
  ++made_;
  return connection;
}

void Relay::put_back(std::unique_ptr<Connection> connection) {
  const os::MutexLock lock(mutex_);
  idle_.push_back(std::move(connection));
}

void Relay::count(const HandOver& told, std::chrono::steady_clock::duration took) {
  const bool failed = told.about == About::carrier && told.verdict != Delivery::delivered;
  if (failed) {
    breaker_.failed();
  } else {
    breaker_.succeeded();
  }
  const os::MutexLock lock(mutex_);
  ++counts_.by_verdict[static_cast<std::size_t>(told.verdict)];
  counts_.seconds += std::chrono::duration<double>(took).count();
}

RelayCounts Relay::counts() const {
  RelayCounts counts;
  {
    const os::MutexLock lock(mutex_);
    counts = counts_;
  }
  counts.breaker_opened = breaker_.opened();
  counts.is_breaker_open = breaker_.is_open();
  return counts;
}

}  // namespace ttp::carriers
