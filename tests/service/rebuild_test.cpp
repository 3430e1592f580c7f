// Views are a pure function of the log: after random histories, decided by the real executor, rebuilt views
// equal the live ones byte for byte, and a damaged view is found.
#include <algorithm>
#include <array>
#include <atomic>
#include <filesystem>
#include <fstream>
#include <map>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include "projections/all.hpp"
#include "random_history.hpp"

namespace {

using namespace ttp;
using namespace ttp::domain;
using namespace ttp::service::tests;
using World = service::tests::Histories;

/// Limits with which a short history takes many pages, each written as a separate file.
constexpr projections::FoldLimits tight{.page_events = 3, .held_bytes = 1, .loaded_rows_min = 1};

/// Limits with which a short history is sorted in several stretches, into parts of a few events each.
constexpr projections::FoldLimits in_parts{.page_events = 3,
                                           .sorted_events_min = 2,
                                           .sorted_events_max = 24,
                                           .parts = {2048, 5},
                                           .parts_per_file = 2};

using AllRows = std::map<std::string, std::string>;

/// Every row of every view that serves, with its position.
AllRows rows_of(const storage::ViewStore& views, const projections::Runner& runner) {
  AllRows rows;
  for (const auto& listed : projections::all)
    views.scan(runner.family(listed.name), "", "", [&](std::string_view key, std::string_view value) {
      rows[std::string{listed.name} + '/' + std::string{key}] = value;
      return true;
    });
  return rows;
}

/// Whether some row of the users' view ends with the user's identifier.
bool has_rows_of(const storage::ViewStore& views, const projections::Runner& runner, UserId user) {
  bool any = false;
  views.scan(runner.family(projections::user_view), "", "", [&](std::string_view key, std::string_view) {
    any = any || key.ends_with(projections::id_bytes(user.uuid));
    return !any;
  });
  return any;
}

RC_GTEST_PROP(Rebuild, rebuilt_views_equal_live_views_byte_for_byte_after_any_history, ()) {
  World world;
  for (unsigned i = 0; i < 3; ++i) register_user(world, i);
  enrol(world, world.users[0], 0);
  authorise(world);
  const auto steps =
      *rc::gen::resize(60, rc::gen::container<std::vector<std::vector<unsigned>>>(
                               rc::gen::container<std::vector<unsigned>>(5, rc::gen::inRange(0u, 10'000u))));
  for (const auto& dice : steps) act(world, dice);
  for (const auto& listed : projections::all) {
    const auto comparison = world.runner.rebuild(listed.name);
    RC_ASSERT(comparison.equal());
    RC_ASSERT(comparison.rows_live == comparison.rows_rebuilt);
  }
  // Three other runners give the same rows as the live one: one folds the whole history at once, one writes
  // after every few events, and one sorts them first.
  const auto each_key = [&](std::string_view first, std::string_view last, const auto& visit) {
    world.vault->each_data_key(first, last, visit);
  };
  for (const auto& limits : {tight, in_parts}) {
    std::filesystem::remove_all(world.folder / "elsewhere");
    const auto elsewhere = storage::ViewStore::open(world.folder / "elsewhere");
    projections::Runner stingy(*world.log, *elsewhere, world.snapshots, world.find_key, limits, each_key);
    stingy.catch_up();
    RC_ASSERT(rows_of(*elsewhere, stingy) == rows_of(*world.views, world.runner));
  }
  RC_ASSERT(world.runner.switch_over(projections::account_view));
  RC_ASSERT(world.runner.rebuild(projections::account_view).equal());
}

TEST(Rebuild, a_standby_keeps_up_and_can_serve_and_be_switched_back) {
  World world;
  register_user(world, 0);
  const std::string blue = world.runner.family(projections::user_view);
  ASSERT_TRUE(world.runner.begin_rebuild(projections::user_view));
  EXPECT_FALSE(world.runner.begin_rebuild(projections::user_view)) << "one at a time";
  EXPECT_FALSE(world.runner.switch_over(projections::user_view)) << "it has not caught up yet";
  while (world.runner.continue_rebuild(projections::user_view)) {
  }
  auto status = world.runner.standbys().at(0);
  EXPECT_TRUE(status.caught_up);
  EXPECT_TRUE(status.comparison->equal());
  EXPECT_EQ(world.runner.family(projections::user_view), blue) << "nothing is switched yet";
  for (int round = 0; round < 3; ++round) {
    ASSERT_TRUE(world.runner.switch_over(projections::user_view));
    EXPECT_EQ(world.runner.family(projections::user_view) == blue, round == 1);
    register_user(world, static_cast<unsigned>(round) + 1);
    status = world.runner.standbys().at(0);
    EXPECT_EQ(status.next, world.log->head().next) << "the standby keeps up";
  }
  ASSERT_TRUE(world.runner.drop_standby(projections::user_view));
  EXPECT_FALSE(world.runner.drop_standby(projections::user_view));
  EXPECT_FALSE(world.views->has_family(blue));
  EXPECT_TRUE(world.runner.rebuild(projections::user_view).equal());
}

TEST(Rebuild, goes_on_after_a_restart_from_its_position) {
  World world;
  register_user(world, 0);
  for (int i = 0; i < 1200; ++i) {
    ChangeContactDetails change{world.users[0], {}, {}, {}, {}};
    change.telephone = text<Telephone>("+1819555" + std::to_string(1000 + i % 2));
    world.execute(change, world.users[0]);
  }
  ASSERT_TRUE(world.runner.begin_rebuild(projections::user_view));
  ASSERT_TRUE(world.runner.continue_rebuild(projections::user_view));
  const auto reached = world.runner.standbys().at(0).next;
  EXPECT_GT(reached, 0u);
  EXPECT_LT(reached, world.log->head().next);
  projections::Runner again(*world.log, *world.views, world.snapshots, world.find_key);
  ASSERT_EQ(again.standbys().size(), 1u);
  EXPECT_EQ(again.standbys().at(0).next, reached);
  while (again.continue_rebuild(projections::user_view)) {
  }
  EXPECT_TRUE(again.standbys().at(0).comparison->equal());
  ASSERT_TRUE(again.switch_over(projections::user_view));
  const projections::Runner once_more(*world.log, *world.views, world.snapshots, world.find_key);
  EXPECT_EQ(once_more.family(projections::user_view), again.family(projections::user_view));
}

TEST(Rebuild, an_interrupted_start_goes_on_from_the_written_rows) {
  World world;
  for (unsigned i = 0; i < 3; ++i) register_user(world, i);
  enrol(world, world.users[0], 0);
  authorise(world);
  const auto elsewhere = storage::ViewStore::open(world.folder / "elsewhere");
  struct CutOff {};
  storage::Position seen = 0;
  {
    projections::Runner runner(*world.log, *elsewhere, world.snapshots, world.find_key, tight);
    const auto cut_off = [&](storage::Position done, storage::Position) {
      seen = done;
      if (done >= 6) throw CutOff{};
    };
    EXPECT_THROW(runner.catch_up(cut_off), CutOff);
  }
  projections::Runner again(*world.log, *elsewhere, world.snapshots, world.find_key, tight);
  EXPECT_EQ(again.next(), seen);
  EXPECT_LT(seen, world.log->head().next);
  again.catch_up();
  EXPECT_EQ(rows_of(*elsewhere, again), rows_of(*world.views, world.runner));
}

TEST(Rebuild, a_start_interrupted_in_parts_goes_on_from_the_written_rows) {
  World world;
  for (unsigned i = 0; i < 9; ++i) register_user(world, i);
  enrol(world, world.users[0], 0);
  authorise(world);
  ASSERT_GT(world.log->head().next, in_parts.sorted_events_max);
  const auto elsewhere = storage::ViewStore::open(world.folder / "elsewhere");
  struct CutOff {};
  {
    projections::Runner runner(*world.log, *elsewhere, world.snapshots, world.find_key, in_parts);
    const auto cut_off = [&](storage::Position done, storage::Position) {
      if (done > in_parts.sorted_events_max) throw CutOff{};
    };
    EXPECT_THROW(runner.catch_up(cut_off), CutOff);
  }
  projections::Runner again(*world.log, *elsewhere, world.snapshots, world.find_key, in_parts);
  EXPECT_EQ(again.next(), in_parts.sorted_events_max);
  again.catch_up();
  EXPECT_EQ(rows_of(*elsewhere, again), rows_of(*world.views, world.runner));
}

TEST(Rebuild, in_parts_it_asks_for_no_key_by_itself) {
  World world;
  for (unsigned i = 0; i < 9; ++i) register_user(world, i);
  const auto elsewhere = storage::ViewStore::open(world.folder / "elsewhere");
  std::atomic<int> asked = 0;
  const auto find_key = [&](std::string_view subject) {
    ++asked;
    return world.find_key(subject);
  };
  const auto each_key = [&](std::string_view first, std::string_view last, const auto& visit) {
    world.vault->each_data_key(first, last, visit);
  };
  auto limits = in_parts;
  limits.sorted_events_max = 1000;
  projections::Runner runner(*world.log, *elsewhere, world.snapshots, find_key, limits, each_key);
  runner.catch_up();
  EXPECT_EQ(rows_of(*elsewhere, runner), rows_of(*world.views, world.runner));
  EXPECT_EQ(asked, 0);
}

TEST(Rebuild, reports_its_progress_while_it_sorts_and_folds) {
  World world;
  for (unsigned i = 0; i < 5; ++i) register_user(world, i);
  const auto elsewhere = storage::ViewStore::open(world.folder / "elsewhere");
  projections::Runner runner(*world.log, *elsewhere, world.snapshots, world.find_key, in_parts);
  std::vector<storage::Position> reported;
  runner.catch_up([&](storage::Position done, storage::Position total) {
    EXPECT_EQ(total, world.log->head().next);
    reported.push_back(done);
  });
  EXPECT_TRUE(std::ranges::is_sorted(reported));
  EXPECT_GT(reported.size(), 2u);
  EXPECT_EQ(reported.back(), world.log->head().next);
}

TEST(Rebuild, an_event_that_does_not_open_stops_every_view_at_its_position) {
  World world;
  register_user(world, 0);
  const auto broken_at = world.log->head().next;
  register_user(world, 1);
  register_user(world, 2);
  const auto another_key = [&](std::string_view subject) {
    auto key = world.find_key(subject);
    if (subject == events::subject_name(world.users[1])) key->front() ^= 1;
    return key;
  };
  for (const auto& limits : {projections::FoldLimits{}, tight, in_parts}) {
    std::filesystem::remove_all(world.folder / "elsewhere");
    const auto elsewhere = storage::ViewStore::open(world.folder / "elsewhere");
    projections::Runner runner(*world.log, *elsewhere, world.snapshots, another_key, limits);
    runner.catch_up();
    for (const auto& status : runner.status()) {
      EXPECT_EQ(status.next, broken_at) << status.name;
      EXPECT_TRUE(status.fault.value_or("").starts_with("stopped at position " + std::to_string(broken_at)))
          << status.name << ": " << status.fault.value_or("goes on");
    }
    EXPECT_TRUE(has_rows_of(*elsewhere, runner, world.users[0]));
    EXPECT_FALSE(has_rows_of(*elsewhere, runner, world.users[2]));
  }
}

TEST(Rebuild, several_views_are_built_in_one_pass) {
  World world;
  register_user(world, 0);
  enrol(world, world.users[0], 0);
  const std::array names{projections::user_view, projections::account_view, projections::involvement_view};
  std::vector<storage::Position> passed;
  world.runner.build(names, [&](storage::Position done, storage::Position) { passed.push_back(done); });
  EXPECT_EQ(passed, std::vector{world.log->head().next});
  for (const auto name : names) {
    EXPECT_TRUE(world.runner.compare(name).equal());
    EXPECT_TRUE(world.runner.switch_over(name));
  }
}

TEST(Rebuild, a_row_that_was_changed_is_found) {
  World world;
  register_user(world, 0);
  storage::ViewBatch batch;
  batch.put(world.runner.family(projections::user_view), projections::key::session(SessionId{}), "x");
  world.views->commit(batch);
  const auto comparison = world.runner.rebuild(projections::user_view);
  EXPECT_FALSE(comparison.equal());
  EXPECT_EQ(comparison.rows_live, comparison.rows_rebuilt + 1);
}

TEST(Rebuild, a_restart_goes_on_from_the_stored_position_and_rebuilds_a_foreign_view) {
  World world;
  register_user(world, 0);
  const auto head = world.log->head().next;
  {
    const projections::Runner again(*world.log, *world.views, world.snapshots, world.find_key);
    EXPECT_EQ(again.next(), head);
  }
  const auto other_log = storage::open_memory_log();
  snapshots::Snapshots other_snapshots(*other_log, world.find_key, world.views->shared_changes());
  EXPECT_TRUE(has_rows_of(*world.views, world.runner, world.users[0]));
  projections::Runner foreign(*other_log, *world.views, other_snapshots, world.find_key);
  EXPECT_EQ(foreign.next(), 0u);
  EXPECT_FALSE(has_rows_of(*world.views, foreign, world.users[0]));
}

TEST(Rebuild, rows_of_an_earlier_version_of_a_view_are_dropped_when_the_new_one_serves) {
  World world;
  register_user(world, 0);
  storage::ViewBatch batch;
  for (const std::string family : {"user_view@1/blue", "user_view@2/green", "gone_view@7/blue"}) {
    world.views->create_family(family);
    batch.put(family, "row", "with a name in it");
  }
  batch.put("meta", "serving/user_view@1", "user_view@1/blue");
  batch.put("meta", "standby/user_view@2", "user_view@2/green");
  world.views->commit(batch);
  std::vector<std::string> reported;
  projections::Runner again(*world.log, *world.views, world.snapshots, world.find_key, {}, {},
                            [&](std::string_view what) { reported.emplace_back(what); });
  again.catch_up();
  for (const std::string& family : world.views->families())
    EXPECT_FALSE(family.starts_with("user_view@1") || family.starts_with("user_view@2") ||
                 family.starts_with("gone_view"))
        << family;
  EXPECT_FALSE(world.views->get("meta", "serving/user_view@1"));
  EXPECT_FALSE(world.views->get("meta", "standby/user_view@2"));
  EXPECT_TRUE(world.views->get("meta", "serving/" + std::string{projections::user_view}));
  EXPECT_EQ(reported.size(), 3u);
  EXPECT_TRUE(has_rows_of(*world.views, again, world.users[0]));
}

/// Flips a bit in the middle of each sorted file that has many rows. Its first block holds the position of
/// the view, which is read when the view is opened, and stays whole.
void damage_rows(const std::filesystem::path& dir) {
  constexpr std::uintmax_t bytes_of_many_rows = 16'384;
  for (const auto& each : std::filesystem::directory_iterator{dir}) {
    if (each.path().extension() != ".sst" || each.file_size() < bytes_of_many_rows) continue;
    const auto middle = static_cast<std::streamoff>(each.file_size() / 2);
    std::fstream file{each.path(), std::ios::in | std::ios::out | std::ios::binary};
    file.seekg(middle);
    const char flipped = static_cast<char>(file.get() ^ 8);
    file.seekp(middle);
    file.put(flipped);
  }
}

TEST(Rebuild, repairs_a_view_that_cannot_be_read_while_it_serves_and_writing_goes_on_meanwhile) {
  World world;
  for (unsigned i = 0; i < 1000; ++i) register_user(world, i);
  enrol(world, world.users[0], 0);
  authorise(world);
  const auto dir = world.folder / "elsewhere";
  {
    const auto store = storage::ViewStore::open(dir);
    projections::Runner runner(*world.log, *store, world.snapshots, world.find_key);
    runner.catch_up();
    store->flush();
  }
  damage_rows(dir);
  const auto store = storage::ViewStore::open(dir);
  std::vector<std::string> reported;
  world.executor.stop();
  projections::Runner runner(*world.log, *store, world.snapshots, world.find_key, {}, {},
                             [&](std::string_view what) { reported.emplace_back(what); });
  service::Queries queries{*world.log, *store, world.snapshots, runner, world.secrets, world.find_key};
  service::Executor executor{*world.log,     *world.vault,  runner,      queries,
                             world.erasures, world.secrets, world.clock, {}};
  std::size_t unreadable = 0;
  for (const auto& listed : projections::all) try {
      projections::read_all(*store, runner.family(listed.name));
    } catch (const events::Damaged&) {
      ++unreadable;
    }
  ASSERT_GT(unreadable, 0u) << "no row was damaged, so the test proves nothing";
  const auto faults =
      std::ranges::count_if(runner.status(), [](const auto& each) { return each.fault.has_value(); });
  EXPECT_EQ(static_cast<std::size_t>(faults), unreadable) << "each shows its fault";

  service::Asked asked;
  asked.by = world.users[0];
  asked.kind = events::ActorKind::user;
  EXPECT_FALSE(
      executor.execute(ChangeContactDetails{world.users[0], {}, {}, text<Telephone>("6135550111"), {}}, asked)
          .refusal);
  EXPECT_EQ(executor.fault(), std::nullopt);
  for (const auto& listed : projections::all) {
    ASSERT_TRUE(runner.begin_rebuild(listed.name));
    while (runner.continue_rebuild(listed.name)) {
    }
    runner.drop_standby(listed.name);
    EXPECT_NO_THROW(projections::read_all(*store, runner.family(listed.name))) << listed.name;
  }
  for (const auto& status : runner.status()) EXPECT_EQ(status.fault, std::nullopt) << status.name;
  EXPECT_EQ(reported.size(), unreadable);
  const auto fresh = storage::ViewStore::open(world.folder / "fresh");
  projections::Runner afresh(*world.log, *fresh, world.snapshots, world.find_key);
  afresh.catch_up();
  EXPECT_EQ(rows_of(*store, runner), rows_of(*fresh, afresh));
}

TEST(Rebuild, random_commands_of_operators_during_live_rebuilds_end_with_equal_views) {
  World world;
  for (unsigned i = 0; i < 3; ++i) register_user(world, i);
  enrol(world, world.users[0], 0);
  authorise(world);
  const std::array names{projections::user_view, projections::account_view, projections::involvement_view};
  std::atomic<bool> over = false;
  {
    std::jthread rebuilding{[&] {
      while (!over)
        for (const auto name : names) world.runner.continue_rebuild(name);
    }};
    std::jthread writing{[&] {
      for (int i = 0; !over; ++i)
        world.execute(
            ChangeContactDetails{
                world.users[0], {}, {}, text<Telephone>("613555" + std::to_string(1000 + i % 9000)), {}},
            world.users[0]);
    }};
    std::vector<std::jthread> operators;
    for (unsigned seed : {1u, 2u})
      operators.emplace_back([&, seed] {
        std::minstd_rand dice{seed};
        for (int i = 0; i < 1500; ++i) {
          const auto name = names[dice() % names.size()];
          switch (dice() % 6) {
            case 0:
            case 1:
              world.runner.begin_rebuild(name);
              break;
            case 2:
              world.runner.drop_standby(name);
              break;
            case 3:
              world.runner.switch_over(name);
              break;
            case 4:
              world.runner.continue_rebuild(name);
              break;
            default:
              try {
                world.runner.compare(name);
              } catch (const std::invalid_argument&) {
                break;  // there is none, or another operator dropped it
              }
          }
        }
      });
    operators.clear();
    over = true;
  }
  for (const auto& status : world.runner.status()) EXPECT_EQ(status.fault, std::nullopt) << status.name;
  for (const auto& standby : world.runner.standbys()) EXPECT_EQ(standby.fault, std::nullopt);
  for (const auto name : names) EXPECT_TRUE(world.runner.rebuild(name).equal()) << name;
  const auto fresh = storage::ViewStore::open(world.folder / "fresh");
  projections::Runner afresh(*world.log, *fresh, world.snapshots, world.find_key);
  afresh.catch_up();
  EXPECT_EQ(rows_of(*world.views, world.runner), rows_of(*fresh, afresh));
}

TEST(Rebuild, an_error_stops_the_standby_and_is_shown) {
  World world;
  register_user(world, 0);
  std::atomic<bool> broken = false;
  const auto find_key = [&](std::string_view subject) {
    auto key = world.find_key(subject);
    if (broken && key) key->front() ^= 1;
    return key;
  };
  std::vector<std::string> reported;
  projections::Runner runner(*world.log, *world.views, world.snapshots, find_key, {}, {},
                             [&](std::string_view what) { reported.emplace_back(what); });
  ASSERT_TRUE(runner.begin_rebuild(projections::user_view));
  broken = true;
  EXPECT_FALSE(runner.continue_rebuild(projections::user_view));
  EXPECT_TRUE(runner.standbys().at(0).fault);
  EXPECT_FALSE(runner.standbys().at(0).caught_up);
  EXPECT_FALSE(runner.switch_over(projections::user_view));
  broken = false;
  ASSERT_TRUE(runner.drop_standby(projections::user_view));
  ASSERT_TRUE(runner.begin_rebuild(projections::user_view));
  EXPECT_FALSE(runner.continue_rebuild(projections::user_view));
  EXPECT_TRUE(runner.standbys().at(0).caught_up);
}

}  // namespace
