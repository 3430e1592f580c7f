// The export bundle is complete, can be verified without the log, and a new log can continue from it.
#include "storage/tree/export.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <memory>
#include <vector>

#include <gtest/gtest.h>

#include "storage/log/memory_log.hpp"
#include "storage/log/rocks_log.hpp"
#include "storage/support.hpp"
#include "support/real_log.hpp"

namespace ttp::storage {
namespace {

namespace fs = std::filesystem;
using test::TemporaryFolder;

constexpr const char* origin = "ttp.example/audit/log1";

class Export : public ::testing::Test {
 protected:
  TemporaryFolder folder;
  const fs::path bundle = folder / "bundle";
  const SecretKey seed{test::hash(7)};
  const Verifier verifier{origin, verifying_key(seed)};
  std::unique_ptr<Log> log = open_memory_log();
  samples::RealLog history{*log, 1};

  SignedCheckpoint checkpoint() const {
    const Head head = log->head();
    return {origin, head.next, head.root};
  }
  std::string note() const { return sign_checkpoint(checkpoint(), seed); }
  void write(Position size) {
    history.grow_to(size);
    fs::remove_all(bundle);
    write_export(*log, checkpoint(), note(), {seed}, bundle);
  }
  std::vector<fs::path> files() const {
    std::vector<fs::path> all;
    for (const auto& entry : fs::recursive_directory_iterator{bundle})
      if (entry.is_regular_file()) all.push_back(entry.path());
    return all;
  }
  static void put(const fs::path& file, const std::string& content) {
    std::ofstream{file, std::ios::binary} << content;
  }
};

TEST_F(Export, of_any_size_verifies) {
  for (const Position size : {0, 1, 2, 255, 256, 257, 512, 700}) {
    write(size);
    const Verdict verdict = verify_export(bundle, verifier);
    EXPECT_TRUE(verdict.good()) << size << ": " << *verdict.fault;
    EXPECT_EQ(verdict.size, size);
    EXPECT_EQ(verdict.root, log->head().root);
  }
}

TEST_F(Export, is_of_the_signed_size_although_the_log_goes_on) {
  history.grow_to(300);
  const auto then = checkpoint();
  const std::string signed_then = note();
  history.grow_to(400);
  write_export(*log, then, signed_then, {seed}, bundle);
  const Verdict verdict = verify_export(bundle, verifier);
  EXPECT_TRUE(verdict.good());
  EXPECT_EQ(verdict.size, 300u);
}

TEST_F(Export, no_changed_byte_goes_unnoticed) {
  write(300);
  for (const fs::path& file : files()) {
    const std::string before = test::content_of(file);
    const std::size_t step = std::max<std::size_t>(1, before.size() / 40);
    for (std::size_t at = 0; at < before.size(); at += step) {
      std::string changed = before;
      changed[at] = static_cast<char>(changed[at] ^ 0x10);
      put(file, changed);
      EXPECT_FALSE(verify_export(bundle, verifier).good()) << file << " at " << at;
    }
    put(file, before);
  }
  EXPECT_TRUE(verify_export(bundle, verifier).good());
}

TEST_F(Export, no_missing_longer_or_foreign_file_goes_unnoticed) {
  write(300);
  for (const fs::path& file : files()) {
    const std::string before = test::content_of(file);
    fs::remove(file);
    EXPECT_FALSE(verify_export(bundle, verifier).good()) << file << " is gone";
    if (!before.empty()) {
      put(file, before.substr(0, before.size() - 1));
      EXPECT_FALSE(verify_export(bundle, verifier).good()) << file << " is cut";
    }
    put(file, before + "x");
    EXPECT_FALSE(verify_export(bundle, verifier).good()) << file << " is longer";
    put(file, before);
  }
  put(bundle / "tile" / "extra", "x");
  EXPECT_FALSE(verify_export(bundle, verifier).good());
}

TEST_F(Export, no_changed_command_goes_unnoticed_where_there_are_many) {
  write(4000);
  const fs::path commands = bundle / "commands";
  const std::string before = test::content_of(commands);
  ASSERT_GT(before.size(), 100'000u) << "too few to be read in more than one piece";
  for (const std::size_t at : {std::size_t{0}, before.size() / 2, before.size() - 1}) {
    std::string changed = before;
    changed[at] = static_cast<char>(changed[at] ^ 0x10);
    put(commands, changed);
    EXPECT_EQ(verify_export(bundle, verifier).fault,
              "the manifest is not that of this checkpoint and these commands")
        << at;
  }
  put(commands, before);
  EXPECT_TRUE(verify_export(bundle, verifier).good());
}

TEST_F(Export, the_first_bad_event_is_named) {
  write(300);
  const fs::path bodies = bundle / "bodies" / "000";
  std::string content = test::content_of(bodies);
  content[content.size() - 1] ^= 1;
  put(bodies, content);
  const Verdict verdict = verify_export(bundle, verifier);
  EXPECT_EQ(verdict.bad_position, 255u);
  EXPECT_EQ(verdict.fault, "the body is not the one its envelope binds");
}

TEST_F(Export, another_key_another_name_and_another_history_are_noticed) {
  write(40);
  EXPECT_FALSE(verify_export(bundle, {origin, verifying_key(SecretKey{test::hash(8)})}).good());
  EXPECT_FALSE(verify_export(bundle, {"ttp.example/other", verifier.key}).good());
  const std::string at_40 = note();
  write(60);
  EXPECT_TRUE(verify_export(bundle, verifier, at_40).good());
  const std::string at_60 = note();
  const auto other = open_memory_log();
  samples::RealLog{*other, 2}.grow_to(80);
  const SignedCheckpoint other_head{origin, 80, other->head().root};
  fs::remove_all(bundle);
  write_export(*other, other_head, sign_checkpoint(other_head, seed), {seed}, bundle);
  EXPECT_TRUE(verify_export(bundle, verifier).good()) << "by itself it is a good log";
  EXPECT_FALSE(verify_export(bundle, verifier, at_60).good()) << "split view";
  write(60);
  const std::string note_of_other = sign_checkpoint({origin, 90, log->head().root}, seed);
  EXPECT_FALSE(verify_export(bundle, verifier, note_of_other).good()) << "rolled back";
}

TEST_F(Export, writes_over_nothing) {
  write(3);
  EXPECT_THROW(write_export(*log, checkpoint(), note(), {seed}, bundle), std::invalid_argument);
  EXPECT_FALSE(fs::exists(bundle.string() + ".partial"));
}

TEST_F(Export, of_a_log_that_was_not_signed_is_refused) {
  history.grow_to(10);
  SignedCheckpoint wrong = checkpoint();
  wrong.root = test::hash(1);
  EXPECT_THROW(write_export(*log, wrong, sign_checkpoint(wrong, seed), {seed}, bundle), events::Damaged);
  wrong = checkpoint();
  wrong.size = 11;
  EXPECT_THROW(write_export(*log, wrong, sign_checkpoint(wrong, seed), {seed}, bundle), events::Damaged);
  EXPECT_FALSE(fs::exists(bundle));
}

TEST_F(Export, goes_on_as_the_same_tree_in_another_log) {
  write(700);
  const auto restored = open_rocks_log(folder / "log");
  const Head head = import_export(bundle, verifier, *restored);
  EXPECT_EQ(head, log->head());
  EXPECT_EQ(restored->read(0, 1000), log->read(0, 1000));
  for (const StoredEvent& event : log->read(0, 1000)) {
    const auto id = events::decode_envelope(event.envelope).command;
    EXPECT_EQ(restored->find_command(id), log->find_command(id));
    for (const auto& claim : events::decode_envelope(event.envelope).claims)
      EXPECT_EQ(restored->claim_owner(claim.name_space, claim.key),
                log->claim_owner(claim.name_space, claim.key));
  }
  samples::RealLog{*log, 5};
  const auto next = test::commit(1'000'000, {test::event("s", "one more")});
  EXPECT_EQ(test::append(*restored, next), test::append(*log, next));
  EXPECT_EQ(restored->head(), log->head());
  EXPECT_THROW(import_export(bundle, verifier, *restored), std::invalid_argument);
}

}  // namespace
}  // namespace ttp::storage
