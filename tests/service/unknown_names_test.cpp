// Failed sign-ins under user names that nobody has: they wait as those under known names do, also after a
// restart, and a flood from one network costs the others nothing.
#include "service/secrets/unknown_names.hpp"

#include <string>

#include <gtest/gtest.h>

#include "domain/user.hpp"
#include "service/workers_support.hpp"

namespace ttp::service {
namespace {

using domain::Reason;
using domain::Time;

constexpr Time noon = std::chrono::sys_days{std::chrono::year{2026} / 3 / 9} + domain::hours{12};

events::Hash name(std::size_t number) {
  return events::sha256(std::to_string(number));
}

TEST(UnknownNames, are_refused_like_the_failures_of_strangers_under_a_known_name) {
  const tests::World world;
  UnknownNames names{*world.vault};
  domain::User known;
  known.registered = true;
  Time now = noon;
  for (std::uint32_t attempt = 1; attempt <= domain::consecutive_failures_max + 1; ++attempt) {
    domain::Facts facts;
    for (const Time at : {now, now + domain::seconds{1}}) {
      facts.now = at;
      const auto decided = decide(known, domain::StartSignIn{}, facts);
      ASSERT_EQ(names.refuse(name(1), "home", at), decided.refusal) << attempt;
      for (const auto& event : decided.events)
        std::visit([&](const auto& each) { evolve(known, each); }, event);
    }
    now += domain::hours{1};
  }
  EXPECT_TRUE(known.failures.locked);
}

TEST(UnknownNames, wait_after_a_restart_too) {
  const tests::World world;
  for (int i = 0; i < 3; ++i) UnknownNames{*world.vault}.refuse(name(1), "home", noon);
  const auto refusal = UnknownNames{*world.vault}.refuse(name(1), "elsewhere", noon);
  EXPECT_EQ(refusal, domain::why_until(Reason::too_many_attempts, noon + domain::seconds{30}));
}

TEST(UnknownNames, are_counted_once_for_a_request_that_is_repeated) {
  const tests::World world;
  UnknownNames names{*world.vault};
  const auto request = world.secrets.known_requests("anybody", "key", "a sign-in", noon);
  for (int i = 0; i < 5; ++i)
    EXPECT_EQ(names.refuse(name(1), "home", noon, request).reason, Reason::credential_rejected);
  for (int i = 0; i < 2; ++i) names.refuse(name(1), "home", noon);
  EXPECT_EQ(names.refuse(name(1), "home", noon).reason, Reason::too_many_attempts);
}

TEST(UnknownNames, are_not_forgotten_by_a_flood_from_another_network) {
  const tests::World world;
  constexpr std::size_t names_max = 100;
  UnknownNames names{*world.vault, names_max};
  const auto theirs = events::sha256("somebody");
  for (std::uint32_t i = 0; i < domain::consecutive_failures_max; ++i)
    names.refuse(theirs, "home", noon + domain::days{i});
  const Time later = noon + domain::days{100};
  ASSERT_EQ(names.refuse(theirs, "home", later).reason, Reason::credential_locked);
  for (std::size_t i = 0; i < names_max + 50; ++i) names.refuse(name(i), "flood", later);
  EXPECT_EQ(names.refuse(theirs, "home", later).reason, Reason::credential_locked);
  EXPECT_EQ(names.names_of("home"), 1u);
  EXPECT_EQ(names.names_of("flood"), names_max - 1);
  EXPECT_EQ(world.vault->scan_notes("unknown-name/").size(), names_max);
}

}  // namespace
}  // namespace ttp::service
