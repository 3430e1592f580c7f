// Hands mails to an SMTP relay, by libcurl: TLS is demanded, one recipient per mail, one mail per
// transaction. The relay queues, retries for days and signs; so this speaks to one host.
// docs/decisions/046-mail-by-one-relay.md has the reasons.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "carriers/breaker.hpp"
#include "carriers/smtp_outcome.hpp"
#include "delivery/mail.hpp"
#include "os/mutex.hpp"

namespace ttp::carriers {

/// The parts of "smtp://host:587/ehlo-name" or "smtps://host".
struct RelayUrl {
  bool tls_from_the_start = false;
  std::string host;
  std::string port;       ///< empty: the scheme's
  std::string ehlo_name;  ///< empty: none was given
  bool is_loopback() const;
};
/// The fault is a phrase that follows the setting's name.
std::expected<RelayUrl, std::string> parse_relay_url(std::string_view text);

struct RelaySettings {
  std::string url;
  std::string user;  ///< empty: no log-in
  std::string password;
  std::filesystem::path ca_file;  ///< empty: the system's authorities
  bool is_plain = false;          ///< no TLS; only to a loopback address
  delivery::MailFrom from;
  /// The envelope sender of a mail, to which bounces go. Empty: no-reply at the sending domain.
  std::function<std::string(const delivery::Mail&)> sender{};
  std::chrono::seconds reply_time_max{30};  ///< for each answer of the relay; twice that for a whole mail
};

struct RelayCounts {
  std::array<std::uint64_t, 5> by_verdict{};  ///< by delivery::Delivery
  double seconds = 0;                         ///< spent in all conversations
  std::uint64_t breaker_opened = 0;
  bool is_breaker_open = false;
};

class Relay : public delivery::MailTransport {
 public:
  static constexpr std::size_t connections_max = 2;

  /// Throws delivery::MailFault for a URL or a sending domain of another form.
  explicit Relay(RelaySettings settings);
  ~Relay() override;

  delivery::HandOver deliver(const delivery::Mail& mail) override;
  delivery::CarrierFault fault() const override;
  /// Connects and logs in, without a mail.
  delivery::HandOver probe();
  /// Ends conversations under way within some seconds, and begins none: their mails go out after the next
  /// start.
  void stop();

  RelayCounts counts() const;

 private:
  struct Connection;
  struct Lease;
  struct Transfer;

  void prepare(void* easy) const;
  std::pair<SmtpConversation, bool> speak(Connection& connection, const Transfer& transfer, bool fresh) const;
  delivery::HandOver converse(const Transfer& transfer);
  std::unique_ptr<Connection> take();
  void put_back(std::unique_ptr<Connection> connection);
  void count(const delivery::HandOver& told, std::chrono::steady_clock::duration took);

  const RelaySettings settings_;
  std::string url_;                        // with a name for EHLO
  std::atomic<std::int64_t> stop_at_ = 0;  // ms of the steady clock; 0: not asked to stop
  Breaker breaker_;
  mutable os::Mutex mutex_;
  std::vector<std::unique_ptr<Connection>> idle_ TTP_GUARDED_BY(mutex_);
  std::size_t made_ TTP_GUARDED_BY(mutex_) = 0;
  RelayCounts counts_ TTP_GUARDED_BY(mutex_);
};

}  // namespace ttp::carriers
