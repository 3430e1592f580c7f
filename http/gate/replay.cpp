#include "http/gate/replay.hpp"

#include "events/codec.hpp"

namespace ttp::http {

bool may_be_retry(const Request& request, const Route& route) {
  const bool can_end_it = route.access.who == Who::signing_in || route.ends_own_session;
  return route.is_command && can_end_it && request.header("idempotency-key");
}

std::string key_owner(const Call& call, const Route& route, domain::UserId asking,
                      const std::string& content) {
  if (route.access.who == Who::signing_in) return domain::to_text(call.sign_in);
  if (route.ends_own_session) return domain::to_text(call.session);
  return asking == domain::UserId{} ? content : domain::to_text(asking);
}

events::Envelope envelope_at(const Call& call, storage::Position position) {
  return events::decode_envelope(call.service.log().read(position, 1).at(0).envelope);
}

ToldOf told_of(const Call& call, const service::CommandResult& result, std::optional<domain::UserId> user) {
  if (!result.replayed || !result.position)
    return {call.now, user ? call.service.queries().user(*user) : service::Found<domain::User>{}};
  // Every accepted step of a sign-in records an event in its user's stream.
  const auto envelope = envelope_at(call, *result.position);
  const auto owner = events::user_of_stream(envelope.stream);
  const auto then = call.service.states_at({*result.position + 1, envelope.recorded_at});
  return {envelope.recorded_at, owner ? then.user(*owner) : service::Found<domain::User>{}};
}

}  // namespace ttp::http
