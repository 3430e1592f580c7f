#include "storage/postgres/connection.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <optional>
#include <utility>

#include <libpq-fe.h>
#include <poll.h>

#include "events/bytes.hpp"

namespace ttp::storage::postgres {
namespace {

using std::chrono::steady_clock;

// The numbers of PostgreSQL's types (pg_type.dat); they never change.
enum Type : std::uint32_t {
  type_bool = 16,
  type_bytes = 17,
  type_number = 20,
  type_text = 25,
  type_all_bytes = 1001,
  type_numbers = 1016,
  type_uuid = 2950,
  type_uuids = 2951,
};

/// The settings that every connection asks for. A setting of the connection is stronger than one of the role
/// or the database, so nobody can lower the durability of a node from outside.
constexpr const char* session_settings =
    "-c synchronous_commit=on -c default_transaction_isolation=read\\ committed"
    // A turn that stalls ends before those who wait for it give up.
    " -c idle_in_transaction_session_timeout=2s -c lock_timeout=4s -c statement_timeout=0"
    // A plan that was made while the tables were empty would scan them for ever; the costs that this rules
    // out would start the compiler.
    " -c plan_cache_mode=force_generic_plan -c enable_seqscan=off -c enable_bitmapscan=off -c jit=off";

struct Free {
  void operator()(PGresult* result) const { PQclear(result); }
  void operator()(PQconninfoOption* options) const { PQconninfoFree(options); }
};
using Result = std::unique_ptr<PGresult, Free>;

std::string trimmed(const char* message) {
  std::string text = message ? message : "";
  while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) text.pop_back();
  std::ranges::replace(text, '\n', ' ');
  return text;
}

std::string field(const PGresult* result, int which) {
  const char* text = PQresultErrorField(result, which);
  return text ? text : "";
}

/// Whether the server ends or lost the connection, so that a commit may have been carried out.
bool is_loss(const std::string& sqlstate) {
  return sqlstate.empty() || sqlstate.starts_with("08") || sqlstate.starts_with("57P") || sqlstate == "25P03";
}

/// An array of one dimension without nulls.
template <class Each>
std::string array_of(std::uint32_t type, std::size_t count, Each each) {
  std::string value;
  events::put_be32(value, count == 0 ? 0 : 1);
  events::put_be32(value, 0);
  events::put_be32(value, type);
  if (count == 0) return value;
  events::put_be32(value, static_cast<std::uint32_t>(count));
  events::put_be32(value, 1);
  for (std::size_t i = 0; i < count; ++i) {
    const auto element = each(i);
    events::put_be32(value, static_cast<std::uint32_t>(element.size()));
    value += element;
  }
  return value;
}

std::string number_value(std::int64_t number) {
  std::string value;
  events::put_be64(value, static_cast<std::uint64_t>(number));
  return value;
}

/// The parts between commas; one empty part for an empty text.
std::vector<std::string> parts_of(const std::string& text) {
  std::vector<std::string> parts(1);
  for (const char c : text) {
    if (c == ',')
      parts.emplace_back();
    else
      parts.back() += c;
  }
  return parts;
}

/// The part for a host; one that is given once holds for every host.
std::string part_for(const std::string& text, std::size_t host, std::size_t hosts, const char* what) {
  const auto parts = parts_of(text);
  if (parts.size() == 1) return parts.front();
  if (parts.size() != hosts)
    throw std::invalid_argument(std::string{"the connection string has another number of "} + what +
                                " than of hosts");
  return parts[host];
}

void set(Server& server, const std::string& keyword, const std::string& value) {
  const auto found = std::ranges::find(server, keyword, &std::pair<std::string, std::string>::first);
  if (found == server.end())
    server.emplace_back(keyword, value);
  else
    found->second = value;
}

std::string get(const Server& server, const std::string& keyword) {
  const auto found = std::ranges::find(server, keyword, &std::pair<std::string, std::string>::first);
  return found == server.end() ? std::string{} : found->second;
}

void require_tls(Server& server) {
  const std::string host = get(server, "host"), mode = get(server, "sslmode");
  // Without a name libpq would take it from the environment, and no certificate could be checked.
  if (host.empty()) throw std::invalid_argument("the connection string of the database names no host");
  if (host.starts_with('/') || host.starts_with('@')) return;
  if (!mode.empty() && mode != "verify-full")
    throw std::invalid_argument("the connection to the database at " + host +
                                " must have sslmode=verify-full, not " + mode +
                                ": events would cross the network in clear or to anybody");
  set(server, "sslmode", "verify-full");
  if (get(server, "ssl_min_protocol_version").empty()) set(server, "ssl_min_protocol_version", "TLSv1.3");
}

}  // namespace

