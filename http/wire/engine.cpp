// The engine behind `Server`, built on Asio coroutines: one coroutine accepts, each connection has its own
// coroutine and stays on one I/O thread.
#include <algorithm>
#include <array>
#include <cassert>
#include <deque>
#include <future>
#include <stdexcept>
#include <system_error>
#include <thread>
#include <unordered_map>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <fmt/format.h>
#include <linux/filter.h>
#include <spdlog/spdlog.h>
#include <sys/socket.h>

#include "http/wire/address.hpp"
#include "http/wire/asio.hpp"
#include "http/wire/connection.hpp"
#include "http/wire/owner_counts.hpp"
#include "http/wire/server.hpp"
#include "os/descriptors.hpp"
#include "os/mutex.hpp"
#include "os/threads.hpp"

namespace ttp::http {
namespace {

using domain::Reason;

constexpr std::size_t refusals_open_max = 256;  // beyond it, an excess connection is closed without an answer
constexpr std::size_t spare_descriptors = 16;   // for 503 answers when no others are left
constexpr std::chrono::milliseconds accept_pause{
    50};  // after accepting failed and no client could be answered

Address address_of(const asio::ip::address& address) {
  if (address.is_v6()) return {address.to_v6().to_bytes()};
  return {asio::ip::make_address_v6(asio::ip::v4_mapped, address.to_v4()).to_bytes()};
}

bool is_out_of_descriptors(const error_code& fault) {
  return fault == boost::system::errc::too_many_files_open ||
         fault == boost::system::errc::too_many_files_open_in_system;
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

/// Logs when accepting begins to fail and when it has worked again for a while: one line each, independent of
/// the number of clients.
class AcceptTrouble {
 public:
  AcceptTrouble(std::string where, std::chrono::milliseconds calm_time)
      : where_(std::move(where)), calm_time_(calm_time) {}

  void failed(const error_code& fault) {
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
  void worked() {
    if (!is_on_ || Clock::now() - last_ < calm_time_) return;
    is_on_ = false;
    spdlog::info("accepting connections on {}: works again", where_);
  }

 private:
  const std::string where_;
  const std::chrono::milliseconds calm_time_;
  bool is_on_ = false;
  Clock::time_point last_{};
};

}  // namespace

class Server::Engine {
 public:
  Engine(const ServerConfig& config, Handler& handler)
      : address_(parse_address(config.address)),
        shared_{config, TrustedProxies(config.trusted_proxies), handler},
        loops_(std::max(shared_.config.threads, 1u)),
        acceptor_(loops_.front().io),
        pause_(acceptor_.get_executor()),
        trouble_(fmt::format("{} port {}", config.address, config.port), config.limits.accept_calm_time) {}

  void start() {
    assert(!is_running() && "a server starts once");
    const tcp::endpoint endpoint(address_, shared_.config.port);
    try {
      acceptor_.open(endpoint.protocol());
      acceptor_.set_option(tcp::acceptor::reuse_address(true));
      acceptor_.bind(endpoint);
      acceptor_.listen();
      acceptor_.non_blocking(true);
      port_ = acceptor_.local_endpoint().port();
    } catch (const boost::system::system_error& fault) {
      throw std::system_error(
          std::error_code(fault.code()),
          fmt::format("cannot listen on {} port {}", shared_.config.address, shared_.config.port));
    }
    asio::co_spawn(acceptor_.get_executor(), accept_all(), [](const std::exception_ptr& fault) {
      if (fault) log("accepting connections", fault);
    });
    for (Loop& loop : loops_)
      loop.thread = std::thread([&loop] {
        os::name_this_thread("http");
        loop.io.run();
      });
  }

  std::uint16_t port() const { return port_; }

  void close_connections_after_answers() { reach(Stage::leaving); }

  void stop_accepting() {
    if (!reach(Stage::closing)) return;
    std::promise<void> closed;
    asio::post(acceptor_.get_executor(), [&] {
      drop_new_handshakes(acceptor_.native_handle());
      accept_established();
      error_code ignored;
      static_cast<void>(acceptor_.close(ignored));
      pause_.cancel();
      closed.set_value();
    });
    closed.get_future().wait();
    for_each_open([](Connection& connection) { connection.end_when_idle(); });
  }

  bool is_empty_within(std::chrono::milliseconds time) {
    const auto until = std::chrono::steady_clock::now() + time;
    os::MutexLock lock(mutex_);
    while (!open_.empty() && none_open_.wait_until(lock, until)) {
    }
    return open_.empty();
  }

  void drain() {
    stop_accepting();
    if (!is_empty_within(shared_.config.limits.drain_time_max)) end_connections();
  }

  void stop() {
    if (!is_running()) return;
    stop_accepting();
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
  /// An I/O thread with its own connections. They need no locks among themselves and do not move to other
  /// cores.
  struct Loop {
    SharedHeads heads{};
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

  /// Moves on to `stage`. False if it or a later one was reached before.
  bool reach(Stage stage) {
    os::MutexLock lock(mutex_);
    if (shared_.stage >= stage) return false;
    shared_.stage = stage;
    return true;
  }

  // ---- accepting: on the first loop's thread -------------------------------------------------------------

  awaitable<void> accept_all() {
    while (acceptor_.is_open()) {
      Loop& loop = next_loop();
      Socket socket(loop.io);
      const auto [fault] = co_await acceptor_.async_accept(socket, quietly);
      if (!fault) {
        trouble_.worked();
        admit(std::move(socket), loop.heads);
      } else if (acceptor_.is_open() && fault != asio::error::connection_aborted) {
        trouble_.failed(fault);
        const auto fault_left = is_out_of_descriptors(fault) ? turn_away_with_spare(loop) : fault;
        if (!fault_left || fault_left == asio::error::would_block) {
          // The kernel reports the missing descriptor before a client is there, so wait for one.
          co_await acceptor_.async_wait(tcp::acceptor::wait_read, quietly);
        } else {
          pause_.expires_after(accept_pause);
          co_await pause_.async_wait(quietly);
        }
      }
    }
  }

  Loop& next_loop() { return loops_[next_loop_++ % loops_.size()]; }

  /// Accepts one connection on a spare descriptor and answers it with a 503. Returns the error of accepting:
  /// would_block if no client is there.
  error_code turn_away_with_spare(Loop& loop) {
    error_code fault;
    Socket socket(loop.io);
    {
      os::MutexLock lock(mutex_);
      static_cast<void>(spares_.release_one());
      static_cast<void>(acceptor_.accept(socket, fault));
      if (fault) spares_.refill();
    }
    if (!fault) admit(std::move(socket), loop.heads, TooMany{Reason::overloaded, 503});
    return fault;
  }

  /// Accepts every established connection, because the kernel resets those left when the listener closes.
  void accept_established() {
    for (;;) {
      Loop& loop = next_loop();
      error_code fault;
      Socket socket(loop.io);
      static_cast<void>(acceptor_.accept(socket, fault));
      if (!fault) admit(std::move(socket), loop.heads);
      if (is_out_of_descriptors(fault)) fault = turn_away_with_spare(loop);
      if (fault && fault != asio::error::connection_aborted) return;
    }
  }

  void admit(Socket socket, SharedHeads& heads, std::optional<TooMany> too_many = {}) {
    error_code fault;
    const auto endpoint = socket.remote_endpoint(fault);
    if (fault) return;  // already disconnected
    const auto peer = address_of(endpoint.address());
    static_cast<void>(socket.set_option(tcp::no_delay(true), fault));
    ++shared_.counters.connections_total;
    const auto connection = std::make_shared<Connection>(std::move(socket), peer, shared_, heads);
    const auto owner = owner_of(peer);

    os::MutexLock lock(mutex_);
    if (shared_.stage == Stage::ending) return;
    if (!too_many) too_many = excess(peer, owner);
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
                     if (broken) log("serving a connection", broken);
                     release(connection.get());
                   });
  }

  std::optional<TooMany> excess(const Address& peer, const Owner& owner) const TTP_REQUIRES(mutex_) {
    const auto& limits = shared_.config.limits;
    if (open_.size() - turned_away_ >= limits.connections_max) return TooMany{Reason::overloaded, 503};
    if (!by_owner_.has_room(owner, limits.connections_per_address_max) && !shared_.proxies.hold(peer))
      return TooMany{Reason::rate_limited, 429};
    return std::nullopt;
  }

  // ---- ending --------------------------------------------------------------------------------------------

  void release(Connection* connection) {
    os::MutexLock lock(mutex_);
    const auto slot = open_.extract(connection);
    if (slot.mapped().is_turned_away) {
      --turned_away_;
      spares_.refill();
    } else {
      by_owner_.remove(slot.mapped().owner);
    }
    shared_.counters.connections_open = open_.size();
    if (open_.empty()) none_open_.notify_all();
  }

  static void log(std::string_view what, const std::exception_ptr& broken) {
    try {
      std::rethrow_exception(broken);
    } catch (const std::exception& fault) {
      spdlog::error("{} failed: {}", what, fault.what());
    }
  }

  void end_connections() {
    reach(Stage::ending);
    for_each_open([](Connection& connection) { connection.force(); });
    os::MutexLock lock(mutex_);
    while (!open_.empty()) none_open_.wait(lock);
  }

  template <class Visit>
  void for_each_open(Visit visit) {
    os::MutexLock lock(mutex_);
    for (auto& [key, slot] : open_) visit(*slot.connection);
  }

  const asio::ip::address address_;
  Shared shared_;
  std::deque<Loop> loops_;
  std::size_t next_loop_ = 0;  // of the first loop's thread alone
  asio::basic_socket_acceptor<tcp, IoExecutor> acceptor_;
  Timer pause_;
  AcceptTrouble trouble_;
  std::uint16_t port_ = 0;  // written before the threads start

  mutable os::Mutex mutex_;
  os::Condition none_open_;
  std::unordered_map<Connection*, Slot> open_ TTP_GUARDED_BY(mutex_);
  OwnerCounts by_owner_ TTP_GUARDED_BY(mutex_);
  std::size_t turned_away_ TTP_GUARDED_BY(mutex_) = 0;
  os::SpareDescriptors spares_ TTP_GUARDED_BY(mutex_){spare_descriptors};
};

// ---- public interface -------------------------------------------------------------------------------------

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
void Server::close_connections_after_answers() {
  engine_->close_connections_after_answers();
}
void Server::stop_accepting() {
  engine_->stop_accepting();
}
bool Server::is_empty_within(std::chrono::milliseconds time) {
  return engine_->is_empty_within(time);
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
