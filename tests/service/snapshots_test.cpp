// Snapshots only save time: whatever is stored or damaged, every state equals the one folded from the log,
// and no file holds readable personal data.
#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include "events/sealed_state.hpp"
#include "random_history.hpp"

namespace {

using namespace ttp;
using namespace ttp::domain;
using namespace ttp::service::tests;
using World = service::tests::Histories;
using snapshots::Snapshots;

namespace fs = std::filesystem;

/// Limits with which every dropped snapshot is stored and nearly none stays in memory.
constexpr snapshots::Limits stores_all{.cache_bytes = 1, .stored_events_min = 1, .dropped_growth_min = 1};

/// The content of a snapshot as a text that can be compared.
template <class State>
std::string text_of(const snapshots::Found<State>& found) {
  if (!found) return "none";
  return std::to_string(found->version) + ' ' + std::to_string(found->position) + ' ' +
         to_text(found->changed_at) + ' ' + events::state_to_json(found->state);
}

using States = std::map<std::string, std::string>;

/// All states of a history, now or after the first `size` events.
States states_of(const World& world, const Snapshots& from, std::optional<storage::Position> size = {}) {
  States states;
  const auto add = [&]<class State>(const Uuid& id, const State*) {
    const auto found = size ? from.at<State>(id, *size) : from.get<State>(id);
    states[snapshots::stream_of(snapshots::kind_of<State>, id)] = text_of(found);
  };
  for (const UserId user : world.users) add(user.uuid, static_cast<const User*>(nullptr));
  for (const AccountId account : world.accounts) {
    add(account.uuid, static_cast<const Account*>(nullptr));
    add(account.uuid, static_cast<const Programme*>(nullptr));
  }
  return states;
}

std::shared_ptr<storage::RowChanges> new_changes() {
  return std::make_shared<storage::RowChanges>();
}

/// The states folded from the log alone.
States folded(const World& world, std::optional<storage::Position> size = {}) {
  return states_of(world, Snapshots{*world.log, world.find_key, new_changes()}, size);
}

/// Reads every state, so that each is stored when it is dropped from memory.
void store_all(const World& world, const fs::path& folder) {
  Snapshots storing{*world.log, world.find_key, new_changes(), folder, storage::Memory{}, stores_all};
  states_of(world, storing);
  while (storing.store_some()) {
  }
  storing.flush();
}

void erase(World& world, UserId user) {
  const Uuid nobody{};
  world.execute(RepeatErasure{user, {nobody}, {}, {nobody}, {nobody}, world.clock.now()}, {});
}

/// A user who is a member of an account with her own details, an authorised account, and the personal texts
/// that no file may show.
void begin_history(World& world) {
  for (unsigned i = 0; i < 4; ++i) register_user(world, i);
  enrol(world, world.users[0], 0);
  authorise(world);
  ChangeMemberDetails details;
  details.account = world.accounts[0];
  details.user = world.users[1];
  details.job_title = text<Title>("Keeper of the seal");
  details.work_email = text<EmailAddress>("keeper@work.example");
  details.work_telephone = text<Telephone>("+18195550177");
  ASSERT_FALSE(world.execute(details, world.users[0]).refusal);
}

RC_GTEST_PROP(Snapshots, states_are_those_that_the_log_folds_to_after_any_history, ()) {
  World world;
  begin_history(world);
  const auto steps =
      *rc::gen::resize(40, rc::gen::container<std::vector<std::vector<unsigned>>>(
                               rc::gen::container<std::vector<unsigned>>(5, rc::gen::inRange(0u, 10'000u))));
  const fs::path folder = world.folder / "more";
  for (std::size_t i = 0; i < steps.size(); ++i) {
    act(world, steps[i]);
    // Snapshots are stored at different points of the history; newer events are folded on top of them.
    if (i % 16 == 8) store_all(world, folder);
    if (i % 16 == 12) erase(world, world.users[steps[i][0] % world.users.size()]);
  }
  const States wanted = folded(world);
  RC_ASSERT(states_of(world, world.snapshots) == wanted);
  for (int round = 0; round < 2; ++round) {
    if (round == 1) store_all(world, folder);
    const Snapshots again{*world.log, world.find_key, new_changes(), folder};
    RC_ASSERT(states_of(world, again) == wanted);
    for (const storage::Position size : {std::size_t{1}, world.log->head().next / 2, world.log->head().next})
      RC_ASSERT(states_of(world, again, size) == folded(world, size));
    RC_ASSERT(again.counts().damaged == 0u);
    std::uint64_t differ = 0;
    again.check_all([&](const std::string&, const std::string&) { ++differ; });
    RC_ASSERT(differ == 0u);
  }
}

TEST(Snapshots, a_stored_one_spares_the_fold_and_newer_events_go_on_top) {
  World world;
  begin_history(world);
  const fs::path folder = world.folder / "more";
  store_all(world, folder);
  {
    const Snapshots again{*world.log, world.find_key, new_changes(), folder};
    EXPECT_EQ(states_of(world, again), folded(world));
    EXPECT_EQ(again.counts().folded, 0u);
    EXPECT_GT(again.counts().from_disk, 0u);
  }
  enrol(world, world.users[2], 7);
  world.execute(ChangeContactDetails{world.users[0], {}, {}, text<Telephone>("6135551234"), {}},
                world.users[0]);
  const Snapshots again{*world.log, world.find_key, new_changes(), folder};
  EXPECT_EQ(states_of(world, again), folded(world));
}

TEST(Snapshots, one_whose_key_is_gone_counts_as_missing) {
  World world;
  begin_history(world);
  const fs::path folder = world.folder / "more";
  store_all(world, folder);
  erase(world, world.users[3]);
  ASSERT_FALSE(world.find_key(events::subject_name(world.users[3])));
  const Snapshots again{*world.log, world.find_key, new_changes(), folder};
  const auto user = again.get<User>(world.users[3].uuid);
  EXPECT_TRUE(user->state.erased);
  EXPECT_TRUE(user->state.family_name.empty());
  EXPECT_EQ(states_of(world, again), folded(world));
  EXPECT_GT(again.counts().refused, 0u);
  EXPECT_EQ(again.counts().damaged, 0u);
}

TEST(Snapshots, an_account_whose_members_key_is_gone_is_folded) {
  World world;
  begin_history(world);
  const fs::path folder = world.folder / "more";
  store_all(world, folder);
  const auto keys = [&](std::string_view subject) {
    return subject == events::subject_name(world.users[1]) ? std::nullopt : world.find_key(subject);
  };
  const Snapshots again{*world.log, keys, new_changes(), folder};
  const auto account = again.get<Account>(world.accounts[0].uuid);
  EXPECT_FALSE(account->state.member(world.users[1])->job_title.has_value() &&
               !account->state.member(world.users[1])->job_title->empty());
  EXPECT_GT(again.counts().refused, 0u);
}

/// Changes stored rows, as a fault or an attacker could.
using Tamper = std::function<void(std::map<std::string, std::string>& rows)>;

void tamper_with(const fs::path& folder, const Tamper& tamper) {
  const auto store = storage::ViewStore::open(folder);
  std::map<std::string, std::string> rows;
  store->scan(snapshots::rows_family, "", "", [&](std::string_view key, std::string_view value) {
    rows[std::string{key}] = value;
    return true;
  });
  ASSERT_GE(rows.size(), 5u);
  const auto before = rows;
  tamper(rows);
  storage::ViewBatch batch;
  for (const auto& [key, value] : before)
    if (!rows.contains(key)) batch.erase(snapshots::rows_family, key);
  for (const auto& [key, value] : rows) batch.put(snapshots::rows_family, key, value);
  store->commit(batch);
}

Tamper each_row(const std::function<void(std::string& row)>& change) {
  return [change](std::map<std::string, std::string>& rows) {
    for (auto& [key, row] : rows) change(row);
  };
}

TEST(Snapshots, whatever_is_wrong_with_the_stored_ones_answers_and_decisions_are_the_same) {
  const std::map<std::string, Tamper> faults{
      {"deleted", [](auto& rows) { rows.clear(); }},
      {"empty", each_row([](std::string& row) { row.clear(); })},
      {"cut short", each_row([](std::string& row) { row.resize(row.size() - 1); })},
      {"a bit of the state",
       each_row([](std::string& row) { row.back() = static_cast<char>(row.back() ^ 1); })},
      {"of an older shape", each_row([](std::string& row) { row[7] = static_cast<char>(row[7] ^ 1); })},
      {"of another version", each_row([](std::string& row) { row[15] = static_cast<char>(row[15] + 1); })},
      {"of another position", each_row([](std::string& row) { row[23] = static_cast<char>(row[23] + 1); })},
      {"of another time", each_row([](std::string& row) { row[31] = static_cast<char>(row[31] ^ 1); })},
      {"of another log", each_row([](std::string& row) { row[40] = static_cast<char>(row[40] ^ 1); })},
      {"exchanged",
       [](auto& rows) {
         auto& first = rows.begin()->second;
         for (auto& [key, row] : rows) std::swap(first, row);
       }},
  };
  for (const auto& [what, tamper] : faults) {
    SCOPED_TRACE(what);
    World world;
    begin_history(world);
    const fs::path folder = world.folder / "more";
    store_all(world, folder);
    tamper_with(folder, tamper);
    if (HasFatalFailure()) return;
    Snapshots again{*world.log, world.find_key, world.views->shared_changes(), folder};
    EXPECT_EQ(states_of(world, again), folded(world));
    EXPECT_EQ(again.counts().from_disk, 0u);

    // A second service over the same log decides on them.
    world.executor.stop();
    projections::Runner runner{*world.log, *world.views, again, world.find_key};
    service::Queries queries{*world.log, *world.views, again, runner, world.secrets, world.find_key};
    service::Executor executor{*world.log,     *world.vault,  runner,      queries,
                               world.erasures, world.secrets, world.clock, {}};
    service::Asked asked;
    asked.by = world.users[0];
    asked.kind = events::ActorKind::user;
    EXPECT_FALSE(executor.execute(RemoveMember{world.accounts[0], world.users[1]}, asked).refusal);
    EXPECT_TRUE(executor.execute(RemoveMember{world.accounts[0], world.users[1]}, asked).refusal);
    EXPECT_EQ(states_of(world, again), folded(world));
  }
}

std::vector<fs::path> files_of(const fs::path& folder) {
  std::vector<fs::path> files;
  for (const auto& each : fs::recursive_directory_iterator{folder})
    if (each.is_regular_file() && each.file_size() > 0) files.push_back(each.path());
  std::ranges::sort(files);
  return files;
}

void flip_bit(const fs::path& file, std::uint64_t byte) {
  std::fstream stream{file, std::ios::in | std::ios::out | std::ios::binary};
  stream.seekg(static_cast<std::streamoff>(byte));
  const char flipped = static_cast<char>(stream.get() ^ 16);
  stream.seekp(static_cast<std::streamoff>(byte));
  stream.put(flipped);
}

TEST(Snapshots, a_flipped_bit_in_any_file_of_theirs_changes_no_answer) {
  World world;
  begin_history(world);
  const fs::path whole = world.folder / "more", copy = world.folder / "copy";
  store_all(world, whole);
  const States wanted = folded(world);
  std::uint64_t met = 0;
  for (const auto& file : files_of(whole))
    for (const std::uint64_t part : {0u, 2u, 5u, 8u}) {
      fs::remove_all(copy);
      fs::copy(whole, copy, fs::copy_options::recursive);
      flip_bit(copy / fs::relative(file, whole), fs::file_size(file) * part / 10);
      std::size_t told = 0;
      Snapshots damaged{*world.log,
                        world.find_key,
                        new_changes(),
                        copy,
                        storage::Memory{},
                        {},
                        [&](std::string_view) { ++told; }};
      EXPECT_EQ(states_of(world, damaged), wanted) << file << ' ' << part;
      met += told;
    }
  EXPECT_GT(met, 0u) << "no flip was read, so the test proves nothing";
}

/// Whether a text occurs in a row of a store or, uncompressed, in one of its files.
bool stands_in(const fs::path& folder, const std::string& wanted) {
  bool found = false;
  for (const auto& file : files_of(folder)) {
    std::ifstream stream{file, std::ios::binary};
    const std::string content{std::istreambuf_iterator<char>{stream}, {}};
    found = found || content.contains(wanted);
  }
  const auto store = storage::ViewStore::open(folder);
  for (const std::string& family : store->families())
    store->scan(family, "", "", [&](std::string_view key, std::string_view value) {
      found = found || key.contains(wanted) || value.contains(wanted);
      return true;
    });
  return found;
}

TEST(Snapshots, nothing_personal_stands_in_any_file_of_views_or_snapshots) {
  World world;
  begin_history(world);
  const fs::path stored = world.folder / "more", views = world.folder / "elsewhere";
  store_all(world, stored);
  {
    const auto store = storage::ViewStore::open(views);
    projections::Runner runner{*world.log, *store, world.snapshots, world.find_key};
    runner.catch_up();
    store->flush();
  }
  const auto state = [&](UserId user) { return world.queries.user(user)->state; };
  const Account account = world.queries.account(world.accounts[0])->state;
  const std::vector<std::string> personal{state(world.users[0]).family_name.text(),
                                          state(world.users[0]).email.text(),
                                          state(world.users[0]).urn.text(),
                                          state(world.users[0]).telephone.text(),
                                          account.legal_name.text(),
                                          account.business_number.text(),
                                          account.client_number.text(),
                                          account.mailing_address.line1.text(),
                                          "Keeper of the seal",
                                          "keeper@work.example"};
  for (const std::string& each : personal) {
    EXPECT_FALSE(stands_in(stored, each)) << each;
    EXPECT_FALSE(stands_in(views, each)) << each;
  }
  // The control: the same search finds a state that is stored unsealed.
  storage::ViewBatch batch;
  batch.put("unsealed", "row", events::state_to_json(account));
  {
    const auto store = storage::ViewStore::open(views);
    store->create_family("unsealed");
    store->commit(batch);
  }
  EXPECT_TRUE(stands_in(views, account.legal_name.text()));
}

TEST(Snapshots, a_long_stream_is_not_folded_from_its_first_event_after_a_restart) {
  World world;
  begin_history(world);
  const fs::path folder = world.folder / "more";
  const snapshots::Limits limits{};
  {
    Snapshots live{*world.log, world.find_key, world.views->shared_changes(), folder};
    for (storage::StreamVersion i = 0; i < 2 * limits.held_growth_min; ++i) {
      const auto first = world.log->head().next;
      world.execute(
          ChangeContactDetails{
              world.users[0], {}, {}, text<Telephone>("613555" + std::to_string(1000 + i)), {}},
          world.users[0]);
      snapshots::Folding folding{live};
      for (const auto& each : world.queries.history(first, 10)) folding.apply(each);
      live.publish(folding.take(), first, world.log->head().next);
    }
    EXPECT_GT(live.counts().waiting, 0u) << "it waits to be stored though it stays in memory";
  }
  const Snapshots again{*world.log, world.find_key, new_changes(), folder};
  EXPECT_EQ(text_of(again.get<User>(world.users[0].uuid)),
            text_of(world.snapshots.get<User>(world.users[0].uuid)));
  EXPECT_EQ(again.counts().folded, 0u);
  EXPECT_EQ(again.counts().from_disk, 1u);
}

TEST(Snapshots, memory_stays_within_its_bound) {
  World world;
  for (unsigned i = 0; i < 20; ++i) register_user(world, i);
  constexpr std::size_t bytes_max = 8'000;
  const Snapshots few{*world.log, world.find_key,    new_changes(),
                      {},         storage::Memory{}, {.cache_bytes = bytes_max}};
  for (int round = 0; round < 3; ++round) EXPECT_EQ(states_of(world, few), folded(world));
  EXPECT_LE(few.counts().cached_bytes, bytes_max);
  EXPECT_GT(few.counts().cached_bytes, 0u);
}

TEST(Snapshots, reads_of_a_state_are_stale_when_it_changes) {
  World world;
  register_user(world, 0);
  register_user(world, 1);
  const auto reads_of = [&](UserId user) {
    const storage::ReadRecorder recorder = world.queries.record_reads();
    world.queries.user(user);
    return recorder.reads();
  };
  for (int round = 0; round < 2; ++round) {
    const storage::ReadSet first = reads_of(world.users[0]), second = reads_of(world.users[1]);
    world.execute(
        ChangeContactDetails{
            world.users[0], {}, {}, text<Telephone>("613555100" + std::to_string(round)), {}},
        world.users[0]);
    EXPECT_FALSE(world.queries.changes().none_since(first));
    EXPECT_TRUE(world.queries.changes().none_since(second));
  }
}

TEST(Snapshots, a_changed_shape_has_another_fingerprint_and_names_its_fields) {
  const std::string shape = events::describe_shape(static_cast<const Account*>(nullptr));
  EXPECT_TRUE(shape.contains("members:[]{user:id,"));
  EXPECT_TRUE(shape.contains("job_title:?text!,"));
  EXPECT_NE(events::shape_fingerprint<Account>(), events::shape_fingerprint<Programme>());
}

}  // namespace
