#include "tls/session.hpp"

#include <algorithm>
#include <cerrno>
#include <limits>
#include <new>
#include <utility>

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/socket.h>

namespace ttp::tls {
namespace {

// ---- the socket as OpenSSL sees it ------------------------------------------------------------------------
// OpenSSL's own kind of socket would raise SIGPIPE when the client has gone.

int socket_of(BIO* bio) {
  return static_cast<int>(reinterpret_cast<std::intptr_t>(BIO_get_data(bio)));
}

bool must_wait() {
  return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
}

int receive(BIO* bio, char* room, int size) {
  BIO_clear_retry_flags(bio);
  const auto count = ::recv(socket_of(bio), room, static_cast<std::size_t>(size), 0);
  if (count < 0 && must_wait()) BIO_set_retry_read(bio);
  return static_cast<int>(count);
}

int send(BIO* bio, const char* bytes, int size) {
  BIO_clear_retry_flags(bio);
  const auto count = ::send(socket_of(bio), bytes, static_cast<std::size_t>(size), MSG_NOSIGNAL);
  if (count < 0 && must_wait()) BIO_set_retry_write(bio);
  return static_cast<int>(count);
}

long control(BIO*, int command, long, void*) {
  return command == BIO_CTRL_FLUSH ? 1 : 0;
}

const BIO_METHOD* socket_method() {
  static const BIO_METHOD* const method = [] {
    BIO_METHOD* made = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "socket");
    if (!made) throw std::bad_alloc();
    BIO_meth_set_read(made, receive);
    BIO_meth_set_write(made, send);
    BIO_meth_set_ctrl(made, control);
    return made;
  }();
  return method;
}

std::string reason() {
  const auto code = ERR_peek_last_error();
  const char* text = code ? ERR_reason_error_string(code) : nullptr;
  return text ? text : "the connection has ended";
}

int bounded(std::size_t size) {
  return static_cast<int>(std::min<std::size_t>(size, std::numeric_limits<int>::max()));
}

}  // namespace

void Session::Freed::operator()(ssl_st* session) const {
  SSL_free(session);
}

Session::Session(const Context& context, int socket) : session_(SSL_new(context.context_.get())) {
  BIO* bio = session_ ? BIO_new(socket_method()) : nullptr;
  if (!bio) throw std::bad_alloc();
  BIO_set_data(bio, reinterpret_cast<void*>(static_cast<std::intptr_t>(socket)));
  BIO_set_init(bio, 1);
  SSL_set_bio(session_.get(), bio, bio);
  SSL_set_accept_state(session_.get());
}

Session::~Session() = default;

State Session::shake_hands() {
  ERR_clear_error();
  const auto state = state_after(SSL_do_handshake(session_.get()));
  is_open_ = state == State::done;
  return state;
}

Progress Session::read(std::span<char> room) {
  if (!is_open_) return {};
  ERR_clear_error();
  const int count = SSL_read(session_.get(), room.data(), bounded(room.size()));
  return {state_after(count), count > 0 ? static_cast<std::size_t>(count) : 0};
}

Progress Session::write(std::string_view bytes) {
  if (!is_open_) return {};
  ERR_clear_error();
  const int count = SSL_write(session_.get(), bytes.data(), bounded(bytes.size()));
  return {state_after(count), count > 0 ? static_cast<std::size_t>(count) : 0};
}

void Session::close() {
  if (!std::exchange(is_open_, false)) return;
  ERR_clear_error();
  static_cast<void>(SSL_shutdown(session_.get()));
}

State Session::state_after(int result) {
  if (result > 0) return State::done;
  switch (SSL_get_error(session_.get(), result)) {
    case SSL_ERROR_WANT_READ:
      return State::wait_readable;
    case SSL_ERROR_WANT_WRITE:
      return State::wait_writable;
    case SSL_ERROR_ZERO_RETURN:
      return State::over;
    default:  // OpenSSL forbids further calls
      is_open_ = false;
      fault_ = reason();
      return State::over;
  }
}

}  // namespace ttp::tls
