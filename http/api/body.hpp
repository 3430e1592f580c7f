// Strict parsing of a request's JSON: each fault has a pointer to its location, and each parsed value is one
// that its type allows.
#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <simdjson.h>

#include "domain/reason.hpp"
#include "domain/values.hpp"
#include "events/shapes.hpp"
#include "http/api/schema.hpp"

namespace ttp::http {

using Faults = std::vector<domain::FieldFault>;
using Json = simdjson::dom::element;

inline constexpr std::size_t json_depth_max = 32;
inline constexpr std::size_t list_items_max = 100;
/// The most faults that a problem lists. Parsing stops there, which bounds the work on a body full of faults.
inline constexpr std::size_t faults_max = 20;

/// Parses the body, or returns a refusal. `parser` owns the memory that the element refers to.
std::optional<domain::Refusal> parse_json(simdjson::dom::parser& parser, const std::string& body, Json& root);

/// A text that is the same for the same JSON value, whatever the order of its members and its white space. It
/// is made to be hashed.
std::string canonical(const Json& value);

/// Escapes a name for a JSON pointer (RFC 6901).
std::string pointer_to(std::string_view parent, std::string_view name);

/// The refusal for a parameter of the path, the query or the headers.
inline domain::Refusal parameter_refusal(domain::Reason reason, std::string name) {
  return {reason, {{"", reason, {}, std::move(name)}}, {}, {}};
}

inline bool is_full(const Faults& faults) {
  return faults.size() >= faults_max;
}
inline void add_fault(Faults& faults, const std::string& pointer, domain::Reason reason,
                      std::vector<std::string> details = {}) {
  if (!is_full(faults)) faults.push_back({pointer, reason, std::move(details)});
}

/// Reports members outside `known` and repeated members as faults. Each examined member is either a known one
/// seen for the first time or a fault, so at most `known.size() + faults_max` members are examined.
void check_members(const simdjson::dom::object& object, const std::string& pointer,
                   const std::vector<std::string_view>& known, Faults& faults);

template <class T>
void read_value(const Json& json, const std::string& pointer, T& value, Faults& faults);

template <class T>
void read_text(const Json& json, const std::string& pointer, T& value, Faults& faults) {
  std::string_view text;
  if (json.get(text)) return add_fault(faults, pointer, domain::Reason::wrong_type, {"string"});
  auto parsed = T::parse(text);
  if (parsed) {
    value = *std::move(parsed);
  } else {
    add_fault(faults, pointer, parsed.error().reason, parsed.error().details);
  }
}

template <events::Shaped T>
void read_object(const Json& json, const std::string& pointer, T& value, Faults& faults) {
  simdjson::dom::object object;
  if (json.get(object)) return add_fault(faults, pointer, domain::Reason::wrong_type, {"object"});
  std::vector<std::string_view> known;
  events::for_each(events::shape<T>, [&](const auto& each) { known.push_back(each.name); });
  check_members(object, pointer, known, faults);
  events::for_each(events::shape<T>, [&](const auto& each) {
    using Member = typename std::remove_cvref_t<decltype(each)>::member_type;
    Json member;
    const std::string at = pointer_to(pointer, each.name);
    if (object.at_key(each.name).get(member)) {
      if constexpr (!may_be_absent<Member>) add_fault(faults, at, domain::Reason::missing);
    } else {
      read_value(member, at, value.*each.member, faults);
    }
  });
}

/// An address is parsed as given and returned in the post's printed form.
void normalise_address(domain::MailingAddress& address, const std::string& pointer, Faults& faults);

/// `null_clears` takes null as the empty answer, which clears the present one.
void read_answers(const Json& json, const std::string& pointer, bool null_clears, domain::Answers& value,
                  Faults& faults);

template <class T>
void read_value(const Json& json, const std::string& pointer, T& value, Faults& faults) {
  using domain::Reason;
  if constexpr (is_optional<T>) {
    if (json.is_null()) {
      value.reset();
    } else {
      read_value(json, pointer, value.emplace(), faults);
    }
  } else if constexpr (is_change<T>) {
    value.given = true;
    if (!json.is_null()) read_value(json, pointer, value.value.emplace(), faults);
  } else if constexpr (is_text<T> || std::is_same_v<T, domain::Password>) {
    read_text(json, pointer, value, faults);
  } else if constexpr (is_id<T>) {
    std::string_view text;
    if (json.get(text)) return add_fault(faults, pointer, Reason::wrong_type, {"string"});
    const auto uuid = domain::parse_uuid(text);
    if (!uuid) return add_fault(faults, pointer, Reason::malformed);
    value.uuid = *uuid;
  } else if constexpr (std::is_same_v<T, bool>) {
    if (json.get(value)) add_fault(faults, pointer, Reason::wrong_type, {"boolean"});
  } else if constexpr (std::is_integral_v<T>) {
    std::uint64_t number = 0;
    if (json.get(number)) return add_fault(faults, pointer, Reason::wrong_type, {"integer"});
    if (number > std::numeric_limits<T>::max()) return add_fault(faults, pointer, Reason::out_of_range);
    value = static_cast<T>(number);
  } else if constexpr (domain::NamedEnum<T>) {
    std::string_view text;
    if (json.get(text)) return add_fault(faults, pointer, Reason::wrong_type, {"string"});
    const auto parsed = domain::parse_enum<T>(text);
    if (!parsed)
      return add_fault(faults, pointer, Reason::not_a_choice,
                       {domain::enum_names<T>.begin(), domain::enum_names<T>.end()});
    value = *parsed;
  } else if constexpr (is_list<T>) {
    simdjson::dom::array array;
    if (json.get(array)) return add_fault(faults, pointer, Reason::wrong_type, {"array"});
    if (array.size() > list_items_max) return add_fault(faults, pointer, Reason::too_long);
    std::size_t index = 0;
    for (const Json each : array)
      read_value(each, pointer_to(pointer, std::to_string(index++)), value.emplace_back(), faults);
  } else if constexpr (std::is_same_v<T, domain::Answers>) {
    read_answers(json, pointer, false, value, faults);
  } else if constexpr (std::is_same_v<T, domain::AnswerChanges>) {
    read_answers(json, pointer, true, value.answers, faults);
  } else if constexpr (events::Shaped<T>) {
    const std::size_t before = faults.size();
    read_object(json, pointer, value, faults);
    if constexpr (std::is_same_v<T, domain::MailingAddress>)
      if (faults.size() == before) normalise_address(value, pointer, faults);
  } else {
    static_assert(std::is_same_v<T, std::string>, "a type that cannot be read from a request");
    std::string_view text;
    if (json.get(text)) return add_fault(faults, pointer, Reason::wrong_type, {"string"});
    if (text.size() > 256) return add_fault(faults, pointer, Reason::too_long);
    value = std::string{text};
  }
}

}  // namespace ttp::http
