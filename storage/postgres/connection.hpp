// One connection to PostgreSQL by libpq. Statements go in one round trip, binary and prepared, and count as
// done only when the server has said that it is ready for the next: before that, a commit may still wait for
// the standby. Every wait has a time-out. No other source includes libpq.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <set>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "domain/ids.hpp"
#include "storage/postgres/target.hpp"

struct pg_conn;
struct pg_result;

namespace ttp::storage::postgres {

/// The connection is gone, or the server did not answer in time, or it said that a commit may not be on the
/// standby: it is not known what became of the statements. The connection must be dropped.
struct Lost : std::runtime_error {
  using std::runtime_error::runtime_error;
};
/// The server refused a statement, so none of them was carried out.
struct Denied : std::runtime_error {
  Denied(std::string code, const std::string& message)
      : std::runtime_error(message), sqlstate(std::move(code)) {}
  std::string sqlstate;
};

/// The values of a statement's parameters, in PostgreSQL's binary form.
class Values {
 public:
  Values& number(std::int64_t value);
  Values& text(std::string_view value);
  Values& bytes(std::string_view value);
  Values& uuid(const domain::Uuid& value);
  Values& flag(bool value);
  Values& numbers(std::span<const std::int64_t> values);
  Values& all_bytes(std::span<const std::string_view> values);
  Values& uuids(std::span<const domain::Uuid> values);

 private:
  friend class Connection;
  void add(std::uint32_t type, std::string value);
  std::vector<std::uint32_t> types_;
  std::vector<std::string> values_;
};

/// `sql` must be a constant of the program: it is prepared once per connection.
struct Statement {
  const char* sql = nullptr;
  Values values{};
};

/// The rows of one statement. Texts are valid as long as the object.
class Rows {
 public:
  explicit Rows(pg_result* result);
  std::size_t size() const;
  std::int64_t number(std::size_t row, int column) const;
  bool flag(std::size_t row, int column) const;
  std::string_view bytes(std::size_t row, int column) const;
  bool is_null(std::size_t row, int column) const;

 private:
  std::shared_ptr<pg_result> result_;
};

class Connection {
 public:
  using Time = std::chrono::milliseconds;

  /// Connects to the first of the servers that answers and takes writes. libpq's own time-out does not pass
  /// over a host that hangs, so each gets its share of `time_out`. Throws Lost.
  Connection(std::span<const Server> servers, Time time_out);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  /// Runs the statements in one round trip and in one transaction, unless they begin or end one themselves.
  /// Throws Lost or Denied.
  std::vector<Rows> run(std::span<const Statement> statements, Time time_out);
  Rows run(Statement statement, Time time_out);
  /// Runs a script of any statements, without values. Throws Lost or Denied.
  void run_script(const std::string& sql, Time time_out);
  /// Waits until another process notifies a channel that this connection listens to, or the time is up.
  /// Throws Lost.
  bool wait_for_notice(Time time_out);
  /// Whether the connection is encrypted.
  bool uses_tls() const;

 private:
  using Until = std::chrono::steady_clock::time_point;

  bool connect(const Server& server, Until until, std::string& why);
  void wait_for_socket(bool also_writable, Until until) const;
  void flush(Until until) const;
  pg_result* next_result(Until until) const;
  void send(const Statement& statement);
  std::string name_of(const char* sql) const;
  void check_doubt();

  pg_conn* connection_ = nullptr;
  std::set<const char*> prepared_;
  unsigned generation_ = 0;  ///< part of the names of prepared statements
  bool in_doubt_ = false;    ///< the server said that a commit may not be on the standby
};

}  // namespace ttp::storage::postgres
