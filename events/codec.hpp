// Encodes an event to bytes and decodes it: its body as JSON, its personal fields sealed with their subject's
// key. Also the JSON of the three states, for the snapshots that keep them.
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

/// The subject whose key seals a row's personal fields: "user:<uuid>" or "account:<uuid>".
std::string subject_of(const Event& event);
std::string subject_name(domain::UserId user);
std::string subject_name(domain::AccountId account);
/// The stream an event belongs to: "user-<uuid>", "account-<uuid>" or "programme-<uuid>".
std::string stream_of(const Event& event);
std::string stream_name(domain::UserId user);
/// The user to whom the stream belongs, if it is a user's stream.
std::optional<domain::UserId> user_of_stream(std::string_view stream);
std::string stream_name(domain::AccountId account);
std::string programme_stream_name(domain::AccountId account);

/// The current schema version of an event's row.
std::uint16_t schema_version_of(const Event& event);

using SubjectKey = std::function<DataKey(std::string_view subject)>;
using FindSubjectKey = std::function<std::optional<DataKey>(std::string_view subject)>;
/// Visits each subject from `first` to `last` that has a key, with its key. If most keys of the range are
/// needed, this is faster than looking up each one.
using EachSubjectKey =
    std::function<void(std::string_view first, std::string_view last,
                       const std::function<void(std::string_view subject, const DataKey& key)>& visit)>;

/// The body: the row's open fields in order, then "sealed" with the personal fields if the row has any. The
/// sealed part is bound to the command, so it cannot be moved to another event.
std::string encode_body(const Event& event, domain::CommandId command, const SubjectKey& key);

struct Decoded {
  Event event;
  bool erased = false;  ///< the subject's key is gone: the personal fields are empty
};

/// Reads a body by the stored name and schema version of its envelope; an earlier version is upcast to the
/// current one. Throws Damaged for a name or version that the registry does not know, for JSON that does not
/// fit the row, and for a sealed part that does not open.
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

/// Every field of the event, unsealed, as one JSON object; for readers who may see personal data.
std::string event_to_json(const Event& event);
/// The event without its personal fields, as one JSON object.
std::string open_fields_to_json(const Event& event);

}  // namespace ttp::events
