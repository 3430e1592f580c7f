// The vault: stored keys can be read again, destroyed keys are gone for good, and no file holds readable
// secrets.
#include "storage/vault/vault.hpp"

#include <functional>
#include <memory>
#include <set>
#include <string>
#include <thread>

#include <gtest/gtest.h>
#include <rocksdb/options.h>
#include <rocksdb/sst_file_reader.h>
#include <rocksdb/table_properties.h>

#include "storage/support.hpp"

namespace ttp::storage {
namespace {

using namespace test;
namespace fs = std::filesystem;

const std::string verifier = "$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHRzYWx0$dmVyaWZpZXJ2ZXJpZmllcg";

domain::UserId user(std::uint8_t number) {
  domain::UserId id;
  id.uuid.bytes[15] = number;
  return id;
}

/// The key prefix of the user's verifiers.
std::string key_of(const domain::UserId& user) {
  return std::string{events::as_text(user.uuid.bytes)};
}

/// Visits the rows of a table file, whose blocks may be compressed; returns how many deletions it has.
std::uint64_t each_row(const fs::path& file,
                       const std::function<void(rocksdb::Slice, rocksdb::Slice)>& visit) {
  rocksdb::SstFileReader reader{rocksdb::Options{}};
  EXPECT_TRUE(reader.Open(file.string()).ok());
  const std::unique_ptr<rocksdb::Iterator> row{reader.NewIterator({})};
  for (row->SeekToFirst(); row->Valid(); row->Next()) visit(row->key(), row->value());
  return reader.GetTableProperties()->num_deletions;
}

/// Counts the keys that begin with `prefix` in the database's files: in the blocks of its table files, which
/// may be compressed, and in its write-ahead logs.
std::size_t times_stored(const fs::path& dir, std::string_view prefix) {
  std::size_t times = 0;
  for (const auto& entry : fs::directory_iterator{dir}) {
    if (entry.path().extension() == ".log") {
      const auto text = content_of(entry.path());
      for (auto at = text.find(prefix); at != std::string::npos; at = text.find(prefix, at + 1)) ++times;
    }
    if (entry.path().extension() != ".sst") continue;
    const auto deletions = each_row(
        entry.path(), [&](rocksdb::Slice key, rocksdb::Slice) { times += key.starts_with(prefix) ? 1 : 0; });
    EXPECT_EQ(deletions, 0U) << "a deleted row may still be in the file";
  }
  return times;
}

/// The content of the database's files: their raw bytes, and the rows of table files, whose blocks may be
/// compressed.
std::string stored_in(const fs::path& dir) {
  std::string all = content_below(dir);
  for (const auto& entry : fs::directory_iterator{dir}) {
    if (entry.path().extension() != ".sst") continue;
    each_row(entry.path(), [&](rocksdb::Slice key, rocksdb::Slice value) {
      all.append(key.ToStringView()).append(value.ToStringView());
    });
  }
  return all;
}

class VaultOnDisk : public ::testing::Test {
 protected:
  TemporaryFolder folder;
  const MasterKey master{hash(42)};
  std::unique_ptr<Vault> vault = Vault::open(folder / "vault", master);

