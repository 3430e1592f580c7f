// Backups are taken while the log is written, they are whole or refused, and they restore exactly the log
// that was signed.
#include "storage/backup/backup.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <fstream>
#include <string>
#include <thread>

#include <gtest/gtest.h>

#include "storage/backup/parts.hpp"
#include "storage/log/memory_log.hpp"
#include "storage/log/rocks_log.hpp"
#include "storage/log/times.hpp"
#include "storage/support.hpp"
#include "support/real_log.hpp"

namespace ttp::storage {
namespace {

using namespace test;
namespace fs = std::filesystem;
using std::chrono::hours;

const std::string origin = "ttp.example/audit/log1";
const SecretKey seed{hash(7)};
const Verifier verifier{origin, verifying_key(seed)};
const domain::Time taken{hours{24 * 365 * 50}};

std::string note_of(const Log& log) {
  return sign_checkpoint({origin, log.head().next, log.head().root}, seed);
}

std::vector<StoredEvent> all_of(const Log& log) {
  return log.read(0, static_cast<std::size_t>(log.head().next));
}

std::vector<fs::path> files_below(const fs::path& folder) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::recursive_directory_iterator{folder})
    if (entry.is_regular_file()) files.push_back(entry.path());
  std::ranges::sort(files);
  return files;
}

/// Flips one bit in the middle of a file.
void damage(const fs::path& path) {
  std::fstream file{path, std::ios::in | std::ios::out | std::ios::binary};
  const auto middle = static_cast<std::streamoff>(fs::file_size(path) / 2);
  file.seekg(middle);
  const auto byte = static_cast<char>(file.get() ^ 0x10);
  file.seekp(middle);
  file.put(byte);
}

class LogBackup : public ::testing::Test {
 protected:
  LogBackupInfo take() { return backups.create(*log, note_of(*log), taken); }
  Head restore(BackupId id, std::string_view name = "restored") {
    return backups.restore(id, folder / name, checkpoint);
  }

  TemporaryFolder folder;
  std::unique_ptr<Log> log = open_rocks_log(folder / "log");
  samples::RealLog story{*log, 1};
  LogBackups backups{folder / "backups", {verifier}};
  CheckpointFile checkpoint{folder / "restored-checkpoint"};
};

