// Codes and tokens are derived, not stored: each is a keyed hash of an identifier that stands in the log,
// under a key that stands in the vault. So no code, token or hash of one exists in any file, and whoever
// needs one (the letter, the mail, the check of an entry) derives it again.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "domain/decision.hpp"
#include "domain/ids.hpp"
#include "domain/values.hpp"
#include "events/bytes.hpp"
#include "service/secrets/keys.hpp"

namespace ttp::service {

/// A request as the log knows it: its command id, and a hash that tells another request under the same
/// Idempotency-Key from it and nothing else, for a request can hold a password.
struct KnownRequest {
  domain::CommandId id;
  events::Hash fingerprint{};
};

class Secrets {
 public:
  /// `keys` must outlive the secrets. The sandbox's key derives the passwords of its seeded staff.
  Secrets(const Keys& keys, const storage::SecretKey& sandbox);

  /// Ten characters of Crockford's alphabet: 50 bits.
  domain::ActivationCode activation_code(domain::CodeId code) const;
  /// Six digits, evenly distributed.
  domain::OneTimeCode one_time_code(domain::CodeId code) const;
  bool matches(domain::CodeId code, const domain::ActivationCode& entered) const;
  bool matches(domain::CodeId code, const domain::OneTimeCode& entered) const;

  /// What the browser that asked holds while a sign-in is under way; what a signed-in client holds. Text of
  /// the identifier and 256 bits of its keyed hash, in base64url.
  std::string sign_in_token(domain::SignInId sign_in) const;
  std::optional<domain::SignInId> open_sign_in_token(std::string_view text) const;
  std::string session_token(domain::SessionId session) const;
  std::optional<domain::SessionId> open_session_token(std::string_view text) const;

  /// The keys under which a unique value may be claimed in the log, one for each key there was; it is newly
  /// claimed under the first.
  std::vector<events::Hash> claim_keys(domain::Unique kind, std::string_view normalised) const;
  /// What a request with an Idempotency-Key may be known as, one for each key there was; the first is the one
  /// it is newly known as at this time.
  std::vector<KnownRequest> known_requests(std::string_view caller, std::string_view idempotency_key,
                                           std::string_view request, domain::Time now) const;
  /// Opaque text for a page's cursor, and its meaning; nothing where it was not made here.
  std::string cursor(std::string_view meaning) const;
  std::optional<std::string> open_cursor(std::string_view cursor_text) const;
  /// A password that sandbox mode gives its seeded staff; it exists nowhere else.
  std::string sandbox_password(std::string_view name) const;

 private:
  std::string token(const storage::KeyRing& ring, const domain::Uuid& id) const;
  std::optional<domain::Uuid> open_token(const storage::KeyRing& ring, std::string_view token) const;
  const storage::KeyRing& activation_code_;
  const storage::KeyRing& one_time_code_;
  const storage::KeyRing& sign_in_;
  const storage::KeyRing& session_;
  const storage::KeyRing& claims_;
  const storage::KeyRing& idempotency_;
  const storage::KeyRing& cursor_;
  const storage::SecretKey sandbox_;
};

/// A fresh UUIDv7 of this moment, and the moment of one.
domain::Uuid fresh_uuid(domain::Time now);
domain::Time time_of(const domain::Uuid& uuid);
/// A number of `digits` random digits, the last one its Luhn check digit, the first one `lead`.
std::string fresh_number(char lead, std::size_t digits);
/// All the identifiers that a decision may need.
domain::Fresh draw_fresh(domain::Time now);

}  // namespace ttp::service
