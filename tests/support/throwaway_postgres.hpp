// A PostgreSQL server of Debian for tests: in a temporary folder, on a Unix socket there and on a loopback
// port of its own, without syncing. It ends with the process, however that ends. Each test gets a database of
// its own in it.
#pragma once

#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "events/bytes.hpp"
#include "storage/postgres/connection.hpp"
#include "storage/postgres/schema.hpp"
#include "storage/postgres/target.hpp"

namespace ttp::test {

class ThrowawayPostgres {
 public:
  using Time = std::chrono::milliseconds;
  enum class Tls { off, on };

  explicit ThrowawayPostgres(Tls tls = Tls::off) {
    std::string name = (std::filesystem::temp_directory_path() / "ttp-postgres-XXXXXX").native();
    if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary folder");
    folder_ = name;
    if (const passwd* found = ::geteuid() == 0 ? ::getpwnam("postgres") : nullptr) {
      user_ = found->pw_uid;
      group_ = found->pw_gid;
      if (::chown(name.c_str(), user_, group_) != 0) throw std::runtime_error("chown failed");
    }
    port_ = free_port();
    make_data();
    if (tls == Tls::on) make_certificates();
    start();
    auto owner = connect("postgres");
    owner->run_script("CREATE ROLE ttp_owner NOLOGIN; CREATE ROLE ttp_node LOGIN", Time{60'000});
  }

  ~ThrowawayPostgres() {
    stop();
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }
  ThrowawayPostgres(const ThrowawayPostgres&) = delete;
  ThrowawayPostgres& operator=(const ThrowawayPostgres&) = delete;

  /// One for all tests of this process.
  static ThrowawayPostgres& shared() {
    static ThrowawayPostgres server;
    return server;
  }

  void start() {
    std::vector<std::string> words{bin() / "postgres",   "-D", data(), "-k", folder_, "-p",
                                   std::to_string(port_)};
    for (const auto* setting :
         {"listen_addresses=127.0.0.1", "fsync=off", "full_page_writes=off", "shared_buffers=32MB",
          "max_connections=60", "max_wal_size=1GB", "log_min_messages=warning", "autovacuum=off"})
      words.insert(words.end(), {"-c", setting});
    server_ = begin(words);
    for (int tries = 0;; ++tries) {
      try {
        connect("postgres");
        return;
      } catch (const storage::postgres::Lost& lost) {
        if (tries == 400) throw std::runtime_error(std::string{"PostgreSQL does not start: "} + lost.what());
        std::this_thread::sleep_for(std::chrono::milliseconds{25});
      }
    }
  }
  /// Ends the server as a power cut would; `start` brings it back.
  void stop() {
    if (server_ == 0) return;
    ::kill(server_, SIGQUIT);
    ::waitpid(server_, nullptr, 0);
    server_ = 0;
  }
  void signal(int number) const { ::kill(server_, number); }
  /// Sends a signal to every process of the server but the first; returns their number.
  int signal_children(int number) const {
    const std::string pid = std::to_string(server_);
    std::ifstream children{"/proc/" + pid + "/task/" + pid + "/children"};
    int count = 0;
    for (pid_t child = 0; children >> child; ++count) ::kill(child, number);
    return count;
  }
  std::filesystem::path socket() const { return folder_ + "/.s.PGSQL." + std::to_string(port_); }
  const std::string& socket_folder() const { return folder_; }
  std::uint16_t port() const { return port_; }

  /// The connection string of a role on the Unix socket.
  std::string url(std::string_view database, std::string_view role = "postgres") const {
    return "host=" + folder_ + " port=" + std::to_string(port_) + " dbname=" + std::string{database} +
           " user=" + std::string{role};
  }
  std::string url_by_tcp(std::string_view database, std::string_view role) const {
    return "host=localhost hostaddr=127.0.0.1 port=" + std::to_string(port_) +
           " dbname=" + std::string{database} + " user=" + std::string{role};
  }
  std::string root_certificate() const { return folder_ + "/root.crt"; }
  std::string other_root_certificate() const { return folder_ + "/other.crt"; }

  std::unique_ptr<storage::postgres::Connection> connect(std::string_view database,
                                                         std::string_view role = "postgres") const {
    const auto servers = storage::postgres::servers_of(url(database, role));
    return std::make_unique<storage::postgres::Connection>(servers, Time{30'000});
  }

  /// A new, empty database, or a copy of another.
  std::string new_database(const std::string& like = "template1") {
    static std::atomic<int> count{0};
    const std::string name = "test_" + std::to_string(count++);
    connect("postgres")
        ->run_script("CREATE DATABASE " + name + " OWNER ttp_owner TEMPLATE " + like, Time{30'000});
    return name;
  }
  /// A new database with an empty, open log that needs no standby.
  std::string new_log() {
    if (prepared_.empty()) {
      const std::string made = new_database();
      storage::postgres::migrate(*connect(made));
      prepared_ = made;
    }
    const std::string name = new_database(prepared_);
    const auto owner = connect(name);
    storage::postgres::LogIdentity identity{.id = {}, .needs_standby = false};
    events::fill_random(identity.id.bytes);
    storage::postgres::create_log(*owner, identity);
    storage::postgres::open_log(*owner);
    return name;
  }

 private:
  static std::filesystem::path bin() { return "/usr/lib/postgresql/15/bin"; }
  std::string data() const { return folder_ + "/data"; }

  static std::uint16_t free_port() {
    const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* generic = reinterpret_cast<sockaddr*>(&address);
    const bool bound = ::bind(socket, generic, size) == 0 && ::getsockname(socket, generic, &size) == 0;
    ::close(socket);
    if (!bound) throw std::runtime_error("no free port");
    return ntohs(address.sin_port);
  }

  /// Starts a program as the server's user. PostgreSQL refuses to run as root.
  pid_t begin(const std::vector<std::string>& words) const {
    const pid_t child = ::fork();
    if (child != 0) return child;
    if (user_ != 0 && (::setgid(group_) != 0 || ::setuid(user_) != 0)) ::_exit(126);
    ::prctl(PR_SET_PDEATHSIG, SIGQUIT);
    const std::string log = folder_ + "/log";
    if (::freopen("/dev/null", "r", stdin) == nullptr || ::freopen(log.c_str(), "a", stdout) == nullptr ||
        ::freopen(log.c_str(), "a", stderr) == nullptr || ::chdir("/") != 0)
      ::_exit(126);
    std::vector<char*> arguments;
    for (const auto& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
    arguments.push_back(nullptr);
    ::execv(arguments.front(), arguments.data());
    ::_exit(127);
  }

  void run(const std::vector<std::string>& words) const {
    int status = 0;
    if (::waitpid(begin(words), &status, 0) < 0 || status != 0)
      throw std::runtime_error(words.front() + " failed; see " + folder_ + "/log");
  }

  /// initdb takes long, so what it makes is kept in the build folder and copied.
  void make_data() const {
    namespace fs = std::filesystem;
    const fs::path made = fs::path{TTP_BINARY_DIR} / "postgres-data";
    if (!fs::exists(made)) {
      run({bin() / "initdb", "--pgdata=" + data(), "--username=postgres", "--auth=trust", "--encoding=UTF8",
           "--locale=C", "--no-sync"});
      const fs::path half = made.string() + "." + std::to_string(::getpid());
      fs::copy(data(), half, fs::copy_options::recursive);
      std::error_code another_was_faster;
      fs::rename(half, made, another_was_faster);
      if (another_was_faster) fs::remove_all(half);
      return;
    }
    fs::copy(made, data(), fs::copy_options::recursive);
    if (user_ == 0) return;
    const auto give = [&](const fs::path& path) {
      if (::lchown(path.c_str(), user_, group_) != 0) throw std::runtime_error("lchown failed");
    };
    give(data());
    for (const auto& each : fs::recursive_directory_iterator{data()}) give(each.path());
  }

  /// A root certificate, the server's certificate for "localhost" signed by it, and another root.
  void make_certificates() const {
    const std::string script =
        "cd '" + folder_ +
        "' && openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=root "
        "-keyout root.key -out root.crt && openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 "
        "-nodes -days 2 -subj /CN=other -keyout other.key -out other.crt && openssl req -new -newkey ec "
        "-pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=localhost -keyout data/server.key -out server.csr "
        "&& openssl x509 -req -in server.csr -CA root.crt -CAkey root.key -CAcreateserial -days 2 -out "
        "data/server.crt && chmod 600 data/server.key";
    run({"/bin/sh", "-c", script});
    std::ofstream{data() + "/postgresql.conf", std::ios::app} << "ssl = on\n";
    std::ofstream{data() + "/pg_hba.conf"} << "local all all trust\nhostssl all all 127.0.0.1/32 trust\n";
  }

  std::string folder_;
  std::string prepared_;  ///< a database with the schema and no log
  uid_t user_ = 0;
  gid_t group_ = 0;
  std::uint16_t port_ = 0;
  pid_t server_ = 0;
};

}  // namespace ttp::test