  void reopen() {
    vault.reset();
    vault = Vault::open(folder / "vault", master);
  }
  bool on_disk(std::string_view bytes) const {
    const auto all = stored_in(folder / "vault");
    return all.find(bytes) != std::string::npos || all.find(events::to_hex(bytes)) != std::string::npos ||
           all.find(events::to_base64(bytes)) != std::string::npos;
  }
};

TEST_F(VaultOnDisk, another_master_key_is_refused_with_a_clear_message) {
  vault.reset();
  try {
    Vault::open(folder / "vault", MasterKey{hash(43)});
    FAIL() << "another master key was accepted";
  } catch (const WrongMasterKey& error) {
    EXPECT_STREQ(error.what(), "this is not the master key that the vault was made with");
  }
  EXPECT_NO_THROW(Vault::open(folder / "vault", master));
}

TEST_F(VaultOnDisk, a_data_key_is_made_once_and_comes_back) {
  EXPECT_EQ(vault->find_data_key("user:1"), std::nullopt);
  const auto one = vault->data_key("user:1");
  const auto two = vault->data_key("user:2");
  EXPECT_NE(one, two);
  EXPECT_EQ(vault->data_key("user:1"), one);
  EXPECT_EQ(vault->find_data_key("user:1"), one);
  reopen();
  EXPECT_EQ(vault->find_data_key("user:1"), one);
  EXPECT_EQ(vault->find_data_key("user:3"), std::nullopt);
  EXPECT_THROW(vault->data_key(""), std::invalid_argument);
}

TEST_F(VaultOnDisk, several_data_keys_come_in_the_order_asked) {
  const auto known = vault->data_key("b");
  const std::vector<std::string> subjects{"a", "b", "c", "a"};
  const auto made = vault->data_keys(subjects);
  EXPECT_EQ(made[1], known);
  EXPECT_EQ(made[0], made[3]);
  EXPECT_EQ((std::set{made[0], made[1], made[2]}).size(), 3u);
  reopen();
  EXPECT_EQ(vault->data_keys(subjects), made);
}

TEST_F(VaultOnDisk, the_data_keys_of_a_stretch_of_subjects_come_in_order) {
  using Keys = std::vector<std::pair<std::string, events::DataKey>>;
  Keys made;
  for (const std::string subject : {"user:1", "user:2", "user:3", "user:4", "user:5"})
    made.emplace_back(subject, vault->data_key(subject));
  vault->destroy_data_key("user:3");
  const auto between = [&](std::string_view first, std::string_view last) {
    Keys found;
    vault->each_data_key(
        first, last, [&](std::string_view subject, const auto& key) { found.emplace_back(subject, key); });
    return found;
  };
  EXPECT_EQ(between("user:2", "user:4"), (Keys{made[1], made[3]}));
  EXPECT_EQ(between("user:", "user:10"), Keys{made[0]});
  EXPECT_EQ(between("user:6", "user:9"), Keys{});
}

TEST_F(VaultOnDisk, concurrent_callers_get_the_same_key) {
  std::vector<events::DataKey> keys(16);
  {
    std::vector<std::jthread> threads;
    for (auto& key : keys) threads.emplace_back([&] { key = vault->data_key("user:1"); });
  }
  EXPECT_EQ((std::set(keys.begin(), keys.end())).size(), 1u);
}

TEST_F(VaultOnDisk, a_destroyed_data_key_is_gone_from_memory_and_files) {
  const auto kept = vault->data_key("user:kept");
  reopen();  // so that the kept key is in a table file and the other one still in the write-ahead log
  const auto gone = vault->data_key("user:gone");
  const std::vector<std::string> data_files{".sst", ".log"};
  ASSERT_NE(content_below(folder / "vault", data_files).find("user:gone"), std::string::npos);
  EXPECT_TRUE(vault->destroy_data_key("user:gone"));
  EXPECT_EQ(vault->find_data_key("user:gone"), std::nullopt);
  EXPECT_FALSE(vault->destroy_data_key("user:gone"));
  EXPECT_EQ(content_below(folder / "vault", data_files).find("user:gone"), std::string::npos);
  reopen();
  EXPECT_EQ(vault->find_data_key("user:gone"), std::nullopt);
  EXPECT_EQ(vault->find_data_key("user:kept"), kept);
  EXPECT_NE(vault->data_key("user:gone"), gone);
}

TEST_F(VaultOnDisk, a_key_already_in_a_table_file_is_destroyed_there_too) {
  vault->data_key("user:gone");
  reopen();
  EXPECT_TRUE(vault->destroy_data_key("user:gone"));
  EXPECT_EQ(content_below(folder / "vault", {".sst", ".log"}).find("user:gone"), std::string::npos);
}

TEST_F(VaultOnDisk, of_a_person_that_was_erased_no_file_holds_a_key_or_a_verifier) {
  domain::UserId person;
  person.uuid.bytes.fill(0xa7);
  const auto kept = vault->data_key("user:kept");
  vault->put_verifier(user(2), domain::numbered_verifier(1), "another user's");
  vault->data_key("user:gone");
  vault->put_verifier(person, domain::numbered_verifier(1), verifier);
  reopen();  // so that some of it is in table files and some of it in the write-ahead log
  vault->put_verifier(person, domain::numbered_verifier(2), "the second one");
  EXPECT_EQ(times_stored(folder / "vault", "user:gone"), 1u) << "control: the search finds existing values";
  EXPECT_EQ(times_stored(folder / "vault", key_of(person)), 2u)
      << "control: the search finds existing values";
  EXPECT_TRUE(vault->erase_person("user:gone", person));
  EXPECT_EQ(times_stored(folder / "vault", "user:gone"), 0u);
  EXPECT_EQ(times_stored(folder / "vault", key_of(person)), 0u);
  EXPECT_EQ(vault->find_verifier(person, domain::numbered_verifier(2)), std::nullopt);
  EXPECT_FALSE(vault->erase_person("user:gone", person));
  reopen();
  EXPECT_EQ(vault->find_data_key("user:gone"), std::nullopt);
  EXPECT_EQ(vault->find_data_key("user:kept"), kept);
  EXPECT_EQ(vault->find_verifier(user(2), domain::numbered_verifier(1)), "another user's");
}

TEST_F(VaultOnDisk, that_is_damaged_is_refused_at_the_start_with_the_file) {
  for (int i = 0; i < 200; ++i) vault->data_key("user:" + std::to_string(i));
  vault->put_verifier(user(1), domain::numbered_verifier(1), verifier);
  vault->put_note("seen", "a note", true);
  reopen();
  vault.reset();
  std::vector<fs::path> tables;
  for (const auto& entry : fs::directory_iterator{folder / "vault"})
    if (entry.path().extension() == ".sst") tables.push_back(entry.path());
  ASSERT_GE(tables.size(), 3u);
  for (const auto& table : tables) {
    const auto whole = content_of(table);
    auto damaged = whole;
    damaged[10] ^= 0x20;
    std::ofstream{table, std::ios::binary} << damaged;
    try {
      Vault::open(folder / "vault", master);
      FAIL() << table << " is damaged and was opened";
    } catch (const events::Damaged& fault) {
      EXPECT_NE(std::string_view{fault.what()}.find(table.filename().string()), std::string_view::npos)
          << fault.what();
    }
    std::ofstream{table, std::ios::binary} << whole;
  }
  EXPECT_NO_THROW(Vault::open(folder / "vault", master));
}

TEST_F(VaultOnDisk, named_keys_differ_by_purpose_and_stay_the_same) {
  const auto codes = vault->named_key("activation_code");
  EXPECT_NE(codes, vault->named_key("one_time_code"));
  reopen();
  EXPECT_EQ(vault->named_key("activation_code"), codes);
}

TEST_F(VaultOnDisk, a_rotated_key_stands_behind_the_earlier_ones) {
  const domain::Time soon{std::chrono::hours{1}};
  const auto first = vault->named_key("session");
  const auto second = vault->rotate_named_key("session", soon);
  EXPECT_NE(second.key, first);
  reopen();
  const auto all = vault->named_keys("session");
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[0].key, first);
  EXPECT_EQ(all[1].key, second.key);
  EXPECT_EQ(all[1].since, soon);
  EXPECT_EQ(vault->named_keys("cursor").size(), 1u);
  EXPECT_THROW(vault->named_keys("session#1"), std::invalid_argument);
}

TEST_F(VaultOnDisk, under_another_master_key_holds_the_same_and_nothing_of_the_old_one) {
  const auto data_key = vault->data_key("user:1");
  const auto named_key = vault->named_key("pepper");
  vault->put_verifier(user(1), domain::numbered_verifier(1), verifier);
  reopen();  // so that the rows are in table files
  const auto wrapped = content_below(folder / "vault", {".sst", ".log"});
  const MasterKey next{hash(77)};
  vault->change_master_key(next);
  EXPECT_EQ(vault->find_verifier(user(1), domain::numbered_verifier(1)), verifier);
  const domain::VerifierId fresh{user(7).uuid};
  vault->put_verifier(user(1), fresh, "later");
  vault.reset();
  EXPECT_THROW(Vault::open(folder / "vault", master), WrongMasterKey);
  vault = Vault::open(folder / "vault", next);
  EXPECT_EQ(vault->find_data_key("user:1"), data_key);
  EXPECT_EQ(vault->named_key("pepper"), named_key);
  EXPECT_EQ(vault->find_verifier(user(1), domain::numbered_verifier(1)), verifier);
  EXPECT_EQ(vault->find_verifier(user(1), fresh), "later");
  // In a table file the wrapped key follows its name and the eight bytes of the name's number.
  const auto tail = wrapped.substr(wrapped.find("user:1") + 6 + 8, 32);
  ASSERT_EQ(tail.size(), 32u);
  EXPECT_EQ(content_below(folder / "vault", {".sst", ".log"}).find(tail), std::string::npos);
}

TEST_F(VaultOnDisk, a_verifier_that_was_erased_is_not_replaced) {
  const domain::VerifierId id{user(7).uuid};
  vault->put_verifier(user(1), id, verifier);
  vault->replace_verifier(user(1), id, "of the next pepper");
  EXPECT_EQ(vault->find_verifier(user(1), id), "of the next pepper");
  vault->erase_verifier(user(1), id);
  vault->replace_verifier(user(1), id, "too late");
  EXPECT_EQ(vault->find_verifier(user(1), id), std::nullopt);
}

TEST_F(VaultOnDisk, verifiers_are_kept_by_user_and_identifier) {
  const auto numbered = domain::numbered_verifier(1);
  const domain::VerifierId second{user(7).uuid}, third{user(8).uuid};
  vault->put_verifier(user(1), numbered, verifier);
  vault->put_verifier(user(1), second, "second");
  vault->put_verifier(user(1), third, "third");
  vault->put_verifier(user(2), second, "another user's");
  reopen();
  EXPECT_EQ(vault->find_verifier(user(1), numbered), verifier);
  vault->erase_verifiers_except(user(1), second);
  EXPECT_EQ(vault->find_verifier(user(1), numbered), std::nullopt);
  EXPECT_EQ(vault->find_verifier(user(1), second), "second");
  EXPECT_EQ(vault->find_verifier(user(1), third), std::nullopt);
  EXPECT_EQ(vault->find_verifier(user(2), second), "another user's");
}

TEST_F(VaultOnDisk, a_verifier_is_unnamed_until_it_is_kept_or_erased) {
  const domain::VerifierId kept{user(7).uuid}, erased{user(8).uuid}, open{user(9).uuid};
  for (const auto& id : {kept, erased, open}) vault->put_verifier(user(1), id, verifier);
  EXPECT_EQ(vault->unnamed_verifiers().size(), 3u);
  vault->keep_verifier(user(1), kept);
  vault->erase_verifier(user(1), erased);
  vault->replace_verifier(user(1), kept, "of the next pepper");
  reopen();
  const std::vector<std::pair<domain::UserId, domain::VerifierId>> left{{user(1), open}};
  EXPECT_EQ(vault->unnamed_verifiers(), left);
}

TEST_F(VaultOnDisk, notes_change_and_can_be_listed) {
  vault->put_note("mail:position", "1", true);
  vault->put_note("mail:position", "2", false);
  vault->put_note("mail:retries", "3", false);
  vault->put_note("letter:position", "4", false);
  reopen();
  EXPECT_EQ(vault->find_note("mail:position"), "2");
  using Notes = std::vector<std::pair<std::string, std::string>>;
  EXPECT_EQ(vault->scan_notes("mail:"), (Notes{{"mail:position", "2"}, {"mail:retries", "3"}}));
  vault->erase_note("mail:position");
  EXPECT_EQ(vault->find_note("mail:position"), std::nullopt);
}

TEST_F(VaultOnDisk, nothing_secret_stands_in_its_files) {
  const auto data_key = vault->data_key("user:1");
  const auto named_key = vault->named_key("pepper");
  vault->put_verifier(user(1), domain::numbered_verifier(1), verifier);
  vault->put_note("seen", "a note is not secret", true);
  for (const bool in_tables : {false, true}) {
    if (in_tables) reopen();
    EXPECT_TRUE(on_disk("a note is not secret")) << "control: the search finds existing values";
    EXPECT_FALSE(on_disk(events::as_text(data_key)));
    EXPECT_FALSE(on_disk(named_key.view()));
    EXPECT_FALSE(on_disk(master.view()));
    EXPECT_FALSE(on_disk(verifier));
    EXPECT_FALSE(on_disk("argon2id"));
  }
}

class MasterKeyFile : public ::testing::Test {
 protected:
  TemporaryFolder folder;
  const fs::path path = folder / "master.key";

