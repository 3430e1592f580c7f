#include "service/secrets/secrets.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <span>

#include "domain/user.hpp"
#include "events/seal.hpp"

namespace ttp::service {
namespace {

constexpr std::string_view crockford = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
constexpr std::size_t id_bytes = 16;
constexpr std::size_t mac_bytes = 32;
/// Keeps permits apart from activation codes, which are derived with the same keys.
constexpr std::string_view permit_use = "recovery permit";
constexpr std::string_view monitoring_use = "monitoring";
/// Keeps what is derived for registrations apart from all else that is derived with the same keys.
constexpr std::string_view registration_use = "registration";
constexpr std::string_view device_use = "device", present_address_use = "present address";

events::Hash keyed(const storage::SecretKey& key, std::string_view message) {
  return events::hmac_sha256(key.bytes, message);
}
events::Hash keyed(const storage::SecretKey& key, const domain::Uuid& id, std::string_view use = {}) {
  std::string message{use};
  message += events::as_text(id.bytes);
  return keyed(key, message);
}

/// A key for another use of the same purpose's key.
events::DataKey derived(const storage::SecretKey& key, std::string_view use) {
  const events::Hash hash = keyed(key, use);
  events::DataKey data_key{};
  static_assert(data_key.size() == std::tuple_size_v<events::Hash>);
  std::ranges::copy(hash, data_key.begin());
  return data_key;
}

std::uint64_t first_number(const events::Hash& hash) {
  return events::get_be64(events::as_text(hash));
}

std::string in_alphabet(std::uint64_t bits, std::string_view alphabet, std::size_t characters) {
  std::string text;
  for (std::size_t i = 0; i < characters; ++i) {
    text += alphabet[bits % alphabet.size()];
    bits /= alphabet.size();
  }
  return text;
}

}  // namespace

Secrets::Secrets(const Keys& keys, const storage::SecretKey& sandbox)
    : activation_code_(keys.of(KeyPurpose::activation_code)),
      one_time_code_(keys.of(KeyPurpose::one_time_code)),
      sign_in_(keys.of(KeyPurpose::sign_in)),
      session_(keys.of(KeyPurpose::session)),
      claims_(keys.of(KeyPurpose::claims)),
      idempotency_(keys.of(KeyPurpose::idempotency)),
      cursor_(keys.of(KeyPurpose::cursor)),
      sandbox_(sandbox) {}

domain::ActivationCode Secrets::activation_code(domain::CodeId code) const {
  // The alphabet of 32 characters takes exactly 50 of 64 bits of the hash, so every code is equally likely.
  return domain::ActivationCode::stored(
      in_alphabet(first_number(keyed(activation_code_.at(time_of(code.uuid)), code.uuid)), crockford, 10));
}

domain::OneTimeCode Secrets::one_time_code(domain::CodeId code) const {
  // The remainder of 2^64 by 10^6 makes some codes more likely, by less than one part in 10^13.
  return domain::OneTimeCode::stored(
      in_alphabet(first_number(keyed(one_time_code_.at(time_of(code.uuid)), code.uuid)), "0123456789", 6));
}

domain::OneTimeCode Secrets::present_address_code(domain::CodeId code) const {
  const auto hash = keyed(one_time_code_.at(time_of(code.uuid)), code.uuid, present_address_use);
  return domain::OneTimeCode::stored(in_alphabet(first_number(hash), "0123456789", 6));
}

bool Secrets::matches_present_address(domain::CodeId code, const domain::OneTimeCode& entered) const {
  return events::equal_in_constant_time(present_address_code(code).text(), entered.text());
}

bool Secrets::matches(domain::CodeId code, const domain::ActivationCode& entered) const {
  return events::equal_in_constant_time(activation_code(code).text(), entered.text());
}

bool Secrets::matches(domain::CodeId code, const domain::OneTimeCode& entered) const {
  return events::equal_in_constant_time(one_time_code(code).text(), entered.text());
}

domain::RecoveryPermit Secrets::recovery_permit(domain::CodeId code) const {
  std::string message{permit_use};
  message += events::as_text(code.uuid.bytes);
  return domain::RecoveryPermit::stored(
      in_alphabet(first_number(keyed(activation_code_.at(time_of(code.uuid)), message)), crockford, 10));
}

bool Secrets::matches(domain::CodeId code, const domain::RecoveryPermit& entered) const {
  return events::equal_in_constant_time(recovery_permit(code).text(), entered.text());
}

std::string Secrets::token(const storage::KeyRing& ring, const domain::Uuid& id, std::string_view use) const {
  std::string bytes{events::as_text(id.bytes)};
  bytes += events::as_text(keyed(ring.at(time_of(id)), id, use));
  return events::to_base64url(bytes);
}

std::optional<domain::Uuid> Secrets::open_token(const storage::KeyRing& ring, std::string_view token,
                                                std::string_view use) const {
  const auto bytes = events::from_base64url(token);
  if (!bytes || bytes->size() != id_bytes + mac_bytes) return std::nullopt;
  domain::Uuid id;
  std::copy_n(bytes->begin(), id_bytes, id.bytes.begin());
  const auto mac = keyed(ring.at(time_of(id)), id, use);
  const std::string_view given = std::string_view{*bytes}.substr(id_bytes);
  if (!events::equal_in_constant_time(events::as_text(mac), given)) return std::nullopt;
  return id;
}

std::string Secrets::sign_in_token(domain::SignInId sign_in) const {
  return token(sign_in_, sign_in.uuid);
}
std::optional<domain::SignInId> Secrets::open_sign_in_token(std::string_view text) const {
  const auto id = open_token(sign_in_, text);
  return id ? std::optional{domain::SignInId{*id}} : std::nullopt;
}
std::string Secrets::session_token(domain::SessionId session) const {
  return token(session_, session.uuid);
}
std::optional<domain::SessionId> Secrets::open_session_token(std::string_view text) const {
  const auto id = open_token(session_, text);
  return id ? std::optional{domain::SessionId{*id}} : std::nullopt;
}

std::string Secrets::device_token(domain::DeviceId device) const {
  return token(session_, device.uuid, device_use);
}
std::optional<domain::DeviceId> Secrets::open_device_token(std::string_view text) const {
  const auto id = open_token(session_, text, device_use);
  return id ? std::optional{domain::DeviceId{*id}} : std::nullopt;
}

std::string Secrets::registration_token(const Registration& registration) const {
  const domain::Uuid& id = registration.user.uuid;
  std::string token{events::as_text(id.bytes)};
  const std::string known =
      std::string{domain::to_text(registration.language)} + " " + registration.email.text();
  token +=
      events::seal(derived(sign_in_.at(time_of(id)), registration_use), events::as_text(id.bytes), known);
  return events::to_base64url(token);
}

std::optional<Registration> Secrets::open_registration_token(std::string_view text) const {
  const auto bytes = events::from_base64url(text);
  if (!bytes || bytes->size() < id_bytes + events::seal_overhead_bytes) return std::nullopt;
  Registration registration;
  domain::Uuid& id = registration.user.uuid;
  std::copy_n(bytes->begin(), id_bytes, id.bytes.begin());
  try {
    const std::string known =
        events::unseal(derived(sign_in_.at(time_of(id)), registration_use), events::as_text(id.bytes),
                       std::string_view{*bytes}.substr(id_bytes));
    const auto space = known.find(' ');
    registration.language =
        domain::parse_enum<domain::Language>(known.substr(0, space)).value_or(domain::Language::en);
    registration.email = domain::EmailAddress::stored(known.substr(space + 1));
  } catch (const events::Damaged&) {
    return std::nullopt;
  }
  return registration;
}

domain::RegistrationCode Secrets::registration_code(domain::UserId user) const {
  std::string message{registration_use};
  message += events::as_text(user.uuid.bytes);
  return domain::RegistrationCode::stored(
      in_alphabet(first_number(keyed(one_time_code_.at(time_of(user.uuid)), message)), crockford, 10));
}

bool Secrets::matches(domain::UserId user, const domain::RegistrationCode& entered) const {
  return events::equal_in_constant_time(registration_code(user).text(), entered.text());
}

std::vector<events::Hash> Secrets::claim_keys(domain::Unique kind, std::string_view normalised) const {
  std::string message{domain::to_text(kind)};
  message += '\0';
  message += normalised;
  std::vector<events::Hash> hashes;
  for (const storage::SecretKey& key : claims_.newest_first()) hashes.push_back(keyed(key, message));
  return hashes;
}

std::vector<KnownRequest> Secrets::known_requests(std::string_view caller, std::string_view idempotency_key,
                                                  std::string_view request, domain::Time now) const {
  std::string command{"command"};
  command += '\0';
  command += caller;
  command += '\0';
  command += idempotency_key;
  const std::string content = "request" + std::string(1, '\0') + std::string{request};
  std::vector<KnownRequest> known;
  for (const storage::SecretKey& key : idempotency_.serving_first(now)) {
    KnownRequest& each = known.emplace_back();
    const auto hash = keyed(key, command);
    std::copy_n(hash.begin(), each.id.uuid.bytes.size(), each.id.uuid.bytes.begin());
    each.fingerprint = keyed(key, content);
  }
  return known;
}

std::string Secrets::cursor(std::string_view meaning) const {
  std::string bytes{meaning};
  bytes += events::as_text(keyed(cursor_.newest(), meaning));
  return events::to_base64url(bytes);
}

std::optional<std::string> Secrets::open_cursor(std::string_view cursor_text) const {
  const auto bytes = events::from_base64url(cursor_text);
  if (!bytes || bytes->size() < mac_bytes) return std::nullopt;
  const std::string_view all = *bytes;
  const std::string_view meaning = all.substr(0, all.size() - mac_bytes);
  for (const storage::SecretKey& key : cursor_.newest_first())
    if (events::equal_in_constant_time(events::as_text(keyed(key, meaning)), all.substr(meaning.size())))
      return std::string{meaning};
  return std::nullopt;
}

std::string Secrets::monitoring_token() const {
  return events::to_base64url(events::as_text(keyed(session_.newest(), monitoring_use)));
}

bool Secrets::is_monitoring_token(std::string_view text) const {
  return std::ranges::any_of(session_.newest_first(), [&](const storage::SecretKey& key) {
    return events::equal_in_constant_time(events::to_base64url(events::as_text(keyed(key, monitoring_use))),
                                          text);
  });
}

std::string Secrets::sandbox_password(std::string_view name) const {
  const auto hash = keyed(sandbox_, "password " + std::string{name});
  return events::to_base64url(events::as_text(hash).substr(0, 18));
}

namespace {

/// A UUIDv7 with the time `now` and sixteen random bytes.
domain::Uuid uuid_of(domain::Time now, std::span<const std::uint8_t, id_bytes> random) {
  domain::Uuid id;
  std::ranges::copy(random, id.bytes.begin());
  const auto ms = static_cast<std::uint64_t>(now.time_since_epoch().count());
  for (int i = 0; i < 6; ++i)
    id.bytes[static_cast<std::size_t>(i)] = static_cast<std::uint8_t>(ms >> (40 - 8 * i));
  id.bytes[6] = static_cast<std::uint8_t>(0x70 | (id.bytes[6] & 0x0f));
  id.bytes[8] = static_cast<std::uint8_t>(0x80 | (id.bytes[8] & 0x3f));
  return id;
}

/// `digits` digits that begin with `lead` and end with their check digit.
std::string number_of(char lead, std::size_t digits, std::span<const std::uint8_t, 8> random) {
  std::string text(1, lead);
  text += in_alphabet(events::get_be64(events::as_text(random)), "0123456789", digits - 2);
  text += domain::luhn_digit(text);
  return text;
}

}  // namespace

domain::Time Registration::expires_at() const {
  return time_of(user.uuid) + domain::registration_lifetime;
}

domain::Uuid fresh_uuid(domain::Time now) {
  std::array<std::uint8_t, id_bytes> random{};
  events::fill_random(random);
  return uuid_of(now, random);
}

domain::Time time_of(const domain::Uuid& uuid) {
  std::int64_t ms = 0;
  for (std::size_t i = 0; i < 6; ++i) ms = ms << 8 | uuid.bytes[i];
  return domain::Time{domain::Duration{ms}};
}

std::string fresh_number(char lead, std::size_t digits) {
  std::array<std::uint8_t, 8> random{};
  events::fill_random(random);
  return number_of(lead, digits, random);
}

domain::Fresh draw_fresh(domain::Time now) {
  // One draw for all identifiers, because every command needs some.
  std::array<std::uint8_t, 9 * id_bytes + 2 * 8> random{};
  events::fill_random(random);
  std::span<const std::uint8_t> rest = random;
  const auto uuid = [&] {
    const auto taken = rest.first<id_bytes>();
    rest = rest.subspan(id_bytes);
    return uuid_of(now, taken);
  };
  domain::Fresh fresh;
  fresh.code.uuid = uuid();
  fresh.letter.uuid = uuid();
  fresh.case_id.uuid = uuid();
  fresh.offer.uuid = uuid();
  fresh.proposal.uuid = uuid();
  fresh.submission.uuid = uuid();
  fresh.sign_in.uuid = uuid();
  fresh.session.uuid = uuid();
  fresh.device.uuid = uuid();
  // A hundred million numbers of each kind: with a million in use, a second draw is rarely needed.
  constexpr std::size_t number_digits = 10;
  fresh.urn = domain::Urn::stored(number_of('4', number_digits, rest.first<8>()));
  fresh.client_number = domain::ClientNumber::stored(number_of('7', number_digits, rest.last<8>()));
  return fresh;
}

}  // namespace ttp::service
