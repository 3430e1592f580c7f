// Codes and tokens are derived, not stored: each is a keyed hash of an identifier that stands in the log,
// under a key that stands in the vault. So no code, token or hash of one exists in any file, and whoever
// needs one (the letter, the mail, the check of an entry) derives it again.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "domain/decision.hpp"
#include "domain/ids.hpp"
#include "domain/values.hpp"
#include "events/bytes.hpp"
#include "storage/vault.hpp"

namespace ttp::service {

class Secrets {
 public:
  explicit Secrets(storage::Vault& vault);

  /// Ten characters of Crockford's alphabet: 50 bits.
  domain::ActivationCode activation_code(domain::CodeId code) const;
  /// Six digits, evenly distributed.
  domain::OneTimeCode one_time_code(domain::CodeId code) const;
  bool matches(domain::CodeId code, const domain::ActivationCode& entered) const;
  bool matches(domain::CodeId code, const domain::OneTimeCode& entered) const;

  /// What the browser that asked holds while a sign-in is under way; what a signed-in client holds. Text of
  /// the identifier and 256 bits of its keyed hash, in base64url.
  std::string sign_in_token(domain::SignInId sign_in) const;
  std::optional<domain::SignInId> open_sign_in_token(std::string_view token) const;
  std::string session_token(domain::SessionId session) const;
  std::optional<domain::SessionId> open_session_token(std::string_view token) const;

  /// The key under which a unique value is claimed in the log.
  events::Hash claim_key(domain::Unique kind, std::string_view normalised) const;
  /// Identifies a request for Idempotency-Key: the same bytes from the same caller give the same hash, and
  /// the hash tells nothing of them, for a request can hold a password.
  events::Hash fingerprint(std::string_view request) const;
  /// The command id that a caller's Idempotency-Key stands for.
  domain::CommandId command_id(std::string_view caller, std::string_view idempotency_key) const;
  /// Opaque text for a page's cursor, and its meaning; nothing where it was not made here.
  std::string cursor(std::string_view meaning) const;
  std::optional<std::string> open_cursor(std::string_view cursor) const;
  /// A password that sandbox mode gives its seeded staff; it exists nowhere else.
  std::string sandbox_password(std::string_view name) const;

 private:
  std::string token(const storage::SecretKey& key, const domain::Uuid& id) const;
  std::optional<domain::Uuid> open_token(const storage::SecretKey& key, std::string_view token) const;

  storage::SecretKey activation_code_;
  storage::SecretKey one_time_code_;
  storage::SecretKey sign_in_;
  storage::SecretKey session_;
  storage::SecretKey claims_;
  storage::SecretKey idempotency_;
  storage::SecretKey cursor_;
  storage::SecretKey sandbox_;
};

/// A fresh UUIDv7 of this moment.
domain::Uuid fresh_uuid(domain::Time now);
/// A number of `digits` random digits, the last one its Luhn check digit, the first one `lead`.
std::string fresh_number(char lead, std::size_t digits);
/// All the identifiers that a decision may need.
domain::Fresh draw_fresh(domain::Time now);

}  // namespace ttp::service
