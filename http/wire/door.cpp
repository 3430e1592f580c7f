#include "http/wire/door.hpp"

#include <array>
#include <functional>
#include <stdexcept>
#include <system_error>
#include <utility>

#include <fmt/format.h>
#include <linux/filter.h>
#include <spdlog/spdlog.h>
#include <sys/socket.h>

namespace ttp::http {
namespace {

asio::ip::address parse_address(const std::string& text) {
  error_code fault;
  auto address = asio::ip::make_address(text, fault);
  if (fault) throw std::invalid_argument("not a numeric address to listen on: " + text);
  return address;
}

/// Makes the kernel drop new handshakes; established connections are not affected. If the kernel refuses the
/// filter, a client that connects at the last moment is reset before it was accepted.
void drop_new_handshakes(int listener) {
  constexpr std::uint32_t flags_of_segment = 13, syn = 0x02, ack = 0x10;
  std::array<sock_filter, 5> program{{BPF_STMT(BPF_LD | BPF_B | BPF_ABS, flags_of_segment),
                                      BPF_STMT(BPF_ALU | BPF_AND | BPF_K, syn | ack),
                                      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, syn, 0, 1),
                                      BPF_STMT(BPF_RET | BPF_K, 0), BPF_STMT(BPF_RET | BPF_K, 0xffffffff)}};
  const sock_fprog filter{static_cast<unsigned short>(program.size()), program.data()};
  static_cast<void>(setsockopt(listener, SOL_SOCKET, SO_ATTACH_FILTER, &filter, sizeof filter));
}

std::string where(const Listener& listener) {
  if (listener.inherited) return fmt::format("the socket {} of the service manager", *listener.inherited);
  return fmt::format("{} port {}", listener.address, listener.port);
}

}  // namespace

// ---- trouble ----------------------------------------------------------------------------------------------

bool is_out_of_descriptors(const error_code& fault) {
  return fault == boost::system::errc::too_many_files_open ||
         fault == boost::system::errc::too_many_files_open_in_system;
}

void AcceptTrouble::failed(const error_code& fault) {
  last_ = Clock::now();
  if (std::exchange(is_on_, true)) return;
  if (is_out_of_descriptors(fault))
    spdlog::error(
        "accepting connections on {}: {}. New clients get a 503 until others disconnect; existing "
        "connections are served. Raise the limit of open files (ulimit -n, LimitNOFILE=) and restart the "
        "server",
        where_, fault.message());
  else
    spdlog::error(
        "accepting connections on {}: {}. The server retries; existing connections are served. If this "
        "persists, restart the server",
        where_, fault.message());
}

void AcceptTrouble::worked() {
  if (!is_on_ || Clock::now() - last_ < calm_time_) return;
  is_on_ = false;
  spdlog::info("accepting connections on {}: works again", where_);
}

// ---- listening --------------------------------------------------------------------------------------------

Door::Door(Listener listener, asio::io_context& io, const Limits& limits)
    : acceptor(io),
      pause(acceptor.get_executor()),
      trouble(where(listener), limits.accept_calm_time),
      listener_(std::move(listener)),
      address_(parse_address(listener_.address)) {}

void Door::open() {
  use(make_context());
  try {
    if (listener_.inherited)
      take_over(*listener_.inherited);
    else
      listen();
    acceptor.non_blocking(true);
    port_ = acceptor.local_endpoint().port();
  } catch (const boost::system::system_error& fault) {
    throw std::system_error(std::error_code(fault.code()), "cannot listen on " + where(listener_));
  }
}

void Door::listen() {
  const tcp::endpoint endpoint(address_, listener_.port);
  acceptor.open(endpoint.protocol());
  acceptor.set_option(tcp::acceptor::reuse_address(true));
  acceptor.bind(endpoint);
  acceptor.listen();
}

void Door::take_over(int socket) {
  int family = 0, listens = 0;
  socklen_t size = sizeof family;
  const bool is_listening = getsockopt(socket, SOL_SOCKET, SO_DOMAIN, &family, &size) == 0 &&
                            getsockopt(socket, SOL_SOCKET, SO_ACCEPTCONN, &listens, &size) == 0 &&
                            listens != 0;
  if (!is_listening || (family != AF_INET && family != AF_INET6))
    throw std::runtime_error(where(listener_) + " is no TCP socket that listens");
  acceptor.assign(family == AF_INET ? tcp::v4() : tcp::v6(), socket);
}

void Door::close(const std::function<void()>& accept_rest) {
  if (!listener_.inherited) {
    drop_new_handshakes(acceptor.native_handle());
    accept_rest();
  }
  error_code ignored;
  static_cast<void>(acceptor.close(ignored));
  pause.cancel();
}

// ---- TLS --------------------------------------------------------------------------------------------------

Entrance Door::entrance() const {
  Entrance entrance{listener_.needs_proxy_header, {}, listener_.strict_transport_security};
  if (!has_tls()) return entrance;
  os::MutexLock lock(mutex_);
  entrance.tls = context_;
  return entrance;
}

std::shared_ptr<const tls::Context> Door::make_context() const {
  return has_tls() ? std::make_shared<const tls::Context>(*listener_.tls) : nullptr;
}

void Door::use(std::shared_ptr<const tls::Context> context) {
  os::MutexLock lock(mutex_);
  context_ = std::move(context);
}

}  // namespace ttp::http
