// Crashes and damage, which only an engine with a disk can handle wrongly. A crash loses no acknowledged
// event, damage is refused, and a clean cut is found by the signed checkpoint.
#include "storage/log/rocks_log.hpp"

#include <algorithm>
#include <fstream>
#include <vector>

#include <gtest/gtest.h>

#include "os/faults.hpp"
#include "storage/support.hpp"
#include "storage/tree/checkpoint.hpp"
#include "storage/tree/merkle.hpp"

namespace ttp::storage {
namespace {

using namespace test;
namespace fs = std::filesystem;

class RocksLogOnDisk : public ::testing::Test {
 protected:
  TemporaryFolder folder;
  const fs::path live = folder / "live", crashed = folder / "crashed";

  /// The files as a crash would leave them: the log is still open and has flushed nothing.
  void crash() {
    fs::remove_all(crashed);
    fs::copy(live, crashed);
    fs::remove(crashed / "LOCK");
  }
  fs::path wal() const {
    fs::path largest;
    for (const auto& entry : fs::directory_iterator{crashed})
      if (entry.path().extension() == ".log" &&
          (largest.empty() || entry.file_size() > fs::file_size(largest)))
        largest = entry.path();
    return largest;
  }
  static std::uintmax_t wal_bytes(const fs::path& dir) {
    std::uintmax_t bytes = 0;
    for (const auto& entry : fs::directory_iterator{dir})
      if (entry.path().extension() == ".log") bytes = std::max(bytes, entry.file_size());
    return bytes;
  }
  /// Nothing if damage is met at the start.
  static std::unique_ptr<Log> opened_or_none(const fs::path& dir) {
    try {
      return open_rocks_log(dir);
    } catch (const events::Damaged&) {
      return nullptr;
    }
  }
  static SignedCheckpoint checkpoint_of(const Log& log) {
    return {"ttp.example/log", log.head().next, log.head().root};
  }
  static void expect_first_events_of(const Log& whole, const Log& part, Position count) {
    EXPECT_EQ(part.head().next, count);
    EXPECT_EQ(part.read(0, count + 1), whole.read(0, count));
    EXPECT_EQ(part.head().root, whole.root_at(count));
  }
};

TEST_F(RocksLogOnDisk, everything_acknowledged_is_there_after_a_crash) {
  const auto log = open_rocks_log(live);
  append_many(*log, 0, 300);
  crash();
  const auto after = open_rocks_log(crashed);
  expect_first_events_of(*log, *after, 300);
  EXPECT_EQ(after->id(), log->id());
  EXPECT_NO_THROW(compare_at_start(*after, checkpoint_of(*log)));
  append_many(*after, 300, 1);
  EXPECT_EQ(after->head().next, 301u);
}

TEST_F(RocksLogOnDisk, damage_that_a_read_meets_fails_that_read_and_is_a_fault_of_the_process) {
  const auto fault = [] {
    const auto all = os::faults();
    const auto found = std::ranges::find(all, "log_damage", &os::FaultStatus::name);
    return found == all.end() ? os::FaultStatus{} : *found;
  };
  constexpr Position count = 1500;
  append_many(*open_rocks_log(live), 0, count);
  open_rocks_log(live).reset();  // so that all rows are in table files
  int met = 0;
  for (const auto& entry : fs::directory_iterator{live}) {
    if (entry.path().extension() != ".sst") continue;
    const auto whole = content_of(entry.path());
    auto damaged = whole;
    damaged[40] ^= 0x01;
    std::ofstream{entry.path(), std::ios::binary} << damaged;
    if (const auto log = opened_or_none(live)) {
      EXPECT_FALSE(fault().reason);
      Position read = 0;
      for (Position next = 0; next < count; ++next) try {
          read += log->read(next, 1).size();
        } catch (const events::Damaged&) {
          ++met;
        }
      EXPECT_GT(read, 0u);
      EXPECT_TRUE(fault().reason);
      EXPECT_FALSE(fault().not_ready.empty());
    }
    std::ofstream{entry.path(), std::ios::binary} << whole;
  }
  EXPECT_GT(met, 0);
}

TEST_F(RocksLogOnDisk, the_version_of_a_stream_does_not_depend_on_the_guess) {
  {
    const auto log = open_rocks_log(live);
    append(*log, commit(1, {event("a", "one"), event("b", "two"), event("a", "three"), event("a", "four")}));
  }
  for (const StreamVersion likely : {0, 1, 2, 3, 4, 100}) {
    const auto log = open_rocks_log(live);  // its cache of versions is empty
    EXPECT_EQ(log->stream_version("a", likely), 3u);
    EXPECT_EQ(log->stream_version("b", likely), 1u);
    EXPECT_EQ(log->stream_version("c", likely), 0u);
    EXPECT_EQ(log->stream_version("", likely), 0u);
  }
}

TEST_F(RocksLogOnDisk, a_torn_last_record_leaves_a_dense_prefix_at_every_length) {
  const auto log = open_rocks_log(live);
  append_many(*log, 0, 20);
  const auto whole_before_last = wal_bytes(live);
  append(*log, commit(20, {event("a", "last"), event("b", "last")}));
  const auto whole = wal_bytes(live);
  for (auto bytes = whole_before_last; bytes < whole; bytes += 7) {
    crash();
    fs::resize_file(wal(), bytes);
    const auto after = open_rocks_log(crashed);
    expect_first_events_of(*log, *after, 20);
    EXPECT_EQ(after->find_command(command(20)), std::nullopt);
    EXPECT_EQ(after->stream_version("a"), 0u);
  }
}

TEST_F(RocksLogOnDisk, a_bit_flipped_in_acknowledged_records_is_refused) {
  const auto log = open_rocks_log(live);
  append_many(*log, 0, 200);
  for (const double part : {0.1, 0.3, 0.5, 0.7, 0.9}) {
    crash();
    auto bytes = content_of(wal());
    bytes[static_cast<std::size_t>(static_cast<double>(bytes.size()) * part)] ^= 0x10;
    std::ofstream{wal(), std::ios::binary} << bytes;
    EXPECT_THROW(open_rocks_log(crashed), events::Damaged) << part;
  }
}

TEST_F(RocksLogOnDisk, a_flipped_bit_is_refused_by_the_log_or_found_by_the_checkpoint) {
  const auto log = open_rocks_log(live);
  append_many(*log, 0, 20);
  const auto checkpoint = checkpoint_of(*log);
  int told = 0, flips = 0;
  for (std::uintmax_t byte = 0; byte < wal_bytes(live); byte += 23, ++flips) {
    crash();
    auto bytes = content_of(wal());
    bytes[byte] = static_cast<char>(bytes[byte] ^ (1 << (byte % 8)));
    std::ofstream{wal(), std::ios::binary} << bytes;
    try {
      compare_at_start(*open_rocks_log(crashed), checkpoint);
    } catch (const std::runtime_error&) {
      ++told;
    }
  }
  EXPECT_GT(flips, 100);
  EXPECT_EQ(told, flips);
}

TEST_F(RocksLogOnDisk, a_cut_between_two_records_is_found_by_the_signed_checkpoint) {
  const auto log = open_rocks_log(live);
  append_many(*log, 0, 50);
  const auto at_50 = wal_bytes(live);
  const auto root_of_50 = log->head().root;
  append_many(*log, 50, 50);
  crash();
  fs::resize_file(wal(), at_50);
  const auto after = open_rocks_log(crashed);
  EXPECT_EQ(after->head(), (Head{50, false, root_of_50})) << "RocksDB itself does not notice";
  try {
    compare_at_start(*after, checkpoint_of(*log));
    FAIL() << "the shorter log was accepted";
  } catch (const LogShorter& error) {
    const std::string text = error.what();
    EXPECT_NE(text.find("50 events"), std::string::npos) << text;
    EXPECT_NE(text.find("100 events"), std::string::npos) << text;
  }
}

TEST_F(RocksLogOnDisk, a_log_with_another_history_is_found_by_the_signed_checkpoint) {
  const auto log = open_rocks_log(live);
  append_many(*log, 0, 40);
  const auto other = open_rocks_log(folder / "other");
  append_many(*other, 100, 60);
  EXPECT_THROW(compare_at_start(*other, checkpoint_of(*log)), LogDiffers);
  EXPECT_THROW(compare_at_start(*other, std::nullopt), CheckpointMissing);
  EXPECT_NO_THROW(compare_at_start(*open_rocks_log(folder / "new"), std::nullopt));
}

TEST_F(RocksLogOnDisk, a_log_that_grows_over_many_openings_keeps_its_root) {
  std::vector<events::Hash> leaves;
  for (std::uint64_t round = 0; round < 8; ++round) {
    const auto log = open_rocks_log(live);
    append_many(*log, round * 97, 97);
    for (const auto& event : log->read(leaves.size(), 1000))
      leaves.push_back(hash_leaf(event.version, event.envelope));
    ASSERT_EQ(leaves.size(), (round + 1) * 97);
    ASSERT_EQ(log->head().root, merkle_root(leaves));
  }
  const auto log = open_rocks_log(live);
  EXPECT_EQ(log->head().root, merkle_root(leaves));
  EXPECT_EQ(log->root_at(300), merkle_root(std::span{leaves}.first(300)));
}

TEST_F(RocksLogOnDisk, two_processes_cannot_have_it_open_at_once) {
  const auto log = open_rocks_log(live);
  EXPECT_THROW(open_rocks_log(live), std::runtime_error);
}

TEST_F(RocksLogOnDisk, damage_in_any_table_file_of_the_index_is_refused_at_the_start) {
  {
    const auto log = open_rocks_log(live);
    append_many(*log, 0, 200);  // few enough for all files to be read at the start
    append(*log, commit(1'000, {event("one", "claims", {take("name", 1)})}));
  }
  open_rocks_log(live).reset();  // so that all rows are in table files
  std::vector<fs::path> tables;
  for (const auto& entry : fs::directory_iterator{live})
    if (entry.path().extension() == ".sst") tables.push_back(entry.path());
  ASSERT_GE(tables.size(), 5u);
  for (const auto& table : tables) {
    const auto whole = content_of(table);
    auto damaged = whole;
    damaged[40] ^= 0x01;
    std::ofstream{table, std::ios::binary} << damaged;
    EXPECT_THROW(open_rocks_log(live), events::Damaged) << table;
    std::ofstream{table, std::ios::binary} << whole;
  }
  EXPECT_EQ(open_rocks_log(live)->head().next, 201u);
}

TEST_F(RocksLogOnDisk, its_folder_is_open_to_its_owner_alone_and_no_journal_is_kept) {
  const auto log = open_rocks_log(live);
  append(*log, commit(1, {event("stream-name-in-question", "body-in-question")}));
  EXPECT_EQ(fs::status(live).permissions() & (fs::perms::group_all | fs::perms::others_all), fs::perms::none);
  EXPECT_FALSE(fs::exists(live / "LOG"));
}

}  // namespace
}  // namespace ttp::storage
