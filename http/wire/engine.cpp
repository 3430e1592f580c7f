// The engine behind `Server`, built on Asio coroutines: one coroutine for each listener accepts, each
// connection has its own coroutine and stays on one I/O thread.
#include <algorithm>
#include <cassert>
#include <deque>
#include <future>
#include <thread>
#include <unordered_map>
#include <vector>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <spdlog/spdlog.h>

#include "http/wire/address.hpp"
#include "http/wire/asio.hpp"
#include "http/wire/connection.hpp"
#include "http/wire/door.hpp"
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

}  // namespace

class Server::Engine {
 public:
  Engine(const ServerConfig& config, Handler& handler)
      : shared_{config, TrustedProxies(config.trusted_proxies), handler},
        loops_(std::max(shared_.config.threads, 1u)) {
    add_door({config.address, config.port, config.inherited, false, {}, config.strict_transport_security});
    for (const Listener& each : config.more) add_door(each);
    shared_.count_for_client = [this](Connection& connection, const Address& client) {
      return count_for_client(connection, client);
    };
  }

  void start() {
    assert(!is_running() && "a server starts once");
    for (Door& door : doors_) door.open();
    for (Door& door : doors_)
      asio::co_spawn(door.acceptor.get_executor(), accept_all(door), [](const std::exception_ptr& fault) {
        if (fault) log("accepting connections", fault);
      });
    for (Loop& loop : loops_)
      loop.thread = std::thread([&loop] {
        os::name_this_thread("http");
        loop.io.run();
      });
  }

  std::uint16_t port_of(std::size_t door) const { return doors_.at(door).port(); }

  void reload_certificates() {
    std::vector<std::shared_ptr<const tls::Context>> made;
    for (const Door& door : doors_) made.push_back(door.make_context());
    for (std::size_t i = 0; i < made.size(); ++i) doors_[i].use(std::move(made[i]));
  }

  bool is_responsive_within(std::chrono::milliseconds time) {
    const auto until = Clock::now() + time;
    std::vector<std::future<void>> all;
    for (Loop& loop : loops_) {
      auto ran = std::make_shared<std::promise<void>>();
      all.push_back(ran->get_future());
      asio::post(loop.io, [ran] { ran->set_value(); });
    }
    return std::ranges::all_of(
        all, [&](auto& each) { return each.wait_until(until) == std::future_status::ready; });
  }

  void close_connections_after_answers() { reach(Stage::leaving); }