  void write(const std::string& content, fs::perms permissions = fs::perms::owner_read) const {
    std::ofstream{path, std::ios::binary} << content;
    fs::permissions(path, permissions);
  }
};

TEST_F(MasterKeyFile, a_made_key_can_be_loaded_and_is_not_made_twice) {
  const auto made = create_master_key(path);
  EXPECT_EQ(load_master_key(path), made);
  EXPECT_EQ(fs::status(path).permissions(), fs::perms::owner_read | fs::perms::owner_write);
  EXPECT_THROW(create_master_key(path), std::runtime_error);
  EXPECT_EQ(load_master_key(path), made);
  EXPECT_NE(create_master_key(folder / "other.key"), made);
}

TEST_F(MasterKeyFile, may_hold_raw_bytes_or_hexadecimal) {
  write(std::string(32, '\x0a'));
  EXPECT_EQ(load_master_key(path), MasterKey{hash(10)});
  fs::remove(path);
  write(events::to_hex(hash(7)));
  EXPECT_EQ(load_master_key(path), MasterKey{hash(7)});
}

TEST_F(MasterKeyFile, that_others_can_open_is_refused) {
  for (const auto others : {fs::perms::group_read, fs::perms::others_read, fs::perms::group_write}) {
    write(std::string(32, 'k'), fs::perms::owner_read | fs::perms::owner_write | others);
    EXPECT_THROW(load_master_key(path), std::runtime_error);
  }
}

TEST_F(MasterKeyFile, with_anything_else_in_it_is_refused) {
  EXPECT_THROW(load_master_key(path), std::runtime_error) << "no file";
  for (const auto& content :
       {std::string{}, std::string(31, 'k'), std::string(64, 'x'), std::string(66, 'a')}) {
    write(content);
    EXPECT_THROW(load_master_key(path), std::runtime_error) << content.size();
    fs::remove(path);
  }
}

}  // namespace
}  // namespace ttp::storage
