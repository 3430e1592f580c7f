// Codes and tokens are derived, not stored: each is a keyed hash of an identifier in the log, under a key in
// the vault. So no code or token, nor a hash of one, exists in any file. The letter, the mail and the check
// of an entry each derive it again.
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

/// The identity of a request in the log: its command id and a keyed hash of its content. The hash
/// distinguishes another request under the same Idempotency-Key and reveals nothing else, since a request can
/// hold a password.
struct KnownRequest {
  domain::CommandId id;
  events::Hash fingerprint{};
};

/// A registration between the mailed code and the credential. All that is known of it is in its token; the
/// service stores nothing.
struct Registration {
  domain::UserId user;  ///< the identifier that the user will have; its time is the registration's
  domain::Language language{};
  domain::EmailAddress email;

  domain::Time expires_at() const;
};

class Secrets {
 public:
  /// `keys` must outlive the secrets. The passwords of the sandbox staff are derived from `sandbox`.
  Secrets(const Keys& keys, const storage::SecretKey& sandbox);

  /// Ten characters of Crockford's alphabet: 50 bits.
  domain::ActivationCode activation_code(domain::CodeId code) const;
  /// Six digits, evenly distributed.
  domain::OneTimeCode one_time_code(domain::CodeId code) const;
  bool matches(domain::CodeId code, const domain::ActivationCode& entered) const;
  bool matches(domain::CodeId code, const domain::OneTimeCode& entered) const;
  /// The second code of an e-mail change, which is mailed to the present address.
  domain::OneTimeCode present_address_code(domain::CodeId code) const;
  bool matches_present_address(domain::CodeId code, const domain::OneTimeCode& entered) const;

  /// The service desk's permit: ten characters of Crockford's alphabet, 50 bits.
  domain::RecoveryPermit recovery_permit(domain::CodeId code) const;
  bool matches(domain::CodeId code, const domain::RecoveryPermit& entered) const;

  /// The tokens of a browser during a sign-in and of a signed-in client: the identifier and 256 bits of its
  /// keyed hash, in base64url.
  std::string sign_in_token(domain::SignInId sign_in) const;
  std::optional<domain::SignInId> open_sign_in_token(std::string_view text) const;
  std::string session_token(domain::SessionId session) const;
  std::optional<domain::SessionId> open_session_token(std::string_view text) const;
  /// The token of a device that has completed a sign-in, in the same form.
  std::string device_token(domain::DeviceId device) const;
  std::optional<domain::DeviceId> open_device_token(std::string_view text) const;

  /// The token of a registration: the identifier, and the rest sealed for this service alone.
  std::string registration_token(const Registration& registration) const;
  /// Returns nothing if this service did not make the token.
  std::optional<Registration> open_registration_token(std::string_view text) const;
  /// The code that is mailed to the registration's address: ten characters of Crockford's alphabet, 50 bits.
  domain::RegistrationCode registration_code(domain::UserId user) const;
  bool matches(domain::UserId user, const domain::RegistrationCode& entered) const;

  /// The keys under which a unique value may be claimed in the log, one for each generation of the claims
  /// key; new claims use the first.
  std::vector<events::Hash> claim_keys(domain::Unique kind, std::string_view normalised) const;
  /// The identities that a request with an Idempotency-Key may have in the log, one for each generation of
  /// the key; a request recorded at `now` gets the first.
  std::vector<KnownRequest> known_requests(std::string_view caller, std::string_view idempotency_key,
                                           std::string_view request, domain::Time now) const;
  /// The opaque text of a page's cursor, and its meaning; nothing if this service did not make it.
  std::string cursor(std::string_view meaning) const;
  std::optional<std::string> open_cursor(std::string_view cursor_text) const;
  /// The bearer token of the operators' monitoring; it changes with the key `session`, and earlier ones stay
  /// valid.
  std::string monitoring_token() const;
  bool is_monitoring_token(std::string_view text) const;
  /// The password of a member of the sandbox staff; it is not stored.
  std::string sandbox_password(std::string_view name) const;

 private:
  /// `use` keeps tokens apart that are derived with the same key.
  std::string token(const storage::KeyRing& ring, const domain::Uuid& id, std::string_view use = {}) const;
  std::optional<domain::Uuid> open_token(const storage::KeyRing& ring, std::string_view token,
                                         std::string_view use = {}) const;
  const storage::KeyRing& activation_code_;
  const storage::KeyRing& one_time_code_;
  const storage::KeyRing& sign_in_;
  const storage::KeyRing& session_;
  const storage::KeyRing& claims_;
  const storage::KeyRing& idempotency_;
  const storage::KeyRing& cursor_;
  const storage::SecretKey sandbox_;
};

/// A fresh UUIDv7 with this time, and the time of a UUIDv7.
domain::Uuid fresh_uuid(domain::Time now);
domain::Time time_of(const domain::Uuid& uuid);
/// A number of `digits` random digits, the last one its Luhn check digit, the first one `lead`.
std::string fresh_number(char lead, std::size_t digits);
/// All the identifiers that a decision may need.
domain::Fresh draw_fresh(domain::Time now);

}  // namespace ttp::service
