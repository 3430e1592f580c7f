// Queued password checks: networks share the queue, and a flood from one network costs the others nothing.
// Also the table of known networks.
#include "service/secrets/fair_queue.hpp"

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "service/secrets/known_networks.hpp"

namespace {

using namespace ttp;
using namespace ttp::service;

class FairQueueTest : public testing::Test {
 protected:
  /// Whether the job got a place; a job that lost its place for it is noted.
  bool push(const std::string& network, bool known = false) {
    const std::string name = network + std::to_string(++jobs_[network]);
    auto refused = queue_.push({network, known}, {[this, name] { ran_.push_back(name); },
                                                  [this, name] { refused_.push_back(name); }});
    if (!refused) return true;
    const auto before = refused_.size();
    refused->refuse();
    return refused_.size() == before || refused_.back() != name;
  }
  std::vector<std::string> run(std::size_t jobs) {
    ran_.clear();
    for (std::size_t i = 0; i < jobs; ++i)
      if (auto job = queue_.pop()) job->run();
    return ran_;
  }
  using Names = std::vector<std::string>;

  FairQueue queue_{16};
  std::map<std::string, int> jobs_;
  std::vector<std::string> ran_, refused_;
};

TEST_F(FairQueueTest, networks_take_turns) {
  for (int i = 0; i < 5; ++i) push("flood");
  push("a"), push("b");
  EXPECT_EQ(run(4), (Names{"flood1", "a1", "b1", "flood2"}));
}

TEST_F(FairQueueTest, one_network_alone_has_all_the_room_that_is_not_reserved) {
  for (int i = 0; i < 12; ++i) EXPECT_TRUE(push("flood")) << i;
  EXPECT_FALSE(push("flood"));
  EXPECT_EQ(refused_, (Names{"flood13"}));
}

TEST_F(FairQueueTest, a_flood_gives_up_its_newest_job_to_a_network_with_fewer) {
  for (int i = 0; i < 12; ++i) push("flood");
  EXPECT_TRUE(push("a"));
  EXPECT_EQ(refused_, (Names{"flood12"}));
  EXPECT_EQ(run(2), (Names{"flood1", "a1"}));
}

TEST_F(FairQueueTest, nobody_gives_up_a_job_to_a_network_that_has_as_many) {
  for (int i = 0; i < 6; ++i) push("a"), push("b");
  EXPECT_FALSE(push("a"));
  EXPECT_FALSE(push("b"));
  EXPECT_EQ(refused_, (Names{"a7", "b7"}));
}

TEST_F(FairQueueTest, strangers_leave_room_to_known_clients_and_every_second_turn) {
  for (int i = 0; i < 40; ++i) push("stranger " + std::to_string(i) + "/");
  EXPECT_TRUE(push("home", true));
  EXPECT_TRUE(push("home", true));
  const Names ran = run(4);
  EXPECT_EQ(std::ranges::count_if(ran, [](const auto& name) { return name.starts_with("home"); }), 2);
}

TEST_F(FairQueueTest, known_clients_leave_room_to_strangers) {
  for (int i = 0; i < 40; ++i) push("home", true);
  EXPECT_TRUE(push("stranger"));
  EXPECT_EQ(queue_.size(), 13u);
}

TEST_F(FairQueueTest, never_holds_more_than_its_bound) {
  for (int i = 0; i < 1000; ++i) push(std::to_string(i % 37), i % 3 == 0);
  EXPECT_EQ(queue_.size(), 16u);
  EXPECT_EQ(run(20).size(), 16u);
  EXPECT_EQ(queue_.size(), 0u);
}

TEST(KnownNetworks, are_bounded_and_the_oldest_is_forgotten) {
  KnownNetworks known;
  const domain::Time now{std::chrono::hours{1}};
  known.note("first", now);
  for (std::size_t i = 1; i < KnownNetworks::networks_max; ++i) known.note(std::to_string(i), now);
  EXPECT_TRUE(known.holds("first", now));
  known.note("one more", now);
  EXPECT_FALSE(known.holds("first", now));
  EXPECT_TRUE(known.holds("one more", now));
  EXPECT_EQ(known.size(), KnownNetworks::networks_max);
}

TEST(KnownNetworks, are_strangers_again_after_a_while) {
  KnownNetworks known;
  const domain::Time now{std::chrono::hours{1}};
  known.note("home", now);
  EXPECT_TRUE(known.holds("home", now + KnownNetworks::remembered - domain::seconds{1}));
  EXPECT_FALSE(known.holds("home", now + KnownNetworks::remembered));
}

}  // namespace
