// Authentication: the credential that a head presents, the refusal of writes from other sites, and the check
// of the user behind the credential. A review of authentication needs only this header and its source.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "domain/decision.hpp"
#include "domain/user.hpp"
#include "http/gate/access.hpp"
#include "http/wire/message.hpp"
#include "service/reading/queries.hpp"
#include "service/secrets/secrets.hpp"
#include "service/secrets/session_activity.hpp"

namespace ttp::http {

inline constexpr std::string_view session_cookie = "__Host-ttp_session";
inline constexpr std::string_view sign_in_cookie = "__Host-ttp_sign_in";
inline constexpr std::string_view device_cookie = "__Host-ttp_device";
/// Marks a request that a page sends by itself, with any value. It does not keep the session from idling.
inline constexpr std::string_view background_header = "x-background";

/// The value of Set-Cookie; zero seconds delete the cookie.
std::string cookie_header(std::string_view name, std::string_view value, long seconds);

/// Whether a Host header names this machine itself, by localhost or by an address. Any other name may be one
/// that somebody's page made to point here (DNS rebinding).
bool names_this_machine(std::string_view host);

/// The credential that a head presents, independent of the state of users; `App::authenticate` checks that
/// state.
struct Credential {
  std::optional<domain::Refusal> fault{};
  bool by_cookie = false;
  domain::SessionId session{};
  std::string session_token{};  ///< of that session; empty if there is none
  domain::SignInId sign_in{};
};

/// `previous`: the last credential of the same client, whose token is not verified again; or nullptr.
/// `behind_tls`: whether clients load pages of this host only by https.
Credential read_credential(const RequestHead& head, Who who, const Credential* previous,
                           const service::Secrets& secrets, bool behind_tls);

/// The device that a head comes from, as the head shows it: its token, and an earlier session.
struct PresentedDevice {
  std::optional<domain::DeviceId> device{};
  domain::SessionId session{};
};
PresentedDevice read_device(const RequestHead& head, const service::Secrets& secrets);

/// Whether a request renews the idle time of its session.
enum class Renews : std::uint8_t { no, yes };

/// Whether the holder of a session may use a route with this access. `caller` is the session's user in any
/// state, if there is one. Marks the session as used if the request renews it.
std::optional<domain::Refusal> session_refusal(const Access& access,
                                               const service::Found<domain::User>& caller,
                                               domain::SessionId session, service::SessionActivity& sessions,
                                               domain::Time now, Renews renews);

}  // namespace ttp::http
