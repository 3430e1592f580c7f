// Sealing and its primitives: known answers from the standards, and the refusal of changed bytes.
#include "events/seal.hpp"

#include <set>

#include <gtest/gtest.h>

namespace ttp::events {
namespace {

DataKey key_of(std::uint8_t byte) {
  DataKey key;
  key.fill(byte);
  return key;
}

TEST(Seal, a_sealed_text_opens_with_the_same_key_and_aad) {
  for (const std::string plain : {"", "x", "Marie-Ève Tremblay"})
    EXPECT_EQ(unseal(key_of(1), "user.name", seal(key_of(1), "user.name", plain)), plain);
  EXPECT_EQ(seal(key_of(1), "", "four").size(), 4 + seal_overhead_bytes);
}

TEST(Seal, opens_with_no_other_key_and_in_no_other_place) {
  const auto sealed = seal(key_of(1), "user.name", "plain");
  EXPECT_THROW(unseal(key_of(2), "user.name", sealed), Damaged);
  EXPECT_THROW(unseal(key_of(1), "user.mail", sealed), Damaged);
}

TEST(Seal, no_changed_bit_and_no_cut_goes_unnoticed) {
  const auto sealed = seal(key_of(1), "place", "plain");
  for (std::size_t i = 0; i < sealed.size(); ++i) {
    auto changed = sealed;
    changed[i] ^= 0x20;
    EXPECT_THROW(unseal(key_of(1), "place", changed), Damaged) << i;
    EXPECT_THROW(unseal(key_of(1), "place", sealed.substr(0, i)), Damaged) << i;
  }
}

TEST(Seal, equal_texts_never_look_equal) {
  std::set<std::string> seen;
  for (int i = 0; i < 100; ++i) seen.insert(seal(key_of(1), "place", "plain"));
  EXPECT_EQ(seen.size(), 100u);
}

TEST(Seal, a_text_sealed_by_another_program_opens) {
  // draft-irtf-cfrg-xchacha-03, appendix A.3.1.
  const auto bytes = [](std::string_view hex) { return from_hex(hex).value(); };
  DataKey key;
  for (std::size_t i = 0; i < key.size(); ++i) key[i] = static_cast<std::uint8_t>(0x80 + i);
  const auto sealed =
      bytes("404142434445464748494a4b4c4d4e4f5051525354555657") +
      bytes(
          "bd6d179d3e83d43b9576579493c0e939572a1700252bfaccbed2902c21396cbb731c7f1b0b4aa6440bf3a82f4eda7e39"
          "ae64c6708c54c216cb96b72e1213b4522f8c9ba40db5d945b11b69b982c1bb9e3f3fac2bc369488f76b2383565d3fff9"
          "21f9664c97637da9768812f615c68b13b52e") +
      bytes("c0875924c1c7987947deafd8780acf49");
  EXPECT_EQ(
      unseal(key, bytes("50515253c0c1c2c3c4c5c6c7"), sealed),
      "Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, sunscreen "
      "would be it.");
}

TEST(Bytes, hashes_are_those_of_the_standards) {
  EXPECT_EQ(to_hex(sha256("abc")),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");  // FIPS 180-4
  Hash key{};
  for (std::size_t i = 0; i < 20; ++i) key[i] = 0x0b;  // RFC 4231 case 1: HMAC pads its key with zeros
  EXPECT_EQ(to_hex(hmac_sha256(key, "Hi There")),
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
  Hash counting{};
  for (std::size_t i = 0; i < 25; ++i) counting[i] = static_cast<std::uint8_t>(i + 1);  // case 4
  EXPECT_EQ(to_hex(hmac_sha256(counting, std::string(50, '\xcd'))),
            "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b");
}

TEST(Bytes, the_hash_of_pieces_is_that_of_the_whole) {
  std::string whole;
  Sha256 hash;
  for (const std::size_t length : {0, 1, 62, 1, 64, 65, 1000}) {
    const std::string piece(length, static_cast<char>('a' + length % 26));
    whole += piece;
    hash.add(piece);
  }
  EXPECT_EQ(hash.finish(), sha256(whole));
  EXPECT_EQ(Sha256{}.finish(), sha256(""));
}

TEST(Bytes, numbers_are_big_endian_and_a_short_one_is_damaged) {
  std::string out;
  put_be16(out, 0x0102);
  put_be32(out, 0x03040506);
  put_be64(out, 0xf708090a0b0c0d0e);
  EXPECT_EQ(to_hex(out), "010203040506f708090a0b0c0d0e");
  EXPECT_EQ(get_be16(out), 0x0102);
  EXPECT_EQ(get_be32(std::string_view{out}.substr(2)), 0x03040506u);
  EXPECT_EQ(get_be64(std::string_view{out}.substr(6)), 0xf708090a0b0c0d0eu);
  EXPECT_THROW(get_be64(std::string_view{out}.substr(7)), Damaged);
}

TEST(Bytes, base64_and_hexadecimal_have_one_text_per_value) {
  for (const auto& bytes :
       {std::string{}, std::string{"f"}, std::string{"fo"}, std::string{"foo"}, std::string(1, '\xff')}) {
    EXPECT_EQ(from_base64(to_base64(bytes)), bytes);
    EXPECT_EQ(from_base64url(to_base64url(bytes)), bytes);
    EXPECT_EQ(from_hex(to_hex(bytes)), bytes);
  }
  EXPECT_EQ(to_base64("f\xff\xfe?"), "Zv/+Pw==");
  EXPECT_EQ(to_base64url("f\xff\xfe?"), "Zv_-Pw");
  for (const std::string bad : {"Zg", "Zg=", "Zh==", "Z", "Zg==x", "Zg== ", "Z_=="})
    EXPECT_EQ(from_base64(bad), std::nullopt) << bad;
  for (const std::string bad : {"Zg==", "Zh", "Z", "Z+"}) EXPECT_EQ(from_base64url(bad), std::nullopt) << bad;
  for (const std::string bad : {"0", "0g", "00 ", "0x00"}) EXPECT_EQ(from_hex(bad), std::nullopt) << bad;
  EXPECT_EQ(from_hex("aB"), "\xab");
}

TEST(Bytes, texts_are_compared_whole) {
  EXPECT_TRUE(equal_in_constant_time("same", "same"));
  EXPECT_FALSE(equal_in_constant_time("same", "samE"));
  EXPECT_FALSE(equal_in_constant_time("same", "sam"));
}

}  // namespace
}  // namespace ttp::events
