// Loads an HTTP server over loopback: a number of connections with one request at a time on each, for a given
// time; then prints one line of JSON with the results. With a rate, requests are due at regular times and
// their latency counts from the due time, so that a stalled server is measured as often as a fast one.
//
// Commands save a draft of the company's profile and queries show the account; alternatively, all requests
// try to sign in with a wrong password.
#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <map>
#include <memory>
#include <random>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include <CLI/CLI.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <fmt/format.h>

namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;
using Clock = std::chrono::steady_clock;

struct Options {
  std::string host = "127.0.0.1";
  unsigned short port = 8080;
  std::size_t connections = 64;
  double seconds = 10;
  double warm_up = 2;  ///< not counted
  double rate = 0;     ///< requests a second in all; 0: as fast as answers come
  unsigned commands_percent = 0;
  std::string targets;
  bool in_turn = false;        ///< each request for the next target, not one target per connection
  std::uint64_t sign_ins = 0;  ///< user names to sign in with a wrong password; 0: commands and queries
};

enum class Kind : std::uint8_t { command, query, sign_in };

struct Target {
  std::string token;
  std::string account;
};

/// Latencies in buckets that grow by 1/64, from 1 microsecond to a minute.
class Latencies {
 public:
  void add(Clock::duration time) {
    const auto ns =
        std::max<std::int64_t>(std::chrono::duration_cast<std::chrono::nanoseconds>(time).count(), 1);
    const auto bits = 63 - __builtin_clzll(static_cast<unsigned long long>(ns));
    const auto fraction = bits >= 6 ? (ns >> (bits - 6)) & 63 : (ns << (6 - bits)) & 63;
    ++counts_[static_cast<std::size_t>(bits) * 64 + static_cast<std::size_t>(fraction)];
    ++total_;
  }
  std::uint64_t total() const { return total_; }
  /// In microseconds.
  double quantile(double share) const {
    const auto wanted = static_cast<std::uint64_t>(share * static_cast<double>(total_));
    std::uint64_t seen = 0;
    for (std::size_t i = 0; i < counts_.size(); ++i) {
      seen += counts_[i];
      if (seen > wanted || (seen == total_ && total_ > 0))
        return std::ldexp(1.0 + static_cast<double>(i % 64) / 64, static_cast<int>(i / 64)) / 1000;
    }
    return 0;
  }

 private:
  std::array<std::uint64_t, 64 * 64> counts_{};
  std::uint64_t total_ = 0;
};

struct Seen {
  std::array<Latencies, 3> answered;     ///< by kind
  std::map<int, std::uint64_t> refused;  ///< by status
  std::uint64_t closed = 0;              ///< closed by the server after an answer, and reopened
  std::uint64_t broken = 0;              ///< connections that ended without an answer
  std::string first_refusal;
};

/// State shared by all connections; everything runs on one thread.
struct Load {
  const Options options;
  std::vector<Target> targets{};
  asio::io_context io{1};
  Seen seen{};
  /// Random keys, because those of an earlier run on the same log would be answered without a write.
  std::mt19937_64 dice{(std::uint64_t{std::random_device{}()} << 32) | std::random_device{}()};
  std::uint64_t numbered = 0;
  std::size_t next_target = 0;
  Clock::time_point counted_from{};
  Clock::time_point ends{};
};

