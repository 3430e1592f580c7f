// TLS on one connection's socket, which must not block: each call does what it can at once and says what the
// socket must be ready for before the call is made again. The session neither waits nor closes the socket.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "tls/context.hpp"

struct ssl_st;

namespace ttp::tls {

enum class State : std::uint8_t {
  done,
  wait_readable,  ///< call again with the same arguments when the socket can be read
  wait_writable,  ///< the same for writing
  over,           ///< the client has ended the session, or it is broken
};

struct Progress {
  State state = State::over;
  std::size_t bytes = 0;  ///< read or written; not 0 if `done`
};

/// One thread at a time.
class Session {
 public:
  /// Begins a session as the server. The socket must stay open as long as the session exists.
  Session(const Context& context, int socket);
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  State shake_hands();
  /// Reads at most one record, so that no client keeps the thread.
  Progress read(std::span<char> room);
  /// Writes at most one record. After a wait, the next call must offer the same bytes, and may offer more.
  Progress write(std::string_view bytes);
  /// Announces the end to the client, if the socket takes that at once.
  void close();
  /// Why the session is broken; empty if it is not. For the log: it holds nothing that the client sent.
  const std::string& fault() const { return fault_; }

 private:
  State state_after(int result);

  struct Freed {
    void operator()(ssl_st* session) const;
  };
  std::unique_ptr<ssl_st, Freed> session_;
  bool is_open_ = false;
  std::string fault_;
};

}  // namespace ttp::tls
