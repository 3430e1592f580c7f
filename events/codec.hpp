// From a fact to bytes and back: the body of an event as JSON, its personal fields sealed with their
// subject's key. Also the JSON of the three states, for the views that keep them.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "events/bytes.hpp"
#include "events/envelope.hpp"
#include "events/event.hpp"
#include "events/seal.hpp"

namespace ttp::events {

/// Whose key seals a row's personal fields: "user:<uuid>" or "account:<uuid>".
std::string subject_of(const Event& event);
std::string subject_name(domain::UserId user);
std::string subject_name(domain::AccountId account);
/// The stream an event belongs to: "user-<uuid>", "account-<uuid>" or "programme-<uuid>".
std::string stream_of(const Event& event);
std::string stream_name(domain::UserId user);
/// The user whose stream it is, if it is one's.
std::optional<domain::UserId> user_of_stream(std::string_view stream);
std::string stream_name(domain::AccountId account);
std::string programme_stream_name(domain::AccountId account);

/// The current schema version of an event's row.
std::uint16_t schema_version_of(const Event& event);

using SubjectKey = std::function<DataKey(std::string_view subject)>;
using FindSubjectKey = std::function<std::optional<DataKey>(std::string_view subject)>;
/// Calls with the subjects from `first` to `last` that have a key, and the key. Where nearly all are needed,
/// this is faster than finding each.
using EachSubjectKey =
    std::function<void(std::string_view first, std::string_view last,
                       const std::function<void(std::string_view subject, const DataKey& key)>& visit)>;

/// The body: the row's open fields in order, then "sealed" with the personal ones when the row has any. The
/// sealed part is bound to the command, so that it can not be moved to another event.
std::string encode_body(const Event& event, domain::CommandId command, const SubjectKey& key);

struct Decoded {
  Event event;
  bool erased = false;  ///< the subject's key is gone: the personal fields are empty
};

/// Reads a body by the stored name and schema version of its envelope; an earlier version is upcast to the
/// current one. Throws Damaged for a name or version that the registry does not know, for JSON that is not
/// the row's, and for a sealed part that does not open.
Decoded decode_body(const Envelope& envelope, std::string_view body, const FindSubjectKey& find_key);

/// Canonical JSON of a whole state, and back. `state_from_json` throws Damaged.
void append_state_json(std::string& out, const domain::User&);
void append_state_json(std::string& out, const domain::Account&);
void append_state_json(std::string& out, const domain::Programme&);
template <class State>
std::string state_to_json(const State& state) {
  std::string json;
  append_state_json(json, state);
  return json;
}
void state_from_json(std::string_view json, domain::User&);
void state_from_json(std::string_view json, domain::Account&);
void state_from_json(std::string_view json, domain::Programme&);

/// Every field of the event in the clear as one JSON object, for those who may see it.
std::string event_to_json(const Event& event);
/// The same without the personal fields.
std::string open_fields_to_json(const Event& event);

}  // namespace ttp::events
