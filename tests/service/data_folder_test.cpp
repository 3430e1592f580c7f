// The checks of a data folder before a start. An operator's command leaves a whole data folder or the old
// one.
#include "service/data_folder.hpp"

#include <string>

#include <gtest/gtest.h>

#include "events/bytes.hpp"
#include "os/files.hpp"
#include "service/secrets/vault_census.hpp"
#include "service/workers/delivery_worker.hpp"
#include "storage/backup/backup.hpp"
#include "storage/log/rocks_log.hpp"
#include "workers_support.hpp"

namespace {

using namespace ttp;
using namespace ttp::service;
namespace fs = std::filesystem;

void write(const fs::path& file, const std::string& content) {
  os::make_private_folder(file.parent_path());
  os::replace_file(file, content);
}

std::string read(const fs::path& file) {
  return os::read_small_file(file, 1024).value_or("nothing");
}

struct Folder {
  tests::TemporaryFolder folder;
  Config config;
  fs::path data = folder / "data";

  Folder() {
    config.data_dir = data;
    config.master_key_file = folder / "key";
    write(config.master_key_file, "a key");
  }
  void has(std::string_view part) { write(data / part / "CURRENT", "MANIFEST-000001\n"); }
  /// The refusal of a start; nothing if it may go on.
  std::string refusal() const {
    try {
      refuse_unready(config);
    } catch (const events::Damaged& refused) {
      return refused.what();
    }
    return "";
  }
};

TEST(DataFolder, that_is_empty_starts_in_the_sandbox_alone) {
  Folder world;
  EXPECT_NE(world.refusal().find("ttpctl init"), std::string::npos) << world.refusal();
  fs::create_directories(world.data / "log");  // a mount point
  fs::create_directories(world.data / "vault");
  EXPECT_NE(world.refusal().find("mount it"), std::string::npos) << world.refusal();
  world.config.sandbox = true;
  EXPECT_EQ(world.refusal(), "");
}

TEST(DataFolder, with_a_missing_part_is_refused_with_what_to_do) {
  for (const bool sandbox : {false, true}) {
    Folder world;
    world.config.sandbox = sandbox;
    world.has("vault");
    EXPECT_NE(world.refusal().find("it holds no log, but there is the vault of one"), std::string::npos);
    world.has("log");
    EXPECT_EQ(world.refusal(), "");
    fs::remove(world.config.master_key_file);
    EXPECT_NE(world.refusal().find("Bring it back from its copy"), std::string::npos);
  }
  Folder world;
  world.has("log");
  EXPECT_NE(world.refusal().find("no vault beside it"), std::string::npos);
  write(world.data / "vault" / "MANIFEST-000005", "");
  EXPECT_NE(world.refusal().find("has lost its file CURRENT"), std::string::npos);
  Folder signed_once;
  write(signed_once.config.checkpoint(), "a note");
  signed_once.config.sandbox = true;
  EXPECT_NE(signed_once.refusal().find("says that there was one"), std::string::npos);
}

TEST(DataFolder, of_an_interrupted_command_is_refused_by_its_name) {
  Folder world;
  world.config.sandbox = true;
  for (const auto* left : {"restore.unfinished", "import.whole", "init.unfinished", "vault.restoring"}) {
    fs::create_directories(world.data / left);
    EXPECT_NE(world.refusal().find(left), std::string::npos) << world.refusal();
    fs::remove(world.data / left);
  }
  EXPECT_EQ(world.refusal(), "");
}

TEST(NewStores, leave_nothing_unless_they_are_whole) {
  Folder world;
  {
    NewStores stores{world.config, Making::restore};
    write(stores.folder() / "log" / "CURRENT", "new");
    EXPECT_NE(world.refusal().find("restore.unfinished"), std::string::npos);
  }
  EXPECT_FALSE(fs::exists(world.data));
  write(world.data / "checkpoint" / "checkpoint", "a note");
  {
    NewStores stores{world.config, Making::restore};
    write(stores.folder() / "log" / "CURRENT", "new");
    EXPECT_THROW((NewStores{world.config, Making::restore}), os::InUse);
  }
  EXPECT_EQ(read(world.config.checkpoint()), "a note");
  EXPECT_FALSE(fs::exists(world.data / "log"));
  NewStores stores{world.config, Making::restore};
  write(stores.folder() / "log" / "CURRENT", "new");
  write(stores.folder() / "vault" / "CURRENT", "new");
  write(stores.erasures(), "who");
  stores.place();
  EXPECT_EQ(read(world.data / "log" / "CURRENT"), "new");
  EXPECT_EQ(read(world.config.checkpoint().parent_path() / "erasures"), "who");
  EXPECT_EQ(read(world.config.checkpoint()), "a note");
  EXPECT_EQ(world.refusal(), "");
}

TEST(NewStores, are_completed_after_an_interruption) {
  Folder world;
  // The stores were declared whole, and the command was interrupted before the log was in its place.
  world.has("vault");
  write(world.data / "restore.whole" / "log" / "CURRENT", "new");
  EXPECT_THROW((NewStores{world.config, Making::restore}), storage::TargetExists);
  EXPECT_FALSE(finish(world.config, Making::import));
  EXPECT_TRUE(finish(world.config, Making::restore));
  EXPECT_FALSE(finish(world.config, Making::restore));
  EXPECT_EQ(read(world.data / "log" / "CURRENT"), "new");
  EXPECT_EQ(world.refusal(), "");
  EXPECT_THROW((NewStores{world.config, Making::restore}), storage::TargetExists);
  EXPECT_EQ(read(world.data / "log" / "CURRENT"), "new");
}

TEST(NewStores, of_one_command_do_not_touch_those_of_another) {
  Folder world;
  write(world.data / "import.unfinished" / "log" / "CURRENT", "half");
  EXPECT_THROW((NewStores{world.config, Making::restore}), storage::TargetExists);
  EXPECT_EQ(read(world.data / "import.unfinished" / "log" / "CURRENT"), "half");
}

// ---- an older vault ---------------------------------------------------------------------------------------

TEST(VaultCensus, does_not_mistake_an_older_vault_for_erasures) {
  tests::World world;
  const domain::UserId first = world.registers("before");
  const auto at = world.log->head().next;
  const domain::UserId second = world.registers("since");
  EXPECT_NO_THROW(refuse_older_vault(*world.log, *world.vault, {}));
  world.vault->destroy_data_key(events::subject_name(second));  // as in an older vault
  EXPECT_THROW(refuse_older_vault(*world.log, *world.vault, {}), events::Damaged);
  VaultCensus census{*world.log, *world.vault, {}};
  census.look_through(0);
  ASSERT_EQ(census.missing().size(), 1U);
  EXPECT_EQ(census.missing()[0].subject, events::subject_name(second));
  EXPECT_GE(census.missing()[0].position, at);
  // Persons on the list count as erased, and so do persons whose erasure is in the log.
  domain::UserErased erased;
  erased.user = second;
  EXPECT_NO_THROW(refuse_older_vault(*world.log, *world.vault, {erased}));
  world.vault->destroy_data_key(events::subject_name(first));
  EXPECT_THROW(refuse_older_vault(*world.log, *world.vault, {erased}), events::Damaged);
}

TEST(VaultCensus, misses_a_key_of_the_service_that_an_operator_let_serve) {
  tests::World world;
  const domain::UserId boss = world.registers_staff("operator", domain::StaffRole::operator_);
  domain::RecordOperation rotated{boss, domain::Operation::key_rotated, "session", 2, world.executor.now()};
  world.vault->named_keys("session");
  world.vault->rotate_named_key("session", world.executor.now());
  world.does(boss, rotated);
  EXPECT_NO_THROW(refuse_older_vault(*world.log, *world.vault, {}));
  rotated.generation = 3;  // as of a vault that was rotated later
  world.does(boss, rotated);
  EXPECT_THROW(refuse_older_vault(*world.log, *world.vault, {}), events::Damaged);
}

TEST(VaultCensus, misses_a_later_master_key) {
  tests::World world;
  const domain::UserId boss = world.registers_staff("operator", domain::StaffRole::operator_);
  world.does(boss, domain::RecordOperation{boss, domain::Operation::master_key_rotated, "", 0,
                                           world.executor.now()});
  EXPECT_THROW(refuse_older_vault(*world.log, *world.vault, {}), events::Damaged);
}

TEST(VaultCensus, reads_only_events_after_the_last_write_of_the_vault) {
  tests::World world;
  const domain::UserId gone = world.registers("before");
  world.vault->destroy_data_key(events::subject_name(gone));
  skip_deliveries(*world.vault, world.log->head().next);
  world.registers("since");
  EXPECT_NO_THROW(refuse_older_vault(*world.log, *world.vault, {}));
  skip_deliveries(*world.vault, 0);
  EXPECT_THROW(refuse_older_vault(*world.log, *world.vault, {}), events::Damaged);
}

}  // namespace