// ---- where the database is --------------------------------------------------------------------------------

std::vector<Server> servers_of(std::string_view connection) {
  char* fault = nullptr;
  const std::unique_ptr<PQconninfoOption, Free> options{
      PQconninfoParse(std::string{connection}.c_str(), &fault)};
  if (!options) {
    PQfreemem(fault);  // it can have the password
    throw std::invalid_argument("libpq does not understand the connection string of the database");
  }
  Server all;
  for (const auto* each = options.get(); each->keyword; ++each)
    if (each->val) all.emplace_back(each->keyword, each->val);
  const auto hosts = parts_of(get(all, "host"));
  std::vector<Server> servers;
  for (std::size_t i = 0; i < hosts.size(); ++i) {
    Server server = all;
    if (!hosts[i].empty()) set(server, "host", hosts[i]);
    for (const char* each : {"port", "hostaddr"})
      if (const auto value = get(all, each); !value.empty())
        set(server, each, part_for(value, i, hosts.size(), each));
    set(server, "target_session_attrs", "read-write");
    set(server, "options", session_settings);
    set(server, "gssencmode", "disable");
    if (get(server, "application_name").empty()) set(server, "application_name", "ttp");
    require_tls(server);
    servers.push_back(std::move(server));
  }
  return servers;
}

// ---- values and rows --------------------------------------------------------------------------------------

void Values::add(std::uint32_t type, std::string value) {
  types_.push_back(type);
  values_.push_back(std::move(value));
}

Values& Values::number(std::int64_t value) {
  add(type_number, number_value(value));
  return *this;
}
Values& Values::text(std::string_view value) {
  add(type_text, std::string{value});
  return *this;
}
Values& Values::bytes(std::string_view value) {
  add(type_bytes, std::string{value});
  return *this;
}
Values& Values::uuid(const domain::Uuid& value) {
  add(type_uuid, std::string{events::as_text(value.bytes)});
  return *this;
}
Values& Values::flag(bool value) {
  add(type_bool, std::string(1, value ? '\x01' : '\x00'));
  return *this;
}
Values& Values::numbers(std::span<const std::int64_t> values) {
  add(type_numbers,
      array_of(type_number, values.size(), [&](std::size_t i) { return number_value(values[i]); }));
  return *this;
}
Values& Values::all_bytes(std::span<const std::string_view> values) {
  add(type_all_bytes, array_of(type_bytes, values.size(), [&](std::size_t i) { return values[i]; }));
  return *this;
}
Values& Values::uuids(std::span<const domain::Uuid> values) {
  add(type_uuids,
      array_of(type_uuid, values.size(), [&](std::size_t i) { return events::as_text(values[i].bytes); }));
  return *this;
}

Rows::Rows(pg_result* result) : result_(result, [](pg_result* each) { PQclear(each); }) {}

std::size_t Rows::size() const {
  return static_cast<std::size_t>(PQntuples(result_.get()));
}

std::string_view Rows::bytes(std::size_t row, int column) const {
  const int at = static_cast<int>(row);
  return {PQgetvalue(result_.get(), at, column),
          static_cast<std::size_t>(PQgetlength(result_.get(), at, column))};
}

bool Rows::is_null(std::size_t row, int column) const {
  return PQgetisnull(result_.get(), static_cast<int>(row), column) == 1;
}

std::int64_t Rows::number(std::size_t row, int column) const {
  const auto value = bytes(row, column);
  if (value.size() == 4) return static_cast<std::int32_t>(events::get_be32(value));
  return static_cast<std::int64_t>(events::get_be64(value));
}

