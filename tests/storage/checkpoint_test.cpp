// Signed checkpoints: the text that other programs read, and the keeper that writes it.
#include "storage/tree/checkpoint.hpp"

#include <gtest/gtest.h>

#include "storage/log/memory_log.hpp"
#include "storage/support.hpp"

namespace ttp::storage {
namespace {

using namespace std::chrono_literals;
using namespace test;

const std::string origin = "ttp.example/audit/log1";

SecretKey seed_0_to_31() {
  SecretKey seed;
  for (std::size_t i = 0; i < seed.bytes.size(); ++i) seed.bytes[i] = static_cast<std::uint8_t>(i);
  return seed;
}

// Computed with another program (Python: hashlib and an Ed25519 library) from the specification's text.
const std::string known_note =
    "ttp.example/audit/log1\n"
    "3\n"
    "Umzx99smYC1EP36msE8gNBP4SFP5roVX/G9Y+BYNRK0=\n"
    "\n"
    "\xE2\x80\x94 ttp.example/audit/log1 "
    "yZxX8ibPYVjkLDgKVUwV8CP3O1fbapi5T4MjmjwRBNgFAjEaT5PYhN1TuSznl0WBWGgo3Q5yoIV8Pzu2sFo1asM6IQg=\n";

/// A log whose first three leaves are those of `known_note`.
std::unique_ptr<Log> known_log() {
  auto log = open_memory_log();
  append(*log, commit(1, {NewEvent{"s", "one", "", {}}, NewEvent{"s", "two", "", {}},
                          NewEvent{"s", "three", "", {}}}));
  return log;
}

TEST(Checkpoint, the_note_of_a_known_log_and_key_is_the_known_text) {
  EXPECT_EQ(sign_checkpoint({origin, 3, known_log()->head().root}, seed_0_to_31()), known_note);
  EXPECT_EQ(to_text(Verifier{origin, verifying_key(seed_0_to_31())}),
            "ttp.example/audit/log1+c99c57f2+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4");
}

TEST(Checkpoint, a_signed_note_can_be_opened_with_the_public_key) {
  const auto key = verifying_key(seed_0_to_31());
  EXPECT_EQ(open_checkpoint(known_note, origin, key),
            (SignedCheckpoint{origin, 3, known_log()->head().root}));
}

TEST(Checkpoint, signatures_of_other_keys_are_ignored) {
  const auto key = verifying_key(seed_0_to_31());
  const std::string witness = "\xE2\x80\x94 witness.example/w1 AAAAAAAAAAAAAAAA\n";
  EXPECT_NO_THROW(open_checkpoint(known_note + witness, origin, key));
  const auto text = known_note.substr(0, known_note.find("\n\n") + 2);
  EXPECT_THROW(open_checkpoint(text + witness, origin, key), events::Damaged) << "nobody we know signed";
}

TEST(Checkpoint, no_changed_byte_goes_unnoticed) {
  const auto key = verifying_key(seed_0_to_31());
  for (std::size_t i = 0; i < known_note.size(); ++i) {
    auto note = known_note;
    note[i] ^= 0x01;
    EXPECT_THROW(open_checkpoint(note, origin, key), events::Damaged) << i;
    EXPECT_THROW(open_checkpoint(known_note.substr(0, i), origin, key), events::Damaged) << i;
  }
}

TEST(Checkpoint, another_log_another_key_and_another_form_are_refused) {
  const auto key = verifying_key(seed_0_to_31());
  EXPECT_THROW(open_checkpoint(known_note, "ttp.example/audit/log2", key), events::Damaged);
  EXPECT_THROW(open_checkpoint(known_note, origin, verifying_key(SecretKey{hash(1)})), events::Damaged);
  auto zeros = known_note;
  zeros.replace(zeros.find("\n3\n"), 3, "\n03\n");
  EXPECT_THROW(open_checkpoint(zeros, origin, key), events::Damaged);
  for (const std::string bad : {"", "with space", "with+plus", "with\nline"})
    EXPECT_THROW(sign_checkpoint({bad, 1, hash(1)}, seed_0_to_31()), std::invalid_argument);
}

TEST(Checkpoint, a_log_is_compared_with_the_signed_checkpoint) {
  const auto log = known_log();
  const auto root = log->head().root;
  EXPECT_NO_THROW(compare_at_start(*log, SignedCheckpoint{origin, 3, root}));
  append_many(*log, 10, 5);
  EXPECT_NO_THROW(compare_at_start(*log, SignedCheckpoint{origin, 3, root})) << "it may have grown";
  EXPECT_THROW(compare_at_start(*log, SignedCheckpoint{origin, 9, root}), LogShorter);
  EXPECT_THROW(compare_at_start(*log, SignedCheckpoint{origin, 4, root}), LogDiffers);
}

TEST(CheckpointFile, is_replaced_as_a_whole) {
  TemporaryFolder folder;
  const CheckpointFile file{folder / "trust/checkpoint"};
  EXPECT_EQ(file.read(), std::nullopt);
  file.write("one, longer than the other");
  file.write("two");
  EXPECT_EQ(file.read(), "two");
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator{folder / "trust"}, {}), 1)
      << "no other file is left";
}

