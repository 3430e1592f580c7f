// The shared log in PostgreSQL: what two nodes see of each other, unknown outcomes, what a node may not do,
// the way over a network, the schema's versions, and moving a log in and out.
#include "storage/postgres/postgres_log.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "storage/facts.hpp"
#include "storage/log/consistency.hpp"
#include "storage/log/memory_log.hpp"
#include "storage/log/rocks_log.hpp"
#include "storage/postgres/move.hpp"
#include "storage/postgres/pages.hpp"
#include "storage/postgres/schema.hpp"
#include "storage/support.hpp"
#include "support/cut_proxy.hpp"
#include "support/real_log.hpp"
#include "support/throwaway_postgres.hpp"

namespace ttp::storage {
namespace {

using namespace std::chrono_literals;
using namespace test;
using postgres::Connection;
using postgres::Denied;
using ttp::test::CutProxy;
using ttp::test::ThrowawayPostgres;

ThrowawayPostgres& server() {
  return ThrowawayPostgres::shared();
}

/// Nodes on one new log.
struct Nodes {
  std::string database = server().new_log();
  TemporaryFolder folder;

  std::unique_ptr<SharedLog> open(const std::string& node, SharedLogOptions options = {}) const {
    if (options.database.empty()) options.database = server().url(database, postgres::node_role);
    options.replica_dir = folder / node;
    options.node = node;
    return open_postgres_log(options);
  }
};

std::string sqlstate_of(Connection& connection, const std::string& sql) {
  try {
    connection.run_script(sql, 30s);
  } catch (const Denied& denied) {
    return denied.sqlstate;
  }
  return "done";
}

// ---- two nodes --------------------------------------------------------------------------------------------

TEST(PostgresLog, what_one_node_appends_the_other_sees_by_itself) {
  const Nodes nodes;
  const auto one = nodes.open("one"), two = nodes.open("two");
  append(*one, commit(1, {fact("a", "one", {take("name", 1)})}));
  EXPECT_EQ(two->wait_beyond(0, 10s), 1u);
  EXPECT_EQ(two->read(0, 9), one->read(0, 9));
  EXPECT_EQ(two->head(), one->head());
  EXPECT_EQ(two->claim_owner("name", hash(1)), "a");
  EXPECT_EQ(two->find_command(command(1)), one->find_command(command(1)));
}

TEST(PostgresLog, a_node_that_lost_judges_again_at_the_end_of_the_log) {
  const Nodes nodes;
  const auto one = nodes.open("one"), two = nodes.open("two");
  std::uint64_t number = 0;
  for (int round = 0; round < 20; ++round) {
    const auto version = static_cast<StreamVersion>(round);
    EXPECT_TRUE(std::holds_alternative<Appended>(
        append(*one, commit(++number, {{"a", version}}, {fact("a", "of one")}))));
    const std::vector span{commit(++number, {{"a", version}}, {fact("a", "overtaken")}),
                           commit(++number, {fact("b", "free")})};
    const auto results = two->append(span);
    EXPECT_EQ(results[0], AppendResult{(Stale{"a", version + 1})});
    EXPECT_TRUE(std::holds_alternative<Appended>(results[1]));
  }
  EXPECT_GT(two->counts().turns, 0u);
}

TEST(PostgresLog, nodes_that_contend_keep_one_order_without_gaps) {
  const Nodes nodes;
  std::vector<std::unique_ptr<SharedLog>> all;
  for (const char* name : {"one", "two", "three"}) all.push_back(nodes.open(name));
  constexpr std::uint64_t each = 40;
  std::atomic<std::uint64_t> appended = 0;
  {
    std::vector<std::jthread> threads;
    for (std::size_t i = 0; i < all.size(); ++i)
      threads.emplace_back([&, i] {
        for (std::uint64_t n = 0; n < each; ++n) {
          const auto result = append(*all[i], commit(i * 1000 + n, {fact("s" + std::to_string(n % 3), "x"),
                                                                    fact("own " + std::to_string(i), "y")}));
          if (std::holds_alternative<Appended>(result)) ++appended;
        }
      });
  }
  EXPECT_EQ(appended, all.size() * each);
  for (const auto& log : all) {
    EXPECT_EQ(log->barrier(), 2 * all.size() * each);
    EXPECT_EQ(log->head(), all.front()->head());
    EXPECT_EQ(log->root_at(log->head().next), log->head().root);
    check_consistency(*log, [](const Inconsistency& found) {
      if (found.part != "events" && found.part != "commands") ADD_FAILURE() << found.what;
    });
  }
}

TEST(PostgresLog, while_one_has_a_turn_the_other_waits_and_loses) {
  const Nodes nodes;
  const auto one = nodes.open("one"), two = nodes.open("two");
  AppendResult result_of_two;
  std::jthread other;
  {
    const Turn turn{*one};
    other = std::jthread{[&] { result_of_two = append(*two, commit(2, {{"a", 0}}, {fact("a", "second")})); }};
    std::this_thread::sleep_for(200ms);
    EXPECT_EQ(append(*one, commit(1, {{"a", 0}}, {fact("a", "first")})), AppendResult{(Appended{0, 0})});
  }
  other.join();
  EXPECT_EQ(result_of_two, AppendResult{(Stale{"a", 1})});
}

TEST(PostgresLog, a_node_that_stalls_in_its_turn_is_ended_by_the_database) {
  const Nodes nodes;
  const auto one = nodes.open("one"), two = nodes.open("two");
  const Turn turn{*one};
  EXPECT_EQ(append(*two, commit(2, {fact("a", "of two")})), AppendResult{(Appended{0, 0})});
  EXPECT_EQ(append(*one, commit(1, {{"a", 0}}, {fact("a", "of one")})), AppendResult{(Stale{"a", 1})});
}

TEST(PostgresLog, a_refusal_and_a_read_are_confirmed_by_the_database) {
  const Nodes nodes;
  const auto one = nodes.open("one");
  append(*one, commit(1, {fact("a", "one")}));
  {
    const auto other = nodes.open("two");
    append(*other, commit(2, {fact("a", "two")}));
  }
  Commit reads;
  reads.expected = {{"a", 1}};
  EXPECT_EQ(append(*one, reads), AppendResult{(Stale{"a", 2})});
}

TEST(PostgresLog, a_large_span_is_several_appends_in_one_transaction) {
  const Nodes nodes;
  const auto one = nodes.open("one"), two = nodes.open("two");
  std::vector<Commit> span;
  for (std::uint64_t number = 0; number < 6; ++number)
    span.push_back(commit(number, {fact("a", std::string(3 * 1024 * 1024, 'b'))}));
  const auto results = one->append(span);
  for (Position at = 0; at < 6; ++at) EXPECT_EQ(results[at], AppendResult{(Appended{at, at})});
  EXPECT_EQ(one->number(), 2u);
  EXPECT_EQ(two->barrier(), 6u);
  EXPECT_EQ(two->head(), one->head());
}

// ---- a history that is not ours ---------------------------------------------------------------------------

/// Changes rows as nobody but the superuser can, with the triggers switched off.
void tamper(const Nodes& nodes, const std::string& sql) {
  server().connect(nodes.database)->run_script("SET session_replication_role = replica; " + sql, 30s);
}

TEST(PostgresLog, a_database_that_lost_acknowledged_events_is_noticed) {
  const Nodes nodes;
  {
    const auto one = nodes.open("one");
    append(*one, commit(1, {fact("a", "one")}));
    append(*one, commit(2, {fact("a", "two")}));
  }
  tamper(nodes,
         "DELETE FROM es.batch WHERE number = 2; DELETE FROM es.event WHERE pos = 1; DELETE FROM es.command "
         "WHERE batch = 2");
  EXPECT_THROW(nodes.open("one"), events::Damaged);
}

TEST(PostgresLog, a_database_with_another_history_is_noticed) {
  const Nodes nodes;
  const auto one = nodes.open("one");
  append(*one, commit(1, {fact("a", "one")}));
  tamper(nodes, "UPDATE es.batch SET root = sha256('x') WHERE number = 1");
  EXPECT_THROW(nodes.open("two"), events::Damaged);
  EXPECT_THROW(append(*one, commit(2, {fact("a", "two")})), std::runtime_error);
  EXPECT_EQ(one->head().next, 1u);
}

TEST(PostgresLog, an_event_that_was_changed_is_noticed_by_every_new_node) {
  const Nodes nodes;
  append(*nodes.open("one"), commit(1, {fact("a", "one")}));
  tamper(nodes, "UPDATE es.event SET envelope = overlay(envelope placing '\\x01' from length(envelope))");
  EXPECT_THROW(nodes.open("two"), events::Damaged);
}

TEST(PostgresLog, a_folder_with_another_log_is_refused) {
  const Nodes nodes, others;
  {
    const auto alone = open_rocks_log(nodes.folder / "alone");
  }
  EXPECT_THROW(nodes.open("alone"), std::runtime_error);
  others.open("one");
  SharedLogOptions elsewhere;
  elsewhere.database = server().url(others.database, postgres::node_role);
  nodes.open("two");
  EXPECT_THROW(nodes.open("two", elsewhere), std::runtime_error);
  EXPECT_THROW(open_rocks_log(nodes.folder / "two"), std::runtime_error) << "a replica takes no commits";
}

// ---- unknown outcomes -------------------------------------------------------------------------------------

/// Cuts the connection after so many bytes of an append, in either direction, and asks what became of it.
void survives_a_cut(CutProxy::Direction direction, std::size_t bytes, std::uint64_t& landed) {
  const Nodes nodes;
  CutProxy proxy{server().socket()};
  SharedLogOptions options;
  options.database = "host=" + proxy.folder() + " port=" + std::to_string(server().port()) +
                     " dbname=" + nodes.database + " user=ttp_node";
  const auto one = nodes.open("one", options);
  append(*one, commit(1, {fact("a", "one")}));  // prepares the statement
  proxy.cut_after(direction, bytes, "es-cut");
  const auto result = append(*one, commit(2, {{"a", 1}}, {fact("a", "es-cut")}));
  ASSERT_EQ(result, AppendResult{(Appended{1, 1})}) << bytes;
  landed += one->counts().unknown;
  const auto two = nodes.open("two");
  EXPECT_EQ(two->head().next, 2u);
  EXPECT_EQ(append(*two, commit(2, {fact("a", "again")})),
            AppendResult{(Duplicate{1, 1, hash(2), "answer 2"})});
}

TEST(PostgresLog, a_connection_cut_at_any_byte_loses_and_doubles_nothing) {
  std::uint64_t unknown = 0;
  for (std::size_t bytes = 0; bytes < 900; bytes += 75)
    survives_a_cut(CutProxy::Direction::to_server, bytes, unknown);
  for (std::size_t bytes = 0; bytes < 60; bytes += 6)
    survives_a_cut(CutProxy::Direction::to_client, bytes, unknown);
  EXPECT_GT(unknown, 10u) << "the cuts did not meet the appends";
}

TEST(PostgresLog, a_server_that_does_not_come_back_leaves_the_outcome_unknown) {
  ThrowawayPostgres own;
  const std::string database = own.new_log();
  TemporaryFolder folder;
  const SharedLogOptions options{.database = own.url(database, postgres::node_role),
                                 .replica_dir = folder / "log",
                                 .patience = 1s,
                                 .answer_max = 500ms};
  const auto log = open_postgres_log(options);
  append(*log, commit(1, {fact("a", "one")}));
  own.signal(SIGSTOP);
  const auto stopped = own.signal_children(SIGSTOP);
  EXPECT_GT(stopped, 0);
  EXPECT_TRUE(std::holds_alternative<Unknown>(append(*log, commit(2, {fact("a", "two")}))));
  EXPECT_EQ(log->head().next, 1u) << "reads go on";
  EXPECT_THROW(append(*log, commit(3, {fact("a", "three")})), std::runtime_error) << "nothing was sent";
  own.signal_children(SIGCONT);
  own.signal(SIGCONT);
  AppendResult again = Failed{"not asked"};
  for (int tries = 0; tries < 20 && !std::holds_alternative<Duplicate>(again); ++tries) try {
      again = append(*log, commit(2, {fact("a", "two")}));
      if (std::holds_alternative<Appended>(again)) break;
    } catch (const std::runtime_error&) {
      std::this_thread::sleep_for(100ms);
    }
  EXPECT_TRUE(std::holds_alternative<Duplicate>(again) || std::holds_alternative<Appended>(again));
  EXPECT_EQ(log->head().next, 2u);
}

TEST(PostgresLog, a_server_that_crashes_and_comes_back_is_waited_for) {
  ThrowawayPostgres own;
  const std::string database = own.new_log();
  TemporaryFolder folder;
  const auto log =
      open_postgres_log({.database = own.url(database, postgres::node_role), .replica_dir = folder / "log"});
  std::atomic<bool> ends = false;
  std::atomic<std::uint64_t> answered = 0;
  std::jthread client{[&] {
    for (std::uint64_t number = 1; !ends; ++number) {
      const auto result = append(*log, commit(number, {fact("a", "event " + std::to_string(number))}));
      if (result != AppendResult{(Appended{number - 1, number - 1})}) ADD_FAILURE() << number;
      answered = number;
    }
  }};
  for (int crash = 0; crash < 3; ++crash) {
    std::this_thread::sleep_for(150ms);
    own.stop();
    own.start();
  }
  ends = true;
  client.join();
  EXPECT_GT(answered, 3u);
  EXPECT_EQ(log->barrier(), answered);
}

// ---- what a node may not do -------------------------------------------------------------------------------

TEST(PostgresLog, a_node_can_only_append) {
  const Nodes nodes;
  append(*nodes.open("one"), commit(1, {fact("a", "one")}));
  const auto node = server().connect(nodes.database, postgres::node_role);
  for (const char* table : {"log", "opened", "batch", "event", "command", "schema", "node"}) {
    const std::string name = std::string{"es."} + table;
    EXPECT_EQ(sqlstate_of(*node, "DELETE FROM " + name), "42501") << table;
    EXPECT_EQ(sqlstate_of(*node, "TRUNCATE " + name), "42501") << table;
    EXPECT_EQ(sqlstate_of(*node, "DROP TABLE " + name), "42501") << table;
    EXPECT_EQ(sqlstate_of(*node, "INSERT INTO " + name + " SELECT * FROM " + name), "42501") << table;
    EXPECT_EQ(sqlstate_of(*node, "ALTER TABLE " + name + " DISABLE TRIGGER ALL"), "42501") << table;
  }
  EXPECT_EQ(sqlstate_of(*node, "UPDATE es.event SET body = ''"), "42501");
  EXPECT_EQ(sqlstate_of(*node, "UPDATE es.command SET answer = ''"), "42501");
  EXPECT_EQ(sqlstate_of(*node, "UPDATE es.batch SET sealed = true"), "42501");
  EXPECT_EQ(sqlstate_of(*node, "SET ROLE ttp_owner"), "42501");
  EXPECT_EQ(sqlstate_of(*node, "SELECT pg_switch_wal()"), "42501");
  EXPECT_EQ(sqlstate_of(*node, "CREATE TABLE es.mine (a int)"), "42501");
  EXPECT_EQ(sqlstate_of(*node, "SELECT count(*) FROM es.event"), "done");
}

TEST(PostgresLog, not_even_the_database_administrator_changes_it_unawares) {
  const Nodes nodes;
  append(*nodes.open("one"), commit(1, {fact("a", "one")}));
  const auto administrator = server().connect(nodes.database);
  for (const char* sql : {"UPDATE es.event SET body = ''", "DELETE FROM es.command", "TRUNCATE es.batch",
                          "DELETE FROM es.log", "DELETE FROM es.opened"})
    EXPECT_EQ(sqlstate_of(*administrator, sql), "42501") << sql;
}

TEST(PostgresLog, durability_is_not_lowered_from_outside) {
  const Nodes nodes;
  const auto administrator = server().connect(nodes.database);
  administrator->run_script("ALTER DATABASE " + nodes.database + " SET synchronous_commit = off", 30s);
  EXPECT_EQ(append(*nodes.open("one"), commit(1, {fact("a", "one")})), AppendResult{(Appended{0, 0})})
      << "a node sets it itself";
  const auto node = server().connect(nodes.database, postgres::node_role);
  EXPECT_EQ(sqlstate_of(*node,
                        "SET synchronous_commit = off; SELECT es.append_1(1, 1, '', '', 0, '', '{}', '{}', "
                        "'{}', '{}', '{}', '{}', '{}', '{}', false)"),
            "55000");
}

TEST(PostgresLog, an_append_is_refused_while_no_standby_is_configured) {
  const std::string database = server().new_database();
  const auto owner = server().connect(database);
  postgres::migrate(*owner);
  domain::Uuid id;
  events::fill_random(id.bytes);
  postgres::create_log(*owner, {id, true});
  postgres::open_log(*owner);
  TemporaryFolder folder;
  const auto log = open_postgres_log({.database = server().url(database, postgres::node_role),
                                      .replica_dir = folder / "log",
                                      .patience = 200ms});
  try {
    append(*log, commit(1, {fact("a", "one")}));
    FAIL() << "it was taken";
  } catch (const std::runtime_error& fault) {
    EXPECT_NE(std::string{fault.what()}.find("no synchronous standby"), std::string::npos) << fault.what();
  }
}

// ---- the way there ----------------------------------------------------------------------------------------

TEST(PostgresLog, over_a_network_it_speaks_tls_with_a_checked_certificate_or_not_at_all) {
  ThrowawayPostgres own{ThrowawayPostgres::Tls::on};
  const std::string database = own.new_log(), address = own.url_by_tcp(database, postgres::node_role);
  TemporaryFolder folder;
  const auto open = [&](const std::string& more) {
    return open_postgres_log({.database = address + more, .replica_dir = folder / "log", .patience = 5s});
  };
  const std::string good = " sslrootcert=" + own.root_certificate();
  EXPECT_EQ(append(*open(good), commit(1, {fact("a", "one")})), AppendResult{(Appended{0, 0})});
  const auto servers = postgres::servers_of(address + good);
  EXPECT_TRUE((Connection{servers, 30s}.uses_tls()));
  for (const char* mode : {"disable", "allow", "prefer", "require", "verify-ca"})
    EXPECT_THROW(postgres::servers_of(address + good + " sslmode=" + mode), std::invalid_argument) << mode;
  EXPECT_THROW(open(" sslrootcert=" + own.other_root_certificate()), postgres::Lost);
  auto other_name = address;
  other_name.replace(other_name.find("localhost"), 9, "db.example");
  EXPECT_THROW((Connection{postgres::servers_of(other_name + good), 30s}), postgres::Lost);
}

TEST(PostgresLog, a_connection_string_names_its_hosts_and_its_faults_keep_the_password) {
  const auto servers = postgres::servers_of("host=/run/a,db.example port=1,2 user=x password=secret");
  ASSERT_EQ(servers.size(), 2u);
  const auto value = [&](std::size_t i, const char* keyword) {
    for (const auto& [key, text] : servers[i])
      if (key == keyword) return text;
    return std::string{};
  };
  EXPECT_EQ(value(0, "sslmode"), "");
  EXPECT_EQ(value(1, "sslmode"), "verify-full");
  EXPECT_EQ(value(1, "port"), "2");
  EXPECT_EQ(value(1, "target_session_attrs"), "read-write");
  for (const char* wrong : {"password=secret", "host='' password=secret", "nonsense=1 password=secret",
                            "host=db password=secret sslmode=disable", "host=a,b port=1,2,3 password=secret"})
    try {
      postgres::servers_of(wrong);
      ADD_FAILURE() << wrong;
    } catch (const std::invalid_argument& fault) {
      EXPECT_EQ(std::string{fault.what()}.find("secret"), std::string::npos) << fault.what();
    }
}

TEST(PostgresLog, a_host_that_is_gone_is_passed_over) {
  const Nodes nodes;
  SharedLogOptions options;
  options.database = "host=/nowhere," + server().socket_folder() +
                     " port=" + std::to_string(server().port()) + " dbname=" + nodes.database +
                     " user=ttp_node";
  EXPECT_EQ(append(*nodes.open("one", options), commit(1, {fact("a", "one")})),
            AppendResult{(Appended{0, 0})});
}

// ---- versions of the schema -------------------------------------------------------------------------------

TEST(PostgresLog, the_schema_comes_step_by_step_and_each_step_once) {
  const std::string database = server().new_database();
  const auto owner = server().connect(database);
  EXPECT_EQ(postgres::version_of(*owner), 0);
  postgres::migrate(*owner, 1);
  EXPECT_EQ(postgres::version_of(*owner), 1);
  domain::Uuid id;
  events::fill_random(id.bytes);
  postgres::create_log(*owner, {id, false});
  postgres::open_log(*owner);
  TemporaryFolder folder;
  const SharedLogOptions options{.database = server().url(database, postgres::node_role),
                                 .replica_dir = folder / "log"};
  EXPECT_THROW(open_postgres_log(options), std::runtime_error) << "it is too old";
  postgres::migrate(*owner);
  postgres::migrate(*owner);
  EXPECT_EQ(postgres::version_of(*owner), postgres::schema_version);
  EXPECT_EQ(append(*open_postgres_log(options), commit(1, {fact("a", "one")})),
            AppendResult{(Appended{0, 0})});
  owner->run_script("INSERT INTO es.schema (version) VALUES (99)", 30s);
  EXPECT_EQ(append(*open_postgres_log(options), commit(2, {fact("a", "two")})),
            AppendResult{(Appended{1, 1})})
      << "a newer schema keeps what this program uses";
}

TEST(PostgresLog, a_node_cannot_bring_the_schema_further) {
  const std::string database = server().new_database();
  const auto owner = server().connect(database);
  postgres::migrate(*owner, 1);
  const auto node = server().connect(database, postgres::node_role);
  EXPECT_THROW(postgres::migrate(*node), Denied);
  EXPECT_EQ(postgres::version_of(*owner), 1);
}

// ---- moving -----------------------------------------------------------------------------------------------

const auto no_progress = [](std::uint64_t, std::uint64_t) {};

template <class Row>
std::vector<Row> rows_of(const Log& log, void (Log::*each)(const std::function<void(const Row&)>&) const) {
  std::vector<Row> rows;
  (log.*each)([&](const Row& row) { rows.push_back(row); });
  std::ranges::sort(rows);
  return rows;
}

void expect_same(const Log& left, const Log& right) {
  EXPECT_EQ(left.id(), right.id());
  EXPECT_EQ(left.head().next, right.head().next);
  EXPECT_EQ(left.head().root, right.head().root);
  EXPECT_EQ(left.read(0, 100'000), right.read(0, 100'000));
  EXPECT_EQ(rows_of(left, &Log::each_stream_row), rows_of(right, &Log::each_stream_row));
  EXPECT_EQ(rows_of(left, &Log::each_command_row), rows_of(right, &Log::each_command_row));
  EXPECT_EQ(rows_of(left, &Log::each_claim_row), rows_of(right, &Log::each_claim_row));
}

/// A log in a folder with commands that recorded something and others that did not, among and after them.
void fill(Log& log, Position size, std::uint64_t quiet_from) {
  samples::RealLog grows{log, 7};
  for (Position next = log.head().next; next < size; next += 100) {
    grows.grow_to(std::min(size, next + 100));
    append(log, commit(quiet_from + next, {}));
  }
}

TEST(MoveLog, into_postgres_and_back_it_stays_the_same_log) {
  TemporaryFolder folder;
  {
    fill(*open_rocks_log(folder / "log"), 9'000, 100'000);
  }
  std::filesystem::copy(folder / "log", folder / "before", std::filesystem::copy_options::recursive);
  auto before = open_rocks_log(folder / "before");
  const std::string database = server().new_database();
  const auto owner = server().connect(database);
  {
    const auto log = open_rocks_log_to_move(folder / "log");
    const auto moved = postgres::move_in(*log, *owner, postgres::Standby::not_required, no_progress);
    EXPECT_EQ(moved.head, before->head());
    EXPECT_TRUE(
        postgres::move_in(*log, *owner, postgres::Standby::not_required, no_progress).was_done_before);
  }
  EXPECT_THROW(open_rocks_log(folder / "log"), std::runtime_error) << "there must not be two logs";
  const SharedLogOptions first{.database = server().url(database, postgres::node_role),
                               .replica_dir = folder / "log"};
  const SharedLogOptions second{.database = first.database, .replica_dir = folder / "second"};
  expect_same(*open_postgres_log(first), *before);
  {
    const auto node = open_postgres_log(second);
    expect_same(*node, *before);
    append(*node, commit(1, {fact("new", "in PostgreSQL", {}, last_recorded(*node))}));
  }
  {
    const auto log = open_rocks_log_to_move(folder / "log");
    const auto moved = postgres::move_out(*log, *owner, no_progress);
    EXPECT_EQ(moved.events, 1u);
    EXPECT_TRUE(postgres::move_out(*log, *owner, no_progress).was_done_before);
  }
  const auto after = open_rocks_log(folder / "log");
  EXPECT_FALSE(after->head().sealed);
  EXPECT_EQ(after->root_at(before->head().next), before->head().root) << "receipts of before stay valid";
  EXPECT_TRUE(std::holds_alternative<Appended>(append(*after, commit(2, {event("new", "alone again")}))));
  const auto node = open_postgres_log(second);
  EXPECT_EQ(append(*node, commit(3, {fact("new", "too late", {}, last_recorded(*node))})),
            AppendResult{Sealed{}});
  before.reset();
  const auto copy = open_rocks_log_to_move(folder / "before");
  EXPECT_THROW(postgres::move_in(*copy, *owner, postgres::Standby::not_required, no_progress),
               std::runtime_error)
      << "a copy of the folder is not mixed in";
}

TEST(MoveLog, goes_on_where_it_was_interrupted_also_after_the_log_grew) {
  TemporaryFolder folder;
  const std::string database = server().new_database();
  struct Interrupted {};
  for (const Position size : {4'500u, 9'500u, 14'000u}) {
    {
      fill(*open_rocks_log(folder / "log"), size, 100'000);
    }
    const auto log = open_rocks_log_to_move(folder / "log");
    const auto owner = server().connect(database);
    EXPECT_THROW(postgres::move_in(*log, *owner, postgres::Standby::not_required,
                                   [](std::uint64_t, std::uint64_t) { throw Interrupted{}; }),
                 Interrupted);
    EXPECT_THROW(open_postgres_log({.database = server().url(database, postgres::node_role),
                                    .replica_dir = folder / "node"}),
                 std::runtime_error)
        << "it is not open yet";
  }
  const auto log = open_rocks_log_to_move(folder / "log");
  const auto owner = server().connect(database);
  postgres::move_in(*log, *owner, postgres::Standby::not_required, no_progress);
  const auto node = open_postgres_log(
      {.database = server().url(database, postgres::node_role), .replica_dir = folder / "node"});
  expect_same(*node, *log);
}

TEST(MoveLog, a_move_that_ended_before_the_log_was_open_is_completed) {
  TemporaryFolder folder;
  {
    fill(*open_rocks_log(folder / "log"), 300, 100'000);
  }
  const std::string database = server().new_database();
  const auto owner = server().connect(database);
  const auto log = open_rocks_log_to_move(folder / "log");
  postgres::migrate(*owner);
  postgres::create_log(*owner, {log->id(), false});
  // As a crash leaves it: copied, the folder is a replica, the shared log is not open.
  SharedAppend all;
  all.number = 1;
  all.events = log->read(0, 300);
  all.head = log->head();
  all.last_recorded = last_recorded(*log);
  log->each_command_row([&](const CommandRow& row) {
    all.commands.emplace_back(row.command, log->find_command(row.command).value());
  });
  postgres::End begin;
  begin.root = events::sha256(std::string_view{});
  EXPECT_TRUE(owner->run(postgres::append_statement(begin, all, "move", postgres::Appending::moving_in), 10s)
                  .flag(0, 0));
  log->become_replica(1);
  const auto moved = postgres::move_in(*log, *owner, postgres::Standby::not_required, no_progress);
  EXPECT_EQ(moved.events, 0u);
  EXPECT_TRUE(postgres::is_open(*owner));
  const auto node = open_postgres_log(
      {.database = server().url(database, postgres::node_role), .replica_dir = folder / "node"});
  expect_same(*node, *log);
}

TEST(MoveLog, another_log_is_not_mixed_in) {
  TemporaryFolder folder;
  {
    fill(*open_rocks_log(folder / "one"), 50, 100'000);
  }
  {
    fill(*open_rocks_log(folder / "two"), 50, 100'000);
  }
  const std::string database = server().new_database();
  const auto owner = server().connect(database);
  postgres::move_in(*open_rocks_log_to_move(folder / "one"), *owner, postgres::Standby::not_required,
                    no_progress);
  EXPECT_THROW(postgres::move_in(*open_rocks_log_to_move(folder / "two"), *owner,
                                 postgres::Standby::not_required, no_progress),
               std::runtime_error);
  const auto node = server().connect(database, postgres::node_role);
  EXPECT_EQ(sqlstate_of(*node,
                        "SELECT es.append_1(1, 1, '', '', 0, '', '{}', '{}', '{}', '{}', '{}', '{}', "
                        "'{}', '{}', true)"),
            "55000");
}

}  // namespace
}  // namespace ttp::storage
