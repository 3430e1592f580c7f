// The envelope's stored form: the bytes never change, and only bytes that `encode` wrote are read.
#include "events/envelope.hpp"

#include <stdexcept>

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

namespace ttp::events {
namespace {

template <std::size_t N>
std::array<std::uint8_t, N> filled(std::uint8_t byte) {
  std::array<std::uint8_t, N> bytes;
  bytes.fill(byte);
  return bytes;
}

Envelope sample() {
  Envelope envelope;
  envelope.stream = "account-1";
  envelope.type = "account.enrolled";
  envelope.schema_version = 2;
  envelope.command = {{filled<16>(0x11)}};
  envelope.recorded_at = domain::Time{std::chrono::milliseconds{1'773'064'800'123}};
  envelope.actor = {ActorKind::user, {filled<16>(0x22)}};
  envelope.session = {{filled<16>(0x33)}};
  envelope.request = {filled<16>(0x44)};
  envelope.causation = {filled<16>(0x55)};
  envelope.origin_address = "192.0.2.7";
  envelope.claims = {{true, "urn", filled<32>(0x66)}, {false, "email", filled<32>(0x77)}};
  envelope.body_bytes = 5;
  envelope.body_hash = filled<32>(0x88);
  envelope.salt = filled<16>(0x99);
  return envelope;
}

// Written with another program from the format's description. Golden: must stay readable for ever.
const std::string sample_hex =
    "01096163636f756e742d31106163636f756e742e656e726f6c6c65640002111111111111111111111111111111110000"
    "019cd2e5c77b012222222222222222222222222222222233333333333333333333333333333333444444444444444444"
    "4444444444444455555555555555555555555555555555093139322e302e322e370002010375726e6666666666666666"
    "6666666666666666666666666666666666666666666666660005656d61696c7777777777777777777777777777777777"
    "777777777777777777777777777777000000058888888888888888888888888888888888888888888888888888888888"
    "88888899999999999999999999999999999999";

TEST(Envelope, its_type_can_be_read_alone) {
  const std::string bytes = encode(sample());
  EXPECT_EQ(type_in(bytes), "account.enrolled");
  for (const std::size_t length : {std::size_t{0}, std::size_t{1}, std::size_t{5}, std::size_t{12}})
    EXPECT_THROW(static_cast<void>(type_in(std::string_view{bytes}.substr(0, length))), Damaged) << length;
  std::string other_format = bytes;
  other_format[0] = 9;
  EXPECT_THROW(static_cast<void>(type_in(other_format)), Damaged);
}

TEST(Envelope, of_format_1_is_written_and_read_as_the_golden_sample) {
  EXPECT_EQ(to_hex(encode(sample())), sample_hex);
  EXPECT_EQ(decode_envelope(from_hex(sample_hex).value()), sample());
}

TEST(Envelope, seen_in_its_bytes_is_the_one_that_is_read_from_them) {
  const std::string bytes = encode(sample());
  const Envelope read = decode_envelope(bytes);
  const EnvelopeView seen = view_envelope(bytes);
  EXPECT_EQ(seen.stream, read.stream);
  EXPECT_EQ(seen.type, read.type);
  EXPECT_EQ(seen.origin_address, read.origin_address);
  EXPECT_EQ(seen.command, read.command);
  EXPECT_EQ(seen.recorded_at, read.recorded_at);
  EXPECT_EQ(seen.body_bytes, read.body_bytes);
  EXPECT_EQ(seen.body_hash, read.body_hash);
  ASSERT_EQ(seen.claims.size(), read.claims.size());
  for (std::size_t i = 0; i < read.claims.size(); ++i) {
    EXPECT_EQ(seen.claims[i].add, read.claims[i].add);
    EXPECT_EQ(seen.claims[i].name_space, read.claims[i].name_space);
    EXPECT_EQ(seen.claims[i].key, read.claims[i].key);
  }
  EXPECT_EQ(seen.stream.data(), bytes.data() + 2) << "a copy";
}

RC_GTEST_PROP(EnvelopeProperty, any_envelope_comes_back_as_it_was, ()) {
  const auto bytes16 = [] {
    return *rc::gen::container<std::array<std::uint8_t, 16>>(rc::gen::arbitrary<std::uint8_t>());
  };
  const auto bytes32 = [] {
    return *rc::gen::container<std::array<std::uint8_t, 32>>(rc::gen::arbitrary<std::uint8_t>());
  };
  const auto text = [](int min) {
    return *rc::gen::resize(*rc::gen::inRange(min, 256),
                            rc::gen::suchThat(rc::gen::arbitrary<std::string>(), [min](const std::string& s) {
                              return s.size() >= static_cast<std::size_t>(min) && s.size() < 256;
                            }));
  };
  Envelope envelope;
  envelope.stream = text(1);
  envelope.type = text(1);
  envelope.schema_version = *rc::gen::arbitrary<std::uint16_t>();
  envelope.command = {{bytes16()}};
  envelope.recorded_at = domain::Time{std::chrono::milliseconds{*rc::gen::arbitrary<std::int64_t>()}};
  envelope.actor = {static_cast<ActorKind>(*rc::gen::inRange(0, 4)), {bytes16()}};
  envelope.session = {{bytes16()}};
  envelope.request = {bytes16()};
  envelope.causation = {bytes16()};
  envelope.origin_address = text(0);
  for (int i = *rc::gen::inRange(0, 5); i > 0; --i)
    envelope.claims.push_back({*rc::gen::arbitrary<bool>(), text(0), bytes32()});
  envelope.body_bytes = *rc::gen::arbitrary<std::uint32_t>();
  envelope.body_hash = bytes32();
  envelope.salt = bytes16();
  RC_ASSERT(decode_envelope(encode(envelope)) == envelope);
}

TEST(Envelope, that_is_cut_anywhere_or_longer_is_damaged) {
  const auto bytes = encode(sample());
  for (std::size_t length = 0; length < bytes.size(); ++length)
    EXPECT_THROW(decode_envelope(std::string_view{bytes}.substr(0, length)), Damaged) << length;
  EXPECT_THROW(decode_envelope(bytes + '\0'), Damaged);
}

TEST(Envelope, reads_only_bytes_that_it_would_write) {
  const auto bytes = encode(sample());
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    for (int bit = 0; bit < 8; ++bit) {
      auto changed = bytes;
      changed[i] = static_cast<char>(changed[i] ^ (1 << bit));
      try {
        EXPECT_EQ(encode(decode_envelope(changed)), changed) << i;
      } catch (const Damaged&) {
        continue;  // refused, as foreign bytes should be
      }
    }
  }
}

TEST(Envelope, of_an_unknown_format_actor_or_claim_is_damaged) {
  const auto good = encode(sample());
  const auto with = [&](std::size_t at, char byte) { return std::string{good}.replace(at, 1, 1, byte); };
  const std::size_t actor_at = 1 + 10 + 17 + 2 + 16 + 8, claim_at = actor_at + 1 + 4 * 16 + 10 + 2;
  EXPECT_THROW(decode_envelope(with(0, 2)), Damaged);
  EXPECT_THROW(decode_envelope(with(0, 0)), Damaged);
  EXPECT_NO_THROW(decode_envelope(with(actor_at, 3)));
  EXPECT_THROW(decode_envelope(with(actor_at, 4)), Damaged);
  EXPECT_NO_THROW(decode_envelope(with(claim_at, 0)));
  EXPECT_THROW(decode_envelope(with(claim_at, 2)), Damaged);
}

TEST(Envelope, that_is_too_long_is_not_written) {
  auto long_name = sample();
  long_name.stream = std::string(256, 's');
  EXPECT_THROW(encode(long_name), std::length_error);
  auto no_name = sample();
  no_name.type.clear();
  EXPECT_THROW(encode(no_name), std::length_error);
  auto many_claims = sample();
  const auto claim_bytes = 1 + 1 + 3 + 32u;
  many_claims.claims.assign((envelope_bytes_max - encode(sample()).size()) / claim_bytes, {true, "urn", {}});
  EXPECT_LE(encode(many_claims).size(), envelope_bytes_max);
  many_claims.claims.resize(many_claims.claims.size() + 4, {true, "urn", {}});
  EXPECT_THROW(encode(many_claims), std::length_error);
}

}  // namespace
}  // namespace ttp::events
