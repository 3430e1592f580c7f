// Repeated commands: the owner of a client's Idempotency-Key, also when the caller's sign-in or session has
// ended, and the data that a document showed in the first answer. The stored answer has priority: a retry of
// a sign-in's last step is answered although the sign-in has ended.
#pragma once

#include <optional>
#include <string>

#include "events/envelope.hpp"
#include "http/api/route.hpp"

namespace ttp::http {

/// Whether this may be a retry of a command that ended the caller's sign-in or session.
bool may_be_retry(const Request& request, const Route& route);

/// Distinguishes callers that use the same key: the sign-in or session itself if the route concerns it, else
/// the user. Without either it is the request itself: a stranger's key must not be in another stranger's way.
std::string key_owner(const Call& call, const Route& route, domain::UserId asking,
                      const std::string& content);

/// The envelope of the event at this position, which the log has.
events::Envelope envelope_at(const Call& call, storage::Position position);

/// The user and the time for the document of an answer: the present ones, or, for a repeated answer, those of
/// the first answer.
struct ToldOf {
  domain::Time now;
  service::Found<domain::User> user;
};
ToldOf told_of(const Call& call, const service::CommandResult& result, std::optional<domain::UserId> user);

}  // namespace ttp::http
