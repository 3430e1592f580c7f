// The view store: creating and dropping families, scans in both directions, batches that are atomic across
// families.
#include "storage/tables/view_store.hpp"

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "storage/support.hpp"

namespace ttp::storage {
namespace {

using namespace test;
using Keys = std::vector<std::string>;

class Views : public ::testing::Test {
 protected:
  TemporaryFolder folder;
  std::unique_ptr<ViewStore> store = ViewStore::open(folder / "views");

  void reopen() {
    store.reset();
    store = ViewStore::open(folder / "views");
  }
  void put(const std::string& family, const Keys& keys) {
    ViewBatch batch;
    for (const auto& key : keys) batch.put(family, key, "value of " + key);
    store->commit(batch);
  }
  Keys up(const std::string& from, const std::string& prefix, std::size_t limit = 100) const {
    Keys keys;
    store->scan("rows", from, prefix, [&](auto key, auto value) {
      EXPECT_EQ(value, "value of " + std::string{key});
      keys.emplace_back(key);
      return keys.size() < limit;
    });
    return keys;
  }
  Keys down(const std::string& from, const std::string& prefix, std::size_t limit = 100) const {
    Keys keys;
    store->scan_back("rows", from, prefix, [&](auto key, auto) {
      keys.emplace_back(key);
      return keys.size() < limit;
    });
    return keys;
  }
};

TEST_F(Views, a_new_store_has_no_families) {
  EXPECT_TRUE(store->families().empty());
  EXPECT_FALSE(store->has_family("default"));
  EXPECT_THROW(store->get("rows", "a"), std::invalid_argument);
  EXPECT_THROW(store->create_family("default"), std::invalid_argument);
  EXPECT_THROW(store->create_family(""), std::invalid_argument);
}

TEST_F(Views, families_and_rows_are_there_after_opening_again) {
  store->create_family("account_view@1");
  store->create_family("account_view@2");
  store->create_family("account_view@1");
  put("account_view@1", {"a"});
  reopen();
  EXPECT_EQ(store->families(), (Keys{"account_view@1", "account_view@2"}));
  EXPECT_EQ(store->get("account_view@1", "a"), "value of a");
  EXPECT_EQ(store->get("account_view@2", "a"), std::nullopt);
}

TEST_F(Views, a_dropped_family_is_gone_with_its_rows) {
  store->create_family("rows");
  put("rows", {"a"});
  store->drop_family("rows");
  store->drop_family("rows");
  EXPECT_FALSE(store->has_family("rows"));
  EXPECT_THROW(store->get("rows", "a"), std::invalid_argument);
  store->create_family("rows");
  EXPECT_EQ(store->get("rows", "a"), std::nullopt);
  store->drop_family("rows");
  reopen();
  EXPECT_TRUE(store->families().empty());
}

TEST_F(Views, a_scan_under_way_survives_the_drop_of_its_family) {
  store->create_family("rows");
  put("rows", {"a", "b", "c"});
  Keys seen;
  store->scan("rows", "", "", [&](auto key, auto) {
    if (seen.empty()) store->drop_family("rows");
    seen.emplace_back(key);
    return true;
  });
  EXPECT_EQ(seen, (Keys{"a", "b", "c"}));
}

TEST_F(Views, scans_go_up_and_down_within_a_prefix) {
  store->create_family("rows");
  put("rows", {"a", "b", "b1", "b2", "b3", "c", "\xff\xff", "\xff\xff\x01"});
  EXPECT_EQ(up("", ""), (Keys{"a", "b", "b1", "b2", "b3", "c", "\xff\xff", "\xff\xff\x01"}));
  EXPECT_EQ(up("", "b"), (Keys{"b", "b1", "b2", "b3"}));
  EXPECT_EQ(up("b15", "b"), (Keys{"b2", "b3"}));
  EXPECT_EQ(up("b2", "b"), (Keys{"b2", "b3"}));
  EXPECT_EQ(up("c", "b"), Keys{});
  EXPECT_EQ(up("", "b", 2), (Keys{"b", "b1"}));
  EXPECT_EQ(down("", ""), (Keys{"\xff\xff\x01", "\xff\xff", "c", "b3", "b2", "b1", "b", "a"}));
  EXPECT_EQ(down("", "b"), (Keys{"b3", "b2", "b1", "b"}));
  EXPECT_EQ(down("b15", "b"), (Keys{"b1", "b"}));
  EXPECT_EQ(down("b2", "b"), (Keys{"b2", "b1", "b"}));
  EXPECT_EQ(down("c", "b"), (Keys{"b3", "b2", "b1", "b"}));
  EXPECT_EQ(down("a", "b"), Keys{});
  EXPECT_EQ(down("", "\xff\xff"), (Keys{"\xff\xff\x01", "\xff\xff"}));
  EXPECT_EQ(down("", "b", 2), (Keys{"b3", "b2"}));
}

TEST_F(Views, the_last_change_of_a_batch_wins_and_erased_rows_are_gone) {
  store->create_family("rows");
  put("rows", {"a", "b"});
  ViewBatch batch;
  batch.erase("rows", "a");
  batch.put("rows", "b", "first");
  batch.put("rows", "b", "second");
  store->commit(batch, true);
  EXPECT_EQ(store->get("rows", "a"), std::nullopt);
  EXPECT_EQ(store->get("rows", "b"), "second");
}

TEST_F(Views, a_batch_that_names_an_unknown_family_changes_nothing) {
  store->create_family("rows");
  ViewBatch batch;
  batch.put("rows", "a", "x");
  batch.put("unknown", "a", "x");
  EXPECT_THROW(store->commit(batch), std::invalid_argument);
  EXPECT_EQ(store->get("rows", "a"), std::nullopt);
}

/// Writes batches of one row and its position, more than memory holds; ends without closing the store.
[[noreturn]] void write_views_and_die(const std::filesystem::path& dir) {
  const auto store = ViewStore::open(dir);
  store->create_family("rows");
  store->create_family("checkpoints");
  const std::string padding(50'000, 'x');
  for (int i = 0; i < 1500; ++i) {
    ViewBatch batch;
    batch.put("rows", "row", std::to_string(i) + padding);
    batch.put("checkpoints", "rows", std::to_string(i) + padding);
    store->commit(batch);
    if (i == 700) store->flush();
  }
  std::_Exit(0);
}

TEST(ViewsAfterACrash, rows_and_position_of_a_batch_fall_back_together) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");  // the child process runs this test from its beginning
  constexpr auto handed_over = "TTP_TEST_VIEWS";
  std::optional<TemporaryFolder> folder;
  if (!std::getenv(handed_over)) setenv(handed_over, folder.emplace().path().c_str(), 1);
  const std::filesystem::path dir = std::filesystem::path{std::getenv(handed_over)} / "views";
  EXPECT_EXIT(write_views_and_die(dir), testing::ExitedWithCode(0), "");
  unsetenv(handed_over);
  const auto after = ViewStore::open(dir);
  const auto row = after->get("rows", "row");
  EXPECT_TRUE(row) << "flushed rows are kept";
  EXPECT_EQ(row, after->get("checkpoints", "rows"));
}

TEST_F(Views, readers_see_whole_batches_while_one_writes) {
  store->create_family("rows");
  std::atomic<bool> done = false, whole = true;
  std::jthread reader{[&] {
    while (!done) {
      std::vector<std::string> values;
      store->scan("rows", "", "", [&](auto, auto value) { return values.emplace_back(value), true; });
      whole = whole && (values.empty() || (values.size() == 2 && values[0] == values[1]));
    }
  }};
  for (int i = 0; i < 2000; ++i) {
    ViewBatch batch;
    batch.put("rows", "left", std::to_string(i));
    batch.put("rows", "right", std::to_string(i));
    store->commit(batch);
    if (i % 500 == 0) store->flush_soon();
  }
  done = true;
  reader.join();
  EXPECT_TRUE(whole);
}

TEST_F(Views, new_rows_stand_among_those_on_the_disk) {
  store->create_family("rows");
  put("rows", {"a", "b", "c", "e"});
  store->flush();
  put("rows", {"b", "d", "f"});
  ViewBatch batch;
  batch.erase("rows", "c");
  batch.erase("rows", "x");
  store->commit(batch);
  for (int flushed = 0; flushed < 2; ++flushed) {
    EXPECT_EQ(up("", ""), (Keys{"a", "b", "d", "e", "f"}));
    EXPECT_EQ(up("c", ""), (Keys{"d", "e", "f"}));
    EXPECT_EQ(up("", "", 2), (Keys{"a", "b"}));
    EXPECT_EQ(down("", ""), (Keys{"f", "e", "d", "b", "a"}));
    EXPECT_EQ(down("d", ""), (Keys{"d", "b", "a"}));
    EXPECT_EQ(store->get("rows", "c"), std::nullopt);
    EXPECT_EQ(store->get("rows", "d"), "value of d");
    store->flush();
  }
  reopen();
  EXPECT_EQ(up("", ""), (Keys{"a", "b", "d", "e", "f"}));
}

TEST_F(Views, reads_are_those_of_a_map_whenever_rows_are_flushed) {
  store->create_family("rows");
  std::map<std::string, std::string> rows;
  std::mt19937 dice{20'261'124};
  const auto any = [&](unsigned below) {
    return std::uniform_int_distribution<unsigned>{0, below - 1}(dice);
  };
  const auto any_key = [&] {
    return std::string(1, static_cast<char>('a' + any(3))) + std::to_string(any(12));
  };
  const auto within = [&](const std::string& from, const std::string& prefix) {
    Keys keys;
    for (const auto& [key, value] : rows)
      if (key.starts_with(prefix) && key >= from) keys.push_back(key);
    return keys;
  };
  for (int step = 0; step < 3000; ++step) {
    ViewBatch batch;
    for (unsigned changes = any(4); changes > 0; --changes) {
      const auto key = any_key();
      if (any(3) > 0) {
        batch.put("rows", key, "value of " + key);
        rows[key] = "value of " + key;
      } else {
        batch.erase("rows", key);
        rows.erase(key);
      }
    }
    store->commit(batch, any(20) == 0);
    if (any(100) == 0) store->flush_soon();
    const auto from = any_key();
    const auto prefix = any(2) == 0 ? std::string{} : from.substr(0, 1);
    EXPECT_EQ(up(from, prefix), within(from, prefix));
    auto all = within("", prefix);
    std::erase_if(all, [&](const auto& key) { return key > from; });
    std::ranges::reverse(all);
    EXPECT_EQ(down(from, prefix), all);
    EXPECT_EQ(store->get("rows", from).has_value(), rows.contains(from));
    if (HasFailure()) FAIL() << "step " << step;
  }
}

TEST_F(Views, flushed_rows_are_on_the_disk) {
  store->create_family("rows");
  put("rows", {"a"});
  store->flush_soon();
  const auto has_sorted_file = [&] {
    for (const auto& each : std::filesystem::directory_iterator(folder / "views"))
      if (each.path().extension() == ".sst") return true;
    return false;
  };
  while (!has_sorted_file()) std::this_thread::yield();
}

TEST_F(Views, nothing_is_committed_after_a_write_failed) {
  store->create_family("rows");
  put("rows", {"a"});
  std::filesystem::remove_all(folder / "views");
  EXPECT_THROW(store->flush(), std::runtime_error);
  const auto takes = [&] {
    try {
      put("rows", {"b"});
      return true;
    } catch (const std::runtime_error&) {
      return false;
    }
  };
  while (takes()) std::this_thread::yield();
  EXPECT_EQ(store->get("rows", "a"), "value of a") << "committed rows can be read";
}

TEST_F(Views, a_load_replaces_and_erases_rows_and_the_last_change_of_a_row_counts) {
  store->create_family("rows");
  put("rows", {"a", "c"});
  ViewBatch many;
  many.put("rows", "d", "value of d");
  many.put("rows", "b", "an earlier value");
  many.erase("rows", "a");
  many.put("rows", "b", "value of b");
  store->load("rows", many);
  EXPECT_EQ(up("", ""), (Keys{"b", "c", "d"}));
  reopen();
  EXPECT_EQ(up("", ""), (Keys{"b", "c", "d"}));
}

TEST_F(Views, reads_are_valid_until_a_row_changes) {
  store->create_family("rows");
  store->create_family("others");
  put("rows", {"a", "b"});
  const auto reads_of = [&](const std::function<void()>& read) {
    const ReadRecorder recorder{store->changes()};
    read();
    return recorder.reads();
  };
  const auto changed_by = [&](const ReadSet& reads, const std::function<void()>& change) {
    EXPECT_TRUE(store->changes().none_since(reads));
    change();
    return !store->changes().none_since(reads);
  };
  const auto get_a = [&] { store->get("rows", "a"); };
  const auto get_missing = [&] { store->get("rows", "c"); };
  const auto scan = [&] { up("", ""); };
  EXPECT_TRUE(changed_by(reads_of(get_a), [&] { put("rows", {"a"}); }));
  EXPECT_TRUE(changed_by(reads_of(get_missing), [&] { put("rows", {"c"}); })) << "a missing row was read";
  EXPECT_FALSE(changed_by(reads_of(get_a), [&] { put("rows", {"b"}); }));
  EXPECT_FALSE(changed_by(reads_of(get_a), [&] { put("others", {"a"}); }));
  EXPECT_TRUE(changed_by(reads_of(scan), [&] { put("others", {"d"}); })) << "a scan depends on every row";
  EXPECT_TRUE(changed_by(reads_of(get_a), [&] { store->drop_family("others"); }));
  const auto load = [&] {
    ViewBatch batch;
    batch.put("rows", "z", "value of z");
    store->load("rows", std::move(batch));
  };
  EXPECT_TRUE(changed_by(reads_of(get_a), load));

  const ReadRecorder outer{store->changes()};
  reads_of([&] { store->get("rows", "b"); });
  const ReadSet& both = outer.reads();
  EXPECT_TRUE(changed_by(both, [&] { put("rows", {"b"}); }))
      << "the outer recorder has the reads of the inner one, too";
}

TEST_F(Views, merged_reads_are_valid_while_both_are) {
  store->create_family("rows");
  const Keys keys{"a", "b", "c", "d"};
  std::minstd_rand random{11};
  const auto any = [&] { return keys[random() % keys.size()]; };
  const auto change = [&] {
    if (random() % 8 == 0) return put("rows", {});
    if (random() % 16 > 0) return put("rows", {any()});
    store->create_family("others");
    store->drop_family("others");
  };
  const auto reads = [&] {
    const ReadRecorder recorder{store->changes()};
    for (auto many = random() % 3; many > 0; --many) store->get("rows", any());
    if (random() % 4 == 0) up("", "");
    return recorder.reads();
  };
  int stood = 0, changed = 0;
  for (int i = 0; i < 2000; ++i) {
    const ReadSet first = reads();
    if (random() % 2 == 0) change();
    const ReadSet second = reads();
    ReadSet both = random() % 2 == 0 ? first : second;
    both.add(first);
    both.add(second);
    for (int asked = 0; asked < 3; ++asked) {
      if (random() % 2 == 0) change();
      const bool each_stands = store->changes().none_since(first) && store->changes().none_since(second);
      const bool both_stand = store->changes().renew(both);
      ASSERT_TRUE(each_stands || !both_stand);
      // The time of a scan is not recorded, so a scan may look changed.
      if (!both.scanned) {
        ASSERT_EQ(both_stand, each_stands);
      }
      ++(both_stand ? stood : changed);
    }
  }
  EXPECT_GT(stood, 100);
  EXPECT_GT(changed, 100);
}

TEST_F(Views, a_load_takes_rows_in_any_order_whatever_their_keys) {
  store->create_family("rows");
  // Few characters, so that many keys share a prefix and some are prefixes of others.
  std::minstd_rand random{7};
  std::map<std::string, std::string> expected;
  ViewBatch many;
  for (int i = 0; i < 3000; ++i) {
    std::string key(1 + random() % 11, '\0');
    for (char& c : key) c = "\0\x01\xff"[random() % 3];
    expected[key] = std::to_string(i);
    many.put("rows", key, expected[key]);
  }
  store->load("rows", many);
  std::map<std::string, std::string> found;
  store->scan("rows", "", "",
              [&](std::string_view key, std::string_view value) { return found.emplace(key, value).second; });
  EXPECT_EQ(found, expected);
}

void add(ViewStore::Load& load, std::uint64_t number, ViewBatch changes) {
  auto part = load.begin_part(number);
  part.add(std::move(changes));
  part.finish();
}

TEST_F(Views, a_load_in_parts_becomes_visible_at_once) {
  store->create_family("rows");
  put("rows", {"a", "m1", "m2", "z"});
  std::optional load = store->begin_load("rows", "m");
  ViewBatch first, second;
  first.put("rows", "m3", "value of m3");
  first.erase("rows", "m1");
  first.put("rows", "c", "value of c");
  first.erase("rows", "z");
  second.put("rows", "m4", "value of m4");
  second.put("rows", "b", "value of b");
  second.put("rows", "x", "value of x");
  second.erase("rows", "a");
  add(*load, 1, std::move(second));
  add(*load, 0, std::move(first));
  EXPECT_EQ(up("", ""), (Keys{"a", "m1", "m2", "z"}));
  load->ingest();
  load.reset();
  const Keys after{"b", "c", "m2", "m3", "m4", "x"};
  EXPECT_EQ(up("", ""), after);
  reopen();
  EXPECT_EQ(up("", ""), after);
}

TEST_F(Views, of_a_row_in_several_parts_that_of_the_highest_number_counts) {
  store->create_family("rows");
  std::map<std::string, std::string> expected;
  auto load = store->begin_load("rows", std::nullopt);
  const std::string filler(100, '.');  // so that a part is read in several pieces
  for (const std::uint64_t number : {2, 0, 1}) {
    ViewBatch part;
    for (std::uint64_t i = number; i < 3000; i += number + 1) {
      const std::string value = filler + std::to_string(number);
      part.put("rows", "row " + std::to_string(i), value);
      auto& newest = expected["row " + std::to_string(i)];
      newest = std::max(newest, value);
    }
    add(load, number, std::move(part));
  }
  load.ingest();
  std::map<std::string, std::string> found;
  store->scan("rows", "", "",
              [&](std::string_view key, std::string_view value) { return found.emplace(key, value).second; });
  EXPECT_EQ(found, expected);
}

TEST_F(Views, a_part_can_be_added_in_pieces) {
  store->create_family("rows");
  auto load = store->begin_load("rows", "m");
  {
    auto part = load.begin_part(0);
    for (const std::string each : {"1", "2", "3"}) {
      ViewBatch bit;
      bit.put("rows", "z" + each, "value of z" + each);
      bit.put("rows", "m" + each, "value of m" + each);
      bit.put("rows", "newest", "of bit " + each);
      part.add(std::move(bit));
    }
    part.finish();
  }
  load.ingest();
  EXPECT_EQ(up("m", "m"), (Keys{"m1", "m2", "m3"}));
  EXPECT_EQ(up("z", "z"), (Keys{"z1", "z2", "z3"}));
  EXPECT_EQ(store->get("rows", "newest"), "of bit 3");
}

TEST_F(Views, a_load_that_is_not_ingested_leaves_nothing) {
  store->create_family("rows");
  put("rows", {"a"});
  const auto files = [&] {
    std::size_t count = 0;
    for (const auto& each : std::filesystem::recursive_directory_iterator{folder / "views" / "incoming"})
      count += each.is_regular_file() ? 1 : 0;
    return count;
  };
  {
    auto load = store->begin_load("rows", "m");
    ViewBatch part;
    part.put("rows", "m", "value of m");
    part.put("rows", "b", "value of b");
    add(load, 0, std::move(part));
    EXPECT_EQ(files(), 1u);
  }
  EXPECT_EQ(files(), 0u);
  EXPECT_EQ(up("", ""), Keys{"a"});
}

TEST_F(Views, a_load_is_of_one_family) {
  store->create_family("rows");
  store->create_family("others");
  ViewBatch many;
  many.put("rows", "a", "value of a");
  many.put("others", "b", "value of b");
  EXPECT_THROW(store->load("rows", many), std::invalid_argument);
  EXPECT_EQ(up("", ""), Keys{});
}

std::vector<std::filesystem::path> files_of(const std::filesystem::path& dir) {
  std::vector<std::filesystem::path> files;
  for (const auto& each : std::filesystem::recursive_directory_iterator{dir})
    if (each.is_regular_file() && each.file_size() > 0) files.push_back(each.path());
  std::ranges::sort(files);
  return files;
}

void flip_bit(const std::filesystem::path& file, std::uint64_t byte) {
  std::fstream stream{file, std::ios::in | std::ios::out | std::ios::binary};
  stream.seekg(static_cast<std::streamoff>(byte));
  const char flipped = static_cast<char>(stream.get() ^ 4);
  stream.seekp(static_cast<std::streamoff>(byte));
  stream.put(flipped);
}

TEST_F(Views, a_flipped_bit_anywhere_is_reported_or_the_store_is_rebuilt_and_no_row_is_wrong) {
  store->create_family("rows");
  Keys keys;
  for (int i = 0; i < 300; ++i) keys.push_back("key " + std::to_string(1000 + i));
  put("rows", keys);
  store.reset();
  const std::filesystem::path whole = folder / "views", copy = folder / "copy";
  std::size_t renewed = 0, told = 0;
  for (const auto& file : files_of(whole)) {
    for (const std::uint64_t part : {1u, 3u, 6u, 9u}) {
      std::filesystem::remove_all(copy);
      std::filesystem::copy(whole, copy, std::filesystem::copy_options::recursive);
      flip_bit(copy / std::filesystem::relative(file, whole), std::filesystem::file_size(file) * part / 10);
      std::vector<std::string> reports;
      const auto report = [&](std::string_view what) { reports.emplace_back(what); };
      auto opened = ViewStore::open_or_renew(copy, Memory{}, report);
      if (!reports.empty() || !opened->has_family("rows")) {
        ++renewed;
        EXPECT_TRUE(opened->families().empty()) << reports.front();
        continue;
      }
      for (const std::string& key : keys) try {
          const auto value = opened->get("rows", key);
          if (value) {
            ASSERT_EQ(value, "value of " + key);
          }
        } catch (const events::Damaged&) {
          ++told;
          EXPECT_TRUE(opened->damage("rows"));
          break;
        }
      if (!opened->damage("rows")) continue;
      opened.reset();
      opened = ViewStore::open_or_renew(copy, Memory{}, report);
      EXPECT_EQ(reports.size(), 1u) << "a store that was found damaged is rebuilt at the next start";
      EXPECT_TRUE(opened->families().empty());
    }
  }
  EXPECT_GT(renewed, 0u);
  EXPECT_GT(told, 0u);
}

}  // namespace
}  // namespace ttp::storage