  void stop_accepting() {
    if (!reach(Stage::closing)) return;
    std::promise<void> closed;
    asio::post(loops_.front().io, [&] {
      for (Door& door : doors_) door.close([&] { accept_established(door); });
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
            .responses_timed_out = counters.responses_timed_out,
            .proxy_headers_refused = counters.proxy_headers_refused,
            .tls_handshakes = counters.tls_handshakes,
            .tls_handshakes_failed = counters.tls_handshakes_failed,
            .certificates_valid_until = certificates_valid_until()};
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

  void add_door(const Listener& listener) {
    doors_.emplace_back(listener, loops_.front().io, shared_.config.limits);
  }

  std::optional<std::chrono::sys_seconds> certificates_valid_until() const {
    std::optional<std::chrono::sys_seconds> first;
    for (const Door& door : doors_) {
      const auto context = door.entrance().tls;
      if (context && (!first || context->certificate().valid_until < *first))
        first = context->certificate().valid_until;
    }
    return first;
  }

  /// Moves on to `stage`. False if it or a later one was reached before.
  bool reach(Stage stage) {
    os::MutexLock lock(mutex_);
    if (shared_.stage >= stage) return false;
    shared_.stage = stage;
    return true;
  }

  // ---- accepting: on the first loop's thread -------------------------------------------------------------

  awaitable<void> accept_all(Door& door) {
    while (door.acceptor.is_open()) {
      Loop& loop = next_loop();
      Socket socket(loop.io);
      const auto [fault] = co_await door.acceptor.async_accept(socket, quietly);
      if (!fault) {
        door.trouble.worked();
        admit(std::move(socket), loop.heads, door);
      } else if (door.acceptor.is_open() && fault != asio::error::connection_aborted) {
        door.trouble.failed(fault);
        const auto fault_left = is_out_of_descriptors(fault) ? turn_away_with_spare(loop, door) : fault;
        if (!fault_left || fault_left == asio::error::would_block) {
          // The kernel reports the missing descriptor before a client is there, so wait for one.
          co_await door.acceptor.async_wait(tcp::acceptor::wait_read, quietly);
        } else {
          door.pause.expires_after(accept_pause);
          co_await door.pause.async_wait(quietly);
        }
      }
    }
  }

  Loop& next_loop() { return loops_[next_loop_++ % loops_.size()]; }

  /// Accepts one connection on a spare descriptor and answers it with a 503. Returns the error of accepting:
  /// would_block if no client is there.
  error_code turn_away_with_spare(Loop& loop, Door& door) {
    error_code fault;
    Socket socket(loop.io);
    {
      os::MutexLock lock(mutex_);
      static_cast<void>(spares_.release_one());
      static_cast<void>(door.acceptor.accept(socket, fault));
      if (fault) spares_.refill();
    }
    if (!fault) admit(std::move(socket), loop.heads, door, TooMany{Reason::overloaded, 503});
    return fault;
  }

  /// Accepts every established connection, because the kernel resets those left when the listener closes.
  void accept_established(Door& door) {
    for (;;) {
      Loop& loop = next_loop();
      error_code fault;
      Socket socket(loop.io);
      static_cast<void>(door.acceptor.accept(socket, fault));
      if (!fault) admit(std::move(socket), loop.heads, door);
      if (is_out_of_descriptors(fault)) fault = turn_away_with_spare(loop, door);
      if (fault && fault != asio::error::connection_aborted) return;
    }
  }

  void admit(Socket socket, SharedHeads& heads, const Door& door, std::optional<TooMany> too_many = {}) {
    error_code fault;
    const auto endpoint = socket.remote_endpoint(fault);
    if (fault) return;  // already disconnected
    const auto peer = address_of(endpoint.address());
    static_cast<void>(socket.set_option(tcp::no_delay(true), fault));
    ++shared_.counters.connections_total;
    if (door.demands_proxy_header() && !shared_.proxies.hold(peer)) {
      ++shared_.counters.proxy_headers_refused;
      return;
    }
    const auto connection =
        std::make_shared<Connection>(std::move(socket), peer, shared_, heads, door.entrance());
    const auto owner = owner_of(peer);

    os::MutexLock lock(mutex_);
    if (shared_.stage == Stage::ending) return;
    if (!too_many) too_many = excess(peer, owner, door);
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

  std::optional<TooMany> excess(const Address& peer, const Owner& owner, const Door& door)
      TTP_REQUIRES(mutex_) {
    if (open_.size() - turned_away_ >= shared_.config.limits.connections_max)
      return TooMany{Reason::overloaded, 503};
    return shared_.proxies.hold(peer) ? std::nullopt : excess_of(owner, door.has_tls());
  }

  std::optional<TooMany> excess_of(const Owner& owner, bool by_tls) TTP_REQUIRES(mutex_) {
    const auto& limits = shared_.config.limits;
    const bool has_room = by_owner_.has_room(owner, limits.connections_per_address_max) &&
                          (!by_tls || handshakes_.take(owner, limits.handshakes_per_address_max,
                                                       limits.handshake_window, Clock::now()));
    return has_room ? std::nullopt : std::optional{TooMany{Reason::rate_limited, 429}};
  }

  std::optional<TooMany> count_for_client(Connection& connection, const Address& client) {
    const auto owner = owner_of(client);
    os::MutexLock lock(mutex_);
    Slot& slot = open_.at(&connection);
    if (slot.owner == owner) return std::nullopt;
    if (const auto too_many = excess_of(owner, connection.awaits_handshake())) {
      ++shared_.counters.connections_refused;
      return too_many;
    }
    by_owner_.remove(slot.owner);
    slot.owner = owner;
    by_owner_.add(owner);
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

  Shared shared_;
  std::deque<Loop> loops_;
  std::deque<Door> doors_;     // accept on the first loop's thread
  std::size_t next_loop_ = 0;  // of the first loop's thread alone

  mutable os::Mutex mutex_;
  os::Condition none_open_;
  std::unordered_map<Connection*, Slot> open_ TTP_GUARDED_BY(mutex_);
  OwnerCounts by_owner_ TTP_GUARDED_BY(mutex_);
  OwnerRates handshakes_ TTP_GUARDED_BY(mutex_);
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
  return engine_->port_of(0);
}
std::uint16_t Server::port_of(std::size_t more) const {
  return engine_->port_of(1 + more);
}
void Server::reload_certificates() {
  engine_->reload_certificates();
}
bool Server::is_responsive_within(std::chrono::milliseconds time) {
  return engine_->is_responsive_within(time);
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
