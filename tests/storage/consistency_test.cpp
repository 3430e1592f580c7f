// The consistency check reports each part of a log that was damaged from outside, and nothing else.
#include "storage/log/consistency.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rocksdb/db.h>

#include "storage/log/memory_log.hpp"
#include "storage/log/rocks_log.hpp"
#include "storage/rocks/keys.hpp"
#include "storage/support.hpp"
#include "storage/tree/merkle.hpp"
#include "support/real_log.hpp"

namespace ttp::storage {
namespace {

using namespace test;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

/// The log's database, opened without the log's rules, so that a test can write any row.
class Raw {
 public:
  explicit Raw(const std::filesystem::path& folder) {
    std::vector<std::string> names;
    require(rocksdb::DB::ListColumnFamilies({}, folder.string(), &names));
    std::vector<rocksdb::ColumnFamilyDescriptor> descriptors;
    descriptors.reserve(names.size());
    for (const auto& name : names) descriptors.emplace_back(name, rocksdb::ColumnFamilyOptions{});
    rocksdb::DB* opened = nullptr;
    require(rocksdb::DB::Open({}, folder.string(), descriptors, &handles_, &opened));
    db_.reset(opened);
  }
  ~Raw() {
    for (auto* handle : handles_) db_->DestroyColumnFamilyHandle(handle);
  }
  Raw(const Raw&) = delete;
  Raw& operator=(const Raw&) = delete;

  std::string get(std::string_view name, const std::string& key) {
    std::string value;
    require(db_->Get({}, family(name), key, &value));
    return value;
  }
  void put(std::string_view name, const std::string& key, const std::string& value) {
    require(db_->Put({}, family(name), key, value));
  }
  void erase(std::string_view name, const std::string& key) { require(db_->Delete({}, family(name), key)); }

 private:
  static void require(const rocksdb::Status& status) {
    if (!status.ok()) throw std::runtime_error(status.ToString());
  }
  rocksdb::ColumnFamilyHandle* family(std::string_view name) const {
    for (auto* handle : handles_)
      if (handle->GetName() == name) return handle;
    throw std::runtime_error("no such family");
  }

  std::unique_ptr<rocksdb::DB> db_;
  std::vector<rocksdb::ColumnFamilyHandle*> handles_;
};

class Consistency : public ::testing::Test {
 protected:
  static constexpr Position size = 600;
  static constexpr Position some = 100;  // an event within a full tile

  Consistency() {
    const auto log = open_rocks_log(folder / "log");
    samples::RealLog{*log, 7}.grow_to(size);
    event = log->read(some, 1).at(0);
    envelope = events::decode_envelope(event.envelope);
    log->each_claim_row([this](const ClaimRow& row) { claim = row; });
    command_row = {envelope.command, log->find_command(envelope.command)->first,
                   log->find_command(envelope.command)->last};
  }

  template <class Act>
  void damage(Act act) {
    Raw raw{folder / "log"};
    act(raw);
  }

  /// The reported contradictions, one line each: part, position, stream, text.
  std::vector<std::string> reported() {
    std::vector<std::string> lines;
    const auto log = open_rocks_log(folder / "log");
    counts = check_consistency(*log, [&](const Inconsistency& each) {
      lines.push_back(each.part + " " + (each.position ? std::to_string(*each.position) : "-") + " " +
                      each.stream.value_or("-") + ": " + each.what);
    });
    return lines;
  }

  std::string stream_key() const { return keys::stream(envelope.stream, event.version); }
  std::string claim_key() const { return keys::claim(claim.name_space, claim.key); }
  std::string at(std::string_view part, Position position = some) const {
    return std::string{part} + " " + std::to_string(position) + " ";
  }

