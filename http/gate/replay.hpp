// Asking again: whom a client's Idempotency-Key belongs to, also when the sign-in or session that asks is
// over, and what a document showed when the first answer was given. The stored answer comes first: a retry of
// a sign-in's last step is answered although the sign-in is over.
#pragma once

#include <optional>
#include <string>

#include "http/api/route.hpp"

namespace ttp::http {

/// Whether this may be a retry of a command that ended the sign-in or session which asks.
bool may_be_retry(const Request& request, const Route& route);

/// What tells callers apart who use the same key: the sign-in or session itself where the route is about it,
/// else the user. Without either it is the route's path: clients draw their keys at random.
std::string key_owner(const Call& call, const Route& route, domain::UserId asking);

/// A user and the time, for the document of an answer: those of now, or for an answer that is given again
/// those when it was given first.
struct ToldOf {
  domain::Time now;
  service::Found<domain::User> user;
};
ToldOf told_of(const Call& call, const service::CommandResult& result, std::optional<domain::UserId> user);

}  // namespace ttp::http
