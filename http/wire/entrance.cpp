// The entrance of a connection, on listeners that demand more than a request: the header in which a proxy
// names its client, then the TLS handshake. Plain connections do not run this code.
#include <algorithm>
#include <array>
#include <memory>
#include <optional>
#include <span>

#include <spdlog/spdlog.h>

#include "http/wire/connection.hpp"
#include "http/wire/proxy_header.hpp"

namespace ttp::http {
namespace {

Socket::wait_type wait_of(tls::State state) {
  return state == tls::State::wait_writable ? Socket::wait_write : Socket::wait_read;
}

bool must_wait(tls::State state) {
  return state == tls::State::wait_readable || state == tls::State::wait_writable;
}

}  // namespace

/// False if the connection must end; a client beyond a limit has then got its answer where that is possible.
awaitable<bool> Connection::enter() {
  bool entered = true;
  idle_ = Idle::first_request;
  if (entrance_.needs_proxy_header) {
    set_deadline(Clock::now() + limits().proxy_header_time_max);
    entered = co_await receive_proxy_header();
    if (!entered) ++shared_.counters.proxy_headers_refused;
  }
  const auto too_many = entered && entrance_.needs_proxy_header && shared_.count_for_client
                            ? shared_.count_for_client(*this, peer_)
                            : std::nullopt;
  if (entered && !too_many && entrance_.tls) {
    auto time = limits().handshake_time_max;
    if (is_closing()) time = std::min(time, limits().linger_time_max);
    set_deadline(Clock::now() + time);
    entered = co_await shake_hands();
  }
  idle_ = Idle::no;
  if (too_many) co_await turn_away_now(*too_many);
  co_return entered && !too_many && !forced_;
}

/// Reads exactly the header, so that the bytes after it are left for TLS or for the first request.
awaitable<bool> Connection::receive_proxy_header() {
  std::array<char, proxy_header_bytes_max> bytes{};
  const std::span<char> room(bytes);
  bool came = co_await read_exactly(room.first(proxy_header_begin_bytes));
  const auto size = size_of_proxy_header({bytes.data(), proxy_header_begin_bytes});
  if (!came || !size) co_return false;
  came = co_await read_exactly(room.subspan(proxy_header_begin_bytes, *size - proxy_header_begin_bytes));
  if (!came) co_return false;
  const auto header = parse_proxy_header({bytes.data(), *size});
  if (!header) {
    spdlog::debug("PROXY header refused for {}: {}", peer_text_, header.error());
    co_return false;
  }
  if (header->client) come_from(*header->client);
  co_return true;
}

void Connection::come_from(const Address& client) {
  peer_ = client;
  peer_text_ = client.text();
  heads_.come_from(client);
}

awaitable<bool> Connection::read_exactly(std::span<char> room) {
  while (!room.empty()) {
    const auto [fault, count] =
        co_await socket_.async_read_some(asio::buffer(room.data(), room.size()), quietly);
    if (fault || forced_) co_return false;
    room = room.subspan(count);
  }
  co_return true;
}

awaitable<bool> Connection::shake_hands() {
  auto session = std::make_unique<tls::Session>(*entrance_.tls, socket_.native_handle());
  entrance_.tls.reset();
  auto state = session->shake_hands();
  while (must_wait(state)) {
    const auto [fault] = co_await socket_.async_wait(wait_of(state), quietly);
    if (fault || timed_out_ || forced_) break;
    state = session->shake_hands();
  }
  const bool is_done = state == tls::State::done;
  ++(is_done ? shared_.counters.tls_handshakes : shared_.counters.tls_handshakes_failed);
  if (!is_done)
    spdlog::debug("TLS handshake with {} failed: {}", peer_text_,
                  session->fault().empty() ? "it was not finished in time" : session->fault());
  tls_ = std::move(session);
  co_return is_done;
}

/// Waits for bytes and decrypts them. 0 if the session or the wait has ended.
awaitable<std::size_t> Connection::read_by_tls(std::span<char> room) {
  for (;;) {
    const auto progress = tls_->read(room);
    if (!must_wait(progress.state)) co_return progress.bytes;
    const auto [fault] = co_await socket_.async_wait(wait_of(progress.state), quietly);
    if (fault || timed_out_ || forced_) co_return 0;
  }
}

/// Encrypts and writes as much as the socket accepts; nothing if the session is over.
std::optional<std::size_t> Connection::write_by_tls_now(std::string_view bytes) {
  std::size_t written = 0;
  while (written < bytes.size()) {
    const auto progress = tls_->write(bytes.substr(written));
    written += progress.bytes;
    if (progress.state == tls::State::wait_writable) break;
    if (progress.state != tls::State::done) return std::nullopt;
  }
  return written;
}

}  // namespace ttp::http
