// Who asks: the credential that a head presents, the refusal of writes from other sites, and whether the user
// behind the credential is let in. A review of authentication reads this file and its source.
#pragma once

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

/// The value of Set-Cookie; no seconds delete the cookie.
std::string cookie_header(std::string_view name, std::string_view value, long seconds);

/// What a head presents. Nothing here depends on the state of users: that is `authenticate`.
struct Credential {
  std::optional<domain::Refusal> fault{};
  bool by_cookie = false;
  domain::SessionId session{};
  std::string session_token{};  ///< of that session; empty where none was opened
  domain::SignInId sign_in{};
};

/// `previous`: what the same client presented before, whose token needs no second look; or nullptr.
/// `behind_tls`: whether pages of this host come by https alone.
Credential read_credential(const Head& head, Who who, const Credential* previous,
                           const service::Secrets& secrets, bool behind_tls);

/// Whether the holder of a session may do what a route with this access does. `caller`: the session's user,
/// whatever state they are in, where there is one. Counts the session as used.
std::optional<domain::Refusal> session_refusal(const Access& access,
                                               const service::Found<domain::User>& caller,
                                               domain::SessionId session, service::SessionActivity& sessions,
                                               domain::Time now);

}  // namespace ttp::http
