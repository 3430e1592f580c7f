// The engine on Asio coroutines: one coroutine per connection, each connection on one of a few threads for
// good. Bytes are gathered until the framing guard knows where the message ends; only then Beast parses it,
// and it must find the same end. A watchdog per connection bounds every wait.
#include "http/wire/server.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <cassert>
#include <condition_variable>
#include <ctime>
#include <deque>
#include <future>
#include <mutex>
#include <random>
#include <stdexcept>
#include <system_error>
#include <thread>
#include <tuple>
#include <unordered_map>
#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/string.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/status.hpp>
#include <boost/beast/http/string_body.hpp>
#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include "http/wire/address.hpp"
#include "http/wire/framing.hpp"
#include "http/wire/owner_counts.hpp"
#include "os/threads.hpp"

namespace ttp::http {

namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
// Of the one kind of executor that there is, so that no operation has to find out which it is.
using Executor = asio::io_context::executor_type;
using Socket = asio::basic_stream_socket<tcp, Executor>;
using Timer = asio::basic_waitable_timer<std::chrono::steady_clock,
                                         asio::wait_traits<std::chrono::steady_clock>, Executor>;
template <class T>
using awaitable = asio::awaitable<T, Executor>;
constexpr asio::use_awaitable_t<Executor> awaited;
using boost::system::error_code;
using Clock = std::chrono::steady_clock;
using domain::Reason;

constexpr auto quietly = asio::as_tuple(awaited);
constexpr std::size_t first_read_bytes = 4 * 1024;  // an idle connection holds no more than this
constexpr std::size_t next_read_bytes = 16 * 1024;
constexpr std::size_t known_head_bytes_max = 2 * 1024;   // of the head that a connection remembers
constexpr std::size_t shared_head_bytes_max = 1 * 1024;  // of those that its thread remembers
constexpr std::size_t shared_heads_max = 2048;           // of a thread; with what they say, some 4 KiB each
constexpr std::size_t body_bytes_beside_head_max = 16 * 1024;
constexpr std::size_t first_piece_bytes = 640;  // more than most heads have
constexpr std::size_t lingering_bytes_max = 1024 * 1024;
constexpr std::chrono::milliseconds stream_pause{50};  // between two looks for something to send
constexpr std::size_t refusals_open_max = 256;     // beyond it a connection too many is closed without a word
constexpr std::chrono::seconds force_time_max{1};  // for last words when the server must stop

std::string lower_case(std::string_view text) {
  std::string lower(text);
  for (char& c : lower)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + ('a' - 'A'));
  return lower;
}

Address address_of(const asio::ip::address& address) {
  if (address.is_v6()) return {address.to_v6().to_bytes()};
  return {asio::ip::make_address_v6(asio::ip::v4_mapped, address.to_v4()).to_bytes()};
}

// ---- request ids
// ----------------------------------------------------------------------------------------------------

bool is_request_id(std::string_view text) {
  return !text.empty() && text.size() <= 64 && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '_' || c == '-';
  });
}

/// Unlikely to be drawn twice; it is no secret.
void draw_request_id(std::string& id) {
  thread_local std::mt19937_64 random{(std::uint64_t{std::random_device{}()} << 32) | std::random_device{}()};
  id.resize(32);
  std::uint64_t bits = 0;
  for (std::size_t i = 0; i < id.size(); ++i, bits >>= 4) {
    if (i % 16 == 0) bits = random();
    id[i] = "0123456789abcdef"[bits % 16];
  }
}

// ---- reading a message whose framing was checked
// --------------------------------------------------------------------

struct Message {
  Head head;
  std::string body;
};

/// Nothing where Beast reads the message otherwise than the guard did.
std::optional<Message> parse(std::string_view message, const Limits& limits) {
  boost::beast::http::request_parser<boost::beast::http::string_body> parser;
  parser.header_limit(
      static_cast<std::uint32_t>(limits.request_line_bytes_max + limits.header_bytes_max + 4));
  parser.body_limit(limits.body_bytes_max);
  parser.eager(true);
  std::size_t used = 0;
  while (!parser.is_done() && used < message.size()) {
    error_code fault;
    const auto taken = parser.put(asio::buffer(message.data() + used, message.size() - used), fault);
    used += taken;
    if (fault || taken == 0) return std::nullopt;
  }
  if (!parser.is_done() || used != message.size()) return std::nullopt;

  auto read = parser.release();
  Head head;
  head.method = read.method_string();
  head.target = origin_form(read.target());
  if (head.target.empty() || head.target.front() == '?') head.target.insert(0, "/");
  const auto question = std::min(head.target.find('?'), head.target.size());
  head.path = head.target.substr(0, question);
  if (question < head.target.size()) head.query = head.target.substr(question + 1);
  for (const auto& field : read) head.headers.emplace_back(lower_case(field.name_string()), field.value());
  return Message{std::move(head), std::move(read.body())};
}

// ---- writing an answer
// ----------------------------------------------------------------------------------------------