bool Rows::flag(std::size_t row, int column) const {
  const auto value = bytes(row, column);
  return !value.empty() && value.front() != 0;
}

// ---- the connection ---------------------------------------------------------------------------------------

Connection::Connection(std::span<const Server> servers, Time time_out) {
  std::string why = "no host is named";
  const auto share = time_out / std::max<std::size_t>(servers.size(), 1);
  for (const auto& server : servers) {
    const auto until = steady_clock::now() + share;
    if (connect(server, until, why)) return;
  }
  throw Lost("the database of the log cannot be reached: " + why);
}

Connection::~Connection() {
  // Only the socket is closed. To cancel or terminate a backend that waits for the standby would make its
  // commit visible before it is replicated.
  if (connection_) PQfinish(connection_);
}

bool Connection::connect(const Server& server, Until until, std::string& why) {
  std::vector<const char*> keywords, values;
  for (const auto& [keyword, value] : server) {
    keywords.push_back(keyword.c_str());
    values.push_back(value.c_str());
  }
  keywords.push_back(nullptr);
  values.push_back(nullptr);
  connection_ = PQconnectStartParams(keywords.data(), values.data(), 0);
  try {
    for (auto status = PGRES_POLLING_WRITING; connection_ && status != PGRES_POLLING_OK;) {
      if (PQstatus(connection_) == CONNECTION_BAD || status == PGRES_POLLING_FAILED)
        throw Lost(trimmed(PQerrorMessage(connection_)));
      wait_for_socket(status == PGRES_POLLING_WRITING, until);
      status = PQconnectPoll(connection_);
    }
    if (!connection_) throw Lost("out of memory");
    PQsetNoticeReceiver(
        connection_,
        [](void* self, const PGresult* notice) {
          if (field(notice, PG_DIAG_SQLSTATE) == "01000") static_cast<Connection*>(self)->in_doubt_ = true;
        },
        this);
    if (PQsetnonblocking(connection_, 1) != 0 || PQenterPipelineMode(connection_) != 1)
      throw Lost(trimmed(PQerrorMessage(connection_)));
    return true;
  } catch (const Lost& lost) {
    why = lost.what();
  }
  if (connection_) PQfinish(connection_);
  connection_ = nullptr;
  return false;
}

