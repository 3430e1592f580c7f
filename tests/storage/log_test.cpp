// The promise of storage/log/log.hpp, sentence by sentence, for every engine.
#include "storage/log/log.hpp"

#include <algorithm>
#include <atomic>
#include <barrier>
#include <set>
#include <stdexcept>
#include <thread>

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include "storage/facts.hpp"
#include "storage/log/consistency.hpp"
#include "storage/log/memory_log.hpp"
#include "storage/log/rocks_log.hpp"
#include "storage/postgres/postgres_log.hpp"
#include "storage/support.hpp"
#include "storage/tree/merkle.hpp"
#include "support/throwaway_postgres.hpp"

namespace ttp::storage {
namespace {

using namespace std::chrono_literals;
using namespace test;

struct InMemory {
  static constexpr bool is_shared = false;
  std::unique_ptr<Log> log = open_memory_log();
  void reopen() {}
};

/// As if other processes wrote it, too.
struct InSharedMemory {
  static constexpr bool is_shared = true;
  std::unique_ptr<Log> log = open_memory_log(Writers::many);
  void reopen() {}
};

struct OnRocksDb {
  static constexpr bool is_shared = false;
  TemporaryFolder folder;
  std::unique_ptr<Log> log = open_rocks_log(folder / "log");
  void reopen() {
    log.reset();
    log = open_rocks_log(folder / "log");
  }
};

/// A node with its replica, which is kept when the log is opened again.
struct OnPostgres {
  static constexpr bool is_shared = true;
  std::string database = ttp::test::ThrowawayPostgres::shared().new_log();
  TemporaryFolder folder;
  std::unique_ptr<Log> log = open();
  std::unique_ptr<Log> open() const {
    return open_postgres_log(
        {.database = ttp::test::ThrowawayPostgres::shared().url(database, postgres::node_role),
         .replica_dir = folder / "log"});
  }
  void reopen() {
    log.reset();
    log = open();
  }
};

/// The same, but each time another node opens the log, which has nothing of it yet.
struct OnPostgresAnew : OnPostgres {
  void reopen() {
    log.reset();
    std::filesystem::remove_all(folder / "log");
    log = open();
  }
};

template <class Engine>
class LogPromise : public ::testing::Test {
 protected:
  Engine engine;
  Log& log() { return *engine.log; }
};
using Engines = ::testing::Types<InMemory, InSharedMemory, OnRocksDb, OnPostgres, OnPostgresAnew>;
struct EngineNames {
  template <class Engine>
  static std::string GetName(int) {
    if (std::is_same_v<Engine, InMemory>) return "memory";
    if (std::is_same_v<Engine, InSharedMemory>) return "shared_memory";
    if (std::is_same_v<Engine, OnRocksDb>) return "rocksdb";
    if (std::is_same_v<Engine, OnPostgres>) return "postgres";
    return "postgres_anew";
  }
};
TYPED_TEST_SUITE(LogPromise, Engines, EngineNames);

events::Hash root_by_hand(const Log& log) {
  std::vector<events::Hash> leaves;
  for (const auto& event : log.read(0, log.head().next))
    leaves.push_back(hash_leaf(event.version, event.envelope));
  return merkle_root(leaves);
}

TYPED_TEST(LogPromise, a_new_log_is_empty_and_its_root_is_the_hash_of_nothing) {
  EXPECT_EQ(this->log().head(), (Head{0, false, events::sha256(std::string_view{})}));
  EXPECT_TRUE(this->log().read(0, 10).empty());
  EXPECT_EQ(this->log().stream_version("a"), 0u);
  EXPECT_FALSE(this->log().id().is_nil());
}

TYPED_TEST(LogPromise, events_get_the_next_positions_and_their_streams_next_versions) {
  EXPECT_EQ(append(this->log(), commit(1, {fact("a", "one"), fact("b", "two"), fact("a", "three")})),
            AppendResult{(Appended{0, 2})});
  EXPECT_EQ(append(this->log(), commit(2, {fact("a", "four")})), AppendResult{(Appended{3, 3})});
  const std::vector<StoredEvent> all{{0, 1, fact("a", "one").envelope, "one"},
                                     {1, 1, fact("b", "two").envelope, "two"},
                                     {2, 2, fact("a", "three").envelope, "three"},
                                     {3, 3, fact("a", "four").envelope, "four"}};
  EXPECT_EQ(this->log().read(0, 100), all);
  EXPECT_EQ(this->log().read(1, 2), (std::vector{all[1], all[2]}));
  EXPECT_EQ(this->log().read_stream("a", 0, 100), (std::vector{all[0], all[2], all[3]}));
  EXPECT_EQ(this->log().read_stream("a", 1, 1), (std::vector{all[2]}));
  EXPECT_EQ(this->log().stream_version("a"), 3u);
  EXPECT_TRUE(this->log().read(4, 1).empty());
  EXPECT_TRUE(this->log().read_stream("a", 3, 1).empty());
}

TYPED_TEST(LogPromise, events_are_visited_as_they_are_read) {
  for (std::uint64_t number = 1; number <= 5; ++number)
    append(this->log(), commit(number, {fact("a", "event " + std::to_string(number))}));
  std::vector<StoredEvent> visited;
  this->log().scan(1, 3, [&](const SeenEvent& event) {
    visited.push_back({event.position, event.version, std::string{event.envelope}, std::string{event.body}});
  });
  EXPECT_EQ(visited.size(), 3u);
  EXPECT_EQ(visited, this->log().read(1, 3));
  this->log().scan(5, 3, [](const SeenEvent&) { FAIL() << "there is none"; });
}

TYPED_TEST(LogPromise, a_streams_name_is_not_mistaken_for_the_beginning_of_anothers) {
  append(this->log(),
         commit(1, {fact("ab", "one"), fact("a", "two"), fact(std::string("a\0\0", 3), "three")}));
  EXPECT_EQ(this->log().stream_version("a"), 1u);
  EXPECT_EQ(this->log().stream_version("ab"), 1u);
  EXPECT_EQ(this->log().read_stream("a", 0, 9).size(), 1u);
  EXPECT_EQ(this->log().stream_version("abc"), 0u);
  EXPECT_EQ(this->log().stream_version(std::string(300, 'a')), 0u);
}

TYPED_TEST(LogPromise, of_64_contenders_for_one_version_exactly_one_wins) {
  constexpr int contenders = 64;
  for (StreamVersion round = 0; round < 20; ++round) {
    std::atomic<int> won = 0, stale = 0;
    std::barrier start{contenders};
    std::vector<std::jthread> threads;
    for (int i = 0; i < contenders; ++i)
      threads.emplace_back([&, i] {
        const auto mine = commit(round * contenders + static_cast<std::uint64_t>(i), {{"prize", round}},
                                 {fact("prize", "taken by " + std::to_string(i))});
        start.arrive_and_wait();
        const auto outcome = append(this->log(), mine);
        if (std::holds_alternative<Appended>(outcome)) ++won;
        if (outcome == AppendResult{Stale{"prize", round + 1}}) ++stale;
      });
    threads.clear();
    ASSERT_EQ(won, 1);
    ASSERT_EQ(stale, contenders - 1);
    ASSERT_EQ(this->log().stream_version("prize"), round + 1);
  }
}

TYPED_TEST(LogPromise, a_command_sent_again_is_a_duplicate_with_its_first_answer) {
  const auto first = commit(7, {{"a", 0}}, {fact("a", "one"), fact("a", "two")});
  auto again = commit(7, {fact("z", "other")});
  again.fingerprint = hash(99);
  again.answer = "another answer";
  const Duplicate known{0, 1, hash(7), "answer 7"};
  const std::vector span{first, again};
  EXPECT_EQ(this->log().append(span), (std::vector<AppendResult>{Appended{0, 1}, known}))
      << "in the same span";
  EXPECT_EQ(append(this->log(), first), AppendResult{known}) << "later";
  this->engine.reopen();
  EXPECT_EQ(append(this->log(), again), AppendResult{known}) << "after opening again";
  EXPECT_EQ(this->log().find_command(command(7)), known);
  EXPECT_EQ(this->log().find_command(command(8)), std::nullopt);
  EXPECT_EQ(this->log().head().next, 2u);
}

TYPED_TEST(LogPromise, a_command_looked_for_before_the_log_grew_is_looked_for_again) {
  append(this->log(), commit(7, {fact("a", "one")}));
  for (const std::optional<Position> looked_through : {std::optional<Position>{}, {0}, {5}}) {
    auto again = commit(7, {fact("a", "one")});
    again.looked_through = looked_through;
    EXPECT_TRUE(std::holds_alternative<Duplicate>(append(this->log(), again)));
  }
}

TYPED_TEST(LogPromise, a_command_that_changed_nothing_is_stored_with_its_answer) {
  EXPECT_EQ(append(this->log(), commit(1, {{"a", 0}}, {})), AppendResult{(Appended{0, ~Position{0}})});
  append(this->log(), named(commit(2, {fact("a", "one")})));
  const auto head = this->log().head();
  EXPECT_EQ(append(this->log(), commit(3, {{"a", 1}}, {})), AppendResult{(Appended{1, 0})});
  EXPECT_EQ(this->log().head(), head) << "nothing was recorded";
  this->engine.reopen();
  const Duplicate known{1, 0, hash(3), "answer 3"};
  EXPECT_FALSE(known.has_events());
  EXPECT_EQ(this->log().find_command(command(3)), known);
  EXPECT_EQ(append(this->log(), commit(3, {fact("a", "two")})), AppendResult{known});
  EXPECT_EQ(commands_without_events(this->log()),
            (std::vector<CommandRow>{{command(1), 0, ~Position{0}}, {command(3), 1, 0}}));
  check_consistency(this->log(), [](const Inconsistency& each) {
    if (each.part == "commands") ADD_FAILURE() << each.what;
  });
}

TYPED_TEST(LogPromise, reads_can_be_confirmed_without_a_trace) {
  append(this->log(), commit(1, {fact("a", "one")}));
  Commit current, stale;
  current.expected = {{"a", 1}, {"b", 0}};
  stale.expected = {{"a", 0}};
  const std::vector span{current, stale, commit(2, {fact("a", "two")}), current};
  EXPECT_EQ(this->log().append(span),
            (std::vector<AppendResult>{Appended{1, 0}, Stale{"a", 1}, Appended{1, 1}, Stale{"a", 2}}));
  EXPECT_EQ(this->log().find_command({}), std::nullopt);
}

TYPED_TEST(LogPromise, a_commit_that_changed_nothing_sees_those_before_it_and_is_seen) {
  const std::vector span{commit(1, {fact("a", "one")}), commit(2, {{"a", 1}}, {}), commit(2, {{"a", 9}}, {}),
                         commit(3, {{"a", 0}}, {})};
  EXPECT_EQ(this->log().append(span),
            (std::vector<AppendResult>{Appended{0, 0}, Appended{1, 0}, Duplicate{1, 0, hash(2), "answer 2"},
                                       Stale{"a", 1}}));
}

TYPED_TEST(LogPromise, a_command_twice_in_one_span_is_a_duplicate_even_if_it_was_looked_for) {
  auto one = commit(7, {fact("a", "one")}), same = commit(7, {fact("a", "one")});
  one.looked_through = same.looked_through = this->log().head().next;
  const auto outcomes = this->log().append(std::vector{one, same});
  EXPECT_TRUE(std::holds_alternative<Appended>(outcomes[0]));
  EXPECT_TRUE(std::holds_alternative<Duplicate>(outcomes[1]));
}

TYPED_TEST(LogPromise, a_refused_command_can_be_sent_again) {
  EXPECT_EQ(append(this->log(), commit(1, {{"a", 1}}, {fact("a", "one")})), AppendResult{(Stale{"a", 0})});
  EXPECT_EQ(this->log().find_command(command(1)), std::nullopt);
  EXPECT_EQ(append(this->log(), commit(1, {{"a", 0}}, {fact("a", "one")})), AppendResult{(Appended{0, 0})});
}

TYPED_TEST(LogPromise, stale_names_the_stream_that_moved_and_where_it_is) {
  append(this->log(), commit(1, {fact("read", "one"), fact("read", "two")}));
  EXPECT_EQ(append(this->log(), commit(2, {{"written", 0}, {"read", 1}}, {fact("written", "three")})),
            AppendResult{(Stale{"read", 2})});
  EXPECT_EQ(append(this->log(), commit(2, {{"written", 0}, {"read", 2}}, {fact("written", "three")})),
            AppendResult{(Appended{2, 2})});
}

TYPED_TEST(LogPromise, a_commit_over_several_streams_is_appended_whole_or_not_at_all) {
  append(this->log(), commit(1, {fact("a", "one", {take("name", 1)})}));
  EXPECT_EQ(append(this->log(),
                   commit(2, {fact("b", "two", {take("name", 2)}), fact("c", "three", {take("name", 1)})})),
            AppendResult{Claimed{"name"}});
  EXPECT_EQ(this->log().head().next, 1u);
  EXPECT_EQ(this->log().stream_version("b"), 0u);
  EXPECT_EQ(this->log().claim_owner("name", hash(2)), std::nullopt);
}

TYPED_TEST(LogPromise, commits_of_one_span_see_those_before_them) {
  const std::vector span{
      commit(1, {{"a", 0}}, {fact("a", "one", {take("name", 1)})}),
      commit(2, {{"c", 1}}, {fact("c", "stale")}),
      commit(3, {{"a", 1}}, {fact("b", "claimed", {take("name", 1)})}),
      commit(4, {{"a", 1}}, {fact("a", "two", {release("name", 1)})}),
      commit(5, {{"a", 2}, {"b", 0}}, {fact("b", "three", {take("name", 1)})}),
  };
  EXPECT_EQ(this->log().append(span),
            (std::vector<AppendResult>{Appended{0, 0}, Stale{"c", 0}, Claimed{"name"}, Appended{1, 1},
                                       Appended{2, 2}}));
  EXPECT_EQ(this->log().claim_owner("name", hash(1)), "b");
}

TYPED_TEST(LogPromise, a_commit_decided_on_one_that_is_not_appended_is_stale_even_if_the_version_fits) {
  // Another writer has given the stream the version that the first commit would have given it.
  append(this->log(), commit(9, {fact("a", "of another writer")}));
  const std::vector span{
      commit(1, {{"a", 0}}, {fact("a", "one")}),
      commit(2, {{"a", 1}}, {fact("a", "two")}),
      commit(3, {{"a", 1}}, {fact("b", "after reading a")}),
      commit(4, {{"b", 0}}, {fact("b", "on its own")}),
  };
  EXPECT_EQ(this->log().append(span),
            (std::vector<AppendResult>{Stale{"a", 1}, Stale{"a", 1}, Stale{"a", 1}, Appended{1, 1}}));
  EXPECT_EQ(append(this->log(), commit(2, {{"a", 1}}, {fact("a", "two")})), AppendResult{(Appended{2, 2})});
}

TYPED_TEST(LogPromise, a_claim_belongs_to_one_stream_of_its_name_space) {
  EXPECT_EQ(append(this->log(), commit(1, {fact("a", "one", {take("name", 1)})})),
            AppendResult{(Appended{0, 0})});
  EXPECT_EQ(append(this->log(), commit(2, {fact("b", "two", {take("name", 1)})})),
            AppendResult{Claimed{"name"}});
  EXPECT_EQ(append(this->log(), commit(3, {fact("b", "two", {take("mail", 1)})})),
            AppendResult{(Appended{1, 1})});
  EXPECT_EQ(append(this->log(), commit(4, {fact("a", "three", {take("name", 1)})})),
            AppendResult{(Appended{2, 2})})
      << "its owner may take it again";
  this->engine.reopen();
  EXPECT_EQ(this->log().claim_owner("name", hash(1)), "a");
  EXPECT_EQ(this->log().claim_owner("mail", hash(1)), "b");
  EXPECT_EQ(this->log().claim_owner("name", hash(2)), std::nullopt);
}

TYPED_TEST(LogPromise, a_claim_can_be_changed_in_one_commit_and_the_old_one_is_free) {
  append(this->log(), commit(1, {fact("a", "one", {take("name", 1)})}));
  append(this->log(), commit(2, {fact("a", "two", {release("name", 1), take("name", 2)})}));
  EXPECT_EQ(append(this->log(), commit(3, {fact("b", "three", {take("name", 2)})})),
            AppendResult{Claimed{"name"}});
  EXPECT_EQ(append(this->log(), commit(4, {fact("b", "three", {take("name", 1)})})),
            AppendResult{(Appended{2, 2})});
}

TYPED_TEST(LogPromise, a_commit_that_releases_a_claim_its_stream_does_not_hold_fails_alone) {
  append(this->log(), commit(1, {fact("a", "one", {take("name", 1)})}));
  const std::vector span{commit(2, {fact("c", "good")}),
                         commit(3, {fact("d", "not kept"), fact("b", "two", {release("name", 1)})}),
                         commit(4, {fact("a", "two", {release("name", 2)})}), commit(5, {fact("c", "too")})};
  const auto results = this->log().append(span);
  EXPECT_EQ(results[0], AppendResult{(Appended{1, 1})});
  EXPECT_TRUE(std::holds_alternative<Failed>(results[1]));
  EXPECT_TRUE(std::holds_alternative<Failed>(results[2]));
  EXPECT_EQ(results[3], AppendResult{(Appended{2, 2})});
  EXPECT_EQ(this->log().stream_version("d"), 0u);
  EXPECT_EQ(this->log().claim_owner("name", hash(1)), "a");
  EXPECT_EQ(this->log().find_command(command(3)), std::nullopt);
}

TYPED_TEST(LogPromise, commits_that_nobody_should_make_fail_alone) {
  std::uint64_t number = 0;
  const auto fails = [&](NewEvent bad) {
    const auto before = this->log().head().next;
    const auto results = this->log().append(
        std::vector{commit(++number, {std::move(bad)}), commit(++number, {fact("a", "good")})});
    return std::holds_alternative<Failed>(results[0]) &&
           results[1] == AppendResult{(Appended{before, before})};
  };
  EXPECT_TRUE(fails(fact("", "no stream")));
  EXPECT_TRUE(fails(NewEvent{"a", "", "no envelope", {}}));
  EXPECT_TRUE(fails(fact(std::string(256, 's'), "long name")));
  EXPECT_TRUE(fails(NewEvent{"a", std::string(events::envelope_bytes_max + 1, 'e'), "", {}}));
  EXPECT_TRUE(fails(fact("a", "x", {take(std::string(256, 'n'), 1)})));
  const auto last = this->log().head().next;
  const auto longest = longest_fact(std::string(1 << 20, 'b'));
  EXPECT_EQ(longest.envelope.size(), events::envelope_bytes_max);
  EXPECT_EQ(append(this->log(), commit(99, {longest})), AppendResult{(Appended{last, last})});
  EXPECT_EQ(this->log().read(last, 1).front().body.size(), 1u << 20);
}

TYPED_TEST(LogPromise, reports_whether_others_may_write) {
  EXPECT_EQ(this->log().others_may_write(), TypeParam::is_shared);
}

/// Every row of the log's indexes, sorted.
template <class Row, class Each>
std::vector<Row> rows_of(const Log& log, Each each) {
  std::vector<Row> rows;
  (log.*each)([&](const Row& row) { rows.push_back(row); });
  std::ranges::sort(rows);
  return rows;
}
std::vector<StreamRow> stream_rows(const Log& log) {
  return rows_of<StreamRow>(log, &Log::each_stream_row);
}
std::vector<CommandRow> command_rows(const Log& log) {
  return rows_of<CommandRow>(log, &Log::each_command_row);
}
std::vector<ClaimRow> claim_rows(const Log& log) {
  return rows_of<ClaimRow>(log, &Log::each_claim_row);
}

TYPED_TEST(LogPromise, shows_every_stream_command_and_claim_and_where_its_events_stand) {
  const std::vector together{
      commit(1, {fact("a", "one", {take("name", 1), take("mail", 2)}), fact("bb", "two")}),
      commit(2, {fact("a", "three", {release("mail", 2), take("name", 1)})})};
  this->log().append(together);
  append(this->log(), commit(3, {{"a", 0}}, {fact("a", "stale", {take("name", 3)})}));
  this->engine.reopen();
  EXPECT_EQ(stream_rows(this->log()), (std::vector<StreamRow>{{"a", 1, 0}, {"a", 2, 2}, {"bb", 1, 1}}));
  EXPECT_EQ(command_rows(this->log()), (std::vector<CommandRow>{{command(1), 0, 1}, {command(2), 2, 2}}));
  EXPECT_EQ(claim_rows(this->log()), (std::vector<ClaimRow>{{"name", hash(1), "a", 2}}));
}

TYPED_TEST(LogPromise, time_never_goes_back_where_others_write) {
  const auto at = [](int ms) { return domain::Time{domain::Duration{ms}}; };
  append(this->log(), commit(1, {fact("a", "one", {}, at(20))}));
  const std::vector span{commit(2, {fact("b", "two", {}, at(19))}),
                         commit(3, {fact("b", "three", {}, at(21))}),
                         commit(4, {fact("c", "four", {}, at(20))}), commit(5, {{"a", 1}}, {})};
  const auto results = this->log().append(span);
  if (!TypeParam::is_shared) {
    EXPECT_EQ(results[0], AppendResult{(Appended{1, 1})}) << "one writer keeps the order itself";
    return;
  }
  EXPECT_EQ(results,
            (std::vector<AppendResult>{TooEarly{at(20)}, Appended{1, 1}, TooEarly{at(21)}, Appended{2, 1}}));
  this->engine.reopen();
  EXPECT_EQ(append(this->log(), commit(2, {fact("b", "two", {}, at(19))})), AppendResult{TooEarly{at(21)}});
  EXPECT_EQ(append(this->log(), commit(2, {fact("b", "two", {}, at(21))})), AppendResult{(Appended{2, 2})});
}

TYPED_TEST(LogPromise, an_envelope_that_tells_something_else_fails_where_others_write) {
  auto other_stream = fact("a", "one"), other_claims = fact("a", "two", {take("name", 1)});
  other_stream.stream = "b";
  other_claims.claims.clear();
  const auto results = this->log().append(
      std::vector{commit(1, {other_stream}), commit(2, {other_claims}), commit(3, {fact("a", "three")})});
  for (int i : {0, 1})
    EXPECT_EQ(std::holds_alternative<Failed>(results[static_cast<std::size_t>(i)]), TypeParam::is_shared)
        << i;
  EXPECT_TRUE(std::holds_alternative<Appended>(results[2]));
}

TYPED_TEST(LogPromise, a_turn_changes_nothing_but_who_may_append) {
  append(this->log(), commit(1, {fact("a", "one")}));
  {
    const Turn turn{this->log()};
    EXPECT_EQ(turn.met(), 0u);
    EXPECT_EQ(append(this->log(), commit(2, {{"a", 1}}, {fact("a", "two")})), AppendResult{(Appended{1, 1})});
    EXPECT_EQ(append(this->log(), commit(3, {fact("a", "three")})), AppendResult{(Appended{2, 2})})
        << "after the turn was used up";
  }
  {
    const Turn unused{this->log()};
  }
  {
    const Turn refused{this->log()};
    EXPECT_EQ(append(this->log(), commit(4, {{"a", 1}}, {fact("a", "x")})), AppendResult{(Stale{"a", 3})});
  }
  EXPECT_EQ(append(this->log(), commit(4, {fact("a", "four")})), AppendResult{(Appended{3, 3})});
}

TYPED_TEST(LogPromise, a_sealed_log_takes_nothing_but_still_answers_retries) {
  append(this->log(), commit(1, {fact("a", "one")}));
  EXPECT_TRUE(this->log().seal().sealed);
  EXPECT_TRUE(this->log().seal().sealed);
  this->engine.reopen();
  EXPECT_EQ(append(this->log(), commit(2, {fact("a", "two")})), AppendResult{Sealed{}});
  EXPECT_EQ(append(this->log(), commit(1, {fact("a", "one")})),
            AppendResult{(Duplicate{0, 0, hash(1), "answer 1"})});
  EXPECT_EQ(this->log().head().next, 1u);
}

TYPED_TEST(LogPromise, a_waiting_thread_is_woken_by_the_append_and_not_before) {
  EXPECT_EQ(this->log().wait_beyond(0, 5ms), 0u) << "time-out";
  append(this->log(), commit(1, {fact("a", "one")}));
  EXPECT_EQ(this->log().wait_beyond(0, 1h), 1u) << "already there";
  Position seen = 0;
  const auto start = std::chrono::steady_clock::now();
  std::jthread waiter{[&] { seen = this->log().wait_beyond(1, 20s); }};
  std::this_thread::sleep_for(5ms);
  append(this->log(), commit(2, {fact("a", "two"), fact("a", "three")}));
  waiter.join();
  EXPECT_EQ(seen, 3u);
  EXPECT_LT(std::chrono::steady_clock::now() - start, 10s);
  EXPECT_EQ(this->log().barrier(), 3u);
}

TYPED_TEST(LogPromise, readers_during_appends_see_only_dense_prefixes) {
  constexpr Position total = 600;
  std::atomic<bool> dense = true;
  std::vector<std::jthread> readers;
  for (int i = 0; i < 3; ++i)
    readers.emplace_back([&] {
      for (Position seen = 0; seen < total;) {
        const auto next = this->log().wait_beyond(seen, 10s);
        const auto events = this->log().read(seen, 50);
        if (events.empty() || next <= seen) dense = false;
        for (const auto& event : events) dense = dense && event.position == seen++;
        const auto head = this->log().head();
        dense = dense && this->log().root_at(head.next) == head.root;
        if (!dense) return;
      }
    });
  for (std::uint64_t number = 0; number < total; number += 3)
    this->log().append(
        std::vector{commit(number, {fact("a", "x"), fact("b", "y")}), commit(number + 1, {fact("a", "z")})});
  readers.clear();
  EXPECT_TRUE(dense);
  EXPECT_EQ(this->log().head().next, total);
}

TYPED_TEST(LogPromise, root_leaves_and_tiles_are_those_of_the_rfc_6962_tree) {
  std::vector<events::Hash> leaves;
  for (std::uint64_t number = 0; number < 530;) {
    std::vector<Commit> span;
    for (int i = 0; i < 10; ++i, ++number)
      span.push_back(commit(number, {fact("s", "event " + std::to_string(number))}));
    this->log().append(span);
    for (auto version = number - 9; version <= number; ++version)
      leaves.push_back(hash_leaf(version, fact("s", "event " + std::to_string(version - 1)).envelope));
    ASSERT_EQ(this->log().head().root, merkle_root(leaves)) << number;
  }
  this->engine.reopen();
  EXPECT_EQ(this->log().head().root, merkle_root(leaves));
  for (std::size_t size = 0; size <= leaves.size(); ++size)
    ASSERT_EQ(this->log().root_at(size), merkle_root(std::span{leaves}.first(size))) << size;
  for (std::size_t i = 0; i < leaves.size(); ++i) ASSERT_EQ(this->log().leaf_hash(i), leaves[i]) << i;
  EXPECT_EQ(this->log().tile(0, 1).size(), 256u);
  EXPECT_EQ(this->log().tile(0, 2).size(), 18u);
  EXPECT_EQ(this->log().tile(1, 0), (std::vector{merkle_root(std::span{leaves}.first(256)),
                                                 merkle_root(std::span{leaves}.subspan(256, 256))}));
  EXPECT_THROW(this->log().tile(0, 3), std::out_of_range);
  EXPECT_THROW(this->log().tile(2, 0), std::out_of_range);
  EXPECT_THROW(this->log().root_at(531), std::out_of_range);
  EXPECT_THROW(this->log().leaf_hash(530), std::out_of_range);
}

// ---- the engines compared --------------------------------------------------------------------------------

Commit random_commit() {
  const auto small = [](int end) { return *rc::gen::inRange(0, end); };
  const auto stream = [&] { return std::string(1, static_cast<char>('a' + small(3))); };
  std::vector<ExpectedVersion> expected;
  for (int i = small(3); i > 0; --i) expected.push_back({stream(), static_cast<StreamVersion>(small(4))});
  std::vector<NewEvent> events;
  for (int i = small(4); i > 0; --i) {
    std::vector<events::ClaimChange> claims;
    for (int j = small(3); j > 0; --j)
      claims.push_back(
          {small(4) != 0, small(2) ? "name" : "mail", hash(static_cast<std::uint8_t>(small(3)))});
    events.push_back(fact(stream(), "text " + std::to_string(small(1000)), claims));
  }
  return commit(static_cast<std::uint64_t>(small(40)), expected, events);
}

void expect_same(const Log& left, const Log& right) {
  const auto head = left.head();
  RC_ASSERT(head == right.head());
  RC_ASSERT(left.read(0, 1000) == right.read(0, 1000));
  RC_ASSERT(head.root == root_by_hand(left));
  for (const std::string stream : {"a", "b", "c"}) {
    RC_ASSERT(left.stream_version(stream) == right.stream_version(stream));
    RC_ASSERT(left.read_stream(stream, 1, 3) == right.read_stream(stream, 1, 3));
  }
  for (const std::string name_space : {"name", "mail"})
    for (std::uint8_t key = 0; key < 3; ++key)
      RC_ASSERT(left.claim_owner(name_space, hash(key)) == right.claim_owner(name_space, hash(key)));
  RC_ASSERT(stream_rows(left) == stream_rows(right));
  RC_ASSERT(command_rows(left) == command_rows(right));
  RC_ASSERT(claim_rows(left) == claim_rows(right));
  for (std::uint64_t number = 0; number < 40; ++number)
    RC_ASSERT(left.find_command(command(number)) == right.find_command(command(number)));
}

template <class Memory, class Engine>
void answers_as_in_memory() {
  Memory memory;
  Engine engine;
  for (int spans = *rc::gen::inRange(1, 12); spans > 0; --spans) {
    std::vector<Commit> span;
    for (int i = *rc::gen::inRange(1, 5); i > 0; --i) span.push_back(random_commit());
    RC_ASSERT(memory.log->append(span) == engine.log->append(span));
    if (*rc::gen::inRange(0, 8) == 0) engine.reopen();
    if (*rc::gen::inRange(0, 40) == 0) RC_ASSERT(memory.log->seal() == engine.log->seal());
  }
  expect_same(*memory.log, *engine.log);
  engine.reopen();
  expect_same(*memory.log, *engine.log);
}

RC_GTEST_PROP(LogEngines, answer_the_same_to_any_sequence_of_commits, ()) {
  answers_as_in_memory<InMemory, OnRocksDb>();
}

RC_GTEST_PROP(LogEngines, answer_the_same_in_postgres, ()) {
  // Each case makes a database, so one in four is enough.
  if (*rc::gen::inRange(0, 4) == 0) answers_as_in_memory<InSharedMemory, OnPostgresAnew>();
}

}  // namespace
}  // namespace ttp::storage
