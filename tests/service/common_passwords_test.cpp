// Common passwords and their variations are refused; passwords that people make up are accepted.
#include "service/secrets/common_passwords.hpp"

#include <string_view>

#include <gtest/gtest.h>

namespace {

using ttp::service::is_common_password;

class Common : public testing::TestWithParam<std::string_view> {};
class Ordinary : public testing::TestWithParam<std::string_view> {};

TEST_P(Common, password_is_caught) {
  EXPECT_TRUE(is_common_password(GetParam()));
}
TEST_P(Ordinary, passphrase_is_left_alone) {
  EXPECT_FALSE(is_common_password(GetParam()));
}

INSTANTIATE_TEST_SUITE_P(listed, Common, testing::Values("password", "qwertyuiop", "trustno1", "Baseball"));
INSTANTIATE_TEST_SUITE_P(with_digits_and_signs_around_it, Common,
                         testing::Values("Password1234!", "Qwertyuiop12", "sunshine-2024", "!!Football!!99",
                                         "1234Superman", "...dragon..."));
INSTANTIATE_TEST_SUITE_P(in_other_case_or_with_accents, Common,
                         testing::Values("PASSWORD", "Pässwörd2024", "SÚNSHÍNE 12"));
INSTANTIATE_TEST_SUITE_P(with_letters_written_as_signs, Common,
                         testing::Values("p4$$w0rd", "P@ssw0rd2024!", "$un5hine2024", "f00tba11",
                                         "pr1ncess1999", "5up3rm4n!!!!", "1l0vey0u2024"));
INSTANTIATE_TEST_SUITE_P(one_piece_again_and_again, Common,
                         testing::Values("aaaaaaaaaaaa", "abcabcabcabc", "xyxyxyxyxyxyx", "12341234123412",
                                         "passwordpassword", "dragondragondragon!", "zzzzzzzzzzzz1"));
INSTANTIATE_TEST_SUITE_P(a_walk_over_the_keyboard, Common,
                         testing::Values("qwertyuiopas", "1qaz2wsx3edc", "asdfghjkl;'12", "qweasdzxcrty",
                                         "poiuytrewqlk", "azertyuiopqs", "!QAZ@WSX#EDC", "147258369147"));
INSTANTIATE_TEST_SUITE_P(a_sequence, Common,
                         testing::Values("123456789012", "abcdefghijkl", "zyxwvutsrqpo", "aabbccddeeff",
                                         "112233445566", "a1b2c3d4e5f6", "abcdefghijkl!", "987654321098"));

INSTANTIATE_TEST_SUITE_P(of_several_words, Ordinary,
                         testing::Values("correct horse battery staple", "quatre chevaux sur la colline",
                                         "four otters play in the sun", "sunshine over nine bridges",
                                         "password managers are fine"));
INSTANTIATE_TEST_SUITE_P(of_other_kinds, Ordinary,
                         testing::Values("x7#Kq!mZ2vLp", "velours-Gatineau-37", "Érablière du Nord 4",
                                         "yellowwoodbarge", "", "a"));

TEST(CommonPasswords, that_are_a_word_inside_another_word_are_not_taken_for_it) {
  EXPECT_TRUE(is_common_password("dragon"));
  EXPECT_FALSE(is_common_password("snapdragons grow"));
}

TEST(CommonPasswords, bytes_that_are_no_text_are_answered_too) {
  EXPECT_FALSE(is_common_password("\xff\xfe\x80 broken text"));
}

}  // namespace
