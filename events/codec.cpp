#include "events/codec.hpp"

#include <array>
#include <map>
#include <type_traits>
#include <unordered_map>

#include <simdjson.h>

#include "events/json.hpp"
#include "events/past.hpp"
#include "events/registry.hpp"
#include "events/sealed_state.hpp"
#include "events/shapes.hpp"

namespace ttp::events {

std::string stream_name(domain::UserId user) {
  return "user-" + domain::to_text(user);
}
std::optional<domain::UserId> user_of_stream(std::string_view stream) {
  constexpr std::string_view prefix = "user-";
  if (!stream.starts_with(prefix)) return std::nullopt;
  const auto id = domain::parse_uuid(stream.substr(prefix.size()));
  return id ? std::optional{domain::UserId{*id}} : std::nullopt;
}
std::string stream_name(domain::AccountId account) {
  return "account-" + domain::to_text(account);
}
std::string programme_stream_name(domain::AccountId account) {
  return "programme-" + domain::to_text(account);
}

std::string subject_name(domain::UserId user) {
  return "user:" + domain::to_text(user);
}
std::string subject_name(domain::AccountId account) {
  return "account:" + domain::to_text(account);
}

namespace {

using simdjson::dom::element;
using simdjson::dom::object;

[[noreturn]] void damaged(std::string_view what) {
  throw Damaged{"stored JSON: " + std::string{what}};
}

std::string_view text_of(const element& json) {
  std::string_view text;
  if (json.get(text)) damaged("a string was expected");
  return text;
}

// ---- reading: one function per kind of value, the mirror of json.hpp --------------------------------------

void read(const element& json, bool& value) {
  if (json.get(value)) damaged("true or false was expected");
}
void read(const element& json, std::uint32_t& value) {
  std::uint64_t number = 0;
  if (json.get(number) || number > 0xffffffffu) damaged("a number of 32 bits was expected");
  value = static_cast<std::uint32_t>(number);
}
void read(const element& json, std::string& value) {
  value = std::string{text_of(json)};
}
void read(const element& json, domain::Time& value) {
  const auto time = domain::parse_time(text_of(json));
  if (!time) damaged("a time was expected");
  value = *time;
}
template <class Tag>
void read(const element& json, domain::Id<Tag>& value) {
  const auto uuid = domain::parse_uuid(text_of(json));
  if (!uuid) damaged("an identifier was expected");
  value.uuid = *uuid;
}
template <class Kind>
void read(const element& json, domain::Text<Kind>& value) {
  value = domain::Text<Kind>::stored(std::string{text_of(json)});
}
template <domain::NamedEnum Enum>
void read(const element& json, Enum& value) {
  const auto parsed = domain::parse_enum<Enum>(text_of(json));
  if (!parsed) damaged("an unknown word for a choice");
  value = *parsed;
}
template <class T>
void read(const element& json, std::optional<T>& value);
template <class T>
void read(const element& json, std::vector<T>& values);
template <class T>
void read(const element& json, std::set<T>& values);
void read(const element& json, domain::Answers& answers);
template <Shaped Struct>
void read(const element& json, Struct& value);

template <class T>
void read(const element& json, std::optional<T>& value) {
  read(json, value.emplace());
}

simdjson::dom::array array_of(const element& json) {
  simdjson::dom::array array;
  if (json.get(array)) damaged("an array was expected");
  return array;
}
object object_of(const element& json) {
  object members;
  if (json.get(members)) damaged("an object was expected");
  return members;
}

template <class T>
void read(const element& json, std::vector<T>& values) {
  values.clear();
  for (const element each : array_of(json)) read(each, values.emplace_back());
}
template <class T>
void read(const element& json, std::set<T>& values) {
  values.clear();
  for (const element each : array_of(json)) {
    T value{};
    read(each, value);
    values.insert(value);
  }
}
void read(const element& json, domain::Answers& answers) {
  domain::Answers::Table table;
  for (const auto& [question, each] : object_of(json)) table.emplace(question, text_of(each));
  answers = std::move(table);
}

template <class T>
inline constexpr bool is_optional = false;
template <class T>
inline constexpr bool is_optional<std::optional<T>> = true;

/// Reads the members that `wanted` selects. Canonical JSON has them in the row's order, so one walk over both
/// suffices; a missing, unknown or misplaced member throws Damaged.
template <class Struct, class Fields, class Wanted>
void read_fields(simdjson::dom::object::iterator& at, const simdjson::dom::object::iterator& end,
                 Struct& value, const Fields& all, Wanted wanted) {
  for_each(all, [&](const auto& each) {
    if (!wanted(each)) return;
    const bool present = at != end && at.key() == each.name;
    if (present) {
      read(at.value(), value.*each.member);
      ++at;
    } else if (!is_optional<typename std::remove_cvref_t<decltype(each)>::member_type>) {
      damaged("member missing: " + std::string{each.name});
    }
  });
}

template <Shaped Struct>
void read(const element& json, Struct& value) {
  const object members = object_of(json);
  auto at = members.begin();
  read_fields(at, members.end(), value, shape<Struct>, [](const auto&) { return true; });
  if (at != members.end()) damaged("unknown member: " + std::string{at.key()});
}

simdjson::dom::parser& parser() {
  thread_local simdjson::dom::parser instance;
  return instance;
}
/// A second parser, because the sealed part is parsed while the open part is still being read.
simdjson::dom::parser& inner_parser() {
  thread_local simdjson::dom::parser instance;
  return instance;
}

element parse(simdjson::dom::parser& with, std::string_view json) {
  element root;
  if (const auto error = with.parse(json.data(), json.size()).get(root))
    damaged(simdjson::error_message(error));
  return root;
}

// ---- rows -------------------------------------------------------------------------------------------------

template <class Row>
constexpr bool has_personal_fields(const Row& row) {
  bool any = false;
  for_each(row.fields, [&](const auto& each) { any |= each.is_personal; });
  return any;
}

std::string associated_data(std::string_view type, std::uint16_t version, domain::CommandId command) {
  std::string text{type};
  text += '@';
  write_json(text, version);
  text += ' ';
  text += domain::to_text(command);
  return text;
}

/// Reserving this much avoids most reallocations while a body is written.
constexpr std::size_t usual_body_bytes = 1024;

template <class Row>
std::string encode_row(const Row& row, const typename Row::event_type& event, domain::CommandId command,
                       const SubjectKey& key) {
  std::string body;
  body.reserve(usual_body_bytes);
  ObjectWriter open(body);
  for_each(row.fields, [&](const auto& each) {
    if (!each.is_personal) open.member(each.name, event.*each.member);
  });
  if (has_personal_fields(row)) {
    std::string hidden;
    hidden.reserve(usual_body_bytes);
    ObjectWriter personal(hidden);
    for_each(row.fields, [&](const auto& each) {
      if (each.is_personal) personal.member(each.name, event.*each.member);
    });
    personal.end();
    const std::string aad = associated_data(row.name, row.version, command);
    open.member("sealed", to_base64(seal(key(subject_name(event.*row.subject)), aad, hidden)));
  }
  open.end();
  return body;
}

/// Upcasts through every version between the stored one and the current one.
template <class E>
Event upcast_to_current(E event, domain::Time recorded_at) {
  if constexpr (domain::OnList<E, EventList>) {
    return event;
  } else {
    return upcast_to_current(upcast(std::move(event), recorded_at), recorded_at);
  }
}

template <class Row>
Decoded decode_row(const Row& row, std::string_view body, const Envelope& envelope,
                   const FindSubjectKey& find_key) {
  typename Row::event_type event{};
  const object members = object_of(parse(parser(), body));
  auto at = members.begin();
  read_fields(at, members.end(), event, row.fields, [](const auto& each) { return !each.is_personal; });
  bool erased = false;
  if (has_personal_fields(row)) {
    if (at == members.end() || at.key() != "sealed") damaged("member missing: sealed");
    if (const auto key = find_key(subject_name(event.*row.subject))) {
      const auto sealed = from_base64(text_of(at.value()));
      if (!sealed) damaged("the sealed part is not base64");
      const std::string hidden =
          unseal(*key, associated_data(row.name, row.version, envelope.command), *sealed);
      const object personal = object_of(parse(inner_parser(), hidden));
      auto inner = personal.begin();
      read_fields(inner, personal.end(), event, row.fields,
                  [](const auto& each) { return each.is_personal; });
      if (inner != personal.end()) damaged("unknown sealed member: " + std::string{inner.key()});
    } else {
      erased = true;
    }
    ++at;
  }
  if (at != members.end()) damaged("unknown member: " + std::string{at.key()});
  return {upcast_to_current(std::move(event), envelope.recorded_at), erased};
}

template <class Row>
std::string fields_to_json(const Row& row, const typename Row::event_type& event, bool with_personal) {
  std::string out;
  ObjectWriter object(out);
  for_each(row.fields, [&](const auto& each) {
    if (with_personal || !each.is_personal) object.member(each.name, event.*each.member);
  });
  object.end();
  return out;
}

template <class E>
std::string stream_of_row(const E& event) {
  if constexpr (domain::OnList<E, domain::UserEvent>) {
    return stream_name(event.user);
  } else if constexpr (domain::OnList<E, domain::AccountEvent>) {
    return stream_name(event.account);
  } else {
    return programme_stream_name(event.account);
  }
}

/// The operations on one kind of event, as functions that do not depend on its type.
struct Kind {
  std::string_view name;
  std::uint16_t version;
  std::string (*subject)(const Event&);
  std::string (*stream)(const Event&);
  std::string (*encode)(const Event&, domain::CommandId, const SubjectKey&);
  Decoded (*decode)(std::string_view, const Envelope&, const FindSubjectKey&);
  std::string (*json)(const Event&, bool with_personal);
};

template <class E>
constexpr Kind kind() {
  return {row_of<E>.name,
          row_of<E>.version,
          [](const Event& event) { return subject_name(get<E>(event).*row_of<E>.subject); },
          [](const Event& event) { return stream_of_row(get<E>(event)); },
          [](const Event& event, domain::CommandId command, const SubjectKey& key) {
            return encode_row(row_of<E>, get<E>(event), command, key);
          },
          [](std::string_view body, const Envelope& envelope, const FindSubjectKey& find_key) {
            return decode_row(row_of<E>, body, envelope, find_key);
          },
          [](const Event& event, bool with_personal) {
            return fields_to_json(row_of<E>, get<E>(event), with_personal);
          }};
}

constexpr auto kinds = []<std::size_t... I>(std::index_sequence<I...>) {
  return std::array<Kind, event_count>{kind<std::variant_alternative_t<I, EventList>>()...};
}(std::make_index_sequence<event_count>{});

const Kind& kind_of(const Event& event) {
  return kinds[event.index()];
}

using Decode = Decoded (*)(std::string_view, const Envelope&, const FindSubjectKey&);

/// Decodes a past version: the row at index I of the list.
template <std::size_t I>
Decoded decode_past(std::string_view body, const Envelope& envelope, const FindSubjectKey& find_key) {
  return decode_row(std::get<I>(past::rows), body, envelope, find_key);
}

/// Decoders by stored name, then by schema version.
using Decoders = std::unordered_map<std::string_view, std::map<std::uint16_t, Decode>>;

Decoders all_decoders() {
  Decoders all;
  for (const Kind& each : kinds) all[each.name].emplace(each.version, each.decode);
  [&]<std::size_t... I>(std::index_sequence<I...>) {
    (all[std::get<I>(past::rows).name].emplace(std::get<I>(past::rows).version, &decode_past<I>), ...);
  }(std::make_index_sequence<std::tuple_size_v<decltype(past::rows)>>{});
  return all;
}

Decode decoder_of(std::string_view name, std::uint16_t version) {
  static const Decoders decoders = all_decoders();
  const auto of_name = decoders.find(name);
  if (of_name == decoders.end()) throw Damaged{"unknown event name: " + std::string{name}};
  const auto found = of_name->second.find(version);
  if (found == of_name->second.end())
    throw Damaged{"event " + std::string{name} + " has schema version " + std::to_string(version) +
                  ", which this program does not know"};
  return found->second;
}

}  // namespace

std::string_view name_of(const Event& event) {
  return event_names[event.index()];
}
std::string stream_of(const Event& event) {
  return kind_of(event).stream(event);
}
std::string subject_of(const Event& event) {
  return kind_of(event).subject(event);
}
std::uint16_t schema_version_of(const Event& event) {
  return kind_of(event).version;
}

std::string encode_body(const Event& event, domain::CommandId command, const SubjectKey& key) {
  return kind_of(event).encode(event, command, key);
}

Decoded decode_body(const Envelope& envelope, std::string_view body, const FindSubjectKey& find_key) {
  return decoder_of(envelope.type, envelope.schema_version)(body, envelope, find_key);
}

std::string event_to_json(const Event& event) {
  return kind_of(event).json(event, true);
}
std::string open_fields_to_json(const Event& event) {
  return kind_of(event).json(event, false);
}

void append_state_json(std::string& out, const domain::User& state) {
  write_json(out, state);
}
void append_state_json(std::string& out, const domain::Account& state) {
  write_json(out, state);
}
void append_state_json(std::string& out, const domain::Programme& state) {
  write_json(out, state);
}
void append_state_json(std::string& out, const domain::Member& member) {
  write_json(out, member);
}
void state_from_json(std::string_view json, domain::User& state) {
  read(parse(parser(), json), state);
}
void state_from_json(std::string_view json, domain::Account& state) {
  read(parse(parser(), json), state);
}
void state_from_json(std::string_view json, domain::Programme& state) {
  read(parse(parser(), json), state);
}
void state_from_json(std::string_view json, domain::Member& member) {
  read(parse(parser(), json), member);
}

}  // namespace ttp::events