class Connection : public std::enable_shared_from_this<Connection> {
 public:
  Connection(Load& load, std::size_t number)
      : load_(load), target_(&load.targets[number % load.targets.size()]), socket_(load.io), pause_(load.io) {
    if (load.options.rate > 0) {
      const double share = static_cast<double>(load.options.connections) / load.options.rate;
      interval_ = std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(share));
      due_ = Clock::now() + interval_ * number / load.options.connections;
    }
  }

  void begin() {
    connect();
    next();
  }

 private:
  void connect() {
    socket_ = tcp::socket(load_.io);
    socket_.connect({asio::ip::make_address(load_.options.host), load_.options.port});
    socket_.set_option(tcp::no_delay(true));
    socket_.non_blocking(true);
  }

  void next() {
    const auto now = Clock::now();
    if (now >= load_.ends) return;
    if (interval_ == Clock::duration::zero()) {
      due_ = now;
      return ask();
    }
    if (due_ <= now) return ask();
    pause_.expires_at(due_);
    pause_.async_wait([self = shared_from_this()](error_code) { self->ask(); });
  }

  Kind drawn_kind() {
    if (load_.options.sign_ins > 0) return Kind::sign_in;
    return load_.dice() % 100 < load_.options.commands_percent ? Kind::command : Kind::query;
  }

  void write_command(std::uint64_t number) {
    const auto body = fmt::format(
        R"({{"answers":{{"legal_structure":"corporation","year_founded":"1998","company_activities":"Sawn timber and maple products, catalogue {0}, reviewed each January.","company_owners":"A family trust and two employees, a third each.","head_office_address":"12 rue Principale, Gatineau QC J8X 3X7"}}}})",
        number);
    fmt::format_to(
        std::back_inserter(request_),
        "PUT /v1/accounts/{}/profiles/company HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer "
        "{}\r\nIdempotency-Key: {:016x}-{}\r\nIf-Match: *\r\nContent-Type: "
        "application/json\r\nContent-Length: "
        "{}\r\n\r\n{}",
        target_->account, target_->token, load_.dice(), number, body.size(), body);
  }

  void write_query() {
    fmt::format_to(std::back_inserter(request_),
                   "GET /v1/accounts/{} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {}\r\n\r\n",
                   target_->account, target_->token);
  }

  void write_sign_in(std::uint64_t number) {
    const auto body = fmt::format(R"({{"user_name":"person{}","password":"not the pass phrase {}"}})",
                                  number % load_.options.sign_ins + 1, number);
    fmt::format_to(std::back_inserter(request_),
                   "POST /v1/sign-ins HTTP/1.1\r\nHost: localhost\r\nIdempotency-Key: {:016x}-{}\r\n"
                   "Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{}",
                   load_.dice(), number, body.size(), body);
  }

  void ask() {
    request_.clear();
    kind_ = drawn_kind();
    if (load_.options.in_turn) target_ = &load_.targets[load_.next_target++ % load_.targets.size()];
    if (kind_ == Kind::command) write_command(++load_.numbered);
    if (kind_ == Kind::query) write_query();
    if (kind_ == Kind::sign_in) write_sign_in(++load_.numbered);
    if (due_ == Clock::time_point{}) due_ = Clock::now();
    asio::async_write(socket_, asio::buffer(request_),
                      [self = shared_from_this()](error_code fault, std::size_t) {
                        if (fault) return self->broke();
                        self->received_ = 0;
                        self->read();
                      });
  }

  void read() {
    if (answer_.size() - received_ < 4096) answer_.resize(answer_.size() + 16384);
    socket_.async_read_some(asio::buffer(answer_.data() + received_, answer_.size() - received_),
                            [self = shared_from_this()](error_code fault, std::size_t count) {
                              if (fault) return self->broke();
                              self->received_ += count;
                              if (self->is_whole())
                                self->answered();
                              else
                                self->read();
                            });
  }

  bool is_whole() {
    const std::string_view all(answer_.data(), received_);
    const auto end = all.find("\r\n\r\n");
    if (end == std::string_view::npos) return false;
    const auto field = all.substr(0, end).find("Content-Length: ");
    std::size_t length = 0;
    if (field != std::string_view::npos) std::from_chars(all.data() + field + 16, all.data() + end, length);
    return all.size() >= end + 4 + length;
  }

  void answered() {
    const auto now = Clock::now();
    int status = 0;
    std::from_chars(answer_.data() + 9, answer_.data() + 12, status);
    // A wrong password is refused, as intended.
    if (status != (kind_ == Kind::sign_in ? 401 : 200)) {
      ++load_.seen.refused[status];
      if (load_.seen.first_refusal.empty()) load_.seen.first_refusal.assign(answer_.data(), received_);
    } else if (now >= load_.counted_from && now < load_.ends) {
      load_.seen.answered[static_cast<std::size_t>(kind_)].add(now - due_);
    }
    due_ += interval_;
    // A server may close a connection now and then; closing after every answer shows in the figures.
    if (std::string_view(answer_.data(), received_).find("\r\nConnection: close\r\n") !=
        std::string_view::npos) {
      ++load_.seen.closed;
      connect();
    }
    next();
  }

  void broke() { ++load_.seen.broken; }

  Load& load_;
  const Target* target_;
  tcp::socket socket_;
  asio::steady_timer pause_;
  Clock::duration interval_{};
  Clock::time_point due_{};
  Kind kind_ = Kind::query;
  std::string request_;
  std::string answer_;
  std::size_t received_ = 0;
};

