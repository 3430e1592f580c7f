// Erasing a person: the key is destroyed before the answer, no read shows a personal field of theirs, rebuilt
// views still equal the live ones, and no restored vault or log brings the data back.
#include <filesystem>
#include <future>
#include <set>
#include <string>

#include <gtest/gtest.h>

#include "os/files.hpp"
#include "projections/all.hpp"
#include "service/writer/erasures.hpp"
#include "workers_support.hpp"

namespace {

using namespace ttp;
using namespace ttp::domain;

struct World : service::tests::World {
  UserId one = registers_staff("operatorone", StaffRole::operator_);
  UserId two = registers_staff("operatortwo", StaffRole::operator_);

  std::optional<Reason> refusal(UserId by, service::Command command) {
    service::Asked asked;
    asked.by = by;
    const auto outcome = executor.execute(std::move(command), asked);
    return outcome.refusal ? std::optional{outcome.refusal->reason} : std::nullopt;
  }
  void erase(UserId user) {
    does(one, ProposeErasure{user, LegalGround::request_of_the_person, Remark::stored("asked for it")});
    does(two, ApproveErasure{user, state(user).erasure.value().proposal.id});
  }
  void expect_rebuilt_views_equal() {
    for (const auto& each : projections::all) {
      const auto comparison = runner.rebuild(each.name);
      EXPECT_TRUE(comparison.equal()) << each.name;
    }
  }
};

TEST(Erasure, destroys_the_key_and_views_still_equal_the_log) {
  World world;
  const UserId user = world.registers("visible");
  const std::string subject = events::subject_name(user);
  ASSERT_TRUE(world.vault->find_data_key(subject));
  world.erase(user);
  EXPECT_FALSE(world.vault->find_data_key(subject));
  EXPECT_TRUE(world.state(user).erased);
  for (const auto& recorded : world.queries.history(user, 0, 100))
    EXPECT_EQ(events::event_to_json(recorded.event).find("isible"), std::string::npos);
  world.expect_rebuilt_views_equal();
  // The person's user name and e-mail address can be used again.
  EXPECT_NO_THROW(world.registers("visible"));
}

TEST(Erasure, waits_until_the_person_has_left_every_account) {
  World world;
  const UserId owner = world.registers("owner");
  const UserId member = world.registers("member");
  const AccountId account = world.has_authorised_account(owner);
  world.adds_member(owner, account, member);
  world.does(owner, ChangeMemberDetails{account, member, Title::stored("Visible title"), {}, {}});
  world.does(world.one, ProposeErasure{member, LegalGround::court_order, Remark::stored("ordered")});
  const ApproveErasure approve{member, world.state(member).erasure.value().proposal.id};
  EXPECT_EQ(world.refusal(world.two, approve), Reason::erasure_of_member);
  world.does(owner, RemoveMember{account, member});
  EXPECT_EQ(world.refusal(world.two, approve), std::nullopt);
  world.expect_rebuilt_views_equal();
}

TEST(Erasure, sees_decisions_of_the_same_batch) {
  World world;
  const UserId owner = world.registers("owner");
  const UserId member = world.registers("member");
  const AccountId account = world.has_authorised_account(owner);
  world.does(world.one, ProposeErasure{member, LegalGround::court_order, Remark::stored("ordered")});
  const User who = world.state(member);
  service::Asked as_owner, as_operator;
  as_owner.by = owner;
  as_operator.by = world.two;
  std::promise<service::CommandResult> added, erased;
  service::tests::HeldWriter writer{
      *world.log, world.executor, ChangeContactDetails{owner, {}, {}, Telephone::stored("+16135550199"), {}}};
  world.executor.submit(AddMember{account, who.family_name, who.urn, who.email, Role::administrative},
                        as_owner, [&](auto outcome) { added.set_value(std::move(outcome)); });
  world.executor.submit(ApproveErasure{member, who.erasure->proposal.id}, as_operator,
                        [&](auto outcome) { erased.set_value(std::move(outcome)); });
  writer.let_go();
  EXPECT_FALSE(added.get_future().get().refusal);
  const auto refused = erased.get_future().get().refusal;
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->reason, Reason::erasure_of_member);
}

TEST(Erasure, is_listed_and_repeated_on_an_older_vault) {
  World world;
  const UserId user = world.registers("visible");
  world.erase(user);
  const auto listed = world.erasures.list();
  ASSERT_EQ(listed.size(), 1U);
  EXPECT_EQ(listed[0].user, user);
  EXPECT_EQ(listed[0].ground, LegalGround::request_of_the_person);
  EXPECT_EQ(listed[0].proposed_by, world.one);
  EXPECT_EQ(listed[0].approved_by, world.two);
  world.vault->data_key(events::subject_name(user));  // as in an older backup
  EXPECT_EQ(world.erasures.destroy_keys(), 1U);
  EXPECT_FALSE(world.vault->find_data_key(events::subject_name(user)));
  EXPECT_EQ(world.erasures.destroy_keys(), 0U);
}

