// A proxy in front of PostgreSQL's Unix socket that cuts a connection after an exact number of bytes of one
// request or of its answer.
#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdlib>
#include <deque>
#include <filesystem>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace ttp::test {

class CutProxy {
 public:
  enum class Direction { to_server, to_client };

  /// `server` is the path of the server's socket; the proxy's has the same name in a folder of its own.
  explicit CutProxy(std::filesystem::path server) : server_(std::move(server)) {
    std::string name = (std::filesystem::temp_directory_path() / "ttp-proxy-XXXXXX").native();
    if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary folder");
    folder_ = name;
    listener_ = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const auto address = address_of(std::filesystem::path{folder_} / server_.filename());
    if (::bind(listener_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
        ::listen(listener_, 16) != 0)
      throw std::runtime_error("the proxy cannot listen");
    acceptor_ = std::thread{[this] { accept(); }};
  }
  ~CutProxy() {
    ends_ = true;
    acceptor_.join();
    for (auto& each : pumps_) each.join();
    ::close(listener_);
    std::filesystem::remove_all(folder_);
  }
  CutProxy(const CutProxy&) = delete;
  CutProxy& operator=(const CutProxy&) = delete;

  const std::string& folder() const { return folder_; }

  /// The next request with this text in it is cut after so many of its bytes, or of those of its answer.
  void cut_after(Direction direction, std::size_t bytes, std::string request) {
    const std::scoped_lock lock{mutex_};
    cut_ = Cut{direction, bytes, std::move(request)};
  }

 private:
  struct Cut {
    Direction direction;
    std::size_t bytes;
    std::string request;
  };

  static sockaddr_un address_of(const std::filesystem::path& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.native().copy(address.sun_path, sizeof address.sun_path - 1);
    return address;
  }

  void accept() {
    while (!ends_) {
      pollfd waiting{listener_, POLLIN, 0};
      if (::poll(&waiting, 1, 10) <= 0) continue;
      const int client = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
      const int server = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
      const auto address = address_of(server_);
      if (::connect(server, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0)
        pumps_.emplace_back([this, client, server] { pump(client, server); });
      else
        close_both(client, server);
    }
  }

  static void close_both(int client, int server) {
    ::close(client);
    ::close(server);
  }

  /// The cut, if this request is the one to cut.
  std::optional<Cut> cut_of(std::string_view request) {
    const std::scoped_lock lock{mutex_};
    if (!cut_ || request.find(cut_->request) == std::string_view::npos) return std::nullopt;
    return std::exchange(cut_, std::nullopt);
  }

  void pump(int client, int server) {
    std::vector<char> buffer(1 << 20);
    std::optional<std::size_t> left_of_answer;
    while (!ends_) {
      std::array<pollfd, 2> ends{pollfd{client, POLLIN, 0}, pollfd{server, POLLIN, 0}};
      if (::poll(ends.data(), ends.size(), 10) <= 0) continue;
      const bool from_client = ends[0].revents != 0;
      const auto got = ::read(from_client ? client : server, buffer.data(), buffer.size());
      if (got <= 0) break;
      std::string_view bytes{buffer.data(), static_cast<std::size_t>(got)};
      bool ends_here = false;
      if (const auto cut = from_client ? cut_of(bytes) : std::nullopt) {
        if (cut->direction == Direction::to_client) {
          left_of_answer = cut->bytes;
        } else {
          ends_here = cut->bytes < bytes.size();
          bytes = bytes.substr(0, cut->bytes);
        }
      } else if (!from_client && left_of_answer) {
        ends_here = *left_of_answer <= bytes.size();
        bytes = bytes.substr(0, *left_of_answer);
        *left_of_answer -= bytes.size();
      }
      if (::send(from_client ? server : client, bytes.data(), bytes.size(), MSG_NOSIGNAL) < 0 || ends_here)
        break;
    }
    close_both(client, server);
  }

  const std::filesystem::path server_;
  std::string folder_;
  int listener_ = -1;
  std::atomic<bool> ends_ = false;
  std::mutex mutex_;
  std::optional<Cut> cut_;
  std::deque<std::thread> pumps_;  // added by the acceptor alone
  std::thread acceptor_;
};

}  // namespace ttp::test