void Connection::wait_for_socket(bool also_writable, Until until) const {
  for (;;) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - steady_clock::now());
    if (left.count() <= 0) throw Lost("the database of the log did not answer in time");
    pollfd socket{PQsocket(connection_), static_cast<short>(also_writable ? POLLIN | POLLOUT : POLLIN), 0};
    const int ready = ::poll(&socket, 1, static_cast<int>(std::min<std::int64_t>(left.count(), 60'000)));
    if (ready > 0) return;
    if (ready < 0 && errno != EINTR)
      throw Lost(std::string{"waiting for the database: "} + std::strerror(errno));
  }
}

void Connection::flush(Until until) const {
  for (;;) {
    const int left = PQflush(connection_);
    if (left == 0) return;
    if (left < 0) throw Lost(trimmed(PQerrorMessage(connection_)));
    // The server may want to send first: to read keeps both from waiting for the other.
    wait_for_socket(true, until);
    if (PQconsumeInput(connection_) != 1) throw Lost(trimmed(PQerrorMessage(connection_)));
  }
}

pg_result* Connection::next_result(Until until) const {
  while (PQisBusy(connection_) == 1) {
    wait_for_socket(false, until);
    if (PQconsumeInput(connection_) != 1) throw Lost(trimmed(PQerrorMessage(connection_)));
  }
  return PQgetResult(connection_);
}

std::string Connection::name_of(const char* sql) const {
  // A constant has one address as long as the program runs.
  return "s" + std::to_string(reinterpret_cast<std::uintptr_t>(sql)) + "_" + std::to_string(generation_);
}

void Connection::send(const Statement& statement) {
  const auto& values = statement.values;
  const int count = static_cast<int>(values.values_.size());
  const std::string name = name_of(statement.sql);
  bool sent = true;
  if (prepared_.insert(statement.sql).second) {
    sent = PQsendPrepare(connection_, name.c_str(), statement.sql, count, values.types_.data()) == 1;
  }
  std::vector<const char*> texts;
  std::vector<int> lengths;
  for (const auto& value : values.values_) {
    texts.push_back(value.data());
    lengths.push_back(static_cast<int>(value.size()));
  }
  const std::vector<int> binary(values.values_.size(), 1);
  sent = sent && PQsendQueryPrepared(connection_, name.c_str(), count, texts.data(), lengths.data(),
                                     binary.data(), 1) == 1;
  if (!sent) throw Lost(trimmed(PQerrorMessage(connection_)));
}

void Connection::check_doubt() {
  if (in_doubt_) throw Lost("the database said that a commit may not be on its standby");
}

std::vector<Rows> Connection::run(std::span<const Statement> statements, Time time_out) {
  const auto until = steady_clock::now() + time_out;
  for (const auto& each : statements) send(each);
  if (PQpipelineSync(connection_) != 1) throw Lost(trimmed(PQerrorMessage(connection_)));
  flush(until);
  std::vector<Rows> rows;
  std::optional<Denied> denied;
  // Each statement gives its results and a null pointer; the end of the pipeline comes last.
  for (;;) {
    Result result{next_result(until)};
    if (!result) {
      if (PQstatus(connection_) != CONNECTION_OK) throw Lost(trimmed(PQerrorMessage(connection_)));
      continue;
    }
    const auto status = PQresultStatus(result.get());
    if (status == PGRES_PIPELINE_SYNC) break;
    if (status == PGRES_TUPLES_OK) rows.emplace_back(result.release());
    if (status == PGRES_FATAL_ERROR) {
      const auto sqlstate = field(result.get(), PG_DIAG_SQLSTATE);
      const auto message = trimmed(PQresultErrorMessage(result.get()));
      if (is_loss(sqlstate)) throw Lost(message);
      if (!denied) denied.emplace(sqlstate, message);
    }
  }
  check_doubt();
  if (denied) {
    // The statements after the fault were not prepared, and a name cannot be used twice.
    prepared_.clear();
    ++generation_;
    throw *std::move(denied);
  }
  return rows;
}

Rows Connection::run(Statement statement, Time time_out) {
  return run({&statement, 1}, time_out).at(0);
}

void Connection::run_script(const std::string& sql, Time time_out) {
  const auto until = steady_clock::now() + time_out;
  if (PQexitPipelineMode(connection_) != 1 || PQsendQuery(connection_, sql.c_str()) != 1)
    throw Lost(trimmed(PQerrorMessage(connection_)));
  flush(until);
  std::optional<Denied> denied;
  while (Result result{next_result(until)}) {
    if (PQresultStatus(result.get()) != PGRES_FATAL_ERROR) continue;
    const auto sqlstate = field(result.get(), PG_DIAG_SQLSTATE);
    const auto message = trimmed(PQresultErrorMessage(result.get()));
    if (is_loss(sqlstate)) throw Lost(message);
    denied.emplace(sqlstate, message);
  }
  if (PQenterPipelineMode(connection_) != 1) throw Lost(trimmed(PQerrorMessage(connection_)));
  check_doubt();
  if (denied) throw *std::move(denied);
}

bool Connection::wait_for_notice(Time time_out) {
  const auto until = steady_clock::now() + time_out;
  bool noticed = false;
  for (;;) {
    if (PQconsumeInput(connection_) != 1) throw Lost(trimmed(PQerrorMessage(connection_)));
    while (PGnotify* notice = PQnotifies(connection_)) {
      PQfreemem(notice);
      noticed = true;
    }
    if (noticed || steady_clock::now() >= until) return noticed;
    pollfd socket{PQsocket(connection_), POLLIN, 0};
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - steady_clock::now());
    if (::poll(&socket, 1, static_cast<int>(std::max<std::int64_t>(left.count(), 0))) < 0 && errno != EINTR)
      throw Lost(std::string{"waiting for the database: "} + std::strerror(errno));
  }
}

bool Connection::uses_tls() const {
  return PQsslInUse(connection_) == 1;
}

}  // namespace ttp::storage::postgres
