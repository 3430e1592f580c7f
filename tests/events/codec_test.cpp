// Bodies: every event round-trips with every field; every version ever stored is readable (golden samples);
// personal fields are never in the clear; foreign bytes are refused.
#include "events/codec.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>

#include <gtest/gtest.h>

#include "events/json.hpp"
#include "support/samples.hpp"

namespace {

using namespace ttp;

const std::filesystem::path golden_folder = std::filesystem::path{TTP_SOURCE_DIR} / "tests/events/golden";

const domain::CommandId command{*domain::parse_uuid("01938c2e-7b1a-7c3d-8e4f-5a6b7c8d9e0f")};

events::DataKey test_key() {
  events::DataKey key{};
  for (std::size_t i = 0; i < key.size(); ++i) key[i] = static_cast<std::uint8_t>(i);
  return key;
}
events::DataKey key_of(std::string_view) {
  return test_key();
}
std::optional<events::DataKey> find_key(std::string_view) {
  return test_key();
}
std::optional<events::DataKey> no_key(std::string_view) {
  return std::nullopt;
}

const domain::Time recorded_at{std::chrono::hours{24 * 365 * 56}};

events::Envelope envelope_of(std::string_view type, std::uint16_t version) {
  events::Envelope envelope;
  envelope.type = type;
  envelope.schema_version = version;
  envelope.command = command;
  envelope.recorded_at = recorded_at;
  return envelope;
}
events::Envelope envelope_of(const events::Event& event) {
  return envelope_of(events::name_of(event), events::schema_version_of(event));
}

std::string encoded(const events::Event& event) {
  return events::encode_body(event, command, key_of);
}
events::Decoded decoded(const events::Event& event, std::string_view body) {
  return events::decode_body(envelope_of(event), body, find_key);
}

TEST(Codec, every_event_comes_back_with_every_field) {
  for (const events::Event& event : samples::every_event(7)) {
    const events::Decoded again = decoded(event, encoded(event));
    EXPECT_FALSE(again.erased);
    EXPECT_EQ(events::event_to_json(again.event), events::event_to_json(event)) << events::name_of(event);
  }
}

TEST(Codec, an_event_without_its_optional_fields_comes_back_too) {
  events::for_each_row([]<class R>(const R&) {
    const events::Event event{typename R::event_type{}};
    EXPECT_EQ(events::event_to_json(decoded(event, encoded(event)).event), events::event_to_json(event));
  });
}

TEST(Codec, personal_fields_are_not_in_the_stored_bytes) {
  const domain::CredentialRegistered event{{},
                                           {},
                                           1,
                                           {},
                                           domain::UserName::stored("visible1name"),
                                           {},
                                           {},
                                           domain::FamilyName::stored("Visiblefamily"),
                                           {},
                                           domain::EmailAddress::stored("visible@example.com"),
                                           {}};
  const std::string body = encoded(event);
  EXPECT_EQ(body.find("isible"), std::string::npos) << body;
  EXPECT_NE(body.find("\"credential_version\":1"), std::string::npos) << body;
}

TEST(Codec, without_the_subjects_key_an_event_reads_as_erased_and_keeps_its_open_fields) {
  for (const events::Event& event : samples::every_event(11)) {
    const auto again = events::decode_body(envelope_of(event), encoded(event), no_key);
    EXPECT_EQ(events::open_fields_to_json(again.event), events::open_fields_to_json(event));
    const bool has_personal = events::open_fields_to_json(event) != events::event_to_json(event);
    EXPECT_EQ(again.erased, has_personal) << events::name_of(event);
  }
}

TEST(Codec, a_sealed_part_can_not_be_moved_to_another_command) {
  const events::Event event = samples::every_event(3).front();
  events::Envelope other = envelope_of(event);
  other.command.uuid = *domain::parse_uuid("01938c2e-0000-7000-8000-000000000000");
  EXPECT_THROW(events::decode_body(other, encoded(event), find_key), events::Damaged);
}

TEST(Codec, unknown_names_versions_and_members_are_refused) {
  EXPECT_THROW(events::decode_body(envelope_of("user.never_heard_of", 1), "{}", find_key), events::Damaged);
  EXPECT_THROW(events::decode_body(envelope_of("user.urn_issued", 99), "{}", find_key), events::Damaged);
  const events::Event event{domain::SessionClosed{}};
  std::string body = encoded(event);
  body.insert(body.size() - 1, R"(,"more":1)");
  EXPECT_THROW(decoded(event, body), events::Damaged);
  EXPECT_THROW(decoded(event, "{}"), events::Damaged);
  EXPECT_THROW(decoded(event, "not json"), events::Damaged);
}

TEST(Codec, states_come_back_from_their_json) {
  samples::Source source(5);
  domain::Account account;
  account.members.emplace_back();
  account.code = domain::IssuedCode{};
  account.legal_name = domain::CompanyName::stored("Érablière \"du Nord\"");
  domain::Account again;
  events::state_from_json(events::state_to_json(account), again);
  EXPECT_EQ(again, account);
}

TEST(Json, escapes_only_required_characters_at_every_position) {
  for (int value = 0; value < 256; ++value)
    for (std::size_t place = 0; place < 19; ++place) {
      const char c = static_cast<char>(value);
      std::string text(19, 'x'), expected = "\"" + std::string(19, 'x') + "\"";
      text[place] = c;
      const std::string hex = events::to_hex(std::string(1, c));
      const std::map<char, std::string> shorter{
          {'"', "\\\""}, {'\\', "\\\\"}, {'\n', "\\n"}, {'\r', "\\r"}, {'\t', "\\t"}};
      const auto found = shorter.find(c);
      const std::string plain_or_number = value < 0x20 ? "\\u00" + hex : std::string(1, c);
      expected.replace(place + 1, 1, found == shorter.end() ? plain_or_number : found->second);
      EXPECT_EQ(events::to_json(text), expected) << value << " at " << place;
    }
}

/// The first line of a sample was stored by this or an earlier version of the program: never change it, add a
/// file for each new schema version. The second line is its present decoding. With TTP_WRITE_GOLDEN set,
/// missing samples are written.
TEST(Golden, every_event_version_ever_stored_still_reads) {
  for (const events::Event& event : samples::every_event(42)) {
    const std::string name =
        std::string{events::name_of(event)} + "@" + std::to_string(events::schema_version_of(event));
    const auto path = golden_folder / name;
    if (!std::filesystem::exists(path) && std::getenv("TTP_WRITE_GOLDEN")) {
      std::filesystem::create_directories(golden_folder);
      std::ofstream{path} << encoded(event) << "\n" << events::event_to_json(event) << "\n";
    }
    ASSERT_TRUE(std::filesystem::exists(path)) << "no golden sample of " << name;
  }
  for (const auto& file : std::filesystem::directory_iterator{golden_folder}) {
    const std::string name = file.path().filename().string();
    const auto at = name.find('@');
    ASSERT_NE(at, std::string::npos) << name;
    std::ifstream in{file.path()};
    std::string body;
    std::string clear;
    std::getline(in, body);
    std::getline(in, clear);
    const auto version = static_cast<std::uint16_t>(std::stoi(name.substr(at + 1)));
    const auto again = events::decode_body(envelope_of(name.substr(0, at), version), body, find_key);
    EXPECT_EQ(events::event_to_json(again.event), clear) << name;
  }
}

TEST(Registry, subjects_and_streams_follow_from_the_event) {
  const domain::AccountId account{*domain::parse_uuid("01938c2e-7b1a-7c3d-8e4f-5a6b7c8d9e0f")};
  EXPECT_EQ(events::stream_of(domain::MailingAddressConfirmed{account, {}}),
            "account-01938c2e-7b1a-7c3d-8e4f-5a6b7c8d9e0f");
  EXPECT_EQ(events::stream_of(domain::DetailsConfirmed{account, {}, {}}),
            "programme-01938c2e-7b1a-7c3d-8e4f-5a6b7c8d9e0f");
  EXPECT_EQ(events::subject_of(domain::MailingAddressConfirmed{account, {}}),
            "account:01938c2e-7b1a-7c3d-8e4f-5a6b7c8d9e0f");
}

}  // namespace