TEST_F(LogBackup, restores_every_event_and_the_root) {
  story.grow_to(1000);
  const auto info = take();
  EXPECT_EQ(info.events, 1000U);
  EXPECT_EQ(info.root, log->head().root);
  EXPECT_EQ(info.log, log->id());
  EXPECT_EQ(info.taken_at, taken);
  EXPECT_EQ(restore(info.id), log->head());
  const auto restored = open_rocks_log(folder / "restored");
  EXPECT_EQ(restored->id(), log->id());
  EXPECT_EQ(all_of(*restored), all_of(*log));
  EXPECT_EQ(open_checkpoint(checkpoint.read().value(), origin, verifier.key).size, 1000U);
  // The restored log is a normal log: it can be appended to, and it knows its commands.
  const auto first =
      restored->find_command(events::decode_envelope(restored->read(0, 1)[0].envelope).command);
  EXPECT_EQ(first->answer, "answer 1");
  append_many(*restored, 900'000, 3);
  EXPECT_EQ(restored->head().next, 1003U);
}

TEST_F(LogBackup, copies_only_new_files) {
  story.grow_to(3000);
  const auto first = take();
  story.grow_to(3010);
  const auto second = take();
  EXPECT_EQ(second.id, first.id + 1);
  EXPECT_GT(second.bytes, first.bytes);
  EXPECT_LT(second.bytes_new, second.bytes / 4);
  const auto listed = backups.list();
  ASSERT_EQ(listed.size(), 2U);
  EXPECT_EQ(listed[0].events, 3000U);
  EXPECT_EQ(listed[1].events, 3010U);
  EXPECT_EQ(listed[1].bytes_new, second.bytes_new);
  EXPECT_EQ(restore(first.id, "one").next, 3000U);
}

TEST_F(LogBackup, taken_while_the_log_grows_holds_at_least_the_signed_events) {
  story.grow_to(500);
  std::atomic<bool> done = false;
  std::thread writer([&] {
    for (Position size = 501; !done; ++size) story.grow_to(size);
  });
  std::vector<LogBackupInfo> infos;
  for (int round = 0; round < 3; ++round) {
    const auto head = log->head();
    infos.push_back(backups.create(*log, sign_checkpoint({origin, head.next, head.root}, seed), taken));
    EXPECT_EQ(infos.back().events, head.next);
  }
  done = true;
  writer.join();
  for (const auto& info : infos) {
    EXPECT_NO_THROW(backups.verify(info.id));
    const std::string name = "restored " + std::to_string(info.id);
    const auto head = backups.restore(info.id, folder / name, CheckpointFile{folder / (name + ".note")});
    EXPECT_GE(head.next, info.events);
    EXPECT_EQ(head.root, log->root_at(head.next));
  }
}

TEST_F(LogBackup, a_flipped_bit_in_any_file_is_found) {
  story.grow_to(300);
  const auto info = take();
  EXPECT_NO_THROW(backups.verify(info.id));
  std::size_t tried = 0;
  for (const auto& file : files_below(folder / "backups")) {
    if (fs::file_size(file) == 0) continue;
    ++tried;
    damage(file);
    EXPECT_ANY_THROW(backups.verify(info.id)) << file;
    EXPECT_ANY_THROW(restore(info.id)) << file;
    EXPECT_FALSE(fs::exists(folder / "restored")) << "whole or not at all";
    EXPECT_FALSE(fs::exists(folder / "restored.restoring"));
    EXPECT_EQ(checkpoint.read(), std::nullopt);
    damage(file);
  }
  EXPECT_GT(tried, 4U);
  EXPECT_NO_THROW(backups.verify(info.id));
}

TEST_F(LogBackup, a_bit_anywhere_in_a_list_of_files_makes_only_its_backup_unusable) {
  story.grow_to(300);
  const auto first = take();
  story.grow_to(310);
  const auto second = take();
  const fs::path meta = folder / "backups" / "meta" / std::to_string(second.id);
  const auto whole = content_of(meta);
  for (std::size_t byte = 0; byte < whole.size(); byte += 3) {
    auto damaged = whole;
    damaged[byte] ^= 0x02;
    std::ofstream{meta, std::ios::binary} << damaged;
    const auto listed = backups.list();
    ASSERT_EQ(listed.size(), 2U) << byte;
    EXPECT_FALSE(listed[0].fault) << byte;
    EXPECT_TRUE(listed[1].fault) << byte;
  }
  EXPECT_THROW(backups.verify(second.id), events::Damaged);
  EXPECT_EQ(backups.verify(first.id).events, 300U);
  // The next backup is whole, and takes nothing from the others.
  const auto third = take();
  EXPECT_EQ(backups.verify(third.id).events, 310U);
  EXPECT_EQ(backups.verify(first.id).events, 300U);
}

TEST_F(LogBackup, a_lost_file_is_found) {
  story.grow_to(300);
  const auto info = take();
  for (const auto& file : files_below(folder / "backups")) {
    if (file.filename() == "LOCK" || fs::file_size(file) == 0) continue;
    fs::rename(file, folder / "aside");
    EXPECT_ANY_THROW(backups.verify(info.id)) << file;
    EXPECT_ANY_THROW(restore(info.id)) << file;
    EXPECT_FALSE(fs::exists(folder / "restored"));
    fs::rename(folder / "aside", file);
  }
  EXPECT_NO_THROW(backups.verify(info.id));
}

TEST_F(LogBackup, refuses_a_target_that_exists) {
  story.grow_to(10);
  const auto info = take();
  EXPECT_THROW(backups.restore(info.id, folder / "log", checkpoint), TargetExists);
  EXPECT_THROW(restore(info.id + 1), std::out_of_range);
}

TEST_F(LogBackup, does_not_lose_events_signed_since) {
  story.grow_to(100);
  const auto info = take();
  story.grow_to(120);
  checkpoint.write(note_of(*log));
  EXPECT_THROW(restore(info.id), LogShorter);
  EXPECT_FALSE(fs::exists(folder / "restored"));
  checkpoint.write(sign_checkpoint({origin, 90, hash(1)}, seed));
  EXPECT_THROW(restore(info.id), LogDiffers);
  checkpoint.write(sign_checkpoint({origin, 90, log->root_at(90)}, seed));
  EXPECT_EQ(restore(info.id).next, 100U);
}

TEST_F(LogBackup, of_another_signer_is_refused) {
  story.grow_to(10);
  const SecretKey other{hash(8)};
  const auto forged = sign_checkpoint({origin, 10, log->head().root}, other);
  EXPECT_THROW(backups.create(*log, forged, taken), events::Damaged);
  const auto info = take();
  const LogBackups strange{folder / "backups", {{origin, verifying_key(other)}}};
  EXPECT_THROW(strange.restore(info.id, folder / "restored", checkpoint), events::Damaged);
  EXPECT_TRUE(strange.list().at(0).fault);
}

TEST_F(LogBackup, restores_to_a_position) {
  story.grow_to(700);
  const auto info = take();
  // The log can be cut between two commands; inside one, the refusal names both possible sizes.
  for (Position size = 300; size < 310; ++size) {
    const auto last = events::decode_envelope(log->read(size - 1, 1)[0].envelope).command;
    const auto where = folder / ("until " + std::to_string(size));
    const CheckpointFile note{folder / ("note " + std::to_string(size))};
    if (log->find_command(last)->last >= size) {
      EXPECT_THROW(backups.restore_until(info.id, where, note, size, {seed}), std::invalid_argument);
      EXPECT_FALSE(fs::exists(where));
      continue;
    }
    const auto head = backups.restore_until(info.id, where, note, size, {seed});
    EXPECT_EQ(head.next, size);
    EXPECT_EQ(head.root, log->root_at(size));
    const auto cut = open_rocks_log(where);
    EXPECT_NE(cut->id(), log->id());
    EXPECT_EQ(all_of(*cut), log->read(0, size));
    EXPECT_EQ(cut->find_command(last), log->find_command(last));
    EXPECT_EQ(open_checkpoint(note.read().value(), origin, verifier.key).size, size);
  }
  EXPECT_THROW(backups.restore_until(info.id, folder / "beyond", checkpoint, 701, {seed}), std::out_of_range);
}

TEST_F(LogBackup, finds_the_size_at_a_time) {
  story.grow_to(200);
  const auto recorded_at = [&](Position at) {
    return events::decode_envelope(log->read(at, 1)[0].envelope).recorded_at;
  };
  EXPECT_EQ(size_at(*log, recorded_at(0) - domain::Duration{1}), 0U);
  EXPECT_EQ(size_at(*log, recorded_at(199)), 200U);
  for (Position at = 0; at < 200; ++at) {
    const auto size = size_at(*log, recorded_at(at));
    EXPECT_GT(size, at);
    EXPECT_TRUE(size == 200 || recorded_at(size) > recorded_at(at));
    EXPECT_EQ(recorded_at(size - 1), recorded_at(at));
  }
}

TEST_F(LogBackup, keeps_those_that_are_not_removed) {
  for (Position size = 10; size <= 40; size += 10) {
    story.grow_to(size);
    take();
  }
  const auto all = backups.list();
  ASSERT_EQ(all.size(), 4U);
  remove_backups(folder / "backups", std::array{all[0].id, all[1].id});
  const auto left = backups.list();
  ASSERT_EQ(left.size(), 2U);
  EXPECT_EQ(left[0].events, 30U);
  EXPECT_NO_THROW(backups.verify(left[1].id));
  EXPECT_EQ(restore(left[0].id).next, 30U);
}

TEST_F(LogBackup, of_a_log_in_memory_is_refused) {
  const auto in_memory = open_memory_log();
  EXPECT_THROW(backups.create(*in_memory, note_of(*in_memory), taken), std::invalid_argument);
}

class VaultBackup : public ::testing::Test {
 protected:
  TemporaryFolder folder;
  const MasterKey master{hash(42)};
  std::unique_ptr<Vault> vault = Vault::open(folder / "vault", master);
  VaultBackups backups{folder / "backups"};
};

TEST_F(VaultBackup, restores_every_key_and_is_unreadable_without_the_master_key) {
  const auto key = vault->data_key("user:1");
  const auto info = backups.create(*vault, taken);
  EXPECT_EQ(info.taken_at, taken);
  EXPECT_EQ(content_below(folder / "backups").find(events::as_text(key)), std::string::npos);
  EXPECT_EQ(backups.verify(info.id, master).id, info.id);
  const MasterKey other{hash(43)};
  EXPECT_THROW(backups.verify(info.id, other), WrongMasterKey);
  EXPECT_THROW(backups.restore(info.id, folder / "restored", other), WrongMasterKey);
  EXPECT_FALSE(fs::exists(folder / "restored"));
  EXPECT_THROW(backups.restore(info.id, folder / "vault", master), TargetExists);
  backups.restore(info.id, folder / "restored", master);
  EXPECT_EQ(Vault::open(folder / "restored", master)->find_data_key("user:1"), key);
}

TEST_F(VaultBackup, a_flipped_bit_in_any_file_is_found) {
  vault->data_key("user:1");
  const auto info = backups.create(*vault, taken);
  for (const auto& file : files_below(folder / "backups")) {
    if (fs::file_size(file) == 0) continue;
    damage(file);
    EXPECT_ANY_THROW(backups.verify(info.id, master)) << file;
    EXPECT_ANY_THROW(backups.restore(info.id, folder / "restored", master)) << file;
    EXPECT_FALSE(fs::exists(folder / "restored"));
    damage(file);
  }
  EXPECT_NO_THROW(backups.verify(info.id, master));
}

}  // namespace
}  // namespace ttp::storage