  TemporaryFolder folder;
  StoredEvent event;
  events::Envelope envelope;
  ClaimRow claim;
  CommandRow command_row;
  LogCounts counts;
};

TEST_F(Consistency, a_log_that_nobody_touched_agrees) {
  EXPECT_THAT(reported(), IsEmpty());
  EXPECT_EQ(counts.events, size);
  EXPECT_EQ(counts.streams, 9u);
  EXPECT_EQ(counts.tiles, 2u);
  EXPECT_GT(counts.claims, 100u);
  EXPECT_GT(counts.commands, 200u);
}

TEST_F(Consistency, of_a_log_in_memory_and_of_an_empty_one_can_be_checked_too) {
  const auto log = open_memory_log();
  std::size_t faults = 0;
  const auto count = [&](const Inconsistency&) { ++faults; };
  check_consistency(*log, count);
  samples::RealLog{*log, 8}.grow_to(300);
  check_consistency(*log, count);
  EXPECT_EQ(faults, 0u);
}

TEST_F(Consistency, progress_ends_at_its_total) {
  std::uint64_t last = 0, whole = 0;
  check_consistency(
      *open_rocks_log(folder / "log"), [](const Inconsistency&) {},
      [&](std::uint64_t done, std::uint64_t total) {
        EXPECT_GE(done, last);
        last = done;
        whole = total;
      });
  EXPECT_EQ(last, whole);
  EXPECT_GT(whole, 0u);
}

TEST_F(Consistency, a_deleted_claim_is_reported_with_its_event_and_stream) {
  damage([&](Raw& raw) { raw.erase(keys::claims, claim_key()); });
  EXPECT_THAT(reported(), ElementsAre(at("claims", claim.position) + claim.owner +
                                      ": a claim (urn) of this event is not held"));
}

TEST_F(Consistency, a_claim_that_no_event_made_is_reported) {
  damage([&](Raw& raw) { raw.put(keys::claims, keys::claim("urn", hash(1)), keys::u64(5) + "user-1"); });
  EXPECT_THAT(reported(), ElementsAre("claims 5 user-1: a claim (urn) is held, but no event says so"));
}

TEST_F(Consistency, a_claim_of_another_owner_or_event_is_reported) {
  damage([&](Raw& raw) { raw.put(keys::claims, claim_key(), keys::u64(claim.position) + "user-other"); });
  EXPECT_THAT(reported(), ElementsAre(HasSubstr("is held by user-other")));
  damage([&](Raw& raw) { raw.put(keys::claims, claim_key(), keys::u64(1) + claim.owner); });
  EXPECT_THAT(reported(), ElementsAre(HasSubstr("is said to be of the event at 1")));
}

TEST_F(Consistency, a_deleted_row_of_the_stream_index_is_reported) {
  damage([&](Raw& raw) { raw.erase(keys::streams, stream_key()); });
  EXPECT_THAT(reported(), ElementsAre(at("streams") + envelope.stream +
                                      ": the index has no row for version " + std::to_string(event.version)));
}

TEST_F(Consistency, a_changed_row_of_the_stream_index_is_reported_at_both_ends) {
  damage([&](Raw& raw) { raw.put(keys::streams, stream_key(), keys::u64(some + 1)); });
  EXPECT_THAT(reported(), ElementsAre(HasSubstr(at("streams", some + 1) + envelope.stream),
                                      HasSubstr(at("streams") + envelope.stream)));
  damage([&](Raw& raw) { raw.put(keys::streams, stream_key(), keys::u64(size)); });
  EXPECT_THAT(reported(),
              ElementsAre(HasSubstr("where the log has no event"), HasSubstr("the index has no row")));
}

TEST_F(Consistency, a_removed_command_is_reported_with_the_first_of_its_events) {
  damage([&](Raw& raw) { raw.erase(keys::commands, keys::command(command_row.command)); });
  EXPECT_THAT(reported(), ElementsAre(HasSubstr(at("commands", command_row.first) + "-: the command " +
                                                domain::to_text(command_row.command))));
}

TEST_F(Consistency, a_command_known_elsewhere_or_of_no_event_is_reported) {
  const std::string key = keys::command(command_row.command);
  damage(
      [&](Raw& raw) { raw.put(keys::commands, key, keys::u64(0) + raw.get(keys::commands, key).substr(8)); });
  EXPECT_THAT(reported(), ElementsAre(HasSubstr("but it is known at 0 to"), HasSubstr(at("commands", 0))));
  damage([&](Raw& raw) {
    raw.put(keys::commands, keys::command(command(1 << 20)),
            keys::u64(size) + keys::u64(size) + std::string(32, 'f'));
  });
  EXPECT_THAT(reported(), ::testing::Contains(HasSubstr("where there are no such events")));
}

TEST_F(Consistency, a_changed_event_is_reported_by_its_body_and_by_its_leaf) {
  const std::string key = keys::event(some);
  damage([&](Raw& raw) {
    auto value = raw.get(keys::events, key);
    value.back() = ' ';
    raw.put(keys::events, key, value);
  });
  EXPECT_THAT(reported(), ElementsAre(HasSubstr(at("events") + envelope.stream + ": its body")));
  damage([&](Raw& raw) {
    auto value = raw.get(keys::events, key);
    value.replace(0, 8, keys::u64(event.version + 1));
    value.back() = '}';
    raw.put(keys::events, key, value);
  });
  EXPECT_THAT(reported(),
              ::testing::IsSupersetOf({HasSubstr(at("events") + envelope.stream + ": its version"),
                                       HasSubstr(at("tiles") + envelope.stream + ": its leaf"),
                                       HasSubstr(at("streams") + envelope.stream)}));
}

TEST_F(Consistency, a_missing_event_is_reported_and_the_others_are_still_checked) {
  damage([&](Raw& raw) {
    raw.erase(keys::events, keys::event(some));
    raw.erase(keys::claims, claim_key());
  });
  const auto lines = reported();
  EXPECT_THAT(lines,
              ::testing::Contains(HasSubstr(at("events") + "-: the log has no event at position 100")));
  EXPECT_THAT(lines, ::testing::Contains(HasSubstr("is not held")));
}

TEST(ConsistencyOfTiles, a_changed_tile_is_reported_with_its_leaf_and_by_the_tile_above) {
  TemporaryFolder folder;
  constexpr Position size = tile_width * tile_width + 1;
  {
    // Only a log of this size has tiles that are not checked when it is opened.
    events::Envelope envelope;
    envelope.stream = "user-1";
    envelope.type = "user.urn_issued";
    envelope.command = command(1);
    envelope.body_hash = events::sha256("");
    const NewEvent event{envelope.stream, events::encode(envelope), "", {}};
    append(*open_rocks_log(folder / "log"), commit(1, std::vector<NewEvent>(size, event)));
  }
  {
    Raw raw{folder / "log"};
    auto value = raw.get(keys::tiles, keys::tile(0, 3));
    value[7 * sizeof(events::Hash)] ^= 1;
    raw.put(keys::tiles, keys::tile(0, 3), value);
  }
  std::vector<std::string> lines;
  check_consistency(*open_rocks_log(folder / "log"), [&](const Inconsistency& each) {
    lines.push_back(each.part + " " + std::to_string(each.position.value_or(0)) + ": " + each.what);
  });
  EXPECT_THAT(lines, ElementsAre("tiles 775: its leaf in the tree is another",
                                 "tiles 0: tile 3 of level 0 is not the one that the tile above it has"));
}

}  // namespace
}  // namespace ttp::storage
