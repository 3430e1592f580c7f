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
void read(const element& json, std::uint64_t& value) {
  if (json.get(value)) damaged("a number was expected");
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

/// The members of an object that are still to be read.
class Members {
 public:
  explicit Members(const element& json) : Members(object_of(json)) {}

  /// Whether the next member has this name. A member that is missing must be optional.
  bool has_next(std::string_view name, bool is_optional) const {
    if (at_ != end_ && at_.key() == name) return true;
    if (!is_optional) damaged("member missing: " + std::string{name});
    return false;
  }
  element value() const { return at_.value(); }
  void move_on() { ++at_; }
  /// The name of the next member, if there is one.
  std::optional<std::string_view> next() const {
    return at_ == end_ ? std::nullopt : std::optional{at_.key()};
  }
  void end() const {
    if (at_ != end_) damaged("unknown member: " + std::string{at_.key()});
  }

 private:
  explicit Members(const object& members) : at_(members.begin()), end_(members.end()) {}

  object::iterator at_;
  object::iterator end_;
};

/// The fields of a row to read or write.
enum class Which : std::uint8_t { all, open, personal };
constexpr bool is_wanted(Which which, bool is_personal) {
  return which == Which::all || is_personal == (which == Which::personal);
}

/// Reads the members that are wanted. Canonical JSON has them in the row's order, so one walk over both
/// suffices; a missing, unknown or misplaced member throws Damaged.
template <class Struct, class Fields>
void read_fields(Members& from, Struct& value, const Fields& all, Which which) {
  for_each(all, [&]<class Member>(const Field<Struct, Member>& each) {
    if (!is_wanted(which, each.is_personal) || !from.has_next(each.name, is_optional<Member>)) return;
    read(from.value(), value.*each.member);
    from.move_on();
  });
}

template <Shaped Struct>
void read(const element& json, Struct& value) {
  Members members{json};
  read_fields(members, value, shape<Struct>, Which::all);
  members.end();
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
void write_fields(ObjectWriter& to, const Row& row, const typename Row::event_type& event, Which which) {
  for_each(row.fields, [&](const auto& each) {
    if (is_wanted(which, each.is_personal)) to.member(each.name, event.*each.member);
  });
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

/// An event being read, as functions that do not depend on its type.
class Reading {
 public:
  virtual ~Reading() = default;
  virtual void read(Members& from, Which which) = 0;
  virtual std::string subject() const = 0;
};
template <class Row>
class ReadingOf final : public Reading {
 public:
  explicit ReadingOf(const Row& row) : row_(row) {}
  void read(Members& from, Which which) override { read_fields(from, event, row_.fields, which); }
  std::string subject() const override { return subject_name(event.*row_.subject); }

  typename Row::event_type event{};

 private:
  const Row& row_;
};

/// Reads the sealed member into the event; false if the subject's key is gone.
bool read_sealed(const element& json, Reading& event, const Envelope& envelope,
                 const FindSubjectKey& find_key) {
  const auto key = find_key(event.subject());
  if (!key) return false;
  const auto sealed = from_base64(text_of(json));
  if (!sealed) damaged("the sealed part is not base64");
  const std::string aad = associated_data(envelope.type, envelope.schema_version, envelope.command);
  const std::string hidden = unseal(*key, aad, *sealed);
  Members personal{parse(inner_parser(), hidden)};
  event.read(personal, Which::personal);
  if (const auto unknown = personal.next()) damaged("unknown sealed member: " + std::string{*unknown});
  return true;
}

/// Reads a body into the event; false if its personal fields are gone for good.
bool read_body(std::string_view body, bool has_personal, Reading& event, const Envelope& envelope,
               const FindSubjectKey& find_key) {
  Members members{parse(parser(), body)};
  event.read(members, Which::open);
  bool is_whole = true;
  if (has_personal && members.has_next("sealed", false)) {
    is_whole = read_sealed(members.value(), event, envelope, find_key);
    members.move_on();
  }
  members.end();
  return is_whole;
}

template <class Row>
Decoded decode_row(const Row& row, std::string_view body, const Envelope& envelope,
                   const FindSubjectKey& find_key) {
  ReadingOf<Row> reading{row};
  const bool is_whole = read_body(body, has_personal_fields(row), reading, envelope, find_key);
  return {upcast_to_current(std::move(reading.event), envelope.recorded_at), !is_whole};
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
  bool has_personal;
  std::string (*subject)(const Event&);
  std::string (*stream)(const Event&);
  void (*write)(ObjectWriter&, const Event&, Which);
  Decoded (*decode)(std::string_view, const Envelope&, const FindSubjectKey&);
};

template <class E>
constexpr Kind kind() {
  return {row_of<E>.name,
          row_of<E>.version,
          has_personal_fields(row_of<E>),
          [](const Event& event) { return subject_name(get<E>(event).*row_of<E>.subject); },
          [](const Event& event) { return stream_of_row(get<E>(event)); },
          [](ObjectWriter& to, const Event& event, Which which) {
            write_fields(to, row_of<E>, get<E>(event), which);
          },
          [](std::string_view body, const Envelope& envelope, const FindSubjectKey& find_key) {
            return decode_row(row_of<E>, body, envelope, find_key);
          }};
}

constexpr auto kinds = []<std::size_t... I>(std::index_sequence<I...>) {
  return std::array<Kind, event_count>{kind<std::variant_alternative_t<I, EventList>>()...};
}(std::make_index_sequence<event_count>{});

const Kind& kind_of(const Event& event) {
  return kinds[event.index()];
}

std::string fields_to_json(const Event& event, Which which) {
  std::string out;
  ObjectWriter object(out);
  kind_of(event).write(object, event, which);
  object.end();
  return out;
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
  const Kind& kind = kind_of(event);
  std::string body;
  body.reserve(usual_body_bytes);
  ObjectWriter open(body);
  kind.write(open, event, Which::open);
  if (kind.has_personal) {
    std::string hidden;
    hidden.reserve(usual_body_bytes);
    ObjectWriter personal(hidden);
    kind.write(personal, event, Which::personal);
    personal.end();
    const std::string aad = associated_data(kind.name, kind.version, command);
    open.member("sealed", to_base64(seal(key(kind.subject(event)), aad, hidden)));
  }
  open.end();
  return body;
}

Decoded decode_body(const Envelope& envelope, std::string_view body, const FindSubjectKey& find_key) {
  return decoder_of(envelope.type, envelope.schema_version)(body, envelope, find_key);
}

std::string event_to_json(const Event& event) {
  return fields_to_json(event, Which::all);
}
std::string open_fields_to_json(const Event& event) {
  return fields_to_json(event, Which::open);
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