/// RFC 9110 5.6.7, for example "Sun, 06 Nov 1994 08:49:37 GMT"; independent of the process's locale.
const std::string& http_date() {
  thread_local std::chrono::sys_seconds written{};
  thread_local std::string text;
  // The coarse clock costs a tenth of the other one.
  const std::chrono::sys_seconds now{std::chrono::seconds{std::time(nullptr)}};
  if (now == written) return text;
  constexpr std::array day_names{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr std::array month_names{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                   "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const auto day = std::chrono::floor<std::chrono::days>(now);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(now - day);
  text = fmt::format("{}, {:02} {} {:04} {:02}:{:02}:{:02} GMT",
                     day_names[std::chrono::weekday(day).c_encoding()], static_cast<unsigned>(date.day()),
                     month_names[static_cast<unsigned>(date.month()) - 1], static_cast<int>(date.year()),
                     clock.hours().count(), clock.minutes().count(), clock.seconds().count());
  written = now;
  return text;
}

constexpr std::array<std::pair<std::string_view, std::string_view>, 5> default_headers{{
    {"Cache-Control", "no-store"},
    {"Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"},
    {"Cross-Origin-Resource-Policy", "same-origin"},
    {"Referrer-Policy", "no-referrer"},
    {"X-Content-Type-Options", "nosniff"},
}};

bool is_same_name(std::string_view left, std::string_view right) {
  return boost::beast::iequals(left, right);
}

bool has_header(const Headers& headers, std::string_view name) {
  return std::ranges::any_of(headers, [&](const auto& header) { return is_same_name(header.first, name); });
}

/// Those which only the engine knows; a handler's own would contradict them.
bool is_engines_own(std::string_view name) {
  constexpr std::array<std::string_view, 5> own{"Content-Length", "Transfer-Encoding", "Connection", "Date",
                                                "X-Request-Id"};
  return std::ranges::any_of(own, [&](std::string_view each) { return is_same_name(each, name); });
}

bool is_sendable(const Response& response) {
  return response.status >= 200 && response.status <= 599 &&
         std::ranges::all_of(response.headers, [](const auto& header) {
           return is_token(header.first) && is_field_value(header.second);
         });
}

bool has_content(int status) {
  return status != 204 && status != 304;
}

void add_line(std::string& head, std::string_view name, std::string_view value) {
  head.append(name).append(": ").append(value).append("\r\n");
}

void add_lines(std::string& head, const Headers& headers) {
  for (const auto& [name, value] : headers)
    if (!is_engines_own(name)) add_line(head, name, value);
}

/// What is different each time that an answer is given, and where it comes from.
void add_beginning(std::string& head, int status, std::string_view request_id, bool close,
                   const ServerConfig& config) {
  const auto reason = boost::beast::http::obsolete_reason(static_cast<boost::beast::http::status>(status));
  head.append("HTTP/1.1 ").append(std::to_string(status)).append(" ").append(reason).append("\r\n");
  add_line(head, "Date", http_date());
  if (close) add_line(head, "Connection", "close");
  add_line(head, "X-Request-Id", request_id);
  if (config.strict_transport_security)
    add_line(head, "Strict-Transport-Security",
             fmt::format("max-age={}", config.strict_transport_security->count()));
}

/// What is the same each time, to the empty line.
void add_rest(std::string& head, const Response& response) {
  if (response.next_part)
    add_line(head, "Transfer-Encoding", "chunked");
  else if (has_content(response.status))
    add_line(head, "Content-Length", std::to_string(response.body.size()));
  for (const auto& [name, value] : default_headers)
    if (!has_header(response.headers, name)) add_line(head, name, value);
  if ((response.status == 429 || response.status == 503) && !has_header(response.headers, "Retry-After"))
    add_line(head, "Retry-After", "1");
  add_lines(head, response.headers);
  head.append("\r\n");
}

/// An answer's bytes, in two pieces, because the second may belong to others too.
struct Outgoing {
  std::string first;
  std::string_view second;  ///< of the response
};

Outgoing outgoing(const Response& response, std::string_view request_id, bool close, bool head_only,
                  const ServerConfig& config) {
  const Prepared* prepared = response.prepared.get();
  const int status = prepared ? prepared->status : response.status;
  const bool with_body = has_content(status) && !head_only && !response.next_part;
  Outgoing out;
  out.first.reserve(first_piece_bytes + (prepared || response.body.size() > body_bytes_beside_head_max
                                             ? 0
                                             : response.body.size()));
  add_beginning(out.first, status, request_id, close, config);
  out.first.append(response.own_lines);
  if (prepared) {
    add_lines(out.first, response.headers);
    out.second = prepared->bytes;
    if (!with_body) out.second = out.second.substr(0, prepared->head_bytes);
    return out;
  }
  add_rest(out.first, response);
  if (with_body) out.second = response.body;
  // One piece is sent with less ado than two.
  if (out.second.size() <= body_bytes_beside_head_max) out.first.append(std::exchange(out.second, {}));
  return out;
}

Reason reason_of(int status) {
  if (status == 413) return Reason::body_too_large;
  if (status == 414 || status == 431) return Reason::header_too_large;
  return Reason::framing_refused;
}

// ---- where an answer meets its connection
// ---------------------------------------------------------------------------

/// The answer comes from any thread, the connection waits on its own thread, and either may be gone before
/// the other.
class Exchange {
 public:
  using Outcome = std::optional<Making>;  // nothing: the handler dropped the answer
  using Wake = std::function<void()>;

  void deliver(Outcome outcome) {
    std::unique_lock lock(mutex_);
    if (outcome_) return;
    outcome_.emplace(std::move(outcome));
    end_wait(std::move(lock));
  }
  /// `wake` is called once: when the outcome is there, or when the wait is ended before.
  void wait(Wake wake) {
    std::unique_lock lock(mutex_);
    wake_ = std::move(wake);
    if (outcome_) end_wait(std::move(lock));
  }
  void end_wait() { end_wait(std::unique_lock(mutex_)); }
  bool is_ready() {
    std::lock_guard lock(mutex_);
    return outcome_.has_value();
  }
  /// The connection takes its leave: the outcome, or nothing if it has not come; one that comes later stays
  /// here.
  std::optional<Outcome> take_leave() {
    std::lock_guard lock(mutex_);
    return std::exchange(outcome_, std::nullopt);
  }

 private:
  void end_wait(std::unique_lock<std::mutex> lock) {
    const Wake wake = std::exchange(wake_, nullptr);
    lock.unlock();
    if (wake) wake();
  }

  std::mutex mutex_;
  std::optional<Outcome> outcome_;
  Wake wake_;
};

struct Counters {
  std::atomic<std::uint64_t> connections_open{0};
  std::atomic<std::uint64_t> connections_total{0};
  std::atomic<std::uint64_t> connections_refused{0};
  std::atomic<std::uint64_t> requests{0};
  std::atomic<std::uint64_t> framings_refused{0};
  std::atomic<std::uint64_t> requests_timed_out{0};
  std::atomic<std::uint64_t> responses_timed_out{0};
};

/// What all connections share.
struct Shared {
  const ServerConfig config;
  const TrustedProxies proxies;
  Handler& handler;
  Counters counters{};
  std::atomic<bool> draining{false};
};

/// A connection beyond a limit: what it is told.
struct TooMany {
  Reason reason;
  int status;
};

// ---- heads that come again
// -----------------------------------------------------------------------------------------------------------

constexpr std::string_view own_header = "idempotency-key";

/// A stretch of a head's bytes.
struct Stretch {
  std::size_t at = 0;
  std::size_t size = 0;
};

/// Where the value of the only `own_header` stands in a head whose framing was checked; empty where there is
/// none, or more than one.
Stretch place_of_own(std::string_view bytes, const Head& head) {
  const auto value = head.header(own_header);
  if (!value || value->empty() || head.has_repeated(own_header)) return {};
  for (auto line = bytes.find("\r\n"); line != std::string_view::npos; line = bytes.find("\r\n", line + 2)) {
    const auto colon = bytes.find(':', line + 2);
    if (colon == std::string_view::npos) break;
    if (is_same_name(bytes.substr(line + 2, colon - line - 2), own_header))
      return {bytes.find(*value, colon + 1), value->size()};
  }
  return {};
}

/// A head that was read, and what was made of it.
struct KnownHead {
  Address peer;       ///< who sent it: whom the head comes from is part of what it says
  std::string bytes;  ///< of one that need not be read again when it comes again; else empty
  Framing framing{};
  bool head_only = false;
  std::shared_ptr<const Head> head{};
  std::shared_ptr<const Reading> reading{};  ///< once the handler was asked
  std::string request_id{};                  ///< that it gives; empty where one has to be drawn
  Stretch own{};  ///< of the bytes, the value of `own_header`, which is each request's own

  /// Whether what came begins with this head, but perhaps for the value that is each request's own: one of
  /// the same length, of characters that are read one way.
  bool begins(std::string_view came) const {
    const std::string_view all = bytes;
    if (all.empty() || came.size() < all.size()) return false;
    if (own.size == 0) return came.starts_with(all);
    const auto rest = own.at + own.size;
    return came.starts_with(all.substr(0, own.at)) && came.substr(rest).starts_with(all.substr(rest)) &&
           is_token(came.substr(own.at, own.size));
  }

  /// Takes over the value that is the request's own from what came, which `begins` with this head.
  void take_own(std::string_view came) {
    const auto value = came.substr(own.at, own.size);
    if (own.size == 0 || head->header(own_header) == value) return;
    auto renewed = std::make_shared<Head>(*head);
    std::ranges::find(renewed->headers, own_header, &Headers::value_type::first)->second = value;
    head = std::move(renewed);
  }
};

/// Heads that clients repeat on whichever connection of one I/O thread: behind a proxy, or with a pool of
/// connections, one client's requests come on many. Those that share a hash have four places, and the newest
/// takes that of the oldest.
class KnownHeads {
 public:
  /// Whether it can be one at all. A command is told apart by its own key, so its head does not come again.
  static bool may_hold(std::string_view head) {
    return head.starts_with("GET ") && head.size() <= shared_head_bytes_max;
  }
  /// nullptr where it is not known.
  std::shared_ptr<KnownHead> find(const Address& peer, std::string_view head) const {
    const auto hash = hash_of(peer, head);
    for (const Place& place : sets_[hash % sets_.size()])
      if (place.known && place.hash == hash && place.known->peer == peer && place.known->bytes == head)
        return place.known;
    return nullptr;
  }
  void keep(std::shared_ptr<KnownHead> known) {
    const auto hash = hash_of(known->peer, known->bytes);
    auto& set = sets_[hash % sets_.size()];
    std::shift_right(set.begin(), set.end(), 1);
    set.front() = {hash, std::move(known)};
  }

 private:
  struct Place {
    std::size_t hash = 0;
    std::shared_ptr<KnownHead> known{};
  };
  using Set = std::array<Place, 4>;

  static std::size_t hash_of(const Address& peer, std::string_view head) {
    const std::string_view bytes(reinterpret_cast<const char*>(peer.bytes.data()), peer.bytes.size());
    return std::hash<std::string_view>{}(head) * 31 + std::hash<std::string_view>{}(bytes);
  }

  std::vector<Set> sets_{shared_heads_max / Set{}.size()};
};

/// Whether an answered connection of an I/O thread had better let the others have their turn before it looks
/// for its next request: with many of them at work the next one has come by then, and a look that finds
/// nothing is spared. With few it would be a detour.
class Turns {
 public:
  void count_request() { ++requests_; }
  bool is_worth_a_wait() const { return many_at_work_ || requests_ % requests_between_tries == 0; }
  std::uint64_t begin_wait() const { return requests_; }
  void end_wait(std::uint64_t begun) { many_at_work_ = requests_ - begun >= many; }

 private:
  static constexpr std::uint64_t requests_between_tries = 256;
  static constexpr std::uint64_t many = 24;

  std::uint64_t requests_ = 0;
  bool many_at_work_ = false;
};

/// What the connections of one I/O thread share.
struct OfThread {
  KnownHeads heads{};
  Turns turns{};
};

// ---- one connection
// -------------------------------------------------------------------------------------------------

/// Everything but the constructor, `begin_drain` and `force` runs on the connection's I/O thread.
class Connection : public std::enable_shared_from_this<Connection> {
 public:
  Connection(Socket socket, const Address& peer, Shared& shared, OfThread& of_thread)
      : shared_(shared),
        of_thread_(of_thread),
        socket_(std::move(socket)),
        peer_(peer),
        peer_text_(peer_.text()),
        watchdog_(socket_.get_executor()),
        pause_(socket_.get_executor()) {
    error_code ignored;  // of a socket that is broken, which the first read will find out
    static_cast<void>(socket_.non_blocking(true, ignored));
  }

  Executor executor() { return socket_.get_executor(); }

  /// The connection's whole life; an I/O error just ends it.
  awaitable<void> serve() {
    for (std::size_t number = 1;; ++number) {
      // What most requests need stands here, because each coroutine of its own has its price.
      auto begun = Clock::now();
      if (input_.size() == 0) {
        if (shared_.draining) break;
        begin_idling(begun + (number == 1 ? limits().header_time_max : limits().idle_time_max));
        const auto [fault, count] =
            co_await socket_.async_read_some(input_.prepare(first_read_bytes), quietly);
        idle_ = false;
        input_.commit(count);
        if (fault || count == 0) break;
        if (number > 1) begun = Clock::now();
      }
      if (!request_) request_ = std::make_shared<Request>();
      bool is_whole = take_again(*request_, begun);
      if (!is_whole) is_whole = co_await receive(*request_, begun);
      if (!is_whole) break;
      ++shared_.counters.requests;
      auto unsent = answer_now(number);
      if (unsent) {
        const bool goes_on = co_await answer(std::move(unsent), number);
        if (!goes_on) break;
      }
      auto& turns = of_thread_.turns;
      turns.count_request();
      if (input_.size() == 0 && turns.is_worth_a_wait()) {
        const auto wait = turns.begin_wait();
        co_await asio::post(executor(), awaited);
        turns.end_wait(wait);
      }
    }
    end();
  }

  awaitable<void> turn_away(TooMany why) {
    std::string nothing_to_add;
    co_await refuse(why.reason, why.status, std::move(nothing_to_add));
    end();
  }

  /// Any thread: closes the connection if nothing is begun on it; else its next answer is the last.
  void begin_drain() {
    asio::post(executor(), [self = shared_from_this()] {
      if (self->idle_) self->cancel();
    });
  }

  /// Any thread: a request that waits for its answer gets a 503, everything else ends now.
  void force() {
    asio::post(executor(), [self = shared_from_this()] {
      self->forced_ = true;
      self->force_deadline_ = Clock::now() + force_time_max;
      self->cancel();
    });
  }

 private:
  const Limits& limits() const { return shared_.config.limits; }

  std::string_view received() const {
    return {static_cast<const char*>(input_.data().data()), input_.size()};
  }

  // -- receiving

  bool comes_again(const std::shared_ptr<KnownHead>& known) {
    if (!known || !known->begins(received())) return false;
    known->take_own(received());
    known_ = known;
    return true;
  }

  /// Whether the next request has a head that is known already, which is `known_` then.
  bool has_known_head() {
    if (comes_again(known_) || comes_again(not_shared_)) return true;
    const auto beginning = received().substr(0, shared_head_bytes_max);
    const auto end = KnownHeads::may_hold(beginning) ? beginning.find("\r\n\r\n") : std::string_view::npos;
    if (end == std::string_view::npos) return false;
    auto known = of_thread_.heads.find(peer_, beginning.substr(0, end + 4));
    if (!known) return false;
    known_ = std::move(known);
    return true;
  }

  /// Whether the next request is there to its last byte, behind a head that was read before, with the same
  /// outcome: only its body is new.
  bool take_again(Request& request, Clock::time_point now) {
    if (!has_known_head()) return false;
    const auto head_size = known_->bytes.size();
    const auto body_size = known_->framing.content_length;
    if (input_.size() - head_size < body_size) return false;
    request.body = received().substr(head_size, body_size);
    input_.consume(head_size + body_size);
    complete(request, now);
    return true;
  }

  /// The next request; false when it was not finished or was refused, and the connection has to end.
  awaitable<bool> receive(Request& request, Clock::time_point begun) {
    if (has_known_head()) {
      const auto size = co_await receive_body(known_->bytes.size(), known_->framing);
      if (!size) co_return false;
      co_return take_again(request, Clock::now());
    }
    const bool is_whole = co_await receive_new(request, begun);
    if (is_whole) complete(request, Clock::now());
    co_return is_whole;
  }

  void complete(Request& request, Clock::time_point now) {
    // Of what many connections hold in turn, what is not looked at need not come into the processor's cache.
    if (request.head != known_->head) request.head = known_->head;
    request.received = now;
    request.alone = shared_.counters.connections_open == 1;
    if (known_->request_id.empty())
      draw_request_id(request.request_id);
    else
      request.request_id = known_->request_id;
  }

  awaitable<bool> receive_new(Request& request, Clock::time_point begun) {
    const auto head_size = co_await receive_head(begun + limits().header_time_max);
    if (!head_size) co_return false;
    const auto framing = check_head(received().substr(0, *head_size), limits());
    if (!framing) {
      co_await refuse_framing(framing.error());
      co_return false;
    }
    const auto size = co_await receive_body(*head_size, *framing);
    if (!size) co_return false;

    auto message = parse(received().substr(0, *size), limits());
    if (!message) {
      FramingFault fault{400, "the request can be read in two ways"};
      co_await refuse_framing(std::move(fault));
      co_return false;
    }
    known_ = std::make_shared<KnownHead>(KnownHead{peer_, {}, *framing});
    // A chunked body is for Beast to put together, each time.
    if (*head_size <= known_head_bytes_max && framing->body != Framing::Body::chunked)
      known_->bytes = received().substr(0, *head_size);
    input_.consume(*size);
    message->head.peer_address = shared_.proxies.client(peer_, message->head.headers).text();
    known_->head_only = message->head.method == "HEAD";
    if (known_->head_only) message->head.method = "GET";
    known_->head = std::make_shared<const Head>(std::move(message->head));
    const auto request_id = known_->head->header("x-request-id").value_or("");
    if (is_request_id(request_id)) known_->request_id = request_id;
    if (KnownHeads::may_hold(known_->bytes)) {
      of_thread_.heads.keep(known_);
    } else {
      known_->own = place_of_own(known_->bytes, *known_->head);
      not_shared_ = known_;
    }
    request.body = std::move(message->body);
    co_return true;
  }

  void begin_idling(Clock::time_point until) {
    // Idle, it holds no large request's memory.
    if (input_.capacity() > next_read_bytes) input_.shrink_to_fit();
    if (request_ && request_->body.capacity() > first_read_bytes) request_.reset();
    idle_ = true;
    set_deadline(until);
  }

  awaitable<std::optional<std::size_t>> receive_head(Clock::time_point deadline) {
    HeadScanner scanner(limits());
    for (;;) {
      const auto scanned = scanner.scan(received());
      if (!scanned) {
        co_await refuse_framing(scanned.error());
        co_return std::nullopt;
      }
      if (*scanned) co_return *scanned;
      set_deadline(deadline);
      const bool came = co_await read_more_or_time_out();
      if (!came) co_return std::nullopt;
    }
  }

  /// The size of the whole message once it is in the input.
  awaitable<std::optional<std::size_t>> receive_body(std::size_t head_size, Framing framing) {
    const auto begun = Clock::now();
    ChunkScanner chunks(limits());
    if (framing.expects_continue && input_.size() == head_size) {
      std::string go_on = "HTTP/1.1 100 Continue\r\n\r\n";
      const bool sent = co_await write(std::move(go_on));
      if (!sent) co_return std::nullopt;
    }
    for (;;) {
      const auto body = received().substr(head_size);
      if (framing.body == Framing::Body::chunked) {
        const auto scanned = chunks.scan(body);
        if (!scanned) {
          co_await refuse_framing(scanned.error());
          co_return std::nullopt;
        }
        if (*scanned) co_return head_size + **scanned;
      } else if (body.size() >= framing.content_length) {
        co_return head_size + framing.content_length;
      }
      set_deadline(begun + limits().body_grace + time_for(body.size()));
      const bool came = co_await read_more_or_time_out();
      if (!came) co_return std::nullopt;
    }
  }

  awaitable<bool> read_more() {
    const auto room = input_.prepare(input_.size() == 0 ? first_read_bytes : next_read_bytes);
    const auto [fault, count] = co_await socket_.async_read_some(room, quietly);
    input_.commit(count);
    co_return !fault && count > 0;
  }

  awaitable<bool> read_more_or_time_out() {
    const bool came = co_await read_more();
    if (!came && timed_out_ && !forced_) {
      ++shared_.counters.requests_timed_out;
      std::string what = "the request was not finished in time";
      co_await refuse(Reason::framing_refused, 408, std::move(what));
    }
    co_return came;
  }

  // -- answering

  /// What is left of an answer: some of its bytes, else all of the response, which may be yet to come.
  struct Unsent {
    std::optional<Response> response{};
    std::string rest{};
  };

  bool is_last(const Response& response, std::size_t number) const {
    return response.close || response.next_part || !known_->framing.keep_alive || forced_ ||
           shared_.draining || number >= limits().requests_per_connection_max;
  }

  /// Answers the request where nothing has to be waited for; nullptr where that was all. What it takes lies
  /// on the thread's stack, while a coroutine's frame is each connection's own and has left the cache when
  /// its turn comes again.
  std::unique_ptr<Unsent> answer_now(std::size_t number) {
    auto response = at_once(*request_);
    if (!response || is_last(*response, number)) return std::make_unique<Unsent>(std::move(response));
    const auto out = outgoing(*response, request_->request_id, false, known_->head_only, shared_.config);
    const auto written = write_now(out.first, out.second, 0).value_or(0);
    if (written == out.first.size() + out.second.size()) return nullptr;
    auto unsent = std::make_unique<Unsent>();
    unsent->rest.append(out.first).append(out.second).erase(0, written);
    return unsent;
  }

  /// Does what is left to do for the request. Whether another one may follow.
  awaitable<bool> answer(std::unique_ptr<Unsent> unsent, std::size_t number) {
    if (!unsent->rest.empty()) {
      const bool sent = co_await write(std::move(unsent->rest));
      co_return sent;
    }
    auto& response = unsent->response;
    // One that is handed over may be held by others for longer than it is served.
    const auto request = response ? request_ : std::exchange(request_, nullptr);
    if (!response) response = co_await ask(request);
    const bool ends = is_last(*response, number);
    bool sent = false;
    if (response->next_part && !known_->head_only) {
      sent = co_await stream(*response, request->request_id);
    } else {
      auto out = outgoing(*response, request->request_id, ends, known_->head_only, shared_.config);
      const auto written = write_now(out.first, out.second, 0);
      sent = written == out.first.size() + out.second.size();
      if (written && !sent) sent = co_await write(std::move(out.first), out.second, *written);
    }
    if (sent && ends) co_await linger();
    co_return sent && !ends;
  }

  /// Nothing where the answer has to be waited for.
  std::optional<Response> at_once(Request& request) {
    std::optional<Response> response;
    const bool is_made = makes(response, request.request_id, [&] {
      if (!known_->reading) known_->reading = shared_.handler.read(*known_->head, last_reading_.get());
      if (last_reading_ != known_->reading) last_reading_ = known_->reading;
      if (request.reading != last_reading_) request.reading = last_reading_;
      response = shared_.handler.answer_at_once(request);
    });
    if (!is_made) response = words_for(Reason::internal_fault, 500, {}, request);
    return response;
  }

  awaitable<Response> ask(std::shared_ptr<const Request> request) {
    exchange_ = std::make_shared<Exchange>();
    const auto exchange = exchange_;
    hand_over(request, exchange);

    if (!exchange->is_ready()) {
      set_deadline(Clock::now() + limits().response_time_max);
      // A cancellation can be one that was on its way when an earlier wait ended.
      while (!exchange->is_ready() && !timed_out_ && !forced_) co_await wait_for(*exchange);
    }
    auto outcome = exchange->take_leave();
    exchange_.reset();
    if (outcome) {
      if (auto response = made(*outcome, request->request_id)) co_return *std::move(response);
      co_return words_for(Reason::internal_fault, 500, {}, *request);
    }
    if (forced_) co_return words_for(Reason::shutting_down, 503, {}, *request);
    ++shared_.counters.responses_timed_out;
    co_return words_for(Reason::overloaded, 503, {}, *request);
  }

  /// Goes on, on the connection's thread, when the outcome is there or `cancel` ends the wait.
  awaitable<void> wait_for(Exchange& exchange) {
    co_await asio::async_initiate<const asio::use_awaitable_t<Executor>, void()>(
        [this, &exchange](auto handler) {
          auto go_on = std::make_shared<decltype(handler)>(std::move(handler));
          exchange.wait([executor = executor(), go_on = std::move(go_on)] {
            asio::post(executor, [go_on] { std::move (*go_on)(); });
          });
        },
        awaited);
  }

  /// Nothing where there is no answer that can be sent; the log then says why.
  static std::optional<Response> made(const Exchange::Outcome& outcome, const std::string& request_id) {
    if (!outcome) {
      spdlog::error("request {}: the answer was dropped", request_id);
      return std::nullopt;
    }
    std::optional<Response> response;
    if (!makes(response, request_id, [&] { response = (*outcome)(); })) response.reset();
    return response;
  }

  /// Has `make` set the response. False where it throws or what it sets can not be sent; the log says why.
  template <class Make>
  static bool makes(const std::optional<Response>& response, const std::string& request_id,
                    const Make& make) {
    try {
      make();
      if (!response || is_sendable(*response)) return true;
      spdlog::error("request {}: the answer can not be sent: bad status or header", request_id);
    } catch (const std::exception& fault) {
      spdlog::error("request {}: {}", request_id, fault.what());
    }
    return false;
  }

  void hand_over(const std::shared_ptr<const Request>& request, const std::shared_ptr<Exchange>& exchange) {
    try {
      shared_.handler.handle(request, Answer([exchange](std::optional<Making> making) {
                               exchange->deliver(std::move(making));
                             }));
    } catch (const std::exception& fault) {
      spdlog::error("request {}: {}", request->request_id, fault.what());
      exchange->deliver(std::nullopt);
    }
  }

  Response words_for(Reason reason, int status, const std::string& what, const Request& request) {
    domain::Refusal refusal{reason};
    if (!what.empty()) refusal.details.push_back(what);
    auto response = shared_.handler.refuse(refusal, status, request);
    response.status = status;
    return response;
  }

  awaitable<void> refuse_framing(FramingFault fault) {
    ++shared_.counters.framings_refused;
    spdlog::debug("framing refused with {} for {}: {}", fault.status, peer_text_, fault.what);
    co_await refuse(reason_of(fault.status), fault.status, std::move(fault.what));
  }

  /// A last answer to something that is no request for the handler.
  awaitable<void> refuse(Reason reason, int status, std::string what) {
    Head no_head;
    no_head.peer_address = peer_text_;
    Request nothing_read;
    nothing_read.head = std::make_shared<const Head>(std::move(no_head));
    draw_request_id(nothing_read.request_id);
    const auto response = words_for(reason, status, what, nothing_read);
    auto out = outgoing(response, nothing_read.request_id, true, false, shared_.config);
    const bool sent = co_await write(std::move(out.first), out.second);
    if (sent) co_await linger();
  }

  /// Sends parts until the last one, or until the server drains: then the client takes up its stream
  /// elsewhere.
  awaitable<bool> stream(const Response& response, const std::string& request_id) {
    auto head = outgoing(response, request_id, true, false, shared_.config);
    bool sent = co_await write(std::move(head.first));
    for (bool goes_on = sent; goes_on;) {
      const Part part = shared_.draining ? Part{{}, true} : next_part(response, request_id);
      if (!part.bytes.empty()) {
        auto framed = fmt::format("{:x}\r\n{}\r\n", part.bytes.size(), part.bytes);
        sent = co_await write(std::move(framed));
        // The next part may be there at once: what waits for this thread comes first.
        co_await asio::post(executor(), awaited);
      } else if (!part.is_last) {
        set_deadline(Clock::time_point::max());
        pause_.expires_after(stream_pause);
        co_await pause_.async_wait(quietly);
      }
      goes_on = sent && !part.is_last && !forced_;
    }
    std::string end_of_parts = "0\r\n\r\n";
    if (sent) sent = co_await write(std::move(end_of_parts));
    co_return sent;
  }

  static Part next_part(const Response& response, const std::string& request_id) {
    try {
      return response.next_part();
    } catch (const std::exception& fault) {
      spdlog::error("request {}: {}", request_id, fault.what());
      return {{}, true};
    }
  }

  using TwoPieces = std::array<asio::const_buffer, 2>;

  static TwoPieces behind(std::size_t written, std::string_view first, std::string_view second) {
    const auto of_first = std::min(written, first.size());
    first.remove_prefix(of_first);
    second.remove_prefix(written - of_first);
    return {asio::buffer(first), asio::buffer(second)};
  }

  /// Most of what is sent fits into the socket's buffer, and nothing has to be waited for. How much of the
  /// two is written then, `written` of it before; nothing where the connection is broken.
  std::optional<std::size_t> write_now(std::string_view first, std::string_view second, std::size_t written) {
    const auto rest = behind(written, first, second);
    error_code fault;
    written += second.empty() ? socket_.write_some(rest.front(), fault) : socket_.write_some(rest, fault);
    return fault && fault != asio::error::would_block ? std::nullopt : std::optional{written};
  }

  /// Writes the two, `written` of it before. What the second shows must stay until then.
  awaitable<bool> write(std::string first, std::string_view second = {}, std::size_t written = 0) {
    const auto begun = Clock::now();
    const auto size = first.size() + second.size();
    while (written < size) {
      const auto now_written = write_now(first, second, written);
      if (!now_written) co_return false;
      if (*now_written == written) {
        set_deadline(begun + limits().write_grace + time_for(written));
        const auto [fault, count] =
            co_await socket_.async_write_some(behind(written, first, second), quietly);
        if (fault) co_return false;
        written += count;
      } else {
        written = *now_written;
      }
    }
    co_return true;
  }

  /// Lets the client read the last answer: closing while bytes of its own are still unread would reset the
  /// connection and could take the answer away. What comes is thrown away.
  awaitable<void> linger() {
    error_code ignored;
    static_cast<void>(socket_.shutdown(tcp::socket::shutdown_send, ignored));
    const auto deadline = Clock::now() + limits().linger_time_max;
    input_.clear();
    const auto room = input_.prepare(next_read_bytes);
    for (std::size_t thrown_away = 0; thrown_away < lingering_bytes_max && !forced_;) {
      set_deadline(deadline);
      const auto [fault, count] = co_await socket_.async_read_some(room, quietly);
      if (fault) break;
      thrown_away += count;
    }
  }

  void end() {
    error_code ignored;
    deadline_ = Clock::time_point::max();
    watchdog_.cancel();
    static_cast<void>(socket_.close(ignored));
  }

  // -- time

  std::chrono::milliseconds time_for(std::size_t bytes) const {
    return std::chrono::milliseconds(bytes * 1000 / std::max<std::size_t>(limits().bytes_per_second_min, 1));
  }

  /// Bounds the waits from now on. To be called before each, because a deadline that has struck is spent.
  void set_deadline(Clock::time_point deadline) {
    timed_out_ = false;
    deadline_ = std::min(deadline, force_deadline_);
    // Most deadlines move on, request after request; the watchdog is only set anew for one before its next
    // look.
    if (deadline_ < next_look_) look_at(deadline_);
  }

  void look_at(Clock::time_point when) {
    next_look_ = when;
    watchdog_.expires_at(when);
    watchdog_.async_wait([weak = weak_from_this()](error_code fault) {
      auto self = weak.lock();
      if (!self || fault) return;
      self->next_look_ = Clock::time_point::max();
      if (Clock::now() < self->deadline_) {
        if (self->deadline_ != Clock::time_point::max()) self->look_at(self->deadline_);
        return;
      }
      self->timed_out_ = true;
      self->cancel();
    });
  }

  /// Whatever the coroutine waits for ends.
  void cancel() {
    error_code ignored;
    static_cast<void>(socket_.cancel(ignored));
    pause_.cancel();
    if (exchange_) exchange_->end_wait();
  }

  // What each request needs lies close together, before the rest.
  Shared& shared_;
  OfThread& of_thread_;
  Socket socket_;
  /// Received and not yet answered: the message being read, and what was sent behind it.
  boost::beast::flat_buffer input_;
  std::shared_ptr<KnownHead> known_;             ///< of the request that is served, or was served last
  std::shared_ptr<const Reading> last_reading_;  ///< of the last head that the handler was asked about
  std::shared_ptr<Request> request_;             ///< the one that is served, or was and can be filled anew
  Clock::time_point deadline_ = Clock::time_point::max();
  Clock::time_point next_look_ = Clock::time_point::max();
  Clock::time_point force_deadline_ = Clock::time_point::max();
  bool timed_out_ = false;
  bool forced_ = false;
  bool idle_ = false;

  /// The last one that the thread's connections do not share: a command's comes again behind a query's, too.
  std::shared_ptr<KnownHead> not_shared_;
  std::shared_ptr<Exchange> exchange_;  ///< while a request waits for its answer
  const Address peer_;
  const std::string peer_text_;
  Timer watchdog_;
  Timer pause_;  ///< between two looks for something to send
};

}  // namespace

// ---- the answer
// -----------------------------------------------------------------------------------------------------

std::shared_ptr<const Prepared> prepare(const Response& response) {
  if (response.next_part || response.prepared || !has_content(response.status) || !is_sendable(response))
    return nullptr;
  auto prepared = std::make_shared<Prepared>();
  prepared->status = response.status;
  prepared->bytes.reserve(first_piece_bytes + response.body.size());
  add_rest(prepared->bytes, response);
  prepared->head_bytes = prepared->bytes.size();
  prepared->bytes.append(response.body);
  return prepared;
}

struct Answer::Once {
  explicit Once(std::function<void(std::optional<Making>)> target) : deliver(std::move(target)) {}
  ~Once() {
    if (!called) deliver(std::nullopt);
  }
  Once(const Once&) = delete;
  Once& operator=(const Once&) = delete;

  std::function<void(std::optional<Making>)> deliver;
  std::atomic<bool> called{false};
};

Answer::Answer(std::function<void(std::optional<Making>)> deliver)
    : once_(std::make_shared<Once>(std::move(deliver))) {}

void Answer::operator()(Response response) const {
  made_by([response = std::move(response)]() mutable { return std::move(response); });
}

void Answer::made_by(Making making) const {
  [[maybe_unused]] const bool again = once_->called.exchange(true);
  assert(!again && "a request is answered once");
  once_->deliver(std::move(making));
}

// ---- the engine: all connections
// ------------------------------------------------------------------------------------

class Server::Engine {
 public:
  Engine(const ServerConfig& config, Handler& handler)
      : address_(parse_address(config.address)),
        shared_{config, TrustedProxies(config.trusted_proxies), handler},
        loops_(std::max(shared_.config.threads, 1u)),
        acceptor_(loops_.front().io),
        pause_(acceptor_.get_executor()) {}

  void start() {
    assert(!is_running() && "a server starts once");
    const tcp::endpoint endpoint(address_, shared_.config.port);
    try {
      acceptor_.open(endpoint.protocol());
      acceptor_.set_option(tcp::acceptor::reuse_address(true));
      acceptor_.bind(endpoint);
      acceptor_.listen();
      port_ = acceptor_.local_endpoint().port();
    } catch (const boost::system::system_error& fault) {
      throw std::system_error(
          std::error_code(fault.code()),
          fmt::format("can not listen on {} port {}", shared_.config.address, shared_.config.port));
    }
    asio::co_spawn(acceptor_.get_executor(), accept_all(), [](const std::exception_ptr& fault) {
      if (fault) std::rethrow_exception(fault);
    });
    for (Loop& loop : loops_)
      loop.thread = std::thread([&loop] {
        os::name_this_thread("http");
        loop.io.run();
      });
  }

  std::uint16_t port() const { return port_; }

  void drain() {
    close_door();
    for_each_open([](Connection& connection) { connection.begin_drain(); });
    std::unique_lock lock(mutex_);
    const bool all_gone =
        none_open_.wait_for(lock, shared_.config.limits.drain_time_max, [this] { return open_.empty(); });
    lock.unlock();
    if (!all_gone) end_connections();
  }

  void stop() {
    if (!is_running()) return;
    close_door();
    end_connections();
    for (Loop& loop : loops_) loop.stays.reset();
    for (Loop& loop : loops_) loop.thread.join();
  }

  ServerCounts counts() const {
    const auto& counters = shared_.counters;
    return {.connections_open = counters.connections_open,
            .connections_total = counters.connections_total,
            .connections_refused = counters.connections_refused,
            .requests = counters.requests,
            .framings_refused = counters.framings_refused,
            .requests_timed_out = counters.requests_timed_out,
            .responses_timed_out = counters.responses_timed_out};
  }

 private:
  /// An I/O thread and the connections that are its own: what they do needs no lock and moves to no other
  /// core.
  struct Loop {
    OfThread shared{};
    asio::io_context io{1};
    asio::executor_work_guard<asio::io_context::executor_type> stays{io.get_executor()};
    std::thread thread{};
  };

  struct Slot {
    std::shared_ptr<Connection> connection;
    Owner owner;
    bool is_turned_away = false;
  };

  bool is_running() const { return loops_.front().thread.joinable(); }

  static asio::ip::address parse_address(const std::string& text) {
    error_code fault;
    auto address = asio::ip::make_address(text, fault);
    if (fault) throw std::invalid_argument("not a numeric address to listen on: " + text);
    return address;
  }

  awaitable<void> accept_all() {
    for (std::size_t number = 0; acceptor_.is_open(); ++number) {
      Loop& loop = loops_[number % loops_.size()];
      Socket socket(loop.io);
      const auto [fault] = co_await acceptor_.async_accept(socket, quietly);
      if (!fault) {
        admit(std::move(socket), loop.shared);
      } else if (acceptor_.is_open()) {
        // Out of file descriptors, most likely: others must close before it is worth trying again.
        pause_.expires_after(std::chrono::milliseconds(50));
        co_await pause_.async_wait(quietly);
      }
    }
  }

  void admit(Socket socket, OfThread& of_thread) {
    error_code fault;
    const auto endpoint = socket.remote_endpoint(fault);
    if (fault) return;  // gone again
    const auto peer = address_of(endpoint.address());
    static_cast<void>(socket.set_option(tcp::no_delay(true), fault));
    ++shared_.counters.connections_total;
    const auto connection = std::make_shared<Connection>(std::move(socket), peer, shared_, of_thread);
    const auto owner = owner_of(peer);

    std::unique_lock lock(mutex_);
    if (shared_.draining) return;
    const auto too_many = what_is_too_many(peer, owner);
    if (too_many) ++shared_.counters.connections_refused;
    if (too_many && turned_away_ >= refusals_open_max) return;
    if (too_many)
      ++turned_away_;
    else
      by_owner_.add(owner);
    open_.emplace(connection.get(), Slot{connection, owner, too_many.has_value()});
    shared_.counters.connections_open = open_.size();
    lock.unlock();

    asio::co_spawn(connection->executor(), too_many ? connection->turn_away(*too_many) : connection->serve(),
                   [this, connection](const std::exception_ptr& broken) {
                     if (broken) log(broken);
                     release(connection.get());
                   });
  }

  std::optional<TooMany> what_is_too_many(const Address& peer, const Owner& owner) const {
    const auto& limits = shared_.config.limits;
    if (open_.size() - turned_away_ >= limits.connections_max) return TooMany{Reason::overloaded, 503};
    if (!by_owner_.has_room(owner, limits.connections_per_address_max) && !shared_.proxies.hold(peer))
      return TooMany{Reason::rate_limited, 429};
    return std::nullopt;
  }

  void release(const Connection* connection) {
    std::lock_guard lock(mutex_);
    const auto slot = open_.extract(const_cast<Connection*>(connection));
    if (slot.mapped().is_turned_away) {
      --turned_away_;
    } else {
      by_owner_.remove(slot.mapped().owner);
    }
    shared_.counters.connections_open = open_.size();
    if (open_.empty()) none_open_.notify_all();
  }

  static void log(const std::exception_ptr& broken) {
    try {
      std::rethrow_exception(broken);
    } catch (const std::exception& fault) {
      spdlog::error("a connection broke: {}", fault.what());
    }
  }

  /// Nobody can connect any more when it returns.
  void close_door() {
    {
      std::lock_guard lock(mutex_);
      if (shared_.draining.exchange(true)) return;
    }
    std::promise<void> closed;
    asio::post(acceptor_.get_executor(), [&] {
      error_code ignored;
      static_cast<void>(acceptor_.close(ignored));
      pause_.cancel();
      closed.set_value();
    });
    closed.get_future().wait();
  }

  void end_connections() {
    for_each_open([](Connection& connection) { connection.force(); });
    std::unique_lock lock(mutex_);
    none_open_.wait(lock, [this] { return open_.empty(); });
  }

  template <class Visit>
  void for_each_open(Visit visit) {
    std::lock_guard lock(mutex_);
    for (auto& [key, slot] : open_) visit(*slot.connection);
  }

  const asio::ip::address address_;
  Shared shared_;
  std::deque<Loop> loops_;
  asio::basic_socket_acceptor<tcp, Executor> acceptor_;
  Timer pause_;
  std::uint16_t port_ = 0;

  mutable std::mutex mutex_;
  std::condition_variable none_open_;
  std::unordered_map<Connection*, Slot> open_;
  OwnerCounts by_owner_;
  std::size_t turned_away_ = 0;
};

Server::Server(const ServerConfig& config, Handler& handler)
    : engine_(std::make_unique<Engine>(config, handler)) {}
Server::~Server() {
  engine_->stop();
}
void Server::start() {
  engine_->start();
}
std::uint16_t Server::port() const {
  return engine_->port();
}
void Server::drain() {
  engine_->drain();
}
void Server::stop() {
  engine_->stop();
}
ServerCounts Server::counts() const {
  return engine_->counts();
}

}  // namespace ttp::http
