// Passwords and codes after a rotation of their keys.
#include "service/secrets/passwords.hpp"

#include <gtest/gtest.h>
#include <sodium.h>

#include "events/bytes.hpp"
#include "service/secrets/keys.hpp"
#include "service/workers_support.hpp"

namespace ttp::service {
namespace {

domain::Password password(std::string_view text) {
  return domain::Password::parse(text).value();
}

TEST(StoredPasswords, are_stored_anew_once_they_are_entered_after_the_pepper_was_rotated) {
  tests::World world;
  Passwords passwords{*world.vault, world.keys.of(KeyPurpose::pepper), 1, 1};
  const domain::UserId user{fresh_uuid({})};
  const domain::VerifierId first = domain::numbered_verifier(1), second{fresh_uuid({})};
  passwords.remember(user, first, password("quiet otters row north"));
  const auto before = world.vault->find_verifier(user, first);
  world.keys.rotate(KeyPurpose::pepper, {});

  EXPECT_FALSE(passwords.matches(user, first, password("quiet otters sank")));
  EXPECT_EQ(world.vault->find_verifier(user, first), before);
  EXPECT_TRUE(passwords.matches(user, first, password("quiet otters row north")));
  const auto after = world.vault->find_verifier(user, first);
  EXPECT_NE(after, before);
  EXPECT_TRUE(passwords.matches(user, first, password("quiet otters row north")));
  EXPECT_EQ(world.vault->find_verifier(user, first), after) << "only once";
  passwords.remember(user, second, password("otters rest in the reeds"));
  EXPECT_TRUE(passwords.matches(user, second, password("otters rest in the reeds")));
  EXPECT_FALSE(passwords.matches(user, second, password("quiet otters row north")));
}

/// A verifier of earlier releases, which did not normalise passwords.
std::string verifier_of_bytes(const Keys& keys, std::string_view bytes) {
  const std::string keyed = events::to_base64(
      events::as_text(events::hmac_sha256(keys.of(KeyPurpose::pepper).numbered(0).bytes, bytes)));
  char text[crypto_pwhash_STRBYTES];
  EXPECT_EQ(crypto_pwhash_str(text, keyed.data(), keyed.size(), crypto_pwhash_OPSLIMIT_MIN,
                              crypto_pwhash_MEMLIMIT_MIN),
            0);
  return text;
}

TEST(StoredPasswords, are_right_in_either_normal_form) {
  const std::string apart = "les cre\u0302pes bru\u0302le\u0301es", together = "les crêpes brûlées";
  tests::World world;
  Passwords passwords{*world.vault, world.keys.of(KeyPurpose::pepper), 1, 1};
  const domain::UserId user{fresh_uuid({})};
  passwords.remember(user, domain::numbered_verifier(1), password(together));
  EXPECT_TRUE(passwords.matches(user, domain::numbered_verifier(1), password(apart)));
  passwords.remember(user, domain::numbered_verifier(2), password(apart));
  EXPECT_TRUE(passwords.matches(user, domain::numbered_verifier(2), password(together)));
  EXPECT_FALSE(passwords.matches(user, domain::numbered_verifier(2), password("les crepes brulees")));

  world.vault->put_verifier(user, domain::numbered_verifier(3), verifier_of_bytes(world.keys, apart));
  EXPECT_TRUE(passwords.matches(user, domain::numbered_verifier(3), password(apart)))
      << "as it was registered";
  world.vault->put_verifier(user, domain::numbered_verifier(4), verifier_of_bytes(world.keys, together));
  EXPECT_TRUE(passwords.matches(user, domain::numbered_verifier(4), password(apart)));
  EXPECT_TRUE(passwords.matches(user, domain::numbered_verifier(4), password(together)));
}

TEST(Secrets, of_a_time_are_made_with_the_key_of_that_time) {
  tests::World world;
  const domain::Time now{std::chrono::hours{1}};
  const domain::SessionId early{fresh_uuid(now)}, late{fresh_uuid(now + std::chrono::seconds{2})};
  const auto token = world.secrets.session_token(early);
  const auto late_token = world.secrets.session_token(late);
  world.keys.rotate(KeyPurpose::session, now);
  EXPECT_EQ(world.secrets.session_token(early), token);
  EXPECT_EQ(world.secrets.open_session_token(token), early);
  EXPECT_NE(world.secrets.session_token(late), late_token);
  EXPECT_EQ(world.secrets.open_session_token(late_token), std::nullopt);
}

}  // namespace
}  // namespace ttp::service