std::string json_of(const Latencies& latencies, double seconds) {
  return fmt::format(
      R"({{"count":{},"per_second":{:.1f},"p50_us":{:.1f},"p90_us":{:.1f},"p99_us":{:.1f},"p999_us":{:.1f}}})",
      latencies.total(), static_cast<double>(latencies.total()) / seconds, latencies.quantile(0.5),
      latencies.quantile(0.9), latencies.quantile(0.99), latencies.quantile(0.999));
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"Loads an HTTP server on loopback and prints what it saw as JSON"};
  Options options;
  app.add_option("--port", options.port, "of the server")->required();
  app.add_option("--targets", options.targets, "a file of session tokens and their accounts");
  app.add_flag("--in-turn", options.in_turn,
               "each request uses the next target, instead of one target per connection");
  app.add_option("--connections", options.connections)->check(CLI::Range(1, 4096));
  app.add_option("--seconds", options.seconds)->check(CLI::Range(0.1, 4000.0));
  app.add_option("--warm-up", options.warm_up, "seconds that are not counted")->check(CLI::Range(0.0, 600.0));
  app.add_option("--rate", options.rate, "requests a second in all; 0: as fast as answers come");
  app.add_option("--commands", options.commands_percent, "the percentage of commands")
      ->check(CLI::Range(0, 100));
  app.add_option("--sign-ins", options.sign_ins,
                 "instead of commands and queries: wrong passwords for the users \"person1\" to \"person\" "
                 "and this number");
  CLI11_PARSE(app, argc, argv);
  try {
    Load load{options};
    std::ifstream file(options.targets);
    for (Target target; file >> target.token >> target.account;) load.targets.push_back(target);
    if (load.targets.empty() && options.sign_ins > 0) load.targets.emplace_back();
    if (load.targets.empty()) throw std::runtime_error("no targets in " + options.targets);
    const auto now = Clock::now();
    load.counted_from =
        now + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(options.warm_up));
    load.ends = load.counted_from +
                std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(options.seconds));
    for (std::size_t i = 0; i < options.connections; ++i) std::make_shared<Connection>(load, i)->begin();
    load.io.run();
    std::uint64_t refused = 0;
    for (const auto& [status, count] : load.seen.refused) refused += count;
    const auto seen = [&](Kind kind) {
      return json_of(load.seen.answered[static_cast<std::size_t>(kind)], options.seconds);
    };
    fmt::print(R"({{"commands":{},"queries":{},"sign_ins":{},"refused":{},"closed":{},"broken":{}}})"
               "\n",
               seen(Kind::command), seen(Kind::query), seen(Kind::sign_in), refused, load.seen.closed,
               load.seen.broken);
    if (refused > 0) fmt::print(stderr, "load: the first refusal:\n{}\n", load.seen.first_refusal);
  } catch (const std::exception& fault) {
    fmt::print(stderr, "load: {}\n", fault.what());
    return 1;
  }
}