class Keeper : public ::testing::Test {
 protected:
  TemporaryFolder folder;
  const CheckpointFile file{folder / "checkpoint"};
  std::unique_ptr<Log> log = known_log();

  Keeper() { CheckpointKeeper{*open_memory_log(), file, origin, {seed_0_to_31()}}; }

  Position size_on_file() const {
    const auto note = file.read();
    return note ? open_checkpoint(*note, origin, verifying_key(seed_0_to_31())).size : 0;
  }
};

TEST_F(Keeper, signs_a_moved_head_and_once_more_when_it_stops) {
  {
    CheckpointKeeper keeper{*log, file, origin, {seed_0_to_31()}, 5ms};
    // The file is written first; `note` returns the new note only afterwards.
    for (int i = 0; i < 1000 && keeper.last().first.size < 3; ++i) std::this_thread::sleep_for(5ms);
    EXPECT_EQ(size_on_file(), 3u);
    EXPECT_EQ(keeper.note(), known_note);
    EXPECT_EQ(keeper.fault(), std::nullopt);
  }
  {
    CheckpointKeeper keeper{*log, file, origin, {seed_0_to_31()}, 1h};
    append_many(*log, 10, 2);
    EXPECT_EQ(keeper.note(), known_note) << "the interval of an hour is not over";
  }
  EXPECT_EQ(size_on_file(), 5u);
}

TEST_F(Keeper, signs_an_empty_log_so_that_a_missing_checkpoint_is_noticed) {
  EXPECT_EQ(file.read().has_value(), true);
  EXPECT_EQ(size_on_file(), 0u);
  std::filesystem::remove(file.path());
  EXPECT_THROW((CheckpointKeeper{*log, file, origin, {seed_0_to_31()}}), CheckpointMissing);
  EXPECT_EQ(file.read(), std::nullopt);
}

TEST_F(Keeper, signs_at_once_when_asked) {
  CheckpointKeeper keeper{*log, file, origin, {seed_0_to_31()}, 1h};
  EXPECT_EQ(keeper.sign_now().size, 3u);
  EXPECT_EQ(size_on_file(), 3u);
}

TEST_F(Keeper, does_not_start_on_a_log_that_is_not_the_signed_one) {
  append_many(*log, 10, 2);
  CheckpointKeeper{*log, file, origin, {seed_0_to_31()}}.sign_now();
  const auto shorter = known_log();
  EXPECT_THROW((CheckpointKeeper{*shorter, file, origin, {seed_0_to_31()}}), LogShorter);
  const auto other = open_memory_log();
  append_many(*other, 50, 9);
  EXPECT_THROW((CheckpointKeeper{*other, file, origin, {seed_0_to_31()}}), LogDiffers);
  EXPECT_THROW((CheckpointKeeper{*log, file, origin, {SecretKey{hash(1)}}}), events::Damaged);
  EXPECT_EQ(size_on_file(), 5u);
}

TEST_F(Keeper, reports_a_fault_and_signs_when_it_can_again) {
  std::filesystem::create_directories(folder / "checkpoint.new");  // blocks the temporary file
  CheckpointKeeper keeper{*log, file, origin, {seed_0_to_31()}, 5ms};
  for (int i = 0; i < 1000 && !keeper.fault(); ++i) std::this_thread::sleep_for(5ms);
  EXPECT_TRUE(keeper.fault());
  std::filesystem::remove(folder / "checkpoint.new");
  for (int i = 0; i < 1000 && keeper.fault(); ++i) std::this_thread::sleep_for(5ms);
  EXPECT_EQ(keeper.fault(), std::nullopt);
  EXPECT_EQ(size_on_file(), 3u);
}

}  // namespace
}  // namespace ttp::storage
