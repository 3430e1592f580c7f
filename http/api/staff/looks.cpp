#include "http/api/staff/looks.hpp"

namespace ttp::http {

using domain::Look;
using domain::RecordLook;

std::optional<domain::Refusal> look_refusal(const Call& call, Look look, domain::UserId of) {
  return call.service.note_look({call.user().id, look, of, {}, {}}, asked_by(call));
}
std::optional<domain::Refusal> look_refusal(const Call& call, Look look) {
  return call.service.note_look({call.user().id, look, {}, {}, {}}, asked_by(call));
}
std::optional<domain::Refusal> look_refusal(const Call& call, Look look, domain::AccountId of) {
  return call.service.note_look({call.user().id, look, {}, of, {}}, asked_by(call));
}
std::optional<domain::Refusal> look_refusal(const Call& call, Look look, domain::LetterId of) {
  return call.service.note_look({call.user().id, look, {}, {}, of}, asked_by(call));
}

}  // namespace ttp::http