TEST(Erasure, is_read_from_an_unchanged_list_alone) {
  World world;
  world.erase(world.registers("visible"));
  const auto file = world.folder / "erasures";
  const std::string written = os::read_small_file(file, 4096).value();
  for (std::size_t at = 0; at < written.size(); at += 7) {
    std::string changed = written;
    changed[at] = static_cast<char>(changed[at] ^ 1);
    os::replace_file(file, changed);
    EXPECT_ANY_THROW(world.erasures.list()) << at;
  }
  // The form of earlier releases.
  os::replace_file(file, written.substr(0, written.find('\n') + 1));
  EXPECT_EQ(world.erasures.list().size(), 1U);
}

TEST(Erasure, is_purged_from_the_disk_at_a_start_only_where_that_was_cut_off) {
  World world;
  const UserId user = world.registers("visible");
  world.erase(user);
  // A purge flushes the vault, which begins a new write-ahead log.
  const auto write_ahead_logs = [&] {
    std::set<std::string> names;
    for (const auto& file : std::filesystem::directory_iterator{world.folder / "vault"})
      if (file.path().extension() == ".log") names.insert(file.path().filename());
    return names;
  };
  const auto before = write_ahead_logs();
  EXPECT_EQ(world.erasures.destroy_keys(), 0U);
  EXPECT_EQ(write_ahead_logs(), before);
  // The state after a crash between the destruction and its end.
  world.vault->erase_note("erasure/purged", true);
  EXPECT_EQ(world.erasures.destroy_keys(), 0U);
  EXPECT_NE(write_ahead_logs(), before);
}

/// A log can hold events stored by earlier versions of the program beside new ones.
TEST(Upcasting, a_log_of_mixed_versions_replays) {
  World world;
  const UserId owner = world.registers("owner");
  const UserId next = world.registers("next");
  const UserId officer = world.registers_staff("officer", StaffRole::service_desk);
  const AccountId account = world.has_authorised_account(owner);

  const CommandId command{service::fresh_uuid(world.clock.now())};
  const ProposalId proposal{service::fresh_uuid(world.clock.now())};
  const std::string type = "account.owner_reassignment_proposed";
  const std::string hidden = R"({"reason":"written long ago"})";
  const auto sealed = events::seal(world.vault->data_key(events::subject_name(account)),
                                   type + "@1 " + to_text(command), hidden);
  storage::NewEvent old;
  old.stream = events::stream_name(account);
  old.body = R"({"account":")" + to_text(account) + R"(","proposal":")" + to_text(proposal) +
             R"(","new_owner":")" + to_text(next) + R"(","officer":")" + to_text(officer) +
             R"(","sealed":")" + events::to_base64(sealed) + R"("})";
  events::Envelope envelope;
  envelope.stream = old.stream;
  envelope.type = type;
  envelope.schema_version = 1;
  envelope.command = command;
  envelope.recorded_at = world.executor.now();
  envelope.body_bytes = static_cast<std::uint32_t>(old.body.size());
  envelope.body_hash = events::sha256(old.body);
  old.envelope = events::encode(envelope);
  const storage::Commit commit{command, {}, {}, {old}, ""};
  ASSERT_TRUE(std::holds_alternative<storage::Appended>(world.log->append({&commit, 1}).front()));
  world.runner.catch_up({});

  ASSERT_TRUE(world.state(account).reassignment);
  EXPECT_EQ(world.state(account).reassignment->proposal.proposed_at, envelope.recorded_at);
  const auto history = world.queries.history(account, 0, 100);
  EXPECT_EQ(std::get<OwnerReassignmentProposed>(history.back().event).reason.text(), "written long ago");
  EXPECT_EQ(history.back().envelope.schema_version, 1);
  world.expect_rebuilt_views_equal();
  // This version continues from there.
  const UserId second = world.registers_staff("second", StaffRole::service_desk);
  service::Executor today{*world.log,     *world.vault,  world.runner, world.queries,
                          world.erasures, world.secrets, world.clock,  {}};
  service::Asked asked;
  asked.by = second;
  EXPECT_FALSE(today.execute(ApproveOwnerReassignment{account, proposal}, asked).refusal);
  EXPECT_EQ(world.state(account).owner(), next);
}

}  // namespace
