#include "http/wire/connection.hpp"

#include <algorithm>
#include <span>
#include <utility>

#include <boost/asio/post.hpp>
#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include "http/wire/parse.hpp"
#include "http/wire/request_id.hpp"
#include "http/wire/response_bytes.hpp"

namespace ttp::http {
namespace {

using domain::Reason;

constexpr std::size_t first_read_bytes = 4 * 1024;  // the most that an idle connection holds
constexpr std::size_t next_read_bytes = 16 * 1024;
constexpr std::size_t lingering_bytes_max = 1024 * 1024;
constexpr std::chrono::milliseconds stream_pause{50};  // between two calls of next_part
constexpr std::chrono::seconds force_time_max{1};      // for the last answer when the server must stop

Reason reason_of(int status) {
  if (status == 413) return Reason::body_too_large;
  if (status == 414 || status == 431) return Reason::header_too_large;
  return Reason::framing_refused;
}

asio::mutable_buffer buffer_of(std::span<char> room) {
  return asio::buffer(room.data(), room.size());
}

/// Calls `make`, which sets the response. False if `make` throws or the response cannot be sent; the log has
/// the reason.
template <class Make>
bool is_made(const std::optional<Response>& response, const std::string& request_id, const Make& make) {
  try {
    make();
    if (!response || is_sendable(*response)) return true;
    spdlog::error("request {}: the answer has an invalid status or header and cannot be sent", request_id);
  } catch (const std::exception& fault) {
    spdlog::error("request {}: {}", request_id, fault.what());
  }
  return false;
}

/// The reply's response; nothing if there is none that can be sent. The log then has the reason.
std::optional<Response> response_of(const Exchange::Reply& reply, const std::string& request_id) {
  if (!reply) {
    spdlog::error("request {}: the handler gave no answer", request_id);
    return std::nullopt;
  }
  std::optional<Response> response;
  if (!is_made(response, request_id, [&] { response = (*reply)(); })) response.reset();
  return response;
}

Part next_part(const Response& response, const std::string& request_id) {
  try {
    return response.next_part();
  } catch (const std::exception& fault) {
    spdlog::error("request {}: {}", request_id, fault.what());
    return {{}, true};
  }
}

}  // namespace

Connection::Connection(Socket socket, const Address& peer, Shared& shared, SharedHeads& heads,
                       Entrance entrance)
    : shared_(shared),
      socket_(std::move(socket)),
      heads_(heads, peer),
      peer_(peer),
      peer_text_(peer_.text()),
      entrance_(std::move(entrance)),
      watchdog_(socket_.get_executor()),
      pause_(socket_.get_executor()) {
  error_code ignored;  // the first read detects a broken socket
  static_cast<void>(socket_.non_blocking(true, ignored));
}

// ---- its life ---------------------------------------------------------------------------------------------

awaitable<void> Connection::serve() {
  if (stage() == Stage::ending) forced_ = true;
  if (has_entrance()) {
    const bool entered = co_await enter();
    if (!entered) {
      end();
      co_return;
    }
  }
  bool is_orderly = false;  // ended for no fault of a request, and not by force
  for (std::size_t number = 1; !forced_; ++number) {
    // Most requests are handled inline here, because each further coroutine costs an allocation.
    auto begun = Clock::now();
    if (input_.empty()) {
      std::size_t count = 0;
      if (number == 1 || !is_closing()) {
        begin_idling(number == 1, begun);
        const auto room = input_.room(first_read_bytes);
        if (tls_) {
          count = co_await read_by_tls(room);
        } else {
          const auto [fault, came] = co_await socket_.async_read_some(buffer_of(room), quietly);
          count = fault ? 0 : came;
        }
        idle_ = Idle::no;
        input_.add(count);
      }
      // A request may have arrived although the wait ended. It is served, because closing now would reset it.
      if (count == 0 && !forced_) count = read_now();
      is_orderly = count == 0;
      if (count == 0) break;
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
  }
  if (is_orderly && !forced_) co_await linger();
  end();
}

awaitable<void> Connection::turn_away(TooMany why) {
  co_await turn_away_now(why);
  end();
}

/// Without a handshake a TLS client cannot be told the reason, and an excess of clients is no reason for more
/// handshakes: then the connection ends without a word.
awaitable<void> Connection::turn_away_now(TooMany why) {
  if (entrance_.tls) co_return;
  std::string nothing_to_add;
  co_await refuse(why.reason, why.status, std::move(nothing_to_add));
}

void Connection::end_when_idle() {
  asio::post(executor(), [self = shared_from_this()] {
    if (self->idle_ == Idle::next_request) self->cancel();
    if (self->idle_ == Idle::first_request)
      self->set_deadline(std::min(self->deadline_, Clock::now() + self->limits().linger_time_max));
  });
}

void Connection::force() {
  asio::post(executor(), [self = shared_from_this()] {
    self->forced_ = true;
    self->force_deadline_ = Clock::now() + force_time_max;
    self->cancel();
  });
}

// ---- receiving --------------------------------------------------------------------------------------------

void Connection::begin_idling(bool is_new, Clock::time_point now) {
  // An idle connection keeps no memory of a large request.
  if (input_.capacity() > next_read_bytes) input_.release();
  if (request_ && request_->body.capacity() > first_read_bytes) request_.reset();
  idle_ = is_new ? Idle::first_request : Idle::next_request;
  const auto time = !is_new        ? limits().idle_time_max
                    : is_closing() ? limits().linger_time_max
                                   : limits().header_time_max;
  set_deadline(now + time);
}

/// Reads available bytes without waiting; returns 0 if there are none or the connection is broken.
std::size_t Connection::read_now() {
  const auto room = input_.room(first_read_bytes);
  error_code fault;
  const auto count = tls_ ? tls_->read(room).bytes : socket_.read_some(buffer_of(room), fault);
  if (fault) return 0;
  input_.add(count);
  return count;
}

/// Fills the request from a known head, if the input begins with one. Such a request has no body.
bool Connection::take_again(Request& request, Clock::time_point now) {
  if (!heads_.find(input_.bytes())) return false;
  input_.remove(heads_.current().bytes.size());
  request.body.clear();
  complete(request, now);
  return true;
}

void Connection::complete(Request& request, Clock::time_point now) {
  const auto& known = heads_.current();
  // Avoids touching the shared head's reference count when it has not changed.
  if (request.head != known.head) request.head = known.head;
  request.received = now;
  if (known.request_id.empty())
    draw_request_id(request.request_id);
  else
    request.request_id = known.request_id;
}

/// Receives the next request; false if it was incomplete or refused, so that the connection must end.
awaitable<bool> Connection::receive(Request& request, Clock::time_point begun) {
  const auto head_size = co_await receive_head(begun + limits().header_time_max);
  if (!head_size) co_return false;
  const auto framing = check_head(input_.bytes().substr(0, *head_size), limits());
  if (!framing) {
    co_await refuse_framing(framing.error());
    co_return false;
  }
  const auto size = co_await receive_body(*head_size, *framing);
  if (!size) co_return false;

  auto message = parse(input_.bytes().substr(0, *size), limits());
  if (!message) {
    FramingFault fault{400, "the request can be read in two ways"};
    co_await refuse_framing(std::move(fault));
    co_return false;
  }
  message->head.peer_address = shared_.proxies.client(peer_, message->head.headers).text();
  auto known = std::make_shared<KnownHead>(KnownHead{peer_, {}, *framing});
  known->head_only = message->head.method == "HEAD";
  if (known->head_only) message->head.method = "GET";
  known->head = std::make_shared<const RequestHead>(std::move(message->head));
  const auto request_id = known->head->header("x-request-id").value_or("");
  if (is_request_id(request_id)) known->request_id = request_id;
  heads_.keep(std::move(known), input_.bytes().substr(0, *head_size));
  input_.remove(*size);
  request.body = std::move(message->body);
  complete(request, Clock::now());
  co_return true;
}

awaitable<std::optional<std::size_t>> Connection::receive_head(Clock::time_point deadline) {
  HeadScanner scanner(limits());
  for (;;) {
    const auto scanned = scanner.scan(input_.bytes());
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

/// Returns the size of the whole message once the input holds it.
awaitable<std::optional<std::size_t>> Connection::receive_body(std::size_t head_size, Framing framing) {
  const auto begun = Clock::now();
  ChunkScanner chunks(limits());
  if (framing.expects_continue && input_.size() == head_size) {
    std::string go_on = "HTTP/1.1 100 Continue\r\n\r\n";
    const bool sent = co_await write(std::move(go_on));
    if (!sent) co_return std::nullopt;
  }
  for (;;) {
    const auto body = input_.bytes().substr(head_size);
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

/// Reads some bytes. If the time is over, sends a 408.
awaitable<bool> Connection::read_more_or_time_out() {
  const auto room = input_.room(input_.empty() ? first_read_bytes : next_read_bytes);
  std::size_t count = 0;
  if (tls_) {
    count = co_await read_by_tls(room);
  } else {
    const auto [fault, bytes] = co_await socket_.async_read_some(buffer_of(room), quietly);
    count = fault ? 0 : bytes;
  }
  const bool came = count > 0;
  input_.add(count);
  if (!came && timed_out_ && !forced_) {
    ++shared_.counters.requests_timed_out;
    std::string what = "the request was not finished in time";
    co_await refuse(Reason::framing_refused, 408, std::move(what));
  }
  co_return came;
}

// ---- answering --------------------------------------------------------------------------------------------

bool Connection::is_last(const Response& response, std::size_t number) const {
  return response.close || response.next_part || !heads_.current().framing.keep_alive || forced_ ||
         stage() != Stage::serving || number >= limits().requests_per_connection_max;
}

/// Answers the request if no wait is needed, and returns nullptr if that was all. This runs on the thread's
/// stack, whose memory is cached; a coroutine's frame is separate memory per connection.
std::unique_ptr<Connection::Unsent> Connection::answer_now(std::size_t number) {
  auto response = at_once(*request_);
  if (!response || is_last(*response, number)) return std::make_unique<Unsent>(std::move(response));
  auto bytes = bytes_to_send(*response, request_->request_id, false, heads_.current().head_only);
  const auto written = write_now(bytes).value_or(0);
  if (written == bytes.size()) return nullptr;
  return std::make_unique<Unsent>(Unsent{std::nullopt, std::move(bytes), written});
}

/// Completes the answer. Returns whether another request may follow.
awaitable<bool> Connection::answer(std::unique_ptr<Unsent> unsent, std::size_t number) {
  if (!unsent->bytes.empty()) {
    const bool sent = co_await write(std::move(unsent->bytes), unsent->written);
    co_return sent;
  }
  auto& response = unsent->response;
  // A request given to the handler may outlive this exchange, so it is not reused.
  const auto request = response ? request_ : std::exchange(request_, nullptr);
  if (!response) response = co_await ask(request);
  const bool ends = is_last(*response, number);
  const bool head_only = heads_.current().head_only;
  bool sent = false;
  if (response->next_part && !head_only) {
    sent = co_await stream(*response, request->request_id);
  } else {
    auto bytes = bytes_to_send(*response, request->request_id, ends, head_only);
    const auto written = write_now(bytes);
    sent = written == bytes.size();
    if (written && !sent) sent = co_await write(std::move(bytes), *written);
  }
  if (sent && ends) co_await linger();
  co_return sent && !ends;
}

/// The answer, or nothing if it needs a wait.
std::optional<Response> Connection::at_once(Request& request) {
  std::optional<Response> response;
  const bool is_set = is_made(response, request.request_id, [&] {
    auto& known = heads_.current();
    if (!known.decoded) known.decoded = shared_.handler.decode(*known.head, last_decoded_.get());
    if (last_decoded_ != known.decoded) last_decoded_ = known.decoded;
    if (request.decoded != last_decoded_) request.decoded = last_decoded_;
    response = shared_.handler.answer_at_once(request);
  });
  if (!is_set) response = words_for(Reason::internal_fault, 500, {}, request);
  return response;
}

awaitable<Response> Connection::ask(std::shared_ptr<const Request> request) {
  exchange_ = std::make_shared<Exchange>();
  const auto exchange = exchange_;
  hand_over(request, exchange);

  if (!exchange->is_ready()) {
    set_deadline(Clock::now() + limits().response_time_max);
    // A cancellation may belong to an earlier wait, so check the conditions again.
    while (!exchange->is_ready() && !timed_out_ && !forced_) co_await wait_for(*exchange);
  }
  auto reply = exchange->give_up();
  exchange_.reset();
  if (reply) {
    if (auto response = response_of(*reply, request->request_id)) co_return *std::move(response);
    co_return words_for(Reason::internal_fault, 500, {}, *request);
  }
  if (forced_) co_return words_for(Reason::shutting_down, 503, {}, *request);
  ++shared_.counters.responses_timed_out;
  co_return words_for(Reason::overloaded, 503, {}, *request);
}

/// Resumes on the connection's thread when the reply is there or `cancel` ends the wait.
awaitable<void> Connection::wait_for(Exchange& exchange) {
  co_await asio::async_initiate<const asio::use_awaitable_t<IoExecutor>, void()>(
      [this, &exchange](auto handler) {
        auto go_on = std::make_shared<decltype(handler)>(std::move(handler));
        exchange.wait([executor = executor(), go_on = std::move(go_on)] {
          asio::post(executor, [go_on] { std::move (*go_on)(); });
        });
      },
      awaited);
}

void Connection::hand_over(const std::shared_ptr<const Request>& request,
                           const std::shared_ptr<Exchange>& exchange) {
  try {
    shared_.handler.handle(
        request, Answer([exchange](std::optional<Making> making) { exchange->deliver(std::move(making)); }));
  } catch (const std::exception& fault) {
    spdlog::error("request {}: {}", request->request_id, fault.what());
    exchange->deliver(std::nullopt);
  }
}

Response Connection::words_for(Reason reason, int status, const std::string& what, const Request& request) {
  domain::Refusal refusal{reason};
  if (!what.empty()) refusal.details.push_back(what);
  auto response = shared_.handler.refuse(refusal, status, request);
  response.status = status;
  return response;
}

awaitable<void> Connection::refuse_framing(FramingFault fault) {
  ++shared_.counters.framings_refused;
  spdlog::debug("framing refused with {} for {}: {}", fault.status, peer_text_, fault.what);
  co_await refuse(reason_of(fault.status), fault.status, std::move(fault.what));
}

/// Sends a last answer for input that is not a request for the handler.
awaitable<void> Connection::refuse(Reason reason, int status, std::string what) {
  RequestHead no_head;
  no_head.peer_address = peer_text_;
  Request nothing_read;
  nothing_read.head = std::make_shared<const RequestHead>(std::move(no_head));
  draw_request_id(nothing_read.request_id);
  const auto response = words_for(reason, status, what, nothing_read);
  auto bytes = bytes_to_send(response, nothing_read.request_id, true, false);
  const bool sent = co_await write(std::move(bytes));
  if (sent) co_await linger();
}

/// Sends parts until the last one, or until the server closes; the client then resumes its stream on another
/// connection.
awaitable<bool> Connection::stream(const Response& response, const std::string& request_id) {
  auto head = bytes_to_send(response, request_id, true, false);
  bool sent = co_await write(std::move(head));
  for (bool goes_on = sent; goes_on;) {
    const Part part = is_closing() ? Part{{}, true} : next_part(response, request_id);
    if (!part.bytes.empty()) {
      auto framed = fmt::format("{:x}\r\n{}\r\n", part.bytes.size(), part.bytes);
      sent = co_await write(std::move(framed));
      // The next part may be ready already; let the thread's other connections run first.
      co_await asio::post(executor(), awaited);
    } else if (!part.is_last) {
      set_deadline(Clock::time_point::max());
      pause_.expires_after(stream_pause);
      co_await pause_.async_wait(quietly);
      sent = !is_left();
    }
    goes_on = sent && !part.is_last && !forced_;
  }
  std::string end_of_parts = "0\r\n\r\n";
  if (sent) sent = co_await write(std::move(end_of_parts));
  co_return sent;
}

/// Whether the client has closed its side. A stream asks, because it reads nothing, and without a write a
/// closed stream would go on taking the place of another.
bool Connection::is_left() {
  char next{};
  error_code fault;
  static_cast<void>(socket_.receive(asio::buffer(&next, 1), tcp::socket::message_peek, fault));
  return fault && fault != asio::error::would_block;
}

// ---- sending ----------------------------------------------------------------------------------------------

std::string Connection::bytes_to_send(const Response& response, std::string_view request_id, bool close,
                                      bool head_only) const {
  return bytes_of(response, request_id, close, head_only, entrance_.strict_transport_security);
}

/// Writes as much as the socket's buffer accepts without a wait, which is all of most answers; returns
/// nothing if the connection is broken.
std::optional<std::size_t> Connection::write_now(std::string_view bytes) {
  if (tls_) return write_by_tls_now(bytes);
  error_code fault;
  const auto written = socket_.write_some(asio::buffer(bytes), fault);
  return fault && fault != asio::error::would_block ? std::nullopt : std::optional{written};
}

/// Writes `bytes`, of which `written` are already written.
awaitable<bool> Connection::write(std::string bytes, std::size_t written) {
  const auto begun = Clock::now();
  while (written < bytes.size()) {
    const auto rest = std::string_view(bytes).substr(written);
    const auto at_once = write_now(rest);
    if (!at_once) co_return false;
    written += *at_once;
    if (*at_once > 0) continue;
    set_deadline(begun + limits().write_grace + time_for(written));
    if (tls_) {
      const auto [fault] = co_await socket_.async_wait(Socket::wait_write, quietly);
      if (fault) co_return false;
      continue;
    }
    const auto [fault, count] = co_await socket_.async_write_some(asio::buffer(rest), quietly);
    if (fault) co_return false;
    written += count;
  }
  co_return true;
}

/// Ends the connection without a reset: shuts down sending and reads to the client's end. Closing with unread
/// bytes of the client would reset the connection, and the client could lose the last answer.
awaitable<void> Connection::linger() {
  error_code ignored;
  if (tls_) tls_->close();
  static_cast<void>(socket_.shutdown(tcp::socket::shutdown_send, ignored));
  const auto deadline = Clock::now() + limits().linger_time_max;
  input_.clear();
  const auto room = buffer_of(input_.room(next_read_bytes));
  for (std::size_t thrown_away = 0; thrown_away < lingering_bytes_max && !forced_;) {
    set_deadline(deadline);
    const auto [fault, count] = co_await socket_.async_read_some(room, quietly);
    if (fault) break;
    thrown_away += count;
  }
}

void Connection::end() {
  error_code ignored;
  deadline_ = Clock::time_point::max();
  watchdog_.cancel();
  static_cast<void>(socket_.close(ignored));
}

// ---- time -------------------------------------------------------------------------------------------------

std::chrono::milliseconds Connection::time_for(std::size_t bytes) const {
  return std::chrono::milliseconds(bytes * 1000 / std::max<std::size_t>(limits().bytes_per_second_min, 1));
}

/// Bounds the next wait. Call it before each wait, because a deadline that has passed applies only once.
void Connection::set_deadline(Clock::time_point deadline) {
  timed_out_ = false;
  deadline_ = std::min(deadline, force_deadline_);
  // A deadline usually moves later with each request, so the timer is set again only if it would fire too
  // late.
  if (deadline_ < next_look_) look_at(deadline_);
}

void Connection::look_at(Clock::time_point when) {
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

/// Ends the coroutine's present wait.
void Connection::cancel() {
  error_code ignored;
  static_cast<void>(socket_.cancel(ignored));
  pause_.cancel();
  if (exchange_) exchange_->end_wait();
}

}  // namespace ttp::http
